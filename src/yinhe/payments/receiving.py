"""Messages from other banks taken in: each line noted once, for an account or for suspense with the reason.

The money has come in any case: whatever is wrong with a line, its amount goes onto the books.
"""

import hashlib
from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec
import psycopg

from yinhe.audit.desk import Asked, Done, Told
from yinhe.kernel.currency import currency
from yinhe.kernel.ids import derived
from yinhe.kernel.refusals import Refusal
from yinhe.payments.house import House, same_name, unusable
from yinhe.payments.iso.fields import LINES_MAX, NOT_PROVIDED
from yinhe.payments.iso.pacs004 import Returned, Returns, read_pacs004
from yinhe.payments.iso.pacs008 import CreditTransfer, CreditTransfers, read_pacs008
from yinhe.payments.model import Payment, Private, ReceiptState, State, Taken
from yinhe.payments.receipts import book_receipts
from yinhe.payments.refusals import (
    FileReason,
    PaymentReason,
    cause_of,
    code_of,
)
from yinhe.payments.store import cause_columns


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a message, as far as it is to be noted."""

    line: int
    amount_minor: int
    currency: str
    refusal: Refusal | None
    """Why it goes into suspense; without an amount, why nothing of it could be read."""
    their_id: str
    end_to_end_id: str
    target: int = 0
    original: int | None = None
    private: Private


Arrivals = Callable[[psycopg.Connection], list[Arrival]]


# --- messages


def take_credits(house: House, asked: Asked, data: bytes) -> Told | Refusal:
    """Take a message of credits (pacs.008), once, and book its lines; the answer is what was `Taken`."""
    message = read_pacs008(data)
    if isinstance(message, Refusal):
        return _take(house, asked, data, message, lambda session: [])
    sender = message.sender_bic or message.lines[0].debtor_bic
    misled = bool(message.receiver_bic) and not house.is_own(message.receiver_bic)
    heading = Refusal(PaymentReason.NOT_OUR_BANK) if misled else Heading(message.message, message.message_id, sender)
    return _take(house, asked, data, heading, lambda session: _credits(house, session, message))


def take_returns(house: House, asked: Asked, data: bytes) -> Told | Refusal:
    """Take a message of payments that come back (pacs.004), once, and credit their payers."""
    message = read_pacs004(data)
    if isinstance(message, Refusal):
        return _take(house, asked, data, message, lambda session: [])
    misled = bool(message.receiver_bic) and not house.is_own(message.receiver_bic)
    heading = (
        Refusal(PaymentReason.NOT_OUR_BANK)
        if misled
        else Heading(message.message, message.message_id, message.sender_bic)
    )
    return _take(house, asked, data, heading, lambda session: _returns(house, session, message))


class Heading(msgspec.Struct, frozen=True):
    """What tells a message from every other."""

    message: str
    message_id: str
    bank: str


def _take(house: House, asked: Asked, data: bytes, heading: Heading | Refusal, arrivals: Arrivals) -> Told | Refusal:
    digest = hashlib.sha256(data).digest()
    asked = msgspec.structs.replace(asked, content={"sha256": digest.hex()})

    def work(session: psycopg.Connection) -> Done | Refusal:
        if isinstance(heading, Refusal):
            return heading
        house.store.run(session, "messages_lock")
        known = house.store.one(session, "message_find", bank=heading.bank, message_id=heading.message_id)
        if known is not None and bytes(known[1]) != digest:
            return Refusal(FileReason.MESSAGE_ID_USED)
        number = (
            int(known[0]) if known is not None else _write(house, session, asked.id, heading, digest, arrivals(session))
        )
        answer = taken(house, session, number)
        after = {"count": answer.message.count, "unread": answer.unread}
        return Done(answer=answer, object=f"clearing-message/{number}", after=after)

    told = house.desk.carry_out(asked, work)
    if isinstance(told, Refusal) or told.dry_run:
        return told
    number = told.read(Taken).message.number
    with house.desk.sessions.lend() as session:
        rows = house.store.rows(session, "receipts_under_way", message=number, after=0, limit=LINES_MAX)
    book_receipts(house, [int(row[0]) for row in rows], asked.author)
    with house.desk.sessions.lend() as session:
        answer = taken(house, session, number)
    return msgspec.structs.replace(told, answer=msgspec.Raw(msgspec.json.encode(answer)))


def taken(house: House, session: psycopg.Connection, number: int) -> Taken:
    """What became of a message. Raises LookupError where there is none."""
    message = house.store.message(session, number)
    if message is None:
        raise LookupError(f"There is no message {number}.")
    unread = house.store.one(session, "unread_count", message=number)
    states = house.store.rows(session, "receipt_states", message=number)
    by_state = {ReceiptState(state): int(count) for state, count in states}
    return Taken(message=message, by_state=by_state, unread=int(unread[0]) if unread else 0)


def _write(
    house: House,
    session: psycopg.Connection,
    message_uuid: UUID,
    heading: Heading,
    digest: bytes,
    arrivals: list[Arrival],
) -> int:
    row = house.store.one(
        session,
        "message_write",
        id=message_uuid,
        sent_number=None,
        bank=heading.bank,
        message=heading.message,
        message_id=heading.message_id,
        digest=digest,
        business_date=house.ledger.business_date,
        count=len(arrivals),
        currency=None,
        total=None,
        sealed=None,
    )
    assert row is not None, "an insert gives its number"
    number = int(row[0])
    rows = [_row(house, number, message_uuid, one) for one in arrivals if one.amount_minor]
    unread = [
        {
            "message": number,
            "line": one.line,
            "reason": one.refusal.name,
            "iso_code": code_of(one.refusal),
            "detail": one.refusal.detail,
        }
        for one in arrivals
        if not one.amount_minor and one.refusal is not None
    ]
    for name, many in (("receipt_write", rows), ("unread_write", unread)):
        if many:
            house.store.many(session, name, many)
    return number


def _row(house: House, message: int, message_uuid: UUID, arrival: Arrival) -> dict[str, Any]:
    number = currency(arrival.currency).number
    receipt_id = derived(message_uuid, f"line {arrival.line}")
    cause = None if arrival.refusal is None else cause_of(arrival.refusal)
    return {
        "id": receipt_id,
        "message": message,
        "line": arrival.line,
        "original": arrival.original,
        "target": arrival.target if arrival.refusal is None else house.suspense(number),
        "amount": arrival.amount_minor,
        "currency": number,
        "their_id": arrival.their_id,
        "end_to_end_id": arrival.end_to_end_id or NOT_PROVIDED,
        "sealed": house.seal(arrival.private, "receipt", receipt_id),
        **cause_columns(cause),
    }


# --- what is decided of a line


def _credits(house: House, session: psycopg.Connection, message: CreditTransfers) -> list[Arrival]:
    own = house.own_accounts(session, [line.creditor for line in message.lines])
    return [_credit(house, line, own.get(line.creditor.number, 0)) for line in message.lines]


def _credit(house: House, line: CreditTransfer, target: int) -> Arrival:
    return Arrival(
        line=line.number,
        amount_minor=line.amount_minor,
        currency=line.currency,
        refusal=line.refusal or _not_credited(house, line, target),
        their_id=line.transaction_id,
        end_to_end_id=line.end_to_end_id,
        target=target,
        private=Private(
            debtor_name=line.debtor_name,
            debtor=line.debtor,
            debtor_bic=line.debtor_bic,
            creditor_name=line.creditor_name,
            creditor=line.creditor,
            creditor_bic=line.creditor_bic,
            remittance=line.remittance,
            reference=line.reference,
            charge_bearer=line.charge_bearer,
        ),
    )


def _not_credited(house: House, line: CreditTransfer, target: int) -> Refusal | None:
    if line.creditor_bic and not house.is_own(line.creditor_bic):
        return Refusal(PaymentReason.NOT_OUR_BANK)
    reason = unusable(house.account(target), currency(line.currency).number, debit=False)
    if reason is not None:
        return Refusal(reason)
    name = house.name_of(target)
    if name is not None and not same_name(name, line.creditor_name):
        return Refusal(PaymentReason.NAME_DIFFERS)
    return None


def _returns(house: House, session: psycopg.Connection, message: Returns) -> list[Arrival]:
    seen: set[int] = set()
    return [_return(house, session, line, seen) for line in message.lines]


def _return(house: House, session: psycopg.Connection, line: Returned, seen: set[int]) -> Arrival:
    """A payment of ours that comes back: to its payer, if it is one that was sent, whole, and for the first time."""
    number = _original(house, session, line)
    payment = None if number is None else house.store.payment(session, number)
    refusal, target, private = line.refusal, 0, Private()
    if payment is None or not _is_out(house, session, payment) or payment.number in seen:
        refusal = refusal or Refusal(PaymentReason.NOT_SENT)
    else:
        private = house.privates(session, "payment", [payment.number])[payment.number]
        number_of_currency = 0 if not line.amount_minor else currency(line.currency).number
        reason = unusable(house.account(payment.debtor), payment.currency, debit=False)
        if (line.amount_minor, number_of_currency) != (payment.amount_minor, payment.currency):
            refusal = refusal or Refusal(PaymentReason.RETURN_DIFFERS)
        elif reason is not None:
            refusal = refusal or Refusal(reason)
        if refusal is None:
            target = payment.debtor
            seen.add(payment.number)
    return Arrival(
        line=line.number,
        amount_minor=line.amount_minor,
        currency=line.currency,
        refusal=refusal,
        their_id=line.return_id,
        end_to_end_id=line.original_end_to_end_id,
        target=target,
        original=None if payment is None else payment.number,
        private=msgspec.structs.replace(private, return_code=line.iso_code),
    )


def _is_out(house: House, session: psycopg.Connection, payment: Payment) -> bool:
    """Whether a payment was sent, and nothing has come back of it yet."""
    if payment.sent is None or payment.state is not State.POSTED:
        return False
    return house.store.one(session, "receipt_of_original", original=payment.number) is None


def _original(house: House, session: psycopg.Connection, line: Returned) -> int | None:
    """The number of the payment a return names by the id it was sent under."""
    try:
        sent_under = UUID(hex=line.original_transaction_id)
    except ValueError:
        return None
    row = house.store.one(session, "payment_by_id", id=sent_under)
    return None if row is None else int(row[0])
