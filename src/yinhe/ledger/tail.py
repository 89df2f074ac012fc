"""The tail: committed journal rows of segments not sealed yet, kept in memory because nothing else indexes them."""

import threading
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from yinhe.ledger.machine import ROW


class _Piece:
    """Rows of one segment, with the two account columns once more, close together for scanning."""

    def __init__(self, first_seq: int, end_seq: int) -> None:
        self.first_seq: Final = first_seq
        self.end_seq: Final = end_seq
        self.count: int = 0
        # Pages of an untouched np.empty cost nothing: a small bank's tail stays small.
        self.rows: Final[NDArray[np.void]] = np.empty(end_seq - first_seq, ROW)
        self.debit: Final[NDArray[np.int32]] = np.empty(end_seq - first_seq, np.int32)
        self.credit: Final[NDArray[np.int32]] = np.empty(end_seq - first_seq, np.int32)

    def append(self, rows: NDArray[np.void]) -> None:
        end = self.count + len(rows)
        self.rows[self.count : end] = rows
        self.debit[self.count : end] = rows["debit"]
        self.credit[self.count : end] = rows["credit"]
        self.count = end


class TailView:
    """The tail as it was at one moment; the engine's appending and forgetting do not touch it."""

    def __init__(self, first_seq: int, pieces: Sequence[_Piece]) -> None:
        self.first_seq: Final = first_seq
        self._newest_first: Final = [
            (p.rows[: p.count], p.debit[: p.count], p.credit[: p.count]) for p in reversed(pieces)
        ]

    def of_account(self, account: int, before_seq: int, limit: int) -> NDArray[np.void]:
        """The newest `limit` rows of an account before `before_seq`, newest first; dtype ROW."""
        found: list[NDArray[np.void]] = [np.zeros(0, ROW)]
        for rows, debit, credit in self._newest_first:
            places = np.flatnonzero((debit == account) | (credit == account))
            places = places[: np.searchsorted(rows["seq"][places], before_seq)][::-1][:limit]
            found.append(rows[places])
            limit -= len(places)
            if limit <= 0:
                break
        return np.concatenate(found)

    def range(self, first_seq: int, limit: int) -> NDArray[np.void]:
        """At most `limit` rows from `first_seq` on, in order; dtype ROW."""
        found: list[NDArray[np.void]] = [np.zeros(0, ROW)]
        for rows, _, _ in reversed(self._newest_first):
            start = int(np.searchsorted(rows["seq"], first_seq))
            found.append(rows[start : start + limit])
            limit -= len(found[-1])
            if limit <= 0:
                break
        return np.concatenate(found)

    def of_transaction(self, hi: int, lo: int) -> NDArray[np.void]:
        """The rows of one transaction, in order; dtype ROW."""
        found: list[NDArray[np.void]] = [np.zeros(0, ROW)]
        for rows, _, _ in reversed(self._newest_first):
            found.append(rows[(rows["txn_lo"] == np.uint64(lo)) & (rows["txn_hi"] == np.uint64(hi))])
        return np.concatenate(found)


class Tail:
    """Rows from `first_seq` on, in pieces of `segment_rows` seqs; readers take a view while the engine appends."""

    def __init__(self, first_seq: int, segment_rows: int) -> None:
        self.segment_rows: Final = segment_rows
        self._pieces: list[_Piece] = []
        self._lock: Final = threading.Lock()
        self.first_seq: int = first_seq

    def append(self, rows: NDArray[np.void]) -> None:
        """Add committed rows (dtype ROW), in order."""
        with self._lock:
            while len(rows):
                seq = int(rows["seq"][0])
                if not self._pieces or seq >= self._pieces[-1].end_seq:
                    first = seq - (seq - 1) % self.segment_rows
                    self._pieces.append(_Piece(first, first + self.segment_rows))
                split = int(np.searchsorted(rows["seq"], self._pieces[-1].end_seq))
                self._pieces[-1].append(rows[:split])
                rows = rows[split:]

    def drop_before(self, seq: int) -> None:
        """Forget the rows before `seq`: their segments are sealed."""
        with self._lock:
            self._pieces = [piece for piece in self._pieces if piece.end_seq > seq]
            self.first_seq = max(self.first_seq, seq)

    def view(self) -> TailView:
        """The tail at this moment."""
        with self._lock:
            return TailView(self.first_seq, self._pieces)
