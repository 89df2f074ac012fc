"""Who may do what changes while it is remembered: noticed at once in this process, within a second from any other."""

import threading
from collections.abc import Callable
from typing import Final

import psycopg

from yinhe.kernel.clock import Clock
from yinhe.storage.sessions import Sessions
from yinhe.storage.statements import load_statements

LOOK_EVERY_US: Final = 1_000_000
EVERYONE: Final = 0
"""Stands for all principals: a role or a rule was changed."""

Listener = Callable[[frozenset[int]], None]
"""Told the numbers of the principals about whom something changed."""


class Watch:
    """Writes down changes beside what they change, and looks for those of others; safe between threads."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions: Final = sessions
        self._clock: Final = clock
        self._sql: Final = load_statements("access")
        self._listeners: Final[list[Listener]] = []
        self._looking: Final = threading.Lock()
        self._marking: Final = threading.Lock()
        self._announced = 0
        self.seen = 0
        """The last change listeners were told of."""
        self.due_us = 0
        """When to look again, by the monotonic clock."""

    def listen(self, listener: Listener) -> None:
        """Tell this one too from now on."""
        self._listeners.append(listener)

    def write(self, session: psycopg.Connection, principal: int) -> None:
        """Note inside the transaction of a change whom it is about."""
        session.execute(self._sql["change_write"], {"principal": principal})

    def announce(self) -> None:
        """Say, after its commit, that something was changed: whoever asks next looks first."""
        with self._marking:
            self._announced += 1
            self.due_us = 0

    def look(self) -> None:
        """Look for changes if it is time. Raises a fault of storage; then nothing remembered may be relied on."""
        self._look(ahead_us=0)

    def renew(self) -> None:
        """Look before it is time, from a thread that does this often, so that nobody who is asked has to wait."""
        self._look(ahead_us=LOOK_EVERY_US)

    def _look(self, ahead_us: int) -> None:
        with self._looking:
            if self._clock.monotonic_us() + ahead_us < self.due_us:
                return
            announced, began = self._announced, self._clock.monotonic_us()
            with self._sessions.lend() as session:
                rows = session.execute(self._sql["changes_read"], {"seen": self.seen}).fetchall()
            if rows:
                principals = frozenset(int(row[0]) for row in rows)
                self.seen = max(int(row[1]) for row in rows)
                for listener in self._listeners:
                    listener(principals)
            with self._marking:
                if announced == self._announced:
                    self.due_us = began + LOOK_EVERY_US
