"""Loans under random lives, beside laws that hold whatever happens to them."""

import datetime as dt
from collections.abc import Sequence

import msgspec
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from yinhe.kernel.dates import days_from_date
from yinhe.kernel.daycount import DayCount
from yinhe.kernel.rates import Rate
from yinhe.lending.ageing import owed_of
from yinhe.lending.columns import LOAN, LoanFlag
from yinhe.lending.legs import booked
from yinhe.lending.payments import settlement_of
from yinhe.lending.position import Act, ActKind, Position, work_out_position
from yinhe.products.parts.allocation import InSequence
from yinhe.products.parts.allowance import StageLoss, ThreeStages
from yinhe.products.parts.base import Part
from yinhe.products.parts.classification import FiveGrades, NonAccrual
from yinhe.products.parts.drawdown import Single
from yinhe.products.parts.loan_interest import FixedRate, IndexedRate, Repricing
from yinhe.products.parts.overdue import Penalty
from yinhe.products.parts.prepayment import Afterwards, PartEarly
from yinhe.products.parts.repayment import Balloon, EqualInstalments, EqualPrincipal, InterestOnly, Repayment
from yinhe.products.parts.restructuring import Extension
from yinhe.products.product import Product
from yinhe.products.rates import RateBook, RateEntry, RateSource

START = days_from_date(dt.date(2024, 1, 31))
BOOK = RateBook(
    [
        RateEntry("LPR_1Y", START - 100, START - 100, 3_450_000),
        RateEntry("LPR_1Y", START + 60, START + 60, 3_100_000),
        RateEntry("LPR_1Y", START + 200, START + 200, 3_900_000),
    ]
)
REPAYMENTS: tuple[Repayment, ...] = (
    EqualInstalments(),
    EqualPrincipal(every=3),
    InterestOnly(day=20),
    Balloon(last=Rate(30_000_000)),
)
INTERESTS = (
    FixedRate(yearly=RateSource(fixed=4_900_000), basis=DayCount.CN_MONTHS_DAYS),
    FixedRate(yearly=RateSource(fixed=0), basis=DayCount.ACT_360),
    IndexedRate(index=RateSource(table="LPR_1Y", margin=45_000), repricing=Repricing.QUARTER, basis=DayCount.ACT_360),
)
FIRST, SECOND, THIRD = (StageLoss(default=Rate(share * 1_000_000), lost=Rate(50_000_000)) for share in (1, 10, 100))
USUAL: tuple[Part, ...] = (
    Single(),
    PartEarly(afterwards=Afterwards.CHOSEN),
    FiveGrades(),
    NonAccrual(),
    ThreeStages(first=FIRST, second=SECOND, third=THIRD),
)


def product_of(*parts: Part) -> Product:
    return Product(
        code="loan", number=1, version=1, english="", chinese="", currency="CNY",
        effective=dt.date(2024, 1, 1), parts=(*parts, *USUAL),
    )  # fmt: skip


products = st.builds(
    product_of,
    st.sampled_from(REPAYMENTS),
    st.sampled_from(INTERESTS),
    st.builds(Penalty, grace_days=st.sampled_from((0, 3)), multiple=st.sampled_from((130, 150))),
    st.builds(InSequence, by_instalment=st.booleans()),
)
payments = st.lists(
    st.builds(
        Act,
        day=st.integers(START + 1, START + 230),
        kind=st.just(ActKind.REPAY),
        amount=st.integers(1, 400_000),
        afterwards=st.sampled_from((Afterwards.SHORTER, Afterwards.LOWER)),
    ),
    max_size=8,
)


def agreed(months: int) -> np.ndarray:
    row = np.zeros(1, LOAN)
    row["loan"], row["flags"], row["months"] = 1, int(LoanFlag.OPEN), months
    row["limit"], row["agreed"] = 1_000_000, START
    return row


def worked_out(product: Product, acts: Sequence[Act], until: int, months: int = 9) -> Position:
    drawn = Act(day=START, kind=ActKind.DRAW, amount=1_000_000)
    return work_out_position(agreed(months), (drawn, *acts), until, lambda day: product, BOOK)


def same(one: Position, other: Position) -> bool:
    return (
        one.row.tolist() == other.row.tolist()
        and one.items.tolist() == other.items.tolist()
        and one.surplus == other.surplus
    )


def in_order(acts: Sequence[Act]) -> list[Act]:
    return sorted(acts, key=lambda act: act.day)


@settings(max_examples=25, deadline=None)
@given(products, payments, st.integers(START, START + 240))
def test_principal_repaid_and_owed_is_principal_lent(product: Product, acts: list[Act], until: int) -> None:
    at = worked_out(product, acts, until)
    owed = owed_of(at.row, at.unpaid)
    assert 0 <= owed.principal[0] <= 1_000_000
    assert at.row["undue"][0] >= 0
    assert (at.items["principal_left"] >= 0).all()
    assert (at.items["interest_left"] >= 0).all()
    assert ((at.items["principal_left"] + at.items["interest_left"] == 0) == (at.items["paid"] > 0)).all()
    assert min(booked(at)) >= 0


@settings(max_examples=40, deadline=None)
@given(products, payments, st.integers(START, START + 400), st.integers(1, 12), st.data())
def test_days_taken_at_once_are_the_same_as_one_after_the_other(
    product: Product, acts: list[Act], until: int, months: int, data: st.DataObject
) -> None:
    collected = data.draw(st.lists(st.integers(START + 20, START + 400), max_size=15, unique=True))
    amount = data.draw(st.sampled_from((50_000, 120_000, 1_200_000)))
    all_acts = [*acts, *(Act(day=day, kind=ActKind.COLLECT, amount=amount) for day in collected)]
    if data.draw(st.booleans()):
        # Watched for some time, and its grade the better for it afterwards.
        all_acts.append(Act(day=START + 30, kind=ActKind.EXTEND, amount=2))
    known = [act for act in all_acts if act.day <= until]
    drawn = Act(day=START, kind=ActKind.DRAW, amount=1_000_000)
    turn = data.draw(st.integers(START, START + 400))
    product = msgspec.structs.replace(product, parts=(*product.parts, Extension(watched=2)))
    later = msgspec.structs.replace(product, version=2)

    def product_on(day: int) -> Product:
        return product if day < turn else later

    one_by_one: list[int] = []
    daily = work_out_position(
        agreed(months), (drawn, *known), until, product_on, BOOK, lambda day, at: one_by_one.append(day)
    )
    at_once = work_out_position(agreed(months), (drawn, *known), until, product_on, BOOK)
    assert same(at_once, daily)
    ends = int(daily.row["closed"][0]) + 1 if daily.row["closed"][0] else until
    assert one_by_one == list(range(START, ends))


@settings(max_examples=20, deadline=None)
@given(products, st.integers(1, 60), st.integers(1, 400_000), st.lists(st.integers(0, 200), max_size=5))
def test_what_is_collected_of_a_loan_that_is_paid_off_is_more_than_was_owed(
    product: Product, after: int, amount: int, days: list[int]
) -> None:
    total = settlement_of(*(lambda at: (at.row, at.unpaid))(worked_out(product, (), START + after)), product).total
    paid = Act(day=START + after, kind=ActKind.PAY_OFF, amount=total)
    collected = [Act(day=START + after + more, kind=ActKind.COLLECT, amount=amount) for more in sorted(days)]
    at = worked_out(product, (paid, *collected), START + 300)
    assert at.surplus == amount * len(collected)


@settings(max_examples=15, deadline=None)
@given(products, payments)
def test_paid_off_a_loan_ends_at_exactly_zero(product: Product, acts: list[Act]) -> None:
    at = worked_out(product, acts, START + 240)
    total = settlement_of(at.row, at.unpaid, product).total
    ended = worked_out(
        product, (*in_order(acts), Act(day=START + 240, kind=ActKind.PAY_OFF, amount=total)), START + 242
    )
    assert settlement_of(ended.row, ended.unpaid, product).total == 0
    assert booked(ended)[:4] == (0, 0, 0, 0)
    assert not ended.row["flags"][0] & int(LoanFlag.OPEN)
    # Nothing happens to it any more: no rate is set anew, no grade.
    drawn = Act(day=START, kind=ActKind.DRAW, amount=1_000_000)
    paid = (drawn, *in_order(acts), Act(day=START + 240, kind=ActKind.PAY_OFF, amount=total))
    for seen in (None, lambda day, at: None):
        later = work_out_position(agreed(9), paid, START + 500, lambda day: product, BOOK, seen)
        assert same(later, ended)


@settings(max_examples=12, deadline=None)
@given(products, payments.filter(bool), st.data())
def test_what_is_told_late_counts_as_if_it_had_been_known(
    product: Product, acts: list[Act], data: st.DataObject
) -> None:
    late = data.draw(st.sampled_from(acts))
    others = [act for act in acts if act is not late]
    known = worked_out(product, sorted([*others, late], key=lambda act: act.day), START + 235)
    told = worked_out(product, [*others, late], START + 235)
    if sum(act.day == late.day for act in acts) == 1:
        assert same(known, told)


@settings(max_examples=12, deadline=None)
@given(products, payments, st.integers(START + 1, START + 230), st.integers(2, 60_000), st.integers(1, 59_999))
def test_a_payment_in_two_parts_on_one_day_pays_the_same(
    product: Product, acts: list[Act], day: int, amount: int, part: int
) -> None:
    part = min(part, amount - 1)
    before = worked_out(product, acts, day)
    due = settlement_of(before.row, before.unpaid, product).due
    # What is due is paid alike; a part of principal repaid early may set the instalments anew each time.
    amount = min(amount, due)
    part = max(1, min(part, amount - 1))
    if amount < 2 or any(act.day == day for act in acts):
        return
    whole, first, second = (Act(day=day, kind=ActKind.REPAY, amount=some) for some in (amount, part, amount - part))
    at_once = worked_out(product, (*acts, whole), START + 235)
    assert same(at_once, worked_out(product, (*acts, first, second), START + 235))


@settings(max_examples=12, deadline=None)
@given(products, payments, st.integers(START + 1, START + 230), st.integers(1, 400_000))
def test_what_happens_later_leaves_the_days_before_it_alone(
    product: Product, acts: list[Act], day: int, amount: int
) -> None:
    later = Act(day=day, kind=ActKind.REPAY, amount=amount)
    one = worked_out(product, acts, START + 235)
    other = worked_out(product, (*acts, later), START + 235)
    due_before = one.items[one.items["due"] < day]
    assert due_before["principal"].tolist() == other.items[other.items["due"] < day]["principal"].tolist()
    assert due_before["interest"].tolist() == other.items[other.items["due"] < day]["interest"].tolist()
