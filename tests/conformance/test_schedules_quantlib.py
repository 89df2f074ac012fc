"""Schedules against QuantLib's: maturities, settlement dates, anniversaries and instalments, at every month's end.

QuantLib rolls a schedule forward from its first date, so a 31st comes back after a shorter month: 对年对月对日.
"""

import datetime as dt

import numpy as np
import pytest
import QuantLib

from yinhe.kernel.calendar import BusinessDayRule, adjust, make_calendar
from yinhe.kernel.dates import date_from_days, days_from_date
from yinhe.products.parts.instalment import DrawMonthly, Instalment, InterestMonthly, SaveMonthly
from yinhe.products.parts.settlement import Anniversary, AtMaturity, HalfYearly, Monthly, Quarterly, Settlement, Yearly
from yinhe.products.parts.term import AnyMonths, Fixed, TermPart
from yinhe.products.period import Period
from yinhe.products.rates import RateSource

STARTS = [
    dt.date(year, month, 1) + dt.timedelta(days=offset)
    for year in (1999, 2023, 2024, 2027, 2028, 2099)
    for month in (1, 2, 3, 5, 11, 12)
    for offset in (0, 14, 27, 28, 29, 30)
]
"""Firsts, middles and the days round the ends of months, in leap years and others, and before 2100, which is none."""
AWKWARD = [dt.date.fromisoformat(text) for text in (
    "2023-01-28", "2023-01-29", "2023-01-31", "2023-08-31", "2023-11-30", "2024-01-30", "2024-02-29", "2024-03-15",
    "2027-12-31", "2099-12-31",
)]  # fmt: skip
"""Starts whose schedules are walked day by day."""
TERMS = (1, 2, 3, 6, 12, 24, 36, 60)
BOARD = RateSource(table="demand")


def theirs(date: dt.date) -> QuantLib.Date:
    return QuantLib.Date(date.day, date.month, date.year)


def ours(date: QuantLib.Date) -> int:
    return days_from_date(dt.date(date.year(), date.month(), date.dayOfMonth()))


def schedule(start: dt.date, end: dt.date, months: int) -> list[int]:
    """Dates every so many months from `start` on, not beyond `end`, as QuantLib rolls them; `start` is the first."""
    made = QuantLib.Schedule(
        theirs(start),
        theirs(end) + QuantLib.Period(months, QuantLib.Months),
        QuantLib.Period(months, QuantLib.Months),
        QuantLib.NullCalendar(),
        QuantLib.Unadjusted,
        QuantLib.Unadjusted,
        QuantLib.DateGeneration.Forward,
        False,
    )
    return [day for day in map(ours, made) if day <= days_from_date(end)]


def column(*values: int) -> np.ndarray:
    return np.array(values, np.int32)


@pytest.mark.parametrize("months", TERMS)
@pytest.mark.parametrize(
    "part", [Fixed(offered=(Period(months=1),)), AnyMonths(least=1, most=60)], ids=["fixed", "any_months"]
)
def test_a_term_matures_on_the_day_quantlib_says(part: TermPart, months: int) -> None:
    starts = column(*map(days_from_date, STARTS))
    found = part.maturity(starts, np.full_like(starts, months), np.zeros_like(starts))
    assert found.tolist() == [ours(theirs(start) + QuantLib.Period(months, QuantLib.Months)) for start in STARTS]


CALENDAR = [
    (Monthly(day=20), 1, dt.date(2023, 1, 20)),
    (Monthly(day=31), 1, dt.date(2023, 1, 31)),
    (Monthly(day=30), 1, dt.date(2023, 1, 30)),
    (Monthly(day=29), 1, dt.date(2023, 1, 29)),
    (Quarterly(day=20), 3, dt.date(2023, 3, 20)),
    (Quarterly(day=31), 3, dt.date(2023, 3, 31)),
    (HalfYearly(day=30), 6, dt.date(2023, 6, 30)),
    (Yearly(month=2, day=29), 12, dt.date(2024, 2, 29)),
    (Yearly(month=12, day=31), 12, dt.date(2023, 12, 31)),
]


@pytest.mark.parametrize(
    ("part", "months", "first"), CALENDAR, ids=[f"{part.name}-{first:%m%d}" for part, _, first in CALENDAR]
)
def test_settlements_of_the_calendar_fall_on_quantlibs_dates(part: Settlement, months: int, first: dt.date) -> None:
    begin, last = days_from_date(first), days_from_date(dt.date(2028, 4, 1))
    start, maturity = column(begin - 1), column(0)
    found = [day for day in range(begin, last + 1) if part.is_due(day, start, maturity)[0]]
    assert found == schedule(first, date_from_days(last), months)


def due_days(part: Anniversary | Instalment, start: dt.date, months: int) -> list[int]:
    """The days after the start on which a part asks for something, up to its maturity."""
    first = days_from_date(start)
    begin, term = column(first), column(months)
    maturity = Fixed(offered=()).maturity(begin, term, column(0))
    days = range(first + 1, int(maturity[0]) + 1)
    if isinstance(part, Anniversary):
        # A settlement's last day is the one before the day it is credited on.
        return [day for day in days if part.is_due(day - 1, begin, maturity)[0]]
    return [day for day in days if part.is_due(day, begin, term)[0]]


PARTS = {
    "anniversary": Anniversary(every=1),
    "anniversary of a quarter": Anniversary(every=3),
    "drawn monthly": DrawMonthly(),
    "drawn every two months": DrawMonthly(every=2),
    "interest drawn monthly": InterestMonthly(),
    "interest drawn every quarter": InterestMonthly(every=3),
}


@pytest.mark.parametrize("name", PARTS)
def test_anniversaries_and_instalments_drawn_fall_on_quantlibs_dates_to_the_maturity(name: str) -> None:
    part = PARTS[name]
    for start in AWKWARD:
        maturity = theirs(start) + QuantLib.Period(12, QuantLib.Months)
        expected = schedule(start, dt.date(maturity.year(), maturity.month(), maturity.dayOfMonth()), part.every)[1:]
        assert due_days(part, start, 12) == expected, start


@pytest.mark.parametrize("every", [1, 2, 3])
def test_instalments_saved_fall_on_quantlibs_dates_the_first_on_the_day_of_opening(every: int) -> None:
    part = SaveMonthly(broken=BOARD, every=every)
    for start in AWKWARD:
        maturity = theirs(start) + QuantLib.Period(12, QuantLib.Months)
        expected = schedule(start, dt.date(maturity.year(), maturity.month(), maturity.dayOfMonth()), every)
        # At maturity nothing more is paid in; the first is paid at opening.
        assert due_days(part, start, 12) == expected[1:-1], start
        assert part.is_due(days_from_date(start), column(days_from_date(start)), column(12))[0]


def test_interest_at_maturity_is_due_on_the_day_before_it() -> None:
    for start in AWKWARD:
        first, maturity = days_from_date(start), ours(theirs(start) + QuantLib.Period(3, QuantLib.Months))
        found = [
            day for day in range(first, maturity + 40) if AtMaturity().is_due(day, column(first), column(maturity))
        ]
        assert found == [maturity - 1]


RULES = [
    (BusinessDayRule.FOLLOWING, QuantLib.Following),
    (BusinessDayRule.MODIFIED_FOLLOWING, QuantLib.ModifiedFollowing),
    (BusinessDayRule.PRECEDING, QuantLib.Preceding),
]


@pytest.mark.parametrize(("rule", "convention"), RULES, ids=[rule.name for rule, _ in RULES])
def test_a_schedule_moved_to_working_days_is_quantlibs(rule: BusinessDayRule, convention: int) -> None:
    """Month ends of six years on a calendar of weekends alone, moved by each rule."""
    weekends = QuantLib.WeekendsOnly()
    calendar = make_calendar("weekends", range(2023, 2030))
    for day in schedule(dt.date(2023, 1, 31), dt.date(2028, 12, 31), 1):
        date = date_from_days(day)
        moved = weekends.adjust(theirs(date), convention)
        assert days_from_date(adjust(calendar, date, rule)) == ours(moved)
