"""SQL has a name and a sentence, and every statement of ours is one the server understands."""

import re
from typing import Protocol

import psycopg
import pytest
from psycopg.pq import ExecStatus

from yinhe.storage.errors import StatementsMalformed, StatementUnknown
from yinhe.storage.statements import load_statements, parse_statements, statement_files

PLACEHOLDER = re.compile(rb"%(?:\((\w+)\)[sbt]|[sbt]|%)")


class Unit(Protocol):
    def connect(self) -> psycopg.Connection: ...


def numbered(query: bytes) -> bytes:
    """The query with psycopg's placeholders as PostgreSQL's own: %(name)s and %s become $1, $2, …"""
    names: list[bytes] = []

    def number(match: re.Match[bytes]) -> bytes:
        if match[0] == b"%%":
            return b"%"
        name = match[1] or b"%d" % len(names)
        if name not in names:
            names.append(name)
        return b"$%d" % (names.index(name) + 1)

    return PLACEHOLDER.sub(number, query)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (b"SELECT %s, %s", b"SELECT $1, $2"),
        (b"SELECT %(a)s, %(b)s, %(a)s", b"SELECT $1, $2, $1"),
        (b"SELECT 7 %% 2", b"SELECT 7 % 2"),
    ],
)
def test_placeholders_are_numbered(query: bytes, expected: bytes) -> None:
    assert numbered(query) == expected


def complaint(connection: psycopg.Connection, query: bytes) -> str:
    """What the server says against a query; nothing if it understands it. It is analysed, not carried out.

    Utility commands (COPY, CREATE) are only analysed as they run, so those run, and are rolled back.
    """
    with connection.transaction(force_rollback=True):
        prepared = connection.pgconn.prepare(b"", numbered(query))
        if prepared.status == ExecStatus.FATAL_ERROR:
            return prepared.error_message.decode()
        try:
            if query.startswith(b"COPY"):
                with connection.cursor() as cursor, cursor.copy(query) as copy:
                    if b"TO STDOUT" in query:
                        list(copy)
                    elif b"binary" in query.lower():
                        copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8) + b"\xff\xff")
            elif query.startswith((b"CREATE", b"ALTER", b"DROP")):
                connection.execute(query)
        except psycopg.Error as error:
            return str(error)
    return ""


def session_tables(file: str) -> list[bytes]:
    """The statements of a file that make tables for the session; others of the file may need them."""
    return [query for query in load_statements(file).values() if query.startswith(b"CREATE TEMPORARY TABLE")]


@pytest.mark.parametrize("file", statement_files())
def test_the_server_understands_every_statement(database: Unit, file: str) -> None:
    statements = load_statements(file)
    assert len(statements) > 0
    with database.connect() as connection:
        found: dict[str, str] = {}
        for name, query in statements.items():
            with connection.transaction(force_rollback=True):
                for table in session_tables(file):
                    if table != query:
                        connection.execute(table)
                found[name] = complaint(connection, query)
    assert {name: said for name, said in found.items() if said} == {}


@pytest.mark.parametrize(
    ("query", "says"),
    [
        (b"SELEKT 1", "syntax error"),
        (b"SELECT nothing FROM schema_migration", "does not exist"),
        (b"COPY schema_migration (nothing) FROM STDIN (FORMAT binary)", "does not exist"),
        (b"CREATE TEMPORARY TABLE copied (LIKE nowhere)", "does not exist"),
    ],
)
def test_a_statement_the_server_does_not_understand_is_found(database: Unit, query: bytes, says: str) -> None:
    with database.connect() as connection:
        assert says in complaint(connection, query)


def test_a_statement_is_found_by_its_name() -> None:
    statements = parse_statements(
        "book", "-- name: one\n-- Reads one.\nSELECT 1\n\n-- name: two\n-- Reads two.\nSELECT 2"
    )
    assert dict(statements) == {"one": b"SELECT 1", "two": b"SELECT 2"}


def test_a_name_that_is_not_there_is_answered_with_those_that_are() -> None:
    statements = parse_statements("book", "-- name: one\n-- Reads one.\nSELECT 1")
    with pytest.raises(StatementUnknown, match=r"book\.sql has no statement 'three'; it has one"):
        statements["three"]
    with pytest.raises(StatementUnknown, match=r"no file of statements nothing\.sql; there are .*migrations"):
        load_statements("nothing")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("SELECT 1", "text before the first"),
        ("-- name: Big\n-- Reads.\nSELECT 1", "'Big' is no name"),
        ("-- name:\n-- Reads.\nSELECT 1", "'' is no name"),
        ("-- name: one\nSELECT 1", "needs a sentence"),
        ("-- name: one\n-- no sentence\nSELECT 1", "needs a sentence"),
        ("-- name: one\n-- Reads one.\n", "has no SQL"),
        ("-- name: one\n-- Reads.\nSELECT 1\n-- name: one\n-- Reads.\nSELECT 1", "two statements named 'one'"),
    ],
)
def test_a_file_that_breaks_the_form_is_refused(text: str, says: str) -> None:
    with pytest.raises(StatementsMalformed, match=says):
        parse_statements("book", text)
