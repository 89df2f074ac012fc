"""How long a deposit runs."""

import datetime as dt
from typing import Annotated, ClassVar

import numpy as np

from yinhe.kernel.dates import add_months_many, days_from_date
from yinhe.products.parts.base import BoolColumn, Int32Column, Kind, Parameter, Part, Problem
from yinhe.products.parts.words import date_chinese, list_english, not_distinct
from yinhe.products.period import DAYS_MAX, MONTHS_MAX, Period


class TermPart(Part, frozen=True, kw_only=True):
    """The base of term parts: which terms are offered, and when a deposit matures."""

    kind: ClassVar[Kind] = Kind.TERM

    def maturity(self, start: Int32Column, months: Int32Column, days: Int32Column) -> Int32Column:
        """The day of maturity, int32[n], 0 for none; `start`, and the term agreed, are int32[n] each."""
        raise NotImplementedError

    def offers(self, start: Int32Column, months: Int32Column, days: Int32Column) -> BoolColumn:
        """Whether the term is offered to who starts on that day, bool[n]; all int32[n]."""
        raise NotImplementedError


def date_to_date(start: Int32Column, months: Int32Column, days: Int32Column) -> Int32Column:
    """The end of terms counted date to date, int32[n]; 0 for no term."""
    ends = add_months_many(start, months.astype(np.int64)) + days
    return np.where((months > 0) | (days > 0), ends, 0).astype(np.int32)


class OpenEnded(TermPart, frozen=True, kw_only=True):
    """No term: the deposit runs until it is closed."""

    name: ClassVar[str] = "term.open_ended"
    chinese: ClassVar[str] = "无固定期限"

    def maturity(self, start: Int32Column, months: Int32Column, days: Int32Column) -> Int32Column:
        """See `TermPart.maturity`: none."""
        return np.zeros(len(start), np.int32)

    def offers(self, start: Int32Column, months: Int32Column, days: Int32Column) -> BoolColumn:
        """See `TermPart.offers`: only no term."""
        return (months == 0) & (days == 0)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return "The deposit has no term.", "存款无固定期限。"


class TermAtWill(OpenEnded, frozen=True, kw_only=True):
    """Term at will: no term is agreed; how long it was held decides the rate when it is drawn."""

    name: ClassVar[str] = "term.at_will"
    chinese: ClassVar[str] = "存期不限，随时可取，按实际存期计息"

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return "No term is agreed; the deposit may be drawn at any time.", "不约定存期，可随时支取。"


class Fixed(TermPart, frozen=True, kw_only=True):
    """One of some terms, counted date to date."""

    name: ClassVar[str] = "term.fixed"
    chinese: ClassVar[str] = "固定存期，对年对月对日"

    offered: Annotated[tuple[Period, ...], Parameter("the terms offered", "可选存期")]

    def maturity(self, start: Int32Column, months: Int32Column, days: Int32Column) -> Int32Column:
        """See `TermPart.maturity`."""
        return date_to_date(start, months, days)

    def offers(self, start: Int32Column, months: Int32Column, days: Int32Column) -> BoolColumn:
        """See `TermPart.offers`."""
        found = np.zeros(len(start), np.bool_)
        for period in self.offered:
            found |= (months == period.months) & (days == period.days)
        return found

    def problems(self) -> tuple[Problem, ...]:
        """See `Part.problems`."""
        return not_distinct("offered", self.offered, "term", "存期")

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        english = list_english([str(period) for period in self.offered])
        return f"Terms: {english}.", f"存期：{'、'.join(period.chinese for period in self.offered)}。"


class AnyDays(TermPart, frozen=True, kw_only=True):
    """Any whole number of days between a least and a most."""

    name: ClassVar[str] = "term.any_days"
    chinese: ClassVar[str] = "约定天数的存期"

    least: Annotated[int, Parameter("the fewest days", "最短天数", least=1, most=DAYS_MAX)]
    most: Annotated[int, Parameter("the most days", "最长天数", least=1, most=DAYS_MAX)]

    def maturity(self, start: Int32Column, months: Int32Column, days: Int32Column) -> Int32Column:
        """See `TermPart.maturity`."""
        return date_to_date(start, months, days)

    def offers(self, start: Int32Column, months: Int32Column, days: Int32Column) -> BoolColumn:
        """See `TermPart.offers`."""
        return (months == 0) & (days >= self.least) & (days <= self.most)

    def problems(self) -> tuple[Problem, ...]:
        """See `Part.problems`."""
        return () if self.least <= self.most else (reversed_bounds("least", self.least, self.most),)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return f"Any term of {self.least} to {self.most} days.", f"存期{self.least}至{self.most}天，由客户约定。"


class AnyMonths(TermPart, frozen=True, kw_only=True):
    """Any whole number of months between a least and a most, counted date to date."""

    name: ClassVar[str] = "term.any_months"
    chinese: ClassVar[str] = "约定月数的存期，对年对月对日"

    least: Annotated[int, Parameter("the fewest months", "最短月数", least=1, most=MONTHS_MAX)]
    most: Annotated[int, Parameter("the most months", "最长月数", least=1, most=MONTHS_MAX)]

    def maturity(self, start: Int32Column, months: Int32Column, days: Int32Column) -> Int32Column:
        """See `TermPart.maturity`."""
        return date_to_date(start, months, days)

    def offers(self, start: Int32Column, months: Int32Column, days: Int32Column) -> BoolColumn:
        """See `TermPart.offers`."""
        return (days == 0) & (months >= self.least) & (months <= self.most)

    def problems(self) -> tuple[Problem, ...]:
        """See `Part.problems`."""
        return () if self.least <= self.most else (reversed_bounds("least", self.least, self.most),)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return f"Any term of {self.least} to {self.most} months.", f"存期{self.least}至{self.most}个月，由客户约定。"


class ToDate(TermPart, frozen=True, kw_only=True):
    """Every deposit matures on the same calendar date, whenever it started before it."""

    name: ClassVar[str] = "term.to_date"
    chinese: ClassVar[str] = "统一到期日"

    date: Annotated[dt.date, Parameter("the day of maturity", "到期日")]

    def maturity(self, start: Int32Column, months: Int32Column, days: Int32Column) -> Int32Column:
        """See `TermPart.maturity`; none for who starts on the date or after it."""
        day = days_from_date(self.date)
        return np.where(start < day, day, 0).astype(np.int32)

    def offers(self, start: Int32Column, months: Int32Column, days: Int32Column) -> BoolColumn:
        """See `TermPart.offers`: no term of one's own, and a start before the date."""
        return (months == 0) & (days == 0) & (start < days_from_date(self.date))

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return f"The deposit matures on {self.date}.", f"存款于{date_chinese(self.date)}到期。"


def reversed_bounds(parameter: str, least: int, most: int) -> Problem:
    """That a least is above its most."""
    return Problem(parameter, f"the least, {least}, is above the most, {most}", "下限高于上限")
