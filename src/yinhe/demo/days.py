"""The sample bank's time: business days that pass in seconds, on a clock that moves to the hour it is told."""

from itertools import pairwise
from typing import Final, NamedTuple

from yinhe.kernel.clock import Clock
from yinhe.kernel.dates import add_months, date_from_days, days_from_date

DAY_US: Final = 86_400_000_000
HOUR_US: Final = 3_600_000_000
OPENS_AT: Final = 8
"""The hour (UTC) at which a business day begins."""
HOLDS_END_AT: Final = 22
"""The hour at which holds that end today expire."""
CLOSES_AT: Final = 23
"""The hour of the cut-off."""


class DemoClock:
    """A clock that runs as the machine's does, but from the day and hour it was last moved to."""

    def __init__(self, clock: Clock, first_day: int) -> None:
        """Start at the opening hour of `first_day` (days since 1970-01-01)."""
        self._clock: Final = clock
        self._ahead_us: int = 0
        self.move_to(first_day, OPENS_AT)

    def now_us(self) -> int:
        """Microseconds since 1970-01-01T00:00:00 UTC, on the sample bank's clock."""
        return self._clock.now_us() + self._ahead_us

    def monotonic_us(self) -> int:
        """Microseconds since an arbitrary start, as they really pass."""
        return self._clock.monotonic_us()

    def move_to(self, day: int, hour: int) -> None:
        """Move to an hour of a day (days since 1970-01-01); never back."""
        wanted = time_of(day, hour)
        self._ahead_us += max(0, wanted - self.now_us()) if self._ahead_us else wanted - self._clock.now_us()

    def catch_up(self) -> None:
        """Show the machine's own time again."""
        self._ahead_us = 0


def time_of(day: int, hour: int) -> int:
    """An hour of a day (days since 1970-01-01) in microseconds since 1970-01-01."""
    return day * DAY_US + hour * HOUR_US


class Quarter(NamedTuple):
    """Three months of the sample bank's life, both days included; days since 1970-01-01."""

    first: int
    last: int


def quarters_before(today: int, count: int) -> tuple[Quarter, ...]:
    """The last `count` quarters, three months each, the last one ending the day before `today`.

    Each holds one 20th of March, June, September or December, on which interest is settled, and three month ends.
    """
    date = date_from_days(today)
    firsts = [days_from_date(add_months(date, -3 * back)) for back in range(count, -1, -1)]
    return tuple(Quarter(first, after - 1) for first, after in pairwise(firsts))
