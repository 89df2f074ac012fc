"""A bank in one thread: engines, their store and their clients, stepped in an order a seed has chosen, with faults."""

import random
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from unittest import mock
from uuid import UUID

import numpy as np
import psycopg
from numpy.typing import NDArray
from tests.simulation.books import Books, require
from tests.simulation.clients import Bulk, Clients, Request, Sent, SentRequest, Wish, bulk_rows, detail_of
from tests.simulation.store import Database, Faults, MemoryStore

from yinhe.kernel.clock import ManualClock
from yinhe.kernel.ids import IdSource, join
from yinhe.ledger.accounts import OpenAccounts, openings
from yinhe.ledger.columns import AMOUNT_MAX, AccountFlag
from yinhe.ledger.core import CommandWork, Core, Work
from yinhe.ledger.errors import AppendFailed, Busy, RetrySameId, StepRefused, UnitTaken
from yinhe.ledger.holds import HOLD, HOLD_OPEN
from yinhe.ledger.store import BalancePass, Checkpoint
from yinhe.ledger.submissions import Command, Line, Part, Transfers

NOW_US = 1_790_000_000_000_000
DECIDED_MAX = 3
"""One committing, one waiting, one that the decider holds in its hands."""
WAITING_MAX = 12
FAULTS = {
    "acquire": 0.1,
    "append before": 0.03,
    "append between": 0.01,
    "append after": 0.03,
    "load": 0.15,
    "pass": 0.05,
    "seal before": 0.1,
    "seal after": 0.1,
    "find": 0.02,
}


def small_tables() -> ExitStack:
    """Bounds so small that tables are cleaned, requests forgotten and expiries cut short all the time."""
    stack = ExitStack()

    def new_holds(room: int) -> NDArray[np.void]:
        return np.zeros(1 << max(3, (2 * room).bit_length()), HOLD)

    stack.enter_context(mock.patch("yinhe.ledger.core.new_holds", new_holds))
    stack.enter_context(mock.patch("yinhe.ledger.holds.new_holds", new_holds))
    stack.enter_context(mock.patch("yinhe.ledger.core.EXPIRE_MAX", 2))
    stack.enter_context(mock.patch("yinhe.ledger.core.REQUESTS_MAX", 6))
    return stack


@dataclass(frozen=True)
class Decided:
    """A decided batch or command on its way to the commit."""

    work: Work | CommandWork
    parts: tuple[Part, ...] = ()
    command: Command | None = None


class SimulatedEngine:
    """The steps of `Engine`, each taken when the world says so."""

    def __init__(self, world: "World", name: str) -> None:
        self.name = name
        self.store = MemoryStore(world.database, world.faults, world.interrupt)
        self.core = Core(self.store, world.clock, world.ids, identities=world.identities)
        self.line = Line(WAITING_MAX)
        self.decided: deque[Decided] = deque()
        self.failed = False
        self.taken: BalancePass | None = None
        self.keeper: Iterator[None] | None = None
        self._world = world
        self._rows_max = world.rows_max

    def decide(self) -> str:
        if len(self.decided) >= DECIDED_MAX or self.failed:
            return "nothing"
        gathered = self.line.gather(self._rows_max, 0.0)
        if not gathered:
            return "nothing"
        try:
            if isinstance(gathered, Command):
                work = self.core.command(gathered.command)
                self.decided.append(Decided(work, command=gathered))
                return f"{type(gathered.command).__name__} → {work.answer.outcome.name}, seq {work.seq}"
            batch = np.concatenate([part.batch for part in gathered])
            details = tuple(detail for part in gathered for detail in part.transfers.details)
            done = self.core.apply(batch, details, gathered[0].transfers.checkpoint)
            self.decided.append(Decided(done, parts=tuple(gathered)))
            return (
                f"{len(batch)} rows, {0 if done.block is None else len(done.block.rows)} posted, up to seq {done.seq}"
            )
        except StepRefused as error:
            for part in () if isinstance(gathered, Command) else gathered:
                part.fail(error)
            return str(error)
        except psycopg.Error as error:
            _come_again((), gathered) if isinstance(gathered, Command) else _come_again(gathered)
            self.failed = True
            return str(error)

    def expire(self) -> str:
        if len(self.decided) >= DECIDED_MAX or self.failed:
            return "nothing"
        try:
            work = self.core.expire()
        except psycopg.Error as error:
            self.failed = True
            return str(error)
        if work is not None:
            self.decided.append(Decided(work))
        return "nothing" if work is None else f"{len(work.answers.outcome)} holds"

    def commit(self) -> str:
        if not self.decided:
            return "nothing"
        if self.failed:
            self._refuse_next()
            return "refused"
        item = self.decided.popleft()
        block = item.work.block
        if block is not None:
            try:
                self.store.append(block)
            except AppendFailed:
                self.failed = True
                _come_again(item.parts, item.command)
                return f"rows {block.first_seq} to {block.last_seq} failed"
            self.core.committed(block)
        self._answer(item)
        return "answers only" if block is None else f"rows {block.first_seq} to {block.last_seq}"

    def _answer(self, item: Decided) -> None:
        if isinstance(item.work, CommandWork):
            assert item.command is not None
            item.command.future.set_result(item.work.answer)
            return
        start = 0
        for part in item.parts:
            end = start + part.end - part.start
            part.answer(item.work.answers.outcome[start:end], item.work.answers.seq[start:end])
            start = end

    def _refuse_next(self) -> None:
        item = self.decided.popleft()
        _come_again(item.parts, item.command)

    def take_pass(self) -> str:
        if self.failed or self.taken is not None or self.keeper is not None:
            return "nothing"
        self.taken = self.core.begin_pass()
        return "nothing" if self.taken is None else f"as of {self.taken.as_of_seq}"

    def pass_is_durable(self, balances: BalancePass) -> bool:
        return self.core.committed_seq >= balances.as_of_seq

    def write_pass(self) -> str:
        """One transaction of a pass."""
        if self.keeper is None:
            if self.taken is None or not self.pass_is_durable(self.taken):
                return "nothing"
            self.keeper, self.taken = self._world.database.pass_steps(self.taken), None
        try:
            self.store.reach("pass")
            next(self.keeper)
            self.store.reach("pass")
        except StopIteration:
            self.keeper = None
            return "done"
        except psycopg.Error as error:
            self._world.leave_behind(self)
            self.failed = True
            return str(error)
        return "a part"

    def seal(self) -> str:
        full = (s for s in self.store.segments() if not s.sealed and s.end_seq <= self.core.committed_seq + 1)
        segment = next(full, None)
        if segment is None:
            return "nothing"
        try:
            sieves = self.core.sieves_of(segment)
            self.store.seal(segment)
            self.core.learn_sealed(self.store.segments(), sieves)
        except psycopg.Error as error:
            return str(error)
        return f"segment {segment.number}"

    def recover(self) -> str:
        while self.decided:
            self._refuse_next()
        self.failed = True
        self._world.leave_behind(self)
        try:
            self.core.recover()
        except (psycopg.Error, UnitTaken) as error:
            return f"not yet: {error}"
        self.failed = False
        return f"at seq {self.core.committed_seq}"


def _come_again(parts: Sequence[Part], command: Command | None = None) -> None:
    if command is not None:
        command.future.set_exception(RetrySameId())
    for part in parts:
        part.fail(RetrySameId())


class World:
    """Everything there is in one run."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.rng = random.Random(seed)
        rng = self.rng
        self.clock = ManualClock(NOW_US)
        self.ids = IdSource(self.clock, seed)
        self.database = Database(1, rng.choice((16, 24, 64)), 20_000)
        self.faults = Faults(rng, {kind: chance * rng.choice((0, 1, 1, 2)) for kind, chance in FAULTS.items()})
        self.identities = rng.choice((32, 64))
        self.rows_max = rng.choice((8, 16))
        self.clients = Clients(rng)
        self.engines: list[SimulatedEngine] = []
        self.sent: list[Sent] = []
        self.sent_requests: list[SentRequest] = []
        self.late: list[Iterator[None]] = []
        """Passes of engines that have lost the unit: some still arrive."""
        self.log: deque[str] = deque(maxlen=40)
        self.counts: dict[str, int] = {}
        self._names = 0
        self.calm = False

    @property
    def books(self) -> Books:
        return self.database.books

    # --- what happens behind the engines' backs

    def leave_behind(self, engine: SimulatedEngine) -> None:
        """A pass that its engine has given up may still be on its way, in a session of its own."""
        if engine.taken is not None and engine.pass_is_durable(engine.taken):
            self.late.append(self.database.pass_steps(engine.taken))
        if engine.keeper is not None:
            self.late.append(engine.keeper)
        engine.keeper = engine.taken = None

    def late_pass(self) -> str:
        if not self.late:
            return "nothing"
        keeper = self.rng.choice(self.late)
        try:
            next(keeper)
        except StopIteration:
            self.late.remove(keeper)
        return "a part"

    def interrupt(self) -> None:
        """What else happens while an engine loads."""
        for _ in range(self.rng.choice((0, 1, 4, 20))):
            self.late_pass()

    def step_clock(self) -> str:
        jump = self.rng.choice((1, 50, 1_000, 5_000, 20_000, 45_000, -3_000, -90_000)) * 1_000
        if jump > 0:
            self.clock.advance(jump)
        else:
            self.clock.set(self.clock.now_us() + jump)
        return f"{jump / 1e6:+.3f} s"

    # --- engines

    def start(self) -> str:
        self._names += 1
        engine = SimulatedEngine(self, f"engine {self._names}")
        taken = self.database.writer is not None
        try:
            engine.core.recover()
        except UnitTaken:
            require(taken, "refused as taken, but nobody held the unit")
            return "refused: the unit is taken"
        except psycopg.Error as error:
            engine.store.close()
            return str(error)
        require(not taken, "two engines hold one unit")
        self.engines.append(engine)
        return f"{engine.name} at seq {engine.core.committed_seq}"

    def crash(self) -> str:
        engine = self.rng.choice(self.engines)
        self.leave_behind(engine)
        engine.store.close()
        self.engines.remove(engine)
        return engine.name

    def lose_session(self) -> str:
        engine = self.rng.choice(self.engines)
        engine.store.lose_session()
        return engine.name

    # --- clients

    def some_id(self) -> UUID:
        """An id of now, of a while ago, or of a client whose clock is ahead."""
        hi, lo = (int(half[0]) for half in self.ids.take(1))
        ago_ms = self.rng.choice((0, 0, 0, self.rng.randrange(1, 200_000), -self.rng.randrange(1, 40_000)))
        if self.rng.random() < 0.01:
            return join(hi & ~0xF000, lo)
        return join((((hi >> 16) - ago_ms) << 16) | (hi & 0xFFFF), lo)

    def send(self) -> str:
        if not self.engines:
            return "nobody to ask"
        rng = self.rng
        known = self.clients.wishes
        chosen: dict[UUID, tuple[Wish, NDArray[np.void]]] = {}
        for _ in range(rng.choice((1, 1, 2, 4, 8))):
            if known and rng.random() < 0.4:
                open_wishes = [wish for wish in known if not wish.settled]
                wish = rng.choice(open_wishes if open_wishes and rng.random() < 0.6 else known)
                other = rng.random() < 0.15
                chosen[wish.txn_id] = (wish, self.clients.changed(wish.rows) if other else wish.rows)
            else:
                wish = self.clients.wish(self.some_id(), self.books, self.clock.now_us())
                chosen[wish.txn_id] = (wish, wish.rows)
        return self.hand_in(rng.choice(self.engines), list(chosen.values()))

    def hand_in(self, engine: SimulatedEngine, wishes: list[tuple[Wish, NDArray[np.void]]]) -> str:
        batch = np.concatenate([rows for _, rows in wishes])
        details = tuple(detail_of(wish) for wish, _ in wishes if self.rng.random() < 0.5)
        transfers = Transfers(batch, details, None)
        try:
            engine.line.put(transfers)
        except Busy:
            return "busy"
        for wish, _ in wishes:
            wish.uncertain += 1
        self.sent.append(Sent(wishes, transfers.future, self.books.last_seq, len(self.books.accounts)))
        return f"{len(batch)} rows in {len(wishes)} transactions"

    def ask(self) -> str:
        if not self.engines:
            return "nobody to ask"
        rng = self.rng
        known = self.clients.requests
        if known and rng.random() < 0.4:
            request = rng.choice(known)
        else:
            request = self.clients.request(self.some_id(), self.books)
        return self.ask_for(rng.choice(self.engines), request)

    def ask_for(self, engine: SimulatedEngine, request: Request) -> str:
        command = request.command
        if self.rng.random() < 0.1 and isinstance(command, OpenAccounts):
            command = OpenAccounts(command.request_id, command.accounts[:1])
        item = Command(command)
        try:
            engine.line.put(item)
        except Busy:
            return "busy"
        request.uncertain += 1
        self.sent_requests.append(SentRequest(request, command, item.future, self.books.last_seq))
        return type(command).__name__

    def work_in_bulk(self) -> str:
        """The next step of some piece of bulk work, or the same again when its fate is unknown."""
        if not self.engines:
            return "nobody to ask"
        rng = self.rng
        if len(self.clients.bulk) < 2:
            self.clients.bulk.append(Bulk(f"job {len(self.clients.bulk)}"))
        bulk = rng.choice(self.clients.bulk)
        if bulk.waiting and rng.random() < 0.9:
            return "waits"
        if bulk.rows is None or rng.random() < 0.3:
            bulk.rows = bulk_rows(bulk, *self.ids.take(rng.randrange(1, self.rows_max + 1)))
        checkpoint = Checkpoint(bulk.job, bulk.step)
        transfers = Transfers(bulk.rows, (), checkpoint)
        try:
            rng.choice(self.engines).line.put(transfers)
        except Busy:
            return "busy"
        bulk.waiting = True
        self.sent.append(Sent([], transfers.future, self.books.last_seq, 0, checkpoint))
        return f"{checkpoint.job}, step {checkpoint.step}, {len(bulk.rows)} rows"

    def hear(self) -> None:
        """Let clients hear whatever has been answered."""
        for sent in [sent for sent in self.sent if sent.future.done()]:
            self.sent.remove(sent)
            if sent.checkpoint is not None:
                self._hear_bulk(sent, sent.checkpoint)
            elif sent.future.exception() is None:
                self.clients.hear(sent, self.books)
        for request in [request for request in self.sent_requests if request.future.done()]:
            self.sent_requests.remove(request)
            if request.future.exception() is None:
                self.clients.hear_request(request, self.books)

    def _hear_bulk(self, sent: Sent, checkpoint: Checkpoint) -> None:
        bulk = next(bulk for bulk in self.clients.bulk if bulk.job == checkpoint.job)
        bulk.waiting = False
        if isinstance(sent.future.exception(), StepRefused):
            bulk.rows = None  # Nothing of the step could be posted: its ids lay in the future.
        if sent.future.exception() is None:
            require(self.books.steps[bulk.job] >= checkpoint.step, f"{checkpoint} is answered but not in the books")
            if checkpoint.step == bulk.step:
                bulk.step, bulk.rows = bulk.step + 1, None

    # --- checks

    def check(self) -> str:
        """The laws of the books; memory built from the store equals the books; so does the memory of a live engine."""
        self.books.check()
        fresh = Core(_Reader(self.database), self.clock, self.ids, self.identities)
        fresh.recover()
        self.check_memory(fresh, "memory built from the store")
        for engine in self.engines:
            if not engine.failed and not engine.decided and engine.store.is_writer:
                self.check_memory(engine.core, f"the memory of {engine.name}")
        return f"{self.books.last_seq} rows"

    def check_memory(self, core: Core, whose: str) -> None:
        books = self.books
        heads = (core.next_seq, core.committed_seq, core.business_date, core.columns.count)
        said = (books.last_seq + 1, books.last_seq, books.business_date, len(books.accounts))
        require(heads == said, f"{whose} is at {heads}, the books at {said}")
        require(core.checkpoints == dict(books.steps), f"{whose} has checkpoints {core.checkpoints}")
        for index, account in enumerate(books.accounts):
            line = core.columns.line[index]
            for name, value in vars(account).items():
                mine = int(line[name]) & ~int(AccountFlag.DIRTY) if name == "flags" else int(line[name])
                require(mine == value, f"{whose}: account {index} has {name} {mine}, the books {value}")
        holds = core._holds[(core._holds["state"] == HOLD_OPEN) & (core._holds["seq"] != 0)]
        names = ("debit", "credit", "remaining", "expires_at", "placed_on")
        mine = {int(hold["seq"]): tuple(int(hold[name]) for name in names) for hold in holds}
        theirs = {
            seq: (hold.debit, hold.credit, hold.remaining, hold.expires_at, hold.placed_on)
            for seq, hold in books.holds.items()
            if hold.remaining
        }
        require(mine == theirs, f"{whose} has holds {mine}, the books {theirs}")

    # --- the run

    def run(self, steps: int) -> None:
        """Live `steps` steps with faults, then come to rest and check everything."""
        with small_tables():
            self.open_house()
            for _ in range(steps):
                self.step()
            self.come_to_rest()

    def note(self, what: str, result: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1
        self.log.append(f"{what}: {result}")

    def open_house(self) -> None:
        chances, self.faults.likelihood = self.faults.likelihood, {}
        self.note("start", self.start())
        house = openings(2, currency=156, gl_code=1001, floor=-AMOUNT_MAX)
        request = Request(OpenAccounts(self.ids.next(), house))
        self.clients.requests.append(request)
        item = Command(request.command)
        self.engines[0].line.put(item)
        self.engines[0].decide()
        self.engines[0].commit()
        self.faults.likelihood = chances

    def step(self) -> None:
        if not self.engines:
            self.note("start", self.start())
            return
        engine = self.rng.choice(self.engines)
        steps = (
            (self.send, 20), (self.ask, 5), (self.work_in_bulk, 4), (engine.decide, 22), (engine.commit, 22),
            (engine.expire, 4), (engine.take_pass, 6), (engine.write_pass, 10), (engine.seal, 4),
            (self.step_clock, 6), (self.late_pass, 4), (self.crash, 1), (self.lose_session, 1.5),
            (self.start, 1.5), (self.check, 1),
        )  # fmt: skip
        act = self.rng.choices([act for act, _ in steps], [weight for _, weight in steps])[0]
        if engine.failed and self.rng.random() < 0.5:
            act = engine.recover
        self.note(act.__name__, act())
        self.hear()

    def come_to_rest(self) -> None:
        """No more faults: one engine is left, every client hears a definite answer, then asks again."""
        self.faults.likelihood = {}
        while self.engines:
            self.note("crash", self.crash())
        while self.late:
            self.late_pass()
        self.note("start", self.start())
        self.sent.clear()
        self.sent_requests.clear()
        (engine,) = self.engines
        for _ in range(2):
            for wish in self.clients.wishes:
                self.note("again", self.hand_in(engine, [(wish, wish.rows)]))
                self.finish(engine)
                require(wish.settled, f"{wish.txn_id} never got an answer")
            for request in self.clients.requests:
                self.note("again", self.ask_for(engine, request))
                self.finish(engine)
                require(not self.sent_requests, f"{request} never got an answer")
            self.clock.advance(3_600_000_000)
        while engine.expire() != "nothing":
            self.finish(engine)
        now = self.clock.now_us()
        overdue = [seq for seq, hold in self.books.holds.items() if hold.remaining and 0 < hold.expires_at <= now]
        require(not overdue, f"holds {overdue} are past their time and still open")
        self.clients.check_invented(self.books)
        self.note("check", self.check())
        self.check_replay()

    def finish(self, engine: SimulatedEngine) -> None:
        engine.decide()
        while engine.decided:
            engine.commit()
        self.hear()
        if self.rng.random() < 0.1:
            engine.seal()

    def check_replay(self) -> None:
        """The whole journal once more, from empty."""
        again = Books(self.database.opened_on)
        for block in self.database.blocks:
            again.take(block)
        require(again.accounts == self.books.accounts, "a second replay gives other balances")


class _Reader(MemoryStore):
    """A look at the database beside its writer."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, Faults(random.Random(0), {}))
        self._session = object()

    def acquire(self) -> None:
        pass


def run_seed(seed: int, steps: int = 300) -> World:
    """One run; an AssertionError carries the seed and the last steps."""
    world = World(seed)
    try:
        world.run(steps)
    except Exception as error:
        last = "\n  ".join(world.log)
        raise AssertionError(f"seed {seed} failed: {type(error).__name__}: {error}\nlast steps:\n  {last}") from error
    return world
