"""A sieve for each sealed segment: says of most ids that they are not in it, without asking the database.

A Bloom filter (Bloom, "Space/time trade-offs in hash coding with allowable errors", 1970) of 16 bits and 6 probes a
row: an id that is there always passes, one that is not passes about once in a thousand times and is then looked up.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from yinhe.ledger.compiled import compiled
from yinhe.ledger.identities import DIGEST_SEED, mix

_BITS_A_ROW: Final = 16
_PROBES: Final = 6


def new_sieve(hi: NDArray[np.uint64], lo: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The sieve of the given ids (two uint64 arrays of shape (n,)): uint64 words of bits, a power of two long."""
    words = np.zeros(1 << max(1, (len(hi) * _BITS_A_ROW // 64).bit_length()), np.uint64)
    _mark(words, hi, lo)
    return words


def passing(sieve: NDArray[np.uint64], hi: NDArray[np.uint64], lo: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """For each id whether it may be among those of the sieve; bool, shape (n,)."""
    out = np.zeros(len(hi), np.bool_)
    _pass(sieve, hi, lo, out)
    return out


@compiled
def _mark(words: NDArray[np.uint64], hi: NDArray[np.uint64], lo: NDArray[np.uint64]) -> None:
    mask = np.uint64(len(words) * 64 - 1)
    for i in range(len(hi)):
        place = mix(mix(DIGEST_SEED, np.int64(hi[i])), np.int64(lo[i]))
        step = mix(place, np.int64(lo[i])) | np.uint64(1)
        for _ in range(_PROBES):
            place = (place + step) & mask
            words[place >> np.uint64(6)] |= np.uint64(1) << (place & np.uint64(63))


@compiled
def _pass(words: NDArray[np.uint64], hi: NDArray[np.uint64], lo: NDArray[np.uint64], out: NDArray[np.bool_]) -> None:
    mask = np.uint64(len(words) * 64 - 1)
    for i in range(len(hi)):
        place = mix(mix(DIGEST_SEED, np.int64(hi[i])), np.int64(lo[i]))
        step = mix(place, np.int64(lo[i])) | np.uint64(1)
        found = True
        for _ in range(_PROBES):
            place = (place + step) & mask
            if not words[place >> np.uint64(6)] & (np.uint64(1) << (place & np.uint64(63))):
                found = False
                break
        out[i] = found
