"""The service: a bank, its interface, and what works in the background, from the first request to the last."""

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from yinhe.access.permissions import Permission
from yinhe.api.app import Interface
from yinhe.api.hot import Front
from yinhe.api.operation import Operation, Rates
from yinhe.api.resuming import SETTLED_US, resume_approved
from yinhe.api.server import open_door, serve
from yinhe.api.table import ROUTES
from yinhe.bank import Bank, open_bank
from yinhe.bootstrap import Configuration
from yinhe.chores import Chore, IsOver
from yinhe.feed.addresses import IpNetwork, Rules
from yinhe.identity.settings import IdentitySettings

APPROVALS_SECONDS: Final = 60.0
"""How often what waited too long for a second person expires, and what was approved is looked after."""

STRANGERS_SECONDS: Final = 60.0
"""How often refused tokens are put on record."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Where the service listens, and whom it believes."""

    host: str = "127.0.0.1"
    port: int = 8480
    trusted_proxies: frozenset[str] = frozenset()
    rates: Rates = Rates()
    factor_needed: frozenset[Permission] = frozenset()
    """Permissions that hold only in a session opened with a second factor."""
    webhook_networks: tuple[IpNetwork, ...] = ()
    """Networks of the bank's own that events may be sent into."""


Started = Callable[[str, str | None], None]
"""Hears the address when the door is open, and the administrator's one-time secret at the first start."""


def run_service(
    configuration: Configuration, environment: Mapping[str, str], settings: Settings, started: Started
) -> None:
    """Serve until a signal; blocks. Raises OSError when the address is taken, and what `open_bank` raises."""
    door = open_door(settings.host, settings.port)
    try:
        rules = Rules(loopback=False, networks=settings.webhook_networks)
        identity = IdentitySettings(factor_needed=settings.factor_needed)
        with open_bank(configuration, environment, webhook_rules=rules, identity=identity) as bank:
            secret = bank.identity.first_start()
            front, interface = make_front(bank, settings)
            host, port = door.getsockname()[:2]
            address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
            try:
                resume_approved(bank, interface.routes)
                with bank.background(chores_of(bank, interface)):
                    # Whoever waits for events is let go first: a stop waits for every answer.
                    serve(front, door, lambda: started(address, secret), interface.let_go)
            finally:
                interface.close()
    finally:
        door.close()


def chores_of(bank: Bank, interface: Interface) -> tuple[Chore, ...]:
    """What is done beside requests that needs the table of routes."""

    def look_after_approvals(is_over: IsOver) -> None:
        bank.identity.approvals.expire()
        resume_approved(bank, interface.routes, settled_us=SETTLED_US, is_over=is_over)

    return (
        Chore("approvals", APPROVALS_SECONDS, look_after_approvals),
        Chore("strangers", STRANGERS_SECONDS, lambda _: interface.strangers.put_on_record()),
    )


def make_front(bank: Bank, settings: Settings) -> tuple[Front, Interface]:
    """The ASGI application over a bank: the hot operations, and behind them every route."""
    operation = Operation(bank, settings.trusted_proxies, settings.rates)
    interface: Final = Interface(bank, ROUTES, operation)
    return Front(bank, interface), interface
