"""Which transfers count as what, and on whose account: tables of journal rows before, sums after."""

import numpy as np
import pytest

from yinhe.deposits.codes import TransferCode
from yinhe.ledger.batch import Flag
from yinhe.ledger.memory import ROW
from yinhe.lending.codes import LoanCode
from yinhe.lending.columns import LOAN
from yinhe.overview.values import (
    LoanAccounts,
    concatenated,
    counting,
    has_loan,
    sides_of_deposits,
    sides_of_loans,
    summed,
)
from yinhe.overview.worth import CODES, Sums, Worth, WorthLine, worth_lines

PAYABLE, EXPENSE, INCOME, SAVER, LOAN_ACCOUNT, RECEIVABLE, PAYER, CLEARING = 1, 2, 3, 10, 20, 21, 30, 4
POOLS = np.array([PAYABLE, EXPENSE, INCOME, CLEARING], np.int32)
FEBRUARY, MARCH = 20_485, 20_513  # 2026-02-01 and 2026-03-01


class Lent:
    """A bank of one loan."""

    def __init__(self) -> None:
        self.loans = self
        self.rows = np.zeros(1, LOAN)
        self.rows["account"], self.rows["receivable"] = LOAN_ACCOUNT, RECEIVABLE


LOANS = LoanAccounts(Lent())


def rows(*given: tuple[object, ...]) -> np.ndarray:
    """Journal rows of (debit, credit, amount, code, value date, flags)."""
    made = np.zeros(len(given), ROW)
    for place, (debit, credit, amount, code, date, flags) in enumerate(given):
        made[place]["seq"] = place + 1
        made[place]["debit"], made[place]["credit"], made[place]["amount"] = debit, credit, amount
        made[place]["code"], made[place]["value_date"], made[place]["flags"] = code.code, date, int(flags)
    return made


@pytest.mark.parametrize(
    ("row", "booked"),
    [
        ((PAYABLE, SAVER, 500, TransferCode.INTEREST, MARCH, 0), [(SAVER, 0, 500)]),
        ((SAVER, PAYABLE, 20, TransferCode.INTEREST_CORRECTION, MARCH, 0), [(SAVER, 20, 0)]),
        ((SAVER, INCOME, 200, TransferCode.FEE, MARCH, 0), [(SAVER, 200, 0)]),
        ((EXPENSE, PAYABLE, 900, TransferCode.INTEREST_CORRECTION, MARCH, 0), []),
        ((SAVER, INCOME, 200, TransferCode.FEE, MARCH, Flag.REVERSAL), [(SAVER, 200, 0)]),
    ],
)
def test_of_deposits_each_side_counts_but_the_banks_own(row, booked) -> None:
    found = rows(row)
    sums = summed_or_none(found, sides_of_deposits(found, np.arange(1), POOLS))
    assert sums == [(account, MARCH, row[3].code, debit, credit) for account, debit, credit in booked]


@pytest.mark.parametrize(
    ("row", "elsewhere", "booked"),
    [
        # The night: from clearing to what is due of the loan.
        ((CLEARING, RECEIVABLE, 30, LoanCode.INTEREST, MARCH, 0), {}, (LOAN_ACCOUNT, 0, 30)),
        ((LOAN_ACCOUNT, PAYABLE, 30, LoanCode.CAPITALISED, MARCH, 0), {}, (LOAN_ACCOUNT, 30, 0)),
        ((RECEIVABLE, PAYER, 30, LoanCode.INTEREST, MARCH, Flag.REVERSAL), {}, (LOAN_ACCOUNT, 30, 0)),
        # The counter: interest of the running period goes from the payer to the bank, past the loan's accounts.
        ((PAYER, INCOME, 30, LoanCode.INTEREST, MARCH, 0), {0: LOAN_ACCOUNT}, (LOAN_ACCOUNT, 0, 30)),
        ((INCOME, PAYER, 30, LoanCode.INTEREST, MARCH, Flag.REVERSAL), {0: LOAN_ACCOUNT}, (LOAN_ACCOUNT, 30, 0)),
        # Whose loan nobody knows stays with the payer.
        ((PAYER, INCOME, 30, LoanCode.INTEREST, MARCH, 0), {0: 0}, (PAYER, 0, 30)),
    ],
)
def test_of_loans_everything_stands_on_the_principals_account(row, elsewhere, booked) -> None:
    found = rows(row)
    assert has_loan(found, LOANS)[0] == (not elsewhere)
    sums = summed_or_none(found, sides_of_loans(found, np.arange(1), LOANS, elsewhere))
    assert sums == [(booked[0], MARCH, row[3].code, *booked[1:])]


def summed_or_none(found, sides):
    return [tuple(one) for one in summed(found, sides).tolist()] if len(sides.account) else []


def test_sums_are_by_account_month_and_code() -> None:
    found = rows(
        (PAYABLE, SAVER, 1, TransferCode.INTEREST, FEBRUARY, 0),
        (PAYABLE, SAVER, 2, TransferCode.INTEREST, MARCH - 1, 0),
        (PAYABLE, SAVER, 4, TransferCode.INTEREST, MARCH, 0),
        (PAYABLE, SAVER + 1, 8, TransferCode.INTEREST, MARCH, 0),
        (SAVER, INCOME, 16, TransferCode.FEE, MARCH, 0),
        (PAYABLE, SAVER, 2**61 - 1, TransferCode.INTEREST, MARCH, 0),
    )
    sums = summed(found, sides_of_deposits(found, np.arange(6), POOLS)).tolist()
    assert sums == [
        (SAVER, FEBRUARY, 2001, 0, 3),
        (SAVER, MARCH, 2001, 0, 2**61 + 3),
        (SAVER, MARCH, 2005, 16, 0),
        (SAVER + 1, MARCH, 2001, 0, 8),
    ]


def test_money_that_is_only_held_and_what_is_no_interest_do_not_count() -> None:
    found = rows(
        (SAVER, INCOME, 1, TransferCode.FEE, MARCH, Flag.PENDING),
        (SAVER, INCOME, 1, TransferCode.FEE, MARCH, Flag.VOID),
        (SAVER, INCOME, 1, TransferCode.FEE, MARCH, Flag.POST),
        (SAVER, INCOME, 1, TransferCode.WITHDRAWAL, MARCH, 0),
        (CLEARING, LOAN_ACCOUNT, 1, LoanCode.PRINCIPAL, MARCH, 0),
        (RECEIVABLE, PAYABLE, 1, LoanCode.INTEREST_DUE, MARCH, 0),
    )
    assert counting(found).tolist() == [False, False, True, False, False, False]


def test_sides_put_together_are_all_of_them() -> None:
    found = rows((PAYABLE, SAVER, 1, TransferCode.INTEREST, MARCH, 0), (SAVER, INCOME, 2, TransferCode.FEE, MARCH, 0))
    one = sides_of_deposits(found, np.array([0]), POOLS)
    other = sides_of_deposits(found, np.array([1]), POOLS)
    assert len(summed(found, concatenated(one, other))) == 2


def test_worth_is_what_was_earned_less_what_was_paid_and_lost_by_currency() -> None:
    sums = [
        Sums(1, TransferCode.INTEREST.code, 0, 500, 0, 100),
        Sums(1, TransferCode.INTEREST_CORRECTION.code, 40, 10, 40, 0),
        Sums(1, TransferCode.INTEREST_TAX.code, 25, 0, 5, 0),
        Sums(1, TransferCode.FEE.code, 300, 100, 0, 0),
        Sums(1, TransferCode.OVERDRAFT_INTEREST.code, 70, 0, 70, 0),
        Sums(2, LoanCode.INTEREST.code, 5, 1_005, 0, 400),
        Sums(2, LoanCode.OFF_BALANCE_PAID.code, 0, 9, 0, 0),
        Sums(2, LoanCode.CAPITALISED.code, 11, 0, 0, 0),
        Sums(2, LoanCode.FEE_CHARGED.code, 13, 0, 0, 0),
        Sums(2, LoanCode.FEE.code, 0, 17, 0, 0),
        Sums(2, LoanCode.WRITE_OFF.code, 0, 600, 0, 0),
        Sums(3, TransferCode.INTEREST.code, 0, 7, 0, 7),
    ]
    in_all, since = worth_lines(sums, {1: 156, 2: 156, 3: 840})
    assert in_all == (
        WorthLine(
            currency="CNY",
            interest_earned_minor=70 + 1_000 + 9 + 11,
            fees_minor=200 + 13 + 17,
            interest_paid_minor=470,
            tax_minor=25,
            lost_minor=600,
            result_minor=1_090 + 230 - 470 - 600,
        ),
        WorthLine(currency="USD", interest_paid_minor=7, result_minor=-7),
    )
    assert since[0].interest_paid_minor == 60
    assert since[0].result_minor == 70 + 400 - 60


def test_every_code_counts_as_one_thing() -> None:
    assert {counts.worth for counts in CODES.values()} == set(Worth)
