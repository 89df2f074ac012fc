"""Posts a planned book into a unit's ledger, day by day, and checks every row of the source against what was booked.

It may be stopped anywhere and run again. The request that opens the accounts and every transfer have ids that depend on
the source alone, and each step's checkpoint commits with its postings, so nothing is done twice.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from hashlib import sha256
from itertools import pairwise
from typing import Final, TypeVar

import msgspec
import numpy as np
import psycopg
from numpy.typing import NDArray

from yinhe.kernel.currency import currency
from yinhe.kernel.dates import date_from_days
from yinhe.ledger.accounts import OPENING, OpenAccounts, RollDate, openings
from yinhe.ledger.batch import columns_of
from yinhe.ledger.columns import AMOUNT_MAX
from yinhe.ledger.errors import RetrySameId
from yinhe.ledger.ledger import WAIT_SECONDS, Ledger
from yinhe.ledger.outcomes import ACCOUNT_REASONS, REASONS, AccountOutcome, Outcome
from yinhe.ledger.store import Checkpoint
from yinhe.migration.berka.chart import LedgerAccount, TransferReason
from yinhe.migration.berka.identity import opening_id
from yinhe.migration.berka.plan import MigrationPlan, PostingRows
from yinhe.migration.berka.records import Book
from yinhe.migration.errors import MigrationError
from yinhe.products.naming import names_of, note_names
from yinhe.storage.connection import unit_schema
from yinhe.storage.statements import load_statements

SOURCE: Final = "berka"
"""The source's name in the tables of aliases and holders, and the name of the posting's checkpoint."""

CURRENCY: Final = currency("CZK")

STEP_ROWS_MAX: Final = 4_000
"""Most rows posted in one step; a step never spans two business dates."""

Watch = Callable[[str, int, int], None]
"""Hears how far a stage has come: its name, what is done, and of how many."""

T = TypeVar("T")


class Step(msgspec.Struct, frozen=True):
    """The rows `start` to `end` of the plan, all of one business date (days since 1970-01-01); numbered from 1."""

    number: int
    business_date: int
    start: int
    end: int


class BookAccounts(msgspec.Struct, frozen=True, eq=False):
    """Where the book's accounts are in the ledger.

    From index `first` on the customers' by rising account id, then the contra accounts by rising number; `account_ids`
    is int64, `contras` int32, both sorted.
    """

    first: int
    account_ids: NDArray[np.int64]
    contras: NDArray[np.int32]

    def customers(self, account_id: NDArray[np.int64]) -> NDArray[np.int64]:
        """The indexes, int64 of shape (n,), of customers' accounts by account id."""
        return self.first + np.searchsorted(self.account_ids, account_id)

    def general_ledger(self, number: NDArray[np.int32]) -> NDArray[np.int64]:
        """The indexes, int64 of shape (n,), of contra accounts by six-digit number."""
        return self.first + len(self.account_ids) + np.searchsorted(self.contras, number)


def post_book(ledger: Ledger, book: Book, plan: MigrationPlan, watch: Watch) -> BookAccounts:
    """Open the book's accounts, note their holders, and post every row on its own business date.

    Raises MigrationError when the unit has other business or another version of this book, when the ledger refuses
    anything, or when it lost its database; a second run goes on where the first stopped.
    """
    steps = tuple(steps_of(plan.rows))
    with _connect(ledger) as session:
        _claim(ledger, session, _digest(book, plan), steps)
        accounts = _open_accounts(ledger, book, steps)
        _note_names(session, plan, accounts)
    done = ledger.engine.core.checkpoints.get(SOURCE, 0)
    total = len(plan.rows.trans_id)
    for step in steps[done:]:
        watch("Posting", step.start, total)
        _post(ledger, plan.rows, accounts, step)
    watch("Posting", total, total)
    return accounts


def steps_of(rows: PostingRows) -> Iterator[Step]:
    """Cut the plan into steps: at every change of date, and after STEP_ROWS_MAX rows."""
    date = rows.business_date
    starts = [0, *(np.flatnonzero(np.diff(date)) + 1).tolist(), len(date)]
    number = 0
    for first, stop in pairwise(starts):
        for start in range(first, stop, STEP_ROWS_MAX):
            number += 1
            yield Step(number, int(date[start]), start, min(start + STEP_ROWS_MAX, stop))


def day_before(plan: MigrationPlan) -> int:
    """The day before the plan's first, on which a new unit is opened; days since 1970-01-01.

    Raises MigrationError for a plan that posts nothing.
    """
    if not len(plan.rows.business_date):
        raise MigrationError("The book has no transactions; there is nothing to take over.")
    return int(plan.rows.business_date[0]) - 1


def _claim(ledger: Ledger, session: psycopg.Connection, digest: str, steps: tuple[Step, ...]) -> None:
    """Make the unit this book's, or find that it is; refuse a unit that has other business."""
    sql = load_statements("migrated")
    unit = ledger.engine.core.unit
    found = session.execute(sql["book_read"], {"source": SOURCE}).fetchone()
    if found is not None:
        if found != (digest,):
            raise MigrationError(
                f"Unit {unit} holds another version of this book. Migrate this one into a new unit (--unit), "
                f"or go on with the files the unit was begun with."
            )
        return
    if ledger.committed_seq:
        raise MigrationError(
            f"Unit {unit} has business of its own, up to seq {ledger.committed_seq:,}. "
            f"Migrate into a new unit (--unit): its days begin where the book's do."
        )
    if steps and ledger.business_date > steps[0].business_date:
        raise MigrationError(
            f"Unit {unit} was opened on {date_from_days(ledger.business_date)}, after the book's first day "
            f"{date_from_days(steps[0].business_date)}. Migrate into a new unit (--unit): it is opened on that day."
        )
    session.execute(sql["book_note"], {"source": SOURCE, "sha256": digest})


def _open_accounts(ledger: Ledger, book: Book, steps: tuple[Step, ...]) -> BookAccounts:
    """Open all accounts in one command: the request's id and content depend on the book alone."""
    customers = sorted(book.accounts, key=lambda account: account.account_id)
    contras = sorted(member.number for member in LedgerAccount if member is not LedgerAccount.CUSTOMER_DEPOSITS)
    # The source lets accounts go below zero without a limit, and a bank's own accounts have none.
    rows = np.zeros(len(customers) + len(contras), OPENING)
    rows[:] = openings(1, currency=CURRENCY.number, gl_code=LedgerAccount.CUSTOMER_DEPOSITS.number, floor=-AMOUNT_MAX)
    rows["branch"][: len(customers)] = [account.district_id for account in customers]
    rows["gl_code"][len(customers) :] = contras
    answer = _await(ledger.engine.command(OpenAccounts(opening_id(steps[0].business_date), rows)), "The accounts")
    if answer.outcome not in (AccountOutcome.DONE, AccountOutcome.DUPLICATE):
        raise MigrationError(f"The accounts were not opened: {ACCOUNT_REASONS[answer.outcome].english}.")
    account_ids = np.array([account.account_id for account in customers], np.int64)
    return BookAccounts(answer.account, account_ids, np.array(contras, np.int32))


def _note_names(session: psycopg.Connection, plan: MigrationPlan, accounts: BookAccounts) -> None:
    """Note the source's account numbers, who may use the accounts, and what codes mean; all at once or nothing."""
    sql = load_statements("migrated")
    indexes = dict(zip(accounts.account_ids.tolist(), accounts.customers(accounts.account_ids).tolist(), strict=True))
    holders = [(indexes[holder.account_id], str(holder.owner_client_id), "owner") for holder in plan.holders]
    holders += [
        (indexes[holder.account_id], str(client), "disponent")
        for holder in plan.holders
        for client in holder.disponent_client_ids
    ]
    held, clients, roles = (list(column) for column in zip(*holders, strict=True))
    aliases = {"source_accounts": [str(account) for account in indexes], "accounts": list(indexes.values())}
    with session.transaction():
        session.execute(sql["aliases_write"], {"source": SOURCE, **aliases})
        given = {"accounts": held, "clients": clients, "roles": roles}
        session.execute(sql["holders_write"], {"source": SOURCE, **given})
        sub_accounts = {account.number: (account.english, account.chinese) for account in LedgerAccount}
        note_names(session, names_of(TransferReason), sub_accounts)


def _post(ledger: Ledger, rows: PostingRows, accounts: BookAccounts, step: Step) -> None:
    """Move the unit to the step's date if it is not there yet, and post the step with its checkpoint."""
    day = date_from_days(step.business_date)
    if ledger.business_date < step.business_date:
        _await(ledger.engine.command(RollDate(ledger.ids.next(), step.business_date)), f"The roll to {day}")
    if ledger.business_date != step.business_date:
        raise MigrationError(
            f"The unit is at {date_from_days(ledger.business_date)}, but the book goes on at {day}: "
            f"somebody moved its date since the migration was begun."
        )
    part = slice(step.start, step.end)
    customer, contra = accounts.customers(rows.account_id[part]), accounts.general_ledger(rows.contra[part])
    is_credit = rows.is_credit[part]
    batch = columns_of(
        txn_hi=rows.id_hi[part],
        txn_lo=rows.id_lo[part],
        debit=np.where(is_credit, contra, customer),
        credit=np.where(is_credit, customer, contra),
        amount_minor=rows.amount_minor[part],
        code=rows.transfer_code[part],
        value_date=rows.business_date[part],
    )
    answers = _await(ledger.submit_columns(batch, Checkpoint(SOURCE, step.number)), f"The transactions of {day}")
    refused = np.flatnonzero((answers.outcome != Outcome.POSTED) & (answers.outcome != Outcome.DUPLICATE))
    if len(refused):
        reason = REASONS[Outcome(int(answers.outcome[refused[0]]))].english
        trans_id = rows.trans_id[part][refused[0]]
        raise MigrationError(
            f"The ledger refused {len(refused)} rows of {day}, first transaction {trans_id}: {reason}."
        )


def _await(answer: Future[T], what: str) -> T:
    try:
        return answer.result(WAIT_SECONDS)
    except RetrySameId as error:
        raise MigrationError(
            f"{what}: the ledger lost its database before it could answer. "
            f"Run the same command again; it goes on where it stopped."
        ) from error


def _connect(ledger: Ledger) -> psycopg.Connection:
    schema = unit_schema(ledger.engine.core.unit)
    return ledger.database.connect(application_name="yinhe migrate", schema=schema)


def _digest(book: Book, plan: MigrationPlan) -> str:
    """A digest of all that is posted and noted: accounts, holders and every column of the plan, in order."""
    digest = sha256(msgspec.json.encode(sorted(book.accounts, key=lambda account: account.account_id)))
    digest.update(msgspec.json.encode(sorted(plan.holders, key=lambda holder: holder.account_id)))
    for name in PostingRows.__slots__:
        digest.update(np.ascontiguousarray(getattr(plan.rows, name)).tobytes())
    return digest.hexdigest()
