"""Every loan product has a page of examples worked out by hand from the convention; here they are held to both sides.

Each line of arithmetic is computed again, exactly, by what does not know the program; and a loan of the product itself,
as it is in the library, lives through the example: the same is due and paid on the same days, to the fen.
"""

import datetime as dt
import importlib.util
import re
import tomllib
from fractions import Fraction
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.conformance.written_arithmetic import NUMBER, number, work_out

from yinhe.kernel.dates import date_from_days, days_from_date
from yinhe.kernel.rates import Rate, format_rate
from yinhe.lending.accrual import Loans, accrue, running_rates
from yinhe.lending.book import no_items
from yinhe.lending.columns import LOAN, LoanFlag
from yinhe.lending.payments import charge, settlement_of
from yinhe.lending.position import Act, ActKind, Position, bring_due, work_out_position
from yinhe.products.parts.base import Kind
from yinhe.products.parts.drawdown import Drawdown
from yinhe.products.parts.loan_interest import LoanInterest
from yinhe.products.parts.prepayment import Afterwards, Prepayment
from yinhe.products.parts.repayment import Shape
from yinhe.products.product import Product
from yinhe.products.product_library import library_products, library_rates
from yinhe.products.rates import RateBook, RateEntry

DOCS = Path(__file__).resolve().parents[2] / "docs"
OF_THE_CONVENTION = {Fraction(one) for one in (1, 12, 30, 360)}
"""Months of a year, days of a month and of a year: the only numbers that need no source."""


def _examples() -> Any:
    spec = importlib.util.spec_from_file_location("worked_loans", DOCS / "worked_loans.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


WORKED = _examples()
PRODUCTS = {
    product.code: product
    for product in library_products()
    if product.of_kind(Kind.LOAN_INTEREST) and product.of_kind(Kind.REPAYMENT)[0].shape is not Shape.STATEMENT
}
"""The loans that are repaid in instalments; a card and an overdraft are told elsewhere."""
RATES = RateBook(RateEntry(one.table, one.effective, one.effective, one.rate) for one in library_rates())
EXAMPLES = [
    pytest.param(code, example, id=f"{code}-{place}")
    for code in WORKED.codes()
    for place, example in enumerate(WORKED.read(code).examples, start=1)
]
MONEY = ("principal", "interest", "penalty", "compound")


def fen(text: str) -> int:
    """`10,000.00` in minor units, exactly; nothing for an empty text."""
    value = number(text) * 100 if text else Fraction(0)
    assert value == int(value), text
    return int(value)


def written(minor: int) -> str:
    return f"{minor // 100:,}.{minor % 100:02d}" if minor else ""


def percent(rate: int) -> str:
    """A rate (1e-8) with two decimals at least."""
    whole, _, decimals = format_rate(Rate(rate)).rstrip("%").partition(".")
    return f"{whole}.{decimals.ljust(2, '0')}%"


def total(row: Any) -> int:
    return sum(fen(getattr(row, name)) for name in MONEY)


def acts_of(example: Any) -> list[Act]:
    kinds = {
        WORKED.DRAWN: ActKind.DRAW,
        WORKED.COLLECTED: ActKind.COLLECT,
        WORKED.PAID: ActKind.REPAY,
        WORKED.REPAID_EARLY: ActKind.REPAY,
        WORKED.PAID_OFF: ActKind.PAY_OFF,
    }
    after = Afterwards(example.afterwards)
    acts = [
        Act(
            day=days_from_date(row.date), kind=kinds[row.what], amount=total(row), afterwards=after,
            is_early=row.what == WORKED.REPAID_EARLY,
        )
        for row in example.happens
        if row.what in kinds
    ]  # fmt: skip
    arranged = {WORKED.MISUSED: (ActKind.SET_FLAGS, int(LoanFlag.MISUSED)), WORKED.EXTENDED: (ActKind.EXTEND, 12)}
    for row in example.happens:
        if row.what in arranged:
            kind, amount = arranged[row.what]
            acts.append(Act(day=days_from_date(row.date), kind=kind, amount=amount))
    return acts


def agreed_on(product: Product, example: Any) -> Loans:
    row = np.zeros(1, LOAN)
    row["loan"], row["limit"], row["months"] = 1, fen(example.amount), example.months
    row["agreed"] = days_from_date(min(one.date for one in example.happens))
    drawdown = product.one(Drawdown)
    assert drawdown is not None
    row["flags"] = int(LoanFlag.OPEN) | (int(LoanFlag.REVOLVING) if drawdown.is_revolving else 0)
    return row


class Life:
    """A loan of a product that lives through an example."""

    def __init__(self, product: Product, example: Any) -> None:
        self.product, self.example = product, example
        self.agreed, self.acts = agreed_on(product, example), acts_of(example)
        self.rates: list[tuple[int, int]] = []
        self.ends: dict[int, Position] = {}
        until = days_from_date(example.until) + 1
        self.last = work_out_position(self.agreed, self.acts, until, lambda _: product, RATES, self._note)

    def _note(self, day: int, at: Position) -> None:
        self.ends[day] = at.copy()
        rate = int(at.row["rate"][0])
        if not self.rates or self.rates[-1][1] != rate:
            self.rates.append((day, rate))

    def _before(self, day: int) -> Position:
        """As a day begins, with what falls due on it."""
        if day - 1 not in self.ends:
            return Position(self.agreed.copy(), no_items())
        at = self.ends[day - 1].copy()
        accrue(at.row, np.zeros(1, np.int64), at.unpaid, self.product, day - 1)
        bring_due(at, day, self.product)
        return at

    def row(self, given: Any) -> Any:
        """What came of a line of the example."""
        day = days_from_date(given.date)
        before, after = self._before(day), self.ends[day]
        found = {"date": given.date, "what": given.what, "owed": written(owed(after)) or "0.00"}
        what = given.what
        if what == WORKED.DRAWN:
            found["principal"] = written(owed(after) - owed(before))
        elif what == WORKED.DUE:
            item = after.items[after.items["due"] == day]
            assert item["paid"].tolist() == [0]
            found |= {name: written(int(item[name][0])) for name in ("principal", "interest")}
        elif what in (WORKED.COLLECTED, WORKED.PAID, WORKED.PAID_OFF, WORKED.REPAID_EARLY):
            found |= self._paid(before, after, paid_off=what == WORKED.PAID_OFF)
        if what == WORKED.REPAID_EARLY:
            prepayment, start = self.product.one(Prepayment), after.row["start"].copy()
            assert prepayment is not None
            found["fee"] = written(int(prepayment.fee(day, start, np.array([fen(given.principal)]))[0]))
        if what in (WORKED.DRAWN, WORKED.NEW_RATE, WORKED.REPAID_EARLY):
            found["instalment"] = written(int(after.row["payment"][0]))
        if what in (WORKED.NEW_RATE, WORKED.MISUSED) or (what == WORKED.DRAWN and not owed(before)):
            running = running_rates(after.row["rate"].copy(), after.row["flags"].copy(), self.product)
            found["rate"] = percent(int(running[0]))
        return WORKED.Happening(**found)

    def _paid(self, before: Position, after: Position, *, paid_off: bool) -> dict[str, str]:
        running = settlement_of(before.row, before.unpaid, self.product).interest if paid_off else 0
        interest = self.product.one(LoanInterest)
        assert interest is not None
        charge(before.row, interest)
        left = int(after.items["interest_left"].sum())
        amounts = {
            "principal": owed(before) - owed(after),
            "interest": int(before.items["interest_left"].sum()) - left + running,
            "penalty": int(before.row["penalty"][0] - after.row["penalty"][0]),
            "compound": int(before.row["compound"][0] - after.row["compound"][0]),
        }
        return {name: written(amount) for name, amount in amounts.items()}


def owed(at: Position) -> int:
    """All principal, due or not."""
    return int(at.row["undue"][0] + at.items["principal_left"].sum())


def dates_of(example: Any, *kinds: str) -> list[int]:
    return [days_from_date(row.date) for row in example.happens if row.what in kinds]


def test_every_loan_in_instalments_of_the_library_has_examples_and_a_page() -> None:
    assert set(WORKED.codes()) == set(PRODUCTS)
    for code in WORKED.codes():
        assert 2 <= len(WORKED.read(code).examples) <= 6
        page = (DOCS / "worked-examples" / f"{code}.md").read_text("utf-8")
        assert f"<!-- generated: worked-{code} -->" in page, code


@pytest.mark.parametrize(("code", "example"), EXAMPLES)
def test_the_loan_does_what_was_worked_out_by_hand(code: str, example: Any) -> None:
    life = Life(PRODUCTS[code], example)
    assert [life.row(row) for row in example.happens] == list(example.happens)
    assert life.last.surplus == 0
    assert date_from_days(int(life.last.row["maturity"][0])) == example.ends
    # Nothing falls due, and no rate is set anew, that the example does not tell.
    assert life.last.items["due"].tolist() == dates_of(example, WORKED.COLLECTED, WORKED.DUE)
    assert [day for day, _ in life.rates][1:] == dates_of(example, WORKED.NEW_RATE)


@pytest.mark.parametrize(("code", "example"), EXAMPLES)
def test_every_line_of_arithmetic_comes_out_and_every_number_has_a_source(code: str, example: Any) -> None:
    known = OF_THE_CONVENTION | _given(code, example)
    come_out: set[Fraction] = set()
    for step in example.steps:
        for line in step.lines:
            worked = work_out(line)
            assert [float(one) for one in worked.taken if one not in known] == [], line
            known |= set(worked.made)
            come_out |= {*worked.made, *worked.rounded}
    for row in example.happens:
        for name in ("interest", "penalty", "compound", "fee", "instalment"):
            amount = getattr(row, name)
            assert not amount or number(amount) in come_out, f"{row.date}: no line comes to {amount}"
        for name in ("principal", "owed"):
            amount = getattr(row, name)
            assert not amount or number(amount) in known | {0}, f"{row.date}: no line comes to {amount}"


def _given(code: str, example: Any) -> set[Fraction]:
    """The numbers of an example that are not worked out: what is drawn and paid, the term, rates, the product's own."""
    text = (files("yinhe.products") / "library" / f"{code}.toml").read_text("utf-8")
    for line in example.product_says:
        assert line in text, f"{code}.toml does not say {line}"
    said = {number(one) for line in example.product_says for one in NUMBER.findall(line)}
    points = {
        Fraction(int(one), 10_000) for line in example.product_says for one in re.findall(r"(\d+)bp", line)
    }  # fmt: skip
    percents = {
        Fraction(int(one), 100) for line in example.product_says for one in re.findall(r"multiple = (\d+)", line)
    }  # fmt: skip
    paid = {Fraction(total(row), 100) for row in example.happens if row.what in (WORKED.PAID, WORKED.PAID_OFF)}
    chosen = (WORKED.DRAWN, WORKED.REPAID_EARLY)
    principal = {number(row.principal) for row in example.happens if row.what in chosen}
    given = {number(example.amount), Fraction(example.months), *paid, *principal}
    counted = {Fraction(one) for one in range(len(example.happens) + 1)}
    """How many instalments there were so far."""
    return given | counted | said | points | percents | {number(rate) for _, _, rate in example.rates}


@pytest.mark.parametrize(("code", "example"), EXAMPLES)
def test_the_posted_rates_an_example_names_are_those_of_the_library(code: str, example: Any) -> None:
    tables = tomllib.loads((files("yinhe.products") / "library" / "rates.toml").read_text("utf-8"))
    for table, since, rate in example.rates:
        assert {"effective": since, "rate": rate} in tables[table]["rates"], (table, since, rate)


def test_a_figure_a_fen_off_is_seen() -> None:
    code = WORKED.codes()[0]
    example = WORKED.read(code).examples[0]
    life = Life(PRODUCTS[code], example)
    row = next(one for one in example.happens if one.interest)
    assert life.row(row) == row
    assert life.row(row).interest != written(fen(row.interest) + 1)
    assert dt.date(2026, 1, 1) not in {one.date for one in example.happens if one.interest == "0.01"}
