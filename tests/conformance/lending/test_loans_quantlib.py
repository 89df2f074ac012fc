"""Bullet, annuity and linear loans against QuantLib's bonds: dates and cash flows, to the rounding of money mode."""

import datetime as dt

import pytest
import QuantLib

from yinhe.kernel.daycount import DayCount
from yinhe.kernel.rates import RATE_ONE
from yinhe.lending.schedule.cycles import Cycle
from yinhe.lending.schedule.loan import LoanSchedule, schedule
from yinhe.lending.schedule.loan_terms import LoanTerms, Repayment
from yinhe.lending.schedule.records import Conventions

PRINCIPAL = 12_000_000
RATES = [0.0325, 0.049, 0.18]
COUNTS = {
    DayCount.THIRTY_E_360: QuantLib.Thirty360(QuantLib.Thirty360.EurobondBasis),
    DayCount.ACT_360: QuantLib.Actual360(),
    DayCount.ACT_365F: QuantLib.Actual365Fixed(),
}
STARTS = [dt.date(2024, 1, 15), dt.date(2023, 2, 28), dt.date(2026, 8, 5)]


def theirs(date):
    return QuantLib.Date(date.day, date.month, date.year)


def their_schedule(start, months, count):
    end = theirs(start) + QuantLib.Period(months * count, QuantLib.Months)
    return QuantLib.Schedule(
        theirs(start),
        end,
        QuantLib.Period(months, QuantLib.Months),
        QuantLib.NullCalendar(),
        QuantLib.Unadjusted,
        QuantLib.Unadjusted,
        QuantLib.DateGeneration.Forward,
        False,
    )


def ours(repayment, start, rate, months, count, convention):
    made = schedule(
        LoanTerms(
            principal_minor=PRINCIPAL,
            rate=round(rate * RATE_ONE),
            disbursed=start,
            instalments=count,
            cycle=Cycle(months=months),
            repayment=repayment,
            conventions=Conventions(day_count=convention),
        )
    )
    assert isinstance(made, LoanSchedule), made
    return made.table


def flows(bond):
    """Interest and principal by date, in minor units, unrounded."""
    found = {}
    for flow in bond.cashflows():
        coupon = QuantLib.as_coupon(flow)
        key = flow.date().to_date()
        interest, principal = found.get(key, (0.0, 0.0))
        found[key] = (interest + flow.amount(), principal) if coupon else (interest, principal + flow.amount())
    return found


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("convention", list(COUNTS), ids=lambda one: one.name)
@pytest.mark.parametrize("start", STARTS, ids=str)
@pytest.mark.parametrize(("repayment", "months", "count"), [
    (Repayment.AT_MATURITY, 1, 24),
    (Repayment.AT_MATURITY, 3, 20),
    (Repayment.EQUAL_PRINCIPAL, 1, 60),
    (Repayment.EQUAL_PRINCIPAL, 6, 12),
])  # fmt: skip
def test_interest_and_principal_are_those_of_a_bond(rate, convention, start, repayment, months, count):
    table = ours(repayment, start, rate, months, count, convention)
    balances = [PRINCIPAL, *table.balance.tolist()[:-1]]
    bond = QuantLib.AmortizingFixedRateBond(
        0, [float(one) for one in balances], their_schedule(start, months, count), [rate], COUNTS[convention]
    )
    expected = flows(bond)
    assert [dt.date(1970, 1, 1) + dt.timedelta(days=int(day)) for day in table.day] == sorted(expected)
    for (interest, principal), got_interest, got_principal in zip(
        (expected[day] for day in sorted(expected)), table.interest.tolist(), table.principal.tolist(), strict=True
    ):
        assert got_principal == pytest.approx(principal, abs=1e-6)
        assert abs(got_interest - interest) <= 0.5 + 1e-6


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("years", [1, 5, 30])
def test_an_annuity_amortises_as_quantlib_has_it(rate, years):
    count = 12 * years
    table = ours(Repayment.EQUAL_INSTALMENTS, STARTS[0], rate, 1, count, DayCount.THIRTY_E_360)
    notionals = QuantLib.sinkingNotionals(
        QuantLib.Period(years, QuantLib.Years), QuantLib.Monthly, rate, float(PRINCIPAL)
    )
    # Each period may be half a minor unit off by the rounding of interest and half by that of the instalment.
    for number, (got, expected) in enumerate(zip(table.balance.tolist(), list(notionals)[1:], strict=True), 1):
        growth = (1 + rate / 12) ** number
        assert abs(got - expected) <= (growth - 1) / (rate / 12) + 0.01
