"""How a loan is drawn: at once, in tranches, or again and again within a line."""

from typing import Annotated, ClassVar

import msgspec
import numpy as np

from yinhe.kernel.dates import add_months_many
from yinhe.kernel.money import Money
from yinhe.products.parts.base import Int32Column, Int64Column, Kind, Parameter, Part
from yinhe.products.parts.limit import refused_where
from yinhe.products.parts.refusals import PartRefusal
from yinhe.products.parts.words import money_chinese, money_english


class Line(msgspec.Struct, frozen=True, eq=False):
    """Loans agreed, as far as drawing goes; one entry a contract in each column."""

    limit: Int64Column
    """What was agreed, in minor units."""
    drawn: Int64Column
    """Everything drawn so far, in minor units."""
    owed: Int64Column
    """The principal owed today, in minor units: zero or above."""
    times: Int64Column
    """How often something was drawn."""
    signed: Int32Column
    """The day the contract begins, in days since 1970-01-01."""
    expiry: Int32Column
    """The day it ends, 0 for none."""


class Drawdown(Part, frozen=True, kw_only=True):
    """The base of draw-down parts."""

    kind: ClassVar[Kind] = Kind.DRAWDOWN
    effect: ClassVar[str] = "debit loans, credit the linked account or the supplier"
    is_revolving: ClassVar[bool] = False
    """Whether what is repaid may be drawn again."""

    least: Annotated[Money | None, Parameter("the least of one drawing", "单次提款最低金额", least=1)] = None

    def available(self, line: Line) -> Int64Column:
        """What may still be drawn, int64[n] of minor units, zero or above, whatever the day."""
        raise NotImplementedError

    def until(self, line: Line) -> Int32Column:
        """The last day on which something may be drawn, int32[n]; 0 for no end."""
        return np.where(line.expiry > 0, line.expiry - 1, 0).astype(np.int32)

    def refuse(self, date: int, amount: Int64Column, line: Line) -> Int64Column:
        """Why an amount may not be drawn on a date, int64[n] of `PartRefusal`, 0 where it may."""
        available, last = self.available(line), self.until(line)
        found = refused_where(amount > available, PartRefusal.OVER_LIMIT)
        if self.least is not None:
            # The rest of a limit may always be drawn.
            found[(amount < self.least.amount_minor) & (amount < available)] = PartRefusal.UNDER_MINIMUM
        found[amount <= 0] = PartRefusal.UNDER_MINIMUM
        used_up = self._used_up(line)
        found = np.where(used_up != PartRefusal.NONE, used_up, found)
        found[(last > 0) & (last < date)] = PartRefusal.DRAWING_OVER
        found[line.signed > date] = PartRefusal.DRAWING_NOT_BEGUN
        return found

    def _used_up(self, line: Line) -> Int64Column:
        """Why nothing more may be drawn, whatever the amount."""
        return np.zeros(len(line.times), np.int64)


def _left(line: Line, used: Int64Column) -> Int64Column:
    return np.maximum(line.limit - used, 0)


class Single(Drawdown, frozen=True, kw_only=True):
    """The whole is drawn at once, within some days of the beginning of the contract."""

    name: ClassVar[str] = "drawdown.single"
    chinese: ClassVar[str] = "一次性提款"

    days: Annotated[int, Parameter("within so many days", "提款期限（天）", least=1, most=3_660)] = 90

    def available(self, line: Line) -> Int64Column:
        """See `Drawdown.available`."""
        return np.where(line.times == 0, _left(line, line.drawn), 0).astype(np.int64)

    def until(self, line: Line) -> Int32Column:
        """See `Drawdown.until`."""
        return _sooner(super().until(line), line.signed + np.int32(self.days))

    def _used_up(self, line: Line) -> Int64Column:
        return refused_where(line.times > 0, PartRefusal.DRAWN_ALREADY)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return (
            f"The loan is drawn at once, within {self.days} days.",
            f"一次性提款，自合同生效之日起{self.days}天内有效。",
        )


class Tranches(Drawdown, frozen=True, kw_only=True):
    """Drawn in tranches as the project goes on; what is repaid is not drawn again."""

    name: ClassVar[str] = "drawdown.tranches"
    chinese: ClassVar[str] = "分次提款：按项目进度分笔发放，归还后不可再提"

    most: Annotated[int, Parameter("the most tranches", "最多提款次数", least=2, most=200)]
    months: Annotated[int, Parameter("within so many months", "提款期限（月）", least=1, most=120)]

    def available(self, line: Line) -> Int64Column:
        """See `Drawdown.available`."""
        return np.where(line.times < self.most, _left(line, line.drawn), 0).astype(np.int64)

    def until(self, line: Line) -> Int32Column:
        """See `Drawdown.until`."""
        return _sooner(super().until(line), add_months_many(line.signed, self.months))

    def _used_up(self, line: Line) -> Int64Column:
        return refused_where(line.times >= self.most, PartRefusal.TRANCHES_USED_UP)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        english, chinese = _least(self.least)
        return (
            f"The loan is drawn in at most {self.most} tranches within {self.months} months{english}; what is repaid "
            "is not drawn again.",
            f"可在{self.months}个月内分次提款，最多{self.most}次{chinese}，归还后不可再次提取。",
        )


class Revolving(Drawdown, frozen=True, kw_only=True):
    """Drawn and repaid at will within the limit, as long as the line runs."""

    name: ClassVar[str] = "drawdown.revolving"
    chinese: ClassVar[str] = "循环额度：在额度和期限内随借随还"
    is_revolving: ClassVar[bool] = True

    def available(self, line: Line) -> Int64Column:
        """See `Drawdown.available`."""
        return _left(line, line.owed)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        english, chinese = _least(self.least)
        return (
            f"Within the limit and the time of the line the borrower draws and repays at will{english}.",
            f"在额度和有效期内可循环使用，随借随还{chinese}。",
        )


def _sooner(last: Int32Column, other: Int32Column) -> Int32Column:
    return np.where(last > 0, np.minimum(last, other), other).astype(np.int32)


def _least(least: Money | None) -> tuple[str, str]:
    if least is None:
        return "", ""
    return f", at least {money_english(least)} each time", f"，每次不低于{money_chinese(least)}"
