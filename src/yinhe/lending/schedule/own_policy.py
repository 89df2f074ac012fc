"""The bank's own policy for terms of instalments: the same loan told to the engine in the bank's words.

So one set of terms can be laid out under every policy and the rows be set beside each other.
"""

from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Final, NoReturn

from yinhe.kernel.dates import date_from_days
from yinhe.kernel.daycount import DayCount
from yinhe.kernel.errors import OutOfRangeError
from yinhe.kernel.rates import RATE_ONE
from yinhe.lending.schedule.cumulative import down_payment_minor
from yinhe.lending.schedule.cycles import Cycle
from yinhe.lending.schedule.instalment_terms import (
    Amortisation,
    Disbursement,
    InstalmentRow,
    InstalmentTerms,
    InterestMethod,
    InterestPeriod,
    RepaymentUnit,
    Span,
)
from yinhe.lending.schedule.loan import schedule
from yinhe.lending.schedule.loan_terms import Draw, InterestGrace, LoanTerms, Repayment
from yinhe.lending.schedule.records import Conventions
from yinhe.lending.schedule.refusals import ScheduleRefused

_CYCLES: Final = {
    RepaymentUnit.DAYS: Cycle(days=1),
    RepaymentUnit.WEEKS: Cycle(days=7),
    RepaymentUnit.MONTHS: Cycle(months=1),
    RepaymentUnit.YEARS: Cycle(months=12),
}
_DAY_COUNTS: Final[Mapping[tuple[int | None, int | None], DayCount]] = {
    (360, 30): DayCount.THIRTY_E_360,
    (360, None): DayCount.ACT_360,
    (365, None): DayCount.ACT_365F,
}
_REPAYMENTS: Final = {
    Amortisation.EQUAL_INSTALMENTS: Repayment.EQUAL_INSTALMENTS,
    Amortisation.EQUAL_PRINCIPAL: Repayment.EQUAL_PRINCIPAL,
}


def own_rows(terms: InstalmentTerms, disbursements: tuple[Disbursement, ...]) -> tuple[InstalmentRow, ...]:
    """The rows of a schedule by the bank's own policy, the down payment among them, in order.

    `disbursements` are in the order of their dates; the first one starts the loan. Raises `OutOfRangeError`, naming
    the term, for one the bank's own policy has no meaning for, and for terms the engine refuses.
    """
    first, *later = disbursements
    draws = [Draw(day=one.date, amount_minor=one.amount_minor) for one in later]
    found = schedule(_loan_terms(terms, first), draws)
    if isinstance(found, ScheduleRefused):
        raise OutOfRangeError(found.english)
    table = found.table
    days = [terms.disbursed, *(date_from_days(int(day)) for day in table.day)]
    return tuple(
        InstalmentRow(
            span=Span(start, due),
            principal_minor=int(table.principal[at]),
            interest_minor=int(table.interest[at]),
            down_payment=int(table.number[at]) == 0,
            owed_minor=int(table.balance[at]),
        )
        for at, (start, due) in enumerate(pairwise(days))
    )


def _loan_terms(terms: InstalmentTerms, first: Disbursement) -> LoanTerms:
    """The terms in the bank's words."""
    _require_known(terms)
    one, grace = _CYCLES[terms.unit], terms.grace
    waived = grace.interest_charged > 0
    return LoanTerms(
        principal_minor=first.amount_minor,
        rate=_rate(terms.annual_rate),
        disbursed=first.date,
        instalments=terms.count,
        first_due=terms.first_due,
        cycle=Cycle(months=one.months * terms.every, days=one.days * terms.every),
        repayment=_REPAYMENTS[terms.amortisation],
        instalment_minor=terms.fixed_instalment_minor,
        down_payment_minor=down_payment_minor(terms, first.amount_minor),
        grace_principal=grace.principal,
        grace_interest=grace.interest_charged if waived else grace.interest_payment,
        interest_in_grace=InterestGrace.WAIVED if waived else InterestGrace.DEFERRED,
        interest_from=terms.interest_from,
        conventions=Conventions(day_count=_day_count(terms), rounding=terms.rounding.mode),
    )


def _require_known(terms: InstalmentTerms) -> None:
    """Refuse terms that only the other policies have."""
    if terms.rounding.instalment_multiple is not None:
        _refuse("rounding.instalment_multiple")
    if terms.interest_method is InterestMethod.FLAT:
        _refuse("interest_method")
    if terms.spans:
        _refuse("spans")
    if terms.fixed_length is not None:
        _refuse("fixed_length")
    if terms.start != terms.disbursed:
        _refuse("start")
    if terms.grace.interest_payment and terms.grace.interest_charged:
        _refuse("grace")


def _refuse(term: str) -> NoReturn:
    raise OutOfRangeError(f"{term} has no meaning in the bank's own policy")


def _rate(annual_rate: Decimal) -> int:
    """The rate in units of 1e-8."""
    units = annual_rate * RATE_ONE
    if units != int(units):
        _refuse("annual_rate, with more than eight decimals,")
    return int(units)


def _day_count(terms: InstalmentTerms) -> DayCount:
    """The day count: months of 30 days where interest goes by the month."""
    if terms.interest_period is InterestPeriod.SAME_AS_REPAYMENT:
        if terms.unit in (RepaymentUnit.MONTHS, RepaymentUnit.YEARS):
            return DayCount.THIRTY_E_360
        return DayCount.ACT_365F
    day_count = _DAY_COUNTS.get((terms.year_days, terms.month_days))
    if day_count is None:
        _refuse("year_days and month_days")
    return day_count
