"""yinhe product replay: a draft over the bank's own history."""

from typing import Annotated

import msgspec
import typer
from rich.console import RenderableType

from yinhe.bootstrap import open_past
from yinhe.cli.options import AsJson, DatabaseUrl, Debug, Home, UnitNumber, configured, parse_date
from yinhe.cli.output import Output, amount, facts, table, titled
from yinhe.cli.product import ProductFile, app, fail, text_of
from yinhe.closeday.replay import Replay
from yinhe.closeday.replay import replay as run_replay
from yinhe.closeday.replay_loans import replay_loans
from yinhe.kernel.dates import date_from_days, days_from_date
from yinhe.products.assembly import read_product
from yinhe.products.families import Family, family_of
from yinhe.products.findings import Refused
from yinhe.products.registry import part_classes

_TOP_MAX = 10_000


@app.command("replay")
def replay(
    draft: ProductFile,
    against: Annotated[str, typer.Option("--against", metavar="CODE", help="The live product, as demand.")],
    start: Annotated[str, typer.Option("--from", metavar="DATE", help="The first day on the draft.")],
    last: Annotated[str, typer.Option("--to", metavar="DATE", help="The last day.")],
    top: Annotated[int, typer.Option("--top", min=0, max=_TOP_MAX, help="How many contracts are named.")] = 20,
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Run a draft over the bank's own history of a product: what it would have paid in interest, and what was paid.

    Of loans: what they would have owed in interest, the money paid being the same.

    By contract or loan, general-ledger line and day. Reads only, posts nothing; an engine may be running.

    For example:

    $ yinhe product replay draft.toml --against demand --from 2026-01-01 --to 2026-03-31
    """
    output = Output(as_json)
    first, end = days_from_date(parse_date(start)), days_from_date(parse_date(last))
    if first > end:
        raise typer.BadParameter(f"{start} is after {last}")
    product = read_product(text_of(draft), str(draft), part_classes())
    if isinstance(product, Refused):
        raise fail(output, product, str(draft))
    with open_past(configured(home, database_url, unit)) as past:
        run = replay_loans if family_of(product) is Family.LOAN else run_replay
        found = run(past, product, against, first, end, top=top)
    output.show(msgspec.to_builtins(found), *_pages(found))


def _pages(found: Replay) -> list[RenderableType]:
    money = found.currency
    pairs = {
        "Contracts": f"{found.contracts:,}, of which {found.changed:,} would have been paid otherwise",
        "Paid": amount(found.posted_minor, money),
        "On the draft": amount(found.draft_minor, money),
        "Difference": amount(found.draft_minor - found.posted_minor, money),
    }
    if found.unlike:
        pairs["With care"] = f"{found.unlike:,} contracts were not paid by their product alone (money drawn early, say)"
    days = f"{date_from_days(found.start)} to {date_from_days(found.last)}"
    pages = [facts(f"{found.draft} against {found.against}, {days}", pairs)]
    numbers = frozenset({"Live", "Draft", "Difference", "Contract", "Account", "Code"})
    lines = table("Code", "What", "Live", "Draft", "Difference", right=numbers)
    for line in found.ledger:
        lines.add_row(f"{line.gl_code}", line.what, *_three(line.live_minor, line.draft_minor, money))
    pages.append(titled("General ledger", lines))
    made = table("Last day", "Live", "Draft", "Difference", right=numbers)
    for day in found.days:
        made.add_row(str(date_from_days(day.date)), *_three(day.posted_minor, day.draft_minor, money))
    pages.append(titled("By day", made))
    if found.top:
        top = table("Contract", "Account", "Live", "Draft", "Difference", right=numbers)
        for one in found.top:
            amounts = _three(one.posted_minor, one.draft_minor, money)
            top.add_row(f"{one.contract:,}", f"{one.account:,}", *amounts)
        pages.append(titled("The largest differences", top))
    return pages


def _three(was: int, would: int, money: int) -> tuple[str, str, str]:
    return amount(was, money), amount(would, money), amount(would - was, money)
