"""Each kind of transaction meets one general-ledger account, for one reason."""

import pytest

from yinhe.migration.berka.chart import CHART, LedgerAccount, TransferReason, posting_rules
from yinhe.migration.berka.codes import Operation, Purpose, TransactionType

CREDIT, DEBIT, WITHDRAWAL = TransactionType.CREDIT, TransactionType.DEBIT, TransactionType.WITHDRAWAL


@pytest.mark.parametrize(
    ("kind", "number", "code"),
    [
        ((CREDIT, Operation.CASH_IN, Purpose.EMPTY), 100101, 101),
        ((DEBIT, Operation.CASH_OUT, Purpose.EMPTY), 100101, 102),
        ((WITHDRAWAL, Operation.CASH_OUT, Purpose.EMPTY), 100101, 102),
        ((CREDIT, Operation.FROM_BANK, Purpose.PENSION), 101101, 202),
        ((DEBIT, Operation.TO_BANK, Purpose.LOAN), 101101, 214),
        ((DEBIT, Operation.CARD, Purpose.EMPTY), 300101, 301),
        ((CREDIT, Operation.NONE, Purpose.INTEREST), 641101, 401),
        ((DEBIT, Operation.CASH_OUT, Purpose.SANCTION_INTEREST), 601101, 402),
        ((DEBIT, Operation.CASH_OUT, Purpose.STATEMENT_FEE), 602101, 501),
    ],
)
def test_a_kind_of_transaction_meets_its_general_ledger_account(
    kind: tuple[TransactionType, Operation, Purpose], number: int, code: int
) -> None:
    rule = posting_rules()[kind]
    assert (rule.contra.number, rule.reason.code) == (number, code)


def test_a_kind_stands_once_in_the_chart() -> None:
    assert len(posting_rules()) == len(CHART)


def test_numbers_and_transfer_codes_are_unique() -> None:
    assert len({account.number for account in LedgerAccount}) == len(LedgerAccount)
    assert len({reason.code for reason in TransferReason}) == len(TransferReason)


def test_every_account_and_reason_is_used() -> None:
    unmet = {LedgerAccount.CUSTOMER_DEPOSITS, LedgerAccount.SOURCE_ROUNDING}
    assert {rule.contra for rule in CHART} == set(LedgerAccount) - unmet
    assert {rule.reason for rule in CHART} == set(TransferReason) - {TransferReason.SOURCE_ROUNDING}


def test_the_blank_purpose_is_booked_like_the_empty_one() -> None:
    chart = posting_rules()
    blanks = [rule for rule in CHART if rule.purpose is Purpose.BLANK]
    assert len(blanks) == 2
    for rule in blanks:
        empty = chart[rule.type, rule.operation, Purpose.EMPTY]
        assert (rule.contra, rule.reason) == (empty.contra, empty.reason)
