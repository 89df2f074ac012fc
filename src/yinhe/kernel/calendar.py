"""Business calendars: which days a market works, and how a date moves to one that it does.

A calendar is the sorted column of its business days over the years it covers; every question is a binary search in it.
Outside those years it raises `OutOfRangeError`; it never guesses.
"""

import datetime as dt
from collections.abc import Collection, Iterable
from enum import Enum
from typing import Final, assert_never

import chinese_calendar.constants as published
import msgspec
import numpy as np

from yinhe.kernel.dates import Int32Column, column_of, date_from_days, days_from_date, month_and_day_many
from yinhe.kernel.errors import OutOfRangeError

YEAR_MIN: Final = 1900
YEAR_MAX: Final = 2199
"""The years of the computed calendars; the euro's begins with its present rule in 2000."""

CHINA_PROJECTION_YEAR_MAX: Final = 2099
"""The last year for which lunar festivals are tabulated."""

_SATURDAY: Final = 5
_SUNDAY: Final = 6


class Calendar(msgspec.Struct, frozen=True, eq=False):
    """The business days, int32[n] ascending days since 1970-01-01, of all years from `first` to `last`."""

    name: str
    first: dt.date
    last: dt.date
    business_days: Int32Column


class BusinessDayRule(Enum):
    """Where a date that is no business day moves (ISDA 2006 Definitions, section 4.12)."""

    UNADJUSTED = "unadjusted"
    """It stays."""
    FOLLOWING = "following"
    """To the next business day."""
    MODIFIED_FOLLOWING = "modified_following"
    """To the next, unless that lies in another month: then to the one before."""
    PRECEDING = "preceding"
    """To the business day before."""
    MODIFIED_PRECEDING = "modified_preceding"
    """To the one before, unless that lies in another month: then to the next."""


def make_calendar(
    name: str,
    years: range,
    *,
    rest_weekdays: Collection[int] = (_SATURDAY, _SUNDAY),
    holidays: Iterable[dt.date] = (),
    make_up_days: Iterable[dt.date] = (),
) -> Calendar:
    """A calendar from its weekly rest days (Monday is 0), its holidays, and the rest days worked to make up."""
    first, last = dt.date(years[0], 1, 1), dt.date(years[-1], 12, 31)
    days = np.arange(days_from_date(first), days_from_date(last) + 1, dtype=np.int32)
    weekdays = (days + 3) % 7  # 1970-01-01 was a Thursday
    works = ~np.isin(weekdays, list(rest_weekdays)) & ~np.isin(days, _days_of(holidays))
    works |= np.isin(days, _days_of(make_up_days))
    business_days = days[works]
    business_days.flags.writeable = False
    return Calendar(name, first, last, business_days)


def _days_of(dates: Iterable[dt.date]) -> list[int]:
    return [days_from_date(date) for date in dates]


def every_day() -> Calendar:
    """The null calendar: all days are business days."""
    return make_calendar("every day", range(YEAR_MIN, YEAR_MAX + 1), rest_weekdays=())


def target() -> Calendar:
    """TARGET, the euro's settlement calendar by the ECB's long-term rule of 2000.

    Closed on Saturdays, Sundays, 1 January, Good Friday, Easter Monday, 1 May, 25 and 26 December; and, once, on
    31 December 2001 for the change to euro cash.
    """
    years = range(2000, YEAR_MAX + 1)
    holidays = [dt.date(2001, 12, 31)]
    for year in years:
        easter = easter_sunday(year)
        holidays += [easter - dt.timedelta(days=2), easter + dt.timedelta(days=1)]
        holidays += [dt.date(year, month, day) for month, day in ((1, 1), (5, 1), (12, 25), (12, 26))]
    return make_calendar("TARGET", years, holidays=holidays)


def china(project_through_year: int | None = None) -> Calendar:
    """Working days of mainland China, with make-up working days, as the State Council published them.

    The notice for a year comes out in the November before, so the calendar ends with the last year published (as known
    to the `chinesecalendar` package). A plan that reaches further, such as a loan schedule, asks for a projection
    through a later year, at most 2099: weekends and statutory holidays (from the `holidays` package) rest, make-up
    days are unknown and left out. The calendar's name says that it projects; when a notice comes out, what was planned
    with it is to be planned again.
    Raises `OutOfRangeError` for a year already published or after 2099.
    """
    holidays: set[dt.date] = set(published.holidays)
    make_up_days: set[dt.date] = set(published.workdays)
    first_year, last_year = min(holidays).year, max(holidays).year
    if project_through_year is None:
        return make_calendar("China", range(first_year, last_year + 1), holidays=holidays, make_up_days=make_up_days)
    if not last_year < project_through_year <= CHINA_PROJECTION_YEAR_MAX:
        bounds = f"{last_year + 1}..{CHINA_PROJECTION_YEAR_MAX}"
        raise OutOfRangeError(f"China can be projected through a year in {bounds}, not {project_through_year}")
    # Imported here because the package takes near half a second to load and only projections use it.
    from holidays.countries.china import China

    holidays |= set(China(years=range(last_year + 1, project_through_year + 1)))
    name = f"China (projected after {last_year})"
    return make_calendar(
        name, range(first_year, project_through_year + 1), holidays=holidays, make_up_days=make_up_days
    )


def easter_sunday(year: int) -> dt.date:
    """The Gregorian Easter of a year (Butcher's algorithm; J. Meeus, Astronomical Algorithms, chapter 8)."""
    a = year % 19
    b, c = divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return dt.date(year, month, day + 1)


def is_business_day(calendar: Calendar, date: dt.date) -> bool:
    """Whether the market works on a date."""
    return business_days_between(calendar, date, date + dt.timedelta(days=1)) == 1


def next_business_day(calendar: Calendar, date: dt.date) -> dt.date:
    """The first business day after a date."""
    return adjust(calendar, date + dt.timedelta(days=1), BusinessDayRule.FOLLOWING)


def business_days_between(calendar: Calendar, start: dt.date, end: dt.date) -> int:
    """Business days from `start`, counted, to `end`, not counted. Raises `OutOfRangeError` if `end` comes first."""
    if end < start:
        raise OutOfRangeError(f"The period {start} to {end} ends before it starts")
    period = np.array([days_from_date(start), days_from_date(end)], dtype=np.int32)
    _require_covered(calendar, period - np.array([0, 1 if start < end else 0], dtype=np.int32))
    first, after_last = np.searchsorted(calendar.business_days, period)
    return int(after_last - first)


def adjust(calendar: Calendar, date: dt.date, rule: BusinessDayRule) -> dt.date:
    """Move a date to a business day by a rule."""
    return date_from_days(int(adjust_many(calendar, column_of(date), rule)[0]))


def adjust_many(calendar: Calendar, days: Int32Column, rule: BusinessDayRule) -> Int32Column:
    """Move dates, days since 1970-01-01, int32[n], to business days by a rule, int32[n].

    Raises `OutOfRangeError` if a date, or the business day it would move to, is outside the years of the calendar.
    """
    _require_covered(calendar, days)
    match rule:
        case BusinessDayRule.UNADJUSTED:
            adjusted = days.copy()
        case BusinessDayRule.FOLLOWING:
            adjusted = _following(calendar, days)
        case BusinessDayRule.PRECEDING:
            adjusted = _preceding(calendar, days)
        case BusinessDayRule.MODIFIED_FOLLOWING:
            adjusted = _unless_other_month(days, _following(calendar, days), _preceding(calendar, days))
        case BusinessDayRule.MODIFIED_PRECEDING:
            adjusted = _unless_other_month(days, _preceding(calendar, days), _following(calendar, days))
        case _:
            assert_never(rule)
    _require_covered(calendar, adjusted)
    return adjusted


def _following(calendar: Calendar, days: Int32Column) -> Int32Column:
    """The first business days on or after dates; the day after the calendar's last where there is none."""
    at = np.searchsorted(calendar.business_days, days, side="left")
    within = np.minimum(at, len(calendar.business_days) - 1)
    beyond = np.int32(days_from_date(calendar.last) + 1)
    return np.where(at == within, calendar.business_days[within], beyond)


def _preceding(calendar: Calendar, days: Int32Column) -> Int32Column:
    """The last business days on or before dates; the day before the calendar's first where there is none."""
    at = np.searchsorted(calendar.business_days, days, side="right") - 1
    beyond = np.int32(days_from_date(calendar.first) - 1)
    return np.where(at >= 0, calendar.business_days[at], beyond)


def _unless_other_month(days: Int32Column, adjusted: Int32Column, fallback: Int32Column) -> Int32Column:
    same_month = month_and_day_many(adjusted)[0] == month_and_day_many(days)[0]
    return np.where(same_month, adjusted, fallback)


def _require_covered(calendar: Calendar, days: Int32Column) -> None:
    """Refuse dates outside the calendar's years, naming the first."""
    first, last = days_from_date(calendar.first), days_from_date(calendar.last)
    outside = days[(days < first) | (days > last)]
    if outside.size:
        date = date_from_days(int(outside[0]))
        raise OutOfRangeError(
            f"{date} is outside the calendar {calendar.name!r}, which covers {calendar.first} to {calendar.last}"
        )
