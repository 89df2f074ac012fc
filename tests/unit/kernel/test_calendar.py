import datetime as dt

import numpy as np
import pytest

from yinhe.kernel.calendar import (
    BusinessDayRule,
    adjust,
    adjust_many,
    business_days_between,
    china,
    every_day,
    is_business_day,
    make_calendar,
    next_business_day,
    target,
)
from yinhe.kernel.dates import days_from_date
from yinhe.kernel.errors import OutOfRangeError


def date(text):
    return dt.date.fromisoformat(text)


CHINA = china()
TARGET = target()


@pytest.mark.parametrize(
    ("text", "works"),
    [
        ("2024-02-04", True),  # a Sunday worked for Spring Festival
        ("2024-02-09", True),  # New Year's Eve, a working day that year
        ("2024-02-12", False),  # Monday in Spring Festival
        ("2024-02-18", True),  # Sunday, made up
        ("2024-04-07", True),  # Sunday, made up for Tomb-Sweeping
        ("2024-09-14", True),  # Saturday, made up for Mid-Autumn
        ("2024-10-01", False),
        ("2024-10-07", False),
        ("2024-10-08", True),
        ("2024-10-12", True),  # Saturday, made up for National Day
        ("2024-10-19", False),  # an ordinary Saturday
    ],
)
def test_china_rests_on_holidays_and_works_on_make_up_days(text, works):
    assert is_business_day(CHINA, date(text)) is works


@pytest.mark.parametrize(
    ("text", "works"),
    [
        ("2024-03-29", False),  # Good Friday
        ("2024-04-01", False),  # Easter Monday
        ("2024-05-01", False),
        ("2024-05-09", True),  # Ascension is a working day
        ("2024-12-25", False),
        ("2024-12-26", False),
        ("2025-01-01", False),
        ("2024-12-31", True),
        ("2001-12-31", False),  # change to euro cash
        ("2024-12-28", False),  # Saturday
    ],
)
def test_the_euro_settles_but_for_weekends_and_six_holidays(text, works):
    assert is_business_day(TARGET, date(text)) is works


@pytest.mark.parametrize(
    ("text", "rule", "adjusted"),
    [
        # Saturday 31 August 2024 and Sunday 1 September 2024: the month decides.
        ("2024-08-31", BusinessDayRule.UNADJUSTED, "2024-08-31"),
        ("2024-08-31", BusinessDayRule.FOLLOWING, "2024-09-02"),
        ("2024-08-31", BusinessDayRule.MODIFIED_FOLLOWING, "2024-08-30"),
        ("2024-08-31", BusinessDayRule.PRECEDING, "2024-08-30"),
        ("2024-08-31", BusinessDayRule.MODIFIED_PRECEDING, "2024-08-30"),
        ("2024-09-01", BusinessDayRule.FOLLOWING, "2024-09-02"),
        ("2024-09-01", BusinessDayRule.MODIFIED_FOLLOWING, "2024-09-02"),
        ("2024-09-01", BusinessDayRule.PRECEDING, "2024-08-30"),
        ("2024-09-01", BusinessDayRule.MODIFIED_PRECEDING, "2024-09-02"),
        ("2024-10-01", BusinessDayRule.FOLLOWING, "2024-10-08"),
        ("2024-09-29", BusinessDayRule.FOLLOWING, "2024-09-29"),  # a Sunday made up
        ("2024-09-30", BusinessDayRule.PRECEDING, "2024-09-30"),
    ],
)
def test_a_date_moves_to_a_business_day_by_its_rule(text, rule, adjusted):
    assert adjust(CHINA, date(text), rule) == date(adjusted)


@pytest.mark.parametrize(
    ("text", "following"),
    [
        ("2024-09-30", "2024-10-08"),
        ("2024-10-08", "2024-10-09"),
        ("2024-10-11", "2024-10-12"),
        ("2024-10-03", "2024-10-08"),
    ],
)
def test_the_next_business_day_is_after_the_date_itself(text, following):
    assert next_business_day(CHINA, date(text)) == date(following)


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        ("2024-09-30", "2024-10-08", 1),
        ("2024-10-01", "2024-10-08", 0),
        ("2024-10-01", "2024-10-13", 5),
        ("2024-10-08", "2024-10-08", 0),
        ("2024-12-31", "2025-01-01", 1),
    ],
)
def test_business_days_count_the_first_day_and_not_the_last(start, end, count):
    assert business_days_between(CHINA, date(start), date(end)) == count


def test_business_days_backwards_are_refused():
    with pytest.raises(OutOfRangeError, match="ends before it starts"):
        business_days_between(CHINA, date("2024-01-02"), date("2024-01-01"))


def test_the_null_calendar_works_every_day():
    calendar = every_day()
    assert adjust(calendar, date("2024-12-25"), BusinessDayRule.FOLLOWING) == date("2024-12-25")
    assert business_days_between(calendar, date("2024-01-01"), date("2025-01-01")) == 366


def test_a_calendar_of_ones_own_knows_its_weekly_rest_its_holidays_and_its_made_up_days():
    friday_rest = make_calendar(
        "own",
        range(2024, 2025),
        rest_weekdays=(4,),
        holidays=[date("2024-01-01"), date("2024-01-02")],
        make_up_days=[date("2024-01-05"), date("2024-01-08")],  # a Friday, and a Monday worked anyway
    )
    worked = [day for day in range(1, 13) if is_business_day(friday_rest, dt.date(2024, 1, day))]
    assert worked == [3, 4, 5, 6, 7, 8, 9, 10, 11]


@pytest.mark.parametrize("rule", BusinessDayRule)
@pytest.mark.parametrize("text", ["2003-12-31", "2100-01-01"])
def test_outside_its_years_a_calendar_refuses_to_guess(text, rule):
    with pytest.raises(OutOfRangeError, match=f"{text} is outside the calendar 'China', which covers 2004-01-01 to"):
        adjust(CHINA, date(text), rule)


def test_a_count_may_end_with_the_calendar_but_not_later():
    year_2024 = make_calendar("2024", range(2024, 2025))
    assert business_days_between(year_2024, date("2024-12-30"), date("2025-01-01")) == 2
    for start, end in (("2024-12-30", "2025-01-02"), ("2025-01-01", "2025-01-01"), ("2023-12-31", "2024-01-01")):
        with pytest.raises(OutOfRangeError, match="outside"):
            business_days_between(year_2024, date(start), date(end))


def test_at_the_edge_of_a_calendar_a_rule_finds_its_day_inside_or_refuses():
    ends_on_sunday = make_calendar("2023", range(2023, 2024))  # 1 January and 31 December 2023 are Sundays
    new_year, silvester = date("2023-01-01"), date("2023-12-31")
    assert adjust(ends_on_sunday, silvester, BusinessDayRule.MODIFIED_FOLLOWING) == date("2023-12-29")
    assert adjust(ends_on_sunday, new_year, BusinessDayRule.MODIFIED_PRECEDING) == date("2023-01-02")
    with pytest.raises(OutOfRangeError):
        adjust(ends_on_sunday, silvester, BusinessDayRule.FOLLOWING)
    with pytest.raises(OutOfRangeError):
        adjust(ends_on_sunday, new_year, BusinessDayRule.PRECEDING)


def test_a_projection_agrees_where_published_and_says_in_its_name_where_it_begins():
    last_year = CHINA.last.year
    projected = china(project_through_year=last_year + 30)
    assert projected.name == f"China (projected after {last_year})"
    assert projected.last == dt.date(last_year + 30, 12, 31)
    assert projected.business_days[: CHINA.business_days.size].tolist() == CHINA.business_days.tolist()
    for year in range(last_year + 1, last_year + 31):
        assert not is_business_day(projected, dt.date(year, 1, 1))
        assert not is_business_day(projected, dt.date(year, 10, 1))
        assert not any(is_business_day(projected, dt.date(year, 10, day)) for day in (1, 2, 3))


@pytest.mark.parametrize("year", [2004, 2100])
def test_china_cannot_be_projected_into_the_past_or_beyond_the_lunar_tables(year):
    with pytest.raises(OutOfRangeError, match=str(year)):
        china(project_through_year=year)


def test_a_calendar_cannot_be_written_to():
    with pytest.raises(ValueError, match="read-only"):
        CHINA.business_days[0] = 0
    with pytest.raises(AttributeError):
        CHINA.name = "other"


def test_a_column_of_dates_moves_at_once():
    texts = ["2024-08-31", "2024-09-01", "2024-10-01", "2024-10-08"]
    column = np.array([days_from_date(date(text)) for text in texts], dtype=np.int32)
    for rule in BusinessDayRule:
        moved = adjust_many(CHINA, column, rule)
        assert moved.dtype == np.int32
        assert moved.tolist() == [days_from_date(adjust(CHINA, date(text), rule)) for text in texts]
