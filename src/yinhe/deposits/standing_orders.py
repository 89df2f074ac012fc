"""Standing orders: payments made every month on a day of it, by the night."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec
import psycopg

from yinhe.ledger.batch import VALUE_DATE_MAX
from yinhe.storage.statements import load_statements

WITHOUT_END: Final = VALUE_DATE_MAX
"""The last day of an order that has none."""
RETRY_DAYS: Final = 3
"""On how many business dates an order is tried again, unless it says otherwise."""


class StandingOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A payment every month; accounts are indexes of the ledger, dates days since 1970-01-01."""

    id: UUID
    from_account: int
    to_account: int
    amount_minor: int
    day_of_month: int
    """The last day of a month that is shorter."""
    first: int
    last: int = WITHOUT_END
    last_run: int = 0
    """The business date it was carried out on last, or tried; 0 for never."""
    retry_days: int = RETRY_DAYS
    """On how many business dates after the one it is due on it is tried again where there is no money."""
    due: int = 0
    """The business date it is being tried again for; 0 where it is not."""


def write_order(session: psycopg.Connection, order: StandingOrder) -> None:
    """Note a standing order; a second time under its id changes nothing."""
    given = msgspec.structs.asdict(order)
    session.execute(load_statements("deposits")["order_write"], given | {"amount": order.amount_minor})


def stop_order(session: psycopg.Connection, order_id: UUID) -> bool:
    """End a standing order; False where there is none active under the id."""
    return session.execute(load_statements("deposits")["order_stop"], {"id": order_id}).rowcount == 1


def stop_orders_from(session: psycopg.Connection, account: int) -> None:
    """End every standing order that pays out of an account."""
    session.execute(load_statements("deposits")["orders_stop_from"], {"account": account})


def active_orders(session: psycopg.Connection, date: int) -> tuple[StandingOrder, ...]:
    """The active standing orders that have begun by a business date, by id."""
    return _read(session, "orders_active", date=date)


def orders_from(session: psycopg.Connection, account: int) -> tuple[StandingOrder, ...]:
    """The active standing orders that pay out of an account, by id."""
    return _read(session, "orders_from", account=account)


def _read(session: psycopg.Connection, name: str, **given: int) -> tuple[StandingOrder, ...]:
    rows = session.execute(load_statements("deposits")[name], given)
    return tuple(
        StandingOrder(
            id=order_id,
            from_account=from_account,
            to_account=to_account,
            amount_minor=amount,
            day_of_month=day_of_month,
            first=first,
            last=last,
            last_run=last_run,
            retry_days=retry_days,
            due=due,
        )
        for order_id, from_account, to_account, amount, day_of_month, first, last, last_run, retry_days, due in rows
    )


def orders_ran(session: psycopg.Connection, orders: Sequence[UUID], date: int) -> None:
    """Note that standing orders were carried out on a business date."""
    session.execute(load_statements("deposits")["orders_ran"], {"ids": list(orders), "date": date})


def orders_wanting(session: psycopg.Connection, orders: Sequence[UUID], date: int) -> tuple[UUID, ...]:
    """Note that there was no money for standing orders on a business date; those that are given up until next month."""
    rows = session.execute(load_statements("deposits")["orders_wanting"], {"ids": list(orders), "date": date})
    return tuple(order for order, is_last in rows if is_last)
