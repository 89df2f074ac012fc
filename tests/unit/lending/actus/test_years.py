"""Year fractions of the standard's day counts, and its moments."""

import datetime as dt
from fractions import Fraction

import pytest
import QuantLib

from yinhe.kernel.calendar import make_calendar
from yinhe.kernel.dates import days_from_date
from yinhe.lending.actus.errors import TermRefused
from yinhe.lending.actus.moments import counted_day, day_of, read_moment, time_of, write_moment
from yinhe.lending.actus.terms import cycle_of
from yinhe.lending.actus.years import years_by
from yinhe.lending.schedule.cycles import Cycle, Stub

WEEKDAYS = make_calendar("weekdays", range(2010, 2031))
START, END = dt.date(2019, 12, 30), dt.date(2020, 3, 31)


@pytest.mark.parametrize(
    ("name", "years"),
    [
        ("AA", Fraction(2, 365) + Fraction(90, 366)),
        ("A360", Fraction(92, 360)),
        ("A365", Fraction(92, 365)),
        ("A336", Fraction(92, 336)),
        ("30E360", Fraction(90, 360)),
        ("30E360ISDA", Fraction(90, 360)),
        ("28E336", Fraction(84, 336)),
        ("B252", Fraction(66, 252)),
    ],
)
def test_each_day_count(name, years):
    count = years_by(name, None, WEEKDAYS)
    start, end = days_from_date(START), days_from_date(END)
    assert count(start, end) == years
    assert count(end, start) == -years


def test_thirty_isda_is_that_of_quantlib_and_spares_february_at_maturity():
    maturity = dt.date(2021, 2, 28)
    count = years_by("30E360ISDA", days_from_date(maturity), WEEKDAYS)
    theirs = QuantLib.Thirty360(QuantLib.Thirty360.ISDA, QuantLib.Date(28, 2, 2021))
    for start in (dt.date(2020, 1, 31), dt.date(2020, 2, 29), dt.date(2020, 8, 15), dt.date(2019, 2, 28)):
        for end in (dt.date(2020, 8, 31), dt.date(2021, 1, 30), maturity):
            ours = count(days_from_date(start), days_from_date(end))
            dates = (QuantLib.Date(day.day, day.month, day.year) for day in (start, end))
            assert float(ours) == pytest.approx(theirs.yearFraction(*dates))


def test_an_unknown_day_count_is_refused():
    with pytest.raises(TermRefused, match="dayCountConvention"):
        years_by("A999", None, WEEKDAYS)


@pytest.mark.parametrize(
    ("text", "day", "seconds", "counted"),
    [
        ("2020-03-01T00:00:00", "2020-03-01", 0, "2020-03-01"),
        ("2020-03-01T00:00", "2020-03-01", 0, "2020-03-01"),
        ("2020-03-01", "2020-03-01", 0, "2020-03-01"),
        ("2020-02-29T23:59:59", "2020-02-29", 86_399, "2020-03-01"),
        ("2020-02-29T24:00:00", "2020-03-01", 0, "2020-03-01"),
        ("2020-02-29T12:00:00", "2020-02-29", 43_200, "2020-02-29"),
    ],
)
def test_moments(text, day, seconds, counted):
    moment = read_moment(text)
    assert (day_of(moment), time_of(moment)) == (days_from_date(dt.date.fromisoformat(day)), seconds)
    assert counted_day(moment) == days_from_date(dt.date.fromisoformat(counted))
    assert read_moment(write_moment(moment)) == moment


@pytest.mark.parametrize(
    ("text", "cycle"),
    [
        ("P1ML0", Cycle(months=1, stub=Stub.LONG)),
        ("P3ML1", Cycle(months=3)),
        ("P1QL1", Cycle(months=3)),
        ("P1HL1", Cycle(months=6)),
        ("P2YL1", Cycle(months=24)),
        ("P2WL1", Cycle(days=14)),
        ("P10DL0", Cycle(days=10, stub=Stub.LONG)),
        ("P1Y6ML1", Cycle(months=18)),
        ("P1M", Cycle(months=1)),
    ],
)
def test_cycles(text, cycle):
    assert cycle_of("cycle", text) == cycle
