"""Who speaks, and how far that goes: what a request is decided by."""

from typing import Final

import msgspec

from yinhe.access.permissions import Permission
from yinhe.audit.record import ActorKind, Author

NO_LIMIT: Final = 2**62
"""An amount no command reaches."""


OTHER_CURRENCIES: Final = "*"
"""Where limits stand by currency: every currency that is not named."""


class Limits(msgspec.Struct, frozen=True):
    """Most a principal may move, in minor units of the currency moved."""

    single_minor: int = NO_LIMIT
    """… in one command."""
    daily_minor: int = NO_LIMIT
    """… in one business date, all commands of a currency together."""


class Scope(msgspec.Struct, frozen=True):
    """Which objects a principal reaches; None: all."""

    parties: frozenset[int] | None = None
    """Whose contracts, loans and data."""
    branches: frozenset[int] | None = None
    products: frozenset[str] | None = None
    """Codes of products it may open contracts and loans on."""


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """Whoever proved who they are, with what was granted to them."""

    kind: ActorKind
    number: int
    """The user's or client's number."""
    name: str
    permissions: frozenset[Permission]
    limits: Limits = Limits()
    """… in every currency that `currency_limits` does not name; see `limits_in`."""
    currency_limits: tuple[tuple[str, Limits], ...] = ()
    """Limits in currencies by their codes, each at most once."""
    scope: Scope = Scope()
    session: str = ""
    channel: str = ""
    expires_at: int = 0
    """When the proof ends, in microseconds since 1970-01-01."""
    emergency: bool = False
    """Whether break-glass is in force."""
    must_change_secret: bool = False
    """Whether nothing but changing the one-time secret is allowed."""

    def limits_in(self, currency: str) -> Limits:
        """The limits in a currency, by its code."""
        for code, limits in self.currency_limits:
            if code == currency:
                return limits
        return self.limits

    def author(self, address: str = "", approver: str = "") -> Author:
        """As the log names it."""
        return Author(
            kind=self.kind,
            name=self.name,
            channel=self.channel,
            address=address,
            session=self.session,
            approver=approver,
            emergency=self.emergency,
        )
