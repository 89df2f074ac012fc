"""What a night must not depend on, and what a late entry must come to: whole banks on paper, compared."""

from collections.abc import Iterable
from unittest.mock import patch

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.property.closeday.paper import CASH, PaperBank, day, product, read

from yinhe.closeday.facts import Facts, Plan
from yinhe.closeday.plan import Step
from yinhe.closeday.steps import accrue
from yinhe.deposits.codes import TransferCode
from yinhe.products.rates import RateEntry

FIRST, LAST = day("2026-03-14"), day("2026-03-27")
"""Thirteen nights; the settlement pays up to 20 March, in the middle of them."""
CUSTOMERS = 4

DEMAND = product(
    "demand", 11, 'part = "term.open_ended"', 'part = "interest.flat"\nrate = "board:demand"',
    'part = "accrual.accumulated_balance"', 'part = "settlement.quarterly"',
)  # fmt: skip
TIERED = product(
    "tiered", 12, 'part = "term.open_ended"',
    'part = "interest.tiered_slice"\ntiers = [{at_least = "0.00 CNY", rate = "board:demand"}, '
    '{at_least = "50,000.00 CNY", rate = "8.15%"}]',
    'part = "accrual.accumulated_balance"\nbasis = "ACT/365F"', 'part = "settlement.monthly"\nday = 17',
)  # fmt: skip
CARRIED = product(
    "carried", 13, 'part = "term.open_ended"', 'part = "interest.tiered_whole"\ntiers = '
    '[{at_least = "0.00 CNY", rate = "3%"}, {at_least = "60,000.00 CNY", rate = "board:demand"}]',
    'part = "accrual.accumulated_balance"\ncarry = true', 'part = "settlement.daily"',
)  # fmt: skip
TAXED = product(
    "taxed", 14, 'part = "term.open_ended"', 'part = "interest.flat"\nrate = "board:demand"',
    'part = "accrual.accumulated_balance"', 'part = "settlement.monthly"\nday = 19',
    'part = "tax.withholding"\nsteps = [{effective = 2000-01-01, rate = "20%"}]',
)  # fmt: skip
PRODUCTS = tuple(read(text) for text in (DEMAND, TIERED, CARRIED, TAXED))
RATES = (RateEntry("demand", FIRST - 100, FIRST - 100, 12_350_000),)


class Move(msgspec.Struct, frozen=True):
    """Money in or out of a customer's account: for `value`, told on `told`."""

    customer: int
    value: int
    told: int
    amount: int


@st.composite
def moves(draw: st.DrawFn, *, late: bool) -> list[Move]:
    """Movements that leave plenty on every account."""
    made = []
    for _ in range(draw(st.integers(1, 8))):
        value = draw(st.integers(FIRST, LAST - 1))
        told = draw(st.integers(value, LAST - 1)) if late else value
        amount = draw(st.integers(-9_000_00, 90_000_00).filter(bool))
        made.append(Move(draw(st.integers(0, CUSTOMERS - 1)), value, told, amount))
    return made


versions = st.lists(st.sampled_from([1, 2, 3, 4]), min_size=CUSTOMERS, max_size=CUSTOMERS)


class Lived(msgspec.Struct, frozen=True):
    """What became of each customer: balances by value date, interest and tax by settlement, the accrual."""

    balances: list[list[int]]
    interest: list[dict[int, int]]
    tax: list[dict[int, int]]
    accrued: list[tuple[int, ...]]


def live(
    which: list[int], entries: Iterable[Move], *, in_time: bool = False, order: list[int] | None = None,
    late_rates: Iterable[RateEntry] = (), bank_of: type[PaperBank] = PaperBank,
) -> Lived:  # fmt: skip
    """Let a bank live from FIRST to LAST; `order` is the one customers come in."""
    bank = bank_of(PRODUCTS, RATES, FIRST)
    accounts: dict[int, int] = {}
    for customer in order or range(CUSTOMERS):
        accounts[customer] = bank.open(which[customer])
        bank.pay(accounts[customer], 100_000_00)
    entries, rates = list(entries), list(late_rates)
    for today in range(FIRST, LAST):
        for entry in rates:
            if today == (max(FIRST, entry.effective) if in_time else entry.recorded):
                bank.rate(msgspec.structs.replace(entry, recorded=today))
        for move in entries:
            if today == (move.value if in_time else move.told):
                bank.pay(accounts[move.customer], move.amount, None if move.value == today else move.value)
        bank.night()
    assert bank.refused == 0
    assert bank.balances().sum() == 0
    rows = bank.book.rows
    places = {customer: bank.book.of_account(account) for customer, account in accounts.items()}
    codes = (TransferCode.INTEREST, TransferCode.INTEREST_CORRECTION)
    everyone = range(CUSTOMERS)
    names = ("whole", "remainder", "through", "settled")
    return Lived(
        [[bank.balance_on(accounts[one], date) for date in range(FIRST, LAST + 1)] for one in everyone],
        [bank.posted(accounts[one], *codes) for one in everyone],
        [bank.posted(accounts[one], TransferCode.INTEREST_TAX) for one in everyone],
        [tuple(int(rows[name][places[one]]) for name in names) for one in everyone],
    )


@given(versions, moves(late=True))
@settings(deadline=None, max_examples=40)
def test_told_late_is_the_same_as_told_in_time(which: list[int], entries: list[Move]) -> None:
    """Balances by value date, interest by the day it is for, and accruals: not a cent, not a part of one."""
    assert live(which, entries) == live(which, entries, in_time=True)


@given(
    versions,
    moves(late=False),
    st.lists(
        st.tuples(st.integers(FIRST - 5, LAST - 1), st.integers(0, 12), st.integers(0, 24_000_000)), max_size=3,
        unique_by=lambda one: one[0],
    ),
)  # fmt: skip
@settings(deadline=None, max_examples=40)
def test_a_rate_corrected_late_is_the_same_as_one_known_in_time(which: list[int], entries: list[Move], told) -> None:
    rates = [
        RateEntry("demand", effective, min(LAST - 1, max(FIRST, effective) + later), rate)
        for effective, later, rate in told
    ]
    assert live(which, entries, late_rates=rates) == live(which, entries, in_time=True, late_rates=rates)


@given(versions, moves(late=True), st.data())
@settings(deadline=None, max_examples=25)
def test_a_payment_in_pieces_and_in_any_order_within_the_day_is_the_same(which, entries, data: st.DataObject) -> None:
    pieces: list[Move] = []
    for move in entries:
        first = data.draw(st.integers(min(0, move.amount), max(0, move.amount)))
        parts = [part for part in (first, move.amount - first) if part]
        pieces += [msgspec.structs.replace(move, amount=part) for part in parts]
    assert live(which, entries) == live(which, data.draw(st.permutations(pieces)))


@given(versions, moves(late=True), st.permutations(range(CUSTOMERS)))
@settings(deadline=None, max_examples=25)
def test_whoever_came_first_gets_the_same(which: list[int], entries: list[Move], order: list[int]) -> None:
    """Contracts and accounts numbered otherwise: each customer has the same."""
    assert live(which, entries) == live(which, entries, order=order)


class BrokenOff(PaperBank):
    """A bank whose every step breaks off once when it has decided, and is begun again on what was written before."""

    def decide(self, step: Step, facts: Facts) -> Plan:
        before = self.book.rows[:]
        first = step.decide(facts)
        self.book.put(before)
        again = step.decide(facts)
        assert again.postings.tolist() == first.postings.tolist()
        assert (again.figures, again.findings) == (first.figures, first.findings)
        return again


@given(versions, moves(late=True))
@settings(deadline=None, max_examples=20)
def test_a_night_whose_steps_are_run_again_decides_the_same(which: list[int], entries: list[Move]) -> None:
    assert live(which, entries, bank_of=BrokenOff) == live(which, entries)


@given(versions, moves(late=True), st.integers(1, 3))
@settings(deadline=None, max_examples=20)
def test_contracts_worked_out_anew_in_other_pieces_come_to_the_same(
    which: list[int], entries: list[Move], at_once: int
) -> None:
    with patch.object(accrue, "CONTRACTS_AT_ONCE", at_once):
        in_pieces = live(which, entries)
    assert in_pieces == live(which, entries)


def test_a_movement_on_a_day_counts_that_day_and_money_drawn_does_not() -> None:
    """The laws above would hold of a bank that pays nothing; this one pays."""
    lived = live([1] * CUSTOMERS, [Move(0, FIRST + 2, FIRST + 2, 50_000_00), Move(1, FIRST + 2, FIRST + 2, -50_000_00)])
    paid = [next(iter(one.values())) for one in lived.interest]
    assert paid == [round((100_000_00 * 7 + extra * 5) * 0.1235 / 360) for extra in (50_000_00, -50_000_00, 0, 0)]
    assert CASH == 1
