"""Which version each term of a contract comes from: the one it was sold on, or the latest in force.

A term is what a product says one thing about: whether later versions of it reach contracts that exist. Most are a kind
of parts and bear its name; `rate` and `limit` are two kinds each, since a price without its adjustments says nothing.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from yinhe.products.parts.base import Kind
from yinhe.products.product import Product, TermRule

RATE: Final = "rate"
"""How product files call the term that says whether a contract's rate follows, is kept or is negotiated."""

OF_THE_SALE: Final = frozenset(
    {
        Kind.ELIGIBILITY,
        Kind.OPENING,
        Kind.TERM,
        Kind.ACCRUAL,
        Kind.LIMIT,
        Kind.DOWN_PAYMENT,
        Kind.PURPOSE,
        Kind.SECURITY,
        Kind.DRAWDOWN,
        Kind.REPAYMENT,
        Kind.GRACE,
        Kind.LEDGER,
    }
)
"""What a contract always has of the version it was sold on.

Some of it is spent with the sale. The day count is kept because what has accrued is counted in parts of its year; the
ledger mapping because accounts lie under its codes.
"""

_NAMES: Final[Mapping[Kind, str]] = MappingProxyType(
    {
        Kind.INTEREST: RATE,
        Kind.LOAN_INTEREST: RATE,
        Kind.PRICING: RATE,
        Kind.FEE: "fee",
        Kind.AMOUNT: "limit",
        Kind.OVERDRAFT: "limit",
    }
)


def term_of(kind: Kind) -> str | None:
    """The name of the term that parts of a kind are; None for those of the sale, which no later version changes."""
    return None if kind in OF_THE_SALE else _NAMES.get(kind, kind.value)


TERM_NAMES: Final = tuple(sorted({name for kind in Kind if (name := term_of(kind)) is not None}))
"""The terms a product may say how to agree, in order."""

NEGOTIABLE: Final = (RATE,)
"""Those of which a contract may have a value of its own."""


def is_kept(sold: Product, kind: Kind) -> bool:
    """Whether a contract sold on a version keeps its parts of a kind, whatever later versions say."""
    term = term_of(kind)
    return term is None or sold.rule(term) is not TermRule.FOLLOW


def resolved(sold: Product, later: Product) -> Product:
    """What a contract sold on one version has while a later one is in force: each term by the rule it was sold with.

    The result bears the later version's name and the earlier one's rules; where all of it is one of the two, it is that
    one itself.
    """
    if later is sold:
        return sold
    kept = tuple(part for part in sold.parts if is_kept(sold, part.kind))
    followed = tuple(part for part in later.parts if not is_kept(sold, part.kind))
    if len(kept) == len(sold.parts) and not followed:
        return sold
    product = msgspec.structs.replace(later, parts=(*kept, *followed), terms=sold.terms)
    return later if (set(product.parts), product.terms) == (set(later.parts), later.terms) else product
