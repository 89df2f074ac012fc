"""Who may open a contract, where, and when."""

import datetime as dt
from typing import Annotated, ClassVar

import numpy as np

from yinhe.kernel.dates import days_from_date
from yinhe.products.parts.base import BoolColumn, Channel, Facts, Int64Column, Kind, Parameter, Part, Problem
from yinhe.products.parts.pricing import CHANNEL_WORDS
from yinhe.products.parts.refusals import PartRefusal
from yinhe.products.parts.words import date_chinese, not_distinct


class Eligibility(Part, frozen=True, kw_only=True):
    """The base of eligibility parts; all of a product's must agree."""

    kind: ClassVar[Kind] = Kind.ELIGIBILITY

    def refuse(self, facts: Facts) -> Int64Column:
        """Why a contract may not be opened, int64[n] of `PartRefusal`, 0 where it may."""
        raise NotImplementedError


def _unless(eligible: BoolColumn, refusal: PartRefusal) -> Int64Column:
    return np.where(eligible, PartRefusal.NONE, refusal).astype(np.int64)


class PersonsOnly(Eligibility, frozen=True, kw_only=True):
    """Persons only."""

    name: ClassVar[str] = "eligibility.persons"
    chinese: ClassVar[str] = "仅限个人客户"

    def refuse(self, facts: Facts) -> Int64Column:
        """See `Eligibility.refuse`."""
        return _unless(~facts.is_company, PartRefusal.PERSONS_ONLY)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return "For persons only.", "仅限个人客户办理。"


class CompaniesOnly(Eligibility, frozen=True, kw_only=True):
    """Companies only."""

    name: ClassVar[str] = "eligibility.companies"
    chinese: ClassVar[str] = "仅限单位客户"

    def refuse(self, facts: Facts) -> Int64Column:
        """See `Eligibility.refuse`."""
        return _unless(facts.is_company, PartRefusal.COMPANIES_ONLY)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return "For companies only.", "仅限单位客户办理。"


class CustomerTier(Eligibility, frozen=True, kw_only=True):
    """Customers of a tier and above."""

    name: ClassVar[str] = "eligibility.customer_tier"
    chinese: ClassVar[str] = "仅限一定等级以上的客户"

    least: Annotated[int, Parameter("the lowest tier", "最低客户等级", least=1, most=99)]

    def refuse(self, facts: Facts) -> Int64Column:
        """See `Eligibility.refuse`."""
        return _unless(facts.tier >= self.least, PartRefusal.CUSTOMER_TIER)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return f"For customers of tier {self.least} and above.", f"仅限{self.least}级及以上客户办理。"


class Regions(Eligibility, frozen=True, kw_only=True):
    """Branches of some regions."""

    name: ClassVar[str] = "eligibility.region"
    chinese: ClassVar[str] = "仅限部分地区办理"

    regions: Annotated[tuple[int, ...], Parameter("the region codes", "地区代码", least=0, most=999_999)]

    def refuse(self, facts: Facts) -> Int64Column:
        """See `Eligibility.refuse`."""
        return _unless(np.isin(facts.region, self.regions), PartRefusal.REGION)

    def problems(self) -> tuple[Problem, ...]:
        """See `Part.problems`."""
        return not_distinct("regions", self.regions, "region", "地区")

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return (
            f"Offered in the regions {', '.join(str(region) for region in self.regions)}.",
            f"仅限地区{'、'.join(str(region) for region in self.regions)}办理。",
        )


class Channels(Eligibility, frozen=True, kw_only=True):
    """Some channels."""

    name: ClassVar[str] = "eligibility.channel"
    chinese: ClassVar[str] = "仅限部分渠道办理"

    channels: Annotated[tuple[Channel, ...], Parameter("the channels", "渠道")]

    def refuse(self, facts: Facts) -> Int64Column:
        """See `Eligibility.refuse`."""
        return _unless(np.isin(facts.channel, [channel.value for channel in self.channels]), PartRefusal.CHANNEL)

    def problems(self) -> tuple[Problem, ...]:
        """See `Part.problems`."""
        return not_distinct("channels", self.channels, "channel", "渠道")

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return (
            f"Opened {' or '.join(CHANNEL_WORDS[channel][0] for channel in self.channels)}.",
            f"仅限通过{'、'.join(CHANNEL_WORDS[channel][1] for channel in self.channels)}办理。",
        )


class NewMoneyOnly(Eligibility, frozen=True, kw_only=True):
    """Money from outside the bank only."""

    name: ClassVar[str] = "eligibility.new_money"
    chinese: ClassVar[str] = "仅限行外新转入资金"

    def refuse(self, facts: Facts) -> Int64Column:
        """See `Eligibility.refuse`."""
        return _unless(facts.is_new_money, PartRefusal.NEW_MONEY_ONLY)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return "For money new to the bank only.", "仅限行外新转入资金。"


class SalesPeriod(Eligibility, frozen=True, kw_only=True):
    """On sale within some days."""

    name: ClassVar[str] = "eligibility.sales_period"
    chinese: ClassVar[str] = "仅在发售期内办理"

    first: Annotated[dt.date, Parameter("the first day of sale", "发售首日")]
    last: Annotated[dt.date, Parameter("the last day of sale", "发售末日")]

    def refuse(self, facts: Facts) -> Int64Column:
        """See `Eligibility.refuse`; by the business date."""
        on_sale = days_from_date(self.first) <= facts.business_date <= days_from_date(self.last)
        return np.full(len(facts.amount), PartRefusal.NONE if on_sale else PartRefusal.NOT_ON_SALE, np.int64)

    def problems(self) -> tuple[Problem, ...]:
        """See `Part.problems`."""
        if self.first <= self.last:
            return ()
        return (Problem("last", f"the last day, {self.last}, is before the first, {self.first}", "末日早于首日"),)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return (
            f"On sale from {self.first} to {self.last}.",
            f"发售期：{date_chinese(self.first)}至{date_chinese(self.last)}。",
        )
