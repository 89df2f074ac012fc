"""Day counts and month arithmetic against QuantLib, on every pair of awkward dates and on random ones."""

import datetime as dt
import random

import numpy as np
import pytest
import QuantLib

from yinhe.kernel.dates import add_months_many, date_from_days, days_from_date, months_and_days_many
from yinhe.kernel.daycount import DayCount, days_many, year_fraction

THEIRS = [
    (DayCount.ACT_360, QuantLib.Actual360()),
    (DayCount.ACT_365F, QuantLib.Actual365Fixed()),
    (DayCount.ACT_ACT_ISDA, QuantLib.ActualActual(QuantLib.ActualActual.ISDA)),
    (DayCount.THIRTY_360, QuantLib.Thirty360(QuantLib.Thirty360.BondBasis)),
    (DayCount.THIRTY_360, QuantLib.Thirty360(QuantLib.Thirty360.NASD)),
    (DayCount.THIRTY_E_360, QuantLib.Thirty360(QuantLib.Thirty360.EurobondBasis)),
]
NAMES = [f"{convention.name}-{theirs.name()}" for convention, theirs in THEIRS]

FIRST, LAST = dt.date(1901, 1, 1), dt.date(2198, 12, 31)
"""The years QuantLib's dates cover, less one at the end for the months added."""

EDGES = sorted(
    {
        dt.date(year, month, 1) + dt.timedelta(days=offset)
        for year in (1999, 2000, 2001, 2003, 2004, 2099, 2100)
        for month in (1, 2, 3, 5, 12)
        for offset in (-3, -2, -1, 0, 14, 26, 27, 28)
    }
)


def their_date(date):
    return QuantLib.Date(date.day, date.month, date.year)


def random_periods(count):
    draw = random.Random(19_970_701)
    span = (LAST - FIRST).days
    starts = [FIRST + dt.timedelta(days=draw.randrange(span)) for _ in range(count)]
    near = [min(start + dt.timedelta(days=draw.randrange(800)), LAST) for start in starts[: count // 2]]
    far = [start + dt.timedelta(days=draw.randint(0, (LAST - start).days)) for start in starts[count // 2 :]]
    return list(zip(starts, near + far, strict=True))


EDGE_PERIODS = [(start, end) for start in EDGES for end in EDGES if start <= end]
RANDOM_PERIODS = random_periods(4_000)


def columns(periods):
    return (np.array([days_from_date(date) for date in side], dtype=np.int32) for side in zip(*periods, strict=True))


def test_the_awkward_dates_include_leap_days_month_ends_and_a_leapless_century():
    assert {dt.date(2000, 2, 29), dt.date(2004, 2, 29), dt.date(2001, 2, 28), dt.date(2100, 2, 28)} <= set(EDGES)
    assert {dt.date(1999, 12, 31), dt.date(2000, 1, 31), dt.date(2003, 4, 30)} <= set(EDGES)


@pytest.mark.parametrize(("convention", "theirs"), THEIRS, ids=NAMES)
@pytest.mark.parametrize("periods", [EDGE_PERIODS, RANDOM_PERIODS], ids=["edges", "random"])
def test_days_are_those_of_quantlib(convention, theirs, periods):
    expected = [theirs.dayCount(their_date(start), their_date(end)) for start, end in periods]
    assert days_many(convention, *columns(periods)).tolist() == expected


@pytest.mark.parametrize(("convention", "theirs"), THEIRS, ids=NAMES)
@pytest.mark.parametrize("periods", [EDGE_PERIODS[::7], RANDOM_PERIODS], ids=["edges", "random"])
def test_the_fraction_of_a_year_is_that_of_quantlib_to_the_precision_of_its_float(convention, theirs, periods):
    for start, end in periods:
        expected = theirs.yearFraction(their_date(start), their_date(end))
        assert float(year_fraction(convention, start, end)) == pytest.approx(expected, rel=1e-13, abs=1e-13)


@pytest.mark.parametrize("months", [-13, -12, -1, 0, 1, 2, 3, 6, 12, 24, 36, 60])
def test_months_are_added_as_quantlib_adds_them(months):
    dates = EDGES + [start for start, _ in RANDOM_PERIODS if start.year > 1903 and start.year < 2190]
    expected = [(their_date(date) + QuantLib.Period(months, QuantLib.Months)).ISO() for date in dates]
    starts = np.array([days_from_date(date) for date in dates], dtype=np.int32)
    assert [date_from_days(day).isoformat() for day in add_months_many(starts, months).tolist()] == expected


@pytest.mark.parametrize("periods", [EDGE_PERIODS, RANDOM_PERIODS], ids=["edges", "random"])
def test_full_months_and_odd_days_are_the_most_months_quantlib_can_add_and_the_rest(periods):
    months, odd_days = months_and_days_many(*columns(periods))
    for (start, end), full, odd in zip(periods, months.tolist(), odd_days.tolist(), strict=True):
        reached = their_date(start) + QuantLib.Period(full, QuantLib.Months)
        beyond = their_date(start) + QuantLib.Period(full + 1, QuantLib.Months)
        assert reached <= their_date(end) < beyond
        assert their_date(end) - reached == odd
