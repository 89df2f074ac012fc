"""Cycles of dates: stubs, month ends, business days."""

import datetime as dt

import pytest

from yinhe.kernel.calendar import BusinessDayRule, make_calendar
from yinhe.kernel.dates import column_of, date_from_days, days_from_date
from yinhe.kernel.errors import OutOfRangeError
from yinhe.lending.schedule.cycles import (
    Cycle,
    DateRules,
    Stub,
    calculated,
    cycle_dates,
    dates_from,
    is_month_end,
    nth_date,
    shifted,
)


def dates(anchor, cycle, end, **options):
    made = cycle_dates(days_from_date(anchor), cycle, days_from_date(end), **options)
    return [str(date_from_days(day)) for day in made.tolist()]


MONTH = Cycle(months=1)


def test_the_anchor_each_cycle_and_the_end():
    assert dates(dt.date(2026, 1, 15), MONTH, dt.date(2026, 3, 15)) == ["2026-01-15", "2026-02-15", "2026-03-15"]


def test_the_end_may_be_left_out():
    assert dates(dt.date(2026, 1, 15), MONTH, dt.date(2026, 3, 15), with_end=False) == ["2026-01-15", "2026-02-15"]


def test_a_short_last_period_stands_and_a_long_one_is_joined():
    anchor, end = dt.date(2026, 1, 15), dt.date(2026, 4, 1)
    assert dates(anchor, MONTH, end) == ["2026-01-15", "2026-02-15", "2026-03-15", "2026-04-01"]
    assert dates(anchor, Cycle(months=1, stub=Stub.LONG), end) == ["2026-01-15", "2026-02-15", "2026-04-01"]


def test_a_long_stub_joins_nothing_where_the_cycle_meets_the_end_or_has_one_period():
    long = Cycle(months=1, stub=Stub.LONG)
    assert dates(dt.date(2026, 1, 15), long, dt.date(2026, 3, 15)) == ["2026-01-15", "2026-02-15", "2026-03-15"]
    assert dates(dt.date(2026, 1, 15), long, dt.date(2026, 2, 1)) == ["2026-01-15", "2026-02-01"]


@pytest.mark.parametrize("end", [dt.date(2026, 1, 15), dt.date(2026, 1, 1)])
def test_an_anchor_that_is_not_before_the_end_gives_the_end_alone(end):
    assert dates(dt.date(2026, 1, 15), MONTH, end) == [str(end)]
    assert dates(dt.date(2026, 1, 15), MONTH, end, with_end=False) == []


def test_a_later_hour_of_the_end_lets_a_date_on_its_day_come_before_it():
    anchor, end = dt.date(2026, 1, 15), dt.date(2026, 2, 15)
    assert dates(anchor, MONTH, end, with_end=False, beyond=True) == ["2026-01-15", "2026-02-15"]


def test_dates_from_the_31st_clip_and_return():
    assert dates(dt.date(2026, 1, 31), MONTH, dt.date(2026, 4, 30), with_end=False) == [
        "2026-01-31",
        "2026-02-28",
        "2026-03-31",
    ]


def test_a_month_end_stays_one_only_if_so_agreed():
    anchor, end = dt.date(2026, 4, 30), dt.date(2026, 7, 31)
    assert dates(anchor, MONTH, end, end_of_month=True, with_end=False)[1] == "2026-05-31"
    assert dates(anchor, MONTH, end, with_end=False)[1] == "2026-05-30"
    # Weeks know no month's end.
    assert dates(anchor, Cycle(days=7), end, end_of_month=True, with_end=False)[1] == "2026-05-07"


def test_months_and_days_may_be_joined_in_a_cycle():
    assert dates(dt.date(2026, 1, 1), Cycle(months=1, days=5), dt.date(2026, 4, 1), with_end=False) == [
        "2026-01-01",
        "2026-02-06",
        "2026-03-11",
    ]


def test_a_cycle_steps_back_as_well():
    assert date_from_days(nth_date(days_from_date(dt.date(2026, 3, 31)), MONTH, -1)) == dt.date(2026, 2, 28)
    after = dates_from(days_from_date(dt.date(2026, 1, 31)), MONTH, 1, 2)
    assert [date_from_days(day) for day in after.tolist()] == [dt.date(2026, 2, 28), dt.date(2026, 3, 31)]


def test_a_cycle_that_leads_nowhere_or_too_far_is_refused():
    with pytest.raises(OutOfRangeError, match="leads nowhere"):
        Cycle()
    with pytest.raises(OutOfRangeError, match="more than"):
        dates(dt.date(1900, 1, 1), Cycle(days=1), dt.date(2199, 1, 1))


def test_the_last_day_of_a_month():
    assert [is_month_end(days_from_date(day)) for day in (dt.date(2024, 2, 28), dt.date(2024, 2, 29))] == [False, True]


SATURDAY = dt.date(2026, 1, 31)
WEEKDAYS = make_calendar("weekdays", range(2020, 2031))


@pytest.mark.parametrize(
    ("rule", "moved"),
    [
        (BusinessDayRule.UNADJUSTED, SATURDAY),
        (BusinessDayRule.FOLLOWING, dt.date(2026, 2, 2)),
        (BusinessDayRule.MODIFIED_FOLLOWING, dt.date(2026, 1, 30)),
        (BusinessDayRule.PRECEDING, dt.date(2026, 1, 30)),
        (BusinessDayRule.MODIFIED_PRECEDING, dt.date(2026, 1, 30)),
    ],
)
def test_a_date_moves_to_a_business_day_and_interest_with_it_or_not(rule, moved):
    day = column_of(SATURDAY)
    with_it = DateRules(business_days=rule, calendar=WEEKDAYS)
    before_it = DateRules(business_days=rule, calendar=WEEKDAYS, calculate_shifted=False)
    assert date_from_days(int(shifted(day, with_it)[0])) == moved
    assert date_from_days(int(calculated(day, with_it)[0])) == moved
    assert date_from_days(int(calculated(day, before_it)[0])) == SATURDAY
