"""Terms of loans repaid in instalments, for the tests of the named policies of a schedule."""

from datetime import date
from decimal import Decimal
from typing import Any

from yinhe.lending.schedule.instalment_terms import (
    Amortisation,
    Disbursement,
    InstalmentRow,
    InstalmentTerms,
    InterestMethod,
    InterestPeriod,
    RepaymentUnit,
)
from yinhe.lending.schedule.policies import RoundingPolicy, SchedulePolicy
from yinhe.lending.schedule.policy_rows import Overdue, policy_rows

START = date(2023, 1, 1)


def terms(percent: str = "12", count: int = 4, **changes: Any) -> InstalmentTerms:
    """Monthly instalments from 1 January 2023, every month a twelfth of the year, cumulative unless changed."""
    usual: dict[str, Any] = {
        "policy": SchedulePolicy.CUMULATIVE,
        "rounding": RoundingPolicy(),
        "annual_rate": Decimal(percent).scaleb(-2),
        "count": count,
        "every": 1,
        "unit": RepaymentUnit.MONTHS,
        "term": count,
        "start": START,
        "disbursed": START,
        "seed": changes.get("first_due") or changes.get("start", START),
        "interest_method": InterestMethod.DECLINING_BALANCE,
        "amortisation": Amortisation.EQUAL_INSTALMENTS,
        "interest_period": InterestPeriod.SAME_AS_REPAYMENT,
        "partial_periods": True,
    }
    return InstalmentTerms(**{**usual, **changes})


def progressive(percent: str = "12", count: int = 4, **changes: Any) -> InstalmentTerms:
    """The same by the progressive policy, months of 30 days and years of 360."""
    usual = {
        "policy": SchedulePolicy.PROGRESSIVE,
        "interest_period": InterestPeriod.DAILY,
        "year_days": 360,
        "month_days": 30,
    }
    return terms(percent, count, **{**usual, **changes})


def paid(day: date, amount: str) -> Disbursement:
    """So much paid out on a day."""
    return Disbursement(day, minor(amount))


def minor(amount: str) -> int:
    """An amount in cents."""
    return int(Decimal(amount).scaleb(2))


def rows(
    of: InstalmentTerms, *disbursements: Disbursement, paid_out: bool = True, overdue: Overdue | None = None
) -> tuple[InstalmentRow, ...]:
    """The schedule of what is paid out, 1,000.00 on the first day unless said otherwise."""
    made = disbursements or (paid(of.disbursed, "1000.00"),)
    return policy_rows(of, made, paid_out=paid_out, overdue=overdue)


def amounts(found: tuple[InstalmentRow, ...]) -> list[tuple[str, str]]:
    """Principal and interest of each row."""
    return [(text(row.principal_minor), text(row.interest_minor)) for row in found]


def dues(found: tuple[InstalmentRow, ...]) -> list[str]:
    """When each row is due."""
    return [str(row.span.due) for row in found]


def text(amount_minor: int) -> str:
    """An amount as it is written."""
    return format(Decimal(amount_minor).scaleb(-2), ".2f")
