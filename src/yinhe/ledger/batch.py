"""Transfers on their way in: one record, or columns of a million."""

from collections.abc import Sequence
from enum import IntFlag
from typing import Final
from uuid import UUID

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from yinhe.ledger.columns import ACCOUNTS_MAX, AMOUNT_MAX

LEGS_MAX: Final = 1_000
"""Most legs of one transaction."""

CODE_MAX: Final = 2**15 - 1
"""Largest transfer code."""

VALUE_DATE_MIN: Final = -25_567
"""1900-01-01, in days since 1970-01-01."""
VALUE_DATE_MAX: Final = 84_005
"""2199-12-31, in days since 1970-01-01."""

_FLAGS_MAX: Final = 2**16 - 1
_FLAG_UNKNOWN: Final = 2**15
"""A flag the machine does not know, for flags that do not fit."""

TRANSFER: Final = np.dtype(
    [
        ("txn_hi", np.uint64),
        ("txn_lo", np.uint64),
        ("amount", np.int64),
        ("reference", np.int64),
        ("debit", np.int32),
        ("credit", np.int32),
        ("value_date", np.int32),
        ("code", np.int16),
        ("flags", np.uint16),
        ("leg", np.uint16),
    ],
    align=True,
)
"""One transfer as the machine reads it; `Transfer` says what each field means."""


class Flag(IntFlag):
    """How a transfer is meant; the reference page lists which go together."""

    LINKED = 1
    """The next row is the next leg of the same transaction: all post or none."""
    PENDING = 2
    """Place a hold; `reference` is its expiry in microseconds since 1970, 0 for none."""
    POST = 4
    """Post a hold, whole (amount 0) or part; `reference` is the hold's number."""
    VOID = 8
    """Release a hold, whole (amount 0) or part; `reference` is the hold's number."""
    EXPIRE = 16
    """With VOID, by the ledger itself: release a hold whose time has come."""
    BALANCING_DEBIT = 32
    """Take what the debit account has, at most the amount."""
    BALANCING_CREDIT = 64
    """Give what the credit account has room for, at most the amount."""
    REVERSAL = 128
    """Corrects an earlier row; `reference` is its seq."""
    VALUE_DATED = 256
    """The caller named the value date; without it the value date is the business date."""
    WHOLE = 512
    """Set by the ledger on POST and VOID of all that is held."""


NO_FLAGS: Final = Flag(0)
"""An ordinary transfer of one leg."""


class Transfer(msgspec.Struct, frozen=True, kw_only=True):
    """One debit, one credit, one amount.

    `debit` and `credit` are account indexes; `amount_minor` is in minor units of both accounts' currency; `code` says
    why money moves; `value_date` is in days since 1970-01-01 (None: the business date).
    """

    txn_id: UUID
    debit: int
    credit: int
    amount_minor: int
    code: int = 0
    flags: Flag = NO_FLAGS
    value_date: int | None = None
    reference: int = 0
    leg: int = 0


def _fit(values: ArrayLike, low: int, high: int, below: int, above: int) -> NDArray[np.int64]:
    """Whole numbers of any width as int64; those under `low` become `below`, those over `high` `above`: never wrapped.

    Raises TypeError for anything but whole numbers.
    """
    column = np.asarray(values)
    if column.dtype.kind not in "iu" and not all(type(value) is int for value in column.ravel().tolist()):
        raise TypeError(f"A column of a batch holds whole numbers, not {column.dtype}.")
    too_low, too_high = np.asarray(column < low, np.bool_), np.asarray(column > high, np.bool_)
    fitted = np.where(too_low, np.int64(below), np.int64(above))
    inside = ~(too_low | too_high)
    fitted[inside] = column[inside]
    return fitted


def rows_of(transfers: Sequence[Transfer]) -> NDArray[np.void]:
    """The transfers as rows of `TRANSFER`, in order, shape (n,)."""
    mask = (1 << 64) - 1
    rows = columns_of(
        txn_hi=[t.txn_id.int >> 64 for t in transfers],
        txn_lo=[t.txn_id.int & mask for t in transfers],
        debit=[t.debit for t in transfers],
        credit=[t.credit for t in transfers],
        amount_minor=[t.amount_minor for t in transfers],
        code=[t.code for t in transfers],
        flags=[int(t.flags) for t in transfers],
        value_date=[0 if t.value_date is None else t.value_date for t in transfers],
        reference=[t.reference for t in transfers],
        leg=[t.leg for t in transfers],
    )
    undated = np.array([t.value_date is None for t in transfers], np.bool_)
    rows["flags"][undated] &= np.uint16(~Flag.VALUE_DATED)
    return rows


def columns_of(
    *,
    txn_hi: ArrayLike,
    txn_lo: ArrayLike,
    debit: ArrayLike,
    credit: ArrayLike,
    amount_minor: ArrayLike,
    code: ArrayLike = 0,
    flags: ArrayLike = 0,
    value_date: ArrayLike | None = None,
    reference: ArrayLike = 0,
    leg: ArrayLike = 0,
) -> NDArray[np.void]:
    """Columns, each of shape (n,) or a scalar, as rows of `TRANSFER`; ids as two uint64 halves.

    Numbers too large for a column are kept as numbers the machine refuses. Raises ValueError when the columns have
    different lengths, TypeError when one holds anything but whole numbers.
    """
    txn_hi = np.asarray(txn_hi, np.uint64)
    rows = np.zeros(len(txn_hi), TRANSFER)
    rows["txn_hi"] = txn_hi
    rows["txn_lo"] = np.asarray(txn_lo, np.uint64)
    rows["amount"] = _fit(amount_minor, -AMOUNT_MAX, AMOUNT_MAX, -AMOUNT_MAX - 1, AMOUNT_MAX + 1)
    rows["reference"] = _fit(reference, -AMOUNT_MAX, AMOUNT_MAX, -AMOUNT_MAX - 1, AMOUNT_MAX + 1)
    rows["debit"] = _fit(debit, 1, ACCOUNTS_MAX, 0, 0)
    rows["credit"] = _fit(credit, 1, ACCOUNTS_MAX, 0, 0)
    rows["code"] = _fit(code, 0, CODE_MAX, -1, -1)
    rows["leg"] = _fit(leg, 0, LEGS_MAX - 1, LEGS_MAX, LEGS_MAX)
    rows["flags"] = _fit(flags, 0, _FLAGS_MAX, _FLAG_UNKNOWN, _FLAG_UNKNOWN)
    if value_date is not None:
        rows["value_date"] = _fit(value_date, VALUE_DATE_MIN, VALUE_DATE_MAX, VALUE_DATE_MIN - 1, VALUE_DATE_MAX + 1)
        rows["flags"] |= np.uint16(Flag.VALUE_DATED)
    return rows
