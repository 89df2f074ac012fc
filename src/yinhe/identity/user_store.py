"""What users prove themselves with, in the database."""

from typing import Any, Final

import msgspec
import psycopg

from yinhe.kernel.clock import us_from_datetime
from yinhe.storage.statements import load_statements
from yinhe.storage.vault import Vault


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """What a user proves itself with; never shown, never on record."""

    number: int
    name: str
    enabled: bool
    password_hash: str
    one_time_until: int | None
    """Until when the password, a one-time secret, may be used; None: it is the user's own."""
    totp_sealed: bytes | None
    totp_confirmed: bool
    totp_step: int

    @property
    def has_factor(self) -> bool:
        """Whether a second factor is in force."""
        return self.totp_confirmed and self.totp_sealed is not None


class UserState(msgspec.Struct, frozen=True, kw_only=True):
    """How a user proves itself, without its secrets."""

    must_change_secret: bool
    second_factor: bool
    last_opened_at: int | None
    recovery_codes_left: int


SQL: Final = "identity"


def by_name(session: psycopg.Connection, name: str) -> Credentials | None:
    """The credentials of the user of a name."""
    return _read(session.execute(load_statements(SQL)["user_by_name"], {"name": name}).fetchone())


def locked(session: psycopg.Connection, number: int) -> Credentials | None:
    """The credentials of a user, locked until the transaction ends."""
    return _read(session.execute(load_statements(SQL)["user_lock"], {"number": number}).fetchone())


def states(session: psycopg.Connection, numbers: list[int]) -> dict[int, UserState]:
    """How users prove themselves, by number."""
    rows = session.execute(load_statements(SQL)["users_state"], {"numbers": numbers})
    return {
        int(row[0]): UserState(
            must_change_secret=row[1],
            second_factor=row[2],
            last_opened_at=None if row[3] is None else us_from_datetime(row[3]),
            recovery_codes_left=int(row[4]),
        )
        for row in rows
    }


def factor_context(number: int) -> str:
    """In which context the secret of a second factor is sealed."""
    return f"user/{number}/totp"


def factor_secret(vault: Vault, credentials: Credentials) -> str:
    """The secret of a second factor that is there."""
    assert credentials.totp_sealed is not None, "asked for only where there is one"
    return vault.unseal(credentials.totp_sealed, factor_context(credentials.number)).decode()


def _read(row: tuple[Any, ...] | None) -> Credentials | None:
    if row is None:
        return None
    number, name, enabled, password_hash, one_time_until, secret, confirmed, step = row
    return Credentials(
        number=int(number),
        name=name,
        enabled=enabled,
        password_hash=password_hash,
        one_time_until=None if one_time_until is None else us_from_datetime(one_time_until),
        totp_sealed=None if secret is None else bytes(secret),
        totp_confirmed=confirmed,
        totp_step=int(step),
    )
