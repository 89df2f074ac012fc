"""How a disclosure measures time between advances and payments: months counted back, unit-periods, and what is left.

Source: Regulation Z, 12 CFR 1026, Appendix J, (b)(3) to (b)(5). Months are equal, and counted date to date.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Final, NamedTuple, TypeAlias, assert_never

import msgspec

from yinhe.kernel.dates import end_of_month, months_and_days

_YEAR_DAYS: Final = 365
_YEAR_MONTHS: Final = 12
_YEAR_WEEKS: Final = 52


class Months(msgspec.Struct, frozen=True):
    """Some months, up to a year."""

    number: int


class Semimonth(msgspec.Struct, frozen=True):
    """Half a month, as between the 1st and the 16th."""


class Weeks(msgspec.Struct, frozen=True):
    """Some weeks, up to a year."""

    number: int


class Days(msgspec.Struct, frozen=True):
    """Some days that are no whole weeks or months."""

    number: int


UnitPeriod: TypeAlias = Months | Semimonth | Weeks | Days


class Measured(NamedTuple):
    """A time in unit-periods."""

    full: int
    fraction: Fraction


def per_year(unit: UnitPeriod) -> Fraction:
    """How many unit-periods a year has, (b)(5)."""
    match unit:
        case Months():
            return Fraction(_YEAR_MONTHS, unit.number)
        case Semimonth():
            return Fraction(2 * _YEAR_MONTHS)
        case Weeks():
            return Fraction(_YEAR_WEEKS, unit.number)
        case Days():
            return Fraction(_YEAR_DAYS, unit.number)
        case _:
            assert_never(unit)


def series_day(dates: Sequence[dt.date]) -> int:
    """The day of the month on which most of some payments fall: 31 of a series on the last days of months."""
    days = Counter(date.day for date in dates)
    return max(days, key=lambda day: (days[day], day), default=1)


def months_back(start: dt.date, end: dt.date, day: int) -> tuple[int, dt.date]:
    """Full months between two dates, counted back from the later, and the day they are counted back to.

    `day` is the day of the month of the series: where a month is too short for it, its last day stands for it.
    """
    months = (end.year - start.year) * _YEAR_MONTHS + end.month - start.month
    last = end_of_month(end).day
    counted = day if end.day == last and day > last else end.day
    at = _day_of(start.year, start.month, counted)
    if at < start:
        months -= 1
        at = _day_of(start.year + start.month // _YEAR_MONTHS, start.month % _YEAR_MONTHS + 1, counted)
    return months, at


def _day_of(year: int, month: int, day: int) -> dt.date:
    first = dt.date(year, month, 1)
    return first.replace(day=min(day, end_of_month(first).day))


def measured(start: dt.date, end: dt.date, unit: UnitPeriod, day: int) -> Measured:
    """The unit-periods between two dates, (b)(5): full ones counted back from the later, and a fraction."""
    days = (end - start).days
    match unit:
        case Months(number=1):
            months, at = months_back(start, end, day)
            return Measured(months, Fraction((at - start).days, 30))
        case Months(number=12):
            return _years(start, end, day)
        case Months():
            return _split(_days_of_30(start, end, day), 30 * unit.number)
        case Semimonth():
            return _split(_days_of_30(start, end, day), 15)
        case Weeks():
            return _split(days, 7 * unit.number)
        case Days():
            return _split(days, unit.number)
        case _:
            assert_never(unit)


def _years(start: dt.date, end: dt.date, day: int) -> Measured:
    months, at = months_back(start, end, day)
    if at == start:
        return _split(months, _YEAR_MONTHS)
    years = months // _YEAR_MONTHS
    last = end_of_month(end).day
    first = _day_of(end.year - years, end.month, day if end.day == last and day > last else end.day)
    return Measured(years, Fraction((first - start).days, _YEAR_DAYS))


def _days_of_30(start: dt.date, end: dt.date, day: int) -> int:
    months, at = months_back(start, end, day)
    return 30 * months + (at - start).days


def _split(total: int, size: int) -> Measured:
    full, rest = divmod(total, size)
    return Measured(full, Fraction(rest, size))


def unit_period_of(advances: Sequence[dt.date], payments: Sequence[dt.date]) -> UnitPeriod:
    """The unit-period of a transaction, (b)(4): the period that is found most often in it, the smaller of equals.

    With one advance and one payment it is the term, up to a year. Where no period is found twice, it is the standard
    interval nearest to the average. There is at least one of each, and every payment is after the first advance.
    """
    start = min(advances)
    if len(set(advances)) == 1 and len(set(payments)) == 1:
        return _term(start, payments[0])
    gaps = [*pairwise(sorted(set(advances))), *pairwise(sorted({start, *payments}))]
    found = Counter(unit for first, last in gaps for unit in _periods(first, last))
    common = {unit: many for unit, many in found.items() if many > 1}
    if common:
        # What is a month or some weeks is not called so many days.
        return max(common, key=lambda unit: (common[unit], not isinstance(unit, Days), -_length(unit)))
    average = Fraction(sum((last - first).days for first, last in gaps), len(gaps))
    return min(_standard_intervals(), key=lambda unit: (abs(_length(unit) - average), _length(unit)))


def _term(start: dt.date, end: dt.date) -> UnitPeriod:
    months, days = months_and_days(start, end)
    if months >= _YEAR_MONTHS:
        return Months(_YEAR_MONTHS)
    return Months(months) if not days else Days((end - start).days)


def _periods(first: dt.date, last: dt.date) -> Iterator[UnitPeriod]:
    """What the time between two dates may be called; nothing longer than a year."""
    days = (last - first).days
    months = (last.year - first.year) * _YEAR_MONTHS + last.month - first.month
    if 0 < months <= _YEAR_MONTHS and _same_day(first, last):
        yield Months(months)
    if 30 * months + min(last.day, 30) - min(first.day, 30) == 15:
        yield Semimonth()
    if days % 7 == 0 and days <= 7 * _YEAR_WEEKS:
        yield Weeks(days // 7)
    elif days <= _YEAR_DAYS:
        yield Days(days)


def _same_day(first: dt.date, last: dt.date) -> bool:
    """Whether two dates are the same day of their months, a last day standing for later ones."""
    first_is_last, last_is_last = first == end_of_month(first), last == end_of_month(last)
    return (
        first.day == last.day
        or (last_is_last and first.day > last.day)
        or (first_is_last and last.day > first.day)
    )  # fmt: skip


def _length(unit: UnitPeriod) -> Fraction:
    """In days."""
    return Fraction(_YEAR_DAYS) / per_year(unit)


def _standard_intervals() -> Iterable[UnitPeriod]:
    return (
        Days(1),
        Semimonth(),
        *(Weeks(number) for number in range(1, _YEAR_WEEKS + 1)),
        *(Months(number) for number in range(1, _YEAR_MONTHS + 1)),
    )
