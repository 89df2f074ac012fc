"""Worked examples of loans: files of cases, and the pages made of them.

`worked-examples/loans/NAME.toml` has what was worked out by hand from the convention, NAME the product's code;
`generate.py` writes it into `worked-examples/NAME.md`, and `tests/conformance/test_worked_loans.py` computes every line
of it again and lets the loan itself live through it.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import msgspec

CASES: Final = Path(__file__).resolve().parent / "worked-examples" / "loans"

DRAWN: Final = "Drawn"
COLLECTED: Final = "Collected"
DUE: Final = "Due, not paid"
PAID: Final = "Paid"
REPAID_EARLY: Final = "Repaid early"
PAID_OFF: Final = "Paid off"
NEW_RATE: Final = "New rate"
MISUSED: Final = "Misuse found"
EXTENDED: Final = "Extended by a year"
CHINESE: Final = {
    DRAWN: "放款",
    COLLECTED: "到期扣款",
    DUE: "到期未还",
    PAID: "还款",
    REPAID_EARLY: "提前还款",
    PAID_OFF: "结清",
    NEW_RATE: "重定价",
    MISUSED: "认定挪用",
    EXTENDED: "展期一年",
}
"""What can happen, and how it is called in Chinese."""

COLUMNS: Final = (
    ("principal", "Principal 本金"),
    ("interest", "Interest 利息"),
    ("penalty", "Penalty 罚息"),
    ("compound", "Compound 复利"),
    ("fee", "Fee 手续费"),
    ("rate", "Rate 利率"),
    ("instalment", "Instalment 每期还款额"),
    ("owed", "Owed 本金余额"),
)


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One calculation: what it is of, and the arithmetic."""

    says: str
    lines: tuple[str, ...]


class Happening(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that happens to the loan; amounts as written, `10,000.00`, empty where there is none."""

    date: dt.date
    what: str
    principal: str = ""
    """Drawn, due, paid or repaid early."""
    interest: str = ""
    penalty: str = ""
    compound: str = ""
    fee: str = ""
    """Of repaying early; it is paid beside."""
    rate: str = ""
    """The yearly rate of principal that is not late from this day on, where it is set."""
    instalment: str = ""
    """The level payment from this day on, where it is worked out."""
    owed: str
    """All principal, due or not, afterwards."""


class Example(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What happens to one loan and what comes of it."""

    title: str
    says: str
    months: int
    """The term."""
    amount: str
    """What is agreed: to be drawn, or the limit of a line."""
    until: dt.date
    """The last day that is looked at."""
    afterwards: str = "shorter"
    """What becomes of the instalments when a part is repaid early, where the customer chooses."""
    ends: dt.date
    """When the loan ends in the end."""
    rates: tuple[tuple[str, dt.date, str], ...] = ()
    """Posted rates used: the table, the first day, the rate a year."""
    product_says: tuple[str, ...] = ()
    """Lines of the product's file whose figures are used."""
    steps: tuple[Step, ...]
    happens: tuple[Happening, ...]


class Page(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The examples of one product."""

    examples: tuple[Example, ...]


def codes() -> tuple[str, ...]:
    """The products there are cases of."""
    return tuple(sorted(path.stem for path in CASES.glob("*.toml")))


def read(code: str) -> Page:
    """The cases of a product. Raises msgspec.ValidationError where the file is not made as it should be."""
    return msgspec.toml.decode((CASES / f"{code}.toml").read_text("utf-8"), type=Page)


def rendered(code: str) -> str:
    """The examples as Markdown."""
    return "\n".join(_example(number, one) for number, one in enumerate(read(code).examples, start=1))


def _example(number: int, one: Example) -> str:
    agreed = f"Agreed: {one.amount} for {one.months} months. Ends: {one.ends}."
    parts = [f"### {number}. {one.title}\n", f"{one.says.strip()}\n", f"{agreed}\n"]
    if one.rates:
        said = "; ".join(f"`{table}` {rate} from {since}" for table, since, rate in one.rates)
        parts.append(f"Posted rates: {said}.\n")
    for step in one.steps:
        parts += [f"{step.says}\n", "```text\n" + "\n".join(step.lines) + "\n```\n"]
    used = [(name, head) for name, head in COLUMNS if any(getattr(row, name) for row in one.happens)]
    rows = [
        (row.date, f"{row.what} {CHINESE[row.what]}", *(getattr(row, name) for name, _ in used)) for row in one.happens
    ]
    parts.append(_table(("Date", "What happens", *(head for _, head in used)), rows, len(used)))
    return "\n".join(parts)


def _table(head: Sequence[str], rows: Iterable[Sequence[object]], right: int) -> str:
    """A table whose last `right` columns are figures."""
    marks = [*["---"] * (len(head) - right), *["---:"] * right]
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in [head, marks, *rows])
