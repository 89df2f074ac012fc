"""A connection is to one unit, on a server that is new enough and keeps what it confirms."""

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from yinhe.storage.connection import check_durable, check_version, connect, open_database, unit_schema
from yinhe.storage.embedded import EmbeddedServer
from yinhe.storage.errors import DatabaseUnreachable, ServerNotDurable, ServerTooOld
from yinhe.storage.settings import ServerSettings

PASSWORD = "open-sesame"


class Unit(Protocol):
    url: str
    schema: str

    def connect(self) -> psycopg.Connection: ...


def setting(connection: psycopg.Connection, name: str) -> str:
    row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize(("unit", "schema"), [(1, "unit_0001"), (42, "unit_0042"), (9999, "unit_9999")])
def test_a_unit_lives_in_the_schema_of_its_number(unit: int, schema: str) -> None:
    assert unit_schema(unit) == schema


@pytest.mark.parametrize("unit", [0, -1, 10_000])
def test_there_are_only_so_many_units(unit: int) -> None:
    with pytest.raises(ValueError, match="between 1 and 9999"):
        unit_schema(unit)


def test_a_connection_sees_the_tables_of_its_unit_alone(database: Unit) -> None:
    with database.connect() as connection:
        assert connection.execute("SELECT current_schema()").fetchone() == (database.schema,)
        assert connection.execute("SELECT to_regclass('schema_migration') IS NOT NULL").fetchone() == (True,)
    with connect(database.url, application_name="test", schema=None) as connection:
        assert connection.execute("SELECT to_regclass('schema_migration') IS NOT NULL").fetchone() == (False,)


def test_a_connection_has_the_banks_settings_whatever_the_server_has(database: Unit) -> None:
    expected = {
        "application_name": "night",
        "TimeZone": "UTC",
        "client_encoding": "UTF8",
        "lock_timeout": "30s",
        "idle_in_transaction_session_timeout": "5min",
    }
    url = make_conninfo(database.url, options="-c TimeZone=Asia/Shanghai -c work_mem=8MB")
    with connect(url, application_name="night", schema=unit_schema(1)) as connection:
        assert {name: setting(connection, name) for name in expected} == expected
        assert setting(connection, "work_mem") == "8MB"


@pytest.mark.parametrize("autocommit", [True, False])
def test_a_connection_commits_by_itself_only_if_asked(database: Unit, autocommit: bool) -> None:
    with connect(database.url, application_name="test", schema=None, autocommit=autocommit) as connection:
        assert connection.autocommit is autocommit


@pytest.mark.parametrize(
    ("url", "says"),
    [
        (f"postgresql://teller:{PASSWORD}@127.0.0.1:1/bank", "host=127.0.0.1 port=1 dbname=bank user=teller"),
        (f"host=/nowhere user=teller password={PASSWORD}", "host=/nowhere user=teller"),
        (f"postgresql//teller:{PASSWORD}@bank", "does not read as one"),
        (f"postgresql://teller:{PASSWORD}@bank:port/bank", "does not answer"),
    ],
)
def test_an_address_that_leads_nowhere_is_named_without_its_password(url: str, says: str) -> None:
    with pytest.raises(DatabaseUnreachable, match=says) as caught:
        connect(url, application_name="test", schema=None)
    assert PASSWORD not in str(caught.value)
    assert PASSWORD not in "".join(traceback.format_exception_only(caught.value.__cause__ or caught.value))


def test_a_server_older_than_the_oldest_supported_is_refused(database: Unit) -> None:
    with database.connect() as connection:
        version = connection.info.server_version
        check_version(connection, oldest=version)
        with pytest.raises(ServerTooOld, match=rf"is PostgreSQL {version // 10_000}; Yinhe needs 99 or newer"):
            check_version(connection, oldest=990_000)


def test_a_server_that_confirms_before_it_writes_is_refused(database: Unit) -> None:
    with database.connect() as connection:
        check_durable(connection)
        connection.execute("SET synchronous_commit = off")
        with pytest.raises(ServerNotDurable, match="synchronous_commit = off"):
            check_durable(connection)


def test_a_server_that_does_not_force_its_writes_to_disk_is_refused(
    make_server: Callable[[Path], EmbeddedServer], home: Path
) -> None:
    server = make_server(home)
    server.start()
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
    server.stop()
    server.start()
    with pytest.raises(ServerNotDurable, match="fsync = off"):
        open_database(home, server.url)


def test_a_database_is_the_one_at_the_address_else_the_embedded_one(
    standing_home: Path, small_settings: ServerSettings
) -> None:
    with open_database(standing_home, None, small_settings) as embedded:
        with (
            open_database(Path("/nowhere"), embedded.url) as own,
            own.connect(application_name="test", schema=unit_schema(1)) as connection,
        ):
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert embedded.server is not None
        assert embedded.server.postmaster_pid > 0
    with pytest.raises(DatabaseUnreachable):
        connect(embedded.url, application_name="test", schema=None)
