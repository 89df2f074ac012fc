"""Day counts: how many days of interest lie between two dates, and what fraction of a year they are.

The first day counts and the last does not (算头不算尾). All but the last are ISDA 2006 Definitions, section 4.16.
"""

import calendar
import datetime as dt
from enum import Enum
from fractions import Fraction
from typing import assert_never

import numpy as np

from yinhe.kernel.dates import (
    Int32Column,
    Int64Column,
    column_of,
    month_and_day_many,
    months_and_days_many,
    require_order,
)
from yinhe.kernel.errors import OutOfRangeError


class DayCount(Enum):
    """A convention for counting the days and the year of interest."""

    ACT_360 = "ACT/360"
    """Actual days over 360."""
    ACT_365F = "ACT/365F"
    """Actual days over 365, leap year or not."""
    ACT_ACT_ISDA = "ACT/ACT-ISDA"
    """Actual days, those in a leap year over 366 and the others over 365."""
    THIRTY_360 = "30/360"
    """Months of 30 days over 360: the 31st starts as the 30th, and ends as the 30th after a start on the 30th or 31st.

    This is the bond basis of ISDA 4.16(f), the same count as NASD; the end of February gets no special treatment.
    """
    THIRTY_E_360 = "30E/360"
    """Months of 30 days over 360, every 31st taken as the 30th (Eurobond basis)."""
    CN_MONTHS_DAYS = "CN-MONTHS-DAYS"
    """Full months date to date as 30 days each, then the odd days, over 360: the transaction method (逐笔计息)."""


def days(convention: DayCount, start: dt.date, end: dt.date) -> int:
    """Days of interest from `start` to `end`. Raises `OutOfRangeError` if `end` is before `start`."""
    return int(days_many(convention, column_of(start), column_of(end))[0])


def days_many(convention: DayCount, start: Int32Column, end: Int32Column) -> Int64Column:
    """Days of interest, int64[n], between dates in days since 1970-01-01, int32[n] each.

    Raises `OutOfRangeError` if a period ends before it starts.
    """
    require_order(start, end)
    match convention:
        case DayCount.ACT_360 | DayCount.ACT_365F | DayCount.ACT_ACT_ISDA:
            return end.astype(np.int64) - start
        case DayCount.THIRTY_360 | DayCount.THIRTY_E_360:
            start_month, start_day = month_and_day_many(start)
            end_month, end_day = month_and_day_many(end)
            start_day = np.minimum(start_day, 30)
            shortens = (start_day == 30) | (convention is DayCount.THIRTY_E_360)
            end_day = np.where(shortens, np.minimum(end_day, 30), end_day)
            return 30 * (end_month - start_month) + end_day - start_day
        case DayCount.CN_MONTHS_DAYS:
            months, odd_days = months_and_days_many(start, end)
            return 30 * months + odd_days
        case _:
            assert_never(convention)


def basis_days(convention: DayCount) -> int:
    """The days of the convention's year: 360 or 365. Raises `OutOfRangeError` for ACT/ACT, whose years differ."""
    match convention:
        case DayCount.ACT_360 | DayCount.THIRTY_360 | DayCount.THIRTY_E_360 | DayCount.CN_MONTHS_DAYS:
            return 360
        case DayCount.ACT_365F:
            return 365
        case DayCount.ACT_ACT_ISDA:
            raise OutOfRangeError("ACT/ACT-ISDA has no one basis: split the period at the new year and use 365 and 366")
        case _:
            assert_never(convention)


def year_fraction(convention: DayCount, start: dt.date, end: dt.date) -> Fraction:
    """The years from `start` to `end`, exactly. Raises `OutOfRangeError` if `end` is before `start`."""
    count = days(convention, start, end)
    if convention is not DayCount.ACT_ACT_ISDA:
        return Fraction(count, basis_days(convention))
    if start.year == end.year:
        return Fraction(count, _year_length(start.year))
    first = Fraction((dt.date(start.year + 1, 1, 1) - start).days, _year_length(start.year))
    last = Fraction((end - dt.date(end.year, 1, 1)).days, _year_length(end.year))
    return first + (end.year - start.year - 1) + last


def _year_length(year: int) -> int:
    return 366 if calendar.isleap(year) else 365
