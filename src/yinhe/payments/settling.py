"""Messages to the clearing: what was posted and not sent goes out once, numbered without a gap, and is kept as sent."""

import hashlib
from enum import StrEnum, unique
from typing import Final, assert_never

import msgspec
import psycopg

from yinhe.audit.desk import Asked, Done, Told
from yinhe.kernel.currency import Currency, currency
from yinhe.kernel.errors import UnknownCurrencyError
from yinhe.kernel.refusals import Refusal
from yinhe.payments.house import House
from yinhe.payments.iso.fields import LINES_MAX, date_text
from yinhe.payments.iso.pacs004 import MESSAGES as RETURN_MESSAGES
from yinhe.payments.iso.pacs004 import Returned, Returns, write_pacs004
from yinhe.payments.iso.pacs008 import MESSAGES as CREDIT_MESSAGES
from yinhe.payments.iso.pacs008 import CreditTransfer, CreditTransfers, write_pacs008
from yinhe.payments.model import Payment, Private, Receipt
from yinhe.payments.refusals import PaymentReason

SENT_MAX: Final = LINES_MAX
"""Most payments of one message; what is left goes out in the next."""


@unique
class Outgoing(StrEnum):
    """What a message to the clearing carries."""

    CREDITS = "credits"
    """Payments of customers, pacs.008."""
    RETURNS = "returns"
    """Money that is sent back, pacs.004."""


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """A message made."""

    message: str
    data: bytes
    numbers: tuple[int, ...]
    total_minor: int


def send(house: House, asked: Asked, kind: Outgoing, code: str) -> Told | Refusal:
    """Make the next message of a kind in a currency; the answer is the `Message`, its file is kept.

    What goes into it is locked and noted as sent in the commit that keeps the file: so each goes out in one message.
    """
    asked = msgspec.structs.replace(asked, content={"kind": kind.value, "currency": code})

    def work(session: psycopg.Connection) -> Done | Refusal:
        try:
            money = currency(code)
        except UnknownCurrencyError:
            return Refusal(PaymentReason.CURRENCY_UNKNOWN)
        house.store.run(session, "messages_lock")
        row = house.store.one(session, "message_next")
        assert row is not None, "an aggregate has a row"
        sent_number = int(row[0])
        message_id = _message_id(house, sent_number)
        written = _written(house, session, kind, money, message_id)
        if written is None:
            return Refusal(PaymentReason.NOTHING_TO_SEND)
        number = _keep(house, session, asked, written, money, sent_number, message_id)
        noted = "payments_sent" if kind is Outgoing.CREDITS else "receipts_sent"
        house.store.run(session, noted, message=number, numbers=list(written.numbers))
        after = {"sent_number": sent_number, "count": len(written.numbers), "total_minor": written.total_minor}
        answer = house.store.message(session, number)
        return Done(answer=answer, object=f"clearing-message/{number}", after=after)

    return house.desk.carry_out(asked, work)


def file_of(house: House, number: int) -> bytes:
    """A message as it was sent. Raises LookupError where none was sent under the number."""
    with house.desk.sessions.lend() as session:
        row = house.store.one(session, "message_sealed", number=number)
    if row is None:
        raise LookupError(f"There is no message {number} that was sent.")
    return house.vault.unseal(bytes(row[1]), f"clearing-message/{row[0]}")


def _message_id(house: House, sent_number: int) -> str:
    day = date_text(house.ledger.business_date).replace("-", "")
    return f"{house.bank.bic[:8]}{day}{sent_number:010d}"


def _keep(
    house: House,
    session: psycopg.Connection,
    asked: Asked,
    written: Written,
    money: Currency,
    sent_number: int,
    message_id: str,
) -> int:
    row = house.store.one(
        session,
        "message_write",
        id=asked.id,
        sent_number=sent_number,
        bank=house.bank.bic,
        message=written.message,
        message_id=message_id,
        digest=hashlib.sha256(written.data).digest(),
        business_date=house.ledger.business_date,
        count=len(written.numbers),
        currency=money.number,
        total=written.total_minor,
        sealed=house.vault.seal(written.data, f"clearing-message/{asked.id}"),
    )
    assert row is not None, "an insert gives its number"
    return int(row[0])


def _written(
    house: House, session: psycopg.Connection, kind: Outgoing, money: Currency, message_id: str
) -> Written | None:
    """The message of what is not sent yet; None where there is nothing."""
    name = {Outgoing.CREDITS: "payments_to_send", Outgoing.RETURNS: "receipts_to_send"}[kind]
    rows = house.store.rows(session, name, currency=money.number, limit=SENT_MAX)
    numbers = tuple(int(row[0]) for row in rows)
    if not numbers:
        return None
    match kind:
        case Outgoing.CREDITS:
            return _credits(house, session, numbers, money, message_id)
        case Outgoing.RETURNS:
            return _returns(house, session, numbers, money, message_id)
        case _:
            assert_never(kind)


def _credits(
    house: House, session: psycopg.Connection, numbers: tuple[int, ...], money: Currency, message_id: str
) -> Written:
    payments = house.store.payments(session, numbers)
    private = house.privates(session, "payment", numbers)
    message = CreditTransfers(
        message_id=message_id,
        created_us=house.desk.clock.now_us(),
        settlement_date=house.ledger.business_date,
        sender_bic=house.bank.bic,
        lines=tuple(
            _credit(place, payment, private[payment.number], money) for place, payment in enumerate(payments, start=1)
        ),
    )
    total = sum(payment.amount_minor for payment in payments)
    return Written(message=CREDIT_MESSAGES[0], data=write_pacs008(message), numbers=numbers, total_minor=total)


def _credit(place: int, payment: Payment, private: Private, money: Currency) -> CreditTransfer:
    return CreditTransfer(
        number=place,
        transaction_id=payment.id.hex,
        instruction_id=payment.instruction_id,
        end_to_end_id=payment.end_to_end_id,
        amount_minor=payment.amount_minor,
        currency=money.code,
        charge_bearer=private.charge_bearer,
        debtor_name=private.debtor_name,
        debtor=private.debtor,
        debtor_bic=private.debtor_bic,
        creditor_name=private.creditor_name,
        creditor=private.creditor,
        creditor_bic=private.creditor_bic,
        remittance=private.remittance,
        reference=private.reference,
    )


def _returns(
    house: House, session: psycopg.Connection, numbers: tuple[int, ...], money: Currency, message_id: str
) -> Written:
    receipts = house.store.receipts(session, numbers)
    message = Returns(
        message_id=message_id,
        created_us=house.desk.clock.now_us(),
        settlement_date=house.ledger.business_date,
        sender_bic=house.bank.bic,
        lines=tuple(_return(house, session, place, receipt, money) for place, receipt in enumerate(receipts, start=1)),
    )
    total = sum(receipt.amount_minor for receipt in receipts)
    return Written(message=RETURN_MESSAGES[0], data=write_pacs004(message), numbers=numbers, total_minor=total)


def _return(house: House, session: psycopg.Connection, place: int, receipt: Receipt, money: Currency) -> Returned:
    original = house.store.message(session, receipt.message)
    assert original is not None, "a receipt is of a message"
    return Returned(
        number=place,
        return_id=receipt.id.hex,
        original_message_id=original.message_id,
        original_message=original.message,
        original_transaction_id=receipt.their_id,
        original_end_to_end_id=receipt.end_to_end_id,
        amount_minor=receipt.amount_minor,
        currency=money.code,
        iso_code="MS03" if receipt.cause is None else receipt.cause.iso_code,
        words="" if receipt.cause is None else receipt.cause.english,
    )
