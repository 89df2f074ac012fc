"""yinhe product simulate: one contract of a product file, day by day."""

from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import typer
from rich.console import RenderableType

from yinhe.cli.options import AsJson, Debug, parse_date
from yinhe.cli.output import CommandFailed, Output, amount, facts, table, titled
from yinhe.cli.product import ProductFile, app, fail, text_of
from yinhe.closeday.movements import Movement, MovementFinding, read_movements
from yinhe.closeday.scenario import Scenario, SimulatedDay, Simulation
from yinhe.closeday.simulate import DAYS_MAX
from yinhe.closeday.simulate import simulate as run_scenario
from yinhe.deposits.refusals import Refusal
from yinhe.kernel.currency import Currency, currency
from yinhe.kernel.dates import date_from_days, days_from_date
from yinhe.kernel.errors import KernelError
from yinhe.kernel.money import parse_money
from yinhe.products.assembly import read_product
from yinhe.products.families import Family, family_of
from yinhe.products.findings import Refused
from yinhe.products.period import Period, parse_period
from yinhe.products.product import Product
from yinhe.products.product_library import library_rates
from yinhe.products.rates import RateBook, RateEntry
from yinhe.products.rates_file import read_rates
from yinhe.products.registry import part_classes

CHART_ROWS: Final = 24
"""Rows of the chart, evenly over the days."""
CHART_WIDTH: Final = 32
"""Characters of its longest bar."""


@app.command("simulate")
def simulate(
    file: ProductFile,
    deposit: Annotated[str, typer.Option("--deposit", metavar="AMOUNT", help="What is paid in at opening.")] = "",
    start: Annotated[str, typer.Option("--from", metavar="DATE", help="The day of opening.")] = "",
    until: Annotated[str, typer.Option("--until", metavar="DATE", help="The last day; it is closed too.")] = "",
    movements: Annotated[
        Path | None, typer.Option("--movements", metavar="FILE", help="What happens then (CSV): date,amount.")
    ] = None,
    rates: Annotated[
        Path | None, typer.Option("--rates", metavar="FILE", help="Posted rates (TOML); else those of the library.")
    ] = None,
    term: Annotated[str, typer.Option("--term", metavar="PERIOD", help="The term agreed, as '3 months'.")] = "",
    renew: Annotated[bool, typer.Option("--renew", help="Automatic renewal is agreed.")] = False,
    close: Annotated[
        str, typer.Option("--close", metavar="DATE", help="The day on which all is drawn and it is closed.")
    ] = "",
    linked: Annotated[
        bool | None,
        typer.Option("--linked/--no-linked", help="A linked account, never short; else as needed."),
    ] = None,
    company: Annotated[bool, typer.Option("--company", help="The holder is a company.")] = False,
    tier: Annotated[int, typer.Option("--tier", min=0, max=99, help="The customer's tier.")] = 0,
    chinese: Annotated[bool, typer.Option("--chinese", help="What happens in Chinese.")] = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Let one contract of a product file live through some days: what happens to it, and a chart. No bank is needed.

    The nights are those of a bank, on one contract. Whatever the files say wrongly is listed with its line, and exits
    with 1.

    For example:

    $ yinhe product simulate demand.toml --deposit 10,000.00 --from 2026-01-05 --until 2026-06-30

    $ yinhe product simulate lump_sum.toml --deposit 500.00 --term "3 months" --from 2026-01-05 --until 2026-12-31
    """
    output = Output(as_json)
    product = _product(output, file)
    money = currency(product.currency)
    first, last = _days(start, until)
    period = _period(term)
    scenario = Scenario(
        product=product,
        rates=_rates(output, rates),
        start=first,
        last=last,
        deposit_minor=_amount(deposit, money),
        movements=() if movements is None else _movements(output, movements, money, first, last),
        months=0 if period is None else period.months,
        days=0 if period is None else period.days,
        closing=_closing(close, first, last),
        auto_renew=renew,
        linked=linked,
        is_company=company,
        tier=tier,
    )
    found = run_scenario(scenario)
    if isinstance(found, Refusal):
        raise CommandFailed(f"The product would not be sold like that: {found.english}.", {"refusal": found.name})
    output.show(_told(found), *_pages(found, money, chinese))


def _product(output: Output, path: Path) -> Product:
    found = read_product(text_of(path), str(path), part_classes())
    if isinstance(found, Refused):
        raise fail(output, found, str(path))
    if family_of(found) is Family.LOAN:
        raise CommandFailed(f"{path} is a loan; deposits are simulated here.")
    return found


def _days(start: str, until: str) -> tuple[int, int]:
    if not start or not until:
        raise typer.BadParameter("say from which day to which: --from 2026-01-05 --until 2026-06-30")
    first, last = days_from_date(parse_date(start)), days_from_date(parse_date(until))
    if not 1 <= last - first + 1 <= DAYS_MAX:
        raise typer.BadParameter(f"{start} to {until} is not 1 to {DAYS_MAX:,} days")
    return first, last


def _closing(text: str, first: int, last: int) -> int:
    day = days_from_date(parse_date(text)) if text else 0
    if day and not first <= day <= last:
        raise typer.BadParameter(f"{text}, the day of closing, is not one of those days")
    return day


def _period(text: str) -> Period | None:
    try:
        return parse_period(text) if text else None
    except KernelError as error:
        raise typer.BadParameter(str(error)) from None


def _amount(text: str, money: Currency) -> int:
    try:
        found = parse_money(text, money).amount_minor if text else 0
    except KernelError as error:
        raise typer.BadParameter(str(error)) from None
    if found < 0:
        raise typer.BadParameter(f"a deposit of {text} is less than nothing")
    return found


def _rates(output: Output, path: Path | None) -> RateBook:
    if path is None:
        return RateBook(RateEntry(one.table, one.effective, one.effective, one.rate) for one in library_rates())
    found = read_rates(text_of(path), str(path))
    if isinstance(found, Refused):
        raise fail(output, found, str(path))
    return found


def _movements(output: Output, path: Path, money: Currency, first: int, last: int) -> tuple[Movement, ...]:
    found = read_movements(text_of(path), str(path), money, first, last)
    wrong = [one for one in found if isinstance(one, MovementFinding)]
    if wrong:
        output.aside("\n".join(map(str, wrong)))
        details: dict[str, Any] = {"findings": msgspec.to_builtins(wrong)}
        raise CommandFailed(f"{path}: refused, {len(wrong)} finding{'s' * (len(wrong) != 1)}.", details)
    return tuple(one for one in found if isinstance(one, Movement))


def _told(found: Simulation) -> dict[str, Any]:
    return msgspec.to_builtins(found)


def _pages(found: Simulation, money: Currency, chinese: bool) -> list[RenderableType]:
    happened = table("Date", "What", "Amount", "Balance", right=frozenset({"Amount", "Balance"}))
    for one in found.happenings:
        what = one.chinese if chinese else one.english
        style = "dim" if one.refused else None
        moved, balance = amount(one.amount_minor, money.number), amount(one.balance_minor, money.number)
        happened.add_row(str(date_from_days(one.date)), what, moved, balance, style=style)
    totals = found.totals
    pairs = {
        "Paid in": totals.paid_in_minor,
        "Paid out": totals.paid_out_minor,
        "Interest": totals.interest_minor,
        "Tax withheld": totals.tax_minor,
        "Fees": totals.fees_minor,
        "Balance at the end": totals.balance_minor,
        "Accrued and not paid": totals.accrued_minor,
    }
    told = {name: f"{amount(value, money.number)} {money.code}" for name, value in pairs.items()}
    if found.maturity:
        told = {"First maturity": str(date_from_days(found.maturity)), **told}
    return [
        titled(f"{found.product}, {date_from_days(found.start)} to {date_from_days(found.last)}", happened),
        titled("Balance and interest accrued", _chart(found.days, money)),
        facts("Together", told),
    ]


def _chart(days: tuple[SimulatedDay, ...], money: Currency) -> RenderableType:
    """Bars of the balance and of what has accrued, each against its own largest."""
    step = max(1, -(-len(days) // CHART_ROWS))
    shown = [*days[: len(days) - 1 : step], *days[-1:]]
    most = max((day.balance_minor for day in days), default=0)
    most_accrued = max((day.whole for day in days), default=0)
    made = table("Date", "Balance", "", "Accrued", " ", right=frozenset({"Balance", "Accrued"}))
    for day in shown:
        made.add_row(
            str(date_from_days(day.date)),
            amount(day.balance_minor, money.number),
            _bar(day.balance_minor, most),
            amount(day.whole, money.number),
            _bar(day.whole, most_accrued),
        )
    return made


def _bar(value: int, most: int) -> str:
    """A bar of eighths of characters."""
    eighths = 8 * CHART_WIDTH * max(0, value) // most if most else 0
    full, rest = divmod(eighths, 8)
    return "█" * full + (" ▏▎▍▌▋▊▉"[rest] if rest else "")
