"""`bench ledger`: how fast the ledger posts, in a burst and until all is indexed, with pgbench on the same server."""

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from yinhe.bench.errors import BenchFailed
from yinhe.bench.machine import Machine, describe
from yinhe.bench.pgbench import PgbenchFigures, run_pgbench
from yinhe.bench.traffic import Skew, accounts_without_floor, draw
from yinhe.ledger.columns import PAGE
from yinhe.ledger.engine import EngineSettings
from yinhe.ledger.ledger import SEGMENT_ROWS, Ledger
from yinhe.ledger.outcomes import Outcome
from yinhe.storage.connection import unit_schema

BATCH: Final = 8_189
"""Transfers of a batch: the most that fit a one-megabyte message of the peer this figure is compared with."""
BATCH_SIZES: Final = (1, 10, 100, 1_000, BATCH, 10_000)
_LATENCY_BATCHES: Final = 200
_WARM_ROWS: Final = 10 * BATCH
_GROWTH_ACCOUNTS: Final = 10_000_000


class Plan(msgspec.Struct, frozen=True):
    """How much to run; `segments` of 2^20 rows are posted in each long run."""

    accounts: int = 1_000_000
    segments: int = 8
    pgbench_seconds: int = 10
    variants: bool = True
    growth: bool = True


class Posting(msgspec.Struct, frozen=True):
    """One long run: transfers posted in full segments, the clock stopping when they and all balances are written."""

    accounts: int
    skew: str
    transfers: int
    transfers_per_s_burst: float
    transfers_per_s_until_indexed: float
    commits: int
    balance_us: float
    """Time to write one account's balance into its table, in microseconds, posting and indexing going on beside it."""


class BatchFigures(msgspec.Struct, frozen=True):
    """Batches of one size handed in one after another, each answered before the next."""

    batch: int
    transfers_per_s: float
    p50_ms: float
    p99_ms: float


class LedgerFigures(msgspec.Struct, frozen=True):
    """What `bench ledger` prints."""

    transfers_per_s_burst: float
    transfers_per_s_until_indexed: float
    pgbench_tps: float
    ratio_pgbench: float
    p50_ms: float
    p99_ms: float
    bytes_per_account: int
    batch: int
    posting: Posting
    variants: Sequence[Posting]
    batch_sizes: Sequence[BatchFigures]
    growth: Posting | None
    growth_cost_ratio: float | None
    """Time a transfer at ten million accounts over time a transfer at one million, until indexed: both runs post as
    many, so at ten million ten times the balances are to be written for them."""
    growth_account_cost_ratio: float | None
    """Time to write one account's balance at ten million accounts over that at one million."""
    pgbench: PgbenchFigures
    machine: Machine


Progress = Callable[[str], None]


def bench_ledger(folder: Path | None, plan: Plan, progress: Progress) -> LedgerFigures:
    """Run the plan on fresh books in a temporary folder under `folder`. Raises BenchFailed or a fault of storage."""
    with tempfile.TemporaryDirectory(prefix="yinhe-bench-", dir=folder) as place:
        home = Path(place)
        home.chmod(0o711)
        posting = _post(home / "uniform", Skew.UNIFORM, plan.accounts, plan.segments, progress)
        with _open(home / "uniform") as ledger:
            sizes = [
                _batches(ledger, plan.accounts, size, progress) for size in (BATCH_SIZES if plan.variants else (BATCH,))
            ]
            bytes_per_account = ledger.engine.core.columns.bytes_per_account
            pgbench = run_pgbench(ledger.database, plan.pgbench_seconds, progress)
            with ledger.database.connect(application_name="yinhe bench", schema=unit_schema(1)) as session:
                machine = describe(session, home)
        skews = (Skew.ZIPF, Skew.HOT) if plan.variants else ()
        half = max(1, plan.segments // 2)
        variants = [_post(home / skew.value, skew, plan.accounts, half, progress) for skew in skews]
        growth = (
            _post(home / "growth", Skew.UNIFORM, _GROWTH_ACCOUNTS, plan.segments, progress) if plan.growth else None
        )
    main = next(size for size in sizes if size.batch == BATCH)
    until = posting.transfers_per_s_until_indexed
    return LedgerFigures(
        transfers_per_s_burst=posting.transfers_per_s_burst,
        transfers_per_s_until_indexed=until,
        pgbench_tps=pgbench.tps,
        ratio_pgbench=round(until / pgbench.tps, 2),
        p50_ms=main.p50_ms,
        p99_ms=main.p99_ms,
        bytes_per_account=bytes_per_account,
        batch=BATCH,
        posting=posting,
        variants=variants,
        batch_sizes=sizes,
        growth=growth,
        growth_cost_ratio=None if growth is None else round(until / growth.transfers_per_s_until_indexed, 3),
        growth_account_cost_ratio=None if growth is None else round(growth.balance_us / posting.balance_us, 3),
        pgbench=pgbench,
        machine=machine,
    )


def _open(home: Path) -> Ledger:
    return Ledger.open(home, settings=EngineSettings(batch_rows_max=BATCH))


def _post(home: Path, skew: Skew, accounts: int, segments: int, progress: Progress) -> Posting:
    """Open accounts, then post until `segments` segments are exactly full, indexed, and every balance is written."""
    rng = np.random.default_rng(2011)
    with _open(home) as ledger:
        progress(f"{skew.value}: opening {accounts:,} accounts")
        ledger.open_accounts(accounts_without_floor(accounts))
        _posted(ledger, draw(ledger.ids, rng, skew, accounts, _WARM_ROWS))
        room = segments * SEGMENT_ROWS - ledger.committed_seq
        batch = draw(ledger.ids, rng, skew, accounts, room)
        commits = ledger.engine.commits
        pages, pages_us = ledger.engine.pages_written, ledger.engine.pages_us
        progress(f"{skew.value}: posting {room:,} transfers between {accounts:,} accounts")
        # What is posted before the first segment is full meets no indexing: the burst.
        burst_rows = SEGMENT_ROWS - ledger.committed_seq
        started = time.perf_counter()
        first = ledger.submit_columns(batch[:burst_rows])
        rest = ledger.submit_columns(batch[burst_rows:]) if segments > 1 else None
        _require_posted(first.result().outcome)
        burst = time.perf_counter() - started
        if rest is not None:
            _require_posted(rest.result().outcome)
        progress(f"{skew.value}: indexing and writing balances")
        ledger.settle()
        elapsed = time.perf_counter() - started
        return Posting(
            accounts,
            skew.value,
            room,
            round(burst_rows / burst),
            round(room / elapsed),
            ledger.engine.commits - commits,
            round((ledger.engine.pages_us - pages_us) / (ledger.engine.pages_written - pages) / PAGE, 3),
        )


def _batches(ledger: Ledger, accounts: int, size: int, progress: Progress) -> BatchFigures:
    progress(f"batches of {size:,}")
    rng = np.random.default_rng(size)
    # The largest commit the engine makes is BATCH: a larger batch goes in two commits.
    batch = draw(ledger.ids, rng, Skew.UNIFORM, accounts, size * _LATENCY_BATCHES)
    times: list[float] = []
    for start in range(0, len(batch), size):
        started = time.perf_counter()
        outcome = ledger.submit_columns(batch[start : start + size]).result().outcome
        times.append(time.perf_counter() - started)
        _require_posted(outcome)
    p50, p99 = np.percentile(np.array(times) * 1e3, (50, 99)).tolist()
    return BatchFigures(size, round(len(batch) / sum(times)), round(p50, 3), round(p99, 3))


def _posted(ledger: Ledger, batch: NDArray[np.void]) -> None:
    _require_posted(ledger.submit_columns(batch).result().outcome)


def _require_posted(outcome: NDArray[np.uint8]) -> None:
    refused = np.count_nonzero(outcome != Outcome.POSTED)
    if refused:
        raise BenchFailed(f"{refused} of {len(outcome)} transfers were refused.")
