"""What was done with contracts in days gone by: rates before and since, and what a part drawn took along."""

import numpy as np
import pytest
from tests.property.closeday.paper import contracts, made

from yinhe.deposits.changes import Change, Replayed, change_of
from yinhe.deposits.codes import TransferCode
from yinhe.deposits.columns import NO_RATE
from yinhe.products.parts.accrual import Accrual

START = 20_000
INTEREST = 'part = "interest.flat"\nrate = "3.6%"'
BY_DAY = 'part = "accrual.accumulated_balance"'
ON_CLOSING = made(INTEREST, BY_DAY, 'part = "settlement.on_closing"')
QUARTERLY = made(INTEREST, BY_DAY, 'part = "settlement.quarterly"')


def drawn(date: int, amount: int, *, contract: int = 1, before: int = 0) -> Change:
    return Change(contract, date, amount, before, NO_RATE, NO_RATE)


def agreed(date: int, before: int, after: int) -> Change:
    return Change(1, date, 0, 0, before, after)


def test_the_part_drawn_is_what_was_paid_less_its_interest_before_tax() -> None:
    legs = [
        (7, 8, 55, TransferCode.INTEREST_ACCRUED.name),
        (8, 0, 1_00, TransferCode.INTEREST.name),
        (0, 9, 20, TransferCode.INTEREST_TAX.name),
        (0, 3, 400_80, TransferCode.WITHDRAWAL.name),
    ]
    body = {"row": {"rate": 5}, "legs": legs, "rate_before": 4, "balance_before": 900_00}
    assert change_of(3, START, "withdraw", body) == Change(3, START, 400_00, 900_00, 4, 5)
    assert change_of(3, START, "amend", body) == Change(3, START, 0, 900_00, 4, 5)
    # Of an event noted without what was before, the rate has been what it is.
    assert change_of(3, START, "amend", {"row": {"rate": 5}, "legs": []}) == Change(3, START, 0, 0, 5, 5)


@pytest.mark.parametrize(
    ("changes", "by_day"),
    [
        ([agreed(START + 1, NO_RATE, 5)], [NO_RATE, 5, 5]),
        ([agreed(START - 1, NO_RATE, 5)], [5, 5, 5]),
        ([agreed(START - 1, NO_RATE, 4), agreed(START + 2, 4, 5)], [4, 4, 5]),
        ([agreed(START + 1, NO_RATE, 3), agreed(START + 1, 3, 5)], [NO_RATE, 5, 5]),
    ],
)
def test_a_rate_counts_from_the_day_it_was_agreed_on(changes: list[Change], by_day: list[int]) -> None:
    rows = contracts(start=START, rate=5)
    replayed, seen = Replayed(rows, START, changes), []
    for day in range(START, START + 3):
        replayed.morning(rows, day, np.zeros(1, np.int64), QUARTERLY)
        seen.append(int(rows["rate"][0]))
    assert seen == by_day


@pytest.mark.parametrize(
    ("what", "changes", "at_end", "kept"),
    [
        ("a quarter", [drawn(START + 1, 25)], 75, 300),
        ("a quarter, then a third of the rest", [drawn(START + 1, 25), drawn(START + 1, 25)], 50, 200),
        ("of another contract", [drawn(START + 1, 25, contract=2)], 75, 400),
        ("on another day", [drawn(START + 2, 25)], 75, 400),
    ],
)
def test_a_part_drawn_takes_its_share_of_what_has_accrued(
    what: str, changes: list[Change], at_end: int, kept: int
) -> None:
    rows = contracts(start=START, whole=400)
    replayed = Replayed(rows, START, changes)
    replayed.morning(rows, START + 1, np.array([at_end], np.int64), ON_CLOSING)
    assert int(rows["whole"][0]) == kept, what


def test_a_part_of_an_account_that_settles_in_its_time_takes_nothing_along() -> None:
    rows = contracts(start=START, whole=400)
    Replayed(rows, START, [drawn(START, 25)]).morning(rows, START, np.array([75], np.int64), QUARTERLY)
    assert int(rows["whole"][0]) == 400


def test_what_was_done_since_the_last_day_worked_out_is_done_in_the_end() -> None:
    rows = contracts(start=START, whole=400, rate=5)
    replayed = Replayed(rows, START, [agreed(START + 3, NO_RATE, 5), drawn(START + 3, 25, before=100)])
    assert int(rows["rate"][0]) == NO_RATE
    replayed.already(rows, START + 3, ON_CLOSING)
    accrual = ON_CLOSING.one(Accrual)
    assert accrual is not None
    assert (int(rows["whole"][0]), int(rows["remainder"][0])) == (300, 0)
