"""Exact interest: accrued as whole minor units and a remainder, rounded once, when it is posted.

An accrual is the pair `(whole, remainder)` with `0 <= remainder < D`, `D = basis_days * 10**8`, and is worth exactly
`whole + remainder / D` minor units. Nothing is rounded along the way, so the days add up to the year. To post, round
the pair with `rounding.round_quotient(whole, remainder, remainder_base(basis_days), rule)`; what the posting leaves,
`(whole - posted, remainder)`, is carried on or dropped as the product says.

Why int64 is enough in `accrue_many`, for any int64 balance, `|rate| <= RATE_MAX = 2.5e8`, basis 360, 365 or 366:
with `q, r = divmod(balance, D)` it holds that `|q| <= 2**63 / 3.6e10 < 2.6e8`, so `|q * rate| < 6.5e16`; and
`0 <= r < D <= 3.66e10`, so `|r * rate| < 9.15e18 < 2**63 = 9.223e18`. One day's interest is therefore exact, again a
pair (w, f). For `|days| <= DAYS_MAX = 1e6` and an old remainder below D, `|f * days + remainder| < 3.67e16`. Only
`w * days + whole` depends on the data; its bound is computed before it is formed, and a breach is a fault.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from yinhe.kernel.bounds import INT64_MAX, largest_magnitude, require_int, require_int64
from yinhe.kernel.errors import OutOfRangeError
from yinhe.kernel.rates import RATE_MAX, RATE_ONE

BASIS_DAYS: Final = (360, 365, 366)
DAYS_MAX: Final = 1_000_000

Int64Column = npt.NDArray[np.int64]


def remainder_base(basis_days: int) -> int:
    """D, the parts of a minor unit: `basis_days * 10**8`. Raises `OutOfRangeError` for a basis not in `BASIS_DAYS`."""
    if basis_days not in BASIS_DAYS:
        raise OutOfRangeError(f"A year of {basis_days!r} days is none of {', '.join(map(str, BASIS_DAYS))}")
    return basis_days * RATE_ONE


def accrue(balance: int, rate: int, days: int, basis_days: int, whole: int = 0, remainder: int = 0) -> tuple[int, int]:
    """Add the interest of `balance` minor units at `rate` (units of 1e-8 a year) for `days` to an accrual.

    Balance, rate and days may be negative (a loan, a negative rate, days taken back). An accumulated balance (积数) is
    a balance for one day. Returns the new `(whole, remainder)`.
    Raises `InexactError` for what is not an int, `OutOfRangeError` beyond the bounds of the module or int64.
    """
    base = remainder_base(basis_days)
    require_int(balance, "Balance")
    require_int(rate, "Rate in units of 1e-8", least=-RATE_MAX, most=RATE_MAX)
    require_int(days, "Days", least=-DAYS_MAX, most=DAYS_MAX)
    require_int(remainder, "Remainder", least=0, most=base - 1)
    more, remainder = divmod(balance * rate * days + remainder, base)
    return require_int(whole + more, "Accrued interest"), remainder


def accrue_many(
    balance: Int64Column,
    rate: Int64Column,
    days: Int64Column,
    basis_days: int,
    whole: Int64Column,
    remainder: Int64Column,
) -> tuple[Int64Column, Int64Column]:
    """`accrue` on columns, int64[n] each; `rate` and `days` may also be int64[1], the same for every account.

    Returns the new `(whole, remainder)`, int64[n] each; the inputs are left alone.
    Raises `OutOfRangeError` beyond the bounds of the module or if a result might not fit int64, `InexactError` for a
    column of another type.
    """
    base = remainder_base(basis_days)
    require_int64("Each part of an accrual", balance, rate, days, whole, remainder)
    days_largest = largest_magnitude(days)
    if largest_magnitude(rate) > RATE_MAX:
        raise OutOfRangeError(f"A rate is outside ±{RATE_MAX:,} units of 1e-8")
    if days_largest > DAYS_MAX:
        raise OutOfRangeError(f"A number of days is outside ±{DAYS_MAX:,}")
    if remainder.size and not 0 <= int(remainder.min()) <= int(remainder.max()) < base:
        raise OutOfRangeError(f"A remainder is outside 0..{base - 1:,}")
    quotient = balance // base
    parts = (balance - quotient * base) * rate
    carried = parts // base
    day_whole = quotient * rate + carried
    total_parts = (parts - carried * base) * days + remainder
    carried = total_parts // base
    if largest_magnitude(day_whole) * days_largest + largest_magnitude(whole) + DAYS_MAX > INT64_MAX:
        raise OutOfRangeError("The interest of an account might not fit 64 bits; accrue fewer days at a time")
    return day_whole * days + whole + carried, total_parts - carried * base
