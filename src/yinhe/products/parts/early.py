"""Drawing a time deposit before its maturity: whether, how often, and what the part drawn earns."""

from typing import Annotated, ClassVar

import msgspec
import numpy as np

from yinhe.kernel.money import Money
from yinhe.products.parts.base import Int32Column, Int64Column, Kind, Parameter, Part, Problem
from yinhe.products.parts.interest import DepositRate
from yinhe.products.parts.refusals import PartRefusal
from yinhe.products.parts.words import money_chinese, money_english, not_ascending, source_chinese, source_english
from yinhe.products.rates import RateBook


class EarlyWithdrawal(Part, frozen=True, kw_only=True):
    """The base of early-withdrawal parts."""

    kind: ClassVar[Kind] = Kind.EARLY_WITHDRAWAL
    effect: ClassVar[str] = "corrects the interest payable of the part drawn, then debits the deposit"

    def refuse(self, drawn: Int64Column, balance: Int64Column, times: Int64Column) -> Int64Column:
        """Why an amount may not be drawn early, int64[n] of `PartRefusal`, 0 where it may.

        `drawn` and `balance` (before drawing) are minor units, `times` how often a part was drawn before.
        """
        raise NotImplementedError

    def rate_of_drawn(self, book: RateBook, date: int, start: Int32Column, agreed: Int64Column) -> Int64Column:
        """What the part drawn on a date earns for all its days since `start`, int64[n] of 1e-8 a year.

        `agreed` (1e-8) is the contract's rate; nobody earns more by drawing early. Raises RateMissing.
        """
        raise NotImplementedError


class Forbidden(EarlyWithdrawal, frozen=True, kw_only=True):
    """Nothing may be drawn before maturity."""

    name: ClassVar[str] = "early_withdrawal.forbidden"
    chinese: ClassVar[str] = "到期前不得提前支取"
    effect: ClassVar[str] = "none"

    def refuse(self, drawn: Int64Column, balance: Int64Column, times: Int64Column) -> Int64Column:
        """See `EarlyWithdrawal.refuse`."""
        return np.full(len(drawn), PartRefusal.EARLY_NOT_ALLOWED, np.int64)

    def rate_of_drawn(self, book: RateBook, date: int, start: Int32Column, agreed: Int64Column) -> Int64Column:
        """See `EarlyWithdrawal.rate_of_drawn`: nothing, for what cannot be."""
        return np.zeros(len(start), np.int64)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return "Nothing may be drawn before maturity.", "到期前不得提前支取。"


class Allowed(EarlyWithdrawal, frozen=True, kw_only=True):
    """The base of what allows it: how often a part may be drawn, and what must be left."""

    times: Annotated[
        int, Parameter("how often a part may be drawn before maturity", "部分提前支取次数", least=0, most=999)
    ] = 1
    minimum_left: Annotated[
        Money | None, Parameter("the least that must be left of a part drawn", "部分支取后最低留存金额", least=0)
    ] = None

    def refuse(self, drawn: Int64Column, balance: Int64Column, times: Int64Column) -> Int64Column:
        """See `EarlyWithdrawal.refuse`. The whole may always be drawn."""
        part = drawn < balance
        if self.times == 0:
            return np.where(part, PartRefusal.EARLY_WHOLE_ONLY, 0).astype(np.int64)
        least = 0 if self.minimum_left is None else self.minimum_left.amount_minor
        left_too_little = np.where(part & (balance - drawn < least), PartRefusal.TOO_LITTLE_LEFT, 0)
        return np.where(part & (times >= self.times), PartRefusal.EARLY_USED_UP, left_too_little).astype(np.int64)

    def _how_often(self) -> tuple[str, str]:
        if self.times == 0:
            return "Only the whole may be drawn before maturity.", "提前支取只能全部支取。"
        often = "once" if self.times == 1 else f"{self.times} times"
        english = f"A part may be drawn before maturity {often}"
        chinese = f"可部分提前支取{self.times}次"
        if self.minimum_left is not None:
            english = f"{english}, leaving at least {money_english(self.minimum_left)}"
            chinese = f"{chinese}，留存不低于{money_chinese(self.minimum_left)}"
        return f"{english}; the whole may be drawn at any time.", f"{chinese}，也可随时全部支取。"


class AtRate(Allowed, frozen=True, kw_only=True):
    """The part drawn earns one rate, as posted on the day of drawing: the demand rate by custom."""

    name: ClassVar[str] = "early_withdrawal.at_rate"
    chinese: ClassVar[str] = "提前支取部分按支取日活期等指定利率计息"

    rate: DepositRate

    def rate_of_drawn(self, book: RateBook, date: int, start: Int32Column, agreed: Int64Column) -> Int64Column:
        """See `EarlyWithdrawal.rate_of_drawn`."""
        return np.minimum(self.rate.on(book, date), agreed)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        english, chinese = self._how_often()
        return (
            f"{english} The part drawn earns {source_english(self.rate)} a year as of the day of drawing.",
            f"{chinese}提前支取部分按支取日{source_chinese(self.rate)}计息。",
        )


class Rung(msgspec.Struct, frozen=True, kw_only=True):
    """A rung of a ladder by days held."""

    days: Annotated[int, Parameter("held at least so many days", "存满天数", least=0, most=36_600)]
    rate: DepositRate


class ByDaysHeld(Allowed, frozen=True, kw_only=True):
    """The part drawn earns a rate by how many days it was held."""

    name: ClassVar[str] = "early_withdrawal.by_days_held"
    chinese: ClassVar[str] = "提前支取部分按实际存期靠档计息"

    ladder: Annotated[
        tuple[Rung, ...], Parameter("the rungs, ascending, the first at 0 days", "各存满天数的利率，从0天起递增")
    ]

    def rate_of_drawn(self, book: RateBook, date: int, start: Int32Column, agreed: Int64Column) -> Int64Column:
        """See `EarlyWithdrawal.rate_of_drawn`."""
        rates = np.zeros(len(start), np.int64)
        for rung in self.ladder:
            rates[date - start >= rung.days] = rung.rate.on(book, date)
        return np.minimum(rates, agreed)

    def problems(self) -> tuple[Problem, ...]:
        """See `Part.problems`."""
        days = [rung.days for rung in self.ladder]
        found = not_ascending("ladder", days, "rung", "档次")
        if days and days[0] != 0:
            found = (Problem("ladder", "nothing is said of fewer days than the first rung's", "首档之前无利率"), *found)
        return found

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        english, chinese = self._how_often()
        rungs = "; ".join(f"from {rung.days} days: {source_english(rung.rate)}" for rung in self.ladder)
        rungs_chinese = "；".join(f"满{rung.days}天：{source_chinese(rung.rate)}" for rung in self.ladder)
        return (
            f"{english} The part drawn earns by the days it was held: {rungs}.",
            f"{chinese}提前支取部分按实际存期靠档计息：{rungs_chinese}。",
        )


class ShareOfAgreed(Allowed, frozen=True, kw_only=True):
    """The part drawn earns a share of the agreed rate."""

    name: ClassVar[str] = "early_withdrawal.share_of_agreed"
    chinese: ClassVar[str] = "提前支取部分按约定利率打折计息"

    share: Annotated[int, Parameter("percent of the agreed rate", "约定利率的百分比", least=0, most=100)]

    def rate_of_drawn(self, book: RateBook, date: int, start: Int32Column, agreed: Int64Column) -> Int64Column:
        """See `EarlyWithdrawal.rate_of_drawn`; a share is rounded down."""
        return agreed * self.share // 100

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        english, chinese = self._how_often()
        return (
            f"{english} The part drawn earns {self.share}% of the agreed rate.",
            f"{chinese}提前支取部分按约定利率的{self.share}%计息。",
        )
