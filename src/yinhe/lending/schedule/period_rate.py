"""Rates of a period from an annual rate, by the policies of a schedule: divided first, rounded at each step."""

import decimal
from datetime import date
from decimal import Decimal
from typing import Final, assert_never

from yinhe.lending.schedule.arithmetic import annuity
from yinhe.lending.schedule.due_dates import keep_to_seed, step
from yinhe.lending.schedule.instalment_terms import InstalmentTerms, InterestPeriod, RepaymentUnit
from yinhe.lending.schedule.policies import EXACT

YEAR_DAYS: Final = 365
"""What an actual year counts in the cumulative policy, leap years too."""
_YEAR_WEEKS: Final = 52
_YEAR_MONTHS: Final = 12
_MONTH_DAYS: Final = 30

_PART: Final = decimal.Context(prec=17, rounding=decimal.ROUND_HALF_EVEN)
"""The part of a period that is left after the whole ones."""


def periods_in_year(terms: InstalmentTerms) -> int:
    """How many days, or how many repayment units, a year has for interest of the cumulative policy."""
    if terms.interest_period is InterestPeriod.DAILY or terms.unit is RepaymentUnit.DAYS:
        return terms.year_days or YEAR_DAYS
    match terms.unit:
        case RepaymentUnit.WEEKS:
            return _YEAR_WEEKS
        case RepaymentUnit.MONTHS:
            return _YEAR_MONTHS
        case RepaymentUnit.YEARS:
            return 1
        case _:
            assert_never(terms.unit)


def periods_between(start: date, end: date, terms: InstalmentTerms) -> Decimal:
    """Repayment units from one day to another: the whole ones, and the days left over as part of the next one."""
    days = Decimal((end - start).days)
    match terms.unit:
        case RepaymentUnit.DAYS:
            return days
        case RepaymentUnit.WEEKS:
            whole = int(days / 7)
            after, following = step(start, whole, terms.unit), step(start, whole + 1, terms.unit)
        case RepaymentUnit.MONTHS:
            whole = _whole_months(start, end)
            after = keep_to_seed(step(start, whole, terms.unit), terms.seed, terms.unit)
            following = keep_to_seed(step(start, whole + 1, terms.unit), terms.seed, terms.unit)
        case RepaymentUnit.YEARS:
            whole = int(_whole_months(start, end) / _YEAR_MONTHS)
            after, following = step(start, whole, terms.unit), step(start, whole + 1, terms.unit)
        case _:
            assert_never(terms.unit)
    part = _PART.divide(Decimal((end - after).days), Decimal((following - after).days))
    return EXACT.add(Decimal(whole), part)


def _whole_months(start: date, end: date) -> int:
    """Full months by day of the month, none of them where the end has a lower day: 31 January to 29 February is 0."""
    if end < start:
        return -_whole_months(end, start)
    return 12 * (end.year - start.year) + end.month - start.month - (end.day < start.day)


def period_rate(terms: InstalmentTerms, start: date, end: date) -> Decimal:
    """The rate, as a fraction, of the days from `start` to `end` by the cumulative policy."""
    context = terms.rounding.context
    one = context.divide(terms.annual_rate, Decimal(periods_in_year(terms)))
    match terms.interest_period:
        case InterestPeriod.DAILY:
            return context.multiply(one, _counted_days(terms, start, end))
        case InterestPeriod.SAME_AS_REPAYMENT:
            periods = periods_between(start, end, terms) if terms.partial_periods else Decimal(terms.every)
            return EXACT.multiply(one, periods)
        case _:
            assert_never(terms.interest_period)


def _counted_days(terms: InstalmentTerms, start: date, end: date) -> Decimal:
    """The days of a period that bear interest, where it is computed by the day."""
    context = terms.rounding.context
    if terms.unit is RepaymentUnit.MONTHS and terms.month_days is not None:
        return context.multiply(periods_between(start, end, terms), Decimal(terms.month_days))
    if terms.unit is RepaymentUnit.YEARS and terms.year_days is not None:
        return context.multiply(periods_between(start, end, terms), Decimal(terms.year_days))
    return Decimal((end - start).days)


def instalment_rate(terms: InstalmentTerms) -> Decimal:
    """The rate, as a fraction, that equal instalments of the cumulative policy are found with.

    It is that of a usual period: months have 30 days in it and years 365.
    """
    context = terms.rounding.context
    one = context.divide(terms.annual_rate, Decimal(periods_in_year(terms)))
    every = Decimal(terms.every)
    if terms.interest_period is InterestPeriod.SAME_AS_REPAYMENT:
        return EXACT.multiply(one, every)
    match terms.unit:
        case RepaymentUnit.DAYS:
            days = every
        case RepaymentUnit.WEEKS:
            days = every * 7
        case RepaymentUnit.MONTHS:
            days = every * _MONTH_DAYS
        case RepaymentUnit.YEARS:
            days = every * YEAR_DAYS
        case _:
            assert_never(terms.unit)
    return context.multiply(one, days)


def term_rate(terms: InstalmentTerms, end: date) -> Decimal:
    """The rate, as a fraction, of the whole loan up to its last due date `end`; what flat interest is."""
    one = terms.rounding.context.divide(terms.annual_rate, Decimal(periods_in_year(terms)))
    match terms.interest_period:
        case InterestPeriod.DAILY:
            start = max(terms.disbursed, terms.interest_from or terms.disbursed)
            periods = Decimal((end - start).days)
        case InterestPeriod.SAME_AS_REPAYMENT:
            start = terms.interest_from or terms.disbursed
            periods = periods_between(start, end, terms) if terms.partial_periods else Decimal(terms.term)
        case _:
            assert_never(terms.interest_period)
    return EXACT.multiply(one, periods)


def equal_instalment(principal_minor: int, rate: Decimal, count: int) -> Decimal:
    """The annuity: what, paid `count` times, repays a principal at a rate a period; in minor units, not rounded."""
    nothing, one = Decimal(0), Decimal(1)
    with decimal.localcontext(EXACT):
        amount, _ = annuity(
            principal=Decimal(principal_minor),
            whole=nothing,
            remainder=nothing,
            balloon=nothing,
            rate=rate,
            ahead=one,
            stretches=[one] * count,
            first=0,
            last=count - 1,
            denominator=0,
            rule=0,
        )
    return amount
