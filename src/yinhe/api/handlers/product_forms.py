"""What is sent and told of products."""

from datetime import date
from typing import Annotated, Any, Literal

import msgspec

from yinhe.api.forms import AmountText, CurrencyCode, Cursor, Limit, MoneyForm, RateText
from yinhe.api.handlers.loan_forms import LoanForthcoming
from yinhe.api.problem import Reasons
from yinhe.kernel.refusals import ReasonEnum, Refusal
from yinhe.products.findings import Code, Refused

TEXT_CHARACTERS_MAX = 64_000
"""Most characters of a product's file that is sent; a real one has some thousands."""
MOVEMENTS_MAX = 1_000
"""Most movements of one simulation."""
FINDINGS_TOLD_MAX = 5
"""Most findings a refusal tells; a check tells all."""

ProductCode = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[a-z][a-z0-9_]{1,39}$", max_length=40, description="The product's code.", examples=["demand"]
    ),
]
ProductVersion = Annotated[int, msgspec.Meta(ge=1, le=100_000, description="The version.", examples=[1])]
ProductText = Annotated[
    str,
    msgspec.Meta(max_length=TEXT_CHARACTERS_MAX, description="The product's file: TOML, as the guide to parts has it."),
]
SignedAmountText = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^-?[0-9]{1,15}(\.[0-9]{1,4})?$",
        max_length=21,
        description="An amount as text: paid in, or drawn with a minus before it.",
        examples=["-500.00"],
    ),
]


class ProductRefusal(ReasonEnum):
    """Why a step of a product's life is not taken, or nothing is worked out for it."""

    VERSION_UNKNOWN = "there is no such version of a product", "产品版本不存在"
    STATUS_WRONG = "the version is not where this step begins", "产品版本状态不符"
    SAME_PERSON = "its author cannot approve it: another person does", "起草人不得批准，须由他人批准"
    VERSION_FIXED = "the version was published and never changes", "该版本已发布，不可更改"
    RATE_PAST = "the rate is one of the past; say that it is a correction", "该利率属于过去，须注明为更正"
    RATE_UNFIT = "this is no rate of a table", "利率或利率表不符合要求"
    PRODUCT_UNSOUND = "the product's file is not sound", "产品文件有误"
    NOT_A_DEPOSIT = "only deposits are simulated; a loan has a schedule", "仅存款产品可试算，贷款请查询还款计划"
    DAYS_OUT_OF_BOUNDS = "the days asked about are too many, or none, or too far away", "试算日期超出范围"
    AMOUNT_OUT_OF_BOUNDS = "an amount is larger than what is worked out here", "金额超出试算范围"
    NOT_WORKED_OUT = "the product cannot be worked out like this", "该产品无法按此条件试算"
    RATE_SILENT = "a rate table the product follows says nothing for a day", "产品所依据的利率表当日无利率"


class ProductRefused(Refusal, frozen=True):
    """A refusal with what was found, in both languages."""

    detail_chinese: str = ""

    @property
    def chinese(self) -> str:
        """The reason in Chinese, without a full stop."""
        return f"{self.because.chinese}：{self.detail_chinese}" if self.detail_chinese else self.because.chinese


_BECAUSE = {
    Code.VERSION_UNKNOWN: ProductRefusal.VERSION_UNKNOWN,
    Code.STATUS_WRONG: ProductRefusal.STATUS_WRONG,
    Code.SAME_PERSON: ProductRefusal.SAME_PERSON,
    Code.VERSION_FIXED: ProductRefusal.VERSION_FIXED,
    Code.RATE_PAST: ProductRefusal.RATE_PAST,
}
"""Findings that are a step's own; all others are of the file."""


def refusal_of(found: Refused, otherwise: ProductRefusal = ProductRefusal.PRODUCT_UNSOUND) -> ProductRefused:
    """What stands against a step, as a refusal; `otherwise` where it is nothing of the step itself."""
    first, count = found.findings[0], len(found.findings)
    because = _BECAUSE.get(first.code, otherwise) if count == 1 else otherwise
    told = found.findings[:FINDINGS_TOLD_MAX]
    english = "; ".join(f"{_place(one.line, one.path)}{one.english}" for one in told)
    chinese = "；".join(f"{_place(one.line, one.path)}{one.chinese}" for one in told)
    if count > len(told):
        english, chinese = f"{english}; and {count - len(told)} more", f"{chinese}；另有{count - len(told)}处"
    return ProductRefused(because, english, chinese)


def _place(line: int, path: str) -> str:
    at = f"{line}: " if line else ""
    return f"{at}{path}: " if path else at


# --- what is sent


class ProductParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which product."""

    code: ProductCode


class ProductVersionParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which version of which product."""

    code: ProductCode
    version: ProductVersion


class ProductDifferenceParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which two versions of which product."""

    code: ProductCode
    version: ProductVersion
    to: Annotated[int, msgspec.Meta(ge=1, le=100_000, description="The version it is compared with.")]


class ProductListParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which products."""

    status: Annotated[
        Literal["draft", "checked", "approved", "published", "withdrawn"] | None,
        msgspec.Meta(description="Only versions of this status."),
    ] = None
    current: Annotated[bool, msgspec.Meta(description="Only versions contracts are opened on today.")] = False
    limit: Limit = 100
    cursor: Cursor = ""


class ProductFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A product's file."""

    text: ProductText


class SimulatedMovement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Money paid in or drawn on a day."""

    date: date
    amount: SignedAmountText


class DepositScenario(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One contract that lives through some days."""

    version: Annotated[
        ProductVersion | None, msgspec.Meta(description="Without it the one that is sold today; a draft too.")
    ] = None
    deposit: Annotated[AmountText | None, msgspec.Meta(description="What is paid in at opening.")] = None
    start: Annotated[date, msgspec.Meta(description="The day of opening.")]
    until: Annotated[date, msgspec.Meta(description="The last day; it is closed too.")]
    movements: Annotated[tuple[SimulatedMovement, ...], msgspec.Meta(max_length=MOVEMENTS_MAX)] = ()
    months: Annotated[int, msgspec.Meta(ge=0, le=600, description="The term agreed, in months …")] = 0
    days: Annotated[int, msgspec.Meta(ge=0, le=36_600, description="… or in days.")] = 0
    renew: Annotated[bool, msgspec.Meta(description="Automatic renewal is agreed.")] = False
    close: Annotated[date | None, msgspec.Meta(description="The day on which all is drawn and it is closed.")] = None
    linked: Annotated[
        bool | None, msgspec.Meta(description="A linked account, never short; without it as the product needs.")
    ] = None
    company: Annotated[bool, msgspec.Meta(description="The holder is a company.")] = False
    tier: Annotated[int, msgspec.Meta(ge=0, le=99, description="The customer's tier.")] = 0


class LoanScenario(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A loan of which all is drawn at once and paid as it falls due."""

    version: Annotated[
        ProductVersion | None, msgspec.Meta(description="Without it the one that is sold today; a draft too.")
    ] = None
    amount: AmountText
    months: Annotated[int, msgspec.Meta(ge=1, le=600, description="The term.")]
    start: Annotated[date, msgspec.Meta(description="The day of drawing.")]
    company: Annotated[bool, msgspec.Meta(description="The borrower is a company.")] = False
    tier: Annotated[int, msgspec.Meta(ge=0, le=99, description="The borrower's tier.")] = 0


# --- what is told


class ProductLine(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a list."""

    product: Annotated[str, msgspec.Meta(examples=["demand/1"])]
    code: str
    version: int
    number: Annotated[int, msgspec.Meta(description="What its accounts carry.")]
    names: Reasons
    kind: Annotated[str | None, msgspec.Meta(description="Deposit or loan; none of a draft that does not read.")]
    currency: CurrencyCode
    effective: Annotated[date, msgspec.Meta(description="The first day contracts may be opened on it.")]
    status: str
    current: Annotated[bool, msgspec.Meta(description="Whether contracts are opened on it today.")]
    author: str
    approver: str | None
    sha256: Annotated[str, msgspec.Meta(description="Of its canonical file.")]


class ProductPage(msgspec.Struct, frozen=True):
    """Versions, by product number and version."""

    items: tuple[ProductLine, ...]
    next: str | None


class ProductPart(msgspec.Struct, frozen=True):
    """One part of a product."""

    part: Annotated[str, msgspec.Meta(examples=["interest.flat"])]
    kind: str
    words: Annotated[Reasons, msgspec.Meta(description="What it is.")]
    parameters: dict[str, Any]


class ProductTerm(msgspec.Struct, frozen=True):
    """How one term of a contract is agreed."""

    name: str
    rule: Annotated[str, msgspec.Meta(description="Whether a contract follows later versions, keeps it, or agrees it.")]
    words: Reasons


class ProductStep(msgspec.Struct, frozen=True):
    """One step of a version's life."""

    status: str
    by: str
    business_date: date


class ProductDetails(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a product, whole."""

    summary: ProductLine
    parts: tuple[ProductPart, ...]
    terms: tuple[ProductTerm, ...]
    life: tuple[ProductStep, ...]
    text: Annotated[str, msgspec.Meta(description="Its canonical file.")]


class ProductSection(msgspec.Struct, frozen=True):
    """One heading of the terms, with its sentences."""

    heading: Reasons
    english: tuple[str, ...]
    chinese: tuple[str, ...]


class ProductDescription(msgspec.Struct, frozen=True):
    """The terms a customer reads, made from the product's parts."""

    product: str
    names: Reasons
    sections: tuple[ProductSection, ...]
    text: Annotated[Reasons, msgspec.Meta(description="All of it as one text.")]


class ProductDifference(msgspec.Struct, frozen=True):
    """What changes from one version to another, in words."""

    old: str
    new: str
    changes: tuple[Reasons, ...]


class ProductFinding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong with a product's file."""

    line: Annotated[int, msgspec.Meta(description="From 1; 0 where no line is meant.")]
    path: Annotated[str, msgspec.Meta(examples=["parts[2].rate"])]
    code: str
    words: Reasons
    hint: str


class ProductCheck(msgspec.Struct, frozen=True, kw_only=True):
    """What a check of a product's file found."""

    sound: bool
    product: str | None
    findings: tuple[ProductFinding, ...]


class ProductStepDone(msgspec.Struct, frozen=True):
    """A step of a product's life that was taken."""

    product: Annotated[str, msgspec.Meta(examples=["demand/2"])]
    status: str


class SimulatedEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened to the contract."""

    date: date
    words: Reasons
    refused: Annotated[bool, msgspec.Meta(description="Whether it was asked for and not done.")]
    amount: Annotated[MoneyForm, msgspec.Meta(description="As its holder sees it: negative where money goes out.")]
    balance: MoneyForm


class SimulatedEnd(msgspec.Struct, frozen=True, kw_only=True):
    """The contract at the end of a day."""

    date: date
    balance: MoneyForm
    accrued: Annotated[MoneyForm, msgspec.Meta(description="Interest accrued and not paid, whole minor units.")]


class DepositSimulation(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a scenario; nothing was posted."""

    product: str
    start: date
    until: date
    maturity: Annotated[date | None, msgspec.Meta(description="The first term's.")]
    events: tuple[SimulatedEvent, ...]
    days: tuple[SimulatedEnd, ...]
    paid_in: MoneyForm
    paid_out: MoneyForm
    interest: MoneyForm
    tax: MoneyForm
    fees: MoneyForm
    balance: MoneyForm
    accrued: MoneyForm


class LoanOffer(msgspec.Struct, frozen=True, kw_only=True):
    """The instalments of a loan before there is a contract, and what it costs a year."""

    product: str
    amount: MoneyForm
    months: int
    start: date
    rate: Annotated[RateText, msgspec.Meta(description="Of the day of drawing.")]
    interest: Annotated[MoneyForm, msgspec.Meta(description="All of it.")]
    annual_rate_eu: Annotated[
        str | None, msgspec.Meta(description="Percent, by the equation of the European directives.")
    ]
    annual_rate_us: Annotated[str | None, msgspec.Meta(description="Percent, by Regulation Z of the United States.")]
    internal_rate: Annotated[str | None, msgspec.Meta(description="Percent, the internal rate of return by days.")]
    instalments: tuple[LoanForthcoming, ...]
