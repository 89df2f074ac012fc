"""The bank's own policy beside the named ones, on the same terms."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from tests.unit.lending.instalment_loans import START, amounts, dues, minor, paid, progressive, rows, terms

from yinhe.kernel.errors import OutOfRangeError
from yinhe.kernel.rounding import Rounding
from yinhe.lending.schedule.instalment_terms import Amortisation, Grace, InterestMethod, InterestPeriod
from yinhe.lending.schedule.policies import RoundingPolicy, SchedulePolicy

OWN: dict[str, Any] = {"policy": SchedulePolicy.OWN}


def test_a_plain_loan_by_the_month_is_the_same_under_every_policy() -> None:
    own = rows(terms(**OWN))
    assert amounts(own) == amounts(rows(terms())) == amounts(rows(progressive()))
    assert dues(own) == dues(rows(terms()))
    assert [row.owed_minor for row in own] == [minor(one) for one in ("753.72", "504.98", "253.75", "0.00")]


def test_equal_principal_and_a_down_payment() -> None:
    found = rows(terms(count=3, amortisation=Amortisation.EQUAL_PRINCIPAL, down_payment_rate=Decimal("0.25"), **OWN))
    assert [row.down_payment for row in found] == [True, False, False, False]
    assert amounts(found) == [("250.00", "0.00"), ("250.00", "7.50"), ("250.00", "5.00"), ("250.00", "2.50")]


def test_half_a_cent_goes_where_the_rounding_policy_says() -> None:
    # 1 % of 1000.50 is 10.005.
    for mode, interest in ((Rounding.HALF_EVEN, "10.00"), (Rounding.HALF_UP, "10.01")):
        found = rows(terms(count=1, rounding=RoundingPolicy(mode=mode), **OWN), paid(START, "1000.50"))
        assert amounts(found) == [("1000.50", interest)]


def test_interest_by_the_day_and_a_later_tranche() -> None:
    days = {"interest_period": InterestPeriod.DAILY, "year_days": 365, "tranches": True}
    found = rows(terms(count=2, **days, **OWN), paid(START, "1000.00"), paid(date(2023, 1, 11), "500.00"))
    # 12 % · (1000 · 10 + 1500 · 21) / 365, rounded once.
    assert found[0].interest_minor == minor("13.64")
    assert sum(row.principal_minor for row in found) == minor("1500.00")


def test_grace_of_principal_and_of_interest() -> None:
    deferred = rows(terms(grace=Grace(principal=1, interest_payment=1), **OWN))
    assert amounts(deferred)[0] == ("0.00", "0.00")
    assert deferred[1].interest_minor == minor("20.00")
    waived = rows(terms(grace=Grace(principal=1, interest_charged=1), **OWN))
    assert waived[1].interest_minor == minor("10.00")


@pytest.mark.parametrize(
    ("changes", "term"),
    [
        ({"rounding": RoundingPolicy(instalment_multiple=1)}, "rounding.instalment_multiple"),
        ({"interest_method": InterestMethod.FLAT}, "interest_method"),
        ({"fixed_length": 3}, "fixed_length"),
        ({"start": date(2022, 12, 31)}, "start"),
        ({"grace": Grace(interest_payment=1, interest_charged=1)}, "grace"),
        ({"annual_rate": Decimal("0.123456789")}, "annual_rate"),
        ({"interest_period": InterestPeriod.DAILY, "year_days": 364}, "year_days and month_days"),
        ({"grace": Grace(principal=9)}, "grace"),
    ],
)
def test_a_term_the_bank_does_not_know_is_named(changes: dict[str, Any], term: str) -> None:
    with pytest.raises(OutOfRangeError, match=term):
        rows(terms(**OWN, **changes))
