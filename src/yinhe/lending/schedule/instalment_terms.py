"""What a loan repaid in instalments is agreed on, in the words the named policies of a schedule need."""

from datetime import date
from decimal import Decimal
from enum import Enum

import msgspec

from yinhe.lending.schedule.policies import RoundingPolicy, SchedulePolicy


class RepaymentUnit(Enum):
    """What the time between two instalments is counted in."""

    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"


class InterestMethod(Enum):
    """What interest is charged on."""

    DECLINING_BALANCE = "declining_balance"
    """The principal still owed."""
    FLAT = "flat"
    """The principal lent, over the whole term, shared out among the instalments."""


class Amortisation(Enum):
    """What is equal from instalment to instalment."""

    EQUAL_INSTALMENTS = "equal_instalments"
    EQUAL_PRINCIPAL = "equal_principal"


class InterestPeriod(Enum):
    """Over what time interest of an instalment is computed."""

    DAILY = "daily"
    """The days it really has."""
    SAME_AS_REPAYMENT = "same_as_repayment"
    """The period between two instalments, however many days it has."""


class Grace(msgspec.Struct, frozen=True, kw_only=True):
    """How many of the first instalments go without something."""

    principal: int = 0
    """No principal is due."""
    interest_payment: int = 0
    """Interest accrues and is due with the first instalment after."""
    interest_charged: int = 0
    """No interest accrues."""


class Span(msgspec.Struct, frozen=True):
    """The days an instalment covers: from its first day up to the day it is due."""

    start: date
    due: date


class Disbursement(msgspec.Struct, frozen=True):
    """Principal paid out on a day."""

    date: date
    amount_minor: int


class InstalmentTerms(msgspec.Struct, frozen=True, kw_only=True):
    """Terms of a loan repaid in instalments."""

    policy: SchedulePolicy
    rounding: RoundingPolicy
    annual_rate: Decimal
    """As a fraction: 0.12 for 12 %."""
    count: int
    """Instalments, the down payment not among them."""
    every: int
    unit: RepaymentUnit
    term: int
    """How long the loan runs, in `unit`."""
    start: date
    """Where the first instalment begins to run."""
    disbursed: date
    """When the first of the principal is, or is expected to be, paid out; `start` may be the day of application."""
    seed: date
    """Whose day of the month later due dates return to."""
    interest_method: InterestMethod
    amortisation: Amortisation
    interest_period: InterestPeriod
    partial_periods: bool = False
    """Whether part of a period counts as part of it, where interest is `SAME_AS_REPAYMENT`."""
    year_days: int | None = None
    """Days of the year interest is divided by; the real ones without it."""
    month_days: int | None = None
    """Days of a month interest counts; the real ones without it."""
    grace: Grace = Grace()
    first_due: date | None = None
    down_payment_rate: Decimal | None = None
    """Share of each disbursement that is due on its day, as a fraction."""
    tranches: bool = False
    """Whether principal may be paid out in several parts."""
    fixed_instalment_minor: int | None = None
    fixed_length: int | None = None
    """How long after the start the last instalment is due, in `unit`."""
    interest_from: date | None = None
    """From when interest is charged, where that is not the start."""
    spans: tuple[Span, ...] = ()
    """The days of each instalment where they are given and not to be found from `every` and `unit`."""
    threshold_percent: int = 0
    """With a fixed instalment: what is left and less than this share of the principal due is added to it."""

    @property
    def interest_bearing(self) -> bool:
        """Whether there is interest at all."""
        return self.annual_rate > 0


class RowPart(msgspec.Struct, frozen=True):
    """Interest of part of a row, between changes of the balance."""

    factor: Decimal
    """The rate of these days, as a fraction."""
    interest_minor: int


class InstalmentRow(msgspec.Struct, frozen=True, kw_only=True):
    """One instalment of a schedule, or a down payment, whose span is the one day of its disbursement."""

    span: Span
    principal_minor: int
    interest_minor: int = 0
    down_payment: bool = False
    parts: tuple[RowPart, ...] = ()
    """Of the progressive policy, which has a rate factor for each."""
    owed_minor: int | None = None
    """Principal owed after it, what is paid out the same day included; of the progressive policy."""

    @property
    def due_minor(self) -> int:
        """What is due in all."""
        return self.principal_minor + self.interest_minor
