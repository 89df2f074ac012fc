"""A bank of many loans for benchmarks: one night in which an instalment of all falls due, one that prices all anew."""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import psycopg
from numpy.typing import NDArray

from yinhe.bench.errors import BenchFailed
from yinhe.closeday.bank import DepositBank
from yinhe.closeday.plan import STEPS
from yinhe.closeday.runner import NightRunner
from yinhe.kernel.clock import SystemClock
from yinhe.kernel.dates import days_from_date
from yinhe.ledger.accounts import openings
from yinhe.ledger.batch import columns_of
from yinhe.ledger.columns import AMOUNT_MAX
from yinhe.ledger.engine import EngineSettings
from yinhe.ledger.ledger import Ledger
from yinhe.ledger.outcomes import Outcome
from yinhe.lending.accrual import accrue
from yinhe.lending.book import no_items
from yinhe.lending.codes import LoanCode
from yinhe.lending.columns import LOAN, LoanFlag
from yinhe.lending.instalments import draw
from yinhe.lending.legs import mapping_of
from yinhe.lending.schedule.bulk import LoanColumns, reprice
from yinhe.lending.schedule.loan import schedule
from yinhe.lending.schedule.loan_terms import LoanTerms
from yinhe.lending.schedule.records import Conventions
from yinhe.lending.schedule.refusals import ScheduleRefused
from yinhe.lending.store import write_loans
from yinhe.products.catalogue import load
from yinhe.products.catalogue_store import approve, check, draft, publish, set_rate
from yinhe.products.findings import Refused
from yinhe.storage.connection import unit_schema

_DRAWN: Final = days_from_date(date(2025, 11, 30))
_FIRST_NIGHT: Final = days_from_date(date(2025, 12, 30))
"""When the first instalment of every loan falls due; two nights later every loan is priced anew."""
_CNY: Final = 156
_AT_ONCE: Final = 250_000
_SCHEDULES: Final = 501
_PASSES: Final = 3

_PRODUCT: Final = """
[product]
code = "mortgage"
number = 201
version = 1
english = "mortgage"
chinese = "mortgage"
currency = "CNY"
effective = 2025-11-30

[[parts]]
part = "limit.amount"
least = "1.00 CNY"
[[parts]]
part = "term.loan_months"
most = 360
[[parts]]
part = "purpose.only_for"
purposes = ["home"]
[[parts]]
part = "security.none"
[[parts]]
part = "payment.freely"
[[parts]]
part = "drawdown.single"
[[parts]]
part = "loan_interest.indexed"
index = "board:LPR_5Y"
repricing = "january"
basis = "CN-MONTHS-DAYS"
[[parts]]
part = "repayment.equal_instalments"
[[parts]]
part = "prepayment.part"
[[parts]]
part = "overdue.penalty"
[[parts]]
part = "allocation.sequence"
[[parts]]
part = "classification.five_grades"
[[parts]]
part = "non_accrual.after_days"
[[parts]]
part = "allowance.three_stages"
first = { default = "1%", lost = "25%" }
second = { default = "10%", lost = "25%" }
third = { default = "100%", lost = "30%" }
[[parts]]
part = "write_off.after_days"
[[parts]]
part = "ledger.loan"
"""


class LoanNights(msgspec.Struct, frozen=True):
    """The nights of a loan book."""

    loans: int
    due_per_s: float
    """Instalments a second that fall due, are collected from the borrower's account and paid, posted and durable."""
    due_close_s: float
    """The night in which one of every loan fell due, from the cut-off to its end."""
    ordinary_close_s: float
    """The night after, in which none did."""
    repriced_per_s: float
    """Loans a second whose rate and instalments are set anew, written and durable."""
    repriced_close_s: float
    schedule_us: float
    """Microseconds of a schedule of 360 instalments through the public function; the median of many."""
    schedules_repriced_per_s: float
    """Loans a second that get a new rate, a new instalment and what is due next in memory alone, all cores."""


def bench_loans(home: Path, count: int, progress: Callable[[str], None]) -> LoanNights:
    """Run the three nights on a fresh bank in `home`. Raises BenchFailed or a fault of storage."""
    with _open_bank(home, count, progress) as bank:
        runner, steps = NightRunner(bank, SystemClock()), _Steps()
        progress(f"{count:,} loans: an instalment of each falls due")
        due = runner.close(bank.ledger.business_date, steps.watch)
        if due.figure("loan_due", "loans_paid") != count or due.figure("loan_due", "instalments") != count:
            raise BenchFailed("Not every instalment was paid.")
        paid = steps.seconds("loan_due")
        progress(f"{count:,} loans: an ordinary night")
        ordinary = runner.close(bank.ledger.business_date, steps.watch)
        progress(f"{count:,} loans: all are priced anew")
        anew = runner.close(bank.ledger.business_date, steps.watch)
        if anew.figure("loan_reset", "loans") != count:
            raise BenchFailed("Not every loan was priced anew.")
    return LoanNights(
        loans=count,
        due_per_s=round(count / paid),
        due_close_s=due.milliseconds / 1e3,
        ordinary_close_s=ordinary.milliseconds / 1e3,
        repriced_per_s=round(count / steps.seconds("loan_reset")),
        repriced_close_s=anew.milliseconds / 1e3,
        schedule_us=_schedule_us(),
        schedules_repriced_per_s=_repriced_in_memory(count),
    )


def _schedule_us() -> float:
    terms = LoanTerms(principal_minor=100_000_000, rate=3_500_000, disbursed=date(2026, 1, 15), instalments=360)
    times: list[float] = []
    for _ in range(_SCHEDULES):
        began = time.perf_counter()
        made = schedule(terms)
        times.append(time.perf_counter() - began)
        if isinstance(made, ScheduleRefused):
            raise BenchFailed(f"The schedule was refused: {made.english}.")
    return round(float(np.median(times)) * 1e6, 1)


def _repriced_in_memory(count: int) -> float:
    """The rate of `bulk.reprice` over loans of 1 to 360 instalments left; the median of a few passes."""
    random = np.random.default_rng(2013)
    day = days_from_date(date(2026, 1, 1))
    zeros = np.zeros(count, np.int64)
    loans = LoanColumns(
        principal=random.integers(10_000_000, 300_000_000, count),
        rate=np.full(count, 3_600_000, np.int64),
        accrued=zeros,
        remainder=zeros,
        counted_to=np.full(count, day, np.int64),
        anchor=random.integers(day - 300, day - 1, count),
        next_due=np.full(count, 12, np.int64),
        every_months=np.ones(count, np.int64),
        left=random.integers(1, 361, count),
        balloon=zeros,
        redeems=zeros,
    )
    speeds: list[float] = []
    for _ in range(_PASSES):
        began = time.perf_counter()
        reprice(loans, np.full(count, 3_500_000, np.int64), day, Conventions())
        speeds.append(count / (time.perf_counter() - began))
    return round(float(np.median(speeds)))


class _Steps:
    """How long the steps of a night took, from the beginning of each to that of the next: its writing included."""

    def __init__(self) -> None:
        self._began: dict[str, float] = {}

    def watch(self, step: str, done: int, total: int) -> None:
        """Hear of a step's beginning, and of its progress."""
        if not total and not done:
            self._began[step] = time.perf_counter()

    def seconds(self, name: str) -> float:
        """How long a step of the last night took."""
        place = next(place for place, step in enumerate(STEPS) if step.name == name)
        return self._began[STEPS[place + 1].english] - self._began[STEPS[place].english]


@contextmanager
def _open_bank(home: Path, count: int, progress: Callable[[str], None]) -> Generator[DepositBank]:
    with Ledger.open(home, business_date=_DRAWN, settings=EngineSettings(identities=1 << 23)) as ledger:

        def connect() -> psycopg.Connection:
            return ledger.database.connect(application_name="yinhe bench", schema=unit_schema(1))

        with connect() as session:
            version = _publish(session)
        ledger.roll_date(_FIRST_NIGHT)
        _lend(DepositBank(ledger, connect), version, count, progress)
        progress(f"{count:,} loans: indexing, and reading them")
        ledger.settle()
        with connect() as session:
            session.execute("CHECKPOINT")
        yield DepositBank(ledger, connect)


def _publish(session: psycopg.Connection) -> int:
    for effective, rate in ((_DRAWN, 3_600_000), (days_from_date(date(2025, 12, 20)), 3_500_000)):
        _sound(set_rate(session, "LPR_5Y", effective, rate, _DRAWN, "bench"))
    version = _sound(draft(session, _PRODUCT, "mortgage", "author", _DRAWN))
    for step, actor in ((check, "author"), (approve, "approver"), (publish, "approver")):
        _sound(step(session, "mortgage/1", actor, _DRAWN))
    return version


def _sound(answer: int | Refused | None) -> int:
    if isinstance(answer, Refused):
        raise BenchFailed(str(answer))
    return answer or 0


def _lend(bank: DepositBank, version: int, count: int, progress: Callable[[str], None]) -> None:
    """Loans of 10 to 30 years drawn a month ago, with accounts, money and interest accrued, as before any night."""
    ledger, random = bank.ledger, np.random.default_rng(2012)
    with bank.connect() as session:
        catalogue = load(session)
    product = catalogue.product(version)
    mapping = mapping_of(product)
    central = ledger.open_accounts(openings(1, currency=_CNY, gl_code=1003, floor=-AMOUNT_MAX))[0]
    pool = bank.pools.account(mapping.receivable, _CNY, product.number)
    income = bank.pools.account(mapping.income, _CNY, product.number)
    for first in range(0, count, _AT_ONCE):
        some = min(_AT_ONCE, count - first)
        progress(f"{count:,} loans: drawing, {first:,} drawn")
        rows = np.zeros(some, LOAN)
        rows["loan"] = np.arange(first + 1, first + some + 1)
        rows["version"], rows["flags"], rows["agreed"] = version, int(LoanFlag.OPEN), _DRAWN
        rows["months"] = 12 * random.integers(10, 31, some)
        rows["limit"] = random.integers(100_000, 3_000_000, some) * 100
        accounts = openings(3 * some, currency=_CNY, gl_code=2011, floor=0)
        accounts["gl_code"][:some], accounts["gl_code"][some : 2 * some] = mapping.loans, mapping.receivable
        accounts["floor"][: 2 * some], accounts["product"][: 2 * some] = -AMOUNT_MAX, product.number
        opened = np.arange(*_ends(ledger.open_accounts(accounts)))
        rows["account"], rows["receivable"], rows["linked"] = np.split(opened, 3)
        draw(rows, product, catalogue.rates, _DRAWN, rows["limit"].copy())
        for day in range(_DRAWN, _FIRST_NIGHT):
            accrue(rows, np.arange(some), no_items(), product, day)
        _post(ledger, rows["account"], rows["linked"], rows["lent"], LoanCode.DRAWING)
        # A year's instalments lie ready in the borrower's account already.
        _post(ledger, np.full(some, central), rows["linked"], 12 * rows["payment"], LoanCode.DRAWING)
        whole = rows["whole"].sum()
        _post(ledger, np.array([pool]), np.array([income]), np.array([whole]), LoanCode.INTEREST_ACCRUED)
        bank.loans.append(rows)
        with bank.connect() as session, session.transaction():
            write_loans(session, bank.loans, rows)


def _ends(opened: range) -> tuple[int, int]:
    return opened.start, opened.stop


def _post(
    ledger: Ledger, debit: NDArray[np.integer], credit: NDArray[np.integer], amount: NDArray[np.integer], code: LoanCode
) -> None:
    hi, lo = ledger.ids.take(len(debit))
    batch = columns_of(txn_hi=hi, txn_lo=lo, debit=debit, credit=credit, amount_minor=amount, code=code.code)
    if (ledger.submit_columns(batch).result().outcome != Outcome.POSTED).any():
        raise BenchFailed("Money could not be put on the accounts.")
