"""Whose an account is: the contract or loan it belongs to, and the party that holds it."""

import threading
from collections.abc import Iterable, Mapping
from typing import Final, Protocol, TypeAlias

import numpy as np
import psycopg
from numpy.typing import NDArray

from yinhe.access.principal import Scope
from yinhe.audit.record import parties_in
from yinhe.deposits.book import Book
from yinhe.feed.event import Wanted
from yinhe.kernel.account_number import decode
from yinhe.kernel.errors import KernelError
from yinhe.ledger.ledger import Ledger
from yinhe.lending.book import LoanBook
from yinhe.storage.statements import load_statements

Accounts: TypeAlias = NDArray[np.int32]


_LOAN_ACCOUNTS: Final = ("account", "receivable")
_TRANSACTION: Final = "transaction/"


class Books(Protocol):
    """The contracts and loans in memory; they may be read again, so ask each time."""

    @property
    def book(self) -> Book:
        """The contracts."""
        ...

    @property
    def loans(self) -> LoanBook:
        """The loans."""
        ...


class Owners:
    """Looks owners up for one page after the other; safe between threads."""

    def __init__(self, ledger: Ledger, books: Books) -> None:
        self._ledger: Final = ledger
        self._books: Final = books
        self._sql: Final = load_statements("feed")
        self._lock: Final = threading.Lock()
        self._known_book: LoanBook | None = None
        self._known = 0
        self._loan_of: NDArray[np.int32] = np.zeros(0, np.int32)

    def objects_of(self, accounts: Iterable[int]) -> Mapping[int, str]:
        """What accounts belong to, as `contract/7` and `loan/3`; the bank's own are left out."""
        wanted = np.unique(np.fromiter(accounts, np.int32))
        places = self._books.book.of_accounts(wanted)
        found = {
            int(at): f"contract/{place + 1}" for at, place in zip(wanted, places.tolist(), strict=True) if place >= 0
        }
        loan_of = self._loans()
        for account in wanted[wanted < len(loan_of)].tolist():
            if loan_of[account]:
                found.setdefault(account, f"loan/{loan_of[account]}")
        return found

    def _loans(self) -> NDArray[np.int32]:
        """The loan of each account, 0 for none, int32[n]; loans come to it and never go."""
        with self._lock:
            book = self._books.loans
            if book is not self._known_book:
                self._known_book, self._known, self._loan_of = book, 0, np.zeros(0, np.int32)
            fresh = book.rows[self._known :]
            if len(fresh):
                most = max(int(fresh[name].max()) for name in _LOAN_ACCOUNTS)
                if most >= len(self._loan_of):
                    wider = np.zeros(max(most + 1, 2 * len(self._loan_of)), np.int32)
                    wider[: len(self._loan_of)] = self._loan_of
                    self._loan_of = wider
                for name in _LOAN_ACCOUNTS:
                    self._loan_of[fresh[name]] = fresh["loan"]
                self._known += len(fresh)
            return self._loan_of

    def parties_of(self, session: psycopg.Connection, objects: Iterable[str]) -> Mapping[str, tuple[int, ...]]:
        """The party that holds each of some contracts and loans, where it is one."""
        numbers: dict[str, list[int]] = {"contract": [], "loan": []}
        for one in set(objects):
            kind, _, number = one.partition("/")
            if kind in numbers and number.isdecimal():
                numbers[kind].append(int(number))
        found: dict[str, tuple[int, ...]] = {}
        for kind, name in (("contract", "contract_holders"), ("loan", "loan_borrowers")):
            if numbers[kind]:
                for number, holder in session.execute(self._sql[name], {"numbers": numbers[kind]}):
                    found[f"{kind}/{number}"] = parties_in(str(holder))
        return found

    def account_of(self, what: str) -> int:
        """The principal's account of a contract or loan, 0 where there is none."""
        kind, _, number = what.partition("/")
        if not number.isdecimal():
            return 0
        row = None
        if kind == "contract":
            row = self._books.book.row(int(number))
        elif kind == "loan":
            row = self._books.loans.row(int(number))
        return 0 if row is None else int(row["account"][0])

    def branches_of(self, accounts: Iterable[int]) -> list[int]:
        """The branch of each account, -1 where there is no such account."""
        columns = self._ledger.engine.core.columns
        return [int(columns.branch[account]) if 0 < account < columns.count else -1 for account in accounts]

    def in_branches(self, accounts: Accounts, branches: frozenset[int]) -> NDArray[np.bool_]:
        """Whether each account, int32[n], is kept in one of some branches."""
        return np.isin(self._ledger.engine.core.columns.branch[accounts], sorted(branches))

    def accounts_wanted(self, session: psycopg.Connection, wanted: Wanted, reach: Scope) -> Accounts | None:
        """The accounts whose postings a reader wants and may have; None for all of them."""
        sets: list[set[int]] = []
        if wanted.object is not None and not wanted.object.startswith(_TRANSACTION):
            sets.append(self._accounts_of(wanted.object))
        if wanted.party is not None:
            sets.append(self.accounts_held(session, frozenset((wanted.party,))))
        if reach.parties is not None:
            sets.append(self.accounts_held(session, reach.parties))
        if not sets:
            return None
        both = sets[0].intersection(*sets[1:])
        return np.array(sorted(both), np.int32)

    def _accounts_of(self, what: str) -> set[int]:
        kind, _, number = what.partition("/")
        if kind == "account":
            try:
                decoded = decode(number)
            except KernelError:
                return set()
            return {decoded.index} if decoded.unit == self._ledger.engine.core.unit else set()
        found = {self.account_of(what)}
        if kind == "loan" and number.isdecimal():
            row = self._books.loans.row(int(number))
            found |= set() if row is None else {int(row["receivable"][0])}
        return found - {0}

    def accounts_held(self, session: psycopg.Connection, parties: frozenset[int]) -> set[int]:
        """The accounts of the contracts and loans of some parties."""
        given = {"parties": [str(party) for party in parties]}
        contracts = [int(row[0]) for row in session.execute(self._sql["contracts_held"], given)]
        loans = [int(row[0]) for row in session.execute(self._sql["loans_owed"], given)]
        found = {self.account_of(f"contract/{contract}") for contract in contracts}
        for loan in loans:
            found |= self._accounts_of(f"loan/{loan}")
        return found - {0}
