"""The keys that sign tokens: made here, sealed, changed by age, published until their last token has expired."""

import threading
from typing import Any, Final

import msgspec
import psycopg
from joserfc.jwk import ECKey

from yinhe.access.watch import EVERYONE, Watch
from yinhe.audit.desk import Asked, Desk, Done, Told
from yinhe.audit.log import append
from yinhe.audit.record import BANK, Record
from yinhe.identity import signing
from yinhe.identity.settings import MINUTE_US, SECOND_US, IdentitySettings
from yinhe.kernel.clock import datetime_from_us, us_from_datetime
from yinhe.kernel.refusals import Refusal
from yinhe.storage.statements import load_statements
from yinhe.storage.vault import Vault

READ_EVERY_US: Final = SECOND_US
"""An unknown name of a key makes the keys be read again, once in this time at most."""
PUBLISHED_US: Final = 10 * SECOND_US
"""How old the published set may be, so that asking for it often costs the database nothing."""
EXTRA_US: Final = MINUTE_US
"""How much longer than its last token a key stays."""


class SigningKey(msgspec.Struct, frozen=True, eq=False):
    """A key as it is held; times in microseconds since 1970-01-01."""

    kid: str
    key: ECKey
    public: dict[str, Any]
    made_at: int
    gone_at: int | None


class Keys:
    """Holds the keys; safe between threads."""

    def __init__(self, desk: Desk, vault: Vault, watch: Watch, settings: IdentitySettings) -> None:
        self._desk: Final = desk
        self._vault: Final = vault
        self._watch: Final = watch
        self._settings: Final = settings
        self._sql: Final = load_statements("identity")
        self._lock: Final = threading.Lock()
        self._held: tuple[SigningKey, ...] = ()
        self._read_at: int | None = None
        watch.listen(self._changed)

    def signer(self) -> SigningKey:
        """The key that signs now; a new one is made when there is none or it is old enough."""
        with self._lock:
            if not self._held:
                self._read()
            if not self._is_fresh():
                self._rotate()
            return self._held[0]

    def find(self, kid: str) -> ECKey | None:
        """The key of a name, if this bank has it."""
        found = self._among(kid)
        if found is None:
            with self._lock:
                if self._is_older_than(READ_EVERY_US):
                    self._read()
            found = self._among(kid)
        return found

    def jwks(self) -> dict[str, list[dict[str, Any]]]:
        """The public keys as a JWK Set (RFC 7517 section 5)."""
        with self._lock:
            if self._is_older_than(PUBLISHED_US):
                self._read()
            now = self._desk.clock.now_us()
            return {"keys": [held.public for held in self._held if held.gone_at is None or held.gone_at > now]}

    def rotate(self, asked: Asked, *, revoke: bool) -> Told | Refusal:
        """Sign with a new key from now on; `revoke` refuses at once all that was signed before."""

        def work(session: psycopg.Connection) -> Done | Refusal:
            session.execute(self._sql["key_lock"])
            kid = self._make(session, stays_us=0 if revoke else self._stays_us())
            self._watch.write(session, EVERYONE)
            return Done(answer={"kid": kid}, object=f"key/{kid}", detail={"revoke": revoke})

        told = self._desk.carry_out(asked, work)
        self._watch.announce()
        with self._lock:
            self._read()
        return told

    def _changed(self, principals: frozenset[int]) -> None:
        if EVERYONE in principals:
            with self._lock:
                self._held, self._read_at = (), None

    def _among(self, kid: str) -> ECKey | None:
        now = self._desk.clock.now_us()
        for held in self._held:
            if held.kid == kid and (held.gone_at is None or held.gone_at > now):
                return held.key
        return None

    def _is_fresh(self) -> bool:
        return bool(self._held) and self._held[0].made_at + self._settings.key_us > self._desk.clock.now_us()

    def _is_older_than(self, microseconds: int) -> bool:
        return self._read_at is None or self._desk.clock.monotonic_us() - self._read_at >= microseconds

    def _stays_us(self) -> int:
        return self._settings.token_us + EXTRA_US

    def _read(self) -> None:
        with self._desk.sessions.lend() as session:
            self._held = self._all(session)
        self._read_at = self._desk.clock.monotonic_us()

    def _rotate(self) -> None:
        """Make a key unless another process has; on record."""
        with self._desk.sessions.transaction() as session:
            session.execute(self._sql["key_lock"])
            self._held = self._all(session)
            if not self._is_fresh():
                kid = self._make(session, stays_us=self._stays_us())
                append(session, self._desk.clock, [Record(action="key.rotate", author=BANK, object=f"key/{kid}")])
        self._read()

    def _make(self, session: psycopg.Connection, *, stays_us: int) -> str:
        now, key = self._desk.clock.now_us(), signing.new_key()
        kid = signing.thumbprint(key)
        given = {
            "kid": kid,
            "private_key": self._vault.seal(signing.write_private(key), key_context(kid)),
            "public_key": msgspec.json.encode(signing.write_public(key, kid)).decode(),
            "now": datetime_from_us(now),
        }
        session.execute(self._sql["keys_drop"], given)
        session.execute(self._sql["key_write"], given)
        session.execute(self._sql["keys_retire"], {"kid": kid, "gone_at": datetime_from_us(now + stays_us)})
        return kid

    def _all(self, session: psycopg.Connection) -> tuple[SigningKey, ...]:
        return tuple(
            SigningKey(
                kid=kid,
                key=signing.read_key(self._vault.unseal(bytes(private), key_context(kid))),
                public=msgspec.json.decode(public, type=dict[str, Any]),
                made_at=us_from_datetime(made_at),
                gone_at=None if gone_at is None else us_from_datetime(gone_at),
            )
            for kid, private, public, made_at, gone_at in session.execute(self._sql["keys_read"])
        )


def key_context(kid: str) -> str:
    """In which context the private half of a key is sealed."""
    return f"key/{kid}"
