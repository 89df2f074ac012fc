"""The due dates of a loan, and the bounds its terms and events must keep; refusals name the term."""

from collections.abc import Iterable
from datetime import date
from typing import Final

import msgspec
import numpy as np

from yinhe.kernel.calendar import YEAR_MAX
from yinhe.kernel.dates import Int32Column, date_from_days, days_from_date
from yinhe.kernel.errors import OutOfRangeError
from yinhe.kernel.rates import RATE_MAX
from yinhe.lending.schedule.cycles import CYCLE_DATES_MAX, Cycle, cycle_dates, dates_from
from yinhe.lending.schedule.engine import PRINCIPAL_MAX
from yinhe.lending.schedule.loan_terms import (
    Draw,
    Extension,
    InstalmentChange,
    LoanEvent,
    LoanTerms,
    Prepayment,
    RateChange,
    Repayment,
)
from yinhe.lending.schedule.refusals import ScheduleRefusal, ScheduleRefused

LAST_DAY: Final = days_from_date(date(YEAR_MAX, 12, 31))
"""The last day a loan may be due."""


class DueDates(msgspec.Struct, frozen=True, eq=False):
    """The due dates of a loan, days since 1970-01-01, unshifted."""

    lists: tuple[Int32Column, ...]
    """As agreed, and after each extension."""
    from_day: tuple[int, ...]
    """From when each list holds."""

    @property
    def all(self) -> Int32Column:
        """The due dates as they stand after all extensions."""
        return self.lists[-1]

    def at(self, day: int) -> int:
        """Which list holds on a day."""
        return sum(day >= start for start in self.from_day[1:])


def due_dates(terms: LoanTerms, events: Iterable[LoanEvent]) -> DueDates | ScheduleRefused:
    """The due dates of a loan; extensions are taken in the order of their days."""
    first = _agreed(terms)
    if isinstance(first, ScheduleRefused):
        return first
    if int(first[-1]) > LAST_DAY:
        return ScheduleRefused(ScheduleRefusal.MATURITY_TOO_LATE, "instalments")
    lists, from_day = [first], [days_from_date(terms.disbursed)]
    anchor = days_from_date(terms.first_due or terms.disbursed)
    extensions = [event for event in events if isinstance(event, Extension)]
    for extension in sorted(extensions, key=lambda one: one.day):
        before, day = lists[-1], days_from_date(extension.day)
        if extension.instalments < 1:
            return ScheduleRefused(ScheduleRefusal.NO_INSTALMENT_LEFT, "instalments", extension.day)
        if extension.instalments > CYCLE_DATES_MAX:
            return ScheduleRefused(ScheduleRefusal.TOO_MANY_INSTALMENTS, "instalments", extension.day)
        passed = 0
        if extension.first_due is not None:
            anchor = days_from_date(extension.first_due)
            if anchor <= day:
                return ScheduleRefused(ScheduleRefusal.FIRST_DUE_TOO_EARLY, "first_due", extension.day)
        elif anchor <= day:
            cycle, end_of_month = Cycle(terms.cycle.months, terms.cycle.days), terms.dates.end_of_month
            passed = len(cycle_dates(anchor, cycle, day + 1, end_of_month=end_of_month, with_end=False))
        rest = dates_from(anchor, terms.cycle, passed, extension.instalments, end_of_month=terms.dates.end_of_month)
        if int(rest[-1]) > LAST_DAY:
            return ScheduleRefused(ScheduleRefusal.MATURITY_TOO_LATE, "instalments", extension.day)
        if terms.repayment is Repayment.ALL_AT_END:
            rest = rest[-1:]
        lists.append(np.concatenate((before[before <= day], rest)).astype(np.int32))
        from_day.append(day)
    return DueDates(tuple(lists), tuple(from_day))


def _anchor(terms: LoanTerms) -> tuple[int, int]:
    """The day due dates are stepped from, and how many cycles after it the first one is."""
    if terms.first_due is not None:
        return days_from_date(terms.first_due), 0
    return days_from_date(terms.disbursed), 1


def _agreed(terms: LoanTerms) -> Int32Column | ScheduleRefused:
    disbursed = days_from_date(terms.disbursed)
    maturity = None if terms.maturity is None else days_from_date(terms.maturity)
    if maturity is not None and maturity <= disbursed:
        return ScheduleRefused(ScheduleRefusal.MATURITY_TOO_EARLY, "maturity")
    if terms.first_due is not None and terms.first_due <= terms.disbursed:
        return ScheduleRefused(ScheduleRefusal.FIRST_DUE_TOO_EARLY, "first_due")
    if maturity is not None and maturity > LAST_DAY:
        return ScheduleRefused(ScheduleRefusal.MATURITY_TOO_LATE, "maturity")
    anchor, skipped = _anchor(terms)
    count, end_of_month = terms.instalments, terms.dates.end_of_month
    if count is not None and count < 1:
        return ScheduleRefused(ScheduleRefusal.NO_INSTALMENT_LEFT, "instalments")
    if count is not None and count > CYCLE_DATES_MAX:
        return ScheduleRefused(ScheduleRefusal.TOO_MANY_INSTALMENTS, "instalments")
    if maturity is None:
        if count is None:
            return ScheduleRefused(ScheduleRefusal.TERM_MISSING, "maturity")
        dates = dates_from(anchor, terms.cycle, skipped, count, end_of_month=end_of_month)
        return dates[-1:] if terms.repayment is Repayment.ALL_AT_END else dates
    if terms.repayment is Repayment.ALL_AT_END:
        return np.array([maturity], np.int32)
    if count is None:
        try:
            return cycle_dates(anchor, terms.cycle, maturity, end_of_month=end_of_month)[skipped:]
        except OutOfRangeError:
            return ScheduleRefused(ScheduleRefusal.TOO_MANY_INSTALMENTS, "cycle")
    dates = dates_from(anchor, terms.cycle, skipped, count, end_of_month=end_of_month)
    dates[-1] = maturity
    if count > 1 and dates[-2] >= maturity:
        return ScheduleRefused(ScheduleRefusal.MATURITY_TOO_EARLY, "maturity")
    return dates


def terms_refused(terms: LoanTerms, due: DueDates) -> ScheduleRefused | None:
    """The first term that cannot be, None if all can."""
    amounts = {
        "principal_minor": terms.principal_minor,
        "balloon_minor": terms.balloon_minor,
        "down_payment_minor": terms.down_payment_minor,
        "instalment_minor": terms.instalment_minor or 0,
        "fee_minor": terms.fee_minor,
        "grace_principal": terms.grace_principal,
        "grace_interest": terms.grace_interest,
    }
    for term, amount in amounts.items():
        if amount < 0:
            return ScheduleRefused(ScheduleRefusal.TERM_NEGATIVE, term)
        if amount > PRINCIPAL_MAX:
            return ScheduleRefused(ScheduleRefusal.AMOUNT_TOO_LARGE, term)
    for rate in (terms.rate, *(step.rate for step in terms.rate_steps)):
        if not -RATE_MAX <= rate <= RATE_MAX:
            return ScheduleRefused(ScheduleRefusal.RATE_OUT_OF_RANGE, "rate")
    if terms.balloon_minor > terms.principal_minor:
        return ScheduleRefused(ScheduleRefusal.BALLOON_TOO_LARGE, "balloon_minor")
    if terms.down_payment_minor > terms.principal_minor:
        return ScheduleRefused(ScheduleRefusal.DOWN_PAYMENT_TOO_LARGE, "down_payment_minor")
    fewest = min(len(one) for one in due.lists)
    if terms.grace_principal >= fewest:
        return ScheduleRefused(ScheduleRefusal.GRACE_TOO_LONG, "grace_principal")
    if terms.grace_interest >= fewest:
        return ScheduleRefused(ScheduleRefusal.GRACE_TOO_LONG, "grace_interest")
    equal = terms.repayment is Repayment.EQUAL_INSTALMENTS
    if equal and terms.grace_interest > terms.grace_principal:
        return ScheduleRefused(ScheduleRefusal.GRACE_UNEVEN, "grace_interest")
    return _dated_refused(terms, due)


def _dated_refused(terms: LoanTerms, due: DueDates) -> ScheduleRefused | None:
    end = date_from_days(int(due.all[-1]))
    dated = [("rate_steps", step.day) for step in terms.rate_steps] + [("plan", one.day) for one in terms.plan]
    for term, day in dated:
        if day < terms.disbursed:
            return ScheduleRefused(ScheduleRefusal.EVENT_TOO_EARLY, term, day)
        if day > end:
            return ScheduleRefused(ScheduleRefusal.EVENT_TOO_LATE, term, day)
    if any(one.amount_minor < 0 for one in terms.plan):
        return ScheduleRefused(ScheduleRefusal.TERM_NEGATIVE, "plan")
    if terms.principal_minor and sum(one.amount_minor for one in terms.plan) > terms.principal_minor:
        return ScheduleRefused(ScheduleRefusal.PLAN_TOO_LARGE, "plan")
    if terms.interest_from is not None and not terms.disbursed <= terms.interest_from <= end:
        return ScheduleRefused(ScheduleRefusal.EVENT_TOO_EARLY, "interest_from", terms.interest_from)
    return None


def events_refused(terms: LoanTerms, due: DueDates, events: Iterable[LoanEvent]) -> ScheduleRefused | None:
    """The first event that cannot be, None if all can."""
    end = date_from_days(int(due.all[-1]))
    drawn = 0
    for event in events:
        name = type(event).__name__.lower()
        if event.day < terms.disbursed:
            return ScheduleRefused(ScheduleRefusal.EVENT_TOO_EARLY, name, event.day)
        if event.day > end:
            return ScheduleRefused(ScheduleRefusal.EVENT_TOO_LATE, name, event.day)
        match event:
            case Draw() | InstalmentChange():
                if event.amount_minor < 0:
                    return ScheduleRefused(ScheduleRefusal.TERM_NEGATIVE, name, event.day)
                drawn += event.amount_minor if isinstance(event, Draw) else 0
            case Prepayment():
                if (event.amount_minor or 0) < 0 or event.penalty_minor < 0:
                    return ScheduleRefused(ScheduleRefusal.TERM_NEGATIVE, name, event.day)
            case RateChange():
                if not -RATE_MAX <= event.rate <= RATE_MAX:
                    return ScheduleRefused(ScheduleRefusal.RATE_OUT_OF_RANGE, name, event.day)
            case _:
                pass
    if terms.principal_minor + drawn == 0:
        return ScheduleRefused(ScheduleRefusal.PRINCIPAL_NOT_POSITIVE, "principal_minor")
    if terms.principal_minor + drawn > PRINCIPAL_MAX:
        return ScheduleRefused(ScheduleRefusal.AMOUNT_TOO_LARGE, "principal_minor")
    return None
