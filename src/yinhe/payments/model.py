"""Payments as they are kept, and what is asked about them."""

from enum import StrEnum, unique
from typing import Final
from uuid import UUID

import msgspec

from yinhe.payments.iso.fields import AccountId
from yinhe.payments.refusals import Cause

ATTEMPTS_DAILY_MAX: Final = 5
DAYS_MAX: Final = 10


@unique
class State(StrEnum):
    """How far a payment has come."""

    WAITING = "waiting"
    """For its date, or for money; it may be cancelled."""
    ACCEPTED = "accepted"
    """Checked, and on its way into the books."""
    POSTED = "posted"
    REJECTED = "rejected"
    RETURNED = "returned"
    """It was sent, came back, and the payer has the money again."""
    CANCELLED = "cancelled"


@unique
class ReceiptState(StrEnum):
    """How far money from another bank has come."""

    TAKEN = "taken"
    """On its way into the books."""
    CREDITED = "credited"
    SUSPENDED = "suspended"
    """It lies on the suspense account until a person has decided."""
    APPLYING = "applying"
    APPLIED = "applied"
    RETURNING = "returning"
    RETURNED = "returned"


class Private(msgspec.Struct, frozen=True, kw_only=True):
    """What of a payment is personal: kept sealed, shown by permission."""

    debtor_name: str = ""
    debtor: AccountId = AccountId()
    debtor_bic: str = ""
    creditor_name: str = ""
    creditor: AccountId = AccountId()
    creditor_bic: str = ""
    remittance: tuple[str, ...] = ()
    reference: str = ""
    charge_bearer: str = "SLEV"
    return_code: str = ""
    """Of money that came back: the code by which the other bank says why."""


class Retry(msgspec.Struct, frozen=True, kw_only=True):
    """How often a payment is tried where the money is not there: so many times a date, on so many business dates."""

    attempts_daily: int = 1
    days: int = 1


class Pay(msgspec.Struct, frozen=True, kw_only=True):
    """A payment out of an account of this bank; accounts are indexes of the ledger, dates days since 1970-01-01."""

    debtor: int
    creditor: AccountId
    creditor_name: str
    creditor_bic: str = ""
    amount_minor: int
    currency: str
    execution_date: int | None = None
    """None: today."""
    end_to_end_id: str = ""
    instruction_id: str = ""
    debtor_name: str = ""
    remittance: tuple[str, ...] = ()
    reference: str = ""
    charge_bearer: str = "SLEV"
    retry: Retry = Retry()


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """A payment as it stands, without what is personal."""

    number: int
    id: UUID
    file: int | None
    line: int
    """In its file, from 1; 0 for one that came alone."""
    group_id: str
    batch: bool
    state: State
    debtor: int
    creditor: int
    """0: an account at another bank."""
    amount_minor: int
    currency: int
    """ISO 4217 number."""
    execution_date: int
    posted_on: int | None
    instruction_id: str
    end_to_end_id: str
    transaction_id: UUID | None
    leg: int
    cause: Cause | None
    """Why it was rejected, sent back or is tried again."""
    sent: int | None
    """The number of the message to the clearing it was sent in."""


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """Money from another bank as it stands, without what is personal."""

    number: int
    id: UUID
    message: int
    line: int
    original: int | None
    """The number of the payment of ours that came back with it."""
    state: ReceiptState
    target: int
    amount_minor: int
    currency: int
    their_id: str
    end_to_end_id: str
    transaction_id: UUID
    booked_on: int | None
    cause: Cause | None
    returned_in: int | None


class FileProgress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a payment file has come; `by_state` counts its payments."""

    number: int
    message_id: str
    count: int
    by_state: dict[State, int]

    @property
    def done(self) -> bool:
        """Whether nothing of it is on its way; what waits for a later date, waits."""
        return not self.by_state.get(State.ACCEPTED)


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A message to the clearing or from it."""

    number: int
    sent_number: int | None
    """The how manieth that was sent; None for one taken."""
    bank: str
    """Who sent it."""
    message: str
    message_id: str
    business_date: int
    count: int
    currency: int | None
    total_minor: int | None


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a message from the clearing, line by line."""

    message: Message
    by_state: dict[ReceiptState, int]
    unread: int
    """Lines that say no amount that could be booked."""
