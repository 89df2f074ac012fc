"""The ids of the transactions a night posts: made of the night, the step and the contract, never drawn.

Run again, a step asks for the same transactions under the same ids, and the ledger posts each once; whatever was the
size of the pieces it was handed them in. An id says where it comes from: `origin_of`.

Layout, a UUIDv7 (RFC 9562): 48 bits of the night's millisecond; in the 12 bits after the version the low bits of the
business date; in the 62 bits after the variant 8 of a mark, 6 of the step, and 48 of the key.
"""

from typing import Final
from uuid import UUID

import msgspec
import numpy as np

from yinhe.ledger.batch import VALUE_DATE_MAX
from yinhe.products.parts.base import Int64Column

_VERSION: Final = 0x7000
_VARIANT: Final = 1 << 63
_MARK: Final = 0xC5
_MARK_SHIFT: Final = 54
_STEP_SHIFT: Final = 48
KEY_MAX: Final = 2**48 - 1
STEP_MAX: Final = 63


class Origin(msgspec.Struct, frozen=True):
    """Where a night's transaction comes from."""

    date_low: int
    """The business date closed, modulo 4,096 days."""
    step: int
    """The number of the posting's kind, see `plan`."""
    key: int
    """The contract's number; for postings of a product its number."""

    def date(self, near: int) -> int:
        """The business date closed: the last one that fits on or before `near`, days since 1970-01-01."""
        return near - (near - self.date_low) % 4_096


def night_ids(id_ms: int, date: int, step: int, keys: Int64Column) -> tuple[np.ndarray, np.ndarray]:
    """Ids for the keys (int64[n], 0 to KEY_MAX, each once a step) as two uint64[n] halves."""
    if not (0 <= step <= STEP_MAX and 0 <= date <= VALUE_DATE_MAX):
        raise ValueError(f"Step {step} or date {date} does not fit an id.")
    hi = np.full(len(keys), id_ms << 16 | _VERSION | date & 0xFFF, np.uint64)
    lo = np.uint64(_VARIANT | _MARK << _MARK_SHIFT | step << _STEP_SHIFT) | keys.astype(np.uint64)
    return hi, lo


def origin_of(txn_id: UUID) -> Origin | None:
    """Where a transaction comes from, None when no night made its id."""
    hi, lo = txn_id.int >> 64, txn_id.int & (1 << 64) - 1
    if hi & 0xF000 != _VERSION or lo >> _MARK_SHIFT != (_VARIANT >> _MARK_SHIFT | _MARK):
        return None
    return Origin(hi & 0xFFF, lo >> _STEP_SHIFT & STEP_MAX, lo & KEY_MAX)
