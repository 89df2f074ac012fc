"""The interest of accounts that are overdrawn, from day to day and worked out from history. Pure, by columns.

1. Each day an account bears interest on what it is below zero at the day's end, at the overdraft's rate, on the year of
   the product's accrual. It accrues exactly, as a pair of whole minor units and a remainder.
2. On the product's settlement day it is rounded once and owed; the rest is dropped and the next period begins.
3. What is owed is taken from the account as far as there is money above its floor: interest never carries it below.
   What cannot be taken stays owed, bears no interest, and is asked for again every night.
4. What is known late (an entry of an earlier day, a corrected rate) counts as if it had been known: the period is
   worked out anew, and where a settlement in between would have found another amount, the difference is owed, or given
   back. It moves the account when it is known: it is not value-dated back.

A row is of a contract that was overdrawn once; beside it all that is known follows from the journal.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from yinhe.deposits.interest import last_settled
from yinhe.deposits.table import Rows
from yinhe.kernel.interest import accrue_many
from yinhe.kernel.rounding import round_quotient_many
from yinhe.products.parts.accrual import Accrual
from yinhe.products.parts.base import Int64Column
from yinhe.products.parts.overdraft import Overdraft
from yinhe.products.product import Product
from yinhe.products.rates import RateBook

OVERDRAFT: Final = np.dtype(
    [
        ("contract", np.int64),
        ("whole", np.int64),  # interest of the running period, in minor units …
        ("remainder", np.int64),  # … and parts of D = basis_days * 10^8
        ("owed", np.int64),  # settled and not taken yet; below zero what is to be given back
    ],
    align=True,
)
"""What an account owes for having been overdrawn."""

Overdrawn = NDArray[np.void]
"""dtype OVERDRAFT, shape (n,), by contract."""


class Overdrafts:
    """The overdrafts of a unit in memory, for reading, and for changes that are made durable with them."""

    def __init__(self, rows: Overdrawn | None = None) -> None:
        """Take over all rows, by contract."""
        self.rows: Overdrawn = np.zeros(0, OVERDRAFT) if rows is None else rows

    def of(self, contracts: Int64Column) -> Overdrawn:
        """A row each of contracts (numbers, int64[n]), with nothing in it where there is none."""
        found = np.zeros(len(contracts), OVERDRAFT)
        found["contract"] = contracts
        if len(self.rows):
            at = np.minimum(np.searchsorted(self.rows["contract"], contracts), len(self.rows) - 1)
            there = self.rows["contract"][at] == contracts
            found[there] = self.rows[at[there]]
        return found

    def put(self, rows: Overdrawn) -> None:
        """Put rows in the place of what they were; each contract at most once."""
        kept = self.rows[~np.isin(self.rows["contract"], rows["contract"])]
        joined = np.concatenate([kept, rows])
        self.rows = joined[np.argsort(joined["contract"], kind="stable")]


class Walked(NamedTuple):
    """Some days of some contracts; int64[n] each."""

    settled: Int64Column
    """What the settlements of the days found, minor units."""
    whole: Int64Column
    """What had accrued since at the end of the last day …"""
    remainder: Int64Column
    """… and parts of D."""


def accrued_day(
    balances: Int64Column, whole: Int64Column, remainder: Int64Column, product: Product, rates: RateBook, day: int
) -> tuple[Int64Column, Int64Column]:
    """A day's interest on balances (minor units at its end) added to accruals; int64[n] each. Raises RateMissing."""
    accrual, overdraft = product.one(Accrual), product.one(Overdraft)
    if accrual is None or overdraft is None:
        return whole, remainder
    rate = overdraft.regimes(rates, day, day + 1)[0].rates[:1]
    once = np.ones(1, np.int64)
    return accrue_many(np.maximum(-balances, 0), rate, once, accrual.base // 10**8, whole, remainder)


def settle(
    rows: Rows, whole: Int64Column, remainder: Int64Column, product: Product, day: int
) -> tuple[Int64Column, Int64Column, Int64Column]:
    """At the end of a day: what a settlement finds of contracts (dtype CONTRACT), and the accruals afterwards."""
    accrual = product.one(Accrual)
    if accrual is None:
        return np.zeros(len(rows), np.int64), whole, remainder
    due = last_settled(product, day, rows) == day
    found = np.where(due, round_quotient_many(whole, remainder, accrual.base, accrual.rounding), 0)
    return found, np.where(due, 0, whole), np.where(due, 0, remainder)


def walk(
    rows: Rows, start: int, balances: NDArray[np.int64], product_on: Callable[[int], Product], rates: RateBook
) -> Walked:
    """Days from `start` on, the first of a period of all the contracts (dtype CONTRACT, of one version).

    `balances` (int64[n, days], minor units) are what each had at the end of each day by value date. Raises RateMissing.
    """
    settled, whole, remainder = (np.zeros(len(rows), np.int64) for _ in range(3))
    for k in range(balances.shape[1]):
        product = product_on(start + k)
        held = np.ascontiguousarray(balances[:, k])
        whole, remainder = accrued_day(held, whole, remainder, product, rates, start + k)
        found, whole, remainder = settle(rows, whole, remainder, product, start + k)
        settled = settled + found
    return Walked(settled, whole, remainder)
