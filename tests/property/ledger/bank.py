"""One unit kept twice, by the engine and by the model, and compared after every step."""

from collections import Counter, deque
from dataclasses import replace
from random import Random

import numpy as np
from numpy.typing import NDArray

from yinhe.kernel.clock import ManualClock
from yinhe.kernel.ids import IdSource, join, split
from yinhe.ledger.accounts import AccountCommand
from yinhe.ledger.batch import TRANSFER, Flag
from yinhe.ledger.columns import AccountFlag
from yinhe.ledger.core import CommandWork, Core, Work
from yinhe.ledger.holds import HOLD_EXPIRED, HOLD_OPEN, HOLD_RESOLVED
from yinhe.ledger.memory import DIRTY
from yinhe.ledger.outcomes import Outcome
from yinhe.ledger.store import BalancePass, Block
from yinhe.ledger.trial_balance import out_of_balance, trial_balance

from .generator import DAY_US, Requests
from .memory_store import MemoryStore
from .model import Asked, Model, Row

BUSINESS_DATE = 20_000
STATES = {HOLD_OPEN: "open", HOLD_RESOLVED: "resolved", HOLD_EXPIRED: "expired"}


class Bank:
    """The engine over a store in memory, and the model; small segments and small tables, so that both fill up."""

    def __init__(self, random: Random, *, segment_rows: int = 16) -> None:
        self.clock = ManualClock(BUSINESS_DATE * DAY_US)
        self.store = MemoryStore(BUSINESS_DATE, segment_rows)
        self.ids = IdSource(self.clock, 7)
        self.core = self._recovered()
        self.model = Model(BUSINESS_DATE)
        self.random = random
        self.requests = Requests(random)
        self.seen: Counter[str] = Counter()
        """By name; as numbers `Outcome` and `AccountOutcome` would be one."""
        self.undurable: deque[tuple[Block, Model]] = deque()
        """Decided blocks that are not committed, each with the model after it."""
        self.durable_model = self.model.copy()
        self.waiting_pass: BalancePass | None = None
        self.carry_out(self.requests.opening(self.clock.now_us()))
        self.commit(1)

    def _recovered(self) -> Core:
        core = Core(self.store, self.clock, self.ids, 16)
        core.recover()
        return core

    # --- requests

    def random_batch(self) -> None:
        self.post(self.requests.batch(self.model, self.clock.now_us()))

    def random_command(self) -> None:
        self.carry_out(self.requests.command(self.model, self.clock.now_us()))

    def post(self, batch: list[Asked]) -> list[tuple[Outcome, int]]:
        """Ask both the same; their answers and books agree."""
        work = self.core.apply(rows_asked(batch))
        expected = self.model.apply(batch, self.core.booked_at)
        answers = answers_of(work)
        self.seen.update(repr(outcome) for outcome, _ in answers)
        assert answers == expected
        self._note(work)
        return answers

    def carry_out(self, command: AccountCommand) -> None:
        work = self.core.command(command)
        expected = self.model.command(command, self.core.booked_at)
        answer = (work.answer.outcome, work.answer.account, work.answer.seq)
        self.seen[repr(work.answer.outcome)] += 1
        assert answer == expected
        self._note(work)

    def expire(self) -> None:
        work = self.core.expire()
        due = self.model.due(self.core.booked_at)
        assert (work is None) == (not due)
        if work is None or work.block is None:
            return
        ids = [
            join(*pair) for pair in zip(*(work.block.rows[half].tolist() for half in ("txn_hi", "txn_lo")), strict=True)
        ]
        for release, txn_id in zip(due, ids, strict=True):
            assert self.model.apply([replace(release, txn_id=txn_id)], self.core.booked_at)[0][0] is Outcome.POSTED
        self._note(work)

    def _note(self, work: Work | CommandWork) -> None:
        assert work.seq == self.core.next_seq - 1 == self.model.books.next_seq - 1
        if work.block is not None:
            assert (
                rows_journaled(work.block.rows)
                == self.model.books.journal[len(self.model.books.journal) - len(work.block.rows) :]
            )
            assert work.block.business_date == self.core.business_date == self.model.business_date
            self.undurable.append((work.block, self.model.copy()))
        self.compare()

    # --- time, commits, crashes

    def let_time_pass(self) -> None:
        if self.random.randrange(10) == 0:
            self.clock.set(self.clock.now_us() - 5_000_000)
        else:
            self.clock.advance(self.random.choice((0, 1, 1_000, 2_000_000, 60_000_000, DAY_US)))

    def commit(self, blocks: int) -> None:
        """The store takes the oldest of what was decided; a pass that waited for it is written."""
        for _ in range(min(blocks, len(self.undurable))):
            block, self.durable_model = self.undurable.popleft()
            self.store.append(block)
            self.core.committed(block)
        if self.waiting_pass is not None and self.waiting_pass.as_of_seq <= self.core.committed_seq:
            cut_short = self.random.choice((None, None, 0, 1))
            self.store.write_pass(self.waiting_pass, pages_written=cut_short)
            self.waiting_pass = None
            if cut_short is not None:
                self.crash()

    def begin_pass(self) -> None:
        if self.waiting_pass is None:
            self.waiting_pass = self.core.begin_pass()
            holds = self.waiting_pass.holds["seq"].tolist() if self.waiting_pass else []
            assert len(holds) == len(set(holds))
            assert set(holds) <= self.model.books.holds.keys()
            assert self.core.dirty == 0

    def seal(self) -> None:
        for segment in self.store.segments():
            if not segment.sealed and segment.end_seq <= self.core.committed_seq + 1:
                self.store.seal(segment)
                self.core.learn_sealed(self.store.segments(), {})

    def crash(self) -> None:
        """Memory and what was not committed are gone; memory is built anew from the store."""
        self.undurable.clear()
        self.waiting_pass = None
        self.model = self.durable_model.copy()
        self.core = self._recovered()
        self.compare()

    # --- comparing

    def compare(self) -> None:
        """Memory, field by field, and the laws of the books."""
        model, columns = self.model, self.core.columns
        assert columns.count - 1 == len(model.books.accounts)
        assert self.core.business_date == model.business_date
        held: Counter[int] = Counter()
        for hold in model.books.holds.values():
            held[hold.debit] += hold.remaining
        for index, account in model.books.accounts.items():
            line = columns.line[index]
            spent_on = max(account.spent, default=0)
            expected = {
                "balance": account.balance,
                "held": held[index],
                "floor": account.floor,
                "ceiling": account.ceiling,
                "limit_daily": account.limit_daily,
                "turnover": account.spent.get(spent_on, 0),
                "turnover_date": spent_on,
                "last_seq": account.last_seq,
                "currency": account.currency,
            }
            assert {name: int(line[name]) for name in expected} == expected, index
            assert int(line["flags"]) & ~AccountFlag.DIRTY == account.flags, index
            beside = (columns.gl_code[index], columns.product[index], columns.branch[index])
            assert beside == (account.gl_code, account.product, account.branch)
        self._compare_holds()
        dirty = self.core._dirty[: self.core.counters[DIRTY]].tolist()
        assert sorted(dirty) == np.flatnonzero(columns.line["flags"] & AccountFlag.DIRTY).tolist()
        assert out_of_balance(trial_balance(columns)) == {}

    def _compare_holds(self) -> None:
        remembered = {int(hold["seq"]): hold for hold in self.core._holds[self.core._holds["seq"] != 0]}
        for seq, hold in self.model.books.holds.items():
            if seq in remembered:
                assert STATES[int(remembered[seq]["state"])] == hold.state
            else:
                assert hold.state != "open"
            if hold.state == "open":
                names = ("debit", "credit", "remaining", "expires_at", "placed_on")
                assert [int(remembered[seq][name]) for name in names] == [getattr(hold, name) for name in names]
        assert remembered.keys() <= self.model.books.holds.keys()


def rows_asked(batch: list[Asked]) -> NDArray[np.void]:
    """The batch as the machine reads it; what was asked may be nonsense, so it does not go through `Transfer`."""
    rows = np.zeros(len(batch), TRANSFER)
    for row, asked in zip(rows, batch, strict=True):
        row["txn_hi"], row["txn_lo"] = split(asked.txn_id)
        row["amount"], row["reference"], row["code"], row["leg"] = asked.amount, asked.reference, asked.code, asked.leg
        row["debit"], row["credit"] = asked.debit, asked.credit
        row["value_date"] = asked.value_date or 0
        row["flags"] = int(asked.flags) | (0 if asked.value_date is None else Flag.VALUE_DATED)
    return rows


def rows_journaled(rows: NDArray[np.void]) -> list[Row]:
    """Journal rows in the model's words."""
    plain = (
        "seq",
        "leg",
        "debit",
        "credit",
        "amount",
        "debit_balance",
        "credit_balance",
        "reference",
        "value_date",
        "code",
    )
    return [
        Row(
            txn_id=join(int(row["txn_hi"]), int(row["txn_lo"])),
            flags=Flag(int(row["flags"])),
            **{n: int(row[n]) for n in plain},
        )
        for row in rows
    ]


def answers_of(work: Work) -> list[tuple[Outcome, int]]:
    return [(Outcome(o), s) for o, s in zip(work.answers.outcome.tolist(), work.answers.seq.tolist(), strict=True)]
