"""How accounts and their entries look outside."""

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from yinhe.api.forms import LIMIT_DEFAULT, AccountText, AmountText, CurrencyCode, Cursor, Limit, MoneyForm
from yinhe.kernel.refusals import ReasonEnum
from yinhe.ledger.outcomes import ACCOUNT_REASONS, AccountOutcome

BoundText = Annotated[
    str,
    Meta(
        pattern=r"^-?[0-9]{1,15}(\.[0-9]{1,4})?$",
        max_length=21,
        description="An amount as text, below zero with a minus: at most the decimals of its currency.",
        examples=["-1000.00"],
    ),
]
EntryKind = Literal["posted", "reversal", "hold_placed", "hold_posted", "hold_released", "hold_expired"]


class AccountPath(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which account."""

    account: AccountText


class AccountReading(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which account, and as of which day."""

    account: AccountText
    as_of: Annotated[dt.date | None, Meta(description="The business date at whose end the balance is told.")] = None


class AccountPages(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which account's list, and which page of it."""

    account: AccountText
    limit: Limit = LIMIT_DEFAULT
    cursor: Cursor = ""


class AccountView(msgspec.Struct, frozen=True, kw_only=True):
    """An account as it stands."""

    account: AccountText
    contract: Annotated[int | None, Meta(description="The contract whose money lies on it.")]
    loan: Annotated[int | None, Meta(description="The loan whose principal, or what is due beside it, lies on it.")]
    currency: CurrencyCode
    as_of: Annotated[dt.date, Meta(description="The business date the balance is of.")]
    balance: Annotated[MoneyForm, Meta(description="Credits less debits: what is owed to the bank is below zero.")]
    held: Annotated[MoneyForm | None, Meta(description="What of it is held; null as of a day gone by.")]
    available: Annotated[
        MoneyForm | None, Meta(description="What may be debited; null as of a day gone by, or without a floor.")
    ]
    floor: Annotated[MoneyForm | None, Meta(description="The lowest balance allowed; null: none.")]
    ceiling: Annotated[MoneyForm | None, Meta(description="The highest balance allowed; null: none.")]
    limit_daily: Annotated[MoneyForm | None, Meta(description="Most that may be debited in a day; null: no limit.")]
    turnover: Annotated[MoneyForm, Meta(description="What was debited or held on the present business date.")]
    debit_blocked: Annotated[bool, Meta(description="Whether nothing may be debited.")]
    credit_blocked: Annotated[bool, Meta(description="Whether nothing may be credited.")]
    closed: Annotated[bool, Meta(description="Whether it is closed.")]


class AccountEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an account."""

    seq: Annotated[int, Meta(description="Its place in the journal; of a hold that is placed its number.")]
    transaction: Annotated[UUID, Meta(description="The transaction it is of.")]
    leg: Annotated[int, Meta(description="Which leg of the transaction it is, from 0.")]
    kind: Annotated[EntryKind, Meta(description="What the line did.")]
    amount: Annotated[MoneyForm, Meta(description="Above zero for a credit, below for a debit, 0 for a hold.")]
    held: Annotated[MoneyForm, Meta(description="What the line changed in money held.")]
    balance: Annotated[MoneyForm, Meta(description="The balance after it.")]
    counter_account: AccountText
    code: Annotated[int, Meta(description="Why money moved …")]
    code_english: Annotated[str, Meta(description="… in words; empty where they were not written down.")]
    code_chinese: Annotated[str, Meta(description="… and in Chinese.")]
    narrative: Annotated[str, Meta(description="The words that came with it.")]
    business_date: Annotated[dt.date, Meta(description="The bank's accounting day.")]
    value_date: Annotated[dt.date, Meta(description="From when interest counts it.")]
    booked_at: Annotated[dt.datetime, Meta(description="When it was booked.")]


class AccountEntryPage(msgspec.Struct, frozen=True):
    """The lines of an account, newest first."""

    items: Annotated[tuple[AccountEntry, ...], Meta(description="At most as many as asked for.")]
    next: Annotated[str | None, Meta(description="The cursor of the next page; null: this is the last.")]


class AccountBlocks(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which way an account is blocked."""

    debit: Annotated[bool, Meta(description="Nothing may be debited.")]
    credit: Annotated[bool, Meta(description="Nothing may be credited.")]


class AccountLimits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The limits of an account, all of them."""

    floor: Annotated[BoundText, Meta(description="The lowest balance allowed.")] = "0"
    ceiling: Annotated[BoundText | None, Meta(description="The highest balance allowed; null: none.")] = None
    limit_daily: Annotated[AmountText | None, Meta(description="Most that may be debited in a day; null: none.")] = None


class ControlRefusal(ReasonEnum):
    """Why an account is not controlled like that."""

    NO_CONTRACTS_ACCOUNT = (
        "only accounts of deposit contracts are blocked or limited here",
        "仅存款合约的账户可在此控制",
    )
    FLOOR_NOT_AGREED = "its product does not let it go that far below zero", "超出产品约定的透支额度"


class AccountRefusal(msgspec.Struct, frozen=True):
    """What the ledger refuses of an account command."""

    outcome: AccountOutcome

    @property
    def name(self) -> str:
        """For programs."""
        return self.outcome.name.lower()

    @property
    def english(self) -> str:
        """In English, without a full stop."""
        return ACCOUNT_REASONS[self.outcome].english

    @property
    def chinese(self) -> str:
        """In Chinese, without a full stop."""
        return ACCOUNT_REASONS[self.outcome].chinese
