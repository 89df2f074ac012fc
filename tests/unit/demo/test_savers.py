"""Everyone in the sample bank has contracts that its products allow, and deposits are sold that they allow, too."""

from datetime import date

import numpy as np
import pytest

from yinhe.demo.bank import CNY, Product, draw_bank
from yinhe.demo.errors import DemoError
from yinhe.demo.savers import OFFERS, SELLING_DAYS, opening_orders, party, rents, sales, version_of
from yinhe.demo.shelf import NEW_RATES, OWN_PRODUCT, own_product
from yinhe.deposits.bulk import dated, ready_orders, refuse_orders
from yinhe.deposits.columns import ContractFlag
from yinhe.kernel.clock import ManualClock
from yinhe.kernel.dates import days_from_date
from yinhe.kernel.ids import IdSource
from yinhe.kernel.rates import parse_rate
from yinhe.products.assembly import read_product
from yinhe.products.catalogue import Catalogue, Version
from yinhe.products.parts.base import Channel
from yinhe.products.product import Product as BankProduct
from yinhe.products.product_library import library_products, library_rates
from yinhe.products.rates import RateBook, RateEntry
from yinhe.products.registry import part_classes
from yinhe.products.status import Status

TODAY = days_from_date(date(2026, 5, 25))


def version(number: int, product: BankProduct) -> Version:
    return Version(
        id=number,
        product=product,
        status=Status.PUBLISHED,
        text="",
        sha256="",
        author="author",
        approver="approver",
        drafted_on=product.effective,
        approved_on=product.effective,
        published_on=product.effective,
        withdrawn_on=None,
    )


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """The library and the bank's own product, as they are sold."""
    own = read_product(own_product(TODAY), OWN_PRODUCT, part_classes())
    assert isinstance(own, BankProduct)
    entries = [RateEntry(one.table, one.effective, TODAY, one.rate) for one in library_rates()]
    products = [version(number, product) for number, product in enumerate((*library_products(), own), start=1)]
    return Catalogue(products, RateBook(entries))


@pytest.mark.parametrize("accounts", [1_000, 2_000, 20_000])
def test_every_account_of_customers_gets_the_contract_of_its_product(catalogue: Catalogue, accounts: int) -> None:
    bank = draw_bank(accounts, 1, np.random.default_rng(1))
    rows, holders = opening_orders(bank, catalogue, TODAY)
    assert sorted(rows["account"].tolist()) == list(range(bank.own.position_usd + 1, accounts + 1))
    assert refuse_orders(catalogue, dated(rows, TODAY), TODAY, Channel.COUNTER) is None
    assert len(holders) == len(rows)
    number = {one.id: one.product.number for one in catalogue.versions}
    swept = rows[np.array([number[version] == Product.SWEPT for version in rows["version"].tolist()])]
    owner = dict(zip(bank.savings.account.tolist(), bank.savings.owner.tolist(), strict=True))
    assert [owner[linked] for linked in swept["linked"].tolist()] == swept["account"].tolist()
    companies = rows["flags"] & ContractFlag.COMPANY != 0
    assert sorted(rows["account"][companies].tolist()) == [*bank.employers.tolist(), *bank.merchants.tolist()]


def test_what_is_sold_in_its_days_is_every_kind_and_none_is_refused(catalogue: Catalogue) -> None:
    bank = draw_bank(2_000, 1, np.random.default_rng(1))
    sold: set[int] = set()
    for day in range(SELLING_DAYS):
        rows, holders = sales(bank, catalogue, TODAY + day, np.random.default_rng([7, day]))
        rows = dated(rows, TODAY + day)
        assert refuse_orders(catalogue, rows, TODAY + day, Channel.COUNTER) is None
        assert holders == [party(home) for home in rows["linked"].tolist()]
        assert np.isin(rows["linked"], bank.staying).all()
        contracts, accounts = ready_orders(catalogue, rows, TODAY + day, Channel.COUNTER)
        assert (accounts["currency"] == CNY).all()
        assert (contracts["principal"] > 0).all()
        sold |= set(rows["version"].tolist())
    assert sold == {version_of(catalogue, offer.code, TODAY) for offer in OFFERS}
    assert sum(offer.share for offer in OFFERS) == 100


def test_rents_go_from_one_household_to_another_on_every_day_of_a_month() -> None:
    bank = draw_bank(20_000, 1, np.random.default_rng(1))
    orders = rents(bank, IdSource(ManualClock(0), 1), TODAY, np.random.default_rng(2))
    assert {order.day_of_month for order in orders} == set(range(1, 32))
    sides = [side for order in orders for side in (order.from_account, order.to_account)]
    assert len(set(sides)) == len(sides)


def test_new_rates_are_those_of_tables_that_products_follow_and_differ() -> None:
    latest = {one.table: one.rate for one in sorted(library_rates(), key=lambda one: one.effective)}
    assert all(latest[table] != parse_rate(rate).units for table, rate in NEW_RATES)


def test_a_product_that_is_not_sold_is_a_fault(catalogue: Catalogue) -> None:
    with pytest.raises(DemoError, match="not on sale"):
        version_of(catalogue, "demand", TODAY - 1_000)
