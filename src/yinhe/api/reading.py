"""What came in: bounded, in UTF-8, no key twice, not too deep, and of the type the route names.

Everything wrong is told in one sentence with its place; nothing that was sent is repeated in it.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from yinhe.kernel.refusals import ReasonEnum, Refusal

DEPTH_MAX: Final = 16
"""Most objects and lists within one another."""
PARAM_CHARACTERS_MAX: Final = 2_048
"""Most characters of one parameter."""

_TOKEN: Final = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]')
_PLACE: Final = re.compile(r" - at `(.*)`$")


class ReadingRefusal(ReasonEnum):
    """What is wrong with a request before anyone has looked at what it asks."""

    BODY_INVALID = "the body is not what this operation takes", "请求内容不符合接口要求"
    BODY_NOT_JSON = "the body is not JSON in UTF-8", "请求内容不是UTF-8编码的JSON"
    BODY_TOO_DEEP = "the body is nested too deep", "请求内容嵌套过深"
    BODY_KEY_TWICE = "a key stands twice in one object of the body", "请求内容中键名重复"
    BODY_TOO_LARGE = "the body is too large", "请求内容过大"
    BODY_MISSING = "the body is missing", "缺少请求内容"
    BODY_TOO_SLOW = "the body did not arrive in time", "请求内容未及时送达"
    MEDIA_UNKNOWN = "the body is of a media type this operation does not take", "不支持的内容类型"
    PARAMETER_INVALID = "a parameter is not what this operation takes", "请求参数不符合接口要求"
    PARAMETER_UNKNOWN = "there is no such parameter", "未知的请求参数"
    KEY_MISSING = "a command needs an Idempotency-Key, a UUID of version 7", "缺少幂等键（第七版UUID）"
    KEY_MALFORMED = "the Idempotency-Key is not a UUID of version 7", "幂等键不是第七版UUID"
    HEADER_INVALID = "a header is not what this operation takes", "请求头不符合接口要求"
    CURSOR_INVALID = "the cursor is not one of this list", "分页游标无效"


class _KeyTwiceError(ValueError):
    """A key stands twice."""


def read_json(raw: bytes, kind: type[Any]) -> Any:
    """The body as a value of `kind`, or a Refusal."""
    refused = _refuse_form(raw)
    if refused is not None:
        return refused
    try:
        return msgspec.json.decode(raw, type=kind)
    except msgspec.ValidationError as error:
        return Refusal(ReadingRefusal.BODY_INVALID, _in_words(str(error)))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Refusal(ReadingRefusal.BODY_NOT_JSON)


def _refuse_form(raw: bytes) -> Refusal | None:
    if not raw.strip():
        return Refusal(ReadingRefusal.BODY_MISSING)
    depth = deepest = 0
    for token in _TOKEN.finditer(raw):
        first = token.group()[0]
        if first in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif first in b"]}":
            depth -= 1
    if deepest > DEPTH_MAX:
        return Refusal(ReadingRefusal.BODY_TOO_DEEP, f"at most {DEPTH_MAX} levels")
    try:
        json.loads(raw.decode(), object_pairs_hook=_refuse_twice)
    except _KeyTwiceError:
        return Refusal(ReadingRefusal.BODY_KEY_TWICE)
    except (ValueError, RecursionError):
        return Refusal(ReadingRefusal.BODY_NOT_JSON)
    return None


def _refuse_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _KeyTwiceError
    return found


def read_params(kind: type[msgspec.Struct] | None, path: Mapping[str, str], query: Iterable[tuple[str, str]]) -> Any:
    """Path and query as a value of `kind` (None where it names none), or a Refusal."""
    given: dict[str, Any] = dict(path)
    fields = {} if kind is None else {field.encode_name: field for field in msgspec.structs.fields(kind)}
    for name, value in query:
        if name not in fields:
            return Refusal(ReadingRefusal.PARAMETER_UNKNOWN, _short(name))
        if name in given:
            return Refusal(ReadingRefusal.PARAMETER_INVALID, f"{name} stands twice")
        if len(value) > PARAM_CHARACTERS_MAX or "\x00" in value:
            return Refusal(ReadingRefusal.PARAMETER_INVALID, name)
        given[name] = value
    if kind is None:
        return None
    try:
        return msgspec.convert(given, kind, strict=False)
    except msgspec.ValidationError as error:
        return Refusal(ReadingRefusal.PARAMETER_INVALID, _in_words(str(error)))


def _in_words(message: str) -> str:
    """A decoder's message with its place first: `amount: Expected str, got float`."""
    place = _PLACE.search(message)
    where = "" if place is None else place.group(1).removeprefix("$").removeprefix(".")
    what = message if place is None else message[: place.start()]
    return f"{where}: {what}" if where else what


def _short(name: str) -> str:
    return name if name.isidentifier() and len(name) <= 40 else "(not a name)"
