"""What a decision may know, all of it in memory: account columns, contracts, loans, and compiled product rules.

Columns are read without the engine's lock: what is a moment old changes only which refusal is heard, for funds, blocks
and ceilings are the state machine's to decide.
"""

from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from yinhe.deposits.book import Book
from yinhe.deposits.columns import ContractFlag
from yinhe.deposits.opening import facts_of, mapping_of
from yinhe.kernel.currency import currency
from yinhe.kernel.refusals import Refusal
from yinhe.ledger.columns import AccountFlag
from yinhe.ledger.ledger import Ledger
from yinhe.lending.book import LoanBook
from yinhe.products.catalogue import Catalogue
from yinhe.products.parts.amount import AmountPart
from yinhe.products.parts.base import Channel
from yinhe.products.parts.refusals import PartRefusal
from yinhe.products.pools import Connect, Pools
from yinhe.transact.refusals import PART_REFUSALS
from yinhe.transact.rules import CLOSED, LOAN, OWN, Rule, charges_of, compile_rule

_OPEN: Final = int(ContractFlag.OPEN)
_DORMANT: Final = int(ContractFlag.DORMANT)
_NO_DEBIT: Final = int(AccountFlag.CLOSED | AccountFlag.DEBIT_BLOCKED)
_NO_CREDIT: Final = int(AccountFlag.CLOSED | AccountFlag.CREDIT_BLOCKED)
_CASH: Final = "1001"
"""What general-ledger codes of cash begin with, by the chart of Chinese banks."""


class Bank(Protocol):
    """The contracts of one unit in memory; they may be read again, so ask each time."""

    @property
    def ledger(self) -> Ledger:
        """The unit's one ledger."""
        ...

    @property
    def connect(self) -> Connect:
        """Opens a session of the unit, in autocommit."""
        ...

    @property
    def pools(self) -> Pools:
        """The bank's own accounts."""
        ...

    @property
    def catalogue(self) -> Catalogue:
        """Products and rates."""
        ...

    @property
    def book(self) -> Book:
        """The deposit contracts."""
        ...

    @property
    def loans(self) -> LoanBook:
        """The loans."""
        ...


class Facts:
    """Memory seen by account index; one thread at a time."""

    def __init__(self, bank: Bank) -> None:
        """Nothing is read before `refresh`."""
        self._bank: Final = bank
        self._ledger: Final = bank.ledger
        self._rules: dict[int, Rule] = {}
        self._line: NDArray[np.void] | None = None
        self._catalogue: Catalogue | None = None
        self._book: Book | None = None
        self._loans: LoanBook | None = None
        self._contracts: int = -1
        self._loans_known: int = -1
        self._loan_accounts: frozenset[int] = frozenset()
        self.date: int = 0
        """The business date."""
        self.count: int = 0
        """Accounts are 1 to this, less one."""
        self.refresh()

    def refresh(self) -> None:
        """See what was opened, closed, published or rolled since; costs next to nothing where nothing was."""
        core, bank = self._ledger.engine.core, self._bank
        columns = core.columns
        if columns.line is not self._line:
            self._line = columns.line
            self.currency: NDArray[np.uint16] = columns.line["currency"]
            self.balance: NDArray[np.int64] = columns.line["balance"]
            self._held: NDArray[np.int64] = columns.line["held"]
            self._floor: NDArray[np.int64] = columns.line["floor"]
            self._account_flags: NDArray[np.uint16] = columns.line["flags"]
        self.branch: NDArray[np.int32] = columns.branch
        self._gl_code: NDArray[np.int32] = columns.gl_code
        self.count = columns.count
        if bank.catalogue is not self._catalogue or core.business_date != self.date:
            self._catalogue, self.date = bank.catalogue, core.business_date
            self._rules = {}
        if bank.book is not self._book or len(bank.book) != self._contracts:
            self._see_contracts(bank.book)
        if bank.loans is not self._loans or len(bank.loans) != self._loans_known:
            self._see_loans(bank.loans)

    def _see_contracts(self, book: Book) -> None:
        self._book, self._contracts = book, len(book)
        rows = book.rows
        # Views of the book's own columns: what changes of a contract later is seen at once.
        self._flags: NDArray[np.int32] = rows["flags"]
        self._version: NDArray[np.int32] = rows["version"]
        self._maturity: NDArray[np.int32] = rows["maturity"]
        self._linked: NDArray[np.int32] = rows["linked"]

    def _see_loans(self, loans: LoanBook) -> None:
        self._loans, self._loans_known = loans, len(loans)
        rows = loans.rows
        self._loan_accounts = frozenset(rows["account"].tolist()) | frozenset(rows["receivable"].tolist()) - {0}

    # --- rules

    def rule(self, account: int) -> Rule:
        """The rule of an account. Raises PartMissing where a product lacks what every deposit has."""
        assert self._book is not None
        place = self._book.of_account(account)
        if place < 0:
            return LOAN if account in self._loan_accounts else OWN
        if place >= len(self._flags):
            self._see_contracts(self._bank.book)
        return self._rule_of(self._version.item(place), self._flags.item(place), self._maturity.item(place))

    def rules(self, accounts: NDArray[np.int32]) -> tuple[NDArray[np.int64], list[Rule]]:
        """The rules of accounts, int32[n] of indexes that are in use: places int64[n] in the list beside."""
        assert self._book is not None
        if len(self._book) != self._contracts:
            self._see_contracts(self._book)
        places = self._book.of_accounts(accounts)
        known = places >= 0
        keys = np.full(len(accounts), -1, np.int64)
        at = places[known]
        flags = self._flags[at] & np.int32(_OPEN | _DORMANT)
        has_term = (self._maturity[at] != 0).astype(np.int64)
        keys[known] = self._version[at].astype(np.int64) << 8 | has_term << 7 | flags
        found, inverse = np.unique(keys, return_inverse=True)
        rules = [OWN if key < 0 else self._rule_of(key >> 8, key & 127, key >> 7 & 1) for key in found.tolist()]
        if self._loan_accounts and not known.all():
            is_loan = np.isin(accounts, np.fromiter(self._loan_accounts, np.int32)) & ~known
            inverse[is_loan] = len(rules)
            rules.append(LOAN)
        return inverse, rules

    def _rule_of(self, version: int, flags: int, maturity: int) -> Rule:
        if not flags & _OPEN:
            return CLOSED
        key = version << 2 | bool(maturity) << 1 | bool(flags & _DORMANT)
        known = self._rules.get(key)
        if known is None:
            known = self._rules[key] = self._compiled(version, bool(maturity), bool(flags & _DORMANT))
        return known

    def _compiled(self, version: int, has_term: bool, is_dormant: bool) -> Rule:
        assert self._catalogue is not None
        product = self._catalogue.in_force(version, self.date)
        charges = charges_of(product, 0)
        if charges:
            number = currency(product.currency).number
            income = self._bank.pools.account(mapping_of(product).fee_income, number, product.number)
            charges = charges_of(product, income)
        return compile_rule(product, charges, has_term=has_term, is_dormant=is_dormant)

    # --- single accounts

    def is_cash(self, account: int) -> bool:
        """Whether an account of the bank holds cash, by its general-ledger code."""
        return str(self._gl_code.item(account)).startswith(_CASH)

    def free_minor(self, account: int) -> int:
        """What may leave an account: its balance above its floor, without what is held; in minor units."""
        return self.balance.item(account) - self._held.item(account) - self._floor.item(account)

    def linked(self, account: int) -> int:
        """The account of the product that is linked to a contract's account; 0 for none."""
        assert self._book is not None
        place = self._book.of_account(account)
        return 0 if place < 0 else self._linked.item(place)

    def may_move(self, debit: int, credit: int) -> bool:
        """Whether both accounts are open, and neither is blocked for its side of a transfer."""
        debit_flags, credit_flags = self._account_flags.item(debit), self._account_flags.item(credit)
        return not (debit_flags & _NO_DEBIT or credit_flags & _NO_CREDIT)

    def refuse_amount(
        self, parts: tuple[AmountPart, ...], account: int, amount_minor: int, moving_minor: int, channel: Channel
    ) -> Refusal | None:
        """What amount parts say of an amount paid into or drawn from a contract's account.

        `moving_minor` is what else is on its way into the account, below zero out of it.
        """
        assert self._book is not None
        row = self._book.row(self._book.of_account(account) + 1)
        assert row is not None, "only contracts have amount parts"
        balance = self.balance.item(account) + moving_minor
        facts = facts_of(row, self.date, [amount_minor], [balance], channel)
        for part in parts:
            found = int(part.refuse(facts)[0])
            if found:
                return PART_REFUSALS[PartRefusal(found)]
        return None
