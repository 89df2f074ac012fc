"""An Arrow IPC stream looked at before anything of it is read: framed right, within bounds, and not compressed.

A reader of Arrow gives whatever memory a stream asks for; compressed buffers, or lengths that nothing backs, would have
it give all there is. So the metadata of each message is read here first, with every offset checked: it is a flatbuffer
(https://arrow.apache.org/docs/format/Columnar.html#encapsulated-message-format, Message.fbs, Schema.fbs).
"""

import struct
from typing import Final

import msgspec

from yinhe.kernel.refusals import ReasonEnum, Refusal

MESSAGES_MAX: Final = 1_024
"""Most messages of a stream: the schema, dictionaries and batches of rows."""
BUFFERS_MAX: Final = 64
"""Most buffers of a batch, and most columns."""
DICTIONARY_MAX: Final = 1_000
"""Most values of a dictionary."""

_CONTINUATION: Final = 0xFFFFFFFF
_SCHEMA, _DICTIONARY, _BATCH = 1, 2, 3
_PREFIX: Final = struct.Struct("<Ii")
_UINT: Final = struct.Struct("<I")
_INT: Final = struct.Struct("<i")
_SHORT: Final = struct.Struct("<H")
_LONG: Final = struct.Struct("<q")
_TWO: Final = struct.Struct("<qq")


class StreamRefusal(ReasonEnum):
    """What is wrong with a stream of columns."""

    STREAM_MALFORMED = "the body is not an Arrow IPC stream", "请求内容不是Arrow流"
    STREAM_COMPRESSED = "a compressed stream is not taken", "不接受压缩的Arrow流"
    STREAM_TOO_MANY_BATCHES = "the stream has more batches than are taken", "Arrow流批次过多"
    STREAM_DICTIONARY_TOO_LARGE = "a dictionary has more values than are taken", "字典取值过多"
    STREAM_TOO_MANY_ROWS = "the stream has more rows than are taken", "行数过多"
    STREAM_EMPTY = "the stream has no rows", "没有任何行"
    COLUMN_NOT_TAKEN = "there is no such column", "未知的列"
    COLUMN_MISSING = "a column is missing", "缺少列"
    COLUMN_TWICE = "a column stands twice", "列重复"
    COLUMN_TYPE = "a column is of a type that is not taken", "列类型不受支持"
    COLUMN_NULL = "a column holds nulls", "列中含有空值"
    COLUMN_VALUE = "a value of a column does not have its form", "列中的值格式有误"


class _MisframedError(Exception):
    """An offset leads out of the metadata, or a length is none."""


class _Table:
    """A table of a flatbuffer; raises _MisframedError, or struct.error, for what lies outside of it."""

    def __init__(self, data: memoryview, at: int) -> None:
        self._data: Final = data
        self._at: Final = at
        self._fields: Final = at - _read(_INT, data, at)
        self._size: Final = _read(_SHORT, data, self._fields)

    def place(self, field: int) -> int:
        """Where a field stands; 0 where it is left out."""
        entry = 4 + 2 * field
        offset = _read(_SHORT, self._data, self._fields + entry) if entry + 2 <= self._size else 0
        return self._at + offset if offset else 0

    def long(self, field: int) -> int:
        """An int64, 0 where it is left out."""
        place = self.place(field)
        return _read(_LONG, self._data, place) if place else 0

    def byte(self, field: int) -> int:
        """A byte, 0 where it is left out."""
        place = self.place(field)
        if not place:
            return 0
        if not 0 <= place < len(self._data):
            raise _MisframedError
        return self._data[place]

    def table(self, field: int) -> "_Table":
        """A table within; it must be there."""
        place = self.place(field)
        if not place:
            raise _MisframedError
        return _Table(self._data, place + _read(_UINT, self._data, place))

    def pairs(self, field: int) -> list[tuple[int, int]]:
        """A vector of structs of two int64."""
        place = self.place(field)
        if not place:
            return []
        at = place + _read(_UINT, self._data, place)
        count = _read(_UINT, self._data, at)
        if count > BUFFERS_MAX or at + 4 + 16 * count > len(self._data):
            raise _MisframedError
        return [_TWO.unpack_from(self._data, at + 4 + 16 * place) for place in range(count)]


def _read(what: struct.Struct, data: memoryview, at: int) -> int:
    # A negative place would be read from the end.
    if not 0 <= at <= len(data) - what.size:
        raise _MisframedError
    return int(what.unpack_from(data, at)[0])


class Frames(msgspec.Struct, frozen=True):
    """What a stream holds, by its metadata."""

    rows: int
    batches: int


def look(body: bytes, rows_max: int) -> Frames | Refusal:
    """Look at every message of a stream: how many rows it says it has, or why it is not read at all."""
    data, at, kinds, rows = memoryview(body), 0, list[int](), 0
    try:
        while at < len(data):
            mark, size = _PREFIX.unpack_from(data, at)
            if mark != _CONTINUATION:
                raise _MisframedError
            at += _PREFIX.size
            if size == 0:
                break
            if not 8 <= size <= len(data) - at:
                raise _MisframedError
            metadata, at = data[at : at + size], at + size
            message = _Table(metadata, _read(_UINT, metadata, 0))
            length = message.long(3)
            if not 0 <= length <= len(data) - at:
                raise _MisframedError
            at += length
            kind = message.byte(1)
            found = _look_at(message, kind, length, len(kinds))
            if isinstance(found, Refusal):
                return found
            kinds.append(kind)
            rows += found
            if rows > rows_max:
                return Refusal(StreamRefusal.STREAM_TOO_MANY_ROWS, f"at most {rows_max:,}")
    except (_MisframedError, struct.error):
        return Refusal(StreamRefusal.STREAM_MALFORMED)
    if at != len(data) or not kinds:
        return Refusal(StreamRefusal.STREAM_MALFORMED)
    return Frames(rows, kinds.count(_BATCH))


def _look_at(message: _Table, kind: int, length: int, place: int) -> int | Refusal:
    """The rows of one message, the `place`th."""
    if place >= MESSAGES_MAX:
        return Refusal(StreamRefusal.STREAM_TOO_MANY_BATCHES, f"at most {MESSAGES_MAX:,} messages")
    if kind == _SCHEMA and not place and not length:
        return 0
    if not place or kind not in (_DICTIONARY, _BATCH):
        raise _MisframedError
    header = message.table(2)
    batch = header.table(1) if kind == _DICTIONARY else header
    if batch.place(3):
        return Refusal(StreamRefusal.STREAM_COMPRESSED)
    rows, nodes = batch.long(0), batch.pairs(1)
    if rows < 0 or any(not 0 <= nulls <= count <= max(rows, 0) for count, nulls in nodes):
        raise _MisframedError
    if any(start < 0 or size < 0 or start + size > length for start, size in batch.pairs(2)):
        raise _MisframedError
    if kind == _BATCH:
        return rows
    too_large = rows > DICTIONARY_MAX
    return Refusal(StreamRefusal.STREAM_DICTIONARY_TOO_LARGE, f"at most {DICTIONARY_MAX:,}") if too_large else 0
