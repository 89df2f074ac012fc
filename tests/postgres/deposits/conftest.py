"""Deposits on a ledger on a real PostgreSQL: a till with money in it, and the products of the library."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from tests.conftest import UnitDatabase
from tests.postgres.ledger.conftest import CNY, MONDAY, START_US, ledger_at
from tests.unit.deposits.shelf import shelf

from yinhe.deposits.holding import DayHolding
from yinhe.deposits.service import Deposits
from yinhe.kernel.clock import ManualClock
from yinhe.ledger.accounts import openings
from yinhe.ledger.columns import AMOUNT_MAX
from yinhe.ledger.errors import UnitTaken
from yinhe.ledger.ledger import Ledger
from yinhe.products.catalogue import Catalogue

DAY_US = 86_400_000_000
ATTEMPTS_MAX = 100


@dataclass
class Branch:
    """A branch that may be closed and opened again."""

    unit: UnitDatabase
    clock: ManualClock
    ledger: Ledger
    deposits: Deposits
    till: int
    purse: int
    """An account of a customer outside the contracts."""

    def balance(self, account: int) -> int:
        return self.ledger.account(account).balance_minor

    def pool(self, gl_code: int, code: str) -> int:
        number = self.deposits.catalogue.product(self.version(code)).number
        return self.balance(self.deposits.pools.account(gl_code, CNY, number))

    def version(self, code: str) -> int:
        return self.deposits.catalogue.id_of(code, 1)

    def days_later(self, days: int) -> None:
        self.clock.advance(days * DAY_US)
        self.ledger.roll_date(self.ledger.business_date + days)

    def reopen(self) -> None:
        """As after a kill: memory is gone, the database stays."""
        self.close()
        self.ledger = reopened(self.unit, self.clock)
        self.deposits = Deposits(DayHolding(self.ledger, self.deposits.catalogue, self.unit.connect))

    def close(self) -> None:
        self.deposits.close()
        self.ledger.close()


def reopened(unit: UnitDatabase, clock: ManualClock) -> Ledger:
    """The unit again: the server may take a moment to notice that its session has gone."""
    for _ in range(ATTEMPTS_MAX):
        try:
            return ledger_at(unit.url, unit.unit, clock)
        except UnitTaken:
            threading.Event().wait(0.05)
    raise AssertionError("the unit was never free again")


OpenBranch = Callable[..., Branch]


@pytest.fixture
def open_branch(empty_unit: UnitDatabase) -> Iterator[OpenBranch]:
    opened: list[Branch] = []

    def open_(catalogue: Catalogue | None = None) -> Branch:
        clock = ManualClock(START_US)
        ledger = ledger_at(empty_unit.url, empty_unit.unit, clock)
        deposits = Deposits(DayHolding(ledger, catalogue or shelf(), empty_unit.connect))
        till, purse = ledger.open_accounts(openings(2, currency=CNY, gl_code=1001, floor=-AMOUNT_MAX))
        opened.append(Branch(empty_unit, clock, ledger, deposits, till, purse))
        return opened[-1]

    yield open_
    for branch in opened:
        branch.close()


@pytest.fixture
def branch(open_branch: OpenBranch) -> Branch:
    return open_branch()


__all__ = ["CNY", "MONDAY", "Branch", "OpenBranch"]
