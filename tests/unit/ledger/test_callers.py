"""What a caller does with the future it was given must not harm the ledger, and a stopped ledger can be closed."""

import threading
from concurrent.futures import Future

import pytest

from yinhe.kernel.ids import IdSource
from yinhe.ledger.accounts import CloseAccount
from yinhe.ledger.batch import rows_of
from yinhe.ledger.engine import Engine, EngineSettings
from yinhe.ledger.errors import LedgerFault
from yinhe.ledger.memory import Answers
from yinhe.ledger.outcomes import AccountOutcome
from yinhe.ledger.store import Block

from .hall import A, Hall, uuid7

PATIENCE_SECONDS = 10
"""Only how long a failing test waits before it says so."""


def engine_of(hall: Hall) -> Engine:
    return Engine(hall.store, hall.clock, IdSource(hall.clock, 2), EngineSettings(identities=64))


def test_a_caller_that_gives_up_on_a_command_does_not_stop_the_ledger() -> None:
    hall = Hall(A(), A())
    engine = engine_of(hall)
    for number in range(3):
        engine.command(CloseAccount(uuid7(100 + number), 9)).cancel()
    engine.start()
    answer = engine.command(CloseAccount(uuid7(200), 1)).result(PATIENCE_SECONDS)
    engine.close()
    assert answer.outcome is AccountOutcome.DONE


@pytest.fixture
def stopped(monkeypatch: pytest.MonkeyPatch) -> tuple[Engine, Future[Answers]]:
    """An engine whose store met a fault nobody foresaw while it committed, and the promise it was committing."""
    hall = Hall(A(floor=-9), A())
    engine = engine_of(hall)

    def broken(block: Block) -> None:
        raise LedgerFault(f"block {block.first_seq} met a fault nobody foresaw")

    monkeypatch.setattr(hall.store, "append", broken)
    engine.start()
    promise = engine.submit(rows_of([hall.t(1, 2, 5)]))
    assert engine._stopped.wait(PATIENCE_SECONDS)
    return engine, promise


def test_a_caller_hears_of_the_fault_that_stopped_the_ledger_in_the_middle_of_his_commit(
    stopped: tuple[Engine, Future[Answers]],
) -> None:
    assert isinstance(stopped[1].exception(PATIENCE_SECONDS), LedgerFault)


def test_a_ledger_that_a_fault_has_stopped_can_be_closed(stopped: tuple[Engine, Future[Answers]]) -> None:
    closing = threading.Thread(target=stopped[0].close, daemon=True)
    closing.start()
    closing.join(PATIENCE_SECONDS)
    assert not closing.is_alive()
