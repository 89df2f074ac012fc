"""Laws every schedule keeps, on random loans and random events."""

import datetime as dt
from itertools import pairwise

import msgspec
import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from yinhe.kernel.calendar import BusinessDayRule, make_calendar
from yinhe.kernel.dates import add_months, days_from_date
from yinhe.kernel.daycount import DayCount, basis_days, days
from yinhe.kernel.rates import RATE_ONE
from yinhe.kernel.rounding import Rounding
from yinhe.lending.schedule.cycles import Cycle, DateRules
from yinhe.lending.schedule.exact import exact_rows
from yinhe.lending.schedule.kinds import EventKind
from yinhe.lending.schedule.loan import LoanSchedule, schedule
from yinhe.lending.schedule.loan_terms import (
    Capitalisation,
    Draw,
    Extension,
    InstalmentChange,
    InterestGrace,
    LoanTerms,
    Observation,
    Prepayment,
    PrepaymentEffect,
    RateChange,
    RateStep,
    Repayment,
)
from yinhe.lending.schedule.records import Conventions
from yinhe.lending.schedule.refusals import ScheduleRefused

DAY_COUNTS = [one for one in DayCount if one is not DayCount.ACT_ACT_ISDA]
WEEKDAYS = make_calendar("weekdays", range(1990, 2150))

conventions = st.builds(
    Conventions,
    day_count=st.sampled_from(DAY_COUNTS),
    rounding=st.sampled_from(Rounding),
    carry_remainder=st.booleans(),
    base_follows_principal=st.booleans(),
    principal_may_grow=st.just(True),
)
date_rules = st.builds(
    DateRules,
    end_of_month=st.booleans(),
    business_days=st.sampled_from(BusinessDayRule),
    calendar=st.sampled_from([None, WEEKDAYS]),
    calculate_shifted=st.booleans(),
)


@st.composite
def loans(draw, repayments=tuple(Repayment)):
    count = draw(st.integers(1, 40))
    principal = draw(st.integers(1_000, 10**11))
    grace = draw(st.integers(0, max(0, min(3, count - 1))))
    disbursed = dt.date(2020, 1, 1) + dt.timedelta(days=draw(st.integers(0, 1_000)))
    repayment = draw(st.sampled_from(repayments))
    flat = repayment is not Repayment.EQUAL_INSTALMENTS
    made = draw(conventions)
    return LoanTerms(
        principal_minor=principal,
        rate=draw(st.integers(0, 30_000_000)),
        disbursed=disbursed,
        instalments=count,
        cycle=draw(st.sampled_from([Cycle(months=1), Cycle(months=3), Cycle(days=14), Cycle(months=12)])),
        repayment=repayment,
        balloon_minor=draw(st.integers(0, principal // 2)),
        down_payment_minor=draw(st.sampled_from([0, principal // 5])),
        grace_principal=grace,
        grace_interest=draw(st.integers(0, grace)),
        interest_in_grace=draw(st.sampled_from(InterestGrace)),
        fee_minor=draw(st.sampled_from([0, 500])),
        interest_from=draw(st.none() | st.integers(0, 12).map(lambda later: disbursed + dt.timedelta(days=later))),
        rate_steps=draw(
            st.sampled_from([(), (RateStep(disbursed + dt.timedelta(days=13), 9_000_000),)]),
        ),
        conventions=msgspec.structs.replace(made, base_follows_principal=made.base_follows_principal or not flat),
        dates=draw(date_rules),
    )


@st.composite
def loans_with_events(draw):
    terms = draw(loans())
    end = schedule_of(terms).table.day.max()
    span = max(int(end) - days_from_date(terms.disbursed) - 1, 1)
    events = []
    for _ in range(draw(st.integers(0, 4))):
        day = terms.disbursed + dt.timedelta(days=draw(st.integers(0, span)))
        share = terms.principal_minor // 50
        events.append(
            draw(
                st.sampled_from(
                    [
                        Draw(day=day, amount_minor=share),
                        Prepayment(day=day, amount_minor=share, effect=draw(st.sampled_from(PrepaymentEffect))),
                        Prepayment(day=day, amount_minor=share, with_interest=True, penalty_minor=100),
                        RateChange(day=day, rate=draw(st.integers(0, 30_000_000))),
                        RateChange(day=day, rate=draw(st.integers(0, 30_000_000)), keep_instalment=True),
                        Capitalisation(day=day),
                        Observation(day=day),
                        InstalmentChange(day=day, amount_minor=share * 3),
                        Extension(day=day, instalments=draw(st.integers(1, 30))),
                    ]
                )
            )
        )
    return terms, events


def schedule_of(terms, events=()):
    made = schedule(terms, events)
    assume(isinstance(made, LoanSchedule))
    assert isinstance(made, LoanSchedule)
    return made


def columns(rows):
    return {name: getattr(rows, name) for name in rows.__struct_fields__ if name != "denominator"}


def same(first, second, upto=None):
    for name, column in columns(first).items():
        assert np.array_equal(column[:upto], getattr(second, name)[:upto]), name


@given(loans_with_events())
def test_principal_repaid_is_principal_lent_and_nothing_is_owed_in_the_end(drawn):
    terms, events = drawn
    rows = schedule_of(terms, events).rows
    capitalised = np.diff(rows.principal, prepend=0)[rows.kind == EventKind.CAPITALISATION].sum()
    # What is lent is paid below zero, and so is interest that an instalment too low leaves to the principal.
    assert rows.principal_paid.sum() == capitalised
    assert rows.principal[-1] == 0
    assert (rows.payoff == rows.principal_paid + rows.interest_paid + rows.fee_paid).all()


@given(loans_with_events(), st.randoms())
def test_events_in_any_order_give_the_same_schedule(drawn, random):
    terms, events = drawn
    # Events of one day have an order of their own: the one they are told in.
    assume(len({event.day for event in events}) == len(events))
    shuffled = list(events)
    random.shuffle(shuffled)
    first, second = schedule_of(terms, events), schedule_of(terms, shuffled)
    same(first.rows, second.rows)
    assert first.table.due.tolist() == second.table.due.tolist()


@given(loans_with_events(), st.integers(0, 3))
def test_an_event_changes_no_row_before_it(drawn, which):
    terms, events = drawn
    assume(events)
    late = events[which % len(events)]
    without = schedule_of(terms, [event for event in events if event is not late]).rows
    with_it = schedule_of(terms, events).rows
    earlier = int((without.day < days_from_date(late.day)).sum())
    if not isinstance(late, Extension) and terms.dates.calendar is None:
        assert int((with_it.day < days_from_date(late.day)).sum()) == earlier
    same(without, with_it, upto=int(np.searchsorted(with_it.day, days_from_date(late.day))))


@given(loans_with_events(), st.integers(1, 10**6))
def test_splitting_a_payment_on_one_day_changes_nothing_but_the_count(drawn, part):
    terms, events = drawn
    day = terms.disbursed + dt.timedelta(days=20)
    amount = min(terms.principal_minor // 10, 10**9)
    assume(amount > part)
    whole = schedule_of(terms, [*events, Prepayment(day=day, amount_minor=amount)])
    halves = [Prepayment(day=day, amount_minor=part), Prepayment(day=day, amount_minor=amount - part)]
    split = schedule_of(terms, [*events, *halves])
    for name in ("number", "day", "principal", "interest", "due", "balance"):
        assert np.array_equal(getattr(whole.table, name), getattr(split.table, name)), name


@given(loans(repayments=(Repayment.EQUAL_INSTALMENTS,)))
def test_the_last_of_equal_instalments_differs_by_rounding_alone(terms):
    terms = msgspec.structs.replace(
        terms, balloon_minor=0, fee_minor=0, grace_principal=0, grace_interest=0, dates=DateRules()
    )
    assume(terms.instalments > 1)
    table = schedule_of(terms).table
    # What rounding an instalment or an interest leaves is at most 1 each (any rule), and grows with the interest.
    denominator = basis_days(terms.conventions.day_count) * RATE_ONE
    dates = [terms.disbursed] + [add_days(day) for day in table.day.tolist()]
    bound = 0.0
    rate = max(terms.rate, *(step.rate for step in terms.rate_steps), 0)
    for start, end in pairwise(dates):
        bound = bound * (1 + rate * days(terms.conventions.day_count, start, end) / denominator) + 2
    first = table.due[1 if terms.down_payment_minor else 0]
    # A loan of a few cents over decades is repaid by rounding alone, some instalments early.
    assume(bound < int(first))
    if len(table) - bool(terms.down_payment_minor) == terms.instalments:
        assert abs(int(table.due[-1]) - int(first)) <= bound
    assert len(set(table.due[bool(terms.down_payment_minor) : -2].tolist())) <= 1


def add_days(day):
    return dt.date(1970, 1, 1) + dt.timedelta(days=day)


@given(loans_with_events())
def test_machine_integers_give_what_integers_without_bounds_give(drawn):
    terms, events = drawn
    compiled, plain = schedule(terms, events), schedule(terms, events, plain=True)
    if isinstance(compiled, ScheduleRefused):
        assert compiled == plain
    else:
        assert isinstance(plain, LoanSchedule)
        same(compiled.rows, plain.rows)


@given(loans(), st.integers(1, 30))
def test_an_early_end_leaves_nothing_owed_after_it(terms, days_after):
    day = terms.disbursed + dt.timedelta(days=days_after)
    made = schedule_of(terms, [Prepayment(day=day)])
    after = made.rows.day > days_from_date(day)
    assert (made.rows.principal[after] == 0).all()
    assert (made.rows.principal_paid[after] == 0).all()
    if terms.conventions.base_follows_principal:
        assert (made.rows.interest_paid[after] == 0).all()


@given(loans(repayments=(Repayment.EQUAL_INSTALMENTS, Repayment.EQUAL_PRINCIPAL)))
def test_due_dates_ascend_and_balances_fall(terms):
    terms = msgspec.structs.replace(terms, grace_interest=0)
    table = schedule_of(terms).table
    assert (np.diff(table.day[1:] if terms.down_payment_minor else table.day) >= 0).all()
    assert add_months(terms.disbursed, 0) == terms.disbursed
    if terms.rate == 0:
        assert (np.diff(table.balance) <= 0).all()


@given(loans(repayments=(Repayment.AT_MATURITY, Repayment.EQUAL_PRINCIPAL, Repayment.ALL_AT_END)))
def test_money_differs_from_exact_numbers_by_rounding_alone(terms):
    terms = msgspec.structs.replace(terms, grace_interest=0)
    money, exact = schedule_of(terms).rows, exact_rows(terms)
    assert not isinstance(exact, ScheduleRefused)
    assert np.array_equal(money.day, exact.day)
    assert np.array_equal(money.kind, exact.kind)
    # A share of principal is rounded once and adds up; so interest may be off by what that much principal bears.
    off = terms.instalments
    for paid, exactly in zip(money.interest_paid.tolist(), exact.interest_paid.tolist(), strict=True):
        assert abs(paid - exactly) <= 2 + off
    assert abs(sum(money.payoff.tolist()) - sum(exact.payoff.tolist())) <= (2 + off) * len(money)
    if terms.repayment is Repayment.AT_MATURITY and not terms.conventions.carry_remainder:
        for paid, exactly in zip(money.interest_paid.tolist(), exact.interest_paid.tolist(), strict=True):
            assert abs(paid - exactly) < 1


@given(loans(repayments=(Repayment.EQUAL_INSTALMENTS,)))
def test_the_instalment_in_money_is_the_exact_one_rounded(terms):
    terms = msgspec.structs.replace(terms, grace_principal=0, grace_interest=0, instalment_minor=None)
    money, exact = schedule_of(terms).rows, exact_rows(terms)
    assert not isinstance(exact, ScheduleRefused)
    assert abs(int(money.instalment[-1]) - exact.instalment[-1]) < 1
