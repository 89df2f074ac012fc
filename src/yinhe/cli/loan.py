"""yinhe loan: agree on loans and lines, draw them, repay them, and what is done when they are not repaid."""

from datetime import date
from typing import Annotated
from uuid import UUID

import typer

from yinhe.cli.contract_teller import minor
from yinhe.cli.loan_teller import LoanTeller, carry_out, listed, months_of, word
from yinhe.cli.options import AsJson, DatabaseUrl, Debug, Home, UnitNumber, parse_date
from yinhe.kernel.dates import days_from_date
from yinhe.kernel.rates import parse_rate
from yinhe.lending.commands import Agree, Arrange, Change, Command, Convert, Draw, PayOff, Recover, Repay, WriteOff
from yinhe.products.parts.application import Purpose
from yinhe.products.parts.base import Channel
from yinhe.products.parts.prepayment import Afterwards
from yinhe.products.parts.purpose import Payee
from yinhe.products.product import Product

app = typer.Typer(
    help="Lend: agree on loans and lines, draw, repay, arrange anew, write off; read where each stands.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)

LoanNumber = Annotated[int, typer.Argument(metavar="LOAN", min=1, help="The loan's number.")]
AmountText = Annotated[str, typer.Argument(metavar="AMOUNT", help="As 1234.50 or 1,234.50, in the loan's currency.")]
Payer = Annotated[
    str,
    typer.Option("--from", metavar="ACCOUNT", help="Who pays: an account, or `cash`; else the linked account."),
]
RequestId = Annotated[
    UUID | None,
    typer.Option(
        "--id", metavar="UUID", help="The request's id, a UUIDv7: sent twice it is done once. Else a new one."
    ),
]
ProductCode = Annotated[
    str, typer.Argument(metavar="PRODUCT", help="A product's code, or a version as consumer_loan/1.")
]
Term = Annotated[
    str, typer.Option(metavar="PERIOD", help="The term, as '12 months' or '30 years'; none for a line without end.")
]
Margin = Annotated[str, typer.Option(metavar="RATE", help="Negotiated on top of the product's rate, as 0.30%.")]
AgreedRate = Annotated[
    str, typer.Option(metavar="RATE", help="The rate negotiated, as 3.60% today: it is kept as a margin.")
]
Collateral = Annotated[
    list[str] | None, typer.Option(metavar="REFERENCE", help="A registration of collateral; as often as needed.")
]
Guarantors = Annotated[list[str] | None, typer.Option(metavar="NAME", help="Who answers for it; as often as needed.")]
OtherDues = Annotated[str, typer.Option(metavar="AMOUNT", help="What the borrower repays a month on other debts.")]
PaysWhole = Annotated[
    bool, typer.Option("--pays-whole", help="Of a card: its statements are collected whole, not the minimum.")
]


@app.command("agree")
def agree(
    product: ProductCode,
    borrower: Annotated[str, typer.Option(metavar="NAME", help="Who borrows: a reference to the party.")],
    lent: Annotated[str, typer.Option("--amount", metavar="AMOUNT", help="What is lent, or the limit of a line.")],
    purpose: Annotated[str, typer.Option(metavar="PURPOSE", help=f"What it is for: {listed(Purpose)}.")],
    linked: Annotated[str, typer.Option(metavar="ACCOUNT", help="The account what is due is collected from.")],
    term: Term = "",
    margin: Margin = "",
    rate: AgreedRate = "",
    price: Annotated[str, typer.Option(metavar="AMOUNT", help="The price of what is bought with it.")] = "",
    collateral: Collateral = None,
    worth: Annotated[str, typer.Option(metavar="AMOUNT", help="What the collateral is worth together.")] = "",
    guarantor: Guarantors = None,
    guaranteed: Annotated[str, typer.Option(metavar="AMOUNT", help="What the guarantors answer for together.")] = "",
    income: Annotated[str, typer.Option(metavar="AMOUNT", help="The borrower's income a month.")] = "",
    other_dues: OtherDues = "",
    company: Annotated[bool, typer.Option("--company", help="The borrower is a company.")] = False,
    pays_whole: PaysWhole = False,
    tier: Annotated[int, typer.Option(min=0, max=99, help="The customer's tier.")] = 0,
    region: Annotated[int, typer.Option(min=0, help="The region's code.")] = 0,
    branch: Annotated[int, typer.Option(min=0, help="The branch that keeps it.")] = 0,
    channel: Annotated[str, typer.Option(help=f"{listed(Channel)}.")] = "counter",
    request_id: RequestId = None,
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Agree on a loan or a line, and open its accounts; nothing is drawn yet.

    For example:

    $ yinhe loan agree consumer_loan --borrower P-1001 --amount 60000.00 --term "1 year" --purpose car --linked 17
    """
    purpose_of, via = word(purpose, Purpose, "purpose"), word(channel, Channel, "channel")

    def make(teller: LoanTeller) -> Command:
        version, its = teller.on_sale(product)
        return Agree(
            id=teller.id,
            version=version,
            borrower=borrower,
            amount_minor=minor(lent, its),
            months=months_of(term),
            purpose=purpose_of,
            linked=teller.account(linked, its),
            margin=teller.margin(margin, rate, its),
            price_minor=_minor_or_zero(price, its),
            collateral=tuple(collateral or ()),
            collateral_minor=_minor_or_zero(worth, its),
            guarantors=tuple(guarantor or ()),
            guaranteed_minor=_minor_or_zero(guaranteed, its),
            income_minor=_minor_or_zero(income, its),
            other_dues_minor=_minor_or_zero(other_dues, its),
            tier=tier,
            region=region,
            branch=branch,
            is_company=company,
            pays_whole=pays_whole,
            channel=via,
        )

    carry_out(unit, home, database_url, as_json, request_id, make)


def _minor_or_zero(text: str, product: Product) -> int:
    return minor(text, product) if text else 0


@app.command("draw")
def draw(
    loan: LoanNumber,
    amount_text: AmountText,
    to: Annotated[
        str,
        typer.Option("--to", metavar="ACCOUNT", help="Where the money goes: an account, or `cash`; else the linked."),
    ] = "",
    payee: Annotated[str, typer.Option(metavar="PAYEE", help=f"Whose it is: {listed(Payee)}.")] = "borrower",
    advance: Annotated[bool, typer.Option("--advance", help="On a card: cash, and not a purchase.")] = False,
    request_id: RequestId = None,
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Draw a loan, a tranche of it, on a line, or on a card.

    For example:

    $ yinhe loan draw 3 60000.00

    $ yinhe loan draw 3 400000.00 --to 21 --payee supplier

    $ yinhe loan draw 8 500.00 --to cash --advance
    """
    paid = word(payee, Payee, "payee")

    def make(teller: LoanTeller) -> Command:
        its = teller.product_of(loan)
        account = teller.account(to, its)
        return Draw(
            id=teller.id,
            loan=loan,
            amount_minor=minor(amount_text, its),
            payee=account,
            payee_kind=paid,
            cash=advance,
        )

    carry_out(unit, home, database_url, as_json, request_id, make)


@app.command("convert")
def convert(
    loan: LoanNumber,
    amount_text: AmountText,
    count: Annotated[int, typer.Option(min=1, max=120, help="Monthly instalments, as many as the product offers.")],
    request_id: RequestId = None,
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Make an instalment plan of purchases on a card.

    For example:

    $ yinhe loan convert 8 6000.00 --count 12
    """

    def make(teller: LoanTeller) -> Command:
        sum_of = minor(amount_text, teller.product_of(loan))
        return Convert(id=teller.id, loan=loan, amount_minor=sum_of, count=count)

    carry_out(unit, home, database_url, as_json, request_id, make)


@app.command("repay")
def repay(
    loan: LoanNumber,
    amount_text: AmountText,
    payer: Payer = "",
    early: Annotated[bool, typer.Option("--early", help="What is more than due repays principal early.")] = False,
    afterwards: Annotated[
        Afterwards,
        typer.Option(help="After a part was repaid early, where the product leaves the choice: how it goes on."),
    ] = Afterwards.SHORTER,
    value_date: Annotated[
        date | None,
        typer.Option(parser=parse_date, metavar="YYYY-MM-DD", help="A day in the past from which it counts."),
    ] = None,
    request_id: RequestId = None,
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Pay what is due of a loan, and with --early some of what is not.

    For example:

    $ yinhe loan repay 3 5132.71

    $ yinhe loan repay 3 20000.00 --early --afterwards lower

    $ yinhe loan repay 3 5132.71 --from cash --value-date 2026-02-05
    """

    def make(teller: LoanTeller) -> Command:
        its = teller.product_of(loan)
        return Repay(
            id=teller.id,
            loan=loan,
            amount_minor=minor(amount_text, its),
            payer=teller.account(payer, its),
            early=early,
            afterwards=afterwards,
            value_date=None if value_date is None else days_from_date(value_date),
        )

    carry_out(unit, home, database_url, as_json, request_id, make)


@app.command("pay-off")
def pay_off(
    loan: LoanNumber,
    payer: Payer = "",
    request_id: RequestId = None,
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Repay everything today, with the interest to date and the fee; `loan show --pay-off` says how much that is.

    For example:

    $ yinhe loan pay-off 3
    """

    def make(teller: LoanTeller) -> Command:
        return PayOff(id=teller.id, loan=loan, payer=teller.account(payer, teller.product_of(loan)))

    carry_out(unit, home, database_url, as_json, request_id, make)


@app.command("change")
def change(
    loan: LoanNumber,
    linked: Annotated[str, typer.Option(metavar="ACCOUNT", help="The account to collect from, from now on.")] = "",
    blocked: Annotated[
        bool | None, typer.Option("--block/--unblock", help="No drawing and no early repayment, by order.")
    ] = None,
    misused: Annotated[
        bool | None, typer.Option("--misused/--not-misused", help="Funds went elsewhere: all bears the misuse rate.")
    ] = None,
    impaired: Annotated[
        bool | None, typer.Option("--impaired/--not-impaired", help="It is impaired, whatever its days past due.")
    ] = None,
    request_id: RequestId = None,
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Change what is noted of a loan.

    For example:

    $ yinhe loan change 3 --linked 21

    $ yinhe loan change 3 --block --impaired
    """

    def make(teller: LoanTeller) -> Command:
        account = teller.account(linked, teller.product_of(loan)) if linked else None
        return Change(
            id=teller.id, loan=loan, linked=account, blocked=blocked, misused=misused, impaired=impaired
        )  # fmt: skip

    carry_out(unit, home, database_url, as_json, request_id, make)


@app.command("arrange")
def arrange(
    loan: LoanNumber,
    extend_months: Annotated[int, typer.Option(min=0, max=600, help="Months it ends later.")] = 0,
    rate: Annotated[str, typer.Option(metavar="RATE", help="Its rate from today on, as 3.10%.")] = "",
    capitalise: Annotated[bool, typer.Option("--capitalise", help="Interest that is due becomes principal.")] = False,
    re_age: Annotated[bool, typer.Option("--re-age", help="What is due joins the instalments to come.")] = False,
    request_id: RequestId = None,
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Arrange a loan in difficulty anew, in one way that its product allows.

    For example:

    $ yinhe loan arrange 3 --extend-months 12

    $ yinhe loan arrange 3 --re-age
    """

    def make(teller: LoanTeller) -> Command:
        teller.product_of(loan)
        return Arrange(
            id=teller.id,
            loan=loan,
            extend_months=extend_months,
            rate=parse_rate(rate).units if rate else None,
            capitalise=capitalise,
            re_age=re_age,
        )

    carry_out(unit, home, database_url, as_json, request_id, make)


@app.command("write-off")
def write_off(
    loan: LoanNumber,
    request_id: RequestId = None,
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Give a loan up in the books; the claim stays.

    For example:

    $ yinhe loan write-off 3
    """
    carry_out(
        unit, home, database_url, as_json, request_id, lambda teller: WriteOff(id=teller.id, loan=loan)
    )  # fmt: skip


@app.command("recover")
def recover(
    loan: LoanNumber,
    amount_text: AmountText,
    payer: Annotated[str, typer.Option("--from", metavar="ACCOUNT", help="Who pays: an account, or `cash`.")],
    request_id: RequestId = None,
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Take what is paid of a loan that was written off.

    For example:

    $ yinhe loan recover 3 500.00 --from cash
    """

    def make(teller: LoanTeller) -> Command:
        its = teller.product_of(loan)
        given = teller.account(payer, its)
        return Recover(id=teller.id, loan=loan, amount_minor=minor(amount_text, its), payer=given)

    carry_out(unit, home, database_url, as_json, request_id, make)
