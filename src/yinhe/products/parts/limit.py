"""How much may be lent: bounds of the amount, by the customer's tier, by income, and what the borrower pays himself."""

from typing import Annotated, ClassVar

import msgspec
import numpy as np

from yinhe.kernel.money import Money
from yinhe.kernel.rates import RATE_ONE, Rate
from yinhe.kernel.rounding import Rounding, divide_round_many
from yinhe.products.parts.application import Application, ApplicationPart
from yinhe.products.parts.base import BoolColumn, Int64Column, Kind, Parameter, Problem
from yinhe.products.parts.refusals import PartRefusal
from yinhe.products.parts.words import crossed, money_chinese, money_english, not_ascending


def refused_where(wrong: BoolColumn, refusal: PartRefusal) -> Int64Column:
    """A refusal where something is wrong, int64[n]."""
    return np.where(wrong, refusal, PartRefusal.NONE).astype(np.int64)


def share_up(amount: Int64Column, rate: int) -> Int64Column:
    """A share (1e-8) of amounts at or above zero, int64[n], rounded up; exact for a rate within 100 %."""
    whole = amount // RATE_ONE
    return whole * rate + divide_round_many((amount - whole * RATE_ONE) * rate, RATE_ONE, Rounding.UP)


def share_down(amount: Int64Column, rate: int) -> Int64Column:
    """A share (1e-8) of amounts at or above zero, int64[n], rounded down; exact for a rate within 100 %."""
    whole = amount // RATE_ONE
    return whole * rate + (amount - whole * RATE_ONE) * rate // RATE_ONE


class Limit(ApplicationPart, frozen=True, kw_only=True):
    """The base of limit parts."""

    kind: ClassVar[Kind] = Kind.LIMIT


class LoanAmount(Limit, frozen=True, kw_only=True):
    """The amount of a loan or a line: a least, steps above it, a most."""

    name: ClassVar[str] = "limit.amount"
    chinese: ClassVar[str] = "贷款金额的最低、递增单位和最高限额"

    least: Annotated[Money, Parameter("the least", "最低金额", least=1)]
    most: Annotated[Money | None, Parameter("the most", "最高金额", least=1)] = None
    step: Annotated[Money | None, Parameter("above the least in multiples of this", "递增单位", least=1)] = None

    def refuse(self, application: Application) -> Int64Column:
        """See `ApplicationPart.refuse`."""
        amount, least = application.amount, self.least.amount_minor
        step = 1 if self.step is None else self.step.amount_minor
        found = refused_where((amount - least) % step != 0, PartRefusal.OFF_STEP)
        if self.most is not None:
            found[amount > self.most.amount_minor] = PartRefusal.OVER_MAXIMUM
        found[amount < least] = PartRefusal.UNDER_MINIMUM
        return found

    def problems(self) -> tuple[Problem, ...]:
        """See `Part.problems`."""
        return crossed("least", self.least, self.most)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        english, chinese = f"At least {money_english(self.least)}", f"{money_chinese(self.least)}起"
        if self.step is not None:
            english = f"{english}, in steps of {money_english(self.step)}"
            chinese = f"{chinese}，以{money_chinese(self.step)}递增"
        if self.most is not None:
            english, chinese = (
                f"{english}, at most {money_english(self.most)}",
                f"{chinese}，最高{money_chinese(self.most)}",
            )
        return f"{english}.", f"{chinese}。"


class TierMost(msgspec.Struct, frozen=True, kw_only=True):
    """The most a customer tier is lent."""

    tier: Annotated[int, Parameter("the customer tier, and those above", "客户等级（含以上）", least=0, most=99)]
    most: Annotated[Money, Parameter("the most", "最高金额", least=1)]


class ByTierMost(Limit, frozen=True, kw_only=True):
    """The most by customer tier; nothing under the first tier named."""

    name: ClassVar[str] = "limit.by_tier"
    chinese: ClassVar[str] = "按客户等级的最高贷款金额"

    tiers: Annotated[tuple[TierMost, ...], Parameter("the most of each, ascending by tier", "各等级最高金额，等级递增")]

    def refuse(self, application: Application) -> Int64Column:
        """See `ApplicationPart.refuse`."""
        return refused_where(application.amount > self.most(application), PartRefusal.OVER_LIMIT)

    def most(self, application: Application) -> Int64Column:
        """The most each may be lent, int64[n] of minor units."""
        most = np.zeros(len(application.tier), np.int64)
        for one in self.tiers:
            most[application.tier >= one.tier] = one.most.amount_minor
        return most

    def problems(self) -> tuple[Problem, ...]:
        """See `Part.problems`."""
        return not_ascending("tiers", [one.tier for one in self.tiers], "tier", "等级")

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        english = "; ".join(f"from tier {one.tier}: {money_english(one.most)}" for one in self.tiers)
        chinese = "；".join(f"{one.tier}级起{money_chinese(one.most)}" for one in self.tiers)
        return f"At most by the customer's tier: {english}.", f"按客户等级最高：{chinese}。"


class DebtToIncome(Limit, frozen=True, kw_only=True):
    """The instalments of the loan, and of all debts, are at most a share of the borrower's income."""

    name: ClassVar[str] = "limit.debt_to_income"
    chinese: ClassVar[str] = "月供与收入之比上限"

    share: Annotated[Rate, Parameter("of the loan's instalments", "本笔贷款月供收入比", least=1, most=RATE_ONE)] = Rate(
        50_000_000
    )
    share_all: Annotated[Rate, Parameter("of those of all debts", "全部债务月供收入比", least=1, most=RATE_ONE)] = Rate(
        55_000_000
    )

    def refuse(self, application: Application) -> Int64Column:
        """See `ApplicationPart.refuse`."""
        own, dues = application.instalment, application.instalment + application.other_dues
        income = np.maximum(application.income, 0)
        too_much = (own > share_down(income, self.share.units)) | (dues > share_down(income, self.share_all.units))
        return refused_where(too_much, PartRefusal.INCOME_TOO_LOW)

    def problems(self) -> tuple[Problem, ...]:
        """See `Part.problems`."""
        if self.share <= self.share_all:
            return ()
        return (Problem("share", "the share of the loan is above that of all debts", "单笔比例高于全部债务比例"),)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return (
            f"A month's repayment is at most {self.share} of the borrower's income, with all other debts "
            f"{self.share_all}.",
            f"月还款额不超过借款人月收入的{self.share}，连同其他债务不超过{self.share_all}。",
        )


class DownPayment(ApplicationPart, frozen=True, kw_only=True):
    """The borrower pays a share of the price from money of his own."""

    name: ClassVar[str] = "down_payment.share"
    kind: ClassVar[Kind] = Kind.DOWN_PAYMENT
    chinese: ClassVar[str] = "首付款：借款人以自有资金支付的价款比例"

    share: Annotated[Rate, Parameter("the least share of the price", "最低首付比例", least=1, most=RATE_ONE)]

    def own_funds(self, price: Int64Column) -> Int64Column:
        """What the borrower must pay of prices himself, int64[n] of minor units, rounded up."""
        return share_up(np.maximum(price, 0), self.share.units)

    def refuse(self, application: Application) -> Int64Column:
        """See `ApplicationPart.refuse`."""
        most = application.price - self.own_funds(application.price)
        return refused_where(application.amount > most, PartRefusal.OWN_FUNDS_TOO_LITTLE)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return (
            f"The borrower pays at least {self.share} of the price from own funds.",
            f"借款人以自有资金支付的首付款不低于价款的{self.share}。",
        )
