"""Reading the bank's memory while commands and nights change it."""

import threading
from collections.abc import Callable
from typing import Final, TypeVar

Value = TypeVar("Value")

READS_MAX: Final = 8
"""How often memory is read at most until it stands still."""
LOCK_SECONDS: Final = 0.002
"""How long a reader waits for whoever changes memory."""


def read_steadily(lock: threading.RLock, read: Callable[[], Value], *, night_at_work: bool) -> Value | None:
    """What `read` gives, whole; None while a step of the night has it in hand.

    `lock` is held by whoever changes memory. A command holds it while it waits for the database and changes its rows in
    the last moment, so that what is read twice the same is right without it. A step of the night goes over whole
    columns one after the other and holds the lock as long: there only the lock tells.
    """
    if lock.acquire(timeout=LOCK_SECONDS):
        try:
            return read()
        finally:
            lock.release()
    if night_at_work:
        return None
    before = read()
    for _ in range(READS_MAX):
        after = read()
        if after == before:
            return after
        before = after
    return None
