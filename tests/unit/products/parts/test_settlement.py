"""When interest is paid: the day whose interest is the last a settlement pays."""

import pytest

from yinhe.kernel.dates import date_from_days
from yinhe.products.parts import settlement

from .specimens import day, days


def last(part, date, start, maturity=""):
    due = part.last_due(day(date), days(start), days(maturity))
    return str(date_from_days(int(due[0])))


@pytest.mark.parametrize(
    ("part", "date", "expected"),
    [
        (settlement.Quarterly(), "2026-03-19", "2025-12-20"),
        (settlement.Quarterly(), "2026-03-20", "2026-03-20"),
        (settlement.Quarterly(), "2026-06-19", "2026-03-20"),
        (settlement.Quarterly(), "2026-12-31", "2026-12-20"),
        (settlement.Quarterly(), "2026-01-31", "2025-12-20"),
        (settlement.Monthly(), "2026-01-19", "2025-12-20"),
        (settlement.Monthly(), "2026-01-20", "2026-01-20"),
        (settlement.Monthly(day=31), "2026-02-27", "2026-01-31"),
        (settlement.Monthly(day=31), "2026-02-28", "2026-02-28"),
        (settlement.Monthly(day=31), "2024-02-28", "2024-01-31"),
        (settlement.Monthly(day=31), "2024-02-29", "2024-02-29"),
        (settlement.HalfYearly(), "2026-12-19", "2026-06-20"),
        (settlement.Yearly(month=6, day=30), "2026-06-29", "2025-06-30"),
        (settlement.Yearly(month=6, day=30), "2026-06-30", "2026-06-30"),
        (settlement.Daily(), "2026-03-03", "2026-03-03"),
        (settlement.OnClosing(), "2026-03-20", "2019-12-31"),
    ],
)
def test_a_settlement_pays_to_its_day(part, date, expected):
    assert last(part, date, "2020-01-01") == expected


def test_nothing_is_due_before_a_contract_began():
    assert last(settlement.Quarterly(), "2026-03-25", "2026-03-21") == "2026-03-20"
    assert settlement.Quarterly().is_due(
        day("2026-03-20"), days("2026-03-20", "2026-03-21"), days("", "")
    ).tolist() == [
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("every", "start", "date", "maturity", "expected"),
    [
        (1, "2026-01-15", "2026-02-13", "", "2026-01-14"),
        (1, "2026-01-15", "2026-02-14", "", "2026-02-14"),
        (1, "2026-01-31", "2026-02-27", "", "2026-02-27"),
        (1, "2026-01-31", "2026-03-29", "", "2026-02-27"),
        (1, "2026-01-31", "2026-03-30", "", "2026-03-30"),
        (3, "2026-01-15", "2026-04-13", "", "2026-01-14"),
        (3, "2026-01-15", "2026-04-14", "", "2026-04-14"),
        (1, "2026-01-15", "2027-06-01", "2027-01-15", "2027-01-14"),
    ],
)
def test_an_anniversary_pays_full_months_date_to_date(every, start, date, maturity, expected):
    assert last(settlement.Anniversary(every=every), date, start, maturity) == expected


@pytest.mark.parametrize(
    ("date", "due", "expected"),
    [
        ("2026-04-14", True, "2026-04-14"),
        ("2026-04-13", False, "2026-01-14"),
        ("2026-04-15", False, "2026-04-14"),
    ],
)
def test_at_maturity_interest_is_paid_to_the_day_before(date, due, expected):
    part, start, maturity = settlement.AtMaturity(), "2026-01-15", "2026-04-15"
    assert part.is_due(day(date), days(start), days(maturity)).tolist() == [due]
    assert last(part, date, start, maturity) == expected
