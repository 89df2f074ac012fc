"""Holds: money kept on an account for a later post to another."""

import datetime as dt
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
import numpy as np
from msgspec import Meta

from yinhe.access.permissions import Permission
from yinhe.api.call import Call
from yinhe.api.forms import (
    AccountText,
    AmountText,
    MoneyForm,
    account_text,
    date_form,
    make_cursor,
    money_form,
    read_account,
    read_cursor,
)
from yinhe.api.handlers.account_forms import AccountPages, AccountPath
from yinhe.api.handlers.account_reading import moment
from yinhe.api.handlers.contract_forms import amount_of, weight_minor
from yinhe.api.handlers.posting import Narrative, channel_of
from yinhe.api.reach import find_account
from yinhe.api.reading import ReadingRefusal
from yinhe.api.route import Handled, RefusalLike, Reply, Route, Weight
from yinhe.deposits.refusals import Refusal as DepositRefusal
from yinhe.kernel.currency import Currency, currency_by_number
from yinhe.kernel.refusals import ReasonEnum, Refusal
from yinhe.ledger.batch import Flag
from yinhe.ledger.history import Entry
from yinhe.ledger.outcomes import Outcome
from yinhe.transact.caller import caller_of
from yinhe.transact.commands import Hold, HoldAct

HoldNumber = Annotated[int, Meta(ge=1, le=2**53 - 1, description="The hold's number.", examples=[1762])]
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND: Final = dt.timedelta(microseconds=1)


class HoldRefusal(ReasonEnum):
    """Why nothing is done with a hold, beside what the day and the ledger refuse."""

    HOLD_UNKNOWN = "there is no such hold on this account", "该账户无此冻结"
    EXPIRY_NOT_AHEAD = "a hold ends in the future", "冻结到期时间须晚于当前时间"


class HoldPath(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which hold of which account."""

    account: AccountText
    hold: HoldNumber


class PlaceHold(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Money to be held."""

    amount: AmountText
    payee: Annotated[AccountText, Meta(description="The account it may be posted to.")]
    expires_at: Annotated[
        Annotated[dt.datetime, Meta(tz=True)] | None, Meta(description="When it ends by itself; null: it does not.")
    ] = None
    narrative: Narrative = ""


class UseHold(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much of a hold is posted or released."""

    amount: Annotated[AmountText | None, Meta(description="A part of it; null: all that is still held.")] = None
    narrative: Narrative = ""


class HoldView(msgspec.Struct, frozen=True, kw_only=True):
    """A hold that is open."""

    hold: HoldNumber
    account: AccountText
    payee: AccountText
    remaining: Annotated[MoneyForm, Meta(description="What is still held.")]
    placed_on: Annotated[dt.date, Meta(description="The business date it was placed on.")]
    expires_at: Annotated[dt.datetime | None, Meta(description="When it ends by itself; null: it does not.")]


class HoldPage(msgspec.Struct, frozen=True):
    """The open holds of an account, the first placed first."""

    items: Annotated[tuple[HoldView, ...], Meta(description="At most as many as asked for.")]
    next: Annotated[str | None, Meta(description="The cursor of the next page; null: this is the last.")]


class HoldReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """What was done with a hold, or would be."""

    transaction: Annotated[UUID, Meta(description="The command's id.")]
    hold: Annotated[HoldNumber | None, Meta(description="Its number; null in a dry run that would place it.")]
    account: AccountText
    payee: AccountText
    amount: Annotated[MoneyForm, Meta(description="What was held, posted or released.")]
    repeated: Annotated[bool, Meta(description="Whether it was done before under this id.")]


def list_holds(call: Call) -> Handled:
    """List the open holds of an account."""
    asked = call.params_as(AccountPages)
    account = find_account(call, asked.account)
    if not isinstance(account, int):
        return account
    after = read_cursor("holds", asked.cursor, int) if asked.cursor else (0,)
    if isinstance(after, Refusal) or not 0 <= after[0] < 2**62:
        return Refusal(ReadingRefusal.CURSOR_INVALID)
    ledger = call.bank.ledger
    holds, number = ledger.holds_of(account, after[0], asked.limit + 1), ledger.account(account).currency
    items = tuple(_view(call, hold, number) for hold in holds[: asked.limit])
    more = len(holds) > asked.limit
    return Reply(value=HoldPage(items, make_cursor("holds", items[-1].hold) if more else None))


def place_hold(call: Call) -> Handled:
    """Hold money on an account for a later post to another."""
    body, account = call.body_as(PlaceHold), find_account(call, call.params_as(AccountPath).account)
    if not isinstance(account, int):
        return account
    payee = read_account(body.payee, call.bank.unit)
    if isinstance(payee, Refusal):
        return payee
    its = currency_by_number(call.bank.ledger.account(account).currency)
    amount = amount_of(body.amount, its)
    if not isinstance(amount, int):
        return amount
    expires_at = 0 if body.expires_at is None else (body.expires_at - _EPOCH) // _MICROSECOND
    if body.expires_at is not None and expires_at <= call.bank.clock.now_us() and not len(_before(call)):
        return Refusal(HoldRefusal.EXPIRY_NOT_AHEAD)
    command = Hold(
        id=call.id,
        act=HoldAct.PLACE,
        debit=account,
        credit=payee,
        amount_minor=amount,
        currency=its.number,
        expires_at=max(0, expires_at),
        narrative=body.narrative,
        channel=channel_of(call.principal),
    )
    return _carry_out(call, command, its)


def post_hold(call: Call) -> Handled:
    """Post a hold, whole or in part: money moves."""
    return _use_hold(call, HoldAct.POST)


def release_hold(call: Call) -> Handled:
    """Release a hold, whole or in part: money is free again."""
    return _use_hold(call, HoldAct.VOID)


def _use_hold(call: Call, act: HoldAct) -> Handled:
    asked, body = call.params_as(HoldPath), call.body_as(UseHold)
    account = find_account(call, asked.account)
    if not isinstance(account, int):
        return account
    placed = _placed(call, account, asked.hold)
    if placed is None:
        return Refusal(HoldRefusal.HOLD_UNKNOWN)
    its = currency_by_number(call.bank.ledger.account(account).currency)
    amount = _part(body.amount, its)
    if not isinstance(amount, int):
        return amount
    command = Hold(
        id=call.id,
        act=act,
        debit=account,
        credit=placed.counter_account,
        amount_minor=amount,
        currency=its.number,
        hold=asked.hold,
        narrative=body.narrative,
        channel=channel_of(call.principal),
    )
    return _carry_out(call, command, its)


def _part(text: str | None, its: Currency) -> int | RefusalLike:
    """The part that is named; 0, which stands for the whole, where none is."""
    amount = amount_of(text, its)
    # Nobody who writes 0.00 means the whole.
    return DepositRefusal(Outcome.AMOUNT_NOT_POSITIVE) if text is not None and amount == 0 else amount


def _placed(call: Call, account: int, hold: int) -> Entry | None:
    """The line of an account by which a hold was placed, found as the newest before the next number."""
    entries = call.bank.ledger.history(account, before_seq=hold + 1, limit=1).entries
    is_hold = bool(entries) and entries[0].seq == hold and entries[0].flags & Flag.PENDING and entries[0].held_minor > 0
    return entries[0] if is_hold else None


def _before(call: Call) -> np.ndarray[Any, Any]:
    """What was posted under this id before."""
    return call.bank.ledger.known(call.id)


def _carry_out(call: Call, command: Hold, its: Currency) -> Handled:
    caller = caller_of(call.principal, address=call.address, approver=call.approver)
    if call.dry_run:
        reply = call.bank.day.preview(command, caller)
    else:
        (reply,) = call.bank.day.carry_out([command], [caller])
    if isinstance(reply, Refusal):
        return reply
    number = command.hold or reply.seq or None
    return Reply(
        value=HoldReceipt(
            transaction=reply.id,
            hold=number,
            account=account_text(command.debit, call.bank.unit),
            payee=account_text(command.credit, call.bank.unit),
            amount=money_form(reply.amount_minor or _remaining(call, command), its.number),
            repeated=reply.duplicate,
        )
    )


def _remaining(call: Call, command: Hold) -> int:
    """What is left of a hold: in a dry run the whole is told as that."""
    holds = call.bank.ledger.holds_of(command.debit, command.hold - 1, 1)
    return int(holds["remaining"][0]) if len(holds) and int(holds["seq"][0]) == command.hold else 0


def _view(call: Call, hold: np.void, number: int) -> HoldView:
    expires_at = int(hold["expires_at"])
    return HoldView(
        hold=int(hold["seq"]),
        account=account_text(int(hold["debit"]), call.bank.unit),
        payee=account_text(int(hold["credit"]), call.bank.unit),
        remaining=money_form(int(hold["remaining"]), number),
        placed_on=date_form(int(hold["placed_on"])),
        expires_at=moment(expires_at) if expires_at else None,
    )


def weigh_hold(call: Call) -> Weight:
    """What a hold keeps: the amount."""
    account = find_account(call, call.params_as(AccountPath).account)
    if not isinstance(account, int):
        return Weight()
    its = currency_by_number(call.bank.ledger.account(account).currency)
    return Weight(weight_minor(call.body_as(PlaceHold).amount, its), its.code)


_TAG: Final = "holds"
ROUTES: Final[tuple[Route, ...]] = (
    Route(
        method="POST",
        path="/v1/accounts/{account}/holds",
        name="placeHold",
        tag=_TAG,
        summary="Hold money on an account for a later post to another.",
        description="What may be held is what could be transferred: the same rules and limits decide.",
        permission=Permission.HOLD_PLACE,
        handler=place_hold,
        params=AccountPath,
        body=PlaceHold,
        answer=HoldReceipt,
        status=201,
        action="hold.place",
        weigh=weigh_hold,
        counted=False,
        example=PlaceHold(amount="300.00", payee="0001000000001859"),
    ),
    Route(
        method="GET",
        path="/v1/accounts/{account}/holds",
        name="listHolds",
        tag=_TAG,
        summary="List the open holds of an account.",
        permission=Permission.CONTRACT_READ,
        handler=list_holds,
        params=AccountPages,
        answer=HoldPage,
        problems=(422,),
    ),
    Route(
        method="POST",
        path="/v1/accounts/{account}/holds/{hold}/post",
        name="postHold",
        tag=_TAG,
        summary="Post a hold, whole or in part.",
        description="What is not posted stays held; release it when it is not wanted any more.",
        permission=Permission.HOLD_PLACE,
        handler=post_hold,
        params=HoldPath,
        body=UseHold,
        answer=HoldReceipt,
        action="hold.post",
        example=UseHold(amount="120.00"),
    ),
    Route(
        method="POST",
        path="/v1/accounts/{account}/holds/{hold}/release",
        name="releaseHold",
        tag=_TAG,
        summary="Release a hold, whole or in part.",
        permission=Permission.HOLD_PLACE,
        handler=release_hold,
        params=HoldPath,
        body=UseHold,
        answer=HoldReceipt,
        action="hold.release",
        example=UseHold(),
    ),
)
