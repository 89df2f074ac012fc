"""What loans cost, worked by hand."""

import datetime as dt
from fractions import Fraction

import pytest

from yinhe.kernel.daycount import DayCount
from yinhe.products.errors import RateMissing
from yinhe.products.parts import loan_interest
from yinhe.products.parts.loan_interest import LOAN_RATE_MAX, Repricing

from .words import book, day, days, fen, percent, source

LPR = book(
    LPR_1Y=[("2024-07-22", "3.35%"), ("2024-10-21", "3.10%"), ("2025-05-20", "3.00%")],
    LPR_5Y=[("2024-07-22", "3.85%"), ("2024-10-21", "3.60%"), ("2025-05-20", "3.50%")],
)
NONE = fen(0)


def mortgage(repricing):
    return loan_interest.IndexedRate(index=source("board:LPR_5Y - 30bp"), repricing=repricing)


RATES = [
    ("fixed: that of the day it was drawn", loan_interest.FixedRate(yearly=source("board:LPR_1Y + 45bp")), "2024-08-01",
     [("2024-08-01", 3_800_000), ("2025-12-31", 3_800_000)]),
    ("each 1 January: 2025 at the rate of October 2024", mortgage(Repricing.JANUARY), "2024-08-15",
     [("2024-12-31", 3_550_000), ("2025-01-01", 3_300_000), ("2025-12-31", 3_300_000), ("2026-01-01", 3_200_000)]),
    ("each anniversary", mortgage(Repricing.ANNIVERSARY), "2024-08-15",
     [("2025-08-14", 3_550_000), ("2025-08-15", 3_200_000)]),
    ("an anniversary on a month's last day", mortgage(Repricing.ANNIVERSARY), "2024-07-31",
     [("2025-07-30", 3_550_000), ("2025-07-31", 3_200_000)]),
    ("each quarter", mortgage(Repricing.QUARTER), "2024-08-15",
     [("2024-12-31", 3_550_000), ("2025-01-01", 3_300_000), ("2025-06-30", 3_300_000), ("2025-07-01", 3_200_000)]),
    ("on each change", mortgage(Repricing.CHANGE), "2024-08-15",
     [("2024-10-20", 3_550_000), ("2024-10-21", 3_300_000), ("2025-05-20", 3_200_000)]),
    ("before it is drawn: that of the first day", mortgage(Repricing.JANUARY), "2025-06-01",
     [("2025-02-01", 3_200_000), ("2025-06-01", 3_200_000)]),
    ("flat", loan_interest.FlatRate(yearly=source("6%")), "2024-08-15", [("2026-08-15", 6_000_000)]),
    ("stepped: the second year follows the index as of its first day",
     loan_interest.SteppedRate(steps=(
         loan_interest.MonthStep(month=0, yearly=source("2.5%")),
         loan_interest.MonthStep(month=12, yearly=source("board:LPR_1Y + 50bp")),
         loan_interest.MonthStep(month=24, yearly=source("7%")),
     )), "2024-08-31",
     [("2025-08-30", 2_500_000), ("2025-08-31", 3_500_000), ("2026-08-31", 7_000_000)]),
]  # fmt: skip


@pytest.mark.parametrize(("part", "start", "rates"), [row[1:] for row in RATES], ids=[row[0] for row in RATES])
def test_the_rate_of_a_day_is_that_of_the_last_repricing(part, start, rates):
    for date, rate in rates:
        assert part.rate(LPR, day(date), days(start), NONE).tolist() == [rate], date


@pytest.mark.parametrize(
    ("repricing", "date", "following"),
    [
        (Repricing.JANUARY, "2024-12-31", "2025-01-01"),
        (Repricing.JANUARY, "2025-01-01", "2026-01-01"),
        (Repricing.ANNIVERSARY, "2025-08-14", "2025-08-15"),
        (Repricing.ANNIVERSARY, "2025-08-15", "2026-08-15"),
        (Repricing.ANNIVERSARY, "2023-01-01", "2025-08-15"),
        (Repricing.QUARTER, "2025-02-10", "2025-04-01"),
        (Repricing.CHANGE, "2024-08-15", "2024-10-21"),
        (Repricing.CHANGE, "2024-10-21", "2025-05-20"),
        (Repricing.CHANGE, "2025-05-20", ""),
    ],
)
def test_the_next_repricing_is_known(repricing, date, following):
    part = mortgage(repricing)
    assert part.next_repricing(LPR, day(date), days("2024-08-15")).tolist() == days(following).tolist()


def test_a_fixed_rate_is_never_priced_anew_and_a_stepped_one_at_its_steps():
    fixed = loan_interest.FixedRate(yearly=source("5%"))
    assert fixed.next_repricing(LPR, day("2025-01-01"), days("2024-08-15")).tolist() == [0]
    stepped = RATES[-1][1]
    dates = [("2024-08-31", "2025-08-31"), ("2025-08-31", "2026-08-31"), ("2026-08-31", "")]
    for date, following in dates:
        assert stepped.next_repricing(LPR, day(date), days("2024-08-31")).tolist() == days(following).tolist()


def test_a_margin_agreed_is_added_within_the_bounds():
    part = loan_interest.IndexedRate(index=source("board:LPR_1Y"), floor=percent("2%"), cap=percent("9%"))
    margins = fen(0, 500_000, -5_000_000, 20_000_000)
    found = part.rate(LPR, day("2025-06-01"), days(*["2025-06-01"] * 4), margins)
    assert found.tolist() == [3_000_000, 3_500_000, 2_000_000, 9_000_000]
    free = loan_interest.FixedRate(yearly=source("5%"))
    assert free.rate(LPR, 0, days("2025-06-01", "2025-06-01"), fen(-6_000_000, 30_000_000)).tolist() == [
        0,
        LOAN_RATE_MAX,
    ]


@pytest.mark.parametrize(
    ("basis", "start", "end", "interest"),
    [
        # 1,000,000 yuan at 3.6 %: 100.00 a day over 360; 3,000.00 a month of a twelfth.
        (DayCount.ACT_360, "2026-01-31", "2026-02-28", 280_000),
        (DayCount.CN_MONTHS_DAYS, "2026-01-31", "2026-02-28", 300_000),
        (DayCount.CN_MONTHS_DAYS, "2026-01-15", "2026-02-20", 350_000),
        (DayCount.THIRTY_360, "2026-01-15", "2026-02-20", 350_000),
    ],
)
def test_interest_is_counted_as_the_part_says(basis, start, end, interest):
    part = loan_interest.FixedRate(yearly=source("3.6%"), basis=basis)
    whole, remainder = part.interest(fen(100_000_000), fen(3_600_000), days(start), days(end))
    assert (whole.tolist(), remainder.tolist()) == ([interest], [0])


def test_a_day_over_365_leaves_a_remainder():
    part = loan_interest.FixedRate(yearly=source("3.6%"), basis=DayCount.ACT_365F)
    whole, remainder = part.interest(fen(100_000_000), fen(3_600_000), days("2026-01-01"), days("2026-01-02"))
    assert int(whole[0]) + Fraction(int(remainder[0]), part.base) == Fraction(100_000_000 * 36, 365_000)


def test_flat_interest_is_the_same_each_time():
    # 12,000.00 at 6 % flat: 60.00 a month; a third of a fen is rounded once.
    part = loan_interest.FlatRate(yearly=source("6%"))
    assert part.each(fen(1_200_000, 1_000), fen(6_000_000, 400_000), 1).tolist() == [6_000, 0]
    assert part.each(fen(1_200_000), fen(6_000_000), 3).tolist() == [18_000]
    assert part.each(fen(10**17), fen(6_000_000), 12).tolist() == [6 * 10**15]


def test_interest_begins_on_the_day_named_where_that_is_later():
    part = loan_interest.FixedRate(yearly=source("5%"), begins=dt.date(2026, 1, 10))
    assert part.begin(days("2026-01-05", "2026-01-15")).tolist() == days("2026-01-10", "2026-01-15").tolist()
    assert (
        loan_interest.FixedRate(yearly=source("5%")).begin(days("2026-01-05")).tolist() == days("2026-01-05").tolist()
    )


def test_a_rate_nobody_set_is_missed():
    with pytest.raises(RateMissing):
        mortgage(Repricing.JANUARY).rate(LPR, day("2020-01-01"), days("2019-06-01"), NONE)


def test_a_loan_that_contradicts_itself_is_found():
    crossed = loan_interest.IndexedRate(index=source("3%"), floor=percent("9%"), cap=percent("2%"))
    assert [problem.parameter for problem in crossed.problems()] == ["floor"]
    actual = loan_interest.FixedRate(yearly=source("3%"), basis=DayCount.ACT_ACT_ISDA)
    assert [problem.parameter for problem in actual.problems()] == ["basis"]
    late = loan_interest.SteppedRate(steps=(loan_interest.MonthStep(month=3, yearly=source("3%")),))
    assert [problem.parameter for problem in late.problems()] == ["steps"]
    assert loan_interest.SteppedRate(steps=()).problems()
