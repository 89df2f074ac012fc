"""yinhe product schedule: the instalments of a loan before there is a contract, what it costs, and a picture of it."""

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import RenderableType

from yinhe.cli.loan_pages import to_come_answer
from yinhe.cli.options import AsJson, Debug, parse_date
from yinhe.cli.output import CommandFailed, Output, amount, facts, table, titled
from yinhe.cli.product import app, fail, text_of
from yinhe.cli.schedule_chart import schedule_chart
from yinhe.kernel.currency import currency
from yinhe.kernel.dates import date_from_days, days_from_date
from yinhe.kernel.errors import KernelError
from yinhe.kernel.money import parse_money
from yinhe.kernel.rates import Rate, format_rate
from yinhe.lending.annual_rate import NoRate
from yinhe.lending.offer import Asked, Offer, offer
from yinhe.lending.refusals import LoanRefusal
from yinhe.products.assembly import read_product
from yinhe.products.findings import Refused
from yinhe.products.parts.refusals import PART_REASONS, PartRefusal
from yinhe.products.product import Product
from yinhe.products.product_library import library_products, library_rates
from yinhe.products.rates import RateBook, RateEntry, RateMissing
from yinhe.products.rates_file import read_rates
from yinhe.products.registry import part_classes


@app.command("schedule")
def schedule(
    product: Annotated[
        str, typer.Argument(metavar="FILE|CODE", help="A product file (TOML), or a loan of the library, as mortgage.")
    ],
    amount_: Annotated[str, typer.Option("--amount", metavar="AMOUNT", help="What is drawn, at once.")],
    months: Annotated[int, typer.Option("--months", min=1, max=600, help="The term.")],
    start: Annotated[str, typer.Option("--from", metavar="DATE", help="The day of drawing.")],
    rates: Annotated[
        Path | None, typer.Option("--rates", metavar="FILE", help="Posted rates (TOML); else those of the library.")
    ] = None,
    company: Annotated[bool, typer.Option("--company", help="The borrower is a company.")] = False,
    tier: Annotated[int, typer.Option("--tier", min=0, max=99, help="The borrower's tier.")] = 0,
    svg: Annotated[
        Path | None, typer.Option("--svg", metavar="FILE", help="Also draw it, as a picture in this file.")
    ] = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Show the instalments of a loan before there is a contract, and what it costs a year. No bank is needed.

    They are what the nights would book when everything is paid as it falls due, at the rates that are known today. The
    annual percentage rate is told by the equation of the European directives, by Regulation Z of the United States,
    and as the internal rate of return by days.

    For example:

    $ yinhe product schedule consumer_loan --amount 12,000.00 --months 12 --from 2026-01-05

    $ yinhe product schedule mortgage --amount 1,000,000.00 --months 240 --from 2026-01-05 --svg mortgage.svg
    """
    output = Output(as_json)
    its = _product(output, product)
    money = currency(its.currency)
    try:
        drawn = parse_money(amount_, money).amount_minor
    except KernelError as error:
        raise typer.BadParameter(str(error)) from None
    asked = Asked(
        amount_minor=drawn, months=months, start=days_from_date(parse_date(start)), is_company=company, tier=tier
    )
    try:
        found = offer(its, asked, _rates(output, rates))
    except RateMissing:
        raise CommandFailed(f"No rate is posted for {its.name} on {start}.") from None
    if not isinstance(found, Offer):
        raise _refused(found, its)
    if svg is not None:
        title = f"{its.english} {its.chinese}: {amount(drawn, money.number)} {money.code}, {months} months"
        svg.write_text(schedule_chart(title, drawn, found.instalments, money.number), encoding="utf-8")
    output.show(_answer(found, svg), *_pages(found, its, money.number, svg))


def _refused(why: LoanRefusal | PartRefusal, product: Product) -> CommandFailed:
    if why is LoanRefusal.NOT_A_LOAN:
        return CommandFailed(f"{product.name} is no loan that is repaid in instalments.", {"refusal": why.name})
    english = why.english if isinstance(why, LoanRefusal) else PART_REASONS[why][0]
    return CommandFailed(f"The loan would not be offered like that: {english}.", {"refusal": why.name})


def _product(output: Output, named: str) -> Product:
    path = Path(named)
    if path.suffix != ".toml":
        known = {one.code: one for one in library_products()}
        if named not in known:
            raise CommandFailed(f"There is no {named} in the library; a file's name ends in .toml.")
        return known[named]
    found = read_product(text_of(path), named, part_classes())
    if isinstance(found, Refused):
        raise fail(output, found, named)
    return found


def _rates(output: Output, path: Path | None) -> RateBook:
    if path is None:
        return RateBook(RateEntry(one.table, one.effective, one.effective, one.rate) for one in library_rates())
    found = read_rates(text_of(path), str(path))
    if isinstance(found, Refused):
        raise fail(output, found, str(path))
    return found


def _answer(found: Offer, svg: Path | None) -> dict[str, Any]:
    yearly = {"apr_eu": found.european, "apr_us": found.united_states, "irr": found.internal}
    return {
        "product": found.product,
        "amount_minor": found.asked.amount_minor,
        "months": found.asked.months,
        "rate": found.rate,
        "interest_minor": found.interest_minor,
        **{name: None if isinstance(one, NoRate) else str(one) for name, one in yearly.items()},
        "instalments": [to_come_answer(one) for one in found.instalments],
        "svg": None if svg is None else str(svg),
    }


def _percent(rate: Decimal | NoRate) -> str:
    return f"none: {rate.english}" if isinstance(rate, NoRate) else f"{rate}%"


def _pages(found: Offer, product: Product, its: int, svg: Path | None) -> list[RenderableType]:
    figures = ("Principal", "Interest", "Total", "Owed")
    shown = table("No", "Due", "Rate", *figures, right=frozenset({"No", "Rate", *figures}))
    for one in found.instalments:
        amounts = (amount(value, its) for value in (one.principal, one.interest, one.total, one.owed))
        shown.add_row(str(one.number), str(date_from_days(one.due)), format_rate(Rate(one.rate)), *amounts)
    told = {
        "Drawn": f"{amount(found.asked.amount_minor, its)} {product.currency}, {date_from_days(found.asked.start)}",
        "Interest in all": f"{amount(found.interest_minor, its)} {product.currency}",
        "Yearly rate": format_rate(Rate(found.rate)),
        "Annual percentage rate, EU": _percent(found.european),
        "Annual percentage rate, US": _percent(found.united_states),
        "Internal rate of return by days": _percent(found.internal),
    }
    if svg is not None:
        told["Picture"] = str(svg)
    return [titled(f"{found.product}, {found.asked.months} months", shown), facts("What it costs", told)]
