"""What all work on contracts shares: the ledger, the contracts in memory, products, pools, and one lock."""

import threading
from typing import Final, Protocol

from yinhe.deposits.book import Book
from yinhe.deposits.overdraft_store import load_overdrafts
from yinhe.deposits.overdrafts import Overdrafts
from yinhe.deposits.store import load_book
from yinhe.ledger.ledger import Ledger
from yinhe.products.catalogue import Catalogue
from yinhe.products.pools import Connect, Pools


class Holding(Protocol):
    """The deposits of one unit in memory; contracts, products and pools may be read again, so ask each time."""

    @property
    def ledger(self) -> Ledger:
        """The unit's one ledger."""
        ...

    @property
    def connect(self) -> Connect:
        """Opens a session of the unit, in autocommit."""
        ...

    @property
    def lock(self) -> threading.RLock:
        """Held from reading a contract to writing it."""
        ...

    @property
    def pools(self) -> Pools:
        """The bank's own accounts that contracts meet."""
        ...

    @property
    def catalogue(self) -> Catalogue:
        """Products and rates."""
        ...

    @property
    def book(self) -> Book:
        """The contracts."""
        ...

    @property
    def overdrafts(self) -> Overdrafts:
        """What overdrawn accounts owe, as the last night left it."""
        ...

    @property
    def stale(self) -> bool:
        """Whether memory may be ahead of the database and is to be read again first."""
        ...

    @property
    def night_open(self) -> bool:
        """Whether a night broke off within a step: until it is taken up, contracts stay as the step found them."""
        ...

    def reload(self) -> None:
        """Read everything again."""
        ...


class DayHolding:
    """The deposits of a unit by day alone: contracts as the database has them, and a catalogue that is given."""

    def __init__(self, ledger: Ledger, catalogue: Catalogue, connect: Connect) -> None:
        """Read the contracts."""
        self.ledger: Final = ledger
        self.connect: Final = connect
        self.lock: Final = threading.RLock()
        self.pools: Final = Pools(ledger, connect)
        self.catalogue = catalogue
        self.stale = False
        self.night_open = False
        self.overdrafts = Overdrafts()
        self.book = self._read()

    def reload(self) -> None:
        """Read the contracts again."""
        with self.lock:
            self.book = self._read()

    def _read(self) -> Book:
        with self.connect() as session:
            self.overdrafts = load_overdrafts(session)
            return load_book(session)
