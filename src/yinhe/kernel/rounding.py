"""Rounding to a whole unit: one closed set of rules, exact on Python ints and on int64 columns."""

from enum import Enum
from typing import assert_never

import numpy as np
import numpy.typing as npt

from yinhe.kernel.bounds import require_int64
from yinhe.kernel.errors import OutOfRangeError

Int64Column = npt.NDArray[np.int64]


class Rounding(Enum):
    """Where a value between two whole units goes."""

    HALF_UP = "half_up"
    """To the nearest; a tie goes away from zero (四舍五入), so 0.5 gives 1 and -0.5 gives -1."""
    HALF_EVEN = "half_even"
    """To the nearest; a tie goes to the even neighbour (banker's rounding)."""
    DOWN = "down"
    """Toward zero."""
    UP = "up"
    """Away from zero."""
    FLOOR = "floor"
    """Toward minus infinity."""
    CEILING = "ceiling"
    """Toward plus infinity."""


def divide_round(numerator: int, denominator: int, rounding: Rounding) -> int:
    """The quotient of two ints of any sign and size as a whole number. Raises `OutOfRangeError` if divided by zero."""
    if denominator == 0:
        raise OutOfRangeError("Division by zero")
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    return round_quotient(*divmod(numerator, denominator), denominator, rounding)


def round_quotient(quotient: int, remainder: int, denominator: int, rounding: Rounding) -> int:
    """Round `quotient + remainder / denominator`, the pair `divmod` gives, to a whole number.

    Raises `OutOfRangeError` unless `0 <= remainder < denominator`.
    """
    if not 0 <= remainder < denominator:
        raise OutOfRangeError(f"Remainder {remainder:,} is outside 0..{denominator - 1:,}")
    negative, twice = quotient < 0, 2 * remainder
    match rounding:
        case Rounding.HALF_UP:
            step = twice > denominator or (twice == denominator and not negative)
        case Rounding.HALF_EVEN:
            step = twice > denominator or (twice == denominator and quotient % 2 == 1)
        case Rounding.DOWN:
            step = remainder > 0 and negative
        case Rounding.UP:
            step = remainder > 0 and not negative
        case Rounding.FLOOR:
            step = False
        case Rounding.CEILING:
            step = remainder > 0
        case _:
            assert_never(rounding)
    return quotient + step


def divide_round_many(numerator: Int64Column, denominator: int, rounding: Rounding) -> Int64Column:
    """The quotients of an int64[n] column by one positive int64 as whole numbers, int64[n].

    Raises `OutOfRangeError` if the denominator is not positive, `InexactError` for another type of column.
    """
    require_int64("Numerator", numerator)
    if denominator <= 0:
        raise OutOfRangeError(f"Denominator {denominator:,} of a column must be positive")
    quotient = numerator // denominator
    return round_quotient_many(quotient, numerator - quotient * denominator, denominator, rounding)


def round_quotient_many(
    quotient: Int64Column, remainder: Int64Column, denominator: int, rounding: Rounding
) -> Int64Column:
    """Round the pairs `quotient + remainder / denominator`, int64[n] each, to whole numbers, int64[n].

    Raises `OutOfRangeError` unless every remainder is in `0..denominator - 1`, `InexactError` for another type
    of column.
    """
    require_int64("Each part of a rounding", quotient, remainder)
    if remainder.size and not 0 <= int(remainder.min()) <= int(remainder.max()) < denominator:
        raise OutOfRangeError(f"A remainder is outside 0..{denominator - 1:,}")
    # The distance to the unit above, not twice the remainder: the double of an int64 need not be one.
    negative, above = quotient < 0, denominator - remainder
    match rounding:
        case Rounding.HALF_UP:
            step = (remainder > above) | ((remainder == above) & ~negative)
        case Rounding.HALF_EVEN:
            step = (remainder > above) | ((remainder == above) & (quotient % 2 == 1))
        case Rounding.DOWN:
            step = (remainder > 0) & negative
        case Rounding.UP:
            step = (remainder > 0) & ~negative
        case Rounding.FLOOR:
            return quotient.copy()
        case Rounding.CEILING:
            step = remainder > 0
        case _:
            assert_never(rounding)
    return quotient + step
