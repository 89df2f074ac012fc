"""What the bank charges, for an event or for a month."""

from enum import Enum, unique
from typing import Annotated, ClassVar

import msgspec
import numpy as np

from yinhe.kernel.money import Money
from yinhe.kernel.rates import RATE_ONE, Rate
from yinhe.kernel.rounding import Rounding, divide_round_many
from yinhe.products.parts.base import Int64Column, Kind, Parameter, Part, Problem
from yinhe.products.parts.words import crossed, money_chinese, money_english, not_ascending

FEE_RATE_MAX = 10_000_000
"""10 %: no fee on an amount is higher."""


@unique
class FeeEvent(Enum):
    """What a fee is charged for."""

    OPENING = "opening"
    MONTH = "month"
    """Once a month, for the account."""
    DORMANT_MONTH = "dormant_month"
    """Once a month, for an account that is dormant."""
    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    TRANSFER = "transfer"
    STATEMENT = "statement"
    CLOSING = "closing"
    YEAR = "year"
    """Once a year, for a line or a card."""
    DRAWING = "drawing"
    CASH_ADVANCE = "cash_advance"
    PREPAYMENT = "prepayment"


EVENT_WORDS = {
    FeeEvent.OPENING: ("opening", "开户"),
    FeeEvent.MONTH: ("a month", "每月账户管理"),
    FeeEvent.DORMANT_MONTH: ("a month of dormancy", "不动户每月管理"),
    FeeEvent.DEPOSIT: ("a deposit", "存款"),
    FeeEvent.WITHDRAWAL: ("a withdrawal", "取款"),
    FeeEvent.TRANSFER: ("a transfer", "转账"),
    FeeEvent.STATEMENT: ("a statement", "对账单"),
    FeeEvent.CLOSING: ("closing", "销户"),
    FeeEvent.YEAR: ("a year", "每年管理"),
    FeeEvent.DRAWING: ("a drawing", "提款"),
    FeeEvent.CASH_ADVANCE: ("an advance of cash", "取现"),
    FeeEvent.PREPAYMENT: ("an early repayment", "提前还款"),
}
"""The events in English and Chinese, as they follow "the fee for"."""


class Fee(Part, frozen=True, kw_only=True):
    """The base of fee parts; several fees of a product add up."""

    kind: ClassVar[Kind] = Kind.FEE
    effect: ClassVar[str] = "debit the customer, credit fee income"

    event: Annotated[FeeEvent, Parameter("what it is charged for", "收费事项")]

    def fee(self, count: Int64Column, amount: Int64Column, balance: Int64Column) -> Int64Column:
        """The fee of one event each, int64[n] of minor units, zero or above.

        `count` is which of its month it is, from 1; `amount` the event's amount and `balance` the account's before it
        (for a month: the day before), in minor units.
        """
        raise NotImplementedError

    def _for(self) -> tuple[str, str]:
        english, chinese = EVENT_WORDS[self.event]
        return f"The fee for {english}", f"{chinese}手续费"


class FlatFee(Fee, frozen=True, kw_only=True):
    """The same fee each time."""

    name: ClassVar[str] = "fee.flat"
    chinese: ClassVar[str] = "定额手续费"

    charge: Annotated[Money, Parameter("the fee", "手续费金额", least=0)]

    def fee(self, count: Int64Column, amount: Int64Column, balance: Int64Column) -> Int64Column:
        """See `Fee.fee`."""
        return np.full(len(count), self.charge.amount_minor, np.int64)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        english, chinese = self._for()
        return f"{english} is {money_english(self.charge)}.", f"{chinese}{money_chinese(self.charge)}。"


class FreeCountFee(Fee, frozen=True, kw_only=True):
    """Some free each month, then the same fee each time."""

    name: ClassVar[str] = "fee.free_count"
    chinese: ClassVar[str] = "每月若干次免费，超出部分定额收费"

    charge: Annotated[Money, Parameter("the fee of one above the free ones", "超出部分每笔手续费", least=0)]
    free: Annotated[int, Parameter("how many of a month are free", "每月免费次数", least=0, most=10_000)]

    def fee(self, count: Int64Column, amount: Int64Column, balance: Int64Column) -> Int64Column:
        """See `Fee.fee`."""
        return np.where(count > self.free, self.charge.amount_minor, 0).astype(np.int64)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        english, chinese = self._for()
        return (
            f"{english} is {money_english(self.charge)}; the first {self.free} of a month are free.",
            f"{chinese}每月前{self.free}次免费，超出部分每笔{money_chinese(self.charge)}。",
        )


class PercentFee(Fee, frozen=True, kw_only=True):
    """A share of the amount, rounded half up, within a least and a most."""

    name: ClassVar[str] = "fee.percent"
    chinese: ClassVar[str] = "按金额比例收费，可设最低和最高"

    rate: Annotated[Rate, Parameter("the share of the amount", "费率", least=0, most=FEE_RATE_MAX)]
    least: Annotated[Money | None, Parameter("the least fee", "最低手续费", least=0)] = None
    most: Annotated[Money | None, Parameter("the most fee", "最高手续费", least=0)] = None

    def fee(self, count: Int64Column, amount: Int64Column, balance: Int64Column) -> Int64Column:
        """See `Fee.fee`."""
        charged = share_of(amount, self.rate.units)
        if self.least is not None:
            charged = np.maximum(charged, self.least.amount_minor)
        return charged if self.most is None else np.minimum(charged, self.most.amount_minor)

    def problems(self) -> tuple[Problem, ...]:
        """See `Part.problems`."""
        return crossed("least", self.least, self.most)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        english, chinese = self._for()
        english, chinese = f"{english} is {self.rate} of the amount", f"{chinese}为金额的{self.rate}"
        if self.least is not None:
            english, chinese = (
                f"{english}, at least {money_english(self.least)}",
                f"{chinese}，最低{money_chinese(self.least)}",
            )
        if self.most is not None:
            english, chinese = (
                f"{english}, at most {money_english(self.most)}",
                f"{chinese}，最高{money_chinese(self.most)}",
            )
        return f"{english}.", f"{chinese}。"


class FeeTier(msgspec.Struct, frozen=True, kw_only=True):
    """The fee of amounts from some amount on."""

    at_least: Annotated[Money, Parameter("where the tier begins", "档次起点金额", least=0)]
    charge: Annotated[Money, Parameter("the fee", "手续费金额", least=0)]


class TieredFee(Fee, frozen=True, kw_only=True):
    """A fee by the tier the amount lies in."""

    name: ClassVar[str] = "fee.tiered"
    chinese: ClassVar[str] = "按金额分档收费"

    tiers: Annotated[
        tuple[FeeTier, ...], Parameter("the tiers, ascending, the first at zero", "分档手续费，从零起递增")
    ]

    def fee(self, count: Int64Column, amount: Int64Column, balance: Int64Column) -> Int64Column:
        """See `Fee.fee`."""
        charged = np.zeros(len(amount), np.int64)
        for tier in self.tiers:
            charged[amount >= tier.at_least.amount_minor] = tier.charge.amount_minor
        return charged

    def problems(self) -> tuple[Problem, ...]:
        """See `Part.problems`."""
        lows = [tier.at_least.amount_minor for tier in self.tiers]
        found = not_ascending("tiers", lows, "tier", "档次")
        if lows and lows[0] != 0:
            found = (Problem("tiers", "nothing is said of amounts under the first tier", "首档之前未定收费"), *found)
        return found

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        english, chinese = self._for()
        tiers = "; ".join(f"from {money_english(t.at_least)}: {money_english(t.charge)}" for t in self.tiers)
        tiers_chinese = "；".join(f"{money_chinese(t.at_least)}起{money_chinese(t.charge)}" for t in self.tiers)
        return f"{english} depends on the amount: {tiers}.", f"{chinese}按金额分档：{tiers_chinese}。"


class WaivedFee(Fee, frozen=True, kw_only=True):
    """A fee that is waived where the balance is high enough, as for small accounts each month."""

    name: ClassVar[str] = "fee.waived_by_balance"
    chinese: ClassVar[str] = "小额账户管理费：余额达标免收"

    charge: Annotated[Money, Parameter("the fee", "手续费金额", least=0)]
    waived_from: Annotated[Money, Parameter("the balance from which it is waived", "免收余额", least=0)]

    def fee(self, count: Int64Column, amount: Int64Column, balance: Int64Column) -> Int64Column:
        """See `Fee.fee`; never more than the balance."""
        charged = np.where(balance >= self.waived_from.amount_minor, 0, self.charge.amount_minor)
        return np.clip(charged, 0, np.maximum(balance, 0)).astype(np.int64)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        english, chinese = self._for()
        return (
            f"{english} is {money_english(self.charge)}, waived from a balance of {money_english(self.waived_from)}; "
            "never more than the balance.",
            f"{chinese}{money_chinese(self.charge)}，余额达到{money_chinese(self.waived_from)}免收，以账户余额为限。",
        )


def share_of(amount: Int64Column, rate: int) -> Int64Column:
    """A share (1e-8) of amounts, int64[n], rounded half up; exact for any int64 amount and a rate within 100 %."""
    # By whole units of the rate's scale and rest: each product fits int64.
    whole = amount // RATE_ONE
    rest = amount - whole * RATE_ONE
    return whole * rate + divide_round_many(rest * rate, RATE_ONE, Rounding.HALF_UP)
