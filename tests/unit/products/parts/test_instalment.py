"""Instalments: when each falls due, and what it is."""

import numpy as np
import pytest

from yinhe.products.parts import instalment

from .specimens import DEMAND, counts, day, days, fen, percent

SAVE = instalment.SaveMonthly(broken=DEMAND)
DRAW = instalment.DrawMonthly()
INTEREST = instalment.InterestMonthly()


@pytest.mark.parametrize(
    ("part", "start", "date", "months", "done", "due"),
    [
        (SAVE, "2026-01-15", "2026-01-14", 12, 0, False),
        (SAVE, "2026-01-15", "2026-01-15", 12, 1, True),
        (SAVE, "2026-01-15", "2026-02-14", 12, 1, False),
        (SAVE, "2026-01-15", "2026-02-15", 12, 2, True),
        (SAVE, "2026-01-31", "2026-02-28", 12, 2, True),
        (SAVE, "2026-01-15", "2026-12-15", 12, 12, True),
        (SAVE, "2026-01-15", "2027-01-15", 12, 12, False),
        (DRAW, "2026-01-15", "2026-01-15", 12, 0, False),
        (DRAW, "2026-01-15", "2026-02-15", 12, 1, True),
        (DRAW, "2026-01-15", "2027-01-15", 12, 12, True),
        (DRAW, "2026-01-15", "2027-02-15", 12, 12, False),
        (instalment.DrawMonthly(every=3), "2026-01-15", "2026-04-15", 12, 1, True),
        (instalment.DrawMonthly(every=3), "2026-01-15", "2026-03-15", 12, 0, False),
        (INTEREST, "2026-01-15", "2026-02-15", 12, 1, True),
    ],
)
def test_instalments_fall_due_date_to_date(part, start, date, months, done, due):
    asked = (day(date), days(start), counts(months))
    assert (part.done(*asked).tolist(), part.is_due(*asked).tolist()) == ([done], [due])


def amounts(part, months, principal, rate="0%"):
    """Every instalment of a plan, and one on either side."""
    numbers = np.arange(0, months // part.every + 2, dtype=np.int64)
    size = len(numbers)
    column = part.amount(
        numbers,
        np.full(size, months, np.int32),
        np.full(size, principal, np.int64),
        np.full(size, percent(rate).units, np.int64),
    )
    return column.tolist()


def test_saving_pays_the_agreed_amount_each_month():
    assert amounts(SAVE, 6, 50_000) == [0, *[50_000] * 6, 0]


def test_drawing_pays_equal_parts_and_the_last_takes_the_rest():
    assert amounts(DRAW, 6, 100_000) == [0, *[-16_666] * 5, -16_670, 0]


def test_longer_intervals_make_fewer_instalments():
    assert amounts(instalment.SaveMonthly(broken=DEMAND, every=2), 6, 50_000) == [0, *[50_000] * 3, 0]
    assert amounts(instalment.DrawMonthly(every=3), 12, 100_001) == [0, *[-25_000] * 3, -25_001, 0]
    # Half a year of 1.25 % on 100,000.00 yuan, twice.
    assert amounts(instalment.InterestMonthly(every=6), 12, 10_000_000, "1.25%") == [0, -62_500, -62_500, 0]


def test_interest_is_paid_in_equal_parts_that_make_the_whole():
    # 100,000.00 yuan at 1.25 % for a year is 1,250.00 yuan: eleven times 104.16, then 104.24.
    assert amounts(INTEREST, 12, 10_000_000, "1.25%") == [0, *[-10_416] * 11, -10_424, 0]


@pytest.mark.parametrize(
    ("date", "paid", "lacking"),
    [("2026-01-15", 1, 0), ("2026-02-14", 1, 0), ("2026-02-15", 1, 1), ("2026-04-20", 1, 3), ("2026-04-20", 9, 0)],
)
def test_what_is_due_and_not_paid_is_lacking(date: str, paid: int, lacking: int):
    assert SAVE.lacking(day(date), days("2026-01-15"), counts(12), fen(paid)).tolist() == [lacking]


@pytest.mark.parametrize(
    ("start", "date", "ends"),
    [
        ("2026-01-15", "2026-02-13", False),
        ("2026-01-15", "2026-02-14", True),
        ("2026-01-15", "2026-02-15", False),
        ("2026-01-31", "2026-02-27", True),  # the instalment of the 31st is due on the last of February
        ("2026-01-15", "2026-01-14", False),
    ],
)
def test_an_instalments_interval_ends_the_day_before_the_next(start: str, date: str, ends: bool):
    assert SAVE.ends(day(date), days(start), counts(12)).tolist() == [ends]


@pytest.mark.parametrize(
    ("lacking", "missed", "most", "broken"),
    [
        (0, 0, 1, False),
        (1, 1, 1, False),  # missed, and may be made good in the next interval
        (2, 2, 2, True),  # not made good in the next interval
        (1, 2, 1, True),  # made good, but missed a second time
        (1, 2, 2, False),  # two may be missed
        (1, 1, 0, True),  # none may be
        (0, 1, 1, False),  # made good
    ],
)
def test_a_plan_is_broken_by_what_is_not_made_good_and_by_what_is_missed_too_often(lacking, missed, most, broken):
    part = instalment.SaveMonthly(broken=DEMAND, missed_most=most)
    assert part.breaks(fen(lacking), fen(missed)).tolist() == [broken]
