"""Every product has a page of examples worked out by hand from the convention; here they are held to both sides.

Each line of arithmetic is computed again, exactly, by what does not know the program; and the product itself lives
through the example: the same things happen on the same days, to the fen.
"""

import datetime as dt
import importlib.util
import re
import tomllib
from fractions import Fraction
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from tests.conformance.written_arithmetic import NUMBER, months_and_days, number, work_out

from yinhe.closeday.scenario import HandedOn, Movement, Notified, Scenario, Simulation
from yinhe.closeday.simulate import simulate
from yinhe.deposits.codes import TransferCode
from yinhe.deposits.columns import NO_RATE
from yinhe.deposits.refusals import Refusal
from yinhe.kernel.dates import days_from_date
from yinhe.kernel.rates import parse_rate
from yinhe.products.parts.base import Channel, Kind
from yinhe.products.period import parse_period
from yinhe.products.product_library import library_products, library_rates
from yinhe.products.rates import RateBook, RateEntry

DOCS = Path(__file__).resolve().parents[2] / "docs"
OF_THE_CONVENTION = {Fraction(one) for one in (1, 12, 30, 360)}
"""Months of a year, days of a month and of a year: the only numbers that need no source."""

INTEREST = {
    TransferCode.INTEREST.english,
    TransferCode.INTEREST_CORRECTION.english,
    TransferCode.OVERDRAFT_INTEREST.english,
}


def _examples() -> Any:
    spec = importlib.util.spec_from_file_location("worked_examples", DOCS / "worked_examples.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


WORKED = _examples()
LENT = (Kind.LOAN_INTEREST,)
PRODUCTS = {product.code: product for product in library_products() if not any(map(product.of_kind, LENT))}
"""Those that money is deposited on, and none is lent."""
RATES = RateBook(RateEntry(one.table, one.effective, one.effective, one.rate) for one in library_rates())
EXAMPLES = [
    pytest.param(code, example, id=f"{code}-{place}")
    for code in WORKED.codes()
    for place, example in enumerate(WORKED.read(code).examples, start=1)
]


def fen(text: str) -> int:
    """`10,000.00` in minor units, exactly."""
    value = number(text) * 100
    assert value == int(value), text
    return int(value)


def written(minor: int) -> str:
    return f"{'-' if minor < 0 else ''}{abs(minor) // 100:,}.{abs(minor) % 100:02d}"


def scenario(code: str, example: Any) -> Scenario:
    period = parse_period(example.term) if example.term else None
    return Scenario(
        product=PRODUCTS[code],
        rates=RATES,
        start=days_from_date(example.opened),
        last=days_from_date(example.until),
        deposit_minor=fen(example.deposit),
        movements=tuple(Movement(days_from_date(date), fen(amount)) for date, amount in example.movements),
        notices=tuple(
            Notified(days_from_date(given), days_from_date(due), fen(amount)) for given, due, amount in example.notices
        ),
        handed_on=tuple(HandedOn(days_from_date(date), company) for date, company in example.handed_on),
        closing=days_from_date(example.closed) if example.closed else 0,
        months=period.months if period else 0,
        days=period.days if period else 0,
        rate=parse_rate(example.negotiated).units if example.negotiated else NO_RATE,
        tier=example.tier,
        channel=Channel[example.channel.upper()],
        is_company=example.company,
        auto_renew=example.renew,
        linked=example.linked,
    )


def test_every_deposit_product_of_the_library_has_examples_and_a_page() -> None:
    assert set(WORKED.codes()) == set(PRODUCTS)
    for code in PRODUCTS:
        assert 2 <= len(WORKED.read(code).examples) <= 6
        page = (DOCS / "worked-examples" / f"{code}.md").read_text("utf-8")
        assert f"<!-- generated: worked-{code} -->" in page, code


@pytest.mark.parametrize(("code", "example"), EXAMPLES)
def test_the_product_does_what_was_worked_out_by_hand(code: str, example: Any) -> None:
    found = simulate(scenario(code, example))
    if example.refused:
        assert isinstance(found, Refusal)
        assert found.english == example.refused
        return
    assert isinstance(found, Simulation), found
    happened = [
        (str(dt.date(1970, 1, 1) + dt.timedelta(one.date)), one.english, *map(written, _money(one)))
        for one in found.happenings
    ]
    assert happened == [(str(date), what, amount, left) for date, what, amount, left in example.happens]
    held = {day.date: day.balance_minor for day in found.days}
    for start, until, _, balance, _ in (row for step in example.steps for row in step.balances):
        for day in range(days_from_date(start), days_from_date(until)):
            assert held[day] == fen(balance), f"{balance} on {dt.date(1970, 1, 1) + dt.timedelta(day)}"


def _money(happening: Any) -> tuple[int, int]:
    return happening.amount_minor, happening.balance_minor


@pytest.mark.parametrize(("code", "example"), EXAMPLES)
def test_every_line_of_arithmetic_comes_out_and_every_number_has_a_source(code: str, example: Any) -> None:
    known = OF_THE_CONVENTION | _given(code, example)
    rounded: set[Fraction] = set()
    for step in example.steps:
        for start, until, days, balance, accumulated in step.balances:
            assert (until - start).days == days, f"{start} to {until}: {(until - start).days} days"
            assert number(accumulated) == days * number(balance), f"{days} days of {balance}"
            known |= {Fraction(days), number(balance), number(accumulated)}
        for line in step.lines:
            worked = work_out(line)
            assert [float(one) for one in worked.taken if one not in known] == [], line
            known |= set(worked.made)
            rounded |= set(worked.rounded)
    for _, what, amount, _ in example.happens:
        if what in INTEREST:
            assert abs(number(amount)) in rounded, f"no line comes to {amount}"


def _given(code: str, example: Any) -> set[Fraction]:
    """The numbers of an example that are not worked out: what is paid in and held, rates, the product's own."""
    text = (files("yinhe.products") / "library" / f"{code}.toml").read_text("utf-8")
    for line in example.product_says:
        assert line in text, f"{code}.toml does not say {line}"
    said = {number(one) for line in example.product_says for one in NUMBER.findall(line)}
    shares = {
        Fraction(one, 100) for line in example.product_says for one in map(int, re.findall(r"share = (\d+)", line))
    }
    points = " ".join(example.product_says)
    shares |= {Fraction(one, 10_000) for one in map(int, re.findall(r"(\d+)bp", points))}
    agreed = {number(example.negotiated)} if example.negotiated else set[Fraction]()
    given = agreed | {number(example.deposit), *(abs(number(amount)) for _, amount in example.movements)}
    given |= {number(amount) for _, _, amount in example.notices}
    given |= {number(left) for *_, left in example.happens}
    # What moved by itself is the convention's doing too: drawn instalments, fees, what was swept; interest is not.
    given |= {abs(number(amount)) for _, what, amount, _ in example.happens if what not in INTEREST}
    return given | said | shares | {number(rate) for _, _, rate in example.rates}


@pytest.mark.parametrize(("code", "example"), EXAMPLES)
def test_the_posted_rates_an_example_names_are_those_of_the_library(code: str, example: Any) -> None:
    tables = tomllib.loads((files("yinhe.products") / "library" / "rates.toml").read_text("utf-8"))
    for table, since, rate in example.rates:
        assert {"effective": since, "rate": rate} in tables[table]["rates"], (table, since, rate)


# --- the arithmetic that is believed is tried itself

WRONG = [
    "10,000.00 × 0.05% / 360 = 0.0139…",
    "10,000.00 × 0.05% / 360 = 0.0138… ≈ 0.02",
    "36 × 10,000.00 = 36,000.00",
    "1 / 4 = 0.25…",
    "2026-01-05 → 2026-02-10 = 35 days",
    "2026-01-31 → 2026-03-01 = 1 month 2 days",
    "10,000.00 × 0.05% ÷ 360 = 0.0138…",
]


@pytest.mark.parametrize("line", WRONG)
def test_a_line_that_is_wrong_is_seen(line: str) -> None:
    with pytest.raises(AssertionError):
        work_out(line)


RIGHT = [
    ("10,000.00 × 0.05% / 360 = 0.0138… ≈ 0.01", "0.01"),
    ("interest: 3,600.00 × 0.05% / 360 = 0.005 ≈ 0.01", "0.01"),
    ("(500.00 + 100.00) × 12 − 0.50 = 7,199.50", "7199.50"),
]


@pytest.mark.parametrize(("line", "result"), RIGHT)
def test_a_line_that_is_right_gives_what_may_be_posted(line: str, result: str) -> None:
    assert number(result) in work_out(line).rounded


MONTHS = [
    ("2026-01-31", "2026-02-28", 1, 0),
    ("2024-02-29", "2025-02-28", 12, 0),
    ("2025-08-31", "2026-03-01", 6, 1),
    ("2025-08-30", "2026-02-27", 5, 28),
]


@pytest.mark.parametrize(("start", "end", "months", "days"), MONTHS)
def test_months_are_counted_date_to_date(start: str, end: str, months: int, days: int) -> None:
    assert months_and_days(dt.date.fromisoformat(start), dt.date.fromisoformat(end)) == (months, days)
