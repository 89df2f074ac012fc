"""What the files of a day hold."""

import numpy as np
import pytest

from yinhe.demo.bank import draw_bank
from yinhe.demo.bulk import (
    Fate,
    Overnight,
    card_settlement,
    clearing,
    late_entry,
    payments_by_code,
    payroll,
    receipts,
    sent_twice,
    standing_orders,
)
from yinhe.kernel.clock import ManualClock
from yinhe.kernel.ids import IdSource
from yinhe.ledger.batch import Flag


@pytest.fixture
def bank():
    return draw_bank(2_000, 1, np.random.default_rng(1))


@pytest.fixture
def ids() -> IdSource:
    return IdSource(ManualClock(0), 1)


@pytest.mark.parametrize("days", [1, 2, 5, 31])
def test_every_household_is_paid_once_in_the_days(bank, ids, days: int) -> None:
    paid = np.concatenate([payroll(bank, ids, day, days) for day in range(days)])
    assert sorted(paid["credit"].tolist()) == bank.households.tolist()


def test_what_is_sent_twice_is_one_employers_file_ids_and_all(bank, ids) -> None:
    file = payroll(bank, ids, 0, 2)
    again = sent_twice(file)
    assert 0 < len(again) < len(file)
    assert len(set(again["debit"].tolist())) == 1
    assert np.isin(again["txn_lo"], file["txn_lo"]).all()
    assert len(sent_twice(file[:0])) == 0


@pytest.mark.parametrize(
    ("fate", "amount", "rows"),
    [
        (Fate.SETTLED_WHOLE, 1_00, [(Flag.POST, 0)]),
        (Fate.SETTLED_PART, 1_00, [(Flag.POST, 75), (Flag.VOID, 0)]),
        (Fate.SETTLED_PART, 1, [(Flag.POST, 0)]),
        (Fate.LATE, 1_00, [(Flag.POST, 0)]),
        (Fate.EXPIRES, 1_00, []),
        (Fate.STAYS, 1_00, []),
    ],
)
def test_a_hold_is_settled_as_it_was_to_be(ids, fate: Fate, amount: int, rows: list[tuple[Flag, int]]) -> None:
    file = card_settlement(ids, [Overnight(17, 3, 4, amount, fate)])
    assert [(row["flags"], row["amount"]) for row in file] == rows
    assert all((row["reference"], row["debit"], row["credit"]) == (17, 3, 4) for row in file)


def test_a_fee_stands_behind_its_payment_under_the_same_id(bank, ids) -> None:
    rows = payments_by_code(bank, ids, np.random.default_rng(2), bank.households)
    fees = np.flatnonzero(rows["leg"] == 1)
    assert len(fees) > 100
    assert (rows["credit"][fees] == bank.own.fees).all()
    assert (rows["flags"][fees - 1] == Flag.LINKED).all()
    assert np.count_nonzero(rows["flags"]) == len(fees)
    for name in ("txn_hi", "txn_lo", "debit"):
        assert (rows[name][fees] == rows[name][fees - 1]).all()
    assert (rows["amount"][fees] == np.maximum(10, rows["amount"][fees - 1] // 200)).all()
    assert len(np.unique(rows["txn_lo"])) == len(rows) - len(fees)


def test_standing_orders_stay_within_one_household(bank, ids) -> None:
    owner = {
        account: home
        for side in (bank.savings, bank.wallets)
        for account, home in zip(side.account.tolist(), side.owner.tolist(), strict=True)
    }
    rows = standing_orders(bank, ids, 0, 2, np.random.default_rng(2))
    assert {int(flag) for flag in rows["flags"]} == {Flag.BALANCING_DEBIT, Flag.BALANCING_CREDIT}
    assert all(owner[row["credit"]] == row["debit"] for row in rows)


def test_a_neighbourhood_shops_out_of_its_own_accounts_and_wallets(bank, ids) -> None:
    homes = bank.block(3, 40)
    rows = payments_by_code(bank, ids, np.random.default_rng(2), homes)
    pockets = bank.wallets.account[np.isin(bank.wallets.owner, homes)]
    assert np.isin(rows["debit"], np.concatenate([homes, pockets])).all()
    assert np.isin(rows["debit"], pockets).any()
    assert sorted(np.concatenate([bank.block(number, 40) for number in range(40)]).tolist()) == bank.households.tolist()


def test_employers_are_paid_enough_for_their_payroll_but_for_one_in_twenty(ids) -> None:
    bank = draw_bank(20_000, 1, np.random.default_rng(1))
    earned = dict(zip(*(receipts(bank, ids)[name].tolist() for name in ("credit", "amount")), strict=True))
    owed = dict.fromkeys(bank.employers.tolist(), 0)
    for row in payroll(bank, ids, 0, 1):
        owed[int(row["debit"])] += int(row["amount"])
    short = [place for place, employer in enumerate(owed) if owed[employer] > earned[employer]]
    assert owed.keys() == earned.keys()
    assert short == [7, 27, 47]


def test_a_transfer_entered_late_says_from_when_it_counts(bank, ids) -> None:
    (row,) = late_entry(bank, ids, 20_000, 80_000_00)
    assert (row["value_date"], row["flags"], row["amount"]) == (20_000, Flag.VALUE_DATED, 80_000_00)
    assert row["credit"] in bank.staying


@pytest.mark.parametrize(("balance", "sides"), [(5, ("clearing", "central_bank")), (-5, ("central_bank", "clearing"))])
def test_clearing_is_settled_whichever_way_it_stands(bank, ids, balance: int, sides: tuple[str, str]) -> None:
    (row,) = clearing(bank, ids, balance)
    assert (row["debit"], row["credit"], row["amount"]) == (*(getattr(bank.own, side) for side in sides), 5)
    assert len(clearing(bank, ids, 0)) == 0
