"""Users: made with a one-time secret, enabled and disabled; their passwords."""

from typing import Any, Final

import msgspec
import psycopg

from yinhe.access import role_store
from yinhe.access.principal import Principal, Scope
from yinhe.access.refusals import AccessRefusal
from yinhe.access.role_store import Entry
from yinhe.access.roles import NAME
from yinhe.access.service import Roles, shown_scope
from yinhe.access.watch import Watch
from yinhe.audit.desk import Asked, Desk, Done, Told, Work
from yinhe.audit.record import ActorKind
from yinhe.identity import passwords, user_store
from yinhe.identity.attempts import Attempts, keys_for
from yinhe.identity.issued import Issued, issued, without_secrets
from yinhe.identity.passwords import Passwords, one_time_secret
from yinhe.identity.refusals import IdentityRefusal
from yinhe.identity.settings import IdentitySettings
from yinhe.identity.user_store import Credentials, UserState
from yinhe.kernel.clock import datetime_from_us
from yinhe.kernel.refusals import Refusal
from yinhe.storage.statements import load_statements

PAGE_MAX: Final = 200


class MakeUser(msgspec.Struct, frozen=True, kw_only=True):
    """Make a user with these roles, narrowed to a scope."""

    name: str
    roles: tuple[str, ...] = ()
    scope: Scope = Scope()


class EnableUser(msgspec.Struct, frozen=True, kw_only=True):
    """Let a user in again, or let it in no more; its sessions end."""

    name: str
    enabled: bool


class RenewSecret(msgspec.Struct, frozen=True, kw_only=True):
    """Give a user that forgot its password a new one-time secret; its sessions end."""

    name: str


class ChangePassword(msgspec.Struct, frozen=True, kw_only=True):
    """Change one's own password; all other sessions end."""

    current: str
    new: str


class User(msgspec.Struct, frozen=True, kw_only=True):
    """A user as the list shows it."""

    entry: Entry
    state: UserState


class Users:
    """Keeps users."""

    def __init__(
        self,
        desk: Desk,
        watch: Watch,
        roles: Roles,
        hasher: Passwords,
        attempts: Attempts,
        settings: IdentitySettings,
    ) -> None:
        self._desk: Final = desk
        self._watch: Final = watch
        self._roles: Final = roles
        self._passwords: Final = hasher
        self._attempts: Final = attempts
        self._settings: Final = settings
        self._sql: Final = load_statements("identity")
        self._access_sql: Final = load_statements("access")

    def list(self, after: str = "", limit: int = PAGE_MAX) -> tuple[User, ...]:
        """A page of users by name, those after a name."""
        with self._desk.sessions.lend() as session:
            entries = role_store.entries(session, ActorKind.USER, after, min(limit, PAGE_MAX))
            states = user_store.states(session, [entry.number for entry in entries])
        return tuple(User(entry=entry, state=states[entry.number]) for entry in entries)

    def make(self, asked: Asked, command: MakeUser) -> Issued | Refusal:
        """Make a user; the answer is its entry, the secret must be changed at the first log-in."""
        secret = one_time_secret()
        hashed = self._passwords.hash(secret)
        told = self._carry_out(asked, lambda session: self.made(session, command, hashed))
        return told if isinstance(told, Refusal) else issued(told, secret)

    def made(self, session: psycopg.Connection, command: MakeUser, hashed: str) -> Done | Refusal:
        """Make a user with a hashed one-time secret, inside a transaction."""
        if not NAME.fullmatch(command.name):
            return Refusal(AccessRefusal.NAME_MALFORMED)
        now = self._desk.clock.now_us()
        given = {"kind": "user", "name": command.name, "scope": role_store.write_scope(command.scope)}
        row = session.execute(self._access_sql["principal_make"], {**given, "now": datetime_from_us(now)}).fetchone()
        if row is None:
            return Refusal(AccessRefusal.NAME_TAKEN)
        number = int(row[0])
        refusal = self._roles.give(session, number, command.roles, command.scope)
        if refusal:
            return refusal
        session.execute(self._sql["user_make"], {"number": number, **self._one_time(hashed, now)})
        entry = Entry(
            number=number,
            kind=ActorKind.USER,
            name=command.name,
            enabled=True,
            scope=command.scope,
            roles=tuple(sorted(set(command.roles))),
        )
        after = {"roles": list(entry.roles), "scope": shown_scope(entry.scope)}
        return Done(answer=entry, object=f"user/{command.name}", after=after)

    def set_enabled(self, asked: Asked, command: EnableUser) -> Told | Refusal:
        """Let a user in again, or let it in no more."""

        def work(session: psycopg.Connection) -> Done | Refusal:
            entry = role_store.find(session, ActorKind.USER, command.name)
            if entry is None:
                return Refusal(AccessRefusal.PRINCIPAL_UNKNOWN)
            if asked.author.actor == f"user:{command.name}":
                return Refusal(IdentityRefusal.SETTING_OWN)
            role_store.enable(session, entry.number, enabled=command.enabled)
            ended = 0 if command.enabled else self._end_sessions(session, entry.number, "disabled")
            self._watch.write(session, entry.number)
            return Done(
                answer={"name": command.name, "enabled": command.enabled},
                object=f"user/{command.name}",
                before={"enabled": entry.enabled},
                after={"enabled": command.enabled},
                detail={"sessions_ended": ended},
            )

        return self._carry_out(asked, work)

    def renew_secret(self, asked: Asked, command: RenewSecret) -> Issued | Refusal:
        """Give a user a new one-time secret; whoever does so sees it, and the log knows."""
        secret = one_time_secret()
        hashed = self._passwords.hash(secret)

        def work(session: psycopg.Connection) -> Done | Refusal:
            entry = role_store.find(session, ActorKind.USER, command.name)
            if entry is None:
                return Refusal(AccessRefusal.PRINCIPAL_UNKNOWN)
            if asked.author.actor == f"user:{command.name}":
                return Refusal(AccessRefusal.OWN_ACCESS)
            given = self._one_time(hashed, self._desk.clock.now_us())
            session.execute(self._sql["user_password"], {"number": entry.number, **given})
            ended = self._end_sessions(session, entry.number, "secret renewed")
            self._watch.write(session, entry.number)
            return Done(answer={"name": command.name}, object=f"user/{command.name}", detail={"sessions_ended": ended})

        told = self._carry_out(asked, work)
        return told if isinstance(told, Refusal) else issued(told, secret)

    def change_password(
        self, asked: Asked, principal: Principal, command: ChangePassword, address: str = ""
    ) -> Told | Refusal:
        """Change one's own password, which is proved by the current one; whatever the command is, it is not logged."""
        asked = without_secrets(asked, name=principal.name)
        proved = self.prove(principal, command.current, address)
        if isinstance(proved, Refusal):
            return self._carry_out(asked, lambda _: proved)
        hashed = self._passwords.hash(command.new)

        def work(session: psycopg.Connection) -> Done | Refusal:
            refusal = passwords.wrong_with(command.new, principal.name)
            if refusal:
                return refusal
            if passwords.normalised(command.new) == passwords.normalised(command.current):
                return Refusal(IdentityRefusal.PASSWORD_UNCHANGED)
            held = user_store.locked(session, principal.number)
            if held is None or held.password_hash != proved.password_hash:
                return Refusal(IdentityRefusal.SECRET_WRONG)
            given = {"hash": hashed, "now": datetime_from_us(self._desk.clock.now_us()), "until": None}
            session.execute(self._sql["user_password"], {"number": principal.number, **given})
            ended = self._end_sessions(session, principal.number, "password changed", but=principal.session or None)
            self._watch.write(session, principal.number)
            return Done(
                answer={"name": principal.name}, object=f"user/{principal.name}", detail={"sessions_ended": ended}
            )

        return self._carry_out(asked, work)

    def prove(self, principal: Principal, password: str, address: str) -> Credentials | Refusal:
        """Prove again, by the password, that a user is itself; a failure counts as one at log-in."""
        if principal.kind is not ActorKind.USER:
            return Refusal(AccessRefusal.USERS_ONLY)
        keys = keys_for(principal.name, address)
        refusal = self._attempts.begin(keys)
        if refusal:
            return refusal
        with self._desk.sessions.lend() as session:
            held = user_store.by_name(session, principal.name)
        fits = self._passwords.fits(password, held and held.password_hash)
        if fits is False:
            return Refusal(IdentityRefusal.SECRET_WRONG)
        with self._desk.sessions.transaction() as session:
            self._attempts.take_back(session, keys)
        assert held is not None, "nobody's password never fits"
        return fits if isinstance(fits, Refusal) else held

    def count_failure(self, principal: Principal, address: str) -> None:
        """Count a failure of a user that had proved itself by the password alone."""
        self._attempts.begin(keys_for(principal.name, address))

    def _one_time(self, hashed: str, now: int) -> dict[str, Any]:
        until = datetime_from_us(now + self._settings.one_time_us)
        return {"hash": hashed, "now": datetime_from_us(now), "until": until}

    def _end_sessions(self, session: psycopg.Connection, number: int, why: str, but: str | None = None) -> int:
        given = {"number": number, "why": why, "but": but, "now": datetime_from_us(self._desk.clock.now_us())}
        return len(session.execute(self._sql["sessions_end"], given).fetchall())

    def _carry_out(self, asked: Asked, work: Work) -> Told | Refusal:
        told = self._desk.carry_out(asked, work)
        self._watch.announce()
        return told
