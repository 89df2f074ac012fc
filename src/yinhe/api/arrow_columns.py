"""Transfers read from an Arrow IPC stream, and what became of them written as one.

Whatever a stream says is looked at by `arrow_frames` before the reader sees it, and checked whole (`validate`) before a
value of it is used.
"""

from collections.abc import Sequence
from importlib import import_module
from typing import Any, Final
from uuid import UUID

import msgspec

from yinhe.api.arrow_frames import BUFFERS_MAX, StreamRefusal, look
from yinhe.kernel.refusals import Refusal

ARROW: Final = "application/vnd.apache.arrow.stream"
NEEDED: Final = ("debit", "credit", "amount_minor", "currency")
TAKEN: Final = ("id", *NEEDED, "narrative")


class Columns(msgspec.Struct, frozen=True, eq=False):
    """The columns of a batch, equally long, as they were sent."""

    ids: Sequence[UUID] | None
    debit: Sequence[str]
    credit: Sequence[str]
    """Account numbers; what was sent as a number has leading zeros."""
    amount_minor: Sequence[int]
    currency: Sequence[str]
    narrative: Sequence[str] | None

    def __len__(self) -> int:
        return len(self.debit)


def _arrow() -> Any:
    """The library, without types of its own; loaded when it is first needed, for most never need it."""
    return import_module("pyarrow")


def read_columns(body: bytes, rows_max: int) -> Columns | Refusal:
    """The transfers of a stream, or why it is not taken."""
    frames = look(body, rows_max)
    if isinstance(frames, Refusal):
        return frames
    if not frames.rows:
        return Refusal(StreamRefusal.STREAM_EMPTY)
    arrow = _arrow()
    faults = (arrow.ArrowException, ValueError, TypeError, KeyError, OSError, MemoryError, OverflowError)
    try:
        with import_module("pyarrow.ipc").open_stream(arrow.BufferReader(body)) as reader:
            refused = _refuse_schema(reader.schema)
            if refused is not None:
                return refused
            table = reader.read_all()
        table.validate(full=True)
        return _columns(table)
    except faults:
        return Refusal(StreamRefusal.STREAM_MALFORMED)


def _refuse_schema(schema: Any) -> Refusal | None:
    """What is wrong with the names and types of columns."""
    if len(schema) > BUFFERS_MAX:
        return Refusal(StreamRefusal.COLUMN_NOT_TAKEN, f"it takes {', '.join(TAKEN)}")
    names = [str(field.name) for field in schema]
    for name in names:
        if name not in TAKEN:
            return Refusal(StreamRefusal.COLUMN_NOT_TAKEN, f"it takes {', '.join(TAKEN)}")
        if names.count(name) > 1:
            return Refusal(StreamRefusal.COLUMN_TWICE, name)
    missing = [name for name in NEEDED if name not in names]
    if missing:
        return Refusal(StreamRefusal.COLUMN_MISSING, missing[0])
    for field in schema:
        expected = _wrong_type(str(field.name), field.type)
        if expected:
            return Refusal(StreamRefusal.COLUMN_TYPE, f"{field.name} is {expected}")
    return None


def _wrong_type(name: str, given: Any) -> str:
    """The types a column may have, where it has none of them; "" where it has one."""
    arrow = _arrow()
    texts = (arrow.string(), arrow.large_string())
    match name:
        case "id":
            return "" if given in (arrow.binary(16), arrow.uuid(), *texts) else "fixed_size_binary[16], uuid or string"
        case "debit" | "credit":
            return "" if given in (arrow.uint64(), *texts) else "string or uint64"
        case "amount_minor":
            return "" if given == arrow.int64() else "int64"
        case "currency":
            is_coded = bool(arrow.types.is_dictionary(given)) and given.value_type in texts
            return "" if is_coded or given in texts else "string, or a dictionary of strings"
        case _:
            return "" if given in texts else "string"


def _columns(table: Any) -> Columns | Refusal:
    found: dict[str, list[Any]] = {}
    for name in table.column_names:
        # How many nulls a stream says it has is not believed, and a dictionary may hold one itself.
        found[name] = table.column(name).to_pylist()
        if None in found[name]:
            return Refusal(StreamRefusal.COLUMN_NULL, name)
    ids = _ids(found.get("id"))
    if isinstance(ids, Refusal):
        return ids
    return Columns(
        ids=ids,
        debit=_numbers(found["debit"]),
        credit=_numbers(found["credit"]),
        amount_minor=found["amount_minor"],
        currency=found["currency"],
        narrative=found.get("narrative"),
    )


def _numbers(values: list[Any]) -> list[str]:
    return values if values and isinstance(values[0], str) else [f"{value:016d}" for value in values]


def _ids(values: list[Any] | None) -> list[UUID] | Refusal | None:
    if values is None:
        return None
    ids: list[UUID] = []
    for row, value in enumerate(values):
        match value:
            case UUID():
                ids.append(value)
            case bytes():
                ids.append(UUID(bytes=value))
            case str() if len(value) == 36:
                try:
                    ids.append(UUID(value))
                except ValueError:
                    return Refusal(StreamRefusal.COLUMN_VALUE, f"id, row {row:,}")
            case _:
                return Refusal(StreamRefusal.COLUMN_VALUE, f"id, row {row:,}")
    return ids


def write_answer(transactions: Sequence[UUID], outcomes: Sequence[str], seqs: Sequence[int]) -> bytes:
    """What became of transfers, as a stream: `transaction` (fixed_size_binary[16]), `outcome`, `seq` (int64)."""
    arrow = _arrow()
    table = arrow.table(
        {
            "transaction": arrow.array([one.bytes for one in transactions], arrow.binary(16)),
            "outcome": arrow.array(outcomes, arrow.string()),
            "seq": arrow.array(seqs, arrow.int64()),
        }
    )
    sink = arrow.BufferOutputStream()
    with import_module("pyarrow.ipc").new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())
