"""Around a night: money drawn after maturity or early, a credit beside a closing, a hold that ends, fees."""

import pytest
from tests.postgres.closeday.house import House, day, product
from tests.postgres.ledger.conftest import wait_until

from yinhe.closeday.bank import DepositBank
from yinhe.closeday.runner import NightRunner
from yinhe.closeday.store import NightStore
from yinhe.deposits.answers import Done
from yinhe.deposits.codes import TransferCode
from yinhe.deposits.commands import Close, Withdraw
from yinhe.deposits.decide import decide_close
from yinhe.deposits.plans import Plan
from yinhe.deposits.refusals import Refusal
from yinhe.deposits.service import Deposits
from yinhe.ledger.columns import AccountFlag
from yinhe.ledger.ledger import Ledger

OPEN_ENDED = 'part = "term.open_ended"'
BY_DAY = 'part = "accrual.accumulated_balance"'
TIME = product(
    "time", 91, 'part = "term.fixed"\noffered = ["1 month"]',
    'part = "interest.by_term"\nrates = [{term = "1 month", rate = "1.2%"}]', 'part = "accrual.transaction"',
    'part = "settlement.at_maturity"', 'part = "early_withdrawal.at_rate"\nrate = "board:demand"\ntimes = 1',
    'part = "renewal.none"\nafter = "board:demand"',
)  # fmt: skip
PLAIN = product(
    "plain", 92, OPEN_ENDED, 'part = "interest.flat"\nrate = "3.6%"', BY_DAY, 'part = "settlement.quarterly"',
    'part = "closing.any_time"',
)  # fmt: skip
CHARGED = product(
    "charged", 93, OPEN_ENDED, 'part = "interest.none"', BY_DAY, 'part = "settlement.quarterly"',
    'part = "fee.flat"\nevent = "month"\ncharge = "10.00 CNY"',
    'part = "fee.free_count"\nevent = "month"\ncharge = "7.00 CNY"\nfree = 1',
)  # fmt: skip


def interest(house: House, account: int) -> list[int]:
    """The interest an account was paid, oldest first."""
    found = house.ledger.history(account, limit=1_000).entries
    return [line.amount_minor for line in reversed(found) if line.code == TransferCode.INTEREST.code]


@pytest.fixture
def deposits(house: House):
    served = Deposits(house.bank)
    yield served
    served.close()


def close(house: House, deposits: Deposits, contract: int) -> Done:
    done = deposits.do(Close(id=house.ledger.ids.next(), contract=contract, payee=house.cash))
    assert isinstance(done, Done), done
    return done


@pytest.mark.parametrize("told", ["days before", "on the morning of the day"])
def test_what_is_drawn_after_maturity_earns_the_demand_rate_of_the_day_of_drawing_for_all_days_since(
    house: House, deposits: Deposits, told: str
) -> None:
    house.rate("demand", 360_000)
    house.open(house.publish(TIME), 100_000_00, months=1)
    drawn_on = day("2026-02-15")
    if told == "days before":
        house.rate("demand", 720_000, drawn_on)
    house.nights_until(drawn_on)
    if told != "days before":
        house.rate("demand", 720_000)
    # A month at 1.2 % is 100.00; then ten days of 100,100.00 at 0.72 %, not at 0.36 %.
    done = close(house, deposits, 1)
    assert (done.interest_minor, done.paid_minor) == (20_02, 100_120_02)
    # Interest payable holds nothing of it any more.
    house.night()
    assert house.balance(house.bank.pools.account(2231, 156, 91)) == 0


def test_a_part_drawn_early_and_then_an_entry_told_late_earn_each_at_their_rate(
    house: House, deposits: Deposits
) -> None:
    house.rate("demand", 360_000)
    account = house.open(house.publish(TIME), 90_000_00, months=1)
    house.nights_until(day("2026-01-15"))
    part = Withdraw(id=house.ledger.ids.next(), contract=1, amount_minor=30_000_00, payee=house.cash)
    done = deposits.do(part)
    assert isinstance(done, Done), done
    # Ten days of 30,000.00 at the demand rate.
    assert done.interest_minor == 3_00
    house.nights_until(day("2026-01-20"))
    house.pay(account, -12_000_00, value_date=day("2026-01-10"))
    house.nights_until(day("2026-02-05"))
    # A month at 1.2 % of the 48,000.00 that were there by value date: nothing of what was drawn is paid again.
    assert interest(house, account) == [3_00, 48_00]
    assert house.balance(account) == 48_048_00


def test_a_credit_that_arrives_while_a_contract_is_closed_is_neither_lost_nor_paid_twice(
    house: House, deposits: Deposits, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = house.open(house.publish(PLAIN), 10_000_00)
    house.nights_until(day("2026-01-15"))

    def and_a_credit(command: Close, standing: object) -> Plan | Refusal:
        plan = decide_close(command, standing)
        house.pay(account, 5_00)
        return plan

    monkeypatch.setattr("yinhe.deposits.service.decide_close", and_a_credit)
    done = close(house, deposits, 1)
    # Ten days at a ten-thousandth a day.
    assert (done.interest_minor, done.paid_minor) == (10_00, 10_010_00)
    # What came meanwhile follows the rest of the money, and the account is closed …
    follows = house.ledger.history(account).entries[0]
    assert (follows.amount_minor, follows.counter_account) == (-5_00, house.cash)
    assert house.balance(account) == 0
    assert house.ledger.account(account).flags & AccountFlag.CLOSED
    # … and the nights go on, with a book that agrees.
    report = house.night()
    assert report.figure("accrue", "contracts") == 0
    assert house.balance(house.bank.pools.account(2231, 156, 92)) == 0


def test_a_hold_that_ends_in_the_night_gives_the_money_back_and_no_night_waits_for_it(house: House) -> None:
    account = house.open(house.publish(PLAIN), 100_00)
    ends_at = house.clock.now_us() + 600_000_000
    held = house.ledger.hold(debit=account, credit=house.cash, amount_minor=80_00, expires_at=ends_at)
    assert held.posted
    assert house.ledger.account(account).held_minor == 80_00
    # Its time comes while the night is at work: the ledger ends it by itself.
    house.runner.close(
        house.today,
        lambda step, done, total: house.clock.advance(601_000_000) if step == "account fees" else None,
    )
    wait_until(lambda: house.ledger.account(account).held_minor == 0)
    assert house.night().figure("reconcile", "contracts") == 1
    house.pay(account, -100_00)
    assert house.balance(account) == 0


@pytest.mark.parametrize("killed_after", ["submit_columns", "before the step's end"])
def test_a_months_fees_are_charged_once_also_when_the_night_was_killed_in_the_middle(
    house: House, monkeypatch: pytest.MonkeyPatch, killed_after: str
) -> None:
    version = house.publish(CHARGED)
    rich, poor = house.open(version, 500_00), house.open(version, 6_00)
    house.nights_until(day("2026-01-31"))
    submit, end_step = Ledger.submit_columns, NightStore.end_step

    def submitted(self: Ledger, *given: object, **named: object) -> object:
        submission = submit(self, *given, **named)
        submission.result(60)
        raise KeyboardInterrupt

    def ended(self: NightStore, date: int, step: str, *rest: object) -> None:
        if step == "fees":
            raise KeyboardInterrupt
        end_step(self, date, step, *rest)

    with monkeypatch.context() as patch:
        if killed_after == "submit_columns":
            patch.setattr(Ledger, "submit_columns", submitted)
        else:
            patch.setattr(NightStore, "end_step", ended)
        with pytest.raises(KeyboardInterrupt):
            house.runner.close(house.today, lambda step, done, total: None)
    # What was taken is taken; a customer pays in before the night is taken up: the fee stays what it was.
    assert (house.balance(rich), house.balance(poor)) == (490_00, 0)
    house.pay(poor, 100_00)
    house.bank = DepositBank(house.ledger, house.connect)
    house.runner = NightRunner(house.bank, house.clock)
    house.runner.close(house.today - 1, lambda step, done, total: None)
    # The first of a month is free where one is free: only the flat fee is charged.
    assert (house.balance(rich), house.balance(poor)) == (490_00, 100_00)
    assert house.balance(house.bank.pools.account(6021, 156, 93)) == 16_00
