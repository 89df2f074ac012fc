"""Receive: a command that is on its way already is the same command, not another one."""

from yinhe.kernel.refusals import Refusal
from yinhe.transact.commands import Command
from yinhe.transact.piece import Piece
from yinhe.transact.state import State


def receive(piece: Piece, state: State) -> Refusal | None:
    """Find the twin that was handed in before under this id and is not answered yet.

    The ledger knows every id it has posted; but a plan may come out otherwise the second time (a limit is used up by
    the first, a fee counts one more), so a twin takes the plan of the first.
    """
    first = state.in_flight.get(piece.command.id.int)
    if first is not None and asks_the_same(first.command, piece.command):
        piece.twin, piece.plan = first, first.plan
    return None


def asks_the_same(one: Command, other: Command) -> bool:
    """Whether two commands move the same money; words and channel may differ."""
    return (
        type(one) is type(other)
        and one.debit == other.debit
        and one.credit == other.credit
        and one.amount_minor == other.amount_minor
        and one.currency == other.currency
        and one.code == other.code
        and one.value_date == other.value_date
    )
