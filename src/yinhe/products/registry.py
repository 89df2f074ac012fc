"""All parts there are: those of Yinhe, and those other packages bring under the entry point group `yinhe.parts`.

A part of another package is an ordinary class, a subclass of one of the bases in `yinhe.products.parts`; its package
names it in its `pyproject.toml`:

    [project.entry-points."yinhe.parts"]
    birthday = "my_bank.birthday:Birthday"
"""

import datetime as dt
import re
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from functools import cache
from importlib.metadata import entry_points
from types import MappingProxyType
from typing import Annotated, Any, Final, get_args, get_origin, get_type_hints

import msgspec

from yinhe.kernel.money import Money
from yinhe.kernel.rates import Rate
from yinhe.products.errors import PartUnlawful
from yinhe.products.part_list import PARTS
from yinhe.products.parts.base import Kind, Parameter, Part
from yinhe.products.period import Period
from yinhe.products.rates import RateSource

GROUP: Final = "yinhe.parts"
"""The entry point group."""

_SIMPLE: Final[tuple[type[object], ...]] = (Money, Rate, RateSource, Period, int, bool, str, dt.date)
_MEASURED: Final[tuple[type[object], ...]] = (Rate, RateSource, int)
_NAME: Final = re.compile(r"[a-z][a-z_]*\.[a-z][a-z0-9_]*")
_CHINESE: Final = re.compile("[\u4e00-\u9fff]")


class Field(msgspec.Struct, frozen=True):
    """One parameter of a part, or of a record inside one."""

    name: str
    type: Any
    """One of the types `parts.base` lists; of a tuple that of its items."""
    meaning: Parameter | None
    """None only in a class that is not lawful."""
    is_many: bool
    """Whether it is a tuple."""
    is_optional: bool
    """Whether it may be None."""
    default: Any
    """`msgspec.NODEFAULT` where it must be given."""


@cache
def fields_of(cls: type[msgspec.Struct]) -> tuple[Field, ...]:
    """The parameters of a part's class, or of a record's, in the order they are declared."""
    hints = get_type_hints(cls, include_extras=True)
    return tuple(_field(info.name, hints[info.name], info.default) for info in msgspec.structs.fields(cls))


def _field(name: str, hint: Any, default: Any) -> Field:
    meaning: Parameter | None = None
    if get_origin(hint) is Annotated:
        hint, *notes = get_args(hint)
        meaning = next((note for note in reversed(notes) if isinstance(note, Parameter)), None)
    members: tuple[Any, ...] = ()
    if get_origin(hint) in (types.UnionType, typing.Union):
        members = get_args(hint)
        rest = [member for member in members if member is not types.NoneType]
        hint = rest[0] if len(rest) == 1 else hint
    is_many = get_origin(hint) is tuple and get_args(hint)[1:] == (...,)
    return Field(name, get_args(hint)[0] if is_many else hint, meaning, is_many, types.NoneType in members, default)


def is_record(kind: Any) -> bool:
    """Whether a parameter's type is a record of parameters of its own."""
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind not in _SIMPLE


def _is_simple(kind: Any) -> bool:
    return isinstance(kind, type) and (kind in _SIMPLE or issubclass(kind, Enum))


@cache
def why_unlawful(cls: type[Part]) -> tuple[str, ...]:
    """What keeps a class from being a part, each a sentence; empty for a lawful one."""
    found = [f"{cls.__name__}: {why}" for why in (*_wrong_names(cls), *_wrong_fields(cls))]
    return tuple(dict.fromkeys(found))


def _wrong_names(cls: type[Part]) -> Iterator[str]:
    name, kind = getattr(cls, "name", ""), getattr(cls, "kind", None)
    if not isinstance(kind, Kind):
        yield "it has no kind; derive it from one of the bases in yinhe.products.parts"
    elif not _NAME.fullmatch(name) or not name.startswith(f"{kind.value}."):
        yield f"its name {name!r} must be {kind.value}. and words in lower case"
    if not (cls.__dict__.get("__doc__") or "").strip():
        yield "it has no docstring, which is its English description"
    if not _CHINESE.search(getattr(cls, "chinese", "")):
        yield "it has no Chinese description"
    if not cls.effect.strip():
        yield "it does not say what it does to the ledger; say 'none' for nothing"


def _wrong_fields(cls: type[msgspec.Struct]) -> Iterator[str]:
    if not cls.__struct_config__.frozen:
        yield f"{cls.__name__} can be changed; declare it with frozen=True"
    for field in fields_of(cls):
        meaning = field.meaning
        if meaning is None or not meaning.english.strip() or not _CHINESE.search(meaning.chinese):
            yield f"the parameter {field.name} has no Parameter with its meaning in English and Chinese"
        if is_record(field.type):
            yield from _wrong_fields(field.type)
        elif not _is_simple(field.type):
            yield f"the parameter {field.name} has a type no file can hold: {field.type}"
        elif meaning is not None and field.type in _MEASURED and (meaning.least is None or meaning.most is None):
            yield f"the parameter {field.name} has no bounds"


def lawful(classes: Sequence[type[Part]]) -> Mapping[str, type[Part]]:
    """Some classes by name. Raises PartUnlawful for one that is not lawful, and for two of one name."""
    found: dict[str, type[Part]] = {}
    for cls in classes:
        if reasons := why_unlawful(cls):
            raise PartUnlawful("; ".join(reasons))
        if found.setdefault(cls.name, cls) is not cls:
            raise PartUnlawful(f"Two parts are called {cls.name!r}: {_path(found[cls.name])} and {_path(cls)}")
    return MappingProxyType(found)


def _path(cls: type[Part]) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"


def part_classes() -> Mapping[str, type[Part]]:
    """Every part by its name: those of Yinhe, then those of other packages in the order of their names.

    Raises PartUnlawful for what is no lawful part, and for two of one name.
    """
    others: list[type[Part]] = []
    for point in sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value)):
        cls: object = point.load()
        if not isinstance(cls, type) or not issubclass(cls, Part):
            raise PartUnlawful(f"The entry point {point.name!r} names {point.value}, which is no part")
        others.append(cls)
    return lawful([*PARTS, *others])
