"""The past of a unit's deposits, read from the database alone: an engine may be serving the unit meanwhile, or none.

What is asked is what was known at the end of a business date: rows booked by its last seq, versions published and rates
written down by then. Rows of the journal never change, so an answer is the same whenever it is asked.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
import numpy as np
import psycopg
from numpy.typing import NDArray

from yinhe.closeday.facts import JournalDays
from yinhe.closeday.lent import LoanPast, loans_of, read_loan
from yinhe.closeday.rerun import NO_ROWS, KnownPools
from yinhe.closeday.store import NightStore
from yinhe.deposits.changes import Changes, read_changes
from yinhe.deposits.columns import CONTRACT
from yinhe.deposits.events import Event, find
from yinhe.deposits.plans import contract_row
from yinhe.ledger.batch import Flag
from yinhe.ledger.columns import ACCOUNTS_MAX
from yinhe.ledger.history import PAGE_MAX, SEQ_END, History
from yinhe.ledger.tail import TailView
from yinhe.lending import events as loan_events
from yinhe.lending.events import Event as LoanEvent
from yinhe.products.catalogue import Catalogue, load
from yinhe.products.parts.base import Int64Column
from yinhe.storage.statements import load_statements

Connect = Callable[[], psycopg.Connection]
"""Opens a session of the unit, in autocommit."""

ONE_BY_ONE_MAX: Final = 64
"""Up to so many accounts are read by their indexes; more of them by the whole journal of the days."""
READ_ROWS: Final = 1 << 20
"""Journal rows read at a time."""

_NOT_MOVED: Final = np.uint16(Flag.PENDING | Flag.VOID)
_CONTRACT_FIELDS: Final = (
    "contract", "account", "linked", "version", "opened", "start", "maturity", "months", "days", "day_of_month",
    "branch", "region", "tier", "flags", "closed", "rate", "spread", "principal", "kept", "missed",
)  # fmt: skip


class ContractEvent(msgspec.Struct, frozen=True, eq=False):
    """What was done with a contract on a business date, and the contract after it (dtype CONTRACT, shape (1,))."""

    contract: int
    id: UUID
    date: int
    kind: str
    row: NDArray[np.void]


class Past:
    """Reads what was; owns its sessions, use it with `with` or close it."""

    def __init__(self, connect: Connect) -> None:
        """`connect` opens sessions of the unit; rights to read are enough."""
        self._session: Final = connect()
        self._history: Final = History(lambda _: connect())
        # To a reader without an engine everything is in the database: the tail is empty, and begins after all.
        self._tail: Final = TailView(SEQ_END, ())
        self._sql: Final = load_statements("past")
        self.nights: Final = NightStore(self._session)
        self.catalogue: Final = load(self._session)
        pools = self._session.execute(load_statements("products")["pools"]).fetchall()
        self.pool_accounts: Final = {(int(g), int(c), int(p)): int(account) for g, c, p, account in pools}

    def __enter__(self) -> "Past":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the sessions."""
        self._history.close()
        self._session.close()

    def _all(self, name: str, **given: Any) -> list[tuple[Any, ...]]:
        return self._session.execute(self._sql[name], given).fetchall()

    def _one(self, name: str, **given: Any) -> Any:
        found = self._session.execute(self._sql[name], given).fetchone()
        return None if found is None else found[0]

    # --- products

    def known_on(self, date: int) -> Catalogue:
        """Products and rates as they were known at the end of a business date."""
        return self.catalogue.known(date)

    def pools(self) -> KnownPools:
        """The bank's own accounts; those that were never opened get numbers no account has."""
        return KnownPools(self.pool_accounts, ACCOUNTS_MAX)

    # --- contracts

    def contracts(self, numbers: Sequence[int]) -> NDArray[np.void]:
        """Some contracts as they are agreed now, dtype CONTRACT, ascending; without what has accrued to them."""
        found = self._all("contracts_read", contracts=list(numbers))
        rows = np.zeros(len(found), CONTRACT)
        for name, column in zip(_CONTRACT_FIELDS, zip(*found, strict=True), strict=False):
            rows[name] = column
        rows["active"] = rows["opened"]
        return rows

    def contracts_of(self, versions: Sequence[int]) -> list[int]:
        """The numbers of the contracts on some product versions, ascending."""
        return [int(number) for (number,) in self._all("contracts_of_versions", versions=list(versions))]

    def contract_of_account(self, account: int) -> tuple[int, int] | None:
        """The contract whose principal lies on an account, and its product version; None where there is none."""
        found = self._all("contract_of_account", account=account)
        return (int(found[0][0]), int(found[0][1])) if found else None

    def first_night(self) -> int | None:
        """The first business date that was ever closed."""
        found = self._one("first_night")
        return None if found is None else int(found)

    def written_on(self, rows: NDArray[np.void]) -> NDArray[np.int32]:
        """The business date on which each contract (dtype CONTRACT) came into the books, int32[n].

        That is the day it was opened, or for what was taken over from elsewhere with an earlier one the day of that.
        """
        found = rows["opened"].copy()
        for first, count, date in self._all("bulk_openings"):
            found[(rows["contract"] >= first) & (rows["contract"] < first + count)] = date
        return found

    def events(self, numbers: Sequence[int]) -> tuple[ContractEvent, ...]:
        """What was done with some contracts that changed them, in order."""
        found = self._all("events_with_rows", contracts=list(numbers))
        return tuple(
            ContractEvent(int(contract), event_id, int(date), str(kind), contract_row(row))
            for contract, event_id, date, kind, row in found
            if row is not None
        )

    def changes(self, numbers: Sequence[int], date: int) -> Changes:
        """What was done with some contracts by a date that interest worked out anew counts with, in order."""
        return tuple(one for one in read_changes(self._session, numbers) if one.date <= date)

    def event(self, event_id: UUID) -> Event | None:
        """What was asked of a contract under an id."""
        return find(self._session, event_id)

    def notice(self, notice_id: UUID) -> tuple[int, int] | None:
        """The day of withdrawal and the amount of a notice."""
        found = self._all("notice_read", id=notice_id)
        return (int(found[0][0]), int(found[0][1])) if found else None

    # --- loans

    def loan(self, number: int) -> LoanPast | None:
        """What happened to a loan; None where there is none."""
        return read_loan(self._session, number)

    def loans_of(self, versions: Sequence[int]) -> list[int]:
        """The numbers of the loans on some product versions, ascending."""
        return loans_of(self._session, versions)

    def loan_event(self, event_id: UUID) -> LoanEvent | None:
        """What was asked of a loan under an id."""
        return loan_events.find(self._session, event_id)

    def transactions(self, txn_ids: Sequence[UUID]) -> NDArray[np.void]:
        """The rows of some transactions, those that are there; dtype ROW."""
        return np.concatenate([NO_ROWS, *(self.transaction(txn_id) for txn_id in txn_ids)])

    # --- the journal

    def seq_at_date(self, date: int) -> int:
        """The last seq of a business date, or the last one before it, 0 before all."""
        return self._history.seq_at_date(date)

    def last_seq(self) -> int:
        """The last committed seq, 0 before all."""
        return int(self._one("last_seq") or 0)

    def latest_date(self) -> int:
        """The business date of the last commit, 0 before all."""
        seq = self.last_seq()
        return self.booked_on(seq) if seq else 0

    def booked_on(self, seq: int) -> int:
        """The business date on which a row was booked."""
        return int(self._one("business_date_of", seq=seq))

    def currency_of(self, account: int) -> int:
        """The currency of an account, an ISO 4217 number."""
        return int(self._one("account_currency", account=account))

    def transaction(self, txn_id: UUID) -> NDArray[np.void]:
        """The rows of a transaction, by leg; empty when there is none; dtype ROW."""
        return self._history.transaction(self._tail, txn_id)

    def balance_at(self, account: int, seq: int) -> int:
        """The balance of an account after everything up to and including a seq, in minor units."""
        return self._history.balance_at(self._tail, account, seq)

    def journal(self, accounts: NDArray[np.int32], start: int, end: int) -> JournalDays:
        """Every row of the accounts (and of others, where there are many) booked on dates `start` to `end` - 1."""
        rows = self.rows_of(accounts, self.seq_at_date(start - 1) + 1, self.seq_at_date(end - 1) + 1)
        ends = self._date_ends(start, end - 1)
        return JournalDays(rows, (start + np.searchsorted(ends, rows["seq"])).astype(np.int32))

    def rows_of(self, accounts: NDArray[np.int32], first_seq: int, end_seq: int) -> NDArray[np.void]:
        """The rows of accounts from a seq to before another, in order, dtype ROW."""
        if len(accounts) > ONE_BY_ONE_MAX:
            return self._whole(first_seq, end_seq, accounts)
        return self._one_by_one(accounts, first_seq, end_seq)

    def _date_ends(self, first: int, last: int) -> Int64Column:
        found = self._all("date_ends", first=first, last=last)
        return np.array([seq for _, seq in found], np.int64)

    def _one_by_one(self, accounts: NDArray[np.int32], first_seq: int, end_seq: int) -> NDArray[np.void]:
        parts = [NO_ROWS]
        for account in accounts.tolist():
            before = end_seq
            while before > first_seq:
                page = self._history.rows_of_account(self._tail, account, before, PAGE_MAX)
                kept = page[page["seq"] >= first_seq]
                parts.append(kept)
                before = int(page["seq"][-1]) if len(kept) == PAGE_MAX else first_seq
        # A row between two of the accounts was read for both.
        _, places = np.unique((rows := np.concatenate(parts))["seq"], return_index=True)
        return rows[places]

    def _whole(self, first_seq: int, end_seq: int, accounts: NDArray[np.int32]) -> NDArray[np.void]:
        wanted = np.zeros(int(accounts.max()) + 1, np.bool_)
        wanted[accounts] = True
        parts = [NO_ROWS]
        for start in range(first_seq, end_seq, READ_ROWS):
            rows = self._history.rows_between(self._tail, start, min(end_seq, start + READ_ROWS))
            parts.append(rows[_among(wanted, rows["debit"]) | _among(wanted, rows["credit"])])
        return np.concatenate(parts)

    def balances_at(self, accounts: NDArray[np.int32], seq: int) -> Int64Column:
        """The balances of some accounts after everything up to and including a seq, int64[n] of minor units."""
        if len(accounts) <= ONE_BY_ONE_MAX:
            return np.array([self.balance_at(account, seq) for account in accounts.tolist()], np.int64)
        complete = int(self._one("balances_as_of"))
        found = np.zeros(int(accounts.max()) + 1, np.int64)
        for account, balance in self._all("balances_now", accounts=accounts.tolist()):
            found[account] = balance
        # What is booked after the seq is taken back, what the table lacks is put in; newest first, the earliest stands.
        for end in range(self.last_seq() + 1, seq + 1, -READ_ROWS):
            _put_back(found, self._whole(max(seq + 1, end - READ_ROWS), end, accounts))
        for first in range(complete + 1, seq + 1, READ_ROWS):
            _put_forward(found, self._whole(first, min(seq + 1, first + READ_ROWS), accounts))
        return found[accounts]


def _among(wanted: NDArray[np.bool_], accounts: NDArray[np.int32]) -> NDArray[np.bool_]:
    inside = accounts < len(wanted)
    return inside & wanted[np.where(inside, accounts, 0)]


def _sides(debit: Int64Column, credit: Int64Column) -> Int64Column:
    return np.stack([debit, credit], axis=1).ravel()


def _put_back(balances: Int64Column, rows: NDArray[np.void]) -> None:
    """Set accounts to what they held before the earliest of the rows, in place."""
    rows = rows[::-1]
    moved = np.where(rows["flags"] & _NOT_MOVED, 0, rows["amount"])
    accounts = _sides(rows["debit"].astype(np.int64), rows["credit"].astype(np.int64))
    before = _sides(rows["debit_balance"] + moved, rows["credit_balance"] - moved)
    known = accounts < len(balances)
    balances[accounts[known]] = before[known]


def _put_forward(balances: Int64Column, rows: NDArray[np.void]) -> None:
    """Set accounts to what they held after the last of the rows, in place."""
    accounts = _sides(rows["debit"].astype(np.int64), rows["credit"].astype(np.int64))
    after = _sides(rows["debit_balance"], rows["credit_balance"])
    known = accounts < len(balances)
    balances[accounts[known]] = after[known]
