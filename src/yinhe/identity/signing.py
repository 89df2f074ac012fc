"""Signatures of tokens: JWS (RFC 7515) with ES256 alone, through joserfc.

ES256 (ECDSA on P-256) because every verifier knows it. The algorithm is this module's constant, never the token's word:
`none`, HS256 under a public key and whatever else a header may ask for are refused before any key is looked at.
"""

from typing import Any, Final

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from yinhe.identity.errors import IdentityError

ALGORITHM: Final = "ES256"
CURVE: Final = "P-256"


def new_key() -> ECKey:
    """A key that signs."""
    return ECKey.generate_key(CURVE, private=True)


def thumbprint(key: ECKey) -> str:
    """The name of a key: its SHA-256 thumbprint (RFC 7638)."""
    return key.thumbprint()


def write_private(key: ECKey) -> bytes:
    """A key with its private half, as JSON."""
    return msgspec.json.encode(key.as_dict(private=True))


def write_public(key: ECKey, kid: str) -> dict[str, Any]:
    """The public half of a key as a JWK Set has it."""
    return {**key.as_dict(private=False), "kid": kid, "use": "sig", "alg": ALGORITHM}


def read_key(content: bytes) -> ECKey:
    """A key from JSON. Raises IdentityError if it is none."""
    try:
        return ECKey.import_key(msgspec.json.decode(content, type=dict[str, Any]))
    except (JoseError, msgspec.MsgspecError, ValueError, KeyError) as error:
        raise IdentityError("A signing key in the database does not read.") from error


def sign(header: dict[str, Any], payload: bytes, key: ECKey) -> str:
    """A compact JWS; `alg` is put into the header."""
    return jws.serialize_compact({"alg": ALGORITHM, **header}, payload, key, algorithms=[ALGORITHM])


def is_signed(token: str, key: ECKey) -> bool:
    """Whether a compact JWS bears the signature of a key."""
    try:
        jws.deserialize_compact(token, key, algorithms=[ALGORITHM])
    except (JoseError, ValueError, TypeError):
        return False
    return True
