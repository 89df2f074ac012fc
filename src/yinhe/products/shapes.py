"""What the parameters of a part are: read once off the class's own annotations.

Files, pages and forms follow these shapes, so a part is declared in one place: its class.
"""

import datetime as dt
import types
from enum import Enum, unique
from functools import cache
from typing import Annotated, Any, Final, TypeAlias, Union, get_args, get_origin, get_type_hints

import msgspec

from yinhe.kernel.money import Money
from yinhe.kernel.rates import Rate
from yinhe.products.errors import PartUnlawful
from yinhe.products.parts.base import Parameter
from yinhe.products.period import Period
from yinhe.products.rates import RateSource


@unique
class Scalar(Enum):
    """A value that stands in a file as one text, number, truth value or date."""

    MONEY = "money"
    RATE = "rate"
    RATE_SOURCE = "rate_source"
    PERIOD = "period"
    COUNT = "count"
    FLAG = "flag"
    TEXT = "text"
    DATE = "date"


class Choice(msgspec.Struct, frozen=True):
    """One member of an enum, by its word."""

    members: type[Enum]


def word_of(member: Enum) -> str:
    """A member of a Choice as a file has it: its value where that is a word, else its name."""
    return member.value if isinstance(member.value, str) else member.name.lower()


class Many(msgspec.Struct, frozen=True):
    """A list of values of one shape."""

    of: "Shape"
    parameter: Parameter | None
    """That of each value, with its bounds, where it has one of its own."""


class Record(msgspec.Struct, frozen=True):
    """A frozen record, in a file a table."""

    cls: type[msgspec.Struct]


Shape: TypeAlias = Scalar | Choice | Many | Record

SCALARS: Final[dict[type, Scalar]] = {
    Money: Scalar.MONEY,
    Rate: Scalar.RATE,
    RateSource: Scalar.RATE_SOURCE,
    Period: Scalar.PERIOD,
    int: Scalar.COUNT,
    bool: Scalar.FLAG,
    str: Scalar.TEXT,
    dt.date: Scalar.DATE,
}


class Field(msgspec.Struct, frozen=True):
    """One parameter: how a file calls it, what it is, and whether it may be left out."""

    name: str
    shape: Shape
    parameter: Parameter
    required: bool
    optional: bool
    """Whether it may be None: in a file it is then not there."""


@cache
def fields_of(cls: type[msgspec.Struct]) -> tuple[Field, ...]:
    """The parameters of a part, or the fields of a record in one. Raises PartUnlawful for what no file can say."""
    hints = get_type_hints(cls, include_extras=True)
    made: list[Field] = []
    for field in msgspec.structs.fields(cls):
        hint, parameter = _bare(hints[field.name])
        options = [option for option in _options(hint) if option is not type(None)]
        if len(options) != 1:
            raise PartUnlawful(f"{cls.__name__}.{field.name} has no type that a product file knows: {hint!r}.")
        bare, inner = _bare(options[0])
        parameter = parameter or inner
        if parameter is None:
            raise PartUnlawful(f"{cls.__name__}.{field.name} has no Parameter that says what it means.")
        shape = _shape(bare, f"{cls.__name__}.{field.name}")
        made.append(Field(field.name, shape, parameter, field.required, len(_options(hint)) > 1))
    return tuple(made)


def _shape(hint: Any, place: str) -> Shape:
    if get_origin(hint) is tuple:
        arguments = get_args(hint)
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            inner, parameter = _bare(arguments[0])
            return Many(_shape(inner, place), parameter)
    if isinstance(hint, type):
        if hint in SCALARS:
            return SCALARS[hint]
        if issubclass(hint, Enum):
            return Choice(hint)
        if issubclass(hint, msgspec.Struct) and hint.__struct_config__.frozen:
            return Record(hint)
    raise PartUnlawful(f"{place} has no type that a product file knows: {hint!r}.")


def _bare(hint: Any) -> tuple[Any, Parameter | None]:
    """A type without its annotations, and the outermost Parameter among them."""
    if get_origin(hint) is not Annotated:
        return hint, None
    bare, *notes = get_args(hint)
    return bare, next((note for note in reversed(notes) if isinstance(note, Parameter)), None)


def _options(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
