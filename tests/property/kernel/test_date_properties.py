import calendar as std_calendar
import datetime as dt

import QuantLib
from hypothesis import given, settings
from hypothesis import strategies as st

from yinhe.kernel.calendar import (
    BusinessDayRule,
    adjust,
    business_days_between,
    china,
    is_business_day,
    next_business_day,
    target,
)
from yinhe.kernel.dates import add_months, date_from_days, days_from_date, end_of_month, months_and_days
from yinhe.kernel.daycount import DayCount, days, year_fraction

dates = st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 31))
CHINA, TARGET = china(), target()

THEIR_RULES = {
    BusinessDayRule.UNADJUSTED: QuantLib.Unadjusted,
    BusinessDayRule.FOLLOWING: QuantLib.Following,
    BusinessDayRule.MODIFIED_FOLLOWING: QuantLib.ModifiedFollowing,
    BusinessDayRule.PRECEDING: QuantLib.Preceding,
    BusinessDayRule.MODIFIED_PRECEDING: QuantLib.ModifiedPreceding,
}


def their_date(date):
    return QuantLib.Date(date.day, date.month, date.year)


def all_dates(first, last):
    return [first + dt.timedelta(days=offset) for offset in range((last - first).days + 1)]


@given(st.dates())
@settings(deadline=None)
def test_a_date_survives_as_days(date):
    assert date_from_days(days_from_date(date)) == date


@given(dates, st.integers(-600, 600))
@settings(deadline=None)
def test_adding_months_keeps_the_day_or_takes_the_months_last(date, months):
    later = add_months(date, months)
    assert (later.year * 12 + later.month) - (date.year * 12 + date.month) == months
    assert later.day == min(date.day, std_calendar.monthrange(later.year, later.month)[1])


@given(dates)
@settings(deadline=None)
def test_the_day_after_the_end_of_a_month_is_a_first(date):
    end = end_of_month(date)
    assert (end.year, end.month) == (date.year, date.month)
    assert (end + dt.timedelta(days=1)).day == 1


@given(dates, dates)
@settings(deadline=None)
def test_months_and_days_lead_from_start_to_end(one, other):
    start, end = sorted((one, other))
    months, odd_days = months_and_days(start, end)
    assert add_months(start, months) + dt.timedelta(days=odd_days) == end
    assert add_months(start, months + 1) > end
    assert 0 <= odd_days <= 30
    assert days(DayCount.CN_MONTHS_DAYS, start, end) == 30 * months + odd_days


@given(dates, dates, dates, st.sampled_from([DayCount.ACT_360, DayCount.ACT_365F, DayCount.ACT_ACT_ISDA]))
@settings(deadline=None)
def test_actual_counts_add_up_over_a_period_however_it_is_cut(one, two, three, convention):
    start, middle, end = sorted((one, two, three))
    whole = year_fraction(convention, start, end)
    assert whole == year_fraction(convention, start, middle) + year_fraction(convention, middle, end)


def test_every_day_of_target_is_that_of_quantlib():
    for date in all_dates(TARGET.first, dt.date(2199, 12, 31)):
        assert is_business_day(TARGET, date) == QuantLib.TARGET().isBusinessDay(their_date(date)), date


def test_every_day_of_china_since_2008_is_that_of_quantlibs_interbank_market():
    """Before 2008 QuantLib's table lacks some days; both follow the State Council's notices after it."""
    theirs = QuantLib.China(QuantLib.China.IB)
    for date in all_dates(dt.date(2008, 1, 1), dt.date(2025, 12, 31)):
        assert is_business_day(CHINA, date) == theirs.isBusinessDay(their_date(date)), date


@given(st.dates(dt.date(2000, 2, 1), dt.date(2190, 12, 31)), st.sampled_from(BusinessDayRule))
@settings(deadline=None, max_examples=400)
def test_a_date_moves_as_in_quantlib(date, rule):
    expected = QuantLib.TARGET().adjust(their_date(date), THEIR_RULES[rule]).ISO()
    assert adjust(TARGET, date, rule).isoformat() == expected


@given(st.dates(dt.date(2008, 2, 1), dt.date(2025, 11, 30)), st.sampled_from(BusinessDayRule))
@settings(deadline=None, max_examples=200)
def test_a_date_in_china_moves_as_in_quantlib(date, rule):
    expected = QuantLib.China(QuantLib.China.IB).adjust(their_date(date), THEIR_RULES[rule]).ISO()
    assert adjust(CHINA, date, rule).isoformat() == expected


@given(st.dates(dt.date(2008, 2, 1), dt.date(2025, 11, 30)), st.integers(0, 500))
@settings(deadline=None)
def test_business_days_are_counted_as_in_quantlib(start, length):
    end = min(start + dt.timedelta(days=length), dt.date(2025, 12, 31))
    expected = QuantLib.China(QuantLib.China.IB).businessDaysBetween(their_date(start), their_date(end), True, False)
    assert business_days_between(CHINA, start, end) == expected


@given(st.dates(dt.date(2004, 1, 1), dt.date(2025, 11, 30)))
@settings(deadline=None)
def test_nothing_is_open_between_a_date_and_its_next_business_day(date):
    following = next_business_day(CHINA, date)
    assert following > date
    assert is_business_day(CHINA, following)
    assert business_days_between(CHINA, date + dt.timedelta(days=1), following) == 0
