from collections.abc import Iterator

import pytest
from tests.conftest import UnitDatabase
from tests.postgres.closeday.house import House
from tests.postgres.ledger.conftest import START_US, ledger_at
from tests.postgres.overview.story import Story, begin, live_on

from yinhe.kernel.clock import ManualClock
from yinhe.overview.service import Overview
from yinhe.overview.values import Values
from yinhe.storage.connection import unit_schema
from yinhe.storage.sessions import Sessions


@pytest.fixture(scope="package")
def story(database_url: str, units: Iterator[int]) -> Iterator[Story]:
    """A customer with some weeks behind; the tests share it, and only read or add."""
    unit = UnitDatabase(database_url, number := next(units), unit_schema(number))
    clock = ManualClock(START_US)
    with ledger_at(unit.url, unit.unit, clock) as ledger:
        told = begin(House(ledger, clock))
        live_on(told, "2026-02-12")
        yield told
        told.close()


@pytest.fixture(scope="package")
def sessions(story: Story) -> Iterator[Sessions]:
    ledger = story.ledger
    made = Sessions(ledger.database.url, unit_schema(ledger.engine.core.unit), "yinhe tests", 4)
    yield made
    made.close()


@pytest.fixture(scope="package")
def overview(story: Story, sessions: Sessions) -> Iterator[Overview]:
    made = Overview(sessions, story.ledger, story.house.bank)
    yield made
    made.close()


@pytest.fixture(scope="package")
def values(story: Story) -> Values:
    return Values(story.ledger, story.house.bank)
