"""The figures of a run: plain records, which the command line shows as tables or as one JSON object."""

from datetime import date

import msgspec

from yinhe.closeday.explanation import Explanation
from yinhe.ledger.invariants import Checked


class OrdinaryFigures(msgspec.Struct, frozen=True):
    """The days before the last ones, with little traffic: dates, and as `DayFigures` for all of them together."""

    first: date
    last: date
    days: int
    transfers: int
    posted: int
    duplicates: int
    refused: int
    seconds: float


class DayFigures(msgspec.Struct, frozen=True):
    """One day of full traffic: transfers handed in, what became of them, holds that expired, seconds with its night."""

    business_date: date
    transfers: int
    posted: int
    duplicates: int
    refused: int
    expired: int
    seconds: float


class SpeedFigures(msgspec.Struct, frozen=True):
    """How fast, all of it durable: bulk by columns, online by many small requests; latencies of online requests."""

    bulk_transfers: int
    bulk_seconds: float
    bulk_transfers_per_s: float
    online_requests: int
    online_seconds: float
    online_requests_per_s: float
    threads: int
    in_flight: int
    p50_ms: float
    p99_ms: float


class RefusalFigures(msgspec.Struct, frozen=True):
    """How many transfers were refused for one reason."""

    outcome: str
    english: str
    chinese: str
    count: int


class HoldFigures(msgspec.Struct, frozen=True):
    """What holds went through; of those posted in part the rest was released."""

    placed: int
    posted_whole: int
    posted_part: int
    voided: int
    expired: int
    open: int


class GeneralLedgerFigures(msgspec.Struct, frozen=True):
    """One currency and general-ledger code; sums in minor units, both positive."""

    currency: int
    gl_code: int
    english: str
    chinese: str
    accounts: int
    debit_minor: int
    credit_minor: int
    held_minor: int


class ProductFigures(msgspec.Struct, frozen=True):
    """One product at the end of the last night; amounts in minor units of its currency."""

    product: str
    """The version: `demand/1`."""
    english: str
    chinese: str
    currency: int
    contracts: int
    """Open ones."""
    balance_minor: int
    interest_minor: int
    """What its contracts cost in interest: paid, and accrued and not paid yet."""
    paid_minor: int
    """Interest credited to customers, corrections included."""
    payable_minor: int
    """Accrued and not paid yet."""


class QuarterFigures(msgspec.Struct, frozen=True):
    """The management summary of a quarter: amounts in fen, of contracts in yuan alone; counts of all contracts."""

    first: date
    last: date
    nights: int
    contracts: int
    """Open ones at the end."""
    accrued_minor: int
    paid_minor: int
    settled: int
    """Settlements of interest."""
    corrections: int
    renewed: int
    paid_out: int
    """Contracts paid out at their maturity …"""
    paid_out_minor: int
    """… and the money."""
    fees_minor: int
    swept_out_minor: int
    swept_back_minor: int
    postings: int
    refused: int
    """Postings of the nights that the ledger refused: a standing order without cover, for instance."""
    findings: int
    seconds: float
    """Of its nights."""


class SettlementFigures(msgspec.Struct, frozen=True):
    """The night of a quarter's end: contracts whose interest was settled, in yuan, and how long that step took."""

    business_date: date
    contracts: int
    interest_minor: int
    seconds: float
    contracts_per_s: float
    night_seconds: float


class NightFigures(msgspec.Struct, frozen=True):
    """What the nights cost: each is all steps of the close of a date, every posting durable."""

    nights: int
    seconds: float
    median_ms: int
    slowest_ms: int
    slowest: date
    contract_nights: int
    """Contracts accrued, added up over the nights."""
    contracts_per_s: float
    """Contracts through a whole night in a second."""
    settlements: tuple[SettlementFigures, ...]


class ErrandFigures(msgspec.Struct, frozen=True):
    """What customers came to the counter for: how often it was done, and refused."""

    errand: str
    english: str
    chinese: str
    done: int
    refused: int


class CounterRefusalFigures(msgspec.Struct, frozen=True):
    """A reason that customers were given at the counter, and how often."""

    english: str
    chinese: str
    count: int


class ExplainedFigures(msgspec.Struct, frozen=True):
    """A posting of interest, and how it came about: worked out again from the journal and the products' history."""

    txn_id: str
    contract: int
    account: int
    explanation: Explanation


class StatementLine(msgspec.Struct, frozen=True):
    """One line of a statement; amounts in minor units, a debit negative."""

    business_date: date
    seq: int
    english: str
    chinese: str
    amount_minor: int
    held_minor: int
    balance_minor: int


class StatementFigures(msgspec.Struct, frozen=True):
    """The latest lines of an account, the newest last."""

    account: int
    number: str
    kind: str
    lines: tuple[StatementLine, ...]


class DemoFigures(msgspec.Struct, frozen=True):
    """Everything a run shows."""

    seed: int
    unit: int
    accounts: int
    """Those the bank began with."""
    opening_transfers: int
    ordinary: OrdinaryFigures
    days: tuple[DayFigures, ...]
    quarters: tuple[QuarterFigures, ...]
    products: tuple[ProductFigures, ...]
    nights: NightFigures
    counter: tuple[ErrandFigures, ...]
    counter_refusals: tuple[CounterRefusalFigures, ...]
    explained: ExplainedFigures
    speed: SpeedFigures
    refusals: tuple[RefusalFigures, ...]
    duplicates: int
    reversed: int
    holds: HoldFigures
    accounts_blocked: int
    accounts_closed: int
    closings_refused: int
    trial_balance: tuple[GeneralLedgerFigures, ...]
    out_of_balance_minor: dict[str, int]
    """By currency code, debits less credits; each is 0."""
    statements: tuple[StatementFigures, ...]
    journal_rows: int
    """Rows in the journal: what opened the balances, was handed in, was posted for contracts by day and by night, and
    released expired holds."""
    checked: tuple[Checked, ...]
    """The invariants' verdicts."""
    sound: bool
    seconds: float
    """The whole run, starting the database and compiling the state machine included."""
