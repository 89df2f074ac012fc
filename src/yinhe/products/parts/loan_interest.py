"""What a loan costs: its rate on any day, when it is priced anew, and how interest is counted.

The night asks for rates of many contracts on one day; a schedule asks from one repricing to the next.
"""

import datetime as dt
from enum import Enum, unique
from typing import Annotated, ClassVar, assert_never

import msgspec
import numpy as np

from yinhe.kernel.dates import add_months_many, date_from_days, days_from_date, months_and_days_many
from yinhe.kernel.daycount import DayCount, basis_days
from yinhe.kernel.interest import remainder_base
from yinhe.kernel.rates import RATE_ONE, Rate
from yinhe.kernel.rounding import Rounding, divide_round_many
from yinhe.products.accrual import accrue_since
from yinhe.products.parts.base import Int32Column, Int64Column, Kind, Parameter, Part, Problem
from yinhe.products.parts.loan_words import index_chinese, index_english
from yinhe.products.parts.words import date_chinese, not_ascending, source_chinese, source_english
from yinhe.products.rates import RateBook, RateSource

LOAN_RATE_MAX = 24_000_000
"""24 %: what a court enforces at most of a bank's loan, with penalty, compound interest and fees together."""

FOREVER = days_from_date(dt.date(9999, 12, 31))


def loan_rate(english: str, chinese: str) -> Parameter:
    """A yearly rate of a loan: zero to `LOAN_RATE_MAX`."""
    return Parameter(english, chinese, least=0, most=LOAN_RATE_MAX)


class LoanInterest(Part, frozen=True, kw_only=True):
    """The base of loan-interest parts."""

    kind: ClassVar[Kind] = Kind.LOAN_INTEREST
    effect: ClassVar[str] = "debit interest receivable, credit interest income, every night"
    on_original: ClassVar[bool] = False
    """Whether interest counts on what was lent, however much of it was repaid; else on what is owed."""

    basis: Annotated[DayCount, Parameter("how days and years are counted", "计息基准")] = DayCount.ACT_360
    rounding: Annotated[Rounding, Parameter("how interest due is rounded to the minor unit", "应还利息舍入方式")] = (
        Rounding.HALF_UP
    )
    begins: Annotated[
        dt.date | None,
        Parameter(
            "interest counts from this day where it is later than the disbursement", "起息日（晚于放款日时适用）"
        ),
    ] = None

    def begin(self, disbursed: Int32Column) -> Int32Column:
        """From when interest counts of what was disbursed on days, int32[n]."""
        first = np.int32(-(2**31) if self.begins is None else days_from_date(self.begins))
        return np.maximum(disbursed, first)

    def rate(self, book: RateBook, date: int, start: Int32Column, margin: Int64Column) -> Int64Column:
        """The yearly rates (1e-8) on a date of loans disbursed on `start` (int32[n]), int64[n]; before it those of it.

        `margin` (int64[n], 1e-8) is what each contract agreed on top; the sum stays between 0 and `LOAN_RATE_MAX`.
        Raises RateMissing.
        """
        raise NotImplementedError

    def next_repricing(self, book: RateBook, date: int, start: Int32Column) -> Int32Column:
        """The first day after a date, and after `start`, on which the rate is set anew, int32[n]; 0 for never."""
        raise NotImplementedError

    def interest(
        self, principal: Int64Column, rate: Int64Column, start: Int32Column, end: Int32Column
    ) -> tuple[Int64Column, Int64Column]:
        """The interest of principals from start to end as (whole, remainder over `base`); see `accrual.accrue_since`.

        `principal` (int64[n], minor units, above zero) is what is owed, or was lent where interest is `on_original`.
        """
        return accrue_since(self.basis, basis_days(self.basis), principal, rate, start, end)

    @property
    def base(self) -> int:
        """D, the parts of a minor unit a remainder counts."""
        return remainder_base(basis_days(self.basis))

    def problems(self) -> tuple[Problem, ...]:
        """See `Part.problems`."""
        if self.basis is not DayCount.ACT_ACT_ISDA:
            return ()
        return (Problem("basis", "ACT/ACT-ISDA has no one length of the year", "ACT/ACT-ISDA没有固定的年天数"),)

    def _counted(self) -> tuple[str, str]:
        """How days are counted, as the end of a text."""
        match self.basis:
            case DayCount.ACT_360 | DayCount.ACT_365F:
                year = basis_days(self.basis)
                english, chinese = (
                    f"by day, a day's rate being the yearly rate over {year}",
                    f"按日计息，日利率＝年利率÷{year}",
                )
            case DayCount.CN_MONTHS_DAYS:
                english = "by month, a month being a twelfth of a year, and odd days at the yearly rate over 360"
                chinese = "按月计息，月利率＝年利率÷12，零头天数按年利率÷360"
            case _:
                english, chinese = f"by {self.basis.value}", f"按{self.basis.value}计息"
        since, since_chinese = "the day it is drawn", "提款日"
        if self.begins is not None:
            since = f"the day it is drawn, or from {self.begins} where that is later"
            since_chinese = f"提款日（早于{date_chinese(self.begins)}的，自该日）"
        return f"Interest counts from {since}, {english}.", f"利息自{since_chinese}起{chinese}。"


def _clipped(
    rates: Int64Column, margin: Int64Column, floor: Rate | None = None, cap: Rate | None = None
) -> Int64Column:
    least = 0 if floor is None else floor.units
    most = LOAN_RATE_MAX if cap is None else cap.units
    return np.clip(np.clip(rates + margin, least, most), 0, LOAN_RATE_MAX).astype(np.int64)


def on_days(source: RateSource, book: RateBook, days: Int32Column) -> Int64Column:
    """The rates of a source on days, int64[n] of 1e-8. Raises RateMissing."""
    distinct, which = np.unique(days, return_inverse=True)
    return np.array([source.on(book, day) for day in distinct.tolist()], np.int64)[which.ravel()]


class FixedRate(LoanInterest, frozen=True, kw_only=True):
    """The rate of the day of disbursement, to the end."""

    name: ClassVar[str] = "loan_interest.fixed"
    chinese: ClassVar[str] = "固定利率：以放款日利率为准，期内不变"

    yearly: Annotated[RateSource, loan_rate("the rate a year", "年利率")]

    def rate(self, book: RateBook, date: int, start: Int32Column, margin: Int64Column) -> Int64Column:
        """See `LoanInterest.rate`."""
        return _clipped(on_days(self.yearly, book, start), margin)

    def next_repricing(self, book: RateBook, date: int, start: Int32Column) -> Int32Column:
        """See `LoanInterest.next_repricing`: never."""
        return np.zeros(len(start), np.int32)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        counted, counted_chinese = self._counted()
        english, chinese = index_english(self.yearly), index_chinese(self.yearly)
        if not self.yearly.table:
            return f"The rate is {english} a year. {counted}", f"年利率{chinese}。{counted_chinese}"
        return (
            f"The rate is {english} a year as of the day it is drawn, and stays. {counted}",
            f"固定利率，年利率为提款日{chinese}，期内不变。{counted_chinese}",
        )


@unique
class Repricing(Enum):
    """When a loan looks at its index again."""

    JANUARY = "january"
    """Each 1 January."""
    ANNIVERSARY = "anniversary"
    """Each year on the day of disbursement."""
    QUARTER = "quarter"
    """On the first of January, April, July and October."""
    CHANGE = "change"
    """On every day the index changes."""


_REPRICING_WORDS = {
    Repricing.JANUARY: ("each 1 January", "每年1月1日重定价"),
    Repricing.ANNIVERSARY: ("each year on the day of disbursement", "每年放款对应日重定价"),
    Repricing.QUARTER: ("on the first day of each quarter", "每季首日重定价"),
    Repricing.CHANGE: ("whenever the index changes", "随基准利率变动即时调整"),
}


class IndexedRate(LoanInterest, frozen=True, kw_only=True):
    """An index such as LPR with basis points on it or off it, looked at again at set times."""

    name: ClassVar[str] = "loan_interest.indexed"
    chinese: ClassVar[str] = "浮动利率：LPR加减基点，按约定周期重定价"

    index: Annotated[RateSource, loan_rate("the index and the basis points on it", "基准利率及加减点")]
    repricing: Annotated[Repricing, Parameter("when it looks at the index again", "重定价方式")] = Repricing.JANUARY
    floor: Annotated[Rate | None, Parameter("the least it can be", "利率下限", least=0, most=LOAN_RATE_MAX)] = None
    cap: Annotated[Rate | None, Parameter("the most it can be", "利率上限", least=0, most=LOAN_RATE_MAX)] = None

    def rate(self, book: RateBook, date: int, start: Int32Column, margin: Int64Column) -> Int64Column:
        """See `LoanInterest.rate`: of the last repricing on or before the date."""
        return _clipped(on_days(self.index, book, self.repriced(date, start)), margin, self.floor, self.cap)

    def repriced(self, date: int, start: Int32Column) -> Int32Column:
        """The day whose index counts on a date, int32[n]: the last repricing, or the day of disbursement."""
        match self.repricing:
            case Repricing.CHANGE:
                last = np.full(len(start), date, np.int32)
            case Repricing.JANUARY | Repricing.QUARTER:
                last = np.full(len(start), self._first_of_period(date), np.int32)
            case Repricing.ANNIVERSARY:
                until = np.maximum(start, np.int32(date))
                months, _ = months_and_days_many(start, until)
                last = add_months_many(start, months // 12 * 12)
            case _:
                assert_never(self.repricing)
        return np.maximum(last, start)

    def next_repricing(self, book: RateBook, date: int, start: Int32Column) -> Int32Column:
        """See `LoanInterest.next_repricing`."""
        after = np.maximum(start, np.int32(date))
        match self.repricing:
            case Repricing.CHANGE:
                changes = np.array([*self.index.changes(book, int(after.min(initial=date)), FOREVER), 0], np.int32)
                # The last entry stands for never, behind every change there is.
                return changes[np.searchsorted(changes[:-1], after, side="right")]
            case Repricing.JANUARY | Repricing.QUARTER:
                distinct, which = np.unique(after, return_inverse=True)
                return np.array([self._next_of_period(day) for day in distinct.tolist()], np.int32)[which.ravel()]
            case Repricing.ANNIVERSARY:
                months, _ = months_and_days_many(start, after)
                return add_months_many(start, (months // 12 + 1) * 12)
            case _:
                assert_never(self.repricing)

    def _period(self) -> int:
        return 3 if self.repricing is Repricing.QUARTER else 12

    def _first_of_period(self, day: int) -> int:
        date = date_from_days(day)
        return days_from_date(dt.date(date.year, (date.month - 1) // self._period() * self._period() + 1, 1))

    def _next_of_period(self, day: int) -> int:
        first = np.array([self._first_of_period(day)], np.int32)
        return int(add_months_many(first, self._period())[0])

    def problems(self) -> tuple[Problem, ...]:
        """See `Part.problems`."""
        found = super().problems()
        if self.floor is not None and self.cap is not None and self.floor > self.cap:
            english = f"the floor, {self.floor}, is above the cap, {self.cap}"
            found = (*found, Problem("floor", english, "利率下限高于上限"))
        return found

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        when, when_chinese = _REPRICING_WORDS[self.repricing]
        english = f"The rate is {index_english(self.index)} a year, set anew {when}"
        chinese = f"浮动利率，年利率为{index_chinese(self.index)}，{when_chinese}"
        if self.floor is not None:
            english, chinese = f"{english}, at least {self.floor}", f"{chinese}，不低于{self.floor}"
        if self.cap is not None:
            english, chinese = f"{english}, at most {self.cap}", f"{chinese}，不高于{self.cap}"
        counted, counted_chinese = self._counted()
        return f"{english}. {counted}", f"{chinese}。{counted_chinese}"


class FlatRate(LoanInterest, frozen=True, kw_only=True):
    """A rate on what was lent, in every instalment the same, however much was repaid."""

    name: ClassVar[str] = "loan_interest.flat"
    chinese: ClassVar[str] = "等本等息：按初始本金计息，各期利息相同"
    on_original: ClassVar[bool] = True

    basis: Annotated[DayCount, Parameter("how days and years are counted", "计息基准")] = DayCount.CN_MONTHS_DAYS
    yearly: Annotated[RateSource, loan_rate("the rate a year of what was lent", "按初始本金的年利率")]

    def rate(self, book: RateBook, date: int, start: Int32Column, margin: Int64Column) -> Int64Column:
        """See `LoanInterest.rate`."""
        return _clipped(on_days(self.yearly, book, start), margin)

    def next_repricing(self, book: RateBook, date: int, start: Int32Column) -> Int32Column:
        """See `LoanInterest.next_repricing`: never."""
        return np.zeros(len(start), np.int32)

    def each(self, principal: Int64Column, rate: Int64Column, every: int) -> Int64Column:
        """The interest of each instalment, months `every` apart, int64[n] of minor units, rounded as the part says."""
        # By whole units of the scale and rest, so that each product fits int64.
        scale = RATE_ONE * 12
        whole = principal // scale
        yearly = rate * every
        return whole * yearly + divide_round_many((principal - whole * scale) * yearly, scale, self.rounding)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        counted, counted_chinese = self._counted()
        return (
            f"The rate is {source_english(self.yearly)} a year of the amount lent, however much of it was repaid, so "
            f"that it costs more than this rate on what is owed. {counted}",
            f"按初始贷款本金计息，年利率{source_chinese(self.yearly)}，各期利息相同；"
            f"按剩余本金折算的实际年利率高于该利率。{counted_chinese}",
        )


class MonthStep(msgspec.Struct, frozen=True, kw_only=True):
    """A rate from some month of the loan on."""

    month: Annotated[int, Parameter("months after the disbursement", "放款后月数", least=0, most=600)]
    yearly: Annotated[RateSource, loan_rate("the rate a year from then on", "此后的年利率")]


class SteppedRate(LoanInterest, frozen=True, kw_only=True):
    """Rates that step by the months since the disbursement, as a low first year."""

    name: ClassVar[str] = "loan_interest.stepped"
    chinese: ClassVar[str] = "分段利率：按放款后月数分段"

    steps: Annotated[
        tuple[MonthStep, ...], Parameter("the steps, ascending, the first at 0 months", "各段利率，从0个月起递增")
    ]

    def rate(self, book: RateBook, date: int, start: Int32Column, margin: Int64Column) -> Int64Column:
        """See `LoanInterest.rate`: of the step reached, as posted on its first day."""
        found = np.zeros(len(start), np.int64)
        for step in self.steps:
            first = add_months_many(start, step.month)
            reached = (first <= date) | (step.month == 0)
            found[reached] = on_days(step.yearly, book, first[reached])
        return _clipped(found, margin)

    def next_repricing(self, book: RateBook, date: int, start: Int32Column) -> Int32Column:
        """See `LoanInterest.next_repricing`: the first day of the next step."""
        found = np.zeros(len(start), np.int32)
        for step in reversed(self.steps[1:]):
            first = add_months_many(start, step.month)
            found = np.where(first > date, first, found).astype(np.int32)
        return found

    def problems(self) -> tuple[Problem, ...]:
        """See `Part.problems`."""
        months = [step.month for step in self.steps]
        found = (*super().problems(), *not_ascending("steps", months, "step", "分段"))
        if months and months[0] != 0:
            found = (Problem("steps", "nothing is said of the months before the first step", "首段之前无利率"), *found)
        return found

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        english = "; ".join(f"from month {step.month + 1}: {index_english(step.yearly)}" for step in self.steps)
        chinese = "；".join(f"第{step.month + 1}个月起：{index_chinese(step.yearly)}" for step in self.steps)
        counted, counted_chinese = self._counted()
        return (
            f"The yearly rate depends on how long the loan has run: {english}. {counted}",
            f"年利率按放款后月数分段：{chinese}。{counted_chinese}",
        )
