"""What callers have handed in: submissions, the bounded line they wait in, and their way through to an answer."""

import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from itertools import islice
from typing import Final, TypeVar, cast

import msgspec
import numpy as np
from numpy.typing import NDArray

from yinhe.kernel.errors import YinheError
from yinhe.ledger.accounts import AccountAnswer, AccountCommand
from yinhe.ledger.batch import Flag
from yinhe.ledger.errors import Busy, LedgerClosed, LedgerFault
from yinhe.ledger.memory import Answers
from yinhe.ledger.store import Checkpoint, Detail

_LOOK_AHEAD: Final = 16
"""How far behind a bulk the line is searched for something shorter."""

Value = TypeVar("Value")


def _future() -> Future[Value]:
    """A future that cannot be cancelled: what was handed in is carried out whether or not anyone waits."""
    future: Future[Value] = Future()
    future.set_running_or_notify_cancel()
    return future


class Transfers:
    """Whole transactions handed in together, as columns of any length."""

    def __init__(self, batch: NDArray[np.void], details: tuple[Detail, ...], checkpoint: Checkpoint | None) -> None:
        self.batch: Final = batch
        self.details: Final = details
        self.checkpoint: Final = checkpoint
        self.taken: int = 0
        """Rows already gathered."""
        self.answers: Final = Answers(np.zeros(len(batch), np.uint8), np.zeros(len(batch), np.int64))
        self.future: Final[Future[Answers]] = _future()

    def take(self, room: int, alone: bool) -> "Part | None":
        """The next rows, at most `room` and no transaction cut in two; None when the next transaction needs more room.

        What is gathered `alone` gets its first transaction in any case, so that nothing waits for ever.
        """
        start, end = self.taken, min(len(self.batch), self.taken + room)
        flags = self.batch["flags"]
        if end < len(flags) and flags[end - 1] & np.uint16(Flag.LINKED):
            closed = np.flatnonzero(flags[start:end] & np.uint16(Flag.LINKED) == 0)
            if len(closed):
                end = start + int(closed[-1]) + 1
            elif not alone:
                return None
            else:
                closed = np.flatnonzero(flags[end:] & np.uint16(Flag.LINKED) == 0)
                end = end + int(closed[0]) + 1 if len(closed) else len(flags)
        self.taken = end
        return Part(self, start, end)

    @property
    def left(self) -> int:
        """Rows not gathered yet."""
        return len(self.batch) - self.taken

    @property
    def ends_open(self) -> bool:
        """Whether the last row says that another leg follows, which none does."""
        return bool(self.batch["flags"][-1] & np.uint16(Flag.LINKED))


class Command:
    """One account command."""

    def __init__(self, command: AccountCommand) -> None:
        self.command: Final = command
        self.future: Final[Future[AccountAnswer]] = _future()

    def answer(self, answer: AccountAnswer) -> None:
        """Complete the future."""
        self.future.set_result(answer)

    def fail(self, fault: YinheError) -> None:
        """Complete the future with a fault."""
        if not self.future.done():
            self.future.set_exception(fault)


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

    def fail(self, fault: YinheError) -> None:
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

    @property
    def closed(self) -> bool:
        """Whether no one is let in any more."""
        return self._closed

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

        What is longer than a commit leaves half the room to what is shorter behind it, so that a bulk of a million rows
        delays no one; a second bulk waits for the first, a command for everything before it. A step of bulk work
        commits alone, with its checkpoint.
        """
        with self._changed:
            if not self._waiting and not self._closed:
                self._changed.wait(wait_seconds)
            if not self._waiting:
                return None if self._closed else ()
            if isinstance(self._waiting[0], Command):
                return cast("Command", self._waiting.popleft())
            return self._gather_parts(rows_max)

    def _gather_parts(self, rows_max: int) -> list[Part]:
        parts: list[Part] = []
        left: list[Transfers] = []
        room = rows_max
        while self._waiting and room > 0:
            head = self._waiting[0]
            if isinstance(head, Command) or (parts and (head.checkpoint or parts[0].transfers.checkpoint)):
                break
            is_long = head.left > rows_max
            others_wait = any(
                isinstance(item, Transfers) and item.left <= rows_max for item in islice(self._waiting, 1, _LOOK_AHEAD)
            )
            if not is_long or not left:
                part = head.take((room + 1) // 2 if is_long and others_wait else room, alone=not parts)
                if part is None:
                    break
                parts.append(part)
                room -= part.end - part.start
            self._waiting.popleft()
            if head.left:
                left.append(head)
            elif head.ends_open:
                # Nothing behind it may be taken for the leg it lacks.
                break
        self._waiting.extendleft(reversed(left))
        return parts
