"""yinhe migrate: take over the books of another bank, and prove row by row that they arrived."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, NoReturn

import msgspec
import typer
from rich.console import RenderableType

from yinhe.bootstrap import open_ledger, open_unit_of_deposits
from yinhe.cli.contract_teller import Teller
from yinhe.cli.options import AsJson, DatabaseUrl, Debug, Home, UnitNumber, configured
from yinhe.cli.output import CommandFailed, Output, Watch, facts, table, titled
from yinhe.kernel.clock import SystemClock
from yinhe.kernel.dates import date_from_days
from yinhe.kernel.decimals import format_scaled
from yinhe.kernel.rounding import Rounding, divide_round
from yinhe.ledger.ledger import Ledger
from yinhe.migration.berka.files import read_book
from yinhe.migration.berka.loans import match_loans, take_over_loans
from yinhe.migration.berka.plan import MigrationPlan, plan_migration
from yinhe.migration.berka.post import CURRENCY, day_before, post_book
from yinhe.migration.berka.records import Book
from yinhe.migration.berka.verify import Verdict, Verification, verify_book
from yinhe.migration.findings import RefusedBook

app = typer.Typer(help="Take over the books of another bank.", no_args_is_help=True, rich_markup_mode="markdown")


class MigrationAnswer(msgspec.Struct, frozen=True):
    """What came of a migration: source rows by verdict, what the books are off by in minor units, customer accounts."""

    rows: int
    exact: int
    rounded: int
    unexplained: int
    trial_balance: int
    accounts: int
    seconds: float


@app.command("berka")
def berka(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="The folder with the eight .asc files.")],
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a CSV with one line for every transaction of the source.")
    ] = None,
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Take over the PKDD'99 bank: open its accounts, post every row on its day, and check each balance.

    Nothing is loaded unless every line of every file is sound. Stopped anywhere, the same command goes on where it
    stopped; run again after the end, it posts nothing and checks once more.

    For example:

    $ yinhe migrate berka ./berka

    $ yinhe migrate berka ./berka --unit 2 --report rows.csv --json
    """
    clock = SystemClock()
    started = clock.monotonic_us()
    output = Output(as_json)
    configuration = configured(home, database_url, unit)
    if report is not None and not report.absolute().parent.is_dir():
        raise CommandFailed(f"There is no folder {report.absolute().parent} to write the report {report.name} in.")
    with output.progress() as watch:
        book, plan = _read(output, directory, watch)
        with open_ledger(configuration, business_date=day_before(plan)) as ledger:
            found = _take_over(ledger, book, plan, watch)
    if report is not None:
        _write_report(report, book, found)
    answer = MigrationAnswer(
        rows=len(found.verdict),
        exact=found.count(Verdict.EXACT),
        rounded=found.count(Verdict.ROUNDED),
        unexplained=found.count(Verdict.UNEXPLAINED),
        trial_balance=found.trial_balance,
        accounts=found.accounts,
        seconds=round((clock.monotonic_us() - started) / 1e6, 2),
    )
    if answer.unexplained or answer.trial_balance:
        _fail(answer)
    output.show(answer, _table(answer, unit))


@app.command("berka-loans")
def berka_loans(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="The folder with the eight .asc files.")],
    product: Annotated[str, typer.Argument(metavar="PRODUCT", help="A loan product's code, or a version as loan/1.")],
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Make the PKDD'99 bank's loans contracts, each with the payments that its books have.

    The book is taken over first (`yinhe migrate berka`), and a product in koruna published: interest of nothing, equal
    principal, on the 12th of the month. Loans granted after the books' last day are agreed and not drawn. Run again, it
    changes nothing.

    For example:

    $ yinhe migrate berka-loans ./berka koruna_loan
    """
    output = Output(as_json)
    with output.progress() as watch:
        book, _ = _read(output, directory, watch)
    with open_unit_of_deposits(configured(home, database_url, unit)) as opened:
        version, _ = Teller(opened.deposits, unit, None).on_sale(product)
        with opened.bank.connect() as session:
            last_day = int(book.transactions.business_date.max())
            done = take_over_loans(opened.lending, session, match_loans(book), version, last_day)
    pairs = {
        "Loans": f"{done.loans:,}, of which {done.known:,} were known",
        "Drawn by the last day of the books": f"{done.drawn:,}",
        "Payments": f"{done.payments:,}: {done.exact:,} exact, {done.rounded:,} rounded by the source",
        "Principal owed, CZK": format_scaled(done.principal_minor, CURRENCY.scale),
    }
    output.show(done, facts("Loans taken over", pairs))


def _read(output: Output, directory: Path, watch: Watch) -> tuple[Book, MigrationPlan]:
    """The sound book and its plan; a book that is not sound is refused with every finding."""
    if not directory.is_dir():
        raise CommandFailed(f"There is no folder {directory}.")
    watch("Reading", 0, 0)
    book = read_book(directory)
    plan = book if isinstance(book, RefusedBook) else plan_migration(book)
    if isinstance(plan, RefusedBook):
        output.aside(str(plan))
        things = "1 finding" if plan.total == 1 else f"{plan.total:,} findings"
        details = {"findings": plan.findings, "total": plan.total}
        raise CommandFailed(f"The book in {directory} is refused, {things}; nothing was loaded.", details)
    assert isinstance(book, Book)
    watch("Reading", 1, 1)
    return book, plan


def _take_over(ledger: Ledger, book: Book, plan: MigrationPlan, watch: Watch) -> Verification:
    accounts = post_book(ledger, book, plan, watch)
    return verify_book(ledger, book, plan, accounts, watch)


def _fail(answer: MigrationAnswer) -> NoReturn:
    raise CommandFailed(
        f"{answer.unexplained:,} of {answer.rows:,} rows do not show the source's balance, and the books are off by "
        f"{format_scaled(answer.trial_balance, CURRENCY.scale)}; --report FILE lists every row.",
        msgspec.to_builtins(answer),
    )


def _table(answer: MigrationAnswer, unit: int) -> RenderableType:
    made = table("", "Rows", "Share", right=frozenset({"Rows", "Share"}))
    for name, count in (
        ("exact: the ledger's balance is the source's", answer.exact),
        ("rounded: off by the source's rounding of 0.10, booked", answer.rounded),
        ("unexplained", answer.unexplained),
    ):
        made.add_row(name, f"{count:,}", f"{_per_mille(count, answer.rows)} %")
    made.add_section()
    made.add_row("rows of the source", f"{answer.rows:,}", "")
    made.add_row("customer accounts", f"{answer.accounts:,}", "")
    made.add_row("trial balance, CZK", format_scaled(answer.trial_balance, CURRENCY.scale), "")
    made.add_row("seconds", f"{answer.seconds:.2f}", "")
    return titled(f"Migrated into unit {unit}", made)


def _per_mille(count: int, total: int) -> str:
    return format_scaled(divide_round(1000 * count, total, Rounding.HALF_UP), 1)


def _write_report(path: Path, book: Book, found: Verification) -> None:
    """One line for every transaction of the source, in its order; `posted_balance` is that before a rounding row."""
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(("trans_id", "account", "date", "amount", "balance", "posted_balance", "class"))
        lines.writerows(_report_lines(book, found))


def _report_lines(book: Book, found: Verification) -> Iterator[tuple[str, ...]]:
    rows = book.transactions
    names = {verdict: verdict.name.lower() for verdict in Verdict}
    columns = rows.trans_id, rows.account_id, rows.business_date, rows.amount_minor, rows.balance_minor
    judged = found.is_posted, found.balance_minor, found.verdict
    for trans_id, account, day, amount, balance, is_posted, posted, verdict in zip(
        *(column.tolist() for column in (*columns, *judged)), strict=True
    ):
        minor = (amount, balance, posted) if is_posted else (amount, balance)
        amounts = [_decimal(value) for value in minor] + [""] * (3 - len(minor))
        yield str(trans_id), str(account), str(date_from_days(day)), *amounts, names[Verdict(verdict)]


def _decimal(amount_minor: int) -> str:
    return format_scaled(amount_minor, CURRENCY.scale).replace(",", "")
