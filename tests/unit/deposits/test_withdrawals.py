"""What a part drawn earns and what stays accrued, as tables a banker can check by hand."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.deposits.shelf import product, rates

from yinhe.deposits.columns import CONTRACT, NO_RATE, ContractFlag
from yinhe.deposits.withdrawals import DrawnNotice, Manner, agreed_rate, drawn, manner_of, noticed_minor, rate_of_drawn
from yinhe.kernel.dates import days_from_date
from yinhe.products.product import Product
from yinhe.products.product_library import library_products

D = 36_000_000_000
"""Parts of a fen: 360 · 10^8."""


def day(text: str) -> int:
    return days_from_date(dt.date.fromisoformat(text))


START = day("2026-01-05")


def contract(**columns: int) -> np.ndarray:
    row = np.zeros(1, CONTRACT)
    row["contract"], row["rate"], row["flags"] = 1, NO_RATE, int(ContractFlag.OPEN)
    row["opened"] = row["start"] = row["settled"] = row["through"] = START
    for name, value in columns.items():
        row[name] = value
    return row


def take(code: str, row: np.ndarray, date: str, balance: int, amount: int, manner: Manner):
    return drawn(
        product(code),
        rates(),
        row,
        date=day(date),
        balance_minor=balance,
        amount_minor=amount,
        manner=manner,
        balance_on=lambda _: balance,
    )


def three_months(whole: int = 0, remainder: int = 0) -> np.ndarray:
    return contract(months=3, maturity=day("2026-04-05"), rate=1_500_000, whole=whole, remainder=remainder)


EARLY = [
    # drawn on, amount, interest at 0.50 % by full months of 30 days and odd days
    ("2026-01-05", 10_000_00, 0),
    ("2026-01-06", 10_000_00, 14),  # 0.1388…
    ("2026-02-05", 10_000_00, 4_17),  # one month: 4.1666…
    ("2026-02-28", 10_000_00, 7_36),  # one month and 23 days: 53 days: 7.3611…
    ("2026-03-01", 10_000_00, 7_50),  # one month and 24 days: 54 days
    ("2026-04-04", 10_000_00, 12_50),  # two months, to 5 March, and 30 days: 90 days
    ("2026-02-05", 1, 0),
]


@pytest.mark.parametrize(("date", "amount", "interest"), EARLY)
def test_what_is_drawn_early_earns_the_demand_rate_by_full_months_and_odd_days(
    date: str, amount: int, interest: int
) -> None:
    assert take("lump_sum", three_months(), date, 10_000_00, amount, Manner.EARLY).interest_minor == interest


def test_the_accrual_left_is_that_of_the_money_left() -> None:
    # 12.50 have accrued to 10,000.00; of 6,000.00 that is 7.50, of one fen less a little less.
    row = three_months(whole=12_50)
    assert take("lump_sum", row, "2026-02-05", 10_000_00, 4_000_00, Manner.EARLY).whole == 7_50
    less = take("lump_sum", row, "2026-02-05", 10_000_00, 4_000_01, Manner.EARLY)
    assert (less.whole, less.remainder) == (7_49, D - 45_000_000)  # 749.99875 fen: 0.00125 · D is 45,000,000


@given(
    whole=st.integers(0, 10**13),
    remainder=st.integers(0, D - 1),
    balance=st.integers(1, 10**13),
    share=st.integers(0, 10**6),
)
def test_what_has_accrued_is_paid_or_stays(whole: int, remainder: int, balance: int, share: int) -> None:
    """Half a fen is the most that rounding makes or takes."""
    amount = balance * share // 10**6
    row = contract(whole=whole, remainder=remainder)
    found = take("demand", row, "2026-03-01", balance, amount, Manner.ORDINARY)
    accrued, kept = whole * D + remainder, found.whole * D + found.remainder
    assert 0 <= found.remainder < D
    assert kept * balance <= accrued * (balance - amount) < (kept + 1) * balance
    assert abs(accrued - kept - found.interest_minor * D) * 2 <= D


def test_half_a_fen_is_paid_as_a_fen() -> None:
    row = contract(whole=7, remainder=D // 2)
    assert take("demand", row, "2026-03-01", 100, 100, Manner.ORDINARY).interest_minor == 8
    row["remainder"] -= 1
    assert take("demand", row, "2026-03-01", 100, 100, Manner.ORDINARY).interest_minor == 7


NOTICE = DrawnNotice(day("2026-02-05"), 60_000_00)
MANNERS = [
    ("lump_sum", three_months(), "2026-04-04", None, Manner.EARLY),
    ("lump_sum", three_months(), "2026-04-05", None, Manner.RUNNING),
    ("demand", contract(), "2026-02-05", None, Manner.RUNNING),
    ("at_will", contract(), "2026-02-05", None, Manner.AT_WILL),
    ("notice_7d", contract(), "2026-02-05", None, Manner.WITHOUT_NOTICE),
    ("notice_7d", contract(), "2026-02-05", NOTICE, Manner.NOTICED),
    ("notice_7d", contract(), "2026-02-04", NOTICE, Manner.WITHOUT_NOTICE),
    ("notice_7d", contract(), "2026-02-06", NOTICE, Manner.WITHOUT_NOTICE),
    ("notice_7d", contract(), "2026-02-05", DrawnNotice(day("2026-02-05"), 60_000_01), Manner.WITHOUT_NOTICE),
]


@pytest.mark.parametrize(("code", "row", "date", "notice", "manner"), MANNERS)
def test_how_money_is_drawn(code: str, row: np.ndarray, date: str, notice: DrawnNotice | None, manner: Manner) -> None:
    asked = {"date": day(date), "amount_minor": 60_000_00, "notice": notice}
    assert manner_of(product(code), row, **asked, closes=False) is manner
    closing = Manner.ORDINARY if manner is Manner.RUNNING else manner
    assert manner_of(product(code), row, **asked, closes=True) is closing


HELD = [
    ("2026-04-04", 500_000),  # under 3 months: demand
    ("2026-04-05", 900_000),  # 60 % of 1.50 %
    ("2026-07-05", 1_080_000),  # 60 % of 1.80 %
    ("2027-01-05", 1_200_000),  # 60 % of 2.00 %
    ("2030-01-05", 1_200_000),  # never more than the 1-year rate
]


@pytest.mark.parametrize(("date", "rate"), HELD)
def test_a_term_at_will_earns_by_the_time_it_was_held(date: str, rate: int) -> None:
    assert rate_of_drawn(product("at_will"), rates(), contract(), day(date), 1_00, Manner.AT_WILL) == rate


AGREED = [
    ("its own", "lump_sum", three_months(), 1_500_000),
    ("with the price on top", "lump_sum", contract(months=3, rate=1_500_000, spread=100_000), 1_600_000),
    ("the product's", "lump_sum", contract(months=6), 1_800_000),
    ("never below nothing", "lump_sum", contract(months=3, rate=1_500_000, spread=-2_000_000), 0),
    ("of the tier it lies in", "agreement", contract(), 1_000_000),
]


@pytest.mark.parametrize(("code", "row", "rate"), [case[1:] for case in AGREED], ids=[case[0] for case in AGREED])
def test_the_rate_agreed(code: str, row: np.ndarray, rate: int) -> None:
    assert agreed_rate(product(code), rates(), row, 600_000_00) == rate


DRAWN_MONTHLY = [
    # drawn on, what is left of 12,000.00, the sum of the days' balances that earn
    ("2026-02-04", 12_000_00, 30 * 12_000_00),
    ("2026-02-05", 11_000_00, 31 * 12_000_00),  # a part went out that day: it was there on all the days before
    ("2026-04-10", 9_000_00, 31 * 12_000_00 + 28 * 11_000_00 + 31 * 10_000_00 + 5 * 9_000_00),
]


@pytest.mark.parametrize(("date", "left", "accumulated"), DRAWN_MONTHLY)
def test_parts_drawn_in_their_time_earn_too_when_the_rest_is_drawn_early(
    date: str, left: int, accumulated: int
) -> None:
    row = contract(months=12, maturity=day("2027-01-05"), rate=1_400_000, principal=12_000_00)

    def held(on: int) -> int:
        return 12_000_00 - 1_000_00 * sum(on >= day(f"2026-{month:02d}-05") for month in range(2, 13))

    found = drawn(
        draw_monthly(),
        rates(),
        row,
        date=day(date),
        balance_minor=left,
        amount_minor=left,
        manner=Manner.EARLY,
        balance_on=held,
    )
    assert found.interest_minor == (accumulated * 500_000 + D // 2) // D


def draw_monthly() -> Product:
    return next(product for product in library_products() if product.code == "draw_monthly")


SEVEN = DrawnNotice(day("2026-02-05"), 60_000_00)
NOTICED = [
    # drawn on, amount, the notice given, what of it was noticed
    ("2026-02-05", 60_000_00, SEVEN, 60_000_00),
    ("2026-02-05", 60_000_01, SEVEN, 60_000_00),  # a fen beyond it
    ("2026-02-05", 59_999_99, SEVEN, 0),  # less than was noticed is another amount
    ("2026-02-04", 60_000_00, SEVEN, 0),
    ("2026-02-06", 90_000_00, SEVEN, 0),
    ("2026-02-05", 60_000_00, None, 0),
]


@pytest.mark.parametrize(("date", "amount", "notice", "noticed"), NOTICED)
def test_what_of_a_drawing_was_noticed(date: str, amount: int, notice: DrawnNotice | None, noticed: int) -> None:
    assert noticed_minor(product("notice_7d"), day(date), amount, notice) == noticed
    assert noticed_minor(product("demand"), day(date), amount, notice) == 0


def test_what_is_beyond_the_notice_earns_the_demand_rate() -> None:
    found = drawn(
        product("notice_7d"),
        rates(),
        contract(),
        date=day("2026-02-05"),
        balance_minor=200_000_00,
        amount_minor=96_000_00,
        manner=Manner.WITHOUT_NOTICE,
        balance_on=lambda _: 200_000_00,
        notice=SEVEN,
    )
    # 31 days: 60,000.00 at 1.20 % are 62.00, 36,000.00 at 0.50 % are 15.50.
    assert found.interest_minor == 62_00 + 15_50
