"""The interest of contracts: how an accrual goes from one day to the next, and how it is worked out from history.

`accrue` is the one step: the contracts of a product, the balance each has at the end of every day from `start` to
before `until`, and the accruals move on. The night calls it for a day and millions; a correction calls it for the days
since an older settlement; both on the columns of `columns.CONTRACT`.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from yinhe.deposits.columns import NO_RATE, ContractFlag
from yinhe.deposits.table import Rows
from yinhe.kernel.dates import add_months_many
from yinhe.kernel.daycount import DayCount, days_many
from yinhe.kernel.interest import remainder_base
from yinhe.kernel.rates import RATE_MAX
from yinhe.kernel.rounding import round_quotient_many
from yinhe.ledger.compiled import Integer, compiled
from yinhe.products.accrual import day_interest, tier_interest
from yinhe.products.parts.accrual import Accrual, TransactionMethod
from yinhe.products.parts.base import Int32Column, Int64Column, Regime
from yinhe.products.parts.instalment import InterestMonthly
from yinhe.products.parts.interest import Interest
from yinhe.products.parts.renewal import Renewal
from yinhe.products.parts.settlement import Settlement
from yinhe.products.product import Product
from yinhe.products.rates import RateBook

_NO_RATE: Final = NO_RATE
_MATURED: Final = int(ContractFlag.MATURED)


def accrue(
    rows: Rows,
    places: Int64Column,
    balances: Int64Column,
    product: Product,
    rates: RateBook,
    start: int,
    until: int,
) -> int:
    """Accrue the contracts at `places` that stand at `start` to before `until`, in place; the change in whole units.

    `rows` has dtype CONTRACT, `places` int64[n]; `balances` (minor units, int64 by `rows["account"]`) is what each
    account had at the end of every one of the days. Contracts whose `through` is not `start` are left alone. All of
    them have terms of `product`, which has the same parts on each of the days. Raises RateMissing.
    """
    accrual, interest = product.one(Accrual), product.one(Interest)
    if accrual is None or interest is None or not len(places):
        return 0
    changed = 0
    # All flags at once is a quick pass; those of some places is not, and few contracts are past their maturity.
    if (rows["flags"] & _MATURED).any():
        matured = rows["flags"][places] & _MATURED != 0
        changed += _accrue_matured(rows, places[matured], balances, product, accrual, rates, start, until)
        places = places[~matured]
    base = accrual.base
    for some, months, days in _by_term(rows, places, interest):
        regimes = interest.regimes(rates, start, until, months, days)
        if isinstance(accrual, TransactionMethod):
            # Counted anew from the first day, all days at the last one's rate, whatever pieces they come in.
            last = regimes[-1]
            regime = Regime(start, until, last.thresholds, last.rates, last.by_slice)
            changed += _accrue_counted(rows, some, balances, accrual.basis, regime, base, True)
            continue
        for regime in regimes:
            changed += _accrue_days(_columns(rows), some, balances, *_tiers(regime), base)
    return changed


def _accrue_matured(
    rows: Rows,
    places: Int64Column,
    balances: Int64Column,
    product: Product,
    accrual: Accrual,
    rates: RateBook,
    start: int,
    until: int,
) -> int:
    """What contracts earn past their maturity: for all days since, the rate after maturity of the day asked for."""
    renewal = product.one(Renewal)
    rate = 0 if renewal is None else renewal.rate_after(rates, until)
    regime = Regime(start, until, np.zeros(1, np.int64), np.array([rate], np.int64))
    # By day, on the year of the product's accrual: what is rounded at the end has one base.
    by_day = DayCount.ACT_365F if accrual.base == remainder_base(365) else DayCount.ACT_360
    return _accrue_counted(rows, places, balances, by_day, regime, accrual.base, False)


def _tiers(regime: Regime) -> tuple[int, int, Int64Column, Int64Column, bool]:
    return regime.start, regime.end, regime.thresholds, regime.rates, regime.by_slice


def _by_term(rows: Rows, places: Int64Column, interest: Interest) -> list[tuple[Int64Column, int, int]]:
    """The places by term agreed, where the part's rates depend on it and are not the contracts' own; else together."""
    if not len(places):
        return []
    if not interest.terms():
        return [(places, 0, 0)]
    months, days = rows["months"][places], rows["days"][places]
    own = rows["rate"][places] != _NO_RATE
    if own.all():
        return [(places, int(months[0]), int(days[0]))]
    terms = np.stack([months, days, own], axis=1)
    kinds, kind = np.unique(terms, axis=0, return_inverse=True)
    return [(places[kind.ravel() == k], of[0], of[1]) for k, of in enumerate(kinds.tolist())]


class _Columns(NamedTuple):
    """The fields an accrual reads and writes, by place; see CONTRACT."""

    whole: NDArray[np.int64]
    remainder: NDArray[np.int64]
    rate: NDArray[np.int64]
    spread: NDArray[np.int64]
    account: NDArray[np.int32]
    through: NDArray[np.int32]
    settled: NDArray[np.int32]


def _columns(rows: Rows) -> _Columns:
    return _Columns(*(rows[name] for name in _Columns._fields))


@compiled
def _accrue_days(
    columns: _Columns,
    places: Int64Column,
    balances: Int64Column,
    start: Integer,
    end: Integer,
    thresholds: Int64Column,
    rates: Int64Column,
    by_slice: bool,
    base: Integer,
) -> Integer:
    changed: Integer = np.int64(0)
    for j in range(len(places)):
        i: int = places[j]
        if columns.through[i] != start:
            continue
        columns.through[i] = end
        amount: Integer = int(balances[columns.account[i]])
        if amount <= 0:
            continue
        if columns.rate[i] != _NO_RATE:
            rate = min(RATE_MAX, max(0, columns.rate[i] + columns.spread[i]))
            day_whole, day_parts = day_interest(amount, rate, base)
        else:
            day_whole, day_parts = tier_interest(amount, columns.spread[i], thresholds, rates, by_slice, base)
        total = day_parts * (end - start) + columns.remainder[i]
        carried = total // base
        more = day_whole * (end - start) + carried
        columns.whole[i] += more
        columns.remainder[i] = total - carried * base
        changed += more
    return changed


def _accrue_counted(
    rows: Rows,
    places: Int64Column,
    balances: Int64Column,
    convention: DayCount,
    regime: Regime,
    base: int,
    own_rates: bool,
) -> int:
    """By the transaction method: what the principal has earned since the last settlement, counted anew each time."""
    until = regime.end
    since = rows["settled"][places]
    standing = since < until
    if not standing.any():
        return 0
    first = int(since[standing].min())
    # One count for each day the period may have begun on, instead of one for each contract.
    starts = np.arange(first, until, dtype=np.int32)
    counts = days_many(convention, starts, np.full(len(starts), until, np.int32))
    return int(_accrue_periods(_columns(rows), places, balances, counts, first, *_tiers(regime), base, own_rates))


@compiled
def _accrue_periods(
    columns: _Columns,
    places: Int64Column,
    balances: Int64Column,
    counts: Int64Column,
    first: Integer,
    start: Integer,
    until: Integer,
    thresholds: Int64Column,
    rates: Int64Column,
    by_slice: bool,
    base: Integer,
    own_rates: bool,
) -> Integer:
    changed: Integer = np.int64(0)
    for j in range(len(places)):
        i: int = places[j]
        if columns.through[i] != start or columns.settled[i] >= until:
            continue
        columns.through[i] = until
        amount: Integer = max(np.int64(0), int(balances[columns.account[i]]))
        if own_rates and columns.rate[i] != _NO_RATE:
            rate = min(RATE_MAX, max(0, columns.rate[i] + columns.spread[i]))
            day_whole, day_parts = day_interest(amount, rate, base)
        else:
            day_whole, day_parts = tier_interest(amount, columns.spread[i], thresholds, rates, by_slice, base)
        count = counts[columns.settled[i] - first]
        total = day_parts * count
        carried = total // base
        whole = day_whole * count + carried
        changed += whole - columns.whole[i]
        columns.whole[i] = whole
        columns.remainder[i] = total - carried * base
    return changed


def rounded(rows: Rows, product: Product) -> Int64Column:
    """What a settlement of the contracts (dtype CONTRACT, one product) posts now: minor units, int64[n]."""
    accrual = product.one(Accrual)
    if accrual is None:
        return np.zeros(len(rows), np.int64)
    whole, remainder = np.ascontiguousarray(rows["whole"]), np.ascontiguousarray(rows["remainder"])
    return round_quotient_many(whole, remainder, accrual.base, accrual.rounding)


def settlement_amounts(rows: Rows, product: Product, day: int) -> Int64Column:
    """What a settlement pays that is due up to and including `day`, minor units, int64[n], zero or above.

    `rows` (dtype CONTRACT) are of one product: what has accrued, or the part of the term's interest that is drawn.
    """
    monthly = product.one(InterestMonthly)
    if monthly is None:
        return np.maximum(rounded(rows, product), 0)
    start, months = rows["start"].copy(), rows["months"].copy()
    number = monthly.done(day + 1, start, months)
    return -monthly.amount(number, months, rows["principal"].copy(), rows["rate"].copy())


def begin_period(rows: Rows, places: Int64Column, posted: Int64Column, accrual: Accrual, day: int) -> int:
    """Begin the next period on `day` after a settlement that posted `posted` (int64[n]); the change in whole units.

    The rest is carried on where the part says so, else dropped; what was posted has left the whole units either way.
    """
    left = rows["whole"][places] - posted
    rows["settled"][places] = day
    if accrual.carry:
        rows["whole"][places] = left
        return 0
    rows["whole"][places] = 0
    rows["remainder"][places] = 0
    return -int(left.sum())


def last_settled(product: Product, day: int, rows: Rows) -> Int32Column:
    """The last day up to which a settlement on or before `day` pays each contract (dtype CONTRACT); int32[n].

    The day before `start` where there was none since.
    """
    start, maturity = rows["start"].copy(), rows["maturity"].copy()
    monthly, settlement = product.one(InterestMonthly), product.one(Settlement)
    if monthly is not None:
        paid = np.minimum(monthly.done(day + 1, start, rows["months"].copy()), 600) * monthly.every
        return (add_months_many(start, np.maximum(paid, 0)) - 1).astype(np.int32)
    if settlement is None:
        return (start - 1).astype(np.int32)
    return np.maximum(start - 1, settlement.last_due(day, start, maturity)).astype(np.int32)


def bring_up(
    rows: Rows,
    places: Int64Column,
    balances: Int64Column,
    product_on: Callable[[int], Product],
    rates: RateBook,
    until: int,
    settled: int,
) -> None:
    """Bring contracts of one version, in place, from where they were last written to the beginning of `until`.

    Their balances have not changed since (else they would have been written); settlements are done through the day
    `settled`. What the night does with all contracts it writes for those that moved only: this is the rest.
    """
    if not len(places):
        return
    product = product_on(until - 1)
    accrual = product.one(Accrual)
    if accrual is not None and not accrual.carry:
        paid = last_settled(product, settled, rows[places])
        fresh = places[rows["settled"][places] <= paid]
        day = paid[rows["settled"][places] <= paid] + 1
        rows["through"][fresh] = rows["settled"][fresh] = day
        rows["whole"][fresh] = rows["remainder"][fresh] = 0
    behind = places[rows["through"][places] < until]
    for start in np.unique(rows["through"][behind]).tolist():
        some = behind[rows["through"][behind] == start]
        for first, end in _stretches(product_on, start, until):
            accrue(rows, some, balances, product_on(first), rates, first, end)


def _stretches(product_on: Callable[[int], Product], start: int, until: int) -> list[tuple[int, int]]:
    """The days from `start` to before `until`, parted where another version of the product comes into force."""
    parts: list[tuple[int, int]] = []
    first = start
    for day in range(start + 1, until + 1):
        if day == until or product_on(day) is not product_on(first):
            parts.append((first, day))
            first = day
    return parts


def period_start(product: Product, day: int, rows: Rows) -> Int32Column:
    """The first day of the interest period that `day` lies in, for contracts (dtype CONTRACT); int32[n]."""
    return (last_settled(product, day - 1, rows) + 1).astype(np.int32)
