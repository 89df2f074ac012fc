"""What callers have handed in: submissions, the bounded line they wait in, and their way through to an answer."""

import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from yinhe.kernel.errors import YinheError
from yinhe.ledger.accounts import AccountAnswer, AccountCommand
from yinhe.ledger.batch import LEGS_MAX, Flag
from yinhe.ledger.errors import Busy, LedgerClosed, LedgerFault
from yinhe.ledger.machine import Answers
from yinhe.ledger.store import Checkpoint, Detail


class Transfers:
    """Whole transactions handed in together, as columns of any length."""

    def __init__(self, batch: NDArray[np.void], details: tuple[Detail, ...], checkpoint: Checkpoint | None) -> None:
        self.batch: Final = batch
        self.details: Final = details
        self.checkpoint: Final = checkpoint
        self.taken: int = 0
        """Rows already gathered."""
        self.answers: Final = Answers(np.zeros(len(batch), np.uint8), np.zeros(len(batch), np.int64))
        self.future: Final[Future[Answers]] = Future()

    def take(self, room: int) -> "Part | None":
        """The next rows, at most `room` and no transaction cut in two; None when the next transaction is longer."""
        start = self.taken
        end = min(len(self.batch), start + room)
        if end < len(self.batch):
            linked = self.batch["flags"][max(start, end - LEGS_MAX) : end] & np.uint16(Flag.LINKED)
            open_legs = len(linked) - len(np.trim_zeros(linked, "b")) == 0 and len(linked) > 0
            if open_legs:
                closed = np.flatnonzero(linked == 0)
                end = end - len(linked) + int(closed[-1]) + 1 if len(closed) else self._cut(start, end, room)
        if end == start:
            return None
        self.taken = end
        return Part(self, start, end)

    def _cut(self, start: int, end: int, room: int) -> int:
        # A chain longer than any transaction may be is refused whichever way it is cut.
        return end if room >= LEGS_MAX else start


class Command:
    """One account command."""

    def __init__(self, command: AccountCommand) -> None:
        self.command: Final = command
        self.future: Final[Future[AccountAnswer]] = Future()


class Part(msgspec.Struct, frozen=True, eq=False):
    """The rows `start` to `end` of what was handed in."""

    transfers: Transfers
    start: int
    end: int

    @property
    def batch(self) -> NDArray[np.void]:
        """The rows, dtype TRANSFER."""
        return self.transfers.batch[self.start : self.end]

    def answer(self, outcome: NDArray[np.uint8], seq: NDArray[np.int64]) -> None:
        """Give the answers of these rows; the last part completes the future."""
        self.transfers.answers.outcome[self.start : self.end] = outcome
        self.transfers.answers.seq[self.start : self.end] = seq
        if self.end == len(self.transfers.batch) and not self.transfers.future.done():
            self.transfers.future.set_result(self.transfers.answers)

    def fail(self, fault: YinheError | ValueError) -> None:
        """Complete the future with a fault; what is not gathered yet never will be."""
        self.transfers.taken = len(self.transfers.batch)
        if not self.transfers.future.done():
            self.transfers.future.set_exception(fault)


Gathered = Command | Sequence[Part]


class Line:
    """The bounded line of what waits to be decided; many threads put in, one takes out."""

    def __init__(self, waiting_max: int) -> None:
        self._waiting_max: Final = waiting_max
        self._waiting: Final[deque[Transfers | Command]] = deque()
        self._changed: Final = threading.Condition()
        self._closed: bool = False
        self._fault: YinheError | None = None

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, item: Transfers | Command) -> None:
        """Stand at the end of the line. Raises Busy when it is full, LedgerClosed when nothing is taken any more."""
        with self._changed:
            if self._fault is not None:
                raise LedgerFault(f"The ledger has stopped: {self._fault}") from self._fault
            if self._closed:
                raise LedgerClosed
            if len(self._waiting) >= self._waiting_max:
                raise Busy
            self._waiting.append(item)
            self._changed.notify()

    def close(self, fault: YinheError | None = None) -> None:
        """Let no one in any more; with a fault, send away those who wait."""
        with self._changed:
            self._closed = True
            self._fault = self._fault or fault
            if fault is not None:
                for item in self._waiting:
                    if not item.future.done():
                        item.future.set_exception(fault)
                self._waiting.clear()
            self._changed.notify_all()

    def gather(self, rows_max: int, wait_seconds: float) -> Gathered | None:
        """The next command alone, or parts of up to `rows_max` rows; empty after `wait_seconds`, None at the end.

        A step of bulk work is gathered alone: it commits with its checkpoint.
        """
        with self._changed:
            if not self._waiting and not self._closed:
                self._changed.wait(wait_seconds)
            if not self._waiting:
                return None if self._closed else ()
            parts: list[Part] = []
            room = rows_max
            while self._waiting and room > 0:
                head = self._waiting[0]
                if isinstance(head, Command):
                    if not parts:
                        self._waiting.popleft()
                        return head
                    break
                if parts and (head.checkpoint or parts[0].transfers.checkpoint):
                    break
                if head.taken < len(head.batch):
                    part = head.take(room)
                    if part is None:
                        break
                    parts.append(part)
                    room -= part.end - part.start
                if head.taken == len(head.batch):
                    self._waiting.popleft()
            return parts
