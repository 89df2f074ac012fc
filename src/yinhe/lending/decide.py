"""What is asked of loans, decided: the position afterwards and who pays, or a refusal. Pure.

A decision today changes a copy of the position; one that counts from a day in the past works the loan out anew from all
that happened to it, with the new act among it.
"""

import datetime as dt
from typing import Final, NamedTuple, assert_never

import msgspec
import numpy as np

from yinhe.kernel.dates import date_from_days, days_from_date
from yinhe.lending.accrual import Loans
from yinhe.lending.ageing import owed_of
from yinhe.lending.agreeing import CurrencyOf, one64, refuse_account
from yinhe.lending.card import convertible, is_card, payable
from yinhe.lending.codes import LoanCode
from yinhe.lending.columns import LoanFlag
from yinhe.lending.commands import Arrange, Change, Convert, Draw, PayOff, Recover, Repay, WriteOff
from yinhe.lending.legs import Cash
from yinhe.lending.payments import days_late, settlement_of
from yinhe.lending.position import Act, ActKind, Position, ProductOn, apply, bring_due, work_out_position
from yinhe.lending.refusals import LoanRefusal, Refusal
from yinhe.products.parts.card import InstalmentPlans
from yinhe.products.parts.drawdown import Drawdown, Line
from yinhe.products.parts.prepayment import Prepayment
from yinhe.products.parts.purpose import Payee, Payment
from yinhe.products.parts.refusals import PartRefusal
from yinhe.products.parts.restructuring import Capitalisation, Extension, RateChange, ReAgeing
from yinhe.products.parts.writeoff import WriteOff as WriteOffPart
from yinhe.products.product import Product
from yinhe.products.rates import RateBook

ADJUSTING_DAYS: Final = 31
"""For so many days after its end the books of a year take entries of it."""


class Standing(NamedTuple):
    """What a decision about a loan may know."""

    date: int
    """The business date."""
    at: Position
    """The loan and its unpaid instalments, accrued to before the business date."""
    agreed: Loans
    """The loan as it was agreed, shape (1,)."""
    acts: tuple[Act, ...]
    """Everything that happened to it."""
    product_on: ProductOn
    rates: RateBook
    currency_of: CurrencyOf

    @property
    def product(self) -> Product:
        """What the loan has today."""
        return self.product_on(self.date)


class Decision(msgspec.Struct, frozen=True, eq=False):
    """What to do: the act, the position afterwards, and the money that moves with it."""

    act: Act | None
    after: Position
    cash: Cash | None
    code: LoanCode
    """Of what no cash explains."""


def decide_draw(command: Draw, standing: Standing) -> Decision | Refusal:
    """Draw on a loan: within its limit and time, to a payee the product allows."""
    at, date, product = standing.at, standing.date, standing.product
    payee = command.payee or int(at.row["linked"][0])
    if command.cash and not is_card(product):
        return Refusal(LoanRefusal.NOT_A_CARD)
    wrong = _refuse_touched(standing, drawing=True) or refuse_account(payee, product, standing.currency_of)
    if wrong is not None:
        return wrong
    drawdown, payment, amount = product.one(Drawdown), product.one(Payment), one64(command.amount_minor)
    code = 0
    if drawdown is not None:
        code = int(drawdown.refuse(date, amount, _line(at, date))[0])
    if not code and payment is not None:
        code = int(payment.refuse(amount, np.array([command.payee_kind], np.int32))[0])
    if code:
        return Refusal(PartRefusal(code))
    if command.payee_kind is not Payee.BORROWER:
        # Whoever else is to be paid has an account of his own.
        if not command.payee:
            return Refusal(LoanRefusal.PAYEE_MISSING)
        if payee == at.row["linked"][0]:
            return Refusal(PartRefusal.PAYEE_NOT_ALLOWED)
    act = Act(day=date, kind=ActKind.ADVANCE if command.cash else ActKind.DRAW, amount=command.amount_minor)
    return _decided(standing, act, Cash(payee, -command.amount_minor))


def _line(at: Position, date: int) -> Line:
    row = at.row
    owed = owed_of(row, at.unpaid)
    return Line(
        limit=row["limit"].copy(),
        drawn=row["lent"].copy(),
        owed=owed.principal,
        times=row["drawings"].astype(np.int64),
        signed=row["agreed"].copy(),
        expiry=row["maturity"].copy(),
    )


def decide_repay(command: Repay, standing: Standing) -> Decision | Refusal:
    """Pay what is due, and with `early` some or all of what is not; from a day in the past where one is named."""
    day = standing.date if command.value_date is None else command.value_date
    payer = command.payer or int(standing.at.row["linked"][0])
    wrong = (
        (Refusal(LoanRefusal.AMOUNT_NOT_POSITIVE) if command.amount_minor <= 0 else None)
        or _refuse_day(standing, day)
        or _refuse_touched(standing, drawing=False)
        or refuse_account(payer, standing.product, standing.currency_of)
    )
    if wrong is not None:
        return wrong
    before = standing.at if day == standing.date else _as_of(standing, day)
    due = _due_today(before, standing.product_on(day), day)
    early = command.amount_minor - due
    act = Act(
        day=day,
        kind=ActKind.REPAY,
        amount=command.amount_minor,
        afterwards=command.afterwards,
        is_early=early > 0 and not len(before.card),
    )
    fee = 0
    if early > 0 and len(before.card):
        after_due = _due_first(before, standing.product_on(day), day)
        if command.amount_minor > int(payable(after_due.row, after_due.unpaid, after_due.card)[0]):
            return Refusal(LoanRefusal.MORE_THAN_OWED)
    elif early > 0:
        if not command.early:
            return Refusal(LoanRefusal.MORE_THAN_DUE)
        refused = _refuse_early(standing, before, day, early)
        if refused is not None:
            return refused
        fee = _early_fee(standing.product_on(day), before, day, early)
    return _decided(standing, act, Cash(payer, command.amount_minor + fee, fee))


def decide_pay_off(command: PayOff, standing: Standing) -> Decision | Refusal:
    """Repay everything today."""
    payer = command.payer or int(standing.at.row["linked"][0])
    wrong = _refuse_touched(standing, drawing=False) or refuse_account(payer, standing.product, standing.currency_of)
    if wrong is not None:
        return wrong
    before = _due_first(standing.at, standing.product, standing.date)
    settlement = settlement_of(before.row, before.unpaid, standing.product)
    if settlement.total == 0:
        return Refusal(LoanRefusal.NOTHING_DUE)
    fee = 0
    if settlement.principal:
        refused = _refuse_early(standing, before, standing.date, settlement.principal)
        if refused is not None:
            return refused
        fee = _early_fee(standing.product, before, standing.date, settlement.principal)
    act = Act(day=standing.date, kind=ActKind.PAY_OFF, amount=settlement.total)
    return _decided(standing, act, Cash(payer, settlement.total + fee, fee))


def _as_of(standing: Standing, day: int) -> Position:
    """The loan as it stood on a day in the past."""
    acts = [act for act in standing.acts if act.day <= day and not (act.day == day and act.kind is ActKind.COLLECT)]
    return work_out_position(standing.agreed, acts, day, standing.product_on, standing.rates)


def _due_first(at: Position, product: Product, day: int) -> Position:
    after = at.copy()
    bring_due(after, day, product)
    return after


def _due_today(at: Position, product: Product, day: int) -> int:
    before = _due_first(at, product, day)
    return settlement_of(before.row, before.unpaid, product).due


def _refuse_early(standing: Standing, before: Position, day: int, early: int) -> Refusal | None:
    row = before.row
    # An order that holds today holds whatever day is told of.
    if (row["flags"][0] | standing.at.row["flags"][0]) & int(LoanFlag.BLOCKED):
        return Refusal(LoanRefusal.LOAN_BLOCKED)
    product = standing.product_on(day)
    after_due = _due_first(before, product, day)
    settlement = settlement_of(after_due.row, after_due.unpaid, product)
    if early > settlement.principal + settlement.interest:
        return Refusal(LoanRefusal.MORE_THAN_OWED)
    if settlement.principal < early < settlement.principal + settlement.interest:
        # Interest of the running period is paid with the last of the principal, and not in part before it is due.
        return Refusal(PartRefusal.PREPAYMENT_OVER_BALANCE)
    if row["flags"][0] & int(LoanFlag.REVOLVING):
        return None
    part = product.one(Prepayment)
    if part is None:
        return Refusal(PartRefusal.PREPAYMENT_NOT_ALLOWED)
    since = day - 365
    times = sum(act.is_early and since < act.day for act in standing.acts)
    code = int(
        part.refuse(
            day,
            row["start"].copy(),
            np.array([min(early, settlement.principal)], np.int64),
            np.array([settlement.principal], np.int64),
            np.array([times], np.int64),
        )[0]
    )
    return Refusal(PartRefusal(code)) if code else None


def _early_fee(product: Product, before: Position, day: int, early: int) -> int:
    part = product.one(Prepayment)
    if part is None or before.row["flags"][0] & int(LoanFlag.REVOLVING):
        return 0
    principal = min(early, int(_due_first(before, product, day).row["undue"][0]))
    return int(part.fee(day, before.row["start"].copy(), np.array([principal], np.int64))[0])


def decide_change(command: Change, standing: Standing) -> Decision | Refusal:
    """Change what is noted of a loan."""
    asked = {
        LoanFlag.BLOCKED: command.blocked,
        LoanFlag.MISUSED: command.misused,
        LoanFlag.IMPAIRED: command.impaired,
        LoanFlag.PAYS_WHOLE: command.pays_whole,
    }
    if command.linked is None and all(value is None for value in asked.values()):
        return Refusal(LoanRefusal.NOTHING_ASKED)
    if not standing.at.row["flags"][0] & int(LoanFlag.OPEN):
        return Refusal(LoanRefusal.LOAN_CLOSED)
    after, act = standing.at.copy(), None
    if command.linked is not None:
        wrong = refuse_account(command.linked, standing.product, standing.currency_of)
        if wrong is not None:
            return wrong
        after.row["linked"] = command.linked
    flags, cleared = (sum(int(flag) for flag, value in asked.items() if value is wanted) for wanted in (True, False))
    if flags or cleared:
        kind = ActKind.SET_FLAGS if flags else ActKind.CLEAR_FLAGS
        # One act a change, so that the loan worked out anew has all of it.
        act = Act(day=standing.date, kind=kind, amount=flags or cleared, cleared=cleared if flags else 0)
        apply(after, act, standing.product, standing.rates)
    return Decision(act, after, None, LoanCode.CORRECTION)


def decide_arrange(command: Arrange, standing: Standing) -> Decision | Refusal:
    """Arrange a loan anew in the one way that is asked for, where the product allows it."""
    ways = [command.extend_months > 0, command.rate is not None, command.capitalise, command.re_age]
    if sum(ways) != 1:
        return Refusal(LoanRefusal.NOTHING_ASKED)
    wrong = _refuse_touched(standing, drawing=False)
    if wrong is not None:
        return wrong
    before = _due_first(standing.at, standing.product, standing.date)
    row, product, unpaid = before.row, standing.product, before.unpaid
    times = row["arrangements"].astype(np.int64)
    code: int | None = None
    if command.extend_months > 0 and (extension := product.one(Extension)) is not None:
        first = row["months"] - row["extended"]
        code = int(
            extension.refuse(
                one64(command.extend_months),
                row["extended"].astype(np.int64),
                first.astype(np.int32),
                times,
                days_late(row, product, standing.date),
            )[0]
        )
    if command.rate is not None and (change := product.one(RateChange)) is not None:
        code = int(change.refuse(one64(command.rate), times)[0])
    if command.capitalise and (part := product.one(Capitalisation)) is not None:
        owed = owed_of(row, unpaid)
        code = int(part.refuse(owed.due, owed.principal, times)[0])
    if command.re_age and (part := product.one(ReAgeing)) is not None:
        code = int(part.refuse(one64(_paid_in_row(before)), times)[0])
    if code is None:
        return Refusal(LoanRefusal.NOT_ARRANGED_ANEW)
    return Refusal(PartRefusal(code)) if code else _decided(standing, _act_of(command, standing.date), None)


def _act_of(command: Arrange, date: int) -> Act:
    if command.extend_months:
        return Act(day=date, kind=ActKind.EXTEND, amount=command.extend_months)
    if command.rate is not None:
        return Act(day=date, kind=ActKind.RATE, amount=command.rate)
    return Act(day=date, kind=ActKind.CAPITALISE if command.capitalise else ActKind.RE_AGE)


def _paid_in_row(at: Position) -> int:
    """Instalments fallen due since the newest one that is not paid."""
    unpaid = at.unpaid["number"]
    return int(at.row["number"][0]) - (int(unpaid.max()) if len(unpaid) else 0)


def decide_write_off(command: WriteOff, standing: Standing) -> Decision | Refusal:
    """Give a loan up in the books."""
    del command
    wrong = _refuse_touched(standing, drawing=False)
    if wrong is not None:
        return wrong
    part, row = standing.product.one(WriteOffPart), standing.at.row
    if part is None:
        return Refusal(LoanRefusal.NOT_WRITTEN_OFF_EVER)
    owed = owed_of(row, standing.at.unpaid)
    late = days_late(row, standing.product, standing.date)
    code = int(part.refuse(late, row["grade"].astype(np.int64), owed.principal)[0])
    if code:
        return Refusal(PartRefusal(code))
    return _decided(standing, Act(day=standing.date, kind=ActKind.WRITE_OFF), None, LoanCode.WRITE_OFF)


def decide_recover(command: Recover, standing: Standing) -> Decision | Refusal:
    """Take what is paid of a loan written off."""
    row = standing.at.row
    if not row["flags"][0] & int(LoanFlag.WRITTEN_OFF):
        return Refusal(LoanRefusal.NOT_WRITTEN_OFF)
    if command.amount_minor <= 0:
        return Refusal(LoanRefusal.AMOUNT_NOT_POSITIVE)
    if command.amount_minor > int(row["written_off"][0]):
        return Refusal(LoanRefusal.MORE_THAN_OWED)
    wrong = refuse_account(command.payer, standing.product, standing.currency_of)
    if wrong is not None:
        return wrong
    act = Act(day=standing.date, kind=ActKind.RECOVER, amount=command.amount_minor)
    return _decided(standing, act, Cash(command.payer, command.amount_minor), LoanCode.RECOVERY)


def decide_convert(command: Convert, standing: Standing) -> Decision | Refusal:
    """Make an instalment plan of purchases on a card, one of those the product offers."""
    product = standing.product
    part = product.one(InstalmentPlans)
    if part is None or not is_card(product):
        return Refusal(LoanRefusal.NOT_A_CARD)
    wrong = _refuse_touched(standing, drawing=False)
    if wrong is not None:
        return wrong
    code = int(part.refuse(one64(command.amount_minor), one64(command.count))[0])
    if code:
        return Refusal(PartRefusal(code))
    before = _due_first(standing.at, product, standing.date)
    if before.row["overdue_since"][0]:
        return Refusal(LoanRefusal.LOAN_OVERDUE)
    if command.amount_minor > convertible(before.row, before.unpaid, before.card):
        return Refusal(LoanRefusal.MORE_THAN_BOUGHT)
    if before.card["plan_amount"].all():
        return Refusal(LoanRefusal.TOO_MANY_PLANS)
    act = Act(day=standing.date, kind=ActKind.CONVERT, amount=command.amount_minor, count=command.count)
    return _decided(standing, act, None)


def decide(
    command: Draw | Convert | Repay | PayOff | Change | Arrange | WriteOff | Recover, standing: Standing
) -> Decision | Refusal:
    """Decide on a command about a loan there is. Raises RateMissing."""
    match command:
        case Draw():
            return decide_draw(command, standing)
        case Convert():
            return decide_convert(command, standing)
        case Repay():
            return decide_repay(command, standing)
        case PayOff():
            return decide_pay_off(command, standing)
        case Change():
            return decide_change(command, standing)
        case Arrange():
            return decide_arrange(command, standing)
        case WriteOff():
            return decide_write_off(command, standing)
        case Recover():
            return decide_recover(command, standing)
        case _:
            assert_never(command)


def _decided(at: Standing, act: Act, cash: Cash | None, code: LoanCode = LoanCode.CORRECTION) -> Decision | Refusal:
    """Apply an act to a copy of the loan, or work it out anew if it is of an earlier day; no money may pay nothing."""
    if act.day == at.date:
        after = at.at.copy()
        apply(after, act, at.product, at.rates)
    else:
        acts = (*at.acts, act)
        after = work_out_position(at.agreed, acts, at.date, at.product_on, at.rates)
        for name in ("account", "receivable", "linked"):
            after.row[name] = at.at.row[name]
    if after.surplus:
        return Refusal(LoanRefusal.MORE_THAN_OWED)
    return Decision(act, after, cash, code)


def _refuse_touched(standing: Standing, *, drawing: bool) -> Refusal | None:
    """Why nothing may be done with a loan: it is closed, blocked, written off, or was never drawn."""
    row = standing.at.row[0]
    flags, because = int(row["flags"]), None
    late = bool(row["overdue_since"])
    if len(standing.at.card):
        # Within the days of grace a card may be used.
        late = bool(days_late(standing.at.row, standing.product, standing.date)[0])
    if flags & int(LoanFlag.WRITTEN_OFF):
        because = LoanRefusal.LOAN_WRITTEN_OFF
    elif not flags & int(LoanFlag.OPEN):
        because = LoanRefusal.LOAN_CLOSED
    elif drawing and flags & int(LoanFlag.BLOCKED):
        because = LoanRefusal.LOAN_BLOCKED
    elif drawing and late:
        because = LoanRefusal.LOAN_OVERDUE
    elif not drawing and not row["start"]:
        because = LoanRefusal.LOAN_NOT_DRAWN
    return None if because is None else Refusal(because)


def _refuse_day(standing: Standing, day: int) -> Refusal | None:
    if day == standing.date:
        return None
    if day > standing.date:
        return Refusal(LoanRefusal.DATE_IN_FUTURE)
    if not standing.at.row["start"][0] or day < standing.at.row["start"][0]:
        return Refusal(LoanRefusal.BEFORE_START)
    open_from = date_from_days(standing.date - ADJUSTING_DAYS).year
    if day < days_from_date(dt.date(open_from, 1, 1)):
        return Refusal(LoanRefusal.YEAR_CLOSED)
    return None
