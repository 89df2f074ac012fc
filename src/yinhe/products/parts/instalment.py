"""Deposits in instalments: saved monthly, drawn monthly, or with the interest drawn monthly."""

from typing import Annotated, ClassVar

import numpy as np

from yinhe.kernel.dates import months_and_days_many
from yinhe.kernel.interest import accrue_many, remainder_base
from yinhe.kernel.rounding import Rounding, round_quotient_many
from yinhe.products.parts.base import BoolColumn, Int32Column, Int64Column, Kind, Parameter, Part
from yinhe.products.parts.interest import rate_parameter
from yinhe.products.parts.words import source_chinese, source_english
from yinhe.products.rates import RateSource

_MONTH_DAYS = 30
_YEAR_DAYS = 360


class Instalment(Part, frozen=True, kw_only=True):
    """The base of instalment parts: how many, when, and how much.

    Instalments are numbered from 1. Amounts are signed: above zero the customer pays in, below zero the bank pays out.
    """

    kind: ClassVar[Kind] = Kind.INSTALMENT

    every: Annotated[int, Parameter("months between two instalments", "间隔月数", least=1, most=12)] = 1

    def count(self, months: Int32Column) -> Int64Column:
        """How many instalments a term of months has, int64[n]."""
        return months.astype(np.int64) // self.every

    def done(self, date: int, start: Int32Column, months: Int32Column) -> Int64Column:
        """How many instalments fall due from `start` to `date`, that day included; int64[n]."""
        raise NotImplementedError

    def is_due(self, date: int, start: Int32Column, months: Int32Column) -> BoolColumn:
        """Whether an instalment falls due on a date, bool[n]; its number is `done`."""
        return self.done(date, start, months) > self.done(date - 1, start, months)

    def amount(
        self, number: Int64Column, months: Int32Column, principal: Int64Column, rate: Int64Column
    ) -> Int64Column:
        """The amount of an instalment, int64[n] of signed minor units.

        `principal` is what was agreed: an instalment's amount for saving, the whole for drawing; `rate` in 1e-8 a year.
        """
        raise NotImplementedError

    def _elapsed(self, date: int, start: Int32Column) -> Int64Column:
        """Full intervals from start to a date, counted date to date; -1 before the start."""
        until = np.full(len(start), date, np.int32)
        months, _ = months_and_days_many(start, np.maximum(until, start))
        return np.where(until < start, -1, months // self.every).astype(np.int64)


class SaveMonthly(Instalment, frozen=True, kw_only=True):
    """Save a fixed amount each month, draw all at the end; the first instalment opens the deposit."""

    name: ClassVar[str] = "instalment.save_monthly"
    chinese: ClassVar[str] = "零存整取：每月存入固定金额，到期一次支取"
    effect: ClassVar[str] = "debit the linked account, credit the deposit, each month"

    broken: Annotated[
        RateSource,
        rate_parameter("the rate a year of what is paid in after too many are missed", "漏存超限后存入部分的年利率"),
    ]
    missed_most: Annotated[
        int,
        Parameter("instalments that may be missed and made up later", "可补存的漏存次数", least=0, most=12),
    ] = 1

    def done(self, date: int, start: Int32Column, months: Int32Column) -> Int64Column:
        """See `Instalment.done`."""
        return np.minimum(self._elapsed(date, start) + 1, self.count(months))

    def amount(
        self, number: Int64Column, months: Int32Column, principal: Int64Column, rate: Int64Column
    ) -> Int64Column:
        """See `Instalment.amount`: the agreed amount."""
        return np.where((number >= 1) & (number <= self.count(months)), principal, 0).astype(np.int64)

    def ends(self, date: int, start: Int32Column, months: Int32Column) -> BoolColumn:
        """Whether the interval of an instalment ends with a date, bool[n]: the next one begins the day after."""
        begun = self.done(date, start, months) > 0
        return begun & (self._elapsed(date + 1, start) > self._elapsed(date, start))

    def lacking(self, date: int, start: Int32Column, months: Int32Column, paid: Int64Column) -> Int64Column:
        """How many of the instalments due by a date are not there, int64[n]; `paid` is how many were paid in."""
        return np.maximum(self.done(date, start, months) - paid, 0)

    def breaks(self, lacking: Int64Column, missed: Int64Column) -> BoolColumn:
        """Whether a plan is broken at the end of an interval, bool[n].

        `lacking` instalments are not there, and `missed` intervals, this one included, have ended like that. What is
        paid fills the oldest gap first, so that two lacking are one that was not made good in the interval after its
        own.
        """
        return (lacking > 1) | (missed > self.missed_most)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        every = "each month" if self.every == 1 else f"every {self.every} months"
        every_chinese = "每月" if self.every == 1 else f"每{self.every}个月"
        return (
            f"A fixed amount is paid in {every} and all is drawn at maturity. At most {self.missed_most} missed "
            f"may be made up in the next month; else what is paid in later earns {source_english(self.broken)} a year.",
            f"{every_chinese}存入固定金额，到期一次支取本息。"
            f"漏存可于次月补存，最多{self.missed_most}次；否则其后存入部分按{source_chinese(self.broken)}计息。",
        )


class DrawMonthly(Instalment, frozen=True, kw_only=True):
    """Deposit once, draw the principal in equal parts; interest is paid at the end."""

    name: ClassVar[str] = "instalment.draw_monthly"
    chinese: ClassVar[str] = "整存零取：一次存入本金，分次等额支取"
    effect: ClassVar[str] = "debit the deposit, credit the linked account, each time"

    def done(self, date: int, start: Int32Column, months: Int32Column) -> Int64Column:
        """See `Instalment.done`."""
        return np.clip(self._elapsed(date, start), 0, self.count(months))

    def amount(
        self, number: Int64Column, months: Int32Column, principal: Int64Column, rate: Int64Column
    ) -> Int64Column:
        """See `Instalment.amount`: equal parts rounded down, the last takes the rest."""
        count = self.count(months)
        return -_shared(number, count, principal, principal // np.maximum(count, 1))

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        every = "month" if self.every == 1 else f"{self.every} months"
        return (
            f"The principal is paid out in equal parts every {every}, the last with the rest. The interest is paid at "
            "maturity.",
            f"本金每{'月' if self.every == 1 else f'{self.every}个月'}等额支取一次，利息于期满结清时支付。",
        )


class InterestMonthly(Instalment, frozen=True, kw_only=True):
    """Deposit once, draw the interest of the agreed rate in equal parts; the principal at the end."""

    name: ClassVar[str] = "instalment.interest_monthly"
    chinese: ClassVar[str] = "存本取息：一次存入本金，分次支取利息，到期支取本金"
    effect: ClassVar[str] = "debit interest payable, credit the linked account, each time"

    def done(self, date: int, start: Int32Column, months: Int32Column) -> Int64Column:
        """See `Instalment.done`."""
        return np.clip(self._elapsed(date, start), 0, self.count(months))

    def amount(
        self, number: Int64Column, months: Int32Column, principal: Int64Column, rate: Int64Column
    ) -> Int64Column:
        """See `Instalment.amount`: equal parts of the whole term's interest, the last with the rest."""
        count = self.count(months)
        zero = np.zeros(len(principal), np.int64)
        whole, remainder = accrue_many(principal, rate, _MONTH_DAYS * self.every * count, _YEAR_DAYS, zero, zero)
        total = round_quotient_many(whole, remainder, remainder_base(_YEAR_DAYS), Rounding.HALF_UP)
        return -_shared(number, count, total, total // np.maximum(count, 1))

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        every = "month" if self.every == 1 else f"{self.every} months"
        return (
            f"Interest is paid out in equal parts every {every}; the principal is paid at maturity. "
            "From principal drawn before, interest paid above what is then due is taken back.",
            f"每{'月' if self.every == 1 else f'{self.every}个月'}支取一次利息，到期支取本金。"
            "提前支取的，多付利息从本金中扣回。",
        )


def _shared(number: Int64Column, count: Int64Column, total: Int64Column, each: Int64Column) -> Int64Column:
    """One of `count` parts of a total: `each`, and for the last what is left; nothing outside 1 to `count`."""
    last = total - each * (count - 1)
    within = (number >= 1) & (number <= count)
    return np.where(within, np.where(number == count, last, each), 0).astype(np.int64)
