"""Due dates of instalments under the named policies of a schedule."""

from datetime import date

from tests.unit.lending.instalment_loans import dues, progressive, rows, terms

from yinhe.lending.schedule.due_dates import first_due_of_gap, keep_to_seed
from yinhe.lending.schedule.instalment_terms import RepaymentUnit


def test_a_month_end_is_found_again_after_a_short_month() -> None:
    start = date(2023, 1, 31)
    found = rows(terms(start=start, disbursed=start))
    assert dues(found) == ["2023-02-28", "2023-03-31", "2023-04-30", "2023-05-31"]


def test_an_agreed_first_due_date_sets_the_day_of_the_month() -> None:
    start = date(2024, 1, 31)
    found = rows(terms(start=start, disbursed=start, first_due=date(2024, 2, 29)))
    assert dues(found) == ["2024-02-29", "2024-03-29", "2024-04-29", "2024-05-29"]


def test_a_day_before_the_month_end_stays() -> None:
    assert keep_to_seed(date(2023, 2, 27), date(2023, 1, 31), RepaymentUnit.MONTHS) == date(2023, 2, 27)
    assert keep_to_seed(date(2023, 2, 28), date(2023, 1, 31), RepaymentUnit.DAYS) == date(2023, 2, 28)
    assert keep_to_seed(date(2023, 3, 28), date(2023, 1, 31), RepaymentUnit.MONTHS) == date(2023, 3, 31)


def test_weeks_and_days_are_counted() -> None:
    weekly = rows(terms("0", 3, every=2, unit=RepaymentUnit.WEEKS))
    assert dues(weekly) == ["2023-01-15", "2023-01-29", "2023-02-12"]
    daily = rows(terms("0", 2, every=30, unit=RepaymentUnit.DAYS))
    assert dues(daily) == ["2023-01-31", "2023-03-02"]
    yearly = rows(terms("0", 2, unit=RepaymentUnit.YEARS, start=date(2024, 2, 29), disbursed=date(2024, 2, 29)))
    assert dues(yearly) == ["2025-02-28", "2026-02-28"]


def test_a_fixed_length_ends_the_last_instalment() -> None:
    found = rows(progressive("0", 3, every=15, unit=RepaymentUnit.DAYS, fixed_length=40))
    assert dues(found) == ["2023-01-16", "2023-01-31", "2023-02-10"]


def test_the_least_gap_moves_the_first_due_date_only_where_a_period_is_shorter() -> None:
    start = date(2024, 1, 31)
    assert first_due_of_gap(start, start, 36, 1, RepaymentUnit.MONTHS) == date(2024, 3, 7)
    assert first_due_of_gap(start, start, 29, 1, RepaymentUnit.MONTHS) is None
