"""yinhe contract: open, read, change, draw and close the contracts of customers."""

from datetime import date
from typing import Annotated
from uuid import UUID

import typer

from yinhe.bootstrap import open_books, open_deposits
from yinhe.cli import contract_order
from yinhe.cli.contract_pages import LIST_MAX, contract_page, list_page
from yinhe.cli.contract_teller import Teller, carry_out, minor, refused
from yinhe.cli.options import AsJson, DatabaseUrl, Debug, Home, UnitNumber, configured, parse_date
from yinhe.cli.output import Output, facts
from yinhe.deposits.columns import NO_RATE
from yinhe.deposits.commands import (
    Amend,
    CancelNotice,
    Close,
    Command,
    DepositMore,
    GiveNotice,
    Open,
    TransferTo,
    Withdraw,
)
from yinhe.deposits.refusals import ContractRefusal, Refusal
from yinhe.deposits.taking_over import take_over
from yinhe.kernel.dates import days_from_date
from yinhe.kernel.rates import parse_rate
from yinhe.products.parts.base import Channel
from yinhe.products.period import parse_period
from yinhe.storage.connection import unit_schema

app = typer.Typer(
    help="Open, read, change, draw and close the contracts of customers.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)

app.add_typer(contract_order.app, name="order")

ContractNumber = Annotated[int, typer.Argument(metavar="CONTRACT", min=1, help="The contract's number.")]
AmountText = Annotated[
    str, typer.Argument(metavar="AMOUNT", help="As 1234.50 or 1,234.50, in the contract's currency.")
]
Payee = Annotated[
    str,
    typer.Option(
        "--to", metavar="ACCOUNT", help="Where the money goes: an account, or `cash`; else the linked account."
    ),
]
RequestId = Annotated[
    UUID | None,
    typer.Option(
        "--id", metavar="UUID", help="The request's id, a UUIDv7: sent twice it is done once. Else a new one."
    ),
]


@app.command("open")
def open_(
    product: Annotated[str, typer.Argument(metavar="PRODUCT", help="A product's code, or a version as demand/1.")],
    holder: Annotated[str, typer.Option(metavar="NAME", help="Who holds it: a reference to the party.")],
    deposit: Annotated[str, typer.Option("--amount", metavar="AMOUNT", help="The first deposit.")] = "",
    funding: Annotated[
        str, typer.Option("--from", metavar="ACCOUNT", help="Where it comes from: an account, or `cash`.")
    ] = "",
    term: Annotated[str, typer.Option(metavar="PERIOD", help="The term, as '3 months', '1 year' or '30 days'.")] = "",
    linked: Annotated[str, typer.Option(metavar="ACCOUNT", help="Where interest and principal go in the end.")] = "",
    renew: Annotated[bool, typer.Option("--renew", help="Renew it at maturity, if the product does.")] = False,
    rate: Annotated[str, typer.Option(metavar="RATE", help="The rate negotiated, as 1.20%.")] = "",
    day: Annotated[int, typer.Option(min=0, max=31, help="The day of the month of instalments.")] = 0,
    company: Annotated[bool, typer.Option("--company", help="The holder is a company.")] = False,
    new_money: Annotated[bool, typer.Option("--new-money", help="The money comes from outside the bank.")] = False,
    tier: Annotated[int, typer.Option(min=0, max=99, help="The customer's tier.")] = 0,
    region: Annotated[int, typer.Option(min=0, help="The region's code.")] = 0,
    branch: Annotated[int, typer.Option(min=0, help="The branch that keeps it.")] = 0,
    channel: Annotated[str, typer.Option(help="counter, online, mobile or partner.")] = "counter",
    request_id: RequestId = None,
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Open a contract with its account, and pay the first deposit into it.

    For example:

    $ yinhe contract open demand --holder P-1001

    $ yinhe contract open lump_sum --holder P-1001 --amount 10000.00 --from cash --term "3 months" --linked 17 --renew
    """
    if channel.upper() not in Channel.__members__:
        raise typer.BadParameter(f"{channel!r} is no channel; write counter, online, mobile or partner.")

    def make(teller: Teller) -> Command:
        version, its = teller.on_sale(product)
        period = parse_period(term) if term else None
        return Open(
            id=teller.id,
            version=version,
            holder=holder,
            amount_minor=minor(deposit, its) if deposit else 0,
            funding=teller.account(funding, its),
            linked=teller.account(linked, its),
            months=period.months if period else 0,
            days=period.days if period else 0,
            day_of_month=day,
            branch=branch,
            region=region,
            tier=tier,
            is_company=company,
            is_new_money=new_money,
            auto_renew=renew,
            channel=Channel[channel.upper()],
            rate=parse_rate(rate).units if rate else NO_RATE,
        )

    carry_out(unit, home, database_url, as_json, request_id, make)


@app.command("show")
def show(
    contract: ContractNumber,
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Show a contract, what it holds, and what happened to it. Reads only; an engine may be running.

    For example:

    $ yinhe contract show 12
    """
    with open_books(configured(home, database_url, unit)) as books:
        page = contract_page(books, contract)
    if page is None:
        raise refused(Refusal(ContractRefusal.CONTRACT_UNKNOWN))
    Output(as_json).show(page.answer, *page.parts)


@app.command("list")
def list_(
    holder: Annotated[str | None, typer.Option(metavar="NAME", help="Only this holder's.")] = None,
    product: Annotated[str | None, typer.Option(metavar="CODE", help="Only of this product.")] = None,
    closed: Annotated[bool, typer.Option("--closed", help="Closed ones too.")] = False,
    after: Annotated[int, typer.Option(min=0, help="Only contracts with higher numbers.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=LIST_MAX, help="Most contracts shown.")] = 50,
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """List contracts in the order they were opened. Reads only; an engine may be running.

    For example:

    $ yinhe contract list --holder P-1001

    $ yinhe contract list --product lump_sum --closed --json
    """
    with open_books(configured(home, database_url, unit)) as books:
        page = list_page(books, holder=holder, code=product, closed=closed, after=after, limit=limit)
    Output(as_json).show(page.answer, *page.parts)


@app.command("deposit")
def deposit(
    contract: ContractNumber,
    amount_text: AmountText,
    funding: Annotated[
        str, typer.Option("--from", metavar="ACCOUNT", help="Where it comes from: an account, or `cash`.")
    ],
    request_id: RequestId = None,
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Pay more into a contract.

    For example:

    $ yinhe contract deposit 12 500.00 --from cash
    """

    def make(teller: Teller) -> Command:
        its = teller.product_of(contract)
        paid_from = teller.account(funding, its)
        return DepositMore(id=teller.id, contract=contract, amount_minor=minor(amount_text, its), funding=paid_from)

    carry_out(unit, home, database_url, as_json, request_id, make)


@app.command("withdraw")
def withdraw(
    contract: ContractNumber,
    amount_text: AmountText,
    to: Payee = "",
    request_id: RequestId = None,
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Draw a part of a contract with its interest; drawing all of it closes the contract.

    For example:

    $ yinhe contract withdraw 12 4000.00 --to cash
    """

    def make(teller: Teller) -> Command:
        its = teller.product_of(contract)
        payee = teller.account(to, its)
        return Withdraw(id=teller.id, contract=contract, amount_minor=minor(amount_text, its), payee=payee)

    carry_out(unit, home, database_url, as_json, request_id, make)


@app.command("notice")
def notice(
    contract: ContractNumber,
    amount_text: AmountText,
    on: Annotated[date, typer.Option(parser=parse_date, metavar="YYYY-MM-DD", help="The day of withdrawal.")],
    request_id: RequestId = None,
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Give notice of a withdrawal.

    For example:

    $ yinhe contract notice 12 50000.00 --on 2026-03-12
    """

    def make(teller: Teller) -> Command:
        asked = minor(amount_text, teller.product_of(contract))
        return GiveNotice(id=teller.id, contract=contract, amount_minor=asked, due_on=days_from_date(on))

    carry_out(unit, home, database_url, as_json, request_id, make)


@app.command("cancel-notice")
def cancel_notice(
    contract: ContractNumber,
    given: Annotated[UUID, typer.Argument(metavar="NOTICE", help="The notice's id, as `contract show` has it.")],
    request_id: RequestId = None,
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Take a notice of withdrawal back.

    For example:

    $ yinhe contract cancel-notice 12 019b8c6e-0000-7000-8000-000000000001
    """

    def make(teller: Teller) -> Command:
        return CancelNotice(id=teller.id, contract=contract, notice=given)

    carry_out(unit, home, database_url, as_json, request_id, make)


@app.command("transfer")
def transfer(
    contract: ContractNumber,
    to: Annotated[str, typer.Option("--to", metavar="NAME", help="The new holder: a reference to the party.")],
    company: Annotated[bool, typer.Option("--company", help="The new holder is a company.")] = False,
    request_id: RequestId = None,
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Transfer a contract, such as a large certificate of deposit, to another holder.

    For example:

    $ yinhe contract transfer 12 --to P-2002
    """

    def make(teller: Teller) -> Command:
        return TransferTo(id=teller.id, contract=contract, holder=to, is_company=company)

    carry_out(unit, home, database_url, as_json, request_id, make)


@app.command("amend")
def amend(
    contract: ContractNumber,
    linked: Annotated[str | None, typer.Option(metavar="ACCOUNT", help="The linked account from now on.")] = None,
    renew: Annotated[bool | None, typer.Option("--renew/--no-renew", help="Whether to renew it at maturity.")] = None,
    rate: Annotated[str, typer.Option(metavar="RATE", help="The rate negotiated from today on, as 1.20%.")] = "",
    request_id: RequestId = None,
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Change what is agreed in a contract.

    For example:

    $ yinhe contract amend 12 --linked 17 --renew
    """

    def make(teller: Teller) -> Command:
        its = teller.product_of(contract)
        return Amend(
            id=teller.id,
            contract=contract,
            linked=None if linked is None else teller.account(linked, its),
            auto_renew=renew,
            rate=parse_rate(rate).units if rate else None,
        )

    carry_out(unit, home, database_url, as_json, request_id, make)


@app.command("close")
def close(
    contract: ContractNumber,
    to: Payee = "",
    request_id: RequestId = None,
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Draw all of a contract with its interest to the day before, and close it.

    For example:

    $ yinhe contract close 12 --to cash
    """

    def make(teller: Teller) -> Command:
        return Close(id=teller.id, contract=contract, payee=teller.account(to, teller.product_of(contract)))

    carry_out(unit, home, database_url, as_json, request_id, make)


@app.command("take-over")
def take_over_(
    product: Annotated[str, typer.Argument(metavar="PRODUCT", help="A product's code, or a version as demand/1.")],
    source: Annotated[str, typer.Option(metavar="NAME", help="Whose books: the source that was migrated.")] = "berka",
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Put every account that came from another bank on a product; done twice, it changes nothing.

    Interest counts from the day each account was opened: the first night afterwards works out all days since, and posts
    every settlement in between with its own value date.

    For example:

    $ yinhe contract take-over krona_current --source berka
    """
    with open_deposits(configured(home, database_url, unit)) as deposits:
        version, _ = Teller(deposits, unit, None).on_sale(product)
        schema = unit_schema(unit)
        with deposits.ledger.database.connect(application_name="yinhe contract", schema=schema) as session:
            done = take_over(deposits, session, source, version)
    pairs = {"Contracts opened": f"{done.contracts:,}", "Had one already": f"{done.known:,}"}
    Output(as_json).show(done, facts(f"Accounts of {source}", pairs))
