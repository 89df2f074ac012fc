"""Principals, roles and grants in the database."""

from collections.abc import Iterable
from typing import Any, Final

import msgspec
import psycopg

from yinhe.access.errors import AccessError
from yinhe.access.permissions import Permission
from yinhe.access.principal import Limits, Scope
from yinhe.access.roles import Role
from yinhe.audit.record import ActorKind
from yinhe.storage.statements import load_statements

_PERMISSIONS: Final = {str(permission): permission for permission in Permission}


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A user or a client as the list of principals has it."""

    number: int
    kind: ActorKind
    name: str
    enabled: bool
    scope: Scope
    roles: tuple[str, ...] = ()


def find(session: psycopg.Connection, kind: ActorKind, name: str) -> Entry | None:
    """A principal with its roles, locked until the transaction ends."""
    row = session.execute(load_statements("access")["principal_find"], {"kind": str(kind), "name": name}).fetchone()
    if row is None:
        return None
    number = int(row[0])
    roles = tuple(role.name for role in roles_of(session, number))
    return Entry(number=number, kind=kind, name=name, enabled=row[1], scope=read_scope(row[2]), roles=roles)


def entries(session: psycopg.Connection, kind: ActorKind, after: str, limit: int) -> tuple[Entry, ...]:
    """Principals of a kind by name, those after a name."""
    given = {"kind": str(kind), "after": after, "limit": limit}
    rows = session.execute(load_statements("access")["principals_list"], given)
    return tuple(
        Entry(
            number=int(row[0]),
            kind=kind,
            name=str(row[1]),
            enabled=row[2],
            scope=read_scope(row[3]),
            roles=tuple(row[4]),
        )
        for row in rows
    )


def roles_of(session: psycopg.Connection, number: int) -> tuple[Role, ...]:
    """The roles of a principal, by name."""
    rows = session.execute(load_statements("access")["roles_of"], {"number": number})
    return tuple(_role(row) for row in rows)


def all_roles(session: psycopg.Connection) -> tuple[Role, ...]:
    """Every role, by name."""
    return tuple(_role(row) for row in session.execute(load_statements("access")["roles_all"]))


def write_role(session: psycopg.Connection, role: Role) -> None:
    """Write a role, or write it anew."""
    session.execute(
        load_statements("access")["role_write"],
        {
            "name": role.name,
            "english": role.english,
            "chinese": role.chinese,
            "permissions": names(role.permissions),
            "limits": msgspec.json.encode(role.limits, order="sorted").decode(),
            "scope": write_scope(role.scope),
        },
    )


def names(permissions: Iterable[Permission]) -> list[str]:
    """Permissions by name, in order."""
    return sorted(str(permission) for permission in permissions)


def write_scope(scope: Scope) -> str:
    """A scope as JSON."""
    return msgspec.json.encode(scope, order="sorted").decode()


def read_scope(text: str) -> Scope:
    """A scope from JSON. Raises AccessError if it is none: it is never read as reaching everything."""
    try:
        return msgspec.json.decode(text, type=Scope)
    except msgspec.MsgspecError as error:
        raise AccessError(f"A scope in the database does not read: {error}") from error


def _role(row: tuple[Any, ...]) -> Role:
    """A role of a row; a permission that this version does not know is left out, that is denied."""
    name, english, chinese, permissions, limits, scope = row
    try:
        by_currency = msgspec.json.decode(limits, type=dict[str, Limits])
    except msgspec.MsgspecError as error:
        raise AccessError(f"The limits of role {name} do not read: {error}") from error
    return Role(
        name=name,
        english=english,
        chinese=chinese,
        permissions=frozenset(_PERMISSIONS[known] for known in permissions if known in _PERMISSIONS),
        limits=by_currency,
        scope=read_scope(scope),
    )


def enable(session: psycopg.Connection, number: int, *, enabled: bool) -> None:
    """Let a principal in again, or let it in no more."""
    session.execute(load_statements("access")["principal_enable"], {"number": number, "enabled": enabled})
