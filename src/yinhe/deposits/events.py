"""What was asked of contracts, kept in the database before and after it is done."""

from typing import Any, Final
from uuid import UUID

import msgspec
import psycopg
from psycopg.types.json import Jsonb

from yinhe.storage.statements import load_statements

BEGUN: Final = "begun"
DONE: Final = "done"
ABANDONED: Final = "abandoned"

EVENTS_MAX: Final = 1_000
"""Most events of one contract that are listed."""


class Event(msgspec.Struct, frozen=True):
    """One thing asked of a contract; `contract` is 0 while it is not known."""

    id: UUID
    contract: int
    kind: str
    business_date: int
    """Days since 1970-01-01."""
    state: str
    body: dict[str, Any]


def begin(session: psycopg.Connection, event: Event) -> bool:
    """Note an event; False where its id was noted before."""
    given = msgspec.structs.asdict(event) | {"body": Jsonb(event.body)}
    return session.execute(load_statements("deposits")["event_begin"], given).rowcount == 1


def end(session: psycopg.Connection, event_id: UUID, contract: int, state: str, more: dict[str, Any]) -> None:
    """Note what became of an event that was begun; `more` is added to its body."""
    given = {"id": event_id, "contract": contract, "state": state, "more": Jsonb(more)}
    session.execute(load_statements("deposits")["event_end"], given)


def find(session: psycopg.Connection, event_id: UUID) -> Event | None:
    """The event of an id."""
    row = session.execute(load_statements("deposits")["event_read"], {"id": event_id}).fetchone()
    return None if row is None else Event(*row)


def begun(session: psycopg.Connection) -> tuple[Event, ...]:
    """What was begun and not ended, in the order it came."""
    return tuple(Event(*row) for row in session.execute(load_statements("deposits")["events_begun"]))


def of_contract(session: psycopg.Connection, contract: int, limit: int = EVENTS_MAX) -> tuple[Event, ...]:
    """What was done with a contract, latest first."""
    given = {"contract": contract, "limit": limit}
    return tuple(Event(*row) for row in session.execute(load_statements("deposits")["events_of"], given))
