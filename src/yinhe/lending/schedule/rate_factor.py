"""Rate factors of the progressive policy: annual rate × the unit in years × the part of the period."""

import calendar
from datetime import date
from decimal import Decimal
from typing import Final, assert_never

from yinhe.kernel.errors import OutOfRangeError
from yinhe.lending.schedule.instalment_terms import InstalmentTerms, RepaymentUnit, Span
from yinhe.lending.schedule.policies import EXACT

_WEEK_DAYS: Final = 7


def rate_factor(terms: InstalmentTerms, part: Span, period: Span) -> Decimal:
    """The rate, as a fraction, of part of a period, each step rounded to the digits of the policy.

    The month and the year that count are those of the part's first day. Raises `OutOfRangeError` for instalments
    counted in years, which the policy does not know.
    """
    context = terms.rounding.context
    if terms.year_days is None and part.due.year > part.start.year:
        return context.multiply(terms.annual_rate, EXACT.multiply(Decimal(terms.every), _years(terms, part)))
    year = terms.year_days or _days_of_year(part.start.year)
    share = context.divide(
        context.multiply(Decimal(_unit_days(terms, part.start)), Decimal(terms.every)), Decimal(year)
    )
    rate = context.multiply(terms.annual_rate, share)
    days, of_period = (part.due - part.start).days, (period.due - period.start).days
    return context.divide(context.multiply(rate, Decimal(days)), Decimal(of_period))


def _unit_days(terms: InstalmentTerms, day: date) -> int:
    """Days a repayment unit counts."""
    match terms.unit:
        case RepaymentUnit.DAYS:
            return 1
        case RepaymentUnit.WEEKS:
            return _WEEK_DAYS
        case RepaymentUnit.MONTHS:
            return terms.month_days or calendar.monthrange(day.year, day.month)[1]
        case RepaymentUnit.YEARS:
            raise OutOfRangeError("The progressive policy has no instalments counted in years")
        case _:
            assert_never(terms.unit)


def _years(terms: InstalmentTerms, part: Span) -> Decimal:
    """The part in years where it goes over a year's end: its days of each year by the days that year has."""
    context = terms.rounding.context
    share, day = Decimal(0), part.start
    for year in range(part.start.year, part.due.year + 1):
        end = part.due if year == part.due.year else date(year, 12, 31)
        share = context.add(share, context.divide(Decimal((end - day).days), Decimal(_days_of_year(year))))
        day = end
    return share


def _days_of_year(year: int) -> int:
    return 366 if calendar.isleap(year) else 365
