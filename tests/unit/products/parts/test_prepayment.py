"""Repaying early, and what of a statement must be paid."""

import numpy as np
import pytest

from yinhe.products.parts import card, prepayment
from yinhe.products.parts.refusals import PartRefusal as R

from .loan_specimens import FEES, PLANS
from .words import day, days, fen, percent, yuan

START = "2026-01-15"
PART = prepayment.PartEarly(least=yuan("100"), times=2, after_months=6, fees=FEES)


@pytest.mark.parametrize(
    ("part", "date", "amount", "times", "refusal"),
    [
        (prepayment.NoPrepayment(), "2027-01-15", 1, 0, R.PREPAYMENT_NOT_ALLOWED),
        (prepayment.AtWill(), "2026-01-15", 1, 99, R.NONE),
        (prepayment.AtWill(), "2026-01-15", 100_001, 0, R.PREPAYMENT_OVER_BALANCE),
        (prepayment.WholeEarly(), "2026-01-16", 100_000, 0, R.NONE),
        (prepayment.WholeEarly(), "2026-01-16", 99_999, 0, R.PREPAYMENT_WHOLE_ONLY),
        (prepayment.WholeEarly(), "2026-01-16", 100_001, 0, R.PREPAYMENT_OVER_BALANCE),
        (PART, "2026-07-14", 10_000, 0, R.PREPAYMENT_TOO_SOON),
        (PART, "2026-07-15", 10_000, 0, R.NONE),
        (PART, "2026-07-15", 9_999, 0, R.PREPAYMENT_TOO_SMALL),
        (PART, "2026-07-15", 10_000, 2, R.PREPAYMENTS_USED_UP),
        (PART, "2026-07-15", 100_000, 2, R.NONE),
    ],
)
def test_a_loan_of_a_thousand_yuan_is_repaid_early_or_not(part, date, amount, times, refusal):
    assert part.refuse(day(date), days(START), fen(amount), fen(100_000), fen(times)).tolist() == [refusal]


@pytest.mark.parametrize(
    ("date", "fee"),
    [("2027-01-14", 500), ("2027-01-15", 250), ("2029-01-14", 250), ("2029-01-15", 0)],
)
def test_the_fee_falls_with_the_months_a_loan_has_run(date, fee):
    # 1 % in the first year, 0.5 % until three years have passed, of 500.00 yuan.
    assert PART.fee(day(date), days(START), fen(50_000)).tolist() == [fee]
    assert prepayment.WholeEarly().fee(day(date), days(START), fen(50_000)).tolist() == [0]
    assert prepayment.AtWill().fee(day(date), days(START), fen(50_000)).tolist() == [0]


def test_fees_that_do_not_ascend_are_found():
    assert prepayment.WholeEarly(fees=FEES[::-1]).problems()
    assert not prepayment.WholeEarly().problems()


@pytest.mark.parametrize(
    ("posted", "statement", "due"),
    [
        ("2026-01-04", "2026-01-05", "2026-01-25"),
        ("2026-01-05", "2026-02-05", "2026-02-25"),
        ("2026-12-31", "2027-01-05", "2027-01-25"),
    ],
)
def test_what_is_posted_stands_on_the_next_statement(posted, statement, due):
    part = card.BillingCycle(day=5, due_after=20)
    assert part.statement_on(days(posted)).tolist() == days(statement).tolist()
    assert part.due_on(days(statement)).tolist() == days(due).tolist()
    assert part.is_statement(day(statement))
    assert not part.is_statement(day(posted) if posted != "2026-01-05" else day("2026-01-06"))


def test_only_a_purchase_of_a_statement_paid_whole_is_free_of_interest():
    whole, cash = np.array([True, True, False, False]), np.array([False, True, False, True])
    assert card.InterestFree().is_free(whole, cash).tolist() == [True, False, False, False]
    assert card.InterestFree(cash=True).is_free(whole, cash).tolist() == [True, True, False, False]


@pytest.mark.parametrize(
    ("part", "principal", "rest", "minimum"),
    [
        (card.MinimumPayment(), 100_001, 0, 10_001),
        (card.MinimumPayment(), 100_000, 2_345, 12_345),
        (card.MinimumPayment(least=yuan("100")), 50_000, 0, 10_000),
        (card.MinimumPayment(least=yuan("100")), 9_000, 500, 9_500),
        (card.MinimumPayment(), -5_000, 0, 0),
    ],
)
def test_the_minimum_is_a_share_of_purchases_and_the_whole_of_the_rest(part, principal, rest, minimum):
    assert part.minimum(fen(principal), fen(rest)).tolist() == [minimum]


PLAN = card.InstalmentPlans(plans=PLANS, least=yuan("600"))


@pytest.mark.parametrize(
    ("amount", "count", "refusal"),
    [(60_000, 12, R.NONE), (59_999, 12, R.UNDER_MINIMUM), (60_000, 6, R.PLAN_NOT_OFFERED)],
)
def test_a_purchase_is_repaid_by_a_plan_that_is_offered(amount, count, refusal):
    assert PLAN.refuse(fen(amount), fen(count)).tolist() == [refusal]


@pytest.mark.parametrize(
    ("number", "principal", "fee"), [(0, 0, 0), (1, 33_333, 650), (2, 33_333, 650), (3, 33_334, 650), (4, 0, 0)]
)
def test_a_thousand_yuan_in_three_instalments_of_065_percent(number, principal, fee):
    found = PLAN.due(fen(number), fen(3), fen(100_000))
    assert [column.tolist() for column in found] == [[principal], [fee]]


@pytest.mark.parametrize(("count", "fee", "yearly"), [(12, "0.6%", "13.03%"), (3, "0.65%", "11.66%"), (2, "0%", "0%")])
def test_what_a_plan_costs_a_year_is_told(count, fee, yearly):
    assert card.yearly_cost(card.PlanFee(count=count, fee=percent(fee))) == percent(yearly).units
