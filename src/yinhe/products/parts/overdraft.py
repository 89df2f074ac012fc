"""How far below zero an account may go, and what that costs."""

from typing import Annotated, ClassVar

import msgspec
import numpy as np

from yinhe.kernel.money import Money
from yinhe.products.parts.base import Facts, Int64Column, Kind, Parameter, Part, Problem, Regime
from yinhe.products.parts.interest import rate_parameter, regimes_of
from yinhe.products.parts.loan_words import index_chinese, index_english
from yinhe.products.parts.words import (
    money_chinese,
    money_english,
    not_ascending,
)
from yinhe.products.rates import RateBook, RateSource


class Overdraft(Part, frozen=True, kw_only=True):
    """The base of overdraft parts: the floor of an account, and the rate of what is below zero."""

    kind: ClassVar[Kind] = Kind.OVERDRAFT
    effect: ClassVar[str] = "lowers the account's floor; debit interest receivable, credit interest income"

    rate: Annotated[RateSource, rate_parameter("the rate a year of what is overdrawn", "透支年利率")]

    def floor(self, facts: Facts) -> Int64Column:
        """The lowest balance allowed, int64[n] of minor units, zero or below."""
        raise NotImplementedError

    def regimes(self, book: RateBook, start: int, end: int) -> tuple[Regime, ...]:
        """The rates of the days from `start` to before `end` on what is overdrawn, its amount taken as positive."""
        return regimes_of([self.rate], [0], book, start, end)


class FixedLimit(Overdraft, frozen=True, kw_only=True):
    """One limit for every account."""

    name: ClassVar[str] = "overdraft.fixed_limit"
    chinese: ClassVar[str] = "固定额度透支"

    limit: Annotated[Money, Parameter("how far below zero it may go", "透支额度", least=1)]

    def floor(self, facts: Facts) -> Int64Column:
        """See `Overdraft.floor`."""
        return np.full(len(facts.balance), -self.limit.amount_minor, np.int64)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return (
            f"The account may be overdrawn by {money_english(self.limit)} at {index_english(self.rate)} a year.",
            f"账户可透支{money_chinese(self.limit)}，透支部分按年利率{index_chinese(self.rate)}计息。",
        )


class TierLimit(msgspec.Struct, frozen=True, kw_only=True):
    """The limit of a customer tier."""

    tier: Annotated[int, Parameter("the customer tier, and those above", "客户等级（含以上）", least=0, most=99)]
    limit: Annotated[Money, Parameter("how far below zero it may go", "透支额度", least=0)]


class ByTierLimit(Overdraft, frozen=True, kw_only=True):
    """A limit by customer tier; none under the first tier named."""

    name: ClassVar[str] = "overdraft.by_tier"
    chinese: ClassVar[str] = "按客户等级的透支额度"

    limits: Annotated[tuple[TierLimit, ...], Parameter("the limits, ascending by tier", "各等级额度，等级递增")]

    def floor(self, facts: Facts) -> Int64Column:
        """See `Overdraft.floor`."""
        floors = np.zeros(len(facts.balance), np.int64)
        for one in self.limits:
            floors[facts.tier >= one.tier] = -one.limit.amount_minor
        return floors

    def problems(self) -> tuple[Problem, ...]:
        """See `Part.problems`."""
        return not_ascending("limits", [one.tier for one in self.limits], "tier", "等级")

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        english = "; ".join(f"from tier {one.tier}: {money_english(one.limit)}" for one in self.limits)
        chinese = "；".join(f"{one.tier}级起{money_chinese(one.limit)}" for one in self.limits)
        return (
            f"The account may be overdrawn by customer tier ({english}) at {index_english(self.rate)} a year.",
            f"账户可按客户等级透支（{chinese}），透支部分按年利率{index_chinese(self.rate)}计息。",
        )
