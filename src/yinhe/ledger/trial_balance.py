"""The trial balance: every account's balance summed by currency, general-ledger code and branch, exactly."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from yinhe.ledger.columns import Columns


class TrialBalanceLine(msgspec.Struct, frozen=True):
    """The accounts of one currency, general-ledger code and branch; sums in minor units."""

    currency: int
    gl_code: int
    branch: int
    accounts: int
    debit_minor: int
    """Sum of the negative balances, as a positive number."""
    credit_minor: int
    """Sum of the positive balances."""
    held_minor: int

    @property
    def balance_minor(self) -> int:
        """Credits less debits."""
        return self.credit_minor - self.debit_minor


def trial_balance(columns: Columns) -> tuple[TrialBalanceLine, ...]:
    """One line for each combination in use, sorted by currency, code and branch.

    Sums may be larger than int64 holds: high and low halves are summed apart and joined as Python integers.
    """
    count = columns.count
    line = columns.line[1:count].copy()
    keys = np.stack([line["currency"].astype(np.int64), columns.gl_code[1:count], columns.branch[1:count]], axis=1)
    groups, group = np.unique(keys, axis=0, return_inverse=True)
    balance = line["balance"]
    debit = _sums(np.where(balance < 0, -balance, 0), group, len(groups))
    credit = _sums(np.where(balance > 0, balance, 0), group, len(groups))
    held = _sums(line["held"], group, len(groups))
    accounts = np.bincount(group, minlength=len(groups)).tolist()
    return tuple(
        TrialBalanceLine(key[0], key[1], key[2], *sums)
        for key, sums in zip(groups.tolist(), zip(accounts, debit, credit, held, strict=True), strict=True)
    )


def out_of_balance(lines: tuple[TrialBalanceLine, ...]) -> dict[int, int]:
    """By currency, what the books are off by in minor units; empty when they balance."""
    sums: dict[int, int] = {}
    for line in lines:
        sums[line.currency] = sums.get(line.currency, 0) + line.balance_minor
    return {currency: sum_ for currency, sum_ in sums.items() if sum_}


def _sums(values: NDArray[np.int64], group: NDArray[np.intp], groups: int) -> list[int]:
    high = np.zeros(groups, np.int64)
    low = np.zeros(groups, np.int64)
    np.add.at(high, group, values >> 32)
    np.add.at(low, group, values & 0xFFFF_FFFF)
    return [(upper << 32) + lower for upper, lower in zip(high.tolist(), low.tolist(), strict=True)]
