"""Due dates of instalments: stepped one from the other, kept to the day of the month the loan started on."""

import calendar
from datetime import date, timedelta
from typing import assert_never

from yinhe.kernel.dates import add_months
from yinhe.lending.schedule.instalment_terms import InstalmentTerms, RepaymentUnit, Span

_SHORTEST_MONTH_DAYS = 28


def step(day: date, count: int, unit: RepaymentUnit) -> date:
    """The day `count` units later, or earlier where it is negative; months and years are counted date to date."""
    match unit:
        case RepaymentUnit.DAYS:
            return day + timedelta(days=count)
        case RepaymentUnit.WEEKS:
            return day + timedelta(weeks=count)
        case RepaymentUnit.MONTHS:
            return add_months(day, count)
        case RepaymentUnit.YEARS:
            return add_months(day, 12 * count)
        case _:
            assert_never(unit)


def keep_to_seed(day: date, seed: date, unit: RepaymentUnit) -> date:
    """A monthly date at a month's end moved back to the day of the month of `seed`, as far as the month has it.

    Stepping 31 January, 29 February would go on with 29 March; the seed of the 31st makes it 31 March again.
    """
    if unit is not RepaymentUnit.MONTHS or seed.day <= _SHORTEST_MONTH_DAYS or day.day < _SHORTEST_MONTH_DAYS:
        return day
    return day.replace(day=min(calendar.monthrange(day.year, day.month)[1], seed.day))


def next_due(day: date, terms: InstalmentTerms) -> date:
    """The due date after another one."""
    return keep_to_seed(step(day, terms.every, terms.unit), terms.seed, terms.unit)


def first_due(terms: InstalmentTerms) -> date:
    """The first due date: as agreed, else one period after the start."""
    return terms.first_due or next_due(terms.start, terms)


def spans_of(terms: InstalmentTerms) -> tuple[Span, ...]:
    """The days of each of `count` instalments, in order; the last one ends with the fixed length, if there is one."""
    if terms.spans:
        return terms.spans
    spans: list[Span] = []
    start, due = terms.start, first_due(terms)
    for number in range(1, terms.count + 1):
        if number == terms.count and terms.fixed_length is not None:
            due = step(terms.start, terms.fixed_length, terms.unit)
        spans.append(Span(start, due))
        start, due = due, next_due(due, terms)
    return tuple(spans)


def first_due_of_gap(disbursed: date, start: date, gap_days: int, every: int, unit: RepaymentUnit) -> date | None:
    """The first due date where it may not come sooner than `gap_days` after the disbursement.

    None where one period after the start is late enough.
    """
    usual, earliest = step(start, every, unit), disbursed + timedelta(days=gap_days)
    return earliest if earliest > usual else None
