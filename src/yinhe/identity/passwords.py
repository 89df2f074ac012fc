"""Passwords: which are taken, and how they are kept.

Rules after NIST SP 800-63B section 5.1.1.2: length, and not what would be tried first; no rules of composition, no
expiry. Kept as argon2id with the parameters of the OWASP Password Storage Cheat Sheet (19 MiB, 2 passes, 1 lane);
hashed anew at the next log-in when the parameters were changed. How many are computed at a time is bounded, for each
takes its memory.
"""

import re
import secrets
import threading
import unicodedata
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from argon2.low_level import Type

from yinhe.identity.common_passwords import RUNS, STEMS
from yinhe.identity.errors import IdentityError
from yinhe.identity.refusals import IdentityRefusal
from yinhe.kernel.refusals import Refusal

LENGTH_LEAST: Final = 12
LENGTH_MOST: Final = 128
DISTINCT_LEAST: Final = 5
"""Different characters at least."""
AT_A_TIME: Final = 4
"""Hashes computed at a time."""
WAIT_SECONDS: Final = 5.0
"""Longest a log-in waits for its turn."""
RUN_LEFT_OVER: Final = 2
"""Characters a password has beyond a run and its repeats, at least."""

NAME_LEAST: Final = 4
"""Shorter names are looked for in no password: `li` is in too many."""
CROCKFORD: Final = "0123456789abcdefghjkmnpqrstvwxyz"
"""32 letters and digits without those that are misread (Crockford's base 32)."""

_EDGES: Final = re.compile(r"^[\W\d_]+|[\W\d_]+$")


def normalised(password: str) -> str:
    """The same characters however they were typed: NFKC, as NIST SP 800-63B section 5.1.1.2 has it."""
    return unicodedata.normalize("NFKC", password)


def wrong_with(password: str, name: str) -> Refusal | None:
    """Why a password is not taken for a user; None: it is."""
    text = normalised(password)
    if len(text) < LENGTH_LEAST:
        return Refusal(IdentityRefusal.PASSWORD_TOO_SHORT)
    if len(text) > LENGTH_MOST:
        return Refusal(IdentityRefusal.PASSWORD_TOO_LONG)
    folded = text.casefold()
    if len(name) >= NAME_LEAST and name.casefold() in folded:
        return Refusal(IdentityRefusal.PASSWORD_HAS_NAME)
    return Refusal(IdentityRefusal.PASSWORD_COMMON) if _is_common(folded) else None


def _is_common(folded: str) -> bool:
    core = _EDGES.sub("", folded)
    dense = re.sub(r"[\s._-]+", "", folded)
    candidates = {folded, core, dense, _EDGES.sub("", dense)}
    once = {_unrepeated(candidate) for candidate in candidates}
    return (
        bool((candidates | once) & STEMS)
        or len(set(folded)) < DISTINCT_LEAST
        or len(_unrepeated(folded)) < LENGTH_LEAST // 2
        or any(_is_run(candidate) for candidate in candidates | once)
    )


def _unrepeated(text: str) -> str:
    """The shortest text that, repeated, begins with or is this one."""
    for length in range(1, len(text) // 2 + 1):
        if (text[:length] * (len(text) // length + 1)).startswith(text):
            return text[:length]
    return text


def _is_run(text: str) -> bool:
    """Whether a text is one run, but for a few characters at its end."""
    body = text[: max(len(text) - RUN_LEFT_OVER, 0)]
    return len(body) >= LENGTH_LEAST // 2 and any(body in run for run in RUNS)


class Passwords:
    """Hashes and checks passwords; safe between threads."""

    def __init__(self, *, memory_kib: int = 19_456, passes: int = 2) -> None:
        self._hasher: Final = PasswordHasher(
            time_cost=passes, memory_cost=memory_kib, parallelism=1, hash_len=32, salt_len=16, type=Type.ID
        )
        self._turns: Final = threading.BoundedSemaphore(AT_A_TIME)
        self._nobodys: Final = self._hasher.hash(secrets.token_urlsafe(32))

    def hash(self, password: str) -> str:
        """A hash with its salt and parameters in the form of the reference implementation."""
        return self._hasher.hash(normalised(password))

    def fits(self, password: str, hashed: str | None) -> bool | Refusal:
        """Whether a password is the one hashed; without a hash it costs the same and is not. Or BUSY.

        Raises IdentityError for a hash that does not read.
        """
        if len(password) > 4 * LENGTH_MOST:
            return False
        if not self._turns.acquire(timeout=WAIT_SECONDS):
            return Refusal(IdentityRefusal.BUSY)
        try:
            return self._hasher.verify(hashed or self._nobodys, normalised(password)) and hashed is not None
        except VerifyMismatchError:
            return False
        except (InvalidHashError, VerificationError) as error:
            raise IdentityError("A password hash in the database does not read.") from error
        finally:
            self._turns.release()

    def is_outdated(self, hashed: str) -> bool:
        """Whether a hash was made with other parameters than are used now."""
        return self._hasher.check_needs_rehash(hashed)


def one_time_secret() -> str:
    """A secret to be used once and then changed: 100 random bits in five groups of four letters and digits."""
    text = "".join(CROCKFORD[byte & 31] for byte in secrets.token_bytes(20))
    return "-".join(text[start : start + 4] for start in range(0, 20, 4))
