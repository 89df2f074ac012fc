"""The bank under faults, by seed; and the proof that the simulation notices what is wrong."""

import random

import numpy as np
import pytest
from tests.simulation.mutations import MUTATIONS
from tests.simulation.store import Database, Faults, MemoryStore
from tests.simulation.world import run_seed

from yinhe.kernel.clock import ManualClock
from yinhe.kernel.ids import IdSource
from yinhe.ledger.accounts import OpenAccounts, openings
from yinhe.ledger.batch import columns_of
from yinhe.ledger.columns import AMOUNT_MAX
from yinhe.ledger.core import Core
from yinhe.ledger.outcomes import Outcome

SEEDS_TO_NOTICE = 40


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(24))
def test_nothing_is_lost_and_nothing_is_applied_twice_whatever_fails(seed: int) -> None:
    run_seed(seed)


@pytest.mark.slow
@pytest.mark.parametrize("name", MUTATIONS)
def test_the_simulation_notices_an_engine_that(name: str) -> None:
    def run_seeds() -> None:
        for seed in range(SEEDS_TO_NOTICE):
            run_seed(seed)

    with MUTATIONS[name](), pytest.raises(AssertionError, match="last steps"):
        run_seeds()


def test_an_id_whose_generation_is_dropped_for_this_very_batch_is_still_a_duplicate() -> None:
    database, clock = Database(1, 16, 20_000), ManualClock(1_790_000_000_000_000)
    store, ids = MemoryStore(database, Faults(random.Random(0), {})), IdSource(clock, 7)
    core = Core(store, clock, ids, identities=32)
    core.recover()

    def post(batch: np.ndarray) -> list[int]:
        work = core.apply(batch)
        if work.block is not None:
            store.append(work.block)
            core.committed(work.block)
        for segment in store.segments():
            if not segment.sealed and segment.end_seq <= core.committed_seq + 1:
                store.seal(segment)
                core.learn_sealed(store.segments(), {})
        clock.advance(60_000_000)
        return work.answers.outcome.tolist()

    def fresh(count: int) -> np.ndarray:
        hi, lo = ids.take(count)
        return columns_of(txn_hi=hi, txn_lo=lo, debit=1, credit=2, amount_minor=5)

    opened = core.command(OpenAccounts(ids.next(), openings(2, currency=156, gl_code=1001, floor=-AMOUNT_MAX)))
    assert opened.block is not None
    store.append(opened.block)
    core.committed(opened.block)
    first = fresh(16)
    post(first)
    post(fresh(16))
    assert post(first[:1]) == [Outcome.DUPLICATE]
    post(fresh(15))
    assert post(first[:2]) == [Outcome.DUPLICATE, Outcome.DUPLICATE]
