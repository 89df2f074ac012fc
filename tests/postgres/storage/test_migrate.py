"""A schema is brought up to date step by step, once, and never by code that is older than it."""

import subprocess
import threading
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Protocol

import psycopg
import pytest
from psycopg import sql

from yinhe.storage.connection import SchemaName, connect, unit_schema
from yinhe.storage.embedded import EmbeddedServer
from yinhe.storage.errors import MigrationBusy, MigrationChanged, SchemaTooNew
from yinhe.storage.migrate import Applied, Migration, load_migrations, migrate, pending, read_applied
from yinhe.storage.settings import ServerSettings

FIRST = load_migrations()[0]
PARTY = Migration(1, "party", b"CREATE TABLE party (name text);")
CONTRACT = Migration(2, "contract", b"CREATE TABLE contract (name text); CREATE INDEX ON contract (name);")
PARTY_OTHERWISE = Migration(1, "party", b"CREATE TABLE party (name text, age integer);")
PARTY_RENAMED = Migration(1, "client", PARTY.sql)
BROKEN = Migration(2, "broken", b"CREATE TABLE half (n integer); SELECT 1 / 0;")


class Unit(Protocol):
    url: str
    schema: SchemaName

    def connect(self) -> psycopg.Connection: ...


def tables(connection: psycopg.Connection, schema: str) -> list[str]:
    rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", [schema])
    return [name for (name,) in rows]


@pytest.mark.parametrize(
    ("known", "applied", "lacking"),
    [
        ([FIRST, PARTY], [], [FIRST, PARTY]),
        ([FIRST, PARTY], [FIRST], [PARTY]),
        ([FIRST, PARTY], [FIRST, PARTY], []),
    ],
)
def test_a_schema_lacks_what_follows_its_last_migration(
    known: Sequence[Migration], applied: Sequence[Migration], lacking: Sequence[Migration]
) -> None:
    assert list(pending(known, [migration.applied for migration in applied])) == lacking


@pytest.mark.parametrize(
    ("known", "applied", "fault", "says"),
    [
        ([FIRST], [FIRST, PARTY], SchemaTooNew, "0001_party, which this Yinhe does not know"),
        ([FIRST, PARTY_OTHERWISE], [FIRST, PARTY], MigrationChanged, "0001_party is applied"),
        ([FIRST, PARTY_RENAMED], [FIRST, PARTY], MigrationChanged, "0001_party is applied"),
        ([FIRST, PARTY_OTHERWISE], [FIRST, PARTY, CONTRACT], MigrationChanged, "0001_party is applied"),
    ],
)
def test_a_history_that_is_not_ours_is_refused(
    known: Sequence[Migration], applied: Sequence[Migration], fault: type[Exception], says: str
) -> None:
    with pytest.raises(fault, match=says):
        pending(known, [migration.applied for migration in applied])


def test_each_migration_is_applied_once_and_noted(empty_unit: Unit) -> None:
    with empty_unit.connect() as connection:
        assert migrate(connection, empty_unit.schema, [FIRST, PARTY]) == (FIRST, PARTY)
        assert migrate(connection, empty_unit.schema, [FIRST, PARTY]) == ()
        assert migrate(connection, empty_unit.schema, [FIRST, PARTY, CONTRACT]) == (CONTRACT,)
        assert tables(connection, empty_unit.schema) == ["contract", "party", "schema_migration"]
        assert read_applied(connection, empty_unit.schema) == (FIRST.applied, PARTY.applied, CONTRACT.applied)


def test_a_unit_is_migrated_whatever_unit_the_connection_is_for(empty_unit: Unit) -> None:
    with connect(empty_unit.url, application_name="test", schema=None) as connection:
        migrate(connection, empty_unit.schema, [FIRST, PARTY])
        assert tables(connection, empty_unit.schema) == ["party", "schema_migration"]


def test_a_migration_that_fails_leaves_nothing_of_itself_and_all_before_it(empty_unit: Unit) -> None:
    with empty_unit.connect() as connection:
        with pytest.raises(psycopg.errors.DivisionByZero):
            migrate(connection, empty_unit.schema, [FIRST, PARTY, BROKEN])
        assert tables(connection, empty_unit.schema) == ["party", "schema_migration"]
        assert migrate(connection, empty_unit.schema, [FIRST, PARTY, CONTRACT]) == (CONTRACT,)


@pytest.mark.parametrize(
    ("known", "fault"), [([FIRST, PARTY], SchemaTooNew), ([FIRST, PARTY_OTHERWISE, CONTRACT, BROKEN], MigrationChanged)]
)
def test_a_schema_with_another_history_is_left_as_it_is(
    empty_unit: Unit, known: Sequence[Migration], fault: type[Exception]
) -> None:
    with empty_unit.connect() as connection:
        migrate(connection, empty_unit.schema, [FIRST, PARTY, CONTRACT])
        with pytest.raises(fault):
            migrate(connection, empty_unit.schema, known)
        assert tables(connection, empty_unit.schema) == ["contract", "party", "schema_migration"]


def test_of_two_sessions_that_migrate_at_once_one_does_the_work(empty_unit: Unit) -> None:
    done: list[tuple[Migration, ...]] = []

    def run() -> None:
        with empty_unit.connect() as connection:
            done.append(migrate(connection, empty_unit.schema, [FIRST, PARTY, CONTRACT]))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [(), (), (), (FIRST, PARTY, CONTRACT)]


def test_a_session_that_waits_too_long_for_another_says_so(empty_unit: Unit) -> None:
    with empty_unit.connect() as one, empty_unit.connect() as other:
        one.execute("SELECT pg_advisory_lock(hashtext('yinhe.migrate'), hashtext(%s))", [empty_unit.schema])
        other.execute("SET lock_timeout = '50ms'")
        with pytest.raises(MigrationBusy, match=f"Another session is migrating {empty_unit.schema}"):
            migrate(other, empty_unit.schema, [FIRST])
        assert read_applied(other, empty_unit.schema) == ()


def dump(server: EmbeddedServer, url: str, schema: str) -> str:
    """The schema as pg_dump writes it, under a name that is the same for all."""
    command = [server.bin("pg_dump"), "--schema-only", "--restrict-key=yinhe", f"--schema={schema}", url]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return text.replace(schema, "unit")


def test_the_schema_file_is_the_sum_of_the_migrations(
    database: Unit, standing_home: Path, small_settings: ServerSettings
) -> None:
    truth = SchemaName(f"{database.schema}_truth")
    name = sql.Identifier(truth)
    programs = EmbeddedServer(standing_home, small_settings)
    with connect(database.url, application_name="test", schema=truth) as connection:
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(name))
        connection.execute((files("yinhe.storage") / "schema.sql").read_bytes())
        expected = dump(programs, database.url, truth)
        assert dump(programs, database.url, database.schema) == expected
        assert "CREATE TABLE unit.schema_migration" in expected
        connection.execute("ALTER TABLE schema_migration ADD COLUMN more integer")
        assert dump(programs, database.url, database.schema) != dump(programs, database.url, truth)
        connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(name))


@pytest.fixture
def older_server(home: Path, small_settings: ServerSettings) -> Iterator[EmbeddedServer]:
    with EmbeddedServer(home, small_settings, major=16) as server:
        yield server


def test_the_schema_is_the_same_on_an_older_server(older_server: EmbeddedServer, database: Unit) -> None:
    schema = unit_schema(1)
    with connect(older_server.url, application_name="test", schema=schema) as connection:
        assert connection.info.server_version // 10_000 == 16
        migrate(connection, schema, load_migrations())
        assert read_applied(connection, schema) == tuple(migration.applied for migration in load_migrations())
        with database.connect() as newer:
            assert tables(connection, schema) == tables(newer, database.schema)


def test_migrations_are_known_by_number_name_and_content() -> None:
    assert FIRST.number == 0
    assert FIRST.applied == Applied(0, "schema_migration", FIRST.applied.sha256)
    assert len(FIRST.applied.sha256) == 64
    assert [migration.number for migration in load_migrations()] == list(range(len(load_migrations())))
