"""The sample bank's clock runs on, moves to the hour it is told, and never back; its quarters end yesterday."""

from datetime import date, timedelta

import pytest

from yinhe.demo.days import CLOSES_AT, DAY_US, HOUR_US, OPENS_AT, DemoClock, quarters_before
from yinhe.demo.nights import is_quarter_end
from yinhe.kernel.clock import ManualClock
from yinhe.kernel.dates import date_from_days, days_from_date, end_of_month

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


def test_two_quarters_end_yesterday_and_follow_each_other() -> None:
    first, second = quarters_before(days_from_date(date(2026, 11, 25)), 2)
    told = [str(date_from_days(day)) for day in (*first, *second)]
    assert told == ["2026-05-25", "2026-08-24", "2026-08-25", "2026-11-24"]


@pytest.mark.parametrize("count", [1, 2, 4])
def test_whatever_day_it_is_a_quarter_has_one_quarters_end_and_three_month_ends(count: int) -> None:
    for back in range(366):
        today = days_from_date(date(2028, 12, 31) - timedelta(days=back))
        quarters = quarters_before(today, count)
        assert quarters[-1].last == today - 1
        assert [quarter.last + 1 for quarter in quarters[:-1]] == [quarter.first for quarter in quarters[1:]]
        for quarter in quarters:
            days = [date_from_days(day) for day in range(quarter.first, quarter.last + 1)]
            assert sum(is_quarter_end(days_from_date(day)) for day in days) == 1
            assert sum(day == end_of_month(day) for day in days) == 3
