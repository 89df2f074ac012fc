"""Loans as they stand, read from one snapshot of the database, beside whatever engine serves the unit."""

import datetime as dt
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Final

import psycopg

from yinhe.closeday.bank import lent_until
from yinhe.closeday.lent import read_loan
from yinhe.closeday.store import NightStore
from yinhe.kernel.currency import currency
from yinhe.kernel.dates import days_from_date
from yinhe.lending.columns import LoanFlag
from yinhe.lending.decide import Standing
from yinhe.lending.forthcoming import INSTALMENTS_MAX, Forthcoming, instalments_to_come
from yinhe.lending.reading import read_position, standing_of
from yinhe.lending.refusals import LoanRefusal, Refusal
from yinhe.products.catalogue import Catalogue, load
from yinhe.products.product import Product
from yinhe.storage.statements import load_statements

_LOOKED_AHEAD: Final = INSTALMENTS_MAX * 366
"""Days within which versions of a product are looked for."""


class LoanReader:
    """One snapshot; see `loan_reader`."""

    def __init__(self, session: psycopg.Connection, catalogue: Catalogue | None = None) -> None:
        """Read the business date, the catalogue where none is given, and how far the nights have accrued."""
        self.session: Final = session
        unit = session.execute(load_statements("books")["unit"]).fetchone()
        assert unit is not None, "a unit whose tables are current has its row"
        self.today: Final = days_from_date(unit[0])
        self.catalogue: Final[Catalogue] = load(session) if catalogue is None else catalogue
        self._until: Final = lent_until(NightStore(session), self.today)

    def standing(self, loan: int, as_of: dt.date | None = None) -> Standing | Refusal:
        """A loan with every instalment fallen due, as it stands today, or stood when a business date was closed.

        A past standing is worked out from what was known then, and dated on the day after. Raises RateMissing.

        While a night is at work it stands as the day before ended, until its interest has accrued. Reading moves no
        money: of an account nothing is known but that it has the loan's currency.
        """
        day = self.today if as_of is None else days_from_date(as_of)
        if day > self.today:
            return Refusal(LoanRefusal.AS_OF_IN_FUTURE)
        if day < self.today:
            return self._stood(loan, day)
        at = read_position(self.session, self.catalogue, loan, self._until)
        if at is None:
            return Refusal(LoanRefusal.LOAN_UNKNOWN)
        row = at.row[0]
        is_running = bool(row["start"] and row["flags"] & int(LoanFlag.OPEN))
        date = min(self.today, int(row["through"])) if is_running else self.today
        number = currency(self.catalogue.in_force(int(row["version"]), date).currency).number
        return standing_of(self.session, self.catalogue, date, at, lambda _: number)

    def _stood(self, loan: int, date: int) -> Standing | Refusal:
        if self._until is None or date >= self._until:
            return Refusal(LoanRefusal.DATE_NOT_CLOSED)
        lent = read_loan(self.session, loan)
        if lent is None:
            return Refusal(LoanRefusal.LOAN_UNKNOWN)
        if lent.history[0].business_date > date:
            return Refusal(LoanRefusal.NOT_ON_BOOKS_YET)
        known = self.catalogue.known(date)
        number = currency(known.in_force(lent.version, date).currency).number

        def product_on(day: int) -> Product:
            return known.in_force(lent.version, day)

        def currency_of(account: int) -> int:
            del account
            return number

        return Standing(
            date=date + 1,
            at=lent.closed(date, known),
            agreed=lent.agreed,
            acts=lent.acts(date, collected=True),
            product_on=product_on,
            rates=known.rates,
            currency_of=currency_of,
        )

    def to_come(self, standing: Standing) -> Iterator[Forthcoming]:
        """The instalments to come, as far as rates and versions are known today."""
        code = standing.product.code
        turns = self.catalogue.turns(code, standing.date, standing.date + _LOOKED_AHEAD)
        return instalments_to_come(standing.at, standing.date, standing.product_on, turns, standing.rates)


@contextmanager
def loan_reader(session: psycopg.Connection, catalogue: Catalogue | None = None) -> Generator[LoanReader]:
    """Read loans inside one snapshot of a session's own; a `catalogue` that is known saves reading it."""
    with session.transaction():
        session.execute(load_statements("server")["one_snapshot"])
        yield LoanReader(session, catalogue)
