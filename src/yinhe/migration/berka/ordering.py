"""Finds, inside each account and day, the order of rows in which the source's balances follow from one another.

The source numbers its transactions out of time order within a day, and it rounded balances to 0.10. An order is a
chain when each row's balance is the balance before it plus its signed amount, to within 0.10. Among chains the one
with the most exact rows is taken; among equals the one that takes credits first, then smaller transaction ids. A
chain starts from zero on the account's first day and goes from day to day with the source's own balance, so that no
difference is ever carried along.
"""

from dataclasses import dataclass
from enum import IntEnum
from itertools import groupby
from typing import Final

import numpy as np
from numpy.typing import NDArray

ROUNDING_MAX_MINOR: Final = 10
"""The largest difference the source's rounding explains: 0.10 crown, in haléř."""

DAY_ROWS_MAX: Final = 64
"""Rows of one account and day for which an order is searched."""

SEARCH_STATES_MAX: Final = 20_000
"""States visited in the search for one account and day."""


class Chaining(IntEnum):
    """How a row's balance follows from the one before it."""

    EXACT = 0
    ROUNDED = 1
    UNEXPLAINED = 2


@dataclass(frozen=True, slots=True, eq=False)
class ChainOrder:
    """The order found, as columns of length n in the order of the rows given.

    `position` int32: the row's place inside its account and day, from 0. `difference_minor` int64: the source's
    balance less the balance before plus the signed amount. `chaining` int8: a `Chaining` each.
    """

    position: NDArray[np.int32]
    difference_minor: NDArray[np.int64]
    chaining: NDArray[np.int8]


def chain_order(
    account_id: NDArray[np.int64],
    business_date: NDArray[np.int32],
    trans_id: NDArray[np.int64],
    signed_minor: NDArray[np.int64],
    balance_minor: NDArray[np.int64],
) -> ChainOrder:
    """Order the rows of every account and day (columns of one length n; signed amounts and balances in minor units).

    Where no chain exists, or none is found within the bounds, the day's rows stay credits first, then by transaction
    id, and those that do not follow are `UNEXPLAINED`.
    """
    rows = len(trans_id)
    signed, balances = signed_minor.tolist(), balance_minor.tolist()
    accounts, days = account_id.tolist(), business_date.tolist()
    listed = np.lexsort((trans_id, signed_minor < 0, business_date, account_id)).tolist()
    position = np.zeros(rows, np.int32)
    difference = np.zeros(rows, np.int64)
    account, before = None, 0
    for (group_account, _), group in groupby(listed, key=lambda row: (accounts[row], days[row])):
        if group_account != account:
            account, before = group_account, 0
        day = list(group)
        if len(day) > 1:
            chain = best_chain(before, [signed[row] for row in day], [balances[row] for row in day])
            day = [day[place] for place in chain] if chain else day
        for place, row in enumerate(day):
            position[row] = place
            difference[row] = balances[row] - before - signed[row]
            before = balances[row]
    size = np.abs(difference)
    chaining = (size > 0).astype(np.int8) + (size > ROUNDING_MAX_MINOR)
    return ChainOrder(position, difference, chaining)


def best_chain(before: int, signed: list[int], balances: list[int]) -> list[int] | None:
    """Return the chain of one day's rows with the most exact ones, as places; None when the bounded search finds none.

    A state is (rows still to come as a bit mask, balance reached); its best continuation does not depend on how it
    was reached, so each is searched once.
    """
    rows = len(signed)
    if rows > DAY_ROWS_MAX:
        return None
    no_chain = -1
    known: dict[tuple[int, int], tuple[int, int]] = {}

    def search(remaining: int, reached: int) -> int:
        """Return how many rows can be exact from here on, and note the first row of the best continuation."""
        if not remaining:
            return 0
        state = remaining, reached
        if state in known:
            return known[state][0]
        most, first = no_chain, 0
        for row in range(rows):
            difference = balances[row] - reached - signed[row]
            if not remaining >> row & 1 or abs(difference) > ROUNDING_MAX_MINOR or len(known) >= SEARCH_STATES_MAX:
                continue
            onward = search(remaining & ~(1 << row), balances[row])
            if onward != no_chain and (exact := onward + (difference == 0)) > most:
                most, first = exact, row
            if most == remaining.bit_count():
                break
        known[state] = most, first
        return most

    remaining, reached = (1 << rows) - 1, before
    if search(remaining, reached) == no_chain:
        return None
    chain: list[int] = []
    while remaining:
        row = known[remaining, reached][1]
        chain.append(row)
        remaining, reached = remaining & ~(1 << row), balances[row]
    return chain
