"""The one clock; no other module reads the time of the machine."""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

from yinhe.kernel.bounds import require_int
from yinhe.kernel.errors import OutOfRangeError


class Clock(Protocol):
    """What tells the time: the wall for records, the monotonic reading for durations."""

    def now_us(self) -> int:
        """Microseconds since 1970-01-01T00:00:00 UTC; may step when the machine's clock is set."""
        ...

    def monotonic_us(self) -> int:
        """Microseconds since an arbitrary start; never steps back."""
        ...


class SystemClock:
    """The clock of the machine."""

    def now_us(self) -> int:
        """Microseconds since the Unix epoch, UTC."""
        return time.time_ns() // 1_000

    def monotonic_us(self) -> int:
        """Microseconds since an arbitrary start."""
        return time.monotonic_ns() // 1_000


class ManualClock:
    """A clock that moves only when told, for tests, simulations and replays."""

    def __init__(self, now_us: int) -> None:
        self._now_us = require_int(now_us, "Time in microseconds")
        self._monotonic_us = 0

    def now_us(self) -> int:
        """Microseconds since the Unix epoch, UTC."""
        return self._now_us

    def monotonic_us(self) -> int:
        """Microseconds advanced since the clock was made."""
        return self._monotonic_us

    def set(self, now_us: int) -> None:
        """Step the wall time, forward or back, as an operator does; the monotonic reading stays."""
        self._now_us = require_int(now_us, "Time in microseconds")

    def advance(self, microseconds: int) -> None:
        """Let time pass on both readings. Raises `OutOfRangeError` for a negative duration."""
        require_int(microseconds, "Duration in microseconds", least=0)
        self._now_us += microseconds
        self._monotonic_us += microseconds


def datetime_from_us(us: int) -> datetime:
    """The UTC time of microseconds since the Unix epoch. Raises `OutOfRangeError` outside the years 1..9999."""
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)
    except OverflowError:
        raise OutOfRangeError(f"{us:,} microseconds since 1970 is outside the years 1 to 9999") from None


def us_from_datetime(moment: datetime) -> int:
    """Microseconds since the Unix epoch of a time that carries its zone; exact."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
