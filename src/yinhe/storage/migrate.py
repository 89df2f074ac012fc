"""Bring a unit's schema up to this version of Yinhe: the files of `migrations/`, in order, each once."""

import hashlib
import re
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from importlib.resources import files

import msgspec
import psycopg
from psycopg import sql

from yinhe.storage.connection import SchemaName
from yinhe.storage.errors import MigrationBusy, MigrationChanged, SchemaTooNew
from yinhe.storage.statements import Statements, load_statements

_FILE_NAME = re.compile(r"(\d{4})_([a-z][a-z0-9_]*)\.sql")


class Applied(msgspec.Struct, frozen=True):
    """A migration that a schema has had."""

    number: int
    name: str
    sha256: str


class Migration(msgspec.Struct, frozen=True):
    """A migration that this version of Yinhe knows."""

    number: int
    name: str
    sql: bytes

    @property
    def applied(self) -> Applied:
        """What the schema notes once this migration is in."""
        return Applied(self.number, self.name, hashlib.sha256(self.sql).hexdigest())


def load_migrations() -> tuple[Migration, ...]:
    """The migrations of this version, in order; they are numbered from 0 without a gap."""
    found: list[Migration] = []
    for resource in (files("yinhe.storage") / "migrations").iterdir():
        match = _FILE_NAME.fullmatch(resource.name)
        if match:
            found.append(Migration(int(match[1]), match[2], resource.read_bytes()))
    found.sort(key=lambda migration: migration.number)
    numbers = [migration.number for migration in found]
    if numbers != list(range(len(found))):
        raise MigrationChanged(f"Migrations must be numbered 0000, 0001, … without a gap; there are {numbers}.")
    return tuple(found)


def pending(known: Sequence[Migration], applied: Sequence[Applied]) -> tuple[Migration, ...]:
    """The known migrations a schema has still to get, both lists being in order and numbered from 0.

    Raises SchemaTooNew if the schema has more than is known, MigrationChanged if its history reads otherwise.
    """
    for migration, was in zip(known, applied, strict=False):
        if migration.applied != was:
            raise MigrationChanged(
                f"Migration {was.number:04d}_{was.name} is applied, but its file now reads otherwise. "
                f"Put the file back, and make the change in a new migration."
            )
    if len(applied) > len(known):
        raise SchemaTooNew(
            f"The schema has migration {applied[-1].number:04d}_{applied[-1].name}, which this Yinhe does not know. "
            f"Use the version that made it, or a newer one."
        )
    return tuple(known[len(applied) :])


def migrate(
    connection: psycopg.Connection, schema: SchemaName, migrations: Sequence[Migration]
) -> tuple[Migration, ...]:
    """Make the schema if need be and apply what it lacks, each migration in its own transaction.

    The connection is in autocommit. Returns what was applied. Raises MigrationBusy if another session migrates this
    schema for longer than the connection's lock_timeout, and what `pending` raises; nothing is then changed.
    """
    statements = load_statements("migrations")
    with _alone(connection, schema, statements):
        lacking = pending(migrations, read_applied(connection, schema))
        for migration in lacking:
            with connection.transaction():
                if migration.number == 0:
                    connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(schema)))
                _use(connection, schema)
                connection.execute(migration.sql, prepare=False)
                connection.execute(statements["record"], msgspec.to_builtins(migration.applied))
    return lacking


def read_applied(connection: psycopg.Connection, schema: SchemaName) -> tuple[Applied, ...]:
    """The migrations a schema has had, in order; none if there is no such schema."""
    statements = load_statements("migrations")
    with connection.transaction():
        _use(connection, schema)
        is_new = connection.execute(statements["is_new"]).fetchone() == (True,)
        return () if is_new else tuple(Applied(*row) for row in connection.execute(statements["applied"]))


@contextmanager
def _alone(connection: psycopg.Connection, schema: SchemaName, statements: Statements) -> Generator[None]:
    try:
        connection.execute(statements["lock"], {"schema": schema})
    except psycopg.errors.LockNotAvailable as error:
        raise MigrationBusy(f"Another session is migrating {schema}. Wait for it, then try again.") from error
    try:
        yield
    finally:
        if not connection.broken:
            connection.execute(statements["unlock"], {"schema": schema})


def _use(connection: psycopg.Connection, schema: SchemaName) -> None:
    """Names without a schema mean this one until the transaction ends; identifiers cannot be parameters."""
    connection.execute(sql.SQL("SET LOCAL search_path = {}, pg_temp").format(sql.Identifier(schema)))
