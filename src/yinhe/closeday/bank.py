"""What the night works on, and how it comes by it after a start: the deposits of one unit, brought up to date."""

import threading
from collections.abc import Callable
from typing import Final

import psycopg

from yinhe.closeday.store import NightStore
from yinhe.deposits.book import Book
from yinhe.deposits.interest import bring_up
from yinhe.deposits.overdraft_store import load_overdrafts
from yinhe.deposits.overdrafts import Overdrafts
from yinhe.deposits.store import load_book
from yinhe.ledger.ledger import Ledger
from yinhe.lending.book import LoanBook
from yinhe.lending.card import accrue
from yinhe.lending.store import load_loans
from yinhe.products.catalogue import Catalogue, load
from yinhe.products.pools import Pools
from yinhe.products.product import Product

Connect = Callable[[], psycopg.Connection]
"""Opens a session of the unit, in autocommit."""


class DepositBank:
    """Deposits and loans of a running ledger, in memory, their accruals true at the beginning of a day."""

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
        self.overdrafts: Overdrafts = Overdrafts()
        """What overdrawn accounts owe, as the last night left it."""
        self.catalogue, self.book, self.loans = self._read()

    def reload(self) -> None:
        """Read everything again."""
        with self.lock:
            self.catalogue, self.book, self.loans = self._read()
            self.stale = False

    def reload_catalogue(self) -> None:
        """Read products and rates again: after a version was published or a rate set."""
        with self.lock, self.connect() as session:
            self.catalogue = load(session)

    def _read(self) -> tuple[Catalogue, Book, LoanBook]:
        with self.connect() as session:
            catalogue, book, loans = load(session), load_book(session), load_loans(session)
            self.overdrafts = load_overdrafts(session)
            store = NightStore(session)
            until, settled = _where(store, self.ledger.business_date)
            accrued_until = lent_until(store, self.ledger.business_date)
            self.night_open = store.is_open()
        if until is not None and len(book):
            self._bring_up(catalogue, book, until, settled)
        if accrued_until is not None and len(loans):
            _bring_up_loans(catalogue, loans, accrued_until)
        return catalogue, book, loans

    def _bring_up(self, catalogue: Catalogue, book: Book, until: int, settled: int) -> None:
        balances = self.ledger.balances_at(self.ledger.seq_at_date(until - 1))
        for version, places in book.by_version().items():

            def product_on(day: int, version: int = version) -> Product:
                return catalogue.in_force(version, day)

            bring_up(book.rows, places, balances, product_on, catalogue.rates, until, settled)


def _where(store: NightStore, business_date: int) -> tuple[int | None, int]:
    """The day to whose beginning interest has accrued (None: no night ever began), and the last day settled."""
    closed, date = _at_work(store, business_date)
    if date is None:
        # Between nights; before the first one nothing has accrued yet.
        return (None if closed is None else closed + 1), closed if closed is not None else 0
    over = store.steps_over(date)
    if closed is None and "accrue" not in over:
        # The first night has yet to accrue: it works out what came before it from history.
        return None, 0
    return date + ("accrue" in over), date - 1 + ("settle" in over)


def lent_until(store: NightStore, business_date: int) -> int | None:
    """The day to whose beginning the interest of loans has accrued; None while no night has."""
    closed, date = _at_work(store, business_date)
    if date is not None:
        step = store.read_step(date, "loan_accrual")
        if step is not None and step.over:
            return date + 1
    return None if closed is None else closed + 1


def _at_work(store: NightStore, business_date: int) -> tuple[int | None, int | None]:
    """The last business date that is closed, and the one whose night has cut it off and is not over; None for none."""
    closed = store.last_closed()
    # Where the business date was rolled further, nights catch up one after another.
    date = business_date - 1 if closed is None else closed + 1
    night = store.read(date)
    is_at_work = night is not None and not night.over and night.cutoff_seq is not None
    return closed, date if is_at_work else None


def _bring_up_loans(catalogue: Catalogue, loans: LoanBook, until: int) -> None:
    """Accrue loans from when their rows were written: what else befell them since is in their rows."""
    for version, places in loans.by_version().items():
        drawn = places[(loans.rows["start"][places] != 0) & (loans.rows["through"][places] < until)]
        for day in range(int(loans.rows["through"][drawn].min(initial=until)), until):
            accrue(loans.rows, drawn, loans.items, loans.cards, catalogue.in_force(version, day), day)
