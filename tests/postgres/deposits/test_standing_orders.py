"""Standing orders are kept until they are stopped."""

from typing import Protocol

import psycopg
import pytest

from yinhe.deposits.standing_orders import WITHOUT_END, StandingOrder, active_orders, stop_order, write_order
from yinhe.kernel.clock import ManualClock
from yinhe.kernel.ids import IdSource

DAY = 20_458


class Unit(Protocol):
    def connect(self) -> psycopg.Connection: ...


def order(**given: int) -> StandingOrder:
    ids = IdSource(ManualClock(DAY * 86_400_000_000), None)
    base = {"from_account": 1, "to_account": 2, "amount_minor": 500_00, "day_of_month": 31, "first": DAY}
    return StandingOrder(id=ids.next(), **(base | given))


def test_an_order_is_active_from_its_first_day_until_it_is_stopped(database: Unit) -> None:
    rent, later = order(), order(first=DAY + 30, last=DAY + 400, day_of_month=1)
    with database.connect() as session:
        for one in (rent, later, rent):
            write_order(session, one)
        assert active_orders(session, DAY - 1) == ()
        assert active_orders(session, DAY) == (rent,)
        assert set(active_orders(session, DAY + 30)) == {rent, later}
        assert rent.last == WITHOUT_END
        assert stop_order(session, rent.id)
        assert not stop_order(session, rent.id)
        assert active_orders(session, DAY + 30) == (later,)


@pytest.mark.parametrize("wrong", [{"to_account": 1}, {"amount_minor": 0}, {"day_of_month": 32}])
def test_the_database_refuses_an_order_that_cannot_be(database: Unit, wrong: dict[str, int]) -> None:
    with database.connect() as session, pytest.raises(psycopg.errors.CheckViolation):
        write_order(session, order(**wrong))
