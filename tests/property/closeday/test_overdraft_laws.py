"""Overdrafts through nights on paper, beside fractions: whatever is told late, what was taken and is owed is exact."""

from fractions import Fraction

import msgspec
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.property.closeday.paper import PaperBank, day, product, read

from yinhe.closeday.facts import Facts, Plan
from yinhe.closeday.plan import Step
from yinhe.deposits.codes import TransferCode
from yinhe.deposits.overdrafts import Overdrafts
from yinhe.kernel.dates import date_from_days
from yinhe.products.rates import RateEntry

FIRST, LAST = day("2026-03-14"), day("2026-03-25")
FLOOR = 100_000_00
OVERDRAFT = read(
    product(
        "overdraft", 31, 'part = "term.open_ended"', 'part = "interest.flat"\nrate = "0.05%"',
        'part = "accrual.accumulated_balance"', 'part = "settlement.monthly"\nday = 19',
        'part = "overdraft.fixed_limit"\nlimit = "100,000.00 CNY"\nrate = "board:overdraft"',
    ).replace("ledger.deposit", "ledger.overdraft")
)  # fmt: skip
RATES = (
    RateEntry("overdraft", FIRST - 100, FIRST - 100, 5_437_500),
    RateEntry("overdraft", FIRST + 4, FIRST - 100, 6_100_000),
)


class Bank(PaperBank):
    """A paper bank that keeps its overdrafts, and runs the second half of their step."""

    def __init__(self) -> None:
        super().__init__([OVERDRAFT], RATES, FIRST)
        self.overdrafts = Overdrafts()

    def decide(self, step: Step, facts: Facts) -> Plan:
        seen = msgspec.structs.replace(facts, overdrafts=self.overdrafts)
        plan = step.decide(seen)
        if step.name == "overdraft":
            self._post(plan.postings)
            end = len(self.journal)
            began = sum(row[8] <= facts.date for row in self.journal)
            rows, _ = self._rows(began, end)
            assert step.then is not None
            step.then(msgspec.structs.replace(seen, since_cut_off=lambda: rows))
            return Plan()
        return plan


def by_fractions(bank: Bank, account: int) -> tuple[int, int]:
    """What settlements found, and the whole units accrued since, from what was there on each day."""
    settled, accrued = 0, Fraction(0)
    for date in range(FIRST, LAST):
        held = 0
        for _, _, amount, debit, credit, value_date, _, _, booked in bank.journal:
            if min(value_date, booked) <= date and booked < LAST:
                held += (credit == account) * amount - (debit == account) * amount
        rate = Fraction(5_437_500 if date < FIRST + 4 else 6_100_000, 10**8)
        accrued += max(0, -held) * rate / 360
        if date_from_days(date).day == 19:
            settled, accrued = settled + int(accrued + Fraction(1, 2)), Fraction(0)
    return settled, int(accrued)


moves = st.lists(
    st.tuples(st.integers(0, 10), st.integers(0, 10), st.integers(-40_000_00, 30_000_00)), min_size=1, max_size=8
)


@settings(max_examples=40, deadline=None)
@given(moves)
def test_what_was_taken_and_is_owed_is_what_the_days_add_up_to(chosen: list[tuple[int, int, int]]) -> None:
    bank = Bank()
    account = bank.open(1)
    bank.floors[account] = -FLOOR
    while bank.today < LAST:
        for told, value, amount in chosen:
            if FIRST + max(told, value) == bank.today and amount:
                bank.pay(account, amount, FIRST + min(told, value))
        bank.night()
    taken = -sum(bank.posted(account, TransferCode.OVERDRAFT_INTEREST).values())
    row = bank.overdrafts.of(np.array([1]))[0]
    settled, whole = by_fractions(bank, account)
    assert (taken + int(row["owed"]), int(row["whole"])) == (settled, whole)
