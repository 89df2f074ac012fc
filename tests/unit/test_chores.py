"""Chores outlive what goes wrong in them, and end when the bank does."""

import threading

import pytest

from yinhe.chores import Chore, Chores, IsOver
from yinhe.kernel.clock import ManualClock


def test_a_chore_goes_on_after_any_fault_and_tells_how_often_it_failed() -> None:
    clock, done, failing = ManualClock(0), threading.Semaphore(0), threading.Semaphore(0)
    broken = threading.Event()
    broken.set()

    def work(is_over: IsOver) -> None:
        if broken.is_set():
            failing.release()
            raise ZeroDivisionError
        done.release()

    chores = Chores(clock)
    with chores.running([Chore("work", 0.001, work)]):
        assert failing.acquire(timeout=10)
        assert failing.acquire(timeout=10)
        clock.advance(5_000_000)
        (standing,) = chores.standings()
        assert (standing.name, standing.seconds) == ("work", 5.0)
        assert standing.failures >= 1
        broken.clear()
        assert done.acquire(timeout=10)
        assert done.acquire(timeout=10)
        (standing,) = chores.standings()
        assert (standing.failures, standing.seconds) == (0, 0.0)
    assert chores.standings() == ()


def test_long_work_is_told_that_it_is_over_and_waited_for() -> None:
    begun, ended = threading.Event(), threading.Event()

    def work(is_over: IsOver) -> None:
        begun.set()
        while not is_over():
            pass
        ended.set()

    with Chores(ManualClock(0)).running([Chore("work", 0.0, work)]):
        assert begun.wait(10)
    assert ended.is_set()


def test_what_fails_beside_the_chores_ends_them_too() -> None:
    chores = Chores(ManualClock(0))
    with pytest.raises(ZeroDivisionError), chores.running([Chore("work", 0.001, lambda _: None)]):
        raise ZeroDivisionError
    assert [one.name for one in threading.enumerate() if one.name == "yinhe work"] == []
