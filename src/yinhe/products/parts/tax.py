"""What is withheld from interest for the tax office."""

import datetime as dt
from typing import Annotated, ClassVar

import msgspec
import numpy as np

from yinhe.kernel.dates import days_from_date
from yinhe.kernel.rates import RATE_ONE, Rate
from yinhe.products.parts.base import BoolColumn, Int64Column, Kind, Parameter, Part, Problem
from yinhe.products.parts.fee import share_of
from yinhe.products.parts.words import date_chinese, not_ascending


class Tax(Part, frozen=True, kw_only=True):
    """The base of tax parts."""

    kind: ClassVar[Kind] = Kind.TAX
    effect: ClassVar[str] = "debit the customer, credit taxes payable, with each settlement"

    def withhold(self, interest: Int64Column, is_company: BoolColumn, date: int) -> Int64Column:
        """What is withheld of interest that accrued on a date, int64[n] of minor units, between 0 and the interest."""
        raise NotImplementedError

    def changes(self, start: int, end: int) -> tuple[int, ...]:
        """The days after `start` and before `end` on which the tax changes: interest is split there, ascending."""
        raise NotImplementedError


class NoTax(Tax, frozen=True, kw_only=True):
    """Nothing is withheld."""

    name: ClassVar[str] = "tax.none"
    chinese: ClassVar[str] = "不代扣利息税"
    effect: ClassVar[str] = "none"

    def withhold(self, interest: Int64Column, is_company: BoolColumn, date: int) -> Int64Column:
        """See `Tax.withhold`."""
        return np.zeros(len(interest), np.int64)

    def changes(self, start: int, end: int) -> tuple[int, ...]:
        """See `Tax.changes`."""
        return ()


class TaxStep(msgspec.Struct, frozen=True, kw_only=True):
    """The rate of tax from a date on."""

    effective: Annotated[dt.date, Parameter("the first day it holds", "起始日期")]
    rate: Annotated[Rate, Parameter("the share of the interest", "税率", least=0, most=RATE_ONE)]


class Withholding(Tax, frozen=True, kw_only=True):
    """Tax on interest by dated rates: 20 % since 1999-11-01, 5 % since 2007-08-15, 0 % since 2008-10-09 in China."""

    name: ClassVar[str] = "tax.withholding"
    chinese: ClassVar[str] = "分段代扣利息税（2008年10月9日起暂免征收）"

    steps: Annotated[tuple[TaxStep, ...], Parameter("the rates, ascending by date", "各日期起的税率，按日期递增")] = (
        TaxStep(effective=dt.date(1999, 11, 1), rate=Rate(20_000_000)),
        TaxStep(effective=dt.date(2007, 8, 15), rate=Rate(5_000_000)),
        TaxStep(effective=dt.date(2008, 10, 9), rate=Rate(0)),
    )
    persons_only: Annotated[bool, Parameter("whether companies' interest is left out", "仅对个人代扣")] = True

    def withhold(self, interest: Int64Column, is_company: BoolColumn, date: int) -> Int64Column:
        """See `Tax.withhold`; rounded half up, and none before the first date."""
        rate = 0
        for step in self.steps:
            if days_from_date(step.effective) <= date:
                rate = step.rate.units
        tax = share_of(np.maximum(interest, 0), rate)
        return np.where(is_company, 0, tax).astype(np.int64) if self.persons_only else tax

    def changes(self, start: int, end: int) -> tuple[int, ...]:
        """See `Tax.changes`."""
        days = (days_from_date(step.effective) for step in self.steps)
        return tuple(day for day in days if start < day < end)

    def problems(self) -> tuple[Problem, ...]:
        """See `Part.problems`."""
        return not_ascending("steps", [days_from_date(step.effective) for step in self.steps], "step", "日期")

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        if not self.steps:
            return "", ""
        last = self.steps[-1]
        return (
            f"Tax on interest is withheld as the law says; since {last.effective} it is {last.rate}.",
            f"利息税依法代扣，自{date_chinese(last.effective)}起税率为{last.rate}。",
        )
