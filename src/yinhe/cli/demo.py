"""yinhe demo: a sample bank to look at."""

import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer
from rich.console import Console, RenderableType
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Column
from rich.text import Text

from yinhe.bootstrap import Configuration, read_configuration
from yinhe.cli.demo_pages import report_pages
from yinhe.cli.demo_tables import section
from yinhe.cli.options import AsJson, Debug, UnitNumber
from yinhe.cli.output import CommandFailed, Output
from yinhe.demo.bank import ACCOUNTS_MAX, ACCOUNTS_MIN, DAYS_MAX
from yinhe.demo.figures import DemoFigures
from yinhe.demo.run import Plan, Stage, Watch, run_demo
from yinhe.kernel.clock import SystemClock

_QUARTERS_MAX: Final = 8

# Unlike elsewhere, the environment names no place here: the sample bank never meets the one you have.
DemoHome = Annotated[
    Path | None,
    typer.Option(
        "--home",
        metavar="FOLDER",
        help="Open the bank here, in a unit that is not there yet; else in a temporary home.",
    ),
]
DemoDatabaseUrl = Annotated[
    str | None,
    typer.Option("--database-url", metavar="ADDRESS", help="Open the bank in a PostgreSQL of your own, in a new unit."),
]


def demo(
    accounts: Annotated[int, typer.Option(min=ACCOUNTS_MIN, max=ACCOUNTS_MAX, help="Accounts to open.")] = 100_000,
    quarters: Annotated[
        int, typer.Option(min=1, max=_QUARTERS_MAX, help="Quarters to live through, the last day yesterday.")
    ] = 2,
    days: Annotated[
        int, typer.Option(min=1, max=DAYS_MAX, help="Business days with full traffic, the last one yesterday.")
    ] = 5,
    seed: Annotated[
        int, typer.Option(min=0, max=2**32 - 1, help="What is drawn; the same seed gives the same money.")
    ] = 7,
    keep: Annotated[
        bool, typer.Option("--keep/--no-keep", help="Keep the temporary home, to look at the bank afterwards.")
    ] = True,
    unit: UnitNumber = 1,
    home: DemoHome = None,
    database_url: DemoDatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Open a sample bank in a temporary home, live through two quarters, show the figures and check the books.

    Customers have contracts on the products of the library, and every date is closed by its night. It never touches the
    bank you have: only --home or --database-url makes it use another place, and there a new unit.

    For example:

    $ yinhe demo

    $ yinhe demo --accounts 1000000 --days 2 --seed 42

    $ yinhe demo --home ./bank --json > figures.json
    """
    if not keep and (home or database_url):
        raise typer.BadParameter("--no-keep removes a temporary home only; the place you name always stays.")
    output = Output(as_json)
    plan = Plan(accounts, days, seed, quarters)
    with _place(home, database_url, unit, keep) as configuration:
        with _progress(as_json, days) as watch:
            figures = run_demo(configuration, plan, SystemClock(), watch)
        is_temporary = home is None and database_url is None
        kept = keep or not is_temporary
        answer = {"home": str(configuration.home), "kept": kept, **msgspec.to_builtins(figures)}
        if not figures.sound:
            raise CommandFailed("The books contradict themselves; 'checked' in --json lists every finding.", answer)
        output.show(answer, *report_pages(figures), _next(figures, configuration, kept, is_temporary))


@contextmanager
def _place(home: Path | None, database_url: str | None, unit: int, keep: bool) -> Generator[Configuration]:
    """Where the bank is opened: the place named, never that of the environment; else a temporary home."""
    if home is not None or database_url is not None:
        yield read_configuration({}, home=home, database_url=database_url, unit=unit)
        return
    made = Path(tempfile.mkdtemp(prefix="yinhe-demo-"))
    # The account that runs PostgreSQL for root must be able to pass.
    made.chmod(0o711)
    try:
        yield read_configuration({}, home=made, unit=unit)
    finally:
        if not keep:
            shutil.rmtree(made)


@contextmanager
def _progress(as_json: bool, days: int) -> Generator[Watch]:
    """One line for the opening, each quarter, each day of full traffic, the check; silent where nobody looks."""
    console = Console(stderr=True, highlight=False)
    columns = (
        SpinnerColumn(finished_text="[green]✓[/green]"),
        TextColumn("{task.description}"),
        BarColumn(16, table_column=Column(min_width=16)),
        TextColumn(
            "{task.fields[stage]}", style="dim", table_column=Column(no_wrap=True, overflow="ellipsis", ratio=1)
        ),
        TextColumn("{task.fields[transfers]}", justify="right", table_column=Column(no_wrap=True)),
        TimeElapsedColumn(table_column=Column(no_wrap=True, min_width=7)),
    )
    with Progress(*columns, console=console, transient=True, disable=as_json or not console.is_terminal) as bars:
        tasks: dict[str, TaskID] = {}
        starts: dict[str, int] = {}

        def watch(stage: Stage) -> None:
            if stage.part not in tasks:
                for earlier in tasks.values():
                    bars.update(earlier, completed=bars.tasks[earlier].total, stage="")
                place = f"{stage.part} of {days}" if stage.part.startswith("Day") else stage.part
                tasks[stage.part] = bars.add_task(place, total=stage.of, stage="", transfers="")
                starts[stage.part] = stage.transfers
            count = stage.transfers - starts[stage.part]
            transfers = f"{count:,} transfers" if count else ""
            bars.update(tasks[stage.part], completed=stage.done, stage=stage.words, transfers=transfers)

        yield watch


def next_commands(figures: DemoFigures, configuration: Configuration) -> dict[str, str]:
    """Commands to look around with in the bank left behind, each with what it shows."""
    place = f" --home {configuration.home}" if configuration.database_url is None else " --database-url ADDRESS"
    if configuration.unit != 1:
        place += f" --unit {configuration.unit}"
    merchant, household = (entry.account for entry in figures.statements)
    settled = figures.nights.settlements[-1].business_date
    return {
        "the bank at a glance": f"yinhe status{place}",
        "its books, from the database alone": f"yinhe trial-balance{place}",
        "the busiest merchant, line by line": f"yinhe statement {merchant}{place}",
        "a household": f"yinhe statement {household}{place}",
        "what it sells": f"yinhe product list{place}",
        "a contract, and what happened to it": f"yinhe contract show {figures.explained.contract}{place}",
        "why its interest is what it is, to the cent": f"yinhe explain {figures.explained.txn_id}{place}",
        "the night of a quarter's end, step by step": f"yinhe closeday show {settled}{place}",
        "one more night": f"yinhe closeday run{place}",
        "every invariant, checked again": f"yinhe check{place}",
        "the journal, for another program to recompute": f"yinhe export beancount bank.beancount{place}",
    }


def _next(figures: DemoFigures, configuration: Configuration, kept: bool, is_temporary: bool) -> RenderableType:
    commands = next_commands(figures, configuration)
    if is_temporary:
        commands["when you have seen enough"] = f"rm -r {configuration.home}"
    if not kept:
        commands = {"the bank is gone again; to look around in it": f"yinhe demo --seed {figures.seed} --keep"}
    # Commands are never broken: what is copied from the screen must run.
    shown = Text(no_wrap=True, overflow="ignore")
    for told, command in commands.items():
        shown.append(f"\n  # {told}\n", "dim").append(f"  {command}", "cyan")
    return section("What to try next", "下一步", shown)
