"""Schedules a banker can check by hand: each way of repayment, and what happens beside the plan."""

import datetime as dt

import pytest

from yinhe.kernel.calendar import BusinessDayRule, make_calendar
from yinhe.kernel.dates import date_from_days
from yinhe.kernel.daycount import DayCount
from yinhe.kernel.rounding import Rounding
from yinhe.lending.schedule.cycles import Cycle, DateRules
from yinhe.lending.schedule.loan import LoanSchedule, schedule
from yinhe.lending.schedule.loan_terms import (
    Capitalisation,
    Draw,
    Extension,
    InstalmentChange,
    InterestGrace,
    LoanTerms,
    Observation,
    PlannedRepayment,
    Prepayment,
    PrepaymentEffect,
    RateChange,
    RateStep,
    Repayment,
)
from yinhe.lending.schedule.records import Conventions

JANUARY = dt.date(2026, 1, 15)


def terms(**given):
    usual = {"principal_minor": 1_200_000, "rate": 12_000_000, "disbursed": JANUARY, "instalments": 4}
    return LoanTerms(**{**usual, **given})


def table_of(made_terms, events=()):
    made = schedule(made_terms, events)
    assert isinstance(made, LoanSchedule), made
    table = made.table
    return [
        (int(number), principal, interest, balance)
        for number, principal, interest, balance in zip(
            table.number.tolist(),
            table.principal.tolist(),
            table.interest.tolist(),
            table.balance.tolist(),
            strict=True,
        )
    ]


def days_of(made_terms, events=()):
    made = schedule(made_terms, events)
    assert isinstance(made, LoanSchedule), made
    return [date_from_days(day) for day in made.table.day.tolist()]


# 12,000.00 at 12 % a year is 1 % a month; the annuity of four months is 12,000 · 0.01 / (1 - 1.01^-4) = 3,075.37.


def test_equal_instalments_and_the_last_takes_what_rounding_left():
    assert table_of(terms()) == [
        (1, 295_537, 12_000, 904_463),
        (2, 298_492, 9_045, 605_971),
        (3, 301_477, 6_060, 304_494),
        (4, 304_494, 3_045, 0),
    ]


def test_equal_principal():
    assert table_of(terms(repayment=Repayment.EQUAL_PRINCIPAL)) == [
        (1, 300_000, 12_000, 900_000),
        (2, 300_000, 9_000, 600_000),
        (3, 300_000, 6_000, 300_000),
        (4, 300_000, 3_000, 0),
    ]


def test_interest_by_the_month_and_principal_at_the_end():
    assert table_of(terms(repayment=Repayment.AT_MATURITY)) == [
        (1, 0, 12_000, 1_200_000),
        (2, 0, 12_000, 1_200_000),
        (3, 0, 12_000, 1_200_000),
        (4, 1_200_000, 12_000, 0),
    ]


def test_all_at_the_end():
    assert table_of(terms(repayment=Repayment.ALL_AT_END)) == [(1, 1_200_000, 48_000, 0)]
    by_date = terms(repayment=Repayment.ALL_AT_END, instalments=None, maturity=dt.date(2026, 5, 15))
    assert table_of(by_date) == [(1, 1_200_000, 48_000, 0)]


def test_an_irregular_plan():
    plan = (PlannedRepayment(dt.date(2026, 2, 15), 200_000), PlannedRepayment(dt.date(2026, 4, 1), 500_000))
    assert table_of(terms(repayment=Repayment.BY_PLAN, plan=plan)) == [
        (1, 200_000, 12_000, 1_000_000),
        (2, 0, 10_000, 1_000_000),
        # 10,000.00 for 16 days and 5,000.00 for 14: 53.33 + 23.33
        (3, 500_000, 7_667, 500_000),
        (4, 500_000, 5_000, 0),
    ]


def test_a_balloon_is_left_for_the_end():
    equal_principal = terms(repayment=Repayment.EQUAL_PRINCIPAL, balloon_minor=400_000)
    assert [row[1] for row in table_of(equal_principal)] == [200_000, 200_000, 200_000, 600_000]
    # 307,537 of the annuity less 400,000 / (1.01^4 - 1) · 0.01 = 98,512
    rows = table_of(terms(balloon_minor=400_000))
    assert [principal + interest for _, principal, interest, _ in rows] == [209_025, 209_025, 209_025, 609_025]


def test_grace_of_principal():
    assert table_of(terms(grace_principal=2)) == [
        (1, 0, 12_000, 1_200_000),
        (2, 0, 12_000, 1_200_000),
        (3, 597_015, 12_000, 602_985),
        (4, 602_985, 6_030, 0),
    ]


@pytest.mark.parametrize(
    ("kind", "interest"),
    [
        (InterestGrace.DEFERRED, [0, 0, 36_000, 12_000]),
        (InterestGrace.WAIVED, [0, 0, 12_000, 12_000]),
        # 12,120.00 and then 12,241.20 is owed
        (InterestGrace.CAPITALISED, [0, 0, 12_241, 12_241]),
    ],
)
def test_grace_of_interest(kind, interest):
    rows = table_of(terms(repayment=Repayment.AT_MATURITY, grace_interest=2, interest_in_grace=kind))
    assert [row[2] for row in rows] == interest
    assert rows[-1][1] == (1_224_120 if kind is InterestGrace.CAPITALISED else 1_200_000)


def test_a_down_payment_is_due_on_the_first_day_and_lowers_the_rest():
    rows = table_of(terms(repayment=Repayment.EQUAL_PRINCIPAL, down_payment_minor=400_000))
    assert rows[0] == (0, 400_000, 0, 800_000)
    assert rows[1] == (1, 200_000, 8_000, 600_000)


def test_flat_interest_counts_on_what_was_lent():
    flat = Conventions(base_follows_principal=False)
    rows = table_of(terms(repayment=Repayment.EQUAL_PRINCIPAL, conventions=flat))
    assert [row[2] for row in rows] == [12_000, 12_000, 12_000, 12_000]


def test_interest_may_count_from_a_later_day():
    rows = table_of(terms(repayment=Repayment.AT_MATURITY, interest_from=dt.date(2026, 1, 30)))
    assert rows[0][2] == 6_000


def test_an_instalment_is_found_with_interest_from_that_day():
    # 1,200,000 · (1 + 0.01 / 2) · 1.01^3 / (1 + 1.01 + 1.01^2 + 1.01^3)
    rows = table_of(terms(interest_from=dt.date(2026, 1, 30)))
    assert [row[1] + row[2] for row in rows] == [306_015, 306_015, 306_015, 306_015]
    assert rows[0][2] == 6_000


def test_a_rate_agreed_while_interest_is_waived_applies_after_it():
    waived = terms(repayment=Repayment.AT_MATURITY, grace_interest=2, interest_in_grace=InterestGrace.WAIVED)
    rows = table_of(waived, [RateChange(day=dt.date(2026, 2, 1), rate=24_000_000)])
    assert [row[2] for row in rows] == [0, 0, 24_000, 24_000]


def test_a_stepped_rate_is_agreed_in_advance():
    steps = (RateStep(dt.date(2026, 3, 15), 24_000_000),)
    rows = table_of(terms(repayment=Repayment.AT_MATURITY, rate_steps=steps))
    assert [row[2] for row in rows] == [12_000, 12_000, 24_000, 24_000]


def test_an_agreed_instalment_is_kept():
    rows = table_of(terms(instalment_minor=500_000))
    assert [(principal + interest, balance) for _, principal, interest, balance in rows] == [
        (500_000, 712_000),
        (500_000, 219_120),
        (221_311, 0),
    ]


# --- beside the plan


def test_a_prepayment_lowers_the_instalment_or_shortens_the_term():
    paid = Prepayment(day=dt.date(2026, 2, 15), amount_minor=304_463)
    # 600,000 · 0.01 / (1 - 1.01^-3) = 204,013.3
    rows = table_of(terms(), [paid])
    assert [principal + interest for _, principal, interest, _ in rows] == [307_537, 204_013, 204_013, 204_014]
    sooner = Prepayment(day=dt.date(2026, 2, 15), amount_minor=304_463, effect=PrepaymentEffect.SHORTEN_TERM)
    rows = table_of(terms(), [sooner])
    assert [principal + interest for _, principal, interest, _ in rows] == [307_537, 307_537, 301_448]


def test_paying_all_early_ends_the_loan_with_the_interest_to_the_day():
    made = schedule(terms(), [Prepayment(day=dt.date(2026, 3, 1))])
    assert isinstance(made, LoanSchedule)
    # 9,044.63 for 16 days of 30: 48.24
    on_the_day = made.rows.day == (dt.date(2026, 3, 1) - dt.date(1970, 1, 1)).days
    assert made.rows.payoff[on_the_day].sum() == 904_463 + 4_824
    assert len(made.table) == 1


def test_a_prepayment_may_bring_its_interest_and_a_penalty():
    paid = Prepayment(day=dt.date(2026, 1, 30), amount_minor=200_000, with_interest=True, penalty_minor=2_000)
    made = schedule(terms(repayment=Repayment.AT_MATURITY), [paid])
    assert isinstance(made, LoanSchedule)
    on_the_day = made.rows.day == (dt.date(2026, 1, 30) - dt.date(1970, 1, 1)).days
    assert made.rows.payoff[on_the_day].sum() == 200_000 + 6_000 + 2_000
    assert made.table.interest.tolist() == [5_000, 10_000, 10_000, 10_000]


def test_another_rate_finds_the_instalment_anew_or_keeps_it():
    change = RateChange(day=dt.date(2026, 2, 15), rate=24_000_000)
    # 904,463 · 0.02 / (1 - 1.02^-3) = 313,626.7
    assert [row[1] + row[2] for row in table_of(terms(), [change])] == [307_537, 313_627, 313_627, 313_627]
    kept = RateChange(day=dt.date(2026, 2, 15), rate=24_000_000, keep_instalment=True)
    assert [row[1] + row[2] for row in table_of(terms(), [kept])][:3] == [307_537, 307_537, 307_537]


def test_another_rate_stays_within_floors_and_caps():
    bounded = Conventions(life_cap=18_000_000, period_floor=-2_000_000)
    capped = [RateChange(day=dt.date(2026, 2, 15), rate=24_000_000), RateChange(day=dt.date(2026, 3, 15), rate=1)]
    rows = table_of(terms(repayment=Repayment.AT_MATURITY, conventions=bounded), capped)
    assert [row[2] for row in rows] == [12_000, 18_000, 16_000, 16_000]


def test_what_is_owed_and_accrued_on_a_day_can_be_seen():
    made = schedule(terms(), [Observation(day=dt.date(2026, 3, 1))])
    assert isinstance(made, LoanSchedule)
    at = int((made.rows.day == (dt.date(2026, 3, 1) - dt.date(1970, 1, 1)).days).argmax())
    assert (made.rows.principal[at], made.rows.accrued[at]) == (904_463, 4_823)
    assert made.table.due.tolist() == [307_537, 307_537, 307_537, 307_539]


def test_tranches_are_drawn_and_repaid_together():
    drawn = Draw(day=dt.date(2026, 2, 15), amount_minor=300_000)
    rows = table_of(terms(repayment=Repayment.EQUAL_PRINCIPAL), [drawn])
    assert [(row[1], row[3]) for row in rows] == [
        (300_000, 1_200_000),
        (400_000, 800_000),
        (400_000, 400_000),
        (400_000, 0),
    ]


def test_a_line_is_drawn_and_repaid_at_will():
    line = terms(principal_minor=0, repayment=Repayment.AT_MATURITY)
    events = [
        Draw(day=dt.date(2026, 1, 20), amount_minor=600_000),
        Prepayment(day=dt.date(2026, 2, 25), amount_minor=600_000),
        Draw(day=dt.date(2026, 4, 15), amount_minor=100_000),
    ]
    # 25 days of 6,000.00; 10 days of it; nothing; 30 days of 1,000.00
    assert [(row[1], row[2]) for row in table_of(line, events)] == [(0, 5_000), (0, 2_000), (0, 0), (100_000, 1_000)]


def test_interest_capitalised_becomes_principal():
    rows = table_of(terms(repayment=Repayment.AT_MATURITY), [Capitalisation(day=dt.date(2026, 1, 30))])
    assert rows[-1][1] == 1_206_000


def test_another_instalment_may_be_agreed():
    rows = table_of(terms(), [InstalmentChange(day=dt.date(2026, 2, 20), amount_minor=200_000)])
    assert [row[1] + row[2] for row in rows][:3] == [307_537, 200_000, 200_000]


def test_an_extension_spreads_what_is_owed_over_more_instalments():
    extended = Extension(day=dt.date(2026, 3, 20), instalments=5)
    rows = table_of(terms(repayment=Repayment.EQUAL_PRINCIPAL), [extended])
    assert [row[1] for row in rows] == [300_000, 300_000, 120_000, 120_000, 120_000, 120_000, 120_000]
    resting = Extension(day=dt.date(2026, 3, 20), instalments=2, first_due=dt.date(2026, 6, 1))
    assert days_of(terms(), [resting]) == [
        dt.date(2026, 2, 15),
        dt.date(2026, 3, 15),
        dt.date(2026, 6, 1),
        dt.date(2026, 7, 1),
    ]


# --- dates and rounding


def test_due_dates_return_to_the_day_of_the_disbursement():
    assert days_of(terms(disbursed=dt.date(2026, 1, 31)))[:3] == [
        dt.date(2026, 2, 28),
        dt.date(2026, 3, 31),
        dt.date(2026, 4, 30),
    ]


def test_a_first_due_date_and_a_maturity_may_be_agreed():
    agreed = terms(first_due=dt.date(2026, 3, 1), instalments=None, maturity=dt.date(2026, 4, 20))
    assert days_of(agreed) == [dt.date(2026, 3, 1), dt.date(2026, 4, 1), dt.date(2026, 4, 20)]
    counted = terms(maturity=dt.date(2026, 6, 1), instalments=3)
    assert days_of(counted) == [dt.date(2026, 2, 15), dt.date(2026, 3, 15), dt.date(2026, 6, 1)]


def test_weeks_are_cycles_of_days():
    assert days_of(terms(cycle=Cycle(days=14), instalments=2)) == [dt.date(2026, 1, 29), dt.date(2026, 2, 12)]


def test_a_remainder_is_dropped_or_kept_as_the_terms_say():
    odd = {"principal_minor": 100_001, "rate": 5_000_000, "repayment": Repayment.AT_MATURITY, "instalments": 6}
    # A month is 416.67083...
    dropped = table_of(terms(**odd))
    kept = table_of(terms(**odd, conventions=Conventions(carry_remainder=True)))
    assert [row[2] for row in dropped] == [417, 417, 417, 417, 417, 417]
    assert [row[2] for row in kept] == [417, 416, 417, 417, 416, 417]


@pytest.mark.parametrize(("rule", "interest"), [(Rounding.DOWN, 416), (Rounding.UP, 417), (Rounding.HALF_UP, 417)])
def test_interest_is_rounded_by_the_rule_named(rule, interest):
    made = terms(
        principal_minor=100_001,
        rate=5_000_000,
        repayment=Repayment.AT_MATURITY,
        conventions=Conventions(day_count=DayCount.CN_MONTHS_DAYS, rounding=rule),
    )
    assert table_of(made)[0][2] == interest


def test_one_instalment_is_the_whole_loan():
    assert table_of(terms(instalments=1)) == [(1, 1_200_000, 12_000, 0)]


def test_a_payment_on_the_day_an_instalment_was_moved_to_counts_no_day_twice():
    # Due on Saturday, 28 February 2026, paid on the Friday before it, with the interest to the Saturday.
    before = DateRules(
        business_days=BusinessDayRule.PRECEDING,
        calendar=make_calendar("weekdays", range(2020, 2031)),
        calculate_shifted=False,
    )
    moved = terms(disbursed=dt.date(2026, 1, 28), repayment=Repayment.AT_MATURITY, dates=before)
    paid = Prepayment(day=dt.date(2026, 2, 27), amount_minor=200_000, with_interest=True)
    assert [row[2] for row in table_of(moved, [paid])][:2] == [12_000, 10_000]
