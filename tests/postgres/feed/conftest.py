"""The feed of a bank with contracts, on a real PostgreSQL."""

from collections.abc import Iterator
from typing import Any

import pytest
from tests.conftest import UnitDatabase
from tests.postgres.deposits.conftest import Branch, branch, open_branch

from yinhe.audit.record import ActorKind, Author
from yinhe.deposits.answers import Done
from yinhe.deposits.commands import Open
from yinhe.feed.feed import Feed
from yinhe.lending.book import LoanBook
from yinhe.lending.columns import ITEM, LOAN
from yinhe.storage.sessions import Sessions

TELLER = Author(kind=ActorKind.USER, name="teller-7")


class BranchBooks:
    """The branch's contracts, and no loans."""

    def __init__(self, branch: Branch) -> None:
        import numpy as np

        self._branch = branch
        self.loans = LoanBook(np.zeros(0, LOAN), np.zeros(0, ITEM))

    @property
    def book(self) -> Any:
        return self._branch.deposits.book


@pytest.fixture
def sessions(empty_unit: UnitDatabase) -> Iterator[Sessions]:
    opened = Sessions(empty_unit.url, empty_unit.schema, sessions_max=6)
    yield opened
    opened.close()


@pytest.fixture
def feed(branch: Branch, sessions: Sessions) -> Feed:
    from yinhe.kernel.clock import SystemClock

    return Feed(sessions, branch.ledger, BranchBooks(branch), SystemClock())


def open_for(at: Branch, holder: str, amount: int = 100_00, **more: Any) -> Done:
    command = Open(
        id=at.ledger.ids.next(), version=at.version("demand"), amount_minor=amount, holder=holder,
        funding=at.till, linked=at.purse, **more,
    )  # fmt: skip
    done = at.deposits.do(command, TELLER)
    assert isinstance(done, Done), done
    return done


__all__ = ["branch", "open_branch"]
