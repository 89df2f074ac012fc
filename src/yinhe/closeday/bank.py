"""What the night works on, and how it comes by it after a start: the deposits of one unit, brought up to date."""

import threading
from collections.abc import Callable
from typing import Final

import psycopg

from yinhe.closeday.plan import STEPS
from yinhe.closeday.store import NightStore
from yinhe.deposits.book import Book
from yinhe.deposits.interest import bring_up
from yinhe.deposits.pools import Pools
from yinhe.deposits.store import load_book
from yinhe.ledger.ledger import Ledger
from yinhe.products.catalogue import Catalogue, load
from yinhe.products.product import Product

Connect = Callable[[], psycopg.Connection]
"""Opens a session of the unit, in autocommit."""


class DepositBank:
    """The deposit contracts of a running ledger, in memory, their accruals true at the beginning of a day."""

    def __init__(self, ledger: Ledger, connect: Connect) -> None:
        """Read catalogue and contracts, and bring the accruals to where the last night left them."""
        self.ledger: Final = ledger
        self.connect: Final = connect
        self.lock: Final = threading.RLock()
        """Held while contracts change, and while a step of the night decides and posts."""
        self.pools: Final = Pools(ledger, connect)
        self.stale: bool = False
        """Memory may be ahead of the database: it is to be read again first."""
        self.night_open: bool = False
        """A night broke off within a step: until it is taken up, contracts stay as the step found them. A step that
        goes on holds the lock."""
        self.catalogue, self.book = self._read()

    def reload(self) -> None:
        """Read everything again."""
        with self.lock:
            self.catalogue, self.book = self._read()
            self.stale = False

    def reload_catalogue(self) -> None:
        """Read products and rates again: after a version was published or a rate set."""
        with self.lock, self.connect() as session:
            self.catalogue = load(session)

    def _read(self) -> tuple[Catalogue, Book]:
        with self.connect() as session:
            catalogue, book = load(session), load_book(session)
            store = NightStore(session)
            until, settled = _where(store, self.ledger.business_date)
            self.night_open = store.is_open()
        if until is not None and len(book):
            self._bring_up(catalogue, book, until, settled)
        return catalogue, book

    def _bring_up(self, catalogue: Catalogue, book: Book, until: int, settled: int) -> None:
        balances = self.ledger.balances_at(self.ledger.seq_at_date(until - 1))
        rates = catalogue.rates.known(until - 1)
        for version, places in book.by_version().items():

            def product_on(day: int, version: int = version) -> Product:
                return catalogue.in_force(version, day)

            bring_up(book.rows, places, balances, product_on, rates, until, settled)


def _where(store: NightStore, business_date: int) -> tuple[int | None, int]:
    """The day to whose beginning interest has accrued (None: no night ever began), and the last day settled."""
    closed = store.last_closed()
    date = business_date - 1
    night = store.read(date)
    if night is None or night.over or night.cutoff_seq is None:
        # Between nights; before the first one nothing has accrued yet.
        return (None if closed is None else closed + 1), closed if closed is not None else 0
    over = {step.name for step in STEPS if (found := store.read_step(date, step.name)) is not None and found.over}
    if closed is None and "accrue" not in over:
        # The first night has yet to accrue: it works out what came before it from history.
        return None, 0
    return date + ("accrue" in over), date - 1 + ("settle" in over)
