"""The sample bank is complete at every size, and everyone in it is served."""

import numpy as np
import pytest

from yinhe.demo.bank import (
    ACCOUNTS_MIN,
    DAYS_MAX,
    LANES,
    LEAVING,
    WALLET_MAX,
    Product,
    draw_bank,
    opening_balances,
    openings_of,
    products_of,
)
from yinhe.kernel.clock import ManualClock
from yinhe.kernel.ids import IdSource
from yinhe.ledger.columns import AMOUNT_MAX

SIZES = (ACCOUNTS_MIN, 1_017, 2_000, 5_003, 100_000)


def _bank(accounts: int, first: int = 1):
    return draw_bank(accounts, first, np.random.default_rng(1))


@pytest.mark.parametrize("accounts", SIZES)
@pytest.mark.parametrize("first", [1, 501])
def test_every_index_belongs_to_one_account(accounts: int, first: int) -> None:
    bank = _bank(accounts, first)
    sides = [side.account for side in (bank.wallets, bank.savings, bank.euros, bank.dollars)]
    indexes = np.concatenate([bank.own, bank.employers, bank.merchants, bank.households, *sides])
    assert sorted(indexes.tolist()) == list(range(first, first + accounts))
    assert bank.accounts == accounts
    assert bank.unknown >= first + accounts


@pytest.mark.parametrize("accounts", SIZES)
def test_further_accounts_belong_to_households_one_each_and_every_lane_has_some(accounts: int) -> None:
    bank = _bank(accounts)
    for side in (bank.wallets, bank.savings, bank.euros, bank.dollars):
        assert len(set(side.owner.tolist())) == len(side.account)
        assert np.isin(side.owner, bank.households).all()
        assert set(((side.owner - bank.households[0]) % LANES).tolist()) == set(range(LANES))


@pytest.mark.parametrize("accounts", SIZES)
def test_every_lane_has_someone_to_leave_on_each_day(accounts: int) -> None:
    bank = _bank(accounts)
    assert sorted(np.concatenate([bank.lane(lane) for lane in range(LANES)]).tolist()) == bank.households.tolist()
    assert min(len(bank.lane(lane)) for lane in range(LANES)) > LEAVING + DAYS_MAX


def test_custom_goes_to_few_merchants_and_to_no_one_else() -> None:
    bank = _bank(100_000)
    found = bank.pick_merchants(np.random.default_rng(2), 100_000)
    assert np.isin(found, bank.merchants).all()
    assert np.count_nonzero(found == bank.merchants[0]) > 10_000
    assert bank.custom[-1] == 1.0


def test_wallets_are_small_and_nobody_may_overdraw_or_is_kept_from_leaving() -> None:
    bank = _bank(2_000)
    rows = openings_of(bank)
    wallets = rows[bank.wallets.account - 1]
    assert (wallets["ceiling"] == WALLET_MAX).all()
    assert (wallets["limit_daily"] == WALLET_MAX).all()
    assert (rows["floor"][rows["product"] != Product.OWN] == 0).all()
    leaving = np.concatenate([bank.lane(lane)[LEAVING : LEAVING + DAYS_MAX] for lane in range(LANES)]) - 1
    assert (rows["limit_daily"][leaving] == AMOUNT_MAX).all()
    assert set(rows["currency"].tolist()) == {156, 840, 978}


@pytest.mark.parametrize("accounts", SIZES)
def test_every_account_of_customers_is_of_one_product(accounts: int) -> None:
    bank = _bank(accounts)
    of = np.concatenate([accounts for _, accounts, _ in products_of(bank)])
    assert sorted(of.tolist()) == list(range(bank.own.position_usd + 1, accounts + 1))
    swept = next(accounts for product, accounts, _ in products_of(bank) if product is Product.SWEPT)
    assert np.isin(swept, bank.savings.owner).all()


@pytest.mark.parametrize("accounts", SIZES)
def test_deposits_are_sold_to_households_that_stay_and_may_be_paid(accounts: int) -> None:
    bank = _bank(accounts)
    gone = [bank.lane(lane)[: LEAVING + DAYS_MAX] for lane in range(LANES)]
    assert not np.isin(bank.staying, np.concatenate(gone)).any()
    assert len(bank.staying) > 0


def test_every_customer_begins_with_money_and_within_the_limits() -> None:
    bank = _bank(2_000)
    rows = opening_balances(bank, IdSource(ManualClock(0), 1), np.random.default_rng(4))
    opened = openings_of(bank)
    customers = np.flatnonzero(opened["product"] != Product.OWN) + 1
    assert np.isin(customers, rows["credit"]).all()
    assert len(np.unique(rows["txn_lo"])) == len(rows)
    assert (opened["currency"][rows["debit"] - 1] == opened["currency"][rows["credit"] - 1]).all()
    assert (rows["amount"] <= opened["ceiling"][rows["credit"] - 1]).all()
    assert (rows["amount"] > 0).all()
