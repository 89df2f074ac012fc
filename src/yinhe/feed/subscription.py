"""A webhook as the database keeps it, and what its receiver and its owner are told of it."""

from enum import StrEnum, unique
from typing import Any, Final

import msgspec
import psycopg

from yinhe.access.principal import Scope
from yinhe.feed.cursor import Cursor
from yinhe.feed.event import Wanted
from yinhe.storage.statements import load_statements

DEAD_PAGE_MAX: Final = 200
"""Most things given up of one page."""
NUMBER_END: Final = 2**62


@unique
class WebhookState(StrEnum):
    """Whether events are sent."""

    ACTIVE = "active"
    PAUSED = "paused"
    REMOVED = "removed"


@unique
class OnDead(StrEnum):
    """What follows when a delivery is given up."""

    GO_ON = "go_on"
    """It is kept, and the next one is sent."""
    PAUSE = "pause"
    """It is kept, and a person decides: order matters to this receiver."""


class Pending(msgspec.Struct, frozen=True):
    """A delivery on its way; it is sent as it is until it arrives or is given up."""

    id: str
    body: str
    events: int
    next: Cursor
    since: int
    """Microseconds since 1970-01-01."""
    reach: str | None
    """The digest of the reach within which it was put together."""


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """One webhook; times in microseconds since 1970-01-01."""

    webhook: int
    url: str
    secret: bytes
    """Sealed."""
    retired: bytes | None
    """The secret before, sealed …"""
    retired_until: int | None
    """… and until when is signed with it too."""
    wanted: Wanted
    reach: Scope
    batch_max: int
    on_dead: OnDead
    state: WebhookState
    why: str
    """What went wrong last."""
    place: Cursor
    pending: Pending | None
    failures: int
    next_at: int | None
    delivered: int
    """Events delivered so far."""
    made_by: str
    made_at: int


class Dead(msgspec.Struct, frozen=True):
    """A delivery that was given up."""

    dead: int
    webhook: int
    id: str
    body: str
    events: int
    attempts: int
    reason: str
    at: int
    resend: bool
    """Whether it is to be sent once more."""
    resent_at: int | None


def read_webhook(session: psycopg.Connection, webhook: int) -> Subscription | None:
    """One webhook, removed ones too."""
    row: tuple[Any, ...] | None = session.execute(
        load_statements("feed")["webhook_read"], {"webhook": webhook}
    ).fetchone()
    if row is None:
        return None
    number, url, secret, retired, until, types, what, parties, branches, batch_max, on_dead, state, why = row[:13]
    seq, place, part, pending_id, body, events, next_seq, next_number, next_part, since = row[13:23]
    failures, next_at, delivered, made_by, made_at, pending_reach = row[23:]
    return Subscription(
        webhook=number,
        url=url,
        secret=bytes(secret),
        retired=None if retired is None else bytes(retired),
        retired_until=until,
        wanted=Wanted(types=tuple(types), object=what),
        reach=Scope(
            parties=None if parties is None else frozenset(parties),
            branches=None if branches is None else frozenset(branches),
        ),
        batch_max=batch_max,
        on_dead=OnDead(on_dead),
        state=WebhookState(state),
        why=why,
        place=Cursor(seq, place, part),
        pending=None
        if pending_id is None
        else Pending(pending_id, body, events, Cursor(next_seq, next_number, next_part), since, pending_reach),
        failures=failures,
        next_at=next_at,
        delivered=delivered,
        made_by=made_by,
        made_at=made_at,
    )


def read_webhooks(session: psycopg.Connection, made_by: str | None = None) -> tuple[Subscription, ...]:
    """The webhooks that are not removed, of one actor where that is asked for."""
    rows = session.execute(load_statements("feed")["webhooks_list"], {"made_by": made_by}).fetchall()
    found = (read_webhook(session, int(row[0])) for row in rows)
    return tuple(one for one in found if one is not None)


def read_dead(
    session: psycopg.Connection, webhook: int, *, before: int = NUMBER_END, limit: int = DEAD_PAGE_MAX
) -> tuple[Dead, ...]:
    """What was given up of a webhook, the newest first."""
    given = {"webhook": webhook, "before": before, "limit": min(limit, DEAD_PAGE_MAX)}
    return tuple(Dead(*row) for row in session.execute(load_statements("feed")["dead_list"], given))


def secret_context(webhook: int) -> str:
    """In which a webhook's secret is sealed."""
    return f"webhook/{webhook}/secret"
