"""A product: a named list of parts, and the versions of it."""

from datetime import date
from enum import Enum, unique
from typing import TypeVar

import msgspec

from yinhe.products.parts.base import Kind, Part

P = TypeVar("P", bound=Part)


@unique
class TermRule(Enum):
    """What a later version means for contracts that exist: each term follows, freezes or is negotiated."""

    FOLLOW = "follow"
    """The contract follows the product's later versions and tables."""
    FREEZE = "freeze"
    """The contract keeps what it was sold with."""
    NEGOTIATE = "negotiate"
    """The contract has what was agreed, within the product's bounds, and keeps it."""


class Term(msgspec.Struct, frozen=True, kw_only=True):
    """How one term of a contract is agreed; `terms.TERM_NAMES` has the names."""

    name: str
    rule: TermRule
    least: int | None = None
    """For `negotiate`: the least and the most that may be agreed, in the term's own unit (rates in 1e-8)."""
    most: int | None = None


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a product, as its file says."""

    code: str
    """How the bank calls it: lower-case words, `demand`."""
    number: int
    """What accounts carry: 1 to 32,767, the same for all versions."""
    version: int
    """1, 2, 3, …"""
    english: str
    chinese: str
    currency: str
    """ISO 4217 code."""
    effective: date
    """The first business date on which contracts may be opened on it, or follow it."""
    parts: tuple[Part, ...]
    terms: tuple[Term, ...] = ()

    @property
    def name(self) -> str:
        """Code and version: `demand/1`."""
        return f"{self.code}/{self.version}"

    def one(self, kind: type[P]) -> P | None:
        """The product's part of a class, None where it has none; of several the first."""
        return next((part for part in self.parts if isinstance(part, kind)), None)

    def all(self, kind: type[P]) -> tuple[P, ...]:
        """The product's parts of a class, in the order of its file."""
        return tuple(part for part in self.parts if isinstance(part, kind))

    def of_kind(self, kind: Kind) -> tuple[Part, ...]:
        """The product's parts of a kind, in the order of its file."""
        return tuple(part for part in self.parts if part.kind is kind)

    def rule(self, term: str) -> TermRule:
        """How a term is agreed; what the file does not mention follows."""
        return next((known.rule for known in self.terms if known.name == term), TermRule.FOLLOW)
