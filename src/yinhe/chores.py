"""Chores: what a bank does beside requests, again and again, each in a thread of its own that outlives every fault."""

import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Final, TypeAlias

import msgspec

from yinhe.kernel.clock import Clock
from yinhe.ledger.logbook import Logbook

WAIT_SECONDS_MAX: Final = 5.0
"""Longest a chore that keeps failing rests before it tries again."""
_DOUBLINGS_MAX: Final = 10

IsOver: TypeAlias = Callable[[], bool]
"""Whether the work is to end soon: asked between two steps."""


class Chore(msgspec.Struct, frozen=True):
    """What is done, and how many seconds it rests before it is done again."""

    name: str
    seconds: float
    work: Callable[[IsOver], object]


class Standing(msgspec.Struct, frozen=True):
    """How a chore stands: failures since it last went well, and how long ago that was or it began."""

    name: str
    failures: int
    seconds: float


class Chores:
    """Runs chores, and knows how each stands."""

    def __init__(self, clock: Clock) -> None:
        """Nothing runs before `running`."""
        self._clock: Final = clock
        self._workers: tuple[_Worker, ...] = ()

    @contextmanager
    def running(self, chores: Sequence[Chore]) -> Generator[None]:
        """Run chores until the end, then wait for what they are at."""
        self._workers = tuple(_Worker(chore, self._clock) for chore in chores)
        try:
            yield
        finally:
            for worker in self._workers:
                worker.is_over.set()
            for worker in self._workers:
                worker.thread.join()
            self._workers = ()

    def standings(self) -> tuple[Standing, ...]:
        """How each chore that runs stands."""
        return tuple(worker.standing() for worker in self._workers)


class _Worker:
    def __init__(self, chore: Chore, clock: Clock) -> None:
        self._chore: Final = chore
        self._clock: Final = clock
        self._log: Final = Logbook("yinhe.chores")
        self._failures = 0
        self._done_us = clock.monotonic_us()
        self.is_over: Final = threading.Event()
        self.thread: Final = threading.Thread(target=self._run, name=f"yinhe {chore.name}", daemon=True)
        self.thread.start()

    def standing(self) -> Standing:
        return Standing(self._chore.name, self._failures, (self._clock.monotonic_us() - self._done_us) / 1_000_000)

    def _run(self) -> None:
        while not self.is_over.wait(self._pause()):
            try:
                self._chore.work(self.is_over.is_set)
            except Exception as error:
                # Whatever it is: a chore that ended for good would be missed by nobody until it is too late.
                self._failures += 1
                kind, reason = type(error).__name__, str(error)
                self._log.warning(
                    "chore failed", chore=self._chore.name, failures=self._failures, kind=kind, reason=reason
                )
            else:
                self._failures = 0
                self._done_us = self._clock.monotonic_us()

    def _pause(self) -> float:
        seconds = self._chore.seconds
        return min(seconds * 2.0 ** min(self._failures, _DOUBLINGS_MAX), max(seconds, WAIT_SECONDS_MAX))
