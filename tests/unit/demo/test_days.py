"""The sample bank's clock runs on, moves to the hour it is told, and never back."""

import pytest

from yinhe.demo.days import CLOSES_AT, DAY_US, HOUR_US, OPENS_AT, DemoClock
from yinhe.kernel.clock import ManualClock

NOW = 20_000 * DAY_US + 7 * HOUR_US


@pytest.fixture
def machine() -> ManualClock:
    return ManualClock(NOW)


def test_it_begins_at_the_opening_hour_of_the_first_day_and_runs_on(machine: ManualClock) -> None:
    clock = DemoClock(machine, 19_995)
    assert clock.now_us() == 19_995 * DAY_US + OPENS_AT * HOUR_US
    machine.advance(3)
    assert clock.now_us() == 19_995 * DAY_US + OPENS_AT * HOUR_US + 3
    assert clock.monotonic_us() == machine.monotonic_us() == 3


def test_it_moves_to_a_later_hour_never_to_an_earlier_one(machine: ManualClock) -> None:
    clock = DemoClock(machine, 19_995)
    clock.move_to(19_995, CLOSES_AT)
    assert clock.now_us() == 19_995 * DAY_US + CLOSES_AT * HOUR_US
    clock.move_to(19_995, OPENS_AT)
    assert clock.now_us() == 19_995 * DAY_US + CLOSES_AT * HOUR_US


def test_at_the_end_it_is_the_machines_own(machine: ManualClock) -> None:
    clock = DemoClock(machine, 19_995)
    clock.catch_up()
    assert clock.now_us() == NOW
