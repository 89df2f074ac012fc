"""What a contract earns above or below the product's rate, priced when it is opened."""

import datetime as dt
from typing import Annotated, ClassVar

import msgspec
import numpy as np

from yinhe.kernel.dates import days_from_date
from yinhe.kernel.money import Money
from yinhe.kernel.rates import Rate
from yinhe.products.parts.base import BoolColumn, Channel, Facts, Int64Column, Kind, Parameter, Part, Problem
from yinhe.products.parts.words import (
    date_chinese,
    money_chinese,
    money_english,
    not_ascending,
    not_distinct,
    spread_chinese,
    spread_english,
)
from yinhe.products.period import Period
from yinhe.products.rates import RateBook

SPREAD_MAX = 5_000_000
"""5 %: no adjustment is larger, either way."""

Spread = Annotated[Rate, Parameter("added to the rate", "利率浮动", least=-SPREAD_MAX, most=SPREAD_MAX)]

CHANNEL_WORDS = {
    Channel.COUNTER: ("at the counter", "柜面"),
    Channel.ONLINE: ("online", "网上银行"),
    Channel.MOBILE: ("by mobile", "手机银行"),
    Channel.PARTNER: ("through a partner", "合作渠道"),
}
"""The channels in English and Chinese."""


class Pricing(Part, frozen=True, kw_only=True):
    """The base of pricing parts; the adjustments of several add up."""

    kind: ClassVar[Kind] = Kind.PRICING
    effect: ClassVar[str] = "changes the rate interest accrues at"

    def spread(self, facts: Facts, book: RateBook) -> Int64Column:
        """What is added to the rate of each contract, int64[n] of 1e-8 a year."""
        raise NotImplementedError


def _where(applies: BoolColumn, spread: Rate) -> Int64Column:
    return np.where(applies, spread.units, 0).astype(np.int64)


class TierSpread(msgspec.Struct, frozen=True, kw_only=True):
    """The adjustment of a customer tier and those above it."""

    tier: Annotated[int, Parameter("the customer tier, and those above", "客户等级（含以上）", least=0, most=99)]
    spread: Spread


class ByCustomerTier(Pricing, frozen=True, kw_only=True):
    """An adjustment by customer tier."""

    name: ClassVar[str] = "pricing.customer_tier"
    chinese: ClassVar[str] = "按客户等级浮动"

    tiers: Annotated[tuple[TierSpread, ...], Parameter("the adjustments, ascending by tier", "各等级浮动，等级递增")]

    def spread(self, facts: Facts, book: RateBook) -> Int64Column:
        """See `Pricing.spread`."""
        found = np.zeros(len(facts.tier), np.int64)
        for one in self.tiers:
            found[facts.tier >= one.tier] = one.spread.units
        return found

    def problems(self) -> tuple[Problem, ...]:
        """See `Part.problems`."""
        return not_ascending("tiers", [one.tier for one in self.tiers], "tier", "等级")

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        english = "; ".join(f"from tier {one.tier}: {spread_english(one.spread)}" for one in self.tiers)
        chinese = "；".join(f"{one.tier}级起{spread_chinese(one.spread)}" for one in self.tiers)
        return f"The rate depends on the customer's tier: {english}.", f"利率按客户等级浮动：{chinese}。"


class ByRegion(Pricing, frozen=True, kw_only=True):
    """An adjustment in some regions."""

    name: ClassVar[str] = "pricing.region"
    chinese: ClassVar[str] = "按地区浮动"

    regions: Annotated[tuple[int, ...], Parameter("the region codes", "地区代码", least=0, most=999_999)]
    spread_there: Spread

    def spread(self, facts: Facts, book: RateBook) -> Int64Column:
        """See `Pricing.spread`."""
        return _where(np.isin(facts.region, self.regions), self.spread_there)

    def problems(self) -> tuple[Problem, ...]:
        """See `Part.problems`."""
        return not_distinct("regions", self.regions, "region", "地区")

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        where = ", ".join(str(region) for region in self.regions)
        where_chinese = "、".join(str(region) for region in self.regions)
        return (
            f"In the regions {where} the rate is {spread_english(self.spread_there)}.",
            f"在地区{where_chinese}办理，利率{spread_chinese(self.spread_there)}。",
        )


class ByChannel(Pricing, frozen=True, kw_only=True):
    """An adjustment for what is opened through some channels."""

    name: ClassVar[str] = "pricing.channel"
    chinese: ClassVar[str] = "按渠道浮动"

    channels: Annotated[tuple[Channel, ...], Parameter("the channels", "渠道")]
    spread_there: Spread

    def spread(self, facts: Facts, book: RateBook) -> Int64Column:
        """See `Pricing.spread`."""
        return _where(np.isin(facts.channel, [channel.value for channel in self.channels]), self.spread_there)

    def problems(self) -> tuple[Problem, ...]:
        """See `Part.problems`."""
        return not_distinct("channels", self.channels, "channel", "渠道")

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        where = " or ".join(CHANNEL_WORDS[channel][0] for channel in self.channels)
        where_chinese = "、".join(CHANNEL_WORDS[channel][1] for channel in self.channels)
        return (
            f"Opened {where} the rate is {spread_english(self.spread_there)}.",
            f"通过{where_chinese}办理，利率{spread_chinese(self.spread_there)}。",
        )


class AmountSpread(msgspec.Struct, frozen=True, kw_only=True):
    """The adjustment from some amount on."""

    at_least: Annotated[Money, Parameter("the amount from which it holds", "起点金额", least=0)]
    spread: Spread


class ByAmount(Pricing, frozen=True, kw_only=True):
    """An adjustment by the amount deposited at opening."""

    name: ClassVar[str] = "pricing.amount"
    chinese: ClassVar[str] = "按金额浮动"

    amounts: Annotated[
        tuple[AmountSpread, ...], Parameter("the adjustments, ascending by amount", "各金额浮动，金额递增")
    ]

    def spread(self, facts: Facts, book: RateBook) -> Int64Column:
        """See `Pricing.spread`."""
        found = np.zeros(len(facts.amount), np.int64)
        for one in self.amounts:
            found[facts.amount >= one.at_least.amount_minor] = one.spread.units
        return found

    def problems(self) -> tuple[Problem, ...]:
        """See `Part.problems`."""
        return not_ascending("amounts", [one.at_least.amount_minor for one in self.amounts], "amount", "金额")

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        english = "; ".join(f"from {money_english(a.at_least)}: {spread_english(a.spread)}" for a in self.amounts)
        chinese = "；".join(f"{money_chinese(a.at_least)}起{spread_chinese(a.spread)}" for a in self.amounts)
        return f"The rate depends on the amount: {english}.", f"利率按存入金额浮动：{chinese}。"


class TermSpread(msgspec.Struct, frozen=True, kw_only=True):
    """The adjustment of a term."""

    term: Annotated[Period, Parameter("the term", "存期", least=1)]
    spread: Spread


class ByTermAgreed(Pricing, frozen=True, kw_only=True):
    """An adjustment by the term agreed."""

    name: ClassVar[str] = "pricing.term"
    chinese: ClassVar[str] = "按存期浮动"

    terms: Annotated[tuple[TermSpread, ...], Parameter("the adjustment of each term", "各存期浮动")]

    def spread(self, facts: Facts, book: RateBook) -> Int64Column:
        """See `Pricing.spread`."""
        found = np.zeros(len(facts.months), np.int64)
        for one in self.terms:
            found[(facts.months == one.term.months) & (facts.days == one.term.days)] = one.spread.units
        return found

    def problems(self) -> tuple[Problem, ...]:
        """See `Part.problems`."""
        return not_distinct("terms", [one.term for one in self.terms], "term", "存期")

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        english = "; ".join(f"{one.term}: {spread_english(one.spread)}" for one in self.terms)
        chinese = "；".join(f"{one.term.chinese}{spread_chinese(one.spread)}" for one in self.terms)
        return f"The rate depends on the term: {english}.", f"利率按存期浮动：{chinese}。"


class ForNewMoney(Pricing, frozen=True, kw_only=True):
    """An adjustment for money that comes from outside the bank."""

    name: ClassVar[str] = "pricing.new_money"
    chinese: ClassVar[str] = "新资金浮动"

    spread_new: Spread

    def spread(self, facts: Facts, book: RateBook) -> Int64Column:
        """See `Pricing.spread`."""
        return _where(facts.is_new_money, self.spread_new)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return (
            f"For money new to the bank the rate is {spread_english(self.spread_new)}.",
            f"行外新转入资金利率{spread_chinese(self.spread_new)}。",
        )


class Campaign(Pricing, frozen=True, kw_only=True):
    """An adjustment for what is opened within some days."""

    name: ClassVar[str] = "pricing.campaign"
    chinese: ClassVar[str] = "活动期浮动"

    first: Annotated[dt.date, Parameter("its first day", "活动首日")]
    last: Annotated[dt.date, Parameter("its last day", "活动末日")]
    spread_then: Spread

    def spread(self, facts: Facts, book: RateBook) -> Int64Column:
        """See `Pricing.spread`; by the day of opening, so a contract keeps it."""
        first, last = days_from_date(self.first), days_from_date(self.last)
        return _where((facts.opened >= first) & (facts.opened <= last), self.spread_then)

    def problems(self) -> tuple[Problem, ...]:
        """See `Part.problems`."""
        if self.first <= self.last:
            return ()
        return (Problem("last", f"the last day, {self.last}, is before the first, {self.first}", "末日早于首日"),)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return (
            f"Opened from {self.first} to {self.last} the rate is {spread_english(self.spread_then)}.",
            f"{date_chinese(self.first)}至{date_chinese(self.last)}办理，利率{spread_chinese(self.spread_then)}。",
        )
