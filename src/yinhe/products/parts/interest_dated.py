"""Interest whose rate moves with dates or with the time held: indexed, stepped, and the term at will."""

import datetime as dt
from enum import Enum, unique
from typing import Annotated, ClassVar, assert_never

import msgspec
import numpy as np

from yinhe.kernel.dates import add_months_many, date_from_days, days_from_date
from yinhe.kernel.rates import Rate, format_rate
from yinhe.products.parts.base import Int32Column, Int64Column, Parameter, Problem, Regime
from yinhe.products.parts.interest import DEPOSIT_RATE_MAX, DepositRate, Interest, rate_parameter, regimes_of
from yinhe.products.parts.words import date_chinese, not_ascending, source_chinese, source_english
from yinhe.products.period import Period
from yinhe.products.rates import RateBook, RateSource


@unique
class Reset(Enum):
    """When an indexed rate looks at its index again."""

    EACH_CHANGE = "each_change"
    """On every day the index changes."""
    MONTHLY = "monthly"
    """On the first of each month."""
    QUARTERLY = "quarterly"
    """On the first of January, April, July and October."""
    YEARLY = "yearly"
    """On 1 January."""


_RESET_WORDS = {
    Reset.EACH_CHANGE: ("whenever it changes", "随指数变动即时调整"),
    Reset.MONTHLY: ("on the first of each month", "每月1日调整"),
    Reset.QUARTERLY: ("on the first of each quarter", "每季首日调整"),
    Reset.YEARLY: ("on 1 January", "每年1月1日调整"),
}


class Indexed(Interest, frozen=True, kw_only=True):
    """A rate that follows an index such as LPR with a margin, within a floor and a cap."""

    name: ClassVar[str] = "interest.indexed"
    chinese: ClassVar[str] = "挂钩利率：随LPR等基准利率加减点，可设上下限"

    index: Annotated[RateSource, rate_parameter("the index and the margin on it", "基准利率及加减点")]
    floor: Annotated[Rate | None, Parameter("the least it can be", "利率下限", least=0, most=DEPOSIT_RATE_MAX)] = None
    cap: Annotated[Rate | None, Parameter("the most it can be", "利率上限", least=0, most=DEPOSIT_RATE_MAX)] = None
    reset: Annotated[Reset, Parameter("when it looks at the index again", "重定价方式")] = Reset.EACH_CHANGE

    def regimes(self, book: RateBook, start: int, end: int, months: int, days: int) -> tuple[Regime, ...]:
        """See `Interest.regimes`. Raises RateMissing also where the index has no rate on the day of the last reset."""
        if start >= end:
            return ()
        if self.reset is Reset.EACH_CHANGE:
            cuts = [start, *self.index.changes(book, start, end)]
        else:
            cuts = [start]
            while (following := self._period(cuts[-1])[1]) < end:
                cuts.append(following)
        zero = np.zeros(1, np.int64)
        return tuple(
            Regime(first, last, zero, np.array([self._rate(book, first)], np.int64))
            for first, last in zip(cuts, [*cuts[1:], end], strict=True)
        )

    def problems(self) -> tuple[Problem, ...]:
        """See `Part.problems`."""
        if self.floor is None or self.cap is None or self.floor <= self.cap:
            return ()
        return (Problem("floor", f"the floor, {self.floor}, is above the cap, {self.cap}", "利率下限高于上限"),)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        when, when_chinese = _RESET_WORDS[self.reset]
        english = f"The balance earns {source_english(self.index)} a year, looked at again {when}"
        chinese = f"年利率为{source_chinese(self.index)}，{when_chinese}"
        if self.floor is not None:
            english, chinese = f"{english}, at least {format_rate(self.floor)}", f"{chinese}，不低于{self.floor}"
        if self.cap is not None:
            english, chinese = f"{english}, at most {format_rate(self.cap)}", f"{chinese}，不高于{self.cap}"
        return f"{english}.", f"{chinese}。"

    def _rate(self, book: RateBook, day: int) -> int:
        looked_at = day if self.reset is Reset.EACH_CHANGE else self._period(day)[0]
        rate = self.index.on(book, looked_at)
        if self.floor is not None:
            rate = max(rate, self.floor.units)
        return rate if self.cap is None else min(rate, self.cap.units)

    def _period(self, day: int) -> tuple[int, int]:
        """The first day of the reset period of a day, and that of the next."""
        date = date_from_days(day)
        match self.reset:
            case Reset.EACH_CHANGE:
                return day, day + 1
            case Reset.MONTHLY:
                length = 1
            case Reset.QUARTERLY:
                length = 3
            case Reset.YEARLY:
                length = 12
            case _:
                assert_never(self.reset)
        month = date.year * 12 + (date.month - 1) // length * length
        first, following = (dt.date(m // 12, m % 12 + 1, 1) for m in (month, month + length))
        return days_from_date(first), days_from_date(following)


class DatedRate(msgspec.Struct, frozen=True, kw_only=True):
    """A rate from a calendar date on."""

    effective: Annotated[dt.date, Parameter("the first day it holds", "起始日期")]
    rate: DepositRate


class Stepped(Interest, frozen=True, kw_only=True):
    """Rates stepped by calendar dates, as of a campaign."""

    name: ClassVar[str] = "interest.stepped"
    chinese: ClassVar[str] = "按日期分段的利率（活动期利率）"

    before: Annotated[RateSource, rate_parameter("the rate a year before the first step", "首个日期之前的年利率")]
    steps: Annotated[tuple[DatedRate, ...], Parameter("the steps, ascending by date", "各日期起的利率，按日期递增")]

    def regimes(self, book: RateBook, start: int, end: int, months: int, days: int) -> tuple[Regime, ...]:
        """See `Interest.regimes`."""
        firsts = [days_from_date(step.effective) for step in self.steps]
        sources = [self.before, *(step.rate for step in self.steps)]
        found: list[Regime] = []
        for source, first, last in zip(sources, [start, *firsts], [*firsts, end], strict=True):
            found += regimes_of([source], [0], book, max(first, start), min(last, end))
        return tuple(found)

    def problems(self) -> tuple[Problem, ...]:
        """See `Part.problems`."""
        return not_ascending("steps", [days_from_date(step.effective) for step in self.steps], "step", "日期")

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        english = "".join(f"; from {step.effective}: {source_english(step.rate)}" for step in self.steps)
        chinese = "".join(f"；{date_chinese(step.effective)}起：{source_chinese(step.rate)}" for step in self.steps)
        return (
            f"The balance earns {source_english(self.before)} a year{english}.",
            f"年利率{source_chinese(self.before)}{chinese}。",
        )


class HeldRate(msgspec.Struct, frozen=True, kw_only=True):
    """A rate for what was held at least so long."""

    held: Annotated[Period, Parameter("held at least", "存满期限", least=1)]
    rate: DepositRate


class AtWill(Interest, frozen=True, kw_only=True):
    """Term at will: what a deposit earns is known on the day it is drawn, by how long it was held."""

    name: ClassVar[str] = "interest.at_will"
    chinese: ClassVar[str] = "定活两便：按支取日实际存期确定利率"

    demand: Annotated[RateSource, rate_parameter("the rate a year of what was held for less", "存期不足时的年利率")]
    ladder: Annotated[
        tuple[HeldRate, ...], Parameter("the rates by time held, ascending", "按存满期限的利率，由短到长")
    ]
    share: Annotated[
        int, Parameter("percent of the ladder's rates that counts", "打折比例（%）", least=1, most=100)
    ] = 60

    def regimes(self, book: RateBook, start: int, end: int, months: int, days: int) -> tuple[Regime, ...]:
        """The demand rate, as the prudent accrual until the day of drawing; see `rate_of_drawn` for what is paid."""
        return regimes_of([self.demand], [0], book, start, end)

    def rate_of_drawn(self, book: RateBook, date: int, start: Int32Column) -> Int64Column:
        """What is drawn on a date earns for all its days, int64[n] of 1e-8, by what was held since `start`, int32[n].

        The rates are those posted on the day of drawing; a share of a rate is rounded down.
        """
        rates = np.full(len(start), self.demand.on(book, date), np.int64)
        for rung in self.ladder:
            reached = add_months_many(start, rung.held.months) + np.int32(rung.held.days) <= date
            rates[reached] = rung.rate.on(book, date) * self.share // 100
        return rates

    def problems(self) -> tuple[Problem, ...]:
        """See `Part.problems`."""
        # A month is at least 28 days; rungs of months and of days are compared by that.
        held = [one.held.months * 28 + one.held.days for one in self.ladder]
        return not_ascending("ladder", held, "rung", "期限档次")

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        english = "; ".join(f"{one.held}: {source_english(one.rate)}" for one in self.ladder)
        chinese = "；".join(f"满{one.held.chinese}：{source_chinese(one.rate)}" for one in self.ladder)
        first, first_chinese = (self.ladder[0].held, self.ladder[0].held.chinese) if self.ladder else ("", "")
        return (
            f"Held for less than {first} the deposit earns {source_english(self.demand)} a year; "
            f"held longer {self.share}% of the rate for the time held ({english}), as posted on the day of drawing.",
            f"存期不满{first_chinese}按{source_chinese(self.demand)}计息；存满者按支取日相应利率的{self.share}%计息（{chinese}）。",
        )
