"""What becomes of commands that move nothing today: standing orders begun and ended, notices taken back. Pure."""

import datetime as dt

from yinhe.deposits.commands import AddOrder, CancelNotice, StopOrder
from yinhe.deposits.decide import Standing
from yinhe.deposits.plans import Plan
from yinhe.deposits.refusals import ContractRefusal, Refusal
from yinhe.deposits.standing_orders import StandingOrder
from yinhe.kernel.dates import date_from_days, days_from_date, end_of_month
from yinhe.products.parts.interest import Interest
from yinhe.products.parts.interest_dated import AtWill
from yinhe.products.parts.notice import Notice


def decide_add_order(command: AddOrder, standing: Standing) -> Plan | Refusal:
    """Begin a standing order out of a contract that is drawn from day to day."""
    if not _is_drawn_daily(standing):
        return Refusal(ContractRefusal.ORDER_NOT_TAKEN)
    if command.amount_minor <= 0:
        return Refusal(ContractRefusal.AMOUNT_NOT_POSITIVE)
    account = int(standing.row["account"][0])
    if command.payee == account:
        return Refusal(ContractRefusal.ORDER_TO_ITSELF)
    if not command.payee or not standing.other_known:
        return Refusal(ContractRefusal.ACCOUNT_UNKNOWN)
    if not 1 <= command.day_of_month <= 31:
        return Refusal(ContractRefusal.ORDER_DAY_UNKNOWN)
    if command.first < standing.date:
        return Refusal(ContractRefusal.ORDER_IN_THE_PAST)
    # The night that closes today carries out what is due tomorrow.
    if next_due(command.day_of_month, max(command.first, standing.date + 1)) > command.last:
        return Refusal(ContractRefusal.ORDER_NEVER_DUE)
    order = StandingOrder(
        id=command.id,
        from_account=account,
        to_account=command.payee,
        amount_minor=command.amount_minor,
        day_of_month=command.day_of_month,
        first=command.first,
        last=command.last,
    )
    return Plan(id=command.id, kind="order", row=standing.row.copy(), order=order)


def decide_stop_order(command: StopOrder, standing: Standing) -> Plan | Refusal:
    """End a standing order."""
    if command.order not in {order.id for order in standing.orders}:
        return Refusal(ContractRefusal.ORDER_UNKNOWN)
    return Plan(id=command.id, kind="order_stop", row=standing.row.copy(), order_stopped=command.order)


def decide_cancel_notice(command: CancelNotice, standing: Standing) -> Plan | Refusal:
    """Take back a notice that stands: the money may then be drawn as if it had not been given."""
    if command.notice not in {notice.id for notice in standing.notices}:
        return Refusal(ContractRefusal.NOTICE_UNKNOWN)
    return Plan(id=command.id, kind="notice_cancel", row=standing.row.copy(), notice_cancelled=command.notice)


def next_due(day_of_month: int, since: int) -> int:
    """The first day on or after `since` that is this day of its month, or the last of a month that is shorter."""
    date = date_from_days(since)
    due = _in_month(date, day_of_month)
    if due < date:
        due = _in_month(end_of_month(date) + dt.timedelta(days=1), day_of_month)
    return days_from_date(due)


def _in_month(date: dt.date, day_of_month: int) -> dt.date:
    return date.replace(day=min(day_of_month, end_of_month(date).day))


def _is_drawn_daily(standing: Standing) -> bool:
    """Whether money leaves the contract by plain payments; else its interest is settled with each drawing."""
    product = standing.product
    is_free = product.one(Notice) is None and not isinstance(product.one(Interest), AtWill)
    return is_free and not int(standing.row["maturity"][0])
