"""`bench http`: transfers over HTTP as a bank serves them, with pgbench on the same server.

Every request is authenticated, held to limits and product rules, done once under its id, and answered when durable.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx
import msgspec
import psycopg

from yinhe.audit.desk import Asked, Desk
from yinhe.audit.record import BANK
from yinhe.bench.deposits import open_bank
from yinhe.bench.errors import BenchFailed
from yinhe.bench.http_load import Load, Order
from yinhe.bench.machine import Machine, describe
from yinhe.bench.overview import OverviewFigures, measure_picture
from yinhe.bench.pgbench import PgbenchFigures, run_pgbench
from yinhe.identity.clients import MakeClient
from yinhe.identity.service import make_identity
from yinhe.kernel.account_number import AccountNumber, encode
from yinhe.kernel.clock import SystemClock
from yinhe.kernel.ids import IdSource
from yinhe.kernel.refusals import Refusal
from yinhe.storage.connection import open_database, unit_schema
from yinhe.storage.sessions import Sessions
from yinhe.storage.statements import load_statements
from yinhe.storage.vault import Vault

CONNECTIONS: Final = (1, 16, 64, 256)
MAIN: Final = 64
"""The number of connections whose figures stand first."""
_TIME_PRODUCT: Final = 105
_STARTUP_SECONDS: Final = 60.0
_WARM_SECONDS: Final = 3.0


class Plan(msgspec.Struct, frozen=True):
    """How much to run."""

    accounts: int = 100_000
    seconds: float = 20.0
    connections: tuple[int, ...] = CONNECTIONS
    pgbench_seconds: int = 10
    history_rows: int = 10_000_000
    """Rows in the journal while a customer's picture and pages of history are read; 0: not measured."""


class Served(msgspec.Struct, frozen=True):
    """What was served at one number of connections."""

    connections: int
    requests_per_s: float
    p50_ms: float
    p99_ms: float
    max_ms: float
    errors: int
    average_commit_batch: float
    """Transfers a commit."""


class HttpFigures(msgspec.Struct, frozen=True):
    """What `bench http` prints; the first figures are those at 64 connections, or the most there were."""

    requests_per_s: float
    p50_ms: float
    p99_ms: float
    errors: int
    pgbench_tps: float
    ratio_pgbench: float
    average_commit_batch: float
    customer_p99_ms: float | None
    """The whole picture of a customer of twenty contracts."""
    history_page_p99_ms: float | None
    served: Sequence[Served]
    overview: OverviewFigures | None
    accounts: int
    pgbench: PgbenchFigures
    machine: Machine


Progress = Callable[[str], None]


def bench_http(folder: Path | None, plan: Plan, progress: Progress) -> HttpFigures:
    """Run the plan on a bank of its own in a folder under `folder`. Raises BenchFailed or a fault of storage."""
    with tempfile.TemporaryDirectory(prefix="yinhe-bench-", dir=folder) as place:
        home = Path(place)
        home.chmod(0o711)
        progress(f"opening a bank of {plan.accounts:,} contracts")
        with open_bank(home, plan.accounts, progress) as bank, bank.connect() as session:
            accounts = _accounts(session)
            machine = describe(session, home)
        secrets = _clients(home)
        with serving(home) as address:
            served: list[Served] = []
            load_for(address, _token(address, *secrets["bench"]), accounts, 16, _WARM_SECONDS)
            for connections in plan.connections:
                progress(f"{connections} connections for {plan.seconds:.0f} s")
                served.append(_served(address, secrets, accounts, connections, plan.seconds))
            with open_database(home, None) as database:
                pgbench = run_pgbench(database, plan.pgbench_seconds, progress)
        overview = None
        if plan.history_rows:
            reading = home / "reading"
            reading.mkdir(mode=0o711)
            overview = measure_picture(reading, accounts=plan.accounts, rows=plan.history_rows, progress=progress)
    main = next((one for one in served if one.connections == MAIN), served[-1])
    return HttpFigures(
        requests_per_s=main.requests_per_s,
        p50_ms=main.p50_ms,
        p99_ms=main.p99_ms,
        errors=sum(one.errors for one in served),
        pgbench_tps=pgbench.tps,
        ratio_pgbench=round(main.requests_per_s / pgbench.tps, 2),
        average_commit_batch=main.average_commit_batch,
        customer_p99_ms=None if overview is None else overview.picture.p99_ms,
        history_page_p99_ms=None if overview is None else overview.history_page.p99_ms,
        served=served,
        overview=overview,
        accounts=plan.accounts,
        pgbench=pgbench,
        machine=machine,
    )


def _served(
    address: str, secrets: dict[str, tuple[str, str]], accounts: list[str], connections: int, seconds: float
) -> Served:
    # Tokens last a quarter of an hour: each run has one of its own.
    token, watcher = _token(address, *secrets["bench"]), _token(address, *secrets["bench-watch"])
    before = _figures(address, watcher)
    load = load_for(address, token, accounts, connections, seconds)
    after = _figures(address, watcher)
    commits = after["yinhe_commits"] - before["yinhe_commits"]
    rows = after["yinhe_committed_seq"] - before["yinhe_committed_seq"]
    return Served(
        connections=connections,
        requests_per_s=load.requests_per_s,
        p50_ms=load.p50_ms,
        p99_ms=load.p99_ms,
        max_ms=load.max_ms,
        errors=load.errors,
        average_commit_batch=round(rows / commits, 1) if commits else 0.0,
    )


def _accounts(session: psycopg.Connection) -> list[str]:
    """The numbers of the accounts that transfers may debit: all but those of time deposits and of the bank."""
    given = {"first": 101, "last": 199, "but": _TIME_PRODUCT}
    rows = session.execute(load_statements("bank")["accounts_of_products"], given).fetchall()
    return [encode(AccountNumber(1, int(row[0]))) for row in rows]


def _clients(home: Path) -> dict[str, tuple[str, str]]:
    """Clients of the bank, each with its secret: one that transfers, one that watches."""
    with open_database(home, None) as database:
        sessions = Sessions(database.url, unit_schema(1))
        try:
            clock = SystemClock()
            ids = IdSource(clock, None)
            identity = make_identity(Desk(sessions, clock), Vault.open(home, os.environ), ids)
            identity.first_start()
            found: dict[str, tuple[str, str]] = {}
            for name, role in (("bench", "integrator"), ("bench-watch", "auditor")):
                asked = Asked(id=ids.next(), action="client.make", content={"name": name}, author=BANK)
                made = identity.clients.make(asked, MakeClient(name=name, roles=(role,)))
                if isinstance(made, Refusal) or made.secret is None:
                    raise BenchFailed(f"The client {name} was not made.")
                found[name] = (name, made.secret)
            return found
        finally:
            sessions.close()


@contextmanager
def serving(home: Path) -> Generator[str]:
    """A server of the bank in `home`, as a program of its own; its address. Ended by SIGTERM at the end."""
    program = "from yinhe.cli.main import main; main()"
    command = [sys.executable, "-c", program, "serve", "--port", "0", "--json", "--home", str(home)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)  # noqa: S603
    try:
        assert process.stdout is not None, "it is a pipe"
        line = process.stdout.readline()
        if not line.startswith("{"):
            raise BenchFailed("The server did not start; try: yinhe serve")
        yield str(msgspec.json.decode(line)["address"])
    finally:
        process.terminate()
        try:
            process.wait(_STARTUP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _token(address: str, name: str, secret: str) -> str:
    form = {"grant_type": "client_credentials", "client_id": name, "client_secret": secret}
    answer = httpx.post(f"{address}/v1/oauth/token", data=form, timeout=30.0)
    if answer.status_code != 200:
        raise BenchFailed(f"No token for {name}: {answer.text}")
    return str(answer.json()["access_token"])


def _figures(address: str, token: str) -> dict[str, float]:
    answer = httpx.get(f"{address}/metrics", headers={"authorization": f"Bearer {token}"}, timeout=30.0)
    lines = [line.split(" ") for line in answer.text.splitlines() if line and not line.startswith("#")]
    return {line[0]: float(line[1]) for line in lines if len(line) == 2}


def load_for(address: str, token: str, accounts: list[str], connections: int, seconds: float) -> Load:
    """Make load from a program of its own. Raises BenchFailed."""
    order = Order(address, token, accounts, connections, seconds)
    done = subprocess.run(
        [sys.executable, "-m", "yinhe.bench.http_load"],
        input=msgspec.json.encode(order),
        capture_output=True,
        check=False,
        timeout=seconds + 2 * _STARTUP_SECONDS,
    )
    if done.returncode != 0:
        raise BenchFailed(f"The load failed: {done.stderr.decode().strip().splitlines()[-1:]}")
    return msgspec.json.decode(done.stdout, type=Load)
