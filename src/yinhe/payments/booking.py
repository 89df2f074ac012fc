"""Payments into the books, once: what is accepted is posted under an id that is fixed, then noted as posted or refused.

A kill between the two leaves a payment accepted; booked again, the books know the id and nothing is posted twice.
A batch is noted before it is posted: which payments are in the transaction, and as which leg. If it is refused for one
of them, that one is rejected and the others are noted in another transaction; if for the payer, they all share it.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Final, TypeVar
from uuid import UUID

import psycopg

from yinhe.audit.log import append
from yinhe.audit.record import Author, Outcome, Record
from yinhe.kernel.ids import derived
from yinhe.kernel.refusals import Refusal
from yinhe.ledger.batch import LEGS_MAX
from yinhe.payments.codes import PaymentCode
from yinhe.payments.errors import PaymentsCorrupt
from yinhe.payments.house import House, unusable
from yinhe.payments.model import Payment, State
from yinhe.payments.posting import ASK_AGAIN, LINKED_FAILED, MoneyOrder, Result
from yinhe.payments.refusals import Cause, cause_by_books, cause_of
from yinhe.payments.store import cause_columns

Item = TypeVar("Item")

CHUNK: Final = 500
"""Payments posted and noted at a time."""
READ: Final = 10_000
"""Payments read at a time."""
BATCH_MAX: Final = LEGS_MAX - 2
"""Payments of one transaction: one leg more debits the payer, and one may take the fee."""
RETRIED: Final = frozenset({"insufficient_funds", "over_daily_limit"})
"""Refusals after which a payment may be tried again by its rule."""

Refused = tuple[Payment, Cause]


def book(house: House, numbers: Sequence[int], author: Author) -> None:
    """Post payments that are accepted, and note what became of each. Raises a fault; then it is called again."""
    mine = house.in_hand.take("payment", numbers)
    try:
        batches: dict[tuple[int | None, str], list[Payment]] = defaultdict(list)
        for piece in pieces(mine, READ):
            with house.desk.sessions.lend() as session:
                payments = house.store.payments(session, piece)
            accepted = [payment for payment in payments if payment.state is State.ACCEPTED]
            for payment in accepted:
                if payment.batch:
                    batches[payment.file, payment.group_id].append(payment)
            for chunk in pieces([payment for payment in accepted if not payment.batch], CHUNK):
                _book_each(house, chunk, author)
        for together in batches.values():
            _book_group(house, together, author)
    finally:
        house.in_hand.let_go("payment", mine)


def pieces(items: Sequence[Item], size: int) -> list[Sequence[Item]]:
    """The items in order, so many at a time."""
    return [items[start : start + size] for start in range(0, len(items), size)]


def _book_each(house: House, payments: Sequence[Payment], author: Author) -> None:
    results = house.post([_order(house, payment) for payment in payments], author)
    posted = [payment for payment, result in zip(payments, results, strict=True) if result.posted]
    refused = [
        (payment, _cause(result))
        for payment, result in zip(payments, results, strict=True)
        if not result.posted and result.refusal != ASK_AGAIN
    ]
    _note(house, posted, refused, author)


def _order(house: House, payment: Payment) -> MoneyOrder:
    return MoneyOrder(
        id=payment.id,
        debit=payment.debtor,
        credit=payment.creditor or house.clearing(payment.currency),
        amount_minor=payment.amount_minor,
        code=_code_of(payment).code,
        narrative=narrative_of(payment),
    )


def narrative_of(payment: Payment) -> str:
    """What the journal says of a payment: no two say the same, so that equal payments are no repetition."""
    return f"payment/{payment.number} {payment.end_to_end_id}"


def _code_of(payment: Payment) -> PaymentCode:
    return PaymentCode.ON_US if payment.creditor else PaymentCode.OUT


def _cause(result: Result) -> Cause:
    return cause_by_books(result.refusal, result.english, result.chinese)


# --- batches


def _book_group(house: House, payments: Sequence[Payment], author: Author) -> None:
    """Book a group by one debit for each transaction of at most BATCH_MAX payments."""
    assigned: dict[UUID, list[Payment]] = defaultdict(list)
    for payment in payments:
        if payment.transaction_id is not None:
            assigned[payment.transaction_id].append(payment)
    for together in assigned.values():
        _book_batch(house, sorted(together, key=lambda payment: payment.leg), author)
    for piece in pieces([payment for payment in payments if payment.transaction_id is None], BATCH_MAX):
        _book_batch(house, _assigned(house, piece, derived(piece[0].id, "batch"), [], author), author)


def _assigned(
    house: House, payments: Sequence[Payment], transaction_id: UUID, refused: Sequence[Refused], author: Author
) -> Sequence[Payment]:
    """Note in which transaction payments are to be posted, and in the same commit those that are refused.

    Accounts are looked at once more, so that one that was closed or blocked since keeps none of the others.
    """
    hopeless: list[Refused] = list(refused)
    good: list[Payment] = []
    for payment in payments:
        creditor = house.account(payment.creditor) if payment.creditor else None
        reason = unusable(creditor, payment.currency, debit=False) if payment.creditor else None
        if reason is None:
            good.append(payment)
        else:
            hopeless.append((payment, cause_of(Refusal(reason))))
    rows = [
        {"transaction_id": transaction_id, "leg": leg, "number": payment.number}
        for leg, payment in enumerate(good, start=1)
    ]
    with house.desk.sessions.transaction() as session:
        if rows:
            house.store.many(session, "batch_assign", rows)
        _write(house, session, [], hopeless, author)
    with house.desk.sessions.lend() as session:
        found = house.store.payments(session, [payment.number for payment in good])
    return sorted(found, key=lambda payment: payment.leg)


def _book_batch(house: House, payments: Sequence[Payment], author: Author) -> None:
    """Post a batch as noted; each round rejects at least one of its payments, or all, or ends."""
    while payments:
        results = house.post(_legs(house, payments), author)
        if all(result.posted for result in results):
            _note(house, payments, [], author)
            return
        payer, *lines = results
        if any(result.refusal == ASK_AGAIN for result in results):
            return
        if payer.refusal != LINKED_FAILED:
            _note(house, [], [(payment, _cause(payer)) for payment in payments], author)
            return
        failed = [
            (payment, _cause(result))
            for payment, result in zip(payments, lines, strict=True)
            if result.refusal != LINKED_FAILED
        ]
        if not failed:
            raise PaymentsCorrupt("A batch was refused, but none of its legs.")
        at_fault = {payment.number for payment, _ in failed}
        rest = [payment for payment in payments if payment.number not in at_fault]
        before = payments[0].transaction_id
        assert before is not None, "a batch is noted before it is posted"
        payments = _assigned(house, rest, derived(before, "again"), failed, author)


def _legs(house: House, payments: Sequence[Payment]) -> list[MoneyOrder]:
    first = payments[0]
    assert first.transaction_id is not None, "a batch is noted before it is posted"
    transit = house.transit(first.currency)
    debit = MoneyOrder(
        id=first.transaction_id,
        debit=first.debtor,
        credit=transit,
        amount_minor=sum(payment.amount_minor for payment in payments),
        code=PaymentCode.BATCH.code,
        narrative=f"payments of file/{first.file} {first.group_id}",
        linked=True,
    )
    credits = [
        MoneyOrder(
            id=first.transaction_id,
            debit=transit,
            credit=payment.creditor or house.clearing(payment.currency),
            amount_minor=payment.amount_minor,
            code=_code_of(payment).code,
            narrative=narrative_of(payment),
            leg=leg,
            linked=leg < len(payments),
        )
        for leg, payment in enumerate(payments, start=1)
    ]
    return [debit, *credits]


# --- what became of them


def _note(house: House, posted: Sequence[Payment], refused: Sequence[Refused], author: Author) -> None:
    with house.desk.sessions.transaction() as session:
        _write(house, session, posted, refused, author)


def _write(
    house: House, session: psycopg.Connection, posted: Sequence[Payment], refused: Sequence[Refused], author: Author
) -> None:
    """Note what became of payments, with a record of it in the log."""
    store, date = house.store, house.ledger.business_date
    records: list[Record] = []
    if posted:
        numbers = [payment.number for payment in posted]
        store.run(session, "payments_posted", numbers=numbers, date=date)
        store.run(session, "orders_done", numbers=numbers)
        records.append(
            Record(action="payment.book", author=author, object=_object_of(posted), detail={"posted": len(posted)})
        )
    for payment, cause in refused:
        again = False
        if cause.name in RETRIED:
            row = store.one(session, "order_tried", payment=payment.number, date=date)
            again = row is not None and bool(row[0])
        state = State.WAITING if again else State.REJECTED
        store.run(session, "payment_refused", number=payment.number, state=state.value, **cause_columns(cause))
        if again:
            continue
        store.run(session, "orders_done", numbers=[payment.number])
        records.append(
            Record(
                action="payment.reject",
                author=author,
                outcome=Outcome.REFUSED,
                object=f"payment/{payment.number}",
                why=cause.name,
                detail={"iso_code": cause.iso_code},
            )
        )
    if refused:
        counted = Counter(cause.name for _, cause in refused)
        records.append(
            Record(
                action="payment.book",
                author=author,
                object=_object_of([payment for payment, _ in refused]),
                detail={"posted": 0, "refused": dict(counted)},
            )
        )
    if records:
        append(session, house.desk.clock, records)


def _object_of(payments: Sequence[Payment]) -> str:
    files = {payment.file for payment in payments}
    one = payments[0]
    if len(payments) == 1 or len(files) > 1 or one.file is None:
        return f"payment/{one.number}" if len(payments) == 1 else "payment"
    return f"payment-file/{one.file}"


def foreseen(house: House, payment: Payment, author: Author) -> Cause | None:
    """What the books would say of a payment now; None: they would post it."""
    result = house.foresee(_order(house, payment), author)
    return None if result.posted else _cause(result)
