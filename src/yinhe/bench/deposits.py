"""A bank of many deposit contracts for benchmarks: four products, tiers among them, money on every account."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import psycopg
from numpy.typing import NDArray

from yinhe.bench.errors import BenchFailed
from yinhe.closeday.bank import DepositBank
from yinhe.deposits.columns import CONTRACT, NO_RATE, ContractFlag
from yinhe.deposits.store import write_contracts
from yinhe.kernel.dates import days_from_date
from yinhe.ledger.accounts import openings
from yinhe.ledger.batch import columns_of
from yinhe.ledger.columns import AMOUNT_MAX
from yinhe.ledger.engine import EngineSettings
from yinhe.ledger.ledger import Ledger
from yinhe.ledger.outcomes import Outcome
from yinhe.products.catalogue_store import approve, check, draft, publish, set_rate
from yinhe.products.findings import Refused
from yinhe.storage.connection import unit_schema

_OPENED: Final = days_from_date(date(2025, 12, 21))
_FIRST_NIGHT: Final = days_from_date(date(2026, 3, 18))
_CNY: Final = 156
_AT_ONCE: Final = 1_000_000

_HEAD: Final = """
[product]
code = "{code}"
number = {number}
version = 1
english = "{code}"
chinese = "{code}"
currency = "CNY"
effective = 2025-12-21

[[parts]]
part = "ledger.deposit"
"""
_BY_DAY: Final = """
[[parts]]
part = "term.open_ended"
[[parts]]
part = "accrual.accumulated_balance"
[[parts]]
part = "settlement.quarterly"
"""
_PRODUCTS: Final = (
    ("demand", 0.5, _BY_DAY + '[[parts]]\npart = "interest.flat"\nrate = "board:demand"\n'),
    (
        "tiered",
        0.2,
        _BY_DAY + '[[parts]]\npart = "interest.tiered_slice"\ntiers = [{at_least = "0.00 CNY", rate = "0.05%"}, '
        '{at_least = "50,000.00 CNY", rate = "0.25%"}, {at_least = "500,000.00 CNY", rate = "0.65%"}]\n',
    ),
    (
        "agreement",
        0.1,
        _BY_DAY + '[[parts]]\npart = "interest.agreement"\nthreshold = "100,000.00 CNY"\nbase = "board:demand"\n'
        'agreed = "board:demand + 15bp"\n',
    ),
    (
        "tiered_whole",
        0.1,
        _BY_DAY + '[[parts]]\npart = "interest.tiered_whole"\ntiers = [{at_least = "0.00 CNY", rate = "0.05%"}, '
        '{at_least = "10,000.00 CNY", rate = "0.1%"}]\n',
    ),
    (
        "time",
        0.1,
        """
[[parts]]
part = "term.fixed"
offered = ["1 year"]
[[parts]]
part = "accrual.transaction"
[[parts]]
part = "settlement.at_maturity"
[[parts]]
part = "interest.by_term"
rates = [{term = "1 year", rate = "0.95%"}]
[[parts]]
part = "renewal.none"
after = "board:demand"
[[parts]]
part = "early_withdrawal.at_rate"
rate = "board:demand"
""",
    ),
)
"""Code, share of the contracts, parts."""


@contextmanager
def open_bank(
    home: Path, count: int, progress: Callable[[str], None], contracts_each: int | None = None
) -> Generator[DepositBank]:
    """A bank of `count` contracts that are opened on 18 March, at the beginning of that day.

    With `contracts_each` the first so many are party 1's, the next party 2's, and so on; else nobody's in particular.
    """
    with Ledger.open(home, business_date=_OPENED, settings=EngineSettings(identities=1 << 23)) as ledger:

        def connect() -> psycopg.Connection:
            return ledger.database.connect(application_name="yinhe bench", schema=unit_schema(1))

        with connect() as session:
            versions = _publish(session)
            ledger.roll_date(_FIRST_NIGHT)
            _open_contracts(ledger, session, versions, count, progress, contracts_each)
        progress(f"{count:,} contracts: indexing, and reading them")
        ledger.settle()
        with connect() as session:
            # A server that has stood for a while has checkpointed, and writes over its old log instead of making room.
            session.execute("CHECKPOINT")
        yield DepositBank(ledger, connect)


def _publish(session: psycopg.Connection) -> list[int]:
    _sound(set_rate(session, "demand", _OPENED, 50_000, _OPENED, "bench"))
    versions: list[int] = []
    for number, (code, _, parts) in enumerate(_PRODUCTS, start=101):
        text = _HEAD.format(code=code, number=number) + parts
        version = _sound(draft(session, text, code, "author", _OPENED))
        for step, actor in ((check, "author"), (approve, "approver"), (publish, "approver")):
            _sound(step(session, f"{code}/1", actor, _OPENED))
        versions.append(version)
    return versions


def _sound(answer: int | Refused | None) -> int:
    if isinstance(answer, Refused):
        raise BenchFailed(str(answer))
    return answer or 0


def _open_contracts(
    ledger: Ledger,
    session: psycopg.Connection,
    versions: list[int],
    count: int,
    progress: Callable[[str], None],
    contracts_each: int | None,
) -> None:
    """Contracts of all products side by side, each with an account and money on it."""
    random = np.random.default_rng(2011)
    bank = openings(1, currency=_CNY, gl_code=1003, floor=-AMOUNT_MAX)
    central = ledger.open_accounts(bank)[0]
    shares = np.array([share for _, share, _ in _PRODUCTS])
    for first in range(0, count, _AT_ONCE):
        some = min(_AT_ONCE, count - first)
        progress(f"{count:,} contracts: opening, {first:,} open")
        kind = random.choice(len(shares), some, p=shares)
        accounts = openings(some, currency=_CNY, gl_code=2011)
        accounts["product"] = kind + 101
        opened = ledger.open_accounts(accounts)
        rows = _rows(first + 1, np.array(versions, np.int32)[kind], opened, kind == len(_PRODUCTS) - 1)
        holders = ["bench"] * some
        if contracts_each is not None:
            holders = [str(number) for number in ((rows["contract"] - 1) // contracts_each + 1).tolist()]
        with session.transaction():
            write_contracts(session, rows, holders)
        hi, lo = ledger.ids.take(some)
        amounts = random.integers(1_000_00, 600_000_00, some)
        batch = columns_of(
            txn_hi=hi, txn_lo=lo, debit=np.full(some, central), credit=rows["account"], amount_minor=amounts
        )
        if (ledger.submit_columns(batch).result().outcome != Outcome.POSTED).any():
            raise BenchFailed("Money could not be put on the accounts.")


def _rows(first: int, versions: NDArray[np.int32], accounts: range, is_time: NDArray[np.bool_]) -> NDArray[np.void]:
    rows = np.zeros(len(versions), CONTRACT)
    rows["contract"] = np.arange(first, first + len(rows))
    rows["account"] = np.arange(accounts.start, accounts.stop)
    rows["version"], rows["flags"] = versions, int(ContractFlag.OPEN)
    for name in ("opened", "start", "through", "settled", "active"):
        rows[name] = _FIRST_NIGHT
    rows["rate"] = np.where(is_time, 950_000, NO_RATE)
    rows["months"] = np.where(is_time, 12, 0)
    rows["maturity"] = np.where(is_time, _FIRST_NIGHT + 365, 0)
    return rows
