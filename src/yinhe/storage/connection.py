"""Connections to the bank's database, embedded or its own, with settings no caller may forget."""

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import NewType, Self

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from yinhe.storage.embedded import EmbeddedServer
from yinhe.storage.errors import DatabaseUnreachable, ServerNotDurable, ServerTooOld
from yinhe.storage.settings import ServerSettings, machine_memory_bytes, settings_for
from yinhe.storage.statements import load_statements

SchemaName = NewType("SchemaName", str)

UNIT_MAX = 9999
OLDEST_SERVER = 150_000
"""PostgreSQL 15, in the form of server_version_num."""

_SESSION_SETTINGS = {
    "timezone": "UTC",
    "client_encoding": "UTF8",
    "lock_timeout": "30s",
    "idle_in_transaction_session_timeout": "5min",
    "jit": "off",
}
_NETWORK_SETTINGS = {
    "connect_timeout": 10,
    "keepalives": 1,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}


def unit_schema(unit: int) -> SchemaName:
    """The schema that holds a unit's tables: unit 1 lives in `unit_0001`."""
    if not 1 <= unit <= UNIT_MAX:
        raise ValueError(f"A unit's number lies between 1 and {UNIT_MAX}, not {unit}.")
    return SchemaName(f"unit_{unit:04d}")


@dataclass(frozen=True, slots=True)
class Database:
    """Where the bank's books are. Owns the embedded server, if it is one; a context manager that leaves it."""

    url: str
    server: EmbeddedServer | None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def connect(self, *, application_name: str, schema: SchemaName, autocommit: bool = True) -> psycopg.Connection:
        """Open a connection whose tables are those of one unit; see `connect`."""
        return connect(self.url, application_name=application_name, schema=schema, autocommit=autocommit)

    def close(self) -> None:
        """Leave the embedded server; the last one out stops it."""
        if self.server is not None:
            self.server.stop()


def open_database(home: Path, url: str | None, settings: ServerSettings | None = None) -> Database:
    """Open the bank's own PostgreSQL at `url`, or the embedded one on `home` when there is no url.

    Without settings the embedded server is fitted to this machine. Raises DatabaseUnreachable, ServerTooOld,
    ServerNotDurable, HomeUnusable or ServerDidNotStart.
    """
    if url is not None:
        with connect(url, application_name="yinhe open", schema=None) as connection:
            check_durable(connection)
        return Database(url, None)
    server = EmbeddedServer(home, settings or settings_for(machine_memory_bytes()))
    server.start()
    return Database(server.url, server)


def connect(
    url: str, *, application_name: str, schema: SchemaName | None, autocommit: bool = True
) -> psycopg.Connection:
    """Connect with names resolved in `schema` alone (None: in no schema), times in UTC and bounded waits for locks.

    Raises DatabaseUnreachable, which never shows a password, or ServerTooOld.
    """
    conninfo = session_conninfo(url, application_name=application_name, schema=schema)
    try:
        connection = psycopg.connect(conninfo, autocommit=autocommit)
    except psycopg.OperationalError as error:
        place = _place(conninfo_to_dict(url))
        raise DatabaseUnreachable(f"The database {place} does not answer: {error}") from error
    try:
        check_version(connection, oldest=OLDEST_SERVER)
    except ServerTooOld:
        connection.close()
        raise
    return connection


def session_conninfo(url: str, *, application_name: str, schema: SchemaName | None) -> str:
    """The address with the settings no session may forget, see `connect`. Raises DatabaseUnreachable."""
    try:
        parameters = conninfo_to_dict(url)
    except psycopg.Error:
        # The driver's message would repeat the text, and with it the password.
        raise DatabaseUnreachable(
            "The database address does not read as one. Write it as postgresql://user@host:5432/database."
        ) from None
    settings = {**_SESSION_SETTINGS, "search_path": f"{schema},pg_temp" if schema else "pg_temp"}
    ours = " ".join(f"-c {name}={value}" for name, value in settings.items())
    theirs = parameters.get("options") or ""
    own = {"application_name": application_name, "options": f"{theirs} {ours}"}
    return make_conninfo("", **{**_NETWORK_SETTINGS, **parameters, **own})


def check_version(connection: psycopg.Connection, *, oldest: int) -> None:
    """Raise ServerTooOld when the server's server_version_num is below `oldest`."""
    version = connection.info.server_version
    if version < oldest:
        raise ServerTooOld(f"The server is PostgreSQL {version // 10_000}; Yinhe needs {oldest // 10_000} or newer.")


def check_durable(connection: psycopg.Connection) -> None:
    """Raise ServerNotDurable when the server may lose what it confirmed, or cannot hold every name (UTF8)."""
    found = dict(connection.execute(load_statements("server")["durability"]).fetchall())
    wrong = [f"{name} = {found[name]}" for name in ("fsync", "full_page_writes") if found[name] != "on"]
    if found["synchronous_commit"] == "off":
        wrong.append("synchronous_commit = off")
    if found["server_encoding"] != "UTF8":
        wrong.append(f"server_encoding = {found['server_encoding']}")
    if wrong:
        raise ServerNotDurable(
            f"The server has {', '.join(wrong)}. A bank needs fsync and full_page_writes on, synchronous_commit not "
            f"off, and a database in UTF8."
        )


def _place(parameters: dict[str, str | int | None]) -> str:
    names = ("host", "port", "dbname", "user")
    return " ".join(f"{name}={parameters[name]}" for name in names if name in parameters) or "(at libpq's defaults)"
