"""One contract's accrual brought up to a day, between nights: the night's computation, on an array of one."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from yinhe.deposits.columns import ContractFlag
from yinhe.deposits.interest import accrue
from yinhe.products.product import Product
from yinhe.products.rates import RateBook


def is_night_behind(row: NDArray[np.void], until: int) -> bool:
    """Whether the night that was to see a contract (dtype CONTRACT, shape (1,)) mature has yet to come."""
    maturity, through = int(row["maturity"][0]), int(row["through"][0])
    seen = bool(int(row["flags"][0]) & ContractFlag.MATURED)
    return maturity != 0 and not seen and through <= maturity < until


def advanced(
    row: NDArray[np.void],
    product_on: Callable[[int], Product],
    rates: RateBook,
    balance_on: Callable[[int], int],
    until: int,
) -> NDArray[np.void]:
    """The contract (dtype CONTRACT, shape (1,)) with its interest for every day before `until`; a new row.

    `product_on` tells the terms in force on a day, `balance_on` the minor units held at its end. Raises RateMissing.
    """
    result = row.copy()
    # The one account in sight is number 0.
    result["account"] = 0
    places = np.zeros(1, np.int64)
    if int(row["flags"][0]) & ContractFlag.MATURED and int(row["settled"][0]) < until:
        # All days since maturity earn the rate of the day of drawing, which the night before could not know.
        result["through"] = min(int(row["through"][0]), until - 1)
    for day in range(int(result["through"][0]), until):
        balances = np.array([balance_on(day)], np.int64)
        accrue(result, places, balances, product_on(day), rates, day, day + 1)
    result["account"] = row["account"]
    return result
