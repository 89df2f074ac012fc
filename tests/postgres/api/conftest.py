"""One bank for all tests of the interface: the product library on sale, parties, and money at the counter.

The bank is made once and never reset: a test opens what it needs, and looks at that alone.
"""

import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from tests.postgres.ledger.conftest import CNY, MONDAY, START_US, ledger_at

from yinhe.access.permissions import Permission
from yinhe.access.principal import Principal, Scope
from yinhe.api.call import Call
from yinhe.api.counting import carried_out
from yinhe.api.forms import account_text, read_account
from yinhe.api.openapi import statuses
from yinhe.api.problem import status_of
from yinhe.api.reading import read_json, read_params
from yinhe.api.route import JSON, Reply, Route, Weight
from yinhe.audit.record import ActorKind
from yinhe.bank import Bank, bank_over
from yinhe.bootstrap import Configuration
from yinhe.kernel.clock import ManualClock
from yinhe.products.product_library import Installed, install_library

EVERYTHING = frozenset(Permission)
TELLER = Principal(kind=ActorKind.USER, number=1, name="teller-1", permissions=EVERYTHING)


def client_of(*parties: int) -> Principal:
    """A client that speaks for some parties alone."""
    scope = Scope(parties=frozenset(parties))
    return Principal(kind=ActorKind.CLIENT, number=2, name="channel-1", permissions=EVERYTHING, scope=scope)


def at_branch(*branches: int) -> Principal:
    """A teller of some branches alone."""
    scope = Scope(branches=frozenset(branches))
    return Principal(kind=ActorKind.USER, number=3, name="teller-3", permissions=EVERYTHING, scope=scope)


class Counter:
    """Asks the bank through its table of routes, as a request would: parameters and bodies are read from text."""

    def __init__(self, bank: Bank, routes: Sequence[Route]) -> None:
        self.bank = bank
        self.routes = {route.name: route for route in routes}
        self._parties = count(1)

    def new_id(self) -> UUID:
        return self.bank.ledger.ids.next()

    def call(
        self,
        name: str,
        body: dict[str, Any] | None = None,
        *,
        who: Principal = TELLER,
        key: UUID | None = None,
        dry_run: bool = False,
        if_match: str = "",
        if_none_match: str = "",
        accept: str = JSON,
        why: str = "",
        **params: Any,
    ) -> Any:
        """A call, or why it does not read; parameters by name, a keyword's with an underscore after it."""
        route = self.routes[name]
        given = {key.rstrip("_"): str(value) for key, value in params.items()}
        in_path = {key: given.pop(key) for key in list(given) if f"{{{key}}}" in route.path}
        read = read_params(route.params, in_path, list(given.items()))
        if not (route.params is None or isinstance(read, route.params)):
            return read
        content = None if route.body is None else read_json(json.dumps(body or {}).encode(), route.body)
        if not (route.body is None or isinstance(content, route.body)):
            return content
        return Call(
            bank=self.bank,
            principal=who,
            id=key or self.new_id(),
            action=route.action,
            params=read,
            body=content,
            accept=accept,
            dry_run=dry_run,
            if_match=if_match,
            if_none_match=if_none_match,
            why=why,
        )

    def ask(self, name: str, body: dict[str, Any] | None = None, **more: Any) -> Any:
        """The Reply or the refusal; see `call`. Its status is one that the route announces."""
        route, call = self.routes[name], self.call(name, body, **more)
        handled = carried_out(route, call, route.weight_of(call)) if isinstance(call, Call) else call
        status = (handled.status or route.status) if isinstance(handled, Reply) else status_of(handled.name)
        assert status in statuses(route), f"{name} answered {status}, which it does not announce: {handled}"
        return handled

    def weight(self, name: str, body: dict[str, Any] | None = None, **more: Any) -> Weight:
        """What a command weighs."""
        weigh = self.routes[name].weigh
        assert weigh is not None
        return weigh(self.call(name, body, **more))

    def done(self, name: str, body: dict[str, Any] | None = None, **more: Any) -> Any:
        """The answer as whoever asked reads it: JSON, checked against the answer the route announces."""
        handled = self.ask(name, body, **more)
        assert isinstance(handled, Reply), f"{name}: {handled.name}: {handled.english}"
        if not handled.value:
            return handled
        encoded = msgspec.json.encode(handled.value)
        msgspec.json.decode(encoded, type=self.routes[name].answer)
        return json.loads(encoded)

    def refused(self, name: str, body: dict[str, Any] | None = None, **more: Any) -> str:
        """The name of the refusal; it has words in both languages."""
        handled = self.ask(name, body, **more)
        assert not isinstance(handled, Reply), f"{name} was done: {handled.value}"
        assert handled.english
        assert handled.chinese
        return handled.name

    # --- what tests begin with

    def party(self, kind: str = "person", status: str = "customer", tier: int = 0, risk: str = "low") -> int:
        """A party, without anything personal."""
        with self.bank.sessions.lend() as session:
            row = session.execute(
                "INSERT INTO party (number, kind, status, tier, risk, risk_review, opened, closed) VALUES "
                "(nextval('party_number'), %s, %s, %s, %s, '2030-01-01', '2026-01-05', %s) RETURNING number",
                (kind, status, tier, risk, "2026-01-05" if status == "closed" else None),
            ).fetchone()
        return int(row[0])

    def contract(self, party: int, amount: str = "1000.00", product: str = "demand", **more: Any) -> dict[str, Any]:
        """A contract with cash paid in."""
        body = {"product": product, "party": party, "amount": amount, "cash": True, **more}
        return self.done("openContract", body)

    def balance(self, account: str) -> int:
        """What an account (its number) holds, in minor units."""
        index = read_account(account, self.bank.unit)
        assert isinstance(index, int)
        return self.bank.ledger.account(index).balance_minor

    def own_account(self) -> str:
        """The bank's own cash, which no customer names."""
        return account_text(self.bank.deposits.pools.account(1001, CNY, 0), self.bank.unit)


MakeCounter = Callable[[Sequence[Route]], Counter]


@contextmanager
def bank_of_library(database_url: str, unit: int) -> Iterator[Bank]:
    """A new bank with the product library on sale."""
    clock = ManualClock(START_US)
    with tempfile.TemporaryDirectory(prefix="yinhe-api-") as home, ledger_at(database_url, unit, clock) as ledger:
        with ledger.connect("yinhe shelf") as session:
            installed = install_library(session, MONDAY, author="author", approver="approver")
            assert isinstance(installed, Installed), installed
        with bank_over(ledger, Configuration(Path(home), database_url, unit), {}) as bank:
            yield bank


@pytest.fixture(scope="session")
def api_bank(database_url: str, units: Iterator[int]) -> Iterator[Bank]:
    with bank_of_library(database_url, next(units)) as bank:
        yield bank


@pytest.fixture(scope="session")
def make_counter(api_bank: Bank) -> MakeCounter:
    """Makes a counter over some routes of the one bank."""
    return lambda routes: Counter(api_bank, routes)
