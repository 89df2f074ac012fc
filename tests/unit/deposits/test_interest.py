"""The interest of contracts, step by step, beside what a clerk works out with fractions."""

from fractions import Fraction

import msgspec
import numpy as np
import pytest
from tests.property.closeday.paper import contracts, day, made

from yinhe.deposits.columns import ContractFlag
from yinhe.deposits.interest import accrue, begin_period, bring_up, last_settled, period_start, rounded
from yinhe.kernel.rates import RATE_MAX
from yinhe.products.parts.accrual import Accrual
from yinhe.products.product import Product, Term, TermRule
from yinhe.products.rates import RateBook, RateEntry

ACCUMULATED = 'part = "accrual.accumulated_balance"'
TRANSACTION = 'part = "accrual.transaction"'
QUARTERLY = 'part = "settlement.quarterly"'
TIERS = (
    '[{at_least = "0.00 CNY", rate = "1%"}, {at_least = "100.00 CNY", rate = "2%"}, '
    '{at_least = "500.00 CNY", rate = "3%"}]'
)
NO_BOOK = RateBook([])


def flat(rate: str, *others: str) -> Product:
    return made('part = "term.open_ended"', f'part = "interest.flat"\nrate = "{rate}"', *others)


def places(rows: np.ndarray) -> np.ndarray:
    return np.arange(len(rows), dtype=np.int64)


def run(product: Product, rows: np.ndarray, balances: list[int], start: int, until: int, book: RateBook = NO_BOOK):
    """Accrue all rows in place; the change in whole units, and what each has accrued, exactly."""
    changed = accrue(rows, places(rows), np.array(balances, np.int64), product, book, start, until)
    return changed, exact(rows, product)


def exact(rows: np.ndarray, product: Product) -> list[Fraction]:
    base = product.one(Accrual).base
    assert (rows["remainder"] >= 0).all()
    assert (rows["remainder"] < base).all()
    return [Fraction(int(row["whole"])) + Fraction(int(row["remainder"]), base) for row in rows]


# --- by day on the balance


@pytest.mark.parametrize(
    ("first", "until", "balance", "rate", "basis", "days"),
    [
        ("2026-01-05", "2026-01-06", 1_00, "0.35%", "ACT/360", 1),
        ("2026-01-05", "2026-01-06", 10_000_00, "0.35%", "ACT/360", 1),
        ("2026-01-05", "2026-01-06", 10_000_00, "0.35%", "ACT/365F", 1),
        ("2026-01-31", "2026-02-01", 10_000_00, "1.15%", "ACT/360", 1),  # the 31st earns a day
        ("2026-02-28", "2026-03-01", 10_000_00, "1.15%", "ACT/360", 1),  # no 29th this year
        ("2028-02-28", "2028-03-01", 10_000_00, "1.15%", "ACT/360", 2),  # 29 February 2028 earns
        ("2028-01-01", "2029-01-01", 10_000_00, "1.15%", "ACT/365F", 366),  # a leap year pays more than the rate
        ("2026-01-01", "2027-01-01", 10_000_00, "1.15%", "ACT/360", 365),
        ("2026-01-05", "2026-01-06", 1, "0.01%", "ACT/360", 1),
        ("2026-01-05", "2026-04-05", 90_000_000_000_000_00, "24%", "ACT/360", 90),  # the largest a bank may hold
        ("2026-01-05", "2026-01-05", 10_000_00, "1%", "ACT/360", 0),
    ],
)  # fmt: skip
def test_a_balance_earns_a_days_interest_for_every_day_of_the_calendar(
    first: str, until: str, balance: int, rate: str, basis: str, days: int
) -> None:
    product = flat(rate, f'{ACCUMULATED}\nbasis = "{basis}"', QUARTERLY)
    rows = contracts(start=day(first))
    changed, found = run(product, rows, [balance], day(first), day(until))
    assert found == [balance * Fraction(rate[:-1]) / 100 / int(basis[4:7]) * days]
    assert (changed, rows["through"][0]) == (rows["whole"][0], day(until))


@pytest.mark.parametrize("balance", [0, -1, -500_00])
def test_nothing_and_less_than_nothing_earn_nothing(balance: int) -> None:
    product, rows = flat("1%", ACCUMULATED, QUARTERLY), contracts(start=100, whole=7, remainder=11)
    changed, _ = run(product, rows, [balance], 100, 101)
    assert (changed, rows["whole"][0], rows["remainder"][0], rows["through"][0]) == (0, 7, 11, 101)


def test_a_contract_that_does_not_stand_at_the_day_is_left_alone() -> None:
    product, rows = flat("1%", ACCUMULATED, QUARTERLY), contracts(2, start=100)
    rows["through"][1] = 101
    _, found = run(product, rows, [36_000_00, 36_000_00], 100, 101)
    assert found == [1_00, 0]
    assert rows["through"].tolist() == [101, 101]


@pytest.mark.parametrize(
    ("balance", "whole", "slices"),
    [
        (1, Fraction(1), Fraction(1)),
        (99_99, Fraction(99_99), Fraction(99_99)),
        (100_00, Fraction(2 * 100_00), Fraction(100_00)),  # the whole balance rises a tier, a slice of nothing does not
        (100_01, Fraction(2 * 100_01), Fraction(100_00 + 2)),
        (499_99, Fraction(2 * 499_99), Fraction(100_00 + 2 * 399_99)),
        (500_00, Fraction(3 * 500_00), Fraction(100_00 + 2 * 400_00)),
        (1_000_00, Fraction(3 * 1_000_00), Fraction(100_00 + 2 * 400_00 + 3 * 500_00)),
    ],
)
def test_tiers_of_the_whole_balance_and_of_its_slices(balance: int, whole: Fraction, slices: Fraction) -> None:
    for kind, a_year in (("whole", whole), ("slice", slices)):
        product = made(f'part = "interest.tiered_{kind}"\ntiers = {TIERS}', ACCUMULATED, QUARTERLY)
        _, found = run(product, contracts(start=100), [balance], 100, 101)
        assert found == [a_year / 100 / 360], kind


@pytest.mark.parametrize(
    ("frozen", "spread", "earned"),
    [
        (None, 0, 1_000_000),
        (None, 250_000, 1_250_000),  # the product's rate and the customer's spread
        (None, -400_000, 600_000),
        (None, -1_500_000, 0),  # never below nothing
        (2_000_000, 0, 2_000_000),  # what was agreed, whatever the product says
        (2_000_000, 250_000, 2_250_000),
        (2_000_000, -3_000_000, 0),
        (0, 0, 0),
        (RATE_MAX, 1_000_000, RATE_MAX),
    ],
)
@pytest.mark.parametrize("method", [ACCUMULATED, TRANSACTION])
def test_a_frozen_rate_and_a_spread(method: str, frozen: int | None, spread: int, earned: int) -> None:
    product, rows = flat("1%", method, QUARTERLY), contracts(start=100, spread=spread)
    if frozen is not None:
        rows["rate"] = frozen
    _, found = run(product, rows, [12_345_67], 100, 101)
    assert found == [Fraction(12_345_67 * earned, 360 * 10**8)]


def test_a_spread_is_on_every_slice() -> None:
    product = made(f'part = "interest.tiered_slice"\ntiers = {TIERS}', ACCUMULATED, QUARTERLY)
    _, found = run(product, contracts(start=100, spread=500_000), [600_00], 100, 101)
    assert found == [(100_00 * Fraction("1.5") + 400_00 * Fraction("2.5") + 100_00 * Fraction("3.5")) / 100 / 360]


def test_a_rate_that_changes_counts_from_its_day() -> None:
    book = RateBook([RateEntry("demand", 90, 90, 1_000_000), RateEntry("demand", 103, 100, 2_000_000)])
    product, rows = flat("board:demand", ACCUMULATED, QUARTERLY), contracts(start=100)
    _, found = run(product, rows, [36_000_00], 100, 105, book)
    assert found == [3 * 1_00 + 2 * 2_00]


# --- from date to date


@pytest.mark.parametrize(
    ("start", "until", "count"),
    [
        ("2026-01-05", "2026-04-05", 90),  # three months
        ("2026-01-05", "2026-04-06", 91),
        ("2026-01-05", "2026-04-04", 60 + 30),  # two months and thirty days: 5 March to 4 April
        ("2026-01-31", "2026-02-28", 30),  # the 31st has its day of maturity on the last of February
        ("2026-01-30", "2026-02-28", 30),
        ("2026-01-29", "2026-02-28", 30),
        ("2026-01-28", "2026-02-28", 30),
        ("2026-01-27", "2026-02-28", 31),
        ("2027-11-30", "2028-02-29", 90),
        ("2028-02-29", "2029-02-28", 360),
        ("2028-02-29", "2028-03-31", 30 + 2),
        ("2026-01-05", "2026-01-06", 1),
        ("2026-01-05", "2027-01-05", 360),
    ],
)
def test_by_the_transaction_method_full_months_are_thirty_days(start: str, until: str, count: int) -> None:
    product, rows = flat("1.05%", TRANSACTION, QUARTERLY), contracts(start=day(start))
    _, found = run(product, rows, [10_000_00], day(start), day(until))
    assert found == [10_000_00 * Fraction("1.05") / 100 / 360 * count]


@pytest.mark.parametrize(("basis", "year", "count"), [("ACT/360", 360, 90), ("ACT/365F", 365, 90), ("30/360", 360, 90)])
def test_the_transaction_method_counts_by_its_basis(basis: str, year: int, count: int) -> None:
    product = flat("1%", f'{TRANSACTION}\nbasis = "{basis}"', QUARTERLY)
    _, found = run(product, contracts(start=day("2026-01-05")), [10_000_00], day("2026-01-05"), day("2026-04-05"))
    assert found == [10_000_00 * Fraction(1, 100) / year * count]


def test_day_by_day_the_transaction_method_comes_to_the_same_as_at_once() -> None:
    product, start, until = flat("1.05%", TRANSACTION, QUARTERLY), day("2026-01-31"), day("2026-05-01")
    rows, at_once = contracts(start=start), contracts(start=start)
    changes = [run(product, rows, [9_999_99], today, today + 1)[0] for today in range(start, until)]
    changed, _ = run(product, at_once, [9_999_99], start, until)
    assert (rows == at_once).all()
    assert sum(changes) == changed == rows["whole"][0]


def test_by_the_transaction_method_the_rate_of_the_last_day_counts_for_all_of_them() -> None:
    """Whatever the days are cut into: what follows the board is counted anew at what the board says."""
    book = RateBook([RateEntry("demand", 90, 90, 1_000_000), RateEntry("demand", 103, 100, 2_000_000)])
    product = flat("board:demand", TRANSACTION, QUARTERLY)
    rows, at_once = contracts(start=100), contracts(start=100)
    for today in range(100, 105):
        run(product, rows, [36_000_00], today, today + 1, book)
    run(product, at_once, [36_000_00], 100, 105, book)
    assert exact(rows, product) == exact(at_once, product) == [5 * 2_00]


# --- past the maturity


def the_time_deposit(basis: str = "CN-MONTHS-DAYS") -> Product:
    return made(
        'part = "term.fixed"\noffered = ["3 months"]',
        'part = "interest.by_term"\nrates = [{term = "3 months", rate = "1.05%"}]',
        f'{TRANSACTION}\nbasis = "{basis}"',
        'part = "settlement.at_maturity"',
        'part = "renewal.none"\nafter = "board:demand"',
    )


def test_past_its_maturity_a_deposit_earns_the_rate_after_maturity_by_day() -> None:
    book = RateBook([RateEntry("demand", 90, 90, 350_000), RateEntry("demand", 120, 100, 100_000)])
    rows = contracts(
        start=10, months=3, maturity=100, through=100, settled=100, rate=1_050_000,
        flags=int(ContractFlag.OPEN | ContractFlag.MATURED),
    )  # fmt: skip
    product = the_time_deposit()
    assert run(product, rows, [36_000_00], 100, 110, book)[1] == [Fraction("0.35") * 10 * 1_00]
    # The rate of the day it is asked for counts for all the days since the maturity.
    assert run(product, rows, [36_000_00], 110, 121, book)[1] == [Fraction("0.10") * 21 * 1_00]


def test_what_is_earned_past_the_maturity_is_rounded_on_the_base_it_was_counted_in() -> None:
    book = RateBook([RateEntry("demand", 90, 90, 350_000)])
    product = the_time_deposit("ACT/365F")
    rows = contracts(start=10, months=3, maturity=100, through=100, settled=100, rate=1_050_000, flags=65)
    _, found = run(product, rows, [10_000_00], 100, 110, book)
    year = product.one(Accrual).base // 10**8
    assert found == [10_000_00 * Fraction("0.35") / 100 / year * 10]


# --- settlement


@pytest.mark.parametrize(
    ("whole", "halves", "paid"),
    [(0, 0, 0), (7, 0, 7), (7, 1, 8), (7, 2, 8), (0, 1, 1)],
)
def test_a_settlement_rounds_half_up_once(whole: int, halves: int, paid: int) -> None:
    product = flat("1%", ACCUMULATED, QUARTERLY)
    base = product.one(Accrual).base
    for less, expected in ((0, paid), (1, whole if halves == 1 else paid)):
        remainder = min(base - 1, max(0, base // 2 * halves - less * (halves == 1)))
        assert rounded(contracts(whole=whole, remainder=remainder), product).tolist() == [expected]


def test_after_a_settlement_the_rest_is_dropped_or_carried() -> None:
    base = 360 * 10**8
    for carry, expected, given_up in ((False, (0, 0), [2, -1]), (True, (-1, base // 2), [0, 0])):
        product = flat("1%", f"{ACCUMULATED}\ncarry = {str(carry).lower()}", QUARTERLY)
        rows = contracts(whole=7, remainder=base // 2)
        posted = rounded(rows, product)
        change = begin_period(rows, places(rows), posted, product.one(Accrual), 200)
        assert posted.tolist() == [8]
        assert (rows["whole"][0], rows["remainder"][0], rows["settled"][0]) == (*expected, 200)
        # Eight left a payable that held seven: what is dropped is owed the other way.
        assert change == (0 if carry else 1)
        down = contracts(whole=7, remainder=base // 3)
        assert begin_period(down, places(down), rounded(down, product), product.one(Accrual), 200) == 0
        assert given_up


@pytest.mark.parametrize(
    ("settlement", "asked", "start", "maturity", "last"),
    [
        ("settlement.quarterly", "2026-03-19", "2026-01-05", "", "2026-01-04"),
        ("settlement.quarterly", "2026-03-20", "2026-01-05", "", "2026-03-20"),
        ("settlement.quarterly", "2026-03-21", "2026-01-05", "", "2026-03-20"),
        ("settlement.quarterly", "2026-03-20", "2026-03-20", "", "2026-03-20"),
        ("settlement.quarterly", "2026-03-25", "2026-03-21", "", "2026-03-20"),
        ("settlement.quarterly", "2028-03-01", "2027-01-05", "", "2027-12-20"),
        ("settlement.monthly\nday = 31", "2028-02-29", "2028-01-05", "", "2028-02-29"),
        ("settlement.monthly\nday = 31", "2026-02-28", "2026-01-05", "", "2026-02-28"),
        ("settlement.monthly\nday = 31", "2026-04-29", "2026-01-05", "", "2026-03-31"),
        ("settlement.monthly\nday = 30", "2026-02-28", "2026-01-05", "", "2026-02-28"),
        ("settlement.at_maturity", "2026-04-03", "2026-01-05", "2026-04-05", "2026-01-04"),
        ("settlement.at_maturity", "2026-04-04", "2026-01-05", "2026-04-05", "2026-04-04"),
        ("settlement.at_maturity", "2026-06-04", "2026-01-05", "2026-04-05", "2026-04-04"),
        ("settlement.on_closing", "2027-01-05", "2026-01-05", "", "2026-01-04"),
        ("settlement.daily", "2026-01-05", "2026-01-05", "", "2026-01-05"),
    ],
)  # fmt: skip
def test_the_last_day_a_settlement_has_paid(settlement: str, asked: str, start: str, maturity: str, last: str) -> None:
    name, _, rest = settlement.partition("\n")
    product = flat("1%", ACCUMULATED, f'part = "{name}"\n{rest}')
    rows = contracts(start=day(start), maturity=day(maturity) if maturity else 0)
    assert last_settled(product, day(asked), rows).tolist() == [day(last)]
    assert period_start(product, day(asked) + 1, rows).tolist() == [day(last) + 1]


def test_interest_drawn_monthly_is_settled_by_its_instalments() -> None:
    product = made('part = "instalment.interest_monthly"', 'part = "interest.flat"\nrate = "1%"', TRANSACTION)
    rows = contracts(start=day("2026-01-31"), months=3, maturity=day("2026-04-30"))
    for asked, last in [
        ("2026-02-26", "2026-01-30"), ("2026-02-27", "2026-02-27"), ("2026-03-30", "2026-03-30"),
        ("2026-04-28", "2026-03-30"), ("2026-04-29", "2026-04-29"), ("2026-09-01", "2026-04-29"),
    ]:  # fmt: skip
        assert last_settled(product, day(asked), rows).tolist() == [day(last)], asked


# --- after a start


@pytest.mark.parametrize("method", [ACCUMULATED, TRANSACTION, f"{ACCUMULATED}\ncarry = true"])
@pytest.mark.parametrize("written", ["2026-01-05", "2026-02-10", "2026-03-20", "2026-03-21", "2026-03-25"])
def test_brought_up_in_one_go_a_contract_stands_where_the_nights_left_it(method: str, written: str) -> None:
    entries = [("demand", "2026-01-01", 350_000), ("demand", "2026-02-15", 300_000), ("demand", "2026-03-23", 250_000)]
    book = RateBook([RateEntry(table, day(date), day(date), rate) for table, date, rate in entries])
    product, start, until = flat("board:demand", method, QUARTERLY), day("2026-01-05"), day("2026-03-28")
    rows = contracts(start=start)
    balances = np.array([10_000_00], np.int64)
    kept = None
    for today in range(start, until):
        if today == day(written):
            kept = rows.copy()
        accrue(rows, places(rows), balances, product, book, today, today + 1)
        if last_settled(product, today, rows)[0] == today:
            begin_period(rows, places(rows), rounded(rows, product), product.one(Accrual), today + 1)
            if product.one(Accrual).carry:
                # The night writes what it carries on, so it is not for a start to find out.
                kept = rows.copy()
    bring_up(kept, places(kept), balances, lambda day: product, book, until, until - 1)
    for name in ("whole", "remainder", "through", "settled"):
        assert kept[name].tolist() == rows[name].tolist(), name


def test_brought_up_to_where_it_stands_nothing_changes() -> None:
    product, rows = flat("1%", ACCUMULATED, QUARTERLY), contracts(start=day("2026-01-05"), whole=3, remainder=9)
    before = rows.copy()
    day_ = day("2026-01-05")
    bring_up(rows, places(rows), np.array([5_00], np.int64), lambda day: product, NO_BOOK, day_, day_ - 1)
    assert (rows == before).all()


def test_a_later_version_of_the_product_counts_from_its_first_day() -> None:
    old, new = flat("1%", ACCUMULATED, QUARTERLY), flat("2%", ACCUMULATED, QUARTERLY)
    rows = contracts(start=100)
    balances = np.array([36_000_00], np.int64)
    bring_up(rows, places(rows), balances, lambda day: old if day < 103 else new, NO_BOOK, 110, 99)
    assert exact(rows, new) == [3 * 1_00 + 7 * 2_00]


def test_without_an_accrual_or_an_interest_part_there_is_nothing_to_do() -> None:
    rows = contracts(start=100)
    assert run(made(QUARTERLY, ACCUMULATED), rows, [1_00], 100, 101)[0] == 0
    assert rounded(rows, made(QUARTERLY)).tolist() == [0]


def test_each_term_has_its_rate() -> None:
    product = made(
        'part = "interest.by_term"\nrates = [{term = "3 months", rate = "1%"}, {term = "7 days", rate = "2%"}]',
        ACCUMULATED,
        QUARTERLY,
    )
    rows = contracts(3, start=100, months=[3, 0, 3], days=[0, 7, 0])
    assert run(product, rows, [36_000_00] * 3, 100, 101)[1] == [1_00, 2_00, 1_00]


# --- rates that are a contract's own, and rates that are kept

AGREEMENT = 'part = "interest.agreement"\nthreshold = "1,000.00 CNY"\nbase = "0.36%"\nagreed = "1.8%"'


@pytest.mark.parametrize(
    ("own", "spread", "balance", "earned"),
    [
        (None, 0, 3_000_00, 1 + 10),  # 1,000.00 at 0.36 % and 2,000.00 at 1.8 %, one day
        (3_600_000, 0, 3_000_00, 1 + 20),
        (3_600_000, 0, 1_000_00, 1),  # up to the threshold nothing is negotiated
        (3_600_000, 0, 500_00, Fraction(1, 2)),
        (0, 0, 3_000_00, 1),
        (3_600_000, 360_000, 3_000_00, 2 + 22),  # what is priced on top is on top of both
    ],
)
def test_a_negotiated_rate_of_an_agreement_takes_the_place_of_the_agreed_one_alone(
    own: int | None, spread: int, balance: int, earned: Fraction
) -> None:
    product, rows = made(AGREEMENT, ACCUMULATED, QUARTERLY), contracts(start=100, spread=spread)
    if own is not None:
        rows["rate"] = own
    _, found = run(product, rows, [balance], 100, 101)
    assert found == [earned]


@pytest.mark.parametrize(("rule", "second_day"), [(TermRule.FREEZE, (1, 3)), (TermRule.FOLLOW, (2, 2))])
def test_tiers_that_are_kept_earn_what_the_tables_said_on_the_first_day(rule: TermRule, second_day) -> None:
    tiers = '[{at_least = "0.00 CNY", rate = "board:low"}, {at_least = "1,000.00 CNY", rate = "board:high"}]'
    product = made(f'part = "interest.tiered_whole"\ntiers = {tiers}', ACCUMULATED, QUARTERLY)
    product = msgspec.structs.replace(product, terms=(Term(name="rate", rule=rule),))
    low, high = [360_000, 720_000], [1_080_000, 720_000]
    book = RateBook(
        RateEntry(table, day, 0, rate)
        for table, rates in (("low", low), ("high", high))
        for day, rate in zip((100, 110), rates, strict=True)
    )
    rows = contracts(4, start=100)
    rows["start"][2:] = 110
    rows["through"] = 120
    _, found = run(product, rows, [1_000_00 - 1, 3_600_00, 1_000_00 - 1, 3_600_00], 120, 121, book)
    at = {1: Fraction(36, 10_000), 2: Fraction(72, 10_000), 3: Fraction(108, 10_000)}
    expected = [(999_99, at[second_day[0]]), (3_600_00, at[second_day[1]]), (999_99, at[2]), (3_600_00, at[2])]
    assert found == [balance * rate / 360 for balance, rate in expected]
