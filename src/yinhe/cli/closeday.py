"""yinhe closeday: close business dates, and read what the nights did."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

import msgspec
import typer
from rich.console import RenderableType

from yinhe.bootstrap import open_unit_of_deposits, read_nights
from yinhe.cli.options import AsJson, DatabaseUrl, Debug, Home, UnitNumber, configured, parse_date
from yinhe.cli.output import CommandFailed, Output, amount, facts, table, titled
from yinhe.closeday.legs import words_of
from yinhe.closeday.plan import STEPS
from yinhe.closeday.report import NightReport
from yinhe.kernel.currency import currency_by_number
from yinhe.kernel.dates import date_from_days, days_from_date

app = typer.Typer(
    help="Close business dates: interest, settlement, maturities, fees, sweeps, reconciliation.",
    no_args_is_help=True,
)

_NUMBERS: Final = frozenset({"Postings", "Refused", "ms", "Contracts", "Settled", "Loans", "Findings", "Amount"})
_NIGHTS_SHOWN_MAX: Final = 1_000


@app.command("run")
def run(
    through: Annotated[
        str, typer.Option(metavar="DATE", help="Close every open business date up to this one; else the next alone.")
    ] = "",
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Close the next business date, or several; go on with one that was interrupted.

    A night may be stopped anywhere, by Ctrl-C or by a power cut, and run again: nothing is posted twice. Exits with 1
    when the books do not reconcile; the date then stays open.

    [dim]Examples:[/dim]

    $ yinhe closeday run

    $ yinhe closeday run --through 2026-03-31
    """
    output = Output(as_json)
    wanted = days_from_date(parse_date(through)) if through else None
    with open_unit_of_deposits(configured(home, database_url, unit)) as opened, output.progress() as watch:
        date = opened.night.next_date() if wanted is None else wanted
        reports = opened.night.close_through(date, watch)
    output.show({"nights": [_told(report) for report in reports]}, *_pages(reports))


@app.command("status")
def status(
    limit: Annotated[int, typer.Option(min=1, max=_NIGHTS_SHOWN_MAX, help="How many nights, the newest first.")] = 10,
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Show the newest nights, and how far one that is not over has come. Reads only; an engine may be running.

    [dim]Examples:[/dim]

    $ yinhe closeday status

    $ yinhe closeday status --limit 90 --json
    """
    nights = read_nights(configured(home, database_url, unit), limit)
    shown = table(
        "Business date", "Contracts", "Settled", "Loans", "Postings", "Refused", "Findings", "ms", right=_NUMBERS
    )
    for night in nights:
        summary: Mapping[str, Any] = (night.report or {}).get("summary", {})
        names = "contracts", "settled", "loans", "postings", "refused", "findings"
        state = ["not over", *[""] * 5] if night.report is None else [f"{summary.get(name, 0):,}" for name in names]
        shown.add_row(str(date_from_days(night.business_date)), *state, f"{night.milliseconds or 0:,}")
    Output(as_json).show(
        {
            "nights": [
                msgspec.to_builtins(night) | {"date": str(date_from_days(night.business_date))} for night in nights
            ]
        },
        titled("Nights", shown),
    )


@app.command("show")
def show(
    date: Annotated[str, typer.Argument(metavar="DATE", help="The business date whose night to show.")],
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Show what one night did, step by step, and the management summary.

    [dim]Example:[/dim]

    $ yinhe closeday show 2026-03-20
    """
    day = days_from_date(parse_date(date))
    configuration = configured(home, database_url, unit)
    found = next((night for night in read_nights(configuration, _NIGHTS_SHOWN_MAX) if night.business_date == day), None)
    if found is None or found.report is None:
        raise CommandFailed(f"Business date {date} is not closed{' yet: its night has begun' if found else ''}.")
    report = msgspec.convert(found.report, NightReport)
    Output(as_json).show(_told(report), *_pages((report,)))


def _told(report: NightReport) -> dict[str, Any]:
    built: dict[str, Any] = msgspec.to_builtins(report)
    more = {"summary": dict(report.summary), "posted": msgspec.to_builtins(report.posted)}
    return built | {"date": str(date_from_days(report.business_date))} | more


def _pages(reports: tuple[NightReport, ...]) -> list[RenderableType]:
    """Each night's steps where there is one; a line a night, and the sums, where there are several."""
    if len(reports) == 1:
        return [_steps(reports[0]), _summary(reports), _posted(reports)]
    shown = table("Business date", "Contracts", "Settled", "Loans", "Postings", "Refused", "ms", right=_NUMBERS)
    for report in reports:
        summary = report.summary
        names = "contracts", "settled", "loans", "postings", "refused"
        shown.add_row(
            str(date_from_days(report.business_date)),
            *(f"{summary[name]:,}" for name in names),
            f"{report.milliseconds:,}",
        )
    return [titled("Nights, amounts in minor units", shown), _summary(reports), _posted(reports)]


def _steps(report: NightReport) -> RenderableType:
    names = {step.name: step.english for step in STEPS}
    shown = table("Step", "What", "Postings", "Refused", "Figures", "ms", right=_NUMBERS)
    for step in report.steps:
        figures = ", ".join(
            f"{name.replace('_', ' ')} {value:,}" for name, value in step.figures.items() if not name.endswith("_minor")
        )
        refused = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in step.refused.items())
        shown.add_row(
            step.step, names.get(step.step, ""), f"{step.postings:,}", refused, figures, f"{step.milliseconds:,}"
        )
    resumed = ", taken up again" if report.resumed else ""
    return titled(f"Business date {date_from_days(report.business_date)} is closed{resumed}", shown)


def _summary(reports: tuple[NightReport, ...]) -> RenderableType:
    last = dict(reports[-1].summary)
    sums = {name: sum(report.summary[name] for report in reports) for name in last}
    sums["contracts"] = last["contracts"]
    sums["loans"] = last["loans"]
    pairs = {name.replace("_", " ").capitalize(): f"{value:,}" for name, value in sums.items()}
    return facts("Management summary", pairs)


def _posted(reports: tuple[NightReport, ...]) -> RenderableType:
    """Amounts by what they are for, each currency apart."""
    sums: dict[tuple[int, int], tuple[int, int]] = {}
    for one in (one for report in reports for one in report.posted):
        count, total = sums.get((one.code, one.currency), (0, 0))
        sums[one.code, one.currency] = count + one.postings, total + one.amount_minor
    shown = table("What", "Postings", "Amount", "Currency", right=_NUMBERS)
    for (code, number), (count, total) in sorted(sums.items()):
        shown.add_row(words_of(code).english, f"{count:,}", amount(total, number), currency_by_number(number).code)
    return titled("Posted", shown)
