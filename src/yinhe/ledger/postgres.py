"""The store on PostgreSQL: blocks in by binary COPY, memory back out by binary COPY."""

import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg import sql
from psycopg.types.json import Jsonb

from yinhe.kernel.ids import join
from yinhe.ledger.accounts import Effect
from yinhe.ledger.columns import ACCOUNT_PAGE, BALANCE_PAGE, PAGE
from yinhe.ledger.details import encode_details
from yinhe.ledger.errors import AppendFailed, UnitTaken, UnitUnknown
from yinhe.ledger.holds import HOLD, HOLD_OPEN
from yinhe.ledger.memory import ROW
from yinhe.ledger.store import BalancePass, Block, Recovered, Segment
from yinhe.storage.binary import Column, ColumnType, Layout, copy_in, copy_out, copy_statement
from yinhe.storage.statements import load_statements

Connect = Callable[[str], psycopg.Connection]
"""Opens a session of the unit under an application name."""

PAGES_WRITTEN_MAX: Final = 4_096
"""Pages of balances written in one transaction."""

_INT8, _INT4, _INT2 = ColumnType.INT8, ColumnType.INT4, ColumnType.INT2
JOURNAL: Final = Layout(
    (
        Column("seq", _INT8),
        Column("amount", _INT8),
        Column("debit_balance", _INT8),
        Column("credit_balance", _INT8),
        Column("reference", _INT8),
        Column("txn_id", ColumnType.UUID),
        Column("debit", _INT4),
        Column("credit", _INT4),
        Column("value_date", ColumnType.DATE),
        Column("code", _INT2),
        Column("flags", _INT2),
        Column("leg", _INT2),
    )
)
_ACCOUNT_PAGE: Final = Layout(
    (
        Column("page", _INT4),
        Column("currency", _INT2, PAGE),
        Column("gl_code", _INT4, PAGE),
        Column("product", _INT4, PAGE),
        Column("branch", _INT4, PAGE),
        Column("floor", _INT8, PAGE),
        Column("ceiling", _INT8, PAGE),
        Column("limit_daily", _INT8, PAGE),
        Column("flags", _INT2, PAGE),
        Column("opened_seq", _INT8, PAGE),
    )
)
_BALANCE_PAGE: Final = Layout(
    (
        Column("page", _INT4),
        Column("as_of_seq", _INT8),
        Column("balance", _INT8, PAGE),
        Column("held", _INT8, PAGE),
        Column("turnover", _INT8, PAGE),
        Column("turnover_date", ColumnType.DATE, PAGE),
        Column("last_seq", _INT8, PAGE),
    )
)
_HOLD: Final = Layout(
    (
        Column("seq", _INT8),
        Column("debit", _INT4),
        Column("credit", _INT4),
        Column("remaining", _INT8),
        Column("expires_at", _INT8),
        Column("placed_on", ColumnType.DATE),
    )
)
_BATCH: Final = Layout((Column("last_seq", _INT8), Column("business_date", ColumnType.DATE)))
_BATCH_ROW: Final = np.dtype([("last_seq", np.int64), ("business_date", np.int32)])
_EPOCH: Final = date(1970, 1, 1)


def segment_table(number: int) -> str:
    """The table of one segment."""
    return f"journal_{number}"


class PostgresStore:
    """One unit's schema, through up to four sessions: writer, keeper of balances, sealer, reader."""

    def __init__(self, connect: Connect, engine_name: str) -> None:
        """`connect` opens sessions in the unit's schema; `engine_name` tells a person who holds the unit."""
        self._connect: Final = connect
        self._engine_name: Final = engine_name
        self._sql: Final = load_statements("ledger")
        self._sessions: dict[str, psycopg.Connection] = {}
        self._segments: list[Segment] = []
        self._segments_lock: Final = threading.Lock()
        """The committer adds segments while the sealer marks them sealed."""
        self._segment_rows: int = 0

    # --- sessions

    def acquire(self) -> None:
        """Become the unit's one writer; raises UnitTaken, naming the holder."""
        self.close()
        writer = self._session("engine")
        taken = writer.execute(self._sql["lock_take"]).fetchone()
        if taken != (True,):
            holder = writer.execute(self._sql["lock_holder"]).fetchone()
            self.close()
            if holder is None:
                raise UnitTaken("Another engine held this unit a moment ago. Try again.")
            pid, name, place, since = holder
            raise UnitTaken(
                f"This unit is served by another engine: {name} (database session {pid}, from {place}, since "
                f"{since:%Y-%m-%d %H:%M:%S}). Stop it first; two engines never write one unit."
            )

    def close(self) -> None:
        """Give up the lock and every session."""
        sessions, self._sessions = self._sessions, {}
        for session in sessions.values():
            session.close()

    def _session(self, role: str) -> psycopg.Connection:
        session = self._sessions.get(role)
        if session is None or session.closed:
            if role != "engine" and "engine" not in self._sessions:
                raise psycopg.OperationalError("the engine's session is closed")
            session = self._connect(f"yinhe {role} of {self._engine_name}")
            self._sessions[role] = session
        return session

    # --- writing

    def append(self, block: Block) -> None:
        """Commit a block; raises AppendFailed when the database did not confirm it."""
        try:
            writer = self._sessions["engine"]
            self._make_segments(writer, block.last_seq)
            with writer.transaction():
                self._append(writer, block)
        except (psycopg.Error, OSError, KeyError) as error:
            raise AppendFailed(f"The commit of rows {block.first_seq} to {block.last_seq} failed: {error}") from error

    def _append(self, writer: psycopg.Connection, block: Block) -> None:
        appended = writer.execute(
            self._sql["batch_append"],
            {
                "first_seq": block.first_seq,
                "last_seq": block.last_seq,
                "booked_at": block.booked_at,
                "business_date": block.business_date,
            },
        )
        if appended.rowcount != 1:
            raise AppendFailed(f"Row {block.first_seq} is not the next: another engine has written this unit.")
        seqs = block.rows["seq"]
        for segment in self._segments_of(block) if len(seqs) else ():
            start, end = np.searchsorted(seqs, (segment.first_seq, segment.end_seq))
            statement = copy_statement("COPY {table} FROM STDIN (FORMAT binary)", table=segment_table(segment.number))
            copy_in(writer, statement, JOURNAL.encode(block.rows[start:end]))
        for effect in block.effects:
            self._write_effect(writer, effect)
        if block.details:
            copy_in(writer, self._sql["details_copy"], encode_details(block.details, block.first_seq))
        if block.checkpoint is not None:
            done = {"job": block.checkpoint.job, "step": block.checkpoint.step, "seq": block.last_seq}
            writer.execute(self._sql["checkpoint_write"], done)

    def _write_effect(self, writer: psycopg.Connection, effect: Effect) -> None:
        if len(effect.pages):
            writer.execute(self._sql["account_stage_create"])
            copy_in(writer, self._sql["account_stage_copy"], _ACCOUNT_PAGE.encode(effect.pages))
            writer.execute(self._sql["account_stage_merge"])
        if effect.kind == "roll":
            writer.execute(self._sql["unit_roll"], effect.body)
        writer.execute(
            self._sql["event_append"],
            {
                "seq": effect.seq,
                "request_id": effect.request_id,
                "digest": effect.digest,
                "kind": effect.kind,
                "first_account": effect.first_account,
                "accounts": effect.accounts,
                "body": Jsonb(effect.body),
            },
        )

    def write_pass(self, balances: BalancePass) -> None:
        """Write changed balances and holds, then note the pass as complete."""
        keeper = self._session("keeper")
        for start in range(0, len(balances.pages), PAGES_WRITTEN_MAX):
            with keeper.transaction():
                keeper.execute(self._sql["balance_stage_create"])
                pages = balances.pages[start : start + PAGES_WRITTEN_MAX]
                copy_in(keeper, self._sql["balance_stage_copy"], _BALANCE_PAGE.encode(pages))
                keeper.execute(self._sql["balance_stage_merge"])
        with keeper.transaction():
            newer = keeper.execute(self._sql["pass_done"], {"seq": balances.as_of_seq}).rowcount
            # A pass that arrives after a newer one must not bring back holds resolved since.
            if newer and len(balances.holds):
                keeper.execute(self._sql["holds_forget"], {"seqs": balances.holds["seq"].tolist()})
                still_open = balances.holds[balances.holds["state"] == HOLD_OPEN]
                copy_in(keeper, self._sql["holds_copy"], _HOLD.encode(still_open))

    # --- segments

    def segments(self) -> Sequence[Segment]:
        """Every segment there is, in order."""
        return tuple(self._segments)

    def seal(self, segment: Segment) -> Segment:
        """Index a full segment; the segment with its ids' range."""
        sealer = self._session("sealer")
        sealer.execute(self._sql["segment_seal"], {"segment": segment.number})
        found = {known.number: known for known in self._read_segments(sealer)}
        with self._segments_lock:
            self._segments = [found.get(known.number, known) for known in self._segments]
        return found[segment.number]

    def _make_segments(self, writer: psycopg.Connection, last_seq: int) -> None:
        end = self._segments[-1].end_seq if self._segments else 1
        while end <= last_seq:
            segment = Segment((end - 1) // self._segment_rows + 1, end, end + self._segment_rows, sealed=False)
            given = {"segment": segment.number, "first_seq": segment.first_seq, "end_seq": segment.end_seq}
            writer.execute(self._sql["segment_create"], given)
            with self._segments_lock:
                self._segments.append(segment)
            end = segment.end_seq

    def _segments_of(self, block: Block) -> list[Segment]:
        first, last = ((seq - 1) // self._segment_rows for seq in (block.first_seq, block.last_seq))
        return self._segments[first : last + 1]

    def _read_segments(self, session: psycopg.Connection) -> list[Segment]:
        return [
            Segment(number, first, end, sealed, _high(id_first), _high(id_last))
            for number, first, end, id_first, id_last, sealed in session.execute(self._sql["segments"])
        ]

    # --- reading

    def load(self) -> Recovered:
        """The last committed state; raises UnitUnknown when the unit was never opened."""
        writer = self._session("engine")
        writer.execute(self._sql["rows_in_order"])
        with writer.transaction():
            writer.execute(load_statements("server")["one_snapshot"])
            return self._load(writer)

    def _load(self, writer: psycopg.Connection) -> Recovered:
        unit = writer.execute(self._sql["unit_read"]).fetchone()
        if unit is None:
            raise UnitUnknown("This database holds no unit yet. Open one first: yinhe init")
        number, business_date, self._segment_rows = unit
        last_seq, booked_at = writer.execute(self._sql["batch_last"]).fetchone() or (0, 0)
        (pass_seq,) = writer.execute(self._sql["pass_seq"]).fetchone() or (0,)
        self._segments = self._read_segments(writer)
        unsealed = [segment for segment in self._segments if not segment.sealed]
        unsealed_seq = unsealed[0].first_seq if unsealed else (self._segments[-1].end_seq if self._segments else 1)
        since = writer.execute(self._sql["batch_first_booked_at"], {"seq": unsealed_seq}).fetchone()
        rows = self._rows_from(writer, min(pass_seq + 1, unsealed_seq))
        return Recovered(
            unit=number,
            segment_rows=self._segment_rows,
            business_date=business_date,
            last_seq=last_seq,
            booked_at=booked_at,
            accounts=_ACCOUNT_PAGE.decode(copy_out(writer, self._sql["accounts_load"]), ACCOUNT_PAGE),
            balances=_BALANCE_PAGE.decode(copy_out(writer, self._sql["balances_load"]), BALANCE_PAGE),
            holds=self._load_holds(writer),
            pass_seq=pass_seq,
            rows=rows,
            rows_date=self._dates_of(writer, rows),
            unsealed_seq=unsealed_seq,
            unsealed_booked_at=since[0] if since else booked_at,
            segments=tuple(self._segments),
            checkpoints=dict(writer.execute(self._sql["checkpoints"]).fetchall()),
        )

    def _load_holds(self, session: psycopg.Connection) -> NDArray[np.void]:
        holds = _HOLD.decode(copy_out(session, self._sql["holds_load"]), HOLD)
        holds["state"] = HOLD_OPEN
        holds["changed_seq"] = holds["seq"]
        return holds

    def _rows_from(self, session: psycopg.Connection, seq: int) -> NDArray[np.void]:
        parts = [np.zeros(0, ROW)]
        for segment in self._segments:
            if segment.end_seq > seq:
                statement = copy_statement(
                    "COPY {table} TO STDOUT (FORMAT binary)", table=segment_table(segment.number)
                )
                rows = JOURNAL.decode(copy_out(session, statement), ROW)
                # Rows lie in the order they came, save where the room of an aborted commit was used again.
                if (np.diff(rows["seq"]) <= 0).any():
                    rows.sort(order="seq")
                parts.append(rows[np.searchsorted(rows["seq"], seq) :])
        return np.concatenate(parts)

    def _dates_of(self, session: psycopg.Connection, rows: NDArray[np.void]) -> NDArray[np.int32]:
        if not len(rows):
            return np.zeros(0, np.int32)
        statement = copy_statement(
            "COPY (SELECT last_seq, business_date FROM journal_batch WHERE last_seq >= {first} ORDER BY last_seq) "
            "TO STDOUT (FORMAT binary)",
            first=int(rows["seq"][0]),
        )
        batches = _BATCH.decode(copy_out(session, statement), _BATCH_ROW)
        return batches["business_date"][np.searchsorted(batches["last_seq"], rows["seq"])]

    def find_transactions(
        self, hi: NDArray[np.uint64], lo: NDArray[np.uint64], segments: Sequence[int]
    ) -> NDArray[np.void]:
        """All journal rows of the given ids in the given sealed segments, by seq; dtype ROW."""
        session = self._session("reader")
        ids = [join(int(a), int(b)) for a, b in zip(hi.tolist(), lo.tolist(), strict=True)]
        parts = [np.zeros(0, ROW)]
        for number in segments:
            query = sql.SQL("SELECT * FROM {} WHERE txn_id = ANY(%s) ORDER BY seq").format(
                sql.Identifier(segment_table(number))
            )
            parts.append(rows_from(session.execute(query, (ids,), binary=True)))
        return np.concatenate(parts)

    def find_hold_rows(self, debit: int, seq: int, before_seq: int) -> NDArray[np.void]:
        """The row `seq` of account `debit` and the posts and voids of it before `before_seq`; dtype ROW."""
        session = self._session("reader")
        given = {"debit": debit, "seq": seq, "before_seq": before_seq}
        return rows_from(session.execute(self._sql["hold_rows"], given, binary=True))

    def find_request(self, request_id: UUID) -> tuple[int, int, int] | None:
        """(seq, digest, first account) of a committed account command, None when there is none."""
        session = self._session("reader")
        return session.execute(self._sql["event_find"], {"request_id": request_id}).fetchone()


def rows_from(found: Iterable[tuple[Any, ...]]) -> NDArray[np.void]:
    """Journal rows as PostgreSQL gives them, in the order of the table's columns, as an array of dtype ROW."""
    mask = (1 << 64) - 1
    rows = [
        (seq, txn.int >> 64, txn.int & mask, amount, debit_balance, credit_balance, reference, debit, credit,
         (value_date - _EPOCH).days, code, flags, leg)
        for seq, amount, debit_balance, credit_balance, reference, txn, debit, credit, value_date, code, flags, leg
        in found
    ]  # fmt: skip
    return np.array(rows, ROW)


def _high(id_: UUID | None) -> int:
    return 0 if id_ is None else id_.int >> 64
