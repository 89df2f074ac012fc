import datetime as dt
from fractions import Fraction

import numpy as np
import pytest

from yinhe.kernel.dates import days_from_date
from yinhe.kernel.daycount import DayCount, basis_days, days, days_many, year_fraction
from yinhe.kernel.errors import OutOfRangeError


def date(text):
    return dt.date.fromisoformat(text)


# The second ACT/ACT case is the worked example of the ISDA paper "EMU and market conventions" (1998).
@pytest.mark.parametrize(
    ("convention", "start", "end", "count", "fraction"),
    [
        (DayCount.ACT_360, "2024-01-01", "2025-01-01", 366, Fraction(366, 360)),
        (DayCount.ACT_365F, "2024-01-01", "2025-01-01", 366, Fraction(366, 365)),
        (DayCount.ACT_ACT_ISDA, "2024-01-01", "2025-01-01", 366, Fraction(1)),
        (DayCount.ACT_ACT_ISDA, "2003-11-01", "2004-05-01", 182, Fraction(61, 365) + Fraction(121, 366)),
        (DayCount.ACT_ACT_ISDA, "2003-07-01", "2006-07-01", 1096, Fraction(184, 365) + 2 + Fraction(181, 365)),
        (DayCount.THIRTY_360, "2024-01-31", "2024-03-31", 60, Fraction(1, 6)),
        (DayCount.THIRTY_360, "2024-01-15", "2024-03-31", 76, Fraction(76, 360)),
        (DayCount.THIRTY_360, "2024-02-29", "2024-03-31", 32, Fraction(32, 360)),
        (DayCount.THIRTY_E_360, "2024-01-15", "2024-03-31", 75, Fraction(75, 360)),
        (DayCount.THIRTY_E_360, "2024-02-29", "2024-03-31", 31, Fraction(31, 360)),
        (DayCount.CN_MONTHS_DAYS, "2024-05-20", "2029-05-20", 1800, Fraction(5)),
        (DayCount.CN_MONTHS_DAYS, "2024-05-20", "2024-09-12", 113, Fraction(113, 360)),
        (DayCount.CN_MONTHS_DAYS, "2024-01-31", "2024-02-29", 30, Fraction(1, 12)),
        (DayCount.CN_MONTHS_DAYS, "2024-02-29", "2025-02-28", 360, Fraction(1)),
        (DayCount.CN_MONTHS_DAYS, "2024-01-15", "2024-02-14", 30, Fraction(1, 12)),
    ],
)
def test_days_and_the_exact_fraction_of_a_year(convention, start, end, count, fraction):
    assert days(convention, date(start), date(end)) == count
    assert year_fraction(convention, date(start), date(end)) == fraction


@pytest.mark.parametrize("convention", DayCount)
def test_the_first_day_counts_and_the_last_does_not(convention):
    day = date("2024-03-15")
    assert days(convention, day, day) == 0
    assert year_fraction(convention, day, day) == 0
    assert days(convention, day, day + dt.timedelta(days=1)) == 1


@pytest.mark.parametrize("convention", DayCount)
def test_a_period_that_ends_before_it_starts_is_refused(convention):
    with pytest.raises(OutOfRangeError, match="2024-03-01 to 2024-02-29"):
        days(convention, date("2024-03-01"), date("2024-02-29"))
    with pytest.raises(OutOfRangeError, match="2024-03-01 to 2023-02-28"):
        year_fraction(convention, date("2024-03-01"), date("2023-02-28"))


def test_the_basis_is_the_year_of_the_convention():
    of_360 = {DayCount.ACT_360, DayCount.THIRTY_360, DayCount.THIRTY_E_360, DayCount.CN_MONTHS_DAYS}
    assert {
        convention for convention in set(DayCount) - {DayCount.ACT_ACT_ISDA} if basis_days(convention) == 360
    } == of_360
    assert basis_days(DayCount.ACT_365F) == 365


def test_actual_actual_has_no_one_basis():
    with pytest.raises(OutOfRangeError, match="split the period"):
        basis_days(DayCount.ACT_ACT_ISDA)


def test_the_last_year_a_date_can_have_is_counted():
    assert year_fraction(DayCount.ACT_ACT_ISDA, date("9998-12-31"), date("9999-12-31")) == Fraction(1, 365) + Fraction(
        364, 365
    )


@pytest.mark.parametrize("convention", DayCount)
def test_a_column_counts_as_its_dates_do(convention):
    periods = [("2024-01-31", "2024-02-29"), ("2023-02-28", "2024-03-31"), ("1969-12-30", "1970-01-31")]
    start, end = (
        np.array([days_from_date(date(text)) for text in column], dtype=np.int32)
        for column in zip(*periods, strict=True)
    )
    assert days_many(convention, start, end).tolist() == [days(convention, date(a), date(b)) for a, b in periods]
