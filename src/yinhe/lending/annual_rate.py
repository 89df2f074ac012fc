"""The annual percentage rate of a loan, from what is advanced and what is paid for it, by date.

By the equation of the European directives (2008/48/EC and 2014/17/EU, Annex I of each), by that of the United States
(Regulation Z, 12 CFR 1026, Appendix J, actuarial method), and as the internal rate of return by days, compounded, one
of the ways to tell the yearly rate of a loan in China (年化利率, People's Bank of China, announcement 2021 No. 3).

What is printed is certified: the rate is compared with the boundaries between two printed figures, in 60 digits;
whatever is nearer to a boundary than 1 part in 10^40 is on it, and rounded up.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Context, Decimal
from enum import Enum, unique
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import Final, TypeAlias, assert_never

import msgspec

from yinhe.kernel.dates import add_months
from yinhe.lending.unit_periods import UnitPeriod, measured, months_back, per_year, series_day, unit_period_of

PERCENT_MAX: Final = 1_000_000
"""No rate above so many percent a year is looked for."""
_ARITHMETIC: Final = Context(prec=60)
_ONE: Final = Decimal(1)
_NOTHING: Final = Decimal(10) ** -40
"""Present values of a minor unit that differ by less are the same."""


class Flow(msgspec.Struct, frozen=True):
    """An amount that changes hands on a day."""

    date: dt.date
    amount_minor: int
    """Above zero."""


@unique
class NoRate(Enum):
    """Why there is no rate; a member is declared as (English, Chinese)."""

    english: str
    chinese: str

    def __init__(self, english: str, chinese: str) -> None:
        self.english = english
        self.chinese = chinese

    AMOUNT_NOT_POSITIVE = "an amount is not more than zero", "金额须大于零"
    NOTHING_ADVANCED = "nothing is advanced", "没有放款"
    PAID_BEFORE = "something is paid before the first advance", "首次放款之前有还款"
    PAID_LESS = "less is paid than was advanced", "还款合计少于放款合计"
    SEVERAL = (
        "more was paid than advanced at some time, so that there may be several rates",
        "期间还款多于放款，利率可能不唯一",
    )
    TOO_HIGH = f"the rate is above {PERCENT_MAX:,} % a year", f"年化利率超过{PERCENT_MAX:,}%"


@unique
class Interval(Enum):
    """In what the European equation counts time before odd days: as the payments follow one another."""

    YEAR = "year"
    MONTH = "month"
    """A twelfth of a year."""
    WEEK = "week"
    """One of 52 of a year."""


_Discount: TypeAlias = Callable[[dt.date], Callable[[Decimal], Decimal]]
"""Of a date: what an amount on it is worth at the first advance, by the yearly rate (as a fraction)."""


def european_rate(
    advances: Sequence[Flow], payments: Sequence[Flow], interval: Interval = Interval.MONTH, places: int = 1
) -> Decimal | NoRate:
    """The annual percentage rate of charge by Annex I, in percent with `places` decimals, rounded half up.

    The X at which the advances C at times t and the payments D at times s are worth the same: sum C (1 + X)^-t =
    sum D (1 + X)^-s, the times in years since the first advance (`years_between`). The payments are all that the credit
    costs: principal, interest and charges. Remark (d): at least one decimal, a 5 after it rounded up.
    """
    start = min((flow.date for flow in advances), default=dt.date.max)
    day = series_day([flow.date for flow in payments])
    return _solved(
        advances, payments, lambda date: _compound(years_between(start, date, interval, day)), places
    )  # fmt: skip


def united_states_rate(
    advances: Sequence[Flow], payments: Sequence[Flow], unit: UnitPeriod | None = None, places: int = 2
) -> Decimal | NoRate:
    """The annual percentage rate by Appendix J, (b)(8), in percent with `places` decimals, rounded half up.

    The rate i of a unit-period, times the unit-periods of a year, at which sum A / ((1 + e i)(1 + i)^q) =
    sum P / ((1 + f i)(1 + i)^t), where an advance A is q and e, a payment P is t and f unit-periods and a fraction of
    one after the first advance. The unit-period follows from the dates where none is given.
    """
    days = [flow.date for flow in advances], [flow.date for flow in payments]
    wrong = _refused(advances, payments)
    if wrong is not None:
        return wrong
    chosen, start, day = unit or unit_period_of(*days), min(days[0]), series_day(days[1])
    yearly = per_year(chosen)

    def discount(date: dt.date) -> Callable[[Decimal], Decimal]:
        full, fraction = measured(start, date, chosen, day)
        part = _decimal(fraction)

        def worth(rate: Decimal) -> Decimal:
            period = _ARITHMETIC.divide(_ARITHMETIC.multiply(rate, Decimal(yearly.denominator)), yearly.numerator)
            simple = _ARITHMETIC.add(_ONE, _ARITHMETIC.multiply(part, period))
            grown = _ARITHMETIC.power(_ARITHMETIC.add(_ONE, period), full)
            return _ARITHMETIC.divide(_ONE, _ARITHMETIC.multiply(simple, grown))

        return worth

    return _solved(advances, payments, discount, places)


def internal_rate(advances: Sequence[Flow], payments: Sequence[Flow], places: int = 2) -> Decimal | NoRate:
    """The internal rate of return by days of a year of 365, compounded, in percent, rounded half up."""
    start = min((flow.date for flow in advances), default=dt.date.max)
    return _solved(advances, payments, lambda date: _compound(Fraction((date - start).days, 365)), places)


def years_between(start: dt.date, end: dt.date, interval: Interval, day: int = 0) -> Fraction:
    """The time between two dates in years, by remark (c) of Annex I and the Commission's guidelines on it.

    Whole years, equal months or weeks are counted back from the later date; the days that remain are 365ths of a year,
    or 366ths where the year that ends after them has a 29 February (SWD(2012) 128, section 4.1.1). `day` is the day of
    the month on which a series of payments falls, as the 31st of one on the last days of months.
    """
    match interval:
        case Interval.YEAR | Interval.MONTH:
            months, at = months_back(start, end, day)
            if interval is Interval.YEAR:
                months -= months % 12
                at = add_months(end, -months)
            whole = Fraction(months, 12)
        case Interval.WEEK:
            weeks = (end - start).days // 7
            whole, at = Fraction(weeks, 52), end - dt.timedelta(7 * weeks)
        case _:
            assert_never(interval)
    return whole + Fraction((at - start).days, (at - add_months(at, -12)).days)


def _decimal(value: Fraction) -> Decimal:
    return _ARITHMETIC.divide(Decimal(value.numerator), Decimal(value.denominator))


def _compound(years: Fraction) -> Callable[[Decimal], Decimal]:
    exponent = _decimal(-years)
    return lambda rate: _ARITHMETIC.power(_ARITHMETIC.add(_ONE, rate), exponent)


def _refused(advances: Sequence[Flow], payments: Sequence[Flow]) -> NoRate | None:
    """Why there is no one rate of zero or above.

    What was advanced and not paid changes its sign once, so that there is exactly one (Norstrøm's criterion).
    """
    if not advances:
        return NoRate.NOTHING_ADVANCED
    if any(flow.amount_minor <= 0 for flow in (*advances, *payments)):
        return NoRate.AMOUNT_NOT_POSITIVE
    if sum(flow.amount_minor for flow in payments) < sum(flow.amount_minor for flow in advances):
        return NoRate.PAID_LESS
    if min(flow.date for flow in payments) < min(flow.date for flow in advances):
        return NoRate.PAID_BEFORE
    moves = sorted(
        [(flow.date, flow.amount_minor) for flow in advances] + [(flow.date, -flow.amount_minor) for flow in payments],
        key=lambda move: (move[0], -move[1]),
    )
    owes = [owed > 0 for owed in accumulate(amount for _, amount in moves) if owed]
    return NoRate.SEVERAL if (False, True) in pairwise(owes) else None


def _solved(
    advances: Sequence[Flow], payments: Sequence[Flow], discount: _Discount, places: int
) -> Decimal | NoRate:  # fmt: skip
    """The rate in percent with some decimals: the last figure whose lower boundary the rate reaches."""
    wrong = _refused(advances, payments)
    if wrong is not None:
        return wrong
    net: Counter[dt.date] = Counter()
    for flow in advances:
        net[flow.date] += flow.amount_minor
    for flow in payments:
        net[flow.date] -= flow.amount_minor
    terms = [(Decimal(amount), discount(date)) for date, amount in sorted(net.items())]
    scale = Decimal(10) ** (places + 2)

    def reaches(figure: int) -> bool:
        """Whether the rate is at least half a unit below a figure: at that rate no more is advanced than paid."""
        rate = _ARITHMETIC.divide(Decimal(2 * figure - 1) / 2, scale)
        worth = Decimal(0)
        for amount, of_rate in terms:
            worth = _ARITHMETIC.fma(amount, of_rate(rate), worth)
        return worth <= _NOTHING

    most = PERCENT_MAX * 10**places
    high = 1
    while reaches(high):
        if high > most:
            return NoRate.TOO_HIGH
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if reaches(middle) else (low, middle)
    return Decimal(low).scaleb(-places)
