"""Saving monthly: instalments missed, made good, and missed for good, worked out by hand beside the nights.

The rule of 零存整取: what is missed may be made good in the next month; if not, what is paid in later earns the demand
rate, and what was there keeps the agreed one.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction

import pytest
from tests.conftest import NewUnit
from tests.postgres.closeday.house import DEMAND, House, day, plain_interest, product
from tests.postgres.ledger.conftest import START_US, ledger_at

from yinhe.closeday.explain import explain
from yinhe.closeday.past import Past
from yinhe.closeday.scenario import Movement, Scenario
from yinhe.closeday.simulate import simulate
from yinhe.deposits.codes import TransferCode
from yinhe.deposits.columns import ContractFlag
from yinhe.kernel.clock import ManualClock

AGREED, LOWER = Fraction(36, 1000), Fraction(36, 10_000)
SAVING = product(
    "saving",
    31,
    'part = "term.fixed"\noffered = ["6 months"]',
    'part = "interest.by_term"\nrates = [{term = "6 months", rate = "3.6%"}]',
    'part = "accrual.accumulated_balance"',
    'part = "settlement.at_maturity"',
    'part = "instalment.save_monthly"\nbroken = "board:demand"\nmissed_most = 1',
    'part = "early_withdrawal.at_rate"\nrate = "board:demand"\ntimes = 0',
    'part = "renewal.none"\nafter = "board:demand"',
)
START, MATURITY = "2026-01-05", "2026-07-05"
PAYMENTS = {
    "all in time": [START, "2026-02-05", "2026-03-05", "2026-04-05", "2026-05-05", "2026-06-05"],
    "one made good in the next month": [START, "2026-02-05", "2026-04-01", "2026-04-05", "2026-05-05", "2026-06-05"],
    "one not made good": [START, "2026-02-05", "2026-04-05", "2026-05-10", "2026-06-05"],
    "two made good, where one may be": [START, "2026-03-04", "2026-03-05", "2026-05-04", "2026-05-05", "2026-06-05"],
}
"""The days of 1,000.00 each."""
BROKEN_ON = {
    "all in time": None,
    # March is missed, and there before May's instalment.
    "one made good in the next month": None,
    # March is missed; April's payment fills the gap and leaves its own, so at the end of 4 May it was missed twice.
    "one not made good": "2026-05-05",
    # Paid on the last day of its month, a payment is in time: nothing was missed.
    "two made good, where one may be": None,
}


def by_hand(paid: Sequence[str], broken_on: str | None) -> int:
    """Every day's balance at the agreed rate; what came from the break on at the lower one."""
    days = []
    for date in range(day(START), day(MATURITY)):
        there = [1_000_00 for one in paid if day(one) <= date]
        late = [1_000_00 for one in paid if broken_on and day(broken_on) <= day(one) <= date]
        days += [(sum(there) - sum(late), AGREED), (sum(late), LOWER)]
    return plain_interest(days)


@pytest.fixture
def saving(house: House) -> House:
    house.rate("demand", 360_000)
    return house


@pytest.fixture(scope="module", params=[False, True], ids=["as it is", "memory read again"])
def plans(request: pytest.FixtureRequest, new_unit: NewUnit) -> Iterator[tuple[House, dict[str, int]]]:
    """A bank with every case from its start to its maturity, and their accounts; memory is read again each month."""
    clock = ManualClock(START_US)
    with new_unit() as unit, ledger_at(unit.url, unit.unit, clock) as ledger:
        house = House(ledger, clock)
        house.rate("demand", 360_000)
        version = house.publish(SAVING)
        accounts = {case: house.open(version, 1_000_00, months=6) for case in PAYMENTS}
        for date in sorted({date for paid in PAYMENTS.values() for date in paid[1:]}):
            house.nights_until(day(date))
            if request.param:
                house.bank.reload()
            for case, paid in PAYMENTS.items():
                if date in paid[1:]:
                    house.pay(accounts[case], 1_000_00)
        house.nights_until(day(MATURITY))
        yield house, accounts


@pytest.mark.parametrize("case", PAYMENTS)
def test_the_interest_of_a_plan_is_what_a_clerk_works_out(plans: tuple[House, dict[str, int]], case: str) -> None:
    house, accounts = plans
    line = house.ledger.history(accounts[case]).entries[0]
    assert line.code == TransferCode.INTEREST.code
    assert line.amount_minor == by_hand(PAYMENTS[case], BROKEN_ON[case])
    place = house.bank.book.of_account(accounts[case])
    broken = bool(house.bank.book.rows[:]["flags"][place] & ContractFlag.BROKEN)
    assert broken is (BROKEN_ON[case] is not None)


def test_a_broken_plans_interest_is_explained_by_its_two_rates(plans: tuple[House, dict[str, int]]) -> None:
    house, accounts = plans
    line = house.ledger.history(accounts["one not made good"]).entries[0]
    # 31 days of 1,000.00, 59 of 2,000.00 and 91 of 3,000.00 at 3.6 %: accumulated 422,000.00, interest 42.20. From
    # 10 May 56 days of 1,000.00 and from 5 June 30 of another at 0.36 %: 86,000.00 and 0.86.
    assert line.amount_minor == 42_20 + 86
    with Past(house.connect) as past:
        found = explain(past, line.txn_id)
    assert found.derivation is not None
    assert found.derivation.amount_minor == 43_06
    last = found.derivation.spans[-1]
    assert (last.balance_minor, last.start, last.end) == (5_000_00, day("2026-06-05"), day(MATURITY))
    assert [(used.at_least_minor, used.rate) for used in last.rates] == [(0, 3_600_000), (3_000_00, 360_000)]
    assert "board:demand" in last.rates[1].source.english


def test_a_payment_booked_late_with_its_own_value_date_mends_the_plan(saving: House) -> None:
    paid = PAYMENTS["one not made good"]
    account = saving.open(saving.publish(SAVING), 1_000_00, months=6)
    for date in paid[1:]:
        saving.nights_until(day(date))
        saving.pay(account, 1_000_00)
    saving.nights_until(day("2026-06-10"))
    assert saving.bank.book.rows[:]["flags"][0] & ContractFlag.BROKEN
    saving.pay(account, 1_000_00, value_date=day("2026-03-05"))
    saving.nights_until(day("2026-06-12"))
    saving.bank.reload()
    assert not saving.bank.book.rows[:]["flags"][0] & ContractFlag.BROKEN
    saving.nights_until(day(MATURITY))
    whole = [START, "2026-02-05", "2026-03-05", "2026-04-05", "2026-05-10", "2026-06-05"]
    # The payment of 10 May came in May's own month.
    assert saving.ledger.history(account).entries[0].amount_minor == by_hand(whole, None)


def test_instalments_that_a_linked_account_cannot_pay_break_the_plan(saving: House) -> None:
    linked = saving.open(saving.publish(DEMAND), 1_000_00)
    account = saving.open(saving.publish(SAVING), 1_000_00, months=6, linked=linked)
    saving.nights_until(day("2026-05-05"))
    assert saving.balance(account) == 2_000_00
    saving.pay(linked, 1_000_00)
    saving.nights_until(day(MATURITY))
    interest = next(
        line.amount_minor for line in saving.ledger.history(account).entries if line.code == TransferCode.INTEREST.code
    )
    # March, April and May find no money; at the end of 4 May March's is not made good. June's comes at the lower rate.
    assert interest == by_hand([START, "2026-02-05", "2026-06-05"], "2026-05-05")


@pytest.mark.parametrize("case", PAYMENTS)
def test_a_simulation_pays_what_the_nights_pay(saving: House, case: str) -> None:
    saving.publish(SAVING)
    scenario = Scenario(
        product=saving.bank.catalogue.product(1),
        rates=saving.bank.catalogue.rates,
        start=day(START),
        last=day(MATURITY),
        deposit_minor=1_000_00,
        months=6,
        linked=False,
        movements=tuple(Movement(day(date), 1_000_00) for date in PAYMENTS[case][1:]),
    )
    assert simulate(scenario).totals.interest_minor == by_hand(PAYMENTS[case], BROKEN_ON[case])
