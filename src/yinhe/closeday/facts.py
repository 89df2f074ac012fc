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
from yinhe.deposits.codes import TransferCode
from yinhe.deposits.pools import Pools
from yinhe.deposits.standing_orders import StandingOrder
from yinhe.kernel.currency import currency
from yinhe.ledger.batch import TRANSFER, Flag, columns_of
from yinhe.products.catalogue import Catalogue
from yinhe.products.parts.base import Int64Column
from yinhe.products.parts.ledger import LedgerMapping
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
        code: TransferCode,
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
    figures: Mapping[str, int] = MappingProxyType({})
    """What the report says of the step: counts, and amounts in minor units."""
    findings: tuple[str, ...] = ()
    """What a person should look at."""


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
