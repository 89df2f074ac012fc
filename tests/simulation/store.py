"""A store in memory that behaves as the one on PostgreSQL does, and fails when its faults say so.

`Database` is what survives every crash; `MemoryStore` is one engine's sessions on it, with the caches that
`PostgresStore` keeps. Each change to the database is one transaction: all of it or nothing.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import numpy as np
import psycopg
from numpy.typing import NDArray
from tests.simulation.books import Books, require

from yinhe.ledger.accounts import Effect
from yinhe.ledger.batch import Flag
from yinhe.ledger.columns import ACCOUNT_PAGE, BALANCE_PAGE
from yinhe.ledger.errors import AppendFailed, UnitTaken
from yinhe.ledger.holds import HOLD, HOLD_OPEN
from yinhe.ledger.memory import ROW
from yinhe.ledger.store import BalancePass, Block, Recovered, Segment


class Faults:
    """Strikes by a seeded die: each kind of fault has its own likelihood."""

    def __init__(self, rng: random.Random, likelihood: dict[str, float]) -> None:
        self._rng = rng
        self.likelihood = likelihood

    def strike(self, kind: str) -> bool:
        """Whether the fault of this kind strikes now."""
        chance = self.likelihood.get(kind, 0.0)
        return chance > 0 and self._rng.random() < chance

    def raise_at(self, kind: str) -> None:
        """Lose the connection here if the die says so."""
        if self.strike(kind):
            raise psycopg.OperationalError(f"simulated: {kind}")


@dataclass
class Database:
    """What is durable."""

    unit: int
    segment_rows: int
    business_date: int
    pages_written_max: int = 1
    """Pages of balances written in one transaction."""
    blocks: list[Block] = field(default_factory=list)
    segments: dict[int, Segment] = field(default_factory=dict)
    account_pages: dict[int, np.void] = field(default_factory=dict)
    balance_pages: dict[int, np.void] = field(default_factory=dict)
    holds: dict[int, np.void] = field(default_factory=dict)
    pass_seq: int = 0
    checkpoints: dict[str, int] = field(default_factory=dict)
    requests: dict[UUID, tuple[int, int, int]] = field(default_factory=dict)
    writer: object | None = None
    """The session that holds the unit's lock."""

    def __post_init__(self) -> None:
        self.books = Books(self.business_date)
        self.opened_on = self.business_date

    @property
    def last_seq(self) -> int:
        """The last committed seq."""
        return self.blocks[-1].last_seq if self.blocks else 0

    def commit(self, block: Block) -> None:
        """Commit one block."""
        self.books.take(block)
        self.blocks.append(block)
        for effect in block.effects:
            self._take_effect(effect)
        if block.checkpoint is not None:
            self.checkpoints[block.checkpoint.job] = block.checkpoint.step

    def _take_effect(self, effect: Effect) -> None:
        self.requests[effect.request_id] = (effect.seq, effect.digest, effect.first_account)
        self.account_pages |= {int(page["page"]): page.copy() for page in effect.pages}
        if effect.kind == "roll":
            self.business_date = int(effect.body["business_date"])

    def pass_steps(self, balances: BalancePass) -> Iterator[None]:
        """Write a pass, one transaction a step."""
        for start in range(0, len(balances.pages), self.pages_written_max):
            for page in balances.pages[start : start + self.pages_written_max]:
                self.write_page(page)
            yield
        self.finish_pass(balances)
        yield

    def write_page(self, page: np.void) -> None:
        """Write one page of balances, unless what is there is newer."""
        known = self.balance_pages.get(int(page["page"]))
        if known is None or known["as_of_seq"] < page["as_of_seq"]:
            self.balance_pages[int(page["page"])] = page.copy()

    def finish_pass(self, balances: BalancePass) -> None:
        """The last transaction of a pass: its holds and its completion; nothing when a newer pass is complete."""
        if balances.as_of_seq > self.pass_seq:
            self.write_holds(balances)
            self.pass_seq = balances.as_of_seq

    def write_holds(self, balances: BalancePass) -> None:
        """Replace the holds a pass found changed by those it found open."""
        for hold in balances.holds:
            self.holds.pop(int(hold["seq"]), None)
            if hold["state"] == HOLD_OPEN:
                require(hold["remaining"] > 0, f"hold {hold['seq']} is open with nothing held")
                self.holds[int(hold["seq"])] = hold.copy()

    def make_segments(self, known: list[Segment], last_seq: int) -> None:
        """Make segments until `last_seq` has one."""
        end = known[-1].end_seq if known else 1
        while end <= last_seq:
            segment = Segment((end - 1) // self.segment_rows + 1, end, end + self.segment_rows, sealed=False)
            require(segment.number not in self.segments, f"segment {segment.number} is made twice")
            self.segments[segment.number] = segment
            known.append(segment)
            end = segment.end_seq

    def seal(self, number: int) -> Segment:
        """Index a full segment, once."""
        segment = self.segments[number]
        if not segment.sealed:
            require(segment.end_seq <= self.last_seq + 1, f"segment {number} is sealed before it is full")
            his = self.rows(segment.first_seq, segment.end_seq)["txn_hi"]
            low, high = (int(his.min()), int(his.max())) if len(his) else (0, 0)
            segment = Segment(number, segment.first_seq, segment.end_seq, True, low, high)
            self.segments[number] = segment
        return segment

    def rows(self, first_seq: int, end_seq: int) -> NDArray[np.void]:
        """The journal from `first_seq` up to `end_seq`, dtype ROW."""
        parts = [b.rows for b in self.blocks if len(b.rows) and b.last_seq >= first_seq and b.first_seq < end_seq]
        rows = np.concatenate([np.zeros(0, ROW), *parts])
        return rows[(rows["seq"] >= first_seq) & (rows["seq"] < end_seq)]

    def booked_since(self, seq: int) -> int:
        """When the first commit at or after `seq` was booked; the last commit's time when there is none."""
        booked = [block.booked_at for block in self.blocks if block.last_seq >= seq]
        return booked[0] if booked else (self.blocks[-1].booked_at if self.blocks else 0)


class MemoryStore:
    """One engine's store."""

    def __init__(self, database: Database, faults: Faults, interrupt: Callable[[], None] = lambda: None) -> None:
        """`interrupt` runs while a load reads: what else happens in the database just then."""
        self.database = database
        self.faults = faults
        self._interrupt = interrupt
        self._session: object | None = None
        self._segments: list[Segment] = []

    # --- sessions

    def acquire(self) -> None:
        self.close()
        self.faults.raise_at("acquire")
        if self.database.writer is not None:
            raise UnitTaken
        self._session = self.database.writer = object()

    @property
    def is_writer(self) -> bool:
        """Whether this store's session holds the unit's lock."""
        return self._session is not None and self.database.writer is self._session

    def lose_session(self) -> None:
        """The database drops the writer's session, and with it the lock; the engine has not noticed yet."""
        if self.is_writer:
            self.database.writer = None

    def close(self) -> None:
        self.lose_session()
        self._session = None

    def reach(self, kind: str) -> None:
        """Any statement of any of the sessions."""
        if self._session is None:
            raise psycopg.OperationalError("the engine's session is closed")
        self.faults.raise_at(kind)

    # --- writing

    def append(self, block: Block) -> None:
        if not self.is_writer or self.faults.strike("append before"):
            raise AppendFailed
        self.database.make_segments(self._segments, block.last_seq)
        if self.faults.strike("append between"):
            raise AppendFailed
        self.database.commit(block)
        if self.faults.strike("append after"):
            raise AppendFailed

    def write_pass(self, balances: BalancePass) -> None:
        for _ in self.database.pass_steps(balances):
            self.reach("pass")

    def segments(self) -> Sequence[Segment]:
        return tuple(self._segments)

    def seal(self, segment: Segment) -> Segment:
        self.reach("seal before")
        self.database.seal(segment.number)
        self.reach("seal after")
        self._segments = [self.database.segments[known.number] for known in self._segments]
        return self.database.segments[segment.number]

    # --- reading

    def load(self) -> Recovered:
        self.reach("load")
        return self._load()

    def _load(self) -> Recovered:
        """All reads of a load, in the order PostgresStore makes them, from one snapshot."""
        self._interrupt()
        return self._read(self.database.pass_seq)

    def _read(self, pass_seq: int) -> Recovered:
        database = self.database
        self._segments = [database.segments[number] for number in sorted(database.segments)]
        unsealed = [segment for segment in self._segments if not segment.sealed]
        unsealed_seq = unsealed[0].first_seq if unsealed else (self._segments[-1].end_seq if self._segments else 1)
        rows = database.rows(min(pass_seq + 1, unsealed_seq), database.last_seq + 1)
        ends = np.array([block.last_seq for block in database.blocks], np.int64)
        dates = np.array([block.business_date for block in database.blocks], np.int32)
        holds = np.array(list(database.holds.values()), HOLD)
        holds["touched"], holds["changed_seq"] = 0, holds["seq"]
        return Recovered(
            unit=database.unit,
            segment_rows=database.segment_rows,
            business_date=database.business_date,
            last_seq=database.last_seq,
            booked_at=database.blocks[-1].booked_at if database.blocks else 0,
            accounts=np.array(list(database.account_pages.values()), ACCOUNT_PAGE),
            balances=np.array(list(database.balance_pages.values()), BALANCE_PAGE),
            holds=holds,
            pass_seq=pass_seq,
            rows=rows,
            rows_date=dates[np.searchsorted(ends, rows["seq"])] if len(rows) else np.zeros(0, np.int32),
            unsealed_seq=unsealed_seq,
            unsealed_booked_at=database.booked_since(unsealed_seq),
            segments=tuple(self._segments),
            checkpoints=dict(database.checkpoints),
        )

    def find_transactions(
        self, hi: NDArray[np.uint64], lo: NDArray[np.uint64], segments: Sequence[int]
    ) -> NDArray[np.void]:
        self.reach("find")
        ids = set(zip(hi.tolist(), lo.tolist(), strict=True))
        parts = [np.zeros(0, ROW)]
        for number in segments:
            segment = self.database.segments[number]
            require(segment.sealed, f"segment {number} is searched without an index")
            rows = self.database.rows(segment.first_seq, segment.end_seq)
            wanted = [(int(row["txn_hi"]), int(row["txn_lo"])) in ids for row in rows]
            parts.append(rows[np.array(wanted, np.bool_)])
        return np.concatenate(parts)

    def find_hold_rows(self, debit: int, seq: int, before_seq: int) -> NDArray[np.void]:
        self.reach("find")
        rows = self.database.rows(seq, before_seq)
        about = (rows["reference"] == seq) & (rows["flags"] & np.uint16(Flag.POST | Flag.VOID) != 0)
        return rows[(rows["debit"] == debit) & ((rows["seq"] == seq) | about)]

    def find_request(self, request_id: UUID) -> tuple[int, int, int] | None:
        self.reach("find")
        return self.database.requests.get(request_id)
