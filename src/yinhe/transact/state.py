"""What the stages share: memory to read, sums to count in, rules to ask. Owned by the day, under its lock."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from yinhe.transact.facts import Facts
from yinhe.transact.piece import Piece
from yinhe.transact.tallies import Tallies

if TYPE_CHECKING:
    from yinhe.transact.identify import Reaches
    from yinhe.transact.interceptors import Interceptor


class State:
    """Memory of the day; one thread at a time."""

    def __init__(
        self, facts: Facts, tallies: Tallies, reaches: "Reaches", interceptors: Sequence["Interceptor"]
    ) -> None:
        """Nothing is on its way."""
        self.facts: Final = facts
        self.tallies: Final = tallies
        self.reaches: Final = reaches
        self.interceptors: Final = tuple(interceptors)
        self.in_flight: Final[dict[int, Piece]] = {}
        """What is handed to the ledger and not answered, by id as a number."""
        self.is_trial: bool = False
        """Whether nothing is to be counted: the command is only tried."""
