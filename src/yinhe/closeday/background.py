"""The night beside the service: a thread that closes business dates, one such thread at a time, and how far it is."""

import threading
from enum import StrEnum, unique
from typing import Final

import msgspec
import psycopg

from yinhe.closeday.errors import NightFault
from yinhe.closeday.runner import NightRunner
from yinhe.kernel.errors import YinheError
from yinhe.ledger.logbook import Logbook

STOP_SECONDS: Final = 300.0
"""Longest `close` waits for the night to break off: it does so between two steps or two chunks of postings."""
_LOG: Final = Logbook("yinhe.night")


class NightStopped(NightFault):
    """The service stops; the night is taken up where it was broken off."""


@unique
class ShiftState(StrEnum):
    """What the thread is at."""

    IDLE = "idle"
    """Nothing was started since the service was."""
    RUNNING = "running"
    DONE = "done"
    """What was asked for last is closed."""
    BROKEN_OFF = "broken_off"
    """What was asked for last is not, for the reason given; starting again takes it up."""


class Shift(msgspec.Struct, frozen=True, kw_only=True):
    """How far the thread is; dates in days since 1970-01-01, 0 for none."""

    state: ShiftState = ShiftState.IDLE
    first: int = 0
    """The first date that was to be closed …"""
    through: int = 0
    """… and the last."""
    step: str = ""
    """The step at work."""
    postings_done: int = 0
    postings: int = 0
    """Of how many, in this step."""
    reason: str = ""
    """Why it broke off."""


class NightShift:
    """Runs nights in the background; one beside a service, safe between threads."""

    def __init__(self, runner: NightRunner) -> None:
        self._runner: Final = runner
        self._lock: Final = threading.Lock()
        self._stopping: Final = threading.Event()
        self._thread: threading.Thread | None = None
        self._claimed = False
        self._now = Shift()

    @property
    def now(self) -> Shift:
        """How far it is."""
        return self._now

    def claim(self) -> bool:
        """Keep others from starting a night, until `start` or `release`; False where a night runs or is claimed."""
        with self._lock:
            if self._claimed or self._now.state is ShiftState.RUNNING or self._stopping.is_set():
                return False
            self._claimed = True
            return True

    def release(self) -> None:
        """Let others start a night, as none was started after `claim`."""
        with self._lock:
            self._claimed = False

    def start(self, first: int, through: int) -> None:
        """Close the dates from `first` to `through` in the background; `claim` comes first."""
        assert self._claimed, "a night is claimed before it is started"
        thread = threading.Thread(target=self._run, args=(through,), name="yinhe-night")
        with self._lock:
            if self._stopping.is_set():
                self._now = Shift(state=ShiftState.BROKEN_OFF, first=first, through=through, reason=str(NightStopped()))
                self._claimed = False
                return
            # From here the state alone keeps others away: whoever sees that the night ended may start the next.
            self._now, self._claimed = Shift(state=ShiftState.RUNNING, first=first, through=through), False
            try:
                thread.start()
            except RuntimeError:
                self._ended(ShiftState.BROKEN_OFF, "The system gives no thread for it.")
                raise
            self._thread = thread

    def wait(self, seconds: float) -> None:
        """Wait for the night that runs, at most so long."""
        thread = self._thread
        if thread is not None:
            thread.join(seconds)

    def close(self) -> None:
        """Break off the night that runs; whoever starts one later takes it up."""
        with self._lock:
            self._stopping.set()
        self.wait(STOP_SECONDS)

    def _run(self, through: int) -> None:
        try:
            self._runner.close_through(through, self._watch)
            self._ended(ShiftState.DONE, "")
        except NightStopped as stopped:
            self._ended(ShiftState.BROKEN_OFF, str(stopped))
        except (YinheError, psycopg.Error) as error:
            _LOG.error("the night broke off", kind=type(error).__name__, fault=error)
            reason = str(error) if isinstance(error, YinheError) else "The database was lost."
            self._ended(ShiftState.BROKEN_OFF, reason)
        except BaseException as error:
            self._ended(ShiftState.BROKEN_OFF, f"A fault of the program: {type(error).__name__}.")
            raise

    def _watch(self, step: str, done: int, total: int) -> None:
        if self._stopping.is_set():
            raise NightStopped
        self._now = msgspec.structs.replace(self._now, step=step, postings_done=done, postings=total)

    def _ended(self, state: ShiftState, reason: str) -> None:
        self._now = Shift(state=state, first=self._now.first, through=self._now.through, reason=reason)
