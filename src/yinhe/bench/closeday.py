"""`bench closeday`: a night with a million contracts, and with ten, customers paying meanwhile; a million loans."""

import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from yinhe.bench.deposits import open_bank
from yinhe.bench.errors import BenchFailed
from yinhe.bench.loans import LoanNights, bench_loans
from yinhe.bench.machine import Machine, describe
from yinhe.closeday.bank import DepositBank
from yinhe.closeday.report import NightReport
from yinhe.closeday.runner import NightRunner
from yinhe.deposits.interest import accrue
from yinhe.kernel.clock import SystemClock
from yinhe.ledger.ledger import Ledger
from yinhe.storage.connection import unit_schema

_CALLERS: Final = 4
"""Customers who pay one after another while the night runs."""
_PAUSE_SECONDS: Final = 0.002
_ROUNDS: Final = 3


class Plan(msgspec.Struct, frozen=True):
    """How much to run."""

    accounts: int = 1_000_000
    growth_accounts: int = 10_000_000
    """0 for no second run."""
    loans: int = 1_000_000
    """0 for no loan book."""


class Close(msgspec.Struct, frozen=True):
    """One bank: an ordinary night, and the night of a quarter's end."""

    accounts: int
    accrued_per_s_per_core: float
    """Contracts whose interest of a day is computed, on one core; the median of several passes."""
    ordinary_close_s: float
    """A night after a day on which one contract in a thousand moved."""
    settled_per_s: float
    """Contracts whose quarter's interest is posted, durable and indexed, and its balance written, in a second."""
    settled: int
    close_s: float
    """The night of the quarter's end, from the cut-off to its end."""
    online_p50_ms_during_close: float
    online_p99_ms_during_close: float
    online_transfers_during_close: int


class ClosedayFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What `bench closeday` prints; the first figures are those of the smaller bank."""

    accounts: int
    accrued_per_s_per_core: float
    settled_per_s: float
    close_s: float
    online_p99_ms_during_close: float
    closes: tuple[Close, ...]
    growth_accrual_cost_ratio: float | None
    """Time to accrue a contract among the many over that among the few."""
    growth_settlement_cost_ratio: float | None
    loans: LoanNights | None = None
    repriced_per_s: float | None = None
    """Loans a second whose rate and instalments are set anew, durable; see `LoanNights`."""
    due_per_s: float | None = None
    """Instalments a second fallen due, collected and paid, durable."""
    machine: Machine


Progress = Callable[[str], None]


def bench_closeday(folder: Path | None, plan: Plan, progress: Progress) -> ClosedayFigures:
    """Run the plan on fresh books in a temporary folder under `folder`. Raises BenchFailed or a fault of storage."""
    with tempfile.TemporaryDirectory(prefix="yinhe-bench-", dir=folder) as place:
        home = Path(place)
        home.chmod(0o711)
        sizes = [plan.accounts, *([plan.growth_accounts] if plan.growth_accounts else [])]
        closes: list[Close] = []
        machine: Machine | None = None
        for size in sizes:
            with open_bank(home / str(size), size, progress) as bank:
                closes.append(_close(bank, size, progress))
                if machine is None:
                    with bank.ledger.database.connect(application_name="yinhe bench", schema=unit_schema(1)) as session:
                        machine = describe(session, home)
        lent = bench_loans(home / "loans", plan.loans, progress) if plan.loans else None
    first, last = closes[0], closes[-1]
    assert machine is not None
    grown = len(closes) > 1
    return ClosedayFigures(
        accounts=first.accounts,
        accrued_per_s_per_core=first.accrued_per_s_per_core,
        settled_per_s=first.settled_per_s,
        close_s=first.close_s,
        online_p99_ms_during_close=first.online_p99_ms_during_close,
        closes=tuple(closes),
        growth_accrual_cost_ratio=_ratio(first.accrued_per_s_per_core, last.accrued_per_s_per_core) if grown else None,
        growth_settlement_cost_ratio=_ratio(first.settled_per_s, last.settled_per_s) if grown else None,
        loans=lent,
        repriced_per_s=None if lent is None else lent.repriced_per_s,
        due_per_s=None if lent is None else lent.due_per_s,
        machine=machine,
    )


def _ratio(few: float, many: float) -> float:
    return round(few / many, 3)


def _close(bank: DepositBank, size: int, progress: Progress) -> Close:
    """An ordinary night, then the quarter's end with customers paying through it."""
    ledger = bank.ledger
    runner = NightRunner(bank, SystemClock())
    accounts = bank.book.rows["account"].copy()
    progress(f"{size:,} contracts: the night before")
    runner.close(ledger.business_date, _silent)
    some = accounts[:: max(1, size // max(1, size // 1_000))]
    with _Customers(ledger, some[:2_000]) as customers:
        customers.wait_for(500)
    progress(f"{size:,} contracts: an ordinary night")
    ordinary = runner.close(ledger.business_date, _silent)
    rates = _accrual_rates(bank)
    ledger.settle()
    progress(f"{size:,} contracts: the end of the quarter")
    with _Customers(ledger, some[:2_000]) as customers:
        began = time.perf_counter()
        report = runner.close(ledger.business_date, _silent)
        closed = time.perf_counter() - began
    settle_began = time.perf_counter()
    ledger.settle()
    indexed = _step_seconds(report, "settle") + time.perf_counter() - settle_began
    settled = report.figure("settle", "contracts")
    if not settled or not customers.times:
        raise BenchFailed("The night of the quarter's end settled nothing, or no customer was served.")
    p50, p99 = np.percentile(np.array(customers.times) * 1e3, (50, 99)).tolist()
    return Close(
        accounts=size,
        accrued_per_s_per_core=round(float(np.median(rates))),
        ordinary_close_s=ordinary.milliseconds / 1e3,
        settled_per_s=round(settled / indexed),
        settled=settled,
        close_s=round(closed, 3),
        online_p50_ms_during_close=round(p50, 3),
        online_p99_ms_during_close=round(p99, 3),
        online_transfers_during_close=len(customers.times),
    )


def _step_seconds(report: NightReport, name: str) -> float:
    return next(step.milliseconds for step in report.steps if step.step == name) / 1e3


def _accrual_rates(bank: DepositBank) -> list[float]:
    """Contracts a second of passes over a copy of the book, a further day each."""
    rows = bank.book.rows.copy()
    balances = bank.ledger.balances_at(bank.ledger.committed_seq)
    versions = bank.book.by_version()
    date = bank.ledger.business_date
    rates: list[float] = []
    for day in range(date, date + _ROUNDS):
        count, began = 0, time.perf_counter()
        for version, places in versions.items():
            product = bank.catalogue.in_force(version, date)
            accrue(rows, places, balances, product, bank.catalogue.rates, day, day + 1)
            count += len(places)
        rates.append(count / (time.perf_counter() - began))
    return rates


def _silent(step: str, done: int, total: int) -> None:
    """The bench prints no progress of the night itself."""


class _Customers:
    """A few customers who pay each other, one transfer after another, each durable before the next."""

    def __init__(self, ledger: Ledger, accounts: NDArray[np.int32]) -> None:
        self.times: list[float] = []
        """Seconds from handing a transfer in to hearing that it is durable."""
        self._ledger, self._accounts = ledger, accounts
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._pay, args=(seed,), daemon=True) for seed in range(_CALLERS)]

    def __enter__(self) -> "_Customers":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def wait_for(self, count: int) -> None:
        """Wait until that many were served."""
        while len(self.times) < count:
            self._stop.wait(_PAUSE_SECONDS)

    def _pay(self, seed: int) -> None:
        random = np.random.default_rng(seed)
        while not self._stop.is_set():
            debit, credit = random.choice(self._accounts, 2, replace=False).tolist()
            began = time.perf_counter()
            self._ledger.transfer(debit=debit, credit=credit, amount_minor=1)
            self.times.append(time.perf_counter() - began)
            self._stop.wait(_PAUSE_SECONDS)
