"""Rows of a schedule by a named policy: one set of terms, one door."""

from datetime import date
from typing import assert_never

import msgspec

from yinhe.lending.schedule.cumulative import cumulative_rows
from yinhe.lending.schedule.instalment_terms import Disbursement, InstalmentRow, InstalmentTerms
from yinhe.lending.schedule.overdue import Rest, with_overdue_interest
from yinhe.lending.schedule.own_policy import own_rows
from yinhe.lending.schedule.policies import SchedulePolicy
from yinhe.lending.schedule.progressive import instalments_of, progressive_rows, spread_rows


class Overdue(msgspec.Struct, frozen=True):
    """On which day overdue principal is looked at, and up to when it bears interest."""

    today: date
    rest: Rest


def policy_rows(
    terms: InstalmentTerms,
    disbursements: tuple[Disbursement, ...],
    *,
    paid_out: bool,
    overdue: Overdue | None = None,
) -> tuple[InstalmentRow, ...]:
    """The rows of a schedule by the policy of its terms, down payments among them, in order.

    `disbursements` are in the order of their dates; `paid_out` says that they were made, not only planned. `overdue`
    lets what is overdue bear interest in the progressive policy, as long as nothing is repaid. Raises
    `ScheduleNeverEndsError` for terms that never repay the principal, and `OutOfRangeError`, naming the term, for one
    that the policy has no meaning for.
    """
    match terms.policy:
        case SchedulePolicy.CUMULATIVE:
            return cumulative_rows(terms, disbursements)
        case SchedulePolicy.PROGRESSIVE:
            if paid_out and not terms.interest_bearing:
                # Without interest what is paid out is shared out anew, from the day it is.
                return spread_rows(terms, disbursements)
            periods = instalments_of(terms, disbursements)
            if paid_out and overdue is not None:
                periods = with_overdue_interest(terms, periods, overdue.today, overdue.rest)
            return progressive_rows(terms, disbursements, periods)
        case SchedulePolicy.OWN:
            return own_rows(terms, disbursements)
        case _:
            assert_never(terms.policy)
