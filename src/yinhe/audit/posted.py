"""Takes the transactions that callers had posted into the log, from what was committed with their journal rows.

A posting is fast because it waits for no log: who had it posted, through what and in which words, commits with its
journal rows in the table `transaction`. Here the log takes them in afterwards, in order and once: each record names the
transactions and their actors, and holds a digest of every word of them, so that none can be changed, taken away or put
in between unseen from then on.
"""

import hashlib
from collections.abc import Iterator
from typing import Final
from uuid import UUID

import msgspec
import psycopg

from yinhe.audit.log import append
from yinhe.audit.record import BANK, Record
from yinhe.kernel.clock import Clock
from yinhe.storage.statements import load_statements

POSTED: Final = "transfer.posted"
"""The action of these records."""
TRANSACTIONS_MAX: Final = 1_000
"""Most transactions of one record."""
_NAMES_MAX: Final = 40_000
"""Characters of ids and actors after which a record ends, so that the log keeps them all."""
_ACTOR_MAX: Final = 100
"""Characters of an actor named; the digest is of all of them."""
_ID_CHARACTERS: Final = 45
_ROWS_AT_ONCE: Final = 500


class PostedRow(msgspec.Struct, frozen=True):
    """A transaction as it was committed with its journal rows; `seq` is the first of its commit."""

    txn_id: UUID
    seq: int
    actor: str
    channel: str
    narrative: str
    detail: str
    """JSON, as the database writes it: what is only carried along need not be read."""

    @property
    def place(self) -> tuple[int, int]:
        """Where it stands in the order of the log."""
        return self.seq, self.txn_id.int


class Digest:
    """The digest of transactions, one after the other: SHA-256 over one line of JSON for each."""

    def __init__(self) -> None:
        self._sum: Final = hashlib.sha256()
        self.count: int = 0

    def add(self, row: PostedRow) -> None:
        """Take one more in."""
        self._sum.update(msgspec.json.encode(msgspec.structs.astuple(row)) + b"\n")
        self.count += 1

    @property
    def hexadecimal(self) -> str:
        """The digest so far."""
        return self._sum.hexdigest()


class PostedDetail(msgspec.Struct, frozen=True):
    """What a record tells of the transactions it takes in."""

    first_seq: int
    last_seq: int
    count: int
    sha256: str
    transactions: tuple[tuple[UUID, str], ...]
    """Each with its actor."""


def take_in_posted(session: psycopg.Connection, clock: Clock, transactions_max: int = TRANSACTIONS_MAX) -> int:
    """Take the next transactions in, about so many and their commits whole, in one transaction; how many there were.

    0 where all are in.
    """
    sql = load_statements("audit")
    with session.transaction():
        row = session.execute(sql["posted_lock"]).fetchone()
        assert row is not None, "the migration wrote the head"
        after = int(row[0])
        end = session.execute(sql["posted_end"], {"after": after, "limit": transactions_max}).fetchone()
        if end is None or end[0] is None:
            return 0
        details = tuple(_details(rows_between(session, after, int(end[0]))))
        session.execute(sql["posted_write"], {"seq": end[0]})
        append(session, clock, [Record(action=POSTED, author=BANK, detail=detail) for detail in details])
    return sum(detail.count for detail in details)


def rows_between(session: psycopg.Connection, after_seq: int, last_seq: int) -> Iterator[PostedRow]:
    """The transactions of the commits after a seq up to another, in order; inside a transaction."""
    with session.cursor(name="posted_rows") as cursor:
        cursor.itersize = _ROWS_AT_ONCE
        cursor.execute(load_statements("audit")["posted_rows"], {"after": after_seq, "last": last_seq})
        for row in cursor:
            yield PostedRow(*row)


def _details(rows: Iterator[PostedRow]) -> Iterator[PostedDetail]:
    digest, first, last = Digest(), 0, 0
    named: list[tuple[UUID, str]] = []
    length = 0
    for row in rows:
        actor = row.actor[:_ACTOR_MAX]
        more = _ID_CHARACTERS + len(actor) if actor.isascii() else _ID_CHARACTERS + len(msgspec.json.encode(actor))
        if named and (len(named) == TRANSACTIONS_MAX or length + more > _NAMES_MAX):
            yield PostedDetail(first, last, digest.count, digest.hexadecimal, tuple(named))
            digest, named, length = Digest(), [], 0
        first, last = row.seq if not named else first, row.seq
        named.append((row.txn_id, actor))
        length += more
        digest.add(row)
    if named:
        yield PostedDetail(first, last, digest.count, digest.hexadecimal, tuple(named))
