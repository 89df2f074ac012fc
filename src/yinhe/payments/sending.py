"""Payments of customers taken in: one alone, or a file of them; checked, noted once, and booked."""

import hashlib
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import msgspec
import psycopg

from yinhe.audit.desk import Asked, Done, Told
from yinhe.audit.record import Author
from yinhe.kernel.currency import currency
from yinhe.kernel.errors import UnknownCurrencyError
from yinhe.kernel.ids import derived
from yinhe.kernel.refusals import Refusal
from yinhe.ledger.columns import AMOUNT_MAX
from yinhe.payments.booking import book, foreseen
from yinhe.payments.house import House, elsewhere, unusable
from yinhe.payments.iso.fields import CHARGE_BEARERS, LINES_MAX, NOT_PROVIDED, AccountId, compact
from yinhe.payments.iso.pain001 import Group, Line, PaymentFile, read_pain001
from yinhe.payments.model import (
    ATTEMPTS_DAILY_MAX,
    DAYS_MAX,
    FileProgress,
    Pay,
    Payment,
    Private,
    State,
)
from yinhe.payments.refusals import Cause, FileReason, PaymentReason, cause_of
from yinhe.payments.store import cause_columns
from yinhe.payments.words import is_plain, plain_lines

DAYS_AHEAD_MAX: Final = 366
DAYS_BEHIND_MAX: Final = 30
"""How far ahead of today, and behind it, the date asked for may lie; what lies behind is paid today."""


# --- one payment


def pay(house: House, asked: Asked, command: Pay) -> Told | Refusal:
    """Take one payment, and book it if it is for today; the answer is the `Payment` as it stands then."""
    today = house.ledger.business_date
    command = _compact(command)
    misformed = _misformed(command)
    content = _marked(house, command) if misformed is None else {"debtor": command.debtor, "field": misformed.detail}
    asked = msgspec.structs.replace(asked, content=content)

    def work(session: psycopg.Connection) -> Done | Refusal:
        decided = misformed or _decide(house, session, command, today)
        if isinstance(decided, Refusal):
            return decided
        number = _write(house, session, asked.id, decided)
        payment = house.store.payment(session, number)
        assert payment is not None, "it was written"
        answer = _told_before(house, payment, asked.author) if asked.dry_run else payment
        after = {"debtor": payment.debtor, "creditor": payment.creditor, "state": payment.state.value}
        return Done(answer=answer, object=f"payment/{number}", after=after)

    told = house.desk.carry_out(asked, work)
    if isinstance(told, Refusal) or told.dry_run:
        return told
    number = told.read(Payment).number
    book(house, [number], asked.author)
    return told_again(house, told, number)


def told_again(house: House, told: Told, number: int) -> Told:
    """An answer with the payment as it stands now."""
    with house.desk.sessions.lend() as session:
        payment = house.store.payment(session, number)
    return msgspec.structs.replace(told, answer=msgspec.Raw(msgspec.json.encode(payment)))


def _told_before(house: House, payment: Payment, author: Author) -> Payment:
    """What would become of a payment that is only tried."""
    if payment.state is State.WAITING:
        return payment
    cause = foreseen(house, payment, author)
    state = State.POSTED if cause is None else State.REJECTED
    return msgspec.structs.replace(payment, state=state, cause=cause)


def _marked(house: House, command: Pay) -> dict[str, Any]:
    """What the same id must ask again, nothing of it personal."""
    mark = house.vault.blind(msgspec.json.encode(command).decode(), "payment").hex()
    return {
        "debtor": command.debtor,
        "amount_minor": command.amount_minor,
        "currency": command.currency,
        "execution_date": command.execution_date,
        "mark": mark,
    }


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """A payment that may be noted."""

    command: Pay
    creditor: int
    currency: int
    date: int
    state: State


def _decide(house: House, session: psycopg.Connection, command: Pay, today: int) -> Decided | Refusal:
    try:
        money = currency(command.currency)
    except UnknownCurrencyError:
        return Refusal(PaymentReason.CURRENCY_UNKNOWN)
    date = today if command.execution_date is None else command.execution_date
    reason = unusable(house.account(command.debtor), money.number, debit=True)
    if reason is None and not today - DAYS_BEHIND_MAX <= date <= today + DAYS_AHEAD_MAX:
        reason = PaymentReason.DATE_NOT_OFFERED
    if reason is not None:
        return Refusal(reason)
    own = house.own_accounts(session, [command.creditor])
    creditor = find_creditor(house, own, command.debtor, command.creditor, command.creditor_bic, money.number)
    if isinstance(creditor, Refusal):
        return creditor
    date = max(date, today)
    state = State.WAITING if date > today else State.ACCEPTED
    return Decided(command=command, creditor=creditor, currency=money.number, date=date, state=state)


def _compact(command: Pay) -> Pay:
    """The command with its IBAN and BIC as messages write them."""
    creditor = AccountId(compact(command.creditor.iban), command.creditor.other.strip())
    return msgspec.structs.replace(command, creditor=creditor, creditor_bic=compact(command.creditor_bic))


def _misformed(command: Pay) -> Refusal | None:
    """What of a command does not have its form; its lengths are those of the messages it goes out in."""
    if not 0 < command.amount_minor <= AMOUNT_MAX:
        too_large = command.amount_minor > AMOUNT_MAX
        return Refusal(PaymentReason.AMOUNT_TOO_LARGE if too_large else PaymentReason.AMOUNT_NOT_POSITIVE)
    if not command.creditor_name:
        return Refusal(PaymentReason.CREDITOR_NAME_MISSING)
    if not (1 <= command.retry.attempts_daily <= ATTEMPTS_DAILY_MAX and 1 <= command.retry.days <= DAYS_MAX):
        return Refusal(PaymentReason.RETRY_OUT_OF_BOUNDS)
    lengths = {
        "creditor_name": (command.creditor_name, 140),
        "debtor_name": (command.debtor_name, 140),
        "end_to_end_id": (command.end_to_end_id, 35),
        "instruction_id": (command.instruction_id, 35),
        "reference": (command.reference, 35),
        "creditor": (command.creditor.number, 34),
        "creditor_bic": (command.creditor_bic, 11),
    }
    wrong = [name for name, (text, most) in lengths.items() if not is_plain(text, most)]
    if not plain_lines(command.remittance):
        wrong.append("remittance")
    if command.charge_bearer not in CHARGE_BEARERS:
        wrong.append("charge_bearer")
    if command.creditor.iban and command.creditor.other:
        wrong.append("creditor")
    return Refusal(PaymentReason.FIELD_MALFORMED, wrong[0]) if wrong else None


def find_creditor(
    house: House, own: Mapping[str, int], debtor: int, creditor: AccountId, bic: str, currency_number: int
) -> int | Refusal:
    """The account of this bank that is paid, 0 for one at another bank; why it cannot be paid."""
    index = own.get(creditor.number) if not bic or house.is_own(bic) else None
    if index is None:
        if bic and house.is_own(bic):
            return Refusal(PaymentReason.CREDITOR_UNKNOWN)
        return elsewhere(creditor, bic) or 0
    if index == debtor:
        return Refusal(PaymentReason.SAME_ACCOUNT)
    reason = unusable(house.account(index), currency_number, debit=False)
    return index if reason is None else Refusal(reason)


def _write(house: House, session: psycopg.Connection, payment_id: UUID, decided: Decided) -> int:
    command = decided.command
    private = Private(
        debtor_name=command.debtor_name,
        debtor=house.account_number(command.debtor),
        debtor_bic=house.bank.bic,
        creditor_name=command.creditor_name,
        creditor=command.creditor,
        creditor_bic=command.creditor_bic or (house.bank.bic if decided.creditor else ""),
        remittance=command.remittance,
        reference=command.reference,
        charge_bearer=command.charge_bearer,
    )
    row = house.store.one(
        session,
        "payment_write",
        id=payment_id,
        file=None,
        line=0,
        group_id="",
        batch=False,
        state=decided.state.value,
        debtor=command.debtor,
        creditor=decided.creditor,
        amount=command.amount_minor,
        currency=decided.currency,
        execution_date=decided.date,
        instruction_id=command.instruction_id,
        end_to_end_id=command.end_to_end_id or NOT_PROVIDED,
        transaction_id=payment_id,
        sealed=house.seal(private, "payment", payment_id),
        **cause_columns(None),
    )
    assert row is not None, "an insert gives its number"
    number = int(row[0])
    retry = command.retry
    if decided.state is State.WAITING or (retry.attempts_daily, retry.days) != (1, 1):
        house.store.run(
            session, "order_write", payment=number, attempts_daily=retry.attempts_daily, days_max=retry.days
        )
    return number


# --- a file


def take_file(house: House, asked: Asked, data: bytes) -> Told | Refusal:
    """Take a payment file (pain.001), once, and book what is for today; the answer is its `FileProgress`."""
    file = read_pain001(data)
    digest = hashlib.sha256(data).digest()
    asked = msgspec.structs.replace(asked, content={"sha256": digest.hex()})

    def work(session: psycopg.Connection) -> Done | Refusal:
        if isinstance(file, Refusal):
            return file
        sender = asked.author.actor
        house.store.run(session, "files_lock")
        known = house.store.one(session, "file_find", sender=sender, message_id=file.message_id)
        if known is not None and bytes(known[1]) != digest:
            return Refusal(FileReason.MESSAGE_ID_USED)
        number = int(known[0]) if known is not None else _write_file(house, session, asked, file, digest)
        progress = progress_of(house, session, number)
        after = {"count": progress.count, "states": {state.value: n for state, n in progress.by_state.items()}}
        return Done(answer=progress, object=f"payment-file/{number}", after=after)

    told = house.desk.carry_out(asked, work)
    if isinstance(told, Refusal) or told.dry_run:
        return told
    number = told.read(FileProgress).number
    carry_on(house, number, asked)
    with house.desk.sessions.lend() as session:
        progress = progress_of(house, session, number)
    return msgspec.structs.replace(told, answer=msgspec.Raw(msgspec.json.encode(progress)))


def carry_on(house: House, number: int, asked: Asked) -> None:
    """Book what of a file is accepted and not booked yet. Raises a fault; then it is called again."""
    with house.desk.sessions.lend() as session:
        rows = house.store.rows(session, "payments_accepted", file=number, after=0, limit=LINES_MAX)
    book(house, [int(row[0]) for row in rows], asked.author)


def progress_of(house: House, session: psycopg.Connection, number: int) -> FileProgress:
    """How far a file has come. Raises LookupError where there is none."""
    row = house.store.one(session, "file_read", file=number)
    if row is None:
        raise LookupError(f"There is no payment file {number}.")
    states = house.store.rows(session, "file_states", file=number)
    return FileProgress(
        number=number,
        message_id=row[1],
        count=row[2],
        by_state={State(state): int(count) for state, count in states},
    )


def _write_file(house: House, session: psycopg.Connection, asked: Asked, file: PaymentFile, digest: bytes) -> int:
    row = house.store.one(
        session,
        "file_write",
        id=asked.id,
        sender=asked.author.actor,
        message=file.message,
        message_id=file.message_id,
        digest=digest,
        business_date=house.ledger.business_date,
        count=file.count,
        control_sum=file.control_sum,
    )
    assert row is not None, "an insert gives its number"
    number = int(row[0])
    named = [group.debtor for group in file.groups] + [line.creditor for _, line in file.lines]
    own = house.own_accounts(session, named)
    today = house.ledger.business_date
    seen: set[str] = set()
    rows: list[dict[str, Any]] = []
    for group in file.groups:
        debtor, group_refusal = _debtor_of(house, own, group, today)
        for line in group.lines:
            twice = line.end_to_end_id in seen and line.end_to_end_id != NOT_PROVIDED
            seen.add(line.end_to_end_id)
            refusal = line.refusal or group_refusal
            if refusal is None and twice:
                refusal = Refusal(PaymentReason.END_TO_END_ID_TWICE)
            rows.append(_line_row(house, own, group, line, debtor, refusal, today, number, asked.id))
    house.store.many(session, "payment_write", rows)
    house.store.run(session, "orders_write", file=number)
    return number


def _debtor_of(house: House, own: Mapping[str, int], group: Group, today: int) -> tuple[int, Refusal | None]:
    """The account a group is paid from, 0 where there is none, and why none of it can be paid."""
    if group.refusal is not None:
        return 0, group.refusal
    if group.debtor_bic and not house.is_own(group.debtor_bic):
        return 0, Refusal(PaymentReason.NOT_OUR_DEBTOR)
    debtor = own.get(group.debtor.number, 0)
    if house.account(debtor) is None:
        return 0, Refusal(PaymentReason.DEBTOR_UNKNOWN)
    if not today - DAYS_BEHIND_MAX <= group.execution_date <= today + DAYS_AHEAD_MAX:
        return debtor, Refusal(PaymentReason.DATE_NOT_OFFERED)
    return debtor, None


def _line_row(
    house: House,
    own: Mapping[str, int],
    group: Group,
    line: Line,
    debtor: int,
    refusal: Refusal | None,
    today: int,
    file: int,
    file_id: UUID,
) -> dict[str, Any]:
    """A payment of a file as its row: checked against the accounts it names."""
    number, creditor = _currency_number(line.currency), 0
    if refusal is None:
        reason = unusable(house.account(debtor), number, debit=True)
        refusal = Refusal(PaymentReason.CREDITOR_NAME_MISSING) if not line.creditor_name else None
        if reason is not None:
            refusal = Refusal(reason)
    if refusal is None:
        found = find_creditor(house, own, debtor, line.creditor, line.creditor_bic, number)
        creditor, refusal = (0, found) if isinstance(found, Refusal) else (found, None)
    date = max(group.execution_date, today)
    waiting = State.WAITING if date > today else State.ACCEPTED
    payment_id = derived(file_id, f"line {line.number}")
    return {
        "id": payment_id,
        "file": file,
        "line": line.number,
        "group_id": group.id,
        "batch": group.batch_booking,
        "state": (waiting if refusal is None else State.REJECTED).value,
        "debtor": debtor,
        "creditor": creditor,
        "amount": line.amount_minor,
        "currency": number,
        "execution_date": date,
        "instruction_id": line.instruction_id,
        "end_to_end_id": line.end_to_end_id,
        # Those of a batch get theirs when the batch is put together.
        "transaction_id": None if group.batch_booking else payment_id,
        "sealed": house.seal(_private_of(house, group, line, creditor), "payment", payment_id),
        **cause_columns(_cause_of(refusal)),
    }


def _cause_of(refusal: Refusal | None) -> Cause | None:
    return None if refusal is None else cause_of(refusal)


def _private_of(house: House, group: Group, line: Line, creditor: int) -> Private:
    return Private(
        debtor_name=group.debtor_name,
        debtor=group.debtor,
        debtor_bic=house.bank.bic,
        creditor_name=line.creditor_name,
        creditor=line.creditor,
        creditor_bic=line.creditor_bic or (house.bank.bic if creditor else ""),
        remittance=line.remittance,
        reference=line.reference,
        charge_bearer=line.charge_bearer or "SLEV",
    )


def _currency_number(code: str) -> int:
    """The number of a currency, 0 where there is none: then its line is refused already."""
    try:
        return currency(code).number
    except UnknownCurrencyError:
        return 0
