"""Sessions of users and their refresh tokens, in the database."""

import hashlib
import secrets
from typing import Final
from uuid import UUID

import msgspec
import psycopg

from yinhe.kernel.clock import datetime_from_us, us_from_datetime
from yinhe.storage.statements import load_statements

REFRESH_BYTES: Final = 32
_PREFIX: Final = "r1."
"""Says what a refresh token is, so that one that leaks into a log is found."""


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A session as the refresh finds it, locked; times in microseconds since 1970-01-01."""

    id: UUID
    number: int
    name: str
    enabled: bool
    channel: str
    idle_at: int
    ends_at: int
    has_ended: bool
    refreshes: int


class OpenSession(msgspec.Struct, frozen=True, kw_only=True):
    """An open session as its user, or an administrator, sees it."""

    id: UUID
    address: str
    channel: str
    second_factor: bool
    opened_at: int
    used_at: int
    ends_at: int


def new_refresh() -> str:
    """A refresh token: 256 random bits."""
    return _PREFIX + secrets.token_urlsafe(REFRESH_BYTES)


def refresh_hash(token: str) -> bytes:
    """What is kept of a refresh token."""
    return hashlib.sha256(token.encode()).digest()


def locked(session: psycopg.Connection, session_id: UUID) -> Held | None:
    """A session, locked until the transaction ends."""
    row = session.execute(load_statements("identity")["session_lock"], {"id": session_id}).fetchone()
    if row is None:
        return None
    return Held(
        id=session_id,
        number=int(row[0]),
        name=row[1],
        enabled=row[2],
        channel=row[3],
        idle_at=us_from_datetime(row[4]),
        ends_at=us_from_datetime(row[5]),
        has_ended=row[6] is not None,
        refreshes=int(row[7]),
    )


def open_sessions(session: psycopg.Connection, number: int, now: int) -> tuple[OpenSession, ...]:
    """The open sessions of a user, the oldest first."""
    given = {"number": number, "now": datetime_from_us(now)}
    return tuple(
        OpenSession(
            id=row[0],
            address=row[1],
            channel=row[2],
            second_factor=row[3],
            opened_at=us_from_datetime(row[4]),
            used_at=us_from_datetime(row[5]),
            ends_at=us_from_datetime(row[6]),
        )
        for row in session.execute(load_statements("identity")["sessions_open"], given)
    )
