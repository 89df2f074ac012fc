"""Transfers to post: pairs of accounts drawn uniformly, by Zipf's law, or with one hot account on every second one."""

from enum import Enum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from yinhe.kernel.ids import IdSource
from yinhe.ledger.accounts import openings
from yinhe.ledger.batch import columns_of
from yinhe.ledger.columns import AMOUNT_MAX

CNY: Final = 156
DEPOSITS: Final = 2011
ZIPF_EXPONENT: Final = 1.1
AMOUNT_DRAWN_MAX: Final = 1_000_00


class Skew(Enum):
    """How accounts are drawn."""

    UNIFORM = "uniform"
    ZIPF = "zipf"
    HOT = "hot"
    """One account takes part in every second transfer, as a large merchant's does."""


def accounts_without_floor(count: int) -> NDArray[np.void]:
    """Openings of `count` accounts that never run short, so that every transfer posts; dtype OPENING."""
    return openings(count, currency=CNY, gl_code=DEPOSITS, floor=-AMOUNT_MAX)


def draw(ids: IdSource, rng: np.random.Generator, skew: Skew, accounts: int, count: int) -> NDArray[np.void]:
    """`count` transfers between accounts 1 to `accounts`, never from an account to itself; dtype TRANSFER."""
    match skew:
        case Skew.UNIFORM:
            debit = rng.integers(1, accounts + 1, count)
        case Skew.ZIPF:
            debit = _zipf(rng, accounts, count)
        case Skew.HOT:
            debit = np.where(rng.integers(0, 2, count) == 0, 1, rng.integers(2, accounts + 1, count))
    credit = rng.integers(1, accounts, count)
    credit += credit >= debit
    hi, lo = ids.take(count)
    return columns_of(
        txn_hi=hi, txn_lo=lo, debit=debit, credit=credit, amount_minor=rng.integers(1, AMOUNT_DRAWN_MAX, count)
    )


def _zipf(rng: np.random.Generator, accounts: int, count: int) -> NDArray[np.int64]:
    """Ranks by a Zipf law over `accounts`, spread over the indexes so that the busiest are not neighbours."""
    weights = np.arange(1, accounts + 1, dtype=np.float64) ** -ZIPF_EXPONENT
    ranks = np.searchsorted(np.cumsum(weights) / weights.sum(), rng.random(count))
    return (np.minimum(ranks, accounts - 1) * 7_919) % accounts + 1
