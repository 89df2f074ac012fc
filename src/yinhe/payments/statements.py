"""Statements of accounts (camt.053) and notifications of transactions (camt.054), out of the journal."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
import psycopg

from yinhe.kernel.currency import currency_by_number
from yinhe.kernel.ids import IdSource
from yinhe.kernel.refusals import Refusal
from yinhe.ledger.batch import Flag
from yinhe.ledger.history import Entry
from yinhe.payments.codes import CODES, PaymentCode
from yinhe.payments.house import House
from yinhe.payments.iso.camt import Statement, StatementEntry, write_camt053, write_camt054
from yinhe.payments.iso.fields import REMITTANCE_MAX, AccountId, iban_is_valid
from yinhe.payments.model import Payment, Private, Receipt
from yinhe.payments.refusals import PaymentReason
from yinhe.payments.words import is_plain

ENTRIES_MAX: Final = 100_000
"""Most entries of one statement."""
DAYS_MAX: Final = 3_660

_OUTSIDE: Final = frozenset(
    code.code for code in (PaymentCode.OUT, PaymentCode.IN, PaymentCode.APPLIED, PaymentCode.CAME_BACK)
)


def statement(house: House, account: int, first: int, last: int) -> bytes | Refusal:
    """The statement of an account (its index) over business dates, both in it (days since 1970-01-01), as camt.053.

    Raises LookupError where there is no such account.
    """
    found = statement_of(house, account, first, last)
    return found if isinstance(found, Refusal) else write_camt053(found)


def statement_of(house: House, account: int, first: int, last: int) -> Statement | Refusal:
    """The same as a struct: opening and entries add up to closing."""
    ledger, today = house.ledger, house.ledger.business_date
    about = ledger.account(account)
    if not first <= last <= today or last - first > DAYS_MAX:
        return Refusal(PaymentReason.PERIOD_NOT_OFFERED)
    before, end = ledger.seq_at_date(first - 1), ledger.seq_at_date(last)
    lines = _lines(house, account, before, end)
    if isinstance(lines, Refusal):
        return lines
    with house.desk.sessions.lend() as session:
        number = _number_of(house, session, account)
        entries = _entries(house, session, lines)
    return Statement(
        id=_id(house.ledger.ids),
        created_us=house.desk.clock.now_us(),
        account=number,
        currency=currency_by_number(about.currency),
        bic=house.bank.bic,
        first=first,
        last=last,
        opening_minor=ledger.balance_at(account, before),
        closing_minor=ledger.balance_at(account, end),
        is_final=last < today,
        entries=entries,
    )


def notification(house: House, account: int, transaction_id: UUID) -> bytes:
    """What one transaction did to an account, as camt.054. Raises LookupError where it did nothing to it."""
    about = house.ledger.account(account)
    rows = house.ledger.transaction(transaction_id)
    ours = rows[(rows["debit"] == account) | (rows["credit"] == account)]
    seqs = {int(seq) for seq in ours["seq"]}
    # The legs of a transaction stand together in the journal.
    most = max(seqs) - min(seqs) + 1 if seqs else 1
    page = house.ledger.history(account, before_seq=max(seqs) + 1, limit=most).entries if seqs else ()
    lines = [line for line in page if line.seq in seqs and line.amount_minor]
    if not lines:
        raise LookupError(f"Transaction {transaction_id} did nothing to account {account}.")
    with house.desk.sessions.lend() as session:
        number = _number_of(house, session, account)
        entries = _entries(house, session, lines[::-1])
    return write_camt054(
        Statement(
            id=_id(house.ledger.ids),
            created_us=house.desk.clock.now_us(),
            account=number,
            currency=currency_by_number(about.currency),
            bic=house.bank.bic,
            first=lines[-1].business_date,
            last=lines[0].business_date,
            opening_minor=0,
            closing_minor=0,
            entries=entries,
        )
    )


def _id(ids: IdSource) -> str:
    return ids.next().hex


def _number_of(house: House, session: psycopg.Connection, account: int) -> AccountId:
    """The number by which the holder knows an account: its IBAN, if it has one."""
    row = house.store.one(session, "alias_of", account=account)
    if row is not None and iban_is_valid(row[0]):
        return AccountId(iban=row[0])
    return house.account_number(account)


def _lines(house: House, account: int, before: int, end: int) -> list[Entry] | Refusal:
    """The lines of an account after one seq and up to another that moved money, oldest first."""
    lines: list[Entry] = []
    next_seq: int | None = end + 1
    while next_seq is not None and next_seq > before + 1:
        page = house.ledger.history(account, before_seq=next_seq, limit=1_000)
        lines.extend(line for line in page.entries if line.seq > before and line.amount_minor)
        if len(lines) > ENTRIES_MAX:
            return Refusal(PaymentReason.STATEMENT_TOO_LONG, f"at most {ENTRIES_MAX:,}")
        next_seq = page.before_seq
    return lines[::-1]


class _Known(msgspec.Struct, frozen=True):
    """What is known of a payment or receipt, for the statement of either side."""

    of: Payment | Receipt
    private: Private


def _entries(house: House, session: psycopg.Connection, lines: Sequence[Entry]) -> tuple[StatementEntry, ...]:
    known = _known(house, session, lines)
    ids = [line.txn_id for line in lines]
    narratives = dict(house.store.rows(session, "narratives", ids=ids))
    codes = sorted({line.code for line in lines})
    words = dict(house.store.rows(session, "transfer_words", codes=codes))
    return tuple(_entry(house, line, known, str(narratives.get(line.txn_id, "")), words) for line in lines)


def _known(house: House, session: psycopg.Connection, lines: Sequence[Entry]) -> dict[tuple[UUID, int], _Known]:
    """Payments and receipts by transaction and leg."""
    ids = sorted({line.txn_id for line in lines if line.code in CODES})
    payments = house.store.payments_by(session, "payments_of_transactions", ids=ids)
    receipts = house.store.receipts_by(session, "receipts_of_transactions", ids=ids)
    # What is personal is opened for the entries at hand alone: of a batch a payee sees one payment, not the others.
    wanted = {(line.txn_id, line.leg) for line in lines}
    payments = tuple(one for one in payments if (one.transaction_id, one.leg) in wanted)
    of_payments = house.privates(session, "payment", [one.number for one in payments])
    of_receipts = house.privates(session, "receipt", [one.number for one in receipts])
    found: dict[tuple[UUID, int], _Known] = {}
    for payment in payments:
        if payment.transaction_id is not None:
            found[payment.transaction_id, payment.leg] = _Known(payment, of_payments[payment.number])
    for receipt in receipts:
        found[receipt.transaction_id, 0] = _Known(receipt, of_receipts[receipt.number])
    return found


def _entry(
    house: House,
    line: Entry,
    known: dict[tuple[UUID, int], _Known],
    narrative: str,
    words: dict[int, str],
) -> StatementEntry:
    is_own_business = house.account(line.counter_account) is None and line.code not in CODES
    base = StatementEntry(
        reference=str(line.seq),
        amount_minor=line.amount_minor,
        booking_date=line.business_date,
        value_date=line.value_date,
        code=line.code,
        words=words.get(line.code, ""),
        is_reversal=bool(line.flags & Flag.REVERSAL),
        is_clearing=line.code in _OUTSIDE,
        is_transfer=not is_own_business,
    )
    found = known.get((line.txn_id, line.leg))
    if found is None:
        return msgspec.structs.replace(base, **_of_the_books(house, line, narrative))
    private, of = found.private, found.of
    came_back = isinstance(of, Receipt) and of.original is not None
    shows_creditor = line.amount_minor < 0 or came_back
    return msgspec.structs.replace(
        base,
        instruction_id=of.instruction_id if isinstance(of, Payment) and line.amount_minor < 0 else "",
        end_to_end_id=of.end_to_end_id,
        transaction_id=of.id.hex,
        counter_name=private.creditor_name if shows_creditor else private.debtor_name,
        counter_account=private.creditor if shows_creditor else private.debtor,
        counter_bic=private.creditor_bic if shows_creditor else private.debtor_bic,
        remittance=private.remittance,
        payee_reference=private.reference,
        return_code=private.return_code,
    )


def _of_the_books(house: House, line: Entry, narrative: str) -> dict[str, Any]:
    """What the journal alone says: the other account, if it is a customer's, and the words of whoever asked."""
    counter = house.account(line.counter_account)
    said = narrative if line.code not in CODES and narrative and is_plain(narrative, REMITTANCE_MAX) else ""
    return {
        "counter_account": AccountId() if counter is None else house.account_number(line.counter_account),
        "remittance": (said,) if said else (),
    }
