"""The ids the ledger remembers: an open-addressed table from transaction id to its first seq and what was asked.

Two generations are kept, young and old. New ids go to the young one; when it is half full it becomes the old one and
the former old one is dropped, once everything in it can be found in sealed segments instead.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from yinhe.ledger.batch import Flag
from yinhe.ledger.compiled import Integer, Record, Records, compiled

IDENTITY: Final = np.dtype([("hi", np.uint64), ("lo", np.uint64), ("seq", np.int64), ("digest", np.uint64)], align=True)
"""One remembered id, 32 bytes; seq 0 is an empty slot."""

_BALANCING: Final = int(Flag.BALANCING_DEBIT | Flag.BALANCING_CREDIT)
_WHOLE: Final = int(Flag.WHOLE)
_VALUE_DATED: Final = int(Flag.VALUE_DATED)
_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_SHIFT: Final = np.uint64(29)
DIGEST_SEED: Final = np.uint64(0x59494E48454C4544)


@compiled
def mix(digest: np.uint64, value: Integer) -> np.uint64:
    """Fold one 64-bit value into a digest (multiply and shift; not a cryptographic hash)."""
    digest = (digest ^ np.uint64(value)) * _GOLDEN
    return digest ^ (digest >> _SHIFT)


@compiled
def _fold(digest: np.uint64, row: Record, amount: Integer, reference: Integer, flags: Integer) -> np.uint64:
    value_date = np.int64(row["value_date"]) if flags & _VALUE_DATED else np.int64(0)
    digest = mix(digest, amount)
    digest = mix(digest, reference)
    digest = mix(digest, (np.int64(row["debit"]) << 32) ^ np.int64(row["credit"]))
    rest = (np.int64(row["code"]) << 32) ^ (np.int64(row["leg"]) << 16) ^ flags
    return mix(mix(digest, value_date), rest)


@compiled
def fold_request(digest: np.uint64, row: Record) -> np.uint64:
    """Fold what one leg (dtype TRANSFER) asks into its transaction's digest."""
    return _fold(digest, row, row["amount"], row["reference"], np.int64(row["flags"]))


@compiled
def fold_row(digest: np.uint64, row: Record) -> np.uint64:
    """Fold what was asked by the leg that became a journal row (dtype ROW): the same digest as of the request.

    What the ledger filled in is taken out again: the amount a balancing transfer took (the one asked for is in its
    reference), the amount of a whole post or void, the value date it chose.
    """
    flags = np.int64(row["flags"])
    amount = row["amount"]
    reference = row["reference"]
    if flags & _BALANCING:
        amount = reference
        reference = np.int64(0)
    elif flags & _WHOLE:
        amount = np.int64(0)
    return _fold(digest, row, amount, reference, flags & ~_WHOLE)


@compiled
def slot_of(table: Records, hi: np.uint64, lo: np.uint64) -> Integer:
    """The slot that holds the id, or the empty slot where it belongs; the table is never full."""
    mask = len(table) - 1
    slot = np.int64(mix(lo, np.int64(hi)) >> np.uint64(20)) & mask
    while table[slot]["seq"] != 0 and (table[slot]["lo"] != lo or table[slot]["hi"] != hi):
        slot = (slot + 1) & mask
    return slot


@compiled
def remember(table: Records, hi: np.uint64, lo: np.uint64, seq: Integer, digest: np.uint64) -> bool:
    """Write one id; True when it was not there before."""
    slot = slot_of(table, hi, lo)
    fresh = table[slot]["seq"] == 0
    table[slot]["hi"] = hi
    table[slot]["lo"] = lo
    table[slot]["seq"] = seq
    table[slot]["digest"] = digest
    return fresh


@compiled
def remember_rows(table: Records, rows: Records) -> Integer:
    """Write the transactions of journal rows (whole transactions, legs in order); how many ids were new."""
    fresh = 0
    first = 0
    while first < len(rows):
        digest = DIGEST_SEED
        end = first
        while end < len(rows) and (end == first or rows[end]["leg"] > rows[end - 1]["leg"]):
            digest = fold_row(digest, rows[end])
            end += 1
        if remember(table, rows[first]["txn_hi"], rows[first]["txn_lo"], rows[first]["seq"], digest):
            fresh += 1
        first = end
    return fresh


@compiled
def rehash(table: Records, wider: Records) -> None:
    """Copy every id of `table` into the empty table `wider`."""
    for slot in range(len(table)):
        entry = table[slot]
        if entry["seq"] != 0:
            remember(wider, entry["hi"], entry["lo"], entry["seq"], entry["digest"])


def find_seqs(
    young: NDArray[np.void], old: NDArray[np.void], hi: NDArray[np.uint64], lo: NDArray[np.uint64]
) -> NDArray[np.int64]:
    """For each id (two uint64 arrays of shape (n,)) the remembered seq, 0 for an unknown one; int64, shape (n,)."""
    found = np.zeros(len(hi), np.int64)
    _find_seqs(young, old, hi, lo, found)
    return found


@compiled
def _find_seqs(
    young: Records,
    old: Records,
    hi: NDArray[np.uint64],
    lo: NDArray[np.uint64],
    found: NDArray[np.int64],
) -> None:
    for i in range(len(hi)):
        seq = young[slot_of(young, hi[i], lo[i])]["seq"]
        if seq == 0:
            seq = old[slot_of(old, hi[i], lo[i])]["seq"]
        found[i] = seq
