"""What people see of a run of the sample bank: its days, speed, refusals, holds, books and proof."""

from rich.console import Group, RenderableType
from rich.rule import Rule
from rich.text import Text

from yinhe.cli.demo_contracts import counter_page, explained_page, nights_page, products_page, quarters_page
from yinhe.cli.demo_tables import both, named, section, wrapping
from yinhe.cli.output import amount, amount_or_blank, table
from yinhe.demo.bank import CNY
from yinhe.demo.figures import DemoFigures, StatementFigures
from yinhe.kernel.currency import currency, currency_by_number


def report_pages(figures: DemoFigures) -> list[RenderableType]:
    """Every table of a run."""
    return [
        _head(figures),
        _days(figures),
        quarters_page(figures),
        products_page(figures),
        nights_page(figures),
        explained_page(figures),
        counter_page(figures),
        _speed(figures),
        refusals_page(figures),
        holds_page(figures),
        *trial_balance_pages(figures),
        *(_statement(entry) for entry in figures.statements),
        _proof(figures),
    ]


def _head(figures: DemoFigures) -> RenderableType:
    contracts = sum(product.contracts for product in figures.products)
    told = (
        f"{contracts:,} contracts on {len(figures.products)} products, {figures.nights.nights} nights, "
        f"{figures.journal_rows:,} journal rows, in {figures.seconds:.1f} s from nothing"
    )
    title = Text.assemble(("Yinhe 银核", "bold"), "  a sample bank")
    return Group(Rule(title, style="cyan"), Text(told, justify="center"), "")


def _days(figures: DemoFigures) -> RenderableType:
    names = ("Transfers", "Posted", "Refused", "Duplicates", "Expired", "Seconds")
    made = table("Date", *names, right=frozenset(names))
    ordinary = figures.ordinary
    counts = (ordinary.transfers, ordinary.posted, ordinary.refused, ordinary.duplicates, 0)
    made.add_row(f"{ordinary.days} days before", *(f"{count:,}" for count in counts), f"{ordinary.seconds:.2f}")
    for day in figures.days:
        counts = (day.transfers, day.posted, day.refused, day.duplicates, day.expired)
        made.add_row(str(day.business_date), *(f"{count:,}" for count in counts), f"{day.seconds:.2f}")
    made.add_section()
    totals = [
        getattr(ordinary, name, 0) + sum(getattr(day, name) for day in figures.days)
        for name in ("transfers", "posted", "refused", "duplicates", "expired")
    ]
    seconds = ordinary.seconds + sum(day.seconds for day in figures.days)
    made.add_row("Total", *(f"{count:,}" for count in totals), f"{seconds:.2f}", style="bold")
    return section("Days, each closed by its night", "营业日", made)


def _speed(figures: DemoFigures) -> RenderableType:
    speed = figures.speed
    names = frozenset({"Handed in", "Seconds", "Per second"})
    made = table("Durable before it is answered", "Handed in", "Seconds", "Per second", right=names)
    bulk = (f"{speed.bulk_transfers:,}", f"{speed.bulk_seconds:.2f}")
    made.add_row("Bulk: transfers by columns", *bulk, Text(f"{speed.bulk_transfers_per_s:,.0f}", style="bold green"))
    online = (f"{speed.online_requests:,}", f"{speed.online_seconds:.2f}")
    rate = Text(f"{speed.online_requests_per_s:,.0f}", style="bold green")
    made.add_row(f"Online: requests, {speed.in_flight} in flight", *online, rate)
    latency = f"  An online request is answered in {speed.p50_ms:.1f} ms (p50), {speed.p99_ms:.1f} ms (p99)."
    return section("Speed", "速度", Group(made, latency, ""))


def refusals_page(figures: DemoFigures) -> RenderableType:
    """Why transfers were refused, and what else did not go straight."""
    made = wrapping(table("Count", "Reason", "原因", right=frozenset({"Count"})), "Reason", "原因")
    for refusal in figures.refusals:
        made.add_row(f"{refusal.count:,}", refusal.english, Text(refusal.chinese, style="dim"))
    made.add_section()
    made.add_row(f"{sum(refusal.count for refusal in figures.refusals):,}", "refused in all", "", style="bold")
    again = (
        f"  {figures.duplicates:,} transfers came again under the same id and got their first answer.",
        f"  {figures.reversed:,} transactions were taken back.",
        f"  {figures.accounts_blocked:,} accounts were blocked; {figures.accounts_closed:,} were closed, "
        f"{figures.closings_refused:,} could not be.",
        "",
    )
    return section("Refused", "拒绝", Group(made, *again))


def holds_page(figures: DemoFigures) -> RenderableType:
    """What holds went through."""
    holds = figures.holds
    names = ("Placed", "Posted", "Posted in part", "Voided", "Expired", "Open")
    made = table(*names, right=frozenset(names))
    counts = (holds.placed, holds.posted_whole, holds.posted_part, holds.voided, holds.expired, holds.open)
    made.add_row(*(f"{count:,}" for count in counts))
    return section("Holds", "冻结", made)


def trial_balance_pages(figures: DemoFigures) -> list[RenderableType]:
    """A trial balance for each currency, yuan first."""
    numbers = sorted({line.currency for line in figures.trial_balance}, key=lambda number: number != CNY)
    return [_trial_balance_of(figures, number) for number in numbers]


def _trial_balance_of(figures: DemoFigures, number: int) -> RenderableType:
    names = ("Accounts", "Debit", "Credit")
    made = wrapping(table("Code", "Name", *names, right=frozenset(names)), "Name")
    lines = [line for line in figures.trial_balance if line.currency == number]
    for line in lines:
        sides = amount_or_blank(line.debit_minor, number), amount_or_blank(line.credit_minor, number)
        made.add_row(str(line.gl_code), both(line.english, line.chinese), f"{line.accounts:,}", *sides)
    made.add_section()
    debit, credit = sum(line.debit_minor for line in lines), sum(line.credit_minor for line in lines)
    accounts = f"{sum(line.accounts for line in lines):,}"
    made.add_row("", "Total", accounts, amount(debit, number), amount(credit, number), style="bold")
    made.add_row("", "Debits less credits", "", "", amount(debit - credit, number), style="bold green")
    found = currency_by_number(number)
    return section(f"Trial balance, {found.code}", f"试算平衡表（{found.name_zh}）", made)


def _statement(statement: StatementFigures) -> RenderableType:
    numbers = ("Seq", "Amount", "Held", "Balance")
    made = wrapping(table("Date", "Seq", "What", *numbers[1:], right=frozenset(numbers)), "What")
    for line in statement.lines:
        made.add_row(
            str(line.business_date),
            f"{line.seq:,}",
            both(line.english, line.chinese),
            amount_or_blank(line.amount_minor, CNY),
            amount_or_blank(line.held_minor, CNY),
            amount(line.balance_minor, CNY),
        )
    return section(f"{statement.kind}: {statement.number}, the latest lines", "对账单", made)


def _proof(figures: DemoFigures) -> RenderableType:
    off = figures.out_of_balance_minor
    sums = ",  ".join(f"{code} {amount(minor, currency(code).number)}" for code, minor in sorted(off.items()))
    holding = sum(not entry.contradictions for entry in figures.checked)
    compared = sum(entry.count for entry in figures.checked)
    pairs: dict[str, RenderableType] = {
        "All balances added up": Text(sums, style="bold green"),
        "Rows in the journal": f"{figures.journal_rows:,}: as many as were answered as posted",
        "Invariants": Text.assemble(
            (f"{holding} of {len(figures.checked)} hold", "bold green"),
            f": the whole journal booked again, {compared:,} comparisons",
        ),
    }
    return section("The money in the bank", "账实相符", named(pairs))
