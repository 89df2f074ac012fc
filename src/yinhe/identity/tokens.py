"""Access tokens: JWT (RFC 7519) in the profile of RFC 9068, checked claim by claim in a fixed order.

A token says who somebody is, never what they may do: that is read from the database, so that taking it away works at
once. A client may narrow its token by a scope (RFC 6749 section 3.3), and it is bound to the client's certificate where
one is registered (RFC 8705 section 3).
"""

import base64
import binascii
import hmac
from collections.abc import Callable
from typing import Final, TypeVar
from uuid import UUID

import msgspec
from joserfc.jwk import ECKey

from yinhe.identity import signing
from yinhe.identity.refusals import IdentityRefusal
from yinhe.identity.settings import SECOND_US, IdentitySettings
from yinhe.kernel.refusals import Refusal

TOKEN_MAX: Final = 4_096
"""Characters of a token at most."""
TYPE: Final = "at+jwt"

Kind = TypeVar("Kind")
FindKey = Callable[[str], ECKey | None]


class Header(msgspec.Struct, frozen=True):
    """What is read of a token's header; extensions that must be understood (`crit`) are not."""

    alg: str
    kid: str = ""
    typ: str = ""
    crit: msgspec.Raw = msgspec.Raw()


class Confirmation(msgspec.Struct, frozen=True):
    """What a token is bound to."""

    thumbprint: str = msgspec.field(name="x5t#S256")


class Claims(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a token says; times in seconds since 1970-01-01."""

    iss: str
    aud: str
    sub: str
    """`user:7`, `client:3`."""
    exp: int
    iat: int
    nbf: int
    jti: UUID
    sid: UUID
    scope: str | None = None
    cnf: Confirmation | None = None


def write(claims: Claims, key: ECKey, kid: str) -> str:
    """A signed token."""
    return signing.sign({"typ": TYPE, "kid": kid}, msgspec.json.encode(claims), key)


def read(
    token: str, find_key: FindKey, now: int, settings: IdentitySettings, thumbprint: str | None
) -> Claims | Refusal:
    """What a token says, if it was signed here, for here, is valid now, and comes over the right certificate."""
    header = _header(token)
    if isinstance(header, Refusal):
        return header
    key = find_key(header.kid)
    if key is None:
        return Refusal(IdentityRefusal.TOKEN_KEY_UNKNOWN)
    if not signing.is_signed(token, key):
        return Refusal(IdentityRefusal.TOKEN_FORGED)
    claims = _part(token.split(".")[1], Claims)
    if claims is None:
        return Refusal(IdentityRefusal.TOKEN_MALFORMED)
    return _why_not(claims, now, settings, thumbprint) or claims


def _header(token: str) -> Header | Refusal:
    if not token:
        return Refusal(IdentityRefusal.TOKEN_MISSING)
    if len(token) > TOKEN_MAX or token.count(".") != 2 or not token.isascii():
        return Refusal(IdentityRefusal.TOKEN_MALFORMED)
    header = _part(token.split(".")[0], Header)
    if header is None:
        return Refusal(IdentityRefusal.TOKEN_MALFORMED)
    if header.alg != signing.ALGORITHM or header.crit:
        return Refusal(IdentityRefusal.TOKEN_ALGORITHM)
    return header if header.typ.lower() == TYPE else Refusal(IdentityRefusal.TOKEN_MALFORMED)


def _why_not(claims: Claims, now: int, settings: IdentitySettings, thumbprint: str | None) -> Refusal | None:
    if claims.iss != settings.issuer:
        return Refusal(IdentityRefusal.TOKEN_ISSUER)
    if claims.aud != settings.audience:
        return Refusal(IdentityRefusal.TOKEN_AUDIENCE)
    if claims.exp * SECOND_US <= now:
        return Refusal(IdentityRefusal.TOKEN_EXPIRED)
    if max(claims.nbf, claims.iat) * SECOND_US > now + settings.leeway_us:
        return Refusal(IdentityRefusal.TOKEN_TOO_EARLY)
    if claims.cnf is not None and not is_same(claims.cnf.thumbprint, thumbprint):
        return Refusal(IdentityRefusal.TOKEN_CERTIFICATE)
    return None


def is_same(bound: str, thumbprint: str | None) -> bool:
    """Whether a connection comes over the certificate that something is bound to."""
    return thumbprint is not None and hmac.compare_digest(bound.encode(), thumbprint.encode())


def _part(text: str, kind: type[Kind]) -> Kind | None:
    try:
        content = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        return msgspec.json.decode(content, type=kind)
    except (msgspec.MsgspecError, binascii.Error, ValueError):
        return None
