"""What is sent and told of loans."""

from datetime import date
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType

from yinhe.api.forms import AccountText, AmountText, CurrencyCode, Cursor, Limit, MoneyForm, Number, RateText
from yinhe.api.handlers.contract_forms import ProductCode
from yinhe.api.problem import Reasons
from yinhe.kernel.refusals import ReasonEnum

LoanNumber = Annotated[int, msgspec.Meta(ge=1, le=2**53 - 1, description="The loan's number.", examples=[3])]
PurposeName = Literal[
    "home",
    "renovation",
    "car",
    "education",
    "medical",
    "travel",
    "goods",
    "working_capital",
    "equipment",
    "construction",
    "research",
    "freight",
    "property",
    "securities",
    "deposits",
    "equity",
    "lending_on",
]
"""`products.parts.application.Purpose` in lower case; a test holds the two together."""
PayeeName = Literal["borrower", "supplier", "carrier", "other"]
Payer = Annotated[
    AccountText | None, msgspec.Meta(description="Who pays; without it the account it is collected from.")
]
Cash = Annotated[bool, msgspec.Meta(description="In cash at the counter, in place of an account.")]
Registration = Annotated[str, msgspec.Meta(pattern=r"^[^\x00-\x1f\x7f]{1,80}$", max_length=80)]
Months = Annotated[int, msgspec.Meta(ge=0, le=600)]


class LoanFormRefusal(ReasonEnum):
    """What is asked of a loan reads, but cannot be meant."""

    MARGIN_AND_RATE = "either the margin or the rate is negotiated, not both", "利率与加点只能约定一项"
    PAYER_MISSING = "it must be said who pays: an account, or cash", "须指明付款账户或现金"
    RATE_TABLE_SILENT = "a rate table the loan follows says nothing for the day", "贷款所依据的利率表当日无利率"
    NO_SCHEDULE = "nothing of the loan has been drawn yet: there are no instalments", "贷款尚未发放，暂无还款计划"
    PARTY_MISSING = "whose loans are asked for must be said", "须指明查询哪一客户的贷款"


# --- what is sent


class LoanParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which loan."""

    loan: LoanNumber


class LoanReading(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which loan, and as of which day."""

    loan: LoanNumber
    as_of: Annotated[
        date | None, msgspec.Meta(description="As it stood when this business date was closed; now without it.")
    ] = None


class LoanListParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which loans."""

    party: Annotated[Number | None, msgspec.Meta(description="Only this borrower's.")] = None
    account: Annotated[AccountText | None, msgspec.Meta(description="Only those collected from this account.")] = None
    product: Annotated[
        Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{1,39}$", max_length=40)] | None,
        msgspec.Meta(description="Only of the product of this code."),
    ] = None
    overdue: Annotated[bool, msgspec.Meta(description="Only those of which something is overdue.")] = False
    closed: Annotated[bool, msgspec.Meta(description="Closed ones too.")] = False
    limit: Limit = 100
    cursor: Cursor = ""


class LoanHistoryParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which loan, and which page of what was done with it."""

    loan: LoanNumber
    limit: Limit = 100
    cursor: Cursor = ""


class LoanAgreement(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A loan or a line that is agreed on."""

    product: ProductCode
    party: Annotated[Number, msgspec.Meta(description="Who borrows.")]
    amount: Annotated[AmountText, msgspec.Meta(description="What is lent, or the limit of a line.")]
    months: Annotated[Months, msgspec.Meta(description="The term; 0 for a line without end.")] = 0
    purpose: Annotated[PurposeName, msgspec.Meta(description="What it is for.")]
    linked: Annotated[AccountText, msgspec.Meta(description="The account what is due is collected from.")]
    margin: Annotated[RateText | None, msgspec.Meta(description="Negotiated on top of the product's rate.")] = None
    rate: Annotated[
        RateText | None, msgspec.Meta(description="The rate negotiated, as of today: it is kept as a margin.")
    ] = None
    price: Annotated[AmountText | None, msgspec.Meta(description="The price of what is bought with it.")] = None
    collateral: Annotated[
        tuple[Registration, ...], msgspec.Meta(max_length=50, description="Registrations of collateral.")
    ] = ()
    collateral_worth: Annotated[
        AmountText | None, msgspec.Meta(description="What the collateral is worth together.")
    ] = None
    guarantors: Annotated[
        tuple[Number, ...], msgspec.Meta(max_length=20, description="The parties that answer for it.")
    ] = ()
    guaranteed: Annotated[AmountText | None, msgspec.Meta(description="What the guarantors answer for together.")] = (
        None
    )
    income: Annotated[AmountText | None, msgspec.Meta(description="The borrower's income a month.")] = None
    other_dues: Annotated[
        AmountText | None, msgspec.Meta(description="What the borrower repays a month on other debts.")
    ] = None
    pays_whole: Annotated[
        bool, msgspec.Meta(description="Of a card: its statements are collected whole, not the minimum.")
    ] = False
    region: Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1, description="The region's code.")] = 0
    branch: Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1, description="The branch that keeps it.")] = 0


class LoanDrawing(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is drawn of a loan, on a line, or on a card."""

    amount: AmountText
    payee: Annotated[
        AccountText | None, msgspec.Meta(description="Where the money goes; without it the linked account.")
    ] = None
    payee_kind: Annotated[PayeeName, msgspec.Meta(description="Whose account that is.")] = "borrower"
    advance: Annotated[bool, msgspec.Meta(description="On a card: an advance of cash, and not a purchase.")] = False
    cash: Cash = False


class LoanRepayment(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is paid of a loan."""

    amount: AmountText
    payer: Payer = None
    cash: Cash = False
    early: Annotated[bool, msgspec.Meta(description="What is more than due repays principal early.")] = False
    afterwards: Annotated[
        Literal["shorter", "lower"],
        msgspec.Meta(
            description="After a part was repaid early, where the product leaves the choice: the loan ends sooner, "
            "or its instalments are lower."
        ),
    ] = "shorter"
    value_date: Annotated[date | None, msgspec.Meta(description="A day in the past from which it counts.")] = None


class LoanPayOff(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything is repaid today."""

    payer: Payer = None
    cash: Cash = False


class LoanConversion(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Purchases on a card that become an instalment plan."""

    amount: AmountText
    count: Annotated[int, msgspec.Meta(ge=1, le=120, description="Monthly instalments.", examples=[12])]


class LoanChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is noted otherwise of a loan; what is left out stays."""

    linked: Annotated[AccountText | UnsetType, msgspec.Meta(description="The account to collect from.")] = UNSET
    blocked: Annotated[bool | UnsetType, msgspec.Meta(description="No drawing and no early repayment, by order.")] = (
        UNSET
    )
    misused: Annotated[
        bool | UnsetType, msgspec.Meta(description="Funds went elsewhere: all bears the misuse rate.")
    ] = UNSET
    impaired: Annotated[bool | UnsetType, msgspec.Meta(description="It is impaired, whatever its days past due.")] = (
        UNSET
    )
    pays_whole: Annotated[
        bool | UnsetType, msgspec.Meta(description="Of a card: its statements are collected whole.")
    ] = UNSET


class LoanArrangement(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A loan in difficulty is arranged anew, in one way."""

    extend_months: Annotated[Months, msgspec.Meta(description="Months it ends later.")] = 0
    rate: Annotated[RateText | None, msgspec.Meta(description="Its rate from today on.")] = None
    capitalise: Annotated[bool, msgspec.Meta(description="Interest that is due becomes principal.")] = False
    re_age: Annotated[bool, msgspec.Meta(description="What is due joins the instalments to come.")] = False


class LoanRecovery(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is paid of a loan that was written off."""

    amount: AmountText
    payer: Annotated[AccountText | None, msgspec.Meta(description="Who pays.")] = None
    cash: Cash = False


# --- what is told


class LoanDone(msgspec.Struct, frozen=True, kw_only=True):
    """What was done with a loan."""

    id: Annotated[str, msgspec.Meta(description="The command's id; that of its transaction, where money moved.")]
    done: Annotated[str, msgspec.Meta(description="What was asked for.", examples=["repay"])]
    loan: LoanNumber
    account: Annotated[str | None, msgspec.Meta(description="The loan's account; none before it is agreed on.")]
    paid: Annotated[MoneyForm, msgspec.Meta(description="What its customer paid, the fee with it; negative: was paid.")]
    fee: MoneyForm


class LoanLine(msgspec.Struct, frozen=True, kw_only=True):
    """One loan of a list."""

    loan: LoanNumber
    product: Annotated[str, msgspec.Meta(examples=["consumer_loan/1"])]
    borrower: Annotated[str, msgspec.Meta(description="The number of the party, or a reference of older books.")]
    account: str
    linked: Annotated[str | None, msgspec.Meta(description="The account it is collected from.")]
    open: bool
    agreed: date
    start: Annotated[date | None, msgspec.Meta(description="The first drawing.")]
    maturity: date | None
    limit: MoneyForm
    lent: MoneyForm
    principal: Annotated[MoneyForm, msgspec.Meta(description="Owed, fallen due or not.")]
    rate: Annotated[RateText, msgspec.Meta(description="Percent a year, as the last night left it.")]
    next_due: date | None
    overdue_since: date | None
    grade: str | None
    marks: tuple[str, ...]
    closed: date | None


class LoanPage(msgspec.Struct, frozen=True):
    """Loans, in the order they were agreed."""

    items: tuple[LoanLine, ...]
    next: str | None


class LoanDue(msgspec.Struct, frozen=True, kw_only=True):
    """What is due today, by what it is for."""

    principal: MoneyForm
    interest: MoneyForm
    penalty: MoneyForm
    compound: MoneyForm
    fee: MoneyForm
    total: MoneyForm


class LoanInstalment(msgspec.Struct, frozen=True, kw_only=True):
    """An instalment that has fallen due."""

    number: int
    due: date
    principal: MoneyForm
    interest: MoneyForm
    left: Annotated[MoneyForm, msgspec.Meta(description="Not paid of it.")]
    paid: Annotated[date | None, msgspec.Meta(description="The day on which nothing of it was left.")]


class LoanForthcoming(msgspec.Struct, frozen=True, kw_only=True):
    """An instalment to come, at the rates known today, when all is paid as it falls due."""

    number: int
    due: date
    principal: MoneyForm
    interest: MoneyForm
    total: MoneyForm
    capitalised: Annotated[MoneyForm, msgspec.Meta(description="Interest that becomes principal on that day.")]
    owed: Annotated[MoneyForm, msgspec.Meta(description="The principal owed afterwards.")]
    rate: RateText


class LoanStatement(msgspec.Struct, frozen=True, kw_only=True):
    """A statement of a card."""

    number: int
    closed: Annotated[date, msgspec.Meta(description="The billing day.")]
    due: date
    balance: MoneyForm
    minimum: Annotated[MoneyForm, msgspec.Meta(description="Least to be paid by the due day.")]
    interest: MoneyForm
    fee: MoneyForm
    left: Annotated[MoneyForm, msgspec.Meta(description="Not paid of it.")]
    paid: date | None


class LoanStatements(msgspec.Struct, frozen=True):
    """The statements of a card, the newest first; of other loans there are none."""

    items: tuple[LoanStatement, ...]


class LoanDetails(msgspec.Struct, frozen=True, kw_only=True):
    """A loan, where it stands on the business date."""

    loan: LoanNumber
    business_date: Annotated[
        date, msgspec.Meta(description="The date it stands on: with an `as_of` that is closed the day after it.")
    ]
    product: str
    product_names: Reasons
    borrower: str
    purpose: str
    collateral: tuple[str, ...]
    guarantors: tuple[str, ...]
    account: str
    linked: str | None
    agreed: date | None
    start: date | None
    maturity: date | None
    months: int
    closed: date | None
    currency: CurrencyCode
    limit: MoneyForm
    lent: MoneyForm
    rate: RateText
    margin: RateText
    open: bool
    marks: Annotated[tuple[str, ...], msgspec.Meta(description="What else is noted of it.", examples=[["blocked"]])]
    principal: Annotated[MoneyForm, msgspec.Meta(description="Owed, fallen due or not.")]
    undue: Annotated[MoneyForm, msgspec.Meta(description="Principal that has not fallen due.")]
    due: LoanDue
    overdue: Annotated[MoneyForm, msgspec.Meta(description="Principal and interest due before today.")]
    overdue_since: date | None
    days_late: Annotated[int, msgspec.Meta(description="Of the oldest of them; 0 within the days of grace.")]
    interest_to_date: Annotated[MoneyForm, msgspec.Meta(description="Of the running period; not due.")]
    next_instalment: LoanForthcoming | None
    grade: str | None
    stage: int | None
    allowance: MoneyForm
    written_off: Annotated[MoneyForm, msgspec.Meta(description="Given up in the books and still claimed.")]
    statement: Annotated[LoanStatement | None, msgspec.Meta(description="Of a card, the last one.")]


class LoanSchedule(msgspec.Struct, frozen=True, kw_only=True):
    """What has fallen due of a loan, and what is to come."""

    loan: LoanNumber
    business_date: date
    currency: CurrencyCode
    fallen_due: tuple[LoanInstalment, ...]
    to_come: Annotated[tuple[LoanForthcoming, ...], msgspec.Meta(description="At most 480 of them.")]
    principal_to_come: MoneyForm
    interest_to_come: MoneyForm


class LoanPayOffQuote(msgspec.Struct, frozen=True, kw_only=True):
    """What it takes to repay a loan today."""

    loan: LoanNumber
    business_date: Annotated[date, msgspec.Meta(description="The day it holds for.")]
    due: Annotated[MoneyForm, msgspec.Meta(description="Fallen due and not paid.")]
    interest: Annotated[MoneyForm, msgspec.Meta(description="Of the running period to date.")]
    principal: Annotated[MoneyForm, msgspec.Meta(description="Not fallen due.")]
    fee: Annotated[MoneyForm, msgspec.Meta(description="For repaying early.")]
    total: MoneyForm


class LoanEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One thing done with a loan, asked for and refused, or taken for it by a night."""

    id: Annotated[str | None, msgspec.Meta(description="The command's id; none for what a night collected.")]
    kind: Annotated[str, msgspec.Meta(examples=["repay"])]
    business_date: date
    value_date: date
    paid: Annotated[MoneyForm, msgspec.Meta(description="What its customer paid; negative: was paid.")]
    fee: MoneyForm
    refused: Annotated[Reasons | None, msgspec.Meta(description="Why it came to nothing; none: it was done.")]


class LoanHistory(msgspec.Struct, frozen=True):
    """What was done with a loan, oldest first."""

    items: tuple[LoanEvent, ...]
    next: str | None
