"""The second factor: time-based one-time codes (RFC 6238: SHA-1, 30 seconds, 6 digits), and codes for its loss."""

import hashlib
import hmac
import re
import secrets
from typing import Final

import pyotp
from pyotp.totp import TOTP

from yinhe.identity.passwords import CROCKFORD

STEP_US: Final = 30_000_000
DRIFT_STEPS: Final = 1
"""How many steps a code may be early or late (RFC 6238 section 5.2)."""
RECOVERY_CODES: Final = 10
RECOVERY_LENGTH: Final = 16
"""Letters and digits of a recovery code: 80 bits, so that a plain hash of it keeps it."""

_CODE: Final = re.compile(r"[0-9]{6}")
_SECRET_LENGTH: Final = 32
"""160 bits in base 32, as RFC 4226 section 4 recommends."""


def new_secret() -> str:
    """A secret for an authenticator, in base 32."""
    return pyotp.random_base32(_SECRET_LENGTH)


def enrolment_address(secret: str, name: str, issuer: str) -> str:
    """The `otpauth:` address that authenticators read from a QR code; it contains the secret."""
    return TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)


def code_at(secret: str, now: int) -> str:
    """The code at a time in microseconds since 1970-01-01."""
    return TOTP(secret).generate_otp(now // STEP_US)


def step_of(secret: str, code: str, now: int, last_step: int) -> int | None:
    """The time step a code is of, if it is right, near enough, and later than the last one used; else None."""
    if not _CODE.fullmatch(code):
        return None
    generator, current = TOTP(secret), now // STEP_US
    found: int | None = None
    for step in range(current - DRIFT_STEPS, current + DRIFT_STEPS + 1):
        if hmac.compare_digest(generator.generate_otp(step), code) and step > last_step:
            found = step
    return found


def new_recovery_codes() -> tuple[str, ...]:
    """Codes that each stand in for the authenticator once."""

    def one() -> str:
        text = "".join(CROCKFORD[byte & 31] for byte in secrets.token_bytes(RECOVERY_LENGTH))
        return "-".join(text[start : start + 4] for start in range(0, RECOVERY_LENGTH, 4))

    return tuple(one() for _ in range(RECOVERY_CODES))


def recovery_hash(code: str, principal: int) -> bytes:
    """What is kept of a recovery code of a user; hyphens, spaces and capitals do not matter."""
    plain = re.sub(r"[\s-]", "", code).casefold()
    return hashlib.sha256(f"recovery/{principal}/{plain}".encode()).digest()
