"""The terms of a loan, and what may happen to it, in the bank's words."""

from datetime import date
from enum import Enum, unique
from typing import TypeAlias

import msgspec

from yinhe.lending.schedule.cycles import MONTHLY, Cycle, DateRules
from yinhe.lending.schedule.records import Conventions


@unique
class Repayment(Enum):
    """How principal is repaid."""

    EQUAL_INSTALMENTS = "equal_instalments"
    """Principal and interest together are equal (等额本息)."""
    EQUAL_PRINCIPAL = "equal_principal"
    """Principal is equal (等额本金); also of flat loans, whose instalments are equal by it."""
    AT_MATURITY = "at_maturity"
    """Interest on the due dates, principal at the end (按月付息到期还本); also of a line that is drawn and repaid."""
    ALL_AT_END = "all_at_end"
    """Principal and interest at the end (利随本清)."""
    BY_PLAN = "by_plan"
    """Principal by an irregular plan, interest on the due dates."""


@unique
class InterestGrace(Enum):
    """What becomes of interest in its grace."""

    DEFERRED = "deferred"
    """It accrues and is due with the first instalment after."""
    WAIVED = "waived"
    """None accrues."""
    CAPITALISED = "capitalised"
    """It becomes principal on the due dates."""


@unique
class PrepaymentEffect(Enum):
    """What part of a loan paid back early changes."""

    LOWER_INSTALMENT = "lower_instalment"
    """The instalments are found anew; the end stays."""
    SHORTEN_TERM = "shorten_term"
    """The instalment stays; the loan ends sooner."""


class PlannedRepayment(msgspec.Struct, frozen=True):
    """Principal due on a day of an irregular plan."""

    day: date
    amount_minor: int


class RateStep(msgspec.Struct, frozen=True):
    """A rate agreed from a day on, in units of 1e-8 a year."""

    day: date
    rate: int


class LoanTerms(msgspec.Struct, frozen=True, kw_only=True):
    """What a loan is agreed on. Amounts are minor units, rates units of 1e-8 a year."""

    principal_minor: int
    """Paid out on `disbursed`; 0 for a line, whose principal is drawn."""
    rate: int
    disbursed: date
    instalments: int | None = None
    """Due dates in all; given without it, `maturity` says how far they go."""
    maturity: date | None = None
    """The last due date; one cycle after the one before without it."""
    first_due: date | None = None
    """One cycle after the disbursement without it."""
    cycle: Cycle = MONTHLY
    repayment: Repayment = Repayment.EQUAL_INSTALMENTS
    instalment_minor: int | None = None
    """The instalment (principal share of it with equal principal) as agreed; computed without it."""
    plan: tuple[PlannedRepayment, ...] = ()
    balloon_minor: int = 0
    """Principal left for the last due date beside the instalment."""
    down_payment_minor: int = 0
    """Due on the day of disbursement."""
    grace_principal: int = 0
    """Due dates, from the first, without principal."""
    grace_interest: int = 0
    """Due dates, from the first, without interest."""
    interest_in_grace: InterestGrace = InterestGrace.DEFERRED
    interest_from: date | None = None
    """Interest counts from this day where it is not that of the disbursement."""
    rate_steps: tuple[RateStep, ...] = ()
    """Rates agreed in advance; instalments are found anew on their days."""
    fee_minor: int = 0
    """Due with each instalment."""
    conventions: Conventions = Conventions()
    dates: DateRules = DateRules()


class Draw(msgspec.Struct, frozen=True, kw_only=True):
    """Principal is drawn: a tranche, or a draw on a line."""

    day: date
    amount_minor: int


class Prepayment(msgspec.Struct, frozen=True, kw_only=True):
    """Principal is paid back beside the plan."""

    day: date
    amount_minor: int | None = None
    """All of it, with the interest, without an amount."""
    effect: PrepaymentEffect = PrepaymentEffect.LOWER_INSTALMENT
    with_interest: bool = False
    """Whether the interest accrued is paid with it, and not with the next instalment."""
    penalty_minor: int = 0


class RateChange(msgspec.Struct, frozen=True, kw_only=True):
    """Another rate applies from a day on, as far as the floors and caps of the conventions let it."""

    day: date
    rate: int
    keep_instalment: bool = False
    """Whether the instalment stays and the end of the loan gives; else it is found anew."""


class Capitalisation(msgspec.Struct, frozen=True, kw_only=True):
    """The interest accrued becomes principal."""

    day: date


class InstalmentChange(msgspec.Struct, frozen=True, kw_only=True):
    """Another instalment is agreed."""

    day: date
    amount_minor: int


class Extension(msgspec.Struct, frozen=True, kw_only=True):
    """What is owed is repaid over another number of due dates (extension, or re-ageing)."""

    day: date
    instalments: int
    """Due dates left after `day`."""
    first_due: date | None = None
    """The first of them; the next due date of the plan without it."""


class Observation(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing happens; its row tells what is owed and accrued on a day."""

    day: date


LoanEvent: TypeAlias = Draw | Prepayment | RateChange | Capitalisation | InstalmentChange | Extension | Observation
"""What may happen to a loan beside its plan."""
