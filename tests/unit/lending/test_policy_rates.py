"""Rates and rounding under the named policies of a schedule."""

from datetime import date
from decimal import Decimal

import pytest
from tests.unit.lending.instalment_loans import progressive, terms

from yinhe.kernel.errors import OutOfRangeError
from yinhe.kernel.rounding import Rounding
from yinhe.lending.schedule.instalment_terms import InterestPeriod, RepaymentUnit, Span
from yinhe.lending.schedule.period_rate import equal_instalment, instalment_rate, period_rate, periods_between
from yinhe.lending.schedule.policies import RoundingPolicy
from yinhe.lending.schedule.rate_factor import rate_factor


@pytest.mark.parametrize(
    ("amount", "multiple", "expected"),
    [("312.50", 1, "312.00"), ("187.50", 1, "188.00"), ("23.20", 5, "25.00"), ("22.50", 5, "20.00")],
)
def test_an_instalment_goes_to_the_nearest_multiple_and_a_tie_to_the_even_one(
    amount: str, multiple: int, expected: str
) -> None:
    policy = RoundingPolicy(instalment_multiple=multiple)
    assert policy.to_multiple(Decimal(amount).scaleb(2)) == Decimal(expected).scaleb(2)


def test_money_is_rounded_by_the_mode_of_the_policy() -> None:
    tie = Decimal("10.5")
    assert RoundingPolicy().money(tie) == 10
    assert RoundingPolicy(mode=Rounding.HALF_UP).money(tie) == 11
    assert RoundingPolicy(mode=Rounding.DOWN).money(-tie) == -10


def test_each_step_of_a_rate_keeps_the_digits_of_the_policy() -> None:
    one_third = RoundingPolicy(digits=5).context.divide(Decimal(1), Decimal(3))
    assert one_third == Decimal("0.33333")


@pytest.mark.parametrize(
    ("start", "end", "periods"),
    [
        (date(2024, 1, 15), date(2024, 2, 15), Decimal(1)),
        # 15 days of the 29 from 15 February to 15 March.
        (date(2024, 1, 15), date(2024, 3, 1), 1 + Decimal("0.51724137931034483")),
        (date(2024, 3, 15), date(2024, 2, 15), Decimal(-1)),
    ],
)
def test_periods_are_whole_months_and_a_part_of_the_next(start: date, end: date, periods: Decimal) -> None:
    assert periods_between(start, end, terms(start=date(2024, 1, 15))) == periods


def test_a_month_from_a_month_end_is_one_month() -> None:
    """29 February lies a day before the 31st, yet the seed's month is full: 29 of 29 days."""
    assert periods_between(date(2024, 1, 31), date(2024, 2, 29), terms(start=date(2024, 1, 31))) == 1


def test_parts_of_weeks_and_years() -> None:
    weekly = terms(unit=RepaymentUnit.WEEKS)
    assert periods_between(date(2023, 1, 1), date(2023, 1, 11), weekly) == 1 + Decimal("0.42857142857142857")
    yearly = terms(unit=RepaymentUnit.YEARS)
    assert periods_between(date(2023, 1, 1), date(2024, 3, 1), yearly) == 1 + Decimal("0.16393442622950820")


@pytest.mark.parametrize(
    ("changes", "rate"),
    [
        ({}, "0.01"),
        ({"partial_periods": False, "every": 2}, "0.02"),
        # 31 days of 365, in a leap year too; 12 / 365 has twelve digits.
        ({"interest_period": InterestPeriod.DAILY}, "0.0101917808219"),
        ({"interest_period": InterestPeriod.DAILY, "year_days": 360, "month_days": 30}, "0.0099999999999"),
        ({"unit": RepaymentUnit.WEEKS}, "0.010219780219786"),
    ],
)
def test_the_rate_of_a_period_in_the_cumulative_policy(changes: dict[str, object], rate: str) -> None:
    found = period_rate(terms("12", start=date(2024, 1, 1), **changes), date(2024, 1, 1), date(2024, 2, 1))
    assert abs(found - Decimal(rate)) < Decimal("1e-12")


def test_equal_instalments_are_found_with_a_usual_period() -> None:
    daily = terms("12", interest_period=InterestPeriod.DAILY)
    assert instalment_rate(daily) == Decimal("0.00986301369864")  # 30 days, whatever the month
    assert instalment_rate(terms("12")) == Decimal("0.01")
    # 1000 · 0.01 · 1.01⁴ / (1.01⁴ - 1)
    assert round(equal_instalment(100_000, Decimal("0.01"), 4), 4) == Decimal("25628.1094")
    assert equal_instalment(100_000, Decimal(0), 4) == 25_000


@pytest.mark.parametrize(
    ("changes", "part", "period", "factor"),
    [
        # 0.07 · 30 / 360
        ({}, (date(2024, 1, 1), date(2024, 2, 1)), None, "0.00583333333331"),
        # Its 17 days of the 31 of the period.
        ({}, (date(2024, 1, 15), date(2024, 2, 1)), (date(2024, 1, 1), date(2024, 2, 1)), "0.00319892473117"),
        # The month that counts is that of the first day: 29 days of February for a period of 31.
        (
            {"month_days": None, "year_days": 365},
            (date(2024, 2, 15), date(2024, 3, 17)),
            None,
            "0.00556164383562",
        ),
        ({"unit": RepaymentUnit.WEEKS, "every": 2}, (date(2024, 1, 1), date(2024, 1, 15)), None, "0.00272222222222"),
        ({"unit": RepaymentUnit.DAYS, "every": 15}, (date(2024, 1, 1), date(2024, 1, 16)), None, "0.00291666666669"),
        # Over a year's end: 0.07 · (16 / 365 + 15 / 366).
        (
            {"month_days": None, "year_days": None},
            (date(2023, 12, 15), date(2024, 1, 15)),
            None,
            "0.00593734561",
        ),
        # There the years are taken once for each unit of `every`: 0.07 · 15 · (11 / 365 + 4 / 366).
        (
            {"month_days": None, "year_days": None, "unit": RepaymentUnit.DAYS, "every": 15},
            (date(2023, 12, 20), date(2024, 1, 4)),
            None,
            "0.0431192454525",
        ),
    ],
)
def test_the_rate_factor_of_the_progressive_policy(
    changes: dict[str, object], part: tuple[date, date], period: tuple[date, date] | None, factor: str
) -> None:
    found = rate_factor(progressive("7", **changes), Span(*part), Span(*(period or part)))
    assert abs(found - Decimal(factor)) < Decimal("2e-12")


def test_the_progressive_policy_has_no_instalments_counted_in_years() -> None:
    period = Span(date(2024, 1, 1), date(2025, 1, 1))
    with pytest.raises(OutOfRangeError, match="years"):
        rate_factor(progressive("7", unit=RepaymentUnit.YEARS), period, period)
