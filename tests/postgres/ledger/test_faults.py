"""What goes wrong at one place stays there: callers are told, the engine goes on or stops cleanly, the books hold."""

import threading
from concurrent.futures import Future
from datetime import datetime
from uuid import UUID

import numpy as np
import pytest
from tests.conftest import UnitDatabase
from tests.postgres.conftest import ServerMaker
from tests.postgres.ledger.conftest import (
    MONDAY,
    Examine,
    OpenLedger,
    begun,
    ledger_at,
    lose_session,
    opened,
    post_all,
    post_with_patience,
    random_transactions,
    store_of,
    wait_until,
    wait_written,
)

from yinhe.kernel.clock import ManualClock, SystemClock
from yinhe.kernel.errors import YinheError
from yinhe.ledger.accounts import RollDate, SetLimits
from yinhe.ledger.batch import Flag, Transfer, columns_of
from yinhe.ledger.errors import LedgerFault, RetrySameId
from yinhe.ledger.ledger import Ledger
from yinhe.ledger.outcomes import AccountOutcome, Outcome
from yinhe.ledger.store import Block, Detail

SECONDS_MAX = 30
NEVER = 1_000_000.0


def closes(ledger: Ledger) -> bool:
    """Whether the ledger can be closed; asked in a thread, so that a program that hangs fails the test and no more."""
    closer = threading.Thread(target=ledger.close, daemon=True)
    closer.start()
    closer.join(SECONDS_MAX)
    return not closer.is_alive()


def one(ledger: Ledger, amount_minor: int = 1) -> Transfer:
    return Transfer(txn_id=ledger.ids.next(), debit=1, credit=2, amount_minor=amount_minor)


def test_closing_while_the_last_commit_fails_leaves_no_trace_of_it(
    open_ledger: OpenLedger, empty_unit: UnitDatabase, examine: Examine
) -> None:
    ledger = open_ledger(pass_seconds=NEVER)
    opened(ledger)
    store, decider = store_of(ledger), ledger.engine._threads[0]
    append = store.append

    def append_without_a_session(block: Block) -> None:
        decider.join(SECONDS_MAX)
        lose_session(empty_unit, ledger, "engine")
        append(block)

    store.append = append_without_a_session  # type: ignore[method-assign]
    asked = one(ledger, 700)
    lost = ledger.submit([asked])
    ledger.close()
    with pytest.raises(RetrySameId):
        lost.result(SECONDS_MAX)
    assert examine().sound
    ledger = open_ledger()
    assert ledger.account(1).balance_minor == 0
    assert ledger.post([asked])[0].outcome is Outcome.POSTED
    assert ledger.account(1).balance_minor == -700
    ledger.close()
    assert examine().sound


@pytest.mark.parametrize("kind", ["transfer", "command"])
def test_a_caller_who_no_longer_waits_harms_nobody(open_ledger: OpenLedger, kind: str) -> None:
    ledger = open_ledger()
    opened(ledger)
    store, may_commit = store_of(ledger), threading.Event()
    append = store.append

    def append_later(block: Block) -> None:
        may_commit.wait(SECONDS_MAX)
        append(block)

    store.append = append_later  # type: ignore[method-assign]
    future: Future[object] = (
        ledger.submit([one(ledger)])  # type: ignore[assignment]
        if kind == "transfer"
        else ledger.engine.command(SetLimits(ledger.ids.next(), 1, -1_000, 1_000, 1_000))
    )
    future.cancel()
    may_commit.set()
    assert ledger.submit([one(ledger)]).result(SECONDS_MAX).outcome.tolist() == [Outcome.POSTED]


@pytest.mark.parametrize("place", ["append", "write_pass", "seal"])
def test_a_fault_nobody_thought_of_stops_the_engine_and_tells_everyone(
    empty_unit: UnitDatabase, clock: ManualClock, place: str, examine: Examine
) -> None:
    ledger = ledger_at(empty_unit.url, empty_unit.unit, clock)
    opened(ledger)

    def fail(*_: object) -> None:
        raise RuntimeError("a fault nobody thought of")

    setattr(store_of(ledger), place, fail)
    told: YinheError | None = None
    for _ in range(2_000):
        try:
            ledger.submit([one(ledger) for _ in range(10)]).result(SECONDS_MAX)
        except RetrySameId:
            continue
        except YinheError as error:
            told = error
            break
    assert "nobody thought of" in str(told)
    with pytest.raises(YinheError, match="nobody thought of"):
        ledger.submit([one(ledger)])
    assert closes(ledger)
    assert examine().sound


def test_everyone_is_told_when_the_database_does_not_come_back(make_server: ServerMaker, clock: ManualClock) -> None:
    server = make_server()
    server.start()
    ledger = ledger_at(server.url, 1, SystemClock(), recover_seconds_max=0.5)
    opened(ledger)
    told: list[Exception] = []

    def work() -> None:
        try:
            while True:
                ledger.submit([one(ledger)]).result(SECONDS_MAX)
        except RetrySameId:
            work()
        except (YinheError, TimeoutError) as error:
            told.append(error)

    callers = [threading.Thread(target=work, daemon=True) for _ in range(4)]
    for caller in callers:
        caller.start()
    wait_until(lambda: ledger.engine.commits > 20)
    server.stop("immediate")
    for caller in callers:
        caller.join(SECONDS_MAX + 5)
    assert len(told) == 4
    assert all(isinstance(error, LedgerFault) for error in told), told
    assert "did not come back" in str(told[0])
    assert closes(ledger)


UNKEEPABLE = [
    pytest.param({"narrative": "a\0b"}, id="text with a zero byte"),
    pytest.param({"actor": "\ud800"}, id="text that is no Unicode"),
    pytest.param({"detail": {"when": datetime(2026, 1, 5)}}, id="an object JSON does not know"),  # noqa: DTZ001
    pytest.param({"detail": {"note": "a\0b"}}, id="JSON text with a zero byte"),
    pytest.param({"detail": {"rate": float("nan")}}, id="a number JSON does not know"),
]


@pytest.mark.parametrize("words", UNKEEPABLE)
def test_words_that_cannot_be_kept_are_refused_at_the_door(
    empty_unit: UnitDatabase, clock: ManualClock, words: dict[str, object]
) -> None:
    ledger = ledger_at(empty_unit.url, empty_unit.unit, clock)
    opened(ledger)
    asked = one(ledger)
    try:
        with pytest.raises(ValueError, match="detail"):
            ledger.submit([asked], (Detail(asked.txn_id, **words),)).result(SECONDS_MAX)
        assert ledger.submit([one(ledger)]).result(SECONDS_MAX).outcome.tolist() == [Outcome.POSTED]
        assert ledger.engine.recoveries == 0
    finally:
        closes(ledger)


def test_of_words_given_twice_for_a_transaction_the_first_are_kept(open_ledger: OpenLedger) -> None:
    ledger = open_ledger()
    opened(ledger)
    asked = one(ledger)
    first, second = Detail(asked.txn_id, "teller 1"), Detail(asked.txn_id, "teller 2")
    assert ledger.submit([asked], (first, second)).result(SECONDS_MAX).outcome.tolist() == [Outcome.POSTED]
    assert ledger.detail(asked.txn_id) == first
    assert ledger.engine.recoveries == 0


@pytest.mark.parametrize(
    "batch",
    [
        pytest.param(np.zeros(3, np.int64), id="numbers"),
        pytest.param(
            np.zeros((2, 2), columns_of(txn_hi=[0], txn_lo=[0], debit=1, credit=2, amount_minor=1).dtype), id="a table"
        ),
    ],
)
def test_a_batch_of_another_shape_is_refused_at_the_door(
    empty_unit: UnitDatabase, clock: ManualClock, batch: np.ndarray
) -> None:
    ledger = ledger_at(empty_unit.url, empty_unit.unit, clock)
    opened(ledger)
    try:
        with pytest.raises(ValueError, match="dtype"):
            ledger.submit_columns(batch).result(SECONDS_MAX)
        assert ledger.submit([one(ledger)]).result(SECONDS_MAX).outcome.tolist() == [Outcome.POSTED]
    finally:
        closes(ledger)


@pytest.mark.parametrize("date", [MONDAY + 10**7, 2**31, 2**70])
def test_a_date_beyond_the_calendar_is_refused(empty_unit: UnitDatabase, clock: ManualClock, date: int) -> None:
    ledger = ledger_at(empty_unit.url, empty_unit.unit, clock)
    try:
        answer = ledger.engine.command(RollDate(ledger.ids.next(), date)).result(SECONDS_MAX)
        assert answer.outcome is not AccountOutcome.DONE
        assert ledger.business_date == MONDAY
        assert ledger.engine.recoveries == 0
    finally:
        closes(ledger)


def test_limits_may_come_as_numpy_integers(empty_unit: UnitDatabase, clock: ManualClock) -> None:
    ledger = ledger_at(empty_unit.url, empty_unit.unit, clock)
    opened(ledger)
    limits = np.array([-5, 500, 50])
    try:
        answer = ledger.engine.command(SetLimits(ledger.ids.next(), 1, *limits)).result(SECONDS_MAX)
        assert answer.outcome is AccountOutcome.DONE
        assert ledger.account(1).ceiling_minor == 500
        with pytest.raises(ValueError, match="integer"):
            ledger.engine.command(SetLimits(ledger.ids.next(), 1, 0.5, 1, 1))  # pyright: ignore[reportArgumentType]
    finally:
        closes(ledger)


def test_a_recovery_reads_one_moment_though_balances_are_just_being_written(
    open_ledger: OpenLedger, examine: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pass that was under way when the writer was lost may be committed while the next writer reads."""
    ledger = open_ledger(pass_seconds=NEVER)
    accounts = opened(ledger)
    hold = ledger.hold(debit=accounts[0], credit=accounts[1], amount_minor=10)
    core, store = ledger.engine.core, store_of(ledger)
    first = core.begin_pass()
    assert first is not None
    store.write_pass(first)
    pair = {"debit": accounts[0], "credit": accounts[1]}
    ledger.transfer(**pair, amount_minor=4, flags=Flag.POST, reference=hold.seq)
    second = core.begin_pass()
    assert second is not None
    rows_from = store._rows_from

    def write_meanwhile(*given: object) -> object:
        store.write_pass(second)
        return rows_from(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "_rows_from", write_meanwhile)
    found = store.load()
    monkeypatch.undo()
    assert found.pass_seq == first.as_of_seq
    assert found.holds["remaining"].tolist() == [10]
    assert found.balances["as_of_seq"].max() == first.as_of_seq


def test_a_writer_lost_under_load_is_noticed_and_nothing_is_lost_or_twice(
    open_ledger: OpenLedger, empty_unit: UnitDatabase, examine: Examine
) -> None:
    ledger = open_ledger()
    accounts = opened(ledger)
    posted: dict[int, dict[UUID, int]] = {}
    stop = threading.Event()

    def work(number: int) -> None:
        random, mine = np.random.default_rng(number), posted.setdefault(number, {})
        while not stop.is_set():
            some = random_transactions(ledger.ids, accounts, 5, random)
            mine |= post_with_patience(ledger, some)

    callers = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for caller in callers:
        caller.start()
    for _ in range(5):
        commits, recoveries = ledger.engine.commits, ledger.engine.recoveries
        wait_until(lambda commits=commits: ledger.engine.commits > commits + 5)
        lose_session(empty_unit, ledger, "engine")
        wait_until(lambda recoveries=recoveries: ledger.engine.recoveries > recoveries)
    stop.set()
    for caller in callers:
        caller.join()
    acknowledged = {txn_id: seq for mine in posted.values() for txn_id, seq in mine.items()}
    assert acknowledged == begun(ledger)
    assert examine().sound


@pytest.mark.parametrize("name", ["keeper", "sealer"])
def test_a_lost_session_in_the_background_is_replaced(
    open_ledger: OpenLedger, empty_unit: UnitDatabase, name: str
) -> None:
    ledger = open_ledger()
    accounts = opened(ledger)
    post_all(ledger, random_transactions(ledger.ids, accounts, 50, np.random.default_rng(1)))
    wait_until(lambda: ledger.engine.core.tail.first_seq > 100)
    wait_written(ledger, empty_unit)
    lose_session(empty_unit, ledger, name)
    before = ledger.engine.core.tail.first_seq
    some = random_transactions(ledger.ids, accounts, 100, np.random.default_rng(1))
    post_with_patience(ledger, some)
    wait_until(lambda: ledger.engine.core.tail.first_seq > before)
    wait_written(ledger, empty_unit)
