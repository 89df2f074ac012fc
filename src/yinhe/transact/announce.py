"""Announce: the refused is put on record in the log, in bounded groups; what is posted is read off the journal."""

import threading
from collections import deque
from collections.abc import Sequence
from typing import Final

import msgspec
import psycopg

from yinhe.audit.desk import Desk
from yinhe.audit.record import BANK, Author, Outcome, Record
from yinhe.kernel.refusals import Refusal
from yinhe.ledger.logbook import Logbook
from yinhe.storage.errors import StorageError
from yinhe.transact.commands import Command, Hold

GROUP_MAX: Final = 500
"""Records of one transaction."""
WAITING_MAX: Final = 20_000
"""Refusals that wait to be put on record; of more than these only the number is."""
PAUSE_SECONDS: Final = 0.2
"""How long refusals gather before they are written."""
CLOSE_SECONDS: Final = 10.0
"""Longest a close waits for what is left to be written."""


class Refused(msgspec.Struct, frozen=True):
    """A command that was refused."""

    command: Command
    author: Author
    refusal: Refusal


class Announcer:
    """Writes refusals from a thread of its own; whoever refuses never waits for it."""

    def __init__(self, desk: Desk, pause_seconds: float = PAUSE_SECONDS) -> None:
        """The thread begins with the first refusal."""
        self._desk: Final = desk
        self._pause: Final = pause_seconds
        self._log: Final = Logbook("yinhe.transact")
        self._waiting: Final[deque[Refused | Record]] = deque()
        self._lost: int = 0
        self._changed: Final = threading.Condition()
        self._writing: Final = threading.Lock()
        self._closed: bool = False
        self._thread: threading.Thread | None = None

    def put_record(self, record: Record) -> None:
        """Have one record written soon."""
        self.put((record,))

    def put(self, refused: Sequence[Refused | Record]) -> None:
        """Have refusals put on record soon."""
        if not refused:
            return
        with self._changed:
            room = max(0, WAITING_MAX - len(self._waiting))
            self._waiting.extend(refused[:room])
            self._lost += max(0, len(refused) - room)
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._run, name="yinhe announcer", daemon=True)
                self._thread.start()
            self._changed.notify()

    def flush(self) -> int:
        """Write what waits now; how many records there were. Raises a fault of storage, and keeps what it could not."""
        written = 0
        with self._writing:
            while True:
                with self._changed:
                    group = [self._waiting.popleft() for _ in range(min(GROUP_MAX, len(self._waiting)))]
                    lost, self._lost = (self._lost, 0) if not self._waiting else (0, self._lost)
                if not group and not lost:
                    return written
                records = [one if isinstance(one, Record) else _record_of(one) for one in group] + (
                    [_record_of_lost(lost)] if lost else []
                )
                try:
                    self._desk.note(*records)
                except BaseException:
                    with self._changed:
                        self._waiting.extendleft(reversed(group))
                        self._lost += lost
                    raise
                written += len(records)

    def close(self) -> None:
        """Write what is left and end the thread."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(CLOSE_SECONDS)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or bool(self._waiting) or bool(self._lost))
                if not self._closed:
                    self._changed.wait(self._pause)
                closed = self._closed
            try:
                self.flush()
            except (psycopg.Error, StorageError) as error:
                self._log.warning("refusals not put on record yet", reason=str(error))
                threading.Event().wait(0 if closed else 5 * self._pause)
            if closed:
                return


def announce(announcer: Announcer, refused: Sequence[Refused]) -> None:
    """Put refusals on record, in groups."""
    announcer.put(refused)


def _record_of(one: Refused) -> Record:
    command = one.command
    action = f"hold.{command.act.value}" if isinstance(command, Hold) else "transfer.post"
    return Record(
        action=action,
        author=one.author,
        outcome=Outcome.REFUSED,
        object=f"account/{command.debit}",
        request_id=command.id,
        why=one.refusal.name,
        detail={
            "debit": command.debit,
            "credit": command.credit,
            "amount_minor": command.amount_minor,
            "currency": command.currency,
            "code": command.code,
        },
    )


def _record_of_lost(count: int) -> Record:
    return Record(
        action="transfer.post",
        author=BANK,
        outcome=Outcome.REFUSED,
        why="too_many_refusals",
        detail={"not_listed": count},
    )
