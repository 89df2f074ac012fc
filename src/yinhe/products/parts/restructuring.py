"""How a loan in difficulty may be arranged anew: longer, current again, cheaper, or with its interest as principal.

A loan arranged anew is watched for some months, in which it is graded special mention at best.
"""

from typing import Annotated, ClassVar

import numpy as np

from yinhe.kernel.dates import add_months_many
from yinhe.kernel.rates import RATE_ONE, Rate
from yinhe.products.parts.base import BoolColumn, Int32Column, Int64Column, Kind, Parameter, Part
from yinhe.products.parts.limit import refused_where, share_down
from yinhe.products.parts.loan_interest import LOAN_RATE_MAX
from yinhe.products.parts.refusals import PartRefusal


class Restructuring(Part, frozen=True, kw_only=True):
    """The base of restructuring parts; a product has one of each way it allows, and allows no other."""

    kind: ClassVar[Kind] = Kind.RESTRUCTURING

    times: Annotated[int, Parameter("how often in the life of a loan", "最多调整次数", least=1, most=99)] = 1
    watched: Annotated[
        int,
        Parameter("months in which it is special mention at best", "观察期（月），期内至多为关注类", least=0, most=60),
    ] = 12

    def is_watched(self, date: int, arranged: Int32Column) -> BoolColumn:
        """Whether loans arranged anew on days (int32[n], 0 for never) are still watched on a date, bool[n]."""
        return (arranged > 0) & (date < add_months_many(arranged, self.watched))

    def _often(self, times: Int64Column, found: Int64Column) -> Int64Column:
        return np.where(times >= self.times, PartRefusal.RESTRUCTURED_TOO_OFTEN, found).astype(np.int64)

    def _limits(self) -> tuple[str, str]:
        often = "once" if self.times == 1 else f"{self.times} times"
        return f"at most {often}", f"最多{self.times}次"


class Extension(Restructuring, frozen=True, kw_only=True):
    """The loan ends later: by how much depends on its term, as the General Rules for Loans have it."""

    name: ClassVar[str] = "restructuring.extension"
    chinese: ClassVar[str] = "展期：短期不超过原期限，中期不超过原期限的一半，长期不超过三年"

    short_share: Annotated[
        int,
        Parameter("percent of a term of at most a year", "短期贷款（一年以内）展期占原期限百分比", least=0, most=100),
    ] = 100
    middle_share: Annotated[
        int,
        Parameter(
            "percent of a term of at most five years", "中期贷款（五年以内）展期占原期限百分比", least=0, most=100
        ),
    ] = 50
    long_months: Annotated[
        int, Parameter("months of a longer term", "长期贷款（五年以上）展期月数", least=0, most=120)
    ] = 36

    def most(self, months: Int32Column) -> Int64Column:
        """By how many months terms of months may be extended in all, int64[n]; a share is rounded down."""
        term = months.astype(np.int64)
        share = np.where(term <= 12, self.short_share, self.middle_share)
        return np.where(term > 60, self.long_months, term * share // 100).astype(np.int64)

    def refuse(
        self, more: Int64Column, extended: Int64Column, months: Int32Column, times: Int64Column, late: Int64Column
    ) -> Int64Column:
        """Why loans may not be extended by `more` months, int64[n] of `PartRefusal`, 0 where they may.

        `extended` is by how many months they were before, `months` the term first agreed, `times` how often they were
        extended, `late` the days past due.
        """
        found = refused_where(more + extended > self.most(months), PartRefusal.EXTENSION_TOO_LONG)
        found[late > 0] = PartRefusal.EXTENSION_TOO_LATE
        return self._often(times, found)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        often, often_chinese = self._limits()
        return (
            f"Before it is overdue the loan may be extended, {often}: a term of up to one year by {self.short_share}% "
            f"of it, of up to five years by {self.middle_share}% of it, a longer one by {self.long_months} months.",
            f"到期前可申请展期，{often_chinese}：一年以内的不超过原期限的{self.short_share}%，"
            f"五年以内的不超过原期限的{self.middle_share}%，五年以上的不超过{self.long_months}个月。",
        )


class ReAgeing(Restructuring, frozen=True, kw_only=True):
    """After some instalments paid in a row what is still late is spread over those to come: the loan is current."""

    name: ClassVar[str] = "restructuring.re_ageing"
    chinese: ClassVar[str] = "重定账龄：连续正常还款后，剩余逾期款并入后续各期"

    in_row: Annotated[int, Parameter("instalments paid in a row before it", "连续正常还款期数", least=1, most=60)] = 6

    def refuse(self, paid_in_row: Int64Column, times: Int64Column) -> Int64Column:
        """Why loans may not be re-aged, int64[n] of `PartRefusal`, 0 where they may."""
        return self._often(times, refused_where(paid_in_row < self.in_row, PartRefusal.ARREARS_TOO_NEW))

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        often, often_chinese = self._limits()
        return (
            f"After {self.in_row} instalments paid in a row, what is still late may be spread over those to come, "
            f"{often}.",
            f"连续{self.in_row}期正常还款后，剩余逾期款项可并入后续各期归还，{often_chinese}。",
        )


class RateChange(Restructuring, frozen=True, kw_only=True):
    """The rate is agreed anew, not under a least."""

    name: ClassVar[str] = "restructuring.rate_change"
    chinese: ClassVar[str] = "利率调整：重新约定利率，不低于下限"

    least: Annotated[Rate, Parameter("the least rate a year", "最低年利率", least=0, most=LOAN_RATE_MAX)]

    def refuse(self, rate: Int64Column, times: Int64Column) -> Int64Column:
        """Why a new yearly rate (1e-8) may not be agreed, int64[n] of `PartRefusal`, 0 where it may."""
        found = refused_where(rate < self.least.units, PartRefusal.RATE_TOO_LOW)
        found[rate > LOAN_RATE_MAX] = PartRefusal.RATE_TOO_HIGH
        return self._often(times, found)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        often, often_chinese = self._limits()
        return (
            f"The rate may be agreed anew, {often}, not under {self.least} a year.",
            f"可协商调整利率，{often_chinese}，调整后年利率不低于{self.least}。",
        )


class Capitalisation(Restructuring, frozen=True, kw_only=True):
    """Interest that is late becomes principal, up to a share of the principal."""

    name: ClassVar[str] = "restructuring.capitalisation"
    chinese: ClassVar[str] = "欠息转本：未付利息转为本金，不超过本金的一定比例"
    effect: ClassVar[str] = "debit loans, credit interest receivable"

    share: Annotated[Rate, Parameter("the most of the principal", "转本利息占本金比例上限", least=1, most=RATE_ONE)] = (
        Rate(10_000_000)
    )

    def most(self, principal: Int64Column) -> Int64Column:
        """The most interest that becomes principal, int64[n] of minor units, rounded down."""
        return share_down(np.maximum(principal, 0), self.share.units)

    def refuse(self, interest: Int64Column, principal: Int64Column, times: Int64Column) -> Int64Column:
        """Why interest may not become principal, int64[n] of `PartRefusal`, 0 where it may; minor units."""
        too_much = refused_where(interest > self.most(principal), PartRefusal.CAPITALISED_TOO_MUCH)
        return self._often(times, too_much)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        often, often_chinese = self._limits()
        return (
            f"Interest that is late may become principal, {often}, up to {self.share} of the principal.",
            f"未付利息可转为本金，{often_chinese}，不超过本金的{self.share}。",
        )
