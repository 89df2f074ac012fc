"""Gather: the facts of the two accounts, out of memory."""

from typing import Final

from yinhe.kernel.refusals import Refusal
from yinhe.transact.piece import Piece
from yinhe.transact.refusals import DAY_REFUSALS, DayRefusal
from yinhe.transact.state import State

_CURRENCY: Final = DAY_REFUSALS[DayRefusal.CURRENCY_NOT_THE_ACCOUNTS]


def gather(piece: Piece, state: State) -> Refusal | None:
    """Find the rules of both accounts; refuse a currency that is not theirs."""
    command, facts = piece.command, state.facts
    currency = facts.currency.item
    if currency(command.debit) != command.currency or currency(command.credit) != command.currency:
        return _CURRENCY
    piece.debit_rule = facts.rule(command.debit)
    piece.credit_rule = facts.rule(command.credit)
    return None
