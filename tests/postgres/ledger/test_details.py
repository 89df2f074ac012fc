"""Details of many transactions in one commit, in the table as they were given."""

from tests.postgres.ledger.conftest import CNY, OpenLedger

from yinhe.ledger.accounts import openings
from yinhe.ledger.batch import Transfer
from yinhe.ledger.columns import AMOUNT_MAX
from yinhe.ledger.store import Detail

WORDS = ["", "plain", "a\tb\nc\rd", "\\", "\\.", "\\N", "'\"", "房租", "\b\f\v\x1b", "\u2028"]


def test_details_are_kept_as_they_were_given(open_ledger: OpenLedger) -> None:
    ledger = open_ledger()
    debit, credit = ledger.open_accounts(openings(2, currency=CNY, gl_code=2011, floor=-AMOUNT_MAX))
    transfers = [Transfer(txn_id=ledger.ids.next(), debit=debit, credit=credit, amount_minor=1) for _ in WORDS]
    given = [
        Detail(transfer.txn_id, f"user:{words}", words, words, {words: [words, 1, None]})
        for transfer, words in zip(transfers, WORDS, strict=True)
    ]
    ledger.post(transfers, tuple(given))
    assert [ledger.detail(transfer.txn_id) for transfer in transfers] == given
