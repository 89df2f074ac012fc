"""API clients: programs that prove themselves by a secret (OAuth 2.0 client credentials, RFC 6749 section 4.4).

A secret is 256 random bits, shown once and kept as its SHA-256: there is nothing to guess, so nothing slow is needed.
Two may be in force at a time, so that a program goes from one to the next without a gap. Where a certificate is
registered, a token is given over a connection with it alone, and holds over such a connection alone (RFC 8705).
"""

import base64
import hashlib
import re
import secrets
from typing import Final

import msgspec
import psycopg

from yinhe.access import role_store
from yinhe.access.principal import Scope
from yinhe.access.refusals import AccessRefusal
from yinhe.access.role_store import Entry
from yinhe.access.roles import NAME
from yinhe.access.service import Roles, shown_scope
from yinhe.access.watch import Watch
from yinhe.audit.desk import Asked, Desk, Done, Told, Work
from yinhe.audit.record import ActorKind, Author, Outcome, Record
from yinhe.identity.attempts import Attempts, keys_for
from yinhe.identity.issued import Issued, issued
from yinhe.identity.minting import Mint, Minted
from yinhe.identity.refusals import IdentityRefusal
from yinhe.identity.sessions import NOT_A_NAME, PLACE_MAX
from yinhe.identity.tokens import is_same
from yinhe.kernel.clock import datetime_from_us
from yinhe.kernel.refusals import Refusal
from yinhe.storage.statements import load_statements

SECRETS_MAX: Final = 2
"""Secrets of a client in force at a time."""
PAGE_MAX: Final = 200

_CHANNEL: Final = re.compile(r"[a-z][a-z-]{0,19}")
_CERTIFICATE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_PREFIX: Final = "yhs."
"""Says what a secret is, so that one that leaks into a repository is found."""


class MakeClient(msgspec.Struct, frozen=True, kw_only=True):
    """Make a client with these roles, narrowed to a scope."""

    name: str
    channel: str = "api"
    """Through what it speaks for customers: `mobile`, `partner`."""
    roles: tuple[str, ...] = ()
    scope: Scope = Scope()
    certificate: str = ""
    """The base64url of the SHA-256 of its certificate in DER, to bind its tokens to it."""


class EnableClient(msgspec.Struct, frozen=True, kw_only=True):
    """Let a client in again, or let it in no more: its tokens end at once."""

    name: str
    enabled: bool


class BindClient(msgspec.Struct, frozen=True, kw_only=True):
    """Bind a client to another certificate, or with '' to none; tokens of before end."""

    name: str
    certificate: str


class AddSecret(msgspec.Struct, frozen=True, kw_only=True):
    """Give a client a second secret."""

    name: str


class EndSecret(msgspec.Struct, frozen=True, kw_only=True):
    """End the older of a client's two secrets; tokens given for it last their minutes."""

    name: str


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """A client as the list shows it."""

    entry: Entry
    channel: str
    certificate: str
    secrets: int


class Clients:
    """Keeps clients, and gives them tokens."""

    def __init__(self, desk: Desk, watch: Watch, roles: Roles, mint: Mint, attempts: Attempts) -> None:
        self._desk: Final = desk
        self._watch: Final = watch
        self._roles: Final = roles
        self._mint: Final = mint
        self._attempts: Final = attempts
        self._sql: Final = load_statements("identity")
        self._access_sql: Final = load_statements("access")

    def list(self, after: str = "", limit: int = PAGE_MAX) -> tuple[Client, ...]:
        """A page of clients by name, those after a name."""
        with self._desk.sessions.lend() as session:
            entries = role_store.entries(session, ActorKind.CLIENT, after, min(limit, PAGE_MAX))
            given = {"numbers": [entry.number for entry in entries], "now": self._now()}
            states = {int(row[0]): row[1:] for row in session.execute(self._sql["clients_state"], given)}
        return tuple(
            Client(entry=entry, channel=channel, certificate=certificate, secrets=int(count))
            for entry in entries
            for channel, certificate, count in [states[entry.number]]
        )

    def make(self, asked: Asked, command: MakeClient) -> Issued | Refusal:
        """Make a client; the answer is its entry."""
        secret = new_secret()

        def work(session: psycopg.Connection) -> Done | Refusal:
            refusal = _wrong_with(command)
            if refusal:
                return refusal
            scope = role_store.write_scope(command.scope)
            given = {"kind": "client", "name": command.name, "scope": scope, "now": self._now()}
            row = session.execute(self._access_sql["principal_make"], given).fetchone()
            if row is None:
                return Refusal(AccessRefusal.NAME_TAKEN)
            number = int(row[0])
            refusal = self._roles.give(session, number, command.roles, command.scope)
            if refusal:
                return refusal
            own = {"number": number, "channel": command.channel, "certificate": command.certificate}
            session.execute(self._sql["client_make"], own)
            self._add_secret(session, number, secret)
            entry = Entry(
                number=number,
                kind=ActorKind.CLIENT,
                name=command.name,
                enabled=True,
                scope=command.scope,
                roles=tuple(sorted(set(command.roles))),
            )
            after = {**own, "roles": list(entry.roles), "scope": shown_scope(entry.scope)}
            return Done(answer=entry, object=f"client/{command.name}", after=after)

        told = self._carry_out(asked, work)
        return told if isinstance(told, Refusal) else issued(told, secret)

    def set_enabled(self, asked: Asked, command: EnableClient) -> Told | Refusal:
        """Let a client in again, or let it in no more."""

        def work(session: psycopg.Connection) -> Done | Refusal:
            entry = role_store.find(session, ActorKind.CLIENT, command.name)
            if entry is None:
                return Refusal(AccessRefusal.PRINCIPAL_UNKNOWN)
            if asked.author.actor == f"client:{command.name}":
                return Refusal(IdentityRefusal.SETTING_OWN)
            role_store.enable(session, entry.number, enabled=command.enabled)
            before, after = {"enabled": entry.enabled}, {"enabled": command.enabled}
            return self._changed(session, entry, before, after)

        return self._carry_out(asked, work)

    def bind(self, asked: Asked, command: BindClient) -> Told | Refusal:
        """Bind a client to a certificate."""

        def work(session: psycopg.Connection) -> Done | Refusal:
            entry = role_store.find(session, ActorKind.CLIENT, command.name)
            if entry is None:
                return Refusal(AccessRefusal.PRINCIPAL_UNKNOWN)
            if command.certificate and not _CERTIFICATE.fullmatch(command.certificate):
                return Refusal(IdentityRefusal.CERTIFICATE_MALFORMED)
            given = {"number": entry.number, "certificate": command.certificate}
            session.execute(self._sql["client_bind"], given)
            return self._changed(session, entry, None, {"certificate": command.certificate})

        return self._carry_out(asked, work)

    def add_secret(self, asked: Asked, command: AddSecret) -> Issued | Refusal:
        """Give a client a second secret, beside the first until that is ended."""
        secret = new_secret()

        def work(session: psycopg.Connection) -> Done | Refusal:
            entry = role_store.find(session, ActorKind.CLIENT, command.name)
            if entry is None:
                return Refusal(AccessRefusal.PRINCIPAL_UNKNOWN)
            given = {"number": entry.number, "now": self._now()}
            session.execute(self._sql["client_secrets_drop"], given)
            there = len(session.execute(self._sql["client_secrets"], given).fetchall())
            if there >= SECRETS_MAX:
                return Refusal(IdentityRefusal.SECRETS_TOO_MANY)
            self._add_secret(session, entry.number, secret)
            return self._changed(session, entry, {"secrets": there}, {"secrets": there + 1})

        told = self._carry_out(asked, work)
        return told if isinstance(told, Refusal) else issued(told, secret)

    def end_secret(self, asked: Asked, command: EndSecret) -> Told | Refusal:
        """End the older of two secrets."""

        def work(session: psycopg.Connection) -> Done | Refusal:
            entry = role_store.find(session, ActorKind.CLIENT, command.name)
            if entry is None:
                return Refusal(AccessRefusal.PRINCIPAL_UNKNOWN)
            given = {"number": entry.number, "now": self._now()}
            there = session.execute(self._sql["client_secrets"], given).fetchall()
            if len(there) < SECRETS_MAX:
                return Refusal(IdentityRefusal.LAST_SECRET)
            session.execute(self._sql["client_secret_end"], {"hash": there[0][0], "ends_at": self._now()})
            return self._changed(session, entry, {"secrets": len(there)}, {"secrets": len(there) - 1})

        return self._carry_out(asked, work)

    def token(
        self, name: str, secret: str, *, scope: str | None = None, thumbprint: str | None = None, address: str = ""
    ) -> Minted | Refusal:
        """A token for a client's secret; `scope` names permissions, apart by spaces, that it is narrowed to."""
        known = name if NAME.fullmatch(name) else None
        author = Author(kind=ActorKind.CLIENT, name=known or NOT_A_NAME, channel="api", address=address[:PLACE_MAX])
        keys = keys_for(None, address)
        refusal = self._attempts.begin(keys)
        if refusal:
            return refusal
        given = {"name": known or "", "hash": secret_hash(secret), "now": self._now()}
        with self._desk.sessions.transaction() as session:
            row = session.execute(self._sql["client_by_secret"], given).fetchone()
            granted_to = () if row is None else role_store.roles_of(session, int(row[0]))
            if row is not None:
                self._attempts.succeed(session, keys)
        if row is None or not row[1]:
            return self._failed(author, IdentityRefusal.CLIENT_WRONG, "client_wrong" if row is None else "disabled")
        number, _, channel, certificate = row
        if certificate and not is_same(certificate, thumbprint):
            return self._failed(author, IdentityRefusal.CERTIFICATE_WRONG)
        permissions = {str(permission) for role in granted_to for permission in role.permissions}
        if scope is not None and not set(scope.split()) <= permissions:
            return Refusal(IdentityRefusal.SCOPE_NOT_GRANTED)
        session_id = self._mint.ids.next()
        author = msgspec.structs.replace(author, channel=channel, session=str(session_id))
        self._desk.note(Record(action="token.issue", author=author, object=f"client/{name}", detail={"scope": scope}))
        return self._mint.token(ActorKind.CLIENT, int(number), session_id, scope=scope, certificate=certificate)

    def _failed(self, author: Author, because: IdentityRefusal, why: str = "") -> Refusal:
        refusal = Refusal(because)
        self._desk.note(Record(action="token.issue", author=author, outcome=Outcome.REFUSED, why=why or refusal.name))
        return refusal

    def _add_secret(self, session: psycopg.Connection, number: int, secret: str) -> None:
        given = {"hash": secret_hash(secret), "number": number, "now": self._now()}
        session.execute(self._sql["client_secret_write"], given)

    def _changed(self, session: psycopg.Connection, entry: Entry, before: object, after: object) -> Done:
        self._watch.write(session, entry.number)
        return Done(answer={"name": entry.name}, object=f"client/{entry.name}", before=before, after=after)

    def _carry_out(self, asked: Asked, work: Work) -> Told | Refusal:
        told = self._desk.carry_out(asked, work)
        self._watch.announce()
        return told

    def _now(self) -> object:
        return datetime_from_us(self._desk.clock.now_us())


def new_secret() -> str:
    """A client's secret: 256 random bits."""
    return _PREFIX + secrets.token_urlsafe(32)


def secret_hash(secret: str) -> bytes:
    """What is kept of a client's secret."""
    return hashlib.sha256(secret.encode()).digest()


def certificate_thumbprint(der: bytes) -> str:
    """How a certificate is named: the base64url of its SHA-256, without padding (RFC 8705 section 3.1)."""
    return base64.urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode()


def _wrong_with(command: MakeClient) -> Refusal | None:
    if not NAME.fullmatch(command.name):
        return Refusal(AccessRefusal.NAME_MALFORMED)
    if not _CHANNEL.fullmatch(command.channel):
        return Refusal(IdentityRefusal.CHANNEL_MALFORMED)
    if command.certificate and not _CERTIFICATE.fullmatch(command.certificate):
        return Refusal(IdentityRefusal.CERTIFICATE_MALFORMED)
    return None
