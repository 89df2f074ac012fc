"""Ledgers on a real PostgreSQL, and the examiner who checks their books."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from tests.conftest import UnitDatabase

from yinhe.kernel.clock import Clock, ManualClock
from yinhe.kernel.ids import IdSource
from yinhe.ledger.accounts import openings
from yinhe.ledger.batch import Flag, Transfer, rows_of
from yinhe.ledger.engine import EngineSettings
from yinhe.ledger.errors import RetrySameId
from yinhe.ledger.invariants import CheckReport, check
from yinhe.ledger.ledger import Ledger
from yinhe.ledger.postgres import PostgresStore
from yinhe.ledger.store import Checkpoint, Detail
from yinhe.storage.connection import Database

START_US = 1_767_600_000_000_000
"""2026-01-05 08:00 UTC."""
MONDAY = START_US // 86_400_000_000
CNY = 156
NOWHERE = Path("/nonexistent")
"""A home that is not looked at: the ledger is given an address."""

OpenLedger = Callable[..., Ledger]
Examine = Callable[[], CheckReport]


def ledger_at(
    url: str, unit: int, clock: Clock, *, segment_rows: int = 100, first: int | None = None, **settings: object
) -> Ledger:
    """The ledger of a unit of the server at `url`, with small segments and frequent passes."""
    return Ledger.open(
        NOWHERE,
        url,
        unit=unit,
        business_date=MONDAY if first is None else first,
        segment_rows=segment_rows,
        clock=clock,
        settings=EngineSettings(**{"pass_seconds": 0.05, **settings}),
    )


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START_US)


@pytest.fixture
def open_ledger(empty_unit: UnitDatabase, clock: ManualClock) -> Iterator[OpenLedger]:
    """Opens the test's unit, any number of times; what is still open at the end is closed."""
    opened: list[Ledger] = []

    def open_(*, segment_rows: int = 100, **settings: object) -> Ledger:
        made = ledger_at(empty_unit.url, empty_unit.unit, clock, segment_rows=segment_rows, **settings)
        opened.append(made)
        return made

    yield open_
    for ledger in opened:
        ledger.close()


@pytest.fixture
def examine(empty_unit: UnitDatabase) -> Examine:
    return lambda: check(Database(empty_unit.url, None), empty_unit.unit, lambda done, total: None)


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for something another thread does; the bound is for a program that never does it."""
    pause = threading.Event()
    for _ in range(3_000):
        if condition():
            return
        pause.wait(0.01)
    raise AssertionError("what was waited for never came")


def wait_sealed(ledger: Ledger, count: int) -> None:
    """Wait until the first `count` segments are sealed and their rows have left memory."""
    first_seq = 1 + count * ledger.engine.core.tail.segment_rows
    wait_until(lambda: ledger.engine.core.tail.first_seq >= first_seq)


def wait_written(ledger: Ledger, unit: UnitDatabase) -> None:
    """Wait until every balance is in the database."""
    ledger_seq = ledger.committed_seq
    with unit.connect() as session:
        wait_until(lambda: (session.execute("SELECT as_of_seq FROM balance_pass").fetchone() or (0,))[0] >= ledger_seq)


def random_transactions(
    ids: IdSource, accounts: range, count: int, random: np.random.Generator
) -> list[list[Transfer]]:
    """Transactions of one to four legs between the accounts, amounts in minor units from 1 to 99."""
    made: list[list[Transfer]] = []
    for _ in range(count):
        legs, txn_id = int(random.integers(1, 5)), ids.next()
        pairs = [random.choice(len(accounts), 2, replace=False) for _ in range(legs)]
        made.append(
            [
                Transfer(
                    txn_id=txn_id,
                    debit=accounts[int(debit)],
                    credit=accounts[int(credit)],
                    amount_minor=int(random.integers(1, 100)),
                    flags=Flag.LINKED if leg < legs - 1 else Flag(0),
                    leg=leg,
                )
                for leg, (debit, credit) in enumerate(pairs)
            ]
        )
    return made


def post_all(ledger: Ledger, transactions: list[list[Transfer]]) -> dict[UUID, int]:
    """Post transactions in one go; the first seq of each by its id."""
    rows = [transfer for transaction in transactions for transfer in transaction]
    answers = ledger.post(rows)
    assert all(answer.posted for answer in answers)
    return {answer.txn_id: answer.seq for answer in answers if answer.leg == 0}


@pytest.fixture
def busy(open_ledger: OpenLedger) -> Ledger:
    """An open ledger that is filled."""
    ledger = open_ledger()
    fill(ledger)
    return ledger


def fill(ledger: Ledger) -> None:
    """Twelve accounts in two currencies; 300 transactions, holds, limits, blocks and a new business date."""
    random = np.random.default_rng(7)
    people = ledger.open_accounts(openings(8, currency=CNY, gl_code=2011, floor=-1_000_00, limit_daily=10_000_00))
    dollars = ledger.open_accounts(openings(4, currency=840, gl_code=2012, floor=-1_000_00))
    post_all(ledger, random_transactions(ledger.ids, people, 150, random))
    post_all(ledger, random_transactions(ledger.ids, dollars, 50, random))
    ledger.set_limits(people[0], floor=-2_000_00, ceiling=5_000_00, limit_daily=9_000_00)
    kept = ledger.hold(debit=people[1], credit=people[2], amount_minor=5_00)
    part = ledger.hold(debit=people[2], credit=people[3], amount_minor=6_00)
    ledger.transfer(debit=people[2], credit=people[3], amount_minor=2_00, flags=Flag.POST, reference=part.seq)
    gone = ledger.hold(debit=people[3], credit=people[4], amount_minor=7_00)
    ledger.transfer(debit=people[3], credit=people[4], amount_minor=0, flags=Flag.VOID, reference=gone.seq)
    assert kept.posted
    ledger.block(people[7], debit=True, credit=False)
    ledger.roll_date(MONDAY + 1)
    ledger.set_limits(people[0], floor=-3_000_00, ceiling=6_000_00, limit_daily=9_500_00)
    post_all(ledger, random_transactions(ledger.ids, people[:7], 100, random))
    told = ledger.ids.next()
    ledger.transfer(debit=people[0], credit=people[1], amount_minor=1, txn_id=told, detail=Detail(told, actor="teller"))
    step = random_transactions(ledger.ids, people[:7], 1, random)[0]
    ledger.submit_columns(rows_of(step), Checkpoint("interest", 1)).result(60)
    for _ in range(20):
        ledger.transfer(debit=people[0], credit=people[1], amount_minor=1)


def opened(ledger: Ledger, count: int = 6) -> range:
    """Accounts that may be overdrawn by 100,000.00."""
    return ledger.open_accounts(openings(count, currency=CNY, gl_code=2011, floor=-100_000_00))


def store_of(ledger: Ledger) -> PostgresStore:
    store = ledger.engine._store
    assert isinstance(store, PostgresStore)
    return store


def lose_session(unit: UnitDatabase, ledger: Ledger, role: str) -> None:
    """End one session of this ledger, as an administrator does; other ledgers of the same database keep theirs."""
    its = store_of(ledger)._sessions[role].info.backend_pid
    with unit.connect() as session:
        assert session.execute("SELECT pg_terminate_backend(%s)", (its,)).fetchone() == (True,)


def post_with_patience(ledger: Ledger, transactions: list[list[Transfer]]) -> dict[UUID, int]:
    """Post transactions, again under the same ids whenever the ledger says so; the first seq of each by its id."""
    while True:
        try:
            return post_all(ledger, transactions)
        except RetrySameId:
            continue


def begun(ledger: Ledger) -> dict[UUID, int]:
    """Every transaction of the journal with its first seq; fails if one begins twice."""
    feed = ledger.feed(0, 10**7)
    first = feed[feed["leg"] == 0]
    found = {
        UUID(int=(hi << 64) | lo): seq
        for hi, lo, seq in zip(first["txn_hi"].tolist(), first["txn_lo"].tolist(), first["seq"].tolist(), strict=True)
    }
    assert len(found) == len(first)
    return found
