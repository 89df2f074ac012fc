"""Post: the plans of many commands as one batch for the ledger, each with the words that are kept of it."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from yinhe.ledger.batch import TRANSFER, Flag
from yinhe.ledger.store import Detail
from yinhe.products.parts.base import Channel
from yinhe.transact.piece import Piece, Plan

_MASK: Final = (1 << 64) - 1
_LINKED: Final = int(Flag.LINKED)
_DATED: Final = int(Flag.VALUE_DATED)
CHANNEL_NAMES: Final = {channel: channel.name.lower() for channel in Channel}
"""As the journal names channels."""

_Row = tuple[int, int, int, int, int, int, int, int, int, int]


def post(pieces: Sequence[Piece]) -> tuple[NDArray[np.void], tuple[Detail, ...]]:
    """The rows (dtype TRANSFER) of pieces that have a plan, in order, and the details that commit with them."""
    rows: list[_Row] = []
    for piece in pieces:
        plan = piece.plan
        assert plan is not None, "refused pieces are not posted"
        number = piece.command.id.int
        hi, lo = number >> 64, number & _MASK
        if len(plan.legs) == 1 and plan.value_date is None:
            (leg,) = plan.legs
            rows.append((hi, lo, leg.amount_minor, leg.reference, leg.debit, leg.credit, 0, leg.code, leg.flags, 0))
        else:
            rows.extend(_rows_of(hi, lo, plan))
    # One call for all: NumPy reads a list of tuples into records at well under a microsecond a row.
    return np.array(rows, TRANSFER), tuple(detail_of(piece) for piece in pieces)


def _rows_of(hi: int, lo: int, plan: Plan) -> list[_Row]:
    value_date, dated = (0, 0) if plan.value_date is None else (plan.value_date, _DATED)
    last = len(plan.legs) - 1
    rows: list[_Row] = []
    for number, leg in enumerate(plan.legs):
        flags = leg.flags | dated | (_LINKED if number < last else 0)
        rows.append(
            (hi, lo, leg.amount_minor, leg.reference, leg.debit, leg.credit, value_date, leg.code, flags, number)
        )
    return rows


def detail_of(piece: Piece) -> Detail:
    """Who asked, through what and in which words."""
    command, caller = piece.command, piece.caller
    channel = caller.author.channel or CHANNEL_NAMES[command.channel]
    return Detail(command.id, caller.actor, channel, command.narrative, caller.detail)
