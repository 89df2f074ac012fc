"""What does not come in its turn: a date rolled by hand, a contract changed in a broken night, an account come late."""

import pytest
from tests.postgres.closeday.house import DEMAND, House, day, product

from yinhe.closeday.bank import DepositBank
from yinhe.closeday.errors import NotReconciled
from yinhe.closeday.runner import NightRunner
from yinhe.closeday.store import NightStore
from yinhe.deposits.codes import TransferCode
from yinhe.deposits.columns import ContractFlag
from yinhe.deposits.commands import Amend
from yinhe.deposits.refusals import ContractRefusal, Refusal
from yinhe.deposits.service import Deposits
from yinhe.ledger.accounts import openings
from yinhe.ledger.ledger import Ledger

BEGINNING = ('part = "term.open_ended"', 'part = "interest.none"')
BY_DAY = ('part = "accrual.accumulated_balance"', 'part = "settlement.quarterly"')
SWEPT = product(
    "swept",
    32,
    *BEGINNING,
    *BY_DAY,
    'part = "sweep.above_floor"\nfloor = "1,000.00 CNY"\nstep = "100.00 CNY"',
    'part = "dormancy.after_months"\nmonths = 1',
)
UNCLAIMED = product(
    "idle", 31, *BEGINNING, *BY_DAY, 'part = "dormancy.unclaimed"\nmonths = 1\nmore_months = 1'
).replace("ledger.deposit", "ledger.unclaimed")


def is_dormant(house: House, account: int) -> bool:
    flags = int(house.bank.book.rows["flags"][house.bank.book.of_account(account)])
    return bool(flags & ContractFlag.DORMANT)


def test_a_settlement_booked_days_late_has_its_own_value_date_and_is_not_paid_again(house: House) -> None:
    house.rate("demand", 3_600_000)
    account = house.open(house.publish(DEMAND), 1_000_000_00)
    house.nights_until(day("2026-03-20"))
    house.ledger.roll_date(day("2026-03-23"))
    house.runner.close_through(day("2026-03-22"), lambda step, done, total: None)
    entry = house.ledger.history(account).entries[0]
    # 75 days of 100.00 a day.
    assert (entry.amount_minor, entry.value_date) == (7_500_00, day("2026-03-21"))
    house.pay(account, 100_00, value_date=day("2026-03-18"))
    house.night()
    # The late 100.00 earns from the 18th to the 20th, counted: 0.03, and nothing else is corrected.
    corrections = [e for e in house.ledger.history(account).entries if e.code == TransferCode.INTEREST_CORRECTION.code]
    assert [(one.amount_minor, one.value_date) for one in corrections] == [(3, day("2026-03-21"))]
    # From the 21st all of it earns, whenever it was booked: three days of 1,007,600.03 at 3.6 % over 360.
    assert house.bank.book.rows["whole"][0] == 3 * 100_760_003 // 10_000


def test_a_contract_is_not_changed_while_a_night_that_broke_off_is_to_be_taken_up(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.rate("demand", 0)
    version = house.publish(DEMAND)
    first, second = house.open(version), house.open(version)
    swept = house.open(house.publish(SWEPT), 2_345_67, linked=first)
    end_step = NightStore.end_step

    def broken(self: NightStore, date: int, step: str, *rest: object) -> None:
        if step == "sweep":
            raise KeyboardInterrupt
        end_step(self, date, step, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(NightStore, "end_step", broken)
        with pytest.raises(KeyboardInterrupt):
            house.runner.close(house.today, lambda step, done, total: None)
    house.bank = DepositBank(house.ledger, house.connect)
    deposits = Deposits(house.bank)
    contract = house.bank.book.of_account(swept) + 1
    refused = deposits.do(Amend(id=house.ledger.ids.next(), contract=contract, linked=second))
    assert refused == Refusal(ContractRefusal.NIGHT_OPEN)
    NightRunner(house.bank, house.clock).close(house.today - 1, lambda step, done, total: None)
    changed = deposits.do(Amend(id=house.ledger.ids.next(), contract=contract, linked=second))
    assert not isinstance(changed, Refusal), changed
    assert (house.balance(first), house.balance(second)) == (1_300_00, 0)
    deposits.close()


def test_an_account_opened_while_the_night_reconciles_does_not_stop_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.rate("demand", 350_000)
    house.open(house.publish(DEMAND), 1_00)
    balances_at = Ledger.balances_at

    def and_open(self: Ledger, seq: int) -> object:
        found = balances_at(self, seq)
        self.open_accounts(openings(3, currency=156, gl_code=2011))
        return found

    monkeypatch.setattr(Ledger, "balances_at", and_open)
    assert house.night().figure("reconcile", "contracts") == 1


def test_money_that_the_bank_itself_moves_does_not_wake_an_account(house: House) -> None:
    idle = house.open(house.publish(UNCLAIMED), 50_00)
    house.nights_until(day("2026-02-06"))
    assert is_dormant(house, idle)
    house.nights_until(day("2026-03-10"))
    assert house.balance(idle) == 0
    assert is_dormant(house, idle)


def test_its_customer_wakes_a_dormant_account(house: House) -> None:
    swept = house.open(house.publish(SWEPT), 50_00)
    house.nights_until(day("2026-02-07"))
    assert is_dormant(house, swept)
    house.pay(swept, 1)
    house.night()
    assert not is_dormant(house, swept)


def test_a_date_that_did_not_reconcile_is_closed_when_its_cause_is_mended(house: House) -> None:
    house.rate("demand", 350_000)
    house.open(house.publish(DEMAND), 10_000_00)
    house.night()
    payable = house.bank.pools.account(2231, 156, 11)
    house.pay(payable, 1)
    date = house.today
    with pytest.raises(NotReconciled, match="interest payable"):
        house.night()
    with pytest.raises(NotReconciled, match="interest payable"):
        house.runner.close(date, lambda step, done, total: None)
    house.ledger.transfer(debit=payable, credit=house.cash, amount_minor=1)
    assert house.runner.close(date, lambda step, done, total: None).resumed
