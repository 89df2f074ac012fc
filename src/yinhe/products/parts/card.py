"""What is particular to a credit card: the statement, the days without interest, the minimum payment, instalments."""

from typing import Annotated, ClassVar

import msgspec
import numpy as np

from yinhe.kernel.dates import month_and_day_many, month_start_many
from yinhe.kernel.money import Money
from yinhe.kernel.rates import RATE_ONE, Rate
from yinhe.products.parts.base import BoolColumn, Int32Column, Int64Column, Kind, Parameter, Part, Problem
from yinhe.products.parts.fee import FEE_RATE_MAX, share_of
from yinhe.products.parts.limit import refused_where, share_up
from yinhe.products.parts.refusals import PartRefusal
from yinhe.products.parts.words import list_english, money_chinese, money_english, not_ascending


class Card(Part, frozen=True, kw_only=True):
    """The base of card parts; a product has one of each that it needs."""

    kind: ClassVar[Kind] = Kind.CARD


class BillingCycle(Card, frozen=True, kw_only=True):
    """A statement each month on the billing day, due some days later, before the next."""

    name: ClassVar[str] = "card.billing_cycle"
    chinese: ClassVar[str] = "账单周期：每月账单日出账，若干天后为到期还款日"

    day: Annotated[int, Parameter("the billing day of the month", "账单日", least=1, most=28)] = 5
    due_after: Annotated[
        int, Parameter("days from the billing day to the due day", "账单日至到期还款日天数", least=1, most=27)
    ] = 20

    def statement_on(self, date: Int32Column) -> Int32Column:
        """The statement what is posted on dates stands on, int32[n]: the next billing day; on that day, the one after.

        A statement closes with the end of the day before.
        """
        month, day = month_and_day_many(date)
        return (month_start_many(month + (day >= self.day)) + self.day - 1).astype(np.int32)

    def due_on(self, statement: Int32Column) -> Int32Column:
        """When statements fall due, int32[n]."""
        return (statement + np.int32(self.due_after)).astype(np.int32)

    def is_statement(self, date: int) -> bool:
        """Whether a date is the billing day."""
        return int(month_and_day_many(np.array([date], np.int32))[1][0]) == self.day

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        longest = self.due_after + 31
        return (
            f"The statement is made up on day {self.day} of each month and falls due {self.due_after} days later: "
            f"{self.due_after + 1} to {longest} days after what stands on it.",
            f"每月{self.day}日为账单日，账单日后第{self.due_after}天为到期还款日，"
            f"自记账日起最短{self.due_after + 1}天、最长{longest}天。",
        )


class InterestFree(Card, frozen=True, kw_only=True):
    """Purchases bear no interest where the whole statement is paid by its due day; else from the day of posting."""

    name: ClassVar[str] = "card.interest_free"
    chinese: ClassVar[str] = "免息还款期：到期还款日前还清全部账单的消费免息，否则自记账日起计息"

    cash: Annotated[bool, Parameter("whether cash advances have it too", "取现是否享受免息期")] = False

    def is_free(self, paid_whole: BoolColumn, is_cash: BoolColumn) -> BoolColumn:
        """Whether what stands on statements bears no interest, bool[n].

        `paid_whole`: the whole statement was paid by its due day; `is_cash`: it was an advance of cash.
        """
        return paid_whole if self.cash else paid_whole & ~is_cash

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        cash, cash_chinese = "a cash advance bears it always", "取现不享受免息期，自取现日起计息"
        if self.cash:
            cash, cash_chinese = "so does a cash advance", "取现同样适用"
        return (
            "A purchase bears no interest where the whole statement is paid by its due day; else it bears interest "
            f"from the day it was posted; {cash}.",
            f"到期还款日前还清全部账单的，消费款免息；未还清的，自记账日起计息；{cash_chinese}。",
        )


class MinimumPayment(Card, frozen=True, kw_only=True):
    """The least of a statement that must be paid: a share of the purchases, and the whole of the rest."""

    name: ClassVar[str] = "card.minimum_payment"
    chinese: ClassVar[str] = "最低还款额：消费款的一定比例，加费用、利息、超限及上期未还最低还款额"

    share: Annotated[Rate, Parameter("the share of purchases and cash", "消费及取现款比例", least=1, most=RATE_ONE)] = (
        Rate(10_000_000)
    )
    least: Annotated[Money | None, Parameter("the least, where as much is owed", "最低金额", least=1)] = None

    def minimum(self, principal: Int64Column, rest: Int64Column) -> Int64Column:
        """The minimum payment of statements, int64[n] of minor units; never more than what is owed.

        `principal` is what is owed of purchases and cash advances within the limit; `rest` is interest, fees,
        instalments due, what is over the limit, and what was not paid of the last minimum. A share is rounded up.
        """
        principal, rest = np.maximum(principal, 0), np.maximum(rest, 0)
        due = share_up(principal, self.share.units) + rest
        if self.least is not None:
            due = np.maximum(due, self.least.amount_minor)
        return np.minimum(due, principal + rest)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        english = (
            f"The minimum payment is {self.share} of purchases and cash advances, and the whole of interest, fees, "
        )
        english = f"{english}instalments, what is over the limit and what was missed of the last minimum"
        chinese = f"最低还款额为消费及取现款的{self.share}，加全部利息、费用、分期款、超限款及上期未还最低还款额"
        if self.least is not None:
            english = f"{english}; at least {money_english(self.least)}"
            chinese = f"{chinese}，最低{money_chinese(self.least)}"
        return f"{english}.", f"{chinese}。"


class PlanFee(msgspec.Struct, frozen=True, kw_only=True):
    """An instalment plan: how many months, and its fee."""

    count: Annotated[int, Parameter("how many monthly instalments", "分期期数", least=2, most=60)]
    fee: Annotated[Rate, Parameter("the fee of each, of the whole amount", "每期费率", least=0, most=FEE_RATE_MAX)]


class InstalmentPlans(Card, frozen=True, kw_only=True):
    """Purchases repaid in equal monthly instalments, each with a fee that is a share of the amount."""

    name: ClassVar[str] = "card.instalment_plan"
    chinese: ClassVar[str] = "账单分期：本金按月等额归还，每期收取手续费"
    effect: ClassVar[str] = "debit loans, credit fee income, each month"

    plans: Annotated[tuple[PlanFee, ...], Parameter("the plans offered, ascending", "可选分期方案，期数递增")]
    least: Annotated[Money, Parameter("the least amount", "最低分期金额", least=1)]

    def refuse(self, amount: Int64Column, count: Int64Column) -> Int64Column:
        """Why amounts may not be repaid in `count` instalments, int64[n] of `PartRefusal`, 0 where they may."""
        found = refused_where(amount < self.least.amount_minor, PartRefusal.UNDER_MINIMUM)
        found[~np.isin(count, [plan.count for plan in self.plans])] = PartRefusal.PLAN_NOT_OFFERED
        return found

    def due(self, number: Int64Column, count: Int64Column, amount: Int64Column) -> tuple[Int64Column, Int64Column]:
        """The principal and the fee of an instalment, numbered from 1, int64[n] of minor units each.

        Equal parts of the principal rounded down, the last with the rest; nothing beside 1 to `count`, or of a plan
        that is not offered.
        """
        principal, fee = np.zeros(len(amount), np.int64), np.zeros(len(amount), np.int64)
        for plan in self.plans:
            here = (count == plan.count) & (number >= 1) & (number <= plan.count)
            each = amount[here] // plan.count
            last = number[here] == plan.count
            principal[here] = np.where(last, amount[here] - each * (plan.count - 1), each)
            fee[here] = share_of(amount[here], plan.fee.units)
        return principal, fee

    def problems(self) -> tuple[Problem, ...]:
        """See `Part.problems`."""
        return not_ascending("plans", [plan.count for plan in self.plans], "plan", "分期方案")

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        english = list_english([f"{plan.count} months ({_costs(plan)[0]})" for plan in self.plans])
        chinese = "、".join(f"{plan.count}期（{_costs(plan)[1]}）" for plan in self.plans)
        return (
            f"From {money_english(self.least)} an amount may be repaid in equal monthly instalments, each with a fee "
            f"on the whole amount: {english}.",
            f"{money_chinese(self.least)}起可申请分期，本金按月等额归还，每期按分期总额收取手续费：{chinese}。",
        )


def _costs(plan: PlanFee) -> tuple[str, str]:
    yearly = Rate(yearly_cost(plan))
    return f"{plan.fee} each, {yearly} a year", f"每期{plan.fee}，折合年化利率{yearly}"


def yearly_cost(plan: PlanFee) -> int:
    """What a plan costs a year (1e-8, cut to a hundredth of a per cent): twelve times the monthly internal rate.

    The rate at which the instalments, principal and fee, are worth the amount: by halving an interval, in floating
    point, for it is only told and never charged.
    """
    payment = 1 / plan.count + plan.fee.units / RATE_ONE
    low, high = 0.0, 1.0
    for _ in range(60):
        monthly = (low + high) / 2
        worth = payment * plan.count if monthly == 0 else payment * (1 - (1 + monthly) ** -plan.count) / monthly
        low, high = (monthly, high) if worth > 1 else (low, monthly)
    return round(12 * low * 10_000) * (RATE_ONE // 10_000)
