"""Interest on overdue principal in the progressive policy: what was due and not paid goes on bearing interest.

The principal of an overdue row is put back into the balance from its due date on and taken out again where interest is
counted to, as if it were repaid that day; each row in between bears the interest of what was overdue in it.
"""

from datetime import date
from enum import Enum
from typing import assert_never

import msgspec

from yinhe.lending.schedule.instalment_terms import InstalmentTerms
from yinhe.lending.schedule.progressive import Instalments, correct, figures_of


class Rest(Enum):
    """Up to when overdue principal bears interest."""

    DAILY = "daily"
    """The day itself."""
    SAME_AS_REPAYMENT = "same_as_repayment"
    """The next due date."""


class _Overdue(msgspec.Struct, frozen=True):
    """The instalments as corrected so far, and the last day a correction was made for."""

    periods: Instalments
    corrected: date | None = None


def with_overdue_interest(terms: InstalmentTerms, periods: Instalments, today: date, rest: Rest) -> Instalments:
    """The instalments of a loan of which nothing was repaid, as they stand on a day."""
    late = [at for at, period in enumerate(periods) if period.span.due < today]
    if not late:
        return periods
    last = len(periods) - 1
    current = next((at for at, one in enumerate(periods) if one.span.start < today <= one.span.due), last)
    overdue = _Overdue(periods)
    principal, total = 0, 0
    for at in late:
        if principal:
            overdue = _carried(terms, overdue, at, today, rest, principal, total)
        principal = figures_of(terms, overdue.periods)[at].principal
        total += principal
    if last in late:
        return overdue.periods
    return _carried(terms, overdue, current, today, rest, principal, total).periods


def _carried(
    terms: InstalmentTerms, overdue: _Overdue, at: int, today: date, rest: Rest, principal_minor: int, total_minor: int
) -> _Overdue:
    """The instalments with overdue principal carried into one of them; what is overdue in all leaves it again today."""
    periods, corrected = overdue.periods, overdue.corrected
    span = periods[at].span
    inside = span.start < today <= span.due
    match rest:
        case Rest.DAILY:
            if corrected == today:
                return overdue
            start = span.start if corrected is None or span.start > corrected else corrected
            periods = correct(terms, periods, start, principal_minor)
            if not inside:
                return _Overdue(periods, corrected)
            return _Overdue(correct(terms, periods, today, -total_minor), today)
        case Rest.SAME_AS_REPAYMENT:
            if corrected is not None and span.start <= corrected:
                return overdue
            periods = correct(terms, periods, span.start, principal_minor)
            if not inside:
                return _Overdue(periods, span.start)
            return _Overdue(correct(terms, periods, span.due, -total_minor), span.due)
        case _:
            assert_never(rest)
