"""How payments, payment files, messages of the clearing and money in suspense look outside."""

import datetime as dt
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from yinhe.api.forms import (
    LIMIT_DEFAULT,
    AccountText,
    AmountText,
    CurrencyCode,
    Cursor,
    Limit,
    MoneyForm,
    Number,
    account_text,
    date_form,
    money_form,
)
from yinhe.parties.masks import mask_name, mask_number
from yinhe.payments.iso.fields import ACCOUNT_MAX, ID_MAX, NAME_MAX, REMITTANCE_MAX, REMITTANCES_MAX
from yinhe.payments.model import (
    ATTEMPTS_DAILY_MAX,
    DAYS_MAX,
    FileProgress,
    Message,
    Payment,
    Private,
    Receipt,
    ReceiptState,
    State,
    Taken,
)
from yinhe.payments.refusals import Cause
from yinhe.payments.settling import Outgoing

XML: Final = "application/xml"

PaymentNumber = Annotated[Number, Meta(description="The payment's number.")]
FileNumber = Annotated[Number, Meta(description="The payment file's number.")]
MessageNumber = Annotated[Number, Meta(description="The message's number.")]
ReceiptNumber = Annotated[Number, Meta(description="The number of money from another bank.")]
Clear = Annotated[
    bool,
    Meta(
        description="Names and numbers in the clear: staff need `party:personal` and a purpose in X-Reason, "
        "and it goes on record."
    ),
]
Reference = Annotated[str, Meta(max_length=ID_MAX, description="Of the payee, which the payee is shown.")]


# --- parameters


class PaymentPath(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which payment."""

    payment: PaymentNumber


class PaymentReading(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which payment, and how it is shown."""

    payment: PaymentNumber
    clear: Clear = False


class PaymentPages(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which payments, and which page of them."""

    account: Annotated[AccountText | None, Meta(description="Only those out of this account.")] = None
    state: Annotated[State | None, Meta(description="Only those in this state.")] = None
    limit: Limit = LIMIT_DEFAULT
    cursor: Cursor = ""


class PaymentFilePath(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which payment file."""

    file: FileNumber


class PaymentFilePages(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which payment file, and which page of its lines."""

    file: FileNumber
    limit: Limit = LIMIT_DEFAULT
    cursor: Cursor = ""


class NotificationParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a transaction did to which account."""

    transaction: Annotated[UUID, Meta(description="The transaction's id.")]
    account: AccountText


class ClearingPages(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which page of the messages."""

    limit: Limit = LIMIT_DEFAULT
    cursor: Cursor = ""


class ClearingPath(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which message."""

    message: MessageNumber


class IncomingPages(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which money from other banks, and which page of it."""

    state: Annotated[ReceiptState | None, Meta(description="Only what has come so far: `suspended` waits.")] = None
    limit: Limit = LIMIT_DEFAULT
    cursor: Cursor = ""


class IncomingPath(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which money from another bank."""

    receipt: ReceiptNumber


class IncomingReading(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which money from another bank, and how it is shown."""

    receipt: ReceiptNumber
    clear: Clear = False


# --- bodies


class PayeeForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is paid, and where: by IBAN, or by another number at this bank or at the bank of the BIC."""

    name: Annotated[str, Meta(min_length=1, max_length=NAME_MAX, description="The payee's name.")]
    iban: Annotated[str, Meta(max_length=ACCOUNT_MAX + 8, description="The IBAN; spaces are left out.")] = ""
    account: Annotated[
        str, Meta(max_length=ACCOUNT_MAX, description="Instead of an IBAN: an account number of this or another bank.")
    ] = ""
    bic: Annotated[str, Meta(max_length=11, description="The payee's bank; not needed with an IBAN.")] = ""


class RetryForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often it is tried where the money is not there."""

    attempts_daily: Annotated[int, Meta(ge=1, le=ATTEMPTS_DAILY_MAX, description="Times a business date.")] = 1
    days: Annotated[int, Meta(ge=1, le=DAYS_MAX, description="On how many business dates.")] = 1


class PaymentForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A payment out of an account of this bank."""

    debtor: Annotated[AccountText, Meta(description="The account it is paid from.")]
    creditor: Annotated[PayeeForm, Meta(description="Who is paid.")]
    amount: AmountText
    currency: CurrencyCode
    end_to_end_id: Annotated[
        str, Meta(max_length=ID_MAX, description="The payer's own reference, carried to the payee.")
    ] = ""
    remittance: Annotated[
        tuple[Annotated[str, Meta(min_length=1, max_length=REMITTANCE_MAX)], ...],
        Meta(max_length=REMITTANCES_MAX, description="What it is for, in lines."),
    ] = ()
    reference: Reference = ""
    debtor_name: Annotated[str, Meta(max_length=NAME_MAX, description="The payer's name, as the payee sees it.")] = ""
    execution_date: Annotated[dt.date | None, Meta(description="A later date on which it is paid; null: today.")] = None
    charge_bearer: Annotated[
        Literal["SLEV", "SHAR", "DEBT", "CRED"], Meta(description="Who bears charges, in the code of ISO 20022.")
    ] = "SLEV"
    retry: RetryForm = RetryForm()


class NextMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The next message to the clearing: all that waits of a kind in a currency."""

    kind: Annotated[Outgoing, Meta(description="Payments of customers (pacs.008), or money sent back (pacs.004).")]
    currency: CurrencyCode


class ApplyIncoming(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The account that money in suspense is for."""

    account: AccountText


class SendIncomingBack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why money in suspense is sent back."""

    iso_code: Annotated[
        str, Meta(pattern=r"^[A-Z0-9]{4}$", max_length=4, description="ISO 20022 return reason.", examples=["AC01"])
    ]
    words: Annotated[str, Meta(max_length=105, description="The reason in words.")] = ""


class AccountAlias(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another number an account is known by: an IBAN, or the number it had elsewhere."""

    alias: Annotated[str, Meta(min_length=1, max_length=ACCOUNT_MAX + 8, examples=["DE89370400440532013000"])]


# --- answers


class PaymentCause(msgspec.Struct, frozen=True):
    """Why it was rejected, sent back, put into suspense, or is tried again."""

    code: str
    en: str
    zh: str
    iso_code: Annotated[str, Meta(description="The reason in the code of ISO 20022.")]


class PaymentSide(msgspec.Struct, frozen=True, kw_only=True):
    """Payer or payee as the payment names it; masked unless it was asked for in the clear."""

    name: str
    account: Annotated[str, Meta(description="IBAN or other number.")]
    bic: str


class PaymentView(msgspec.Struct, frozen=True, kw_only=True):
    """A payment as it stands."""

    payment: PaymentNumber
    id: Annotated[UUID, Meta(description="Other banks know it by this id, written without hyphens.")]
    file: Annotated[int | None, Meta(description="The file it came in; null: alone.")]
    line: Annotated[int, Meta(description="In its file, from 1; 0 for one that came alone.")]
    state: State
    debtor: Annotated[AccountText | None, Meta(description="Null: the account named is none of this bank's.")]
    creditor: Annotated[AccountText | None, Meta(description="Null: an account at another bank.")]
    payee: PaymentSide
    amount: Annotated[MoneyForm | None, Meta(description="Null: the file named no currency there is.")]
    end_to_end_id: str
    execution_date: dt.date
    posted_on: dt.date | None
    transaction: Annotated[UUID | None, Meta(description="The transaction it is posted in; of a batch one for many.")]
    reason: PaymentCause | None
    message: Annotated[int | None, Meta(description="The message to the clearing it was sent in.")]
    remittance: Annotated[tuple[str, ...], Meta(description="What it is for; empty unless in the clear.")] = ()
    reference: Annotated[str, Meta(description="The payee's reference; empty unless in the clear.")] = ""


class PaymentPage(msgspec.Struct, frozen=True):
    """A page of payments, the newest first."""

    items: tuple[PaymentView, ...]
    next: str | None


class FileStates(msgspec.Struct, frozen=True, kw_only=True):
    """How many payments of a file are in each state."""

    waiting: int = 0
    accepted: int = 0
    posted: int = 0
    rejected: int = 0
    returned: int = 0
    cancelled: int = 0


class FileTaken(msgspec.Struct, frozen=True, kw_only=True):
    """A payment file, and how far it has come."""

    file: FileNumber
    message_id: Annotated[str, Meta(description="The id its sender gave it.")]
    count: Annotated[int, Meta(description="How many payments it has.")]
    states: FileStates
    done: Annotated[bool, Meta(description="Whether nothing is on its way; what waits for a later date, waits.")]


class FileView(msgspec.Struct, frozen=True, kw_only=True):
    """A payment file, and a page of its payments in order."""

    file: FileNumber
    message_id: str
    count: int
    states: FileStates
    done: bool
    lines: tuple[PaymentView, ...]
    next: str | None


class ClearingMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message to the clearing or from it."""

    message: MessageNumber
    sent_number: Annotated[int | None, Meta(description="The how manieth that was sent; null for one taken.")]
    bank: Annotated[str, Meta(description="The BIC of who sent it.")]
    kind: Annotated[str, Meta(examples=["pacs.008.001.08"])]
    message_id: str
    business_date: dt.date
    count: int
    total: Annotated[MoneyForm | None, Meta(description="Of one that was sent.")]


class ClearingPage(msgspec.Struct, frozen=True):
    """A page of messages, the newest first."""

    items: tuple[ClearingMessage, ...]
    next: str | None


class IncomingStates(msgspec.Struct, frozen=True, kw_only=True):
    """How many lines of a message have come how far."""

    taken: int = 0
    credited: int = 0
    suspended: int = 0
    applying: int = 0
    applied: int = 0
    returning: int = 0
    returned: int = 0


class ClearingTaken(msgspec.Struct, frozen=True, kw_only=True):
    """A message of the clearing, and what became of its lines."""

    message: ClearingMessage
    states: IncomingStates
    unread: Annotated[int, Meta(description="Lines that say no amount that could be booked.")]


class IncomingView(msgspec.Struct, frozen=True, kw_only=True):
    """Money from another bank as it stands."""

    receipt: ReceiptNumber
    id: UUID
    message: MessageNumber
    line: int
    original: Annotated[int | None, Meta(description="The payment of this bank that came back with it.")]
    state: ReceiptState
    account: Annotated[AccountText, Meta(description="Where it lies, or goes: a customer's account, or suspense.")]
    amount: MoneyForm
    payer: PaymentSide
    payee: PaymentSide
    their_id: Annotated[str, Meta(description="The id the other bank gave it.")]
    end_to_end_id: str
    transaction: UUID
    booked_on: dt.date | None
    reason: PaymentCause | None
    returned_in: Annotated[int | None, Meta(description="The message to the clearing it was sent back in.")]
    remittance: Annotated[tuple[str, ...], Meta(description="What it is for; empty unless in the clear.")] = ()


class IncomingPage(msgspec.Struct, frozen=True):
    """A page of money from other banks, the newest first."""

    items: tuple[IncomingView, ...]
    next: str | None


class AliasNamed(msgspec.Struct, frozen=True):
    """An account has another number now."""

    account: AccountText
    alias: str


# --- from the organ's structs


def payment_view(payment: Payment, private: Private, unit: int, *, clear: bool) -> PaymentView:
    """A payment as it looks outside."""
    return PaymentView(
        payment=payment.number,
        id=payment.id,
        file=payment.file,
        line=payment.line,
        state=payment.state,
        debtor=account_text(payment.debtor, unit) if payment.debtor else None,
        creditor=account_text(payment.creditor, unit) if payment.creditor else None,
        payee=_side(private.creditor_name, private.creditor.number, private.creditor_bic, clear=clear),
        amount=money_form(payment.amount_minor, payment.currency) if payment.currency else None,
        end_to_end_id=payment.end_to_end_id,
        execution_date=date_form(payment.execution_date),
        posted_on=_date(payment.posted_on),
        transaction=payment.transaction_id if payment.posted_on is not None else None,
        reason=_cause(payment.cause),
        message=payment.sent,
        remittance=private.remittance if clear else (),
        reference=private.reference if clear else "",
    )


def incoming_view(receipt: Receipt, private: Private, unit: int, *, clear: bool) -> IncomingView:
    """Money from another bank as it looks outside."""
    return IncomingView(
        receipt=receipt.number,
        id=receipt.id,
        message=receipt.message,
        line=receipt.line,
        original=receipt.original,
        state=receipt.state,
        account=account_text(receipt.target, unit),
        amount=money_form(receipt.amount_minor, receipt.currency),
        payer=_side(private.debtor_name, private.debtor.number, private.debtor_bic, clear=clear),
        payee=_side(private.creditor_name, private.creditor.number, private.creditor_bic, clear=clear),
        their_id=receipt.their_id,
        end_to_end_id=receipt.end_to_end_id,
        transaction=receipt.transaction_id,
        booked_on=_date(receipt.booked_on),
        reason=_cause(receipt.cause),
        returned_in=receipt.returned_in,
        remittance=private.remittance if clear else (),
    )


def file_taken(progress: FileProgress) -> FileTaken:
    """A file's progress as it looks outside."""
    return FileTaken(
        file=progress.number,
        message_id=progress.message_id,
        count=progress.count,
        states=FileStates(**{state.value: count for state, count in progress.by_state.items()}),
        done=progress.done,
    )


def clearing_message(message: Message) -> ClearingMessage:
    """A message of the clearing as it looks outside."""
    has_total = message.total_minor is not None and message.currency is not None
    return ClearingMessage(
        message=message.number,
        sent_number=message.sent_number,
        bank=message.bank,
        kind=message.message,
        message_id=message.message_id,
        business_date=date_form(message.business_date),
        count=message.count,
        total=money_form(message.total_minor or 0, message.currency or 0) if has_total else None,
    )


def clearing_taken(taken: Taken) -> ClearingTaken:
    """What became of a message, as it looks outside."""
    return ClearingTaken(
        message=clearing_message(taken.message),
        states=IncomingStates(**{state.value: count for state, count in taken.by_state.items()}),
        unread=taken.unread,
    )


def _side(name: str, account: str, bic: str, *, clear: bool) -> PaymentSide:
    if clear:
        return PaymentSide(name=name, account=account, bic=bic)
    words = " ".join(name.split())
    return PaymentSide(name=mask_name(words) if words else "", account=mask_number(account) if account else "", bic=bic)


def _cause(cause: Cause | None) -> PaymentCause | None:
    return None if cause is None else PaymentCause(cause.name, cause.english, cause.chinese, cause.iso_code)


def _date(days: int | None) -> dt.date | None:
    return None if days is None else date_form(days)
