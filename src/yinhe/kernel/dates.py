"""Dates as days since 1970-01-01 (int32 in columns), months date to date, and the ends of months.

The columnar functions are the implementation; the one on a single date is a column of length one.
"""

import calendar
import datetime as dt
from typing import Final

import numpy as np
import numpy.typing as npt

from yinhe.kernel.errors import OutOfRangeError

Int32Column = npt.NDArray[np.int32]
Int64Column = npt.NDArray[np.int64]

_EPOCH: Final = dt.date(1970, 1, 1).toordinal()


def days_from_date(date: dt.date) -> int:
    """Days since 1970-01-01, negative before it."""
    return date.toordinal() - _EPOCH


def date_from_days(days: int) -> dt.date:
    """The date of days since 1970-01-01. Raises `OutOfRangeError` outside the years 1 to 9999."""
    try:
        return dt.date.fromordinal(int(days) + _EPOCH)
    except (ValueError, OverflowError):
        raise OutOfRangeError(f"Day {days:,} since 1970-01-01 is outside the years 1 to 9999") from None


def column_of(date: dt.date) -> Int32Column:
    """A date as a column of length one, int32[1]."""
    return np.array([days_from_date(date)], dtype=np.int32)


def month_and_day_many(days: Int32Column) -> tuple[Int64Column, Int64Column]:
    """Split dates, int32[n], into months since January 1970 and day of the month from 1, int64[n] each."""
    dates = days.astype(np.int64).view("datetime64[D]")
    months = dates.astype("datetime64[M]")
    return months.astype(np.int64), (dates - months).astype(np.int64) + 1


def month_start_many(months: Int64Column) -> Int64Column:
    """The first day, int64[n], of months since January 1970, int64[n]."""
    return months.view("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def add_months_many(days: Int32Column, months: int | Int64Column) -> Int32Column:
    """Dates, int32[n], some whole months later or earlier, int32[n]: see `add_months`."""
    month, day = month_and_day_many(days)
    target = month + months
    start = month_start_many(target)
    length = month_start_many(target + 1) - start
    return (start + np.minimum(day, length) - 1).astype(np.int32)


def add_months(date: dt.date, months: int) -> dt.date:
    """The same day of another month (对年对月对日), or that month's last day where it is shorter.

    Raises `OutOfRangeError` outside the years 1 to 9999.
    """
    return date_from_days(int(add_months_many(column_of(date), months)[0]))


def months_and_days_many(start: Int32Column, end: Int32Column) -> tuple[Int64Column, Int64Column]:
    """Full months and odd days, int64[n] each, between dates, int32[n] each: see `months_and_days`."""
    require_order(start, end)
    months = month_and_day_many(end)[0] - month_and_day_many(start)[0]
    months -= add_months_many(start, months) > end
    return months, (end - add_months_many(start, months)).astype(np.int64)


def months_and_days(start: dt.date, end: dt.date) -> tuple[int, int]:
    """Full months date to date from `start`, then the odd days to `end`, by the Chinese transaction method (逐笔计息).

    The months are the most for which `add_months(start, months) <= end`; so 31 January to 28 February is one month.
    Raises `OutOfRangeError` if `end` is before `start`.
    """
    months, days = months_and_days_many(column_of(start), column_of(end))
    return int(months[0]), int(days[0])


def end_of_month(date: dt.date) -> dt.date:
    """The last day of the month of a date."""
    return date.replace(day=calendar.monthrange(date.year, date.month)[1])


def require_order(start: Int32Column, end: Int32Column) -> None:
    """Refuse a period that ends before it starts, naming the first."""
    reversed_at = np.flatnonzero(start > end)
    if reversed_at.size:
        first = int(reversed_at[0])
        period = f"{date_from_days(int(start[first]))} to {date_from_days(int(end[first]))}"
        raise OutOfRangeError(f"The period {period} ends before it starts")
