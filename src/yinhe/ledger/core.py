"""The engine without its threads: memory, decided batches, and what is remembered of them; deterministic, step by step.

The steps of one batch are apply → append (the store's) → committed. `Engine` runs them in threads, the simulation runs
them in an order a seed has chosen.
"""

import heapq
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

import msgspec
import numpy as np
from numpy.typing import NDArray

from yinhe.kernel.clock import Clock
from yinhe.kernel.ids import IdSource, split
from yinhe.ledger.accounts import AccountAnswer, AccountCommand, RollDate, carry_out, digest_of, refusal
from yinhe.ledger.batch import TRANSFER, Flag
from yinhe.ledger.columns import ACCOUNT_FLAGS_STORED, PAGE, Columns
from yinhe.ledger.errors import StepRefused
from yinhe.ledger.holds import HOLD_OPEN, clean, hold_slot, new_holds, put_holds
from yinhe.ledger.identities import IDENTITY, find_seqs, rehash, remember_rows
from yinhe.ledger.machine import apply
from yinhe.ledger.memory import (
    ACCOUNTS,
    COUNTERS,
    DIRTY,
    HOLDS,
    NEXT_SEQ,
    ROW,
    TOUCHED,
    YOUNG,
    Answers,
    Memory,
    new_undo,
)
from yinhe.ledger.outcomes import AccountOutcome, Outcome
from yinhe.ledger.preview import preview
from yinhe.ledger.recovery import catch_up, columns_from
from yinhe.ledger.rules import ID_SKEW_MS, refuse_identity
from yinhe.ledger.sieve import new_sieve, passing
from yinhe.ledger.store import BalancePass, Block, Checkpoint, Detail, Recovered, Segment, Store, hold_of_rows
from yinhe.ledger.tail import Tail

EXPIRE_MAX: Final = 1_000
"""Most holds expired in one batch."""
SIEVES_MAX: Final = 64
"""Sieves kept in memory, of two mebibytes for a segment of 2^20 rows; ids of older segments are looked up at once."""
REQUESTS_MAX: Final = 100_000
"""Account commands remembered in memory; older ones are asked of the store."""
_RECALL: Final = int(Flag.POST | Flag.VOID)


class Work(msgspec.Struct, frozen=True, eq=False):
    """One decided batch: the answers to give once `block` (None: nothing to write) is durable."""

    answers: Answers
    block: Block | None
    seq: int
    """Last seq decided so far; everything up to it must be durable before these answers are given."""


class CommandWork(msgspec.Struct, frozen=True, eq=False):
    """One decided account command, likewise."""

    answer: AccountAnswer
    block: Block | None
    seq: int


class Core:
    """Memory of one unit and the steps that change it; one thread at a time."""

    def __init__(self, store: Store, clock: Clock, ids: IdSource, identities: int) -> None:
        """An empty core; `identities` (a power of two) is how many slots a generation of ids starts with."""
        self._store: Final = store
        self._clock: Final = clock
        self._ids: Final = ids
        self._identities: Final = identities
        self._undo: Final = new_undo()
        self.committed_seq: int = 0

    # --- recovery

    def recover(self) -> None:
        """Take the unit's lock and build memory from the store; raises UnitTaken, BooksCorrupt or a storage fault."""
        self._store.acquire()
        self._install(self._store.load())

    def _install(self, found: Recovered) -> None:
        self.unit: int = found.unit
        self.business_date: int = found.business_date
        self.booked_at: int = found.booked_at
        self.committed_seq = found.last_seq
        self.segments: list[Segment] = [segment for segment in found.segments if segment.sealed]
        """The sealed segments."""
        self._sieves: dict[int, NDArray[np.uint64]] = {}
        self.checkpoints: dict[str, int] = dict(found.checkpoints)
        self.columns: Columns = columns_from(found)
        self._requests: OrderedDict[UUID, tuple[int, int, int]] = OrderedDict()
        self.counters: NDArray[np.int64] = np.zeros(COUNTERS, np.int64)
        self.counters[NEXT_SEQ] = found.last_seq + 1
        self.counters[ACCOUNTS] = self.columns.count
        self._dirty: NDArray[np.int32] = np.zeros(self.columns.capacity, np.int32)
        self._holds: NDArray[np.void] = new_holds(len(found.holds) + len(found.rows))
        put_holds(self._holds, found.holds)
        self.counters[HOLDS] = len(found.holds)
        self._touched: NDArray[np.int64] = np.zeros(len(self._holds), np.int64)
        self._young: NDArray[np.void] = np.zeros(self._identities, IDENTITY)
        self._old: NDArray[np.void] = np.zeros(2, IDENTITY)
        self._old_last_seq: int = 0
        self._known_since: int = found.unsealed_booked_at
        self._young_since: int = found.unsealed_booked_at
        tail_rows = found.rows[np.searchsorted(found.rows["seq"], found.unsealed_seq) :]
        known_rows = self._with_whole_first(tail_rows)
        self._widen_young(len(known_rows))
        self.counters[YOUNG] = remember_rows(self._young, known_rows)
        catch_up(self._memory(), found)
        self._compact_holds(0)
        tail = Tail(found.unsealed_seq, found.segment_rows)
        tail.append(tail_rows)
        self.tail: Tail = tail
        is_open = (self._holds["state"] == HOLD_OPEN) & (self._holds["seq"] != 0) & (self._holds["expires_at"] != 0)
        pairs = zip(self._holds["expires_at"][is_open].tolist(), self._holds["seq"][is_open].tolist(), strict=True)
        self._expiries: list[tuple[int, int]] = list(pairs)
        heapq.heapify(self._expiries)

    def _with_whole_first(self, rows: NDArray[np.void]) -> NDArray[np.void]:
        """The rows, with the legs that the first transaction has in a sealed segment put before them."""
        if not len(rows) or rows["leg"][0] == 0:
            return rows
        sealed = [segment.number for segment in self.segments]
        return np.concatenate([self._store.find_transactions(rows["txn_hi"][:1], rows["txn_lo"][:1], sealed), rows])

    # --- deciding

    @property
    def next_seq(self) -> int:
        """The seq the next accepted row will get."""
        return int(self.counters[NEXT_SEQ])

    def apply(
        self, batch: NDArray[np.void], details: tuple[Detail, ...] = (), checkpoint: Checkpoint | None = None
    ) -> Work:
        """Decide a batch (dtype TRANSFER, shape (n,), whole transactions), in order.

        With a checkpoint the batch must be the next step of its job; a step already taken is answered as duplicates.
        Raises StepRefused when a step is skipped or posts nothing.
        """
        if checkpoint is not None:
            done = self.checkpoints.get(checkpoint.job, 0)
            if checkpoint.step <= done:
                answers = Answers(np.full(len(batch), Outcome.DUPLICATE, np.uint8), np.zeros(len(batch), np.int64))
                return Work(answers, None, self.next_seq - 1)
            if checkpoint.step != done + 1:
                raise StepRefused(f"Step {checkpoint.step} of {checkpoint.job} comes before step {done + 1} is done.")
        # Room first: making it forgets ids and holds, and what is called back must not be among them.
        self._make_room(len(batch))
        self._recall_identities(batch)
        self._recall_holds(batch)
        first_seq = self.next_seq
        rows = np.zeros(len(batch), ROW)
        answers = Answers(np.zeros(len(batch), np.uint8), np.zeros(len(batch), np.int64))
        count = apply(self._memory(), self._undo, batch, rows, answers, self._now(), self.business_date)
        rows = rows[:count]
        self._watch_expiries(rows)
        if checkpoint is not None:
            if count == 0:
                raise StepRefused(f"Step {checkpoint.step} of {checkpoint.job} posted nothing.")
            self.checkpoints[checkpoint.job] = checkpoint.step
        if count == 0:
            return Work(answers, None, self.next_seq - 1)
        posted = {int(seq) for seq in answers.seq[answers.outcome == Outcome.POSTED]} if details else set[int]()
        kept = self._kept_details(batch, answers, details) if posted else ()
        block = Block(first_seq, self.next_seq - 1, self.booked_at, self.business_date, rows, (), kept, checkpoint)
        return Work(answers, block, self.next_seq - 1)

    def command(self, command: AccountCommand) -> CommandWork:
        """Decide an account command, in order with the batches."""
        now = self._now()
        digest = digest_of(command)
        seen = self._requests.get(command.request_id) or self._store.find_request(command.request_id)
        if seen is not None:
            seq, first_digest, account = seen
            outcome = AccountOutcome.DUPLICATE if first_digest == digest else AccountOutcome.ID_CONFLICT
            same = outcome is AccountOutcome.DUPLICATE
            return CommandWork(AccountAnswer(outcome, account * same, seq * same), None, self.next_seq - 1)
        outcome = _refuse_request(command.request_id, now) or refusal(self.columns, self.business_date, command)
        if outcome is not AccountOutcome.DONE:
            return CommandWork(AccountAnswer(outcome), None, self.next_seq - 1)
        seq = self.next_seq
        self.counters[NEXT_SEQ] += 1
        effect = carry_out(self.columns, seq, command)
        if isinstance(command, RollDate):
            self.business_date = command.business_date
        self.counters[ACCOUNTS] = self.columns.count
        if len(self._dirty) < self.columns.capacity:
            self._dirty = np.concatenate([self._dirty, np.zeros(self.columns.capacity - len(self._dirty), np.int32)])
        self._requests[command.request_id] = (seq, digest, effect.first_account)
        if len(self._requests) > REQUESTS_MAX:
            self._requests.popitem(last=False)
        block = Block(seq, seq, now, self.business_date, np.zeros(0, ROW), (effect,))
        return CommandWork(AccountAnswer(AccountOutcome.DONE, effect.first_account, seq), block, seq)

    def expire(self) -> Work | None:
        """Release the holds whose time has come, at most EXPIRE_MAX; None when there is none."""
        now = self._now()
        due: list[int] = []
        while self._is_due(now) and len(due) < EXPIRE_MAX:
            seq = heapq.heappop(self._expiries)[1]
            hold = self._holds[hold_slot(self._holds, seq)]
            if hold["seq"] == seq and hold["state"] == HOLD_OPEN:
                due.append(seq)
        if not due:
            return None
        holds = self._holds[np.array([hold_slot(self._holds, seq) for seq in due], np.int64)]
        work = self.apply(self._releases(holds))
        for hold in holds[work.answers.outcome != Outcome.POSTED]:
            # Not released now (the clock was set back, say): looked at again later.
            heapq.heappush(self._expiries, (int(hold["expires_at"]), int(hold["seq"])))
        return work

    def preview(self, batch: NDArray[np.void], opening: NDArray[np.void]) -> NDArray[np.uint8]:
        """What `apply` would answer now (dtype TRANSFER, whole transactions), uint8[n]; nothing is decided.

        `opening` (dtype OPENING) are accounts to be opened first; the first is TO_OPEN in the batch.
        The holds whose time has come, which the engine releases before it decides anything, count as released.
        """
        self._make_room(len(batch))
        self._recall_identities(batch)
        self._recall_holds(batch)
        now = self._now()
        due = [seq for expires_at, seq in self._expiries if expires_at <= now] if self._is_due(now) else []
        holds = self._holds[np.array([hold_slot(self._holds, seq) for seq in due[:EXPIRE_MAX]], np.int64)]
        released = self._releases(holds[(holds["seq"] != 0) & (holds["state"] == HOLD_OPEN)])
        whole = np.concatenate([released, batch])
        return preview(self._memory(), whole, opening, now, self.business_date)[len(released) :]

    def _is_due(self, now: int) -> bool:
        return bool(self._expiries) and self._expiries[0][0] <= now

    def _releases(self, holds: NDArray[np.void]) -> NDArray[np.void]:
        """The transfers (dtype TRANSFER) that release holds (dtype HOLD) whose time has come."""
        batch = np.zeros(len(holds), TRANSFER)
        batch["txn_hi"], batch["txn_lo"] = self._ids.take(len(holds))
        batch["debit"], batch["credit"], batch["reference"] = holds["debit"], holds["credit"], holds["seq"]
        batch["flags"] = int(Flag.VOID | Flag.EXPIRE)
        return batch

    def known_seqs(self, hi: NDArray[np.uint64], lo: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """For each id (uint64[n] halves) its first seq, 0 for one not remembered; and whether that is certain, bool[n].

        An id is certain when it is remembered, or too young to have been forgotten.
        """
        seqs = find_seqs(self._young, self._old, hi, lo)
        young = (hi >> np.uint64(16)).astype(np.int64) > self._known_since // 1000 + ID_SKEW_MS
        return seqs, (seqs != 0) | young | (not self.segments)

    def holds_of(self, account: int) -> list[int]:
        """The numbers of the holds open on an account, ascending, but for those that change at this moment."""
        # The table is replaced whole when it is cleaned: a look at the one there was needs no lock.
        holds = self._holds
        return sorted(holds["seq"][(holds["debit"] == account) & (holds["state"] == HOLD_OPEN)].tolist())

    def open_holds(self, seqs: Sequence[int]) -> NDArray[np.void]:
        """Those of some holds that are open, as they are; dtype HOLD."""
        holds = self._holds[np.array([hold_slot(self._holds, seq) for seq in seqs], np.int64)]
        return holds[holds["state"] == HOLD_OPEN]

    def holds_overdue(self, time_us: int) -> int:
        """How many holds should have expired before a time (microseconds since 1970-01-01) and are still open."""
        holds = self._holds
        is_open = (holds["seq"] != 0) & (holds["state"] == HOLD_OPEN) & (holds["expires_at"] != 0)
        return int(np.count_nonzero(is_open & (holds["expires_at"] < time_us)))

    # --- after the commit

    def committed(self, block: Block) -> None:
        """Note that a block is durable. The only step another thread may take while this one decides the next batch."""
        self.tail.append(block.rows)
        self.committed_seq = block.last_seq

    def sieves_of(self, segment: Segment) -> dict[int, NDArray[np.uint64]]:
        """The sieve of a full segment under its number, nothing when its rows are not in memory; any thread may ask."""
        rows = self.tail.view().segment(segment.first_seq)
        return {segment.number: new_sieve(rows["txn_hi"].copy(), rows["txn_lo"].copy())} if len(rows) else {}

    def learn_sealed(self, segments: Sequence[Segment], sieves: Mapping[int, NDArray[np.uint64]]) -> None:
        """Note which segments have their indexes: once all before them have too, their rows need not stay in memory.

        `sieves` are those of segments just sealed; the newest SIEVES_MAX are kept.
        """
        self.segments = [segment for segment in segments if segment.sealed]
        self._sieves.update(sieves)
        for number in sorted(self._sieves)[:-SIEVES_MAX]:
            del self._sieves[number]
        sealed = {segment.first_seq for segment in self.segments}
        while self.tail.first_seq in sealed:
            self.tail.drop_before(self.tail.first_seq + self.tail.segment_rows)

    def begin_pass(self) -> BalancePass | None:
        """Take a copy of what changed since the last pass; to be written once `as_of_seq` is durable."""
        accounts = self._dirty[: self.counters[DIRTY]]
        touched = self._touched[: self.counters[TOUCHED]].tolist()
        holds = self._holds[np.array([hold_slot(self._holds, seq) for seq in touched], np.int64)]
        if not len(accounts) and not len(holds):
            return None
        self.columns.line["flags"][accounts] &= np.uint16(ACCOUNT_FLAGS_STORED)
        self._holds["touched"] = 0
        changed = np.zeros(self.columns.capacity // PAGE, np.bool_)
        changed[accounts // PAGE] = True
        self.counters[DIRTY] = self.counters[TOUCHED] = 0
        as_of_seq = self.next_seq - 1
        pages = self.columns.balance_pages(np.flatnonzero(changed).astype(np.int32), as_of_seq)
        return BalancePass(as_of_seq, pages, holds)

    @property
    def dirty(self) -> int:
        """Accounts and holds changed since the last pass."""
        return int(self.counters[DIRTY] + self.counters[TOUCHED])

    # --- memory

    def _now(self) -> int:
        self.booked_at = max(self.booked_at, self._clock.now_us())
        return self.booked_at

    def _memory(self) -> Memory:
        return Memory(self.columns.line, self._young, self._old, self._holds, self._dirty, self._touched, self.counters)

    def _make_room(self, count: int) -> None:
        if 2 * (int(self.counters[HOLDS]) + count) > len(self._holds):
            self._compact_holds(count)
        if 2 * (int(self.counters[YOUNG]) + count) <= len(self._young):
            return
        if self._old_last_seq < self.tail.first_seq and 2 * count <= self._identities:
            self._old, self._old_last_seq, self._known_since = self._young, self.next_seq - 1, self._young_since
            self._young, self._young_since = np.zeros(self._identities, IDENTITY), self.booked_at
            self.counters[YOUNG] = 0
        else:
            self._widen_young(count)

    def _widen_young(self, count: int) -> None:
        needed = 2 * (int(self.counters[YOUNG]) + count)
        if needed > len(self._young):
            wider = np.zeros(1 << needed.bit_length(), IDENTITY)
            rehash(self._young, wider)
            self._young = wider

    def _compact_holds(self, room: int) -> None:
        self._holds = clean(self._holds, room, self.committed_seq)
        self.counters[HOLDS] = np.count_nonzero(self._holds["seq"])
        kept = self._touched[: self.counters[TOUCHED]]
        self._touched = np.zeros(len(self._holds), np.int64)
        self._touched[: len(kept)] = kept

    def _watch_expiries(self, rows: NDArray[np.void]) -> None:
        placed = rows[(rows["flags"] & np.uint16(Flag.PENDING) != 0) & (rows["reference"] != 0)]
        for expires_at, seq in zip(placed["reference"].tolist(), placed["seq"].tolist(), strict=True):
            heapq.heappush(self._expiries, (expires_at, seq))

    def _recall_identities(self, batch: NDArray[np.void]) -> None:
        """Bring ids that are too old to be in memory back from the sealed segments they may be in."""
        sealed = self.segments
        if not sealed:
            return
        milliseconds = (batch["txn_hi"] >> np.uint64(16)).astype(np.int64)
        old = milliseconds <= self._known_since // 1000 + ID_SKEW_MS
        if not old.any():
            return
        hi, lo = batch["txn_hi"][old], batch["txn_lo"][old]
        unknown = find_seqs(self._young, self._old, hi, lo) == 0
        hi, lo = hi[unknown], lo[unknown]
        numbers: list[int] = []
        wanted = np.zeros(len(hi), np.bool_)
        for segment in sealed:
            possible = (hi >= np.uint64(segment.id_first)) & (hi <= np.uint64(segment.id_last))
            if possible.any() and segment.number in self._sieves:
                possible &= passing(self._sieves[segment.number], hi, lo)
            if possible.any():
                numbers.append(segment.number)
                wanted |= possible
        if numbers:
            # All segments at once: a transaction's legs may lie in two, and its digest is of all of them.
            rows = self._store.find_transactions(hi[wanted], lo[wanted], numbers)
            self._widen_young(len(rows) + len(batch))
            self.counters[YOUNG] += remember_rows(self._young, rows)

    def _recall_holds(self, batch: NDArray[np.void]) -> None:
        """Bring markers of resolved holds back, so that a late post or void hears what became of them."""
        for row in batch[(batch["flags"] & np.uint16(_RECALL)) != 0]:
            seq = int(row["reference"])
            if not 0 < seq <= self.committed_seq or self._holds[hold_slot(self._holds, seq)]["seq"] != 0:
                continue
            view = self.tail.view()
            if seq >= view.first_seq and not (view.range(seq, 1)["flags"] & np.uint16(Flag.PENDING)).any():
                continue
            rows = view.of_account(int(row["debit"]), self.next_seq, self.next_seq)[::-1]
            rows = rows[(rows["seq"] == seq) | (rows["reference"] == seq)]
            rows = np.concatenate([self._store.find_hold_rows(int(row["debit"]), seq, view.first_seq), rows])
            marker = hold_of_rows(seq, rows)
            if len(marker):
                put_holds(self._holds, marker)
                self.counters[HOLDS] += 1

    def _kept_details(
        self, batch: NDArray[np.void], answers: Answers, details: tuple[Detail, ...]
    ) -> tuple[Detail, ...]:
        posted = batch[answers.outcome == Outcome.POSTED]
        ids = set(zip(posted["txn_hi"].tolist(), posted["txn_lo"].tolist(), strict=True))
        # Handed in twice, a transaction keeps the words it came with first.
        first = {detail.txn_id: detail for detail in reversed(details)}
        return tuple(detail for detail in first.values() if split(detail.txn_id) in ids)


def _refuse_request(request_id: UUID, now: int) -> AccountOutcome:
    row = np.zeros(1, TRANSFER)
    row["txn_hi"], row["txn_lo"] = request_id.int >> 64, request_id.int & ((1 << 64) - 1)
    match Outcome(refuse_identity(row[0], now // 1000)):
        case Outcome.ID_MALFORMED:
            return AccountOutcome.ID_MALFORMED
        case Outcome.ID_FROM_FUTURE:
            return AccountOutcome.ID_FROM_FUTURE
        case _:
            return AccountOutcome.DONE
