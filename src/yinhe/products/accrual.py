"""The interest of many accounts for some days, exact: one computation for a studio's single account and for the night.

An accrual is a pair (whole minor units, remainder over D = basis_days * 10^8); see `kernel.interest` for why int64 is
enough. A balance below zero earns nothing here.
"""

import numpy as np

from yinhe.kernel.daycount import DayCount, days_many
from yinhe.kernel.interest import remainder_base
from yinhe.kernel.rates import RATE_MAX
from yinhe.ledger.compiled import Integer, compiled
from yinhe.products.parts.base import Int32Column, Int64Column, Regime


@compiled
def day_interest(amount: Integer, rate: Integer, base: Integer) -> tuple[Integer, Integer]:
    """One day's interest of an amount >= 0 at a rate >= 0, as (whole, parts of D); for compiled code."""
    quotient = amount // base
    parts = (amount - quotient * base) * rate
    carried = parts // base
    return quotient * rate + carried, parts - carried * base


@compiled
def tier_interest(
    amount: Integer, spread: Integer, thresholds: Int64Column, rates: Int64Column, by_slice: bool, base: Integer
) -> tuple[Integer, Integer]:
    """One day's interest of a positive amount by tiers (see `Regime`), as (whole, parts of D); compiled code only."""
    tiers = len(thresholds)
    if by_slice and tiers > 1:
        whole, parts = np.int64(0), np.int64(0)
        for k in range(tiers):
            if amount <= thresholds[k]:
                break
            top = amount if k + 1 == tiers else min(amount, thresholds[k + 1])
            rate = min(RATE_MAX, max(0, rates[k] + spread))
            slice_whole, slice_parts = day_interest(top - thresholds[k], rate, base)
            whole += slice_whole
            parts += slice_parts
        return whole, parts
    k = tiers - 1
    while thresholds[k] > amount:
        k -= 1
    return day_interest(amount, min(RATE_MAX, max(0, rates[k] + spread)), base)


@compiled
def _accrue(
    balance: Int64Column,
    spread: Int64Column,
    days: Integer,
    thresholds: Int64Column,
    rates: Int64Column,
    by_slice: bool,
    base: Integer,
    whole: Int64Column,
    remainder: Int64Column,
) -> None:
    last = len(spread) - 1
    for i in range(len(balance)):
        if balance[i] > 0:
            day_whole, day_parts = tier_interest(balance[i], spread[min(i, last)], thresholds, rates, by_slice, base)
            total = day_parts * days + remainder[i]
            carried = total // base
            whole[i] += day_whole * days + carried
            remainder[i] = total - carried * base


def accrue_regime(
    regime: Regime,
    basis_days: int,
    balance: Int64Column,
    spread: Int64Column,
    whole: Int64Column,
    remainder: Int64Column,
) -> None:
    """Add the interest of the regime's days to accruals, in place.

    `balance` (minor units, the same on each of the days), `whole` and `remainder` are int64[n]; `spread` (1e-8, added
    to every tier's rate, which never falls below zero) is int64[n] or int64[1].
    """
    days = regime.end - regime.start
    base = remainder_base(basis_days)
    _accrue(balance, spread, days, regime.thresholds, regime.rates, regime.by_slice, base, whole, remainder)


def accrue_since(
    convention: DayCount,
    basis_days: int,
    principal: Int64Column,
    rate: Int64Column,
    start: Int32Column,
    end: Int32Column,
) -> tuple[Int64Column, Int64Column]:
    """The interest of principals from start to end by the transaction method (逐笔计息): (whole, remainder).

    int64[n] and int32[n] each; `rate` in 1e-8 a year. The days are counted by `convention`; with CN_MONTHS_DAYS a full
    month is a twelfth of a year and odd days are days of a year of 360. Principals below zero earn nothing.
    """
    base = remainder_base(basis_days)
    count = days_many(convention, start, end)
    whole = np.zeros(len(principal), np.int64)
    remainder = np.zeros(len(principal), np.int64)
    _accrue_counted(principal, rate, count, base, whole, remainder)
    return whole, remainder


@compiled
def _accrue_counted(
    principal: Int64Column,
    rate: Int64Column,
    count: Int64Column,
    base: Integer,
    whole: Int64Column,
    remainder: Int64Column,
) -> None:
    for i in range(len(principal)):
        if principal[i] > 0:
            day_whole, day_parts = day_interest(principal[i], rate[i], base)
            total = day_parts * count[i]
            carried = total // base
            whole[i] = day_whole * count[i] + carried
            remainder[i] = total - carried * base
