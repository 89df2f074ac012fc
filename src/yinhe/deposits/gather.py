"""Reads what a decision about a contract needs: its row, its interest up to today, its balance, its notices."""

from bisect import bisect_left
from typing import Final

import numpy as np
import psycopg

from yinhe.deposits.advance import advanced, is_night_behind
from yinhe.deposits.columns import ContractFlag
from yinhe.deposits.commands import (
    AddOrder,
    Amend,
    CancelNotice,
    Close,
    DepositMore,
    GiveNotice,
    StopOrder,
    TransferTo,
    Withdraw,
)
from yinhe.deposits.decide import GivenNotice, PoolAccounts, Standing
from yinhe.deposits.holding import Holding
from yinhe.deposits.opening import mapping_of
from yinhe.deposits.refusals import ContractRefusal, Refusal
from yinhe.deposits.standing_orders import orders_from
from yinhe.kernel.currency import currency
from yinhe.ledger.columns import AccountFlag
from yinhe.ledger.history import PAGE_MAX, SEQ_END
from yinhe.ledger.ledger import Ledger
from yinhe.products.product import Product
from yinhe.storage.statements import load_statements

Asked = Amend | TransferTo | GiveNotice | CancelNotice | AddOrder | StopOrder | DepositMore | Withdraw | Close


class PastBalances:
    """What an account held at the end of days gone by, read page by page as days are asked about."""

    def __init__(self, ledger: Ledger, account: int) -> None:
        self._ledger: Final = ledger
        self._account: Final = account
        self._days: Final[list[int]] = []
        """Minus the business date of each line read, newest first, so ascending …"""
        self._balances: Final[list[int]] = []
        """… and the balance after it, in minor units."""
        self._next_seq: int | None = SEQ_END

    def on(self, day: int) -> int:
        """The balance at the end of a day (days since 1970-01-01), in minor units."""
        while self._next_seq is not None and (not self._days or -self._days[-1] > day):
            page = self._ledger.history(self._account, before_seq=self._next_seq, limit=PAGE_MAX)
            self._days.extend(-entry.business_date for entry in page.entries)
            self._balances.extend(entry.balance_minor for entry in page.entries)
            self._next_seq = page.before_seq
        at = bisect_left(self._days, -day)
        return self._balances[at] if at < len(self._days) else 0


class Gatherer:
    """Reads the ledger's memory, the book and, for a few things, the database."""

    def __init__(self, holding: Holding) -> None:
        self._holding: Final = holding
        self._ledger: Final = holding.ledger
        self._sql: Final = load_statements("deposits")

    def currency_of(self, account: int) -> int | None:
        """The currency (ISO 4217 number) of an account, None where there is no such account or it is closed."""
        try:
            found = self._ledger.account(account)
        except LookupError:
            return None
        return None if found.flags & AccountFlag.CLOSED else found.currency

    def terms(self, version: int, date: int) -> Product:
        """What a contract of a version has on a date, each term by its own rule."""
        return self._holding.catalogue.in_force(version, date)

    def standing(self, session: psycopg.Connection, command: Asked) -> Standing | Refusal:
        """How the contract stands that a command is about. Raises RateMissing, PartMissing."""
        row, date = self._holding.book.row(command.contract), self._ledger.business_date
        if row is None:
            return Refusal(ContractRefusal.CONTRACT_UNKNOWN)
        if not int(row["flags"][0]) & ContractFlag.OPEN:
            return Refusal(ContractRefusal.CONTRACT_CLOSED)
        if isinstance(command, Close) and self._owes_for_overdraft(command.contract):
            return Refusal(ContractRefusal.OVERDRAFT_OWED)
        version, index = int(row["version"][0]), int(row["account"][0])
        balances = PastBalances(self._ledger, index)
        product, posted_whole = self.terms(version, date), int(row["whole"][0])
        if isinstance(command, Withdraw | Close) or (isinstance(command, Amend) and command.rate is not None):
            if is_night_behind(row, date):
                return Refusal(ContractRefusal.NIGHT_BEHIND)
            row = advanced(
                row,
                lambda day: self.terms(version, day),
                self._holding.catalogue.rates,
                balances.on,
                date,
            )
        account = self._ledger.account(index)
        given = {"contract": command.contract, "since": int(row["start"][0])}
        times = session.execute(self._sql["times_drawn_early"], given).fetchone() or (0,)
        return Standing(
            date=date,
            rates=self._holding.catalogue.rates,
            product=product,
            row=row,
            posted_whole=posted_whole,
            balance_minor=account.balance_minor,
            held_minor=account.held_minor,
            balance_on=balances.on,
            pools=self._pools_of(product),
            times_drawn_early=int(times[0]),
            notices=self._notices(session, command.contract),
            orders=orders_from(session, index) if isinstance(command, StopOrder) else (),
            other_known=self._other_known(command, int(row["linked"][0]), account.currency),
        )

    def _owes_for_overdraft(self, contract: int) -> bool:
        owes = self._holding.overdrafts.of(np.array([contract], np.int64))[0]
        return bool(owes["whole"]) or bool(owes["owed"])

    def _pools_of(self, product: Product) -> PoolAccounts:
        mapping, number = mapping_of(product), currency(product.currency).number
        codes = mapping.payable, mapping.expense, mapping.tax_payable
        return PoolAccounts(*(self._holding.pools.account(code, number, product.number) for code in codes))

    def _notices(self, session: psycopg.Connection, contract: int) -> tuple[GivenNotice, ...]:
        rows = session.execute(self._sql["notices_of"], {"contract": contract}).fetchall()
        return tuple(GivenNotice(id_, due, amount) for id_, _, _, due, amount, state in rows if state == "given")

    def _other_known(self, command: Asked, linked: int, number: int) -> bool:
        """Whether the account at the other end of a command is there, open and of the same currency."""
        match command:
            case Withdraw() | Close():
                other = command.payee or linked
            case DepositMore():
                other = command.funding
            case Amend():
                other = command.linked or 0
            case AddOrder():
                other = command.payee
            case TransferTo() | GiveNotice() | CancelNotice() | StopOrder():
                other = 0
        return other == 0 or self.currency_of(other) == number
