"""What operations take and give: written by docs/generate_client.py, not by hand."""

# ruff: noqa: E501

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal, TypeAlias
from uuid import UUID

import msgspec

PartyKind: TypeAlias = Literal["organisation", "person"]
NameKind: TypeAlias = Literal["alias", "former", "legal"]
IdentifierKind: TypeAlias = Literal["citizen_id", "lei", "other", "passport", "residence_permit", "uscc"]
AddressKind: TypeAlias = Literal["business", "home", "postal", "registered", "work"]
ContactKind: TypeAlias = Literal["email", "mobile", "phone"]
Area: TypeAlias = Literal["address", "consent", "contact", "document", "identifier", "name"]
Sign: TypeAlias = Literal["born", "born_differs", "email", "name", "number"]
PartyStatus: TypeAlias = Literal["closed", "customer", "dormant", "prospect"]
Risk: TypeAlias = Literal["high", "low", "medium", "prohibited"]
RelationKind: TypeAlias = Literal[
    "attorney",
    "beneficial_owner",
    "employer",
    "group_head",
    "guardian",
    "legal_representative",
    "parent",
    "shareholder",
    "spouse",
]
ContractStatus: TypeAlias = Literal["closed", "dormant", "matured", "open"]
LoanStatus: TypeAlias = Literal["agreed", "closed", "open", "overdue", "written_off"]
LimitKind: TypeAlias = Literal["credit_line", "daily", "overdraft"]
Kind: TypeAlias = Literal["contract", "loan", "posting", "record"]
State: TypeAlias = Literal["accepted", "cancelled", "posted", "rejected", "returned", "waiting"]
Outgoing: TypeAlias = Literal["credits", "returns"]
ReceiptState: TypeAlias = Literal["applied", "applying", "credited", "returned", "returning", "suspended", "taken"]
WebhookState: TypeAlias = Literal["active", "paused", "removed"]
OnDead: TypeAlias = Literal["go_on", "pause"]
Permission: TypeAlias = Literal[
    "access:break-glass",
    "access:read",
    "access:write",
    "account:control",
    "approval:decide",
    "audit:read",
    "contract:amend",
    "contract:open",
    "contract:read",
    "contract:serve",
    "event:read",
    "hold:place",
    "loan:agree",
    "loan:arrange",
    "loan:read",
    "loan:serve",
    "night:read",
    "night:run",
    "operation:read",
    "own:secret",
    "party:merge",
    "party:personal",
    "party:read",
    "party:risk",
    "party:write",
    "payment:read",
    "payment:receive",
    "payment:send",
    "product:approve",
    "product:read",
    "product:write",
    "transfer:post",
    "transfer:reverse",
    "webhook:write",
]
Language: TypeAlias = Literal["en", "zh"]


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A problem document (RFC 9457)."""

    type: str
    title: str
    status: int
    code: str
    reason: Reasons
    instance: str = ""
    retry: bool = False


class Reasons(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The reason in two languages."""

    en: str
    zh: str


class TokenForm(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="grant_type", tag="client_credentials"
):
    """A request for a token (RFC 6749 section 4.4.2)."""

    client_id: str = ""
    client_secret: str = ""
    scope: str = ""
    """Permissions, apart by spaces."""


class OAuthError(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why there is no token (RFC 6749 section 5.2)."""

    error: str
    error_description: str


class TokenAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An access token (RFC 6749 section 5.1)."""

    access_token: str
    token_type: str
    expires_in: int


class KeySet(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The public keys that tokens are signed with (RFC 7517)."""

    keys: tuple[dict[str, Any], ...]


class LogInForm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a user proves itself with."""

    name: str
    password: str
    code: str = ""
    """The authenticator's code, or a recovery code."""


class SessionAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A session, opened or refreshed."""

    access_token: str
    refresh_token: str
    expires_in: int
    session: UUID
    must_change_secret: bool


class RefreshForm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A refresh token, used by this."""

    refresh_token: str


class SessionList(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One's own open sessions."""

    items: tuple[SessionCard, ...]


class SessionCard(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An open session."""

    session: UUID
    address: str
    channel: str
    second_factor: bool
    opened_at: str
    used_at: str
    ends_at: str


class Acknowledged(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """It is done."""

    done: bool = True


class PasswordForm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The password one has, and the one to be."""

    current: str
    new: str


class ProofForm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One's password."""

    password: str


class EnrolmentAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The secret for the authenticator, shown once."""

    secret: str | None
    address: str | None


class CodeForm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A code of the authenticator."""

    code: str


class RecoveryAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Codes to log in with when the authenticator is lost; each once, shown once."""

    codes: tuple[str, ...]


class FactorRemovalForm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One's password and a code."""

    password: str
    code: str


class PartyForm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A party to open, as a prospect."""

    kind: PartyKind
    items: tuple[Name | Identifier | Address | Contact | Consent | Document, ...]
    """Names, identifiers and the like."""
    born: date | None = None
    """Date of birth or foundation."""
    tier: int = 0
    seen: tuple[int, ...] = ()
    """Parties that look the same and were found to be others."""


class Name(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="name"):
    """A name in one script."""

    text: str
    kind: NameKind = "legal"
    preferred: bool = False


class Identifier(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="identifier"):
    """What an authority calls the party by."""

    kind: IdentifierKind
    value: str
    country: str = "CN"
    expires: date | None = None


class Address(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="address"):
    """A postal address; its parts are those of PostalAddress in ISO 20022."""

    kind: AddressKind
    country: str = "CN"
    province: str = ""
    town: str = ""
    district: str = ""
    street: str = ""
    building: str = ""
    room: str = ""
    post_code: str = ""
    preferred: bool = False


class Contact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="contact"):
    """A number or an e-mail address."""

    kind: ContactKind
    value: str
    preferred: bool = False


class Consent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="consent"):
    """What the party allows the bank to do with its data; withdrawn by ending it."""

    purpose: str
    evidence: str = ""
    given: date | None = None


class Document(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="document"):
    """A document that lies elsewhere: what it is, where, and the digest of its content."""

    kind: str
    reference: str
    sha256: str
    expires: date | None = None


class Changed(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of a party."""

    party: int
    version: int
    item: int | None = None
    items: tuple[ItemAdded, ...] = ()
    candidates: tuple[Candidate, ...] = ()


class ItemAdded(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An entry that was added with others, in the order given."""

    item: int
    area: Area


class Candidate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A party that may be the same."""

    party: int
    score: int
    signs: tuple[Sign, ...]


class PartyList(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A page of parties, personal data masked."""

    items: tuple[PartyLine, ...]
    next: str | None


class PartyLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A party in a list, masked."""

    party: int
    kind: PartyKind
    status: PartyStatus
    tier: int
    risk: Risk | None
    version: int
    opened: date
    name: str


class SearchForm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """By what parties are looked for: exactly one of the three."""

    identifier: IdentifierSought | None = None
    contact: ContactSought | None = None
    name: str | None = None


class IdentifierSought(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An identifier in full."""

    kind: IdentifierKind
    value: str
    country: str = "CN"


class ContactSought(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A number or an e-mail address in full."""

    kind: ContactKind
    value: str


class PartyView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The whole of a party."""

    party: int
    asked: int
    merged: tuple[int, ...]
    kind: PartyKind
    status: PartyStatus
    tier: int
    risk: Risk | None
    risk_review: date | None
    version: int
    opened: date
    closed: date | None
    clear: bool
    name: str
    born: str | None
    items: tuple[ItemView, ...]
    relations: tuple[RelationView, ...]


class ItemView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An entry: a name, an identifier, an address, a contact, a consent or a document."""

    item: int
    area: Area
    kind: str
    fields: dict[str, str]
    since: date
    country: str = ""
    script: str = ""
    preferred: bool = False
    expires: date | None = None
    verified: date | None = None
    verified_how: str = ""
    sha256: str = ""
    ended: date | None = None


class RelationView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A relation, seen from one of the two."""

    relation: int
    kind: RelationKind
    other: int
    other_name: str
    outward: bool
    since: date
    share: str | None = None
    ended: date | None = None


class ActList(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A page of what was done to a party, the newest first."""

    items: tuple[Act, ...]
    next: str | None


class Act(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that was done to a party, from the log; personal data hidden or in the clear."""

    number: int
    at: str
    action: str
    actor: str
    outcome: str
    why: str
    before: Any
    after: Any


class CandidateList(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Parties that may be the same, the most probable first."""

    items: tuple[Candidate, ...]


class EntryForm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An entry to add."""

    item: Name | Identifier | Address | Contact | Consent | Document


class VerificationForm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How an identifier was verified."""

    how: str
    """A code."""


class BirthDateForm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The right date of birth or foundation."""

    born: date


class TierForm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The tier a party is put into."""

    tier: int


class RiskForm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A rating until the next review."""

    risk: Risk
    review: date
    """When it is looked at again."""


class StatusForm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The state a party is brought into."""

    status: PartyStatus


class RelationForm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What another party is to this one."""

    other: int
    """The party's number."""
    kind: RelationKind
    share: str | None = None
    since: date | None = None


class MergeForm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which party is the same as this one."""

    loser: int
    """The party's number."""


class CustomerPicture(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A customer's whole picture."""

    party: int
    details: Any
    business_date: date
    as_of: date | None
    seq: int
    night_at_work: bool
    contracts: tuple[CustomerPictureContractPicture, ...]
    loans: tuple[CustomerPictureLoanPicture, ...]
    more: int
    closed: int
    totals: tuple[CustomerPictureCurrencyTotal, ...]
    limits: tuple[CustomerPictureLimitUse, ...]
    holds: tuple[CustomerPictureHoldPicture, ...]
    cards: tuple[CustomerPictureCardPicture, ...]
    relations: tuple[CustomerPictureRelation, ...]
    acts: tuple[CustomerPictureAct, ...]
    alerts: tuple[CustomerPictureAlert, ...]
    worth: CustomerPictureWorthPicture


class CustomerPictureContractPicture(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One deposit contract. On a past date what is only known of now is None."""

    contract: int
    number: str
    product: CustomerPictureContractPictureProductName
    status: ContractStatus
    currency: str
    opened: date
    maturity: date | None
    closed: date | None
    renews: bool
    linked: str | None
    balance: str
    held: str | None
    available: str | None
    rate: str | None
    accrued: str | None
    accrued_until: date | None
    is_blocked: bool | None


class CustomerPictureContractPictureProductName(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The product a contract is on."""

    code: str
    version: int
    english: str
    chinese: str


class CustomerPictureLoanPicture(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One loan. On a past date, and while a night's step has it in hand, what is worked out is None."""

    loan: int
    number: str
    product: CustomerPictureLoanPictureProductName
    status: LoanStatus
    currency: str
    agreed: date
    maturity: date | None
    closed: date | None
    limit: str
    lent: str
    principal: str
    receivable: str
    rate: str
    due: str | None
    overdue: str | None
    overdue_since: date | None
    days_late: int | None
    running: str | None
    next_due: date | None
    next: str | None
    grade: str | None
    linked: str | None
    is_blocked: bool
    written_off: str


class CustomerPictureLoanPictureProductName(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The product a contract is on."""

    code: str
    version: int
    english: str
    chinese: str


class CustomerPictureCurrencyTotal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All contracts and loans of one currency together."""

    currency: str
    deposits: str
    overdrawn: str
    held: str | None
    available: str | None
    loans: str


class CustomerPictureLimitUse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A limit and how much of it is used."""

    kind: LimitKind
    object: str
    currency: str
    limit: str
    used: str
    free: str


class CustomerPictureHoldPicture(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An open hold on one of the customer's accounts."""

    hold: int
    number: str
    to_number: str
    currency: str
    remaining: str
    placed_on: date
    expires_at: str | None


class CustomerPictureCardPicture(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One credit card: its last statement, and what was spent since."""

    loan: int
    currency: str
    limit: str
    used: str
    free: str
    statement_on: date | None
    due: date | None
    statement: str
    minimum: str
    left: str
    next_statement: date | None


class CustomerPictureRelation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How the customer and another party are related."""

    kind: str
    other: int
    other_name: str
    since: date | None
    outward: bool
    share: str | None


class CustomerPictureAct(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that was done lately: an event of a contract or loan, or a record of the log."""

    at: str
    business_date: date
    action: str
    object: str
    amount: str | None
    currency: str | None
    actor: str | None


class CustomerPictureAlert(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that should be looked at."""

    name: str
    english: str
    chinese: str
    object: str
    on: date | None
    amount: str | None
    currency: str | None


class CustomerPictureWorthPicture(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the customer is worth to the bank, by currency."""

    as_of_seq: int
    since: date
    last_year: tuple[CustomerPictureWorthPictureWorthLine, ...]
    in_all: tuple[CustomerPictureWorthPictureWorthLine, ...]


class CustomerPictureWorthPictureWorthLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One currency; minor units, each positive where the name says what happened."""

    currency: str
    interest_earned: str
    fees: str
    interest_paid: str
    tax: str
    lost: str
    result: str


class TimelineAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A page of what happened with a customer, the newest first."""

    party: int
    items: tuple[CustomerHappening, ...]
    next: str | None


class CustomerHappening(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that happened; amounts in minor units of the account's currency."""

    kind: Kind
    at: str
    business_date: date
    action: str
    english: str
    chinese: str
    object: str
    id: UUID | None
    seq: int | None
    record: int | None
    amount: str | None
    held: str | None
    currency: str | None
    number: str | None
    counter_number: str | None
    balance: str | None
    actor: str | None
    outcome: str | None
    narrative: str | None


class OpenContract(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A contract to be opened, with its account and its first deposit."""

    product: str
    """A product's code, the version then is the one on sale today; or a version of it."""
    party: int
    """Who holds it; a customer."""
    amount: str | None = None
    """The first deposit; none: nothing is paid in."""
    funding: str | None = None
    """The account the first deposit comes from."""
    cash: bool = False
    """Whether it is cash at the counter; no account is named then."""
    principal: str | None = None
    """What is agreed, as one instalment; none: the first deposit."""
    linked: str | None = None
    """Where interest and principal go."""
    months: int = 0
    """The term, in months …."""
    days: int = 0
    """… and in days."""
    day_of_month: int = 0
    """The day of the month of instalments; 0: none."""
    branch: int = 0
    """The branch that keeps it."""
    region: int = 0
    """The region's code."""
    new_money: bool = False
    """Whether the money comes from outside the bank."""
    auto_renew: bool = False
    """Whether it is renewed at maturity."""
    rate: str | None = None
    """The rate negotiated, percent a year; needs `contract:amend` too."""


class ContractDone(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was done with a contract, or would be."""

    id: UUID
    """The command's id; of a notice or a standing order its own."""
    kind: str
    """open, amend, transfer, notice, deposit, withdraw, close and the like."""
    contract: int
    """The contract's number."""
    account: str | None
    """Where its money lies; null in a dry run that would open it."""
    maturity: date | None
    """When its term ends; null: it has none."""
    interest: MoneyForm
    """Interest paid …."""
    tax: MoneyForm
    """… the tax withheld from it …."""
    paid: MoneyForm
    """… and what left the contract."""
    received: MoneyForm
    """What came into the contract beside interest."""


class MoneyForm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An amount with its currency."""

    amount: str
    currency: str
    """ISO 4217."""


class ContractPage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Contracts in the order they were opened."""

    items: tuple[ContractView, ...]
    """At most as many as asked for."""
    next: str | None
    """The cursor of the next page; null: this is the last."""


class ContractView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A contract as it stands."""

    contract: int
    """The contract's number."""
    party: int | None
    """Who holds it; null: a holder of older books."""
    product: str
    """The version it was opened on."""
    product_english: str
    """What the product is called …."""
    product_chinese: str
    """… and in Chinese."""
    status: Literal["closed", "dormant", "matured", "open"]
    """Past its term and not renewed it is matured; not moved for long, dormant."""
    account: str
    """An account number: 16 digits, the last two check the others."""
    linked: str | None
    """Where interest and principal go."""
    branch: int
    """The branch that keeps it."""
    opened: date
    """The business date it was opened on."""
    start: date
    """From when interest counts: the opening, or the last renewal."""
    maturity: date | None
    """When its term ends; null: it has none."""
    months: int
    """The term agreed, in months …."""
    days: int
    """… and in days; 0 for none."""
    closed: date | None
    """The business date it was closed on."""
    auto_renew: bool
    """Whether it is renewed at maturity."""
    principal: MoneyForm
    """What is agreed; of a saving plan one instalment."""
    rate: str | None
    """What its balance earns today, percent a year; null: no rate is posted, or its term is over."""
    agreed_rate: str | None
    """Its own rate, kept or negotiated; null: the product's."""
    accrued: MoneyForm
    """Interest accrued and not yet settled …."""
    accrued_until: date
    """… for the days before this one."""
    balance: MoneyForm
    """What lies on its account."""
    held: MoneyForm | None
    """What of it is held; null as of a day gone by."""
    available: MoneyForm | None
    """What may be drawn, an overdraft counted in; null as of a day gone by."""
    as_of: date
    """The business date the balance is of."""


class AmendContract(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is agreed anew; what is left out stays."""

    linked: str | None = None
    """Where interest and principal go; null: nowhere."""
    auto_renew: bool | None = None
    """Whether it is renewed at maturity."""
    rate: str | None = None
    """Percent a year, as text."""


class HandOverContract(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """To whom a contract is transferred; the price is paid between the two."""

    party: int
    """Who holds it from now on; a customer."""


class PayIn(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Money paid into a contract."""

    amount: str
    """A positive amount as text, never a number: at most the decimals of its currency."""
    funding: str | None = None
    """The account it comes from."""
    cash: bool = False
    """Whether it is cash at the counter; no account is named then."""


class DrawFromContract(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Money drawn from a contract."""

    amount: str
    """A positive amount as text, never a number: at most the decimals of its currency."""
    payee: str | None = None
    """Where the money goes; neither this nor cash: to the linked account."""
    cash: bool = False
    """Whether it is cash at the counter; no account is named then."""


class CloseContract(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where the money of a contract goes that is closed."""

    payee: str | None = None
    """Where the money goes; neither this nor cash: to the linked account."""
    cash: bool = False
    """Whether it is cash at the counter; no account is named then."""


class GiveContractNotice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A withdrawal that is announced."""

    amount: str
    """A positive amount as text, never a number: at most the decimals of its currency."""
    due_on: date
    """The day of the withdrawal."""


class ContractNoticePage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The notices of a contract, the latest given first."""

    items: tuple[ContractNotice, ...]
    """At most as many as asked for."""
    next: str | None
    """The cursor of the next page; null: this is the last."""


class ContractNotice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A notice of withdrawal."""

    id: UUID
    """Its id: that of the command that gave it."""
    given_on: date
    """The business date it was given on."""
    due_on: date
    """The day of the withdrawal."""
    amount: MoneyForm
    """What is to be withdrawn."""
    state: Literal["cancelled", "drawn", "given"]
    """Whether it stands, was used, or was taken back."""


class ContractEventPage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was done with a contract, latest first."""

    items: tuple[ContractEvent, ...]
    """At most as many as asked for."""
    next: str | None
    """The cursor of the next page; null: this is the last."""


class ContractEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that was done with a contract."""

    id: UUID
    """The command's id."""
    kind: str
    """open, amend, transfer, notice, deposit, withdraw, close and the like."""
    business_date: date
    """The business date it was done on."""
    author: str | None
    """Who asked; null: the bank itself, or whoever reads is limited to parties."""
    interest: MoneyForm
    """Interest paid …."""
    tax: MoneyForm
    """… the tax withheld from it …."""
    paid: MoneyForm
    """… and what left the contract."""
    received: MoneyForm
    """What came into the contract beside interest."""


class AccountView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An account as it stands."""

    account: str
    """An account number: 16 digits, the last two check the others."""
    contract: int | None
    """The contract whose money lies on it."""
    loan: int | None
    """The loan whose principal, or what is due beside it, lies on it."""
    currency: str
    """ISO 4217."""
    as_of: date
    """The business date the balance is of."""
    balance: MoneyForm
    """Credits less debits: what is owed to the bank is below zero."""
    held: MoneyForm | None
    """What of it is held; null as of a day gone by."""
    available: MoneyForm | None
    """What may be debited; null as of a day gone by, or without a floor."""
    floor: MoneyForm | None
    """The lowest balance allowed; null: none."""
    ceiling: MoneyForm | None
    """The highest balance allowed; null: none."""
    limit_daily: MoneyForm | None
    """Most that may be debited in a day; null: no limit."""
    turnover: MoneyForm
    """What was debited or held on the present business date."""
    debit_blocked: bool
    """Whether nothing may be debited."""
    credit_blocked: bool
    """Whether nothing may be credited."""
    closed: bool
    """Whether it is closed."""


class AccountEntryPage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The lines of an account, newest first."""

    items: tuple[AccountEntry, ...]
    """At most as many as asked for."""
    next: str | None
    """The cursor of the next page; null: this is the last."""


class AccountEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of an account."""

    seq: int
    """Its place in the journal; of a hold that is placed its number."""
    transaction: UUID
    """The transaction it is of."""
    leg: int
    """Which leg of the transaction it is, from 0."""
    kind: Literal["hold_expired", "hold_placed", "hold_posted", "hold_released", "posted", "reversal"]
    """What the line did."""
    amount: MoneyForm
    """Above zero for a credit, below for a debit, 0 for a hold."""
    held: MoneyForm
    """What the line changed in money held."""
    balance: MoneyForm
    """The balance after it."""
    counter_account: str
    """An account number: 16 digits, the last two check the others."""
    code: int
    """Why money moved …."""
    code_english: str
    """… in words; empty where they were not written down."""
    code_chinese: str
    """… and in Chinese."""
    narrative: str
    """The words that came with it."""
    business_date: date
    """The bank's accounting day."""
    value_date: date
    """From when interest counts it."""
    booked_at: str
    """When it was booked."""


class AccountBlocks(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which way an account is blocked."""

    debit: bool
    """Nothing may be debited."""
    credit: bool
    """Nothing may be credited."""


class AccountLimits(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The limits of an account, all of them."""

    floor: str = "0"
    """The lowest balance allowed."""
    ceiling: str | None = None
    """The highest balance allowed; null: none."""
    limit_daily: str | None = None
    """Most that may be debited in a day; null: none."""


class AccountStatement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A statement: the opening balance and the lines add up to the closing balance."""

    account: str
    """An account number: 16 digits, the last two check the others."""
    currency: str
    """ISO 4217."""
    first: date
    """The first business date."""
    last: date
    """The last business date."""
    opening: MoneyForm
    """The balance before the first line."""
    lines: tuple[AccountStatementLine, ...]
    """In the order of the books."""
    debits: StatementSum
    """What went out, as a positive amount."""
    credits: StatementSum
    """What came in."""
    closing: MoneyForm
    """The balance after the last line."""
    seq: int
    """The journal's last number when it was made: what came later is not on it."""


class AccountStatementLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of a statement: money that moved."""

    seq: int
    """Its place in the journal."""
    transaction: UUID
    """The transaction it is of."""
    booked_at: str
    """When it was booked."""
    business_date: date
    """The bank's accounting day."""
    value_date: date
    """From when interest counts it."""
    code: int
    """Why money moved …."""
    code_english: str
    """… in words."""
    code_chinese: str
    """… and in Chinese."""
    counter_account: str
    """An account number: 16 digits, the last two check the others."""
    narrative: str
    """The words that came with it."""
    amount: MoneyForm
    """Above zero for money in, below for money out."""
    balance: MoneyForm
    """After the line."""
    reverses: bool
    """Whether it takes an earlier one back."""


class StatementSum(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Some lines together."""

    count: int
    """How many lines."""
    amount: MoneyForm
    """Their sum."""


class TransferForm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Money from one account to another."""

    debit: str
    """An account number: 16 digits, the last two check the others."""
    credit: str
    """An account number: 16 digits, the last two check the others."""
    amount: str
    """A positive amount as text, never a number: at most the decimals of its currency."""
    currency: str
    """ISO 4217."""
    narrative: str = ""
    """Words for both account holders."""
    value_date: date | None = None


class TransferReceipt(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A transfer that stands in the books."""

    transaction: UUID
    outcome: str
    seq: int
    amount: MoneyForm
    fee: MoneyForm | None = None
    balance: MoneyForm | None = None


class BatchForm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Transfers that stand each by itself: one refused does not keep another back."""

    transfers: tuple[BatchItem, ...]


class BatchItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One transfer of a batch."""

    debit: str
    """An account number: 16 digits, the last two check the others."""
    credit: str
    """An account number: 16 digits, the last two check the others."""
    amount: str
    """A positive amount as text, never a number: at most the decimals of its currency."""
    currency: str
    """ISO 4217."""
    narrative: str = ""
    """Words for both account holders."""
    value_date: date | None = None
    id: UUID | None = None


class BatchAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of a batch, in its order."""

    posted: int
    refused: int
    results: tuple[BatchResult, ...]


class BatchResult(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one transfer of a batch."""

    transaction: UUID
    outcome: str
    seq: int = 0
    reason: str = ""
    reason_zh: str = ""


class TransactionView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A transaction of the books, as far as it touches accounts within reach."""

    transaction: UUID
    """Its id."""
    business_date: date
    """The bank's accounting day."""
    booked_at: str
    """When it was booked."""
    narrative: str
    """The words that came with it."""
    reversed_by: UUID | None
    """The transaction that took it back."""
    legs: tuple[TransactionLeg, ...]
    """In their order."""


class TransactionLeg(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One debit, one credit, one amount."""

    seq: int
    """Its place in the journal."""
    leg: int
    """Which it is, from 0."""
    kind: Literal["hold_expired", "hold_placed", "hold_posted", "hold_released", "posted", "reversal"]
    """What it did."""
    debit: str
    """An account number: 16 digits, the last two check the others."""
    credit: str
    """An account number: 16 digits, the last two check the others."""
    amount: MoneyForm
    """What was moved, or held."""
    code: int
    """Why money moved …."""
    code_english: str
    """… in words; empty where they were not written down."""
    code_chinese: str
    """… and in Chinese."""
    value_date: date
    """From when interest counts it."""
    debit_balance: MoneyForm | None
    """After it; null where that account is out of reach."""
    credit_balance: MoneyForm | None
    """After it; null where that account is out of reach."""


class ReversalReceipt(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A transaction that was taken back, or would be."""

    transaction: UUID
    """The id of the reversal."""
    reverses: UUID
    """The transaction that was taken back."""
    amount: MoneyForm
    """What was moved back."""
    fee: MoneyForm
    """The fee that was given back with it."""
    repeated: bool
    """Whether it was taken back before."""


class PlaceHold(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Money to be held."""

    amount: str
    """A positive amount as text, never a number: at most the decimals of its currency."""
    payee: str
    """The account it may be posted to."""
    expires_at: datetime | None = None
    """When it ends by itself; null: it does not."""
    narrative: str = ""
    """Words for both account holders."""


class HoldReceipt(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was done with a hold, or would be."""

    transaction: UUID
    """The command's id."""
    hold: int | None
    """Its number; null in a dry run that would place it."""
    account: str
    """An account number: 16 digits, the last two check the others."""
    payee: str
    """An account number: 16 digits, the last two check the others."""
    amount: MoneyForm
    """What was held, posted or released."""
    repeated: bool
    """Whether it was done before under this id."""


class HoldPage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The open holds of an account, the first placed first."""

    items: tuple[HoldView, ...]
    """At most as many as asked for."""
    next: str | None
    """The cursor of the next page; null: this is the last."""


class HoldView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A hold that is open."""

    hold: int
    """The hold's number."""
    account: str
    """An account number: 16 digits, the last two check the others."""
    payee: str
    """An account number: 16 digits, the last two check the others."""
    remaining: MoneyForm
    """What is still held."""
    placed_on: date
    """The business date it was placed on."""
    expires_at: str | None
    """When it ends by itself; null: it does not."""


class UseHold(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How much of a hold is posted or released."""

    amount: str | None = None
    """A part of it; null: all that is still held."""
    narrative: str = ""
    """Words for both account holders."""


class GiveOrder(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A payment every month."""

    amount: str
    """A positive amount as text, never a number: at most the decimals of its currency."""
    payee: str
    """The account it is paid to."""
    day_of_month: int
    """The day; in a month that is shorter its last."""
    first: date | None = None
    """Not before this day; null: from today on."""
    last: date | None = None
    """Not after this day; null: without an end."""


class OrderPage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The standing orders of a contract, the first given first."""

    items: tuple[OrderView, ...]
    """At most as many as asked for."""
    next: str | None
    """The cursor of the next page; null: this is the last."""


class OrderView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A standing order that is not stopped."""

    id: UUID
    """Its id: that of the command that gave it."""
    payee: str
    """An account number: 16 digits, the last two check the others."""
    amount: MoneyForm
    """What is paid each time."""
    day_of_month: int
    """The day; in a month that is shorter its last."""
    first: date
    """It is not carried out before this day."""
    last: date | None
    """Null: without an end."""
    last_run: date | None
    """When it was carried out last; null: never."""


class PaymentForm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A payment out of an account of this bank."""

    debtor: str
    """The account it is paid from."""
    creditor: PayeeForm
    """Who is paid."""
    amount: str
    """A positive amount as text, never a number: at most the decimals of its currency."""
    currency: str
    """ISO 4217."""
    end_to_end_id: str = ""
    """The payer's own reference, carried to the payee."""
    remittance: tuple[str, ...] = ()
    """What it is for, in lines."""
    reference: str = ""
    """Of the payee, which the payee is shown."""
    debtor_name: str = ""
    """The payer's name, as the payee sees it."""
    execution_date: date | None = None
    """A later date on which it is paid; null: today."""
    charge_bearer: Literal["CRED", "DEBT", "SHAR", "SLEV"] = "SLEV"
    """Who bears charges, in the code of ISO 20022."""
    retry: RetryForm = msgspec.field(default_factory=lambda: RetryForm())


class PayeeForm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who is paid, and where: by IBAN, or by another number at this bank or at the bank of the BIC."""

    name: str
    """The payee's name."""
    iban: str = ""
    """The IBAN; spaces are left out."""
    account: str = ""
    """Instead of an IBAN: an account number of this or another bank."""
    bic: str = ""
    """The payee's bank; not needed with an IBAN."""


class RetryForm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How often it is tried where the money is not there."""

    attempts_daily: int = 1
    """Times a business date."""
    days: int = 1
    """On how many business dates."""


class PaymentView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A payment as it stands."""

    payment: int
    """The payment's number."""
    id: UUID
    """Other banks know it by this id, written without hyphens."""
    file: int | None
    """The file it came in; null: alone."""
    line: int
    """In its file, from 1; 0 for one that came alone."""
    state: State
    debtor: str | None
    """Null: the account named is none of this bank's."""
    creditor: str | None
    """Null: an account at another bank."""
    payee: PaymentSide
    amount: MoneyForm | None
    """Null: the file named no currency there is."""
    end_to_end_id: str
    execution_date: date
    posted_on: date | None
    transaction: UUID | None
    """The transaction it is posted in; of a batch one for many."""
    reason: PaymentCause | None
    message: int | None
    """The message to the clearing it was sent in."""
    remittance: tuple[str, ...] = ()
    """What it is for; empty unless in the clear."""
    reference: str = ""
    """The payee's reference; empty unless in the clear."""


class PaymentSide(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Payer or payee as the payment names it; masked unless it was asked for in the clear."""

    name: str
    account: str
    """IBAN or other number."""
    bic: str


class PaymentCause(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why it was rejected, sent back, put into suspense, or is tried again."""

    code: str
    en: str
    zh: str
    iso_code: str
    """The reason in the code of ISO 20022."""


class PaymentPage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A page of payments, the newest first."""

    items: tuple[PaymentView, ...]
    next: str | None


class AccountAlias(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Another number an account is known by: an IBAN, or the number it had elsewhere."""

    alias: str


class AliasNamed(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An account has another number now."""

    account: str
    """An account number: 16 digits, the last two check the others."""
    alias: str


class FileTaken(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A payment file, and how far it has come."""

    file: int
    """The payment file's number."""
    message_id: str
    """The id its sender gave it."""
    count: int
    """How many payments it has."""
    states: FileStates
    done: bool
    """Whether nothing is on its way; what waits for a later date, waits."""


class FileStates(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How many payments of a file are in each state."""

    waiting: int = 0
    accepted: int = 0
    posted: int = 0
    rejected: int = 0
    returned: int = 0
    cancelled: int = 0


class FileView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A payment file, and a page of its payments in order."""

    file: int
    """The payment file's number."""
    message_id: str
    count: int
    states: FileStates
    done: bool
    lines: tuple[PaymentView, ...]
    next: str | None


class ClearingTaken(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A message of the clearing, and what became of its lines."""

    message: ClearingMessage
    states: IncomingStates
    unread: int
    """Lines that say no amount that could be booked."""


class ClearingMessage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A message to the clearing or from it."""

    message: int
    """The message's number."""
    sent_number: int | None
    """The how manieth that was sent; null for one taken."""
    bank: str
    """The BIC of who sent it."""
    kind: str
    message_id: str
    business_date: date
    count: int
    total: MoneyForm | None
    """Of one that was sent."""


class IncomingStates(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How many lines of a message have come how far."""

    taken: int = 0
    credited: int = 0
    suspended: int = 0
    applying: int = 0
    applied: int = 0
    returning: int = 0
    returned: int = 0


class NextMessage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The next message to the clearing: all that waits of a kind in a currency."""

    kind: Outgoing
    """Payments of customers (pacs.008), or money sent back (pacs.004)."""
    currency: str
    """ISO 4217."""


class ClearingPage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A page of messages, the newest first."""

    items: tuple[ClearingMessage, ...]
    next: str | None


class IncomingPage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A page of money from other banks, the newest first."""

    items: tuple[IncomingView, ...]
    next: str | None


class IncomingView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Money from another bank as it stands."""

    receipt: int
    """The number of money from another bank."""
    id: UUID
    message: int
    """The message's number."""
    line: int
    original: int | None
    """The payment of this bank that came back with it."""
    state: ReceiptState
    account: str
    """Where it lies, or goes: a customer's account, or suspense."""
    amount: MoneyForm
    payer: PaymentSide
    payee: PaymentSide
    their_id: str
    """The id the other bank gave it."""
    end_to_end_id: str
    transaction: UUID
    booked_on: date | None
    reason: PaymentCause | None
    returned_in: int | None
    """The message to the clearing it was sent back in."""
    remittance: tuple[str, ...] = ()
    """What it is for; empty unless in the clear."""


class ApplyIncoming(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The account that money in suspense is for."""

    account: str
    """An account number: 16 digits, the last two check the others."""


class SendIncomingBack(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why money in suspense is sent back."""

    iso_code: str
    """ISO 20022 return reason."""
    words: str = ""
    """The reason in words."""


class LoanAgreement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A loan or a line that is agreed on."""

    product: str
    """A product's code, the version then is the one on sale today; or a version of it."""
    party: int
    """Who borrows."""
    amount: str
    """What is lent, or the limit of a line."""
    months: int = 0
    """The term; 0 for a line without end."""
    purpose: Literal[
        "car",
        "construction",
        "deposits",
        "education",
        "equipment",
        "equity",
        "freight",
        "goods",
        "home",
        "lending_on",
        "medical",
        "property",
        "renovation",
        "research",
        "securities",
        "travel",
        "working_capital",
    ]
    """What it is for."""
    linked: str
    """The account what is due is collected from."""
    margin: str | None = None
    """Negotiated on top of the product's rate."""
    rate: str | None = None
    """The rate negotiated, as of today: it is kept as a margin."""
    price: str | None = None
    """The price of what is bought with it."""
    collateral: tuple[str, ...] = ()
    """Registrations of collateral."""
    collateral_worth: str | None = None
    """What the collateral is worth together."""
    guarantors: tuple[int, ...] = ()
    """The parties that answer for it."""
    guaranteed: str | None = None
    """What the guarantors answer for together."""
    income: str | None = None
    """The borrower's income a month."""
    other_dues: str | None = None
    """What the borrower repays a month on other debts."""
    pays_whole: bool = False
    """Of a card: its statements are collected whole, not the minimum."""
    region: int = 0
    """The region's code."""
    branch: int = 0
    """The branch that keeps it."""


class LoanDone(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was done with a loan."""

    id: str
    """The command's id; that of its transaction, where money moved."""
    done: str
    """What was asked for."""
    loan: int
    """The loan's number."""
    account: str | None
    """The loan's account; none before it is agreed on."""
    paid: MoneyForm
    """What its customer paid, the fee with it; negative: was paid."""
    fee: MoneyForm


class LoanPage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Loans, in the order they were agreed."""

    items: tuple[LoanLine, ...]
    next: str | None


class LoanLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One loan of a list."""

    loan: int
    """The loan's number."""
    product: str
    borrower: str
    """The number of the party, or a reference of older books."""
    account: str
    linked: str | None
    """The account it is collected from."""
    open: bool
    agreed: date
    start: date | None
    """The first drawing."""
    maturity: date | None
    limit: MoneyForm
    lent: MoneyForm
    principal: MoneyForm
    """Owed, fallen due or not."""
    rate: str
    """Percent a year, as the last night left it."""
    next_due: date | None
    overdue_since: date | None
    grade: str | None
    marks: tuple[str, ...]
    closed: date | None


class LoanDetails(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A loan, where it stands on the business date."""

    loan: int
    """The loan's number."""
    business_date: date
    """The date it stands on: with an `as_of` that is closed the day after it."""
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
    currency: str
    """ISO 4217."""
    limit: MoneyForm
    lent: MoneyForm
    rate: str
    """Percent a year, as text."""
    margin: str
    """Percent a year, as text."""
    open: bool
    marks: tuple[str, ...]
    """What else is noted of it."""
    principal: MoneyForm
    """Owed, fallen due or not."""
    undue: MoneyForm
    """Principal that has not fallen due."""
    due: LoanDue
    overdue: MoneyForm
    """Principal and interest due before today."""
    overdue_since: date | None
    days_late: int
    """Of the oldest of them; 0 within the days of grace."""
    interest_to_date: MoneyForm
    """Of the running period; not due."""
    next_instalment: LoanForthcoming | None
    grade: str | None
    stage: int | None
    allowance: MoneyForm
    written_off: MoneyForm
    """Given up in the books and still claimed."""
    statement: LoanStatement | None
    """Of a card, the last one."""


class LoanDue(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is due today, by what it is for."""

    principal: MoneyForm
    interest: MoneyForm
    penalty: MoneyForm
    compound: MoneyForm
    fee: MoneyForm
    total: MoneyForm


class LoanForthcoming(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An instalment to come, at the rates known today, when all is paid as it falls due."""

    number: int
    due: date
    principal: MoneyForm
    interest: MoneyForm
    total: MoneyForm
    capitalised: MoneyForm
    """Interest that becomes principal on that day."""
    owed: MoneyForm
    """The principal owed afterwards."""
    rate: str
    """Percent a year, as text."""


class LoanStatement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A statement of a card."""

    number: int
    closed: date
    """The billing day."""
    due: date
    balance: MoneyForm
    minimum: MoneyForm
    """Least to be paid by the due day."""
    interest: MoneyForm
    fee: MoneyForm
    left: MoneyForm
    """Not paid of it."""
    paid: date | None


class LoanSchedule(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What has fallen due of a loan, and what is to come."""

    loan: int
    """The loan's number."""
    business_date: date
    currency: str
    """ISO 4217."""
    fallen_due: tuple[LoanInstalment, ...]
    to_come: tuple[LoanForthcoming, ...]
    """At most 480 of them."""
    principal_to_come: MoneyForm
    interest_to_come: MoneyForm


class LoanInstalment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An instalment that has fallen due."""

    number: int
    due: date
    principal: MoneyForm
    interest: MoneyForm
    left: MoneyForm
    """Not paid of it."""
    paid: date | None
    """The day on which nothing of it was left."""


class LoanStatements(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The statements of a card, the newest first; of other loans there are none."""

    items: tuple[LoanStatement, ...]


class LoanHistory(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was done with a loan, oldest first."""

    items: tuple[LoanEvent, ...]
    next: str | None


class LoanEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing done with a loan, asked for and refused, or taken for it by a night."""

    id: str | None
    """The command's id; none for what a night collected."""
    kind: str
    business_date: date
    value_date: date
    paid: MoneyForm
    """What its customer paid; negative: was paid."""
    fee: MoneyForm
    refused: Reasons | None
    """Why it came to nothing; none: it was done."""


class LoanPayOffQuote(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What it takes to repay a loan today."""

    loan: int
    """The loan's number."""
    business_date: date
    """The day it holds for."""
    due: MoneyForm
    """Fallen due and not paid."""
    interest: MoneyForm
    """Of the running period to date."""
    principal: MoneyForm
    """Not fallen due."""
    fee: MoneyForm
    """For repaying early."""
    total: MoneyForm


class LoanDrawing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is drawn of a loan, on a line, or on a card."""

    amount: str
    """A positive amount as text, never a number: at most the decimals of its currency."""
    payee: str | None = None
    """Where the money goes; without it the linked account."""
    payee_kind: Literal["borrower", "carrier", "other", "supplier"] = "borrower"
    """Whose account that is."""
    advance: bool = False
    """On a card: an advance of cash, and not a purchase."""
    cash: bool = False
    """In cash at the counter, in place of an account."""


class LoanRepayment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is paid of a loan."""

    amount: str
    """A positive amount as text, never a number: at most the decimals of its currency."""
    payer: str | None = None
    """Who pays; without it the account it is collected from."""
    cash: bool = False
    """In cash at the counter, in place of an account."""
    early: bool = False
    """What is more than due repays principal early."""
    afterwards: Literal["lower", "shorter"] = "shorter"
    """After a part was repaid early, where the product leaves the choice: the loan ends sooner, or its instalments are lower."""
    value_date: date | None = None
    """A day in the past from which it counts."""


class LoanPayOff(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Everything is repaid today."""

    payer: str | None = None
    """Who pays; without it the account it is collected from."""
    cash: bool = False
    """In cash at the counter, in place of an account."""


class LoanConversion(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Purchases on a card that become an instalment plan."""

    amount: str
    """A positive amount as text, never a number: at most the decimals of its currency."""
    count: int
    """Monthly instalments."""


class LoanChange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is noted otherwise of a loan; what is left out stays."""

    linked: str | None = None
    """An account number: 16 digits, the last two check the others."""
    blocked: bool | None = None
    """No drawing and no early repayment, by order."""
    misused: bool | None = None
    """Funds went elsewhere: all bears the misuse rate."""
    impaired: bool | None = None
    """It is impaired, whatever its days past due."""
    pays_whole: bool | None = None
    """Of a card: its statements are collected whole."""


class LoanArrangement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A loan in difficulty is arranged anew, in one way."""

    extend_months: int = 0
    """Months it ends later."""
    rate: str | None = None
    """Its rate from today on."""
    capitalise: bool = False
    """Interest that is due becomes principal."""
    re_age: bool = False
    """What is due joins the instalments to come."""


class LoanRecovery(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is paid of a loan that was written off."""

    amount: str
    """A positive amount as text, never a number: at most the decimals of its currency."""
    payer: str | None = None
    """Who pays."""
    cash: bool = False
    """In cash at the counter, in place of an account."""


class ProductPage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Versions, by product number and version."""

    items: tuple[ProductLine, ...]
    next: str | None


class ProductLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One version of a list."""

    product: str
    code: str
    version: int
    number: int
    """What its accounts carry."""
    names: Reasons
    kind: str | None
    """Deposit or loan; none of a draft that does not read."""
    currency: str
    """ISO 4217."""
    effective: date
    """The first day contracts may be opened on it."""
    status: str
    current: bool
    """Whether contracts are opened on it today."""
    author: str
    approver: str | None
    sha256: str
    """Of its canonical file."""


class ProductDetails(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A version of a product, whole."""

    summary: ProductLine
    parts: tuple[ProductPart, ...]
    terms: tuple[ProductTerm, ...]
    life: tuple[ProductStep, ...]
    text: str
    """Its canonical file."""


class ProductPart(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One part of a product."""

    part: str
    kind: str
    words: Reasons
    """What it is."""
    parameters: dict[str, Any]


class ProductTerm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How one term of a contract is agreed."""

    name: str
    rule: str
    """Whether a contract follows later versions, keeps it, or agrees it."""
    words: Reasons


class ProductStep(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One step of a version's life."""

    status: str
    by: str
    business_date: date


class ProductDescription(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The terms a customer reads, made from the product's parts."""

    product: str
    names: Reasons
    sections: tuple[ProductSection, ...]
    text: Reasons
    """All of it as one text."""


class ProductSection(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One heading of the terms, with its sentences."""

    heading: Reasons
    english: tuple[str, ...]
    chinese: tuple[str, ...]


class ProductDifference(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What changes from one version to another, in words."""

    old: str
    new: str
    changes: tuple[Reasons, ...]


class DepositScenario(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One contract that lives through some days."""

    version: int | None = None
    """Without it the one that is sold today; a draft too."""
    deposit: str | None = None
    """What is paid in at opening."""
    start: date
    """The day of opening."""
    until: date
    """The last day; it is closed too."""
    movements: tuple[SimulatedMovement, ...] = ()
    months: int = 0
    """The term agreed, in months …."""
    days: int = 0
    """… or in days."""
    renew: bool = False
    """Automatic renewal is agreed."""
    close: date | None = None
    """The day on which all is drawn and it is closed."""
    linked: bool | None = None
    """A linked account, never short; without it as the product needs."""
    company: bool = False
    """The holder is a company."""
    tier: int = 0
    """The customer's tier."""


class SimulatedMovement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Money paid in or drawn on a day."""

    date: date
    amount: str
    """An amount as text: paid in, or drawn with a minus before it."""


class DepositSimulation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What came of a scenario; nothing was posted."""

    product: str
    start: date
    until: date
    maturity: date | None
    """The first term's."""
    events: tuple[SimulatedEvent, ...]
    days: tuple[SimulatedEnd, ...]
    paid_in: MoneyForm
    paid_out: MoneyForm
    interest: MoneyForm
    tax: MoneyForm
    fees: MoneyForm
    balance: MoneyForm
    accrued: MoneyForm


class SimulatedEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that happened to the contract."""

    date: date
    words: Reasons
    refused: bool
    """Whether it was asked for and not done."""
    amount: MoneyForm
    """As its holder sees it: negative where money goes out."""
    balance: MoneyForm


class SimulatedEnd(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The contract at the end of a day."""

    date: date
    balance: MoneyForm
    accrued: MoneyForm
    """Interest accrued and not paid, whole minor units."""


class LoanScenario(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A loan of which all is drawn at once and paid as it falls due."""

    version: int | None = None
    """Without it the one that is sold today; a draft too."""
    amount: str
    """A positive amount as text, never a number: at most the decimals of its currency."""
    months: int
    """The term."""
    start: date
    """The day of drawing."""
    company: bool = False
    """The borrower is a company."""
    tier: int = 0
    """The borrower's tier."""


class LoanOffer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The instalments of a loan before there is a contract, and what it costs a year."""

    product: str
    amount: MoneyForm
    months: int
    start: date
    rate: str
    """Of the day of drawing."""
    interest: MoneyForm
    """All of it."""
    annual_rate_eu: str | None
    """Percent, by the equation of the European directives."""
    annual_rate_us: str | None
    """Percent, by Regulation Z of the United States."""
    internal_rate: str | None
    """Percent, the internal rate of return by days."""
    instalments: tuple[LoanForthcoming, ...]


class ProductFile(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A product's file."""

    text: str
    """The product's file: TOML, as the guide to parts has it."""


class ProductCheck(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a check of a product's file found."""

    sound: bool
    product: str | None
    findings: tuple[ProductFinding, ...]


class ProductFinding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is wrong with a product's file."""

    line: int
    """From 1; 0 where no line is meant."""
    path: str
    code: str
    words: Reasons
    hint: str


class ProductStepDone(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A step of a product's life that was taken."""

    product: str
    status: str


class RateTables(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Every table that says something of a day."""

    on: date
    items: tuple[RateStanding, ...]


class RateStanding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a table says of a day."""

    table: str
    rate: str
    """Percent a year, as text."""
    since: date
    """The day from which it holds."""


class RateHistory(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The entries of a table, by their days."""

    items: tuple[RateWritten, ...]
    next: str | None


class RateWritten(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One entry of a table; of two for a day the later written stands."""

    effective: date
    rate: str
    """Percent a year, as text."""
    recorded: date
    """The business date on which it was written down."""
    author: str


class RateSetting(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A rate that holds from a day on."""

    rate: str
    """Percent a year, as text."""
    effective: date
    """The first day it holds."""
    correction: bool = False
    """It corrects a rate of the past; interest of those days changes."""


class RateSet(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A rate that was written down."""

    table: str
    effective: date
    rate: str
    """Percent a year, as text."""
    correction: bool


class TransferExplanation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A transaction, and why its amounts are what they are."""

    transaction: UUID
    words: Reasons
    business_date: date
    """The date it was booked on."""
    night: date | None
    """The business date whose close posted it."""
    currency: str
    """ISO 4217."""
    legs: tuple[ExplainedLeg, ...]
    interest: ExplainedInterest | None
    shares: tuple[ExplainedShare, ...]
    """The contracts that contribute most, the largest first."""
    contracts: int
    """How many contribute."""
    reasons: tuple[Reasons, ...]
    """What else decided, in order."""
    derived: bool
    """Whether the amounts follow from other facts; else they were asked for."""


class ExplainedLeg(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One posting of the transaction, as the journal has it."""

    seq: int
    debit: str
    """The account that is debited."""
    credit: str
    amount: MoneyForm
    code: int
    words: Reasons
    value_date: date


class ExplainedInterest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How an amount of interest came about: the sum of the spans, rounded once."""

    contract: int
    spans: tuple[ExplainedSpan, ...]
    brought_whole: int
    """Accrued before the first span …."""
    brought_remainder: str
    base: str
    """The parts of a minor unit a remainder counts."""
    whole: int
    """All together: whole minor units …."""
    remainder: str
    rounding: str
    amount: MoneyForm
    """Rounded."""


class ExplainedSpan(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Days on which balance, rates and product were the same."""

    first: date
    last: date
    days: int
    """As the product counts them."""
    balance: MoneyForm
    product: str
    """The version in force."""
    part: str
    """The part that names the rate."""
    rates: tuple[ExplainedRate, ...]
    whole: int
    """What the days earned: whole minor units …."""
    remainder: str
    """… and parts of `base`, as text: it may be large."""


class ExplainedRate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A rate that counted."""

    at_least: MoneyForm
    """The balance from which it holds, or the slice begins."""
    rate: str
    """Percent a year, as text."""
    source: Reasons
    """Where it came from."""


class ExplainedShare(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one contract contributes to a posting for a whole product."""

    contract: int
    amount: MoneyForm


class EventPage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Events in order, and where to go on."""

    items: tuple[Event, ...]
    next: str
    more: bool


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that happened, for a program outside; it never holds personal data."""

    id: str
    type: str
    at: str
    business_date: str
    object: str
    parties: tuple[int, ...] = ()
    data: dict[str, Any] = msgspec.field(default_factory=dict)
    position: str = ""


class WebhookList(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The webhooks whoever asks may see."""

    items: tuple[WebhookCard, ...]


class WebhookCard(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A webhook and how it stands."""

    webhook: int
    url: str
    types: tuple[str, ...]
    object: str | None
    state: WebhookState
    why: str
    delivered: int
    failures: int
    waiting: bool
    made_by: str
    made_at: str


class WebhookForm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where events are sent, and which."""

    url: str
    types: tuple[str, ...] = ()
    object: str | None = None
    batch_max: int = 1
    """Most events of one delivery."""
    on_dead: OnDead = "go_on"
    """What follows when a delivery is given up."""
    cursor: str | None = None


class WebhookMade(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A webhook, and its secret: shown once."""

    webhook: int
    url: str
    secret: str | None


class RotationForm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """For how long the old secret signs beside the new one."""

    overlap_seconds: int = 86400


class WebhookChange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A webhook after a change."""

    webhook: int
    state: WebhookState


class ReplayForm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """From where events are sent again."""

    cursor: str


class DeadList(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Deliveries that were given up, the newest first."""

    items: tuple[DeadCard, ...]


class DeadCard(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A delivery that was given up."""

    delivery: int
    id: str
    events: int
    attempts: int
    reason: str
    at: str
    resent_at: str | None


class NightPage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Nights, the newest first."""

    items: tuple[NightLine, ...]
    next: str | None


class NightLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One night of a list."""

    date: date
    closed: bool
    began_at: str
    ended_at: str | None
    summary: dict[str, int]
    """Counts for the management; empty before the end."""


class NightStart(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which dates are to be closed."""

    through: date | None = None
    """Close every open date up to this one; without it the next alone."""


class NightStarted(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is being closed in the background."""

    first: date
    through: date
    look_at: str
    """Where to see how far it is."""


class NightAtWork(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How far this service's own night is."""

    state: str
    """idle, running, done or broken_off."""
    first: date | None
    through: date | None
    business_date: date
    """On which date the unit books now."""
    step: str
    """The step at work."""
    postings_done: int
    postings: int
    """Of how many, in this step."""
    reason: str
    """Why it broke off; starting again takes it up."""


class NightDetails(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One night, step by step."""

    date: date
    closed: bool
    began_at: str
    ended_at: str | None
    cutoff_seq: int | None
    """The journal's last number of the date."""
    resumed: bool | None
    """Whether it was taken up again; none before the end."""
    summary: dict[str, int]
    posted: tuple[NightSum, ...]
    """What all steps posted."""
    steps: tuple[NightStep, ...]


class NightSum(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was posted for one reason in one currency."""

    code: int
    words: Reasons
    currency: str
    """ISO 4217."""
    postings: int
    amount: MoneyForm


class NightStep(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One step of a night."""

    step: str
    words: Reasons
    over: bool
    began_at: str
    ended_at: str | None
    postings: int
    refused: dict[str, int]
    """Refused postings by outcome."""
    figures: dict[str, int]
    findings: tuple[str, ...]
    posted: tuple[NightSum, ...]


class TrialBalance(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Every general-ledger code's debits and credits, and whether the books balance."""

    as_of: date
    balanced: bool
    items: tuple[TrialBalanceLineForm, ...]
    totals: tuple[TrialBalanceTotal, ...]


class TrialBalanceLineForm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The accounts of one currency and general-ledger code; both sums are positive."""

    gl_code: int
    names: Reasons
    currency: str
    """ISO 4217."""
    accounts: int
    debit: MoneyForm
    credit: MoneyForm


class TrialBalanceTotal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The sums of one currency."""

    currency: str
    """ISO 4217."""
    debit: MoneyForm
    credit: MoneyForm
    difference: MoneyForm
    """Credits less debits: nothing where they balance."""


class GeneralLedger(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Lines of the general ledger, by currency, code and branch."""

    as_of: date
    items: tuple[GeneralLedgerLine, ...]


class GeneralLedgerLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The accounts of one currency, general-ledger code and branch."""

    gl_code: int
    names: Reasons
    currency: str
    """ISO 4217."""
    branch: int
    accounts: int
    debit: MoneyForm
    credit: MoneyForm
    held: MoneyForm | None
    """Held money; told of the books as they are now."""


class Journal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One page of the journal, in order."""

    items: tuple[JournalEntry, ...]
    next_after_seq: int | None
    """Where the next page begins; none at the end."""


class JournalEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One row of the journal, as it was posted; it never changes."""

    seq: int
    transaction: str
    """Its transaction's id."""
    leg: int
    debit: str
    """The account that is debited."""
    credit: str
    amount: MoneyForm
    debit_balance: MoneyForm
    """Of the account debited, afterwards."""
    credit_balance: MoneyForm
    code: int
    words: Reasons
    flags: tuple[str, ...]
    value_date: date
    business_date: date
    booked_at: str
    actor: str | None
    """Who posted it, where that was kept with it."""
    channel: str | None
    narrative: str | None


class AuditRecords(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Records, the newest first."""

    items: tuple[AuditRecord, ...]
    next: str | None


class AuditRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One act. What is personal stands in it encrypted."""

    number: int
    at: str
    business_date: date
    action: str
    outcome: str
    object: str
    """What it was done to."""
    actor: str
    channel: str
    address: str
    session: str
    """What ties acts together that were done with one log-in."""
    approver: str
    emergency: bool
    parties: tuple[int, ...]
    request: UUID | None
    why: str
    """The author's reason; of a refusal its name."""
    before: Any
    after: Any
    detail: Any
    hash: str
    """SHA-256 over the hash before it and its own content."""


class AuditAnchors(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Anchors, the newest first: whoever keeps one can tell whether the log before it was changed since."""

    items: tuple[AuditAnchor, ...]
    next: str | None


class AuditAnchor(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the log's last record was at the end of a business date."""

    business_date: date
    number: int
    hash: str
    at: str


class AuditProof(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The verdict on the log."""

    from_number: int
    last: int
    """The last record that was proved."""
    sound: bool
    laws: tuple[AuditLaw, ...]


class AuditLaw(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one law of the log."""

    law: str
    compared: str
    count: int
    contradictions: int
    findings: tuple[AuditContradiction, ...]


class AuditContradiction(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing in the log that contradicts a law."""

    what: str
    expected: str
    found: str


class ApprovalList(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A page of commands, the newest first."""

    items: tuple[ApprovalCard, ...]
    next: str | None


class ApprovalCard(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A command that waits or waited for a second person, with the effect it would have."""

    approval: UUID
    action: str
    maker: str
    permission: str
    rule: str
    amount: str | None
    currency: str | None
    command: Any
    effect: Any
    why: str
    state: str
    put_at: str
    expires_at: str
    decider: str | None
    decided_at: str | None
    decision_why: str | None
    result: str | None


class DecisionForm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a second person decides."""

    decision: Literal["approve", "turn_down"]
    why: str = ""
    """In their own words; it goes on record."""


class DecisionAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was decided, and what became of the command."""

    approval: UUID
    state: str
    result: str
    answer: Any


class PrincipalList(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A page of users or clients, by name."""

    items: tuple[PrincipalCard, ...]
    next: str | None


class PrincipalCard(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A user or a client."""

    number: int
    name: str
    enabled: bool
    roles: tuple[str, ...]
    scope: dict[str, tuple[Any, ...] | None]
    must_change_secret: bool | None = None
    second_factor: bool | None = None
    last_opened_at: str | None = None
    channel: str | None = None
    bound: bool | None = None


class UserForm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A user to make."""

    name: str
    """Small letters, digits, points and hyphens."""
    roles: tuple[str, ...] = ()
    scope: ScopeForm = msgspec.field(default_factory=lambda: ScopeForm())


class ScopeForm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is reached; what is not named is not limited."""

    parties: tuple[int, ...] | None = None
    branches: tuple[int, ...] | None = None
    products: tuple[str, ...] | None = None


class SecretAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was made, and its secret: shown once, and for a dry run or a repetition not at all."""

    name: str
    secret: str | None


class EnabledForm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whether it is let in."""

    enabled: bool


class GrantForm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The roles it has from now on, and no others."""

    roles: tuple[str, ...]
    scope: ScopeForm = msgspec.field(default_factory=lambda: ScopeForm())


class ClientForm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An API client to make."""

    name: str
    """Small letters, digits, points and hyphens."""
    roles: tuple[str, ...] = ()
    scope: ScopeForm = msgspec.field(default_factory=lambda: ScopeForm())
    channel: str = "partner"
    certificate: str = ""
    """SHA-256 of its certificate, base64url, to bind its tokens to."""


class CertificateForm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The certificate tokens are bound to; empty for none."""

    certificate: str


class RoleList(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Every role."""

    items: tuple[RoleCard, ...]


class RoleCard(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A role."""

    name: str
    english: str
    chinese: str
    permissions: tuple[str, ...]
    limits: dict[str, LimitsForm]


class LimitsForm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Most in one command and in one business date, in minor units of the currency."""

    single_minor: int
    daily_minor: int


class RoleForm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a role grants."""

    permissions: tuple[Permission, ...]
    limits: dict[str, LimitsForm] = msgspec.field(default_factory=dict)
    """By currency; `*` for those not named."""
    english: str = ""
    chinese: str = ""
    scope: ScopeForm = msgspec.field(default_factory=lambda: ScopeForm())


class RuleList(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Every rule."""

    items: tuple[RuleCard, ...]


class RuleCard(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When a command needs a second person."""

    pattern: str
    kinds: tuple[str, ...]
    thresholds: dict[str, int] | None


class RuleForm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When a command needs a second person."""

    kinds: tuple[Literal["client", "user"], ...]
    thresholds: dict[str, int] | None = None
    """From this amount on, in minor units by currency; null: always."""


class EmergencyList(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Uses of break-glass, the newest first."""

    items: tuple[EmergencyCard, ...]


class EmergencyCard(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One use of break-glass."""

    emergency: UUID
    user: str
    why: str
    opened_at: str
    ends_at: str
    reviewer: str | None
    finding: str | None


class EmergencyForm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """For how long, and why."""

    minutes: int
    why: str


class EmergencyAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An emergency that was opened."""

    emergency: UUID
    ends_at: str


class FindingForm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was found."""

    finding: str


class UnitStatus(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A unit at a glance."""

    unit: int
    business_date: date
    committed_seq: int
    contracts: int
    loans: int


class Health(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whether the service lives, or can serve."""

    status: Literal["down", "up"]
