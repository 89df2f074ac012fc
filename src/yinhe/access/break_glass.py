"""Break-glass: in an emergency a user takes every permission of the bank for an hour at most, with an alarm.

All but `access:write`: whoever could make users or roles under it would keep what it gave beyond its hour. Limits and
scopes do not hold while it lasts; second persons do. Every act carries its mark, and it stays listed until another user
has reviewed it.
"""

from typing import Any, Final
from uuid import UUID

import msgspec
import psycopg

from yinhe.access.deciding import forbids
from yinhe.access.permissions import Permission
from yinhe.access.principal import Limits, Principal, Scope
from yinhe.access.refusals import AccessRefusal
from yinhe.access.roles import Granted, is_text
from yinhe.access.watch import Watch
from yinhe.audit.desk import Asked, Desk, Done, Told, Work
from yinhe.audit.record import ActorKind
from yinhe.kernel.clock import datetime_from_us, us_from_datetime
from yinhe.kernel.refusals import Refusal
from yinhe.ledger.logbook import Logbook
from yinhe.storage.statements import load_statements

MINUTES_MAX: Final = 60
REASON_LEAST: Final = 10
"""Characters of a reason at least."""
REASON_MAX: Final = 500
PAGE_MAX: Final = 200
MINUTE_US: Final = 60_000_000

EMERGENCY: Final = Granted(
    permissions=frozenset(Permission) - {Permission.ACCESS_WRITE}, limits=Limits(), currency_limits=(), scope=Scope()
)
"""What break-glass gives."""


class Emergency(msgspec.Struct, frozen=True, kw_only=True):
    """One use of break-glass; times in microseconds since 1970-01-01."""

    id: UUID
    number: int
    """Of the user."""
    name: str
    why: str
    opened_at: int
    ends_at: int
    reviewer: str | None = None
    reviewed_at: int | None = None
    finding: str | None = None


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """What the user is told."""

    id: UUID
    ends_at: int


class BreakGlass:
    """Opens, ends and reviews emergencies."""

    def __init__(self, desk: Desk, watch: Watch) -> None:
        self._desk: Final = desk
        self._watch: Final = watch
        self._sql: Final = load_statements("access")
        self._log: Final = Logbook("yinhe.access")

    def open(self, asked: Asked, principal: Principal, minutes: int) -> Told | Refusal:
        """Take every permission for some minutes; `asked.why` is the reason. The answer is Opened."""
        now = self._desk.clock.now_us()

        def work(session: psycopg.Connection) -> Done | Refusal:
            refusal = self._may_open(principal, asked.why, minutes)
            if refusal:
                return refusal
            session.execute(self._sql["emergency_lock"], {"principal": principal.number})
            if until(session, principal.number, now) is not None:
                return Refusal(AccessRefusal.EMERGENCY_OPEN)
            ends_at = now + minutes * MINUTE_US
            given = {"id": asked.id, "principal": principal.number, "why": asked.why}
            times = {"now": datetime_from_us(now), "ends_at": datetime_from_us(ends_at)}
            session.execute(self._sql["emergency_open"], {**given, **times})
            self._watch.write(session, principal.number)
            answer = Opened(id=asked.id, ends_at=ends_at)
            return Done(answer=answer, object=f"emergency/{asked.id}", detail={"minutes": minutes})

        told = self._done(msgspec.structs.replace(asked, action="access.break_glass"), work)
        if isinstance(told, Told) and not (told.dry_run or told.repeated):
            self._log.error("break_glass_opened", actor=asked.author.actor, emergency=str(asked.id), minutes=minutes)
        return told

    def end(self, asked: Asked, principal: Principal) -> Told | Refusal:
        """End one's own emergency before its time."""

        def work(session: psycopg.Connection) -> Done | Refusal:
            given = {"principal": principal.number, "now": datetime_from_us(self._desk.clock.now_us())}
            row = session.execute(self._sql["emergency_end"], given).fetchone()
            if row is None:
                return Refusal(AccessRefusal.EMERGENCY_NOT_OPEN)
            self._watch.write(session, principal.number)
            return Done(answer={"id": row[0]}, object=f"emergency/{row[0]}")

        return self._done(asked, work)

    def list(
        self, *, reviewed_too: bool = False, before: UUID | None = None, limit: int = PAGE_MAX
    ) -> tuple[Emergency, ...]:
        """Emergencies, the newest first: those nobody has reviewed, or all."""
        given = {"all": reviewed_too, "before": before, "limit": min(limit, PAGE_MAX)}
        with self._desk.sessions.lend() as session:
            return tuple(_emergency(row) for row in session.execute(self._sql["emergencies_list"], given))

    def review(self, asked: Asked, principal: Principal, emergency: UUID) -> Told | Refusal:
        """Note that another user looked at what was done in an emergency that is over; `asked.why` is the finding."""

        def work(session: psycopg.Connection) -> Done | Refusal:
            row = session.execute(self._sql["emergency_read"], {"id": emergency}).fetchone()
            if row is None:
                return Refusal(AccessRefusal.EMERGENCY_UNKNOWN)
            found, now = _emergency(row), self._desk.clock.now_us()
            refusal = may_review(principal, found, asked.why, now)
            if refusal:
                return refusal
            given = {"id": emergency, "reviewer": principal.number, "finding": asked.why, "now": datetime_from_us(now)}
            session.execute(self._sql["emergency_review"], given)
            return Done(answer={"id": emergency}, object=f"emergency/{emergency}", detail={"user": found.name})

        return self._desk.carry_out(asked, work)

    def _may_open(self, principal: Principal, why: str, minutes: int) -> Refusal | None:
        if principal.kind is not ActorKind.USER:
            return Refusal(AccessRefusal.USERS_ONLY)
        refusal = forbids(principal, Permission.BREAK_GLASS)
        if refusal:
            return refusal
        if not 1 <= minutes <= MINUTES_MAX:
            return Refusal(AccessRefusal.EMERGENCY_TOO_LONG)
        return None if is_text(why, REASON_MAX, REASON_LEAST) else Refusal(AccessRefusal.TEXT_MALFORMED, "why")

    def _done(self, asked: Asked, work: Work) -> Told | Refusal:
        told = self._desk.carry_out(asked, work)
        self._watch.announce()
        return told


def may_review(principal: Principal, found: Emergency, why: str, now: int) -> Refusal | None:
    """Whether a principal may review an emergency now."""
    if principal.kind is not ActorKind.USER:
        return Refusal(AccessRefusal.USERS_ONLY)
    refusal = forbids(principal, Permission.AUDIT_READ)
    if refusal:
        return refusal
    if principal.number == found.number:
        return Refusal(AccessRefusal.OWN_EMERGENCY)
    if found.reviewed_at is not None:
        return Refusal(AccessRefusal.ALREADY_REVIEWED)
    if now < found.ends_at:
        return Refusal(AccessRefusal.EMERGENCY_RUNS)
    return None if is_text(why, REASON_MAX, REASON_LEAST) else Refusal(AccessRefusal.TEXT_MALFORMED, "why")


def until(session: psycopg.Connection, principal: int, now: int) -> int | None:
    """Until when a principal has break-glass open; None: it has not."""
    given = {"principal": principal, "now": datetime_from_us(now)}
    row = session.execute(load_statements("access")["emergency_of"], given).fetchone()
    return None if row is None else us_from_datetime(row[1])


def _emergency(row: tuple[Any, ...]) -> Emergency:
    return Emergency(
        id=row[0],
        number=int(row[1]),
        name=row[2],
        why=row[3],
        opened_at=us_from_datetime(row[4]),
        ends_at=us_from_datetime(row[5]),
        reviewer=row[6],
        reviewed_at=None if row[7] is None else us_from_datetime(row[7]),
        finding=row[8],
    )
