"""However days, contracts and amounts are cut up, it is the same interest to the last part of a cent."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.property.closeday.paper import contracts, made

from yinhe.deposits.columns import NO_RATE, ContractFlag
from yinhe.deposits.interest import accrue
from yinhe.deposits.recompute import past_days
from yinhe.kernel.dates import add_months_many
from yinhe.kernel.rates import RATE_MAX
from yinhe.ledger.memory import ROW
from yinhe.products.parts.accrual import Accrual
from yinhe.products.parts.interest import Tiered
from yinhe.products.product import Product
from yinhe.products.rates import RateBook, RateEntry

FIRST, LAST = 20_000, 20_040
QUARTERLY = 'part = "settlement.quarterly"'
TIERS = (
    '[{at_least = "0.00 CNY", rate = "board:low"}, {at_least = "1,000.00 CNY", rate = "1.15%"}, '
    '{at_least = "5,000.00 CNY", rate = "board:high"}]'
)
PRODUCTS = tuple(
    made(
        f'part = "interest.tiered_{kind}"\ntiers = {TIERS}',
        f'part = "accrual.accumulated_balance"\nbasis = "{basis}"',
        QUARTERLY,
    )
    for kind in ("whole", "slice")
    for basis in ("ACT/360", "ACT/365F")
)  # fmt: skip

rates = st.integers(0, 24_000_000)
days = st.integers(FIRST, LAST)
balances = st.integers(-(10**6), 10**7) | st.sampled_from([0, 99_999, 100_000, 100_001, 500_000, 10**15])


@st.composite
def books(draw: st.DrawFn) -> RateBook:
    entries = [RateEntry(table, 0, 0, draw(rates)) for table in ("low", "high")]
    changes = draw(st.lists(st.tuples(st.sampled_from(["low", "high"]), days, rates), max_size=5))
    return RateBook(entries + [RateEntry(table, day, 0, rate) for table, day, rate in changes])


@st.composite
def some_contracts(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Contracts that stand at FIRST, and the balance each has on all the days."""
    count = draw(st.integers(1, 6))
    rows = contracts(count, start=FIRST)
    rows["rate"] = [draw(st.just(NO_RATE) | rates) for _ in range(count)]
    rows["spread"] = [draw(st.integers(-3_000_000, 3_000_000)) for _ in range(count)]
    return rows, np.array([draw(balances) for _ in range(count)], np.int64)


def slow(row: np.void, balance: int, product: Product, book: RateBook) -> Fraction:
    """One contract's interest from FIRST to before LAST, as a clerk adds it up."""
    part, total = product.one(Tiered), Fraction(0)
    year = product.one(Accrual).base // 10**8
    for day in range(FIRST, LAST):
        lows = [tier.at_least.amount_minor for tier in part.tiers]
        for k, tier in enumerate(part.tiers):
            rate = tier.rate.on(book, day) if row["rate"] == NO_RATE else int(row["rate"])
            rate = min(RATE_MAX, max(0, rate + int(row["spread"])))
            top = lows[k + 1] if k + 1 < len(lows) else 10**30
            if part.by_slice or row["rate"] != NO_RATE:
                earns = max(0, min(balance, top) - lows[k])
            else:
                earns = balance if lows[k] <= balance < top and balance > 0 else 0
            total += Fraction(earns * rate, year * 10**8)
    return total


def run(rows: np.ndarray, amounts: np.ndarray, product: Product, book: RateBook, cuts: list[int]) -> int:
    ends = [FIRST, *sorted(set(cuts)), LAST]
    everyone = np.arange(len(rows), dtype=np.int64)
    return sum(
        accrue(rows, everyone, amounts, product, book, start, until) for start, until in pairwise(ends) if start < until
    )


@given(some_contracts(), st.sampled_from(PRODUCTS), books(), st.lists(days, max_size=8))
@settings(deadline=None, max_examples=80)
def test_interest_is_exact_however_the_days_are_cut(these, product: Product, book: RateBook, cuts: list[int]) -> None:
    rows, amounts = these
    changed = run(rows, amounts, product, book, cuts)
    base = product.one(Accrual).base
    for row, amount in zip(rows, amounts.tolist(), strict=True):
        assert int(row["whole"]) + Fraction(int(row["remainder"]), base) == slow(row, amount, product, book)
    assert changed == rows["whole"].sum()
    assert (rows["through"] == LAST).all()


@given(some_contracts(), st.sampled_from(PRODUCTS), books(), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=40)
def test_contracts_are_worked_on_in_any_order_and_in_any_pieces(
    these, product: Product, book: RateBook, chance
) -> None:
    rows, amounts = these
    other = rows.copy()
    run(rows, amounts, product, book, [])
    order = list(range(len(other)))
    chance.shuffle(order)
    cut = chance.randint(0, len(order))
    for piece in (order[:cut], order[cut:]):
        accrue(other, np.array(piece, np.int64), amounts, product, book, FIRST, LAST)
    assert (other == rows).all()


@given(
    st.lists(st.tuples(days, days, st.integers(0, 3), st.integers(0, 3), st.integers(1, 1_000)), max_size=20),
    st.permutations([0, 1, 2, 3]),
)
@settings(deadline=None, max_examples=80)
def test_balances_by_value_date_are_what_a_clerk_counts(entries, order: list[int]) -> None:
    """(booked, value date, debit, credit, amount); the value date may be before the booking, or after it."""
    entries = [entry for entry in entries if entry[2] != entry[3]]
    rows = np.zeros(len(entries), ROW)
    last = np.zeros(4, np.int64)
    for at, (_, value_date, debit, credit, amount) in enumerate(entries):
        rows[["value_date", "debit", "credit", "amount"]][at] = (value_date, debit, credit, amount)
        last[debit] -= amount
        last[credit] += amount
    booked = np.array([entry[0] for entry in entries], np.int32)
    accounts = np.array(order, np.int32)
    past = past_days(accounts, last[accounts], rows, booked, FIRST, LAST + 1)
    for place, account in enumerate(order):
        for at, day in enumerate(range(FIRST, LAST + 1)):
            counted = [entry for entry in entries if min(entry[0], entry[1]) <= day]
            expected = sum((one[3] == account) * one[4] - (one[2] == account) * one[4] for one in counted)
            assert past.balances[place, at] == expected


SAVING = made(
    'part = "interest.flat"\nrate = "1.4%"',
    'part = "accrual.accumulated_balance"',
    'part = "instalment.save_monthly"\nbroken = "board:low"\nmissed_most = 1',
)
MONTH = 100_00


def clerk(paid: list[int], start: int, until: int, book: RateBook) -> tuple[Fraction, int]:
    """A saver's interest to before `until`, and how much keeps the agreed rate; 0 while the plan is not broken.

    `paid` are the days of payments of MONTH each. Interval k ends the day before date k + 1 of the plan.
    """
    dues = [int(add_months_many(np.array([start], np.int32), k)[0]) for k in range(13)]
    there = [sum(one < due for one in paid) for due in dues[1:]]
    kept, broken, missed = 0, until, 0
    for k, count in enumerate(there[:-1], 1):
        missed += count < k
        if dues[k] <= until and broken == until and (count < k - 1 or missed > 1):
            kept, broken = count * MONTH, dues[k]
    total = Fraction(0)
    for day in range(start, until):
        balance = MONTH * sum(one <= day for one in paid)
        late = max(0, balance - kept) if day >= broken else 0
        total += Fraction((balance - late) * 1_400_000 + late * book.on("low", day), 360 * 10**8)
    return total, kept


@given(
    st.lists(st.integers(1, 200), max_size=9),
    st.integers(1, 200),
    st.lists(st.integers(0, 200), max_size=6),
    books(),
)
@settings(deadline=None, max_examples=80)
def test_a_savers_interest_is_a_clerks_however_the_days_between_payments_are_cut(
    later: list[int], length: int, cuts: list[int], book: RateBook
) -> None:
    paid = [FIRST, *sorted(FIRST + day for day in later)]
    until = FIRST + length
    rows = contracts(1, start=FIRST, months=12, principal=MONTH)
    ends = sorted({one for one in (*paid[1:], *(FIRST + cut for cut in cuts), until) if FIRST < one <= until})
    for start, end in pairwise([FIRST, *ends]):
        held = np.array([MONTH * sum(one <= start for one in paid)], np.int64)
        accrue(rows, np.zeros(1, np.int64), held, SAVING, book, start, end)
    base = SAVING.one(Accrual).base
    expected, kept = clerk(paid, FIRST, until, book)
    assert int(rows["whole"][0]) + Fraction(int(rows["remainder"][0]), base) == expected
    assert (int(rows["kept"][0]), bool(rows["flags"][0] & ContractFlag.BROKEN)) == (kept, kept > 0)
