"""Transactions that stand in the books: read by their ids, and taken back."""

import datetime as dt
from typing import Annotated, Final
from uuid import UUID

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from yinhe.access.permissions import Permission
from yinhe.api.call import Call
from yinhe.api.forms import AccountText, MoneyForm, account_text, date_form, money_form
from yinhe.api.handlers.account_forms import EntryKind
from yinhe.api.handlers.account_reading import Words, kind_of, moment
from yinhe.api.route import Handled, Reply, Route, Weight
from yinhe.kernel.currency import currency_by_number
from yinhe.kernel.ids import is_uuid7
from yinhe.kernel.refusals import Refusal
from yinhe.ledger.ledger import reversal_id
from yinhe.storage.statements import load_statements
from yinhe.transact.caller import caller_of
from yinhe.transact.refusals import DayRefusal


class TransactionPath(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which transaction."""

    transaction: Annotated[UUID, Meta(description="The transaction's id: that of the command that posted it.")]


class TransactionLeg(msgspec.Struct, frozen=True, kw_only=True):
    """One debit, one credit, one amount."""

    seq: Annotated[int, Meta(description="Its place in the journal.")]
    leg: Annotated[int, Meta(description="Which it is, from 0.")]
    kind: Annotated[EntryKind, Meta(description="What it did.")]
    debit: AccountText
    credit: AccountText
    amount: Annotated[MoneyForm, Meta(description="What was moved, or held.")]
    code: Annotated[int, Meta(description="Why money moved …")]
    code_english: Annotated[str, Meta(description="… in words; empty where they were not written down.")]
    code_chinese: Annotated[str, Meta(description="… and in Chinese.")]
    value_date: Annotated[dt.date, Meta(description="From when interest counts it.")]
    debit_balance: Annotated[MoneyForm | None, Meta(description="After it; null where that account is out of reach.")]
    credit_balance: Annotated[MoneyForm | None, Meta(description="After it; null where that account is out of reach.")]


class TransactionView(msgspec.Struct, frozen=True, kw_only=True):
    """A transaction of the books, as far as it touches accounts within reach."""

    transaction: Annotated[UUID, Meta(description="Its id.")]
    business_date: Annotated[dt.date, Meta(description="The bank's accounting day.")]
    booked_at: Annotated[dt.datetime, Meta(description="When it was booked.")]
    narrative: Annotated[str, Meta(description="The words that came with it.")]
    reversed_by: Annotated[UUID | None, Meta(description="The transaction that took it back.")]
    legs: Annotated[tuple[TransactionLeg, ...], Meta(description="In their order.")]


class ReversalReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """A transaction that was taken back, or would be."""

    transaction: Annotated[UUID, Meta(description="The id of the reversal.")]
    reverses: Annotated[UUID, Meta(description="The transaction that was taken back.")]
    amount: Annotated[MoneyForm, Meta(description="What was moved back.")]
    fee: Annotated[MoneyForm, Meta(description="The fee that was given back with it.")]
    repeated: Annotated[bool, Meta(description="Whether it was taken back before.")]


def read_transaction(call: Call) -> Handled:
    """Tell what a transaction moved."""
    txn_id = call.params_as(TransactionPath).transaction
    ledger = call.bank.ledger
    # Ids of the journal are of version 7; others name nothing.
    rows = ledger.known(txn_id) if is_uuid7(txn_id) else None
    reached = None if rows is None else _reached(call, rows)
    if rows is None or reached is None or not reached.any():
        return Refusal(DayRefusal.TRANSACTION_UNKNOWN)
    rows, reached = rows[reached.any(axis=1)], reached[reached.any(axis=1)]
    words = Words(call, set(rows["code"].tolist()), {txn_id})
    given = {"seqs": [int(rows["seq"][0])]}
    with call.bank.sessions.lend() as session:
        times = session.execute(load_statements("history")["times_of"], given).fetchall()
    _, booked_at, business_date = times[0]
    taken_back = len(ledger.known(reversal_id(txn_id))) > 0
    return Reply(
        value=TransactionView(
            transaction=txn_id,
            business_date=date_form(business_date),
            booked_at=moment(booked_at),
            narrative=words.narrative(txn_id),
            reversed_by=reversal_id(txn_id) if taken_back else None,
            legs=tuple(_leg(call, row, sides, words) for row, sides in zip(rows, reached.tolist(), strict=True)),
        )
    )


def _reached(call: Call, rows: NDArray[np.void]) -> NDArray[np.bool_]:
    """Which sides of legs (dtype ROW, shape (n,)) whoever asks reaches: debit and credit, bool[n, 2]."""
    accounts = np.stack([rows["debit"], rows["credit"]], axis=1).astype(np.int32)
    branches = call.bank.ledger.engine.core.columns.branch
    found = call.bank.day.reaches.reach_many(call.principal.scope, accounts.ravel(), branches)
    return found.reshape(accounts.shape)


def _leg(call: Call, row: np.void, sides: list[bool], words: Words) -> TransactionLeg:
    unit, number = call.bank.unit, call.bank.ledger.account(int(row["debit"])).currency
    english, chinese = words.code(int(row["code"]))
    return TransactionLeg(
        seq=int(row["seq"]),
        leg=int(row["leg"]),
        kind=kind_of(int(row["flags"])),
        debit=account_text(int(row["debit"]), unit),
        credit=account_text(int(row["credit"]), unit),
        amount=money_form(int(row["amount"]), number),
        code=int(row["code"]),
        code_english=english,
        code_chinese=chinese,
        value_date=date_form(int(row["value_date"])),
        debit_balance=money_form(int(row["debit_balance"]), number) if sides[0] else None,
        credit_balance=money_form(int(row["credit_balance"]), number) if sides[1] else None,
    )


def reverse_transaction(call: Call) -> Handled:
    """Take a transaction of the day back, its fee with it; once, however often it is asked."""
    txn_id = call.params_as(TransactionPath).transaction
    if not is_uuid7(txn_id):
        return Refusal(DayRefusal.TRANSACTION_UNKNOWN)
    caller = caller_of(call.principal, address=call.address, approver=call.approver)
    day = call.bank.day
    reply = day.preview_reversal(txn_id, caller) if call.dry_run else day.reverse(txn_id, caller, why=call.why)
    if isinstance(reply, Refusal):
        return reply
    number = call.bank.ledger.account(int(call.bank.ledger.known(txn_id)["debit"][0])).currency
    return Reply(
        value=ReversalReceipt(
            transaction=reply.id,
            reverses=txn_id,
            amount=money_form(reply.amount_minor, number),
            fee=money_form(reply.fee_minor, number),
            repeated=reply.duplicate,
        )
    )


def weigh_reversal(call: Call) -> Weight:
    """What a reversal moves back: the largest leg."""
    txn_id = call.params_as(TransactionPath).transaction
    rows = call.bank.ledger.known(txn_id) if is_uuid7(txn_id) else None
    if rows is None or not len(rows) or not _reached(call, rows)[:, 0].any():
        return Weight()
    its = currency_by_number(call.bank.ledger.account(int(rows["debit"][0])).currency)
    return Weight(int(rows["amount"].max()), its.code)


_TAG: Final = "transfers"
ROUTES: Final[tuple[Route, ...]] = (
    Route(
        method="GET",
        path="/v1/transfers/{transaction}",
        name="readTransaction",
        tag=_TAG,
        summary="Tell what a transaction moved.",
        permission=Permission.CONTRACT_READ,
        handler=read_transaction,
        params=TransactionPath,
        answer=TransactionView,
    ),
    Route(
        method="POST",
        path="/v1/transfers/{transaction}/reversal",
        name="reverseTransaction",
        tag=_TAG,
        summary="Take a transfer back, its fee with it.",
        description="It is taken back once, however often and under whichever ids that is asked. What a contract, a "
        "payment or a night has posted is put right where it came from.",
        permission=Permission.TRANSFER_REVERSE,
        handler=reverse_transaction,
        params=TransactionPath,
        answer=ReversalReceipt,
        status=201,
        action="transfer.reverse",
        weigh=weigh_reversal,
        counted=False,
    ),
)
