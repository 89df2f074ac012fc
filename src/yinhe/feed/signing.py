"""Signatures of deliveries, after the Standard Webhooks specification (standardwebhooks.com, version 1).

A delivery carries `webhook-id`, `webhook-timestamp` (seconds since 1970-01-01) and `webhook-signature`: for each secret
in force `v1,` and the base64 of HMAC-SHA-256 over `id.timestamp.body`, separated by spaces. A secret is shown as
`whsec_` and its base64.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from typing import Final

SECRET_BYTES: Final = 32
"""Length of a secret; the specification asks for 24 to 64."""
_PREFIX: Final = "whsec_"


def new_secret() -> bytes:
    """A secret nobody can guess."""
    return secrets.token_bytes(SECRET_BYTES)


def secret_text(secret: bytes) -> str:
    """A secret as its receiver keeps it."""
    return _PREFIX + base64.b64encode(secret).decode()


def signed(secrets_in_force: Sequence[bytes], message_id: str, seconds: int, body: bytes) -> dict[str, str]:
    """The headers of a delivery, signed with each secret in force."""
    content = f"{message_id}.{seconds}.".encode() + body
    signatures = (base64.b64encode(hmac.digest(one, content, hashlib.sha256)).decode() for one in secrets_in_force)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }
