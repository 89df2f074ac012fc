"""The cumulative policy of a schedule, on loans small enough to be recomputed by hand."""

from datetime import date
from decimal import Decimal

import pytest
from tests.unit.lending.instalment_loans import START, amounts, dues, minor, paid, rows, terms

from yinhe.lending.schedule.cumulative import ScheduleNeverEndsError
from yinhe.lending.schedule.instalment_terms import Amortisation, Grace, InterestMethod, InterestPeriod
from yinhe.lending.schedule.policies import RoundingPolicy

WHOLE = RoundingPolicy(instalment_multiple=1)


def test_equal_instalments_are_rounded_once_and_the_last_one_takes_the_difference() -> None:
    # The instalment is 256.28; interest is 1 % of 1000.00, 753.72, 504.98 and 253.75.
    assert amounts(rows(terms())) == [
        ("246.28", "10.00"),
        ("248.74", "7.54"),
        ("251.23", "5.05"),
        ("253.75", "2.54"),
    ]


def test_equal_instalments_in_whole_units() -> None:
    assert amounts(rows(terms(rounding=WHOLE))) == [
        ("246.00", "10.00"),
        ("248.46", "7.54"),
        ("250.94", "5.06"),
        ("254.60", "2.55"),
    ]


def test_equal_principal_is_rounded_once() -> None:
    found = rows(terms(count=3, amortisation=Amortisation.EQUAL_PRINCIPAL))
    assert amounts(found) == [("333.33", "10.00"), ("333.33", "6.67"), ("333.34", "3.33")]


def test_interest_of_days_counts_the_real_ones_of_a_year_of_365() -> None:
    found = rows(terms(count=1, interest_period=InterestPeriod.DAILY))
    assert amounts(found) == [("1000.00", "10.19")]  # 1000 · 12 % · 31 / 365


def test_flat_interest_is_shared_and_rounded_by_row_and_the_last_row_keeps_the_total() -> None:
    # 1250 · 15 % · 4 / 12 = 62.50; a quarter is 15.62(5); principal and interest each go to whole units: 312 + 16.
    flat = terms("15", interest_method=InterestMethod.FLAT, rounding=WHOLE)
    assert amounts(rows(flat, paid(START, "1250.00"))) == [
        ("312.38", "15.62"),
        ("312.38", "15.62"),
        ("312.38", "15.62"),
        ("312.86", "15.64"),
    ]


def test_flat_interest_without_a_multiple() -> None:
    flat = terms("12", 3, interest_method=InterestMethod.FLAT)
    assert amounts(rows(flat)) == [("333.33", "10.00"), ("333.33", "10.00"), ("333.34", "10.00")]


def test_principal_below_zero_by_rounding_to_a_multiple_is_taken_off_the_next_row() -> None:
    # 15.40 of flat interest goes to 15.00: in the grace of principal that leaves 0.40 too little.
    flat = terms("15", interest_method=InterestMethod.FLAT, rounding=WHOLE, grace=Grace(principal=1))
    found = rows(flat, paid(START, "1232.00"))
    assert amounts(found) == [("0.00", "15.40"), ("410.20", "15.40"), ("410.60", "15.40"), ("411.20", "15.40")]


def test_grace_of_principal_shortens_what_instalments_repay_in() -> None:
    # Two rows of interest alone, then an annuity of two: 1000 · 0.01 · 1.01² / (1.01² - 1) = 507.51.
    found = rows(terms(grace=Grace(principal=2)))
    assert amounts(found) == [("0.00", "10.00"), ("0.00", "10.00"), ("497.51", "10.00"), ("502.49", "5.02")]


def test_interest_of_a_grace_period_waits_for_the_first_row_after() -> None:
    # The instalment still leaves 246.28 of principal in the first row; its 10.00 come on top of the second.
    found = rows(terms(grace=Grace(interest_payment=1)))
    assert amounts(found)[:2] == [("246.28", "0.00"), ("248.74", "17.54")]
    assert sum(row.interest_minor for row in found) == minor("25.13")


def test_interest_that_waits_to_the_end_comes_into_the_last_row() -> None:
    found = rows(terms(grace=Grace(interest_payment=4)))
    assert [row.interest_minor for row in found] == [0, 0, 0, minor("25.13")]


def test_interest_that_waits_comes_with_the_first_row_that_bears_some() -> None:
    # 0.6 % of 1.00 is a cent, which waits; of 0.66 and of 0.32 it is nothing.
    found = rows(terms("7.2", 3, grace=Grace(interest_payment=1)), paid(START, "1.00"))
    assert [row.interest_minor for row in found] == [0, 0, 1]


def test_no_interest_is_charged_in_its_grace() -> None:
    found = rows(terms(grace=Grace(interest_charged=1)))
    # 256.28 of principal, then 1 % of 743.72.
    assert amounts(found)[:2] == [("256.28", "0.00"), ("248.84", "7.44")]


def test_flat_interest_of_a_grace_is_shared_by_the_rows_that_pay() -> None:
    flat = {"interest_method": InterestMethod.FLAT}
    waits = rows(terms(grace=Grace(interest_payment=2), **flat))
    assert [row.interest_minor for row in waits] == [0, 0, minor("20.00"), minor("20.00")]
    free = rows(terms(grace=Grace(interest_charged=1), **flat))
    assert [row.interest_minor for row in free] == [0, minor("10.00"), minor("10.00"), minor("10.00")]
    first = rows(terms(grace=Grace(interest_payment=2), amortisation=Amortisation.EQUAL_PRINCIPAL, **flat))
    assert [row.interest_minor for row in first] == [0, 0, minor("30.00"), minor("10.00")]


def test_a_down_payment_is_due_the_day_of_the_disbursement_and_not_amortised() -> None:
    found = rows(terms("0", 3, down_payment_rate=Decimal("0.25")))
    assert dues(found) == ["2023-01-01", "2023-02-01", "2023-03-01", "2023-04-01"]
    assert [row.down_payment for row in found] == [True, False, False, False]
    assert amounts(found) == [("250.00", "0.00")] * 4


def test_a_later_tranche_bears_interest_from_its_day_and_leaves_the_instalment() -> None:
    # The instalment is that of 1500.00 over 3: 510.03. February: 1 % of 499.97 for 14 of 28 days and of 999.97 for
    # the other 14, each rounded by itself: 2.50 and 5.00.
    found = rows(terms(count=3, tranches=True), paid(START, "1000.00"), paid(date(2023, 2, 15), "500.00"))
    assert amounts(found) == [("500.03", "10.00"), ("502.53", "7.50"), ("497.44", "4.97")]


def test_a_down_payment_of_a_later_tranche_comes_before_the_row_it_falls_into() -> None:
    shares = {"tranches": True, "down_payment_rate": Decimal("0.25"), "rounding": WHOLE}
    found = rows(terms("0", 2, **shares), paid(START, "1000.00"), paid(date(2023, 2, 15), "500.00"))
    assert dues(found) == ["2023-01-01", "2023-02-01", "2023-02-15", "2023-03-01"]
    # 1500.00 less a quarter over 2 is 562.50, in whole units 562.00.
    assert [row.principal_minor for row in found] == [minor(one) for one in ("250.00", "562.00", "125.00", "563.00")]


def test_tranches_on_a_due_date_bear_no_interest_for_its_row_where_parts_of_periods_count() -> None:
    day = date(2023, 2, 1)
    found = rows(terms(count=2, tranches=True), paid(START, "600.00"), paid(day, "200.00"), paid(day, "200.00"))
    assert found[0].interest_minor == minor("6.00")
    # Where they do not, a whole period is counted once more from that day, on what is then owed; once for both.
    whole = terms(count=2, tranches=True, partial_periods=False)
    found = rows(whole, paid(START, "600.00"), paid(day, "200.00"), paid(day, "200.00"))
    assert found[0].interest_minor == minor("16.00")


def test_interest_of_a_first_period_of_another_length_is_that_of_a_usual_one() -> None:
    # The first instalment is due 59 days after the start: interest counts from the month before it.
    found = rows(terms(count=2, first_due=date(2023, 3, 1)))
    assert dues(found) == ["2023-03-01", "2023-04-01"]
    assert found[0].interest_minor == minor("10.00")


def test_interest_charged_from_a_later_day_of_the_first_period() -> None:
    found = rows(terms(count=2, interest_from=date(2023, 1, 15), interest_period=InterestPeriod.DAILY))
    assert found[0].interest_minor == minor("5.59")  # 1000 · 12 % · 17 / 365


def test_a_fixed_instalment_is_kept_until_little_is_left() -> None:
    # 400.00 each: 390.00 and 393.90 of principal; the 216.10 then left are the last row.
    fixed = terms(fixed_instalment_minor=minor("400.00"))
    assert amounts(rows(fixed)) == [("390.00", "10.00"), ("393.90", "6.10"), ("216.10", "2.16")]


def test_what_a_fixed_instalment_leaves_is_added_to_a_row_where_it_is_less_than_the_threshold() -> None:
    # 216.10 is more than half of 393.90, and less than six tenths of it.
    half = terms(fixed_instalment_minor=minor("400.00"), threshold_percent=50)
    assert len(rows(half)) == 3
    more = terms(fixed_instalment_minor=minor("400.00"), threshold_percent=60)
    assert amounts(rows(more)) == [("390.00", "10.00"), ("610.00", "6.10")]


def test_a_fixed_instalment_below_the_interest_is_refused() -> None:
    with pytest.raises(ScheduleNeverEndsError):
        rows(terms(fixed_instalment_minor=minor("9.00")))
    with pytest.raises(ScheduleNeverEndsError):
        rows(terms(fixed_instalment_minor=minor("10.00")))
