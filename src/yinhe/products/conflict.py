"""What a contradiction between parts is: a row of the tables in `conflicts` and `loan_conflicts`."""

from collections.abc import Callable

import msgspec

from yinhe.products.parts.base import Kind, Part
from yinhe.products.product import Product


class Conflict(msgspec.Struct, frozen=True, kw_only=True):
    """Two things that cannot both hold."""

    part: Callable[[Product], Part | None]
    """The part that contradicts the others, None where nothing does."""
    english: str
    chinese: str
    hint: str = ""


def of_kind_while(kind: Kind, condition: Callable[[Product], bool]) -> Callable[[Product], Part | None]:
    """The part of a kind, where a condition holds."""
    return lambda product: next(iter(product.of_kind(kind)), None) if condition(product) else None


def of_class_while(cls: type[Part], condition: Callable[[Product], bool]) -> Callable[[Product], Part | None]:
    """The part of a class, where a condition holds."""
    return lambda product: product.one(cls) if condition(product) else None
