"""What was asked of loans, kept in the database before and after it is done, and what the nights collected."""

from typing import Any, Final
from uuid import UUID

import msgspec
import psycopg
from psycopg.types.json import Jsonb

from yinhe.lending.position import Act, ActKind
from yinhe.storage.statements import load_statements

BEGUN: Final = "begun"
DONE: Final = "done"
ABANDONED: Final = "abandoned"
EVENTS_MAX: Final = 10_000
"""Most events of one loan that are read."""


class Event(msgspec.Struct, frozen=True):
    """One thing asked of a loan; `loan` is 0 while it is not known."""

    id: UUID
    loan: int
    kind: str
    business_date: int
    """Days since 1970-01-01."""
    value_date: int
    state: str
    body: dict[str, Any]

    @property
    def act(self) -> Act | None:
        """What it did to the loan; None where that was nothing but a note."""
        found = self.body.get("act")
        return None if found is None else msgspec.convert(found, Act)


def begin(session: psycopg.Connection, event: Event) -> bool:
    """Note an event; False where its id was noted before."""
    given = msgspec.structs.asdict(event) | {"body": Jsonb(event.body)}
    return session.execute(load_statements("lending")["event_begin"], given).rowcount == 1


def end(session: psycopg.Connection, event_id: UUID, loan: int, state: str, more: dict[str, Any]) -> None:
    """Note what became of an event that was begun; `more` is added to its body."""
    given = {"id": event_id, "loan": loan, "state": state, "more": Jsonb(more)}
    session.execute(load_statements("lending")["event_end"], given)


def find(session: psycopg.Connection, event_id: UUID) -> Event | None:
    """The event of an id."""
    row = session.execute(load_statements("lending")["event_read"], {"id": event_id}).fetchone()
    return None if row is None else Event(*row)


def begun(session: psycopg.Connection) -> tuple[Event, ...]:
    """What was begun and not ended, in the order it came."""
    return tuple(Event(*row) for row in session.execute(load_statements("lending")["events_begun"]))


def of_loan(session: psycopg.Connection, loan: int, limit: int = EVENTS_MAX) -> tuple[Event, ...]:
    """What was done with a loan, oldest first."""
    given = {"loan": loan, "limit": limit}
    return tuple(Event(*row) for row in session.execute(load_statements("lending")["events_of"], given))


def acts_of(session: psycopg.Connection, loan: int) -> tuple[Act, ...]:
    """Everything that happened to a loan, in the order in which it counts: by value date, then as it was booked."""
    acts = [event.act for event in of_loan(session, loan) if event.state == DONE]
    collected = session.execute(load_statements("lending")["collections_of"], {"loan": loan}).fetchall()
    acts += [Act(day=day, kind=ActKind.COLLECT, amount=amount) for day, amount in collected]
    return tuple(sorted((act for act in acts if act is not None), key=lambda act: act.day))
