"""Loans that another bank has lent, and what happened to them there, on their way into the books."""

from uuid import UUID

import msgspec

from yinhe.ledger.batch import NO_FLAGS, Flag, Transfer
from yinhe.lending.accrual import Loans
from yinhe.lending.codes import LoanCode
from yinhe.lending.columns import LoanFlag
from yinhe.lending.position import Act, Position


class Move(msgspec.Struct, frozen=True):
    """Money that came from an account of the other books, or went to it where negative; minor units."""

    account: int
    amount_minor: int


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened to a loan, and where its money was: the moves add up to what the loan's account moved."""

    id: UUID
    act: Act
    code: LoanCode
    moves: tuple[Move, ...]

    def transfers(self, account: int) -> tuple[Transfer, ...]:
        """One transaction that brings the money to the loan's account, value-dated on the day it happened."""
        moves = [move for move in self.moves if move.amount_minor]
        return tuple(
            Transfer(
                txn_id=self.id,
                debit=move.account if move.amount_minor > 0 else account,
                credit=account if move.amount_minor > 0 else move.account,
                amount_minor=abs(move.amount_minor),
                code=self.code.code,
                flags=Flag.LINKED if leg < len(moves) - 1 else NO_FLAGS,
                leg=leg,
                value_date=self.act.day,
            )
            for leg, move in enumerate(moves)
        )


class TakenOver(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A loan to take over."""

    id: UUID
    borrower: str
    purpose: str
    row: Loans
    """As it was agreed, dtype LOAN, shape (1,); its accounts and its number are still to come."""
    happened: tuple[Happened, ...]
    """In order."""


def principal_only(at: Position) -> Position:
    """A loan as its account says once its money was taken over: what it owes beside principal is not booked yet."""
    booked = at.copy()
    for name in ("whole", "penalty_whole", "compound_whole", "penalty", "compound", "fee", "allowance"):
        booked.row[name] = 0
    booked.row["flags"] &= ~int(LoanFlag.NON_ACCRUAL)
    booked.items["interest_left"] = 0
    return booked
