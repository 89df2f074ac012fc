"""Roles and who has them: made, changed, granted, each on record."""

from typing import Any, Final

import msgspec
import psycopg

from yinhe.access import role_store as store
from yinhe.access.built_in import BUILT_IN_ROLES
from yinhe.access.principal import Scope
from yinhe.access.refusals import AccessRefusal
from yinhe.access.role_store import Entry
from yinhe.access.roles import ROLES_MAX, Role, granted, separation, wrong_with, wrong_with_scope
from yinhe.access.watch import EVERYONE, Watch
from yinhe.audit.desk import Asked, Desk, Done, Told, Work
from yinhe.audit.record import ActorKind
from yinhe.kernel.refusals import Refusal
from yinhe.storage.statements import load_statements


class RoleGone(msgspec.Struct, frozen=True):
    """Remove a role that nobody has."""

    name: str


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """Give a user or a client these roles and no others, narrowed to a scope."""

    kind: ActorKind
    name: str
    roles: tuple[str, ...]
    scope: Scope = Scope()


class Roles:
    """Keeps roles and grants."""

    def __init__(self, desk: Desk, watch: Watch) -> None:
        self._desk: Final = desk
        self._watch: Final = watch
        self._sql: Final = load_statements("access")

    def all(self) -> tuple[Role, ...]:
        """Every role, by name."""
        with self._desk.sessions.lend() as session:
            return store.all_roles(session)

    def put(self, asked: Asked, role: Role) -> Told | Refusal:
        """Make a role, or change it for all who have it; the answer is the role."""

        def work(session: psycopg.Connection) -> Done | Refusal:
            session.execute(self._sql["roles_lock"])
            before = next((known for known in store.all_roles(session) if known.name == role.name), None)
            refusal = wrong_with(role) or self._holders_may(session, asked, role)
            if refusal:
                return refusal
            store.write_role(session, role)
            self._watch.write(session, EVERYONE)
            return Done(answer=role, object=f"role/{role.name}", before=before and shown(before), after=shown(role))

        return self._done(asked, work)

    def remove(self, asked: Asked, command: RoleGone) -> Told | Refusal:
        """Remove a role that nobody has."""

        def work(session: psycopg.Connection) -> Done | Refusal:
            session.execute(self._sql["roles_lock"])
            before = next((known for known in store.all_roles(session) if known.name == command.name), None)
            if before is None:
                return Refusal(AccessRefusal.ROLE_UNKNOWN)
            if not session.execute(self._sql["role_remove"], {"name": command.name}).rowcount:
                return Refusal(AccessRefusal.ROLE_IN_USE)
            return Done(answer={"name": command.name}, object=f"role/{command.name}", before=shown(before))

        return self._done(asked, work)

    def grant(self, asked: Asked, command: Grant) -> Told | Refusal:
        """Set the roles and the scope of a user or a client; the answer is its entry."""

        def work(session: psycopg.Connection) -> Done | Refusal:
            session.execute(self._sql["roles_lock"])
            entry = store.find(session, command.kind, command.name)
            if entry is None:
                return Refusal(AccessRefusal.PRINCIPAL_UNKNOWN)
            if asked.author.actor == f"{command.kind}:{command.name}":
                return Refusal(AccessRefusal.OWN_ACCESS)
            refusal = self.give(session, entry.number, command.roles, command.scope)
            if refusal:
                return refusal
            self._watch.write(session, entry.number)
            after = msgspec.structs.replace(entry, roles=tuple(sorted(set(command.roles))), scope=command.scope)
            return Done(
                answer=after, object=f"{command.kind}/{command.name}", before=_given(entry), after=_given(after)
            )

        return self._done(asked, work)

    def give(self, session: psycopg.Connection, number: int, roles: tuple[str, ...], scope: Scope) -> Refusal | None:
        """Set roles and scope of a principal inside a transaction that holds no other lock of roles."""
        session.execute(self._sql["roles_lock"])
        wanted = sorted(set(roles))
        if len(wanted) > ROLES_MAX:
            return Refusal(AccessRefusal.ROLES_TOO_MANY)
        known = {role.name: role for role in store.all_roles(session)}
        if any(name not in known for name in wanted):
            return Refusal(AccessRefusal.ROLE_UNKNOWN)
        permissions = granted((known[name] for name in wanted), scope).permissions
        refusal = wrong_with_scope(scope) or separation(permissions)
        if refusal:
            return refusal
        session.execute(self._sql["principal_scope"], {"number": number, "scope": store.write_scope(scope)})
        session.execute(self._sql["grants_clear"], {"number": number})
        for name in wanted:
            session.execute(self._sql["grant_write"], {"number": number, "role": name})
        return None

    def install(self, session: psycopg.Connection) -> None:
        """Make the roles a bank starts with, those that are not there."""
        there = {role.name for role in store.all_roles(session)}
        for role in BUILT_IN_ROLES:
            if role.name not in there:
                store.write_role(session, role)

    def _holders_may(self, session: psycopg.Connection, asked: Asked, role: Role) -> Refusal | None:
        """Whether all who have the role may have what it is changed to."""
        for row in session.execute(self._sql["role_holders"], {"name": role.name}).fetchall():
            number, actor = int(row[0]), f"{row[1]}:{row[2]}"
            if actor == asked.author.actor:
                return Refusal(AccessRefusal.OWN_ACCESS)
            others = (held for held in store.roles_of(session, number) if held.name != role.name)
            refusal = separation(granted((*others, role), Scope()).permissions)
            if refusal:
                return refusal
        return None

    def _done(self, asked: Asked, work: Work) -> Told | Refusal:
        told = self._desk.carry_out(asked, work)
        self._watch.announce()
        return told


def shown(role: Role) -> dict[str, Any]:
    """A role as the log keeps it."""
    return {
        "english": role.english,
        "chinese": role.chinese,
        "permissions": store.names(role.permissions),
        "limits": role.limits,
        "scope": shown_scope(role.scope),
    }


def shown_scope(scope: Scope) -> dict[str, list[Any] | None]:
    """A scope as the log keeps it, in order."""
    return {
        "parties": None if scope.parties is None else sorted(scope.parties),
        "branches": None if scope.branches is None else sorted(scope.branches),
        "products": None if scope.products is None else sorted(scope.products),
    }


def _given(entry: Entry) -> dict[str, Any]:
    return {"roles": list(entry.roles), "scope": shown_scope(entry.scope)}
