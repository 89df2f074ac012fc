"""Transfers: one, many as JSON, many as columns; the same rules decide all three.

One transfer over HTTP is carried through by `api.hot`, which gathers what arrives together into one commit; the route
here takes what is out of the ordinary, a dry run and what needs a second person, along the same pipeline.
"""

from datetime import date
from typing import Annotated, Final
from uuid import UUID

import msgspec

from yinhe.access.permissions import Permission
from yinhe.access.principal import Principal
from yinhe.api.call import Call
from yinhe.api.forms import (
    AccountText,
    AmountText,
    CurrencyCode,
    MoneyForm,
    amount_text,
    read_account,
    read_amount,
    read_currency,
)
from yinhe.api.route import Handled, Reply, Route, Weight
from yinhe.api.weighing import heaviest
from yinhe.kernel.currency import currency_by_number
from yinhe.kernel.dates import days_from_date
from yinhe.kernel.ids import derived
from yinhe.kernel.refusals import Refusal
from yinhe.products.parts.base import Channel
from yinhe.transact.answers import Posted
from yinhe.transact.caller import caller_of
from yinhe.transact.commands import NARRATIVE_LENGTH_MAX, Transfer

TRANSFERS_MAX: Final = 10_000
"""Most transfers of one batch."""
BATCH_BYTES_MAX: Final = 8 * 2**20

_CHANNELS: Final = {channel.name.lower(): channel for channel in Channel}

Narrative = Annotated[
    str, msgspec.Meta(max_length=NARRATIVE_LENGTH_MAX, description="Words for both account holders.", examples=["Rent"])
]
ValueDate = Annotated[date, msgspec.Meta(description="From when interest counts; else the business date.")]


class TransferForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Money from one account to another."""

    debit: AccountText
    credit: AccountText
    amount: AmountText
    currency: CurrencyCode
    narrative: Narrative = ""
    value_date: ValueDate | None = None


class TransferReceipt(msgspec.Struct, frozen=True, omit_defaults=True):
    """A transfer that stands in the books."""

    transaction: UUID
    """Its id: that of the command."""
    outcome: str
    """`posted`; `duplicate` when it was posted under this id before."""
    seq: int
    """Its number in the journal."""
    amount: MoneyForm
    fee: MoneyForm | None = None
    """What it cost, on top of the amount."""
    balance: MoneyForm | None = None
    """What the debited account has after it, for those who may see it."""


class BatchItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One transfer of a batch."""

    debit: AccountText
    credit: AccountText
    amount: AmountText
    currency: CurrencyCode
    narrative: Narrative = ""
    value_date: ValueDate | None = None
    id: UUID | None = None
    """Its own id, a UUIDv7; else one made of the batch's id and its place."""


class BatchForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Transfers that stand each by itself: one refused does not keep another back."""

    transfers: Annotated[tuple[BatchItem, ...], msgspec.Meta(min_length=1, max_length=TRANSFERS_MAX)]


class BatchResult(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one transfer of a batch."""

    transaction: UUID
    outcome: str
    """`posted`, `duplicate`, or the code of the refusal."""
    seq: int = 0
    reason: str = ""
    reason_zh: str = ""


class BatchAnswer(msgspec.Struct, frozen=True):
    """What became of a batch, in its order."""

    posted: int
    refused: int
    results: tuple[BatchResult, ...]


def channel_of(principal: Principal) -> Channel:
    """Through what a principal comes, as products price it."""
    return _CHANNELS.get(principal.channel, Channel.ONLINE)


def command_of(form: TransferForm | BatchItem, txn_id: UUID, unit: int, channel: Channel) -> Transfer | Refusal:
    """The command a form asks for."""
    its = read_currency(form.currency)
    if isinstance(its, Refusal):
        return its
    debit = read_account(form.debit, unit)
    if isinstance(debit, Refusal):
        return debit
    credit = read_account(form.credit, unit)
    if isinstance(credit, Refusal):
        return credit
    amount_minor = read_amount(form.amount, its)
    if isinstance(amount_minor, Refusal):
        return amount_minor
    return Transfer(
        id=txn_id,
        debit=debit,
        credit=credit,
        amount_minor=amount_minor,
        currency=its.number,
        narrative=form.narrative,
        value_date=None if form.value_date is None else days_from_date(form.value_date),
        channel=channel,
    )


def receipt(answer: Posted, command: Transfer) -> TransferReceipt:
    """What the caller of a posted transfer is told."""
    its = currency_by_number(command.currency)

    def money(amount_minor: int) -> MoneyForm:
        return MoneyForm(amount_text(amount_minor, its), its.code)

    return TransferReceipt(
        transaction=answer.id,
        outcome="duplicate" if answer.duplicate else "posted",
        seq=answer.seq,
        amount=money(answer.amount_minor),
        fee=money(answer.fee_minor) if answer.fee_minor else None,
        balance=None if answer.debit_balance_minor is None else money(answer.debit_balance_minor),
    )


def weigh(call: Call) -> Weight:
    """What a transfer moves."""
    form = call.body_as(TransferForm)
    its = read_currency(form.currency)
    amount_minor = 0 if isinstance(its, Refusal) else read_amount(form.amount, its)
    return Weight(0 if isinstance(amount_minor, Refusal) else amount_minor, form.currency)


def post_transfer(call: Call) -> Handled:
    """Post one transfer, or tell what would come of it."""
    command = command_of(call.body_as(TransferForm), call.id, call.bank.unit, channel_of(call.principal))
    if isinstance(command, Refusal):
        return command
    caller = caller_of(call.principal, address=call.address, approver=call.approver)
    if call.dry_run:
        reply = call.bank.day.preview(command, caller)
    else:
        (reply,) = call.bank.day.carry_out([command], [caller])
    return reply if isinstance(reply, Refusal) else Reply(value=receipt(reply, command))


def weigh_batch(call: Call) -> Weight:
    """What the transfers of a batch move together, in the currency that decides."""
    sums: dict[str, int] = {}
    for item in call.body_as(BatchForm).transfers:
        its = read_currency(item.currency)
        amount_minor = 0 if isinstance(its, Refusal) else read_amount(item.amount, its)
        moved = 0 if isinstance(amount_minor, Refusal) else amount_minor
        sums[item.currency] = sums.get(item.currency, 0) + moved
    return heaviest(call, sums)


def post_batch(call: Call) -> Handled:
    """Post many transfers, each by itself."""
    items = call.body_as(BatchForm).transfers
    caller = caller_of(call.principal, address=call.address, approver=call.approver)
    channel = channel_of(call.principal)
    ids = [item.id or derived(call.id, f"transfer {place}") for place, item in enumerate(items)]
    asked = [command_of(item, txn_id, call.bank.unit, channel) for item, txn_id in zip(items, ids, strict=True)]
    commands = [one for one in asked if isinstance(one, Transfer)]
    if call.dry_run:
        replies = iter([call.bank.day.preview(command, caller) for command in commands])
    else:
        replies = iter(call.bank.day.carry_out(commands, [caller] * len(commands)))
    results = tuple(
        _result(txn_id, next(replies) if isinstance(one, Transfer) else one)
        for txn_id, one in zip(ids, asked, strict=True)
    )
    posted = sum(1 for result in results if not result.reason)
    return Reply(value=BatchAnswer(posted, len(results) - posted, results))


def _result(txn_id: UUID, reply: Posted | Refusal) -> BatchResult:
    if isinstance(reply, Refusal):
        return BatchResult(txn_id, reply.name, 0, reply.english, reply.chinese)
    return BatchResult(txn_id, "duplicate" if reply.duplicate else "posted", reply.seq)


TRANSFER: Final = Route(
    method="POST",
    path="/v1/transfers",
    name="postTransfer",
    tag="transfers",
    summary="Transfer money from one account to another.",
    description="The Idempotency-Key is the transaction's id. The answer comes when the transfer is durable.",
    permission=Permission.TRANSFER_POST,
    handler=post_transfer,
    body=TransferForm,
    answer=TransferReceipt,
    action="transfer.post",
    weigh=weigh,
    counted=False,
    example=TransferForm("0001000000001762", "0001000000001859", "125.00", "CNY", "Rent"),
)
ROUTES: Final = (
    TRANSFER,
    Route(
        method="POST",
        path="/v1/transfer-batches",
        name="postTransfers",
        tag="transfers",
        summary="Transfer many times, each by itself: one refused does not keep another back.",
        description="At most 10,000 transfers. Sent again under the same id, each is done once.",
        permission=Permission.TRANSFER_POST,
        handler=post_batch,
        body=BatchForm,
        body_bytes_max=BATCH_BYTES_MAX,
        answer=BatchAnswer,
        action="transfer.post_batch",
        weigh=weigh_batch,
        counted=False,
        seconds_max=120.0,
        example=BatchForm((BatchItem("0001000000001762", "0001000000001859", "125.00", "CNY"),)),
    ),
)
