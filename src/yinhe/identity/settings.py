"""How long proofs last, and how many of them are remembered."""

from typing import Final

import msgspec

from yinhe.access.permissions import Permission

SECOND_US: Final = 1_000_000
MINUTE_US: Final = 60 * SECOND_US
HOUR_US: Final = 60 * MINUTE_US
DAY_US: Final = 24 * HOUR_US


class IdentitySettings(msgspec.Struct, frozen=True, kw_only=True):
    """Times in microseconds. The defaults keep to OWASP ASVS level 2 and NIST SP 800-63B AAL2."""

    issuer: str = "yinhe"
    """Who signs tokens: `iss`."""
    audience: str = "yinhe"
    """Whom they are for: `aud`. Banks that share keys never share this."""
    token_us: int = 15 * MINUTE_US
    """How long an access token lasts."""
    idle_us: int = 30 * MINUTE_US
    """After how long a session that is not refreshed ends."""
    session_us: int = 12 * HOUR_US
    """After how long it ends in any case."""
    refreshes_max: int = 1_000
    """How often a session is refreshed at most."""
    sessions_max: int = 10
    """Sessions of a user at a time; one more ends the oldest."""
    one_time_us: int = 7 * DAY_US
    """How long a one-time secret may be used."""
    key_us: int = 30 * DAY_US
    """How long a key signs."""
    leeway_us: int = 5 * SECOND_US
    """How far the clocks of two processes of a bank may be apart, for `nbf` and `iat`."""
    factor_needed: frozenset[Permission] = frozenset()
    """Permissions that hold only in a session opened with a second factor; a bank in earnest names `access:write` here,
    and what moves money."""
    remembered_max: int = 20_000
    """Tokens that the gate remembers as verified."""
