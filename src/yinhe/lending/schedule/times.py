"""The times between the events of a loan, and between its instalment dates, in whole days of a day count."""

from typing import Any

from yinhe.kernel.dates import Int32Column, Int64Column
from yinhe.ledger.compiled import compiled
from yinhe.lending.schedule.day_numbers import days_between, month_of
from yinhe.lending.schedule.kinds import ON_THE_DAY, Column, EventKind


@compiled
def fill_times(
    values: Any,
    fixing: Int32Column,
    counted: Int32Column,
    opened: int,
    code: int,
    dates: Int32Column,
    starts: Int64Column,
    stretches: Int64Column,
) -> None:
    """Fill in the times of events in order: between them, and what instalment fixings look ahead to.

    `values` [n, len(Column)] int64, `fixing` and `counted` int32[n] of the events; `opened` the day interest counts
    from before the first; `code` of `DAY_COUNT_CODES`; `dates` int32[m], the lists of instalment dates one after the
    other, list i at `starts[i]:starts[i + 1]`; `stretches` int64[m - 1], the times between them, filled in.
    """
    before = opened
    month, of_month = month_of(before)
    for at in range(len(values)):
        # Where interest was counted to a later day already, before a payment moved to an earlier one, it stays there.
        day = max(int(counted[at]), before)
        if day != before:
            next_month, next_of_month = month_of(day)
            values[at, Column.COUNT] = days_between(code, before, month, of_month, day, next_month, next_of_month)
            before, month, of_month = day, next_month, next_of_month
        if values[at, Column.KIND] == EventKind.INSTALMENT_FIXING:
            place, after_last = starts[fixing[at]], starts[fixing[at] + 1]
            first_after = day if values[at, Column.NEXT] == ON_THE_DAY else day + 1
            while place < after_last and dates[place] < first_after:
                place += 1
            values[at, Column.NEXT], values[at, Column.LAST] = place, after_last - 1
            if place < after_last:
                due = int(dates[place])
                ahead_month, ahead_of_month = month_of(due)
                values[at, Column.AHEAD] = days_between(code, day, month, of_month, due, ahead_month, ahead_of_month)
    start = int(dates[0]) if len(dates) else 0
    month, of_month = month_of(start)
    for place in range(1, len(dates)):
        end = int(dates[place])
        next_month, next_of_month = month_of(end)
        # From the last date of one list to the first of the next there is no time.
        if end > start:
            stretches[place - 1] = days_between(code, start, month, of_month, end, next_month, next_of_month)
        start, month, of_month = end, next_month, next_of_month
