"""A PostgreSQL for the tests that need one: shared by all of a run, a fresh unit for each test."""

import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import hypothesis
import msgspec
import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from yinhe.storage.connection import SchemaName, connect, unit_schema
from yinhe.storage.embedded import EmbeddedServer
from yinhe.storage.migrate import load_migrations, migrate
from yinhe.storage.settings import settings_for

SMALL_MACHINE_BYTES = 1024**3
CONNECTIONS_MAX = 400

# The ordinary run tries the same examples each time; --hypothesis-profile=default looks for others.
hypothesis.settings.register_profile("steady", derandomize=True, database=None)
hypothesis.settings.load_profile("steady")


MEMORY = Path("/dev/shm")
MEMORY_BYTES_LEAST = 12 * 1024**3


def pytest_configure(config: pytest.Config) -> None:
    """One folder and one server for the whole run, also under xdist: its workers inherit the environment.

    It is thrown away at the end, so it lies in memory where there is much of it: a commit waits for no disk there.
    """
    if hasattr(config, "workerinput"):
        return
    has_memory = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= MEMORY_BYTES_LEAST
    folder = Path(tempfile.mkdtemp(prefix="yinhe-tests-", dir=MEMORY if has_memory else None))
    for name, place in (("YINHE_TEST_HOME", folder / "home"), ("TMPDIR", folder / "other")):
        place.mkdir()
        os.environ[name] = str(place)
    for place in (folder, *folder.iterdir()):
        # The account of the server must be able to pass.
        place.chmod(0o711)
    tempfile.tempdir = None


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        shutil.rmtree(Path(os.environ.pop("YINHE_TEST_HOME")).parent)
        del os.environ["TMPDIR"]
        tempfile.tempdir = None


@dataclass(frozen=True, slots=True)
class UnitDatabase:
    """A fresh unit: its schema is migrated and empty."""

    url: str
    unit: int
    schema: SchemaName

    def connect(self, *, autocommit: bool = True) -> psycopg.Connection:
        return connect(self.url, application_name="yinhe tests", schema=self.schema, autocommit=autocommit)


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """A server: the one at YINHE_TEST_DATABASE_URL, else an embedded one."""
    given = os.environ.get("YINHE_TEST_DATABASE_URL")
    if given:
        yield given
        return
    # Banks that serve for a whole module or run keep a dozen sessions each, in every test process.
    settings = msgspec.structs.replace(settings_for(SMALL_MACHINE_BYTES), max_connections=CONNECTIONS_MAX)
    with EmbeddedServer(Path(os.environ["YINHE_TEST_HOME"]), settings) as server:
        yield server.url


@pytest.fixture(scope="session")
def database_url(server_url: str) -> Iterator[str]:
    """A database of this test process alone, so that advisory locks of two workers never meet."""
    name = sql.Identifier(f"yinhe_test_{uuid.uuid4().hex[:12]}")
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(name))
        yield make_conninfo(server_url, dbname=name.as_string().strip('"'))
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


@pytest.fixture(scope="session")
def units() -> Iterator[int]:
    """Unit numbers no other test of this process has used."""
    return iter(range(1, 10_000))


NewUnit = Callable[[], AbstractContextManager[UnitDatabase]]


@pytest.fixture(scope="session")
def new_unit(database_url: str, units: Iterator[int]) -> NewUnit:
    """Makes units whose schema does not exist yet; whatever is made of one is dropped at its end."""

    @contextmanager
    def made() -> Iterator[UnitDatabase]:
        unit = next(units)
        fresh = UnitDatabase(database_url, unit, unit_schema(unit))
        yield fresh
        with fresh.connect() as connection:
            connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(fresh.schema)))

    return made


@pytest.fixture
def empty_unit(new_unit: NewUnit) -> Iterator[UnitDatabase]:
    """A unit whose schema does not exist yet; whatever the test makes of it is dropped."""
    with new_unit() as fresh:
        yield fresh


@pytest.fixture
def database(empty_unit: UnitDatabase) -> UnitDatabase:
    """A fresh unit with all its tables."""
    with empty_unit.connect() as connection:
        migrate(connection, empty_unit.schema, load_migrations())
    return empty_unit
