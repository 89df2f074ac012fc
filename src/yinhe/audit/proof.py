"""The proof of the log: its chain worked out anew from the first record, and held against everything it touches.

Four laws (docs/reference/invariants.md states them); each is tested by falsehoods that it must find.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from enum import Enum, unique
from typing import Any, Final

import msgspec
import psycopg

from yinhe.audit.errors import AuditError
from yinhe.audit.log import GENESIS, Head, chained
from yinhe.audit.posted import POSTED, Digest, PostedDetail, PostedRow
from yinhe.audit.reading import NUMBER_END, Kept, kept_of
from yinhe.kernel.dates import date_from_days
from yinhe.ledger.invariants import FINDINGS_MAX, Checked, Finding
from yinhe.storage.statements import load_statements

Progress = Callable[[int, int], None]
"""Told now and then how many records are proved, and of how many."""

_AT_ONCE: Final = 2_000
"""Records read at a time."""


@unique
class LogLaw(Enum):
    """The laws of the log, with what of each is compared; the reference page has the sentences."""

    L1 = "records of the log, chained"
    L2 = "records, as they are found by"
    L3 = "anchors of dates"
    L4 = "transactions taken in"


class LogReport(msgspec.Struct, frozen=True):
    """The verdict on the log as it was at its record `last`."""

    last: int
    checked: tuple[Checked, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing contradicts any law."""
        return not any(entry.contradictions for entry in self.checked)


def verify(session: psycopg.Connection, from_number: int = 0, watch: Progress = lambda done, total: None) -> LogReport:
    """Prove the log after record `from_number`, whose own hash is trusted; 0 proves all of it.

    Reads only, and all at one moment where the session's transaction was begun so (`one_snapshot`); outside a
    transaction it begins one. Transactions are compared in a proof from the first record alone.
    """
    with session.transaction():
        return _Proof(session, from_number).run(watch)


class _Proof:
    def __init__(self, session: psycopg.Connection, from_number: int) -> None:
        self._session: Final = session
        self._from: Final = from_number
        self._sql: Final = load_statements("audit")
        self._counts: Final = Counter[LogLaw]()
        self._contradictions: Final = Counter[LogLaw]()
        self._findings: Final[dict[LogLaw, list[Finding]]] = {law: [] for law in LogLaw}
        self._anchors: Final = self._walk("anchors_walk")
        self._anchor: tuple[int, int, bytes] | None = next(self._anchors, None)
        # A proof from later on does not know where among the transactions it begins.
        given = {"after": 0, "last": self._one("posted_seq")}
        rows = iter(()) if from_number else self._rows("posted_rows", given)
        self._posted: Final = (PostedRow(*row) for row in rows)
        self._row: PostedRow | None = next(self._posted, None)

    def run(self, watch: Progress) -> LogReport:
        total = self._one("records_count", after=self._from)
        before = Head(self._from, self._hash_of(self._from))
        date = 0
        for row in self._walk("records_walk"):
            kept = kept_of(row)
            self._prove_link(kept, before)
            self._prove_columns(kept)
            if kept.business_date < date:
                self._find(LogLaw.L2, kept.number, "a business date not before", _iso(date), _iso(kept.business_date))
            self._prove_anchors(before.number, kept.number, kept.business_date, before.hash)
            if kept.action == POSTED and not self._from:
                self._prove_posted(kept)
            before, date = Head(kept.number, kept.hash), max(date, kept.business_date)
            self._counts[LogLaw.L1] += 1
            self._counts[LogLaw.L2] += 1
            if self._counts[LogLaw.L1] % _AT_ONCE == 0:
                watch(self._counts[LogLaw.L1], total)
        self._prove_end(before)
        return LogReport(before.number, tuple(self._verdicts()))

    # --- the laws

    def _prove_link(self, kept: Kept, before: Head) -> None:
        if kept.number != before.number + 1:
            self._find(LogLaw.L1, kept.number, "the next record", str(before.number + 1), str(kept.number))
        worked_out = chained(before.hash, kept.content.encode())
        if worked_out != kept.hash:
            self._find(LogLaw.L1, kept.number, "the hash of the record", worked_out.hex(), kept.hash.hex())

    def _prove_columns(self, kept: Kept) -> None:
        """The columns a record is found by say what its content says."""
        try:
            told = kept.told
        except msgspec.DecodeError as error:
            self._find(LogLaw.L2, kept.number, "content that reads as JSON", "JSON", str(error))
            return
        author = told.get("author")
        stated: dict[str, Any] = {name: told.get(name) for name in ("number", "at", "action", "object", "outcome")}
        stated["business_date"] = told.get("business_date")
        stated["actor"] = f"{author['kind']}:{author['name']}" if isinstance(author, dict) else None
        stated["request_id"] = told.get("request_id")
        stated["parties"] = told.get("parties")
        found: dict[str, Any] = {name: getattr(kept, name) for name in stated}
        found["business_date"] = _iso(kept.business_date)
        found["request_id"] = None if kept.request_id is None else str(kept.request_id)
        found["parties"] = list(kept.parties)
        for name, value in stated.items():
            if found[name] != value:
                self._find(LogLaw.L2, kept.number, f"{name} as in its content", str(value), str(found[name]))

    def _prove_anchors(self, before: int, number: int, date: int, last_hash: bytes) -> None:
        """The anchors of the records before this one: each has that record's hash, and was its date's last."""
        while self._anchor is not None and self._anchor[1] < number:
            anchored, of, digest = self._anchor
            self._counts[LogLaw.L3] += 1
            self._anchor = next(self._anchors, None)
            if of != before:
                self._find(LogLaw.L3, of, f"a record under the anchor of {_iso(anchored)}", "one", "none")
                continue
            if bytes(digest) != last_hash:
                what = f"the hash anchored on {_iso(anchored)}"
                self._find(LogLaw.L3, of, what, last_hash.hex(), bytes(digest).hex())
            if date <= anchored:
                self._find(LogLaw.L3, number, f"no record of {_iso(anchored)} after its anchor", str(of), str(number))

    def _prove_posted(self, kept: Kept) -> None:
        """The transactions a record took in are those that are there, word for word."""
        try:
            told = msgspec.convert(kept.told["detail"], PostedDetail)
            last_place = told.last_seq, told.transactions[-1][0].int
        except (msgspec.MsgspecError, KeyError, IndexError) as error:
            self._find(LogLaw.L4, kept.number, "transactions that read", "some", str(error))
            return
        digest = Digest()
        while self._row is not None and self._row.place <= last_place:
            digest.add(self._row)
            self._row = next(self._posted, None)
        self._counts[LogLaw.L4] += told.count
        if digest.count != told.count:
            self._find(LogLaw.L4, kept.number, "transactions it took in", str(told.count), str(digest.count))
        elif digest.hexadecimal != told.sha256:
            self._find(LogLaw.L4, kept.number, "the digest of its transactions", told.sha256, digest.hexadecimal)

    def _prove_end(self, last: Head) -> None:
        """The head is the last record; every anchor had its record, every transaction that was taken in its own."""
        row = self._session.execute(self._sql["head_read"]).fetchone()
        if row is None:
            self._find(LogLaw.L1, last.number, "the head of the log", str(last.number), "none")
        elif (int(row[0]), bytes(row[1])) != (last.number, last.hash):
            expected, found = f"{last.number} {last.hash.hex()}", f"{row[0]} {bytes(row[1]).hex()}"
            self._find(LogLaw.L1, last.number, "the head of the log", expected, found)
        self._prove_anchors(last.number, NUMBER_END, NUMBER_END, last.hash)
        left = 0
        while not self._from and self._row is not None:
            left += 1
            self._row = next(self._posted, None)
        if left:
            self._find(LogLaw.L4, last.number, "transactions in no record", "0", str(left))

    # --- reading and finding

    def _walk(self, name: str) -> Iterator[tuple[Any, ...]]:
        return self._rows(name, {"after": self._from})

    def _rows(self, name: str, given: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
        with self._session.cursor(name=f"proof_{name}") as cursor:
            cursor.itersize = _AT_ONCE
            cursor.execute(self._sql[name], given)
            yield from cursor

    def _one(self, name: str, **given: Any) -> int:
        row = self._session.execute(self._sql[name], given).fetchone()
        return 0 if row is None else int(row[0])

    def _hash_of(self, number: int) -> bytes:
        if not number:
            return GENESIS
        row = self._session.execute(self._sql["record_hash"], {"number": number}).fetchone()
        if row is None:
            raise AuditError(f"The log has no record {number}.")
        return bytes(row[0])

    def _find(self, law: LogLaw, number: int, what: str, expected: str, found: str) -> None:
        self._contradictions[law] += 1
        if len(self._findings[law]) < FINDINGS_MAX:
            self._findings[law].append(Finding(law.name, f"record {number}: {what}", expected, found))

    def _verdicts(self) -> Iterator[Checked]:
        for law in LogLaw:
            found = tuple(self._findings[law])
            yield Checked(law.name, law.value, self._counts[law], self._contradictions[law], found)


def _iso(date: int) -> str:
    return date_from_days(date).isoformat()
