"""A bank served over HTTP on loopback, by the real server, for all tests of the interface."""

import json
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import httpx
import pytest
import structlog

from yinhe.access.permissions import Permission
from yinhe.api import service
from yinhe.api.server import make_server, open_door
from yinhe.api.service import Settings, chores_of, make_front
from yinhe.bank import Bank, bank_over
from yinhe.bootstrap import Configuration
from yinhe.client import Client
from yinhe.identity.settings import HOUR_US, IdentitySettings
from yinhe.kernel.clock import SystemClock
from yinhe.ledger.engine import EngineSettings
from yinhe.ledger.ledger import Ledger
from yinhe.products.product_library import Installed, install_library

ADMINISTRATOR_PASSWORD = "a long sentence only I know 42"


Value = TypeVar("Value")


class Served:
    """The bank, its address, and whoever speaks to it."""

    def __init__(self, bank: Bank, address: str, secret: str | None) -> None:
        self.bank = bank
        self.address = address
        self.http = httpx.Client(base_url=address, timeout=30.0)
        if secret is not None:
            first = self.log_in("administrator", secret)
            self.put("/v1/own/password", first, {"current": secret, "new": ADMINISTRATOR_PASSWORD}).raise_for_status()
        self.administrator = self.log_in("administrator", ADMINISTRATOR_PASSWORD)
        self._tokens: dict[tuple[str, ...], str] = {}
        self._everything: dict[str, str] = {}
        self._two: tuple[str, str] | None = None

    def new_id(self) -> UUID:
        return self.bank.ledger.ids.next()

    def log_in(self, name: str, password: str) -> str:
        answer = self.http.post("/v1/sessions", json={"name": name, "password": password})
        answer.raise_for_status()
        return str(answer.json()["access_token"])

    def put(self, path: str, token: str, body: Any) -> httpx.Response:
        return self.ask("PUT", path, token, body)

    def post(self, path: str, token: str, body: Any, **more: Any) -> httpx.Response:
        return self.ask("POST", path, token, body, **more)

    def get(self, path: str, token: str, **more: Any) -> httpx.Response:
        return self.http.get(path, headers={"authorization": f"Bearer {token}"}, **more)

    def ask(
        self,
        method: str,
        path: str,
        token: str,
        body: Any = None,
        *,
        key: UUID | str | None = None,
        raw: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """A request as a client makes it; `raw` is a body as it is."""
        content = raw if raw is not None else None if body is None else json.dumps(body).encode()
        given = {"authorization": f"Bearer {token}", "idempotency-key": str(key or self.new_id())}
        if content is not None:
            given["content-type"] = "application/json"
        return self.http.request(method, path, content=content, headers={**given, **(headers or {})})

    def token(self, *roles: str, parties: tuple[int, ...] | None = None) -> str:
        """The token of a client with these roles, limited to parties where any are named; one for all who ask alike."""
        known = (*roles, str(parties))
        if known not in self._tokens:
            self._tokens[known] = self.token_of(*self.new_client(*roles, parties=parties))
        return self._tokens[known]

    def new_client(self, *roles: str, parties: tuple[int, ...] | None = None) -> tuple[str, str]:
        name = f"client-{self.new_id().hex[:16]}"
        scope = {} if parties is None else {"scope": {"parties": list(parties)}}
        made = self.post("/v1/clients", self.administrator, {"name": name, "roles": list(roles), **scope})
        made.raise_for_status()
        return name, str(made.json()["secret"])

    def token_of(self, name: str, secret: str) -> str:
        form = {"grant_type": "client_credentials", "client_id": name, "client_secret": secret}
        answer = self.http.post("/v1/oauth/token", data=form)
        answer.raise_for_status()
        return str(answer.json()["access_token"])

    def user(self, *roles: str) -> str:
        """The token of a new user with these roles, who has changed the one-time secret."""
        name = f"user-{self.new_id().hex[:16]}"
        made = self.post("/v1/users", self.administrator, {"name": name, "roles": list(roles)})
        made.raise_for_status()
        secret, own = made.json()["secret"], f"the own long sentence of {self.new_id().hex}"
        self.put("/v1/own/password", self.log_in(name, secret), {"current": secret, "new": own}).raise_for_status()
        return self.log_in(name, own)

    def everything(self, whose: str) -> str:
        """The token of a client who may do everything but what an administrator keeps apart; of a user for `own`."""
        if whose not in self._everything:
            role = f"everything-{self.new_id().hex[:8]}"
            granted = sorted(str(one) for one in Permission if one is not Permission.ACCESS_WRITE)
            limits = {"*": {"single_minor": 2**60, "daily_minor": 2**60}}
            body = {"permissions": granted, "limits": limits}
            self.put(f"/v1/roles/{role}", self.administrator, body).raise_for_status()
            self._everything[whose] = self.user(role) if whose == "own" else self.token(role)
        return self._everything[whose]

    def client(self, *roles: str) -> Client:
        """The typed client, with these roles."""
        return Client(self.address, token=self.token(*roles))

    def customer(self) -> int:
        """A person who is a customer of the bank."""
        token = self.token("supervisor")
        number = f"E{self.new_id().int % 10**8:08d}"
        identifier = {"type": "identifier", "kind": "passport", "value": number, "expires": "2099-01-01"}
        items = [{"type": "name", "text": f"张三{_letters(self.new_id())}"}, identifier]
        opened = self.post("/v1/parties", token, {"kind": "person", "items": items, "born": "1990-05-01"})
        opened.raise_for_status()
        party, entry = opened.json()["party"], opened.json()["items"][1]["item"]
        for path, body in (
            (f"/entries/{entry}/verification", {"how": "original_seen"}),
            ("/risk", {"risk": "low", "review": "2027-06-30"}),
            ("/status", {"status": "customer"}),
        ):
            method = "POST" if "verification" in path else "PUT"
            self.ask(method, f"/v1/parties/{party}{path}", token, body).raise_for_status()
        return int(party)

    def account(self, party: int, amount: str = "1000.00") -> str:
        """The number of a new demand account of a party, with money on it."""
        body = {"product": "demand", "party": party, "amount": amount, "cash": True}
        opened = self.post("/v1/contracts", self.token("integrator"), body)
        assert opened.status_code == 201, opened.text
        return str(opened.json()["account"])

    def two_accounts(self) -> tuple[str, str]:
        """A payer's and a payee's account for tests that move nothing."""
        if self._two is None:
            self._two = self.account(self.customer(), "100.00"), self.account(self.customer(), "0.00")
        return self._two

    def balance(self, account: str) -> str:
        """What an account holds."""
        answer = self.get(f"/v1/accounts/{account}", self.token("integrator"))
        answer.raise_for_status()
        return str(answer.json()["balance"]["amount"])

    def transfer(self, token: str, debit: str, credit: str, amount: str = "1.00", **more: Any) -> httpx.Response:
        body = {"debit": debit, "credit": credit, "amount": amount, "currency": "CNY"}
        return self.post("/v1/transfers", token, body, **more)

    @staticmethod
    def awaited(look: Callable[[], Value]) -> Value:
        """What is there, once it is: what works in the background has five seconds."""
        for _ in range(100):
            found = look()
            if found:
                return found
            time.sleep(0.05)
        return look()

    def records(self, **given: Any) -> list[dict[str, Any]]:
        """What the log of acts has, the newest first."""
        answer = self.get("/v1/audit/records", self.token("auditor"), params=given)
        answer.raise_for_status()
        return list(answer.json()["items"])


def _letters(value: UUID) -> str:
    """Chinese characters made of an id, so that names differ."""
    return "".join(chr(0x4E00 + (value.int >> shift) % 2_000) for shift in (0, 11, 22))


@pytest.fixture(scope="session")
def units() -> Iterator[int]:
    """Unit numbers far from those that other tests take in the same database: a bank here stays open to the end."""
    return iter(range(5_000, 9_999))


@pytest.fixture(autouse=True)
def plain_logs() -> None:
    """Lines of every level: a test before may have run the program, which sets what it writes down."""
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def served(database_url: str, units: Iterator[int]) -> Iterator[Served]:
    """The bank that tests use side by side."""
    with bank_served(database_url, next(units)) as one:
        yield one


@pytest.fixture(scope="session")
def served_to_anyone(database_url: str, units: Iterator[int]) -> Iterator[Served]:
    """A bank of its own for a program that does whatever is allowed to it, also withdraw the products."""
    with bank_served(database_url, next(units)) as one:
        yield one


@contextmanager
def bank_served(database_url: str, unit: int) -> Iterator[Served]:
    """A new bank with the product library on sale, served until the end."""
    door = open_door("127.0.0.1", 0)
    with (
        pytest.MonkeyPatch.context() as patch,
        tempfile.TemporaryDirectory(prefix="yinhe-interface-") as home,
        Ledger.open(
            Path(home),
            database_url,
            unit=unit,
            clock=SystemClock(),
            settings=EngineSettings(identities=1 << 16),
            segment_rows=1 << 16,
        ) as ledger,
    ):
        patch.setattr(service, "STRANGERS_SECONDS", 0.2)
        with ledger.connect("yinhe shelf") as session:
            installed = install_library(session, ledger.business_date, author="author", approver="approver")
            assert isinstance(installed, Installed), installed
        # Tokens are kept for all tests of a run, however slow the machine.
        lasting = IdentitySettings(token_us=12 * HOUR_US, idle_us=12 * HOUR_US)
        with bank_over(ledger, Configuration(Path(home), database_url, unit), {}, identity=lasting) as bank:
            secret = bank.identity.first_start()
            assert secret is not None
            front, interface = make_front(bank, Settings())
            ready = threading.Event()
            server = make_server(front, ready.set)
            thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
            with bank.background(chores_of(bank, interface)):
                thread.start()
                assert ready.wait(30)
                one = Served(bank, f"http://127.0.0.1:{door.getsockname()[1]}", secret)
                yield one
                one.http.close()
                server.should_exit = True
                thread.join(30)
            interface.close()
    door.close()
