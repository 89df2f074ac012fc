"""yinhe bench: how fast, on this machine, in one run with a peer."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType

from yinhe.bench.closeday import ClosedayFigures, bench_closeday
from yinhe.bench.closeday import Plan as NightPlan
from yinhe.bench.http import HttpFigures, bench_http
from yinhe.bench.http import Plan as HttpPlan
from yinhe.bench.ledger import LedgerFigures, Plan, Posting, bench_ledger
from yinhe.bench.loans import LoanNights
from yinhe.bench.machine import Machine
from yinhe.bench.recovery import RecoveryFigures, bench_recovery
from yinhe.cli.options import AsJson, Debug
from yinhe.cli.output import Output, facts, table, titled

app = typer.Typer(
    no_args_is_help=True,
    help="Measure this machine: posting, nights, HTTP, restarts after a kill; pgbench on the same server beside them.",
)

Folder = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        exists=True,
        file_okay=False,
        help="The disk to measure; the books made there are removed at the end. Else the folder for temporary files.",
    ),
]


@app.command("ledger")
def ledger(
    accounts: Annotated[int, typer.Option(min=1_000, max=50_000_000, help="Accounts to post between.")] = 1_000_000,
    segments: Annotated[
        int, typer.Option(min=1, max=200, help="Journal segments (of 2^20 rows) to fill in each long run.")
    ] = 8,
    pgbench_seconds: Annotated[int, typer.Option(min=1, max=600, help="Seconds at each number of clients.")] = 10,
    variants: Annotated[bool, typer.Option(help="Also skewed and hot accounts, and batches of 1 to 10,000.")] = True,
    growth: Annotated[bool, typer.Option(help="Also ten million accounts.")] = True,
    folder: Folder = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Post transfers as fast as they become durable, and until all is indexed; pgbench runs beside on the same server.

    [dim]Examples:[/dim]

    $ yinhe bench ledger --json > ledger.json

    $ yinhe bench ledger --segments 2 --no-variants --no-growth    # a first impression, about a minute
    """
    output = Output(as_json)
    plan = Plan(accounts, segments, pgbench_seconds, variants, growth)
    figures = bench_ledger(folder, plan, output.aside)
    output.show(figures, *_ledger_tables(figures))


@app.command("recovery")
def recovery(
    accounts: Annotated[int, typer.Option(min=2, max=50_000_000, help="Accounts to post between.")] = 1_000_000,
    rows: Annotated[
        int, typer.Option(min=10_000, max=1_000_000_000, help="Journal rows before the kill.")
    ] = 10_000_000,
    folder: Folder = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Kill a posting engine (SIGKILL), time the restart to the first accepted transfer, look for every acknowledged id.

    [dim]Examples:[/dim]

    $ yinhe bench recovery --json > recovery.json

    $ yinhe bench recovery --accounts 10000 --rows 200000
    """
    output = Output(as_json)
    figures = bench_recovery(folder, accounts, rows, output.aside)
    output.show(figures, *_recovery_tables(figures))


@app.command("closeday")
def closeday(
    accounts: Annotated[int, typer.Option(min=1_000, max=50_000_000, help="Contracts of the first bank.")] = 1_000_000,
    growth_accounts: Annotated[
        int, typer.Option(min=0, max=50_000_000, help="Contracts of the second, larger bank; 0 for none.")
    ] = 10_000_000,
    loans: Annotated[int, typer.Option(min=0, max=20_000_000, help="Loans of the loan book; 0 for none.")] = 1_000_000,
    folder: Folder = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Close an ordinary day and the end of a quarter, in a bank of a million contracts and in one of ten.

    Four customers pay each other, one durable transfer after another, while the quarter is closed.

    [dim]Examples:[/dim]

    $ yinhe bench closeday --json > closeday.json

    $ yinhe bench closeday --accounts 100000 --growth-accounts 0 --loans 0    # a first impression
    """
    output = Output(as_json)
    figures = bench_closeday(folder, NightPlan(accounts, growth_accounts, loans), output.aside)
    output.show(figures, *_closeday_tables(figures))


@app.command("http")
def http(
    accounts: Annotated[int, typer.Option(min=1_000, max=50_000_000, help="Accounts to transfer between.")] = 100_000,
    seconds: Annotated[float, typer.Option(min=1, max=600, help="Seconds at each number of connections.")] = 20.0,
    pgbench_seconds: Annotated[int, typer.Option(min=1, max=600, help="Seconds at each number of clients.")] = 10,
    history_rows: Annotated[
        int,
        typer.Option(min=0, max=1_000_000_000, help="Journal rows while customers are read; 0: do not measure that."),
    ] = 10_000_000,
    folder: Folder = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Transfer over HTTP at 1, 16, 64 and 256 connections, each request authenticated and durable; pgbench beside it.

    [dim]Examples:[/dim]

    $ yinhe bench http --json > http.json

    $ yinhe bench http --accounts 10000 --seconds 3 --history-rows 0    # a first impression
    """
    output = Output(as_json)
    plan = HttpPlan(accounts=accounts, seconds=seconds, pgbench_seconds=pgbench_seconds, history_rows=history_rows)
    figures = bench_http(folder, plan, output.aside)
    output.show(figures, *_http_tables(figures))


def _http_tables(figures: HttpFigures) -> list[RenderableType]:
    columns = "Connections", "Requests /s", "p50 ms", "p99 ms", "Longest ms", "Transfers a commit", "Errors"
    shown = table(*columns, right=frozenset(columns))
    for one in figures.served:
        shown.add_row(
            f"{one.connections:,}",
            f"{one.requests_per_s:,.0f}",
            f"{one.p50_ms:,.1f}",
            f"{one.p99_ms:,.1f}",
            f"{one.max_ms:,.1f}",
            f"{one.average_commit_batch:,.1f}",
            f"{one.errors:,}",
        )
    pairs = {
        "pgbench TPC-B": f"{figures.pgbench_tps:,.0f} transactions/s",
        "Ratio": f"{figures.ratio_pgbench:,.2f} times pgbench",
    }
    if figures.overview is not None:
        read = figures.overview
        pairs |= {
            "A customer": f"p50 {read.picture.p50_ms:,.1f} ms, p99 {read.picture.p99_ms:,.1f} ms, "
            f"{read.contracts_of_customer} contracts",
            "A page of history": f"p50 {read.history_page.p50_ms:,.1f} ms, p99 {read.history_page.p99_ms:,.1f} ms, "
            f"{read.journal_rows:,} rows in the journal",
            "Meanwhile": f"{read.background_transfers_per_s:,.0f} transfers/s were posted",
        }
    return [
        titled(f"Transfers over HTTP between {figures.accounts:,} accounts, each durable when answered", shown),
        facts("Beside it", pairs),
        _machine(figures.machine),
    ]


def _closeday_tables(figures: ClosedayFigures) -> list[RenderableType]:
    columns = (
        "Contracts",
        "Accrued /s a core",
        "Ordinary night s",
        "Settled /s",
        "Quarter's night s",
        "p50 ms",
        "p99 ms",
    )
    shown = table(*columns, right=frozenset(columns))
    for close in figures.closes:
        shown.add_row(
            f"{close.accounts:,}",
            f"{close.accrued_per_s_per_core:,.0f}",
            f"{close.ordinary_close_s:,.2f}",
            f"{close.settled_per_s:,.0f}",
            f"{close.close_s:,.2f}",
            f"{close.online_p50_ms_during_close:,.1f}",
            f"{close.online_p99_ms_during_close:,.1f}",
        )
    lent: list[RenderableType] = [] if figures.loans is None else [_loan_nights(figures.loans)]
    return [
        titled("Nights; p50 and p99 are of customers' transfers during the quarter's", shown),
        *lent,
        _machine(figures.machine),
    ]


def _loan_nights(nights: LoanNights) -> RenderableType:
    return facts(
        f"Nights of {nights.loans:,} loans",
        {
            "Due": f"{nights.due_per_s:,.0f} instalments/s fall due, are collected and paid, durable",
            "Its night": f"{nights.due_close_s:,.2f} s",
            "Ordinary night": f"{nights.ordinary_close_s:,.2f} s",
            "Priced anew": f"{nights.repriced_per_s:,.0f} loans/s: new rate, new instalments, durable",
            "Its night, priced anew": f"{nights.repriced_close_s:,.2f} s",
            "Priced anew in memory": f"{nights.schedules_repriced_per_s:,.0f} loans/s, 1 to 360 instalments left",
            "A schedule": f"{nights.schedule_us:,.0f} µs for 360 instalments",
        },
    )


def _ledger_tables(figures: LedgerFigures) -> list[RenderableType]:
    head = facts(
        f"Posting, batches of {figures.batch:,}, each committed in full",
        {
            "Burst": f"{figures.transfers_per_s_burst:,.0f} transfers/s",
            "Until indexed": f"{figures.transfers_per_s_until_indexed:,.0f} transfers/s",
            "pgbench TPC-B": f"{figures.pgbench_tps:,.0f} transactions/s (best of {_clients(figures)} clients)",
            "Ratio": f"{figures.ratio_pgbench:,.1f} times pgbench",
            "A batch": f"p50 {figures.p50_ms:,.1f} ms, p99 {figures.p99_ms:,.1f} ms",
            "Memory": f"{figures.bytes_per_account} bytes an account",
        },
    )
    runs = table("Run", "Accounts", "Transfers", "Burst /s", "Until indexed /s", right=_NUMBERS)
    for run in (figures.posting, *figures.variants, *([figures.growth] if figures.growth else [])):
        runs.add_row(*_run_row(run))
    sizes = table("Batch", "Transfers /s", "p50 ms", "p99 ms", right=_NUMBERS)
    for size in figures.batch_sizes:
        sizes.add_row(f"{size.batch:,}", f"{size.transfers_per_s:,.0f}", f"{size.p50_ms:,.2f}", f"{size.p99_ms:,.2f}")
    parts = [head, titled("Runs", runs), titled("Batches, one after another", sizes)]
    if figures.growth_cost_ratio is not None:
        parts.append(
            f" Among ten million a transfer costs {figures.growth_cost_ratio:.2f} times one among a million, and "
            f"the balance of an account {figures.growth_account_cost_ratio:.2f} times."
        )
    return [*parts, _machine(figures.machine)]


def _run_row(run: Posting) -> tuple[str, ...]:
    speeds = f"{run.transfers_per_s_burst:,.0f}", f"{run.transfers_per_s_until_indexed:,.0f}"
    return run.skew, f"{run.accounts:,}", f"{run.transfers:,}", *speeds


def _clients(figures: LedgerFigures) -> str:
    return "/".join(figures.pgbench.tps_by_clients)


def _recovery_tables(figures: RecoveryFigures) -> list[RenderableType]:
    head = facts(
        "Killed in the middle of posting, started anew",
        {
            "Restart": f"{figures.restart_s:.2f} s to the first accepted transfer, the interpreter's start included",
            "Lost": f"{figures.lost:,} of {figures.acknowledged:,} acknowledged",
            "Duplicated": f"{figures.duplicated:,} of {figures.journal_rows:,} rows",
            "Not yet answered": f"{figures.unacknowledged:,} rows were durable when the kill came",
            "Accounts": f"{figures.accounts:,}, {figures.bytes_per_account} bytes each",
        },
    )
    return [head, _machine(figures.machine)]


def _machine(machine: Machine) -> RenderableType:
    return facts(
        "Machine",
        {
            "Processor": f"{machine.processor}, {machine.cores} cores, {machine.memory_gib} GiB",
            "System": f"{machine.system}, Python {machine.python}, PostgreSQL {machine.postgresql}",
            "Disk": f"{machine.fsync_ms} ms to force 8 KiB down",
        },
    )


_NUMBERS = frozenset(
    {"Accounts", "Transfers", "Burst /s", "Until indexed /s", "Batch", "Transfers /s", "p50 ms", "p99 ms"}
)
