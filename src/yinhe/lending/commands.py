"""What may be asked of loans. Each command carries its id, a UUIDv7: the same id twice is done once.

Accounts are indexes of the ledger, amounts minor units, dates days since 1970-01-01, rates units of 1e-8 a year.
"""

from typing import TypeAlias
from uuid import UUID

import msgspec

from yinhe.products.parts.application import Purpose
from yinhe.products.parts.base import Channel
from yinhe.products.parts.prepayment import Afterwards
from yinhe.products.parts.purpose import Payee


class Agree(msgspec.Struct, frozen=True, kw_only=True):
    """Agree on a loan or a line on a product version; nothing is drawn yet."""

    id: UUID
    version: int
    """The product version's id in the catalogue."""
    borrower: str
    amount_minor: int
    """What is to be lent, or the limit of the line."""
    months: int
    """The term; 0 for a line without an end."""
    purpose: Purpose
    linked: int
    """The account instalments are collected from."""
    margin: int = 0
    """Negotiated, on top of the product's rate."""
    price_minor: int = 0
    """The price of what is bought with it; 0 for none."""
    collateral: tuple[str, ...] = ()
    """References of the registrations."""
    collateral_minor: int = 0
    guarantors: tuple[str, ...] = ()
    """References of parties."""
    guaranteed_minor: int = 0
    income_minor: int = 0
    """The borrower's, a month."""
    other_dues_minor: int = 0
    tier: int = 0
    region: int = 0
    branch: int = 0
    is_company: bool = False
    pays_whole: bool = False
    """Of a card: whether the whole of a statement is collected on its due day, and not the minimum."""
    channel: Channel = Channel.COUNTER


class Draw(msgspec.Struct, frozen=True, kw_only=True):
    """Draw a loan, a tranche, or on a line; the money goes to the payee's account."""

    id: UUID
    loan: int
    amount_minor: int
    payee: int = 0
    """0 for the linked account."""
    payee_kind: Payee = Payee.BORROWER
    cash: bool = False
    """Whether it is an advance of cash on a card, and not a purchase."""


class Convert(msgspec.Struct, frozen=True, kw_only=True):
    """Make an instalment plan of purchases on a card."""

    id: UUID
    loan: int
    amount_minor: int
    count: int
    """Monthly instalments."""


class Repay(msgspec.Struct, frozen=True, kw_only=True):
    """Pay what is due; with `early`, what is more repays principal before it is due."""

    id: UUID
    loan: int
    amount_minor: int
    payer: int = 0
    """0 for the linked account."""
    early: bool = False
    afterwards: Afterwards = Afterwards.SHORTER
    value_date: int | None = None
    """A day in the past from which it counts; None for today."""


class PayOff(msgspec.Struct, frozen=True, kw_only=True):
    """Repay everything today, with the interest to date and the fee of repaying early."""

    id: UUID
    loan: int
    payer: int = 0


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """Change what is noted of a loan; None leaves it."""

    id: UUID
    loan: int
    linked: int | None = None
    blocked: bool | None = None
    misused: bool | None = None
    impaired: bool | None = None
    pays_whole: bool | None = None
    """Of a card, see `Agree`."""


class Arrange(msgspec.Struct, frozen=True, kw_only=True):
    """Arrange a loan in difficulty anew, in one of four ways."""

    id: UUID
    loan: int
    extend_months: int = 0
    rate: int | None = None
    capitalise: bool = False
    """Interest that is due becomes principal."""
    re_age: bool = False
    """What is due joins the instalments to come."""


class WriteOff(msgspec.Struct, frozen=True, kw_only=True):
    """Give a loan up in the books; the claim stays."""

    id: UUID
    loan: int


class Recover(msgspec.Struct, frozen=True, kw_only=True):
    """Take what is paid of a loan that was written off."""

    id: UUID
    loan: int
    amount_minor: int
    payer: int


Command: TypeAlias = Agree | Draw | Convert | Repay | PayOff | Change | Arrange | WriteOff | Recover
