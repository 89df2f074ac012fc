"""Bugs put in on purpose: each breaks the engine or its store in one way, and some seed must notice.

They prove that the simulation can fail. Each is a context in which the bug is there.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any
from unittest import mock

import numpy as np
import psycopg
from numpy.typing import NDArray
from tests.simulation.store import Database, MemoryStore
from tests.simulation.world import Decided, SimulatedEngine

from yinhe.ledger.core import Core, Work
from yinhe.ledger.errors import AppendFailed
from yinhe.ledger.store import BalancePass, Block, Recovered

Mutation = Callable[[], AbstractContextManager[Any]]


def _replace(owner: type, name: str, make: Callable[[Any], Any]) -> Mutation:
    """The method `name` replaced by `make(the method)`."""
    return lambda: mock.patch.object(owner, name, make(getattr(owner, name)))


def _answers_first(commit: Callable[[SimulatedEngine], str]) -> Callable[[SimulatedEngine], str]:
    def mutant(engine: SimulatedEngine) -> str:
        if engine.decided and not engine.failed and not isinstance(engine.decided[0].work, Work):
            return commit(engine)
        if engine.decided and not engine.failed:
            item = engine.decided.popleft()
            engine._answer(item)
            engine.decided.appendleft(Decided(item.work))
        return commit(engine)

    return mutant


def _goes_on(append: Callable[[MemoryStore, Block], None]) -> Callable[[MemoryStore, Block], None]:
    def mutant(store: MemoryStore, block: Block) -> None:
        try:
            append(store, block)
        except AppendFailed:
            if not store.is_writer:
                raise

    return mutant


def _writes_without_lock(append: Callable[[MemoryStore, Block], None]) -> Callable[[MemoryStore, Block], None]:
    def mutant(store: MemoryStore, block: Block) -> None:
        if store._session is None:
            raise AppendFailed
        store.database.make_segments(store._segments, block.last_seq)
        store.database.commit(block)

    return mutant


def _forgets_a_hold(begin: Callable[[Core], BalancePass | None]) -> Callable[[Core], BalancePass | None]:
    def mutant(core: Core) -> BalancePass | None:
        taken = begin(core)
        return taken and BalancePass(taken.as_of_seq, taken.pages, taken.holds[:-1])

    return mutant


def _as_of_one_too_high(begin: Callable[[Core], BalancePass | None]) -> Callable[[Core], BalancePass | None]:
    def mutant(core: Core) -> BalancePass | None:
        taken = begin(core)
        return taken and BalancePass(taken.as_of_seq + 1, taken.pages, taken.holds)

    return mutant


def _shrugs_at_failed_pass(write: Callable[[SimulatedEngine], str]) -> Callable[[SimulatedEngine], str]:
    def mutant(engine: SimulatedEngine) -> str:
        before = engine.failed
        result = write(engine)
        engine.failed = before
        return result

    return mutant


def _overwrites(_: object) -> Callable[[Database, np.void], None]:
    def mutant(database: Database, page: np.void) -> None:
        database.balance_pages[int(page["page"])] = page.copy()

    return mutant


def _finishes_late(_: object) -> Callable[[Database, BalancePass], None]:
    def mutant(database: Database, balances: BalancePass) -> None:
        database.write_holds(balances)
        database.pass_seq = max(database.pass_seq, balances.as_of_seq)

    return mutant


def _finishes_first(_: object) -> Callable[[Database, BalancePass], Iterator[None]]:
    def mutant(database: Database, balances: BalancePass) -> Iterator[None]:
        database.finish_pass(balances)
        yield
        for page in balances.pages:
            database.write_page(page)
            yield

    return mutant


def _reads_torn(_: object) -> Callable[[MemoryStore], Recovered]:
    def mutant(store: MemoryStore) -> Recovered:
        pass_seq = store.database.pass_seq
        for _ in range(4):
            store._interrupt()
        return store._read(pass_seq)

    return mutant


def _two_commits(_: object) -> Callable[[MemoryStore, Block], None]:
    def mutant(store: MemoryStore, block: Block) -> None:
        if not store.is_writer:
            raise AppendFailed
        store.database.make_segments(store._segments, block.last_seq)
        store.database.commit(
            Block(block.first_seq, block.last_seq, block.booked_at, block.business_date, block.rows, block.effects)
        )
        if store.faults.strike("append after"):
            raise AppendFailed
        if block.checkpoint is not None:
            store.database.books.steps[block.checkpoint.job] += 1
            store.database.checkpoints[block.checkpoint.job] = block.checkpoint.step

    return mutant


def _nothing(_: object) -> Callable[..., None]:
    return lambda *_: None


def _rows_as_they_are(_: object) -> Callable[[Core, NDArray[np.void]], NDArray[np.void]]:
    return lambda _core, rows: rows


def _always(_: object) -> Callable[..., bool]:
    return lambda *_: True


def _keeps_going(recover: Callable[[SimulatedEngine], str]) -> Callable[[SimulatedEngine], str]:
    def mutant(engine: SimulatedEngine) -> str:
        engine.failed = False
        if not engine.store.is_writer:
            try:
                engine.store.acquire()
                engine.store._segments = list(engine.store.database.segments.values())
            except psycopg.Error:
                engine.failed = True
        return "as if nothing had been"

    return mutant


def _cleans_after_recall(recall: Callable[..., None]) -> Callable[[Core, NDArray[np.void]], None]:
    def mutant(core: Core, batch: NDArray[np.void]) -> None:
        recall(core, batch)
        core._compact_holds(len(batch))

    return mutant


MUTATIONS: dict[str, Mutation] = {
    "answers before the commit": _replace(SimulatedEngine, "commit", _answers_first),
    "takes a failed commit for a good one": _replace(MemoryStore, "append", _goes_on),
    "appends without the lock": _replace(MemoryStore, "append", _writes_without_lock),
    "writes a pass before it is durable": _replace(SimulatedEngine, "pass_is_durable", _always),
    "says a pass is newer than it is": _replace(Core, "begin_pass", _as_of_one_too_high),
    "drops a hold from a pass": _replace(Core, "begin_pass", _forgets_a_hold),
    "goes on after a failed pass": _replace(SimulatedEngine, "write_pass", _shrugs_at_failed_pass),
    "goes on with old memory after a failed commit": _replace(SimulatedEngine, "recover", _keeps_going),
    "lets an old pass overwrite newer balances": _replace(Database, "write_page", _overwrites),
    "lets an old pass overwrite newer holds": _replace(Database, "finish_pass", _finishes_late),
    "completes a pass before its balances": _replace(Database, "pass_steps", _finishes_first),
    "loads from more than one snapshot": _replace(MemoryStore, "_load", _reads_torn),
    "commits a checkpoint after its postings": _replace(MemoryStore, "append", _two_commits),
    "never recalls old ids": _replace(Core, "_recall_identities", _nothing),
    "never recalls old holds": _replace(Core, "_recall_holds", _nothing),
    "forgets recalled holds before it decides": _replace(Core, "_recall_holds", _cleans_after_recall),
    "cuts a transaction at the seal": _replace(Core, "_with_whole_first", _rows_as_they_are),
}
