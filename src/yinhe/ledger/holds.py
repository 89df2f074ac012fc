"""Open holds: an open-addressed table from a hold's number (the seq of its pending row) to what is still held.

A resolved hold stays as a marker until the table is next cleaned, so that a late post or void hears "resolved".
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from yinhe.ledger.compiled import Integer, Records, compiled

HOLD: Final = np.dtype(
    [
        ("seq", np.int64),
        ("remaining", np.int64),  # minor units still held
        ("expires_at", np.int64),  # microseconds since 1970-01-01, 0: never
        ("changed_seq", np.int64),  # the journal row that changed it last
        ("debit", np.int32),
        ("credit", np.int32),
        ("placed_on", np.int32),  # business date, days since 1970-01-01
        ("state", np.uint8),
        ("touched", np.uint8),  # 1: changed since holds were last written to the database
    ],
    align=True,
)
"""One hold, 48 bytes; seq 0 is an empty slot."""

HOLD_OPEN: Final = 1
HOLD_RESOLVED: Final = 2
HOLD_EXPIRED: Final = 3


@compiled
def hold_slot(table: Records, seq: Integer) -> Integer:
    """The slot of the hold, or the empty slot where it belongs; the table is never full."""
    mask = len(table) - 1
    slot = np.int64((np.uint64(seq) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(24)) & mask
    while table[slot]["seq"] not in (0, seq):
        slot = (slot + 1) & mask
    return slot


@compiled
def put_holds(table: Records, holds: Records) -> None:
    """Write each hold of `holds` (dtype HOLD) to its slot."""
    for i in range(len(holds)):
        table[hold_slot(table, holds[i]["seq"])] = holds[i]


def clean(table: NDArray[np.void], room: int, committed_seq: int) -> NDArray[np.void]:
    """A table with room for `room` more holds, without the markers of holds whose end is committed and written."""
    settled = (table["state"] != HOLD_OPEN) & (table["touched"] == 0) & (table["changed_seq"] <= committed_seq)
    kept = table[(table["seq"] != 0) & ~settled]
    fresh = new_holds(len(kept) + room)
    put_holds(fresh, kept)
    return fresh


def new_holds(room: int) -> NDArray[np.void]:
    """An empty table that is at most half full with `room` holds."""
    return np.zeros(1 << max(10, (2 * room).bit_length()), HOLD)
