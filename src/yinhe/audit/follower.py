"""Keeps the log up with the journal: takes in what was posted, and anchors the dates that have passed."""

import threading
from collections.abc import Callable
from typing import Final

import psycopg

from yinhe.audit.anchors import write_anchors
from yinhe.audit.posted import take_in_posted
from yinhe.kernel.clock import Clock
from yinhe.ledger.logbook import Logbook
from yinhe.storage.errors import StorageError
from yinhe.storage.sessions import Sessions

PAUSE_SECONDS: Final = 1.0
"""How long it rests when everything is in."""
_BACK_OFF_SECONDS: Final = (1.0, 2.0, 5.0, 15.0)
"""Waits after one failure, two, …; the last repeats."""


def catch_up(session: psycopg.Connection, clock: Clock, is_stopped: Callable[[], bool] = lambda: False) -> int:
    """Take in what was posted and anchor the dates that have passed; how many transactions and dates there were."""
    done = 0
    while not is_stopped():
        # What was posted on a date is in the log before the date is anchored, but what was posted in its last moment:
        # that is in the next date's.
        more = take_in_posted(session, clock) or write_anchors(session, clock)
        if not more:
            break
        done += more
    return done


class Follower:
    """A thread that follows the journal; what it does is resumed where it stopped, by whoever comes next."""

    def __init__(self, sessions: Sessions, clock: Clock, pause_seconds: float = PAUSE_SECONDS) -> None:
        """Nothing is done before `start`."""
        self._sessions: Final = sessions
        self._clock: Final = clock
        self._pause: Final = pause_seconds
        self._log: Final = Logbook("yinhe.audit")
        self._stopped: Final = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to follow."""
        self._thread = threading.Thread(target=self._run, name="yinhe follower", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop after the transaction that is under way."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def catch_up(self) -> int:
        """Do everything there is to do now; how many transactions were taken in and dates anchored."""
        with self._sessions.lend() as session:
            return catch_up(session, self._clock, self._stopped.is_set)

    def _run(self) -> None:
        failures = 0
        while not self._stopped.is_set():
            try:
                self.catch_up()
                failures = 0
            except (psycopg.Error, StorageError) as error:
                failures += 1
                self._log.warning("the log could not follow the journal", reason=str(error), failures=failures)
            pause = _BACK_OFF_SECONDS[min(failures, len(_BACK_OFF_SECONDS)) - 1] if failures else self._pause
            self._stopped.wait(pause)
