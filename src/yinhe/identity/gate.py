"""The gate: a token in, a principal out.

A token is verified once; until it expires, or something about its subject changes, it is looked up in memory. Changes
of this process are seen by the next call, those of others within a second (see `yinhe.access.watch`). If the database
cannot be asked for changes, nothing is let through.
"""

import threading
from collections import OrderedDict
from datetime import datetime
from typing import Final, NamedTuple

import msgspec
import psycopg

from yinhe.access import break_glass, role_store
from yinhe.access.permissions import Permission
from yinhe.access.principal import Principal
from yinhe.access.roles import granted
from yinhe.access.watch import EVERYONE, Watch
from yinhe.audit.record import ActorKind
from yinhe.identity import tokens
from yinhe.identity.keys import Keys
from yinhe.identity.refusals import IdentityRefusal
from yinhe.identity.settings import SECOND_US, IdentitySettings
from yinhe.identity.tokens import Claims, is_same
from yinhe.kernel.clock import Clock, us_from_datetime
from yinhe.kernel.refusals import Refusal
from yinhe.storage.sessions import Sessions
from yinhe.storage.statements import load_statements


class _Known(NamedTuple):
    """A verified token."""

    principal: Principal
    until: int
    """Until when it is remembered, in microseconds since 1970-01-01."""
    certificate: str | None


class _Subject(NamedTuple):
    """A row about a user or client."""

    kind: str
    name: str
    enabled: bool
    must_change: bool
    channel: str
    scope: str
    is_open: bool
    """Whether the session it speaks in is there and open."""
    ends_at: datetime
    second_factor: bool
    certificate: str | None


class Gate:
    """Knows who speaks; safe between threads."""

    def __init__(self, sessions: Sessions, clock: Clock, watch: Watch, keys: Keys, settings: IdentitySettings) -> None:
        self._sessions: Final = sessions
        self._clock: Final = clock
        self._watch: Final = watch
        self._keys: Final = keys
        self._settings: Final = settings
        self._sql: Final = load_statements("identity")
        self._lock: Final = threading.Lock()
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._tokens_of: dict[int, set[str]] = {}
        watch.listen(self._forget)

    def authenticate(self, token: str, thumbprint: str | None = None) -> Principal | Refusal:
        """Whose token this is, and what was granted to them; `thumbprint` is that of the connection's certificate.

        Raises a fault of storage.
        """
        if self._clock.monotonic_us() >= self._watch.due_us:
            self._watch.look()
        return self._recalled(token, thumbprint) or self._verified(token, thumbprint)

    def remembered(self, token: str, thumbprint: str | None = None) -> Principal | None:
        """The same from memory alone, for callers that may not wait; None: it has to be authenticated.

        Whoever uses this has a thread `renew` the watch more than once a second; else None is all it says.
        """
        if self._clock.monotonic_us() >= self._watch.due_us:
            return None
        return self._recalled(token, thumbprint)

    def _recalled(self, token: str, thumbprint: str | None) -> Principal | None:
        known = self._known.get(token)
        if (
            known is None
            or self._clock.now_us() >= known.until
            or (known.certificate is not None and not is_same(known.certificate, thumbprint))
        ):
            return None
        try:
            self._known.move_to_end(token)
        except KeyError:
            return None  # forgotten this instant
        return known.principal

    def principal_of(self, kind: ActorKind, name: str) -> Principal | Refusal:
        """A user or client by name with what is granted to it now, to carry out what it asked for before."""
        with self._sessions.lend() as session:
            given = {"kind": str(kind), "name": name}
            row = session.execute(self._sql["subject_number"], given).fetchone()
            number = 0 if row is None else int(row[0])
            found = session.execute(self._sql["subject_read"], {"number": number, "session": None}).fetchone()
            if found is None or not found[2]:
                return Refusal(IdentityRefusal.SUBJECT_DISABLED)
            return _standing(session, kind, number, _Subject(*found), self._clock.now_us())

    def _verified(self, token: str, thumbprint: str | None) -> Principal | Refusal:
        seen, now = self._watch.seen, self._clock.now_us()
        claims = tokens.read(token, self._keys.find, now, self._settings, thumbprint)
        if isinstance(claims, Refusal):
            return claims
        kind, _, number = claims.sub.partition(":")
        if kind not in (ActorKind.USER, ActorKind.CLIENT) or not number.isdecimal():
            return Refusal(IdentityRefusal.TOKEN_MALFORMED)
        with self._sessions.lend() as session:
            principal = self._principal(session, ActorKind(kind), int(number), claims, now)
        if isinstance(principal, Principal):
            certificate = claims.cnf.thumbprint if claims.cnf else None
            self._remember(token, _Known(principal, principal.expires_at, certificate), seen)
        return principal

    def _principal(
        self, session: psycopg.Connection, kind: ActorKind, number: int, claims: Claims, now: int
    ) -> Principal | Refusal:
        row = session.execute(self._sql["subject_read"], {"number": number, "session": claims.sid}).fetchone()
        if row is None or row[0] != kind or not row[2]:
            return Refusal(IdentityRefusal.SUBJECT_DISABLED)
        subject = _Subject(*row)
        if kind is ActorKind.USER:
            if not subject.is_open or us_from_datetime(subject.ends_at) <= now:
                return Refusal(IdentityRefusal.SESSION_ENDED)
        elif subject.certificate and (claims.cnf is None or claims.cnf.thumbprint != subject.certificate):
            return Refusal(IdentityRefusal.TOKEN_CERTIFICATE)
        found = _standing(session, kind, number, subject, now)
        permissions = found.permissions
        if kind is ActorKind.USER and not subject.second_factor:
            permissions -= self._settings.factor_needed
        if claims.scope is not None:
            permissions &= {Permission(word) for word in claims.scope.split() if word in set(Permission)}
        until = claims.exp * SECOND_US
        return msgspec.structs.replace(
            found,
            permissions=permissions,
            session=str(claims.sid),
            expires_at=min(until, found.expires_at) if found.emergency else until,
        )

    def _remember(self, token: str, known: _Known, seen: int) -> None:
        with self._lock:
            if seen != self._watch.seen:
                return  # something was changed while it was read
            while len(self._known) >= self._settings.remembered_max:
                self._drop(next(iter(self._known)))
            self._known[token] = known
            self._tokens_of.setdefault(known.principal.number, set()).add(token)

    def _forget(self, principals: frozenset[int]) -> None:
        with self._lock:
            if EVERYONE in principals:
                self._known.clear()
                self._tokens_of.clear()
                return
            for number in principals:
                for token in self._tokens_of.get(number, set()).copy():
                    self._drop(token)

    def _drop(self, token: str) -> None:
        known = self._known.pop(token, None)
        if known is not None:
            tokens_of = self._tokens_of[known.principal.number]
            tokens_of.discard(token)
            if not tokens_of:
                del self._tokens_of[known.principal.number]


def _standing(session: psycopg.Connection, kind: ActorKind, number: int, subject: _Subject, now: int) -> Principal:
    """Whoever a row is about, with what is granted to it now; `expires_at` is the end of an emergency, else 0."""
    given = granted(role_store.roles_of(session, number), role_store.read_scope(subject.scope))
    emergency = break_glass.until(session, number, now) if kind is ActorKind.USER else None
    if emergency is not None:
        given = break_glass.EMERGENCY
    own = frozenset({Permission.OWN_SECRET}) if kind is ActorKind.USER else frozenset[Permission]()
    return Principal(
        kind=kind,
        number=number,
        name=subject.name,
        permissions=own if subject.must_change else given.permissions | own,
        limits=given.limits,
        currency_limits=given.currency_limits,
        scope=given.scope,
        channel=subject.channel,
        expires_at=emergency or 0,
        emergency=emergency is not None,
        must_change_secret=subject.must_change,
    )
