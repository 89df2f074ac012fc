"""One bank for a module of tests."""

from collections.abc import Iterator

import pytest
from tests.postgres.identity.house import House, open_house


@pytest.fixture(scope="module")
def house(database_url: str, units: Iterator[int]) -> Iterator[House]:
    with open_house(database_url, next(units)) as opened:
        yield opened
