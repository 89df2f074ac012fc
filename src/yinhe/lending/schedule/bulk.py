"""Schedules of a whole book: columns of loans in, columns of instalments out, by the machine of every single loan.

What is asked of a book on the day its rates change is the new instalment of each loan and what is due next (`reprice`);
all rows of all loans can be had as well (`schedules`). Loops are `@compiled` and run beside each other on all cores.
Due dates are steps of whole months from an anchor, not moved to business days.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from enum import IntEnum, unique
from typing import Any, Final, cast

import msgspec
import numpy as np

from yinhe.kernel.bounds import require_int64
from yinhe.kernel.dates import Int64Column
from yinhe.kernel.errors import OutOfRangeError
from yinhe.ledger.compiled import compilable, compiled
from yinhe.lending.schedule.arithmetic import Number
from yinhe.lending.schedule.day_numbers import DAY_COUNT_CODES, day_in, days_between, days_counted, month_of
from yinhe.lending.schedule.engine import money_terms
from yinhe.lending.schedule.kinds import DONE, TOO_CLOSE, Column, EventKind, Fixing, Result, State
from yinhe.lending.schedule.machine import walk
from yinhe.lending.schedule.records import Conventions

INSTALMENTS_MAX: Final = 1_200
"""Due dates a loan may have left: a century of months."""

_SLICE: Final = 16_384
"""Loans one thread takes at a time."""


@unique
class Redeems(IntEnum):
    """How principal is repaid, as a column."""

    EQUAL_INSTALMENTS = 0
    EQUAL_PRINCIPAL = 1
    AT_MATURITY = 2


class LoanColumns(msgspec.Struct, frozen=True, eq=False):
    """Loans as they stand, [n] each: int64; amounts in minor units, rates in 1e-8, days since 1970-01-01."""

    principal: Int64Column
    """What is owed, above zero."""
    rate: Int64Column
    """The rate until the day of repricing."""
    accrued: Int64Column
    """Interest accrued to `counted_to`, whole minor units ..."""
    remainder: Int64Column
    """... and the remainder over the denominator."""
    counted_to: Int64Column
    anchor: Int64Column
    """The day due dates are stepped from; its day of the month is theirs."""
    next_due: Int64Column
    """Months from the anchor to the next due date."""
    every_months: Int64Column
    left: Int64Column
    """Due dates left, the last one included: 1 to `INSTALMENTS_MAX`."""
    balloon: Int64Column
    redeems: Int64Column
    """See `Redeems`."""

    def __len__(self) -> int:
        return len(self.principal)


class RepricedColumns(msgspec.Struct, frozen=True, eq=False):
    """What repricing gives, int64[n] each."""

    instalment: Int64Column
    next_due: Int64Column
    """The next due date, days since 1970-01-01."""
    next_principal: Int64Column
    next_interest: Int64Column
    status: Int64Column
    """See `kinds.Status`; where it is not DONE the other columns mean nothing."""


class ScheduleColumns(msgspec.Struct, frozen=True, eq=False):
    """All rows of all loans after another: those of loan i are at `first[i]:first[i + 1]`."""

    first: Int64Column
    """int64[n + 1]."""
    day: Int64Column
    principal: Int64Column
    interest: Int64Column
    balance: Int64Column
    status: Int64Column
    """int64[n], see `kinds.Status`."""


@compilable
def _fill(loan: Any, rate: Number, day: int, rows: int, code: int, events: Any, stretches: Any, state: Any) -> int:
    """Write the state of a loan and its events from a repricing on, for `rows` due dates; how many events there are.

    `loan` is a row of the columns of `LoanColumns`, in their order.
    """
    anchor_month, of_month = month_of(loan[5])
    left, balloon, redeems = loan[8], loan[9], loan[10]
    state[:] = 0
    state[State.PRINCIPAL] = state[State.BASE] = loan[0]
    state[State.RATE], state[State.ACCRUED], state[State.REMAINDER] = loan[1], loan[2], loan[3]
    state[State.PRINCIPAL_SCALE] = state[State.INTEREST_SCALE] = 100_000_000
    # One more than there can be: it ends the last due date.
    events[: 3 + 2 * rows] = 0
    events[0, Column.KIND], events[0, Column.COUNT] = EventKind.RESET, days_counted(code, loan[4], day)
    events[0, Column.RATE] = rate
    at, before = 1, day
    before_month, before_day = month_of(day)
    if redeems != Redeems.AT_MATURITY:
        events[1, Column.KIND], events[1, Column.AMOUNT] = EventKind.INSTALMENT_FIXING, balloon
        events[1, Column.FLAG] = Fixing.ANNUITY if redeems == Redeems.EQUAL_INSTALMENTS else Fixing.LINEAR
        events[1, Column.LAST] = left - 1
        at = 2
    needed = left if redeems == Redeems.EQUAL_INSTALMENTS else rows
    for number in range(needed):
        month = anchor_month + loan[6] + number * loan[7]
        due, of_due = day_in(month, of_month)
        count = days_between(code, before, before_month, before_day, due, month, of_due)
        if number == 0:
            events[1, Column.AHEAD] = count
        else:
            stretches[number - 1] = count
        if number < rows:
            last = number == left - 1
            if redeems != Redeems.AT_MATURITY and not last:
                linear = redeems == Redeems.EQUAL_PRINCIPAL
                events[at, Column.KIND] = EventKind.REDEMPTION if linear else EventKind.INSTALMENT
                events[at, Column.COUNT] = count
                events[at + 1, Column.KIND] = EventKind.INTEREST
                at += 2
            else:
                events[at, Column.KIND], events[at, Column.COUNT] = EventKind.INTEREST, count
                at += 1
                if last:
                    events[at, Column.KIND] = EventKind.MATURITY
                    at += 1
        before, before_month, before_day = due, month, of_due
    return at


@compilable
def _run(loan: Any, rate: Number, day: int, rows: int, code: int, terms: Any, scratch: Any, state: Any) -> int:
    """Walk one loan; its status. `scratch` is (events, stretches, results)."""
    events, stretches, results = scratch
    count = _fill(loan, rate, day, rows, code, events, stretches, state)
    results[: 2 + 2 * rows] = 0
    reached = walk(events[:count], state, terms, stretches, results[:count])
    return DONE if reached >= 0 else (-1 - reached) % 8


@compiled
def _reprice_slice(
    loans: Any,
    rates: Any,
    day: int,
    code: int,
    terms: Any,
    events: Any,
    stretches: Any,
    results: Any,
    state: Any,
    out: Any,
) -> int:
    """Reprice loans [n, 11] into `out` [n, 5], the columns of `RepricedColumns`; how many were not done."""
    failed = 0
    for at in range(len(loans)):
        status = _run(loans[at], rates[at], day, 1, code, terms, (events, stretches, results), state)
        _tell(loans[at], status, results, out[at])
        failed += status != DONE
    return failed


@compilable
def _tell(loan: Any, status: int, results: Any, out: Any) -> None:
    """What repricing gave, from the rows of the next due date."""
    month, of_month = month_of(loan[5])
    out[1], _ = day_in(month + loan[6], of_month)
    out[0] = results[1, Result.INSTALMENT]
    out[2] = out[3] = 0
    for at in range(4):
        out[2] += results[at, Result.PRINCIPAL_PAID]
        out[3] += results[at, Result.INTEREST_PAID]
    out[4] = status


@compiled
def _schedule_slice(
    loans: Any,
    rates: Any,
    day: int,
    code: int,
    terms: Any,
    events: Any,
    stretches: Any,
    results: Any,
    state: Any,
    first: Any,
    out: Any,
    statuses: Any,
) -> int:
    """Write the rows of loans [n, 11] into `out` [m, 4], those of each from `first` [n] on; how many were not done."""
    failed = 0
    for at in range(len(loans)):
        left = loans[at, 8]
        status = _run(loans[at], rates[at], day, left, code, terms, (events, stretches, results), state)
        statuses[at] = status
        failed += status != DONE
        _tell_all(loans[at], events, results, out[first[at] : first[at] + left])
    return failed


@compilable
def _tell_all(loan: Any, events: Any, results: Any, out: Any) -> None:
    """The rows of each due date of one loan, from the rows of its events."""
    month, of_month = month_of(loan[5])
    at = 1 if loan[10] == Redeems.AT_MATURITY else 2
    for number in range(len(out)):
        out[number, 0], _ = day_in(month + loan[6] + number * loan[7], of_month)
        out[number, 1] = out[number, 2] = 0
        more = True
        while more:
            out[number, 1] += results[at, Result.PRINCIPAL_PAID]
            out[number, 2] += results[at, Result.INTEREST_PAID]
            out[number, 3] = results[at, Result.PRINCIPAL]
            at += 1
            following = events[at, Column.KIND]
            more = events[at, Column.COUNT] == 0 and (
                following == EventKind.INTEREST or following == EventKind.MATURITY
            )


class _Scratch:
    """Room for one thread to walk one loan after the other."""

    def __init__(self, due_dates: int, dtype: type = np.int64) -> None:
        self.events: Final[Any] = np.zeros((2 * due_dates + 4, len(Column)), dtype)
        self.stretches: Final[Any] = np.zeros(INSTALMENTS_MAX, dtype)
        self.results: Final[Any] = np.zeros((2 * due_dates + 4, len(Result)), dtype)
        self.state: Final[Any] = np.zeros(len(State), dtype)


def _table(loans: LoanColumns, rates: Int64Column) -> Int64Column:
    columns = [cast("Int64Column", getattr(loans, name)) for name in LoanColumns.__struct_fields__]
    require_int64("Each column of loans", *columns, rates)
    table = np.stack(columns, axis=1)
    if len(table) and not 1 <= int(loans.left.min()) <= int(loans.left.max()) <= INSTALMENTS_MAX:
        raise OutOfRangeError(f"A loan has a number of due dates left outside 1..{INSTALMENTS_MAX:,}")
    if len(table) and int(loans.every_months.min()) < 1:
        raise OutOfRangeError("Due dates are at least a month apart")
    return table


def _slices(count: int) -> list[slice]:
    return [slice(start, min(start + _SLICE, count)) for start in range(0, count, _SLICE)]


def reprice(loans: LoanColumns, rates: Int64Column, day: int, conventions: Conventions) -> RepricedColumns:
    """New rates (int64[n], 1e-8) from a day on: the new instalments, and what is due next.

    Interest to the day is at the old rate. What is due next is as if nothing else happened before.
    Raises `OutOfRangeError`, `InexactError` for columns that cannot be.
    """
    table = _table(loans, rates)
    terms, code = money_terms(conventions), DAY_COUNT_CODES.index(conventions.day_count)
    out = np.zeros((len(table), 5), np.int64)

    def run(part: slice) -> int:
        room = _Scratch(2)
        scratch = room.events, room.stretches, room.results, room.state
        return _reprice_slice(table[part], rates[part], day, code, terms, *scratch, out[part])

    with ThreadPoolExecutor(os.cpu_count() or 1) as cores:
        failed = sum(cores.map(run, _slices(len(table))))
    if failed:
        _reprice_again(table, rates, day, code, terms, out)
    return RepricedColumns(*(out[:, column].copy() for column in range(5)))


def _reprice_again(table: Any, rates: Any, day: int, code: int, terms: Any, out: Any) -> None:
    """Reprice exactly those loans whose instalment machine numbers were not sure of."""
    room = _Scratch(2, object)
    for at in np.flatnonzero(out[:, 4] == TOO_CLOSE).tolist():
        loan, rate = table[at].tolist(), int(rates[at])
        scratch = room.events, room.stretches, room.results
        status = _run(loan, rate, day, 1, code, terms.astype(object), scratch, room.state)
        _tell(loan, status, room.results, out[at])


def schedules(loans: LoanColumns, rates: Int64Column, day: int, conventions: Conventions) -> ScheduleColumns:
    """All rows of loans whose rates are set anew on a day (int64[n], 1e-8; the old ones to leave them).

    Raises `OutOfRangeError`, `InexactError` for columns that cannot be.
    """
    table = _table(loans, rates)
    terms, code = money_terms(conventions), DAY_COUNT_CODES.index(conventions.day_count)
    first = np.zeros(len(table) + 1, np.int64)
    np.cumsum(loans.left, out=first[1:])
    out = np.zeros((int(first[-1]), 4), np.int64)
    statuses = np.zeros(len(table), np.int64)
    longest = int(loans.left.max()) if len(table) else 1

    def run(part: slice) -> int:
        room = _Scratch(longest + 1)
        scratch = room.events, room.stretches, room.results, room.state
        return _schedule_slice(table[part], rates[part], day, code, terms, *scratch, first[part], out, statuses[part])

    with ThreadPoolExecutor(os.cpu_count() or 1) as cores:
        failed = sum(cores.map(run, _slices(len(table))))
    if failed:
        _schedule_again(table, rates, day, code, terms, first, out, statuses, longest)
    return ScheduleColumns(first, out[:, 0], out[:, 1], out[:, 2], out[:, 3], statuses)


def _schedule_again(
    table: Any, rates: Any, day: int, code: int, terms: Any, first: Any, out: Any, statuses: Any, longest: int
) -> None:
    """Compute exactly those loans whose instalment machine numbers were not sure of."""
    room = _Scratch(longest + 1, object)
    for at in np.flatnonzero(statuses == TOO_CLOSE).tolist():
        loan, rate = table[at].tolist(), int(rates[at])
        scratch = room.events, room.stretches, room.results
        statuses[at] = _run(loan, rate, day, loan[8], code, terms.astype(object), scratch, room.state)
        _tell_all(loan, room.events, room.results, out[first[at] : first[at] + loan[8]])
