"""What people see of the sample bank's contracts: quarters, products, nights, one cent explained, the counter."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from yinhe.cli.demo_tables import both, section, wrapping
from yinhe.cli.explain import explanation_pages
from yinhe.cli.output import amount, table
from yinhe.demo.bank import CNY
from yinhe.demo.figures import DemoFigures, QuarterFigures
from yinhe.kernel.currency import currency_by_number


def quarters_page(figures: DemoFigures) -> RenderableType:
    """The management summary, a column a quarter."""
    heads = [f"{quarter.first} to {quarter.last}" for quarter in figures.quarters]
    made = wrapping(table("", *heads, right=frozenset(heads)), "")
    for name, values in _summary(figures.quarters):
        made.add_row(name, *values)
    return section("Management summary, amounts in yuan", "管理摘要", made)


def _summary(quarters: Sequence[QuarterFigures]) -> list[tuple[Text, list[str]]]:
    """The lines of the summary: each name, and its values by quarter."""

    def money(*minor: int) -> list[str]:
        return [amount(value, CNY) for value in minor]

    def count(*values: int) -> list[str]:
        return [f"{value:,}" for value in values]

    every = quarters
    return [
        (both("Contracts open at the end", "期末合约"), count(*(q.contracts for q in every))),
        (both("Interest accrued", "计提利息"), money(*(q.accrued_minor for q in every))),
        (both("Interest paid", "结付利息"), money(*(q.paid_minor for q in every))),
        (both("Settlements", "结息笔数"), count(*(q.settled for q in every))),
        (both("Corrections of settled interest", "利息调整"), count(*(q.corrections for q in every))),
        (both("Renewed at maturity", "到期转存"), count(*(q.renewed for q in every))),
        (both("Paid out at maturity", "到期支付"), count(*(q.paid_out for q in every))),
        (both("  the money", "金额"), money(*(q.paid_out_minor for q in every))),
        (both("Fees", "手续费"), money(*(q.fees_minor for q in every))),
        (both("Swept out", "归集转出"), money(*(q.swept_out_minor for q in every))),
        (both("Swept back", "归集转入"), money(*(q.swept_back_minor for q in every))),
        (both("Postings of the nights", "日终分录"), count(*(q.postings for q in every))),
        (both("  refused by the ledger", "被拒分录"), count(*(q.refused for q in every))),
        (both("Findings", "待查事项"), count(*(q.findings for q in every))),
    ]


def products_page(figures: DemoFigures) -> RenderableType:
    """Every product with its contracts and its interest."""
    names = ("Contracts", "Balance", "Interest paid", "Accrued")
    made = wrapping(table("Product", "", *names, right=frozenset(names)), "Product")
    for product in figures.products:
        money = (product.balance_minor, product.paid_minor, product.payable_minor)
        amounts = (amount(minor, product.currency) for minor in money)
        code = currency_by_number(product.currency).code
        made.add_row(both(product.english, product.chinese), code, f"{product.contracts:,}", *amounts)
    return section("Products", "产品", made)


def nights_page(figures: DemoFigures) -> RenderableType:
    """What the nights cost."""
    nights = figures.nights
    names = ("Contracts", "Seconds", "Contracts per second", "Interest")
    made = table("Night", *names, right=frozenset(names))
    made.add_row(
        f"{nights.nights} nights, whole",
        f"{nights.contract_nights:,}",
        f"{nights.seconds:.2f}",
        Text(f"{nights.contracts_per_s:,.0f}", style="bold green"),
        "",
    )
    for settled in figures.nights.settlements:
        made.add_row(
            f"{settled.business_date}, its settlement",
            f"{settled.contracts:,}",
            f"{settled.seconds:.2f}",
            Text(f"{settled.contracts_per_s:,.0f}", style="bold green"),
            amount(settled.interest_minor, CNY),
        )
    longest = f"the longest, after {nights.slowest}, {nights.slowest_ms:,} ms"
    told = f"  A night takes {nights.median_ms:,} ms (median); {longest}."
    return section("Nights", "日终", Group(made, told, ""))


def explained_page(figures: DemoFigures) -> RenderableType:
    """One posting of interest, as `yinhe explain` shows it."""
    pages = explanation_pages(figures.explained.explanation, chinese=False)
    parts = [part for page in pages for part in (page, "")]
    return section(f"One posting explained: {figures.explained.txn_id}", "逐分解释", Group("", *parts))


def counter_page(figures: DemoFigures) -> RenderableType:
    """What customers came to the counter for, and why they were refused."""
    numbers = frozenset({"Done", "Refused"})
    made = wrapping(table("At the counter", "Done", "Refused", right=numbers), "At the counter")
    for errand in figures.counter:
        refused = f"{errand.refused:,}" if errand.refused else ""
        made.add_row(both(errand.english, errand.chinese), f"{errand.done:,}", refused)
    reasons = [
        Text.assemble(f"  {refusal.count:,}: {refusal.english}  ", (refusal.chinese, "dim"))
        for refusal in figures.counter_refusals
    ]
    return section("Contracts, one by one", "柜面业务", Group(made, *reasons, ""))
