"""The trial balance is exact, however large the sums."""

import pytest

from yinhe.ledger.columns import AMOUNT_MAX, Columns
from yinhe.ledger.trial_balance import TrialBalanceLine, out_of_balance, trial_balance

YUAN, DOLLAR = 156, 840


def books(*accounts: tuple[int, int, int, int, int]) -> Columns:
    """Columns from (currency, general-ledger code, branch, balance, held)."""
    columns = Columns(len(accounts) + 1)
    columns.count = len(accounts) + 1
    for index, (currency, gl_code, branch, balance, held) in enumerate(accounts, 1):
        columns.line["currency"][index], columns.gl_code[index], columns.branch[index] = currency, gl_code, branch
        columns.line["balance"][index], columns.line["held"][index] = balance, held
    return columns


def test_no_accounts_no_lines() -> None:
    assert trial_balance(books()) == ()


def test_one_line_for_each_currency_code_and_branch_in_order() -> None:
    lines = trial_balance(
        books(
            (DOLLAR, 2011, 1, 5, 0),
            (YUAN, 2011, 2, 30, 3),
            (YUAN, 2011, 1, 10, 1),
            (YUAN, 1001, 1, -40, 0),
            (YUAN, 2011, 1, -2, 0),
            (YUAN, 2011, 1, 2, 4),
            (DOLLAR, 1001, 1, -5, 0),
        )
    )
    assert lines == (
        TrialBalanceLine(YUAN, 1001, 1, 1, debit_minor=40, credit_minor=0, held_minor=0),
        TrialBalanceLine(YUAN, 2011, 1, 3, debit_minor=2, credit_minor=12, held_minor=5),
        TrialBalanceLine(YUAN, 2011, 2, 1, debit_minor=0, credit_minor=30, held_minor=3),
        TrialBalanceLine(DOLLAR, 1001, 1, 1, debit_minor=5, credit_minor=0, held_minor=0),
        TrialBalanceLine(DOLLAR, 2011, 1, 1, debit_minor=0, credit_minor=5, held_minor=0),
    )
    assert [line.balance_minor for line in lines] == [-40, 10, 30, -5, 5]
    assert out_of_balance(lines) == {}


@pytest.mark.parametrize("accounts", [5, 6, 100])
def test_sums_beyond_int64_are_exact(accounts: int) -> None:
    debts = [(YUAN, 1001, 0, -AMOUNT_MAX, 0)] * accounts
    deposits = [(YUAN, 2011, 0, AMOUNT_MAX, AMOUNT_MAX)] * accounts
    debit, credit = trial_balance(books(*debts, *deposits))
    assert debit.debit_minor == credit.credit_minor == credit.held_minor == accounts * AMOUNT_MAX > 2**63 - 1
    assert out_of_balance((debit, credit)) == {}


def test_one_cent_off_in_sums_beyond_int64_is_seen() -> None:
    debts = [(YUAN, 1001, 0, -AMOUNT_MAX, 0)] * 9
    deposits = [(YUAN, 2011, 0, AMOUNT_MAX, 0)] * 8 + [(YUAN, 2011, 0, AMOUNT_MAX - 1, 0)]
    assert out_of_balance(trial_balance(books(*debts, *deposits, (DOLLAR, 1001, 0, 0, 0)))) == {YUAN: -1}


def test_numbers_are_plain_integers() -> None:
    (line,) = trial_balance(books((YUAN, 1001, 0, 7, 0)))
    assert all(type(value) is int for value in (line.currency, line.gl_code, line.accounts, line.credit_minor))
