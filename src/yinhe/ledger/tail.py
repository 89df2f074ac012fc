"""The tail: committed journal rows of segments not sealed yet, kept in memory because nothing else indexes them."""

import threading
from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from yinhe.ledger.memory import ROW

SEARCHED_FIRST: Final = 1 << 14
"""Rows that a search looks at first."""


class _Piece:
    """Rows of one segment, with the columns that are searched once more, each close together."""

    def __init__(self, first_seq: int, end_seq: int) -> None:
        self.first_seq: Final = first_seq
        self.end_seq: Final = end_seq
        self.count: int = 0
        # Pages of an untouched np.empty cost nothing: a small bank's tail stays small.
        self.rows: Final[NDArray[np.void]] = np.empty(end_seq - first_seq, ROW)
        self.debit: Final[NDArray[np.int32]] = np.empty(end_seq - first_seq, np.int32)
        self.credit: Final[NDArray[np.int32]] = np.empty(end_seq - first_seq, np.int32)
        self.txn_lo: Final[NDArray[np.uint64]] = np.empty(end_seq - first_seq, np.uint64)

    def append(self, rows: NDArray[np.void]) -> None:
        end = self.count + len(rows)
        self.rows[self.count : end] = rows
        self.debit[self.count : end] = rows["debit"]
        self.credit[self.count : end] = rows["credit"]
        self.txn_lo[self.count : end] = rows["txn_lo"]
        self.count = end


class TailView:
    """The tail as it was at one moment; the engine's appending and forgetting do not touch it."""

    def __init__(self, first_seq: int, pieces: Sequence[_Piece]) -> None:
        self.first_seq: Final = first_seq
        self._newest_first: Final = [(piece, piece.count) for piece in reversed(pieces)]

    def of_account(self, account: int, before_seq: int, limit: int) -> NDArray[np.void]:
        """The newest `limit` rows of an account before `before_seq`, newest first; dtype ROW."""
        return self._newest(lambda column: column == account, before_seq, limit)

    def of_accounts(self, accounts: NDArray[np.int32], before_seq: int, limit: int) -> NDArray[np.void]:
        """The newest `limit` rows of any of some accounts before `before_seq`, newest first; dtype ROW."""
        return self._newest(lambda column: np.isin(column, accounts), before_seq, limit)

    def _newest(
        self, wanted: Callable[[NDArray[np.int32]], NDArray[np.bool_]], before_seq: int, limit: int
    ) -> NDArray[np.void]:
        """The newest rows of which a side is wanted; `wanted` tells it of a column of accounts."""
        found: list[NDArray[np.void]] = [np.zeros(0, ROW)]
        for piece, count in self._newest_first:
            end, room = bisect_left(piece.rows["seq"], before_seq, 0, count), SEARCHED_FIRST
            while end > 0 and limit > 0:
                # The newest are asked for most: longer and longer stretches backwards, until there are enough.
                start = max(0, end - room)
                stretch = slice(start, end)
                mine = wanted(piece.debit[stretch]) | wanted(piece.credit[stretch])
                found.append(piece.rows[start + np.flatnonzero(mine)[::-1][:limit]])
                limit -= len(found[-1])
                end, room = start, 2 * room
            if limit <= 0:
                break
        return np.concatenate(found)

    def range(self, first_seq: int, limit: int) -> NDArray[np.void]:
        """At most `limit` rows from `first_seq` on, in order; dtype ROW, of one segment not copied."""
        found: list[NDArray[np.void]] = []
        for piece, count in reversed(self._newest_first):
            start = bisect_left(piece.rows["seq"], first_seq, 0, count)
            found.append(piece.rows[start : min(count, start + limit)])
            limit -= len(found[-1])
            if limit <= 0:
                break
        # Joining records costs more than finding a few of them.
        found = [rows for rows in found if len(rows)] or [np.zeros(0, ROW)]
        return found[0] if len(found) == 1 else np.concatenate(found)

    def segment(self, first_seq: int) -> NDArray[np.void]:
        """The rows of the segment that begins at `first_seq`, none when not in memory; dtype ROW, not copied."""
        found = [piece.rows[:count] for piece, count in self._newest_first if piece.first_seq == first_seq]
        return found[0] if found else np.zeros(0, ROW)

    def of_transaction(self, hi: int, lo: int) -> NDArray[np.void]:
        """The rows of one transaction, in order; dtype ROW."""
        found: list[NDArray[np.void]] = [np.zeros(0, ROW)]
        for piece, count in reversed(self._newest_first):
            rows = piece.rows[np.flatnonzero(piece.txn_lo[:count] == np.uint64(lo))]
            found.append(rows[rows["txn_hi"] == np.uint64(hi)])
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
