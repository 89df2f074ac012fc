"""What a step of the night is given, and what it answers."""

from collections.abc import Callable, Mapping
from enum import IntEnum, unique
from types import MappingProxyType
from typing import Final, NamedTuple
from uuid import UUID

import msgspec
import numpy as np
from numpy.typing import NDArray

from yinhe.closeday.identity import night_ids
from yinhe.deposits.book import Book
from yinhe.deposits.changes import Changes
from yinhe.deposits.codes import TransferCode
from yinhe.deposits.overdrafts import Overdrafts
from yinhe.deposits.standing_orders import StandingOrder
from yinhe.kernel.currency import currency
from yinhe.ledger.batch import TRANSFER, Flag, columns_of
from yinhe.ledger.memory import ROW
from yinhe.ledger.stood import NOTHING_STOOD, Stood
from yinhe.lending import legs
from yinhe.lending.book import LoanBook, no_items, no_loans
from yinhe.lending.codes import LoanCode
from yinhe.lending.position import Position
from yinhe.products.catalogue import Catalogue
from yinhe.products.parts.base import Int64Column
from yinhe.products.parts.ledger import LedgerMapping
from yinhe.products.pools import Pools
from yinhe.products.product import Product
from yinhe.products.rates import RateBook

NO_POSTINGS: Final[NDArray[np.void]] = np.zeros(0, TRANSFER)
NO_PLACES: Final[Int64Column] = np.zeros(0, np.int64)


NIGHT_CODES: Final = tuple(
    code.code
    for code in (
        TransferCode.INTEREST,
        TransferCode.INTEREST_ACCRUED,
        TransferCode.INTEREST_CORRECTION,
        TransferCode.INTEREST_TAX,
        TransferCode.FEE,
        TransferCode.SWEEP_OUT,
        TransferCode.SWEEP_IN,
        TransferCode.MATURITY,
        TransferCode.UNCLAIMED,
        TransferCode.OVERDRAFT_INTEREST,
        LoanCode.COLLECTION,
    )
)
"""What the bank moves by itself: no sign of life from the customer. Instalments and orders are the customer's wish."""


@unique
class Posting(IntEnum):
    """The kinds of postings a night makes; the number is part of their ids and never changes."""

    ACCRUAL = 1
    CORRECTION = 2
    SETTLEMENT = 4
    SETTLEMENT_REST = 5
    SETTLEMENT_UNCLAIMED = 6
    MATURITY = 7
    INSTALMENT = 8
    STANDING_ORDER = 9
    ACCOUNT_FEE = 10
    SWEEP = 11
    UNCLAIMED = 12
    COLLECTION_RECALL = 13
    LOAN_DUE = 20
    LOAN_DUE_REST = 21
    LOAN_DUE_REST_OFF = 22
    LOAN_COLLECTION = 23
    LOAN_PAYMENT = 24
    LOAN_PAYMENT_REST = 25
    LOAN_PAYMENT_REST_OFF = 26
    LOAN_ACCRUAL = 27
    LOAN_ACCRUAL_OFF = 28
    LOAN_BOOKS = 29
    LOAN_BOOKS_OFF = 30
    LOAN_ALLOWANCE = 31
    OVERDRAFT_ACCRUAL = 40
    OVERDRAFT_CHARGE = 41
    OVERDRAFT_REFUND = 42
    LOAN_CORRECTION = 32


class JournalDays(msgspec.Struct, frozen=True, eq=False):
    """Journal rows of some business dates (dtype ROW), and the date each was booked on (int32[n])."""

    rows: NDArray[np.void]
    booked: NDArray[np.int32]


class AccountColumns(NamedTuple):
    """What is agreed about each account, by account index."""

    currency: NDArray[np.uint16]
    gl_code: NDArray[np.int32]
    product: NDArray[np.int32]
    flags: NDArray[np.uint16]


NO_COLUMNS: Final = AccountColumns(
    np.zeros(0, np.uint16), np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.uint16)
)


def nothing_changed(contracts: Int64Column) -> Changes:
    """No contract was ever changed."""
    del contracts
    return ()


def nothing_stood() -> Stood:
    """No account is known."""
    return NOTHING_STOOD


def nothing_since() -> NDArray[np.void]:
    """No row was booked since the cut-off."""
    return np.zeros(0, ROW)


def no_loan(number: int) -> Position | None:
    """Nothing ever happened to a loan."""
    del number


class Facts(msgspec.Struct, frozen=True, eq=False):
    """What a step may look at. All of it is as it was when the step first began, however often it is run again."""

    date: int
    """The business date being closed; days since 1970-01-01."""
    id_ms: int
    book: Book
    catalogue: Catalogue
    rates: RateBook
    """The tables of rates as they were known at the end of the date."""
    pools: Pools
    balances: Int64Column
    """By account index, minor units."""
    moved_since: NDArray[np.bool_]
    """By account index: whether a row of the date (or a later one) touched the account."""
    value_dated: NDArray[np.void]
    """The rows booked on the date with an earlier value date; dtype ROW."""
    journal: Callable[[int], JournalDays]
    """Everything booked from a business date on to the date being closed."""
    moved_by_customer: Callable[[], NDArray[np.bool_]]
    """By account index: whether a posting of the date touched it that no night made; bool[n]."""
    columns: AccountColumns
    overdue_holds: int
    """Holds past their time that are still open."""
    orders: tuple[StandingOrder, ...]
    """Standing orders due on the next day."""
    changes: Callable[[Int64Column], Changes] = nothing_changed
    """What was done with contracts (numbers, int64[n]) that interest worked out anew counts with."""
    loans: LoanBook = msgspec.field(default_factory=no_loans)
    overdrafts: Overdrafts = msgspec.field(default_factory=Overdrafts)
    stood: Callable[[], Stood] = nothing_stood
    """What accounts allowed at the step's moment."""
    worked_out: Callable[[int], Position | None] = no_loan
    """A loan (its number) as it stands before the end of the date, from all that happened to it and the rates known."""
    since_cut_off: Callable[[], NDArray[np.void]] = nothing_since
    """The rows booked since the cut-off, up to now; dtype ROW. Of use for what is known by its id."""

    def product(self, version: int) -> Product:
        """What contracts of a version have on the date."""
        return self.catalogue.in_force(version, self.date)

    def pool(self, product: Product, gl_code: int) -> int:
        """The bank's account of a product and a general-ledger code."""
        return self.pools.account(gl_code, currency(product.currency).number, product.number)

    def ids(self, posting: Posting, keys: Int64Column) -> tuple[np.ndarray, np.ndarray]:
        """The ids of a kind of posting, one a key."""
        return night_ids(self.id_ms, self.date, int(posting), keys)

    def transfers(
        self,
        posting: Posting,
        keys: Int64Column,
        debit: Int64Column | int,
        credit: Int64Column | int,
        amount_minor: Int64Column,
        code: TransferCode | LoanCode,
        *,
        value_date: Int64Column | int | None = None,
        flags: Flag | None = None,
    ) -> NDArray[np.void]:
        """One transfer a key, as rows of TRANSFER; those of no amount are left out.

        The value date is the day after the date being closed, also where the bank is days further already.
        """
        hi, lo = self.ids(posting, keys)
        count = len(keys)
        rows = columns_of(
            txn_hi=hi,
            txn_lo=lo,
            debit=np.broadcast_to(debit, count),
            credit=np.broadcast_to(credit, count),
            amount_minor=amount_minor,
            code=code.code,
            flags=0 if flags is None else int(flags),
            value_date=np.broadcast_to(self.date + 1 if value_date is None else value_date, count),
        )
        return rows[rows["amount"] != 0]


class Plan(msgspec.Struct, frozen=True, eq=False):
    """What a step wants: postings, and contracts whose rows it has changed in the book."""

    postings: NDArray[np.void] = NO_POSTINGS
    """dtype TRANSFER, whole transactions."""
    accruals: Int64Column = NO_PLACES
    """Places of the book whose accrual is to be written."""
    contracts: Int64Column = NO_PLACES
    """Places whose agreed terms are to be written."""
    orders: tuple[UUID, ...] = ()
    """Standing orders carried out."""
    loans: Int64Column = NO_PLACES
    """The numbers of the loans whose rows are to be written."""
    items: NDArray[np.void] = msgspec.field(default_factory=no_items)
    """Instalments of loans to write, dtype ITEM."""
    payers: Int64Column = NO_PLACES
    """The numbers of the loans for which money was taken …"""
    collected: Int64Column = NO_PLACES
    """… and how much, minor units."""
    overdrafts: Int64Column = NO_PLACES
    """The numbers of the contracts whose overdrafts are to be written."""
    graded: Int64Column = NO_PLACES
    """The numbers of the loans whose grade is another than before."""
    figures: Mapping[str, int] = MappingProxyType({})
    """What the report says of the step: counts, and amounts in minor units."""
    findings: tuple[str, ...] = ()
    """What a person should look at."""


class Happened(msgspec.Struct, frozen=True, eq=False):
    """What a step did that a customer would call a change."""

    object: str
    """What it was done to: `contract` or `loan`."""
    numbers: Mapping[str, Int64Column]
    """A word for what happened, and the numbers of those it happened to, int64[n]."""


def followed(first: Plan, second: Plan) -> Plan:
    """Both plans of a step in two parts as one: of an instalment in both, the second's state counts."""
    kept = first.items[~np.isin(first.items["loan"], second.items["loan"])]
    return Plan(
        postings=np.concatenate([first.postings, second.postings]),
        accruals=np.union1d(first.accruals, second.accruals),
        contracts=np.union1d(first.contracts, second.contracts),
        orders=(*first.orders, *second.orders),
        loans=np.union1d(first.loans, second.loans),
        items=np.concatenate([kept, second.items]),
        payers=np.concatenate([first.payers, second.payers]),
        collected=np.concatenate([first.collected, second.collected]),
        overdrafts=np.union1d(first.overdrafts, second.overdrafts),
        graded=np.union1d(first.graded, second.graded),
        figures={**first.figures, **second.figures},
        findings=(*first.findings, *second.findings),
    )


def by_value_date(balances: Int64Column, rows: NDArray[np.void]) -> None:
    """Add to balances by account index, in place, what rows (dtype ROW) moved; accounts beyond them are left out."""
    rows = rows[rows["flags"] & np.uint16(Flag.PENDING | Flag.VOID) == 0]
    for side, sign in (("debit", -1), ("credit", 1)):
        known = rows[rows[side] < len(balances)]
        np.add.at(balances, known[side], sign * known["amount"])


def mapping_of(product: Product) -> LedgerMapping:
    """The product's general-ledger codes; every published product has them."""
    mapping = product.one(LedgerMapping)
    if mapping is None:
        raise AssertionError(f"{product.name} is published without a general-ledger mapping.")
    return mapping


def net_transfers(
    facts: Facts, posting: Posting, changed: Mapping[int, tuple[Product, int]], code: TransferCode
) -> NDArray[np.void]:
    """From interest expense to interest payable, one transfer a product, by what its accruals changed (minor units).

    `changed` is by product number; a negative change goes the other way. Value-dated on the day it is for.
    """
    keys = np.array(list(changed), np.int64)
    amounts = np.array([amount for _, amount in changed.values()], np.int64)
    expense = np.array([facts.pool(p, mapping_of(p).expense) for p, _ in changed.values()], np.int64)
    payable = np.array([facts.pool(p, mapping_of(p).payable) for p, _ in changed.values()], np.int64)
    debit, credit = np.where(amounts > 0, expense, payable), np.where(amounts > 0, payable, expense)
    return facts.transfers(posting, keys, debit, credit, np.abs(amounts), code, value_date=facts.date)


def net_loan_transfers(
    facts: Facts,
    posting: Posting,
    posting_off: Posting,
    on_books: Mapping[int, tuple[Product, int]],
    off_books: Mapping[int, tuple[Product, int]],
) -> list[NDArray[np.void]]:
    """Interest receivable against interest income, and what is off balance against its other side.

    One transfer a product of each kind, by what the loans' accruals changed (minor units); a negative change goes the
    other way. Value-dated on the day it is for.
    """
    found: list[NDArray[np.void]] = []
    for one, changed, code in (
        (posting, on_books, LoanCode.INTEREST_ACCRUED),
        (posting_off, off_books, LoanCode.OFF_BALANCE),
    ):
        for product, amount in changed.values():
            mapping = legs.mapping_of(product)
            if code is LoanCode.INTEREST_ACCRUED:
                ours, other = facts.pool(product, mapping.receivable), facts.pool(product, mapping.income)
            else:
                ours = facts.pool(product, mapping.off_balance)
                other = facts.pools.account(mapping.off_balance, currency(product.currency).number, 0)
            debit, credit = (ours, other) if amount > 0 else (other, ours)
            keys, amounts = np.array([product.number], np.int64), np.array([abs(amount)], np.int64)
            found.append(facts.transfers(one, keys, debit, credit, amounts, code, value_date=facts.date))
    return found
