"""How long a customer's picture takes: a customer of twenty contracts, beside an engine that posts without a pause."""

import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import numpy as np

from yinhe.bench.deposits import open_bank
from yinhe.bench.errors import BenchFailed
from yinhe.closeday.bank import DepositBank
from yinhe.ledger.batch import columns_of
from yinhe.ledger.ledger import Ledger
from yinhe.overview.records import Picture
from yinhe.overview.service import Overview
from yinhe.overview.timeline import TimelinePage
from yinhe.overview.values import Values
from yinhe.storage.connection import unit_schema
from yinhe.storage.sessions import Sessions
from yinhe.storage.statements import load_statements

CONTRACTS: Final = 20
LINES: Final = 50
"""Lines of a page of history."""
_CNY: Final = 156
_BATCH: Final = 1_000


class Times(msgspec.Struct, frozen=True):
    """Milliseconds."""

    p50_ms: float
    p99_ms: float
    max_ms: float


class OverviewFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured."""

    accounts: int
    journal_rows: int
    contracts_of_customer: int
    background_transfers_per_s: float
    """Posted beside the readings."""
    picture: Times
    picture_of_past: Times
    timeline_page: Times
    history_page: Times


class _Load(NamedTuple):
    stop: threading.Event
    posted: list[int]
    """Transfers of each batch that was durable."""


def measure_picture(
    home: Path,
    *,
    accounts: int = 100_000,
    rows: int = 1_000_000,
    pictures: int = 500,
    progress: Callable[[str], None] = lambda _: None,
) -> OverviewFigures:
    """Make a bank of so many contracts and journal rows in `home`, and read one customer's picture again and again.

    Every reading is of another customer of CONTRACTS contracts each; the engine posts batches meanwhile.
    """
    with open_bank(home, accounts, progress, CONTRACTS) as bank:
        ledger, customers = bank.ledger, accounts // CONTRACTS
        progress(f"{rows:,} rows in the journal")
        _post_many(ledger, accounts, rows)
        with bank.connect() as session:
            Values(ledger, bank).catch_up(session)
            # As a server that has stood for a while has them.
            session.execute(load_statements("overview")["statistics"])
        sessions = Sessions(ledger.database.url, unit_schema(1), "yinhe bench", 4)
        overview = Overview(sessions, ledger, bank)
        try:
            return _measure(bank, overview, customers, pictures, accounts)
        finally:
            overview.close()
            sessions.close()


def _measure(bank: DepositBank, overview: Overview, customers: int, pictures: int, accounts: int) -> OverviewFigures:
    ledger = bank.ledger
    chosen = np.random.default_rng(7).integers(1, customers, pictures).tolist()
    yesterday = ledger.business_date - 1

    def picture(party: int) -> None:
        found = overview.picture(party)
        if not isinstance(found, Picture) or len(found.contracts) != CONTRACTS:
            raise BenchFailed(f"The picture of party {party} is not what was made.")

    def timeline(party: int) -> None:
        if not isinstance(overview.timeline(party, limit=LINES), TimelinePage):
            raise BenchFailed(f"The timeline of party {party} is not there.")

    with _posting_meanwhile(ledger, accounts) as load:
        began = time.perf_counter()
        times = [
            _times(chosen, picture),
            _times(chosen, lambda party: overview.picture(party, yesterday)),
            _times(chosen, timeline),
            _times(chosen, lambda party: ledger.history(party * CONTRACTS, limit=LINES)),
        ]
        elapsed = time.perf_counter() - began
        posted = sum(load.posted)
    return OverviewFigures(
        accounts=accounts,
        journal_rows=ledger.committed_seq,
        contracts_of_customer=CONTRACTS,
        background_transfers_per_s=round(posted / elapsed),
        picture=times[0],
        picture_of_past=times[1],
        timeline_page=times[2],
        history_page=times[3],
    )


def _times(parties: list[int], read: Callable[[int], object]) -> Times:
    for party in parties[:20]:
        read(party)
    taken: list[float] = []
    for party in parties:
        began = time.perf_counter_ns()
        read(party)
        taken.append((time.perf_counter_ns() - began) / 1e6)
    taken.sort()
    return Times(
        round(taken[len(taken) // 2], 2),
        round(taken[min(len(taken) - 1, len(taken) * 99 // 100)], 2),
        round(taken[-1], 2),
    )


@contextmanager
def _posting_meanwhile(ledger: Ledger, accounts: int) -> Generator[_Load]:
    load = _Load(threading.Event(), [])

    def post() -> None:
        random = np.random.default_rng(11)
        while not load.stop.is_set():
            _post(ledger, random, accounts, _BATCH)
            load.posted.append(_BATCH)

    thread = threading.Thread(target=post, name="yinhe bench load")
    thread.start()
    try:
        yield load
    finally:
        load.stop.set()
        thread.join()


def _post_many(ledger: Ledger, accounts: int, rows: int) -> None:
    random = np.random.default_rng(3)
    done = ledger.committed_seq
    while done < rows:
        some = min(200_000, rows - done)
        _post(ledger, random, accounts, some)
        done += some
    ledger.settle()


def _post(ledger: Ledger, random: np.random.Generator, accounts: int, count: int) -> None:
    """Small payments between accounts, so small that none runs short."""
    hi, lo = ledger.ids.take(count)
    debit = random.integers(2, accounts, count)
    credit = np.where(debit == 2, 3, debit - 1)
    batch = columns_of(txn_hi=hi, txn_lo=lo, debit=debit, credit=credit, amount_minor=np.ones(count, np.int64))
    ledger.submit_columns(batch).result()
