"""What a balance earns: the rates of any days, as regimes the night accrues by."""

from collections.abc import Sequence
from typing import Annotated, ClassVar

import msgspec
import numpy as np

from yinhe.kernel.money import Money
from yinhe.products.errors import RateMissing
from yinhe.products.parts.base import Kind, Parameter, Part, Problem, Regime
from yinhe.products.parts.words import (
    money_chinese,
    money_english,
    not_ascending,
    not_distinct,
    source_chinese,
    source_english,
)
from yinhe.products.period import Period
from yinhe.products.rates import RateBook, RateSource

DEPOSIT_RATE_MAX = 24_000_000
"""24 %: no deposit earns more; a rate above it is a slip of the decimal point."""


def rate_parameter(english: str, chinese: str) -> Parameter:
    """A yearly rate of a deposit: zero to `DEPOSIT_RATE_MAX`."""
    return Parameter(english, chinese, least=0, most=DEPOSIT_RATE_MAX)


DepositRate = Annotated[RateSource, rate_parameter("the rate a year", "年利率")]


class Interest(Part, frozen=True, kw_only=True):
    """The base of interest parts: the rates of days by tier of the balance."""

    kind: ClassVar[Kind] = Kind.INTEREST
    effect: ClassVar[str] = "debit interest expense, credit interest payable, every night"
    own_tier: ClassVar[int] = 0
    """The tier from which on a contract's own rate takes the place of the product's; below it the product's stand.

    For tiers of a table there is no such: nobody negotiates them as one.
    """

    def regimes(self, book: RateBook, start: int, end: int, months: int, days: int) -> tuple[Regime, ...]:
        """The regimes of the days from `start` to before `end`: abutting, ascending, split where a rate changes.

        `months` and `days` are the term agreed, for parts whose rate depends on it. Raises RateMissing.
        """
        raise NotImplementedError

    def terms(self) -> tuple[Period, ...]:
        """The terms it has rates for; empty where the term does not matter."""
        return ()


def regimes_of(
    sources: Sequence[RateSource],
    thresholds: Sequence[int],
    book: RateBook,
    start: int,
    end: int,
    *,
    by_slice: bool = False,
) -> tuple[Regime, ...]:
    """The regimes of some tiers, each with its rate's source, split on every day one of the rates changes."""
    if start >= end:
        return ()
    cuts = sorted({start, *(day for source in sources for day in source.changes(book, start, end))})
    lows = np.array(thresholds, np.int64)
    return tuple(
        Regime(first, last, lows, np.array([source.on(book, first) for source in sources], np.int64), by_slice)
        for first, last in zip(cuts, [*cuts[1:], end], strict=True)
    )


class Tier(msgspec.Struct, frozen=True, kw_only=True):
    """A tier of the balance, up to where the next begins."""

    at_least: Annotated[Money, Parameter("where the tier begins", "档次起点金额", least=0)]
    rate: DepositRate


class Flat(Interest, frozen=True, kw_only=True):
    """One rate for the whole balance."""

    name: ClassVar[str] = "interest.flat"
    chinese: ClassVar[str] = "全部余额适用同一利率"

    rate: DepositRate

    def regimes(self, book: RateBook, start: int, end: int, months: int, days: int) -> tuple[Regime, ...]:
        """See `Interest.regimes`."""
        return regimes_of([self.rate], [0], book, start, end)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return (
            f"The balance earns {source_english(self.rate)} a year.",
            f"存款按年利率{source_chinese(self.rate)}计息。",
        )


class NoInterest(Interest, frozen=True, kw_only=True):
    """No interest at all."""

    name: ClassVar[str] = "interest.none"
    chinese: ClassVar[str] = "不计息"
    effect: ClassVar[str] = "none"

    def regimes(self, book: RateBook, start: int, end: int, months: int, days: int) -> tuple[Regime, ...]:
        """See `Interest.regimes`."""
        return regimes_of([RateSource()], [0], book, start, end)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return "The balance earns no interest.", "本账户不计息。"


class Tiered(Interest, frozen=True, kw_only=True):
    """The base of interest by tiers of the balance."""

    by_slice: ClassVar[bool]

    tiers: Annotated[tuple[Tier, ...], Parameter("the tiers, ascending, the first at zero", "分档利率，从零起递增")]

    def regimes(self, book: RateBook, start: int, end: int, months: int, days: int) -> tuple[Regime, ...]:
        """See `Interest.regimes`."""
        lows = [tier.at_least.amount_minor for tier in self.tiers]
        return regimes_of([tier.rate for tier in self.tiers], lows, book, start, end, by_slice=self.by_slice)

    def problems(self) -> tuple[Problem, ...]:
        """See `Part.problems`."""
        lows = [tier.at_least.amount_minor for tier in self.tiers]
        found = not_ascending("tiers", lows, "tier", "档次")
        if lows and lows[0] != 0:
            first = money_english(self.tiers[0].at_least)
            gap = Problem("tiers", f"nothing is said of balances under {first}", "零至首档起点之间无利率")
            found = (gap, *found)
        return found

    def _list(self) -> tuple[str, str]:
        english = [f"from {money_english(t.at_least)}: {source_english(t.rate)}" for t in self.tiers]
        chinese = [f"{money_chinese(t.at_least)}起：{source_chinese(t.rate)}" for t in self.tiers]
        return "; ".join(english), "；".join(chinese)


class TieredWhole(Tiered, frozen=True, kw_only=True):
    """Tiers by balance: the whole balance earns the rate of the tier it lies in."""

    name: ClassVar[str] = "interest.tiered_whole"
    chinese: ClassVar[str] = "分档计息：全部余额按所在档次利率计息（靠档）"
    by_slice: ClassVar[bool] = False

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        english, chinese = self._list()
        return (
            f"The whole balance earns the yearly rate of the tier it lies in: {english}.",
            f"全部余额按所在档次的年利率计息：{chinese}。",
        )


class TieredSlice(Tiered, frozen=True, kw_only=True):
    """Tiers by slice: each slice of the balance earns the rate of its own tier."""

    name: ClassVar[str] = "interest.tiered_slice"
    chinese: ClassVar[str] = "分段计息：余额的每一段按该段利率计息"
    by_slice: ClassVar[bool] = True

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        english, chinese = self._list()
        return (
            f"Each slice of the balance earns the yearly rate of its tier: {english}.",
            f"余额分段计息，各段年利率：{chinese}。",
        )


class Agreement(Interest, frozen=True, kw_only=True):
    """Agreement deposit: up to a threshold the base rate, above it the agreed rate."""

    name: ClassVar[str] = "interest.agreement"
    chinese: ClassVar[str] = "协定存款：基本额度内按基本利率，超过部分按协定利率"
    own_tier: ClassVar[int] = 1

    threshold: Annotated[Money, Parameter("the balance above which the agreed rate holds", "基本存款额度", least=1)]
    base: Annotated[RateSource, rate_parameter("the rate a year up to it", "基本存款年利率")]
    agreed: Annotated[RateSource, rate_parameter("the rate a year above it", "协定存款年利率")]

    def regimes(self, book: RateBook, start: int, end: int, months: int, days: int) -> tuple[Regime, ...]:
        """See `Interest.regimes`."""
        lows = [0, self.threshold.amount_minor]
        return regimes_of([self.base, self.agreed], lows, book, start, end, by_slice=True)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return (
            f"Up to {money_english(self.threshold)} the balance earns {source_english(self.base)} a year, "
            f"what is above it {source_english(self.agreed)}.",
            f"余额在{money_chinese(self.threshold)}以内按年利率{source_chinese(self.base)}计息，"
            f"超过部分按{source_chinese(self.agreed)}计息。",
        )


class TermRate(msgspec.Struct, frozen=True, kw_only=True):
    """The rate of a term."""

    term: Annotated[Period, Parameter("the term", "存期", least=1)]
    rate: DepositRate


class ByTerm(Interest, frozen=True, kw_only=True):
    """A rate for each term agreed."""

    name: ClassVar[str] = "interest.by_term"
    chinese: ClassVar[str] = "按约定存期确定利率"

    rates: Annotated[tuple[TermRate, ...], Parameter("the rate of each term, each term once", "各存期利率，存期不重复")]

    def regimes(self, book: RateBook, start: int, end: int, months: int, days: int) -> tuple[Regime, ...]:
        """See `Interest.regimes`. Raises RateMissing where the term has no rate."""
        return regimes_of([self._of_term(months, days)], [0], book, start, end)

    def terms(self) -> tuple[Period, ...]:
        """See `Interest.terms`."""
        return tuple(one.term for one in self.rates)

    def problems(self) -> tuple[Problem, ...]:
        """See `Part.problems`."""
        return not_distinct("rates", self.terms(), "term", "存期")

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        english = "; ".join(f"{one.term}: {source_english(one.rate)}" for one in self.rates)
        chinese = "；".join(f"{one.term.chinese}：{source_chinese(one.rate)}" for one in self.rates)
        return f"The yearly rate depends on the term: {english}.", f"按存期确定年利率：{chinese}。"

    def _of_term(self, months: int, days: int) -> RateSource:
        for one in self.rates:
            if (one.term.months, one.term.days) == (months, days):
                return one.rate
        raise RateMissing(f"There is no rate for a term of {months} months and {days} days.")
