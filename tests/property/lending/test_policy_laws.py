"""What holds of every schedule under the named policies, whatever the terms."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.lending.instalment_loans import START, progressive, rows, terms

from yinhe.lending.schedule.instalment_terms import (
    Amortisation,
    Disbursement,
    Grace,
    InstalmentRow,
    InstalmentTerms,
    InterestMethod,
    InterestPeriod,
    RepaymentUnit,
)
from yinhe.lending.schedule.policies import RoundingPolicy

PERCENTS = st.integers(0, 3_000).map(lambda hundredths: str(Decimal(hundredths).scaleb(-2)))
AMOUNTS = st.integers(10_000_00, 1_000_000_00)
"""Large enough that an instalment rounded to whole units leaves something for the last one."""
STARTS = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@st.composite
def loans(draw: st.DrawFn) -> InstalmentTerms:
    """Terms under either policy, with and without a down payment and a multiple."""
    start = draw(STARTS)
    changes: dict[str, Any] = {
        "start": start,
        "disbursed": start,
        "seed": start,
        "tranches": True,
        "down_payment_rate": draw(st.sampled_from([None, Decimal("0.25"), Decimal("0.333")])),
        "rounding": RoundingPolicy(instalment_multiple=draw(st.sampled_from([None, 1]))),
    }
    percent, count = draw(PERCENTS), draw(st.integers(1, 24))
    if draw(st.booleans()):
        return progressive(percent, count, **changes)
    changes["interest_method"] = draw(st.sampled_from(InterestMethod))
    changes["amortisation"] = draw(st.sampled_from(Amortisation))
    changes["interest_period"] = draw(st.sampled_from(InterestPeriod))
    changes["unit"] = draw(st.sampled_from([RepaymentUnit.WEEKS, RepaymentUnit.MONTHS]))
    annuity = (InterestMethod.DECLINING_BALANCE, Amortisation.EQUAL_INSTALMENTS)
    # Interest that waited may be more than an equal instalment; such terms are refused.
    waits = 0 if (changes["interest_method"], changes["amortisation"]) == annuity else draw(st.integers(0, count - 1))
    changes["grace"] = Grace(principal=draw(st.integers(0, count - 1)), interest_payment=waits)
    return terms(percent, count, **changes)


def lent(of: InstalmentTerms, amount_minor: int, later_minor: int, days: int) -> tuple[Disbursement, ...]:
    """Two tranches, the second one inside the first half of the loan."""
    half = timedelta(days=1 + days % max(1, 3 * of.count))
    return (Disbursement(of.disbursed, amount_minor), Disbursement(of.disbursed + half, later_minor))


def principal(found: tuple[InstalmentRow, ...]) -> int:
    return sum(row.principal_minor for row in found)


@settings(deadline=None, max_examples=300)
@given(loans(), AMOUNTS, AMOUNTS, st.integers(0, 400))
def test_principal_repaid_is_principal_lent(of: InstalmentTerms, amount: int, later: int, days: int) -> None:
    made = lent(of, amount, later, days)
    found = rows(of, *made)
    assert principal(found) == amount + later
    assert all(row.principal_minor >= 0 and row.interest_minor >= 0 for row in found)
    assert all(one.span.due <= next_.span.due for one, next_ in pairwise(found))


@settings(deadline=None, max_examples=200)
@given(loans(), AMOUNTS, AMOUNTS, st.integers(0, 400))
def test_a_later_tranche_never_changes_the_rows_before_it_in_the_progressive_policy(
    of: InstalmentTerms, amount: int, later: int, days: int
) -> None:
    of = progressive("12", of.count, tranches=True)
    first, second = lent(of, amount, later, days)
    before = [row for row in rows(of, first) if row.span.due <= second.date]
    after = [row for row in rows(of, first, second) if row.span.due <= second.date]
    # The balance of a row due on the very day counts what is paid out on it.
    assert [(row.span, row.due_minor, row.interest_minor) for row in after] == [
        (row.span, row.due_minor, row.interest_minor) for row in before
    ]


@settings(deadline=None, max_examples=200)
@given(PERCENTS, st.integers(2, 36), AMOUNTS)
def test_the_last_instalment_is_never_further_off_after_a_nudge(percent: str, count: int, amount: int) -> None:
    """Rounding moves the last instalment by half a cent a period, for the instalment and for the interest, and interest
    on that; what is more than half a cent a period is nudged."""
    found = rows(progressive(percent, count), Disbursement(START, amount))
    assert abs(found[-1].due_minor - found[0].due_minor) <= count + 2
