"""Cards beside a slow model that keeps each purchase by itself, and adds up interest in fractions."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import msgspec
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from yinhe.kernel.dates import date_from_days, days_from_date
from yinhe.lending import card as cards
from yinhe.lending.ageing import owed_of
from yinhe.lending.book import no_items
from yinhe.lending.codes import LoanCode
from yinhe.lending.columns import LOAN, LoanFlag
from yinhe.lending.legs import booked, legs_between
from yinhe.lending.position import Act, ActKind, Position, apply, work_out_position
from yinhe.products.parts.allocation import InSequence
from yinhe.products.parts.card import BillingCycle, InstalmentPlans, InterestFree
from yinhe.products.product import Product
from yinhe.products.product_library import library_products
from yinhe.products.rates import RateBook

LIBRARY = next(product for product in library_products() if product.code == "credit_card")
START = days_from_date(dt.date(2026, 1, 29))
DAYS = 150
RATE = Fraction(1825, 10_000)
LIMIT = 20_000_00


def with_cycle(billing_day: int, due_after: int, cash_is_free: bool) -> Product:
    changed = {
        BillingCycle: BillingCycle(day=billing_day, due_after=due_after),
        InterestFree: InterestFree(cash=cash_is_free),
    }
    parts = tuple(changed.get(type(part), part) for part in LIBRARY.parts)
    return msgspec.structs.replace(LIBRARY, parts=parts)


products = st.builds(with_cycle, st.sampled_from((1, 5, 28)), st.sampled_from((1, 20, 27)), st.booleans())
acts = st.lists(
    st.builds(
        Act,
        day=st.integers(START, START + DAYS),
        kind=st.sampled_from((ActKind.DRAW, ActKind.DRAW, ActKind.ADVANCE, ActKind.REPAY, ActKind.REPAY)),
        amount=st.integers(1, 3_000_00),
    ),
    min_size=1,
    max_size=12,
)


# --- the slow model


@dataclass
class Lot:
    """One purchase, advance or charge, and what of it is owed."""

    owed: int
    bears: bool
    on_statement: bool = False
    noted: Fraction = Fraction(0)


@dataclass
class Minimum:
    due: int
    interest: int
    principal: int


@dataclass
class SlowCard:
    """A card, lot by lot."""

    product: Product
    lots: list[Lot] = field(default_factory=list)
    minimums: list[Minimum] = field(default_factory=list)
    accrued: Fraction = Fraction(0)
    fees: int = 0
    statements: list[tuple[int, int, int, int]] = field(default_factory=list)
    last_due: int = 0
    left: int = 0
    began: int = 0

    def bill(self, day: int) -> None:
        interest = int(self.accrued + Fraction(1, 2))
        billing = next(part for part in self.product.parts if isinstance(part, BillingCycle))
        first = date_from_days(int(billing.statement_on(np.array([self.began], np.int32))[0]))
        now = date_from_days(day)
        fees = self.fees + (100_00 if (now.month - first.month) % 12 == 0 else 0)
        self.fees, self.accrued = 0, Fraction(0)
        missed = sum(one.interest + one.principal for one in self.minimums)
        ordinary = sum(lot.owed for lot in self.lots) - sum(one.principal for one in self.minimums)
        rest = interest + fees + missed
        least = min(max(-(-ordinary // 10) + rest, 100_00), ordinary + rest)
        self.lots.append(Lot(fees, bears=False))
        for lot in self.lots:
            lot.on_statement = True
        self.last_due = day + billing.due_after
        self.minimums.append(Minimum(self.last_due, interest, least - interest - missed))
        self.left = ordinary + rest
        self.statements.append((self.left, least, interest, fees))

    def pay(self, day: int, amount: int) -> None:
        amount = min(amount, sum(lot.owed for lot in self.lots) + sum(one.interest for one in self.minimums))
        self.left = max(0, self.left - amount)
        principal = 0
        lateness = day - min((one.due for one in self.minimums if one.interest or one.principal), default=day)
        if lateness > 90:
            order = [(one, "principal") for one in self.minimums] + [(one, "interest") for one in self.minimums]
        else:
            order = [(one, what) for one in self.minimums for what in ("interest", "principal")]
        for one, what in order:
            taken = min(amount, getattr(one, what))
            setattr(one, what, getattr(one, what) - taken)
            principal += taken if what == "principal" else 0
            amount -= taken
        self.minimums = [one for one in self.minimums if one.interest or one.principal]
        principal += amount
        for lot in sorted(self.lots, key=lambda lot: (not lot.on_statement, not lot.bears)):
            taken = min(principal, lot.owed)
            lot.owed -= taken
            principal -= taken
        assert principal == 0

    def end(self, day: int) -> None:
        """End a day: what its due day decides, the late charge, its interest."""
        if day == self.last_due:
            whole = not any(lot.owed for lot in self.lots if lot.on_statement) and not any(
                one.interest for one in self.minimums
            )
            for lot in self.lots:
                if lot.on_statement and not lot.bears:
                    lot.bears = True
                    self.accrued += 0 if whole else lot.noted
        if any(one.due + 3 == day for one in self.minimums):
            unpaid = sum(one.interest + one.principal for one in self.minimums if one.due + 3 <= day)
            self.fees += max(10_00, int(Fraction(unpaid, 20) + Fraction(1, 2))) if unpaid > 10_00 else 0
        for lot in self.lots:
            interest = lot.owed * RATE / 365
            if lot.bears:
                self.accrued += interest
            else:
                lot.noted += interest


def slowly(chosen: Sequence[Act], until: int, product: Product) -> SlowCard:
    model = SlowCard(product)
    billing = next(part for part in product.parts if isinstance(part, BillingCycle))
    free_cash = next(part for part in product.parts if isinstance(part, InterestFree)).cash
    model.began = chosen[0].day
    for day in range(model.began, until + 1):
        if date_from_days(day).day == billing.day and day > model.began:
            model.bill(day)
        for act in chosen:
            if act.day != day:
                continue
            if act.kind is ActKind.REPAY:
                model.pay(day, act.amount)
                continue
            is_cash = act.kind is ActKind.ADVANCE
            model.lots.append(Lot(act.amount, bears=is_cash and not free_cash))
            if is_cash:
                model.fees += max(10_00, int(Fraction(act.amount, 100) + Fraction(1, 2)))
        if day < until:
            model.end(day)
    return model


# --- both


def agreed() -> np.ndarray:
    row = np.zeros(1, LOAN)
    row["loan"], row["limit"], row["agreed"] = 1, LIMIT, START
    row["flags"] = int(LoanFlag.OPEN | LoanFlag.REVOLVING)
    return row


def possible(chosen: Sequence[Act]) -> list[Act]:
    """Some acts in order, from the first drawing on: before it there is nothing to repay."""
    ordered = sorted(chosen, key=lambda one: one.day)
    first = next((place for place, act in enumerate(ordered) if act.kind is not ActKind.REPAY), len(ordered))
    return ordered[first:]


def work(
    chosen: Sequence[Act], until: int, product: Product, seen: Callable[[int, Position], None] | None = None
) -> Position:
    return work_out_position(agreed(), chosen, until, lambda _: product, RateBook([]), seen)


@settings(max_examples=20, deadline=None)
@given(acts, products)
def test_a_card_is_what_its_purchases_one_by_one_add_up_to(chosen: list[Act], product: Product) -> None:
    done = possible(chosen)
    if not done:
        return
    at = work(done, START + DAYS + 40, product)
    model = slowly(done, START + DAYS + 40, product)
    row = at.row
    base = 365 * 10**8
    assert Fraction(int(row["whole"][0])) + Fraction(int(row["remainder"][0]), base) == model.accrued
    assert int(owed_of(row, at.unpaid).principal[0]) == sum(lot.owed for lot in model.lots)
    assert int(at.card["fees"][0]) == model.fees
    told = [tuple(int(one[name][0]) for name in ("balance", "minimum", "interest", "fee")) for one in at.statements]
    told.append(tuple(int(at.card[name][0]) for name in ("balance", "minimum", "interest", "fee")))
    assert told == model.statements
    assert int(at.card["left"][0]) == model.left
    unpaid = [(int(one["due"]), int(one["interest_left"]), int(one["principal_left"])) for one in at.unpaid]
    assert unpaid == [(one.due, one.interest, one.principal) for one in model.minimums if one.interest or one.principal]


@settings(max_examples=20, deadline=None)
@given(acts, products)
def test_what_is_left_of_a_statement_is_what_stands_on_it(chosen: list[Act], product: Product) -> None:
    def seen(day: int, at: Position) -> None:
        del day
        if not len(at.card):
            return
        card, owed = at.card[0], owed_of(at.row, at.unpaid)
        since = int(card["bought"]) + int(card["advanced"])
        stands = int(owed.principal[0]) - int(card["planned"]) - since + int(owed.due[0])
        assert int(card["left"]) == stands if card["closed"] else card["left"] == 0
        assert min(int(card[name]) for name in ("bought", "advanced", "billed", "left", "planned")) >= 0
        assert int(at.row["undue"][0]) >= int(card["planned"])

    done = possible(chosen)
    work(done, START + DAYS, product, seen)


@settings(max_examples=15, deadline=None)
@given(acts, st.integers(0, 11), products)
def test_a_payment_split_on_one_day_changes_nothing(chosen: list[Act], which: int, product: Product) -> None:
    # Where the order of payment changes with how late the card is, a first part may change it for the second.
    product = msgspec.structs.replace(
        product,
        parts=tuple(InSequence(after_days=3_660) if isinstance(part, InSequence) else part for part in product.parts),
    )
    done = possible(chosen)
    payments = [place for place, act in enumerate(done) if act.kind is ActKind.REPAY and act.amount > 1]
    if not payments:
        return
    place = payments[which % len(payments)]
    half = done[place].amount // 2
    parts = [msgspec.structs.replace(done[place], amount=one) for one in (half, done[place].amount - half)]
    at = work(done, START + DAYS + 40, product)
    again = work([*done[:place], *parts, *done[place + 1 :]], START + DAYS + 40, product)
    assert np.array_equal(again.row, at.row)
    assert np.array_equal(again.card, at.card)
    assert np.array_equal(again.items, at.items)


@settings(max_examples=15, deadline=None)
@given(acts, st.sampled_from((3, 6)), products)
def test_instalment_plans_end_and_everything_is_repaid_to_nothing(
    chosen: list[Act], count: int, product: Product
) -> None:
    done = possible([act for act in chosen if act.kind is not ActKind.REPAY])
    if not done:
        return
    day = done[-1].day
    at = work(done, day, product)
    amount = min(cards.convertible(at.row, at.unpaid, at.card), int(at.row["undue"][0]))
    least = next(part for part in product.parts if isinstance(part, InstalmentPlans)).least.amount_minor
    if amount >= least:
        done.append(Act(day=day, kind=ActKind.CONVERT, amount=amount, count=count))
    bought = sum(act.amount for act in done if act.kind is not ActKind.CONVERT)
    at = work(done, day, product)
    assert int(owed_of(at.row, at.unpaid).principal[0]) == bought + int(at.card["charged"][0])
    end = day + 31 * (count + 2)
    at = work(done, end, product)
    assert not at.card["plan_amount"].any()
    assert int(at.card["planned"][0]) == 0
    # Pay all there is day by day, until the last interest and fees have come on a statement.
    done += [Act(day=end + later, kind=ActKind.PAY_OFF) for later in range(70)]
    at = work(done, end + 70, product)
    assert booked(at)._replace(allowance=0, fees=0) == (0, 0, 0, 0, 0, 0, 0)
    assert int(at.card["fees"][0]) == 0


@settings(max_examples=15, deadline=None)
@given(acts, products)
def test_what_an_act_books_balances_and_brings_the_accounts_to_the_position(
    chosen: list[Act], product: Product
) -> None:
    done = possible(chosen)
    if not done:
        return
    before = work(done[:-1], done[-1].day, product) if len(done) > 1 else Position(agreed(), no_items())
    after = before.copy()
    apply(after, done[-1], product, RateBook([]))

    def pool(gl_code: int, number: int) -> int:
        return gl_code * 10_000 + number

    accounts: dict[int, int] = {}
    legs = legs_between(
        before, after, product, lambda gl_code, number: gl_code * 10_000 + number, None, LoanCode.CORRECTION
    )
    for leg in legs:
        accounts[leg.debit] = accounts.get(leg.debit, 0) - leg.amount_minor
        accounts[leg.credit] = accounts.get(leg.credit, 0) + leg.amount_minor
    fees = int(after.card["charged"].sum()) - int(before.card["charged"].sum())
    assert accounts.get(6021 * 10_000 + product.number, 0) == fees
