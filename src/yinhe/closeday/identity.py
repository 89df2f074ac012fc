"""The ids of the transactions a night posts: made of the night, the step and the contract, never drawn.

Run again, a step asks for the same transactions under the same ids, and the ledger posts each once; whatever was the
size of the pieces it was handed them in. An id says where it comes from: `origin_of`, and `is_of` whether that night
made it: of ids drawn by chance one in 256 bears the mark, but none the millisecond of a night beside its date.

Layout, a UUIDv7 (RFC 9562): 48 bits of the night's millisecond; in the 12 bits after the version the low bits of the
business date; in the 62 bits after the variant 8 of a mark, 6 of the step, and 48 of the key.
"""

from typing import Final
from uuid import UUID

import msgspec
import numpy as np

from yinhe.kernel.ids import unix_ms
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


def is_of(txn_id: UUID, id_ms: int) -> bool:
    """Whether an id was made in the millisecond from which a night has the ids of its transactions."""
    return unix_ms(txn_id) == id_ms


def origin_of(txn_id: UUID) -> Origin | None:
    """Where a transaction would come from if a night made its id, None when none did; `is_of` decides."""
    hi, lo = txn_id.int >> 64, txn_id.int & (1 << 64) - 1
    if hi & 0xF000 != _VERSION or lo >> _MARK_SHIFT != (_VARIANT >> _MARK_SHIFT | _MARK):
        return None
    return Origin(hi & 0xFFF, lo >> _STEP_SHIFT & STEP_MAX, lo & KEY_MAX)


def amounts_of(rows: np.ndarray, id_ms: int, date: int, step: int) -> tuple[Int64Column, Int64Column]:
    """The keys of a night's postings of a kind among journal rows (dtype ROW), ascending, and what each moved."""
    hi, lo = night_ids(id_ms, date, step, np.zeros(1, np.int64))
    ours = (rows["txn_hi"] == hi[0]) & (rows["txn_lo"] & np.uint64(~KEY_MAX & 2**64 - 1) == lo[0])
    ours &= rows["amount"] > 0
    keys = (rows["txn_lo"][ours] & np.uint64(KEY_MAX)).astype(np.int64)
    order = np.argsort(keys)
    return keys[order], rows["amount"][ours][order]


def keys_of(rows: np.ndarray, step: int) -> tuple[np.ndarray, Int64Column]:
    """Which journal rows (dtype ROW, of a night) are postings of a kind, bool[n], and the key of each, int64[n]."""
    lo = rows["txn_lo"]
    return (lo >> np.uint64(_STEP_SHIFT)) & np.uint64(STEP_MAX) == step, (lo & np.uint64(KEY_MAX)).astype(np.int64)
