"""A book repriced in bulk comes out as its loans do one by one; the compiled calendar is the kernel's."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yinhe.kernel.dates import add_months, date_from_days, days_from_date, month_and_day_many
from yinhe.kernel.daycount import DayCount, days
from yinhe.kernel.errors import InexactError, OutOfRangeError
from yinhe.lending.schedule.bulk import INSTALMENTS_MAX, LoanColumns, Redeems, reprice, schedules
from yinhe.lending.schedule.cycles import Cycle
from yinhe.lending.schedule.day_numbers import DAY_COUNT_CODES, day_in, days_counted, month_of
from yinhe.lending.schedule.kinds import Status
from yinhe.lending.schedule.loan import LoanSchedule, schedule
from yinhe.lending.schedule.loan_terms import LoanTerms, RateChange, Repayment
from yinhe.lending.schedule.records import Conventions

DAY_COUNTS = [one for one in DayCount if one is not DayCount.ACT_ACT_ISDA]
any_date = st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 31))
REPAYMENTS = {
    Redeems.EQUAL_INSTALMENTS: Repayment.EQUAL_INSTALMENTS,
    Redeems.EQUAL_PRINCIPAL: Repayment.EQUAL_PRINCIPAL,
    Redeems.AT_MATURITY: Repayment.AT_MATURITY,
}


@given(any_date)
def test_the_month_of_a_day_is_the_kernels(date):
    day = days_from_date(date)
    month, of_month = month_and_day_many(np.array([day], np.int32))
    assert month_of(day) == (int(month[0]), int(of_month[0]))
    assert day_in(int(month[0]), int(of_month[0]))[0] == day


@given(any_date, st.integers(-600, 600))
def test_a_day_of_another_month_is_the_kernels(date, months):
    month, of_month = month_of(days_from_date(date))
    target = add_months(date, months)
    assert day_in(month + months, of_month) == (days_from_date(target), target.day)


@given(any_date, any_date, st.sampled_from(DAY_COUNTS))
def test_a_day_count_is_the_kernels(first, second, convention):
    start, end = sorted((first, second))
    code = DAY_COUNT_CODES.index(convention)
    assert days_counted(code, days_from_date(start), days_from_date(end)) == days(convention, start, end)


@st.composite
def loans(draw):
    """One loan on its due date, as a row of columns and as terms."""
    redeems = draw(st.sampled_from(Redeems))
    # After the 28th a loan told as new from a due date would keep that date's day, not the anchor's.
    anchor = dt.date(2015, 1, 1) + dt.timedelta(days=draw(st.integers(0, 27)))
    every, left = draw(st.sampled_from([1, 3, 6])), draw(st.integers(1, 48))
    passed = every * draw(st.integers(1, 20))
    principal = draw(st.integers(10_000, 10**12))
    row = {
        "principal": principal,
        "rate": draw(st.integers(0, 24_000_000)),
        "accrued": 0,
        "remainder": 0,
        "counted_to": days_from_date(add_months(anchor, passed)),
        "anchor": days_from_date(anchor),
        "next_due": passed + every,
        "every_months": every,
        "left": left,
        "balloon": 0 if redeems is Redeems.AT_MATURITY else draw(st.integers(0, principal)),
        "redeems": int(redeems),
    }
    return row, draw(st.integers(0, 24_000_000)), draw(st.integers(0, 25))


def columns(rows):
    return LoanColumns(**{name: np.array([row[name] for row in rows], np.int64) for name in rows[0]})


@settings(deadline=None)
@given(st.lists(loans(), min_size=1, max_size=12), st.sampled_from(DAY_COUNTS), st.integers(0, 25))
def test_a_book_comes_out_as_its_loans_do_one_by_one(drawn, convention, days_after):
    rows = [row for row, _, _ in drawn]
    conventions = Conventions(day_count=convention, principal_may_grow=True)
    rates = np.array([rate for _, rate, _ in drawn], np.int64)
    day = max(row["counted_to"] for row in rows)
    rows = [{**row, "counted_to": day, "anchor": day, "next_due": row["every_months"]} for row in rows]
    start = date_from_days(day)
    if start.day > 28:
        return
    repriced_on = day + days_after
    made = schedules(columns(rows), rates, repriced_on, conventions)
    repriced = reprice(columns(rows), rates, repriced_on, conventions)
    for at, row in enumerate(rows):
        terms = LoanTerms(
            principal_minor=row["principal"],
            rate=row["rate"],
            disbursed=start,
            instalments=row["left"],
            cycle=Cycle(months=row["every_months"]),
            repayment=REPAYMENTS[Redeems(row["redeems"])],
            balloon_minor=row["balloon"],
            conventions=conventions,
        )
        one = schedule(terms, [RateChange(day=date_from_days(repriced_on), rate=int(rates[at]))])
        assert isinstance(one, LoanSchedule)
        count = len(one.table)
        mine = slice(int(made.first[at]), int(made.first[at]) + count)
        assert made.day[mine].tolist() == one.table.day.tolist()
        assert made.principal[mine].tolist() == one.table.principal.tolist()
        assert made.interest[mine].tolist() == one.table.interest.tolist()
        assert made.balance[mine].tolist() == one.table.balance.tolist()
        assert repriced.next_due[at] == one.table.day[0]
        assert repriced.next_principal[at] == one.table.principal[0]
        assert repriced.next_interest[at] == one.table.interest[0]
    assert (repriced.status == Status.DONE).all()
    assert (made.status == Status.DONE).all()


ROW = {
    "principal": 1_200_000, "rate": 12_000_000, "accrued": 0, "remainder": 0, "counted_to": 0, "anchor": 0,
    "next_due": 1, "every_months": 1, "left": 4, "balloon": 0, "redeems": 0,
}  # fmt: skip


def test_an_instalment_too_near_a_tie_for_machine_numbers_is_computed_exactly():
    # 2,000.01 over two months without interest: 1,000.005 each, a tie that only exact numbers round up for sure.
    tie = {**ROW, "principal": 200_001, "rate": 0, "left": 2}
    made = reprice(columns([tie]), np.array([0], np.int64), 0, Conventions())
    assert (made.status[0], made.instalment[0], made.next_principal[0]) == (Status.DONE, 100_001, 100_001)
    rows = schedules(columns([tie]), np.array([0], np.int64), 0, Conventions())
    assert rows.principal.tolist() == [100_001, 100_000]


def test_a_loan_that_cannot_be_repriced_says_so_and_the_others_are():
    # A year of interest has accrued, more than an instalment of thirty years.
    stuck = {**ROW, "counted_to": -365, "left": 360}
    made = reprice(columns([ROW, stuck]), np.array([12_000_000] * 2, np.int64), 0, Conventions())
    assert made.status.tolist() == [Status.DONE, Status.GROWS]
    assert made.instalment[0] == 307_537


@pytest.mark.parametrize(("name", "value"), [("left", 0), ("left", INSTALMENTS_MAX + 1), ("every_months", 0)])
def test_a_column_that_cannot_be_is_refused(name, value):
    with pytest.raises(OutOfRangeError):
        reprice(columns([{**ROW, name: value}]), np.array([0], np.int64), 0, Conventions())


def test_rates_of_another_type_are_refused():
    with pytest.raises(InexactError):
        reprice(columns([ROW]), np.array([0.5]), 0, Conventions())


def test_a_book_of_no_loans_is_repriced():
    empty = LoanColumns(*(np.zeros(0, np.int64) for _ in ROW))
    assert len(reprice(empty, np.zeros(0, np.int64), 0, Conventions()).instalment) == 0
    assert len(schedules(empty, np.zeros(0, np.int64), 0, Conventions()).day) == 0
