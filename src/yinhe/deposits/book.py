"""All contracts of a unit in memory: contract c is row c - 1."""

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from yinhe.deposits.columns import ContractFlag
from yinhe.deposits.table import ContractTable

_ROOM_LEAST: Final = 1_024
_NOWHERE: Final = -1


class Book:
    """The contracts as columns, for reading, and for changes that have been made durable."""

    def __init__(self, rows: NDArray[np.void]) -> None:
        """Take over the rows of all contracts, dtype CONTRACT, shape (n,), in order and without a gap."""
        self.rows: Final = ContractTable(rows)
        """Every contract, closed ones too."""
        self._places: NDArray[np.int32] = np.zeros(0, np.int32)
        self._groups: Mapping[int, NDArray[np.int64]] | None = None
        self.handed_on: int = 0
        """How often a contract passed to another holder; whoever remembers who holds what looks again."""
        self._note_accounts(0)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def next_number(self) -> int:
        """The number the next contract gets."""
        return len(self.rows) + 1

    def row(self, contract: int) -> NDArray[np.void] | None:
        """A copy of one contract's row, shape (1,); None where there is no such contract."""
        if not 0 < contract <= len(self.rows):
            return None
        return self.rows[contract - 1 : contract]

    def open_places(self) -> NDArray[np.int64]:
        """The places (contract number - 1) of all open contracts, ascending, int64[k]."""
        return np.flatnonzero(self.rows["flags"] & np.int32(ContractFlag.OPEN)).astype(np.int64)

    def by_version(self) -> Mapping[int, NDArray[np.int64]]:
        """The places of the open contracts of each product version, ascending, int64[k]; versions ascending."""
        if self._groups is None:
            self._groups = self._grouped()
        return self._groups

    def regroup(self) -> None:
        """Note that contracts were closed, or renewed on another version, in place."""
        self._groups = None

    def _grouped(self) -> Mapping[int, NDArray[np.int64]]:
        places = self.open_places()
        versions = self.rows["version"][places]
        # A stable sort keeps the places of one version in order.
        order = np.argsort(versions, kind="stable")
        found, starts = np.unique(versions[order], return_index=True)
        parts = np.split(places[order], starts[1:])
        return dict(zip(found.tolist(), parts, strict=True)) if len(found) else {}

    def of_account(self, account: int) -> int:
        """The place of the contract whose principal lies on an account, -1 where there is none."""
        return int(self._places[account]) if 0 < account < len(self._places) else _NOWHERE

    def of_accounts(self, accounts: NDArray[np.int32]) -> NDArray[np.int32]:
        """The places, int32[n], of the contracts of accounts, int32[n]; -1 where there is none."""
        known = (accounts > 0) & (accounts < len(self._places))
        return np.where(known, self._places[np.where(known, accounts, 0)], np.int32(_NOWHERE))

    def append(self, rows: NDArray[np.void]) -> None:
        """Add contracts with the next numbers, dtype CONTRACT; views handed out before may go stale."""
        first = len(self.rows)
        self.rows.append(rows)
        self.regroup()
        self._note_accounts(first)

    def put(self, rows: NDArray[np.void]) -> None:
        """Put changed contracts in the place of what they were, dtype CONTRACT."""
        self.rows[rows["contract"] - 1] = rows
        self.regroup()

    def _note_accounts(self, first: int) -> None:
        accounts = self.rows["account"][first:]
        most = int(accounts.max(initial=0))
        if most >= len(self._places):
            places = np.full(max(most + 1, 2 * len(self._places), _ROOM_LEAST), _NOWHERE, np.int32)
            places[: len(self._places)] = self._places
            self._places = places
        self._places[accounts] = np.arange(first, len(self.rows), dtype=np.int32)
        self._places[0] = _NOWHERE
