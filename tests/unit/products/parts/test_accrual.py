"""How interest is counted, and what a settlement does with fractions of a fen."""

import numpy as np
import pytest

from yinhe.kernel.daycount import DayCount
from yinhe.kernel.rounding import Rounding
from yinhe.products.parts.accrual import AccumulatedBalance, TransactionMethod
from yinhe.products.parts.base import Regime

from .specimens import days, fen, percent

D = 360 * 10**8


@pytest.mark.parametrize(
    ("rounding", "carry", "whole", "remainder", "paid", "left"),
    [
        (Rounding.HALF_UP, False, 7, D // 2 - 1, 7, (0, 0)),
        (Rounding.HALF_UP, False, 7, D // 2, 8, (0, 0)),
        (Rounding.HALF_UP, True, 7, D // 2, 8, (-1, D // 2)),
        (Rounding.HALF_UP, True, 7, 1, 7, (0, 1)),
        (Rounding.DOWN, True, 7, D - 1, 7, (0, D - 1)),
        (Rounding.DOWN, False, 7, D - 1, 7, (0, 0)),
    ],
)
def test_a_settlement_rounds_once_and_drops_or_carries_the_rest(rounding, carry, whole, remainder, paid, left):
    part = AccumulatedBalance(rounding=rounding, carry=carry)
    settled = part.settle(fen(whole), fen(remainder))
    assert [int(column[0]) for column in settled] == [paid, *left]


@pytest.mark.parametrize(
    ("basis", "whole", "remainder"),
    [
        # 10,000.00 yuan at 0.35 % for 90 days: 315,000 fen over the days of a year; over 365 that is 863 rest 5.
        (DayCount.ACT_360, 875, 0),
        (DayCount.ACT_365F, 863, 5 * 10**8),
    ],
)
def test_a_day_is_a_part_of_the_agreed_year(basis, whole, remainder):
    earned, rest = fen(0), fen(0)
    regime = Regime(0, 90, fen(0), fen(350_000))
    AccumulatedBalance(basis=basis).accrue((regime,), fen(1_000_000), fen(0), earned, rest)
    assert (earned.tolist(), rest.tolist()) == ([whole], [remainder])


@pytest.mark.parametrize(
    ("basis", "start", "end", "interest"),
    [
        # 100,000 yuan at 1.80 %: a month 150.00, a day 5.00.
        (DayCount.CN_MONTHS_DAYS, "2026-01-31", "2026-02-28", 15_000),
        (DayCount.CN_MONTHS_DAYS, "2026-01-15", "2026-04-20", 3 * 15_000 + 5 * 500),
        (DayCount.CN_MONTHS_DAYS, "2026-01-15", "2027-01-15", 180_000),
        (DayCount.ACT_360, "2026-01-15", "2027-01-15", 365 * 500),
        (DayCount.CN_MONTHS_DAYS, "2026-01-15", "2026-01-15", 0),
    ],
)
def test_the_transaction_method_counts_months_then_days(basis, start, end, interest):
    part = TransactionMethod(basis=basis)
    whole, remainder = part.interest(fen(10_000_000), fen(percent("1.80%").units), days(start), days(end))
    assert (whole.tolist(), remainder.tolist()) == ([interest], [0])


def test_a_year_that_no_day_fits_is_found():
    assert AccumulatedBalance(basis=DayCount.THIRTY_360).problems()
    assert TransactionMethod(basis=DayCount.ACT_ACT_ISDA).problems()
    assert not AccumulatedBalance(basis=DayCount.ACT_365F).problems()


def test_settling_leaves_the_accrual_alone():
    whole, remainder = fen(7), fen(5)
    AccumulatedBalance(carry=True).settle(whole, remainder)
    assert np.array_equal(whole, fen(7))
    assert np.array_equal(remainder, fen(5))
