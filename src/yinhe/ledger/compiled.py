"""The one door to Numba, `@compiled`: functions keep their Python types, and are never older than their sources."""

import hashlib
import os
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, ParamSpec, TypeAlias, TypeVar, cast

import numba
import numpy as np
from numba import extending
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
    config = cast("Any", numba).config
    elsewhere = config.CACHE_DIR
    config.CACHE_DIR = _cache_folder() or elsewhere
    try:
        return njit(cache=True, nogil=True, _nrt=False)(function)
    finally:
        config.CACHE_DIR = elsewhere


def compilable(function: Callable[Params, Result]) -> Callable[Params, Result]:
    """Let `@compiled` code call a plain function, which is compiled with it; called from Python it stays plain Python.

    So one source serves machine integers and Python's own, which have no bounds, or decimals.
    """
    register = cast("Any", extending).register_jitable
    return cast("Callable[Params, Result]", register(function))


def compiled_instead(plain: Callable[..., Any], compiled_source: Callable[..., Any]) -> None:
    """Let `@compiled` code that calls `plain` run `compiled_source` in its place, which takes the same arguments."""

    def choose(*_: Any) -> Callable[..., Any]:
        return compiled_source

    cast("Any", extending).overload(plain, strict=False)(choose)


@cache
def _cache_folder() -> str | None:
    """A folder for this state of the sources; None, for Numba's own choice, where the sources' folder is read-only.

    Numba looks at the age of a function's own file only, not at that of the functions it calls: a change in one module
    would leave the others with its old code inside.
    """
    sources = Path(__file__).parent
    if not os.access(sources, os.W_OK):
        return None
    texts = (path.read_bytes() for path in sorted(sources.parent.rglob("*.py")))
    digest = hashlib.sha256(b"".join(text for text in texts if b"@compiled" in text)).hexdigest()
    folder = sources / "__pycache__" / f"compiled-{digest[:16]}"
    for older in folder.parent.glob("compiled-*"):
        # Another process that still runs the older code has it in memory.
        if older != folder:
            shutil.rmtree(older, ignore_errors=True)
    return str(folder)
