"""PostgreSQL's binary COPY format, straight from and to NumPy columns (PostgreSQL manual, COPY, "Binary Format").

Only rows without nulls: then every row is equally long and a whole batch is one array of fixed-size records.
"""

from collections.abc import Sequence
from enum import Enum, unique
from typing import Any, Final, LiteralString, NamedTuple

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg import pq, sql

from yinhe.storage.errors import BinaryMalformed

_HEADER: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER: Final = b"\xff\xff"
_ARRAY_HEADER: Final = np.dtype(
    [("dimensions", ">i4"), ("has_null", ">i4"), ("type", ">i4"), ("size", ">i4"), ("first", ">i4")]
)
_EPOCH_2000: Final = 10_957
"""2000-01-01, PostgreSQL's date zero, in days since 1970-01-01."""


@unique
class ColumnType(Enum):
    """The column types the ledger's tables use: width in bytes, big-endian record type, PostgreSQL's type number."""

    INT2 = (2, ">i2", 21)
    INT4 = (4, ">i4", 23)
    INT8 = (8, ">i8", 20)
    DATE = (4, ">i4", 1082)
    """In memory int32 days since 1970-01-01."""
    UUID = (16, ">u8", 2950)
    """In memory two uint64 fields, see `uuid_fields`."""

    @property
    def width(self) -> int:
        """Bytes of one value on the wire."""
        return self.value[0]

    @property
    def record(self) -> str:
        """Big-endian NumPy type of one value, or of one half of a UUID."""
        return self.value[1]

    @property
    def number(self) -> int:
        """PostgreSQL's number of the type (pg_type.oid), which arrays carry."""
        return self.value[2]


class Column(NamedTuple):
    """One column of a table; with `elements`, an array of that many (no UUIDs), in memory a sub-array field."""

    name: str
    kind: ColumnType
    elements: int = 0


class Layout:
    """The columns of one COPY, in order, and the record type of its rows."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self.columns: Final = tuple(columns)
        fields: list[tuple[Any, ...]] = [("fields", ">i2")]
        for column in self.columns:
            fields.append((f"{column.name} length", ">i4"))
            if column.elements:
                element = np.dtype([("length", ">i4"), ("value", column.kind.record)])
                fields.append((f"{column.name} array", _ARRAY_HEADER))
                fields.append((column.name, element, (column.elements,)))
            elif column.kind is ColumnType.UUID:
                fields += [(half, column.kind.record) for half in uuid_fields(column.name)]
            else:
                fields.append((column.name, column.kind.record))
        self.record: Final = np.dtype(fields)
        self._blank: Final = self._blank_record().tobytes()

    def _blank_record(self) -> NDArray[np.void]:
        """A record with everything but the values."""
        blank = np.zeros(1, self.record)
        blank["fields"] = len(self.columns)
        for column in self.columns:
            blank[f"{column.name} length"] = _length(column)
            if column.elements:
                header = (1, 0, column.kind.number, column.elements, 1)
                blank[f"{column.name} array"] = np.array(header, _ARRAY_HEADER)
                blank[column.name]["length"] = column.kind.width
        return blank

    def encode(self, rows: NDArray[np.void]) -> bytearray:
        """The rows (a structured array, shape (n,), with a field for each column) as one binary COPY."""
        # Repeating bytes is a plain copy; NumPy would assign a blank record field by field.
        data = bytearray(b"".join((_HEADER, self._blank * len(rows), _TRAILER)))
        out = np.frombuffer(data, self.record, len(rows), len(_HEADER))
        for name, kind, elements in self.columns:
            if kind is ColumnType.UUID:
                for half in uuid_fields(name):
                    out[half] = rows[half]
                continue
            values = out[name]["value"] if elements else out[name]
            values[...] = rows[name] - np.int32(_EPOCH_2000) if kind is ColumnType.DATE else rows[name]
        return data

    def decode(self, data: bytes, into: np.dtype[np.void]) -> NDArray[np.void]:
        """The rows of one binary COPY as a structured array of type `into`; columns it lacks are dropped.

        Raises BinaryMalformed when a row has a null, another number of columns or arrays of another length.
        """
        body = memoryview(data)[len(_HEADER) : -len(_TRAILER)]
        if not data.startswith(_HEADER[:11]) or len(body) % self.record.itemsize:
            raise BinaryMalformed(f"The rows of {', '.join(c.name for c in self.columns)} are of unequal length.")
        raw = np.frombuffer(body, self.record)
        out = np.zeros(len(raw), into)
        for column in self.columns:
            name, kind, elements = column
            wrong = raw[f"{name} length"] != _length(column)
            if wrong.any() or (elements and (raw[name]["length"] != kind.width).any()):
                raise BinaryMalformed(f"Column {name} holds a null or a value of another shape.")
            for field in uuid_fields(name) if kind is ColumnType.UUID else (name,):
                if into.names is not None and field in into.names:
                    values = raw[field]["value"] if elements else raw[field]
                    out[field] = values + np.int32(_EPOCH_2000) if kind is ColumnType.DATE else values
        return out


def _length(column: Column) -> int:
    """Bytes of a value on the wire, without its own length."""
    if column.elements:
        return _ARRAY_HEADER.itemsize + column.elements * (4 + column.kind.width)
    return column.kind.width


def uuid_fields(name: str) -> tuple[str, str]:
    """The two fields that hold a UUID column in memory: txn_id is txn_hi and txn_lo."""
    stem = name.removesuffix("_id")
    return f"{stem}_hi", f"{stem}_lo"


def copy_in(connection: psycopg.Connection, statement: sql.Composed | bytes, data: bytearray) -> None:
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
