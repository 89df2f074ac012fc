"""Makes access tokens."""

from typing import Final
from uuid import UUID

import msgspec

from yinhe.audit.record import ActorKind
from yinhe.identity import tokens
from yinhe.identity.keys import Keys
from yinhe.identity.settings import SECOND_US, IdentitySettings
from yinhe.identity.tokens import Claims, Confirmation
from yinhe.kernel.clock import Clock
from yinhe.kernel.ids import IdSource


class Minted(msgspec.Struct, frozen=True, kw_only=True):
    """An access token and for how many seconds it is good."""

    token: str
    seconds: int


class Mint:
    """Makes access tokens, signed with the key of the day."""

    def __init__(self, keys: Keys, clock: Clock, ids: IdSource, settings: IdentitySettings) -> None:
        self._keys: Final = keys
        self._clock: Final = clock
        self._settings: Final = settings
        self.ids: Final = ids

    def token(
        self,
        kind: ActorKind,
        number: int,
        session: UUID,
        *,
        ends_at: int | None = None,
        scope: str | None = None,
        certificate: str = "",
    ) -> Minted:
        """A token for a user or client, good until `ends_at` at the latest."""
        signer, now = self._keys.signer(), self._clock.now_us()
        until = now + self._settings.token_us
        seconds = (until if ends_at is None else min(until, ends_at)) // SECOND_US
        claims = Claims(
            iss=self._settings.issuer,
            aud=self._settings.audience,
            sub=f"{kind}:{number}",
            exp=seconds,
            iat=now // SECOND_US,
            nbf=now // SECOND_US,
            jti=self.ids.next(),
            sid=session,
            scope=scope,
            cnf=Confirmation(certificate) if certificate else None,
        )
        return Minted(token=tokens.write(claims, signer.key, signer.kid), seconds=max(seconds - now // SECOND_US, 0))
