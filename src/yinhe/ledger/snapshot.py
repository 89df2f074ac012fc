"""The books as PostgreSQL holds them at one moment, read piece by piece; rights to read are enough.

Everything comes out of one repeatable-read transaction, so an engine may go on posting meanwhile.
"""

from typing import Final
from uuid import UUID

import msgspec
import numpy as np
import psycopg
from numpy.typing import NDArray

from yinhe.ledger.accounts import OPENING
from yinhe.ledger.memory import ROW
from yinhe.ledger.postgres import JOURNAL, segment_table
from yinhe.ledger.walk import COMMIT, EVENT, LINE, OPEN_HOLD, TABLED
from yinhe.storage.binary import Column, ColumnType, Layout, copy_out, copy_statement
from yinhe.storage.statements import load_statements

SEQ_END: Final = 2**62
"""A seq after every other."""

_INT8, _INT4, _INT2, _DATE = ColumnType.INT8, ColumnType.INT4, ColumnType.INT2, ColumnType.DATE
_ACCOUNT: Final = Layout(
    (
        Column("account", _INT4),
        Column("currency", _INT2),
        Column("gl_code", _INT4),
        Column("product", _INT4),
        Column("branch", _INT4),
        Column("floor", _INT8),
        Column("ceiling", _INT8),
        Column("limit_daily", _INT8),
        Column("flags", _INT2),
        Column("opened_seq", _INT8),
    )
)
_LIMITS: Final = Layout(
    (Column("account", _INT4), Column("floor", _INT8), Column("ceiling", _INT8), Column("limit_daily", _INT8))
)
_BALANCE: Final = Layout(
    (
        Column("account", _INT4),
        Column("balance", _INT8),
        Column("held", _INT8),
        Column("turnover", _INT8),
        Column("turnover_date", _DATE),
        Column("last_seq", _INT8),
        Column("as_of_seq", _INT8),
    )
)
_HOLD: Final = Layout(
    (
        Column("seq", _INT8),
        Column("debit", _INT4),
        Column("credit", _INT4),
        Column("remaining", _INT8),
        Column("expires_at", _INT8),
        Column("placed_on", _DATE),
    )
)
_COMMIT: Final = Layout(
    (Column("last_seq", _INT8), Column("first_seq", _INT8), Column("booked_at", _INT8), Column("business_date", _DATE))
)
_EVENT: Final = Layout(
    (
        Column("seq", _INT8),
        Column("digest", _INT8),
        Column("first_account", _INT4),
        Column("accounts", _INT4),
        Column("kind", _INT2),
        Column("flags", _INT2),
        Column("flags_before", _INT2),
        Column("business_date", _INT4),
        Column("floor", _INT8),
        Column("ceiling", _INT8),
        Column("limit_daily", _INT8),
        Column("floor_before", _INT8),
        Column("ceiling_before", _INT8),
        Column("limit_daily_before", _INT8),
    )
)
ACCOUNT_ROW: Final = np.dtype(
    [
        ("account", np.int32),
        *((name, OPENING[name]) for name in OPENING.names or ()),
        ("flags", np.uint16),
        ("opened_seq", np.int64),
    ]
)
"""One account as the account table has it."""
_LIMITS_ROW: Final = np.dtype(
    [("account", np.int32), ("floor", np.int64), ("ceiling", np.int64), ("limit_daily", np.int64)]
)


class UnitState(msgspec.Struct, frozen=True):
    """The unit's row, how far balances are said to be complete, and the last commit's last seq."""

    unit: int
    business_date: int
    pass_seq: int
    last_seq: int


class Partition(msgspec.Struct, frozen=True):
    """One piece of the journal: its table, its row in `segment`, or both as it should be."""

    number: int
    has_table: bool
    has_segment: bool
    first_seq: int
    end_seq: int
    sealed: bool
    id_first: UUID | None
    id_last: UUID | None
    indexes: list[str]


class Snapshot:
    """Reads one unit; the session must be inside a repeatable-read transaction."""

    def __init__(self, session: psycopg.Connection) -> None:
        self._session: Final = session
        self._sql: Final = load_statements("invariants")

    def unit(self) -> UnitState | None:
        """The unit, None when the schema holds none yet."""
        found = self._session.execute(self._sql["unit_state"]).fetchone()
        return None if found is None else UnitState(*found)

    def partitions(self) -> list[Partition]:
        """The pieces of the journal, in order."""
        return [Partition(*found) for found in self._session.execute(self._sql["segments"])]

    def accounts(self) -> NDArray[np.void]:
        """The account table: dtype ACCOUNT_ROW, in any order."""
        return _ACCOUNT.decode(self._copy("accounts"), ACCOUNT_ROW)

    def openings(self, accounts: NDArray[np.void]) -> NDArray[np.void]:
        """`accounts` with the limits they were opened with."""
        opened = accounts.copy()
        first = _LIMITS.decode(self._copy("first_limits"), _LIMITS_ROW)
        first = first[np.isin(first["account"], opened["account"])]
        order = np.argsort(opened["account"])
        places = order[np.searchsorted(opened["account"], first["account"], sorter=order)]
        for name in ("floor", "ceiling", "limit_daily"):
            opened[name][places] = first[name]
        return opened

    def tabled(self, indexes: int, pass_seq: int) -> NDArray[np.void]:
        """The balance table by account: dtype TABLED, shape (indexes,); zeros for an account it lacks."""
        table = np.zeros(indexes, TABLED)
        found = _BALANCE.decode(self._copy("balances"), TABLED)
        found = found[(found["account"] > 0) & (found["account"] < indexes)]
        table[found["account"]] = found
        table["as_of_seq"] = np.maximum(table["as_of_seq"], pass_seq)
        return table

    def holds(self) -> NDArray[np.void]:
        """The hold table, by seq: dtype OPEN_HOLD."""
        return _HOLD.decode(self._copy("holds"), OPEN_HOLD)

    def rows(self, number: int) -> NDArray[np.void]:
        """The rows of one segment, in order: dtype ROW."""
        statement = copy_statement("COPY {table} TO STDOUT (FORMAT binary)", table=segment_table(number))
        rows = JOURNAL.decode(copy_out(self._session, statement), ROW)
        if (np.diff(rows["seq"]) < 0).any():
            rows = rows[np.argsort(rows["seq"], kind="stable")]
        return rows

    def commits(self, after: int, until: int) -> NDArray[np.void]:
        """The commits that end after `after` and begin at or before `until`, in order: dtype COMMIT."""
        statement = copy_statement(
            "COPY (SELECT last_seq, first_seq, (extract(epoch FROM booked_at) * 1000000)::bigint, business_date "
            "FROM journal_batch WHERE last_seq > {after} AND first_seq <= {until} ORDER BY last_seq) "
            "TO STDOUT (FORMAT binary)",
            after=after,
            until=until,
        )
        return _COMMIT.decode(copy_out(self._session, statement), COMMIT)

    def events(self, after: int, until: int) -> NDArray[np.void]:
        """The account events after `after` up to `until`, in order: dtype EVENT."""
        statement = copy_statement(
            "COPY (SELECT seq, digest, first_account, accounts, "
            "CASE kind WHEN 'open' THEN 1 WHEN 'limits' THEN 2 WHEN 'roll' THEN 4 ELSE 3 END::smallint, "
            "coalesce((body->>'flags')::smallint, 0::smallint), coalesce((body->>'before')::smallint, 0::smallint), "
            "coalesce((body->>'business_date')::integer, 0), coalesce((body->>'floor')::bigint, 0), "
            "coalesce((body->>'ceiling')::bigint, 0), coalesce((body->>'limit_daily')::bigint, 0), "
            "coalesce((body->>'floor_before')::bigint, 0), coalesce((body->>'ceiling_before')::bigint, 0), "
            "coalesce((body->>'limit_daily_before')::bigint, 0) "
            "FROM account_event WHERE seq > {after} AND seq <= {until} ORDER BY seq) TO STDOUT (FORMAT binary)",
            after=after,
            until=until,
        )
        return _EVENT.decode(copy_out(self._session, statement), EVENT)

    def shared_ids(
        self, earlier: int, later: int, lowest: UUID, highest: UUID, limit: int
    ) -> list[tuple[UUID, int, int]]:
        """Transactions from `lowest` to `highest` that begin in both of two segments, at most `limit`.

        Of each the id and the seqs of both beginnings.
        """
        statement = copy_statement(
            "SELECT a.txn_id, a.seq, b.seq FROM {earlier} a JOIN {later} b ON b.txn_id = a.txn_id "
            "WHERE a.leg = 0 AND b.leg = 0 AND a.txn_id BETWEEN %(lowest)s AND %(highest)s "
            "AND b.txn_id BETWEEN %(lowest)s AND %(highest)s ORDER BY b.seq LIMIT {limit}",
            earlier=segment_table(earlier),
            later=segment_table(later),
            limit=limit,
        )
        return self._session.execute(statement, {"lowest": lowest, "highest": highest}).fetchall()

    def astray(self, limit: int) -> tuple[int, list[tuple[str, int]]]:
        """How many checkpoints and details there are, and those that belong to no commit, at most `limit`."""
        (kept,) = self._session.execute(self._sql["commits_kept"]).fetchone() or (0,)
        return kept, self._session.execute(self._sql["commits_astray"]).fetchmany(limit)

    def _copy(self, name: str) -> bytes:
        return copy_out(self._session, self._sql[name])


def lines_of(opened: NDArray[np.void]) -> NDArray[np.void]:
    """The auditor's accounts before the first seq, from the openings (dtype ACCOUNT_ROW); dtype LINE, index 0 blank."""
    lines = np.zeros(int(opened["account"].max(initial=0)) + 1, LINE)
    for name in ("currency", "floor", "ceiling", "limit_daily", "opened_seq"):
        lines[name][opened["account"]] = opened[name]
    return lines
