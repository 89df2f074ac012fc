"""Which classes are parts, and how other packages add theirs."""

import datetime as dt
from enum import Enum
from typing import Annotated, ClassVar

import msgspec
import pytest

from yinhe.kernel.money import Money
from yinhe.kernel.rates import Rate
from yinhe.products.errors import PartUnlawful
from yinhe.products.part_list import KIND_WORDS
from yinhe.products.parts.base import Kind, Parameter, Part
from yinhe.products.parts.fee import Fee, FlatFee
from yinhe.products.parts.interest import Tier
from yinhe.products.registry import (
    PARTS,
    fields_of,
    is_record,
    lawful,
    part_classes,
    why_unlawful,
)


def test_there_are_more_than_forty_parts_and_some_of_every_kind():
    assert len(part_classes()) >= 40
    assert {part.kind for part in PARTS} == set(Kind) == set(KIND_WORDS)


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_every_part_is_lawful(part):
    assert why_unlawful(part) == ()


def test_parameters_are_read_with_their_meaning():
    (tiers,) = fields_of(part_classes()["interest.tiered_whole"])
    assert (tiers.name, tiers.type, tiers.is_many, tiers.is_optional) == ("tiers", Tier, True, False)
    assert is_record(Tier)
    assert not is_record(Money)
    by_name = {field.name: field for field in fields_of(part_classes()["fee.percent"])}
    assert (by_name["least"].type, by_name["least"].is_optional, by_name["least"].default) == (Money, True, None)
    assert (by_name["rate"].type, by_name["rate"].default) == (Rate, msgspec.NODEFAULT)
    assert by_name["rate"].meaning == Parameter("the share of the amount", "费率", least=0, most=10_000_000)


COUNT = Parameter("how many", "次数", least=0, most=9)


class NoKind(Part, frozen=True, kw_only=True):
    """A part of nothing."""

    name: ClassVar[str] = "fee.no_kind"
    chinese: ClassVar[str] = "无"


class OddName(FlatFee, frozen=True, kw_only=True):
    """A fee with the name of another kind."""

    name: ClassVar[str] = "interest.odd"


class Speechless(FlatFee, frozen=True, kw_only=True):
    name: ClassVar[str] = "fee.speechless"


class NoChinese(FlatFee, frozen=True, kw_only=True):
    """A fee without Chinese."""

    name: ClassVar[str] = "fee.no_chinese"
    chinese: ClassVar[str] = ""


class NoEffect(FlatFee, frozen=True, kw_only=True):
    """A fee that does not say what it does."""

    name: ClassVar[str] = "fee.no_effect"
    effect: ClassVar[str] = ""


class Bare(FlatFee, frozen=True, kw_only=True):
    """A parameter without its meaning."""

    name: ClassVar[str] = "fee.bare"
    times: int


class HalfSaid(FlatFee, frozen=True, kw_only=True):
    """A parameter with its meaning in English only."""

    name: ClassVar[str] = "fee.half_said"
    times: Annotated[int, Parameter("how many", "", least=0, most=9)]


class Unbounded(FlatFee, frozen=True, kw_only=True):
    """A count without an end."""

    name: ClassVar[str] = "fee.unbounded"
    times: Annotated[int, Parameter("how many", "次数")]


class Floating(FlatFee, frozen=True, kw_only=True):
    """A parameter that is a float."""

    name: ClassVar[str] = "fee.floating"
    factor: Annotated[float, COUNT]


class Mapped(FlatFee, frozen=True, kw_only=True):
    """A parameter that is a mapping."""

    name: ClassVar[str] = "fee.mapped"
    factors: Annotated[dict[str, int], COUNT]


class Either(FlatFee, frozen=True, kw_only=True):
    """A parameter of either of two types."""

    name: ClassVar[str] = "fee.either"
    either: Annotated[int | str, COUNT]


class Changeable(msgspec.Struct, kw_only=True):
    """A record that can be changed."""

    times: Annotated[int, COUNT]


class HoldsChangeable(FlatFee, frozen=True, kw_only=True):
    """A part that holds a record that can be changed."""

    name: ClassVar[str] = "fee.holds_changeable"
    records: Annotated[tuple[Changeable, ...], Parameter("some", "若干")]


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        (NoKind, "has no kind"),
        (OddName, "name 'interest.odd' must be fee."),
        (Speechless, "no docstring"),
        (NoChinese, "no Chinese description"),
        (NoEffect, "what it does to the ledger"),
        (Bare, "times has no Parameter"),
        (HalfSaid, "times has no Parameter"),
        (Unbounded, "times has no bounds"),
        (Floating, "factor has a type no file can hold"),
        (Mapped, "factors has a type no file can hold"),
        (Either, "either has a type no file can hold"),
        (HoldsChangeable, "Changeable can be changed"),
    ],
)
def test_a_class_that_is_not_lawful_is_refused_with_the_reason(part, reason):
    (why,) = why_unlawful(part)
    assert reason in why
    with pytest.raises(PartUnlawful, match=part.__name__):
        lawful([part])


class Colour(Enum):
    """Any enum is a type of parameter."""

    RED = "red"


class Everything(Fee, frozen=True, kw_only=True):
    """A part with a parameter of every type there is."""

    name: ClassVar[str] = "fee.everything"
    chinese: ClassVar[str] = "全部类型"
    colour: Annotated[Colour, Parameter("a colour", "颜色")]
    colours: Annotated[tuple[Colour, ...], Parameter("colours", "颜色")]
    day: Annotated[dt.date | None, Parameter("a date", "日期")] = None
    words: Annotated[str, Parameter("words", "文字")] = ""


def test_every_type_of_parameter_is_lawful():
    assert why_unlawful(Everything) == ()


def test_two_parts_of_one_name_are_refused():
    class Twin(FlatFee, frozen=True, kw_only=True):
        """A fee with the name of another."""

        name: ClassVar[str] = "fee.flat"

    with pytest.raises(PartUnlawful, match=r"Two parts are called 'fee\.flat'"):
        lawful([*PARTS, Twin])
    assert lawful([FlatFee, FlatFee]) == {"fee.flat": FlatFee}
