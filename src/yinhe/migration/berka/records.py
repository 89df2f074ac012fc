"""The book as immutable records: one record a row, except transactions, which are columns.

Amounts are haléř (1/100 of a Czech crown) as exact integers. The columns of the source are described by the data
set's authors in "PKDD'99 Discovery Challenge: Guide to the Financial Data Set".
"""

from dataclasses import dataclass
from datetime import date

import msgspec
import numpy as np
from numpy.typing import NDArray

from yinhe.migration.berka.codes import (
    CardType,
    DispositionType,
    LoanStatus,
    Operation,
    OrderPurpose,
    Purpose,
    StatementFrequency,
    TransactionType,
)


class District(msgspec.Struct, frozen=True):
    """One district and its public figures (source columns A1 to A16 in order); None where the source has "?"."""

    district_id: int
    name: str
    region: str
    inhabitants: int
    municipalities_to_499: int
    municipalities_to_1999: int
    municipalities_to_9999: int
    municipalities_from_10000: int
    cities: int
    urban_share_basis_points: int
    average_salary_crowns: int
    unemployment_1995_basis_points: int | None
    unemployment_1996_basis_points: int | None
    entrepreneurs_per_1000: int
    crimes_1995: int | None
    crimes_1996: int | None


class Client(msgspec.Struct, frozen=True):
    """One client; the source gives women's birth month plus 50."""

    client_id: int
    born: date
    is_woman: bool
    district_id: int


class Account(msgspec.Struct, frozen=True):
    """One current account."""

    account_id: int
    district_id: int
    frequency: StatementFrequency
    opened: date


class Disposition(msgspec.Struct, frozen=True):
    """What one client may do with one account."""

    disposition_id: int
    client_id: int
    account_id: int
    type: DispositionType


class StandingOrder(msgspec.Struct, frozen=True):
    """A payment the bank makes for the customer every month."""

    order_id: int
    account_id: int
    bank_to: str
    account_to: str
    amount_minor: int
    purpose: OrderPurpose


class Loan(msgspec.Struct, frozen=True):
    """One loan with its term in months and its monthly payment."""

    loan_id: int
    account_id: int
    granted: date
    amount_minor: int
    duration_months: int
    payment_minor: int
    status: LoanStatus


class Card(msgspec.Struct, frozen=True):
    """One card, issued on a disposition."""

    card_id: int
    disposition_id: int
    type: CardType
    issued: date


@dataclass(frozen=True, slots=True, eq=False)
class Transactions:
    """Every transaction as read-only columns of one length n, in the order of the file (row i is line i + 2).

    `trans_id` and `account_id` int64, `business_date` int32 (days since 1970-01-01), `amount_minor` int64
    (not negative), `balance_minor` int64 (the source's balance after the row), the codes and the counterparty as
    tuples; `bank` and `counter_account` are "" where the source names none.
    """

    trans_id: NDArray[np.int64]
    account_id: NDArray[np.int64]
    business_date: NDArray[np.int32]
    type: tuple[TransactionType, ...]
    operation: tuple[Operation, ...]
    amount_minor: NDArray[np.int64]
    balance_minor: NDArray[np.int64]
    purpose: tuple[Purpose, ...]
    bank: tuple[str, ...]
    counter_account: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Book:
    """The whole book: eight files, every row sound in itself and every reference met."""

    districts: tuple[District, ...]
    clients: tuple[Client, ...]
    accounts: tuple[Account, ...]
    dispositions: tuple[Disposition, ...]
    orders: tuple[StandingOrder, ...]
    loans: tuple[Loan, ...]
    cards: tuple[Card, ...]
    transactions: Transactions
