from datetime import UTC, datetime

import pytest

from yinhe.kernel.clock import Clock, ManualClock, SystemClock, datetime_from_us
from yinhe.kernel.errors import InexactError, OutOfRangeError


def test_the_system_clock_tells_the_time_of_the_machine_and_never_counts_backwards():
    clock: Clock = SystemClock()
    before = datetime.now(UTC)
    told = datetime_from_us(clock.now_us())
    assert abs((told - before).total_seconds()) < 3600
    readings = [clock.monotonic_us() for _ in range(100)]
    assert readings == sorted(readings)


def test_a_manual_clock_moves_only_when_told():
    clock = ManualClock(now_us=1_000_000)
    assert (clock.now_us(), clock.now_us(), clock.monotonic_us()) == (1_000_000, 1_000_000, 0)
    clock.advance(250)
    assert (clock.now_us(), clock.monotonic_us()) == (1_000_250, 250)


def test_setting_the_wall_time_does_not_disturb_durations():
    clock = ManualClock(now_us=1_000_000)
    clock.advance(5)
    clock.set(0)
    assert (clock.now_us(), clock.monotonic_us()) == (0, 5)


def test_time_does_not_run_backwards():
    with pytest.raises(OutOfRangeError):
        ManualClock(0).advance(-1)


def test_time_is_whole_microseconds():
    with pytest.raises(InexactError):
        ManualClock(1.5)
    with pytest.raises(InexactError):
        ManualClock(0).set(0.5)


@pytest.mark.parametrize(
    ("us", "moment"),
    [
        (0, datetime(1970, 1, 1, tzinfo=UTC)),
        (-1, datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)),
        (1_709_208_000_123_456, datetime(2024, 2, 29, 12, 0, 0, 123_456, tzinfo=UTC)),
        (253_402_300_799_999_999, datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)),
    ],
)
def test_microseconds_become_utc_without_loss(us, moment):
    assert datetime_from_us(us) == moment


@pytest.mark.parametrize("us", [253_402_300_800_000_000, -(10**18), 10**30])
def test_microseconds_beyond_year_9999_are_refused(us):
    with pytest.raises(OutOfRangeError, match="1 to 9999"):
        datetime_from_us(us)
