"""Identifiers: UUID version 7 (RFC 9562, section 5.7), which sort by the time they were made.

Layout, most significant bit first: 48 bits Unix milliseconds, 4 bits version, 12 bits counter, 2 bits variant, 14 bits
counter, 48 bits random. The 26-bit counter (section 6.2, method 1) starts each millisecond at a random value in its
lower half and grows by one for each id; when it is full, the millisecond is stepped ahead. So ids of one source are
unique and increasing whatever the clock does; ids of two sources collide only if time, counter and randomness agree.
"""

import hashlib
import os
import threading
import uuid
from typing import Final

import numpy as np
import numpy.typing as npt

from yinhe.kernel.bounds import require_int
from yinhe.kernel.clock import Clock
from yinhe.kernel.errors import OutOfRangeError, ParseError

UInt64Column = npt.NDArray[np.uint64]

TAKE_MAX: Final = 1 << 26
"""Ids handed out in one call; a batch this long already holds a gibibyte."""

_COUNTER_BITS: Final = 26
_LOW_COUNTER_BITS: Final = 14
_RANDOM_BITS: Final = 48
_UNIX_MS_MAX: Final = (1 << 48) - 1
_VERSION: Final = 0x7 << 12
_VARIANT: Final = 0b10 << 62


class IdSource:
    """Makes UUIDv7 in increasing order; one for a process, safe to share between its threads.

    Without a seed the random bits come from the operating system; with one they repeat, for simulation and replay only.
    """

    def __init__(self, clock: Clock, seed: int | None) -> None:
        self._clock = clock
        self._random_bytes = os.urandom if seed is None else np.random.default_rng(seed).bytes
        self._lock = threading.Lock()
        self._unix_ms = -1
        self._counter = 0

    def next(self) -> uuid.UUID:
        """The next id, greater than any before it."""
        unix_ms, counter, random = self._reserve(1)
        hi = unix_ms << 16 | _VERSION | counter >> _LOW_COUNTER_BITS
        return join(
            hi, _VARIANT | (counter & _mask(_LOW_COUNTER_BITS)) << _RANDOM_BITS | int.from_bytes(random, "little")
        )

    def take(self, n: int) -> tuple[UInt64Column, UInt64Column]:
        """The next `n` ids as columns: high and low halves, uint64[n] each, increasing.

        Raises `OutOfRangeError` unless `0 <= n <= TAKE_MAX`.
        """
        require_int(n, "Number of ids", least=0, most=TAKE_MAX)
        unix_ms, first, random = self._reserve(n)
        counter = np.arange(first, first + n, dtype=np.uint64)
        hi = (counter >> np.uint64(_COUNTER_BITS)) + np.uint64(unix_ms) << np.uint64(16)
        hi |= np.uint64(_VERSION) | (counter & np.uint64(_mask(_COUNTER_BITS))) >> np.uint64(_LOW_COUNTER_BITS)
        low_random = np.zeros((n, 8), dtype=np.uint8)
        low_random[:, :6] = np.frombuffer(random, dtype=np.uint8).reshape(n, 6)
        lo = low_random.view("<u8").reshape(n).astype(np.uint64, copy=False)
        lo |= np.uint64(_VARIANT) | (counter & np.uint64(_mask(_LOW_COUNTER_BITS))) << np.uint64(_RANDOM_BITS)
        return hi, lo

    def _reserve(self, n: int) -> tuple[int, int, bytes]:
        """Claim `n` counters; returns the millisecond, the first counter in it, and 6 random bytes for each id."""
        with self._lock:
            now_ms = self._clock.now_us() // 1_000
            if now_ms > self._unix_ms:
                self._unix_ms = now_ms
                self._counter = int.from_bytes(self._random_bytes(4), "little") & _mask(_COUNTER_BITS - 1)
            unix_ms, first = self._unix_ms, self._counter
            ahead, self._counter = divmod(first + n, 1 << _COUNTER_BITS)
            self._unix_ms = require_int(unix_ms + ahead, "Unix milliseconds of an id", least=0, most=_UNIX_MS_MAX)
            return unix_ms, first, self._random_bytes(6 * n)


def _mask(bits: int) -> int:
    return (1 << bits) - 1


def is_uuid7(value: uuid.UUID) -> bool:
    """Whether an id has version 7 and the RFC 9562 variant."""
    return value.version == 7 and value.variant == uuid.RFC_4122


def unix_ms(value: uuid.UUID) -> int:
    """Milliseconds since the Unix epoch at which a UUIDv7 was made. Raises `ParseError` for another version."""
    if not is_uuid7(value):
        raise ParseError(f"{value} carries no time: it is not a UUID of version 7")
    return value.int >> 80


def derived(value: uuid.UUID, purpose: str) -> uuid.UUID:
    """The one id that stands in relation `purpose` to a UUIDv7: its millisecond, and bits of a hash of both.

    Raises `ParseError` for another version.
    """
    digest = int.from_bytes(hashlib.sha256(purpose.encode() + value.bytes).digest()[:10], "big")
    hi = unix_ms(value) << 16 | _VERSION | digest & _mask(12)
    return join(hi, _VARIANT | digest >> 12 & _mask(62))


def split(value: uuid.UUID) -> tuple[int, int]:
    """The high and low 64 bits of an id, as the journal's columns hold them."""
    return value.int >> 64, value.int & _mask(64)


def join(hi: int, lo: int) -> uuid.UUID:
    """The id of a high and a low half. Raises `OutOfRangeError` if either is not an unsigned 64-bit number."""
    if not (0 <= hi <= _mask(64) and 0 <= lo <= _mask(64)):
        raise OutOfRangeError(f"Halves {hi:#x} and {lo:#x} of an id must each be unsigned 64-bit numbers")
    return uuid.UUID(int=int(hi) << 64 | int(lo))
