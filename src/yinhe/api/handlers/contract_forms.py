"""How contracts look outside: what is asked of them, and what is told."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from yinhe.api.call import Call
from yinhe.api.forms import (
    LIMIT_DEFAULT,
    AccountText,
    AmountText,
    Cursor,
    Limit,
    MoneyForm,
    Number,
    RateText,
    account_text,
    date_or_none,
    money_form,
    read_amount,
)
from yinhe.deposits.answers import Done
from yinhe.deposits.refusals import Refusal as DepositRefusal
from yinhe.kernel.currency import Currency
from yinhe.kernel.dates import days_from_date
from yinhe.kernel.refusals import ReasonEnum, Refusal
from yinhe.ledger.batch import VALUE_DATE_MAX, VALUE_DATE_MIN
from yinhe.ledger.columns import AMOUNT_MAX
from yinhe.ledger.outcomes import Outcome

ContractNumber = Annotated[int, Meta(ge=1, le=2**53 - 1, description="The contract's number.", examples=[12])]
ProductCode = Annotated[
    str,
    Meta(
        pattern=r"^[a-z][a-z0-9_]{0,39}(/[1-9][0-9]{0,5})?$",
        max_length=47,
        description="A product's code, the version then is the one on sale today; or a version of it.",
        examples=["demand", "demand/1"],
    ),
]
Cash = Annotated[bool, Meta(description="Whether it is cash at the counter; no account is named then.")]
ContractStatus = Literal["open", "dormant", "matured", "closed"]
Payee = Annotated[
    AccountText | None, Meta(description="Where the money goes; neither this nor cash: to the linked account.")
]
BranchCode = Annotated[int, Meta(ge=0, le=2**31 - 1, description="The branch that keeps it.")]


class ServingRefusal(ReasonEnum):
    """What is refused before a contract's own rules are asked."""

    PRODUCT_UNKNOWN = "there is no such product on sale", "没有在售的该产品"
    RATE_MISSING = "no rate is posted for this product today", "该产品当日无挂牌利率"
    AS_OF_IN_FUTURE = "this business date has not come yet", "该会计日期尚未到来"
    DATE_OUT_OF_RANGE = "a date lies in the years 1900 to 2199", "日期应在1900年至2199年之间"


class ContractPath(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which contract."""

    contract: ContractNumber


class NoticePath(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which notice of which contract."""

    contract: ContractNumber
    notice: Annotated[UUID, Meta(description="The id of the command that gave it.")]


class ContractReading(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which contract, and as of which day."""

    contract: ContractNumber
    as_of: Annotated[date | None, Meta(description="The business date at whose end the balance is told.")] = None


class ContractPages(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which contract's list, and which page of it."""

    contract: ContractNumber
    limit: Limit = LIMIT_DEFAULT
    cursor: Cursor = ""


class ContractFilter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which contracts."""

    party: Annotated[Number | None, Meta(description="Only those this party holds.")] = None
    account: Annotated[AccountText | None, Meta(description="Only the one whose money lies on this account.")] = None
    product: Annotated[ProductCode | None, Meta(description="Only those of this product, or of this version.")] = None
    closed: Annotated[bool, Meta(description="Closed ones too.")] = False
    limit: Limit = LIMIT_DEFAULT
    cursor: Cursor = ""


class OpenContract(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A contract to be opened, with its account and its first deposit."""

    product: ProductCode
    party: Annotated[Number, Meta(description="Who holds it; a customer.", examples=[1])]
    amount: Annotated[AmountText | None, Meta(description="The first deposit; none: nothing is paid in.")] = None
    funding: Annotated[AccountText | None, Meta(description="The account the first deposit comes from.")] = None
    cash: Cash = False
    principal: Annotated[
        AmountText | None, Meta(description="What is agreed, as one instalment; none: the first deposit.")
    ] = None
    linked: Annotated[AccountText | None, Meta(description="Where interest and principal go.")] = None
    months: Annotated[int, Meta(ge=0, le=1_200, description="The term, in months …")] = 0
    days: Annotated[int, Meta(ge=0, le=36_500, description="… and in days.")] = 0
    day_of_month: Annotated[int, Meta(ge=0, le=31, description="The day of the month of instalments; 0: none.")] = 0
    branch: BranchCode = 0
    region: Annotated[int, Meta(ge=0, le=2**31 - 1, description="The region's code.")] = 0
    new_money: Annotated[bool, Meta(description="Whether the money comes from outside the bank.")] = False
    auto_renew: Annotated[bool, Meta(description="Whether it is renewed at maturity.")] = False
    rate: Annotated[
        RateText | None, Meta(description="The rate negotiated, percent a year; needs `contract:amend` too.")
    ] = None


class AmendContract(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is agreed anew; what is left out stays."""

    linked: Annotated[
        AccountText | UnsetType | None, Meta(description="Where interest and principal go; null: nowhere.")
    ] = UNSET
    auto_renew: Annotated[bool | UnsetType, Meta(description="Whether it is renewed at maturity.")] = UNSET
    rate: Annotated[RateText | UnsetType, Meta(description="The rate negotiated, percent a year, from today on.")] = (
        UNSET
    )


class HandOverContract(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """To whom a contract is transferred; the price is paid between the two."""

    party: Annotated[Number, Meta(description="Who holds it from now on; a customer.", examples=[2])]


class GiveContractNotice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A withdrawal that is announced."""

    amount: AmountText
    due_on: Annotated[date, Meta(description="The day of the withdrawal.")]


class PayIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Money paid into a contract."""

    amount: AmountText
    funding: Annotated[AccountText | None, Meta(description="The account it comes from.")] = None
    cash: Cash = False


class DrawFromContract(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Money drawn from a contract."""

    amount: AmountText
    payee: Payee = None
    cash: Cash = False


class CloseContract(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the money of a contract goes that is closed."""

    payee: Payee = None
    cash: Cash = False


class ContractDone(msgspec.Struct, frozen=True, kw_only=True):
    """What was done with a contract, or would be."""

    id: Annotated[UUID, Meta(description="The command's id; of a notice or a standing order its own.")]
    kind: Annotated[str, Meta(description="open, amend, transfer, notice, deposit, withdraw, close and the like.")]
    contract: ContractNumber
    account: Annotated[
        AccountText | None, Meta(description="Where its money lies; null in a dry run that would open it.")
    ]
    maturity: Annotated[date | None, Meta(description="When its term ends; null: it has none.")]
    interest: Annotated[MoneyForm, Meta(description="Interest paid …")]
    tax: Annotated[MoneyForm, Meta(description="… the tax withheld from it …")]
    paid: Annotated[MoneyForm, Meta(description="… and what left the contract.")]
    received: Annotated[MoneyForm, Meta(description="What came into the contract beside interest.")]


class ContractView(msgspec.Struct, frozen=True, kw_only=True):
    """A contract as it stands."""

    contract: ContractNumber
    party: Annotated[int | None, Meta(description="Who holds it; null: a holder of older books.")]
    product: Annotated[str, Meta(description="The version it was opened on.", examples=["demand/1"])]
    product_english: Annotated[str, Meta(description="What the product is called …")]
    product_chinese: Annotated[str, Meta(description="… and in Chinese.")]
    status: Annotated[
        ContractStatus, Meta(description="Past its term and not renewed it is matured; not moved for long, dormant.")
    ]
    account: AccountText
    linked: Annotated[AccountText | None, Meta(description="Where interest and principal go.")]
    branch: Annotated[int, Meta(description="The branch that keeps it.")]
    opened: Annotated[date, Meta(description="The business date it was opened on.")]
    start: Annotated[date, Meta(description="From when interest counts: the opening, or the last renewal.")]
    maturity: Annotated[date | None, Meta(description="When its term ends; null: it has none.")]
    months: Annotated[int, Meta(description="The term agreed, in months …")]
    days: Annotated[int, Meta(description="… and in days; 0 for none.")]
    closed: Annotated[date | None, Meta(description="The business date it was closed on.")]
    auto_renew: Annotated[bool, Meta(description="Whether it is renewed at maturity.")]
    principal: Annotated[MoneyForm, Meta(description="What is agreed; of a saving plan one instalment.")]
    rate: Annotated[
        RateText | None,
        Meta(description="What its balance earns today, percent a year; null: no rate is posted, or its term is over."),
    ]
    agreed_rate: Annotated[RateText | None, Meta(description="Its own rate, kept or negotiated; null: the product's.")]
    accrued: Annotated[MoneyForm, Meta(description="Interest accrued and not yet settled …")]
    accrued_until: Annotated[date, Meta(description="… for the days before this one.")]
    balance: Annotated[MoneyForm, Meta(description="What lies on its account.")]
    held: Annotated[MoneyForm | None, Meta(description="What of it is held; null as of a day gone by.")]
    available: Annotated[
        MoneyForm | None, Meta(description="What may be drawn, an overdraft counted in; null as of a day gone by.")
    ]
    as_of: Annotated[date, Meta(description="The business date the balance is of.")]


class ContractPage(msgspec.Struct, frozen=True):
    """Contracts in the order they were opened."""

    items: Annotated[tuple[ContractView, ...], Meta(description="At most as many as asked for.")]
    next: Annotated[str | None, Meta(description="The cursor of the next page; null: this is the last.")]


class ContractEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was done with a contract."""

    id: Annotated[UUID, Meta(description="The command's id.")]
    kind: Annotated[str, Meta(description="open, amend, transfer, notice, deposit, withdraw, close and the like.")]
    business_date: Annotated[date, Meta(description="The business date it was done on.")]
    author: Annotated[
        str | None, Meta(description="Who asked; null: the bank itself, or whoever reads is limited to parties.")
    ]
    interest: Annotated[MoneyForm, Meta(description="Interest paid …")]
    tax: Annotated[MoneyForm, Meta(description="… the tax withheld from it …")]
    paid: Annotated[MoneyForm, Meta(description="… and what left the contract.")]
    received: Annotated[MoneyForm, Meta(description="What came into the contract beside interest.")]


class ContractEventPage(msgspec.Struct, frozen=True):
    """What was done with a contract, latest first."""

    items: Annotated[tuple[ContractEvent, ...], Meta(description="At most as many as asked for.")]
    next: Annotated[str | None, Meta(description="The cursor of the next page; null: this is the last.")]


class ContractNotice(msgspec.Struct, frozen=True, kw_only=True):
    """A notice of withdrawal."""

    id: Annotated[UUID, Meta(description="Its id: that of the command that gave it.")]
    given_on: Annotated[date, Meta(description="The business date it was given on.")]
    due_on: Annotated[date, Meta(description="The day of the withdrawal.")]
    amount: Annotated[MoneyForm, Meta(description="What is to be withdrawn.")]
    state: Annotated[
        Literal["given", "drawn", "cancelled"], Meta(description="Whether it stands, was used, or was taken back.")
    ]


class ContractNoticePage(msgspec.Struct, frozen=True):
    """The notices of a contract, the latest given first."""

    items: Annotated[tuple[ContractNotice, ...], Meta(description="At most as many as asked for.")]
    next: Annotated[str | None, Meta(description="The cursor of the next page; null: this is the last.")]


def done_form(call: Call, done: Done, its: Currency) -> ContractDone:
    """What was done, in the currency of the contract's product."""

    def money(amount_minor: int) -> MoneyForm:
        return money_form(amount_minor, its.number)

    return ContractDone(
        id=done.id,
        kind=done.kind,
        contract=done.contract,
        account=account_text(done.account, call.bank.unit) if done.account else None,
        maturity=date_or_none(done.maturity),
        interest=money(done.interest_minor),
        tax=money(done.tax_minor),
        paid=money(done.paid_minor),
        received=money(done.received_minor),
    )


def amount_of(text: str | None, its: Currency) -> int | Refusal | DepositRefusal:
    """Minor units of an amount's text that the ledger can hold; 0 for none."""
    if text is None:
        return 0
    found = read_amount(text, its)
    if isinstance(found, int) and found > AMOUNT_MAX:
        return DepositRefusal(Outcome.AMOUNT_OUT_OF_RANGE)
    return found


def day_of(day: date) -> int | Refusal:
    """Days since 1970-01-01 of a date that the books can hold."""
    found = days_from_date(day)
    return found if VALUE_DATE_MIN <= found <= VALUE_DATE_MAX else Refusal(ServingRefusal.DATE_OUT_OF_RANGE)


def weight_minor(text: Any, its: Currency) -> int:
    """What an amount weighs; one that does not read is refused later, and weighs nothing."""
    found = read_amount(text, its) if isinstance(text, str) else 0
    return found if isinstance(found, int) else 0
