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


ACCOUNT_FLAGS_STORED: Final = (
    AccountFlag.OPEN | AccountFlag.CLOSED | AccountFlag.DEBIT_BLOCKED | AccountFlag.CREDIT_BLOCKED
)


PAGE: Final = 64
"""Accounts of one page: what the database keeps in one row."""

_BESIDE: Final = ("gl_code", "product", "branch", "opened_seq")

ACCOUNT_PAGE: Final = np.dtype(
    [
        ("page", np.int32),
        ("currency", np.uint16, (PAGE,)),
        ("gl_code", np.int32, (PAGE,)),
        ("product", np.int32, (PAGE,)),
        ("branch", np.int32, (PAGE,)),
        ("floor", np.int64, (PAGE,)),
        ("ceiling", np.int64, (PAGE,)),
        ("limit_daily", np.int64, (PAGE,)),
        ("flags", np.uint16, (PAGE,)),
        ("opened_seq", np.int64, (PAGE,)),
    ]
)
"""What is agreed about the accounts of one page; the fields are those of `ACCOUNT` and `Columns`."""

BALANCE_PAGE: Final = np.dtype(
    [
        ("page", np.int32),
        ("as_of_seq", np.int64),
        ("balance", np.int64, (PAGE,)),
        ("held", np.int64, (PAGE,)),
        ("turnover", np.int64, (PAGE,)),
        ("turnover_date", np.int32, (PAGE,)),
        ("last_seq", np.int64, (PAGE,)),
    ]
)
"""The balances of one page, true at `as_of_seq`."""


class Columns:
    """Every account of a unit, by index; index 0 is never an account. Room is always whole pages."""

    def __init__(self, capacity: int) -> None:
        capacity = _whole_pages(capacity)
        self.count: int = 1
        """Indexes in use, the blank index 0 included."""
        self.line: NDArray[np.void] = np.zeros(capacity, ACCOUNT)
        self.gl_code: NDArray[np.int32] = np.zeros(capacity, np.int32)
        self.product: NDArray[np.int32] = np.zeros(capacity, np.int32)
        self.branch: NDArray[np.int32] = np.zeros(capacity, np.int32)
        self.opened_seq: NDArray[np.int64] = np.zeros(capacity, np.int64)

    @property
    def capacity(self) -> int:
        """Accounts there is room for without growing."""
        return len(self.line)

    @property
    def bytes_per_account(self) -> int:
        """Memory of one account, in bytes."""
        return ACCOUNT.itemsize + sum(getattr(self, name).itemsize for name in _BESIDE)

    def grow(self, count: int) -> None:
        """Make room for `count` indexes, by half again at least so that growth costs little a piece."""
        if count <= self.capacity:
            return
        wanted = _whole_pages(max(count, self.capacity * 3 // 2))
        for name in ("line", *_BESIDE):
            old: NDArray[np.void] = getattr(self, name)
            new = np.zeros(wanted, old.dtype)
            new[: self.count] = old[: self.count]
            setattr(self, name, new)

    def account_pages(self, pages: NDArray[np.int32]) -> NDArray[np.void]:
        """What is agreed about the accounts of the given pages; dtype ACCOUNT_PAGE, one row a page."""
        out = self._pages(pages, ACCOUNT_PAGE)
        out["flags"] &= np.uint16(ACCOUNT_FLAGS_STORED)
        return out

    def balance_pages(self, pages: NDArray[np.int32], as_of_seq: int) -> NDArray[np.void]:
        """The balances of the given pages; dtype BALANCE_PAGE, one row a page."""
        out = self._pages(pages, BALANCE_PAGE)
        out["as_of_seq"] = as_of_seq
        return out

    def take_pages(self, pages: NDArray[np.void]) -> None:
        """Write rows of dtype ACCOUNT_PAGE or BALANCE_PAGE to their accounts; there must be room."""
        for name in (pages.dtype.names or ())[1:]:
            if name != "as_of_seq":
                self._column(name).reshape(-1, PAGE)[pages["page"]] = pages[name]

    def _pages(self, pages: NDArray[np.int32], dtype: np.dtype[np.void]) -> NDArray[np.void]:
        out = np.zeros(len(pages), dtype)
        out["page"] = pages
        for name in (dtype.names or ())[1:]:
            if name != "as_of_seq":
                out[name] = self._column(name).reshape(-1, PAGE)[pages]
        return out

    def _column(self, name: str) -> NDArray[np.int64]:
        # A field of the line seen as a column: reshaping it to pages must stay a view.
        return getattr(self, name) if name in _BESIDE else self.line[name]


def _whole_pages(capacity: int) -> int:
    return max(PAGE, -(-capacity // PAGE) * PAGE)
