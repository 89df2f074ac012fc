"""Worked examples of products: files of cases, and the pages made of them.

`worked-examples/cases/NAME.toml` has what was worked out by hand from the convention, NAME the product's code;
`generate.py` writes it into `worked-examples/NAME.md`, and `tests/conformance/test_worked_examples.py` computes every
line of it again and lets the product itself live through it.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import msgspec

CASES: Final = Path(__file__).resolve().parent / "worked-examples" / "cases"


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One calculation: what it is of, the days with their balances where it goes by them, and the arithmetic."""

    says: str
    balances: tuple[tuple[dt.date, dt.date, int, str, str], ...] = ()
    """From a day, to before a day, the days between, the balance on each, and the two multiplied (积数)."""
    lines: tuple[str, ...]


class Example(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one customer does and what comes of it; amounts as written, `10,000.00`, out of the deposit below zero."""

    title: str
    says: str
    opened: dt.date
    until: dt.date
    """The last day that is closed."""
    deposit: str = "0.00"
    term: str = ""
    company: bool = False
    renew: bool = False
    linked: bool | None = None
    negotiated: str = ""
    """The rate a year agreed with the customer."""
    tier: int = 0
    channel: str = "counter"
    movements: tuple[tuple[dt.date, str], ...] = ()
    notices: tuple[tuple[dt.date, dt.date, str], ...] = ()
    """Given on, to be drawn on, how much."""
    handed_on: tuple[tuple[dt.date, bool], ...] = ()
    """To another holder: on which day, and whether to a company."""
    closed: dt.date | None = None
    """When all is drawn and the contract closed."""
    refused: str = ""
    """Why it is not sold at all."""
    rates: tuple[tuple[str, dt.date, str], ...] = ()
    """Posted rates used: the table, the first day, the rate a year."""
    product_says: tuple[str, ...] = ()
    """Lines of the product's file whose figures are used."""
    steps: tuple[Step, ...] = ()
    happens: tuple[tuple[dt.date, str, str, str], ...] = ()
    """Date, what, amount as the holder sees it, balance after it."""


class Page(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The examples of one product."""

    examples: tuple[Example, ...]


def codes() -> tuple[str, ...]:
    """The products there are cases of."""
    return tuple(sorted(path.stem for path in CASES.glob("*.toml")))


def read(code: str) -> Page:
    """The cases of a product. Raises msgspec.ValidationError where the file is not made as it should be."""
    return msgspec.toml.decode((CASES / f"{code}.toml").read_text("utf-8"), type=Page)


def rendered(code: str, chinese: dict[str, str]) -> str:
    """The examples as Markdown; `chinese` has the Chinese of what happens, by its English."""
    return "\n".join(_example(number, one, chinese) for number, one in enumerate(read(code).examples, start=1))


def _asked(one: Example) -> str:
    """What the table of what happens does not show."""
    said = [f"Asked for: {one.deposit} on {one.opened}."] if one.refused else []
    if one.negotiated:
        said.append(f"Rate agreed: {one.negotiated}.")
    if one.term:
        said.append(f"Term: {one.term}{', renewed automatically' if one.renew else ''}.")
    said += [f"Notice: on {given}, of {amount} on {due}." for given, due, amount in one.notices]
    said += [f"Handed on: on {date}, to a {'company' if company else 'person'}." for date, company in one.handed_on]
    return " ".join(said)


def _table(head: Sequence[str], rows: Iterable[Sequence[object]], right: int) -> str:
    """A table whose last `right` columns are figures."""
    marks = [*["---"] * (len(head) - right), *["---:"] * right]
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in [head, marks, *rows])


def _example(number: int, one: Example, chinese: dict[str, str]) -> str:
    parts = [f"### {number}. {one.title}\n", f"{one.says.strip()}\n"]
    asked = _asked(one)
    if asked:
        parts.append(f"{asked}\n")
    if one.rates:
        said = "; ".join(f"`{table}` {rate} from {since}" for table, since, rate in one.rates)
        parts.append(f"Posted rates: {said}.\n")
    for step in one.steps:
        parts.append(f"{step.says}\n")
        if step.balances:
            head = ("From", "To before", "Days 天数", "Balance 余额", "Days × balance 积数")
            parts.append(_table(head, step.balances, 3))
        parts.append("```text\n" + "\n".join(step.lines) + "\n```\n")
    if one.refused:
        parts.append(f"Not sold: {one.refused}.\n")
    if one.happens:
        rows = [(date, f"{what} {chinese.get(what, '')}".strip(), *money) for date, what, *money in one.happens]
        parts.append(_table(("Date", "What happens", "Amount", "Balance"), rows, 2))
    return "\n".join(parts)
