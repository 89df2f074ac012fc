"""The account columns: the only place that knows how accounts lie in memory.

What one posting touches lies together in one cache line per account (`ACCOUNT`, 64 bytes); what only reports read lies
in plain columns beside it. NumPy sees each field of the line as a column too, so nothing is lost for whole-book passes
(docs/decisions/0003-one-cache-line-per-account.md has the measurement).
"""

from enum import IntFlag
from typing import Final

import numpy as np
from numpy.typing import NDArray

AMOUNT_MAX: Final = 2**61 - 1
"""Largest amount, balance, limit and daily turnover, in minor units: sums of a few of them still fit int64."""

ACCOUNTS_MAX: Final = 2**27
"""Most accounts of a unit (134 million); more accounts mean more units."""

ACCOUNT: Final = np.dtype(
    [
        ("balance", np.int64),  # minor units; credits - debits
        ("held", np.int64),  # minor units reserved by open holds, >= 0
        ("floor", np.int64),  # lowest balance - held allowed
        ("ceiling", np.int64),  # highest balance allowed
        ("limit_daily", np.int64),  # most that may be debited in one business date
        ("turnover", np.int64),  # debited (or held) on `turnover_date`
        ("last_seq", np.int64),  # the journal row that touched the account last
        ("turnover_date", np.int32),  # days since 1970-01-01
        ("currency", np.uint16),  # ISO 4217 numeric code
        ("flags", np.uint16),  # AccountFlag
    ],
    align=True,
)
"""One account's line: 64 bytes."""


class AccountFlag(IntFlag):
    """What may be done with an account; DIRTY marks it changed since its balance was last written to the database."""

    OPEN = 1
    CLOSED = 2
    DEBIT_BLOCKED = 4
    CREDIT_BLOCKED = 8
    DIRTY = 0x8000


ACCOUNT_FLAGS_STORED: Final = AccountFlag.OPEN | AccountFlag.CLOSED | AccountFlag.DEBIT_BLOCKED | AccountFlag.CREDIT_BLOCKED


class Columns:
    """Every account of a unit, by index; index 0 is never an account."""

    def __init__(self, capacity: int) -> None:
        self.count: int = 1
        """Indexes in use, the blank index 0 included."""
        self.line: NDArray[np.void] = np.zeros(max(capacity, 2), ACCOUNT)
        self.gl_code: NDArray[np.int32] = np.zeros(max(capacity, 2), np.int32)
        self.product: NDArray[np.int32] = np.zeros(max(capacity, 2), np.int32)
        self.branch: NDArray[np.int32] = np.zeros(max(capacity, 2), np.int32)

    @property
    def capacity(self) -> int:
        """Accounts there is room for without growing."""
        return len(self.line)

    @property
    def bytes_per_account(self) -> int:
        """Memory of one account, in bytes."""
        return ACCOUNT.itemsize + self.gl_code.itemsize + self.product.itemsize + self.branch.itemsize

    def grow(self, count: int) -> None:
        """Make room for `count` indexes, by half again at least so that growth costs little a piece."""
        if count <= self.capacity:
            return
        wanted = max(count, self.capacity * 3 // 2)
        for name in ("line", "gl_code", "product", "branch"):
            old: NDArray[np.void] = getattr(self, name)
            new = np.zeros(wanted, old.dtype)
            new[: self.count] = old[: self.count]
            setattr(self, name, new)
