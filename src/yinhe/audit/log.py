"""The log itself: append-only, each record's hash made of the one before it, so that nothing can be changed unseen.

`hash(n) = SHA-256(hash(n - 1) || content(n))`; the hash before the first is 32 zero bytes. Content is the record as
JSON with sorted keys. Whoever appends locks the head row until its transaction ends, so that records stand in the order
of their commits and numbers have no gap: who has read up to a number has missed nothing.
"""

import hashlib
from collections.abc import Sequence
from typing import Final

import msgspec
import psycopg

from yinhe.audit.record import Record, bounded
from yinhe.kernel.clock import Clock
from yinhe.storage.statements import load_statements

HASH_BYTES: Final = 32
GENESIS: Final = bytes(HASH_BYTES)
"""The hash before the first record."""


class Head(msgspec.Struct, frozen=True):
    """The last record's number and hash; 0 and GENESIS before the first."""

    number: int
    hash: bytes


def append(session: psycopg.Connection, clock: Clock, records: Sequence[Record]) -> Head:
    """Append records inside the transaction of what they tell of; they stand if it stands. The head after them.

    Nothing else is done in the transaction afterwards that may wait: the head is locked until it ends.
    """
    sql = load_statements("audit")
    row = session.execute(sql["head_lock"]).fetchone()
    assert row is not None, "the migration wrote the head"
    number, last, business_date = int(row[0]), bytes(row[1]), str(row[2])
    booked_at = clock.now_us()
    rows: list[dict[str, object]] = []
    for record in map(bounded, records):
        number += 1
        content = content_of(record, number, booked_at, business_date)
        last = chained(last, content)
        rows.append(
            {
                "number": number,
                "at": booked_at,
                "business_date": business_date,
                "action": record.action,
                "object": record.object,
                "actor": record.author.actor,
                "outcome": str(record.outcome),
                "request_id": record.request_id,
                "parties": list(record.parties),
                "content": content.decode(),
                "hash": last,
            }
        )
    with session.cursor() as cursor:
        cursor.executemany(sql["record_write"], rows)
    session.execute(sql["head_write"], {"number": number, "hash": last})
    return Head(number, last)


def content_of(record: Record, number: int, booked_at: int, business_date: str) -> bytes:
    """The bytes a record's hash is made of; times in microseconds since 1970-01-01, dates as YYYY-MM-DD."""
    given = {"number": number, "at": booked_at, "business_date": business_date, **msgspec.structs.asdict(record)}
    return msgspec.json.encode(given, order="sorted")


def chained(before: bytes, content: bytes) -> bytes:
    """The hash of a record whose predecessor has the hash `before`."""
    return hashlib.sha256(before + content).digest()


def head(session: psycopg.Connection) -> Head:
    """The last record's number and hash."""
    row = session.execute(load_statements("audit")["head_read"]).fetchone()
    assert row is not None, "the migration wrote the head"
    return Head(int(row[0]), bytes(row[1]))
