"""When payments that are due are looked for: once their date has come, hourly after that, and not within a night."""

from types import SimpleNamespace
from typing import Any

from yinhe.bank import DuePayments
from yinhe.kernel.clock import ManualClock

HOUR_US = 3_600_000_000


class Payments:
    """Notes what is asked of it; fails when told to."""

    def __init__(self) -> None:
        self.asked: list[str | int] = []
        self.fails = False

    def resume(self) -> int:
        self.asked.append("resume")
        return 0

    def run_due(self, date: int) -> int:
        if self.fails:
            raise ConnectionError
        self.asked.append(date)
        return 0


def bank_at(date: int) -> Any:
    holding = SimpleNamespace(night_open=False)
    ledger = SimpleNamespace(business_date=date)
    return SimpleNamespace(ledger=ledger, clock=ManualClock(0), holding=holding, payments=Payments())


def looked(due: DuePayments) -> None:
    due(lambda: False)


def test_what_a_stop_left_comes_first_then_each_date_and_each_hour_once() -> None:
    bank = bank_at(20_000)
    due = DuePayments(bank)
    looked(due)
    looked(due)
    assert bank.payments.asked == ["resume", 20_000]
    bank.clock.advance(HOUR_US - 1)
    looked(due)
    bank.clock.advance(1)
    looked(due)
    looked(due)
    assert bank.payments.asked == ["resume", 20_000, 20_000]
    bank.ledger.business_date = 20_001
    looked(due)
    looked(due)
    assert bank.payments.asked == ["resume", 20_000, 20_000, 20_001]


def test_nothing_is_paid_within_a_night_that_broke_off() -> None:
    bank = bank_at(20_000)
    bank.holding.night_open = True
    due = DuePayments(bank)
    looked(due)
    assert bank.payments.asked == []
    bank.holding.night_open = False
    looked(due)
    assert bank.payments.asked == ["resume", 20_000]


def test_what_failed_is_looked_for_again_at_once() -> None:
    bank = bank_at(20_000)
    due, bank.payments.fails = DuePayments(bank), True
    for _ in range(2):
        try:
            looked(due)
        except ConnectionError:
            continue
    bank.payments.fails = False
    looked(due)
    assert bank.payments.asked == ["resume", "resume", "resume", 20_000]
