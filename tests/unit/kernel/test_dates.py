import datetime as dt

import numpy as np
import pytest

from yinhe.kernel.dates import (
    add_months,
    add_months_many,
    date_from_days,
    days_from_date,
    end_of_month,
    months_and_days,
    months_and_days_many,
)
from yinhe.kernel.errors import OutOfRangeError


def date(text):
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("1970-01-01", 0),
        ("1969-12-31", -1),
        ("2000-02-29", 11_016),
        ("2024-12-31", 20_088),
        ("0001-01-01", -719_162),
        ("9999-12-31", 2_932_896),
    ],
)
def test_dates_are_days_since_1970(text, days):
    assert days_from_date(date(text)) == days
    assert date_from_days(days) == date(text)


@pytest.mark.parametrize("days", [-719_163, 2_932_897, 10**18])
def test_days_outside_the_years_1_to_9999_are_refused(days):
    with pytest.raises(OutOfRangeError, match="1 to 9999"):
        date_from_days(days)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2024-01-15", 1, "2024-02-15"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2023-01-31", 1, "2023-02-28"),
        ("2023-01-31", 2, "2023-03-31"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2024-02-28", 1, "2024-03-28"),
        ("2024-08-31", 6, "2025-02-28"),
        ("2024-12-31", 1, "2025-01-31"),
        ("2024-03-31", -1, "2024-02-29"),
        ("2024-01-15", -1, "2023-12-15"),
        ("2024-05-31", 0, "2024-05-31"),
        ("1969-11-30", 3, "1970-02-28"),
        ("2024-05-31", 1200, "2124-05-31"),
        ("9999-11-30", 1, "9999-12-30"),
    ],
)
def test_a_month_later_is_the_same_day_or_the_months_last(start, months, end):
    assert add_months(date(start), months) == date(end)


def test_a_date_beyond_year_9999_is_refused():
    with pytest.raises(OutOfRangeError):
        add_months(date("9999-12-31"), 1)


@pytest.mark.parametrize(
    ("start", "end", "months", "odd_days"),
    [
        ("2024-01-15", "2024-01-15", 0, 0),
        ("2024-01-15", "2024-02-14", 0, 30),
        ("2024-01-15", "2024-02-15", 1, 0),
        ("2024-01-31", "2024-02-28", 0, 28),
        ("2024-01-31", "2024-02-29", 1, 0),
        ("2023-01-31", "2023-02-28", 1, 0),
        ("2023-01-31", "2023-03-01", 1, 1),
        ("2023-01-31", "2023-03-30", 1, 30),
        ("2024-02-29", "2025-02-28", 12, 0),
        ("2024-02-29", "2025-03-01", 12, 1),
        ("2024-02-28", "2024-03-31", 1, 3),
        ("2024-05-20", "2029-05-20", 60, 0),
        ("2024-05-20", "2024-09-12", 3, 23),
        ("1969-12-31", "1970-03-01", 2, 1),
    ],
)
def test_full_months_count_date_to_date_and_the_rest_in_days(start, end, months, odd_days):
    assert months_and_days(date(start), date(end)) == (months, odd_days)


def test_a_period_that_ends_before_it_starts_is_refused_by_name():
    with pytest.raises(OutOfRangeError, match="2024-01-02 to 2024-01-01 ends before it starts"):
        months_and_days(date("2024-01-02"), date("2024-01-01"))


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("2024-02-01", "2024-02-29"),
        ("2023-02-28", "2023-02-28"),
        ("2100-02-10", "2100-02-28"),
        ("2024-12-31", "2024-12-31"),
        ("2024-04-30", "2024-04-30"),
        ("9999-12-01", "9999-12-31"),
    ],
)
def test_the_end_of_a_month(text, end):
    assert end_of_month(date(text)) == date(end)


def test_columns_give_every_account_its_own_months():
    starts = np.array([days_from_date(date("2024-01-31"))] * 3, dtype=np.int32)
    ends = add_months_many(starts, np.array([1, 3, 12]))
    assert ends.dtype == np.int32
    assert [str(date_from_days(day)) for day in ends.tolist()] == ["2024-02-29", "2024-04-30", "2025-01-31"]
    months, odd_days = months_and_days_many(starts, ends)
    assert months.tolist() == [1, 3, 12]
    assert odd_days.tolist() == [0, 0, 0]
