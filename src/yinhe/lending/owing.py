"""What a loan owes today, and what it takes to repay it: told by the same steps as it is paid by."""

from uuid import UUID

import msgspec
import numpy as np

from yinhe.lending.commands import PayOff
from yinhe.lending.decide import Standing, decide_pay_off
from yinhe.lending.instalments import required
from yinhe.lending.payments import charge, days_late, dues_of, settlement_of
from yinhe.lending.position import Position, bring_due
from yinhe.lending.refusals import Refusal
from yinhe.products.parts.allocation import Bucket


class Owing(msgspec.Struct, frozen=True, kw_only=True):
    """What a loan owes on a business date, before its night; minor units."""

    not_due: int
    """Principal that has not fallen due."""
    principal: int
    """Fallen due and not paid, that of today included …"""
    interest: int
    penalty: int
    """… and charged to date for being late, as what is paid today is taken for it."""
    compound: int
    fee: int
    running: int
    """Interest of the running period to date, rounded; not due."""
    overdue: int
    """Principal and interest due before today."""
    days_late: int
    """Of the oldest of them; 0 within the days of grace."""

    @property
    def due(self) -> int:
        """Everything that is due."""
        return self.principal + self.interest + self.penalty + self.compound + self.fee


class PayOffQuote(msgspec.Struct, frozen=True, kw_only=True):
    """What it takes to repay a loan today; minor units."""

    due: int
    interest: int
    """Of the running period to date."""
    principal: int
    """Not fallen due."""
    fee: int
    """For repaying early."""
    total: int


def owing_of(standing: Standing) -> Owing:
    """What a loan owes today."""
    at = _with_what_falls_due_today(standing)
    settlement = settlement_of(at.row, at.unpaid, standing.product)
    charge(at.row, required(standing.product)[0])
    by_bucket = dues_of(at.row, at.unpaid).amounts.sum(axis=(0, 1))
    late = at.unpaid[at.unpaid["due"] < standing.date]
    return Owing(
        not_due=settlement.principal,
        principal=int(by_bucket[Bucket.PRINCIPAL]),
        interest=int(by_bucket[Bucket.INTEREST]),
        penalty=int(by_bucket[Bucket.PENALTY]),
        compound=int(by_bucket[Bucket.COMPOUND]),
        fee=int(by_bucket[Bucket.FEE]),
        running=settlement.interest,
        overdue=int(np.sum(late["principal_left"] + late["interest_left"])),
        days_late=int(days_late(standing.at.row, standing.product, standing.date)[0]),
    )


def pay_off_quote(standing: Standing) -> PayOffQuote | Refusal:
    """What `PayOff` would take today, or why it would not be done."""
    decision = decide_pay_off(PayOff(id=UUID(int=0), loan=int(standing.at.row["loan"][0])), standing)
    if isinstance(decision, Refusal):
        return decision
    at = _with_what_falls_due_today(standing)
    settlement = settlement_of(at.row, at.unpaid, standing.product)
    assert decision.cash is not None
    return PayOffQuote(
        due=settlement.due,
        interest=settlement.interest,
        principal=settlement.principal,
        fee=decision.cash.fee_minor,
        total=decision.cash.amount_minor,
    )


def _with_what_falls_due_today(standing: Standing) -> Position:
    at = standing.at.copy()
    bring_due(at, standing.date, standing.product)
    return at
