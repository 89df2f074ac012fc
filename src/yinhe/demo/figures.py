"""The figures of a run: plain records, which the command line shows as tables or as one JSON object."""

from datetime import date

import msgspec

from yinhe.ledger.invariants import Checked


class DayFigures(msgspec.Struct, frozen=True):
    """One business day: transfers handed in and what became of them, holds that expired, seconds at work."""

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
    opening_transfers: int
    days: tuple[DayFigures, ...]
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
    """Rows in the journal, those that opened the balances and those that released expired holds included."""
    checked: tuple[Checked, ...]
    """The invariants' verdicts."""
    sound: bool
    seconds: float
    """The whole run, starting the database and compiling the state machine included."""
