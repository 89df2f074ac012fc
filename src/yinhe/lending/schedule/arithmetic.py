"""The arithmetic of a schedule: one source for machine integers, for Python's without bounds, and for exact numbers.

A denominator above 0 means money mode: amounts are whole minor units, rates whole units of 1e-8, and interest is a
pair `whole + remainder / denominator` (see `kernel.interest`, whose split of the balance is repeated here, so that no
product leaves 64 bits). A denominator of 0 means exact mode: amounts, rates and times are decimals, nothing is rounded,
and remainders are 0. All of it may be called from `@compiled` code.
"""

from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from yinhe.kernel.rates import RATE_ONE
from yinhe.kernel.rounding import Rounding, divide_round, round_quotient
from yinhe.ledger.compiled import compilable, compiled_instead

Number = Any
"""An int in money mode, a Decimal in exact mode."""

ROUNDING_CODES: Final = tuple(Rounding)
"""The rules of rounding by the numbers the machine knows them by."""

_HALF_UP: Final = ROUNDING_CODES.index(Rounding.HALF_UP)
_HALF_EVEN: Final = ROUNDING_CODES.index(Rounding.HALF_EVEN)
_DOWN: Final = ROUNDING_CODES.index(Rounding.DOWN)
_UP: Final = ROUNDING_CODES.index(Rounding.UP)
_CEILING: Final = ROUNDING_CODES.index(Rounding.CEILING)

FLOAT_ERROR: Final = 4e-16
"""What one step of an annuity in double precision may be off by, as a part of it: four roundings of 2**-53 each."""


@compilable
def accrued(
    whole: Number, remainder: Number, base: Number, rate: Number, count: Number, denominator: Number
) -> tuple[Number, Number]:
    """What accrued, with the interest of `base` at `rate` for `count` days (years in exact mode) added to it."""
    if denominator == 0:
        return whole + base * rate * count, remainder
    quotient = base // denominator
    parts = (base - quotient * denominator) * rate
    carried = parts // denominator
    total = (parts - carried * denominator) * count + remainder
    carried_total = total // denominator
    return whole + (quotient * rate + carried) * count + carried_total, total - carried_total * denominator


@compilable
def rounded(whole: Number, remainder: Number, denominator: Number, rule: int) -> Number:
    """What accrued as whole minor units, by a rule of `ROUNDING_CODES`; as it is in exact mode."""
    if denominator == 0 or remainder == 0:
        return whole
    above = denominator - remainder
    if rule == _HALF_UP:
        step = remainder > above or (remainder == above and whole >= 0)
    elif rule == _HALF_EVEN:
        step = remainder > above or (remainder == above and whole % 2 == 1)
    elif rule == _DOWN:
        step = whole < 0
    elif rule == _UP:
        step = whole >= 0
    else:
        step = rule == _CEILING
    return whole + 1 if step else whole


@compilable
def scaled(amount: Number, scale: Number, unit: Number) -> Number:
    """An amount times an index, `scale / unit`; in money mode rounded to the minor unit below."""
    if scale == unit:
        return amount
    if unit == 1:
        return amount * scale
    quotient = amount // unit
    return quotient * scale + (amount - quotient * unit) * scale // unit


@compilable
def shared(amount: Number, count: Number, denominator: Number, rule: int) -> Number:
    """One of `count` equal shares of an amount above zero, rounded in money mode."""
    if denominator == 0:
        return amount / count
    quotient = amount // count
    return rounded(quotient, amount - quotient * count, count, rule)


@compilable
def magnitude(amount: Number) -> Number:
    """How large an amount is, whatever its sign."""
    return amount if amount >= 0 else -amount


def annuity(
    principal: Number,
    whole: Number,
    remainder: Number,
    balloon: Number,
    rate: Number,
    ahead: Number,
    stretches: Any,
    first: int,
    last: int,
    denominator: Number,
    rule: int,
) -> tuple[Number, bool]:
    """The equal instalment, and whether it is sure.

    It repays `principal` (above zero), with what accrued, `whole + remainder / denominator`, in equal payments at
    the instalment dates of the places `first` to `last`, `balloon` being left with the last of them; `ahead` is the
    time to the first of them and `stretches[i]` that from date i to i + 1. With f(i) = 1 + rate · stretches[i] it is

        ((principal + accrued + rate · ahead · principal) · Π f(i) - balloon) / (1 + Σ Π f(j≥i))

    (ACTUS technical specification 1.1, section 3.9). Here it is exact: rounded once in money mode, not at all else.
    Compiled, it is computed in double precision, and not sure where that might fall to the other side of a tie.
    """
    if denominator == 0:
        growth, total = Decimal(1), Decimal(1)
        for place in range(last - 1, first - 1, -1):
            growth *= 1 + rate * stretches[place]
            total += growth
        return ((principal + whole + rate * ahead * principal) * growth - balloon) / total, True
    one, grown, sum_of_grown = Fraction(1), Fraction(1), Fraction(1)
    for place in range(last - 1, first - 1, -1):
        grown *= one + Fraction(int(rate) * int(stretches[place]), int(denominator))
        sum_of_grown += grown
    owed = principal + whole + Fraction(int(remainder) + int(rate) * int(ahead) * int(principal), int(denominator))
    payment = (owed * grown - balloon) / sum_of_grown
    return divide_round(payment.numerator, payment.denominator, ROUNDING_CODES[rule]), True


def _annuity_compiled(  # pragma: no cover - compiled; held equal to `annuity` by the property tests
    principal: Number,
    whole: Number,
    remainder: Number,
    balloon: Number,
    rate: Number,
    ahead: Number,
    stretches: Any,
    first: int,
    last: int,
    denominator: Number,
    rule: int,
) -> tuple[Number, bool]:
    """`annuity` in double precision, with a bound on its error."""
    if denominator == 0:
        return 0, False
    growth, total, factor, stretch = 1.0, 1.0, 1.0, 0
    for place in range(last - 1, first - 1, -1):
        if stretches[place] != stretch:
            stretch = stretches[place]
            factor = 1.0 + (rate * stretch) / denominator
        growth *= factor
        total += growth
    owed = principal + whole + remainder / denominator + principal * ((rate * ahead) / denominator)
    payment = (owed * growth - balloon) / total
    steps = last - first + 8
    error = steps * FLOAT_ERROR * ((owed * growth + balloon) / total) + 1e-9
    below = payment // 1
    part = payment - below
    # The rules of the nearest unit break in the middle between two, the others at the units themselves.
    distance = abs(part - 0.5) if rule in (_HALF_UP, _HALF_EVEN) else min(part, 1.0 - part)
    sure = payment < 4e15 and distance > error
    return rounded(int(below), int(part * 1_000_000), 1_000_000, rule), sure


compiled_instead(annuity, _annuity_compiled)


def interest_of(balance: int, rate: int, days: int, basis_days: int, rule: Rounding) -> int:
    """The interest of a balance for some days, rounded once; what a bank clerk computes by hand."""
    denominator = basis_days * RATE_ONE
    whole, remainder = accrued(0, 0, balance, rate, days, denominator)
    return round_quotient(whole, remainder, denominator, rule)
