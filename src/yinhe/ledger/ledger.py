"""The ledger as a library: open it, hand in transfers one by one or by the million, ask what is and what was.

with Ledger.open() as ledger:
ada, bob = ledger.open_accounts(openings(2, currency=156, gl_code=2011, floor=-100_00))
print(ledger.transfer(debit=ada, credit=bob, amount_minor=25_00))
"""

import os
import socket
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from uuid import UUID

import msgspec
import numpy as np
import psycopg
from numpy.typing import NDArray

from yinhe.kernel.clock import Clock, SystemClock
from yinhe.kernel.ids import IdSource, derived, split
from yinhe.ledger.accounts import (
    AccountAnswer,
    AccountCommand,
    CloseAccount,
    OpenAccounts,
    RollDate,
    SetBlocks,
    SetLimits,
)
from yinhe.ledger.batch import NO_FLAGS, Flag, Transfer, rows_of
from yinhe.ledger.columns import AccountFlag
from yinhe.ledger.effects import take_back_balances
from yinhe.ledger.engine import Engine, EngineSettings
from yinhe.ledger.errors import LedgerFault, RetrySameId
from yinhe.ledger.history import SEQ_END, History, Page
from yinhe.ledger.memory import ROW, Answers
from yinhe.ledger.outcomes import ACCOUNT_REASONS, REASONS, AccountOutcome, Outcome, Reason
from yinhe.ledger.postgres import PostgresStore
from yinhe.ledger.store import Checkpoint, Detail
from yinhe.ledger.trial_balance import TrialBalanceLine, trial_balance
from yinhe.storage.connection import Database, SchemaName, open_database, unit_schema
from yinhe.storage.errors import DatabaseUnreachable
from yinhe.storage.migrate import load_migrations, migrate
from yinhe.storage.statements import load_statements

SEGMENT_ROWS: Final = 1 << 20
"""Rows of a journal segment, unless a unit is opened with another number."""
WAIT_SECONDS: Final = 660.0
"""Longest a blocking call waits for its answer: more than the engine takes to give up on a lost database."""
SETTLE_SECONDS: Final = 600.0
"""Longest `Ledger.settle` waits."""


class Answer(msgspec.Struct, frozen=True):
    """What became of one transfer; amounts and balances (minor units) are those of its journal row, 0 when refused."""

    outcome: Outcome
    txn_id: UUID
    leg: int = 0
    seq: int = 0
    amount_minor: int = 0
    debit_balance_minor: int = 0
    credit_balance_minor: int = 0

    @property
    def posted(self) -> bool:
        """Whether the books hold it: posted now, or under this id before."""
        return self.outcome in (Outcome.POSTED, Outcome.DUPLICATE)

    @property
    def reason(self) -> Reason:
        """The outcome in words."""
        return REASONS[self.outcome]


class Account(msgspec.Struct, frozen=True):
    """One account as it is now; amounts in minor units, dates in days since 1970-01-01."""

    index: int
    balance_minor: int
    held_minor: int
    floor_minor: int
    ceiling_minor: int
    limit_daily_minor: int
    turnover_minor: int
    turnover_date: int
    currency: int
    flags: AccountFlag
    gl_code: int
    product: int
    branch: int
    last_seq: int

    @property
    def available_minor(self) -> int:
        """What may be debited: balance less held less floor."""
        return self.balance_minor - self.held_minor - self.floor_minor


class Refused(LedgerFault):
    """An account command was refused."""

    def __init__(self, answer: AccountAnswer, words: str) -> None:
        super().__init__(words)
        self.answer: Final = answer


class Ledger:
    """One unit's ledger, running."""

    def __init__(self, database: Database, schema: SchemaName, clock: Clock, settings: EngineSettings) -> None:
        """Use `Ledger.open`."""
        self.database: Final = database
        self.clock: Final = clock
        self.ids: Final = IdSource(clock, None)
        self._schema: Final = schema
        store = PostgresStore(self.connect, f"{socket.gethostname()}:{os.getpid()}")
        self.engine: Final = Engine(store, clock, self.ids, settings)
        self._history: Final = History(self.connect)

    @classmethod
    def open(
        cls,
        home: Path,
        url: str | None = None,
        *,
        unit: int = 1,
        business_date: int | None = None,
        segment_rows: int = SEGMENT_ROWS,
        clock: Clock | None = None,
        settings: EngineSettings | None = None,
    ) -> Self:
        """Open a unit, on the embedded server in `home` or the server at `url`; a unit that is not there is made.

        A new unit starts on `business_date` (days since 1970-01-01; today in UTC without it). Raises UnitTaken when
        another engine serves the unit, BooksCorrupt, or a fault of storage.
        """
        clock = clock or SystemClock()
        schema = unit_schema(unit)
        database = open_database(home, url)
        try:
            today = clock.now_us() // 86_400_000_000
            open_unit(database, unit, today if business_date is None else business_date, segment_rows, clock)
            ledger = cls(database, schema, clock, settings or EngineSettings())
            ledger.engine.start()
        except BaseException:
            database.close()
            raise
        return ledger

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def settle(self, seconds_max: float = SETTLE_SECONDS) -> None:
        """Wait until every full segment is indexed and every balance is written; the ledger goes on meanwhile."""
        self.engine.settle(seconds_max)

    def close(self) -> None:
        """Finish what was accepted, write the balances, leave the database."""
        self.engine.close()
        self._history.close()
        self.database.close()

    def connect(self, application_name: str) -> psycopg.Connection:
        """Open a session of the unit, in autocommit. Raises DatabaseUnreachable, ServerDidNotStart."""
        try:
            return self.database.connect(application_name=application_name, schema=self._schema)
        except DatabaseUnreachable:
            if self.database.server is None:
                raise
            # The embedded server died: whoever finds it down starts it again.
            self.database.server.start()
            return self.database.connect(application_name=application_name, schema=self._schema)

    # --- posting

    def transfer(
        self,
        *,
        debit: int,
        credit: int,
        amount_minor: int,
        txn_id: UUID | None = None,
        code: int = 0,
        flags: Flag = NO_FLAGS,
        value_date: int | None = None,
        reference: int = 0,
        detail: Detail | None = None,
    ) -> Answer:
        """Post one transfer and wait until it is durable; without a `txn_id` it gets a new one."""
        one = Transfer(
            txn_id=txn_id or self.ids.next(),
            debit=debit,
            credit=credit,
            amount_minor=amount_minor,
            code=code,
            flags=flags,
            value_date=value_date,
            reference=reference,
        )
        return self.post([one], () if detail is None else (detail,))[0]

    def post(self, transfers: Sequence[Transfer], details: tuple[Detail, ...] = ()) -> tuple[Answer, ...]:
        """Post whole transactions in order and wait until they are durable; one answer a transfer."""
        answers = self.submit(transfers, details).result(WAIT_SECONDS)
        return self.answers_of(transfers, answers)

    def submit(self, transfers: Sequence[Transfer], details: tuple[Detail, ...] = ()) -> Future[Answers]:
        """Hand whole transactions in without waiting."""
        return self.engine.submit(rows_of(transfers), details)

    def preview(self, transfers: Sequence[Transfer], opening: NDArray[np.void] | None = None) -> tuple[Outcome, ...]:
        """What `post` would answer at this moment, one outcome a transfer, at most PREVIEW_MAX; nothing is kept of it.

        `opening` (dtype OPENING): accounts that would be opened first; in a transfer TO_OPEN is the first of them.
        """
        return tuple(Outcome(outcome) for outcome in self.engine.preview(rows_of(transfers), opening).tolist())

    def submit_columns(self, batch: NDArray[np.void], checkpoint: Checkpoint | None = None) -> Future[Answers]:
        """Hand in columns of any length (`columns_of`), without waiting; transactions are never cut in two.

        Large batches are committed piece by piece, in order; the answers come when the last piece is durable. What is
        handed in meanwhile may be decided between the pieces: wait for the answers where the order matters.
        """
        return self.engine.submit(batch, (), checkpoint)

    def answers_of(self, transfers: Sequence[Transfer], answers: Answers) -> tuple[Answer, ...]:
        """Answers with the amounts and balances of their journal rows."""
        view = self.engine.core.tail.view()
        found: list[Answer] = []
        for transfer, outcome, seq in zip(transfers, answers.outcome.tolist(), answers.seq.tolist(), strict=True):
            answer = Answer(Outcome(outcome), transfer.txn_id, transfer.leg)
            if seq:
                rows = view.range(seq, 1) if seq >= view.first_seq else self.transaction(transfer.txn_id)
                row = rows[rows["seq"] == seq][0]
                answer = Answer(
                    Outcome(outcome),
                    transfer.txn_id,
                    transfer.leg,
                    seq,
                    int(row["amount"]),
                    int(row["debit_balance"]),
                    int(row["credit_balance"]),
                )
            found.append(answer)
        return tuple(found)

    def hold(
        self,
        *,
        debit: int,
        credit: int,
        amount_minor: int,
        expires_at: int = 0,
        txn_id: UUID | None = None,
        code: int = 0,
    ) -> Answer:
        """Hold money on `debit` for a later post to `credit`; the answer's seq is the hold's number.

        `expires_at` is in microseconds since 1970-01-01, 0 for a hold without end.
        """
        return self.transfer(
            debit=debit,
            credit=credit,
            amount_minor=amount_minor,
            txn_id=txn_id,
            code=code,
            flags=Flag.PENDING,
            reference=expires_at,
        )

    def reversal_of(self, txn_id: UUID) -> tuple[Transfer, ...]:
        """The transaction that takes back another one: each leg the other way round, the last first.

        Its id is made of the id it takes back (`reversal_id`), so that however often and by however many a transaction
        is reversed, it is reversed once: the second answer is DUPLICATE. Raises LookupError when there is no such
        transaction, ValueError when it places or releases a hold.
        """
        rows = self.transaction(txn_id)
        if not len(rows):
            raise LookupError(f"There is no transaction {txn_id}.")
        if (rows["flags"] & np.uint16(Flag.PENDING | Flag.VOID)).any():
            raise ValueError(f"Transaction {txn_id} places or releases a hold; void the hold instead.")
        last = len(rows) - 1
        return tuple(
            Transfer(
                txn_id=reversal_id(txn_id),
                debit=int(row["credit"]),
                credit=int(row["debit"]),
                amount_minor=int(row["amount"]),
                code=int(row["code"]),
                flags=Flag.REVERSAL | (Flag.LINKED if leg < last else NO_FLAGS),
                value_date=int(row["value_date"]),
                reference=int(row["seq"]),
                leg=leg,
            )
            for leg, row in enumerate(rows[::-1])
        )

    # --- accounts

    def command(self, command: AccountCommand) -> AccountAnswer:
        """Carry out an account command and wait until it is durable."""
        return self.engine.command(command).result(WAIT_SECONDS)

    def open_accounts(self, accounts: NDArray[np.void], request_id: UUID | None = None) -> range:
        """Open accounts (dtype OPENING, see `openings`); their indexes. Raises Refused."""
        answer = self.command(OpenAccounts(request_id or self.ids.next(), accounts))
        self._require(answer, "The accounts were not opened")
        return range(answer.account, answer.account + len(accounts))

    def set_limits(self, account: int, *, floor: int, ceiling: int, limit_daily: int) -> None:
        """Set an account's floor, ceiling and daily limit, in minor units. Raises Refused."""
        answer = self.command(SetLimits(self.ids.next(), account, floor, ceiling, limit_daily))
        self._require(answer, f"The limits of account {account} were not set")

    def block(self, account: int, *, debit: bool, credit: bool) -> None:
        """Block or free an account's debits and credits. Raises Refused."""
        self._require(
            self.command(SetBlocks(self.ids.next(), account, debit, credit)), f"Account {account} is as it was"
        )

    def close_account(self, account: int) -> None:
        """Close an account with nothing on it. Raises Refused."""
        self._require(self.command(CloseAccount(self.ids.next(), account)), f"Account {account} was not closed")

    def roll_date(self, business_date: int) -> None:
        """Move the unit to a later business date, in days since 1970-01-01. Raises Refused."""
        self._require(self.command(RollDate(self.ids.next(), business_date)), "The business date was not moved")

    def _require(self, answer: AccountAnswer, what: str) -> None:
        if answer.outcome not in (AccountOutcome.DONE, AccountOutcome.DUPLICATE):
            raise Refused(answer, f"{what}: {ACCOUNT_REASONS[answer.outcome].english}.")

    # --- reading

    @property
    def business_date(self) -> int:
        """The unit's accounting day, in days since 1970-01-01."""
        return self.engine.core.business_date

    @property
    def committed_seq(self) -> int:
        """The last durable seq."""
        return self.engine.core.committed_seq

    def account(self, index: int) -> Account:
        """An account as the engine has decided it, the transfers of the last milliseconds, not yet durable, included.

        Raises LookupError when there is none.
        """
        with self.engine.memory:
            columns = self.engine.core.columns
            if not 0 < index < columns.count:
                raise LookupError(f"There is no account {index}; the unit has accounts 1 to {columns.count - 1}.")
            line = columns.line[index].copy()
        names = ("balance", "held", "floor", "ceiling", "limit_daily", "turnover")
        return Account(
            index,
            *(int(line[name]) for name in names),
            turnover_date=int(line["turnover_date"]),
            currency=int(line["currency"]),
            flags=AccountFlag(int(line["flags"]) & ~int(AccountFlag.DIRTY)),
            gl_code=int(columns.gl_code[index]),
            product=int(columns.product[index]),
            branch=int(columns.branch[index]),
            last_seq=int(line["last_seq"]),
        )

    def accounts(self, indexes: Sequence[int]) -> tuple[Account, ...]:
        """Some accounts as the engine has decided them, all at one moment. Raises LookupError when one is not there."""
        places = np.array(indexes, np.int64)
        with self.engine.memory:
            columns = self.engine.core.columns
            wrong = places[(places <= 0) | (places >= columns.count)]
            if len(wrong):
                raise LookupError(f"There is no account {wrong[0]}; the unit has accounts 1 to {columns.count - 1}.")
            lines = columns.line[places]
            beside = [column[places].tolist() for column in (columns.gl_code, columns.product, columns.branch)]
        names = ("balance", "held", "floor", "ceiling", "limit_daily", "turnover", "turnover_date", "currency")
        agreed = zip(places.tolist(), *(lines[name].tolist() for name in names), strict=True)
        flags = (AccountFlag(flag & ~int(AccountFlag.DIRTY)) for flag in lines["flags"].tolist())
        rest = zip(flags, *beside, lines["last_seq"].tolist(), strict=True)
        return tuple(Account(*before, *after) for before, after in zip(agreed, rest, strict=True))

    def history(self, account: int, *, before_seq: int = SEQ_END, limit: int = 100) -> Page:
        """An account's statement, newest first, with the balance after each line."""
        return self._history.page(self.engine.core.tail.view(), account, before_seq, limit)

    def balance_at(self, account: int, seq: int) -> int:
        """An account's balance after everything up to and including `seq`, in minor units."""
        return self._history.balance_at(self.engine.core.tail.view(), account, seq)

    def balance_at_time(self, account: int, time_us: int) -> int:
        """An account's balance at a time (microseconds since 1970-01-01), in minor units."""
        return self.balance_at(account, self._history.seq_at_time(time_us))

    def balance_at_date(self, account: int, business_date: int) -> int:
        """An account's balance at the end of a business date (days since 1970-01-01), in minor units."""
        return self.balance_at(account, self._history.seq_at_date(business_date))

    def seq_at_date(self, business_date: int) -> int:
        """The last seq booked on or before a business date (days since 1970-01-01), 0 before all."""
        return self._history.seq_at_date(business_date)

    def balances_at(self, seq: int) -> NDArray[np.int64]:
        """Every account's balance after everything up to and including `seq`: minor units by account index, int64[n].

        Memory is copied and what came after `seq` is taken back, so a recent seq costs a copy. Raises RetrySameId when
        the database was lost in between.
        """
        with self.engine.memory:
            columns = self.engine.core.columns
            balances = columns.line["balance"][: columns.count].copy()
            decided = self.engine.core.next_seq - 1
        if not self.engine.await_durable(decided, WAIT_SECONDS):
            raise RetrySameId
        take_back_balances(balances, self.rows_between(seq + 1, decided + 1))
        return balances

    def holds_of(self, account: int, after: int = 0, limit: int = 100) -> NDArray[np.void]:
        """The first open holds of an account with numbers above `after`, at most `limit`, by number; dtype HOLD."""
        seqs = [seq for seq in self.engine.core.holds_of(account) if seq > after]
        with self.engine.memory:
            return self.engine.core.open_holds(seqs[:limit])

    def holds_overdue(self, seconds: int) -> int:
        """How many holds have been past their time for more than `seconds` and are still open."""
        with self.engine.memory:
            return self.engine.core.holds_overdue(self.clock.now_us() - seconds * 1_000_000)

    def touched_since(self, seq: int) -> NDArray[np.bool_]:
        """Which accounts a row after `seq` has touched: by account index, bool[n]."""
        with self.engine.memory:
            columns = self.engine.core.columns
            return columns.line["last_seq"][: columns.count] > seq

    def rows_between(self, first_seq: int, end_seq: int, *, valued_before: int | None = None) -> NDArray[np.void]:
        """The journal rows from `first_seq` to before `end_seq`, in order; dtype ROW.

        `valued_before`: only those whose value date the caller named, and before this one (days since 1970-01-01).
        """
        return self._history.rows_between(self.engine.core.tail.view(), first_seq, end_seq, valued_before=valued_before)

    def known(self, txn_id: UUID) -> NDArray[np.void]:
        """As `transaction`, but an id that memory is certain of is not asked of the database."""
        hi, lo = (np.array([half], np.uint64) for half in split(txn_id))
        with self.engine.memory:
            seqs, certain = self.engine.core.known_seqs(hi, lo)
        return np.zeros(0, ROW) if certain[0] and not seqs[0] else self.transaction(txn_id)

    def transaction(self, txn_id: UUID) -> NDArray[np.void]:
        """The journal rows of a transaction, by leg; empty when there is none; dtype ROW."""
        return self._history.transaction(self.engine.core.tail.view(), txn_id)

    def detail(self, txn_id: UUID) -> Detail | None:
        """Who, through what and in which words, where that was kept."""
        return self._history.detail(txn_id)

    def feed(self, after_seq: int, limit: int = 10_000) -> NDArray[np.void]:
        """The journal in order after a seq: everything ever posted, once; dtype ROW."""
        return self._history.feed(self.engine.core.tail.view(), after_seq, limit)

    def trial_balance(self) -> tuple[TrialBalanceLine, ...]:
        """Balances summed by currency, general-ledger code and branch; each currency sums to zero."""
        with self.engine.memory:
            return trial_balance(self.engine.core.columns)


def reversal_id(txn_id: UUID) -> UUID:
    """The id of the transaction that takes `txn_id` back."""
    return derived(txn_id, "reversal")


def open_unit(database: Database, unit: int, business_date: int, segment_rows: int, clock: Clock) -> None:
    """Bring the unit's schema up to date and write its row if it has none; raises SchemaTooNew and the like."""
    schema = unit_schema(unit)
    with database.connect(application_name="yinhe open", schema=schema) as session:
        migrate(session, schema, load_migrations())
        given = {"unit": unit, "business_date": business_date, "segment_rows": segment_rows}
        session.execute(load_statements("ledger")["unit_open"], {**given, "opened_at": clock.now_us()})
