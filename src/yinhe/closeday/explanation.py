"""What an explanation of a posting is made of: days, balances, rates and where they came from, and the rounding."""

from uuid import UUID

import msgspec

from yinhe.kernel.rounding import Rounding
from yinhe.products.pricing import Reason


class RateUsed(msgspec.Struct, frozen=True):
    """A rate that counted; 1e-8 a year."""

    at_least_minor: int
    """The balance from which it holds, or the slice begins."""
    rate: int
    """With the spread, and within the bounds."""
    source: Reason
    """Where it came from."""


class Span(msgspec.Struct, frozen=True):
    """Days on which balance, rates and product were the same: from `start` to before `end`."""

    start: int
    end: int
    days: int
    """As the product counts them."""
    balance_minor: int
    product: str
    """The version in force: `demand/1`."""
    part: str
    """The part that names the rate: `interest.flat`."""
    rates: tuple[RateUsed, ...]
    whole: int
    """What the days earned: whole minor units …"""
    remainder: int
    """… and parts of D."""


class Leg(msgspec.Struct, frozen=True):
    """One posting of the transaction, as the journal has it."""

    seq: int
    debit: int
    credit: int
    amount_minor: int
    code: int
    what: Reason
    value_date: int


class Derivation(msgspec.Struct, frozen=True):
    """How an amount of interest came about: the sum of the spans, rounded once."""

    contract: int
    spans: tuple[Span, ...]
    brought_whole: int
    """Accrued before the first span …"""
    brought_remainder: int
    base: int
    """D: the parts of a minor unit a remainder counts."""
    whole: int
    """All together: whole minor units …"""
    remainder: int
    """… and parts of D."""
    rounding: Rounding
    amount_minor: int
    """Rounded."""


class Share(msgspec.Struct, frozen=True):
    """What one contract contributes to a posting for a whole product, in minor units."""

    contract: int
    amount_minor: int


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """A transaction, and why its amounts are what they are; dates in days since 1970-01-01."""

    txn_id: UUID
    what: Reason
    business_date: int
    """The date it was booked on."""
    night: int | None
    """The business date whose close posted it; None for what a person or a service asked for."""
    currency: int
    legs: tuple[Leg, ...]
    derivation: Derivation | None = None
    shares: tuple[Share, ...] = ()
    """The contracts that contribute most to it, the largest first."""
    contracts: int = 0
    """How many contribute."""
    reasons: tuple[Reason, ...] = ()
    """What else decided, in order."""
    derived: bool = True
    """Whether the amounts follow from other facts and were worked out again; else they are what was asked for."""
