"""Validate: what can be said of a command by itself, in the order of the ledger's own outcomes."""

from typing import Final

from yinhe.kernel.refusals import Refusal
from yinhe.ledger.batch import VALUE_DATE_MAX, VALUE_DATE_MIN
from yinhe.ledger.columns import AMOUNT_MAX
from yinhe.ledger.outcomes import Outcome
from yinhe.transact.codes import ASKED_CODES
from yinhe.transact.commands import NARRATIVE_LENGTH_MAX, Hold, HoldAct
from yinhe.transact.piece import Piece
from yinhe.transact.refusals import DAY_REFUSALS, LEDGER_REFUSALS, DayRefusal
from yinhe.transact.state import State

_UNKNOWN: Final = LEDGER_REFUSALS[Outcome.UNKNOWN_ACCOUNT]
_SAME: Final = LEDGER_REFUSALS[Outcome.SAME_ACCOUNT]
_NOT_POSITIVE: Final = LEDGER_REFUSALS[Outcome.AMOUNT_NOT_POSITIVE]
_OUT_OF_RANGE: Final = LEDGER_REFUSALS[Outcome.AMOUNT_OUT_OF_RANGE]
_VALUE_DATE: Final = LEDGER_REFUSALS[Outcome.VALUE_DATE_OUT_OF_RANGE]
_FLAGS: Final = LEDGER_REFUSALS[Outcome.FLAGS_INVALID]
_CODE: Final = DAY_REFUSALS[DayRefusal.CODE_NOT_ALLOWED]
_NARRATIVE: Final = DAY_REFUSALS[DayRefusal.NARRATIVE_UNREADABLE]
_BACKDATED: Final = DAY_REFUSALS[DayRefusal.VALUE_DATE_NOT_ALLOWED]


def validate(piece: Piece, state: State) -> Refusal | None:
    """Refuse what no account could make right."""
    command = piece.command
    count, amount = state.facts.count, command.amount_minor
    if not (0 < command.debit < count and 0 < command.credit < count):
        return _UNKNOWN
    if command.debit == command.credit:
        return _SAME
    if isinstance(command, Hold):
        refused = _refuse_hold(command)
        if refused is not None:
            return refused
    elif command.code not in ASKED_CODES and not piece.caller.is_bank:
        return _CODE
    elif amount <= 0:
        return _NOT_POSITIVE
    if amount > AMOUNT_MAX:
        return _OUT_OF_RANGE
    if command.value_date is not None:
        refused = _refuse_value_date(command.value_date, piece, state)
        if refused is not None:
            return refused
    words = command.narrative
    return _NARRATIVE if words and (len(words) > NARRATIVE_LENGTH_MAX or not words.isprintable()) else None


def _refuse_hold(command: Hold) -> Refusal | None:
    if command.act is HoldAct.PLACE:
        if command.amount_minor <= 0:
            return _NOT_POSITIVE
        return _FLAGS if command.hold or not 0 <= command.expires_at <= AMOUNT_MAX else None
    if command.amount_minor < 0:
        return _NOT_POSITIVE
    return _FLAGS if not 0 < command.hold <= AMOUNT_MAX or command.expires_at else None


def _refuse_value_date(value_date: int, piece: Piece, state: State) -> Refusal | None:
    if not VALUE_DATE_MIN <= value_date <= VALUE_DATE_MAX:
        return _VALUE_DATE
    return _BACKDATED if value_date < state.facts.date and not piece.caller.corrects else None
