"""What customers are told: the status of a payment file (pain.002), line by line."""

from typing import assert_never

import psycopg

from yinhe.kernel.ids import derived
from yinhe.kernel.refusals import Refusal
from yinhe.payments.house import House
from yinhe.payments.iso.fields import LINES_MAX
from yinhe.payments.iso.pain001 import MESSAGES
from yinhe.payments.iso.pain002 import LineStatus, Status, StatusReport, write_pain002
from yinhe.payments.iso.xml import Unreadable, read_document
from yinhe.payments.model import Payment, State
from yinhe.payments.refusals import code_of


def status_report(house: House, number: int) -> bytes:
    """The report on a payment file as it stands. Raises LookupError where there is none."""
    with house.desk.sessions.lend() as session:
        row = house.store.one(session, "file_read", file=number)
        if row is None:
            raise LookupError(f"There is no payment file {number}.")
        payments = house.store.payments_by(session, "payments_of_file", file=number, after=0, limit=LINES_MAX)
        file_id = _file_id(house, session, number)
    message, message_id, count, control_sum = row
    return write_pain002(
        StatusReport(
            message_id=file_id,
            created_us=house.desk.clock.now_us(),
            bic=house.bank.bic,
            original_message=message,
            original_message_id=message_id,
            original_count=count,
            original_sum=control_sum,
            lines=tuple(_line(payment) for payment in payments),
        )
    )


def _file_id(house: House, session: psycopg.Connection, number: int) -> str:
    """An id of the report that is new each time: a file is reported on as often as somebody asks."""
    row = house.store.one(session, "file_id", file=number)
    assert row is not None, "the file was read"
    return derived(row[0], f"report {house.desk.clock.now_us()}").hex


def refusal_report(house: House, data: bytes, refusal: Refusal) -> bytes | None:
    """The report on a file that was refused as a whole; None where not even its id could be read."""
    root = read_document(data, MESSAGES)
    if isinstance(root, Refusal):
        return None
    try:
        message_id = root.text("GrpHdr/MsgId")[:35]
    except Unreadable:
        return None
    if not message_id:
        return None
    return write_pain002(
        StatusReport(
            message_id=house.ledger.ids.next().hex,
            created_us=house.desk.clock.now_us(),
            bic=house.bank.bic,
            original_message=root.message,
            original_message_id=message_id,
            iso_code=code_of(refusal),
            words=refusal.english,
        )
    )


def _line(payment: Payment) -> LineStatus:
    cause = payment.cause
    return LineStatus(
        group_id=payment.group_id,
        status=status_of(payment.state),
        id=payment.id.hex,
        instruction_id=payment.instruction_id,
        end_to_end_id=payment.end_to_end_id,
        iso_code="" if cause is None else cause.iso_code,
        words="" if cause is None else cause.english,
    )


def status_of(state: State) -> Status:
    """A state in the words of the standard; the reason beside it tells a cancelled payment from a rejected one."""
    match state:
        case State.WAITING:
            return Status.PENDING
        case State.ACCEPTED:
            return Status.ACCEPTED
        case State.POSTED:
            return Status.SETTLED
        case State.REJECTED | State.RETURNED | State.CANCELLED:
            return Status.REJECTED
        case _:
            assert_never(state)
