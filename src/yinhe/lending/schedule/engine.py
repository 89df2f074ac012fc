"""Run the machine: sort events, count the time between them, walk.

`run_money` and `run_exact` are the two numeric modes of the one machine in `machine`. Both are pure: the same events in
any order give the same rows, so an event that becomes known late gives what it would have given in time.
"""

import decimal
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final, cast

import numpy as np

from yinhe.kernel.dates import Int32Column, Int64Column, date_from_days
from yinhe.kernel.daycount import DayCount, basis_days
from yinhe.kernel.rates import RATE_MAX, RATE_ONE
from yinhe.lending.schedule.arithmetic import ROUNDING_CODES
from yinhe.lending.schedule.day_numbers import DAY_COUNT_CODES
from yinhe.lending.schedule.kinds import ON_THE_DAY, TOO_CLOSE, Column, Condition, EventKind, Result, State, Status
from yinhe.lending.schedule.machine import walk, walk_compiled
from yinhe.lending.schedule.records import Conventions, EventColumns, Numbers, Opening, Rows
from yinhe.lending.schedule.refusals import ScheduleRefusal, ScheduleRefused
from yinhe.lending.schedule.times import fill_times

PRINCIPAL_MAX: Final = 10**15
"""Minor units up to which a principal is computed: ten trillion of a currency with cents."""

RATE_UNBOUNDED: Final = 4 * RATE_MAX

EXACT: Final = decimal.Context(prec=60, rounding=decimal.ROUND_HALF_EVEN)
"""The precision of exact mode: wider than any sum of a schedule needs."""

Years = Callable[[int, int], Fraction]
"""The years between two days since 1970-01-01, by some day count; negative where the second comes first."""

_STATUS_REFUSALS: Final = {
    Status.GROWS: ScheduleRefusal.PRINCIPAL_GROWS,
    Status.NOT_COVERED: ScheduleRefusal.NO_INSTALMENT_LEFT,
    Status.OVERPAID: ScheduleRefusal.OVERPAID,
    Status.TOO_LARGE: ScheduleRefusal.AMOUNT_TOO_LARGE,
}

InstalmentDates = Sequence[Int32Column]
"""Lists of instalment dates, each ascending; an instalment fixing says which it looks at."""


def run_money(
    events: EventColumns,
    conventions: Conventions,
    opening: Opening,
    instalment_dates: InstalmentDates,
    *,
    plain: bool = False,
) -> Rows | ScheduleRefused:
    """The rows of events in whole minor units.

    `plain` runs the machine as Python with integers without bounds, and gives the same.
    """
    if conventions.day_count is DayCount.ACT_ACT_ISDA:
        return ScheduleRefused(ScheduleRefusal.YEAR_UNEQUAL, "day_count")
    order = np.argsort(events.order, kind="stable")
    counted = events.counted[order]
    values = events.values[order]
    convention = conventions.day_count
    stretches = _fill_times(values, events.fixing[order], counted, opening.day, convention, instalment_dates)
    terms = money_terms(conventions)
    rows = np.zeros((len(values), len(Result)), np.int64)
    at = -1
    if not plain:
        at = walk_compiled(values, _money_state(opening), terms, stretches, rows)
        plain = at < 0 and (-1 - at) % 8 == TOO_CLOSE
    if plain:
        objects = np.zeros(rows.shape, object)
        at = walk(
            values.astype(object),
            _money_state(opening).astype(object),
            terms.astype(object),
            stretches.astype(object),
            objects,
        )
        rows = objects.astype(np.int64)
    if at < 0:
        return _refused(at, events, order)
    return rows_of(events, order, rows, int(terms[Condition.DENOMINATOR]))


def _fill_times(
    values: Numbers,
    fixing: Int32Column,
    counted: Int32Column,
    opened: int | None,
    convention: DayCount,
    dates: InstalmentDates,
) -> Int64Column:
    """Fill in the times of events, and give those between instalment dates. See `times`."""
    all_dates = dates[0] if len(dates) == 1 else np.concatenate([np.zeros(0, np.int32), *dates])
    starts = np.zeros(len(dates) + 1, np.int64)
    for number, one in enumerate(dates, 1):
        starts[number] = starts[number - 1] + len(one)
    stretches = np.zeros(max(len(all_dates) - 1, 0), np.int64)
    if len(values):
        first = int(counted[0]) if opened is None else opened
        code = DAY_COUNT_CODES.index(convention)
        fill_times(values, fixing, counted, first, code, all_dates, starts, stretches)
    return stretches


def _place(dates: Int32Column | list[int], day: int, following: int) -> int:
    """The place of the next instalment date after a day; of one on it, if a fixing says that it is still to come."""
    first_after = day if following == ON_THE_DAY else day + 1
    return int(cast("Any", np.searchsorted(dates, first_after)))


def money_terms(conventions: Conventions) -> Int64Column:
    """Conventions as the machine reads them, int64[len(Condition)]."""
    terms = np.zeros(len(Condition), np.int64)
    terms[Condition.SIDE] = 1
    terms[Condition.DENOMINATOR] = basis_days(conventions.day_count) * RATE_ONE
    terms[Condition.ROUNDING] = ROUNDING_CODES.index(conventions.rounding)
    terms[Condition.CARRY] = conventions.carry_remainder
    terms[Condition.FOLLOWS] = conventions.base_follows_principal
    terms[Condition.UNIT] = RATE_ONE
    terms[Condition.FEE_RATE] = conventions.fee_rate
    terms[Condition.LIFE_FLOOR] = _bound(conventions.life_floor, -RATE_UNBOUNDED)
    terms[Condition.LIFE_CAP] = _bound(conventions.life_cap, RATE_UNBOUNDED)
    terms[Condition.PERIOD_FLOOR] = _bound(conventions.period_floor, -RATE_UNBOUNDED)
    terms[Condition.PERIOD_CAP] = _bound(conventions.period_cap, RATE_UNBOUNDED)
    terms[Condition.NEVER_GROWS] = not conventions.principal_may_grow
    terms[Condition.LIMIT] = PRINCIPAL_MAX
    return terms


def _bound(bound: int | None, otherwise: int) -> int:
    return otherwise if bound is None else bound


def _money_state(opening: Opening) -> Int64Column:
    state = np.zeros(len(State), np.int64)
    state[State.PRINCIPAL] = opening.principal
    state[State.RATE] = opening.rate
    state[State.ACCRUED] = opening.accrued
    state[State.REMAINDER] = opening.remainder
    state[State.BASE] = opening.principal if opening.base is None else opening.base
    state[State.INSTALMENT] = opening.instalment
    state[State.PRINCIPAL_SCALE] = state[State.INTEREST_SCALE] = RATE_ONE
    return state


def run_exact(
    events: EventColumns,
    terms: Numbers,
    state: Numbers,
    opened: int,
    years: Years,
    instalment_dates: InstalmentDates,
) -> Rows | ScheduleRefused:
    """The rows of events, unrounded; values, `terms` and `state` are arrays of Decimal and int objects.

    `terms` [len(Condition)] with a denominator of 0 and a unit of 1; `state` [len(State)] as of the day `opened`;
    `years` counts the time.
    """
    order = np.argsort(events.order, kind="stable")
    counted = [int(day) for day in events.counted[order]]
    values = events.values[order]
    with decimal.localcontext(EXACT):
        before = opened
        for at, day in enumerate(counted):
            values[at, Column.COUNT] = decimal_of(years(before, day))
            before = day
        stretches = _exact_stretches(values, events.fixing[order], counted, years, instalment_dates)
        rows = np.full((len(values), len(Result)), Decimal(0), dtype=object)
        at = walk(values, state.copy(), terms, stretches, rows)
    if at < 0:
        return _refused(at, events, order)
    return rows_of(events, order, rows, 0)


def _exact_stretches(
    values: Numbers, fixing: Int32Column, counted: list[int], years: Years, dates: InstalmentDates
) -> list[Decimal]:
    stretches: list[Decimal] = []
    places: list[tuple[int, list[int]]] = []
    for one in dates:
        days = [int(day) for day in one]
        places.append((len(stretches), days))
        stretches += [decimal_of(years(start, end)) for start, end in pairwise(days)]
        stretches.append(Decimal(0))
    for at, day in enumerate(counted):
        if values[at, Column.KIND] != EventKind.INSTALMENT_FIXING:
            continue
        start, days = places[int(fixing[at])]
        following = _place(days, day, values[at, Column.NEXT])
        values[at, Column.NEXT], values[at, Column.LAST] = start + following, start + len(days) - 1
        if following < len(days):
            values[at, Column.AHEAD] = decimal_of(years(day, days[following]))
    return stretches


def decimal_of(number: Fraction) -> Decimal:
    """A fraction as a decimal of the precision of exact mode."""
    return EXACT.divide(Decimal(number.numerator), Decimal(number.denominator))


def _refused(at: int, events: EventColumns, order: Int64Column) -> ScheduleRefused:
    place, status = divmod(-1 - at, 8)
    event = int(order[place])
    kind = EventKind(int(events.values[event, Column.KIND]))
    day: date = date_from_days(int(events.day[event]))
    return ScheduleRefused(_STATUS_REFUSALS[Status(status)], kind.name.lower(), day)


def rows_of(events: EventColumns, order: Int64Column, rows: Numbers, denominator: int) -> Rows:
    """The rows the machine wrote, with the days and kinds of their events."""
    columns = cast("Any", rows).T
    return Rows(
        events.day[order],
        events.values[order, Column.KIND].astype(np.int64),
        events.due[order],
        columns[Result.PAYOFF],
        columns[Result.PRINCIPAL],
        columns[Result.RATE],
        columns[Result.ACCRUED],
        columns[Result.REMAINDER],
        columns[Result.PRINCIPAL_PAID],
        columns[Result.INTEREST_PAID],
        columns[Result.FEE_PAID],
        columns[Result.INSTALMENT],
        denominator,
    )
