"""Contracts as one array a field: a pass over millions reads only the fields it needs, each close together.

It is read and written like an array of dtype CONTRACT: `table["flags"]` is a column, `table[places]` are rows, copied.
"""

from typing import Any, TypeAlias, overload

import numpy as np
from numpy.typing import NDArray

from yinhe.deposits.columns import CONTRACT

_NAMES = CONTRACT.names or ()
_ROOM_LEAST = 1_024

Places: TypeAlias = "NDArray[np.int64] | NDArray[np.intp] | NDArray[np.int32] | NDArray[np.bool_] | slice"
"""Which rows: indexes, a mask, or a slice."""


class ContractTable:
    """All rows there are, with room to grow."""

    def __init__(self, rows: NDArray[np.void]) -> None:
        """Take rows over, dtype CONTRACT, shape (n,)."""
        self._count = len(rows)
        self._columns: dict[str, NDArray[Any]] = {name: np.ascontiguousarray(rows[name]) for name in _NAMES}

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, key: str) -> NDArray[Any]: ...
    @overload
    def __getitem__(self, key: int) -> np.void: ...
    @overload
    def __getitem__(self, key: Places) -> NDArray[np.void]: ...
    def __getitem__(self, key: "str | int | Places") -> Any:
        """Return a column (a view, good until rows are appended), one row, or a copy of rows, dtype CONTRACT."""
        if isinstance(key, str):
            return self._columns[key][: self._count]
        if isinstance(key, int):
            return self[slice(key, key + 1 or None)][0]
        first = self["contract"][key]
        rows = np.zeros(len(first), CONTRACT)
        for name in _NAMES:
            rows[name] = self[name][key]
        return rows

    def __setitem__(self, key: Places, rows: NDArray[np.void]) -> None:
        """Write rows, dtype CONTRACT."""
        for name in _NAMES:
            self[name][key] = rows[name]

    def append(self, rows: NDArray[np.void]) -> None:
        """Add rows, dtype CONTRACT; columns handed out before may go stale."""
        end = self._count + len(rows)
        if end > len(self._columns["contract"]):
            for name, old in self._columns.items():
                wider = np.zeros(max(end, 2 * len(old), _ROOM_LEAST), old.dtype)
                wider[: self._count] = old[: self._count]
                self._columns[name] = wider
        first, self._count = self._count, end
        self[first:end] = rows

    def copy(self) -> "ContractTable":
        """Another table of the same rows."""
        return ContractTable(self[:])


Rows: TypeAlias = "NDArray[np.void] | ContractTable"
"""Contracts by field and by place: an array of dtype CONTRACT, or a table of one array a field."""
