"""The interest of contracts: how an accrual goes from one day to the next, and how it is worked out from history.

`accrue` is the one step: the contracts of a product, the balance each has at the end of every day from `start` to
before `until`, and the accruals move on. The night calls it for a day and millions; a correction calls it for the days
since an older settlement; both on the columns of `columns.CONTRACT`.
"""

from collections.abc import Callable
from functools import cache
from itertools import pairwise
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
from yinhe.products.parts.instalment import InterestMonthly, SaveMonthly
from yinhe.products.parts.interest import Interest
from yinhe.products.parts.interest_dated import AtWill
from yinhe.products.parts.renewal import Renewal
from yinhe.products.parts.settlement import Settlement
from yinhe.products.parts.tax import Tax
from yinhe.products.product import Product, TermRule
from yinhe.products.rates import RateBook
from yinhe.products.terms import RATE

_NO_RATE: Final = NO_RATE
_MATURED: Final = int(ContractFlag.MATURED)
_BROKEN: Final = int(ContractFlag.BROKEN)
NO_TIER: Final = -1
"""No tier's rate gives way to a contract's own."""


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
    if until - start > 1 and product.one(SaveMonthly) is not None:
        # What is missed is seen from day to day.
        days = range(start, until)
        return sum(accrue(rows, places, balances, product, rates, day, day + 1) for day in days)
    changed = 0
    # All flags at once is a quick pass; those of some places is not, and few contracts are past their maturity.
    if (rows["flags"] & _MATURED).any():
        matured = rows["flags"][places] & _MATURED != 0
        changed += _accrue_matured(rows, places[matured], balances, product, accrual, rates, start, until)
        places = places[~matured]
    base, own_tier = accrual.base, interest.own_tier
    saving = product.one(SaveMonthly)
    savers = places[:0] if saving is None else places[rows["through"][places] == start]
    lower = _lower_rate(rows, savers, saving, rates, start)
    for some, months, days, kept_since in _by_terms(rows, places, product, interest):
        regimes = _regimes(interest, rates, start, until, months, days, kept_since)
        if isinstance(accrual, TransactionMethod):
            # Counted anew from the first day, all days at the last one's rate, whatever pieces they come in.
            last = regimes[-1]
            regime = Regime(start, until, last.thresholds, last.rates, last.by_slice)
            changed += _accrue_counted(rows, some, balances, accrual.basis, regime, base, own_tier)
            continue
        for regime in regimes:
            changed += _accrue_days(_columns(rows), some, balances, *_tiers(regime), own_tier, lower, base)
    if saving is not None:
        _note_missed(rows, savers, balances, saving, start)
    return changed


def keeps_rates(product: Product) -> bool:
    """Whether contracts keep the rates that held when they began: one in `rate`, several by the day they start on."""
    return product.rule(RATE) is TermRule.FREEZE and not isinstance(product.one(Interest), AtWill)


def _regimes(
    interest: Interest, rates: RateBook, start: int, until: int, months: int, days: int, kept_since: int
) -> tuple[Regime, ...]:
    """The rates of some days; those of one day for all of them where they are kept since then."""
    if not kept_since:
        return interest.regimes(rates, start, until, months, days)
    kept = interest.regimes(rates, kept_since, kept_since + 1, months, days)[0]
    return (Regime(start, until, kept.thresholds, kept.rates, kept.by_slice),)


def _lower_rate(rows: Rows, places: Int64Column, saving: SaveMonthly | None, rates: RateBook, day: int) -> int:
    """What money above what was kept earns on a day, 1e-8 a year; _NO_RATE where no plan is broken."""
    if saving is None or not (rows["flags"][places] & _BROKEN).any():
        return _NO_RATE
    return saving.broken.on(rates, day)


def _note_missed(rows: Rows, places: Int64Column, balances: Int64Column, saving: SaveMonthly, day: int) -> None:
    """At the end of an instalment's interval, note what is missing; a broken plan keeps its rate for what is there."""
    agreed = rows["principal"][places] > 0
    some = places[agreed & saving.ends(day, rows["start"][places], rows["months"][places])]
    held = np.maximum(balances[rows["account"][some]], 0)
    paid = held // rows["principal"][some]
    lacking = saving.lacking(day, rows["start"][some], rows["months"][some], paid)
    rows["missed"][some] += lacking > 0
    breaks = saving.breaks(lacking, rows["missed"][some].astype(np.int64)) & (rows["flags"][some] & _BROKEN == 0)
    rows["flags"][some[breaks]] |= _BROKEN
    rows["kept"][some[breaks]] = held[breaks]


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
    return _accrue_counted(rows, places, balances, by_day, regime, accrual.base, NO_TIER)


def _tiers(regime: Regime) -> tuple[int, int, Int64Column, Int64Column, bool]:
    return regime.start, regime.end, regime.thresholds, regime.rates, regime.by_slice


def _by_terms(
    rows: Rows, places: Int64Column, product: Product, interest: Interest
) -> list[tuple[Int64Column, int, int, int]]:
    """The places by what their rates depend on beside the day: months and days agreed, and since when rates are kept.

    That last is 0 where they follow, or are the contracts' own.
    """
    if not len(places):
        return []
    keeps = keeps_rates(product)
    if not interest.terms() and not keeps:
        return [(places, 0, 0, 0)]
    months, days = rows["months"][places], rows["days"][places]
    own = rows["rate"][places] != _NO_RATE
    if own.all() and not interest.own_tier:
        return [(places, int(months[0]), int(days[0]), 0)]
    since = np.where(own, 0, rows["start"][places]) if keeps else np.zeros(len(places), np.int32)
    terms = np.stack([months, days, since, own], axis=1)
    kinds, kind = np.unique(terms, axis=0, return_inverse=True)
    return [(places[kind.ravel() == k], of[0], of[1], of[2]) for k, of in enumerate(kinds.tolist())]


class _Columns(NamedTuple):
    """The fields an accrual reads and writes, by place; see CONTRACT."""

    whole: NDArray[np.int64]
    remainder: NDArray[np.int64]
    rate: NDArray[np.int64]
    spread: NDArray[np.int64]
    kept: NDArray[np.int64]
    account: NDArray[np.int32]
    through: NDArray[np.int32]
    settled: NDArray[np.int32]
    flags: NDArray[np.int32]


def _columns(rows: Rows) -> _Columns:
    return _Columns(*(rows[name] for name in _Columns._fields))


@compiled
def _own_interest(
    amount: Integer,
    rate: Integer,
    spread: Integer,
    thresholds: Int64Column,
    rates: Int64Column,
    by_slice: bool,
    own_tier: Integer,
    base: Integer,
) -> tuple[Integer, Integer]:
    """One day's interest of a positive amount at a contract's own rate from a tier on, as (whole, parts of D).

    Below that tier the product's rates stand.
    """
    rate = min(RATE_MAX, max(0, rate + spread))
    if own_tier == 0:
        return day_interest(amount, rate, base)
    below = min(amount, thresholds[own_tier])
    whole, parts = tier_interest(below, spread, thresholds, rates, by_slice, base)
    above_whole, above_parts = day_interest(amount - below, rate, base)
    return whole + above_whole, parts + above_parts


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
    own_tier: Integer,
    lower: Integer,
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
        late: Integer = np.int64(0)
        if lower != _NO_RATE and columns.flags[i] & _BROKEN != 0:
            late = max(np.int64(0), amount - columns.kept[i])
            amount -= late
        own, spread = columns.rate[i], columns.spread[i]
        day_whole, day_parts = np.int64(0), np.int64(0)
        if amount > 0 and own != _NO_RATE:
            day_whole, day_parts = _own_interest(amount, own, spread, thresholds, rates, by_slice, own_tier, base)
        elif amount > 0:
            day_whole, day_parts = tier_interest(amount, spread, thresholds, rates, by_slice, base)
        if late > 0:
            late_whole, late_parts = day_interest(late, lower, base)
            day_whole += late_whole
            day_parts += late_parts
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
    own_tier: int,
) -> int:
    """By the transaction method: what the principal has earned since the last settlement, counted anew each time.

    Contracts' own rates count from the tier `own_tier` on, or with NO_TIER not at all.
    """
    until = regime.end
    since = rows["settled"][places]
    standing = since < until
    if not standing.any():
        return 0
    first = int(since[standing].min())
    # One count for each day the period may have begun on, instead of one for each contract.
    starts = np.arange(first, until, dtype=np.int32)
    counts = days_many(convention, starts, np.full(len(starts), until, np.int32))
    return int(_accrue_periods(_columns(rows), places, balances, counts, first, *_tiers(regime), own_tier, base))


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
    own_tier: Integer,
    base: Integer,
) -> Integer:
    changed: Integer = np.int64(0)
    for j in range(len(places)):
        i: int = places[j]
        if columns.through[i] != start or columns.settled[i] >= until:
            continue
        columns.through[i] = until
        amount: Integer = max(np.int64(0), int(balances[columns.account[i]]))
        own, spread = columns.rate[i], columns.spread[i]
        if own_tier != NO_TIER and own != _NO_RATE:
            day_whole, day_parts = _own_interest(amount, own, spread, thresholds, rates, by_slice, own_tier, base)
        else:
            # What was priced at opening was for the term: after maturity it is over.
            spread = spread if own_tier != NO_TIER else np.int64(0)
            day_whole, day_parts = tier_interest(amount, spread, thresholds, rates, by_slice, base)
        count = counts[columns.settled[i] - first]
        total = day_parts * count
        carried = total // base
        whole = day_whole * count + carried
        changed += whole - columns.whole[i]
        columns.whole[i] = whole
        columns.remainder[i] = total - carried * base
    return changed


def forget_missed(rows: Rows, places: Int64Column) -> None:
    """Let instalment plans begin anew, in place: nothing is missed yet."""
    rows["missed"][places] = 0
    rows["kept"][places] = 0
    rows["flags"][places] &= ~_BROKEN


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


def withheld(product: Product, interest: Int64Column, flags: Int32Column, day: int) -> Int64Column:
    """The tax on interest (int64[n], minor units) that a settlement pays up to and including `day`, int64[n].

    `flags` (int32[n]) are the contracts'.
    """
    tax = product.one(Tax)
    if tax is None:
        return np.zeros(len(interest), np.int64)
    return tax.withhold(interest, flags & int(ContractFlag.COMPANY) != 0, day)


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
    accrual = product_on(until - 1).one(Accrual)
    if accrual is not None and not accrual.carry:
        paid = last_paid(rows[places], product_on, int(rows["settled"][places].min()), settled)
        fresh = places[rows["settled"][places] <= paid]
        day = paid[rows["settled"][places] <= paid] + 1
        rows["through"][fresh] = rows["settled"][fresh] = day
        rows["whole"][fresh] = rows["remainder"][fresh] = 0
    behind = places[rows["through"][places] < until]
    corrected = {entry.recorded for entry in rates.entries if entry.effective < entry.recorded < until}
    known = cache(rates.known)
    for start in np.unique(rows["through"][behind]).tolist():
        some = behind[rows["through"][behind] == start]
        for first, end in _stretches(product_on, start, until):
            cuts = [first, *sorted(day for day in corrected if first < day < end), end]
            for since, before in pairwise(cuts):
                # Each night counted with the rates it knew; what was corrected later it worked out anew and wrote.
                accrue(rows, some, balances, product_on(since), known(before - 1), since, before)


def last_paid(rows: Rows, product_on: Callable[[int], Product], first_day: int, day: int) -> Int32Column:
    """`last_settled` by what held on each day from a first one on, int32[n].

    A settlement that a later version has is none of the days before it.
    """
    paid = (rows["start"] - 1).astype(np.int32)
    for first, end in _stretches(product_on, first_day, day + 1):
        found = last_settled(product_on(first), end - 1, rows)
        paid = np.where(found >= first, found, paid).astype(np.int32)
    return paid


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
