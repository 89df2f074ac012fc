"""Cycles of dates: every so many days or months from an anchor, with stubs, month ends and business days; columnar.

Stub, end-of-month and business-day conventions are those of the ACTUS technical specification 1.1, sections 3.1 to
3.4. Days are days since 1970-01-01.
"""

from enum import Enum, unique
from typing import Final, assert_never

import msgspec
import numpy as np

from yinhe.kernel.calendar import BusinessDayRule, Calendar, adjust_many
from yinhe.kernel.dates import Int32Column, add_months_many, month_and_day_many, month_start_many
from yinhe.kernel.errors import OutOfRangeError

CYCLE_DATES_MAX: Final = 40_000
"""The most dates one cycle makes: a century of days and more."""


@unique
class Stub(Enum):
    """What becomes of a last period that the cycle does not fill."""

    SHORT = "short"
    """It stands, shorter than the others."""
    LONG = "long"
    """It is joined to the one before."""


class Cycle(msgspec.Struct, frozen=True):
    """So many months and days, one of them 0 as a rule; a quarter is 3 months, a week 7 days."""

    months: int = 0
    days: int = 0
    stub: Stub = Stub.SHORT

    def __post_init__(self) -> None:
        """Raises `OutOfRangeError` for a cycle that leads nowhere."""
        if self.months < 0 or self.days < 0 or not (self.months or self.days):
            raise OutOfRangeError(f"A cycle of {self.months} months and {self.days} days leads nowhere")


MONTHLY: Final = Cycle(months=1)


class DateRules(msgspec.Struct, frozen=True):
    """How dates of a schedule fall."""

    end_of_month: bool = False
    """Dates from an anchor at a month's end stay at the months' ends."""
    business_days: BusinessDayRule = BusinessDayRule.UNADJUSTED
    calendar: Calendar | None = None
    """Which days are business days; all of them without it."""
    calculate_shifted: bool = True
    """Whether interest is counted to the day after the shift (shift, then calculate) or before it."""


def cycle_dates(
    anchor: int, cycle: Cycle, end: int, *, end_of_month: bool = False, with_end: bool = True, beyond: bool = False
) -> Int32Column:
    """The dates from `anchor` to `end`, int32[n] ascending: the anchor, each cycle after it, and the end.

    `with_end` false leaves the end out. `beyond` true counts a date on `end` itself as before it, so that the day may
    come twice: for an end that is later on its day than the anchor is on its own. Without an anchor before the end
    there is only the end.
    """
    until = end + 1 if beyond else end
    last = np.array([end] if with_end else [], np.int32)
    if anchor >= until:
        return last
    dates = _steps(anchor, cycle, _count(anchor, cycle, until), end_of_month)
    inside = int(np.searchsorted(dates, until))
    if cycle.stub is Stub.LONG and inside + with_end > 2 and dates[inside] != end:
        inside -= 1
    return np.concatenate((dates[:inside], last)) if with_end else dates[:inside]


def nth_date(anchor: int, cycle: Cycle, count: int, *, end_of_month: bool = False) -> int:
    """The date `count` cycles after the anchor, or before it where `count` is negative."""
    return int(_at(anchor, cycle, np.array([count], np.int64), end_of_month)[0])


def dates_from(anchor: int, cycle: Cycle, first: int, count: int, *, end_of_month: bool = False) -> Int32Column:
    """The dates `first` cycles after the anchor and the `count - 1` after it, int32[count]."""
    return _at(anchor, cycle, np.arange(first, first + count, dtype=np.int64), end_of_month)


def _count(anchor: int, cycle: Cycle, until: int) -> int:
    """Cycles enough to reach `until`, and one more."""
    days_at_least = cycle.months * 28 + cycle.days
    if cycle.months:
        days_at_least = max(days_at_least, int(cycle.months * 30.4))
    count = (until - anchor) // days_at_least + 4
    if count > CYCLE_DATES_MAX:
        what = f"A cycle of {cycle.months} months and {cycle.days} days"
        raise OutOfRangeError(f"{what} makes more than {CYCLE_DATES_MAX:,} dates")
    return count


def _steps(anchor: int, cycle: Cycle, count: int, end_of_month: bool) -> Int32Column:
    return _at(anchor, cycle, np.arange(count, dtype=np.int64), end_of_month)


def _at(anchor: int, cycle: Cycle, steps: np.ndarray, end_of_month: bool) -> Int32Column:
    if not cycle.months:
        return (anchor + cycle.days * steps).astype(np.int32)
    start = np.array([anchor], np.int32)
    dates = add_months_many(start, cycle.months * steps)
    if end_of_month and is_month_end(anchor):
        month = month_and_day_many(dates)[0]
        dates = (month_start_many(month + 1) - 1).astype(np.int32)
    return (dates + cycle.days * steps).astype(np.int32) if cycle.days else dates


def is_month_end(day: int) -> bool:
    """Whether a day is the last of its month."""
    months = month_and_day_many(np.array([day, day + 1], np.int32))[0]
    return bool(months[0] != months[1])


def shifted(days: Int32Column, rules: DateRules) -> Int32Column:
    """Dates moved to business days, int32[n]."""
    if rules.calendar is None:
        return days
    match rules.business_days:
        case BusinessDayRule.UNADJUSTED:
            return days
        case (
            BusinessDayRule.FOLLOWING
            | BusinessDayRule.MODIFIED_FOLLOWING
            | BusinessDayRule.PRECEDING
            | BusinessDayRule.MODIFIED_PRECEDING
        ):
            return adjust_many(rules.calendar, days, rules.business_days)
        case _:
            assert_never(rules.business_days)


def calculated(days: Int32Column, rules: DateRules) -> Int32Column:
    """The days interest is counted to for dates of a schedule, int32[n]."""
    return shifted(days, rules) if rules.calculate_shifted else days
