"""A sieve never holds back an id that is there, and lets few others through."""

import numpy as np
import pytest

from yinhe.kernel.clock import ManualClock
from yinhe.kernel.ids import IdSource
from yinhe.ledger.sieve import new_sieve, passing


@pytest.mark.parametrize("count", [1, 7, 64, 5_000, 100_000])
def test_every_id_of_a_segment_passes_its_sieve(count: int) -> None:
    hi, lo = IdSource(ManualClock(0), 1).take(count)
    assert passing(new_sieve(hi, lo), hi, lo).all()


def test_of_other_ids_about_one_in_a_thousand_passes() -> None:
    source = IdSource(ManualClock(0), 1)
    sieve = new_sieve(*source.take(50_000))
    passed = np.count_nonzero(passing(sieve, *source.take(200_000)))
    assert 0 < passed < 400


def test_ids_that_differ_in_one_half_only_are_told_apart() -> None:
    hi, lo = IdSource(ManualClock(0), 1).take(1_000)
    sieve = new_sieve(hi, lo)
    assert not passing(sieve, hi ^ np.uint64(1 << 40), lo).all()
    assert not passing(sieve, hi, lo ^ np.uint64(1)).all()
