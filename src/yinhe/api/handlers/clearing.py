"""The clearing: messages from it and to it, and what is done with money that found no account.

It is of the whole bank: whoever is limited to parties or branches has no part in it.
"""

from typing import Final

from yinhe.access.permissions import Permission
from yinhe.api.call import Call
from yinhe.api.forms import make_cursor, read_cursor
from yinhe.api.handlers.payment_files import SECONDS_MAX, sums_of
from yinhe.api.handlers.payment_forms import (
    XML,
    ApplyIncoming,
    ClearingMessage,
    ClearingPage,
    ClearingPages,
    ClearingPath,
    ClearingTaken,
    IncomingPage,
    IncomingPages,
    IncomingPath,
    IncomingReading,
    IncomingView,
    NextMessage,
    SendIncomingBack,
    clearing_message,
    clearing_taken,
    incoming_view,
)
from yinhe.api.handlers.payments import is_limited, note_reading, refuse_clear
from yinhe.api.reach import ReachRefusal, find_account
from yinhe.api.route import JSON, Handled, RefusalLike, Reply, Route, Weight
from yinhe.api.weighing import heaviest
from yinhe.audit.desk import Told
from yinhe.kernel.currency import currency_by_number
from yinhe.kernel.refusals import Refusal
from yinhe.payments.iso import pacs004, pacs008
from yinhe.payments.iso.xml import BYTES_MAX
from yinhe.payments.model import Message, Private, Receipt, Taken
from yinhe.payments.refusals import PaymentReason
from yinhe.payments.store import NUMBER_END


def _refuse(call: Call) -> RefusalLike | None:
    return Refusal(ReachRefusal.SCOPE_EXCEEDED) if is_limited(call.principal.scope) else None


# --- messages


def weigh_credits(call: Call) -> Weight:
    """What a message with credits brings."""
    return heaviest(call, sums_of(call.body_as(bytes), pacs008.MESSAGES, "CdtTrfTxInf/IntrBkSttlmAmt"))


def weigh_returns(call: Call) -> Weight:
    """What comes back with a message of returns."""
    return heaviest(call, sums_of(call.body_as(bytes), pacs004.MESSAGES, "TxInf/RtrdIntrBkSttlmAmt"))


def take_credits(call: Call) -> Handled:
    """Take a message with credits."""
    return _refuse(call) or _taken(call.bank.payments.take_credits(call.asked(), call.body_as(bytes)))


def take_returns(call: Call) -> Handled:
    """Take a message with payments that come back."""
    return _refuse(call) or _taken(call.bank.payments.take_returns(call.asked(), call.body_as(bytes)))


def _taken(told: Told | Refusal) -> Handled:
    return told if isinstance(told, Refusal) else Reply(value=clearing_taken(told.read(Taken)))


def make_message(call: Call) -> Handled:
    """Make the next message to the clearing."""
    refused = _refuse(call)
    if refused is not None:
        return refused
    body = call.body_as(NextMessage)
    told = call.bank.payments.send(call.asked(), body.kind, body.currency)
    return told if isinstance(told, Refusal) else Reply(value=clearing_message(told.read(Message)))


def list_messages(call: Call) -> Handled:
    """List the messages to the clearing and from it."""
    params = call.params_as(ClearingPages)
    before = read_cursor("clearing", params.cursor, int) if params.cursor else (NUMBER_END,)
    refused = _refuse(call)
    if refused is not None:
        return refused
    if isinstance(before, Refusal):
        return before
    found = call.bank.payments.messages(before[0], params.limit)
    more = len(found) == params.limit
    items = tuple(clearing_message(message) for message in found)
    return Reply(value=ClearingPage(items, make_cursor("clearing", found[-1].number) if more else None))


def read_message(call: Call) -> Handled:
    """Show a message, as XML as it was sent."""
    number, payments = call.params_as(ClearingPath).message, call.bank.payments
    refused = _refuse(call)
    if refused is not None:
        return refused
    try:
        if call.accept != XML:
            return Reply(value=clearing_taken(payments.taken(number)))
        content = payments.file_of(number)
    except LookupError:
        return Refusal(PaymentReason.FILE_UNKNOWN)
    note_reading(call, "clearing.read", f"clearing-message/{number}")
    return Reply(content=content, media=XML)


# --- money from other banks


def _views(call: Call, receipts: tuple[Receipt, ...], *, clear: bool = False) -> tuple[IncomingView, ...]:
    private = call.bank.payments.private_of_receipts([receipt.number for receipt in receipts])
    unit = call.bank.unit
    return tuple(
        incoming_view(receipt, private.get(receipt.number, Private()), unit, clear=clear) for receipt in receipts
    )


def list_incoming(call: Call) -> Handled:
    """List money from other banks, the newest first."""
    params = call.params_as(IncomingPages)
    before = read_cursor("receipts", params.cursor, int) if params.cursor else (NUMBER_END,)
    refused = _refuse(call)
    if refused is not None:
        return refused
    if isinstance(before, Refusal):
        return before
    found = call.bank.payments.receipts(state=params.state, before=before[0], limit=params.limit)
    more = len(found) == params.limit
    return Reply(value=IncomingPage(_views(call, found), make_cursor("receipts", found[-1].number) if more else None))


def read_incoming(call: Call) -> Handled:
    """Show money from another bank."""
    params = call.params_as(IncomingReading)
    refused = _refuse(call) or (refuse_clear(call) if params.clear else None)
    if refused is not None:
        return refused
    receipt = call.bank.payments.receipt(params.receipt)
    if receipt is None:
        return Refusal(PaymentReason.RECEIPT_UNKNOWN)
    if params.clear:
        note_reading(call, "receipt.read", f"receipt/{receipt.number}", receipt.target)
    (view,) = _views(call, (receipt,), clear=params.clear)
    return Reply(value=view)


def apply_incoming(call: Call) -> Handled:
    """Credit money in suspense to an account."""
    refused = _refuse(call)
    if refused is not None:
        return refused
    account = find_account(call, call.body_as(ApplyIncoming).account)
    if not isinstance(account, int):
        return account
    return _resolved(call, call.bank.payments.apply(call.asked(), call.params_as(IncomingPath).receipt, account))


def send_incoming_back(call: Call) -> Handled:
    """Send money in suspense back."""
    refused = _refuse(call)
    if refused is not None:
        return refused
    number, body = call.params_as(IncomingPath).receipt, call.body_as(SendIncomingBack)
    return _resolved(call, call.bank.payments.send_back(call.asked(), number, body.iso_code, body.words))


def _resolved(call: Call, told: Told | Refusal) -> Handled:
    if isinstance(told, Refusal):
        return told
    (view,) = _views(call, (told.read(Receipt),))
    return Reply(value=view)


def weigh_incoming(call: Call) -> Weight:
    """What money in suspense comes to."""
    receipt = call.bank.payments.receipt(call.params_as(IncomingPath).receipt)
    return Weight() if receipt is None else Weight(receipt.amount_minor, currency_by_number(receipt.currency).code)


_TAG: Final = "clearing"
ROUTES: Final[tuple[Route, ...]] = (
    Route(
        method="POST",
        path="/v1/clearing/credits",
        name="takeCredits",
        tag=_TAG,
        summary="Take a message of the clearing with credits (pacs.008).",
        description="Each line goes to its account, or into suspense with the reason. Handed in again, as the same "
        "bank's message of the same id, it is done once.",
        permission=Permission.PAYMENT_RECEIVE,
        handler=take_credits,
        body=bytes,
        media_in=(XML,),
        body_bytes_max=BYTES_MAX,
        answer=ClearingTaken,
        status=201,
        action="clearing.take_credits",
        weigh=weigh_credits,
        seconds_max=SECONDS_MAX,
    ),
    Route(
        method="POST",
        path="/v1/clearing/returns",
        name="takeReturns",
        tag=_TAG,
        summary="Take a message of the clearing with payments that come back (pacs.004).",
        description="Each goes back to its payer, if it is one that was sent, whole, and for the first time; else "
        "into suspense.",
        permission=Permission.PAYMENT_RECEIVE,
        handler=take_returns,
        body=bytes,
        media_in=(XML,),
        body_bytes_max=BYTES_MAX,
        answer=ClearingTaken,
        status=201,
        action="clearing.take_returns",
        weigh=weigh_returns,
        seconds_max=SECONDS_MAX,
    ),
    Route(
        method="POST",
        path="/v1/clearing/messages",
        name="makeClearingMessage",
        tag=_TAG,
        summary="Make the next message to the clearing, of all that waits to be sent.",
        description="Each payment goes out in exactly one message; messages are numbered without a gap.",
        permission=Permission.PAYMENT_RECEIVE,
        handler=make_message,
        body=NextMessage,
        answer=ClearingMessage,
        status=201,
        action="clearing.send",
        seconds_max=SECONDS_MAX,
        example={"kind": "credits", "currency": "CNY"},
    ),
    Route(
        method="GET",
        path="/v1/clearing/messages",
        name="listClearingMessages",
        tag=_TAG,
        summary="List messages to the clearing and from it, the newest first.",
        permission=Permission.PAYMENT_RECEIVE,
        handler=list_messages,
        params=ClearingPages,
        answer=ClearingPage,
    ),
    Route(
        method="GET",
        path="/v1/clearing/messages/{message}",
        name="readClearingMessage",
        tag=_TAG,
        summary="Show a message and what became of its lines; as XML, as it was sent.",
        description="The XML of messages that were sent alone is kept; reading it goes on record.",
        permission=Permission.PAYMENT_RECEIVE,
        handler=read_message,
        params=ClearingPath,
        answer=ClearingTaken,
        media_out=(JSON, XML),
    ),
    Route(
        method="GET",
        path="/v1/clearing/receipts",
        name="listReceipts",
        tag=_TAG,
        summary="List money from other banks, the newest first; `state=suspended` is what found no account.",
        permission=Permission.PAYMENT_RECEIVE,
        handler=list_incoming,
        params=IncomingPages,
        answer=IncomingPage,
    ),
    Route(
        method="GET",
        path="/v1/clearing/receipts/{receipt}",
        name="readReceipt",
        tag=_TAG,
        summary="Show money from another bank.",
        permission=Permission.PAYMENT_RECEIVE,
        handler=read_incoming,
        params=IncomingReading,
        answer=IncomingView,
        problems=(422,),
    ),
    Route(
        method="POST",
        path="/v1/clearing/receipts/{receipt}/application",
        name="applyReceipt",
        tag=_TAG,
        summary="Credit money in suspense to an account.",
        permission=Permission.PAYMENT_RECEIVE,
        handler=apply_incoming,
        params=IncomingPath,
        body=ApplyIncoming,
        answer=IncomingView,
        action="clearing.apply",
        weigh=weigh_incoming,
        example=ApplyIncoming("0001000000001762"),
    ),
    Route(
        method="POST",
        path="/v1/clearing/receipts/{receipt}/return",
        name="sendReceiptBack",
        tag=_TAG,
        summary="Send money in suspense back to the bank it came from.",
        description="It goes out with the next message of returns.",
        permission=Permission.PAYMENT_RECEIVE,
        handler=send_incoming_back,
        params=IncomingPath,
        body=SendIncomingBack,
        answer=IncomingView,
        action="clearing.send_back",
        weigh=weigh_incoming,
        example=SendIncomingBack("AC01"),
    ),
)
