"""PostgreSQL's binary COPY format, straight from and to NumPy columns (PostgreSQL manual, COPY, "Binary Format").

Only rows without nulls: then every row is equally long and a whole batch is one array of fixed-size records.
"""

from collections.abc import Sequence
from enum import Enum, unique
from typing import Any, Final, LiteralString

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg import pq, sql

from yinhe.storage.errors import StorageError

_HEADER: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER: Final = b"\xff\xff"
_EPOCH_2000: Final = 10_957
"""2000-01-01, PostgreSQL's date zero, in days since 1970-01-01."""


class BinaryMalformed(StorageError):
    """The database sent rows in another shape than expected."""


@unique
class ColumnType(Enum):
    """The column types the ledger's tables use: width in bytes, big-endian record type, name in SQL."""

    INT2 = (2, ">i2", "smallint")
    INT4 = (4, ">i4", "integer")
    INT8 = (8, ">i8", "bigint")
    DATE = (4, ">i4", "date")
    """In memory int32 days since 1970-01-01."""
    UUID = (16, ">u8", "uuid")
    """In memory two uint64 fields, NAME_hi and NAME_lo, where the column is called NAME_id; else NAME_hi, NAME_lo."""

    @property
    def width(self) -> int:
        """Bytes on the wire."""
        return self.value[0]


class Layout:
    """The columns of one COPY, in order, and the record type of its rows."""

    def __init__(self, columns: Sequence[tuple[str, ColumnType]]) -> None:
        self.columns: Final = tuple(columns)
        fields: list[tuple[str, str]] = [("fields", ">i2")]
        for name, kind in self.columns:
            fields.append((f"{name} length", ">i4"))
            if kind is ColumnType.UUID:
                hi, lo = uuid_fields(name)
                fields += [(hi, kind.value[1]), (lo, kind.value[1])]
            else:
                fields.append((name, kind.value[1]))
        self.record: Final = np.dtype(fields)

    def encode(self, rows: NDArray[np.void]) -> bytes:
        """The rows (a structured array, shape (n,), with a field for each column) as one binary COPY."""
        out = np.empty(len(rows), self.record)
        out["fields"] = len(self.columns)
        for name, kind in self.columns:
            out[f"{name} length"] = kind.width
            match kind:
                case ColumnType.UUID:
                    for half in uuid_fields(name):
                        out[half] = rows[half]
                case ColumnType.DATE:
                    out[name] = rows[name] - np.int32(_EPOCH_2000)
                case ColumnType.INT2 | ColumnType.INT4 | ColumnType.INT8:
                    out[name] = rows[name]
        return b"".join((_HEADER, memoryview(out).cast("B") if len(out) else b"", _TRAILER))

    def decode(self, data: bytes, into: np.dtype[np.void]) -> NDArray[np.void]:
        """The rows of one binary COPY as a structured array of type `into`; fields it lacks are dropped.

        Raises BinaryMalformed when a row has a null or another number of columns.
        """
        body = memoryview(data)[len(_HEADER) : -len(_TRAILER)]
        if not data.startswith(_HEADER[:11]) or len(body) % self.record.itemsize:
            raise BinaryMalformed(f"The rows of {', '.join(name for name, _ in self.columns)} are of unequal length.")
        raw = np.frombuffer(body, self.record)
        out = np.zeros(len(raw), into)
        for name, kind in self.columns:
            if (raw[f"{name} length"] != kind.width).any():
                raise BinaryMalformed(f"Column {name} holds a null or a value of another type.")
            halves = uuid_fields(name) if kind is ColumnType.UUID else (name,)
            for field in halves:
                if into.names is not None and field in into.names:
                    out[field] = raw[field] + np.int32(_EPOCH_2000) if kind is ColumnType.DATE else raw[field]
        return out


def uuid_fields(name: str) -> tuple[str, str]:
    """The two fields that hold a UUID column in memory: txn_id is txn_hi and txn_lo."""
    stem = name.removesuffix("_id")
    return f"{stem}_hi", f"{stem}_lo"


def copy_in(connection: psycopg.Connection, statement: sql.Composed | bytes, data: bytes) -> None:
    """Run a COPY … FROM STDIN (FORMAT binary) with the encoded rows."""
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(data)


def copy_out(connection: psycopg.Connection, statement: sql.Composed | bytes) -> bytes:
    """Run a COPY … TO STDOUT (FORMAT binary) outside a transaction's other work; the whole answer.

    Reads with libpq's blocking call: a cursor's copy costs several microseconds a row, this well under one.
    """
    link = connection.pgconn
    text = statement if isinstance(statement, bytes) else statement.as_bytes(connection)
    result = link.exec_(text)
    if result.status != pq.ExecStatus.COPY_OUT:
        raise psycopg.errors.error_from_result(result)
    parts: list[bytes] = []
    while True:
        count, part = link.get_copy_data(0)
        if count <= 0:
            break
        parts.append(bytes(part))
    while (last := link.get_result()) is not None:
        if last.status != pq.ExecStatus.COMMAND_OK:
            raise psycopg.errors.error_from_result(last)
    return b"".join(parts)


def copy_statement(template: LiteralString, **parts: str | int) -> sql.Composed:
    """A COPY with table names and numbers put in: COPY takes no parameters. Strings become identifiers."""
    composed: dict[str, Any] = {
        name: sql.Identifier(part) if isinstance(part, str) else sql.Literal(part) for name, part in parts.items()
    }
    return sql.SQL(template).format(**composed)
