"""Interest worked out anew from history: what the accrual would be, had everything been known in its time.

An entry booked today with an earlier value date, or a rate corrected for days gone by, changes days that were closed.
The accrual of the contracts concerned is computed again from the beginning of the interest period, day by day on
balances by value date; where a settlement lies in between and would have posted another amount, the difference is a
correction, value-dated as the settlement was, and counts from then on.
"""

from collections.abc import Callable

import msgspec
import numpy as np
from numpy.typing import NDArray

from yinhe.deposits.codes import TransferCode
from yinhe.deposits.interest import accrue, begin_period, last_settled, settlement_amounts
from yinhe.ledger.batch import Flag
from yinhe.products.parts.accrual import Accrual
from yinhe.products.parts.base import Int64Column
from yinhe.products.product import Product
from yinhe.products.rates import RateBook

_NOT_MOVED = int(Flag.PENDING | Flag.VOID)


class PastDays(msgspec.Struct, frozen=True, eq=False):
    """Some accounts on the days from `start` on, one column a day; minor units."""

    start: int
    balances: NDArray[np.int64]
    """By value date, at the end of each day: int64[n, days]."""
    interest: NDArray[np.int64]
    """Interest and its corrections credited, on the last day they pay for (value date less one): int64[n, days]."""


class Correction(msgspec.Struct, frozen=True):
    """What a settlement would have posted more (or less, when negative), in minor units."""

    place: int
    """Index among the contracts asked about."""
    day: int
    """The last day the settlement pays for; it was credited on the next."""
    amount_minor: int


def past_days(
    accounts: NDArray[np.int32],
    balances: Int64Column,
    journal: NDArray[np.void],
    booked: NDArray[np.int32],
    start: int,
    end: int,
) -> PastDays:
    """The days from `start` to before `end` of accounts that had `balances` (int64[n]) after the last of `journal`.

    `journal` (dtype ROW) holds every row booked on the business dates `start` to `end` - 1, and `booked` (int32) the
    date of each. A row counts from its value date; one with a value date before `start` counts from `start` on, one
    with a value date after its booking from its booking on: money that is there earns.
    """
    days = end - start
    plain = journal["flags"] & np.uint16(_NOT_MOVED) == 0
    journal, counts_from = journal[plain], np.minimum(journal["value_date"], booked)[plain]
    order = np.argsort(accounts)
    known = accounts[order]
    moved = np.zeros((len(accounts), days + 1), np.int64)
    interest = np.zeros((len(accounts), days), np.int64)
    for side, sign in (("debit", -1), ("credit", 1)):
        at = np.minimum(np.searchsorted(known, journal[side]), max(0, len(known) - 1))
        ours = known[at] == journal[side] if len(known) else np.zeros(len(journal), np.bool_)
        rows, place = journal[ours], order[at[ours]]
        day = np.clip(counts_from[ours] - start, 0, days)
        np.add.at(moved, (place, day), sign * rows["amount"])
        pays = np.isin(rows["code"], (TransferCode.INTEREST.code, TransferCode.INTEREST_CORRECTION.code))
        paid = rows["value_date"] - 1 - start
        pays &= (paid >= 0) & (paid < days)
        np.add.at(interest, (place[pays], paid[pays]), sign * rows["amount"][pays])
    # The balance at the end of a day is the last one, less everything that counts from a later day.
    later = np.cumsum(moved[:, ::-1], axis=1)[:, ::-1][:, 1:]
    return PastDays(start, balances[:, None] - later, interest)


def recompute(
    rows: NDArray[np.void],
    past: PastDays,
    product_on: Callable[[int], Product],
    rates: RateBook,
) -> tuple[NDArray[np.void], tuple[Correction, ...]]:
    """The contracts (dtype CONTRACT, of one product) accrued anew over the past days, and what settlements lack.

    All of them began an interest period on the first of the days. The last day is not settled here: that is the
    night's own step. Returns new rows, as they stand after the last day; the ones given are left alone.
    """
    rows = rows.copy()
    accounts = rows["account"].copy()
    count, days = past.balances.shape
    places = np.arange(count, dtype=np.int64)
    rows["account"] = places
    rows["through"] = rows["settled"] = past.start
    rows["whole"] = rows["remainder"] = 0
    more = np.zeros(count, np.int64)
    corrections: list[Correction] = []
    for k in range(days):
        day = past.start + k
        product = product_on(day)
        balances = np.ascontiguousarray(past.balances[:, k]) + more
        accrue(rows, places, balances, product, rates, day, day + 1)
        accrual = product.one(Accrual)
        if accrual is None or k == days - 1:
            continue
        due = np.flatnonzero(last_settled(product, day, rows) == day)
        if not len(due):
            continue
        amounts = settlement_amounts(rows[due], product, day)
        lacking = amounts - past.interest[due, k]
        more[due] += lacking
        for place, amount in zip(due[lacking != 0].tolist(), lacking[lacking != 0].tolist(), strict=True):
            corrections.append(Correction(place, day, amount))
        begin_period(rows, due, amounts, accrual, day + 1)
    rows["account"] = accounts
    return rows, tuple(corrections)
