"""A loan of the books, paid whenever something is due, is to the fen what its schedule said before it was signed."""

import datetime as dt

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.property.lending.test_position import USUAL

from yinhe.kernel.dates import days_from_date
from yinhe.kernel.daycount import DayCount
from yinhe.lending.columns import LOAN, LoanFlag
from yinhe.lending.position import Act, ActKind, work_out_position
from yinhe.lending.schedule.loan import LoanSchedule, schedule
from yinhe.lending.schedule.loan_terms import LoanTerms, Repayment
from yinhe.lending.schedule.records import Conventions
from yinhe.products.parts.loan_interest import FixedRate
from yinhe.products.parts.repayment import EqualInstalments, EqualPrincipal, InterestOnly
from yinhe.products.product import Product
from yinhe.products.rates import RateBook, RateSource

WAYS = (
    (EqualInstalments(), Repayment.EQUAL_INSTALMENTS, DayCount.CN_MONTHS_DAYS),
    (EqualPrincipal(), Repayment.EQUAL_PRINCIPAL, DayCount.CN_MONTHS_DAYS),
    (EqualPrincipal(), Repayment.EQUAL_PRINCIPAL, DayCount.ACT_360),
    (InterestOnly(), Repayment.AT_MATURITY, DayCount.ACT_365F),
    (InterestOnly(), Repayment.AT_MATURITY, DayCount.CN_MONTHS_DAYS),
)


@settings(max_examples=12, deadline=None)
@given(
    st.sampled_from(WAYS),
    st.integers(0, 24_000_000),
    st.integers(1_000, 10**9),
    st.integers(1, 18),
    # From the 29th on a schedule counts a month from a shorter month's last day, the books from the loan's first.
    st.dates(dt.date(2023, 1, 1), dt.date(2026, 12, 28)).map(lambda day: day.replace(day=min(day.day, 28))),
)
def test_paid_when_due_a_loan_is_what_its_schedule_said(
    way: tuple[EqualInstalments | EqualPrincipal | InterestOnly, Repayment, DayCount],
    rate: int,
    amount: int,
    months: int,
    start: dt.date,
) -> None:
    part, repayment, count = way
    terms = LoanTerms(
        principal_minor=amount,
        rate=rate,
        disbursed=start,
        instalments=months,
        repayment=repayment,
        conventions=Conventions(day_count=count, principal_may_grow=True),
    )
    said = schedule(terms)
    assert isinstance(said, LoanSchedule)
    interest = FixedRate(yearly=RateSource(fixed=rate), basis=count)
    product = Product(
        code="loan", number=1, version=1, english="", chinese="", currency="CNY",
        effective=start, parts=(part, interest, *USUAL),
    )  # fmt: skip
    row = np.zeros(1, LOAN)
    row["loan"], row["flags"], row["months"], row["limit"] = 1, int(LoanFlag.OPEN), months, amount
    drawn = Act(day=days_from_date(start), kind=ActKind.DRAW, amount=amount)
    paid = [
        Act(day=day, kind=ActKind.COLLECT, amount=due)
        for day, due in zip(said.table.day.tolist(), said.table.due.tolist(), strict=True)
        if due
    ]
    last = int(said.table.day[-1]) + 1
    at = work_out_position(row, (drawn, *paid), last, lambda day: product, RateBook([]))
    shown = said.table.due > 0
    assert at.items["due"].tolist() == said.table.day[shown].tolist()
    assert at.items["principal"].tolist() == said.table.principal[shown].tolist()
    assert at.items["interest"].tolist() == said.table.interest[shown].tolist()
    assert not len(at.unpaid)
    assert at.row["undue"][0] == at.surplus == 0
