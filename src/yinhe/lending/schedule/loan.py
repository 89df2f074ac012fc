"""The schedule of a loan: its terms and what happened to it become events, the machine walks them.

Every way of repayment is another list of events for the same machine; see `docs/explanation/loan-schedules.md`.
"""

from collections.abc import Iterable
from typing import assert_never

import msgspec
import numpy as np

from yinhe.kernel.dates import Int32Column, column_of, days_from_date
from yinhe.lending.schedule.cycles import calculated, shifted
from yinhe.lending.schedule.engine import run_money
from yinhe.lending.schedule.kinds import Column, EventKind, Fixing
from yinhe.lending.schedule.loan_terms import (
    Capitalisation,
    Draw,
    Extension,
    InstalmentChange,
    InterestGrace,
    LoanEvent,
    LoanTerms,
    Observation,
    Prepayment,
    PrepaymentEffect,
    RateChange,
    Repayment,
)
from yinhe.lending.schedule.plan import DueDates, due_dates, events_refused, terms_refused
from yinhe.lending.schedule.records import EventColumns, InstalmentTable, Opening, Part, Rows, part, together
from yinhe.lending.schedule.refusals import ScheduleRefused
from yinhe.lending.schedule.table import instalment_table


class LoanSchedule(msgspec.Struct, frozen=True, eq=False):
    """A loan from the first day to the last."""

    rows: Rows
    """Every event, in order; those after the end of what is owed pay nothing."""
    table: InstalmentTable
    """What is due when."""


def schedule(
    terms: LoanTerms, events: Iterable[LoanEvent] = (), *, plain: bool = False
) -> LoanSchedule | ScheduleRefused:
    """The schedule of a loan with all that happened to it, in any order: an event inserted late gives the same.

    Pure. `plain` runs the machine as Python with integers without bounds, and gives the same. The last instalment of
    equal instalments takes what rounding left: with n instalments and i the largest interest of a period it differs
    from the others by at most ((1 + i)^n - 1) / i minor units.
    """
    happened = tuple(events)
    due = due_dates(terms, happened)
    if isinstance(due, ScheduleRefused):
        return due
    refused = terms_refused(terms, due) or events_refused(terms, due, happened)
    if refused is not None:
        return refused
    columns, lists = loan_events(terms, happened, due)
    rows = run_money(columns, terms.conventions, Opening(), lists, plain=plain)
    if isinstance(rows, ScheduleRefused):
        return rows
    return LoanSchedule(rows, instalment_table(rows, shifted(due.all, terms.dates)))


def loan_events(
    terms: LoanTerms, happened: tuple[LoanEvent, ...], due: DueDates
) -> tuple[EventColumns, tuple[Int32Column, ...]]:
    """The events of a loan in columns, and the lists of dates its instalments are found for."""
    days, counted = shifted(due.all, terms.dates), calculated(due.all, terms.dates)
    parts = _beginning(terms, happened, due)
    parts += _principal_due(terms, days, counted)
    parts += _interest_due(terms, days, counted)
    if terms.fee_minor:
        numbers = np.arange(1, len(days) + 1, dtype=np.int32)
        parts.append(part(EventKind.FEE, days, counted, due=numbers, columns={Column.AMOUNT: terms.fee_minor}))
    for step in terms.rate_steps:
        parts += _rate(terms, due, days_from_date(step.day), step.rate, refit=True)
    # An instalment agreed on a day stands over one found on it.
    for event in sorted(happened, key=lambda one: isinstance(one, InstalmentChange)):
        parts += _beside_the_plan(terms, due, event)
    lists = tuple(calculated(one, terms.dates)[terms.grace_principal :] for one in due.lists)
    return together(parts), lists


def _beginning(terms: LoanTerms, happened: tuple[LoanEvent, ...], due: DueDates) -> list[Part]:
    """The disbursement, the down payment, and the first fixing of the instalment."""
    disbursed = column_of(terms.disbursed)
    counted = disbursed if terms.interest_from is None else column_of(terms.interest_from)
    waived = _waived_until(terms, due)
    paid_out = {
        Column.AMOUNT: terms.principal_minor,
        Column.BASE: terms.principal_minor,
        Column.RATE: terms.rate if waived is None else 0,
        Column.FLAG: 1,
    }
    parts = [part(EventKind.DISBURSEMENT, disbursed, counted, columns=paid_out)]
    if waived is not None:
        rate = _agreed_rate(terms, happened, waived)
        parts.append(part(EventKind.RATE, np.array([waived], np.int32), columns={Column.RATE: rate}))
    if terms.down_payment_minor:
        down = {Column.AMOUNT: terms.down_payment_minor, Column.FLAG: 1}
        parts.append(part(EventKind.REDEMPTION, disbursed, due=0, columns=down))
    if terms.repayment in (Repayment.EQUAL_INSTALMENTS, Repayment.EQUAL_PRINCIPAL):
        if terms.instalment_minor is not None:
            given = {Column.FLAG: int(Fixing.GIVEN), Column.AMOUNT: terms.instalment_minor}
            parts.append(part(EventKind.INSTALMENT_FIXING, disbursed, columns=given))
        else:
            parts.append(_fixing(terms, _first_fixing(terms, due), 0))
    return parts


def _waived_until(terms: LoanTerms, due: DueDates) -> int | None:
    """The day up to which interest is waived, None if it is not."""
    if not terms.grace_interest or terms.interest_in_grace is not InterestGrace.WAIVED:
        return None
    return int(calculated(due.all[terms.grace_interest - 1 : terms.grace_interest], terms.dates)[0])


def _agreed_rate(terms: LoanTerms, happened: tuple[LoanEvent, ...], before: int) -> int:
    """The rate agreed for the time from a day on, by all that was agreed before it."""
    changes = [(days_from_date(step.day), step.rate) for step in terms.rate_steps]
    changes += [(days_from_date(event.day), event.rate) for event in happened if isinstance(event, RateChange)]
    earlier = sorted((one for one in changes if one[0] < before), key=lambda one: one[0])
    return earlier[-1][1] if earlier else terms.rate


def _first_fixing(terms: LoanTerms, due: DueDates) -> Int32Column:
    """The day the instalment is first found: the disbursement, or the last due date without principal."""
    if terms.grace_principal:
        return calculated(due.lists[0][terms.grace_principal - 1 : terms.grace_principal], terms.dates)
    return column_of(terms.disbursed)


def _fixing(terms: LoanTerms, day: Int32Column, which: int) -> Part:
    equal = terms.repayment is Repayment.EQUAL_INSTALMENTS
    how = {Column.FLAG: int(Fixing.ANNUITY if equal else Fixing.LINEAR), Column.AMOUNT: terms.balloon_minor}
    return part(EventKind.INSTALMENT_FIXING, day, fixing=which, columns=how)


def _principal_due(terms: LoanTerms, days: Int32Column, counted: Int32Column) -> list[Part]:
    """The principal of each instalment, and what is left at the end."""
    count, grace = len(days), terms.grace_principal
    numbers = np.arange(grace + 1, count, dtype=np.int32)
    last = part(EventKind.MATURITY, days[-1:], counted[-1:], due=count)
    match terms.repayment:
        case Repayment.EQUAL_INSTALMENTS:
            return [part(EventKind.INSTALMENT, days[grace:-1], counted[grace:-1], due=numbers), last]
        case Repayment.EQUAL_PRINCIPAL:
            return [part(EventKind.REDEMPTION, days[grace:-1], counted[grace:-1], due=numbers), last]
        case Repayment.AT_MATURITY | Repayment.ALL_AT_END:
            return [last]
        case Repayment.BY_PLAN:
            planned = np.array([days_from_date(one.day) for one in terms.plan], np.int32)
            amounts = np.array([one.amount_minor for one in terms.plan], np.int64)
            number = np.searchsorted(days, planned).astype(np.int32) + 1
            how = {Column.AMOUNT: amounts, Column.FLAG: 1}
            return [part(EventKind.REDEMPTION, planned, due=number, columns=how), last]
        case _:
            assert_never(terms.repayment)


def _interest_due(terms: LoanTerms, days: Int32Column, counted: Int32Column) -> list[Part]:
    """The interest of each instalment, with its grace."""
    grace = terms.grace_interest
    numbers = np.arange(grace + 1, len(days) + 1, dtype=np.int32)
    parts = [part(EventKind.INTEREST, days[grace:], counted[grace:], due=numbers)]
    if grace and terms.interest_in_grace is InterestGrace.CAPITALISED:
        parts.append(part(EventKind.CAPITALISATION, days[:grace], counted[:grace]))
    return parts


def _refit(terms: LoanTerms, due: DueDates, day: int) -> list[Part]:
    """The instalment found anew on a day, if principal is being repaid by it already."""
    if terms.repayment not in (Repayment.EQUAL_INSTALMENTS, Repayment.EQUAL_PRINCIPAL):
        return []
    if day < int(_first_fixing(terms, due)[0]) or day >= int(due.all[-1]):
        return []
    return [_fixing(terms, np.array([day], np.int32), due.at(day))]


def _rate(terms: LoanTerms, due: DueDates, day: int, rate: int, *, refit: bool) -> list[Part]:
    waived = _waived_until(terms, due)
    if waived is not None and day < waived:
        return []
    changed = part(EventKind.RESET, np.array([day], np.int32), columns={Column.RATE: rate})
    if refit and terms.repayment is Repayment.EQUAL_INSTALMENTS:
        return [changed, *_refit(terms, due, day)]
    return [changed]


def _beside_the_plan(terms: LoanTerms, due: DueDates, event: LoanEvent) -> list[Part]:
    """What one event beside the plan does."""
    day = days_from_date(event.day)
    days = np.array([day], np.int32)
    match event:
        case Draw():
            amount = {Column.AMOUNT: event.amount_minor, Column.BASE: event.amount_minor}
            return [part(EventKind.DRAW, days, columns=amount), *_refit(terms, due, day)]
        case Prepayment():
            return _prepayment(terms, due, event, days)
        case RateChange():
            return _rate(terms, due, day, event.rate, refit=not event.keep_instalment)
        case Capitalisation():
            return [part(EventKind.CAPITALISATION, days), *_refit(terms, due, day)]
        case InstalmentChange():
            given = {Column.FLAG: int(Fixing.GIVEN), Column.AMOUNT: event.amount_minor}
            return [part(EventKind.INSTALMENT_FIXING, days, columns=given)]
        case Extension():
            return _refit(terms, due, day)
        case Observation():
            return [part(EventKind.OBSERVATION, days)]
        case _:
            assert_never(event)


def _prepayment(terms: LoanTerms, due: DueDates, event: Prepayment, days: Int32Column) -> list[Part]:
    parts: list[Part] = []
    if event.with_interest or event.amount_minor is None:
        parts.append(part(EventKind.INTEREST, days))
    if event.penalty_minor:
        parts.append(part(EventKind.PENALTY, days, columns={Column.AMOUNT: event.penalty_minor}))
    if event.amount_minor is None:
        return [*parts, part(EventKind.MATURITY, days)]
    parts.append(part(EventKind.PREPAYMENT, days, columns={Column.AMOUNT: event.amount_minor}))
    if event.effect is PrepaymentEffect.LOWER_INSTALMENT:
        parts += _refit(terms, due, int(days[0]))
    return parts
