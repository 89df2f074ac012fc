"""Identify: whoever asks must reach the account that is debited; else there is no such account for them."""

from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from yinhe.access.principal import Scope
from yinhe.deposits.book import Book
from yinhe.kernel.refusals import Refusal
from yinhe.ledger.outcomes import Outcome
from yinhe.storage.statements import load_statements
from yinhe.transact.facts import Bank
from yinhe.transact.piece import Piece
from yinhe.transact.refusals import LEDGER_REFUSALS
from yinhe.transact.state import State

REACHES_MAX: Final = 10_000
"""Sets of parties whose accounts are remembered; the one made first is forgotten first."""
_UNKNOWN: Final = LEDGER_REFUSALS[Outcome.UNKNOWN_ACCOUNT]


def identify(piece: Piece, state: State) -> Refusal | None:
    """Answer an account out of reach as one that is not there: the answer must not tell the two apart."""
    scope = piece.caller.scope
    if scope is None:
        return None
    account = piece.command.debit
    if not 0 < account < state.facts.count or not state.reaches.reaches(scope, account, state.facts.branch):
        return _UNKNOWN
    return None


class _Reach:
    """The accounts of some parties, as the book stood when they were read."""

    __slots__ = ("accounts", "book", "contracts", "handed_on")

    def __init__(self, book: Book) -> None:
        self.accounts: frozenset[int] = frozenset()
        self.book: Final = book
        self.contracts: Final = len(book)
        self.handed_on: Final = book.handed_on


class Reaches:
    """Which accounts parties hold: read once a set of parties, and again after contracts were opened or handed on."""

    def __init__(self, bank: Bank) -> None:
        """Nothing is read before it is asked for."""
        self._bank: Final = bank
        self._sql: Final = load_statements("transact")
        self._known: dict[frozenset[int], _Reach] = {}

    def forget(self) -> None:
        """Read all anew when asked next: after parties were merged or holders changed outside the book."""
        self._known = {}

    @property
    def stand(self) -> tuple[Book, int, int]:
        """Changes whenever contracts were opened or handed on, or are read anew."""
        book = self._bank.book
        return book, len(book), book.handed_on

    def reaches(self, scope: Scope, account: int, branches: NDArray[np.int32]) -> bool:
        """Whether a scope reaches an account that is there; `branches`, int32[n], by account index."""
        if scope.branches is not None and branches.item(account) not in scope.branches:
            return False
        return scope.parties is None or self._holds(scope.parties, account)

    def reach_many(self, scope: Scope, accounts: NDArray[np.int32], branches: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Whether a scope reaches accounts that are there, int32[n]: bool[n]."""
        reached = np.ones(len(accounts), np.bool_)
        if scope.branches is not None:
            reached &= np.isin(branches[accounts], np.fromiter(scope.branches, np.int64))
        if scope.parties is not None:
            held = self._fresh(scope.parties).accounts
            reached &= np.isin(accounts, np.fromiter(held, np.int64))
        return reached

    def _holds(self, parties: frozenset[int], account: int) -> bool:
        known = self._known.get(parties)
        book = self._bank.book
        if known is not None and known.book is book and known.handed_on == book.handed_on:
            # Contracts opened since take nothing away.
            if account in known.accounts:
                return True
            if known.contracts == len(book):
                return False
        return account in self._read(parties).accounts

    def _fresh(self, parties: frozenset[int]) -> _Reach:
        known = self._known.get(parties)
        book = self._bank.book
        if (
            known is None
            or known.book is not book
            or (known.contracts, known.handed_on)
            != (
                len(book),
                book.handed_on,
            )
        ):
            return self._read(parties)
        return known

    def _read(self, parties: frozenset[int]) -> _Reach:
        book = self._bank.book
        # Made first: what is opened meanwhile makes it stale, not wrong.
        made = _Reach(book)
        made.accounts = frozenset(self.accounts_of(parties))
        while len(self._known) >= REACHES_MAX:
            del self._known[next(iter(self._known))]
        self._known[parties] = made
        return made

    def accounts_of(self, parties: Iterable[int]) -> list[int]:
        """The accounts of the deposit contracts that parties (their numbers) hold now."""
        holders = [str(party) for party in parties]
        if not holders:
            return []
        with self._bank.connect() as session:
            rows = session.execute(self._sql["contracts_held"], {"holders": holders}).fetchall()
        book = self._bank.book
        contracts = np.array([row[0] for row in rows if row[0] <= len(book)], np.int64)
        return book.rows["account"][contracts - 1].tolist()
