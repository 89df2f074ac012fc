"""The control plane's one write path: a command, its record in the log and its answer commit together, once.

1. The request's id is claimed; known with the same content it gets its first answer again, with other content it is
   refused.
2. The work is done, in the same transaction.
3. Done: the record and the answer are written, and all is committed. Refused: all is rolled back, and the refusal
   alone is put on record; the id may be used again. Dry run: all is rolled back.
"""

import hashlib
from collections.abc import Callable
from typing import Any, Final, TypeVar
from uuid import UUID

import msgspec
import psycopg

from yinhe.audit.log import append
from yinhe.audit.record import AuditRefusal, Author, Outcome, Record
from yinhe.kernel.clock import Clock
from yinhe.kernel.ids import is_uuid7
from yinhe.kernel.refusals import Refusal
from yinhe.storage.sessions import Sessions
from yinhe.storage.statements import load_statements

Value = TypeVar("Value")


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A command as it came: what, under which id, by whom and why."""

    id: UUID
    """A UUIDv7: the same id twice is done once."""
    action: str
    """Area and verb, lower case: `party.open`."""
    content: Any
    """What the same id must ask again, as msgspec encodes it; secrets left out."""
    author: Author
    why: str = ""
    dry_run: bool = False


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What work did; `answer` is what the caller is told, now and when it asks again."""

    answer: Any
    object: str
    parties: tuple[int, ...] = ()
    before: Any = None
    after: Any = None
    detail: Any = None
    outcome: Outcome = Outcome.DONE
    """How the log has it: `PENDING` where only the asking was done, and a second person decides."""
    recorded: bool = False
    """Whether the work itself has put it on record, as the steps of a product's life do."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a command came to. `answer` is JSON."""

    answer: msgspec.Raw
    object: str
    repeated: bool = False
    """Whether it was done before under this id."""
    dry_run: bool = False

    def read(self, kind: type[Value]) -> Value:
        """The answer as a value of its type."""
        return msgspec.json.decode(self.answer, type=kind)


Work = Callable[[psycopg.Connection], Done | Refusal]
"""Done inside a transaction that may be rolled back: nothing outside the database may be changed by it."""


class Desk:
    """Carries commands out; safe between threads."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self.sessions: Final = sessions
        self.clock: Final = clock
        self._sql: Final = load_statements("audit")

    def carry_out(self, asked: Asked, work: Work) -> Told | Refusal:
        """Do the work of a command once. Raises a fault of storage; then it may be asked again under the same id."""
        if not is_uuid7(asked.id):
            return Refusal(AuditRefusal.ID_MALFORMED)
        with self.sessions.lend() as session:
            outcome: Told | Refusal | None = None
            with session.transaction() as transaction:
                outcome = self._inside(session, asked, work)
                if asked.dry_run or isinstance(outcome, Refusal):
                    raise psycopg.Rollback(transaction)
            assert outcome is not None, "a rollback leaves what was found"
            if isinstance(outcome, Refusal) and not asked.dry_run:
                self.note_refusal(session, asked, outcome)
            return outcome

    def note(self, *records: Record) -> None:
        """Put on record what was done elsewhere, or only looked at."""
        with self.sessions.transaction() as session:
            append(session, self.clock, records)

    def note_refusal(self, session: psycopg.Connection, asked: Asked, refusal: Refusal) -> None:
        """Put a refusal on record."""
        record = Record(
            action=asked.action,
            author=asked.author,
            outcome=Outcome.REFUSED,
            request_id=asked.id,
            why=refusal.name,
            detail=asked.content,
        )
        with session.transaction():
            append(session, self.clock, [record])

    def _inside(self, session: psycopg.Connection, asked: Asked, work: Work) -> Told | Refusal:
        digest = digest_of(asked)
        claimed = session.execute(
            self._sql["request_claim"], {"id": asked.id, "action": asked.action, "digest": digest}
        )
        if not claimed.rowcount:
            return self._again(session, asked, digest)
        done = work(session)
        if isinstance(done, Refusal):
            return done
        answer = msgspec.json.encode(done.answer)
        session.execute(self._sql["request_answer"], {"id": asked.id, "answer": answer.decode(), "object": done.object})
        record = Record(
            action=asked.action,
            author=asked.author,
            outcome=done.outcome,
            object=done.object,
            parties=done.parties,
            request_id=asked.id,
            why=asked.why,
            before=done.before,
            after=done.after,
            detail=done.detail,
        )
        if not done.recorded:
            append(session, self.clock, [record])
        return Told(answer=msgspec.Raw(answer), object=done.object, dry_run=asked.dry_run)

    def _again(self, session: psycopg.Connection, asked: Asked, digest: bytes) -> Told | Refusal:
        row = session.execute(self._sql["request_read"], {"id": asked.id}).fetchone()
        if row is None or bytes(row[0]) != digest:
            return Refusal(AuditRefusal.ID_CONFLICT)
        return Told(answer=msgspec.Raw(str(row[1]).encode()), object=str(row[2]), repeated=True, dry_run=asked.dry_run)


def digest_of(asked: Asked) -> bytes:
    """What the same id must ask again: the action, its content and who asks."""
    return hashlib.sha256(
        msgspec.json.encode([asked.action, asked.content, asked.author.actor], order="sorted")
    ).digest()
