from collections.abc import Callable, Iterator

import pytest
from tests.postgres.closeday.conftest import NewHouse, clock, house, new_house
from tests.postgres.closeday.house import House
from tests.postgres.lending.house import Lender

__all__ = ["clock", "house", "new_house"]


NewLender = Callable[[int], Lender]


@pytest.fixture
def new_lender(new_house: NewHouse) -> Iterator[NewLender]:
    """Opens banks that lend, which begin on a business date; they are closed at the end."""
    opened: list[Lender] = []

    def make(first: int) -> Lender:
        opened.append(Lender(new_house(first, chunk_rows=1 << 18)))
        return opened[-1]

    yield make
    for lender in opened:
        lender.lending.close()


@pytest.fixture
def lender(house: House) -> Iterator[Lender]:
    made = Lender(house)
    yield made
    made.lending.close()
