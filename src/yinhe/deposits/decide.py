"""What becomes of a command on a contract that is there: a plan, or a refusal. Pure; opening is in `opening.py`."""

from collections.abc import Callable
from uuid import UUID

import msgspec
import numpy as np
from numpy.typing import NDArray

from yinhe.deposits.codes import TransferCode
from yinhe.deposits.columns import ContractFlag
from yinhe.deposits.commands import Amend, Close, DepositMore, GiveNotice, TransferTo, Withdraw
from yinhe.deposits.opening import facts_of, refuse_rate
from yinhe.deposits.plans import OWN_ACCOUNT, Leg, Plan
from yinhe.deposits.refusals import ContractRefusal, Refusal
from yinhe.deposits.standing_orders import StandingOrder
from yinhe.deposits.withdrawals import Drawn, DrawnNotice, Manner, drawn, manner_of, noticed_minor
from yinhe.products.conflicts import charged_deposit
from yinhe.products.parts.accrual import TransactionMethod
from yinhe.products.parts.amount import AmountPart, Moment
from yinhe.products.parts.base import Channel, Facts
from yinhe.products.parts.closing import Closing
from yinhe.products.parts.early import EarlyWithdrawal
from yinhe.products.parts.fee import Fee, FeeEvent
from yinhe.products.parts.instalment import SaveMonthly
from yinhe.products.parts.notice import Notice
from yinhe.products.parts.refusals import PartRefusal
from yinhe.products.parts.renewal import Renewal
from yinhe.products.parts.tax import Tax
from yinhe.products.parts.transfer import TransferPart
from yinhe.products.product import Product
from yinhe.products.rates import RateBook


class GivenNotice(msgspec.Struct, frozen=True):
    """A notice that stands: its id, the day of withdrawal, the amount in minor units."""

    id: UUID
    due_on: int
    amount_minor: int


class PoolAccounts(msgspec.Struct, frozen=True):
    """The bank's own accounts that a product's contracts meet, as indexes of the ledger."""

    payable: int
    expense: int
    tax: int


class Standing(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """How a contract stands when a command on it is decided.

    `row` (dtype CONTRACT, shape (1,)) has accrued up to `date`; `posted_whole` is what of it is in the books: the
    product's interest payable holds the sum of these.
    """

    date: int
    rates: RateBook
    product: Product
    row: NDArray[np.void]
    posted_whole: int
    balance_minor: int
    held_minor: int
    balance_on: Callable[[int], int]
    """What the contract held at the end of a day, in minor units."""
    pools: PoolAccounts
    times_drawn_early: int = 0
    notices: tuple[GivenNotice, ...] = ()
    orders: tuple[StandingOrder, ...] = ()
    """Those that pay out of it."""
    other_known: bool = True
    """Whether the account at the other end is there, open, and of the contract's currency."""


def decide_amend(command: Amend, standing: Standing) -> Plan | Refusal:
    """Change the linked account, the renewal or the negotiated rate."""
    row = standing.row.copy()
    if command.linked is None and command.auto_renew is None and command.rate is None:
        return Refusal(ContractRefusal.NOTHING_ASKED)
    if command.linked is not None:
        if command.linked and not standing.other_known:
            return Refusal(ContractRefusal.ACCOUNT_UNKNOWN)
        row["linked"] = command.linked
    if command.auto_renew is not None:
        if command.auto_renew and standing.product.one(Renewal) is None:
            return Refusal(ContractRefusal.RENEWAL_NOT_OFFERED)
        _set_flag(row, ContractFlag.AUTO_RENEW, command.auto_renew)
    if command.rate is not None:
        refused = refuse_rate(standing.product, command.rate)
        if refused is not None:
            return refused
        # The rate of a term is agreed when it begins, and not in its middle.
        if int(row["maturity"][0]):
            return Refusal(ContractRefusal.RATE_NOT_NEGOTIABLE)
        row["rate"] = command.rate
    return Plan(id=command.id, kind="amend", row=row, legs=accrual_legs(standing, int(row["whole"][0]), 0))


def decide_transfer(command: TransferTo, standing: Standing, holder: str) -> Plan | Refusal:
    """Hand a contract on to another holder; `holder` is the present one."""
    part = standing.product.one(TransferPart)
    if part is None:
        return Refusal(PartRefusal.NOT_TRANSFERABLE)
    if not command.holder:
        return Refusal(ContractRefusal.HOLDER_MISSING)
    if command.holder == holder:
        return Refusal(ContractRefusal.SAME_HOLDER)
    refused = part.refuse(_facts(standing, 0), np.array([command.is_company]))
    if refused[0]:
        return Refusal(PartRefusal(int(refused[0])))
    row = standing.row.copy()
    _set_flag(row, ContractFlag.COMPANY, command.is_company)
    return Plan(id=command.id, kind="transfer", row=row, holder=command.holder)


def decide_notice(command: GiveNotice, standing: Standing) -> Plan | Refusal:
    """Note that an amount will be drawn on a day."""
    part = standing.product.one(Notice)
    if part is None:
        return Refusal(ContractRefusal.NOTICE_NOT_TAKEN)
    if command.amount_minor <= 0:
        return Refusal(ContractRefusal.AMOUNT_NOT_POSITIVE)
    if command.amount_minor > standing.balance_minor - sum(notice.amount_minor for notice in standing.notices):
        return Refusal(ContractRefusal.NOTICE_OVER_BALANCE)
    if command.due_on < int(part.due_on(np.array([standing.date], np.int32))[0]):
        return Refusal(ContractRefusal.NOTICE_TOO_LATE)
    return Plan(
        id=command.id,
        kind="notice",
        row=standing.row.copy(),
        notice_due=command.due_on,
        notice_minor=command.amount_minor,
    )


def decide_deposit(command: DepositMore, standing: Standing) -> Plan | Refusal:
    """Pay more into a contract that has no term, or is saved in instalments."""
    product, row = standing.product, standing.row
    if command.amount_minor <= 0:
        return Refusal(ContractRefusal.AMOUNT_NOT_POSITIVE)
    if not standing.other_known:
        return Refusal(ContractRefusal.ACCOUNT_UNKNOWN)
    if not takes_more(product, has_term=bool(int(row["maturity"][0]))):
        return Refusal(ContractRefusal.NO_FURTHER_DEPOSIT)
    refused = _refuse_charged(product, FeeEvent.DEPOSIT)
    refused = refused or _refuse_amount(standing, command.amount_minor, Moment.DEPOSIT)
    if refused is not None:
        return refused
    code = TransferCode.DEPOSIT if product.one(SaveMonthly) is None else TransferCode.INSTALMENT
    leg = Leg(command.funding, OWN_ACCOUNT, command.amount_minor, code)
    row = row.copy()
    row["active"] = standing.date
    return Plan(id=command.id, kind="deposit", row=row, legs=(leg,))


def takes_more(product: Product, *, has_term: bool) -> bool:
    """Whether a contract, with or without a term, takes more money after its first.

    One saved in instalments does. Of others, one with a term or notice does not, nor one whose interest counts one
    amount from one day on: also what is drawn in instalments is paid in once.
    """
    if product.one(SaveMonthly) is not None:
        return True
    counts_one_amount = product.one(TransactionMethod) is not None
    return not (has_term or product.one(Notice) is not None or counts_one_amount)


def decide_withdraw(command: Withdraw, standing: Standing) -> Plan | Refusal:
    """Draw a part; where nothing, or too little to go on with, would be left, all of it."""
    amount = command.amount_minor
    refused = _refuse_drawing(standing, amount)
    if refused is not None:
        return refused
    left = standing.balance_minor - amount
    if left == 0 or not _stays_open(standing.product, left):
        return decide_close(Close(id=command.id, contract=command.contract, payee=command.payee), standing)
    refused = _refuse_charged(standing.product, FeeEvent.WITHDRAWAL)
    refused = refused or _refuse_amount(standing, amount, Moment.WITHDRAWAL)
    if refused is not None:
        return refused
    notice = _notice_for(standing, amount)
    manner = _manner(standing, amount, notice, closes=False)
    refused = _refuse_early(standing, amount, manner)
    if refused is not None:
        return refused
    if not _payee(command.payee, standing.row):
        return Refusal(ContractRefusal.PAYEE_MISSING)
    found = _drawn(standing, amount, manner, notice)
    row = standing.row.copy()
    row["whole"], row["remainder"], row["active"] = found.whole, found.remainder, standing.date
    if manner is Manner.EARLY:
        _set_flag(row, ContractFlag.DRAWN_EARLY, True)
    if int(row["principal"][0]):
        row["principal"] = max(0, int(row["principal"][0]) - amount)
    legs = _legs(standing, found, amount, _payee(command.payee, row), TransferCode.WITHDRAWAL)
    return Plan(
        id=command.id,
        kind="withdraw",
        row=row,
        legs=legs,
        early=manner is Manner.EARLY,
        notice_drawn=notice.id if notice and _is_used(standing, amount, notice) else None,
    )


def decide_close(command: Close, standing: Standing) -> Plan | Refusal:
    """Draw everything with its interest and close the contract."""
    balance = standing.balance_minor
    refused = _refuse_drawing(standing, balance) if balance else None
    if refused is not None:
        return refused
    closing = standing.product.one(Closing)
    if closing is not None:
        found = closing.refuse(_facts(standing, balance))
        if found[0]:
            return Refusal(PartRefusal(int(found[0])))
    notice = _notice_for(standing, balance)
    manner = _manner(standing, balance, notice, closes=True)
    refused = _refuse_early(standing, balance, manner)
    if refused is not None:
        return refused
    interest = _drawn(standing, balance, manner, notice)
    row = standing.row.copy()
    payee = _payee(command.payee, row)
    if not payee and balance + interest.interest_minor:
        return Refusal(ContractRefusal.PAYEE_MISSING)
    _set_flag(row, ContractFlag.OPEN, False)
    row["closed"] = row["through"] = row["settled"] = standing.date
    row["whole"] = row["remainder"] = 0
    return Plan(
        id=command.id,
        kind="close",
        row=row,
        legs=_legs(standing, Drawn(interest.interest_minor, 0, 0), balance, payee, TransferCode.CLOSING),
        closes=True,
        early=manner is Manner.EARLY,
        notice_drawn=notice.id if notice else None,
    )


def _refuse_charged(product: Product, event: FeeEvent) -> Refusal | None:
    """The fee of a single transaction is the day's to charge, which alone knows which of its month it is."""
    is_charged = event in charged_deposit(product) and any(fee.event is event for fee in product.all(Fee))
    return Refusal(ContractRefusal.CHARGED_BY_TRANSFER) if is_charged else None


def _refuse_drawing(standing: Standing, amount_minor: int) -> Refusal | None:
    if amount_minor <= 0:
        return Refusal(ContractRefusal.AMOUNT_NOT_POSITIVE)
    if amount_minor > standing.balance_minor:
        return Refusal(ContractRefusal.AMOUNT_OVER_BALANCE)
    if amount_minor > standing.balance_minor - standing.held_minor:
        return Refusal(ContractRefusal.MONEY_HELD)
    if not standing.other_known:
        return Refusal(ContractRefusal.ACCOUNT_UNKNOWN)
    return None


def _refuse_amount(standing: Standing, amount_minor: int, moment: Moment) -> Refusal | None:
    facts = _facts(standing, amount_minor)
    for part in standing.product.all(AmountPart):
        found = int(part.refuse(facts)[0]) if moment in part.moments else 0
        if found:
            return Refusal(PartRefusal(found))
    return None


def _stays_open(product: Product, left_minor: int) -> bool:
    """Whether a contract goes on with what is left of it after a withdrawal."""
    left, notice, closing = np.array([left_minor], np.int64), product.one(Notice), product.one(Closing)
    if notice is not None and not notice.stays_open(left)[0]:
        return False
    return closing is None or not closing.by_itself(left)[0]


def _facts(standing: Standing, amount_minor: int) -> Facts:
    return facts_of(standing.row, standing.date, [amount_minor], [standing.balance_minor], Channel.COUNTER)


def _refuse_early(standing: Standing, amount_minor: int, manner: Manner) -> Refusal | None:
    part = standing.product.one(EarlyWithdrawal)
    if part is None or manner is not Manner.EARLY:
        return None
    drawn_now, balance = np.array([amount_minor], np.int64), np.array([standing.balance_minor], np.int64)
    found = part.refuse(drawn_now, balance, np.array([standing.times_drawn_early], np.int64))
    return Refusal(PartRefusal(int(found[0]))) if found[0] else None


def _notice_for(standing: Standing, amount_minor: int) -> GivenNotice | None:
    """The notice that a drawing uses up, of several that of the most; else the earliest, which it does not keep."""
    if standing.product.one(Notice) is None or not standing.notices:
        return None
    used = [notice for notice in standing.notices if _is_used(standing, amount_minor, notice)]
    return max(used, key=lambda notice: notice.amount_minor) if used else standing.notices[0]


def _is_used(standing: Standing, amount_minor: int, notice: GivenNotice) -> bool:
    return noticed_minor(standing.product, standing.date, amount_minor, _as_drawn(notice)) > 0


def _as_drawn(notice: GivenNotice | None) -> DrawnNotice | None:
    return None if notice is None else DrawnNotice(notice.due_on, notice.amount_minor)


def _manner(standing: Standing, amount_minor: int, notice: GivenNotice | None, *, closes: bool) -> Manner:
    return manner_of(
        standing.product,
        standing.row,
        date=standing.date,
        amount_minor=amount_minor,
        notice=_as_drawn(notice),
        closes=closes,
    )


def _drawn(standing: Standing, amount_minor: int, manner: Manner, notice: GivenNotice | None) -> Drawn:
    return drawn(
        standing.product,
        standing.rates,
        standing.row,
        date=standing.date,
        balance_minor=standing.balance_minor,
        amount_minor=amount_minor,
        manner=manner,
        balance_on=standing.balance_on,
        notice=_as_drawn(notice),
    )


def _legs(standing: Standing, found: Drawn, amount_minor: int, payee: int, code: TransferCode) -> tuple[Leg, ...]:
    """The interest payable brought to what is left, the interest paid, its tax, and the money with its interest.

    Interest paid before and not earned comes first, and is taken off the money. Interest payable holds `posted_whole`
    for the contract; after the interest paid it must hold `found.whole`.
    """
    pools, interest = standing.pools, found.interest_minor
    legs = [
        # Taken back first: interest payable need not hold it.
        Leg(OWN_ACCOUNT, pools.payable, -interest, TransferCode.INTEREST_CORRECTION),
        *accrual_legs(standing, found.whole, interest),
        Leg(pools.payable, OWN_ACCOUNT, interest, TransferCode.INTEREST),
    ]
    withheld = withheld_minor(standing, interest)
    legs.append(Leg(OWN_ACCOUNT, pools.tax, withheld, TransferCode.INTEREST_TAX))
    legs.append(Leg(OWN_ACCOUNT, payee, amount_minor + interest - withheld, code))
    return tuple(leg for leg in legs if leg.amount_minor > 0)


def accrual_legs(standing: Standing, whole: int, interest_minor: int) -> tuple[Leg, ...]:
    """Interest payable brought to what is accrued afterwards, `whole`, and to what is paid out of it."""
    pools, more = standing.pools, interest_minor + whole - standing.posted_whole
    if not more:
        return ()
    debit, credit = (pools.expense, pools.payable) if more > 0 else (pools.payable, pools.expense)
    return (Leg(debit, credit, abs(more), TransferCode.INTEREST_ACCRUED),)


def withheld_minor(standing: Standing, interest_minor: int) -> int:
    """The tax withheld from interest paid today, in minor units."""
    part = standing.product.one(Tax)
    if part is None or not interest_minor:
        return 0
    is_company = np.array([bool(int(standing.row["flags"][0]) & ContractFlag.COMPANY)])
    # The last day that earned is the day before.
    return int(part.withhold(np.array([interest_minor], np.int64), is_company, standing.date - 1)[0])


def _payee(given: int, row: NDArray[np.void]) -> int:
    return given or int(row["linked"][0])


def _set_flag(row: NDArray[np.void], flag: ContractFlag, value: bool) -> None:
    flags = ContractFlag(int(row["flags"][0]))
    row["flags"] = int(flags | flag if value else flags & ~flag)
