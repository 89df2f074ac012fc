"""`yinhe serve` as a process: what it accepted it finishes, and what it acknowledged survives it."""

import json
import random
import select
import signal
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
import pytest
from psycopg import sql
from tests.acceptance.conftest import Bank
from tests.acceptance.interface.conftest import Served

from yinhe.kernel.clock import SystemClock
from yinhe.kernel.ids import IdSource
from yinhe.storage.connection import unit_schema
from yinhe.storage.vault import KEYS_FILE

pytestmark = pytest.mark.xdist_group("serve")

IDS = IdSource(SystemClock(), None)
CLIENTS = 8
SECONDS_MAX = 120


class Asking(Served):
    """Whoever speaks to a bank in another process."""

    def __init__(self, address: str, secret: str | None = None) -> None:
        """`secret`: that of the first start; None where the administrator has a password of its own."""
        super().__init__(None, address, secret)  # type: ignore[arg-type]

    def __enter__(self) -> "Asking":
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def new_id(self) -> UUID:
        return IDS.next()


@dataclass
class Service:
    """A process that serves, and what it said when its door was open."""

    process: subprocess.Popen[str]
    told: dict[str, Any]

    @property
    def address(self) -> str:
        return str(self.told["address"])

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    def end(self, how: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """The exit code, and what it said on stderr."""
        self.process.send_signal(how)
        _, err = self.process.communicate(timeout=SECONDS_MAX)
        return self.process.returncode, err


def start(bank: Bank, unit: int) -> Service:
    """Start a service, again while PostgreSQL has not noticed that the one before was killed."""
    while True:
        process = bank.start("serve", "--unit", unit, "--port", 0, "--json")
        assert process.stdout is not None
        ready, _, _ = select.select([process.stdout], [], [], SECONDS_MAX)
        line = process.stdout.readline() if ready else ""
        if line and "error" not in json.loads(line):
            return Service(process, json.loads(line))
        process.kill()
        _, err = process.communicate()
        assert "served by another engine" in line, (line, err)


@contextmanager
def serving(bank: Bank, unit: int) -> Iterator[Service]:
    service = start(bank, unit)
    try:
        yield service
    finally:
        if service.process.poll() is None:
            service.process.kill()
        service.process.communicate()


@dataclass
class Load:
    """Clients that transfer a cent after the other until the service is gone."""

    address: str
    token: str
    payer: str
    payee: str
    asked: set[UUID] = field(default_factory=set)
    acknowledged: set[UUID] = field(default_factory=set)
    refused: list[str] = field(default_factory=list)
    cut: list[str] = field(default_factory=list)
    """Answers that broke off within."""
    enough: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def run(self) -> None:
        with httpx.Client(base_url=self.address, timeout=60.0) as client:
            while True:
                key = IDS.next()
                self.asked.add(key)
                try:
                    answer = send(client, self.token, self.payer, self.payee, key)
                except httpx.RemoteProtocolError as error:
                    if "without sending a response" not in str(error):
                        self.cut.append(str(error))
                    return
                except httpx.TransportError:
                    return
                if answer.status_code != 200:
                    self.refused.append(answer.text)
                    return
                self.acknowledged.add(key)
                self.enough.release()

    @contextmanager
    def running(self, answers: int) -> Iterator[None]:
        """Inside, so many transfers were acknowledged and more are on their way; at the end every client has left."""
        threads = [threading.Thread(target=self.run) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for _ in range(answers):
            assert self.enough.acquire(timeout=SECONDS_MAX)
        yield
        for thread in threads:
            thread.join(SECONDS_MAX)
            assert not thread.is_alive()


@contextmanager
def follower(load: Load) -> Iterator[list[str]]:
    """Follows events until the service ends the stream whole; what it heard."""
    heard: list[str] = []
    begun = threading.Event()

    def follow() -> None:
        headers = {"authorization": f"Bearer {load.token}"}
        with httpx.stream("GET", f"{load.address}/v1/events/stream", headers=headers, timeout=60.0) as answer:
            for line in answer.iter_lines():
                heard.append(line)
                begun.set()
        heard.append("ended")

    thread = threading.Thread(target=follow)
    thread.start()
    assert begun.wait(SECONDS_MAX)
    yield heard
    thread.join(SECONDS_MAX)
    assert heard[-1] == "ended"


def send(client: httpx.Client, token: str, payer: str, payee: str, key: UUID) -> httpx.Response:
    headers = {"authorization": f"Bearer {token}", "idempotency-key": str(key)}
    body = {"debit": payer, "credit": payee, "amount": "0.01", "currency": "CNY"}
    return client.post("/v1/transfers", json=body, headers=headers)


def journal(bank: Bank, unit: int) -> Counter[UUID]:
    """How many legs each transaction of the journal has."""
    query = sql.SQL("SELECT txn_id, count(*) FROM {}.journal GROUP BY txn_id").format(sql.Identifier(unit_schema(unit)))
    with bank.connect() as session:
        return Counter(dict(session.execute(query).fetchall()))


@dataclass
class Shop:
    """A unit that was served once: two accounts, whoever may transfer between them, and what the first start told."""

    unit: int
    first: dict[str, Any]
    token: str
    payer: str
    payee: str

    def load(self, service: Service) -> Load:
        return Load(service.address, self.token, self.payer, self.payee)


@pytest.fixture(scope="module")
def shop(bank: Bank, units: Iterator[int]) -> Shop:
    unit = next(units)
    assert bank.run("init", "--unit", unit, "--json").answer["made"]
    shelf = bank.run("product", "install-library", "--author", "a", "--approver", "b", "--unit", unit, "--json")
    assert shelf.code == 0, shelf.err
    with serving(bank, unit) as service, Asking(service.address, service.told["one_time_secret"]) as asking:
        payer, payee = asking.account(asking.customer(), "1000.00"), asking.account(asking.customer(), "0.00")
        made = Shop(unit, service.told, asking.token("integrator"), payer, payee)
        assert service.end() == (0, "")
    return made


@pytest.mark.slow
def test_a_stop_under_load_finishes_what_was_accepted(bank: Bank, shop: Shop) -> None:
    with serving(bank, shop.unit) as service:
        load = shop.load(service)
        with load.running(100), follower(load) as heard:
            code, err = service.end()
    assert (code, err) == (0, "")
    assert heard[0] == ": events follow"
    assert (load.cut, load.refused) == ([], [])
    posted = journal(bank, shop.unit)
    assert {key: posted[key] for key in load.acknowledged} == dict.fromkeys(load.acknowledged, 1)
    # What was not answered was not accepted: the door was closed before it was read.
    assert {key for key in load.asked - load.acknowledged if key in posted} == set()


@pytest.mark.slow
def test_what_a_killed_service_acknowledged_is_there_once_and_is_told_again(bank: Bank, shop: Shop) -> None:
    with serving(bank, shop.unit) as service:
        load = shop.load(service)
        with load.running(random.Random(7).randint(50, 200)):
            service.end(signal.SIGKILL)
    with serving(bank, shop.unit) as service, httpx.Client(base_url=service.address, timeout=60.0) as client:
        posted = journal(bank, shop.unit)
        assert {key: posted[key] for key in load.acknowledged} == dict.fromkeys(load.acknowledged, 1)
        for key in load.asked:
            answer = send(client, load.token, load.payer, load.payee, key)
            assert answer.status_code == 200, answer.text
            assert answer.json()["outcome"] == ("duplicate" if key in posted else "posted")
        # Ctrl-C is a stop like any other.
        assert service.end(signal.SIGINT) == (0, "")
    posted = journal(bank, shop.unit)
    assert {key: posted[key] for key in load.asked} == dict.fromkeys(load.asked, 1)
    assert bank.run("check", "--unit", shop.unit, "--json").code == 0


@pytest.mark.slow
def test_the_secret_is_shown_once_who_comes_second_is_refused_and_keys_are_changed_while_it_serves(
    bank: Bank, shop: Shop, units: Iterator[int]
) -> None:
    other = next(units)
    assert bank.run("init", "--unit", other, "--json").answer["made"]
    with serving(bank, shop.unit) as service:
        assert shop.first["one_time_secret"]
        assert service.told["one_time_secret"] is None
        second = bank.run("serve", "--unit", shop.unit, "--port", 0)
        assert (second.code, second.out) == (1, "")
        assert second.err.count("\n") == 1
        assert "yinhe: This unit is served by another engine: yinhe engine of" in second.err
        taken = bank.run("serve", "--unit", other, "--port", service.port)
        assert (taken.code, taken.out) == (1, "")
        assert taken.err == f"yinhe: Nothing can listen on 127.0.0.1:{service.port}: Address already in use.\n"
        with Asking(service.address) as asking:
            change_keys(bank, shop.unit, asking)
        assert service.end() == (0, "")


@pytest.mark.slow
def test_books_are_not_served_with_keys_that_are_not_theirs(bank: Bank, shop: Shop) -> None:
    keys, kept = bank.home / KEYS_FILE, (bank.home / KEYS_FILE).read_bytes()
    keys.unlink()
    try:
        for arguments in (("serve", "--port", 0), ("keys", "rotate")):
            refused = bank.run(*arguments, "--unit", shop.unit)
            assert (refused.code, refused.out) == (1, "")
            assert refused.err.startswith("yinhe: What is sealed in these books does not open with the keys there are")
            assert refused.err.count("\n") == 1
    finally:
        keys.write_bytes(kept)
    assert bank.run("keys", "rotate", "--resume", "--unit", shop.unit, "--json").answer["parties"] == 0


def change_keys(bank: Bank, unit: int, asking: Asking) -> None:
    """Rotate the keys of personal data while the bank serves: nothing is noticed of it but that it was done."""
    before, token = asking.customer(), asking.token("supervisor")
    first = sealed_with(bank, unit)
    changed = bank.run("keys", "rotate", "--unit", unit, "--json").answer
    assert (changed["key"], changed["added"]) == (max(first) + 1, True)
    assert changed["parties"] > 0
    assert changed["identity"] > 0, "the keys that sign tokens"
    after = asking.customer()
    headers = {"authorization": f"Bearer {token}", "x-reason": "a call back"}
    for party in (before, after):
        shown = asking.http.get(f"/v1/parties/{party}?clear=true", headers=headers)
        assert shown.status_code == 200, shown.text
        assert "*" not in shown.json()["name"]
    assert asking.token_of(*asking.new_client("integrator"))
    assert sealed_with(bank, unit) == {changed["key"]}
    again = bank.run("keys", "rotate", "--resume", "--unit", unit, "--json").answer
    assert (again["key"], again["added"], again["parties"], again["identity"]) == (changed["key"], False, 0, 0)
    (record, *_) = asking.records(action="keys.rotate")
    assert record["actor"] == "bank:bank"
    assert (bank.home / KEYS_FILE).stat().st_mode & 0o777 == 0o600


def sealed_with(bank: Bank, unit: int) -> set[int]:
    """The numbers of the keys that parties and signing keys are sealed with."""
    schema = sql.Identifier(unit_schema(unit))
    query = sql.SQL(
        "SELECT get_byte(sealed, 4) FROM {0}.party_field UNION SELECT get_byte(private_key, 4) FROM {0}.identity_key"
    ).format(schema)
    with bank.connect() as session:
        return {int(row[0]) for row in session.execute(query).fetchall()}


def test_an_option_that_does_not_read_is_refused_before_anything_is_opened(bank: Bank) -> None:
    for option, value, words in (
        ("--trusted-proxy", "proxy.example", "write it like 127.0.0.1"),
        ("--second-factor-for", "everything", "is no permission"),
        ("--webhook-network", "10.1.2.3/24", "write it like 10.1.2.0/24"),
    ):
        ran = bank.run("serve", option, value)
        assert (ran.code, ran.out) == (2, "")
        assert words in ran.err
    ran = bank.run("serve", "--unit", 998, "--port", 0)
    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert "There is no unit 998" in ran.err
