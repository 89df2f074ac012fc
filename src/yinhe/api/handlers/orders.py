"""Standing orders: payments made out of a contract every month."""

import datetime as dt
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from msgspec import Meta

from yinhe.access.permissions import Permission
from yinhe.api.call import Call
from yinhe.api.counterpart import Side, earlier, other_end
from yinhe.api.forms import (
    AccountText,
    AmountText,
    MoneyForm,
    account_text,
    date_form,
    make_cursor,
    money_form,
    read_cursor,
)
from yinhe.api.handlers.contract_commands import carry_out, weigh_amount
from yinhe.api.handlers.contract_forms import (
    ContractDone,
    ContractNumber,
    ContractPages,
    ContractPath,
    amount_of,
    day_of,
)
from yinhe.api.handlers.contract_reading import currency_of
from yinhe.api.reach import reach_contract
from yinhe.api.route import Handled, Reply, Route
from yinhe.deposits.commands import AddOrder, StopOrder
from yinhe.deposits.standing_orders import WITHOUT_END
from yinhe.kernel.refusals import Refusal
from yinhe.storage.statements import load_statements

_ID_FIRST: Final = UUID(int=0)


class OrderPath(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which standing order of which contract."""

    contract: ContractNumber
    order: Annotated[UUID, Meta(description="The id of the command that gave it.")]


class GiveOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A payment every month."""

    amount: AmountText
    payee: Annotated[AccountText, Meta(description="The account it is paid to.")]
    day_of_month: Annotated[
        int, Meta(ge=1, le=31, description="The day; in a month that is shorter its last.", examples=[15])
    ]
    first: Annotated[dt.date | None, Meta(description="Not before this day; null: from today on.")] = None
    last: Annotated[dt.date | None, Meta(description="Not after this day; null: without an end.")] = None


class OrderView(msgspec.Struct, frozen=True, kw_only=True):
    """A standing order that is not stopped."""

    id: Annotated[UUID, Meta(description="Its id: that of the command that gave it.")]
    payee: AccountText
    amount: Annotated[MoneyForm, Meta(description="What is paid each time.")]
    day_of_month: Annotated[int, Meta(description="The day; in a month that is shorter its last.")]
    first: Annotated[dt.date, Meta(description="It is not carried out before this day.")]
    last: Annotated[dt.date | None, Meta(description="Null: without an end.")]
    last_run: Annotated[dt.date | None, Meta(description="When it was carried out last; null: never.")]


class OrderPage(msgspec.Struct, frozen=True):
    """The standing orders of a contract, the first given first."""

    items: Annotated[tuple[OrderView, ...], Meta(description="At most as many as asked for.")]
    next: Annotated[str | None, Meta(description="The cursor of the next page; null: this is the last.")]


def give_order(call: Call) -> Handled:
    """Begin a standing order; its id is the command's."""
    body, contract = call.body_as(GiveOrder), call.params_as(ContractPath).contract
    refused = reach_contract(call, contract)
    if refused is not None:
        return refused
    its = currency_of(call, contract)
    amount, payee = amount_of(body.amount, its), other_end(call, body.payee, False, its, Side.TAKES)
    first = _first_of(call) if body.first is None else day_of(body.first)
    last = WITHOUT_END if body.last is None else day_of(body.last)
    if not isinstance(amount, int):
        return amount
    if not isinstance(payee, int):
        return payee
    if not isinstance(first, int):
        return first
    if not isinstance(last, int):
        return last
    command = AddOrder(
        id=call.id,
        contract=contract,
        payee=payee,
        amount_minor=amount,
        day_of_month=body.day_of_month,
        first=first,
        last=last,
    )
    return carry_out(call, command, its)


def _first_of(call: Call) -> int:
    """Today; of a command that was asked before the day it was asked on."""
    before = earlier(call)
    order: dict[str, Any] | None = None if before is None else before.body.get("order")
    return call.bank.ledger.business_date if order is None else int(order["first"])


def stop_order(call: Call) -> Handled:
    """End a standing order."""
    asked = call.params_as(OrderPath)
    refused = reach_contract(call, asked.contract)
    if refused is not None:
        return refused
    command = StopOrder(id=call.id, contract=asked.contract, order=asked.order)
    return carry_out(call, command, currency_of(call, asked.contract))


def list_orders(call: Call) -> Handled:
    """List the standing orders of a contract that are not stopped."""
    asked = call.params_as(ContractPages)
    refused = reach_contract(call, asked.contract)
    if refused is not None:
        return refused
    after = read_cursor("orders", asked.cursor, UUID) if asked.cursor else (_ID_FIRST,)
    if isinstance(after, Refusal):
        return after
    row = call.bank.deposits.book.row(asked.contract)
    assert row is not None, "the contract was reached"
    given = {"account": int(row["account"][0]), "after": after[0], "limit": asked.limit + 1}
    with call.bank.sessions.lend() as session:
        found = session.execute(load_statements("api")["orders_after"], given).fetchall()
    number = currency_of(call, asked.contract).number
    items = tuple(
        OrderView(
            id=id_,
            payee=account_text(payee, call.bank.unit),
            amount=money_form(amount, number),
            day_of_month=day,
            first=date_form(first),
            last=None if last == WITHOUT_END else date_form(last),
            last_run=date_form(last_run) if last_run else None,
        )
        for id_, payee, amount, day, first, last, last_run in found[: asked.limit]
    )
    more = len(found) > asked.limit
    return Reply(value=OrderPage(items, make_cursor("orders", items[-1].id) if more else None))


_TAG: Final = "standing orders"
ROUTES: Final[tuple[Route, ...]] = (
    Route(
        method="POST",
        path="/v1/contracts/{contract}/orders",
        name="giveOrder",
        tag=_TAG,
        summary="Begin a standing order: a payment every month.",
        description="It is carried out by the close of the day before. The command's id is the order's.",
        permission=Permission.CONTRACT_SERVE,
        handler=give_order,
        params=ContractPath,
        body=GiveOrder,
        answer=ContractDone,
        status=201,
        action="contract.order",
        weigh=weigh_amount,
        counted=False,
        example=GiveOrder(amount="1500.00", payee="0001000000001762", day_of_month=15),
    ),
    Route(
        method="GET",
        path="/v1/contracts/{contract}/orders",
        name="listOrders",
        tag=_TAG,
        summary="List the standing orders of a contract that are not stopped.",
        permission=Permission.CONTRACT_READ,
        handler=list_orders,
        params=ContractPages,
        answer=OrderPage,
    ),
    Route(
        method="DELETE",
        path="/v1/contracts/{contract}/orders/{order}",
        name="stopOrder",
        tag=_TAG,
        summary="End a standing order.",
        permission=Permission.CONTRACT_SERVE,
        handler=stop_order,
        params=OrderPath,
        answer=ContractDone,
        action="contract.stop_order",
    ),
)
