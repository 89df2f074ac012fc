from collections.abc import Callable, Iterator

import pytest
from tests.conftest import UnitDatabase
from tests.postgres.closeday.house import DAY_US, House
from tests.postgres.ledger.conftest import START_US, ledger_at

from yinhe.kernel.clock import ManualClock
from yinhe.ledger.ledger import Ledger

NewHouse = Callable[..., House]


def start_us(date: int) -> int:
    """The morning of a business date (days since 1970-01-01), in microseconds."""
    return date * DAY_US + START_US % DAY_US


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START_US)


@pytest.fixture
def house(empty_unit: UnitDatabase, clock: ManualClock) -> Iterator[House]:
    with ledger_at(empty_unit.url, empty_unit.unit, clock) as ledger:
        yield House(ledger, clock)


@pytest.fixture
def new_house(units: Iterator[int], database: UnitDatabase) -> Iterator[NewHouse]:
    """Opens banks of their own, which are closed at the end; the first business date may be another."""
    opened: list[Ledger] = []

    def make(first: int | None = None, chunk_rows: int = 2) -> House:
        clock = ManualClock(START_US if first is None else start_us(first))
        opened.append(ledger_at(database.url, next(units), clock, first=first))
        return House(opened[-1], clock, chunk_rows=chunk_rows)

    yield make
    for ledger in opened:
        ledger.close()
