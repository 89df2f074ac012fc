"""The instalments foreseen are those that fall due: against nights one after the other, in which all due is paid."""

import datetime as dt
from functools import cache

import msgspec
import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from yinhe.kernel.dates import days_from_date
from yinhe.kernel.daycount import DayCount
from yinhe.lending.accrual import accrue
from yinhe.lending.ageing import age
from yinhe.lending.book import no_items
from yinhe.lending.columns import LOAN, LoanFlag
from yinhe.lending.forthcoming import Forthcoming, instalments_to_come
from yinhe.lending.instalments import fall_due, required, reset
from yinhe.lending.payments import charge, dues_of, pay
from yinhe.lending.position import Act, ActKind, Position, bring_due, work_out_position
from yinhe.products.parts import repayment
from yinhe.products.parts.grace import AfterGrace, Grace, InterestGrace, PrincipalGrace
from yinhe.products.parts.loan_interest import (
    FixedRate,
    FlatRate,
    IndexedRate,
    LoanInterest,
    MonthStep,
    Repricing,
    SteppedRate,
)
from yinhe.products.parts.prepayment import Afterwards
from yinhe.products.product import Product
from yinhe.products.rates import RateBook, RateEntry

from ...unit.products.files import sound
from ...unit.products.loan_files import LOAN as LOAN_FILE
from ...unit.products.parts.words import percent, source

LENT = 123_456_78
FIRST = days_from_date(dt.date(2026, 1, 5))

INTERESTS = (
    FixedRate(yearly=source("4.90%"), basis=DayCount.CN_MONTHS_DAYS),
    FixedRate(yearly=source("3.60%")),
    IndexedRate(index=source("board:LPR_1Y + 45bp"), repricing=Repricing.QUARTER, basis=DayCount.ACT_365F),
    IndexedRate(index=source("board:LPR_1Y"), repricing=Repricing.CHANGE, basis=DayCount.CN_MONTHS_DAYS),
    FlatRate(yearly=source("3.00%")),
    SteppedRate(
        steps=(MonthStep(month=0, yearly=source("2.00%")), MonthStep(month=5, yearly=source("6.00%"))),
        begins=dt.date(2026, 1, 17),
    ),
)
REPAYMENTS = (
    repayment.EqualInstalments(),
    repayment.EqualInstalments(every=3, day=31),
    repayment.EqualPrincipal(day=20),
    repayment.InterestOnly(every=3),
    repayment.AtEnd(),
    repayment.Balloon(last=percent("30%")),
    repayment.ByPlan(
        steps=(
            repayment.PlanStep(month=4, share=percent("25%")),
            repayment.PlanStep(month=9, share=percent("50%")),
        )
    ),
)
GRACES = (
    None,
    PrincipalGrace(months=4),
    InterestGrace(months=3, after=AfterGrace.CAPITALISED),
    InterestGrace(months=3, after=AfterGrace.DUE),
)
RATES = RateBook(
    RateEntry("LPR_1Y", days_from_date(day), rate, 0)
    for day, rate in (
        (dt.date(2025, 1, 20), 3_100_000),
        (dt.date(2026, 2, 20), 3_000_000),
        (dt.date(2026, 6, 22), 3_250_000),
    )
)


@cache
def product_of(interest: LoanInterest, repaid: repayment.Repayment, grace: Grace | None) -> Product:
    usual = sound(LOAN_FILE)
    others = tuple(part for part in usual.parts if not isinstance(part, LoanInterest | repayment.Repayment))
    parts = (*others, interest, repaid, *([] if grace is None else [grace]))
    return msgspec.structs.replace(usual, parts=parts)


def agreed_on(months: int) -> np.ndarray:
    row = np.zeros(1, LOAN)
    row["loan"], row["limit"], row["months"], row["agreed"] = 1, LENT, months, FIRST
    row["flags"] = int(LoanFlag.OPEN)
    return row


def by_nights(at: Position, date: int, product: Product, days: int) -> list[Forthcoming]:
    """What falls due in nights from a date on, each with all its steps, when each pays all that is due."""
    at, found = at.copy(), []
    for day in range(date, date + days):
        row = at.row
        rate, number = int(row["rate"][0]), int(row["number"][0])
        trial = fall_due(row.copy(), product, day)
        bring_due(at, day, product)
        charged = row.copy()
        charge(charged, required(product)[0])
        pay(row, at.items, product, day, dues_of(charged, at.unpaid).total)
        if int(row["number"][0]) != number:
            principal, interest = (int(trial.items[name].sum()) for name in ("principal", "interest"))
            added = int(trial.capitalised[0])
            found.append(Forthcoming(number + 1, day, principal, interest, added, rate, int(row["undue"][0])))
        reset(row, product, RATES, day)
        accrue(row, np.zeros(1, np.int64), at.unpaid, product, day)
        age(row, at.unpaid, product, day)
        assert not len(at.unpaid)
    return found


@settings(deadline=None, max_examples=25)
@given(
    interest=st.sampled_from(INTERESTS),
    repaid=st.sampled_from(REPAYMENTS),
    grace=st.sampled_from(GRACES),
    months=st.integers(1, 15),
    drawn_after=st.integers(0, 40),
    stands_after=st.integers(0, 120),
    early=st.sampled_from((0, 10_000_00, 50_000_00)),
    collected=st.booleans(),
)
@example(INTERESTS[0], REPAYMENTS[0], GRACES[2], 12, 26, 20, 10_000_00, True)
@example(INTERESTS[4], REPAYMENTS[0], GRACES[0], 12, 0, 75, 0, False)
def test_what_is_foreseen_is_what_falls_due(
    interest: LoanInterest, repaid: repayment.Repayment, grace: Grace | None, months: int, drawn_after: int,
    stands_after: int, early: int, collected: bool,
) -> None:  # fmt: skip
    product = product_of(interest, repaid, grace)
    drawn = FIRST + drawn_after
    date = drawn + stands_after
    acts = [Act(day=drawn, kind=ActKind.DRAW, amount=LENT)]
    if early and stands_after:
        # More than is due repays principal early; nothing is collected before, so some of it may be late.
        paid = Act(day=date - 1, kind=ActKind.REPAY, amount=early, afterwards=Afterwards.LOWER, is_early=True)
        acts.append(paid)
    if collected:
        acts += [Act(day=day, kind=ActKind.COLLECT, amount=2_000_00) for day in range(drawn + 28, date, 28)]
    at = work_out_position(agreed_on(months), acts, date, lambda _: product, RATES)
    before = at.copy()
    foreseen = list(instalments_to_come(at, date, lambda _: product, (), RATES))
    assert foreseen == by_nights(at, date, product, 31 * (months + 1))
    if at.row["undue"][0]:
        assert foreseen[-1].owed == 0
    # What is foreseen changes nothing.
    assert at.row == before.row
    assert at.items.tolist() == before.items.tolist()


def test_another_version_of_the_product_counts_from_its_day() -> None:
    fixed, other = (product_of(INTERESTS[number], REPAYMENTS[0], None) for number in (0, 1))
    turn = days_from_date(dt.date(2026, 3, 20))
    agreed = agreed_on(6)
    at = work_out_position(
        agreed, [Act(day=FIRST, kind=ActKind.DRAW, amount=LENT)], FIRST, lambda _: fixed, RATES
    )  # fmt: skip
    foreseen = list(instalments_to_come(at, FIRST, lambda day: fixed if day < turn else other, (turn,), RATES))
    assert foreseen == _by_turn(at, fixed, other, turn)


def _by_turn(at: Position, fixed: Product, other: Product, turn: int) -> list[Forthcoming]:
    first = by_nights(at, FIRST, fixed, turn - FIRST)
    for day in range(FIRST, turn):
        bring_due(at, day, fixed)
        pay(at.row, at.items, fixed, day, dues_of(at.row, at.unpaid).total)
        reset(at.row, fixed, RATES, day)
        accrue(at.row, np.zeros(1, np.int64), no_items(), fixed, day)
    return first + by_nights(at, turn, other, 200)


def test_nothing_is_foreseen_of_a_loan_not_drawn_or_repaid() -> None:
    product = product_of(INTERESTS[0], REPAYMENTS[0], None)
    agreed = Position(agreed_on(12), no_items())
    assert list(instalments_to_come(agreed, FIRST, lambda _: product, (), RATES)) == []
    drawn = Act(day=FIRST, kind=ActKind.DRAW, amount=LENT)
    repaid = Act(day=FIRST + 3, kind=ActKind.PAY_OFF, amount=0)
    at = work_out_position(agreed_on(12), [drawn, repaid], FIRST + 4, lambda _: product, RATES)
    assert list(instalments_to_come(at, FIRST + 4, lambda _: product, (), RATES)) == []
