"""Every value inside a part, with where it stands."""

from collections.abc import Iterator
from typing import cast

import msgspec

from yinhe.products.findings import Path
from yinhe.products.shapes import SCALARS, Choice, Many, Record, Scalar, fields_of


def values_of(record: msgspec.Struct, path: Path = ()) -> Iterator[tuple[Path, object]]:
    """Each single value of a part or record in it, deepest first come as they are declared, with its path."""
    for field in fields_of(type(record)):
        value = getattr(record, field.name)
        if value is not None:
            yield from _inside(value, (*path, field.name))


def lists_of(
    record: msgspec.Struct, path: Path = ()
) -> Iterator[tuple[Path, type[msgspec.Struct], tuple[msgspec.Struct, ...]]]:
    """Each list of records of a part, with its path and the class of its records."""
    for field in fields_of(type(record)):
        match field.shape:
            case Many(Record(cls), _):
                yield (*path, field.name), cls, cast("tuple[msgspec.Struct, ...]", getattr(record, field.name) or ())
            case Many() | Record() | Choice() | Scalar():
                continue


def _inside(value: object, path: Path) -> Iterator[tuple[Path, object]]:
    if isinstance(value, tuple):
        for place, one in enumerate(cast("tuple[object, ...]", value)):
            yield from _inside(one, (*path, place))
    elif isinstance(value, msgspec.Struct) and type(value) not in SCALARS:
        yield from values_of(value, path)
    else:
        yield path, value
