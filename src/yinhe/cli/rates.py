"""yinhe rates: the bank's dated tables of rates: posted rates and LPR."""

from datetime import date
from typing import Annotated, Any

import typer

from yinhe.cli.options import AsJson, DatabaseUrl, Debug, Home, UnitNumber, parse_date
from yinhe.cli.output import Output, table, titled
from yinhe.cli.product import refuse, unit_session
from yinhe.kernel.dates import date_from_days, days_from_date
from yinhe.kernel.errors import KernelError
from yinhe.kernel.rates import Rate, format_rate, parse_rate
from yinhe.products.catalogue import load_rates
from yinhe.products.catalogue_store import set_rate
from yinhe.products.rates import RateBook, RateEntry

app = typer.Typer(
    help="The bank's dated tables of rates: posted rates and LPR.", no_args_is_help=True, rich_markup_mode="markdown"
)


@app.command("list")
def list_(
    code: Annotated[str | None, typer.Argument(metavar="[TABLE]", help="One table; without it, all of them.")] = None,
    history: Annotated[bool, typer.Option("--history", help="Every entry ever written, with when it was.")] = False,
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """List the rate of each table on the business date, or every entry there is.

    For example:

    $ yinhe rates list

    $ yinhe rates list LPR_1Y --history
    """
    with unit_session(unit, home, database_url) as (session, day):
        book = load_rates(session)
    entries = [one for one in book.entries if code in (None, one.table)]
    shown = entries if history else _standing(book, entries, day)
    made = table("Table", "From", "Rate", "Written", right=frozenset({"Rate"}))
    rows: list[dict[str, Any]] = []
    for one in shown:
        effective, recorded = date_from_days(one.effective), date_from_days(one.recorded)
        rate = format_rate(Rate(one.rate))
        made.add_row(one.table, str(effective), rate, str(recorded))
        rows.append({"table": one.table, "effective": effective, "rate": rate, "recorded": recorded})
    title = f"Rates of unit {unit}{'' if history else f' on {date_from_days(day)}'}"
    Output(as_json).show({"business_date": date_from_days(day), "rates": rows}, titled(title, made))


def _standing(book: RateBook, entries: list[RateEntry], day: int) -> list[RateEntry]:
    """Of each table the entry that holds on a day: entries ascend, so the last one before the day stands."""
    found = {one.table: one for one in entries if one.effective <= day}
    assert all(book.on(name, day) == one.rate for name, one in found.items())
    return list(found.values())


@app.command("set")
def set_(
    code: Annotated[str, typer.Argument(metavar="TABLE", help="The table, as demand or LPR_1Y.")],
    rate: Annotated[str, typer.Option("--rate", metavar="RATE", help='With its unit, as "0.05%" or "5bp".')],
    effective: Annotated[
        date, typer.Option("--effective", parser=parse_date, metavar="YYYY-MM-DD", help="The first day it holds.")
    ],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who sets it.")],
    correction: Annotated[
        bool, typer.Option("--correction", help="It corrects a rate of the past; interest of those days changes.")
    ] = False,
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Set the rate of a table from a day on. What was written stays; the later entry for a day stands.

    A day before the business date is refused unless it is said to be a correction.

    For example:

    $ yinhe rates set demand --rate 0.05% --effective 2026-02-01 --by treasury

    $ yinhe rates set demand --rate 0.10% --effective 2025-12-01 --by treasury --correction
    """
    output = Output(as_json)
    if not rate.endswith(("%", "‰", "bp")):
        raise typer.BadParameter(f'{rate!r} has no unit; did you mean "{rate}%"?', param_hint="--rate")
    try:
        units = parse_rate(rate).units
    except KernelError as error:
        raise typer.BadParameter(str(error), param_hint="--rate") from None
    with unit_session(unit, home, database_url) as (session, day):
        against = set_rate(session, code, days_from_date(effective), units, day, by, correction=correction)
    if against is not None:
        output.aside(str(against))
        raise refuse(against, f"The rate of {code}")
    text = format_rate(Rate(units))
    answer = {"table": code, "effective": effective, "rate": text, "by": by, "correction": correction}
    output.show(answer, f"{code} is {text} from {effective} on.")
