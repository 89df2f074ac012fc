"""The short belt between the decider and the committer: bounded, in order, and never a place to wait for ever."""

import threading
from collections import deque
from typing import Final, Generic, TypeVar

Item = TypeVar("Item")


class Handover(Generic[Item]):
    """One thread puts, one takes and says when each is done; either hears when the belt is broken."""

    def __init__(self, waiting_max: int) -> None:
        self._waiting_max: Final = waiting_max
        self._waiting: Final[deque[Item]] = deque()
        self._changed: Final = threading.Condition()
        self._in_work: int = 0
        self._finished: bool = False
        self._broken: bool = False

    def put(self, item: Item) -> bool:
        """Lay an item on the belt, waiting for room; False when the belt is broken and the item was not taken."""
        with self._changed:
            self._changed.wait_for(lambda: self._broken or len(self._waiting) < self._waiting_max)
            if self._broken:
                return False
            self._waiting.append(item)
            self._changed.notify_all()
            return True

    def wait_room(self) -> None:
        """Wait until an item could be laid on the belt at once, or the belt is broken."""
        with self._changed:
            self._changed.wait_for(lambda: self._broken or len(self._waiting) < self._waiting_max)

    def get(self) -> Item | None:
        """The next item, waiting for it; None when there will be none."""
        with self._changed:
            self._changed.wait_for(lambda: self._broken or self._finished or len(self._waiting) > 0)
            if not self._waiting:
                return None
            self._in_work += 1
            item = self._waiting.popleft()
            self._changed.notify_all()
            return item

    def done(self) -> None:
        """Say that the item taken last is dealt with."""
        with self._changed:
            self._in_work -= 1
            self._changed.notify_all()

    def wait_empty(self) -> None:
        """Wait until everything laid on the belt is dealt with, or the belt is broken."""
        with self._changed:
            self._changed.wait_for(lambda: self._broken or (not self._waiting and not self._in_work))

    def finish(self) -> None:
        """Nothing more will come."""
        with self._changed:
            self._finished = True
            self._changed.notify_all()

    def break_off(self) -> list[Item]:
        """Take nothing and give nothing any more; what lay on the belt."""
        with self._changed:
            self._broken = True
            left = list(self._waiting)
            self._waiting.clear()
            self._changed.notify_all()
            return left
