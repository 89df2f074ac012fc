"""The engine's threads on a store that fails: whatever happens, every caller hears an answer and `close` returns."""

import random
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import numpy as np
import psycopg
import pytest
import structlog
from numpy.typing import NDArray
from tests.simulation.books import same_content
from tests.simulation.store import Database, Faults, MemoryStore

from yinhe.kernel.clock import SystemClock
from yinhe.kernel.ids import IdSource, join
from yinhe.ledger.accounts import OpenAccounts, RollDate, openings
from yinhe.ledger.batch import Flag, Transfer, columns_of, rows_of
from yinhe.ledger.columns import AMOUNT_MAX
from yinhe.ledger.core import Core
from yinhe.ledger.engine import Engine, EngineSettings
from yinhe.ledger.errors import AppendFailed, Busy, LedgerClosed, LedgerFault, RetrySameId
from yinhe.ledger.outcomes import Outcome
from yinhe.ledger.recovery import columns_from
from yinhe.ledger.store import BalancePass, Block, Detail, Recovered, Segment

PATIENCE_SECONDS = 8.0
"""Longer than anything here takes; reached only by a thread that hangs."""
SETTINGS = EngineSettings(batch_rows_max=32, waiting_max=64, pass_seconds=0.01, identities=256)


class ScriptedStore(MemoryStore):
    """A store whose methods first do what the test says."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, Faults(random.Random(0), {}))
        self.before: dict[str, Callable[[Any], None]] = {}

    def _first(self, name: str, given: object = None) -> None:
        self.before.get(name, lambda _: None)(given)

    def append(self, block: Block) -> None:
        self._first("append", block)
        super().append(block)

    def load(self) -> Recovered:
        self._first("load")
        return super().load()

    def write_pass(self, balances: BalancePass) -> None:
        self._first("write_pass", balances)
        super().write_pass(balances)

    def seal(self, segment: Segment) -> Segment:
        self._first("seal", segment)
        return super().seal(segment)

    def find_request(self, request_id: Any) -> tuple[int, int, int] | None:
        self._first("find_request", request_id)
        return super().find_request(request_id)


class Bench:
    """An engine with two house accounts, and what was asked of it."""

    def __init__(self, settings: EngineSettings = SETTINGS) -> None:
        self.database = Database(1, 64, 20_000)
        self.store = ScriptedStore(self.database)
        self.clock = SystemClock()
        self.ids = IdSource(self.clock, 7)
        self.engine = Engine(self.store, self.clock, self.ids, settings)
        self.futures: list[Future[Any]] = []

    def start(self) -> "Bench":
        self.engine.start()
        house = openings(2, currency=156, gl_code=1001, floor=-AMOUNT_MAX)
        self.engine.command(OpenAccounts(self.ids.next(), house)).result(PATIENCE_SECONDS)
        return self

    def transfers(self, count: int) -> NDArray[np.void]:
        hi, lo = self.ids.take(count)
        return columns_of(txn_hi=hi, txn_lo=lo, debit=1, credit=2, amount_minor=5)

    def submit(self, count: int = 1) -> Future[Any]:
        self.futures.append(self.engine.submit(self.transfers(count)))
        return self.futures[-1]

    def roll(self) -> Future[Any]:
        self.futures.append(self.engine.command(RollDate(self.ids.next(), 30_000 + len(self.futures))))
        return self.futures[-1]

    def close(self) -> None:
        """Close, and require that it returns and that nobody is left waiting."""
        closing = threading.Thread(target=self.engine.close, daemon=True)
        closing.start()
        closing.join(PATIENCE_SECONDS)
        assert not closing.is_alive(), "close() hangs"
        left = [future for future in self.futures if not future.done()]
        assert not left, f"{len(left)} callers hang"

    def check_store(self) -> None:
        """What the store holds is what its journal says."""
        self.database.books.check()
        fresh = Core(MemoryStore(self.database, Faults(random.Random(0), {})), self.clock, self.ids, 256)
        fresh.recover()
        assert fresh.columns.line["balance"][1:3].tolist() == [a.balance for a in self.database.books.accounts[1:]]
        assert fresh.next_seq == self.database.last_seq + 1


@pytest.fixture
def bench() -> Bench:
    return Bench().start()


class Gate:
    """Holds whoever comes until it is opened, and says that someone came."""

    def __init__(self) -> None:
        self.came = threading.Event()
        self.open = threading.Event()

    def __call__(self, _: object = None) -> None:
        self.came.set()
        assert self.open.wait(PATIENCE_SECONDS)


def fail_once(error: Exception) -> Callable[[object], None]:
    """Raises at the first call alone."""
    left = [error]

    def act(_: object) -> None:
        if left:
            raise left.pop()

    return act


def always(error: Exception) -> Callable[[object], None]:
    def act(_: object) -> None:
        raise error

    return act


def test_closing_under_load_answers_everyone_who_was_let_in(bench: Bench) -> None:
    def customer() -> None:
        for _ in range(200):
            try:
                bench.submit(3)
            except Busy:
                continue
            except LedgerClosed:
                return

    customers = [threading.Thread(target=customer) for _ in range(3)]
    for thread in customers:
        thread.start()
    while not bench.futures:
        threading.Event().wait(0.001)
    bench.futures[0].result(PATIENCE_SECONDS)
    bench.close()
    for thread in customers:
        thread.join(PATIENCE_SECONDS)
    bench.close()
    assert all((future.result().outcome == Outcome.POSTED).all() for future in bench.futures)
    assert bench.database.last_seq == 1 + 3 * len(bench.futures)
    bench.check_store()


@pytest.mark.parametrize("committed", [False, True], ids=["not committed", "committed but not heard"])
def test_after_a_failed_commit_the_same_ids_are_sent_again_and_post_once(bench: Bench, *, committed: bool) -> None:
    batch = bench.transfers(5)
    bench.store.before["append"] = fail_once(AppendFailed())
    if committed:

        def commit_unheard(block: Block) -> None:
            bench.store.before.clear()
            MemoryStore.append(bench.store, block)
            raise AppendFailed

        bench.store.before["append"] = commit_unheard
    with pytest.raises(RetrySameId):
        bench.engine.submit(batch).result(PATIENCE_SECONDS)
    answers = bench.engine.submit(batch).result(PATIENCE_SECONDS)
    assert set(answers.outcome.tolist()) == {Outcome.DUPLICATE if committed else Outcome.POSTED}
    for row, seq in zip(batch, answers.seq.tolist(), strict=True):
        there = bench.database.books.transactions[join(int(row["txn_hi"]), int(row["txn_lo"]))]
        assert [int(leg["seq"]) for leg in there] == [seq]
        assert same_content(batch[batch["txn_lo"] == row["txn_lo"]], there)
    assert bench.engine.recoveries == 1
    bench.close()
    bench.check_store()


def test_a_full_line_says_busy_and_nothing_of_it_is_lost() -> None:
    bench = Bench(EngineSettings(batch_rows_max=8, waiting_max=4, identities=256)).start()
    gate = Gate()
    bench.store.before["append"] = gate
    busy = 0
    for _ in range(80):
        try:
            bench.submit(8)
        except Busy:
            busy += 1
    assert busy > 0
    gate.open.set()
    assert all((future.result(PATIENCE_SECONDS).outcome == Outcome.POSTED).all() for future in bench.futures)
    bench.close()
    bench.check_store()


def test_the_decider_that_waits_on_a_full_queue_is_let_go_when_the_commit_fails() -> None:
    bench = Bench(EngineSettings(batch_rows_max=4, waiting_max=1_000, identities=256)).start()
    gate = Gate()

    def held_then_failed(block: object) -> None:
        bench.store.before.clear()
        gate(block)
        raise AppendFailed

    bench.store.before["append"] = held_then_failed
    for _ in range(50):
        bench.submit(4)
    assert gate.came.wait(PATIENCE_SECONDS)
    gate.open.set()
    heard = [future.exception(PATIENCE_SECONDS) for future in bench.futures]
    assert any(isinstance(fault, RetrySameId) for fault in heard)
    assert any(fault is None for fault in heard)
    bench.close()
    bench.check_store()


@pytest.mark.parametrize("method", ["append", "write_pass", "seal", "find_request"])
def test_a_bug_in_any_thread_ends_the_engine_and_leaves_no_caller_waiting(bench: Bench, method: str) -> None:
    gate = Gate()

    def bug(_: object) -> None:
        gate.came.set()
        raise TypeError("a bug")

    bench.store.before[method] = bug
    try:
        for _ in range(30):
            bench.submit(8)
            bench.roll()
    except LedgerFault:
        pass  # The line is closed already: what was let in before is what counts.
    except Busy:
        pass
    assert gate.came.wait(PATIENCE_SECONDS)
    bench.close()
    with pytest.raises(LedgerFault):
        bench.submit()


def test_a_log_that_cannot_be_written_stops_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard error may be closed, or its disk full: the engine still recovers, and still answers."""

    def closed(*_: object, **__: object) -> None:
        raise ValueError("I/O operation on closed file")

    for method in ("info", "warning", "exception"):
        monkeypatch.setattr(type(structlog.get_logger().bind()), method, closed, raising=False)
    with pytest.raises(ValueError, match="closed file"):
        structlog.get_logger().warning("this log cannot be written")
    bench.store.before["append"] = fail_once(AppendFailed())
    with pytest.raises(RetrySameId):
        bench.submit().result(PATIENCE_SECONDS)
    assert bench.submit().result(PATIENCE_SECONDS).outcome.tolist() == [Outcome.POSTED]
    bench.close()
    bench.check_store()


def test_a_fault_in_recovery_ends_the_engine_and_leaves_no_caller_waiting(bench: Bench) -> None:
    bench.store.before["append"] = always(AppendFailed())
    bench.store.before["load"] = always(LedgerFault("the unit is gone"))
    for _ in range(20):
        try:
            bench.submit(8)
        except LedgerFault:
            break
    bench.close()


def test_closing_during_recovery_waits_for_the_database_and_then_ends(bench: Bench) -> None:
    gate = Gate()
    bench.store.before["append"] = fail_once(AppendFailed())
    bench.store.before["load"] = gate
    lost = bench.submit()
    with pytest.raises(RetrySameId):
        lost.result(PATIENCE_SECONDS)
    assert gate.came.wait(PATIENCE_SECONDS)
    waiting = bench.submit()
    closing = threading.Thread(target=bench.engine.close, daemon=True)
    closing.start()
    gate.open.set()
    closing.join(PATIENCE_SECONDS)
    bench.close()
    assert waiting.result(0).outcome.tolist() == [Outcome.POSTED]
    bench.check_store()


def test_a_caller_who_gives_up_waiting_does_not_end_the_engine(bench: Bench) -> None:
    gate = Gate()
    bench.store.before["append"] = gate
    given_up = bench.roll()
    also_given_up = bench.submit()
    assert gate.came.wait(PATIENCE_SECONDS)
    given_up.cancel()
    also_given_up.cancel()
    gate.open.set()
    assert bench.submit().result(PATIENCE_SECONDS).outcome.tolist() == [Outcome.POSTED]
    bench.close()
    bench.check_store()


def test_a_commit_that_fails_while_closing_leaves_no_trace_in_the_balances() -> None:
    bench = Bench(EngineSettings(pass_seconds=60.0, identities=256)).start()
    gate = Gate()

    def held_then_failed(block: object) -> None:
        gate(block)
        raise AppendFailed

    bench.store.before["append"] = held_then_failed
    bench.submit(8)
    assert gate.came.wait(PATIENCE_SECONDS)
    closing = threading.Thread(target=bench.engine.close, daemon=True)
    closing.start()
    bench.engine._threads[0].join(PATIENCE_SECONDS)
    gate.open.set()
    closing.join(PATIENCE_SECONDS)
    assert not closing.is_alive()
    assert isinstance(bench.futures[0].exception(0), RetrySameId)
    assert bench.database.pass_seq <= bench.database.last_seq
    bench.check_store()


def test_a_pass_that_fails_while_closing_is_not_followed_by_a_newer_one() -> None:
    bench = Bench(EngineSettings(pass_seconds=0.01, identities=256)).start()
    gate = Gate()

    failing: list[int] = []

    def held_then_failed(balances: Any) -> None:
        failing.append(balances.as_of_seq)
        gate()
        if balances.as_of_seq == failing[0]:
            raise psycopg.OperationalError("simulated")

    bench.store.before["write_pass"] = held_then_failed
    hold = rows_of([Transfer(txn_id=bench.ids.next(), debit=1, credit=2, amount_minor=9, flags=Flag.PENDING)])
    bench.engine.submit(hold).result(PATIENCE_SECONDS)
    assert gate.came.wait(PATIENCE_SECONDS)
    bench.submit(3).result(PATIENCE_SECONDS)
    closing = threading.Thread(target=bench.engine.close, daemon=True)
    closing.start()
    bench.engine._threads[1].join(PATIENCE_SECONDS)
    gate.open.set()
    closing.join(PATIENCE_SECONDS)
    assert not closing.is_alive()
    found = _load(bench.database)
    pages = columns_from(found)
    assert found.pass_seq == 0 or (len(found.holds) == 1 and pages.line["held"][1] == 9)
    bench.check_store()


def test_a_segment_sealed_while_memory_is_rebuilt_still_leaves_memory(bench: Bench) -> None:
    sealing, loading = Gate(), Gate()

    def sealed_during_load(_: object) -> None:
        bench.store.before.pop("seal")
        sealing()

    bench.store.before["seal"] = sealed_during_load
    for _ in range(10):
        bench.submit(8).result(PATIENCE_SECONDS)
    assert sealing.came.wait(PATIENCE_SECONDS)
    first_read = bench.store._read

    def read_then_wait(pass_seq: int) -> Recovered:
        found = first_read(pass_seq)
        loading()
        return found

    bench.store._read = read_then_wait  # type: ignore[method-assign]
    bench.store.before["append"] = fail_once(AppendFailed())
    with pytest.raises(RetrySameId):
        bench.submit().result(PATIENCE_SECONDS)
    assert loading.came.wait(PATIENCE_SECONDS)
    sealing.open.set()
    while not all(segment.sealed for segment in bench.store.segments()[:1]):
        threading.Event().wait(0.001)
    loading.open.set()
    bench.store._read = first_read  # type: ignore[method-assign]
    for _ in range(20):
        bench.submit(8).result(PATIENCE_SECONDS)
    for _ in range(500):
        if bench.engine.core.tail.first_seq > 64:
            break
        threading.Event().wait(0.01)
    assert bench.engine.core.tail.first_seq > 64, "the sealed segment stays in memory for ever"
    bench.close()


def test_two_submissions_of_one_transaction_with_words_keep_the_words_once(bench: Bench) -> None:
    gate = Gate()
    bench.store.before["append"] = gate
    bench.submit()
    assert gate.came.wait(PATIENCE_SECONDS)
    batch = bench.transfers(1)
    detail = Detail(join(int(batch["txn_hi"][0]), int(batch["txn_lo"][0])), narrative="rent")
    twice = [bench.engine.submit(batch, (detail,)) for _ in range(2)]
    gate.open.set()
    heard = [int(future.result(PATIENCE_SECONDS).outcome[0]) for future in twice]
    assert heard == [Outcome.POSTED, Outcome.DUPLICATE]
    bench.close()


def _load(database: Database) -> Recovered:
    store = MemoryStore(database, Faults(random.Random(0), {}))
    store.acquire()
    found = store.load()
    store.close()
    return found
