"""Transfers on their way in: one record, or columns of a million."""

from collections.abc import Sequence
from enum import IntFlag
from typing import Final
from uuid import UUID

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from yinhe.ledger.columns import AMOUNT_MAX

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


def _int64(value: int) -> int:
    # Beyond int64 the machine still has to refuse the amount as out of range, so it is clipped, never wrapped.
    return max(-AMOUNT_MAX - 1, min(value, AMOUNT_MAX + 1))


def _int32(value: int) -> int:
    return value if -(2**31) <= value < 2**31 else -1


def _flags(transfer: Transfer) -> int:
    if not 0 <= transfer.flags <= _FLAGS_MAX:
        return _FLAG_UNKNOWN
    return transfer.flags | (0 if transfer.value_date is None else Flag.VALUE_DATED)


def rows_of(transfers: Sequence[Transfer]) -> NDArray[np.void]:
    """The transfers as rows of `TRANSFER`, in order, shape (n,)."""
    mask = (1 << 64) - 1
    return np.array(
        [
            (
                t.txn_id.int >> 64,
                t.txn_id.int & mask,
                _int64(t.amount_minor),
                _int64(t.reference),
                _int32(t.debit),
                _int32(t.credit),
                0 if t.value_date is None else _int32(t.value_date),
                t.code if 0 <= t.code <= CODE_MAX else -1,
                _flags(t),
                t.leg if 0 <= t.leg < LEGS_MAX else LEGS_MAX,
            )
            for t in transfers
        ],
        dtype=TRANSFER,
    )


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

    Raises ValueError when the columns have different lengths.
    """
    txn_hi = np.asarray(txn_hi, np.uint64)
    rows = np.zeros(len(txn_hi), TRANSFER)
    rows["txn_hi"] = txn_hi
    rows["txn_lo"] = txn_lo
    rows["amount"] = amount_minor
    rows["reference"] = reference
    rows["debit"] = debit
    rows["credit"] = credit
    rows["code"] = code
    rows["leg"] = leg
    rows["flags"] = flags
    if value_date is not None:
        rows["value_date"] = value_date
        rows["flags"] |= np.uint16(Flag.VALUE_DATED)
    return rows
