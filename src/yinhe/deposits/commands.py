"""What may be asked of deposits. Each command carries its id, a UUIDv7: the same id twice is done once.

Accounts are indexes of the ledger, amounts minor units, dates days since 1970-01-01, rates units of 1e-8.
"""

from typing import TypeAlias
from uuid import UUID

import msgspec

from yinhe.deposits.columns import NO_RATE
from yinhe.products.parts.base import Channel


class Open(msgspec.Struct, frozen=True, kw_only=True):
    """Open a contract on a product version, with its account, and pay the first deposit into it."""

    id: UUID
    version: int
    """The product version's id in the catalogue."""
    holder: str
    amount_minor: int = 0
    """The first deposit; 0 for none."""
    funding: int = 0
    """The account the first deposit comes from; it may be one of the bank's own, as the till."""
    principal_minor: int = 0
    """What is agreed: one instalment, say; 0 for the first deposit."""
    linked: int = 0
    """Where interest and principal go; 0 for none."""
    months: int = 0
    days: int = 0
    day_of_month: int = 0
    branch: int = 0
    region: int = 0
    tier: int = 0
    is_company: bool = False
    is_new_money: bool = False
    auto_renew: bool = False
    channel: Channel = Channel.COUNTER
    rate: int = NO_RATE
    """The rate negotiated."""


class Amend(msgspec.Struct, frozen=True, kw_only=True):
    """Change what is agreed; None leaves it."""

    id: UUID
    contract: int
    linked: int | None = None
    auto_renew: bool | None = None
    rate: int | None = None


class TransferTo(msgspec.Struct, frozen=True, kw_only=True):
    """Transfer a contract to another holder; the price is paid between them."""

    id: UUID
    contract: int
    holder: str
    is_company: bool = False


class GiveNotice(msgspec.Struct, frozen=True, kw_only=True):
    """Give notice of a withdrawal on a day."""

    id: UUID
    contract: int
    amount_minor: int
    due_on: int


class CancelNotice(msgspec.Struct, frozen=True, kw_only=True):
    """Take a notice of withdrawal back."""

    id: UUID
    contract: int
    notice: UUID
    """The id under which it was given."""


class AddOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Pay an amount out of a contract every month; the command's id is the order's."""

    id: UUID
    contract: int
    payee: int
    amount_minor: int
    day_of_month: int
    """1 to 31; the last day of a month that is shorter."""
    first: int
    """It is not carried out before this day …"""
    last: int
    """… nor after this one; WITHOUT_END where it has none."""


class StopOrder(msgspec.Struct, frozen=True, kw_only=True):
    """End a standing order of a contract."""

    id: UUID
    contract: int
    order: UUID


class DepositMore(msgspec.Struct, frozen=True, kw_only=True):
    """Pay more into a contract."""

    id: UUID
    contract: int
    amount_minor: int
    funding: int


class Withdraw(msgspec.Struct, frozen=True, kw_only=True):
    """Draw a part of a contract; drawing all of it closes the contract."""

    id: UUID
    contract: int
    amount_minor: int
    payee: int = 0
    """The account the money goes to; 0 for the linked one."""


class Close(msgspec.Struct, frozen=True, kw_only=True):
    """Draw all of a contract with its interest, and close it and its account."""

    id: UUID
    contract: int
    payee: int = 0
    """The account the money goes to; 0 for the linked one."""


Command: TypeAlias = (
    Open | Amend | TransferTo | GiveNotice | CancelNotice | AddOrder | StopOrder | DepositMore | Withdraw | Close
)
