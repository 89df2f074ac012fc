"""What the log of acts keeps of contracts: which columns changed, what was posted, for whom. Names never."""

from typing import Any, Final, assert_never
from uuid import UUID

import msgspec
import numpy as np
from numpy.typing import NDArray

from yinhe.audit.record import Author, Outcome, Record, parties_in
from yinhe.deposits.columns import CONTRACT, NO_RATE, ContractFlag
from yinhe.deposits.commands import (
    AddOrder,
    Amend,
    CancelNotice,
    Close,
    Command,
    DepositMore,
    GiveNotice,
    Open,
    StopOrder,
    TransferTo,
    Withdraw,
)
from yinhe.deposits.plans import Plan
from yinhe.deposits.refusals import Refusal
from yinhe.deposits.standing_orders import WITHOUT_END
from yinhe.kernel.dates import date_from_days

_DATES: Final = frozenset(("through", "settled", "opened", "start", "maturity", "active", "closed"))
_OWN: Final = frozenset(("contract",))
"""What says which contract it is; the record's object does."""


def kind_of(command: Command) -> str:
    """The verb of a command; a plan that carries it out has it as its kind."""
    match command:
        case Open():
            return "open"
        case Amend():
            return "amend"
        case TransferTo():
            return "transfer"
        case GiveNotice():
            return "notice"
        case CancelNotice():
            return "notice_cancel"
        case AddOrder():
            return "order"
        case StopOrder():
            return "order_stop"
        case DepositMore():
            return "deposit"
        case Withdraw():
            return "withdraw"
        case Close():
            return "close"
        case _:
            assert_never(command)


def done(
    plan: Plan, author: Author, before: NDArray[np.void] | None, after: NDArray[np.void], holders: tuple[str, ...]
) -> Record:
    """What was done with a contract; `before` (None for a new one) and `after` have dtype CONTRACT, shape (1,)."""
    contract, account = int(after["contract"][0]), int(after["account"][0])
    was, now = changed(before, after)
    detail: dict[str, Any] = {"account": account}
    if plan.legs:
        detail["legs"] = [
            {
                "debit": leg.debit or account,
                "credit": leg.credit or account,
                "amount_minor": leg.amount_minor,
                "code": leg.code.name.lower(),
            }
            for leg in plan.legs
        ]
    if plan.notice_due:
        detail["notice"] = {"due_on": _date(plan.notice_due), "amount_minor": plan.notice_minor}
    for name in ("notice_drawn", "notice_cancelled", "order_stopped"):
        if getattr(plan, name) is not None:
            detail[name] = getattr(plan, name)
    if plan.order is not None:
        order = plan.order
        detail["order"] = {
            "id": order.id,
            "to_account": order.to_account,
            "amount_minor": order.amount_minor,
            "day_of_month": order.day_of_month,
            "first": _date(order.first),
            "last": None if order.last == WITHOUT_END else _date(order.last),
        }
    return Record(
        action=f"contract.{plan.kind}",
        author=author,
        object=f"contract/{contract}",
        parties=parties_in(*holders),
        request_id=plan.id,
        before=was,
        after=now,
        detail=detail,
    )


def refused(command: Command, author: Author, refusal: Refusal, holder: str) -> Record:
    """What was asked of a contract and not done."""
    given = msgspec.structs.asdict(command)
    asked = {name: value for name, value in given.items() if name != "id" and value not in (None, NO_RATE)}
    holders = (holder, str(asked.pop("holder", "")))
    contract = int(asked.pop("contract", 0))
    return Record(
        action=f"contract.{kind_of(command)}",
        author=author,
        outcome=Outcome.REFUSED,
        object=f"contract/{contract}" if contract else "",
        parties=parties_in(*holders),
        request_id=command.id,
        why=refusal.name,
        detail=asked,
    )


def abandoned(plan: Plan, author: Author, refusal: Refusal, holder: str) -> Record:
    """What was begun with a contract and came to nothing."""
    is_new = plan.account is not None
    return Record(
        action=f"contract.{plan.kind}",
        author=author,
        outcome=Outcome.REFUSED,
        object="" if is_new else f"contract/{plan.contract}",
        parties=parties_in(holder, plan.holder or ""),
        request_id=plan.id,
        why=refusal.name,
    )


def opened(event_id: UUID, author: Author, first: int, count: int) -> Record:
    """That many contracts were opened at once."""
    return Record(
        action="contract.open_many",
        author=author,
        object=f"contract/{first}" if count == 1 else "",
        request_id=event_id,
        detail={"first": first, "count": count},
    )


def opening_refused(event_id: UUID, author: Author, count: int, refusal: Refusal) -> Record:
    """That many contracts were to be opened at once, and one of them was refused first."""
    return Record(
        action="contract.open_many",
        author=author,
        outcome=Outcome.REFUSED,
        request_id=event_id,
        why=refusal.name,
        detail={"count": count},
    )


def changed(before: NDArray[np.void] | None, after: NDArray[np.void]) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """The columns of a contract that changed, as they were and as they are; of a new one all that say something.

    Amounts are minor units, rates 1e-8 a year, dates ISO strings.
    """
    names = [name for name in CONTRACT.names or () if name not in _OWN]
    if before is None:
        return None, {name: _value(name, int(after[name][0])) for name in names if after[name][0]}
    moved = [name for name in names if before[name][0] != after[name][0]]
    was = {name: _value(name, int(before[name][0])) for name in moved}
    return was, {name: _value(name, int(after[name][0])) for name in moved}


def _value(name: str, value: int) -> Any:
    if name in _DATES:
        return _date(value) if value else None
    if name == "flags":
        return [flag.name.lower() for flag in ContractFlag(value) if flag.name]
    return None if name == "rate" and value == NO_RATE else value


def _date(days: int) -> str:
    return date_from_days(days).isoformat()
