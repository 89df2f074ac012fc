"""yinhe contract order: payments a customer wants made out of a deposit every month."""

from datetime import date
from typing import Annotated
from uuid import UUID

import typer

from yinhe.bootstrap import open_books
from yinhe.cli.contract_pages import orders_page
from yinhe.cli.contract_teller import Teller, carry_out, minor, refused
from yinhe.cli.options import AsJson, DatabaseUrl, Debug, Home, UnitNumber, configured, parse_date
from yinhe.cli.output import Output
from yinhe.deposits.commands import AddOrder, Command, StopOrder
from yinhe.deposits.refusals import ContractRefusal, Refusal
from yinhe.deposits.standing_orders import WITHOUT_END
from yinhe.kernel.dates import days_from_date

app = typer.Typer(
    help="Standing orders: payments made out of a deposit every month, by the close of the day before.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)

ContractNumber = Annotated[int, typer.Argument(metavar="CONTRACT", min=1, help="The number of the contract that pays.")]
RequestId = Annotated[
    UUID | None,
    typer.Option(
        "--id", metavar="UUID", help="The request's id, a UUIDv7: sent twice it is done once. Else a new one."
    ),
]


@app.command("add")
def add(
    contract: ContractNumber,
    amount_text: Annotated[
        str, typer.Argument(metavar="AMOUNT", help="As 1234.50 or 1,234.50, in the contract's currency.")
    ],
    to: Annotated[str, typer.Option("--to", metavar="ACCOUNT", help="The account it is paid to.")],
    day: Annotated[
        int, typer.Option(min=1, max=31, help="The day of the month; the last day of a month that is shorter.")
    ],
    first: Annotated[
        date | None,
        typer.Option(parser=parse_date, metavar="YYYY-MM-DD", help="Not before this day. Else from today on."),
    ] = None,
    last: Annotated[
        date | None,
        typer.Option(parser=parse_date, metavar="YYYY-MM-DD", help="Not after this day. Else without an end."),
    ] = None,
    request_id: RequestId = None,
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Begin a standing order; its id is that of the request.

    For example:

    $ yinhe contract order add 12 1500.00 --to 17 --day 15

    $ yinhe contract order add 12 800.00 --to 17 --day 31 --first 2026-02-01 --last 2026-12-31
    """

    def make(teller: Teller) -> Command:
        its = teller.product_of(contract)
        return AddOrder(
            id=teller.id,
            contract=contract,
            payee=teller.account(to, its),
            amount_minor=minor(amount_text, its),
            day_of_month=day,
            first=days_from_date(first) if first else teller.deposits.ledger.business_date,
            last=days_from_date(last) if last else WITHOUT_END,
        )

    carry_out(unit, home, database_url, as_json, request_id, make)


@app.command("list")
def list_(
    contract: ContractNumber,
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """List the standing orders of a contract that are not stopped. Reads only; an engine may be running.

    For example:

    $ yinhe contract order list 12
    """
    with open_books(configured(home, database_url, unit)) as books:
        page = orders_page(books, contract)
    if page is None:
        raise refused(Refusal(ContractRefusal.CONTRACT_UNKNOWN))
    Output(as_json).show(page.answer, *page.parts)


@app.command("stop")
def stop(
    contract: ContractNumber,
    order: Annotated[UUID, typer.Argument(metavar="ORDER", help="The order's id, as the list shows it.")],
    request_id: RequestId = None,
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """End a standing order; closing the contract ends all of its.

    For example:

    $ yinhe contract order stop 12 019b8c6e-0000-7000-8000-000000000001
    """

    def make(teller: Teller) -> Command:
        return StopOrder(id=teller.id, contract=contract, order=order)

    carry_out(unit, home, database_url, as_json, request_id, make)
