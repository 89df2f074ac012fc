"""yinhe demo: a sample bank to look at."""

import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer
from rich.console import Console, Group, RenderableType
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.rule import Rule
from rich.table import Column, Table
from rich.text import Text

from yinhe.bootstrap import Configuration, read_configuration
from yinhe.cli.options import AsJson, Debug, UnitNumber
from yinhe.cli.output import CommandFailed, Output, amount, amount_or_blank, table
from yinhe.demo.bank import ACCOUNTS_MAX, ACCOUNTS_MIN, CNY, DAYS_MAX
from yinhe.demo.figures import DemoFigures, StatementFigures
from yinhe.demo.run import STAGES_A_DAY, Plan, Watch, run_demo
from yinhe.kernel.clock import SystemClock
from yinhe.kernel.currency import currency, currency_by_number

_TITLE: Final = "bold cyan"

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
    days: Annotated[int, typer.Option(min=1, max=DAYS_MAX, help="Business days, the last one yesterday.")] = 5,
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
    """Open a sample bank in a temporary home, live through some business days, show the figures and check the books.

    It never touches the bank you have: only --home or --database-url makes it use another place, and there a new unit.

    For example:

    $ yinhe demo

    $ yinhe demo --accounts 1000000 --days 2 --seed 42

    $ yinhe demo --home ./bank --json > figures.json
    """
    if not keep and (home or database_url):
        raise typer.BadParameter("--no-keep removes a temporary home only; the place you name always stays.")
    output = Output(as_json)
    plan = Plan(accounts, days, seed)
    with _place(home, database_url, unit, keep) as configuration:
        with _progress(as_json, days) as watch:
            figures = run_demo(configuration, plan, SystemClock(), watch)
        is_temporary = home is None and database_url is None
        kept = keep or not is_temporary
        answer = {"home": str(configuration.home), "kept": kept, **msgspec.to_builtins(figures)}
        if not figures.sound:
            raise CommandFailed("The books contradict themselves; 'checked' in --json lists every finding.", answer)
        output.show(answer, *_report(figures), _next(figures, configuration, kept, is_temporary))


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
    """One line for the opening, each day, and the check, on stderr; silent where nobody looks."""
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

        def watch(part: str, stage: str, done: int, transfers: int) -> None:
            if part not in tasks:
                for earlier in tasks.values():
                    bars.update(earlier, completed=STAGES_A_DAY, stage="")
                place = f"{part} of {days}" if part.startswith("Day") else part
                tasks[part] = bars.add_task(place, total=STAGES_A_DAY, stage=stage, transfers="")
                starts[part] = transfers
            count = transfers - starts[part]
            bars.update(tasks[part], completed=done, stage=stage, transfers=f"{count:,} transfers" if count else "")

        yield watch


def _report(figures: DemoFigures) -> list[RenderableType]:
    return [
        _head(figures),
        _days(figures),
        _speed(figures),
        _refusals(figures),
        _holds(figures),
        *_trial_balance(figures),
        *(_statement(entry) for entry in figures.statements),
        _proof(figures),
    ]


def _section(english: str, chinese: str, part: RenderableType) -> RenderableType:
    return Group(Text.assemble((english, _TITLE), "  ", (chinese, "dim")), part)


def _both(english: str, chinese: str) -> Text:
    return Text.assemble(english, "  ", (chinese, "dim"))


def _wrapping(made: Table, *names: str) -> Table:
    """Let the named columns give way on a narrow screen."""
    for column in made.columns:
        if column.header in names:
            column.no_wrap, column.overflow = False, "fold"
    return made


def _lines(pairs: dict[str, RenderableType]) -> Table:
    """Names and values, under a blank line and over one, as the tables are."""
    made = Table(box=None, show_header=False, padding=(0, 2, 0, 2))
    made.add_column(no_wrap=True)
    made.add_column(overflow="fold")
    made.add_row()
    for name, value in pairs.items():
        made.add_row(name, value)
    made.add_row()
    return made


def _head(figures: DemoFigures) -> RenderableType:
    days = "1 business day" if len(figures.days) == 1 else f"{len(figures.days)} business days"
    told = (
        f"{figures.accounts:,} accounts, {days}, {figures.journal_rows:,} journal rows, "
        f"in {figures.seconds:.1f} s from nothing"
    )
    title = Text.assemble(("Yinhe 银核", "bold"), "  a sample bank")
    return Group(Rule(title, style="cyan"), Text(told, justify="center"), "")


def _days(figures: DemoFigures) -> RenderableType:
    names = ("Transfers", "Posted", "Refused", "Duplicates", "Expired", "Seconds")
    made = table("Date", *names, right=frozenset(names))
    for day in figures.days:
        counts = (day.transfers, day.posted, day.refused, day.duplicates, day.expired)
        made.add_row(str(day.business_date), *(f"{count:,}" for count in counts), f"{day.seconds:.2f}")
    made.add_section()
    totals = [
        sum(getattr(day, name) for day in figures.days)
        for name in ("transfers", "posted", "refused", "duplicates", "expired")
    ]
    seconds = sum(day.seconds for day in figures.days)
    made.add_row("Total", *(f"{count:,}" for count in totals), f"{seconds:.2f}", style="bold")
    return _section("Days", "营业日", made)


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
    return _section("Speed", "速度", Group(made, latency, ""))


def _refusals(figures: DemoFigures) -> RenderableType:
    made = _wrapping(table("Count", "Reason", "原因", right=frozenset({"Count"})), "Reason", "原因")
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
    return _section("Refused", "拒绝", Group(made, *again))


def _holds(figures: DemoFigures) -> RenderableType:
    holds = figures.holds
    names = ("Placed", "Posted", "Posted in part", "Voided", "Expired", "Open")
    made = table(*names, right=frozenset(names))
    counts = (holds.placed, holds.posted_whole, holds.posted_part, holds.voided, holds.expired, holds.open)
    made.add_row(*(f"{count:,}" for count in counts))
    return _section("Holds", "冻结", made)


def _trial_balance(figures: DemoFigures) -> list[RenderableType]:
    numbers = sorted({line.currency for line in figures.trial_balance}, key=lambda number: number != CNY)
    return [_trial_balance_of(figures, number) for number in numbers]


def _trial_balance_of(figures: DemoFigures, number: int) -> RenderableType:
    names = ("Accounts", "Debit", "Credit")
    made = _wrapping(table("Code", "Name", *names, right=frozenset(names)), "Name")
    lines = [line for line in figures.trial_balance if line.currency == number]
    for line in lines:
        sides = amount_or_blank(line.debit_minor, number), amount_or_blank(line.credit_minor, number)
        made.add_row(str(line.gl_code), _both(line.english, line.chinese), f"{line.accounts:,}", *sides)
    made.add_section()
    debit, credit = sum(line.debit_minor for line in lines), sum(line.credit_minor for line in lines)
    accounts = f"{sum(line.accounts for line in lines):,}"
    made.add_row("", "Total", accounts, amount(debit, number), amount(credit, number), style="bold")
    made.add_row("", "Debits less credits", "", "", amount(debit - credit, number), style="bold green")
    found = currency_by_number(number)
    return _section(f"Trial balance, {found.code}", f"试算平衡表（{found.name_zh}）", made)


def _statement(statement: StatementFigures) -> RenderableType:
    numbers = ("Seq", "Amount", "Held", "Balance")
    made = _wrapping(table("Date", "Seq", "What", *numbers[1:], right=frozenset(numbers)), "What")
    for line in statement.lines:
        made.add_row(
            str(line.business_date),
            f"{line.seq:,}",
            _both(line.english, line.chinese),
            amount_or_blank(line.amount_minor, CNY),
            amount_or_blank(line.held_minor, CNY),
            amount(line.balance_minor, CNY),
        )
    return _section(f"{statement.kind}: {statement.number}, the latest lines", "对账单", made)


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
    return _section("The money in the bank", "账实相符", _lines(pairs))


def _next(figures: DemoFigures, configuration: Configuration, kept: bool, is_temporary: bool) -> RenderableType:
    place = f" --home {configuration.home}" if configuration.database_url is None else " --database-url ADDRESS"
    if configuration.unit != 1:
        place += f" --unit {configuration.unit}"
    merchant, household = (entry.account for entry in figures.statements)
    commands = {
        "the bank at a glance": f"yinhe status{place}",
        "its books, from the database alone": f"yinhe trial-balance{place}",
        "the busiest merchant, line by line": f"yinhe statement {merchant}{place}",
        "a household": f"yinhe statement {household}{place}",
        "every invariant, checked again": f"yinhe check{place}",
        "the journal, for another program to recompute": f"yinhe export beancount bank.beancount{place}",
    }
    if is_temporary:
        commands["when you have seen enough"] = f"rm -r {configuration.home}"
    if not kept:
        commands = {"the bank is gone again; to look around in it": f"yinhe demo --seed {figures.seed} --keep"}
    # Commands are never broken: what is copied from the screen must run.
    shown = Text(no_wrap=True, overflow="ignore")
    for told, command in commands.items():
        shown.append(f"\n  # {told}\n", "dim").append(f"  {command}", "cyan")
    return _section("What to try next", "下一步", shown)
