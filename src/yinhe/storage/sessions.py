"""A bounded pool of sessions of one unit, for the many short transactions of the control plane."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

from yinhe.storage.connection import SchemaName, session_conninfo
from yinhe.storage.errors import DatabaseUnreachable

SESSIONS_MAX: Final = 8
"""Sessions a pool opens at most, unless told otherwise."""
WAIT_SECONDS: Final = 10.0
"""Longest anyone waits for a session."""


class Sessions:
    """Sessions opened when wanted, lent out, and checked before they are lent again; safe between threads."""

    def __init__(
        self, url: str, schema: SchemaName, application_name: str = "yinhe desk", sessions_max: int = SESSIONS_MAX
    ) -> None:
        """Sessions of one unit at `url`; they open in the background. Raises DatabaseUnreachable for no address."""
        self._pool: Final = ConnectionPool(
            session_conninfo(url, application_name=application_name, schema=schema),
            kwargs={"autocommit": True},
            min_size=1,
            max_size=sessions_max,
            timeout=WAIT_SECONDS,
            open=True,
            check=ConnectionPool.check_connection,
        )

    def close(self) -> None:
        """Close every session."""
        self._pool.close()

    @contextmanager
    def lend(self) -> Generator[psycopg.Connection]:
        """Lend a session, in autocommit. Raises DatabaseUnreachable when none is free in time."""
        try:
            with self._pool.connection() as session:
                yield session
        except PoolTimeout as error:
            raise DatabaseUnreachable(f"No session of the database was free in {WAIT_SECONDS:.0f} s.") from error

    @contextmanager
    def transaction(self) -> Generator[psycopg.Connection]:
        """Lend a session inside a transaction: committed at the end, rolled back when an exception passes."""
        with self.lend() as session, session.transaction():
            yield session
