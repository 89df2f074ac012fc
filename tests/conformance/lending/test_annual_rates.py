"""Annual percentage rates against the examples that the regulations themselves work out.

United States: 12 CFR 1026, Appendix J, (c)(1) to (c)(6), each from its dates, so that unit-periods and their fractions
are found too. Europe: Directive 98/7/EC, Annex III, whose equation Directives 2008/48/EC and 2014/17/EU kept; and the
intervals of the Commission's guidelines to Annex I, SWD(2012) 128, section 4.1.1.
"""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest

from yinhe.kernel.dates import add_months
from yinhe.lending.annual_rate import (
    Flow,
    Interval,
    NoRate,
    european_rate,
    internal_rate,
    united_states_rate,
    years_between,
)
from yinhe.lending.unit_periods import Days, Measured, Months, Semimonth, UnitPeriod, Weeks, measured, unit_period_of


def on(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def flow(date: str | dt.date, amount: str) -> Flow:
    return Flow(on(date) if isinstance(date, str) else date, int(Decimal(amount) * 100))


def monthly(first: str, amount: str, count: int, every: int = 1) -> list[Flow]:
    return [flow(add_months(on(first), every * number), amount) for number in range(count)]


def weekly(first: str, amount: str, count: int, every: int = 1) -> list[Flow]:
    return [flow(on(first) + dt.timedelta(7 * every * number), amount) for number in range(count)]


def semimonthly(amount: str, count: int) -> list[Flow]:
    first, second = monthly("1978-03-01", amount, count // 2), monthly("1978-03-16", amount, count // 2)
    return sorted([*first, *second], key=lambda one: one.date)


UNITED_STATES: list[tuple[str, tuple[str, str], list[Flow], UnitPeriod, Measured, str]] = [
    (
        "(c)(1)(i)",
        ("1978-01-10", "5000"),
        monthly("1978-02-10", "230", 24),
        Months(1),
        Measured(1, Fraction(0)),
        "9.69",
    ),
    (
        "(c)(1)(ii)",
        ("1978-02-10", "6000"),
        monthly("1978-04-01", "200", 36),
        Months(1),
        Measured(1, Fraction(19, 30)),
        "11.82",
    ),
    (
        "(c)(1)(iii)",
        ("1978-02-23", "5000"),
        semimonthly("219.17", 24),
        Semimonth(),
        Measured(0, Fraction(6, 15)),
        "10.34",
    ),
    (
        "(c)(1)(iv)",
        ("1978-05-23", "10000"),
        monthly("1978-10-01", "385", 40, 3),
        Months(3),
        Measured(1, Fraction(39, 90)),
        "8.97",
    ),
    (
        "(c)(1)(v)",
        ("1978-03-20", "500"),
        weekly("1978-04-21", "17.60", 30),
        Weeks(1),
        Measured(4, Fraction(4, 7)),
        "14.96",
    ),
    (
        "(c)(2)(i)",
        ("1978-01-10", "5000"),
        [flow("1978-02-10", "250"), *monthly("1978-03-10", "230", 23)],
        Months(1),
        Measured(1, Fraction(0)),
        "10.08",
    ),
    (
        "(c)(2)(ii)",
        ("1978-03-18", "400"),
        [flow("1978-04-20", "39.50"), *weekly("1978-05-18", "38.31", 11, 4)],
        Weeks(4),
        Measured(1, Fraction(5, 28)),
        "28.50",
    ),
    (
        "(c)(3)(i)",
        ("1978-01-10", "5000"),
        [*monthly("1978-02-10", "230", 23), flow("1980-01-10", "280")],
        Months(1),
        Measured(1, Fraction(0)),
        "10.50",
    ),
    (
        "(c)(3)(ii)",
        ("1978-04-03", "200"),
        [*weekly("1978-04-11", "9.50", 19, 2), flow("1979-01-02", "30")],
        Weeks(2),
        Measured(0, Fraction(8, 14)),
        "12.22",
    ),
    (
        "(c)(4)(i)",
        ("1978-01-10", "5000"),
        [flow("1978-02-10", "250"), *monthly("1978-03-10", "230", 22), flow("1980-01-10", "280")],
        Months(1),
        Measured(1, Fraction(0)),
        "10.90",
    ),
    (
        "(c)(4)(ii)",
        ("1978-01-10", "8000"),
        [flow("1978-03-01", "449.36"), *monthly("1978-05-01", "465", 18, 2), flow("1981-05-01", "200")],
        Months(2),
        Measured(0, Fraction(52, 60)),
        "7.30",
    ),
    ("(c)(5)(i)", ("1978-01-03", "1000"), [flow("1978-09-15", "1080")], Days(255), Measured(1, Fraction(0)), "11.45"),
    ("(c)(5)(ii)", ("1978-07-15", "1000"), [flow("1979-01-15", "1044")], Months(6), Measured(1, Fraction(0)), "8.80"),
    (
        "(c)(5)(iii)",
        ("1978-01-17", "1000"),
        [flow("1979-07-17", "1135.19")],
        Months(12),
        Measured(1, Fraction(6, 12)),
        "8.76",
    ),
    ("(c)(5)(iv)", ("1978-01-03", "1000"), [flow("1980-01-03", "1240")], Months(12), Measured(2, Fraction(0)), "11.36"),
    (
        "(c)(6)(i)",
        ("1978-01-25", "2135"),
        [
            *weekly("1978-02-20", "100", 9, 4),
            *weekly("1978-11-13", "100", 6, 4),
            *weekly("1979-05-14", "100", 6, 4),
            *weekly("1979-11-12", "100", 3, 4),
        ],
        Weeks(4),
        Measured(0, Fraction(26, 28)),
        "12.00",
    ),
    (
        "(c)(6)(ii)",
        ("1978-03-03", "7350"),
        [
            *monthly("1978-09-15", "1000", 3),
            flow("1979-03-15", "2000"),
            *monthly("1979-09-15", "750", 3),
            flow("1980-02-01", "1000"),
        ],
        Months(1),
        Measured(6, Fraction(12, 30)),
        "10.22",
    ),
]


@pytest.mark.parametrize(
    ("advance", "payments", "unit", "first", "published"),
    [one[1:] for one in UNITED_STATES],
    ids=[one[0] for one in UNITED_STATES],
)
def test_examples_of_regulation_z(
    advance: tuple[str, str], payments: list[Flow], unit: UnitPeriod, first: Measured, published: str
) -> None:
    advances = [flow(*advance)]
    dates = [one.date for one in payments]
    assert unit_period_of([advances[0].date], dates) == unit
    assert measured(advances[0].date, dates[0], unit, dates[0].day) == first
    assert united_states_rate(advances, payments) == Decimal(published)


ECU = flow("1994-01-01", "1000")
EUROPE = [
    ("first", [ECU], [flow("1995-07-01", "1200")], "13.0", "12.96"),
    ("second", [flow("1994-01-01", "950")], [flow("1995-07-01", "1200")], "16.9", None),
    ("third", [ECU], [flow("1995-01-01", "600"), flow("1996-01-01", "600")], "13.1", "13.07"),
]


@pytest.mark.parametrize(
    ("advances", "payments", "one", "two"), [case[1:] for case in EUROPE], ids=[case[0] for case in EUROPE]
)
def test_examples_of_the_directive_on_a_calendar_basis(
    advances: list[Flow], payments: list[Flow], one: str, two: str | None
) -> None:
    assert european_rate(advances, payments, Interval.YEAR) == Decimal(one)
    if two is not None:
        assert european_rate(advances, payments, Interval.YEAR, places=2) == Decimal(two)


INTERVALS = [
    (Interval.MONTH, "2019-01-12", "2020-01-12", Fraction(1)),
    (Interval.MONTH, "2012-01-12", "2012-02-15", Fraction(1, 12) + Fraction(3, 365)),
    (Interval.MONTH, "2012-01-12", "2012-03-15", Fraction(2, 12) + Fraction(3, 365)),
    (Interval.MONTH, "2012-01-12", "2012-04-15", Fraction(3, 12) + Fraction(3, 365)),
    (Interval.MONTH, "2013-01-12", "2013-02-15", Fraction(1, 12) + Fraction(3, 366)),
    (Interval.MONTH, "2013-01-12", "2013-04-15", Fraction(3, 12) + Fraction(3, 366)),
    (Interval.MONTH, "2013-02-25", "2013-03-28", Fraction(1, 12) + Fraction(3, 366)),
    (Interval.MONTH, "2013-02-26", "2013-03-29", Fraction(1, 12) + Fraction(2, 366)),
    (Interval.MONTH, "2012-02-26", "2012-03-29", Fraction(1, 12) + Fraction(3, 366)),
    (Interval.MONTH, "2012-02-26", "2012-02-26", Fraction(0)),
    (Interval.YEAR, "2012-01-12", "2012-02-15", Fraction(34, 365)),
    (Interval.YEAR, "2012-01-12", "2013-02-15", 1 + Fraction(34, 365)),
    (Interval.YEAR, "2012-01-12", "2014-02-15", 2 + Fraction(34, 365)),
    (Interval.YEAR, "2020-01-01", "2021-03-15", 1 + Fraction(74, 366)),
    (Interval.WEEK, "2012-01-12", "2012-01-26", Fraction(2, 52)),
    (Interval.WEEK, "2012-01-12", "2013-01-10", Fraction(1)),
    (Interval.WEEK, "2012-01-12", "2012-01-30", Fraction(2, 52) + Fraction(4, 365)),
    (Interval.WEEK, "2012-01-12", "2013-01-12", 1 + Fraction(2, 365)),
]


@pytest.mark.parametrize(("interval", "start", "end", "years"), INTERVALS)
def test_intervals_of_the_guidelines(interval: Interval, start: str, end: str, years: Fraction) -> None:
    assert years_between(on(start), on(end), interval) == years


# --- beside the published examples


def test_three_advances_are_measured_from_the_first_as_the_payments_are() -> None:
    # A construction loan, known as example (c)(7)(i); the page itself was not at hand to compare its figures.
    advances = [flow(date, "20000") for date in ("1979-04-10", "1979-06-12", "1979-09-18")]
    assert united_states_rate(advances, monthly("1979-12-10", "612.36", 240)) == Decimal("10.25")


def test_a_series_on_the_last_days_of_months_is_a_whole_month_apart() -> None:
    dates = [add_months(on("2026-01-31"), number) for number in range(1, 13)]
    assert unit_period_of([on("2026-01-31")], dates) == Months(1)
    for number, date in enumerate(dates, start=1):
        assert measured(on("2026-01-31"), date, Months(1), 31) == (number, 0)
        assert years_between(on("2026-01-31"), date, Interval.MONTH, 31) == Fraction(number, 12)


def test_where_no_period_is_found_twice_the_nearest_standard_interval_to_the_average_counts() -> None:
    # 20, 33 and 36 days: 29 2/3 on the average, nearest to a month.
    dates = [on("2026-01-21"), on("2026-02-23"), on("2026-03-31")]
    assert unit_period_of([on("2026-01-01")], dates) == Months(1)


@pytest.mark.parametrize(
    ("paid", "one", "two"), [("1129.50", "13.0", "12.95"), ("1129.49", "12.9", "12.95"), ("1000", "0.0", "0.00")]
)
def test_a_rate_on_a_boundary_is_rounded_up_and_one_below_it_down(paid: str, one: str, two: str) -> None:
    advances, payments = [flow("2025-03-01", "1000")], [flow("2026-03-01", paid)]
    assert european_rate(advances, payments) == Decimal(one)
    assert european_rate(advances, payments, places=2) == Decimal(two)
    assert united_states_rate(advances, payments) == Decimal(two)
    assert internal_rate(advances, payments) == Decimal(two)


def test_a_monthly_percent_compounds_to_twelve_and_two_thirds() -> None:
    # 1 % a month: 1.01^12 - 1 = 12.6825 %; its nominal rate is 12 %.
    advances, payments = [flow("2026-01-05", "10000")], [*monthly("2026-02-05", "100", 11), flow("2027-01-05", "10100")]
    assert european_rate(advances, payments, places=4) == Decimal("12.6825")
    assert united_states_rate(advances, payments) == Decimal("12.00")


REFUSED = [
    ([], ["2026-02-01"], ["1"], NoRate.NOTHING_ADVANCED),
    ([("2026-01-01", "100")], ["2026-02-01"], ["99"], NoRate.PAID_LESS),
    ([("2026-01-01", "100")], [], [], NoRate.PAID_LESS),
    ([("2026-01-01", "100")], ["2025-12-01"], ["200"], NoRate.PAID_BEFORE),
    ([("2026-01-01", "100"), ("2026-03-01", "100")], ["2026-02-01", "2026-04-01"], ["150", "80"], NoRate.SEVERAL),
    ([("2026-01-01", "0")], ["2026-02-01"], ["1"], NoRate.AMOUNT_NOT_POSITIVE),
    ([("2026-01-01", "0.01")], ["2026-01-02"], ["10000"], NoRate.TOO_HIGH),
]


@pytest.mark.parametrize(("advances", "dates", "amounts", "why"), REFUSED)
def test_where_there_is_no_one_rate_it_is_said_why(
    advances: list[tuple[str, str]], dates: list[str], amounts: list[str], why: NoRate
) -> None:
    given = [flow(*one) for one in advances]
    payments = [flow(date, amount) for date, amount in zip(dates, amounts, strict=True)]
    for found in (european_rate(given, payments), united_states_rate(given, payments), internal_rate(given, payments)):
        assert found is why
    assert why.english
    assert why.chinese
