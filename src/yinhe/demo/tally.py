"""What became of the transfers handed in: counts by outcome, and of what holds went through."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from yinhe.ledger.batch import Flag
from yinhe.ledger.outcomes import Outcome


class Tally:
    """Running counts; one for each thread, added up afterwards."""

    def __init__(self) -> None:
        self.outcomes: Final[NDArray[np.int64]] = np.zeros(len(Outcome), np.int64)
        """How many transfers were answered so, by `Outcome`: int64, shape (len(Outcome),)."""
        self.placed: int = 0
        self.posted_whole: int = 0
        self.posted_part: int = 0
        self.voided: int = 0

    def add(self, flags: NDArray[np.uint16], amount: NDArray[np.int64], outcome: NDArray[np.uint8]) -> None:
        """Count transfers as they were handed in, with their answers; arrays of shape (n,).

        Posting a part always leaves a rest, and the rest is voided whole: so each hold ends with amount 0 once.
        """
        self.outcomes[:] += np.bincount(outcome, minlength=len(Outcome))
        flags, amount = flags[outcome == Outcome.POSTED], amount[outcome == Outcome.POSTED]
        posts = flags & np.uint16(Flag.POST) != 0
        self.placed += int(np.count_nonzero(flags & np.uint16(Flag.PENDING)))
        self.posted_whole += int(np.count_nonzero(posts & (amount == 0)))
        self.posted_part += int(np.count_nonzero(posts & (amount != 0)))
        self.voided += int(np.count_nonzero(flags & np.uint16(Flag.VOID)))

    def take(self, other: "Tally") -> None:
        """Add another tally's counts."""
        self.outcomes[:] += other.outcomes
        self.placed += other.placed
        self.posted_whole += other.posted_whole
        self.posted_part += other.posted_part
        self.voided += other.voided

    @property
    def transfers(self) -> int:
        """Transfers handed in."""
        return int(self.outcomes.sum())

    @property
    def posted(self) -> int:
        """Transfers posted."""
        return int(self.outcomes[Outcome.POSTED])

    @property
    def duplicates(self) -> int:
        """Transfers that were posted under their id before."""
        return int(self.outcomes[Outcome.DUPLICATE])

    @property
    def refused(self) -> int:
        """Transfers refused."""
        return self.transfers - self.posted - self.duplicates
