"""Payments that wait for a date or for money: cancelled, carried out on a business date, taken up after a stop."""

from typing import Final

import msgspec
import psycopg

from yinhe.audit.desk import Asked, Done, Told
from yinhe.audit.log import append
from yinhe.audit.record import BANK, Author, Record
from yinhe.kernel.refusals import Refusal
from yinhe.payments.booking import READ, book, pieces
from yinhe.payments.house import House
from yinhe.payments.iso.fields import LINES_MAX
from yinhe.payments.refusals import PaymentReason, cause_of
from yinhe.payments.store import cause_columns

PAYMENT_ACTION: Final = "payment.due"


def cancel(house: House, asked: Asked, number: int) -> Told | Refusal:
    """Cancel a payment that waits; the answer is the `Payment`."""
    asked = msgspec.structs.replace(asked, content={"payment": number})

    def work(session: psycopg.Connection) -> Done | Refusal:
        if house.store.payment(session, number) is None:
            return Refusal(PaymentReason.PAYMENT_UNKNOWN)
        cause = cause_of(Refusal(PaymentReason.CANCELLED))
        if not house.store.run(session, "payment_cancel", number=number, **cause_columns(cause)):
            return Refusal(PaymentReason.NOT_WAITING)
        house.store.run(session, "orders_done", numbers=[number])
        payment = house.store.payment(session, number)
        return Done(
            answer=payment, object=f"payment/{number}", before={"state": "waiting"}, after={"state": "cancelled"}
        )

    return house.desk.carry_out(asked, work)


def run_due(house: House, date: int, author: Author = BANK) -> int:
    """Carry out what is due on a business date (days since 1970-01-01); how many payments were tried.

    Called once the date has come. Called again it tries only what its rule lets be tried again on the same date, and
    what a stop left accepted.
    """
    with house.desk.sessions.transaction() as session:
        due = [int(row[0]) for row in house.store.rows(session, "payments_due", date=date)]
        if due:
            record = Record(action=PAYMENT_ACTION, author=author, object="payment", detail={"due": len(due)})
            append(session, house.desk.clock, [record])
    book(house, sorted(due), author)
    resume(house, author)
    return len(due)


def resume(house: House, author: Author = BANK) -> int:
    """Book whatever a stop left on its way into the books; how many payments that were."""
    with house.desk.sessions.lend() as session:
        files = [int(row[0]) for row in house.store.rows(session, "files_accepted")]
    count = 0
    for file in files:
        with house.desk.sessions.lend() as session:
            rows = house.store.rows(session, "payments_accepted", file=file, after=0, limit=LINES_MAX)
        count += len(rows)
        book(house, [int(row[0]) for row in rows], author)
    after = 0
    while True:
        with house.desk.sessions.lend() as session:
            rows = house.store.rows(session, "alone_accepted", after=after, limit=READ)
        if not rows:
            return count
        numbers = [int(row[0]) for row in rows]
        for piece in pieces(numbers, READ):
            book(house, piece, author)
        after, count = numbers[-1], count + len(numbers)
