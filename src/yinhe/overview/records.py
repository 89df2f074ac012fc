"""What a picture of a customer is made of. Amounts are minor units of the currency beside them, rates 1e-8 a year."""

import datetime as dt
from enum import StrEnum, unique
from typing import Any

import msgspec

from yinhe.kernel.refusals import ReasonEnum
from yinhe.overview.worth import WorthLine


@unique
class ContractStatus(StrEnum):
    """Where a deposit contract stands."""

    OPEN = "open"
    DORMANT = "dormant"
    MATURED = "matured"
    """Past its maturity and not renewed: earns the demand rate."""
    CLOSED = "closed"


@unique
class LoanStatus(StrEnum):
    """Where a loan stands."""

    AGREED = "agreed"
    """Nothing was drawn yet."""
    OPEN = "open"
    OVERDUE = "overdue"
    WRITTEN_OFF = "written_off"
    """Given up in the books and still claimed."""
    CLOSED = "closed"


class ProductName(msgspec.Struct, frozen=True):
    """The product a contract is on."""

    code: str
    version: int
    english: str
    chinese: str


class ContractPicture(msgspec.Struct, frozen=True, kw_only=True):
    """One deposit contract. On a past date what is only known of now is None."""

    contract: int
    account: int
    number: str
    """The account's 16 digits."""
    product: ProductName
    status: ContractStatus
    currency: str
    opened: dt.date
    maturity: dt.date | None
    closed: dt.date | None
    renews: bool
    linked: str | None
    """The number of the account where interest and principal go."""
    balance_minor: int
    held_minor: int | None
    available_minor: int | None
    rate: int | None
    """What the balance earns now, in the tier it lies in; None where the product has no rate."""
    accrued_minor: int | None
    """Interest accrued and not paid, whole minor units; None also while a night's step has it in hand …"""
    accrued_until: dt.date | None
    """… and to before which day."""
    is_blocked: bool | None
    """Whether debits or credits are stopped by order."""


class LoanPicture(msgspec.Struct, frozen=True, kw_only=True):
    """One loan. On a past date, and while a night's step has it in hand, what is worked out is None."""

    loan: int
    account: int
    number: str
    """The principal account's 16 digits."""
    product: ProductName
    status: LoanStatus
    currency: str
    agreed: dt.date
    maturity: dt.date | None
    closed: dt.date | None
    limit_minor: int
    lent_minor: int
    principal_minor: int
    """Owed, fallen due or not."""
    receivable_minor: int
    """Interest and fees due in the books."""
    rate: int
    due_minor: int | None
    """Everything that is due today, what being late costs included."""
    overdue_minor: int | None
    """Principal and interest due before today."""
    overdue_since: dt.date | None
    days_late: int | None
    running_minor: int | None
    """Interest of the running period to date; not due."""
    next_due: dt.date | None
    next_minor: int | None
    """What falls due then, if all is paid before."""
    grade: str | None
    """Of the five grades; None before the first night."""
    linked: str | None
    """The number of the account instalments are collected from."""
    is_blocked: bool
    written_off_minor: int


class CardPicture(msgspec.Struct, frozen=True, kw_only=True):
    """One credit card: its last statement, and what was spent since."""

    loan: int
    currency: str
    limit_minor: int
    used_minor: int
    free_minor: int
    statement_on: dt.date | None
    """The last billing day; None before the first."""
    due: dt.date | None
    statement_minor: int
    minimum_minor: int
    left_minor: int
    """Of the statement, what is not paid."""
    next_statement: dt.date | None


@unique
class LimitKind(StrEnum):
    """What a limit is on."""

    DAILY = "daily"
    """What may be debited in one business date."""
    OVERDRAFT = "overdraft"
    CREDIT_LINE = "credit_line"


class LimitUse(msgspec.Struct, frozen=True, kw_only=True):
    """A limit and how much of it is used."""

    kind: LimitKind
    object: str
    """`contract/7` or `loan/3`."""
    currency: str
    limit_minor: int
    used_minor: int
    free_minor: int


class HoldPicture(msgspec.Struct, frozen=True, kw_only=True):
    """An open hold on one of the customer's accounts."""

    hold: int
    """Its number: the seq of its row."""
    account: int
    number: str
    to_number: str
    currency: str
    remaining_minor: int
    placed_on: dt.date
    expires_at: int | None
    """Microseconds since 1970-01-01; None for a hold without end."""


class CurrencyTotal(msgspec.Struct, frozen=True, kw_only=True):
    """All contracts and loans of one currency together."""

    currency: str
    deposits_minor: int
    """Balances of deposits, those above zero …"""
    overdrawn_minor: int
    """… and those below, as an amount owed."""
    held_minor: int | None
    available_minor: int | None
    loans_minor: int
    """Principal owed."""


class AlertReason(ReasonEnum):
    """What should be looked at, the gravest first."""

    LOAN_OVERDUE = "a loan is overdue", "贷款逾期"
    LOAN_WRITTEN_OFF = "a loan was written off and is still claimed", "贷款已核销仍在追索"
    OVER_OVERDRAFT = "an account is overdrawn beyond its limit", "账户透支超过额度"
    OVERDRAWN = "an account is overdrawn", "账户已透支"
    BLOCKED = "an account or loan is blocked", "账户或贷款已止付"
    RISK_REVIEW_DUE = "the review of the risk rating is due", "风险评级到期待复核"
    IDENTIFIER_EXPIRED = "an identifier has expired", "证件已过期"
    IDENTIFIER_EXPIRES = "an identifier expires soon", "证件即将到期"
    DOCUMENT_EXPIRED = "a document has expired", "资料已过期"
    DOCUMENT_EXPIRES = "a document expires soon", "资料即将到期"
    LOAN_DUE = "an instalment falls due soon", "贷款即将到期还款"
    CARD_DUE = "a card's statement falls due soon", "信用卡账单即将到期"
    MATURES = "a deposit matures soon", "存款即将到期"
    HOLD_EXPIRES = "a hold expires soon", "冻结即将到期"
    DORMANT = "an account is dormant", "账户为休眠户"
    INSTALMENT_MISSED = "instalments of a savings plan were missed", "零存整取漏存"


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that should be looked at."""

    name: str
    """The reason for programs: `AlertReason` in lower case."""
    english: str
    chinese: str
    object: str
    """`contract/7`, `loan/3`, `hold/4711`, `identifier/passport`."""
    on: dt.date | None = None
    """Since when, or when."""
    amount_minor: int | None = None
    currency: str | None = None


class Relation(msgspec.Struct, frozen=True, kw_only=True):
    """How the customer and another party are related."""

    kind: str
    other: int
    """The other party's number."""
    other_name: str
    """Masked, unless it was asked for in the clear."""
    since: dt.date | None = None
    outward: bool = True
    """Whether the other is this party's guardian (and the like); else this party is the other's."""
    share: str | None = None
    """Of ownership: `25.00%`."""


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was done lately: an event of a contract or loan, or a record of the log."""

    at: int
    """Microseconds since 1970-01-01."""
    business_date: dt.date
    action: str
    """Area and verb: `contract.withdraw`, `party.rate_risk`."""
    object: str
    amount_minor: int | None = None
    currency: str | None = None
    actor: str | None = None


class WorthPicture(msgspec.Struct, frozen=True, kw_only=True):
    """What the customer is worth to the bank, by currency."""

    as_of_seq: int
    """Everything in the journal up to it is counted."""
    since: dt.date
    """The first day of the last twelve months, the running one among them."""
    last_year: tuple[WorthLine, ...]
    in_all: tuple[WorthLine, ...]


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A customer's whole picture."""

    party: int
    details: Any
    """As the register of parties shows it, masked or in the clear; None without a register."""
    business_date: dt.date
    as_of: dt.date | None
    """The past date at whose end it was so; None for now."""
    seq: int
    """The last durable seq when it was read."""
    night_at_work: bool
    contracts: tuple[ContractPicture, ...]
    loans: tuple[LoanPicture, ...]
    more: int
    """Contracts and loans open that are not shown: there are too many …"""
    closed: int
    """… and those that are closed."""
    totals: tuple[CurrencyTotal, ...]
    limits: tuple[LimitUse, ...]
    holds: tuple[HoldPicture, ...]
    cards: tuple[CardPicture, ...]
    relations: tuple[Relation, ...]
    acts: tuple[Act, ...]
    alerts: tuple[Alert, ...]
    worth: WorthPicture
