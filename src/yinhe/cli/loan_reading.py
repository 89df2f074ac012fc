"""yinhe loan show, list, schedule and history: what is read of loans, beside whatever engine is running."""

from datetime import date
from typing import Annotated

import typer

from yinhe.bootstrap import open_books
from yinhe.cli.contract_teller import refused
from yinhe.cli.loan import LoanNumber, app
from yinhe.cli.loan_pages import loan_page
from yinhe.cli.loan_tables import LIST_MAX, history_page, list_page, schedule_page
from yinhe.cli.options import AsJson, DatabaseUrl, Debug, Home, UnitNumber, configured, parse_date
from yinhe.cli.output import Output
from yinhe.lending.refusals import Refusal

__all__ = ["app"]


@app.command("show")
def show(
    loan: LoanNumber,
    pay_off: Annotated[bool, typer.Option("--pay-off", help="Also what it takes to repay everything today.")] = False,
    as_of: Annotated[
        date | None,
        typer.Option(
            parser=parse_date, metavar="YYYY-MM-DD", help="As it stood when this business date was closed. Else as now."
        ),
    ] = None,
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Show a loan, where it stands, and the instalments that have fallen due. Reads only; an engine may be running.

    For example:

    $ yinhe loan show 3

    $ yinhe loan show 3 --pay-off --json

    $ yinhe loan show 3 --as-of 2026-03-31
    """
    with open_books(configured(home, database_url, unit)) as books:
        page = loan_page(books, loan, pay_off=pay_off, as_of=as_of)
    if isinstance(page, Refusal):
        raise refused(page)
    Output(as_json).show(page.answer, *page.parts)


@app.command("list")
def list_(
    borrower: Annotated[str | None, typer.Option(metavar="NAME", help="Only this borrower's.")] = None,
    account: Annotated[
        str | None, typer.Option(metavar="ACCOUNT", help="Only those collected from this account.")
    ] = None,
    product: Annotated[str | None, typer.Option(metavar="CODE", help="Only of this product.")] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only those of which something is overdue.")] = False,
    closed: Annotated[bool, typer.Option("--closed", help="Closed ones too.")] = False,
    after: Annotated[int, typer.Option(min=0, help="Only loans with higher numbers.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=LIST_MAX, help="Most loans shown.")] = 50,
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """List loans in the order they were agreed. Reads only; an engine may be running.

    For example:

    $ yinhe loan list --borrower P-1001

    $ yinhe loan list --overdue --product consumer_loan --json
    """
    with open_books(configured(home, database_url, unit)) as books:
        page = list_page(
            books,
            borrower=borrower,
            linked=None if account is None else books.find_account(account),
            code=product,
            overdue=overdue,
            closed=closed,
            after=after,
            limit=limit,
        )
    Output(as_json).show(page.answer, *page.parts)


@app.command("schedule")
def schedule(
    loan: LoanNumber,
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Show the instalments to come, from where the loan stands. Reads only; an engine may be running.

    They are what the nights will book when everything is paid as it falls due, at the rates that are known today.

    For example:

    $ yinhe loan schedule 3
    """
    with open_books(configured(home, database_url, unit)) as books:
        page = schedule_page(books, loan)
    if isinstance(page, Refusal):
        raise refused(page)
    Output(as_json).show(page.answer, *page.parts)


@app.command("history")
def history(
    loan: LoanNumber,
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Show what was done with a loan, and what the nights collected for it. Reads only; an engine may be running.

    For example:

    $ yinhe loan history 3
    """
    with open_books(configured(home, database_url, unit)) as books:
        page = history_page(books, loan)
    if isinstance(page, Refusal):
        raise refused(page)
    Output(as_json).show(page.answer, *page.parts)
