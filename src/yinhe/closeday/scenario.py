"""What may be simulated of a product, and what comes of it."""

import msgspec

from yinhe.deposits.columns import NO_RATE
from yinhe.products.parts.base import Channel
from yinhe.products.product import Product
from yinhe.products.rates import RateBook


class Movement(msgspec.Struct, frozen=True, order=True):
    """Money in (above zero) or out on a day, in minor units; days since 1970-01-01."""

    date: int
    amount_minor: int


class Notified(msgspec.Struct, frozen=True, order=True):
    """Notice given on a day of what will be drawn on another, in minor units; days since 1970-01-01."""

    date: int
    due_on: int
    amount_minor: int


class HandedOn(msgspec.Struct, frozen=True, order=True):
    """The contract goes to another holder on a day; days since 1970-01-01."""

    date: int
    to_company: bool = False


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """What is opened and what happens to it, from `start` to the end of `last`; days since 1970-01-01."""

    product: Product
    rates: RateBook
    start: int
    last: int
    deposit_minor: int = 0
    movements: tuple[Movement, ...] = ()
    notices: tuple[Notified, ...] = ()
    handed_on: tuple[HandedOn, ...] = ()
    closing: int = 0
    """The day on which all is drawn and the contract closed; 0 for never."""
    months: int = 0
    days: int = 0
    rate: int = NO_RATE
    """The rate negotiated, in 1e-8 a year."""
    tier: int = 0
    region: int = 0
    channel: Channel = Channel.COUNTER
    is_company: bool = False
    is_new_money: bool = False
    auto_renew: bool = False
    linked: bool | None = None
    """Whether there is a linked account, with all the money in the world; None: where the product needs one."""


class Happening(msgspec.Struct, frozen=True):
    """One thing that happened to the contract; amounts in minor units, signed as its holder sees them."""

    date: int
    english: str
    chinese: str
    amount_minor: int
    balance_minor: int
    """After it."""
    code: int = 0
    """`TransferCode`; 0 for what was refused."""

    @property
    def refused(self) -> bool:
        """Whether it was asked for and not done."""
        return self.code == 0


class SimulatedDay(msgspec.Struct, frozen=True):
    """The contract at the end of a day, before what is credited the next."""

    date: int
    balance_minor: int
    whole: int
    """Accrued: whole minor units …"""
    remainder: int
    """… and parts of D, see `kernel.interest`."""


class Totals(msgspec.Struct, frozen=True):
    """Sums of the simulation, in minor units, each positive."""

    paid_in_minor: int
    paid_out_minor: int
    interest_minor: int
    tax_minor: int
    fees_minor: int
    balance_minor: int
    accrued_minor: int
    """Accrued at the end and not paid, whole units."""


class Simulation(msgspec.Struct, frozen=True):
    """What came of a scenario."""

    product: str
    currency: str
    start: int
    last: int
    maturity: int
    """The first term's; 0 for none."""
    happenings: tuple[Happening, ...]
    days: tuple[SimulatedDay, ...]
    totals: Totals
