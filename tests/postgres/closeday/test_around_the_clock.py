"""The bank never closes: what customers do while a night works lands in its own day, and nothing of it is lost."""

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from uuid import UUID

from tests.conftest import UnitDatabase
from tests.postgres.closeday.house import House, day, product
from tests.postgres.ledger.conftest import wait_until

from yinhe.deposits.answers import Done
from yinhe.deposits.codes import TransferCode
from yinhe.deposits.commands import Close, DepositMore, Open, Withdraw
from yinhe.deposits.service import Deposits
from yinhe.ledger.invariants import check
from yinhe.ledger.outcomes import Outcome
from yinhe.storage.connection import Database

SETTLES = day("2026-01-08")
CURRENT = product(
    "current", 61, 'part = "term.open_ended"', 'part = "interest.flat"\nrate = "3.6%"',
    'part = "accrual.accumulated_balance"', 'part = "settlement.monthly"\nday = 8', 'part = "closing.any_time"',
)  # fmt: skip
"""A ten-thousandth a day, paid for the days to the 8th."""
CUSTOMERS = 4
NIGHTS = 6
INTEREST = (TransferCode.INTEREST.code, TransferCode.INTEREST_CORRECTION.code)


class Customers:
    """Threads that pay in and out, some with yesterday's value date, and remember what they were told."""

    def __init__(self, house: House, accounts: list[int]) -> None:
        self.told: dict[UUID, tuple[int, int]] = {}
        """By transaction the business dates seen before asking and after the answer."""
        self.faults: list[BaseException] = []
        self._house, self._accounts = house, accounts
        self._stop = threading.Event()

    def work(self, seed: int) -> None:
        chance = random.Random(seed)
        ledger = self._house.ledger
        try:
            while not self._stop.is_set():
                before, txn_id = ledger.business_date, ledger.ids.next()
                account, amount = chance.choice(self._accounts), chance.randint(1, 5_000_00)
                debit, credit = chance.choice([(self._house.cash, account), (account, self._house.cash)])
                late = before - 1 if chance.random() < 0.2 and before > day("2026-01-05") else None
                answer = ledger.transfer(
                    debit=debit, credit=credit, amount_minor=amount, txn_id=txn_id, value_date=late
                )
                if answer.posted:
                    self.told[txn_id] = (before, ledger.business_date)
                else:
                    assert answer.outcome is Outcome.INSUFFICIENT_FUNDS, answer
                self._stop.wait(0.005)
        except BaseException as error:
            self.faults.append(error)
            raise

    def wait_for_more(self, count: int = 25) -> None:
        goal = len(self.told) + count
        wait_until(lambda: len(self.told) >= goal or bool(self.faults))
        assert not self.faults

    @contextmanager
    def at_work(self) -> Iterator["Customers"]:
        threads = [threading.Thread(target=self.work, args=(seed,), daemon=True) for seed in range(2)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            for thread in threads:
                thread.join(60)
        assert not self.faults


def days_by_value(house: House, account: int, last: int) -> list[int]:
    """What an account held by value date at the end of each day from the first to `last`, without interest."""
    first = day("2026-01-05")
    moved = [0] * (last - first + 1)
    for line in house.ledger.history(account, limit=1_000).entries:
        if line.code not in INTEREST:
            moved[min(line.value_date, line.business_date) - first] += line.amount_minor
    return [sum(moved[: n + 1]) for n in range(len(moved))]


def test_what_customers_do_while_the_nights_work_lands_in_its_day_and_earns_to_the_cent(
    house: House, empty_unit: UnitDatabase
) -> None:
    version = house.publish(CURRENT)
    accounts = [house.open(version, 900_000_00) for _ in range(CUSTOMERS)]
    customers, first = Customers(house, accounts), house.today
    with customers.at_work():
        for _ in range(NIGHTS):
            customers.wait_for_more()
            house.night()
        customers.wait_for_more()
    # The evening of a quiet day hears of what was told late on the one before.
    house.nights_until(first + NIGHTS + 2)
    last = house.today - 1
    found: dict[UUID, int] = {}
    ledger = house.ledger
    for date in range(first, last + 1):
        for row in ledger.rows_between(ledger.seq_at_date(date - 1) + 1, ledger.seq_at_date(date) + 1):
            txn_id = UUID(int=int(row["txn_hi"]) << 64 | int(row["txn_lo"]))
            if txn_id in customers.told:
                assert txn_id not in found
                found[txn_id] = date
    assert found.keys() == customers.told.keys()
    assert all(before <= found[txn_id] <= after for txn_id, (before, after) in customers.told.items())
    assert len(set(found.values())) == NIGHTS + 1
    for place, account in enumerate(accounts):
        held = days_by_value(house, account, last)
        to_settlement = SETTLES - first + 1
        paid = int(Fraction(sum(held[:to_settlement]), 10_000) + Fraction(1, 2))
        lines = house.ledger.history(account, limit=1_000).entries
        assert sum(line.amount_minor for line in lines if line.code in INTEREST) == paid
        assert house.balance(account) == held[-1] + paid
        row = house.bank.book.rows[place]
        assert min(held) > 0
        accrued = Fraction(sum(balance + paid for balance in held[to_settlement:]), 10_000)
        assert int(row["whole"]) + Fraction(int(row["remainder"]), 36_000_000_000) == accrued
    payable = house.balance(house.bank.pools.account(2231, 156, 61))
    assert payable == int(house.bank.book.rows["whole"].sum())
    report = check(Database(empty_unit.url, None), empty_unit.unit, lambda done, total: None)
    assert report.sound, report


def test_contracts_are_opened_drawn_and_closed_between_the_steps_of_a_settling_night(house: House) -> None:
    """Each step of the night of the 8th is followed by a customer at the counter."""
    version = house.publish(CURRENT)
    deposits = Deposits(house.bank)
    accounts = [house.open(version, 10_000_00) for _ in range(3)]
    house.nights_until(SETTLES)
    ids, done = house.ledger.ids, list[str]()

    def at_the_counter(step: str, _: int, total: int) -> None:
        if total or step in done:
            return
        done.append(step)
        commands = {
            "interest of the day": Withdraw(id=ids.next(), contract=1, amount_minor=1_000_00, payee=house.cash),
            "settlement of interest due": Close(id=ids.next(), contract=2, payee=house.cash),
            "maturities and renewals": DepositMore(
                id=ids.next(), contract=3, amount_minor=5_000_00, funding=house.cash
            ),
            "account fees": Open(
                id=ids.next(), version=version, holder="C-4", amount_minor=7_000_00, funding=house.cash
            ),
        }
        if step in commands:
            answer = deposits.do(commands[step])
            assert isinstance(answer, Done), (step, answer)

    house.runner.close(SETTLES, at_the_counter)
    assert len(done) >= 4
    house.clock.advance(86_400_000_000)
    house.night()
    deposits.close()
    # Four days of 10,000.00: 4.00 to each; who drew on the 9th drew none of what the 8th earned.
    assert house.balance(accounts[0]) == 9_000_00 + 4_00
    assert house.balance(accounts[1]) == 0
    closing = [line.amount_minor for line in house.ledger.history(accounts[1]).entries]
    assert closing == [-(10_000_00 + 4_00), 4_00, 10_000_00]
    assert house.balance(accounts[2]) == 15_000_00 + 4_00
    rows = house.bank.book.rows
    base = 36_000_000_000
    accrued = [int(row["whole"]) + Fraction(int(row["remainder"]), base) for row in rows[:]]
    # The 9th alone, on what each held at its end.
    assert accrued == [Fraction(held, 10_000) for held in (9_004_00, 0, 15_004_00, 7_000_00)]
    assert house.balance(house.bank.pools.account(2231, 156, 61)) == int(rows["whole"].sum())
