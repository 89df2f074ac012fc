"""One command on its way through the stages, and the plan that is made of it."""

from typing import Final

import msgspec

from yinhe.ledger.batch import NO_FLAGS
from yinhe.products.parts.fee import FeeEvent
from yinhe.transact.caller import Caller
from yinhe.transact.commands import Command
from yinhe.transact.rules import OWN, Rule

NO_FLAG: Final = int(NO_FLAGS)


class Leg(msgspec.Struct, frozen=True, gc=False):
    """One leg of a plan, in minor units; `flags` and `reference` as `ledger.batch` has them, LINKED left out."""

    debit: int
    credit: int
    amount_minor: int
    code: int
    flags: int = NO_FLAG
    reference: int = 0


class Plan(msgspec.Struct, frozen=True, gc=False):
    """What is to be posted of a command: its legs under its id, all or none.

    First the recalls from linked products, if any, then what was asked for, then its fee.
    """

    legs: tuple[Leg, ...]
    fee_minor: int = 0
    value_date: int | None = None
    counted: tuple[int, FeeEvent] | None = None
    """The account and event whose count of the month this transaction adds to, where a fee depends on it."""
    recalls: int = 0
    """How many of the legs are recalls."""
    is_short: bool = False
    """Whether the account cannot pay it, nor with what is linked to it: the ledger refuses, nothing is on its way."""

    def leaving_minor(self, account: int) -> int:
        """What leaves an account, less what the recalls bring to it; in minor units."""
        out = sum(leg.amount_minor for leg in self.legs if leg.debit == account)
        return out - sum(leg.amount_minor for leg in self.legs[: self.recalls] if leg.credit == account)


class Piece:
    """A command with who asks, and what the stages have found out so far."""

    __slots__ = (
        "caller",
        "command",
        "companions",
        "credit_rule",
        "debit_rule",
        "earlier",
        "is_reached",
        "plan",
        "reserved_on",
        "twin",
    )

    def __init__(self, command: Command, caller: Caller) -> None:
        self.command: Final = command
        self.caller: Final = caller
        self.debit_rule: Rule = OWN
        self.credit_rule: Rule = OWN
        self.plan: Plan | None = None
        self.is_reached: bool = True
        """Whether the caller reaches the account, so that they may hear what became of this id before."""
        self.twin: Piece | None = None
        """The same command, handed in before and not answered yet."""
        self.earlier: tuple[Piece, ...] = ()
        """Of one leg of several under one id: the pieces of the legs before it."""
        self.companions: tuple[Piece, ...] = ()
        """The pieces of single legs that this one joins; what they reserved ends with it."""
        self.reserved_on: int = 0
        """The business date whose sums this piece's amount is in; 0 for none."""
