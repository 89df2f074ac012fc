"""A loan's schedule in exact mode: the same events by the same machine, unrounded."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

import msgspec
import numpy as np

from yinhe.kernel.dates import date_from_days
from yinhe.kernel.daycount import year_fraction
from yinhe.kernel.rates import RATE_ONE
from yinhe.lending.schedule.engine import EXACT, run_exact
from yinhe.lending.schedule.kinds import Column, Condition, State
from yinhe.lending.schedule.loan import loan_events
from yinhe.lending.schedule.loan_terms import LoanEvent, LoanTerms
from yinhe.lending.schedule.plan import due_dates, events_refused, terms_refused
from yinhe.lending.schedule.records import Conventions, Numbers, Rows
from yinhe.lending.schedule.refusals import ScheduleRefused

_UNBOUNDED: Final = Decimal("Infinity")


def exact_rows(terms: LoanTerms, events: Iterable[LoanEvent] = ()) -> Rows | ScheduleRefused:
    """The rows of a loan before any rounding: amounts in minor units and rates as fractions, Decimal.

    What `schedule` gives differs from it by rounding alone. Day counts whose years differ are allowed here.
    """
    happened = tuple(events)
    due = due_dates(terms, happened)
    if isinstance(due, ScheduleRefused):
        return due
    refused = terms_refused(terms, due) or events_refused(terms, due, happened)
    if refused is not None:
        return refused
    columns, lists = loan_events(terms, happened, due)
    values = columns.values.astype(object)
    for column in (Column.AMOUNT, Column.EXTRA, Column.BASE):
        values[:, column] = [Decimal(int(amount)) for amount in columns.values[:, column]]
    values[:, Column.RATE] = [_fraction(int(rate)) for rate in columns.values[:, Column.RATE]]
    state = np.full(len(State), Decimal(0), dtype=object)
    state[State.PRINCIPAL_SCALE] = state[State.INTEREST_SCALE] = Decimal(1)
    convention = terms.conventions.day_count
    order = np.argsort(columns.order, kind="stable")
    counted = columns.counted.copy()
    # As in money mode, time does not run backwards where interest was counted to a later day already.
    counted[order] = np.maximum.accumulate(counted[order])
    return run_exact(
        msgspec.structs.replace(columns, values=values, counted=counted),
        _conditions(terms.conventions),
        state,
        int(counted[order[0]]),
        lambda start, end: year_fraction(convention, date_from_days(start), date_from_days(end)),
        lists,
    )


def _fraction(rate: int) -> Decimal:
    return EXACT.divide(Decimal(rate), Decimal(RATE_ONE))


def _conditions(conventions: Conventions) -> Numbers:
    terms = np.zeros(len(Condition), dtype=object)
    terms[Condition.SIDE] = terms[Condition.UNIT] = 1
    terms[Condition.FOLLOWS] = int(conventions.base_follows_principal)
    terms[Condition.FEE_RATE] = _fraction(conventions.fee_rate)
    for column, bound, otherwise in (
        (Condition.LIFE_FLOOR, conventions.life_floor, -_UNBOUNDED),
        (Condition.LIFE_CAP, conventions.life_cap, _UNBOUNDED),
        (Condition.PERIOD_FLOOR, conventions.period_floor, -_UNBOUNDED),
        (Condition.PERIOD_CAP, conventions.period_cap, _UNBOUNDED),
    ):
        terms[column] = otherwise if bound is None else _fraction(bound)
    terms[Condition.NEVER_GROWS] = int(not conventions.principal_may_grow)
    return terms
