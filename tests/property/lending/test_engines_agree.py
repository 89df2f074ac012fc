"""The schedule engine and the steps of the night are two programs; of a loan paid when due they say the same.

The one walks dated events of a contract (`lending.schedule`), the other lets a row of the loan book fall due and be
paid (`lending.position`, `lending.forthcoming`). QuantLib is a third that knows neither.
"""

import datetime as dt
from functools import cache

import msgspec
import numpy as np
import pytest
import QuantLib
from hypothesis import given, settings
from hypothesis import strategies as st

from yinhe.kernel.dates import days_from_date
from yinhe.kernel.daycount import DayCount
from yinhe.kernel.rates import Rate, format_rate
from yinhe.lending.columns import LOAN, LoanFlag
from yinhe.lending.forthcoming import Forthcoming, instalments_to_come
from yinhe.lending.position import Act, ActKind, work_out_position
from yinhe.lending.schedule.cycles import Cycle
from yinhe.lending.schedule.loan import LoanSchedule, schedule
from yinhe.lending.schedule.loan_terms import LoanTerms
from yinhe.lending.schedule.loan_terms import Repayment as Way
from yinhe.lending.schedule.records import Conventions
from yinhe.products.parts import repayment
from yinhe.products.parts.grace import Grace, PrincipalGrace
from yinhe.products.parts.loan_interest import FixedRate, LoanInterest
from yinhe.products.product import Product
from yinhe.products.rates import RateBook

from ...unit.products.files import sound
from ...unit.products.loan_files import LOAN as LOAN_FILE
from ...unit.products.parts.words import source

WAYS = {
    repayment.EqualInstalments: Way.EQUAL_INSTALMENTS,
    repayment.EqualPrincipal: Way.EQUAL_PRINCIPAL,
    repayment.InterestOnly: Way.AT_MATURITY,
}
RATES = RateBook(())


@cache
def product_of(way: type[repayment.Repayment], every: int, grace: int, basis: DayCount, rate: int) -> Product:
    usual = sound(LOAN_FILE)
    others = [part for part in usual.parts if not isinstance(part, LoanInterest | repayment.Repayment | Grace)]
    interest = FixedRate(yearly=source(format_rate(Rate(rate))), basis=basis)
    graces = [PrincipalGrace(months=grace * every)] if grace else []
    return msgspec.structs.replace(usual, parts=(*others, interest, way(every=every), *graces))


def by_the_night(product: Product, start: dt.date, lent: int, months: int) -> list[Forthcoming]:
    day = days_from_date(start)
    row = np.zeros(1, LOAN)
    row["loan"], row["limit"], row["months"], row["flags"] = 1, lent, months, int(LoanFlag.OPEN)
    drawn = Act(day=day, kind=ActKind.DRAW, amount=lent)
    at = work_out_position(row, [drawn], day, lambda _: product, RATES)
    return list(instalments_to_come(at, day, lambda _: product, (), RATES))


@settings(deadline=None, max_examples=60)
@given(
    way=st.sampled_from(sorted(WAYS, key=lambda one: one.name)),
    basis=st.sampled_from((DayCount.THIRTY_E_360, DayCount.ACT_360, DayCount.ACT_365F)),
    lent=st.integers(1_000_00, 90_000_000_00),
    rate=st.integers(1, 2400),
    every=st.sampled_from((1, 2, 3, 6, 12)),
    count=st.integers(1, 60),
    grace=st.integers(0, 6),
    start=st.dates(dt.date(2020, 1, 1), dt.date(2032, 12, 31)),
)
def test_both_engines_say_the_same_instalments(
    way: type[repayment.Repayment], basis: DayCount, lent: int, rate: int, every: int, count: int, grace: int,
    start: dt.date,
) -> None:  # fmt: skip
    if way is repayment.EqualInstalments:
        # The engine finds the level payment by the days of each period, the product by twelfths of a year.
        basis, start = DayCount.THIRTY_E_360, start.replace(day=min(start.day, 28))
    grace = min(grace, count - 1) if way is not repayment.InterestOnly else 0
    yearly = rate * 10_000
    terms = LoanTerms(
        principal_minor=lent, rate=yearly, disbursed=start, instalments=count, cycle=Cycle(months=every),
        repayment=WAYS[way], grace_principal=grace, conventions=Conventions(day_count=basis),
    )  # fmt: skip
    made = schedule(terms)
    assert isinstance(made, LoanSchedule)
    table = made.table
    found = by_the_night(product_of(way, every, grace, basis, yearly), start, lent, every * count)
    columns = (table.number, table.day, table.principal, table.interest, table.balance)
    assert [(one.number, one.due, one.principal, one.interest, one.owed) for one in found] == list(
        zip(*(column.tolist() for column in columns), strict=True)
    )
    assert sum(one.principal for one in found) == lent


def quantlib_date(date: dt.date) -> QuantLib.Date:
    return QuantLib.Date(date.day, date.month, date.year)


@pytest.mark.parametrize("way", [repayment.EqualInstalments, repayment.EqualPrincipal, repayment.InterestOnly])
@pytest.mark.parametrize(("basis", "theirs"), [
    (DayCount.ACT_360, QuantLib.Actual360()),
    (DayCount.ACT_365F, QuantLib.Actual365Fixed()),
    (DayCount.THIRTY_E_360, QuantLib.Thirty360(QuantLib.Thirty360.EurobondBasis)),
])  # fmt: skip
@pytest.mark.parametrize("start", [dt.date(2024, 1, 15), dt.date(2023, 2, 28), dt.date(2026, 8, 5)], ids=str)
def test_the_night_s_interest_is_that_of_a_bond_of_the_same_balances(
    way: type[repayment.Repayment], basis: DayCount, theirs: QuantLib.DayCounter, start: dt.date
) -> None:
    lent, months, yearly = 12_000_000, 60, 4_900_000
    found = by_the_night(product_of(way, 1, 0, basis, yearly), start, lent, months)
    owed = [lent, *(one.owed for one in found[:-1])]
    end = quantlib_date(start) + QuantLib.Period(months, QuantLib.Months)
    dates = QuantLib.Schedule(
        quantlib_date(start), end, QuantLib.Period(1, QuantLib.Months), QuantLib.NullCalendar(),
        QuantLib.Unadjusted, QuantLib.Unadjusted, QuantLib.DateGeneration.Forward, False,
    )  # fmt: skip
    bond = QuantLib.AmortizingFixedRateBond(0, [float(one) for one in owed], dates, [yearly / 1e8], theirs)
    coupons = [flow for flow in bond.cashflows() if QuantLib.as_coupon(flow) is not None]
    assert [days_from_date(flow.date().to_date()) for flow in coupons] == [one.due for one in found]
    for one, flow in zip(found, coupons, strict=True):
        assert abs(one.interest - flow.amount()) <= 0.5 + 1e-6
    assert found[-1].owed == 0
