"""The committed books of one unit, read from the database alone: an engine may be running, or none.

The journal in the database is complete at every commit; the table of balances is behind it by a bounded lag, and what
it lacks is taken from the journal's newer rows. So every answer here is exact as of one snapshot.
"""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from types import TracebackType
from typing import Any, Final, NamedTuple, Self
from uuid import UUID

import msgspec
import psycopg
from psycopg.pq import TransactionStatus

from yinhe.export.errors import NoSuchAccountError
from yinhe.kernel.account_number import DIGITS, AccountNumber, decode, encode
from yinhe.kernel.dates import days_from_date
from yinhe.ledger.columns import ACCOUNTS_MAX
from yinhe.ledger.errors import UnitUnknown
from yinhe.ledger.history import SEQ_END, History, Page
from yinhe.ledger.tail import TailView
from yinhe.storage.connection import Database, unit_schema
from yinhe.storage.statements import load_statements

FETCH_ROWS: Final = 10_000
"""Rows fetched at a time from a cursor."""


class Holder(msgspec.Struct, frozen=True):
    """The engine that is the unit's one writer."""

    engine: str
    session: int
    place: str
    since: datetime


class Status(msgspec.Struct, frozen=True):
    """A unit at a glance."""

    unit: int
    business_date: date
    opened_at: datetime
    accounts: int
    seq: int
    booked_at: datetime | None
    """When the last commit was booked."""
    segments: int
    segments_sealed: int
    balances_as_of_seq: int
    holds: int
    jobs: dict[str, int]
    """Steps done of each piece of bulk work."""
    holder: Holder | None


class GeneralLedgerLine(msgspec.Struct, frozen=True):
    """The accounts of one currency and general-ledger code; sums in minor units, both positive."""

    currency: int
    gl_code: int
    name: str
    accounts: int
    debit_minor: int
    credit_minor: int


class AccountCard(msgspec.Struct, frozen=True):
    """What is agreed about an account, and how another bank knows it."""

    account: int
    number: str
    currency: int
    gl_code: int
    gl_name: str
    branch: int
    aliases: tuple[str, ...]
    holders: tuple[str, ...]


class OpenedAccount(NamedTuple):
    """One account and the business date it was opened on."""

    account: int
    currency: int
    gl_code: int
    opened: date


class JournalRow(NamedTuple):
    """One row of the journal, with the accounting day it was booked on."""

    seq: int
    txn_id: UUID
    debit: int
    credit: int
    amount_minor: int
    debit_balance_minor: int
    credit_balance_minor: int
    code: int
    flags: int
    value_date: date
    business_date: date
    narrative: str


class Books:
    """One unit's books, open for reading; a context manager that owns its sessions and leaves the database."""

    def __init__(self, database: Database, unit: int, *, owns_database: bool = True) -> None:
        """Connect to a unit that is there; see `yinhe.bootstrap.open_books`."""
        self.unit: Final = unit
        self._database: Final = database
        self._owns_database: Final = owns_database
        self._schema: Final = unit_schema(unit)
        self._sql: Final = load_statements("books")
        self._session: Final = self._connect("yinhe books")
        self._history: Final = History(self._connect)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the sessions and leave the database."""
        self._history.close()
        self._session.close()
        if self._owns_database:
            self._database.close()

    def session(self, what: str) -> psycopg.Connection:
        """Another session in the unit's tables, for readers of what is no part of the ledger; the caller closes it."""
        return self._connect(f"yinhe {what}")

    def _connect(self, application_name: str) -> psycopg.Connection:
        return self._database.connect(application_name=application_name, schema=self._schema)

    def _one(self, name: str, given: dict[str, Any] | None = None) -> tuple[Any, ...] | None:
        return self._session.execute(self._sql[name], given).fetchone()

    def _all(self, name: str, given: dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
        return self._session.execute(self._sql[name], given).fetchall()

    def business_date(self) -> int:
        """The unit's accounting day, in days since 1970-01-01."""
        return days_from_date(self._unit()[0])

    def _unit(self) -> tuple[date, datetime]:
        """The unit's business date, and when it was opened."""
        found = self._one("unit")
        if found is None:
            raise UnitUnknown(f"The tables of unit {self.unit} are there, but the unit is not.")
        return found[0], found[1]

    def status(self) -> Status:
        """The unit at a glance, and who serves it."""
        with self.snapshot():
            business_date, opened_at = self._unit()
            seq, booked_at = self._one("last_batch") or (0, None)
            segments, sealed = self._one("segments_count") or (0, 0)
            holder = self._session.execute(load_statements("ledger")["lock_holder"]).fetchone()
            return Status(
                unit=self.unit,
                business_date=business_date,
                opened_at=opened_at,
                accounts=(self._one("accounts_count") or (0,))[0],
                seq=seq,
                booked_at=booked_at,
                segments=segments,
                segments_sealed=sealed,
                balances_as_of_seq=(self._one("balances_as_of") or (0,))[0],
                holds=(self._one("holds_count") or (0,))[0],
                jobs=dict(self._all("jobs")),
                holder=None if holder is None else Holder(str(holder[1]), int(holder[0]), str(holder[2]), holder[3]),
            )

    def trial_balance(self) -> tuple[GeneralLedgerLine, ...]:
        """One line for each currency and general-ledger code in use, in that order; each currency sums to zero."""
        return tuple(
            GeneralLedgerLine(currency, gl_code, name, accounts, int(debit), int(credit))
            for currency, gl_code, name, accounts, debit, credit in self._all("trial_balance")
        )

    def find_account(self, text: str) -> int:
        """The index of an account given by index, by 16-digit number, or by another bank's number (`berka:576`).

        Raises NoSuchAccountError, or ParseError for a number that was not typed right.
        """
        source, colon, source_account = text.partition(":")
        if colon:
            found = self._one("alias", {"source": source, "source_account": source_account})
            if found is None:
                raise NoSuchAccountError(f"No account of unit {self.unit} is known as {text!r}.")
            return int(found[0])
        if text.isascii() and text.isdigit() and len(text) < DIGITS:
            return int(text)
        number = decode(text)
        if number.unit != self.unit:
            raise NoSuchAccountError(
                f"Account {number} is in unit {number.unit}, not {self.unit}; ask with --unit {number.unit}."
            )
        return number.index

    def account(self, index: int) -> AccountCard:
        """What is agreed about an account. Raises NoSuchAccountError."""
        found = self._one("account", {"account": index}) if 0 < index < ACCOUNTS_MAX else None
        if found is None or not found[3]:
            count = (self._one("accounts_count") or (0,))[0]
            has = f"it has accounts 1 to {count}" if count else "it has no account yet"
            raise NoSuchAccountError(f"There is no account {index} in unit {self.unit}; {has}.")
        currency, gl_code, branch, _, gl_name = found
        key = {"account": index}
        return AccountCard(
            account=index,
            number=encode(AccountNumber(self.unit, index)),
            currency=currency,
            gl_code=gl_code,
            gl_name=gl_name,
            branch=branch,
            aliases=tuple(f"{source}:{number}" for source, number in self._all("aliases", key)),
            holders=tuple(f"{role} {source}:{client}" for source, client, role in self._all("holders", key)),
        )

    def statement(self, index: int, *, before_seq: int = SEQ_END, limit: int = 100) -> Page:
        """An account's lines, newest first, with the balance after each; ValueError for a limit out of bounds."""
        # To a reader without an engine everything is in the database: its tail is empty, and begins after all.
        return self._history.page(TailView(SEQ_END, ()), index, before_seq, limit)

    def transfer_codes(self) -> dict[int, str]:
        """What transfer codes mean in this unit, where it was noted."""
        return dict(self._all("transfer_codes"))

    @contextmanager
    def snapshot(self) -> Generator[None]:
        """Everything read inside is as of one moment; a snapshot inside another is the same one."""
        if self._session.info.transaction_status is not TransactionStatus.IDLE:
            yield
            return
        with self._session.transaction():
            self._session.execute(load_statements("server")["one_snapshot"])
            yield

    def accounts(self) -> Iterator[OpenedAccount]:
        """Every account in order, streamed; inside a `snapshot`."""
        return map(OpenedAccount._make, self._stream("accounts_opened", {}))

    def journal(self) -> Iterator[JournalRow]:
        """Every row of the journal in order, streamed segment by segment; inside a `snapshot`."""
        for first_seq, end_seq in self._all("segments"):
            yield from map(JournalRow._make, self._stream("journal_rows", {"first_seq": first_seq, "end_seq": end_seq}))

    def _stream(self, name: str, given: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
        with self._session.cursor(name) as cursor:
            cursor.itersize = FETCH_ROWS
            yield from cursor.execute(self._sql[name], given)
