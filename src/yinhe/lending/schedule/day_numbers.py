"""Days, months and day counts one at a time, for `@compiled` loops; the kernel's columns are the reference for them.

Days are since 1970-01-01, months since January 1970, days of the month from 1. The civil calendar is computed by
Howard Hinnant's algorithms ("chrono-Compatible Low-Level Date Algorithms"), which count years from March.
"""

from typing import Final

from yinhe.kernel.daycount import DayCount
from yinhe.ledger.compiled import compilable

DAY_COUNT_CODES: Final = tuple(DayCount)
"""Day counts by the numbers compiled loops know them by."""

_THIRTY: Final = DAY_COUNT_CODES.index(DayCount.THIRTY_360)
_THIRTY_E: Final = DAY_COUNT_CODES.index(DayCount.THIRTY_E_360)
_CN: Final = DAY_COUNT_CODES.index(DayCount.CN_MONTHS_DAYS)

_SHIFT: Final = 719_468
_ERA_DAYS: Final = 146_097


@compilable
def month_of(day: int) -> tuple[int, int]:
    """The month of a day and its day of the month."""
    shifted = day + _SHIFT
    era = shifted // _ERA_DAYS
    of_era = shifted - era * _ERA_DAYS
    year = (of_era - of_era // 1_460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    march_month = (5 * of_year + 2) // 153
    of_month = of_year - (153 * march_month + 2) // 5 + 1
    return (era * 400 + year - 1_970) * 12 + march_month + 2, of_month


@compilable
def first_day(month: int) -> int:
    """The first day of a month."""
    march_based = month + 1_970 * 12 - 2
    year, march_month = march_based // 12, march_based % 12
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * march_month + 2) // 5
    return era * _ERA_DAYS + of_era * 365 + of_era // 4 - of_era // 100 + of_year - _SHIFT


@compilable
def day_in(month: int, of_month: int) -> tuple[int, int]:
    """The day of a month with a day of the month, or its last one where it is shorter; and which one that is."""
    start = first_day(month)
    if of_month > 28:
        of_month = min(of_month, first_day(month + 1) - start)
    return start + of_month - 1, of_month


@compilable
def days_counted(code: int, start: int, end: int) -> int:
    """The days of interest from `start` to `end`, by a day count of `DAY_COUNT_CODES`; see `kernel.daycount`."""
    start_month, start_day = month_of(start)
    end_month, end_day = month_of(end)
    return days_between(code, start, start_month, start_day, end, end_month, end_day)


@compilable
def days_between(
    code: int, start: int, start_month: int, start_day: int, end: int, end_month: int, end_day: int
) -> int:
    """`days_counted` where the months and days of the month are known already."""
    if code in (_THIRTY, _THIRTY_E):
        start_day = min(start_day, 30)
        if code == _THIRTY_E or start_day == 30:
            end_day = min(end_day, 30)
        return 30 * (end_month - start_month) + end_day - start_day
    if code != _CN:
        return end - start
    months = end_month - start_month
    if start_day <= end_day:
        return 30 * months + end_day - start_day
    reached, _ = day_in(end_month, start_day)
    if reached > end:
        months -= 1
        reached, _ = day_in(end_month - 1, start_day)
    return 30 * months + end - reached
