"""What was decided, as plain data: the contract as it will be, and the transfers that go with it.

A plan is kept in the database before anything is done, so that whoever finds it half done knows how to go on.
"""

from typing import Any, Final
from uuid import UUID

import msgspec
import numpy as np
from numpy.typing import NDArray

from yinhe.deposits.codes import TransferCode
from yinhe.deposits.columns import CONTRACT
from yinhe.deposits.standing_orders import StandingOrder
from yinhe.ledger.batch import NO_FLAGS, Flag, Transfer

OWN_ACCOUNT: Final = 0
"""In a leg: the contract's own account, which may not be open yet."""


class Leg(msgspec.Struct, frozen=True):
    """One transfer of a plan, in minor units; accounts are indexes of the ledger, or OWN_ACCOUNT."""

    debit: int
    credit: int
    amount_minor: int
    code: TransferCode


class NewAccount(msgspec.Struct, frozen=True):
    """The account to open for a contract: currency (ISO 4217 number), codes, and the lowest balance allowed."""

    currency: int
    gl_code: int
    product: int
    branch: int
    floor_minor: int = 0


class Plan(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """One command decided on; `row` is the contract afterwards, dtype CONTRACT, shape (1,)."""

    id: UUID
    kind: str
    row: NDArray[np.void]
    legs: tuple[Leg, ...] = ()
    account: NewAccount | None = None
    holder: str | None = None
    """The holder from now on, where that changes."""
    closes: bool = False
    early: bool = False
    """Whether money is drawn before maturity."""
    notice_due: int = 0
    """The day of withdrawal of a notice given, 0 for none …"""
    notice_minor: int = 0
    """… and its amount."""
    notice_drawn: UUID | None = None
    """The notice that is used up."""
    notice_cancelled: UUID | None = None
    """The notice that is taken back."""
    order: StandingOrder | None = None
    """The standing order that begins."""
    order_stopped: UUID | None = None
    """The standing order that ends."""

    @property
    def contract(self) -> int:
        """The contract's number; of one that is to be opened the number it had when the plan was made."""
        return int(self.row["contract"][0])


def transfers_of(plan: Plan, account: int) -> tuple[Transfer, ...]:
    """The plan's legs as one transaction under the plan's id; `account` is the contract's own."""
    last = len(plan.legs) - 1
    return tuple(
        Transfer(
            txn_id=plan.id,
            debit=leg.debit or account,
            credit=leg.credit or account,
            amount_minor=leg.amount_minor,
            code=leg.code.code,
            flags=Flag.LINKED if number < last else NO_FLAGS,
            leg=number,
        )
        for number, leg in enumerate(plan.legs)
    )


def contract_facts(row: NDArray[np.void]) -> dict[str, int]:
    """One contract's columns by name; `row` has dtype CONTRACT, shape (1,)."""
    return {name: int(row[name][0]) for name in CONTRACT.names or ()}


def contract_row(facts: dict[str, int]) -> NDArray[np.void]:
    """One contract of its columns by name, dtype CONTRACT, shape (1,)."""
    row = np.zeros(1, CONTRACT)
    for name, value in facts.items():
        row[name] = value
    return row


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A plan as the database keeps it."""

    row: dict[str, int]
    legs: tuple[tuple[int, int, int, str], ...]
    account: NewAccount | None
    holder: str | None
    closes: bool
    early: bool
    notice_due: int
    notice_minor: int
    notice_drawn: UUID | None
    # What plans of earlier days did not have.
    notice_cancelled: UUID | None = None
    order: StandingOrder | None = None
    order_stopped: UUID | None = None


def plan_body(plan: Plan) -> dict[str, Any]:
    """The plan as JSON keeps it."""
    kept = _Kept(
        row=contract_facts(plan.row),
        legs=tuple((leg.debit, leg.credit, leg.amount_minor, leg.code.name) for leg in plan.legs),
        account=plan.account,
        holder=plan.holder,
        closes=plan.closes,
        early=plan.early,
        notice_due=plan.notice_due,
        notice_minor=plan.notice_minor,
        notice_drawn=plan.notice_drawn,
        notice_cancelled=plan.notice_cancelled,
        order=plan.order,
        order_stopped=plan.order_stopped,
    )
    return msgspec.to_builtins(kept)


def read_plan(event_id: UUID, kind: str, body: dict[str, Any]) -> Plan:
    """The plan that `plan_body` kept."""
    kept = msgspec.convert({name: body[name] for name in _Kept.__struct_fields__ if name in body}, _Kept)
    return Plan(
        id=event_id,
        kind=kind,
        row=contract_row(kept.row),
        legs=tuple(Leg(debit, credit, amount, TransferCode[code]) for debit, credit, amount, code in kept.legs),
        account=kept.account,
        holder=kept.holder,
        closes=kept.closes,
        early=kept.early,
        notice_due=kept.notice_due,
        notice_minor=kept.notice_minor,
        notice_drawn=kept.notice_drawn,
        notice_cancelled=kept.notice_cancelled,
        order=kept.order,
        order_stopped=kept.order_stopped,
    )
