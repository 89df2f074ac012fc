"""Sessions of users: opened by a password (and a code), refreshed with a token used once, ended.

A refresh token that comes a second time was stolen from somebody, and nobody knows from whom: its session ends (RFC
9700 section 4.14.2). Log-ins do not go through the desk, which would keep their answers: an answer here is a secret,
and a failure has to stay counted. Each log-in and each failure is put on record in its own transaction.
"""

from typing import Final
from uuid import UUID

import msgspec
import psycopg

from yinhe.access import role_store
from yinhe.access.principal import Principal
from yinhe.access.refusals import AccessRefusal
from yinhe.access.roles import NAME
from yinhe.access.watch import Watch
from yinhe.audit.desk import Asked, Desk, Done, Told
from yinhe.audit.log import append
from yinhe.audit.record import ActorKind, Author, Outcome, Record
from yinhe.identity import session_store, user_store
from yinhe.identity.attempts import Attempts, Key, keys_for
from yinhe.identity.minting import Mint
from yinhe.identity.passwords import Passwords
from yinhe.identity.refusals import IdentityRefusal
from yinhe.identity.second_factor import SecondFactor
from yinhe.identity.session_store import Held, OpenSession, new_refresh, refresh_hash
from yinhe.identity.settings import IdentitySettings
from yinhe.identity.user_store import Credentials
from yinhe.kernel.clock import datetime_from_us
from yinhe.kernel.refusals import Refusal
from yinhe.storage.statements import load_statements

PLACE_MAX: Final = 64
"""Characters kept of an address or a channel."""
NOT_A_NAME: Final = "(not a name)"
"""Stands on record for what was given as a name and is none: it may be a password typed into the wrong field."""


class LogIn(msgspec.Struct, frozen=True, kw_only=True):
    """What a user proves itself with; `code` is the authenticator's or a recovery code."""

    name: str
    password: str
    code: str = ""


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """What a log-in or a refresh gives."""

    access_token: str
    refresh_token: str
    seconds: int
    """For how long the access token is good."""
    session: UUID
    must_change_secret: bool = False


class UserSessions:
    """Opens, refreshes and ends sessions."""

    def __init__(
        self,
        desk: Desk,
        watch: Watch,
        mint: Mint,
        hasher: Passwords,
        attempts: Attempts,
        factor: SecondFactor,
        settings: IdentitySettings,
    ) -> None:
        self._desk: Final = desk
        self._watch: Final = watch
        self._mint: Final = mint
        self._passwords: Final = hasher
        self._attempts: Final = attempts
        self._factor: Final = factor
        self._settings: Final = settings
        self._sql: Final = load_statements("identity")

    def open(self, log_in: LogIn, *, address: str = "", channel: str = "") -> Opened | Refusal:
        """Log in. A name that is nobody's, a wrong password and a disabled user hear the same, after the same work."""
        name = log_in.name if NAME.fullmatch(log_in.name) else None
        author = Author(
            kind=ActorKind.USER, name=name or NOT_A_NAME, channel=channel[:PLACE_MAX], address=address[:PLACE_MAX]
        )
        keys = keys_for(name, address)
        refusal = self._attempts.begin(keys)
        if refusal:
            return refusal
        held = self._credentials(name)
        fits = self._passwords.fits(log_in.password, held and held.password_hash)
        if isinstance(fits, Refusal):
            self._take_back(keys)
            return fits
        why_not = self._why_not(held, fits)
        if why_not or held is None:
            return self._failed(author, Refusal(IdentityRefusal.SECRET_WRONG), why_not)
        if held.has_factor and not log_in.code:
            self._take_back(keys)
            return Refusal(IdentityRefusal.CODE_NEEDED)
        opened = self._opened(author, held, log_in.code, keys)
        if isinstance(opened, Refusal):
            return self._failed(author, opened)
        self._rehash(held, log_in.password)
        self._watch.announce()
        return opened

    def refresh(self, token: str, *, address: str = "") -> Opened | Refusal:
        """New tokens for an old refresh token, which is used by this."""
        hashed = refresh_hash(token)
        with self._desk.sessions.transaction() as session:
            row = session.execute(self._sql["refresh_read"], {"hash": hashed}).fetchone()
            held = None if row is None else session_store.locked(session, row[0])
            if held is None:
                return Refusal(IdentityRefusal.REFRESH_UNKNOWN)
            author = self._author(held, address)
            if not session.execute(self._sql["refresh_use"], {"hash": hashed}).rowcount:
                self._end(session, held, author, "refresh token reused")
                refreshed: str | Refusal = Refusal(IdentityRefusal.REFRESH_REUSED)
            else:
                refreshed = self._refreshed(session, held)
        self._watch.announce()
        if isinstance(refreshed, Refusal):
            return refreshed
        return self._tokens(held.number, held.id, refreshed, held.ends_at, self._credentials(held.name))

    def list(self, number: int) -> tuple[OpenSession, ...]:
        """The open sessions of a user."""
        with self._desk.sessions.lend() as session:
            return session_store.open_sessions(session, number, self._desk.clock.now_us())

    def end(self, asked: Asked, principal: Principal) -> Told | Refusal:
        """Log out: end the session one speaks in."""
        return self._ended(asked, principal.name, principal.session, "logged out")

    def end_one(self, asked: Asked, name: str, session_id: UUID) -> Told | Refusal:
        """End one session of a user."""
        return self._ended(asked, name, str(session_id), "ended")

    def end_all(self, asked: Asked, name: str) -> Told | Refusal:
        """End all sessions of a user."""

        def work(session: psycopg.Connection) -> Done | Refusal:
            entry = role_store.find(session, ActorKind.USER, name)
            if entry is None:
                return Refusal(AccessRefusal.PRINCIPAL_UNKNOWN)
            given = {"number": entry.number, "why": "ended", "but": None, "now": self._now()}
            ended = len(session.execute(self._sql["sessions_end"], given).fetchall())
            self._watch.write(session, entry.number)
            return Done(answer={"sessions": ended}, object=f"user/{name}", detail={"sessions_ended": ended})

        told = self._desk.carry_out(asked, work)
        self._watch.announce()
        return told

    def _ended(self, asked: Asked, name: str, session_id: str, why: str) -> Told | Refusal:
        def work(session: psycopg.Connection) -> Done | Refusal:
            held = session_store.locked(session, UUID(session_id)) if session_id else None
            if held is None or held.name != name or held.has_ended:
                return Refusal(IdentityRefusal.SESSION_ENDED)
            session.execute(self._sql["session_end"], {"id": held.id, "why": why, "now": self._now()})
            self._watch.write(session, held.number)
            return Done(answer={"session": held.id}, object=f"user/{name}", detail={"session": held.id, "how": why})

        told = self._desk.carry_out(asked, work)
        self._watch.announce()
        return told

    def _credentials(self, name: str | None) -> Credentials | None:
        if name is None:
            return None
        with self._desk.sessions.lend() as session:
            return user_store.by_name(session, name)

    def _why_not(self, held: Credentials | None, fits: bool) -> str:
        """What the log alone is told; empty: nothing speaks against it."""
        if held is None:
            return "user_unknown"
        if not fits:
            return "password_wrong"
        if not held.enabled:
            return "disabled"
        is_over = held.one_time_until is not None and held.one_time_until <= self._desk.clock.now_us()
        return "one_time_secret_expired" if is_over else ""

    def _failed(self, author: Author, refusal: Refusal, why: str = "") -> Refusal:
        record = Record(action="session.open", author=author, outcome=Outcome.REFUSED, why=why or refusal.name)
        self._desk.note(record)
        return refusal

    def _take_back(self, keys: tuple[Key, ...]) -> None:
        with self._desk.sessions.transaction() as session:
            self._attempts.take_back(session, keys)

    def _opened(self, author: Author, before: Credentials, code: str, keys: tuple[Key, ...]) -> Opened | Refusal:
        session_id, now = self._mint.ids.next(), self._desk.clock.now_us()
        with self._desk.sessions.transaction() as session:
            held = user_store.locked(session, before.number)
            if held is None or held.password_hash != before.password_hash or held.has_factor != before.has_factor:
                return Refusal(IdentityRefusal.SECRET_WRONG)
            if held.has_factor and not self._factor.use(session, held, code):
                return Refusal(IdentityRefusal.CODE_WRONG)
            times = {
                "now": datetime_from_us(now),
                "idle_at": datetime_from_us(now + self._settings.idle_us),
                "ends_at": datetime_from_us(now + self._settings.session_us),
            }
            self._make_room(session, held, now)
            session.execute(self._sql["refresh_prune"], {"number": held.number, **times})
            given = {"address": author.address, "channel": author.channel, "second_factor": held.has_factor}
            session.execute(self._sql["session_open"], {"id": session_id, "number": held.number, **given, **times})
            session.execute(self._sql["user_opened"], {"number": held.number, **times})
            refresh = self._new_refresh(session, session_id)
            self._attempts.succeed(session, keys)
            author = msgspec.structs.replace(author, session=str(session_id))
            detail = {"second_factor": held.has_factor}
            record = Record(action="session.open", author=author, object=f"user/{held.name}", detail=detail)
            append(session, self._desk.clock, [record])
        return self._tokens(held.number, session_id, refresh, now + self._settings.session_us, held)

    def _make_room(self, session: psycopg.Connection, held: Credentials, now: int) -> None:
        """End the oldest sessions of a user that would have too many."""
        there = session_store.open_sessions(session, held.number, now)
        oldest = there[: max(len(there) - self._settings.sessions_max + 1, 0)]
        for one in oldest:
            given = {"id": one.id, "why": "too many sessions", "now": datetime_from_us(now)}
            session.execute(self._sql["session_end"], given)
        if oldest:
            self._watch.write(session, held.number)

    def _new_refresh(self, session: psycopg.Connection, session_id: UUID) -> str:
        token = new_refresh()
        session.execute(self._sql["refresh_write"], {"hash": refresh_hash(token), "session": session_id})
        return token

    def _refreshed(self, session: psycopg.Connection, held: Held) -> str | Refusal:
        now = self._desk.clock.now_us()
        if not held.enabled:
            return Refusal(IdentityRefusal.SUBJECT_DISABLED)
        is_over = held.has_ended or min(held.idle_at, held.ends_at) <= now
        if is_over or held.refreshes >= self._settings.refreshes_max:
            return Refusal(IdentityRefusal.SESSION_ENDED)
        idle_at = datetime_from_us(now + self._settings.idle_us)
        session.execute(self._sql["session_used"], {"id": held.id, "now": datetime_from_us(now), "idle_at": idle_at})
        return self._new_refresh(session, held.id)

    def _tokens(
        self, number: int, session_id: UUID, refresh: str, ends_at: int, credentials: Credentials | None
    ) -> Opened:
        minted = self._mint.token(ActorKind.USER, number, session_id, ends_at=ends_at)
        return Opened(
            access_token=minted.token,
            refresh_token=refresh,
            seconds=minted.seconds,
            session=session_id,
            must_change_secret=credentials is not None and credentials.one_time_until is not None,
        )

    def _end(self, session: psycopg.Connection, held: Held, author: Author, why: str) -> None:
        session.execute(self._sql["session_end"], {"id": held.id, "why": why, "now": self._now()})
        self._watch.write(session, held.number)
        detail = {"session": held.id, "how": why}
        record = Record(action="session.end", author=author, object=f"user/{held.name}", detail=detail)
        append(session, self._desk.clock, [record])

    def _author(self, held: Held, address: str) -> Author:
        return Author(
            kind=ActorKind.USER,
            name=held.name,
            channel=held.channel,
            address=address[:PLACE_MAX],
            session=str(held.id),
        )

    def _rehash(self, held: Credentials, password: str) -> None:
        """Keep the password with the parameters of today."""
        if self._passwords.is_outdated(held.password_hash):
            given = {"number": held.number, "before": held.password_hash, "hash": self._passwords.hash(password)}
            with self._desk.sessions.transaction() as session:
                session.execute(self._sql["user_rehash"], given)

    def _now(self) -> object:
        return datetime_from_us(self._desk.clock.now_us())
