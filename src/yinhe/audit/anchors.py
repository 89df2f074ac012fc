"""Anchors: what the log's head was at the end of each business date, to be published or kept elsewhere.

Whoever keeps one can tell whether anything of the log before it was changed since, whoever changed it.
"""

from typing import Final

import msgspec
import psycopg

from yinhe.kernel.clock import Clock
from yinhe.storage.statements import load_statements

ANCHORS_AT_ONCE: Final = 1_000
"""Most dates anchored in one transaction."""


class Anchor(msgspec.Struct, frozen=True):
    """The last record of a business date (days since 1970-01-01); `at` is when that was noted, in microseconds."""

    business_date: int
    number: int
    hash: bytes
    at: int


def write_anchors(session: psycopg.Connection, clock: Clock) -> int:
    """Anchor the business dates that have passed and have no anchor, ANCHORS_AT_ONCE at most; how many there were."""
    sql = load_statements("audit")
    with session.transaction():
        # Whoever appends has read the date under this lock: no record of a date that has passed comes afterwards.
        session.execute(sql["posted_lock"])
        row = session.execute(sql["anchor_span"]).fetchone()
        if row is None or row[1] is None or row[2] is None:
            return 0
        first = int(row[1]) if row[0] is None else int(row[0]) + 1
        dates = range(first, min(int(row[2]), first + ANCHORS_AT_ONCE))
        for date in dates:
            session.execute(sql["anchor_write"], {"date": date, "at": clock.now_us()})
    return len(dates)


def anchors(session: psycopg.Connection, limit: int = ANCHORS_AT_ONCE) -> tuple[Anchor, ...]:
    """The newest anchors, the newest first."""
    rows = session.execute(load_statements("audit")["anchors_read"], {"limit": limit})
    return tuple(Anchor(int(date), int(number), bytes(digest), int(at)) for date, number, digest, at in rows)
