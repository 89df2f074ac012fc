"""What all work on loans shares: the ledger, the loans in memory, products, pools, and one lock."""

import threading
from collections.abc import Callable
from typing import Protocol

import psycopg

from yinhe.ledger.ledger import Ledger
from yinhe.lending.book import LoanBook
from yinhe.products.catalogue import Catalogue
from yinhe.products.pools import Pools


class LoanHolding(Protocol):
    """The loans of one unit in memory; loans, products and pools may be read again, so ask each time."""

    @property
    def ledger(self) -> Ledger:
        """The unit's one ledger."""
        ...

    @property
    def connect(self) -> Callable[[], psycopg.Connection]:
        """Opens a session of the unit, in autocommit."""
        ...

    @property
    def lock(self) -> threading.RLock:
        """Held from reading a loan to writing it."""
        ...

    @property
    def pools(self) -> Pools:
        """The bank's own accounts that loans meet."""
        ...

    @property
    def catalogue(self) -> Catalogue:
        """Products and rates."""
        ...

    @property
    def loans(self) -> LoanBook:
        """The loans."""
        ...

    @property
    def stale(self) -> bool:
        """Whether memory may be ahead of the database and is to be read again first."""
        ...

    @property
    def night_open(self) -> bool:
        """Whether a night broke off within a step: until it is taken up, loans stay as the step found them."""
        ...

    def reload(self) -> None:
        """Read everything again."""
        ...
