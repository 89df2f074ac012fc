"""A sound product file, and ways to spoil it."""

from yinhe.products.assembly import read_product
from yinhe.products.findings import Finding, Refused
from yinhe.products.product import Product
from yinhe.products.registry import part_classes

PARTS = part_classes()

SAVINGS = """\
[product]
code = "savings"
number = 2001
version = 1
english = "Savings"
chinese = "储蓄"
currency = "CNY"
effective = 2026-01-05

[[parts]]
part = "term.open_ended"

[[parts]]
part = "amount.balance_most"
most = "5,000,000.00 CNY"

[[parts]]
part = "interest.tiered_slice"
tiers = [
    { at_least = "0.00 CNY", rate = "board:demand" },
    { at_least = "50,000.00 CNY", rate = "1.25%" },
    { at_least = "1,000,000.00 CNY", rate = "3.25%" },
]

[[parts]]
part = "accrual.accumulated_balance"
basis = "ACT/360"

[[parts]]
part = "settlement.quarterly"
day = 20

[[parts]]
part = "ledger.deposit"

[[terms]]
name = "rate"
rule = "negotiate"
least = "0.05%"
most = "3.50%"
"""

TIME = """\
[product]
code = "time"
number = 2002
version = 1
english = "Time deposit"
chinese = "定期"
currency = "CNY"
effective = 2026-01-05

[[parts]]
part = "term.fixed"
offered = ["3 months", "1 year"]

[[parts]]
part = "interest.by_term"
rates = [
    { term = "3 months", rate = "1.05%" },
    { term = "1 year", rate = "1.35%" },
]

[[parts]]
part = "accrual.transaction"

[[parts]]
part = "settlement.at_maturity"

[[parts]]
part = "ledger.deposit"
"""


def read(text: str) -> Product | Refused:
    return read_product(text, "file.toml", PARTS)


def sound(text: str) -> Product:
    found = read(text)
    assert isinstance(found, Product), found
    return found


def findings(text: str) -> tuple[Finding, ...]:
    found = read(text)
    assert isinstance(found, Refused)
    return found.findings


def spoiled(text: str, old: str, new: str) -> str:
    """The file with one thing changed, which must be there once."""
    assert text.count(old) == 1, old
    return text.replace(old, new)


def without(text: str, part: str) -> str:
    """The file without one of its parts."""
    blocks = text.split("\n\n")
    left = [block for block in blocks if f'part = "{part}"' not in block]
    assert len(left) == len(blocks) - 1, part
    return "\n\n".join(left)


def line_of(text: str, part: str) -> int:
    """The line on which some text stands."""
    return text[: text.index(part)].count("\n") + 1
