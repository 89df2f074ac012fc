"""The year fractions of the standard's day counts, exactly."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Final

import numpy as np

from yinhe.kernel.calendar import Calendar, business_days_between
from yinhe.kernel.dates import date_from_days, month_and_day_many
from yinhe.kernel.daycount import DayCount, year_fraction
from yinhe.lending.actus.errors import TermRefused
from yinhe.lending.schedule.cycles import is_month_end
from yinhe.lending.schedule.engine import Years

_KERNEL: Final[Mapping[str, DayCount]] = MappingProxyType(
    {
        "AA": DayCount.ACT_ACT_ISDA,
        "A360": DayCount.ACT_360,
        "A365": DayCount.ACT_365F,
        "30E360": DayCount.THIRTY_E_360,
    }
)
"""Day counts of the standard that are the kernel's."""

_FEBRUARY: Final = 2


def years_by(name: str, maturity: int | None, calendar: Calendar) -> Years:
    """The day count of a name. Raises TermRefused for one the standard does not know.

    `maturity` is the last day of the contract, which 30E/360 ISDA treats apart; `calendar` has the days of BUS/252.
    """
    if name in _KERNEL:
        convention = _KERNEL[name]
        return _either_way(lambda start, end: year_fraction(convention, date_from_days(start), date_from_days(end)))
    match name:
        case "30E360ISDA":
            return _either_way(lambda start, end: Fraction(_thirty_isda(start, end, maturity), 360))
        case "28E336" | "28336":
            return _either_way(lambda start, end: Fraction(_twenty_eight(start, end), 336))
        case "A336":
            return _either_way(lambda start, end: Fraction(end - start, 336))
        case "B252":
            return _either_way(
                lambda start, end: Fraction(
                    business_days_between(calendar, date_from_days(start), date_from_days(end)), 252
                )
            )
        case _:
            raise TermRefused("dayCountConvention", f"{name!r} is not a day count of the standard")


def _either_way(years: Callable[[int, int], Fraction]) -> Years:
    return lambda start, end: years(start, end) if start <= end else -years(end, start)


def _split(day: int) -> tuple[int, int]:
    """Months since January 1970 and the day of the month from 1."""
    month, of_month = month_and_day_many(np.array([day], np.int32))
    return int(month[0]), int(of_month[0])


def _thirty_isda(start: int, end: int, maturity: int | None) -> int:
    """30E/360 of ISDA 2006, 4.16(h): the last day of a month is the 30th, but for the end of February at maturity."""
    (start_month, start_day), (end_month, end_day) = _split(start), _split(end)
    if is_month_end(start):
        start_day = 30
    at_end_of_february = end == maturity and end_month % 12 + 1 == _FEBRUARY
    if is_month_end(end) and not at_end_of_february:
        end_day = 30
    return 30 * (end_month - start_month) + end_day - start_day


def _twenty_eight(start: int, end: int) -> int:
    """Months of 28 days: every later day is taken as the 28th."""
    (start_month, start_day), (end_month, end_day) = _split(start), _split(end)
    return 28 * (end_month - start_month) + min(end_day, 28) - min(start_day, 28)
