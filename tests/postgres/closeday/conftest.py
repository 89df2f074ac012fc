from collections.abc import Iterator

import pytest
from tests.conftest import UnitDatabase
from tests.postgres.closeday.house import House
from tests.postgres.ledger.conftest import START_US, ledger_at

from yinhe.kernel.clock import ManualClock


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START_US)


@pytest.fixture
def house(empty_unit: UnitDatabase, clock: ManualClock) -> Iterator[House]:
    with ledger_at(empty_unit.url, empty_unit.unit, clock) as ledger:
        yield House(ledger, clock)
