"""The bounds of an int64 column, and the checks that keep a value exact and inside them."""

from typing import Final

import numpy as np
import numpy.typing as npt

from yinhe.kernel.errors import InexactError, OutOfRangeError

INT64_MIN: Final = -(2**63)
INT64_MAX: Final = 2**63 - 1


def require_int(value: int, what: str, *, least: int = INT64_MIN, most: int = INT64_MAX) -> int:
    """Return `value` if it is a plain `int` in `least..most`.

    Raises `InexactError` for a float, a bool, a NumPy scalar or anything else, `OutOfRangeError` beyond the bounds.
    """
    if type(value) is not int:
        raise InexactError(f"{what} must be an int, not {type(value).__name__} {value!r}")
    if not least <= value <= most:
        raise OutOfRangeError(f"{what} {value:,} is outside {least:,}..{most:,}")
    return value


def require_int64(what: str, *columns: npt.NDArray[np.int64]) -> None:
    """Refuse a column of another type, which could overflow early or, as a float, lose units. Raises `InexactError`."""
    for column in columns:
        if column.dtype != np.int64:
            raise InexactError(f"{what} must be a column of int64, not {column.dtype}")


def largest_magnitude(column: npt.NDArray[np.signedinteger]) -> int:
    """The largest absolute value in a column, 0 if it is empty; exact also for the lowest int64."""
    return max(int(column.max()), -int(column.min())) if column.size else 0


def exact_sum(values: npt.NDArray[np.int64]) -> int:
    """The sum of int64 values as a Python integer: halves are summed apart, so that nothing overflows."""
    return (int((values >> 32).sum()) << 32) + int((values & 0xFFFF_FFFF).sum())
