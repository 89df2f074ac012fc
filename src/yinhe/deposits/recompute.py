"""Interest worked out anew from history: what the accrual would be, had everything been known in its time.

An entry booked today with an earlier value date, or a rate corrected for days gone by, changes days that were closed.
The accrual of the contracts concerned is computed again from the beginning of the interest period, day by day on
balances by value date; where a settlement lies in between and would have posted another amount, the difference is a
correction, value-dated as the settlement was, and counts from then on, less the tax that is withheld from it.
"""

from collections.abc import Callable

import msgspec
import numpy as np
from numpy.typing import NDArray

from yinhe.deposits.changes import Changes, Replayed
from yinhe.deposits.codes import TransferCode
from yinhe.deposits.columns import ContractFlag
from yinhe.deposits.interest import accrue, begin_period, forget_missed, last_settled, settlement_amounts, withheld
from yinhe.ledger.batch import Flag
from yinhe.products.parts.accrual import Accrual
from yinhe.products.parts.base import Int64Column
from yinhe.products.product import Product
from yinhe.products.rates import RateBook

_NOT_MOVED = int(Flag.PENDING | Flag.VOID)
_PAYS = (TransferCode.INTEREST.code, TransferCode.INTEREST_CORRECTION.code)
_MATURED = np.int32(ContractFlag.MATURED)


class PastDays(msgspec.Struct, frozen=True, eq=False):
    """Some accounts on the days from `start` on, one column a day; minor units."""

    start: int
    balances: NDArray[np.int64]
    """By value date, at the end of each day: int64[n, days]."""
    interest: NDArray[np.int64]
    """Interest and its corrections credited by settlements, on the last day they pay for (value date less one), before
    tax: int64[n, days]."""
    tax: NDArray[np.int64]
    """What was withheld from it, on the same day: int64[n, days]."""
    drawn: NDArray[np.int64]
    """Interest paid with a part drawn, or on closing, on the day before: int64[n, days]."""


class Correction(msgspec.Struct, frozen=True):
    """What a settlement would have posted more (or less, when negative), in minor units."""

    place: int
    """Index among the contracts asked about."""
    day: int
    """The last day the settlement pays for; it was credited on the next."""
    amount_minor: int
    tax_minor: int
    """What more of tax is withheld with it (or less)."""


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
    interest, tax, drawn = (np.zeros((len(accounts), days), np.int64) for _ in range(3))
    for side, sign in (("debit", -1), ("credit", 1)):
        at = np.minimum(np.searchsorted(known, journal[side]), max(0, len(known) - 1))
        ours = known[at] == journal[side] if len(known) else np.zeros(len(journal), np.bool_)
        rows, place = journal[ours], order[at[ours]]
        day = np.clip(counts_from[ours] - start, 0, days)
        np.add.at(moved, (place, day), sign * rows["amount"])
        paid = rows["value_date"] - 1 - start
        within, taxes = (paid >= 0) & (paid < days), rows["code"] == TransferCode.INTEREST_TAX.code
        # A settlement says its value date; interest paid with a part drawn is none.
        settles = rows["flags"] & np.uint16(Flag.VALUE_DATED) != 0
        pays = np.isin(rows["code"], _PAYS)
        for to, which, way in (
            (interest, pays & settles, sign),
            (drawn, pays & ~settles, sign),
            (tax, taxes & settles, -sign),
        ):
            which &= within
            np.add.at(to, (place[which], paid[which]), way * rows["amount"][which])
    # The balance at the end of a day is the last one, less everything that counts from a later day.
    later = np.cumsum(moved[:, ::-1], axis=1)[:, ::-1][:, 1:]
    return PastDays(start, balances[:, None] - later, interest, tax, drawn)


def first_days(past: PastDays, count: int) -> PastDays:
    """The first `count` of the days."""
    columns = (past.balances, past.interest, past.tax, past.drawn)
    return PastDays(past.start, *(column[:, :count] for column in columns))


def recompute(
    rows: NDArray[np.void],
    past: PastDays,
    product_on: Callable[[int], Product],
    rates: RateBook,
    changes: Changes = (),
) -> tuple[NDArray[np.void], tuple[Correction, ...]]:
    """The contracts (dtype CONTRACT, of one product) accrued anew over the past days, and what settlements lack.

    All of them began an interest period on the first of the days. The last day is not settled here: that is the
    night's own step. Returns new rows, as they stand after the last day; the ones given are left alone.
    `changes` are what was done with them meanwhile; what lies before the first of the days is not looked at.
    """
    rows = rows.copy()
    replayed = Replayed(rows, past.start, changes)
    matured = rows["flags"] & _MATURED
    accounts = rows["account"].copy()
    count, days = past.balances.shape
    places = np.arange(count, dtype=np.int64)
    rows["account"] = places
    rows["through"] = rows["settled"] = past.start
    rows["whole"] = rows["remainder"] = 0
    forget_missed(rows, places)
    more = np.zeros(count, np.int64)
    corrections: list[Correction] = []
    for k in range(days):
        day = past.start + k
        product = product_on(day)
        balances = np.ascontiguousarray(past.balances[:, k]) + more
        replayed.morning(rows, day, balances, product)
        # A contract that has matured by now earned as agreed until then.
        rows["flags"] = np.where(rows["maturity"] <= day, rows["flags"] | matured, rows["flags"] & ~_MATURED)
        accrue(rows, places, balances, product, rates, day, day + 1)
        accrual = product.one(Accrual)
        if accrual is None or k == days - 1:
            continue
        due = np.flatnonzero(last_settled(product, day, rows) == day)
        if not len(due):
            continue
        amounts = settlement_amounts(rows[due], product, day)
        lacking = amounts - past.interest[due, k]
        taxes = withheld(product, amounts, rows["flags"][due], day) - past.tax[due, k]
        more[due] += lacking - taxes
        some = (lacking != 0) | (taxes != 0)
        for place, amount, tax in zip(due[some].tolist(), lacking[some].tolist(), taxes[some].tolist(), strict=True):
            corrections.append(Correction(place, day, amount, tax))
        begin_period(rows, due, amounts, accrual, day + 1)
    if days:
        replayed.already(rows, past.start + days, product_on(past.start + days - 1))
    rows["account"] = accounts
    return rows, tuple(corrections)
