"""The past: an account's rows page by page, its balance at any seq, time or date, a transaction whole, the feed of all.

Sealed segments answer by index, the tail by a scan in memory; together they are everything committed.
"""

import threading
from collections.abc import Callable
from typing import Any, Final, TypeVar
from uuid import UUID

import msgspec
import numpy as np
import psycopg
from numpy.typing import NDArray

from yinhe.kernel.ids import split
from yinhe.ledger.batch import VALUE_DATE_MAX, Flag
from yinhe.ledger.memory import ROW
from yinhe.ledger.postgres import JOURNAL, Connect, rows_from
from yinhe.ledger.store import Detail
from yinhe.ledger.tail import TailView
from yinhe.storage.binary import copy_out, copy_statement
from yinhe.storage.statements import load_statements

Value = TypeVar("Value")

PAGE_MAX: Final = 10_000
"""Most rows of one page."""
SEQ_END: Final = 2**62
"""A seq after every other."""
WINDOW_SEQS: Final = 1 << 23
"""How many seqs an account's rows are first looked for in, from the newest back; then four times as many, and so on.

The server plans for the segments of a window alone: with hundreds of them, planning for all costs more than reading."""
WINDOW_GROWS: Final = 4


class Entry(msgspec.Struct, frozen=True):
    """One line of an account's statement, as the account's holder sees it.

    `amount_minor` is positive for a credit, negative for a debit, 0 for a hold placed or released; `held_minor` is what
    the line changed in money held. Times are microseconds, dates days, since 1970-01-01.
    """

    seq: int
    txn_id: UUID
    leg: int
    counter_account: int
    amount_minor: int
    held_minor: int
    balance_minor: int
    code: int
    flags: int
    reference: int
    value_date: int
    booked_at: int
    business_date: int


class Page(msgspec.Struct, frozen=True):
    """Entries newest first; `before_seq` asks for the next page, None when there is none."""

    entries: tuple[Entry, ...]
    before_seq: int | None


class History:
    """Reads the past of one unit through a session of its own; safe to use from many threads."""

    def __init__(self, connect: Connect, window_seqs: int = WINDOW_SEQS) -> None:
        self._connect: Final = connect
        self._window_seqs: Final = window_seqs
        self._sql: Final = load_statements("history")
        self._lock: Final = threading.Lock()
        self._session: psycopg.Connection | None = None

    def close(self) -> None:
        """Close the session."""
        with self._lock:
            if self._session is not None:
                self._session.close()

    def page(self, tail: TailView, account: int, before_seq: int, limit: int) -> Page:
        """The newest `limit` entries of an account before `before_seq`. Raises ValueError for a limit out of bounds."""
        if not 1 <= limit <= PAGE_MAX:
            raise ValueError(f"A page holds 1 to {PAGE_MAX} entries, not {limit}.")
        rows = self.rows_of_account(tail, account, before_seq, limit + 1)
        entries = self._entries(account, rows[:limit])
        return Page(entries, entries[-1].seq if len(rows) > limit else None)

    def rows_of_account(self, tail: TailView, account: int, before_seq: int, limit: int) -> NDArray[np.void]:
        """The newest `limit` rows of an account before `before_seq`, newest first; dtype ROW."""
        sealed_end = tail.first_seq
        rows = tail.of_account(account, before_seq, limit)
        if len(rows) == limit or sealed_end <= 1:
            return rows
        parts = [rows[rows["seq"] >= sealed_end]]
        parts += self._sealed_rows(account, min(before_seq, sealed_end), limit - len(parts[0]))
        return np.concatenate(parts)

    def _sealed_rows(self, account: int, end: int, limit: int) -> list[NDArray[np.void]]:
        """The newest `limit` rows of an account in sealed segments before `end`, newest first, in pieces."""
        if end == SEQ_END:
            # To a reader without an engine everything is sealed, up to the last commit.
            end = self._one("last_seq", {}) + 1
        found: list[NDArray[np.void]] = []
        window = self._window_seqs
        while limit > 0 and end > 1:
            first = max(1, end - window)
            given = {"account": account, "first_seq": first, "before_seq": end, "limit": limit}
            found.append(self._rows("rows_of_account", given))
            limit -= len(found[-1])
            end, window = first, WINDOW_GROWS * window
        return found

    def balance_at(self, tail: TailView, account: int, seq: int) -> int:
        """The account's balance after everything up to and including `seq`, in minor units."""
        rows = self.rows_of_account(tail, account, seq + 1, 1)
        if not len(rows):
            return 0
        return int(rows["debit_balance"][0] if rows["debit"][0] == account else rows["credit_balance"][0])

    def seq_at_time(self, time_us: int) -> int:
        """The last seq booked at or before a time (microseconds since 1970-01-01), 0 before all."""
        return self._one("seq_at_time", {"time": time_us})

    def seq_at_date(self, date: int) -> int:
        """The last seq of a business date (days since 1970-01-01) or the last one before it, 0 before all."""
        return self._one("seq_at_date", {"date": date})

    def transaction(self, tail: TailView, txn_id: UUID) -> NDArray[np.void]:
        """The rows of a transaction, by leg; empty when there is none; dtype ROW."""
        sealed_end = tail.first_seq
        sealed = self._rows("rows_of_transaction", {"txn_id": txn_id, "before_seq": sealed_end})
        kept = tail.of_transaction(*split(txn_id))
        return np.concatenate([sealed, kept[kept["seq"] >= sealed_end]])

    def detail(self, txn_id: UUID) -> Detail | None:
        """What is known of a transaction beyond its postings."""
        found = self._execute("detail_read", {"txn_id": txn_id})
        return Detail(txn_id, *found[0]) if found else None

    def feed(self, tail: TailView, after_seq: int, limit: int) -> NDArray[np.void]:
        """At most `limit` journal rows after `after_seq`, in order: everything ever posted, once; dtype ROW."""
        rows = np.zeros(0, ROW)
        sealed_end = tail.first_seq
        if after_seq + 1 < sealed_end:
            rows = self._rows("rows_after", {"after_seq": after_seq, "before_seq": sealed_end, "limit": limit})
        if len(rows) < limit:
            rows = np.concatenate([rows, tail.range(max(sealed_end, after_seq + 1), limit - len(rows))])
        return rows

    def rows_between(
        self, tail: TailView, first_seq: int, end_seq: int, *, valued_before: int | None = None
    ) -> NDArray[np.void]:
        """The journal rows from `first_seq` to before `end_seq`, in order; dtype ROW.

        `valued_before`: only those whose value date the caller named, and before this one (days since 1970-01-01).
        """
        sealed_end = min(end_seq, tail.first_seq)
        parts = [np.zeros(0, ROW)]
        if first_seq < sealed_end:
            parts.append(self._copied(first_seq, sealed_end, valued_before))
        start = max(first_seq, tail.first_seq)
        if start < end_seq:
            kept = tail.range(start, end_seq - start)
            kept = kept[: np.searchsorted(kept["seq"], end_seq)]
            parts.append(kept if valued_before is None else kept[_valued_before(kept, valued_before)])
        return np.concatenate(parts)

    def _copied(self, first_seq: int, end_seq: int, valued_before: int | None) -> NDArray[np.void]:
        """Rows out of sealed segments by binary COPY, which is an order of magnitude quicker than row by row."""
        dated = 0 if valued_before is None else int(Flag.VALUE_DATED)
        statement = copy_statement(
            "COPY (SELECT * FROM journal WHERE seq >= {first} AND seq < {end} AND flags & {dated} = {dated} "
            "AND value_date < date '1970-01-01' + {before}) TO STDOUT (FORMAT binary)",
            first=first_seq,
            end=end_seq,
            dated=dated,
            before=VALUE_DATE_MAX + 1 if valued_before is None else valued_before,
        )
        rows = JOURNAL.decode(self._with_session(lambda session: copy_out(session, statement)), ROW)
        if (np.diff(rows["seq"]) <= 0).any():
            rows.sort(order="seq")
        return rows

    def _entries(self, account: int, rows: NDArray[np.void]) -> tuple[Entry, ...]:
        if not len(rows):
            return ()
        found = self._execute("times_of", {"seqs": rows["seq"].tolist()})
        times = {seq: (booked_at, business_date) for seq, booked_at, business_date in found}
        return tuple(_entry(account, row, *times[int(row["seq"])]) for row in rows)

    def _rows(self, name: str, given: dict[str, Any]) -> NDArray[np.void]:
        return rows_from(self._execute(name, given))

    def _one(self, name: str, given: dict[str, Any]) -> int:
        found = self._execute(name, given)
        return int(found[0][0]) if found else 0

    def _execute(self, name: str, given: dict[str, Any]) -> list[tuple[Any, ...]]:
        return self._with_session(lambda session: session.execute(self._sql[name], given, binary=True).fetchall())

    def _with_session(self, read: Callable[[psycopg.Connection], Value]) -> Value:
        with self._lock:
            try:
                return read(self._opened())
            except psycopg.OperationalError:
                # A session lost since it was last used (the server was restarted, say) is no reason to fail a reader.
                if self._session is None or not self._session.closed:
                    raise
                return read(self._opened())

    def _opened(self) -> psycopg.Connection:
        if self._session is None or self._session.closed:
            self._session = self._connect("yinhe history")
        return self._session


def _valued_before(rows: NDArray[np.void], date: int) -> NDArray[np.bool_]:
    return (rows["flags"] & np.uint16(Flag.VALUE_DATED) != 0) & (rows["value_date"] < date)


def _entry(account: int, row: np.void, booked_at: int, business_date: int) -> Entry:
    is_debit = int(row["debit"]) == account
    flags, amount = int(row["flags"]), int(row["amount"])
    pending, posts, voids = flags & 2, flags & 4, flags & 8
    moved = 0 if pending or voids else amount
    held = (amount if pending else -amount if posts or voids else 0) if is_debit else 0
    return Entry(
        seq=int(row["seq"]),
        txn_id=UUID(int=(int(row["txn_hi"]) << 64) | int(row["txn_lo"])),
        leg=int(row["leg"]),
        counter_account=int(row["credit"] if is_debit else row["debit"]),
        amount_minor=-moved if is_debit else moved,
        held_minor=held,
        balance_minor=int(row["debit_balance"] if is_debit else row["credit_balance"]),
        code=int(row["code"]),
        flags=flags,
        reference=int(row["reference"]),
        value_date=int(row["value_date"]),
        booked_at=booked_at,
        business_date=business_date,
    )
