"""The contracts of the sample bank: one on every account it begins with, and the deposits it sells day by day."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from yinhe.demo.bank import Bank, Product, amounts, products_of
from yinhe.demo.errors import DemoError
from yinhe.deposits.bulk import RefusedOrders, orders
from yinhe.deposits.codes import TransferCode
from yinhe.deposits.columns import CONTRACT, ContractFlag
from yinhe.deposits.service import Deposits
from yinhe.deposits.standing_orders import StandingOrder
from yinhe.kernel.ids import IdSource
from yinhe.ledger.batch import columns_of
from yinhe.ledger.ledger import WAIT_SECONDS, Ledger
from yinhe.products.catalogue import Catalogue

SOLD_SHARE: Final = 8
"""One deposit sold for so many accounts the bank begins with …"""
SELLING_DAYS: Final = 100
"""… over so many days, so that many of three months' term fall due within two quarters."""
ACCOUNTS_AN_ORDER: Final = 500
"""One standing order for so many accounts."""
RENT: Final = 2_400_00
FIRST_PARTY: Final = 100_000

_COMPANIES: Final = (Product.AGREEMENT, Product.CORPORATE)
_CODES: Final = {
    Product.HOUSEHOLD: "demand",
    Product.AGREEMENT: "agreement",
    Product.CORPORATE: "corporate",
    Product.SWEPT: "sweep_demand",
    Product.SAVINGS: "cash_management",
    Product.DOLLARS: "demand_usd",
    Product.EUROS: "demand_eur",
}


class Offer(NamedTuple):
    """How a deposit product sells: its share of 100 sold, terms in months with their shares, amounts in fen."""

    code: str
    share: int
    terms: tuple[tuple[int, float], ...]
    median: int
    least: int
    step: int
    renewed: float = 0.0
    """The share of contracts that renew themselves."""


_NO_TERM: Final = ((0, 1.0),)
OFFERS: Final = (
    Offer("lump_sum", 55, ((3, 0.4), (6, 0.25), (12, 0.25), (24, 0.06), (36, 0.04)), 20_000_00, 1_000_00, 100_00, 0.7),
    Offer("save_monthly", 12, ((12, 0.8), (36, 0.2)), 500_00, 100_00, 10_00),
    Offer("draw_monthly", 4, ((12, 1.0),), 12_000_00, 1_200_00, 1_200_00),
    Offer("interest_monthly", 6, ((12, 0.7), (36, 0.3)), 30_000_00, 5_000_00, 1_000_00),
    Offer("at_will", 6, _NO_TERM, 8_000_00, 100_00, 100_00),
    Offer("notice_1d", 3, _NO_TERM, 80_000_00, 50_000_00, 1_000_00),
    Offer("notice_7d", 7, _NO_TERM, 150_000_00, 50_000_00, 1_000_00),
    Offer("certificate", 7, ((1, 0.2), (3, 0.3), (6, 0.2), (12, 0.3)), 300_000_00, 200_000_00, 10_000_00),
)


def party(account: int) -> str:
    """The number of the party that holds an account: the households, employers and merchants have no names."""
    return f"P-{FIRST_PARTY + account}"


def version_of(catalogue: Catalogue, code: str, date: int) -> int:
    """The id of the version of a product that is sold on a date. Raises DemoError where there is none."""
    current = catalogue.current(code, date)
    if current is None:
        raise DemoError(f"The product {code} is not on sale.")
    return current[0]


def opening_orders(bank: Bank, catalogue: Catalogue, date: int) -> tuple[NDArray[np.void], list[str]]:
    """A contract on every account of customers that the bank begins with (dtype CONTRACT), and who holds each."""
    parts: list[NDArray[np.void]] = []
    holders: list[str] = []
    pocket = dict(zip(bank.savings.owner.tolist(), bank.savings.account.tolist(), strict=True))
    for product, accounts, owners in products_of(bank):
        some = orders(len(accounts), version=version_of(catalogue, _CODES[product], date))
        some["account"] = accounts
        if product in _COMPANIES:
            some["flags"] = int(ContractFlag.COMPANY)
        if product is Product.SWEPT:
            some["linked"] = [pocket[owner] for owner in owners.tolist()]
        parts.append(some)
        holders += [party(owner) for owner in owners.tolist()]
    return np.concatenate(parts), holders


def sales(bank: Bank, catalogue: Catalogue, date: int, rng: np.random.Generator) -> tuple[NDArray[np.void], list[str]]:
    """The deposits of persons sold on one day (dtype CONTRACT), each linked to its holder's account; who holds each."""
    count = max(1, bank.accounts // SOLD_SHARE // SELLING_DAYS)
    kinds = rng.choice(len(OFFERS), count, p=[offer.share / 100 for offer in OFFERS])
    rows = np.zeros(count, CONTRACT)
    homes = rng.choice(bank.staying, count)
    for kind, offer in enumerate(OFFERS):
        places = np.flatnonzero(kinds == kind)
        some = orders(len(places), version=version_of(catalogue, offer.code, date))
        months, shares = zip(*offer.terms, strict=True)
        some["months"] = rng.choice(months, len(places), p=shares)
        wanted = amounts(rng, len(places), offer.median, 0.6)
        some["principal"] = np.maximum(offer.least, wanted // offer.step * offer.step)
        some["linked"] = homes[places]
        some["flags"] = np.where(rng.random(len(places)) < offer.renewed, int(ContractFlag.AUTO_RENEW), 0)
        rows[places] = some
    return rows, [party(home) for home in homes.tolist()]


def open_all(deposits: Deposits, rows: NDArray[np.void], holders: list[str]) -> NDArray[np.void]:
    """Open contracts as ordered (dtype CONTRACT); the contracts as they are. Raises DemoError where one is refused."""
    opened = deposits.open_contracts(rows, holders)
    if isinstance(opened, RefusedOrders):
        first = opened.orders[0]
        raise DemoError(f"Order {first.place} of {len(rows):,} is refused: {first.refusal.english}.")
    return deposits.book.rows[opened.start - 1 : opened.stop - 1]


def pay_in(ledger: Ledger, bank: Bank, contracts: NDArray[np.void]) -> None:
    """Post the money of contracts just sold (dtype CONTRACT), brought from other banks. Raises DemoError."""
    hi, lo = ledger.ids.take(len(contracts))
    rows = columns_of(
        txn_hi=hi,
        txn_lo=lo,
        debit=np.full(len(contracts), bank.own.clearing),
        credit=contracts["account"].astype(np.int64),
        amount_minor=contracts["principal"].copy(),
        code=TransferCode.OPENING.code,
    )
    if ledger.submit_columns(rows).result(WAIT_SECONDS).outcome.any():
        raise DemoError("First deposits were refused.")


def rents(bank: Bank, ids: IdSource, date: int, rng: np.random.Generator) -> tuple[StandingOrder, ...]:
    """Rents that some households pay others on a day of each month, from a date on."""
    count = bank.accounts // ACCOUNTS_AN_ORDER
    pairs = rng.choice(bank.staying, (count, 2), replace=False)
    return tuple(
        StandingOrder(
            id=ids.next(),
            from_account=tenant,
            to_account=landlord,
            amount_minor=RENT,
            day_of_month=1 + place % 31,
            first=date,
        )
        for place, (tenant, landlord) in enumerate(pairs.tolist())
    )
