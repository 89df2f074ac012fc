"""Deposit contracts in a picture: terms from the database, what has accrued from memory, balances from the ledger."""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import msgspec
import numpy as np

from yinhe.deposits.book import Book
from yinhe.deposits.columns import NO_RATE, ContractFlag
from yinhe.deposits.interest import keeps_rates
from yinhe.kernel.currency import currency_by_number
from yinhe.kernel.dates import date_from_days
from yinhe.kernel.rates import RATE_MAX
from yinhe.ledger.columns import AccountFlag
from yinhe.ledger.ledger import Account
from yinhe.overview.reading import ContractRow
from yinhe.overview.records import ContractPicture, ContractStatus, ProductName
from yinhe.products.catalogue import Catalogue
from yinhe.products.errors import RateMissing
from yinhe.products.parts.interest import Interest
from yinhe.products.parts.renewal import Renewal
from yinhe.products.product import Product
from yinhe.products.rates import RateBook

BLOCKED: Final = AccountFlag.DEBIT_BLOCKED | AccountFlag.CREDIT_BLOCKED


class Accrued(NamedTuple):
    """Interest of a contract accrued and not paid: whole minor units, for the days before `until`."""

    whole_minor: int
    until: int


def accruals_of(book: Book, contracts: Sequence[int]) -> dict[int, Accrued]:
    """What contracts have accrued as memory has it, by number."""
    rows = book.rows
    # What was opened in the last moments may not be in memory yet.
    places = np.array([number - 1 for number in contracts if number <= len(rows)], np.int64)
    columns = (rows[name][places].tolist() for name in ("contract", "whole", "through"))
    return {number: Accrued(max(0, whole), through) for number, whole, through in zip(*columns, strict=True)}


def product_name(catalogue: Catalogue, version: int) -> ProductName:
    """How a version of a product is called."""
    product = catalogue.product(version)
    return ProductName(product.code, product.version, product.english, product.chinese)


def status_of(row: ContractRow, day: int) -> ContractStatus:
    """Where a contract stands at the end of a day; what it was before it was closed is not known any more."""
    if row.closed and row.closed <= day:
        return ContractStatus.CLOSED
    if row.flags & int(ContractFlag.DORMANT):
        return ContractStatus.DORMANT
    return ContractStatus.MATURED if _is_matured(row, day) else ContractStatus.OPEN


def _is_matured(row: ContractRow, day: int) -> bool:
    return bool(row.flags & int(ContractFlag.MATURED)) and row.maturity <= day


def rate_now(row: ContractRow, product: Product, rates: RateBook, day: int, balance_minor: int) -> int | None:
    """What a contract's balance earns on a day, 1e-8 a year, in the tier it lies in; None where nothing says."""
    try:
        if _is_matured(row, day):
            renewal = product.one(Renewal)
            return None if renewal is None else renewal.rate_after(rates, day)
        interest = product.one(Interest)
        return None if interest is None else _rate_of(row, product, interest, rates, day, max(0, balance_minor))
    except RateMissing:
        return None


def _rate_of(
    row: ContractRow, product: Product, interest: Interest, rates: RateBook, day: int, balance_minor: int
) -> int:
    owns = row.rate != NO_RATE
    on = row.start if keeps_rates(product) and not owns else day
    regime = interest.regimes(rates, on, on + 1, row.months, row.days)[0]
    # Of slices the one the last unit lies in; a whole balance lies in the tier it has reached.
    side = "left" if regime.by_slice else "right"
    tier = max(0, int(np.searchsorted(regime.thresholds, balance_minor, side)) - 1)
    rate = row.rate if owns and tier >= interest.own_tier else int(regime.rates[tier])
    return min(RATE_MAX, max(0, rate + row.spread))


def contract_then(
    row: ContractRow, currency: int, balance_minor: int, catalogue: Catalogue, day: int, number: Callable[[int], str]
) -> ContractPicture:
    """A contract at the end of a past day: what is agreed now, and what was on it then.

    `number` writes an account's 16 digits.
    """
    return ContractPicture(
        contract=row.contract,
        account=row.account,
        number=number(row.account),
        product=product_name(catalogue, row.version),
        status=status_of(row, day),
        currency=currency_by_number(currency).code,
        opened=date_from_days(row.opened),
        maturity=date_from_days(row.maturity) if row.maturity else None,
        closed=date_from_days(row.closed) if row.closed and row.closed <= day else None,
        renews=bool(row.flags & int(ContractFlag.AUTO_RENEW)),
        linked=number(row.linked) if row.linked else None,
        balance_minor=balance_minor,
        held_minor=None,
        available_minor=None,
        rate=rate_now(row, catalogue.in_force(row.version, day), catalogue.rates, day, balance_minor),
        accrued_minor=None,
        accrued_until=None,
        is_blocked=None,
    )


def contract_now(
    row: ContractRow,
    account: Account,
    accrued: Accrued | None,
    catalogue: Catalogue,
    day: int,
    number: Callable[[int], str],
) -> ContractPicture:
    """A contract as it stands on the business date `day`."""
    return msgspec.structs.replace(
        contract_then(row, account.currency, account.balance_minor, catalogue, day, number),
        held_minor=account.held_minor,
        available_minor=max(0, account.available_minor),
        accrued_minor=None if accrued is None else accrued.whole_minor,
        accrued_until=None if accrued is None else date_from_days(accrued.until),
        is_blocked=bool(account.flags & BLOCKED),
    )
