"""An account that is overdrawn bears interest, which is settled and taken as far as there is money above the floor."""

import numpy as np
from tests.postgres.closeday.house import CNY, House, day, product

from yinhe.closeday.explain import explain
from yinhe.closeday.past import Past
from yinhe.deposits.codes import TransferCode
from yinhe.deposits.commands import Close
from yinhe.deposits.refusals import Refusal
from yinhe.deposits.service import Deposits
from yinhe.kernel.ids import join

OVERDRAFT = product(
    "overdraft",
    31,
    'part = "term.open_ended"',
    'part = "interest.flat"\nrate = "0.05%"',
    'part = "accrual.accumulated_balance"',
    'part = "settlement.monthly"\nday = 8',
    'part = "overdraft.fixed_limit"\nlimit = "100,000.00 CNY"\nrate = "board:overdraft"',
).replace("ledger.deposit", "ledger.overdraft")


def opened(house: House) -> int:
    house.rate("overdraft", 5_400_000)
    return house.publish(OVERDRAFT)


def receivable(house: House) -> int:
    """What the bank's account says that overdrawn accounts owe."""
    return -house.balance(house.bank.pools.account(1132, CNY, 31))


def owes(house: House, account: int) -> tuple[int, int]:
    """Interest of the running period in whole minor units, and what is settled and not taken."""
    contract = house.bank.book.of_account(account) + 1
    found = [row for row in house.bank.overdrafts.rows if row["contract"] == contract]
    return (int(found[0]["whole"]), int(found[0]["owed"])) if found else (0, 0)


def explained(house: House) -> None:
    """Every posting is what it is worked out to be, those of overdrafts among them."""
    codes = (TransferCode.OVERDRAFT_INTEREST.code, TransferCode.OVERDRAFT_ACCRUED.code)
    with Past(house.connect) as past:
        rows = house.ledger.feed(0, 100_000)
        found = rows[np.isin(rows["code"], codes)]
        assert len(found) > 2
        for row in rows:
            told = explain(past, join(int(row["txn_hi"]), int(row["txn_lo"])))
            assert told.derived or row["code"] not in codes
            if row["code"] in codes and told.derivation is not None and told.night == day("2026-01-08"):
                assert told.derivation.amount_minor == int(row["reference"])


def test_what_is_overdrawn_costs_interest_by_day_and_is_taken_at_the_settlement(house: House) -> None:
    assert house.today == day("2026-01-05")
    account = house.open(opened(house), floor=-100_000_00)
    house.pay(account, -60_000_00)
    house.night()
    # 60,000.00 at 5.40 % / 360 is 9.00 a day.
    assert owes(house, account) == (9_00, 0)
    assert receivable(house) == 9_00
    house.pay(account, 30_000_00)
    house.night()
    assert owes(house, account) == (13_50, 0)
    # Known on the 7th: 24,000.00 were there since the 5th. 5.40 of that day, 0.90 of each since.
    house.pay(account, 24_000_00, value_date=day("2026-01-05"))
    house.night()
    assert owes(house, account) == (7_20, 0)
    assert receivable(house) == 7_20
    house.night()
    assert owes(house, account) == (0, 0)
    assert house.balance(account) == -6_000_00 - 8_10
    assert receivable(house) == 0
    # Known on the 9th: 1,000.00 were there since the 7th. The settlement had 0.15 too much for each of 7 and 8.
    house.pay(account, 1_000_00, value_date=day("2026-01-07"))
    house.night()
    assert house.balance(account) == -5_000_00 - 8_10 + 30
    assert owes(house, account) == (75, 0)
    assert house.balance(house.bank.pools.account(6011, CNY, 31)) == 8_10 - 30 + 75
    explained(house)
    # Read again from the database it is the same.
    house.bank.reload()
    assert owes(house, account) == (75, 0)


def test_interest_never_carries_an_account_below_its_floor_and_is_asked_for_again(house: House) -> None:
    account = house.open(opened(house), floor=-60_000_00)
    house.pay(account, -60_000_00)
    house.nights_until(day("2026-01-09"))
    assert house.balance(account) == -60_000_00
    assert owes(house, account) == (0, 36_00)
    house.pay(account, 20_00)
    house.night()
    assert house.balance(account) == -60_000_00
    # 59,980.00 on the 9th: 8.997.
    assert owes(house, account) == (8_99, 16_00)
    house.pay(account, 60_016_00)
    house.night()
    assert house.balance(account) == 0
    assert owes(house, account) == (8_99, 0)
    assert receivable(house) == 8_99
    explained(house)
    contract = int(house.bank.book.of_account(account)) + 1
    deposits = Deposits(house.bank)
    refused = deposits.do(Close(id=house.ledger.ids.next(), contract=contract))
    deposits.close()
    assert isinstance(refused, Refusal)
    assert refused.name == "overdraft_owed"


def test_a_rate_corrected_counts_as_if_it_had_been_known(house: House) -> None:
    account = house.open(opened(house), floor=-100_000_00)
    house.pay(account, -60_000_00)
    house.night()
    house.night()
    assert owes(house, account) == (18_00, 0)
    house.rate("overdraft", 7_200_000, day("2026-01-06"), correction=True)
    house.night()
    # 9.00, and 12.00 for each day from the 6th on.
    assert owes(house, account) == (33_00, 0)
    explained(house)
