"""Keeps the table of values up with the journal: each row counted once, whoever is stopped when.

A step reads the rows after the head's seq, sums those that count by account, month and code, and writes sums and head
in one transaction. Whoever steps holds the head's row, so that two who keep the table up take turns.
"""

import threading
from typing import Final, NamedTuple
from uuid import UUID

import numpy as np
import psycopg
from numpy.typing import NDArray

from yinhe.closeday.bank import DepositBank
from yinhe.closeday.identity import origin_of
from yinhe.kernel.dates import Int32Column, Int64Column, month_and_day_many, month_start_many
from yinhe.kernel.ids import join
from yinhe.ledger.batch import Flag
from yinhe.ledger.ledger import Ledger
from yinhe.ledger.memory import ROW
from yinhe.ledger.postgres import JOURNAL
from yinhe.lending.codes import LoanCode
from yinhe.overview.errors import ValueHeadError
from yinhe.overview.reading import statements
from yinhe.overview.worth import CODES, LOAN_CODES
from yinhe.storage.binary import Column, ColumnType, Layout, copy_in, copy_out, copy_statement
from yinhe.storage.errors import DatabaseUnreachable

STEP_SEQS: Final = 1 << 20
"""Seqs of the journal that one step takes in at most."""
RECONNECT_SECONDS: Final = 2.0
"""How long the follower waits before it tries a lost database again."""

_CODES: Final = np.array(sorted(CODES), np.int16)
_LOAN_CODES: Final = np.array(LOAN_CODES, np.int16)
_NOT_MOVED: Final = np.uint16(Flag.PENDING | Flag.VOID)
_REVERSAL: Final = np.uint16(Flag.REVERSAL)
_MONTH_BEFORE_ALL: Final = -10_000
"""Months before 1970 that no value date reaches, so that months count from zero in a key."""

VALUE: Final = np.dtype(
    [
        ("account", np.int32),
        ("month", np.int32),  # its first day, days since 1970-01-01
        ("code", np.int16),
        ("debit_sum", np.int64),
        ("credit_sum", np.int64),
    ]
)
"""What was booked on an account in a month under a code."""
_VALUE: Final = Layout(
    (
        Column("account", ColumnType.INT4),
        Column("month", ColumnType.DATE),
        Column("code", ColumnType.INT2),
        Column("debit_sum", ColumnType.INT8),
        Column("credit_sum", ColumnType.INT8),
    )
)


class Attributed(NamedTuple):
    """Sides of rows that count, one entry each: on which account, by which row, and whether as a debit."""

    account: Int32Column
    row: NDArray[np.intp]
    is_debit: NDArray[np.bool_]


class LoanAccounts:
    """Which loan an account is of: that of its principal or of what is due beside it."""

    def __init__(self, bank: DepositBank) -> None:
        rows = bank.loans.rows
        most = int(max(rows["account"].max(initial=0), rows["receivable"].max(initial=0)))
        self._principal: Final = np.zeros(most + 1, np.int32)
        """By account index: the account of its loan's principal, 0 for accounts of no loan."""
        for name in ("receivable", "account"):
            self._principal[rows[name]] = rows["account"]
        self._principal[0] = 0
        self.of_loan: Final[Int32Column] = np.concatenate([np.zeros(1, np.int32), rows["account"]])
        """By a loan's number: the account of its principal."""

    def principal(self, accounts: Int32Column) -> Int32Column:
        """The accounts of the principals, int32[n], of the loans that accounts (int32[n]) are of; 0 for none."""
        known = accounts < len(self._principal)
        return np.where(known, self._principal[np.where(known, accounts, 0)], np.int32(0)).astype(np.int32)


class Values:
    """The table of values of one unit."""

    def __init__(self, ledger: Ledger, bank: DepositBank) -> None:
        self._ledger: Final = ledger
        self._bank: Final = bank
        self._sql: Final = statements()

    def catch_up(self, session: psycopg.Connection, step_seqs: int = STEP_SEQS) -> int:
        """Take in everything committed so far, step by step; the seq the table is complete to.

        `session` is in autocommit and no one else's meanwhile.
        """
        until = self._ledger.committed_seq
        seq = self.step(session, until, step_seqs)
        while seq < until:
            seq = self.step(session, until, step_seqs)
        return seq

    def step(self, session: psycopg.Connection, until: int, step_seqs: int = STEP_SEQS) -> int:
        """Take in at most `step_seqs` seqs up to `until`, in a transaction; the seq the table is complete to then."""
        with session.transaction():
            head = session.execute(self._sql["value_head"]).fetchone()
            if head is None:
                raise ValueHeadError
            was = int(head[0])
            seq = min(until, was + step_seqs)
            if seq <= was:
                return was
            sums = self._sums(session, self._rows(session, was + 1, seq + 1))
            if len(sums):
                session.execute(self._sql["value_stage_create"])
                copy_in(session, self._sql["value_stage_copy"], _VALUE.encode(sums))
                session.execute(self._sql["value_stage_merge"])
            if session.execute(self._sql["value_moved"], {"was": was, "seq": seq}).rowcount != 1:
                raise ValueHeadError
        return seq

    def _rows(self, session: psycopg.Connection, first: int, end: int) -> NDArray[np.void]:
        """The committed rows from `first` to before `end` whose code counts, dtype ROW: memory's, else the table's."""
        tail = self._ledger.engine.core.tail.view()
        parts = [np.zeros(0, ROW)]
        sealed_end = min(end, tail.first_seq)
        if first < sealed_end:
            # The server leaves out what no code of ours is on: most of a journal is.
            statement = copy_statement(
                "COPY (SELECT * FROM journal WHERE seq >= {first} AND seq < {end} AND code >= {low} AND code <= {high})"
                " TO STDOUT (FORMAT binary)",
                first=first,
                end=sealed_end,
                low=int(_CODES[0]),
                high=int(_CODES[-1]),
            )
            parts.append(JOURNAL.decode(copy_out(session, statement), ROW))
        start = max(first, tail.first_seq)
        if start < end:
            kept = tail.range(start, end - start)
            parts.append(kept[: np.searchsorted(kept["seq"], end)])
        return np.concatenate([part[counting(part)] for part in parts])

    def _sums(self, session: psycopg.Connection, rows: NDArray[np.void]) -> NDArray[np.void]:
        if not len(rows):
            return np.zeros(0, VALUE)
        is_loan = np.isin(rows["code"], _LOAN_CODES)
        pools = np.array(sorted(self._bank.pools.all().values()), np.int32)
        loans = LoanAccounts(self._bank)
        orphans = np.flatnonzero(is_loan & ~has_loan(rows, loans))
        found = self._loans_of(session, rows[orphans], loans)
        sides = concatenated(
            sides_of_deposits(rows, np.flatnonzero(~is_loan), pools),
            sides_of_loans(rows, np.flatnonzero(is_loan), loans, dict(zip(orphans.tolist(), found, strict=True))),
        )
        return summed(rows, sides)

    def _loans_of(self, session: psycopg.Connection, rows: NDArray[np.void], loans: LoanAccounts) -> list[int]:
        """The principal's account of the loan of each row (dtype ROW) that touches no account of a loan; 0 for none."""
        ids = [join(hi, lo) for hi, lo in zip(rows["txn_hi"].tolist(), rows["txn_lo"].tolist(), strict=True)]
        asked: dict[UUID, int] = {}
        if ids:
            asked = dict(session.execute(self._sql["loans_of_transactions"], {"ids": list(set(ids))}).fetchall())
        found: list[int] = []
        for txn_id, code in zip(ids, rows["code"].tolist(), strict=True):
            number = asked.get(txn_id, 0)
            origin = origin_of(txn_id) if not number and code == LoanCode.OFF_BALANCE_PAID.code else None
            # What the night takes for a loan off the books goes from clearing to income: only its id names the loan.
            number = origin.key if origin is not None else number
            found.append(int(loans.of_loan[number]) if number < len(loans.of_loan) else 0)
        return found


def counting(rows: NDArray[np.void]) -> NDArray[np.bool_]:
    """Which rows (dtype ROW) moved money under a code that counts, bool[n]."""
    return np.isin(rows["code"], _CODES) & (rows["flags"] & _NOT_MOVED == 0)


def has_loan(rows: NDArray[np.void], loans: LoanAccounts) -> NDArray[np.bool_]:
    """Whether a side of each row (dtype ROW) is an account of a loan, bool[n]."""
    return (loans.principal(rows["debit"]) != 0) | (loans.principal(rows["credit"]) != 0)


def sides_of_deposits(rows: NDArray[np.void], places: NDArray[np.intp], pools: Int32Column) -> Attributed:
    """Both sides of rows (dtype ROW, at `places`), but for the bank's own accounts, `pools`."""
    parts: list[Attributed] = []
    for name, is_debit in (("debit", True), ("credit", False)):
        mine = places[~np.isin(rows[name][places], pools)]
        parts.append(Attributed(rows[name][mine], mine, np.full(len(mine), is_debit)))
    return concatenated(*parts)


def sides_of_loans(
    rows: NDArray[np.void], places: NDArray[np.intp], loans: LoanAccounts, elsewhere: dict[int, int]
) -> Attributed:
    """One side of each row (dtype ROW, at `places`): the loan's, as its principal's account.

    `elsewhere` has the principal's account of rows that touch no account of a loan, by place; where it is 0 the payer's
    own account stands for it. Such a row pays for the loan, unless it takes another one back.
    """
    debit, credit = loans.principal(rows["debit"][places]), loans.principal(rows["credit"][places])
    account = np.where(credit != 0, credit, debit)
    is_debit = credit == 0
    for at, place in enumerate(places.tolist()):
        if account[at] == 0:
            back = bool(rows["flags"][place] & _REVERSAL)
            payer = int(rows["credit" if back else "debit"][place])
            account[at] = elsewhere.get(place, 0) or payer
            is_debit[at] = back
    return Attributed(account, places, is_debit)


def concatenated(*parts: Attributed) -> Attributed:
    """All sides of the parts."""
    return Attributed(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def summed(rows: NDArray[np.void], sides: Attributed) -> NDArray[np.void]:
    """Sums of sides of rows (dtype ROW) by account, month of the value date, and code; dtype VALUE, in that order."""
    months = month_and_day_many(rows["value_date"][sides.row])[0] - _MONTH_BEFORE_ALL
    code = np.searchsorted(_CODES, rows["code"][sides.row])
    key = (sides.account.astype(np.int64) << 24) | (months << 8) | code
    order = np.argsort(key, kind="stable")
    key, amount, is_debit = key[order], rows["amount"][sides.row][order], sides.is_debit[order]
    starts = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]]))
    first: Int64Column = key[starts]
    out = np.zeros(len(starts), VALUE)
    out["account"], out["code"] = first >> 24, _CODES[first & 0xFF]
    out["month"] = month_start_many((first >> 8 & 0xFFFF) + _MONTH_BEFORE_ALL)
    out["debit_sum"] = np.add.reduceat(np.where(is_debit, amount, 0), starts)
    out["credit_sum"] = np.add.reduceat(np.where(is_debit, 0, amount), starts)
    return out


class Follower:
    """A thread that keeps the table of values up with the journal; stopped with `close`."""

    def __init__(self, values: Values, ledger: Ledger, every_seconds: float = 1.0) -> None:
        """Begin at once. A lost database is waited for; any other fault ends the thread and stays in `fault`."""
        self._values: Final = values
        self._ledger: Final = ledger
        self._every: Final = every_seconds
        self._stop: Final = threading.Event()
        self.fault: Exception | None = None
        """Why it stopped by itself."""
        self._thread: Final = threading.Thread(target=self._run, name="yinhe values", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop at the end of the step at work."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with self._ledger.connect("yinhe values") as session:
                    self._follow(session)
            except (psycopg.OperationalError, DatabaseUnreachable):
                self._stop.wait(RECONNECT_SECONDS)
            except Exception as error:
                self.fault = error
                return

    def _follow(self, session: psycopg.Connection) -> None:
        while not self._stop.is_set():
            until = self._ledger.committed_seq
            if self._values.step(session, until) >= until:
                self._stop.wait(self._every)
