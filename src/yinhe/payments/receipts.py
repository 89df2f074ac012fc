"""Money from other banks into the books, once, and out of suspense by hand.

A receipt is posted under an id that is noted with it. If the books refuse it, it is noted for suspense before it is
posted there, under the same id: of the two the books can hold one, whatever stops and whatever changes in between.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
import psycopg

from yinhe.audit.desk import Asked, Done, Told
from yinhe.audit.log import append
from yinhe.audit.record import BANK, Author, Record
from yinhe.kernel.ids import derived
from yinhe.kernel.refusals import Refusal
from yinhe.payments.booking import CHUNK, pieces
from yinhe.payments.codes import PaymentCode
from yinhe.payments.errors import PaymentsCorrupt
from yinhe.payments.house import House, unusable
from yinhe.payments.iso.fields import LINES_MAX
from yinhe.payments.model import Receipt, ReceiptState
from yinhe.payments.posting import ASK_AGAIN, MoneyOrder, Result
from yinhe.payments.refusals import Cause, PaymentReason, cause_by_books
from yinhe.payments.store import cause_columns
from yinhe.payments.words import is_plain

UNDER_WAY: Final = (ReceiptState.TAKEN, ReceiptState.APPLYING, ReceiptState.RETURNING)
_BOOKED: Final = {
    ReceiptState.APPLYING: ReceiptState.APPLIED,
    ReceiptState.RETURNING: ReceiptState.RETURNED,
}


def book_receipts(house: House, numbers: Sequence[int], author: Author = BANK) -> None:
    """Post receipts that are on their way into the books, and note what became of each. May be called again."""
    mine = house.in_hand.take("receipt", numbers)
    try:
        for piece in pieces(mine, CHUNK):
            with house.desk.sessions.lend() as session:
                receipts = house.store.receipts(session, piece)
            waiting = [receipt for receipt in receipts if receipt.state in UNDER_WAY]
            refused = _post(house, waiting, author)
            if refused:
                _post(house, refused, author, is_second=True)
    finally:
        house.in_hand.let_go("receipt", mine)


def _post(house: House, receipts: Sequence[Receipt], author: Author, *, is_second: bool = False) -> Sequence[Receipt]:
    """Post receipts; those the books refused, rerouted into suspense and still to be posted there."""
    if not receipts:
        return ()
    results = house.post([_order(house, receipt) for receipt in receipts], author)
    rerouted: list[int] = []
    with house.desk.sessions.transaction() as session:
        for receipt, result in zip(receipts, results, strict=True):
            if not result.posted and result.refusal != ASK_AGAIN:
                _refused(house, session, receipt, result, is_second=is_second)
                if receipt.state is ReceiptState.TAKEN:
                    rerouted.append(receipt.number)
        posted = [receipt for receipt, result in zip(receipts, results, strict=True) if result.posted]
        _note(house, session, posted, author)
        return house.store.receipts(session, rerouted)


def _order(house: House, receipt: Receipt) -> MoneyOrder:
    clearing, suspense = house.clearing(receipt.currency), house.suspense(receipt.currency)
    match receipt.state:
        case ReceiptState.APPLYING:
            debit, code = suspense, PaymentCode.APPLIED
        case ReceiptState.RETURNING:
            debit, code = suspense, PaymentCode.SENT_BACK
        case _:
            debit = clearing
            code = PaymentCode.IN if receipt.original is None else PaymentCode.CAME_BACK
            if receipt.target == suspense:
                code = PaymentCode.SUSPENSE
    return MoneyOrder(
        id=receipt.transaction_id,
        debit=debit,
        credit=receipt.target,
        amount_minor=receipt.amount_minor,
        code=code.code,
        narrative=f"receipt/{receipt.number} {receipt.end_to_end_id}",
    )


def _refused(house: House, session: psycopg.Connection, receipt: Receipt, result: Result, *, is_second: bool) -> None:
    """What the books refused goes into suspense, or stays there."""
    suspense = house.suspense(receipt.currency)
    cause = cause_by_books(result.refusal, result.english, result.chinese)
    if receipt.state is ReceiptState.TAKEN:
        if is_second or receipt.target == suspense:
            raise PaymentsCorrupt(f"The suspense account refused receipt {receipt.number}: {result.refusal}.")
        house.store.run(session, "receipt_reroute", number=receipt.number, target=suspense, **cause_columns(cause))
        return
    house.store.run(
        session,
        "receipt_move",
        number=receipt.number,
        before=receipt.state.value,
        state=ReceiptState.SUSPENDED.value,
        target=suspense,
        transaction_id=receipt.id,
    )
    house.store.run(session, "receipt_reason", number=receipt.number, **cause_columns(cause))


def _note(house: House, session: psycopg.Connection, posted: Sequence[Receipt], author: Author) -> None:
    date, counted = house.ledger.business_date, Counter[str]()
    for receipt in posted:
        state = _BOOKED.get(receipt.state)
        if state is None:
            is_suspended = receipt.target == house.suspense(receipt.currency)
            state = ReceiptState.SUSPENDED if is_suspended else ReceiptState.CREDITED
        counted[state.value] += 1
        house.store.run(
            session,
            "receipts_booked",
            numbers=[receipt.number],
            before=receipt.state.value,
            state=state.value,
            date=date,
        )
        if receipt.original is not None and state in (ReceiptState.CREDITED, ReceiptState.APPLIED):
            house.store.run(
                session, "payment_returned", number=receipt.original, **cause_columns(_why(house, session, receipt))
            )
    if posted:
        one = f"receipt/{posted[0].number}" if len(posted) == 1 else f"clearing-message/{posted[0].message}"
        append(
            session,
            house.desk.clock,
            [Record(action="payment.receive", author=author, object=one, detail=dict(counted))],
        )


def _why(house: House, session: psycopg.Connection, receipt: Receipt) -> Cause:
    """Why a payment came back, as the other bank says it."""
    code = house.privates(session, "receipt", [receipt.number])[receipt.number].return_code
    return Cause("returned", "the other bank sent it back", "对方银行退回", code or "MS03")


# --- suspense, by hand


def apply(house: House, asked: Asked, number: int, account: int) -> Told | Refusal:
    """Credit money in suspense to an account; the answer is the `Receipt`."""

    def target_of(receipt: Receipt) -> int | Refusal:
        reason = unusable(house.account(account), receipt.currency, debit=False)
        return account if reason is None else Refusal(reason)

    return _resolve(house, asked, number, {"account": account}, ReceiptState.APPLYING, target_of, None)


def send_back(house: House, asked: Asked, number: int, iso_code: str, words: str = "") -> Told | Refusal:
    """Send money in suspense back to the bank it came from, with the code that says why; sent with the next returns."""

    def target_of(receipt: Receipt) -> int | Refusal:
        if receipt.original is not None:
            return Refusal(PaymentReason.RETURN_NOT_SENT_BACK)
        if len(iso_code) != 4 or not iso_code.isascii() or not iso_code.isalnum() or not is_plain(words, 105):
            return Refusal(PaymentReason.FIELD_MALFORMED, "iso_code")
        return house.clearing(receipt.currency)

    cause = Cause("sent_back", words, "", iso_code.upper())
    return _resolve(house, asked, number, {"iso_code": iso_code}, ReceiptState.RETURNING, target_of, cause)


def _resolve(
    house: House,
    asked: Asked,
    number: int,
    content: dict[str, Any],
    state: ReceiptState,
    target_of: Callable[[Receipt], int | Refusal],
    cause: Cause | None,
) -> Told | Refusal:
    asked = msgspec.structs.replace(asked, content={"receipt": number, **content})

    def work(session: psycopg.Connection) -> Done | Refusal:
        receipt = house.store.receipt(session, number)
        if receipt is None:
            return Refusal(PaymentReason.RECEIPT_UNKNOWN)
        target = target_of(receipt)
        if isinstance(target, Refusal):
            return target
        moved = house.store.run(
            session,
            "receipt_move",
            number=number,
            before=ReceiptState.SUSPENDED.value,
            state=state.value,
            target=target,
            transaction_id=derived(receipt.id, state.value),
        )
        if not moved:
            return Refusal(PaymentReason.NOT_IN_SUSPENSE)
        if cause is not None:
            house.store.run(session, "receipt_reason", number=number, **cause_columns(cause))
        answer = house.store.receipt(session, number)
        return Done(
            answer=answer, object=f"receipt/{number}", before={"state": "suspended"}, after={"state": state.value}
        )

    told = house.desk.carry_out(asked, work)
    if isinstance(told, Refusal) or told.dry_run:
        return told
    book_receipts(house, [number], asked.author)
    with house.desk.sessions.lend() as session:
        receipt = house.store.receipt(session, number)
    assert receipt is not None, "receipts stay"
    if receipt.state is ReceiptState.SUSPENDED:
        return Refusal(PaymentReason.REFUSED_BY_BOOKS, "" if receipt.cause is None else receipt.cause.name)
    return msgspec.structs.replace(told, answer=msgspec.Raw(msgspec.json.encode(receipt)))


def resume_receipts(house: House, author: Author = BANK) -> int:
    """Book whatever a stop left on its way into the books; how many receipts that were."""
    count, after = 0, 0
    while True:
        with house.desk.sessions.lend() as session:
            rows = house.store.rows(session, "receipts_under_way", message=None, after=after, limit=LINES_MAX)
        if not rows:
            return count
        numbers = [int(row[0]) for row in rows]
        book_receipts(house, numbers, author)
        after, count = numbers[-1], count + len(numbers)
