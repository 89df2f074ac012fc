"""The day, stage by stage: what happens to a command from when it is received to when it is posted or refused.

Every stage before `post` takes one piece and answers a refusal or None; none of them touches a table. `post` hands many
pieces to the ledger at once, `announce` puts the refused on record in groups; who follows the journal hears the rest.
"""

from collections.abc import Callable
from typing import Final

from yinhe.kernel.refusals import Refusal
from yinhe.transact.announce import announce
from yinhe.transact.decide import decide
from yinhe.transact.gather import gather
from yinhe.transact.identify import identify
from yinhe.transact.piece import Piece
from yinhe.transact.post import post
from yinhe.transact.receive import receive
from yinhe.transact.screen import screen
from yinhe.transact.state import State
from yinhe.transact.validate import validate

Stage = Callable[[Piece, State], Refusal | None]

ASKING: Final[tuple[Stage, ...]] = (receive, identify, validate)
"""What is asked of every command, a second time too."""
DECIDING: Final[tuple[Stage, ...]] = (gather, decide, screen)
"""What is asked of a command that is not on its way already."""

PIPELINE: Final = (receive, identify, validate, gather, decide, screen, post, announce)
"""All stages, in order."""


def run(piece: Piece, state: State, *, is_leg: bool = False) -> Refusal | None:
    """Take one command through the stages that come before posting; its plan is in the piece unless it is refused.

    `is_leg`: one leg of several under one id, each of which is a command of its own to the stages.
    """
    for stage in ASKING[1:] if is_leg else ASKING:
        refused = stage(piece, state)
        if refused is not None:
            piece.plan = None
            piece.is_reached = stage is not identify
            return refused
    if piece.plan is not None:
        return None
    for stage in DECIDING:
        refused = stage(piece, state)
        if refused is not None:
            piece.plan = None
            return refused
    return None
