"""A user's second factor: enrolled with an authenticator, confirmed by a code, taken away."""

from typing import Any, Final

import msgspec
import psycopg

from yinhe.access import role_store
from yinhe.access.principal import Principal
from yinhe.access.refusals import AccessRefusal
from yinhe.audit.desk import Asked, Desk, Done, Told
from yinhe.audit.record import ActorKind
from yinhe.identity import totp, user_store
from yinhe.identity.issued import without_secrets
from yinhe.identity.refusals import IdentityRefusal
from yinhe.identity.settings import IdentitySettings
from yinhe.identity.user_store import Credentials, factor_context, factor_secret
from yinhe.identity.users import Users
from yinhe.kernel.clock import datetime_from_us
from yinhe.kernel.refusals import Refusal
from yinhe.storage.statements import load_statements
from yinhe.storage.vault import Vault


class Enrolment(msgspec.Struct, frozen=True, kw_only=True):
    """What an authenticator is given, once; it is stored nowhere but sealed."""

    told: Told
    secret: str | None
    address: str | None
    """The `otpauth:` address for a QR code."""


class RecoveryCodes(msgspec.Struct, frozen=True, kw_only=True):
    """Codes for the loss of the authenticator, shown once."""

    told: Told
    codes: tuple[str, ...]


class ResetFactor(msgspec.Struct, frozen=True, kw_only=True):
    """Take the second factor from a user who lost it; its sessions stay."""

    name: str


class SecondFactor:
    """Keeps second factors, and checks their codes."""

    def __init__(self, desk: Desk, vault: Vault, users: Users, settings: IdentitySettings) -> None:
        self._desk: Final = desk
        self._vault: Final = vault
        self._users: Final = users
        self._settings: Final = settings
        self._sql: Final = load_statements("identity")

    def begin(self, asked: Asked, principal: Principal, password: str, address: str = "") -> Enrolment | Refusal:
        """Make a secret for the user's authenticator, proved by the password; it counts once confirmed."""
        asked = without_secrets(asked, name=principal.name)
        proved = self._users.prove(principal, password, address)
        secret = totp.new_secret()

        def work(session: psycopg.Connection) -> Done | Refusal:
            if isinstance(proved, Refusal):
                return proved
            held = user_store.locked(session, principal.number)
            if held is None or held.has_factor:
                return Refusal(IdentityRefusal.FACTOR_ALREADY)
            sealed = self._vault.seal(secret.encode(), factor_context(principal.number))
            session.execute(self._sql["factor_begin"], {"number": principal.number, "secret": sealed})
            return Done(answer={"name": principal.name}, object=f"user/{principal.name}")

        told = self._desk.carry_out(asked, work)
        if isinstance(told, Refusal):
            return told
        if told.dry_run or told.repeated:
            return Enrolment(told=told, secret=None, address=None)
        shown_to = totp.enrolment_address(secret, principal.name, self._settings.issuer)
        return Enrolment(told=told, secret=secret, address=shown_to)

    def confirm(self, asked: Asked, principal: Principal, code: str) -> RecoveryCodes | Refusal:
        """Put the second factor in force, proved by a code of the authenticator; gives the recovery codes."""
        asked = without_secrets(asked, name=principal.name)
        codes = totp.new_recovery_codes()

        def work(session: psycopg.Connection) -> Done | Refusal:
            held = user_store.locked(session, principal.number)
            if held is None or held.totp_sealed is None or held.has_factor:
                return Refusal(IdentityRefusal.FACTOR_NOT_BEGUN)
            step = totp.step_of(factor_secret(self._vault, held), code, self._desk.clock.now_us(), held.totp_step)
            if step is None:
                return Refusal(IdentityRefusal.CODE_WRONG)
            session.execute(self._sql["factor_confirm"], {"number": principal.number, "step": step})
            session.execute(self._sql["recovery_clear"], {"number": principal.number})
            for one in codes:
                hashed = totp.recovery_hash(one, principal.number)
                session.execute(self._sql["recovery_write"], {"number": principal.number, "hash": hashed})
            return self._changed(principal.name, before=False, after=True)

        told = self._desk.carry_out(asked, work)
        if isinstance(told, Refusal):
            return told
        return RecoveryCodes(told=told, codes=() if told.dry_run or told.repeated else codes)

    def remove(self, asked: Asked, principal: Principal, password: str, code: str, address: str = "") -> Told | Refusal:
        """Take one's own second factor away, proved by password and code."""
        asked = without_secrets(asked, name=principal.name)
        proved = self._users.prove(principal, password, address)

        def work(session: psycopg.Connection) -> Done | Refusal:
            if isinstance(proved, Refusal):
                return proved
            held = user_store.locked(session, principal.number)
            if held is None or not held.has_factor:
                return Refusal(IdentityRefusal.FACTOR_NOT_THERE)
            if not self.use(session, held, code):
                return Refusal(IdentityRefusal.CODE_WRONG)
            return self._removed(session, held)

        told = self._desk.carry_out(asked, work)
        if isinstance(told, Refusal) and told.because is IdentityRefusal.CODE_WRONG:
            self._users.count_failure(principal, address)
        return told

    def reset(self, asked: Asked, command: ResetFactor) -> Told | Refusal:
        """Take the second factor from a user who lost it, by an administrator."""

        def work(session: psycopg.Connection) -> Done | Refusal:
            entry = role_store.find(session, ActorKind.USER, command.name)
            held = entry and user_store.locked(session, entry.number)
            if held is None:
                return Refusal(AccessRefusal.PRINCIPAL_UNKNOWN)
            if asked.author.actor == f"user:{command.name}":
                return Refusal(AccessRefusal.OWN_ACCESS)
            if held.totp_sealed is None:
                return Refusal(IdentityRefusal.FACTOR_NOT_THERE)
            return self._removed(session, held)

        return self._desk.carry_out(asked, work)

    def use(self, session: psycopg.Connection, held: Credentials, code: str) -> bool:
        """Use a code of the authenticator, or a recovery code, of locked credentials; each works once."""
        now = self._desk.clock.now_us()
        step = totp.step_of(factor_secret(self._vault, held), code, now, held.totp_step)
        if step is not None:
            given = {"number": held.number, "step": step}
            return session.execute(self._sql["factor_used"], given).rowcount == 1
        hashed = totp.recovery_hash(code, held.number)
        recovery = {"number": held.number, "hash": hashed, "now": datetime_from_us(now)}
        return session.execute(self._sql["recovery_use"], recovery).rowcount == 1

    def _removed(self, session: psycopg.Connection, held: Credentials) -> Done:
        session.execute(self._sql["factor_remove"], {"number": held.number})
        session.execute(self._sql["recovery_clear"], {"number": held.number})
        return self._changed(held.name, before=held.has_factor, after=False)

    def _changed(self, name: str, **states: Any) -> Done:
        return Done(
            answer={"name": name, "second_factor": states["after"]},
            object=f"user/{name}",
            before={"second_factor": states["before"]},
            after={"second_factor": states["after"]},
        )
