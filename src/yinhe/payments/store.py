"""Payments and receipts in the database: rows read as structs, structs written as rows."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import psycopg

from yinhe.payments.model import Message, Payment, Receipt, ReceiptState, State
from yinhe.payments.refusals import Cause
from yinhe.storage.statements import Statements, load_statements

NUMBER_END: Final = 2**62
"""A number after every other."""
PAGE_MAX: Final = 1_000
"""Most payments, receipts or messages of one page."""


class Store:
    """The statements, by what they are for. Every one runs in a session that is given, in its transaction if any."""

    def __init__(self) -> None:
        self.sql: Final[Statements] = load_statements("payments")

    def run(self, session: psycopg.Connection, name: str, **given: Any) -> int:
        """Run a statement; how many rows it touched."""
        return session.execute(self.sql[name], given).rowcount

    def rows(self, session: psycopg.Connection, name: str, **given: Any) -> list[tuple[Any, ...]]:
        """The rows of a statement."""
        return session.execute(self.sql[name], given).fetchall()

    def one(self, session: psycopg.Connection, name: str, **given: Any) -> tuple[Any, ...] | None:
        """The one row of a statement, None where there is none."""
        return session.execute(self.sql[name], given).fetchone()

    def many(self, session: psycopg.Connection, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run a statement for each of many rows."""
        with session.cursor() as cursor:
            cursor.executemany(self.sql[name], rows)

    # --- payments

    def payments(self, session: psycopg.Connection, numbers: Sequence[int]) -> tuple[Payment, ...]:
        """Payments by number, ascending."""
        return self.payments_by(session, "payments_read", numbers=list(numbers))

    def payment(self, session: psycopg.Connection, number: int) -> Payment | None:
        """One payment, None where there is none."""
        found = self.payments(session, [number])
        return found[0] if found else None

    def payments_by(self, session: psycopg.Connection, name: str, **given: Any) -> tuple[Payment, ...]:
        """The payments a statement lists."""
        return tuple(_payment(row) for row in self.rows(session, name, **given))

    # --- receipts

    def receipts(self, session: psycopg.Connection, numbers: Sequence[int]) -> tuple[Receipt, ...]:
        """Receipts by number, ascending."""
        return self.receipts_by(session, "receipts_read", numbers=list(numbers))

    def receipt(self, session: psycopg.Connection, number: int) -> Receipt | None:
        """One receipt, None where there is none."""
        found = self.receipts(session, [number])
        return found[0] if found else None

    def receipts_by(self, session: psycopg.Connection, name: str, **given: Any) -> tuple[Receipt, ...]:
        """The receipts a statement lists."""
        return tuple(_receipt(row) for row in self.rows(session, name, **given))

    # --- messages

    def message(self, session: psycopg.Connection, number: int) -> Message | None:
        """One message, None where there is none."""
        row = self.one(session, "message_read", number=number)
        return None if row is None else Message(**dict(zip(_MESSAGE, row, strict=True)))

    def messages(self, session: psycopg.Connection, before: int, limit: int) -> tuple[Message, ...]:
        """Messages before a number, newest first."""
        rows = self.rows(session, "messages_list", before=before, limit=limit)
        return tuple(Message(**dict(zip(_MESSAGE, row, strict=True))) for row in rows)


_MESSAGE: Final = (
    "number",
    "sent_number",
    "bank",
    "message",
    "message_id",
    "business_date",
    "count",
    "currency",
    "total_minor",
)


def cause_columns(cause: Cause | None) -> dict[str, str | None]:
    """A cause as the columns that hold it."""
    if cause is None:
        return dict.fromkeys(("reason", "reason_english", "reason_chinese", "iso_code"))
    return {
        "reason": cause.name,
        "reason_english": cause.english,
        "reason_chinese": cause.chinese,
        "iso_code": cause.iso_code,
    }


def _cause(name: str | None, english: str, chinese: str, iso_code: str) -> Cause | None:
    return None if name is None else Cause(name, english, chinese, iso_code)


def _payment(row: tuple[Any, ...]) -> Payment:
    (number, payment_id, file, line, group_id, batch, state, debtor, creditor, amount, currency, *rest) = row
    (execution_date, posted_on, instruction_id, end_to_end_id, transaction_id, leg, *cause, sent) = rest
    return Payment(
        number=number,
        id=payment_id,
        file=file,
        line=line,
        group_id=group_id,
        batch=batch,
        state=State(state),
        debtor=debtor,
        creditor=creditor,
        amount_minor=amount,
        currency=currency,
        execution_date=execution_date,
        posted_on=posted_on,
        instruction_id=instruction_id,
        end_to_end_id=end_to_end_id,
        transaction_id=transaction_id,
        leg=leg,
        cause=_cause(*cause),
        sent=sent,
    )


def _receipt(row: tuple[Any, ...]) -> Receipt:
    (number, receipt_id, message, line, original, state, target, amount, currency, *rest) = row
    (their_id, end_to_end_id, transaction_id, booked_on, *cause, returned_in) = rest
    assert isinstance(transaction_id, UUID), "every receipt has one"
    return Receipt(
        number=number,
        id=receipt_id,
        message=message,
        line=line,
        original=original,
        state=ReceiptState(state),
        target=target,
        amount_minor=amount,
        currency=currency,
        their_id=their_id,
        end_to_end_id=end_to_end_id,
        transaction_id=transaction_id,
        booked_on=booked_on,
        cause=_cause(*cause),
        returned_in=returned_in,
    )
