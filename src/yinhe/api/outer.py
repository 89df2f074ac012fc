"""The outer form of records that hold amounts as minor units: the same records with text, made of their types.

`balance_minor: int` beside a `currency` becomes `balance: str`; `rate: int` percent as text; `at: int` a time. Indexes
of accounts stay inside: whoever asks knows accounts by their numbers.
"""

import types
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any, Final, Union, cast, get_args, get_origin

import msgspec

from yinhe.api.forms import amount_text
from yinhe.kernel.clock import datetime_from_us
from yinhe.kernel.currency import currency
from yinhe.kernel.rates import Rate, format_rate

_MINOR: Final = "_minor"
_TIMES: Final = frozenset({"at", "expires_at", "booked_at"})
_INSIDE: Final = frozenset({"account"})


@cache
def outer(kind: type[msgspec.Struct], name: str) -> type[msgspec.Struct]:
    """The outer form of a record's type, under a name of its own; records in it take its name before theirs."""
    fields = [
        (_name(field.name), _type(field.name, field.type, name))
        for field in msgspec.structs.fields(kind)
        if field.name not in _INSIDE
    ]
    made = msgspec.defstruct(name, fields, frozen=True, kw_only=True, module=__name__)
    made.__doc__ = kind.__doc__
    return made


def shown(value: msgspec.Struct, kind: type[msgspec.Struct]) -> msgspec.Struct:
    """A record in its outer form."""
    code = getattr(value, "currency", None)
    types_of = {field.name: field.type for field in msgspec.structs.fields(kind)}
    given = {
        _name(field): _value(field, getattr(value, field), code, types_of[_name(field)])
        for field in value.__struct_fields__
        if field not in _INSIDE
    }
    return kind(**given)


def _name(name: str) -> str:
    return name.removesuffix(_MINOR)


def _type(name: str, kind: Any, prefix: str) -> Any:
    """The outer type of a field."""
    if name.endswith(_MINOR) or name == "rate":
        return _replaced(kind, int, str)
    if name in _TIMES:
        return _replaced(kind, int, datetime)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return outer(kind, prefix + kind.__name__)
    origin = get_origin(kind)
    if origin is tuple:
        inner = tuple(one if one is ... else _type("", one, prefix) for one in get_args(kind))
        return types.GenericAlias(tuple, inner)
    if origin in (Union, types.UnionType):
        return _either(_type("", one, prefix) for one in get_args(kind))
    return cast("Any", kind)


def _replaced(kind: Any, old: type, new: type) -> Any:
    if get_origin(kind) in (Union, types.UnionType):
        return _either(new if one is old else one for one in get_args(kind))
    return new if kind is old else kind


def _either(kinds: Iterable[Any]) -> Any:
    found: Any = None
    for one in kinds:
        found = one if found is None else found | one
    return found


def _value(name: str, value: Any, code: str | None, kind: Any) -> Any:
    if value is None:
        return None
    if name.endswith(_MINOR):
        return amount_text(value, currency(code or ""))
    if name == "rate":
        return format_rate(Rate(value)).removesuffix("%")
    if name in _TIMES:
        return datetime_from_us(value)
    if isinstance(value, tuple):
        inner = get_args(kind)[0]
        return tuple(_value("", one, code, inner) for one in cast("tuple[Any, ...]", value))
    if isinstance(value, msgspec.Struct):
        inner_kind = _struct_of(kind)
        # What stands as Any is no record of amounts, and shown as it is.
        return value if inner_kind is None else shown(value, inner_kind)
    return value


def _struct_of(kind: Any) -> type[msgspec.Struct] | None:
    for one in (kind, *get_args(kind)):
        if isinstance(one, type) and issubclass(one, msgspec.Struct):
            return one
    return None
