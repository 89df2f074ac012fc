"""Moving money between an account and its linked product at the end of each day."""

from typing import Annotated, ClassVar

import numpy as np

from yinhe.kernel.money import Money
from yinhe.products.parts.base import Int64Column, Kind, Parameter, Part
from yinhe.products.parts.words import money_chinese, money_english


class Sweep(Part, frozen=True, kw_only=True):
    """The base of sweep parts."""

    kind: ClassVar[Kind] = Kind.SWEEP
    effect: ClassVar[str] = (
        "debit the account, credit the linked product, or back, once at the end of a day; back also with what it pays"
    )

    def moves(self, balance: Int64Column, linked: Int64Column) -> Int64Column:
        """What moves at the end of a day, int64[n] of signed minor units: above zero out to the linked product.

        `balance` and `linked` are the two balances. Never more than is there: out at most `balance`, back at most
        `linked`.
        """
        raise NotImplementedError

    def recall(self, short: Int64Column, linked: Int64Column) -> Int64Column:
        """What comes back during the day so that a payment short of `short` can be made, int64[n], zero or above."""
        return np.clip(short, 0, np.maximum(linked, 0))


class AboveFloor(Sweep, frozen=True, kw_only=True):
    """What is above a floor goes out in steps, and comes back to refill the floor."""

    name: ClassVar[str] = "sweep.above_floor"
    chinese: ClassVar[str] = "超过留存金额的部分自动转出，不足时自动转回"

    floor: Annotated[Money, Parameter("what stays in the account", "留存金额", least=0)]
    step: Annotated[Money, Parameter("it goes out in multiples of this", "转出递增单位", least=1)]
    least: Annotated[Money | None, Parameter("the least that goes out at once", "最低转出金额", least=1)] = None
    refills: Annotated[bool, Parameter("whether money comes back to refill the floor", "是否自动补足留存金额")] = True

    def moves(self, balance: Int64Column, linked: Int64Column) -> Int64Column:
        """See `Sweep.moves`."""
        above = balance - self.floor.amount_minor
        out = np.maximum(above, 0) // self.step.amount_minor * self.step.amount_minor
        least = 0 if self.least is None else self.least.amount_minor
        out = np.where(out >= least, out, 0)
        back = np.clip(-above, 0, np.maximum(linked, 0)) if self.refills else np.zeros_like(out)
        return (out - back).astype(np.int64)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        refill, refill_chinese = (" and comes back to refill it", "，不足时自动转回补足") if self.refills else ("", "")
        return (
            f"At the end of each day what is above {money_english(self.floor)} goes to the linked product in multiples "
            f"of {money_english(self.step)}{refill}.",
            f"每日日终超过留存金额{money_chinese(self.floor)}的部分，以{money_chinese(self.step)}的整数倍自动转入关联产品"
            f"{refill_chinese}。",
        )


class ToTarget(Sweep, frozen=True, kw_only=True):
    """Money moves both ways so that the account holds exactly a target; zero for a pool of a company's accounts."""

    name: ClassVar[str] = "sweep.to_target"
    chinese: ClassVar[str] = "日终余额保持目标金额（零余额归集）"

    target: Annotated[Money, Parameter("what the account holds at the end of a day", "目标余额", least=0)]

    def moves(self, balance: Int64Column, linked: Int64Column) -> Int64Column:
        """See `Sweep.moves`."""
        above = balance - self.target.amount_minor
        return np.maximum(above, -np.maximum(linked, 0))

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return (
            f"At the end of each day the account is brought to {money_english(self.target)} from or to the linked one.",
            f"每日日终与关联账户自动划转，使余额保持{money_chinese(self.target)}。",
        )


class ShareAbove(Sweep, frozen=True, kw_only=True):
    """A share of what is above a floor goes out, and nothing comes back by itself at the end of the day."""

    name: ClassVar[str] = "sweep.share_above_floor"
    chinese: ClassVar[str] = "超过留存金额的部分按比例转出"

    floor: Annotated[Money, Parameter("what stays in the account", "留存金额", least=0)]
    share: Annotated[int, Parameter("percent of what is above that goes out", "转出比例（%）", least=1, most=100)]

    def moves(self, balance: Int64Column, linked: Int64Column) -> Int64Column:
        """See `Sweep.moves`; a share is rounded down."""
        above = np.maximum(balance - self.floor.amount_minor, 0)
        # By hundreds and rest, so that no product leaves int64.
        return above // 100 * self.share + above % 100 * self.share // 100

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return (
            f"Each evening {self.share}% of what is above {money_english(self.floor)} goes to the linked one.",
            f"每日日终超过{money_chinese(self.floor)}的部分按{self.share}%转入关联产品。",
        )
