"""Screen: the limits of whoever asks, and whatever may stop a plan that is right in itself."""

from typing import Final

from yinhe.access.refusals import AccessRefusal
from yinhe.kernel.refusals import Refusal
from yinhe.transact.commands import Hold, HoldAct
from yinhe.transact.piece import Piece
from yinhe.transact.refusals import LIMIT_REFUSALS
from yinhe.transact.state import State

_SINGLE: Final = LIMIT_REFUSALS[AccessRefusal.OVER_SINGLE_LIMIT]
_DAILY: Final = LIMIT_REFUSALS[AccessRefusal.OVER_DAILY_LIMIT]


def screen(piece: Piece, state: State) -> Refusal | None:
    """Refuse what goes beyond a limit or is intercepted; what passes counts from now on."""
    command, caller = piece.command, piece.caller
    is_limited = not caller.is_bank and moves(piece)
    if is_limited:
        amount = command.amount_minor
        single, daily = caller.limits(command.currency)
        if amount > single:
            return _SINGLE
        if state.tallies.moved((caller.actor, command.currency)) + amount > daily:
            return _DAILY
    for interceptor in state.interceptors:
        refused = interceptor.refuse(piece, state.facts)
        if refused is not None:
            return refused
    if state.is_trial:
        for interceptor in state.interceptors:
            interceptor.settled(piece, posted=False)
    else:
        reserve(piece, state)
    return None


def moves(piece: Piece) -> bool:
    """Whether a command is one that limits are for; what posts or frees a hold was counted when it was placed."""
    command = piece.command
    return not isinstance(command, Hold) or command.act is HoldAct.PLACE


def reserve(piece: Piece, state: State) -> None:
    """Count a piece in the sums of the date and the counts of the month."""
    piece.reserved_on = state.tallies.date
    if not piece.caller.is_bank and moves(piece):
        state.tallies.add((piece.caller.actor, piece.command.currency), piece.command.amount_minor)
    if piece.plan is not None and piece.plan.counted is not None:
        state.tallies.begin(piece.plan.counted)
    _note_moving(piece, state, 1)


def settle(piece: Piece, state: State, *, posted: bool) -> None:
    """Say what became of a piece; once: what was not posted is taken out of the sums it was counted in."""
    if not piece.reserved_on:
        return
    tallies = state.tallies
    if not posted and piece.reserved_on == tallies.date and not piece.caller.is_bank and moves(piece):
        tallies.add((piece.caller.actor, piece.command.currency), -piece.command.amount_minor)
    if piece.plan is not None and piece.plan.counted is not None:
        tallies.end(piece.plan.counted, posted=posted, date=piece.reserved_on)
    _note_moving(piece, state, -1)
    for interceptor in state.interceptors:
        interceptor.settled(piece, posted=posted)
    piece.reserved_on = 0


def _note_moving(piece: Piece, state: State, sign: int) -> None:
    """Note what is on its way out of and into accounts whose rules look at that, or no longer is."""
    command, plan = piece.command, piece.plan
    if plan is None or plan.is_short:
        return
    if piece.debit_rule.watches_debits:
        state.tallies.leave(command.debit, sign * plan.leaving_minor(command.debit))
    if piece.credit_rule.watches_credits and not isinstance(command, Hold):
        state.tallies.arrive(command.credit, sign * command.amount_minor)
