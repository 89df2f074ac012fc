"""The one door to Numba: compiled functions keep their Python types."""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeAlias, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

Record: TypeAlias = Any
"""One record of a structured array: NumPy's types call it an array; Numba, which compiles, knows its fields."""
Records: TypeAlias = NDArray[Any]
"""A structured array whose items are read as `Record`."""
Integer: TypeAlias = int | np.integer[Any]
"""A whole number in compiled code, where Python's and NumPy's are the same."""

Params = ParamSpec("Params")
Result = TypeVar("Result")


def compiled(function: Callable[Params, Result]) -> Callable[Params, Result]:
    """Compile `function` to machine code at its first call, kept on disk for the next process; it runs without the GIL.

    The function must not make arrays: without Numba's reference counts, which only they need, a posting costs a third
    less.
    """
    # Numba ships no type information; this cast is the only place that vouches for it.
    njit = cast("Callable[..., Callable[[Callable[Params, Result]], Callable[Params, Result]]]", numba.njit)
    return njit(cache=True, nogil=True, _nrt=False)(function)
