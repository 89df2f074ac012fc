"""Accounts that nobody moves."""

from typing import Annotated, ClassVar

import numpy as np

from yinhe.kernel.dates import add_months_many
from yinhe.kernel.money import Money
from yinhe.products.parts.base import BoolColumn, Int32Column, Int64Column, Kind, Parameter, Part
from yinhe.products.parts.words import money_chinese, money_english


class Dormancy(Part, frozen=True, kw_only=True):
    """The base of dormancy parts."""

    kind: ClassVar[Kind] = Kind.DORMANCY

    def is_dormant(self, date: int, last_moved: Int32Column, balance: Int64Column) -> BoolColumn:
        """Whether an account is dormant on a date, bool[n]; `last_moved`, int32[n], by its customer."""
        raise NotImplementedError

    def leaves(self, date: int, last_moved: Int32Column, balance: Int64Column) -> BoolColumn:
        """Whether its balance moves to the pool of unclaimed money on a date, bool[n]."""
        return np.zeros(len(last_moved), np.bool_)


class AfterMonths(Dormancy, frozen=True, kw_only=True):
    """Dormant after some months without a movement, where the balance is small; its customer's next one wakes it."""

    name: ClassVar[str] = "dormancy.after_months"
    chinese: ClassVar[str] = "长期未动户：一定期间无交易且余额较低"

    months: Annotated[int, Parameter("months without a movement", "无交易月数", least=1, most=600)]
    below: Annotated[Money | None, Parameter("only where the balance is below this", "余额低于", least=1)] = None

    def is_dormant(self, date: int, last_moved: Int32Column, balance: Int64Column) -> BoolColumn:
        """See `Dormancy.is_dormant`."""
        idle = add_months_many(last_moved, self.months) <= date
        return idle if self.below is None else idle & (balance < self.below.amount_minor)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        below = "" if self.below is None else f" with less than {money_english(self.below)} on it"
        below_chinese = "" if self.below is None else f"且余额低于{money_chinese(self.below)}"
        return (
            f"An account{below} becomes dormant after {self.months} months without a movement.",
            f"账户{self.months}个月无交易{below_chinese}的，转为不动户。",
        )


class Unclaimed(AfterMonths, frozen=True, kw_only=True):
    """Dormant after some months, and after more of them its balance moves to unclaimed money until it is claimed."""

    name: ClassVar[str] = "dormancy.unclaimed"
    chinese: ClassVar[str] = "久悬户：长期不动后余额转入久悬未取款项"
    effect: ClassVar[str] = "debit the deposit, credit unclaimed money"

    more_months: Annotated[
        int, Parameter("further months until the money moves", "转入久悬前的再等待月数", least=1, most=600)
    ]

    def leaves(self, date: int, last_moved: Int32Column, balance: Int64Column) -> BoolColumn:
        """See `Dormancy.leaves`; only where there is money."""
        long_idle = add_months_many(last_moved, self.months + self.more_months) <= date
        return long_idle & (balance > 0) & self.is_dormant(date, last_moved, balance)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        english, chinese = super().text()
        return (
            f"{english} After {self.more_months} further months its balance is kept as unclaimed money.",
            f"{chinese}再过{self.more_months}个月仍未动的，余额转入久悬未取款项，客户可随时申领。",
        )
