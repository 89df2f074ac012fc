"""Repaying a loan before it is due: whether, how much, at what fee, and what becomes of the instalments."""

from enum import Enum, unique
from typing import Annotated, ClassVar

import msgspec
import numpy as np

from yinhe.kernel.dates import months_and_days_many
from yinhe.kernel.money import Money
from yinhe.kernel.rates import Rate
from yinhe.products.parts.base import Int32Column, Int64Column, Kind, Parameter, Part, Problem
from yinhe.products.parts.fee import FEE_RATE_MAX, share_of
from yinhe.products.parts.limit import refused_where
from yinhe.products.parts.refusals import PartRefusal
from yinhe.products.parts.words import money_chinese, money_english, not_ascending


@unique
class Afterwards(Enum):
    """What becomes of the instalments after a part was repaid early."""

    SHORTER = "shorter"
    """They stay as they are, and the loan ends sooner."""
    LOWER = "lower"
    """They become lower, and the loan ends as agreed."""
    CHOSEN = "chosen"
    """The customer chooses."""


_AFTERWARDS_WORDS = {
    Afterwards.SHORTER: ("the instalment stays and the loan ends sooner", "每期还款额不变，期限缩短"),
    Afterwards.LOWER: ("the instalments become lower and the loan ends as agreed", "期限不变，每期还款额减少"),
    Afterwards.CHOSEN: (
        "the customer chooses whether the loan ends sooner or the instalments become lower",
        "可选择缩短期限或减少每期还款额",
    ),
}


class Prepayment(Part, frozen=True, kw_only=True):
    """The base of prepayment parts."""

    kind: ClassVar[Kind] = Kind.PREPAYMENT
    effect: ClassVar[str] = "debit the linked account, credit loans, interest receivable and fee income"

    def refuse(
        self, date: int, start: Int32Column, amount: Int64Column, owed: Int64Column, times: Int64Column
    ) -> Int64Column:
        """Why principal may not be repaid early on a date, int64[n] of `PartRefusal`, 0 where it may.

        `amount` and `owed` (the principal not yet due) are minor units, `times` how often a part of it was repaid early
        in the last twelve months, `start` (int32[n]) the day of disbursement.
        """
        raise NotImplementedError

    def fee(self, date: int, start: Int32Column, amount: Int64Column) -> Int64Column:
        """The fee of repaying an amount early on a date, int64[n] of minor units, zero or above."""
        return np.zeros(len(amount), np.int64)


class NoPrepayment(Prepayment, frozen=True, kw_only=True):
    """Nothing may be repaid before it is due."""

    name: ClassVar[str] = "prepayment.forbidden"
    chinese: ClassVar[str] = "不得提前还款"
    effect: ClassVar[str] = "none"

    def refuse(
        self, date: int, start: Int32Column, amount: Int64Column, owed: Int64Column, times: Int64Column
    ) -> Int64Column:
        """See `Prepayment.refuse`."""
        return np.full(len(amount), PartRefusal.PREPAYMENT_NOT_ALLOWED, np.int64)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return "Nothing may be repaid before it is due.", "不得提前还款。"


class AtWill(Prepayment, frozen=True, kw_only=True):
    """Any amount may be repaid at any time without a fee, as of a line or a card."""

    name: ClassVar[str] = "prepayment.at_will"
    chinese: ClassVar[str] = "随时还款，不收手续费"
    effect: ClassVar[str] = "debit the linked account, credit loans and interest receivable"

    def refuse(
        self, date: int, start: Int32Column, amount: Int64Column, owed: Int64Column, times: Int64Column
    ) -> Int64Column:
        """See `Prepayment.refuse`."""
        return refused_where(amount > owed, PartRefusal.PREPAYMENT_OVER_BALANCE)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return "Any amount may be repaid at any time; there is no fee.", "可随时归还任意金额，不收手续费。"


class FeeStep(msgspec.Struct, frozen=True, kw_only=True):
    """The fee until a loan has run for some months."""

    months: Annotated[int, Parameter("before the loan has run so many months", "放款未满月数", least=1, most=600)]
    rate: Annotated[Rate, Parameter("the share of the amount", "占提前还款金额比例", least=0, most=FEE_RATE_MAX)]


class WholeEarly(Prepayment, frozen=True, kw_only=True):
    """The whole may be repaid early, a part not."""

    name: ClassVar[str] = "prepayment.whole"
    chinese: ClassVar[str] = "可提前全部结清，不可部分提前还款"

    after_months: Annotated[
        int, Parameter("not before the loan has run so many months", "放款后最短月数", least=0, most=600)
    ] = 0
    fees: Annotated[
        tuple[FeeStep, ...],
        Parameter("the fees until some months, ascending; afterwards none", "各期限内的手续费，按月数递增，期满免收"),
    ] = ()

    def refuse(
        self, date: int, start: Int32Column, amount: Int64Column, owed: Int64Column, times: Int64Column
    ) -> Int64Column:
        """See `Prepayment.refuse`."""
        found = refused_where(amount > owed, PartRefusal.PREPAYMENT_OVER_BALANCE)
        found = np.where(amount < owed, self._against_part(amount, times), found)
        return np.where(self._run(date, start) < self.after_months, PartRefusal.PREPAYMENT_TOO_SOON, found)

    def fee(self, date: int, start: Int32Column, amount: Int64Column) -> Int64Column:
        """See `Prepayment.fee`; rounded half up."""
        run, charged = self._run(date, start), np.zeros(len(amount), np.int64)
        for step in reversed(self.fees):
            charged = np.where(run < step.months, share_of(np.maximum(amount, 0), step.rate.units), charged)
        return charged.astype(np.int64)

    def problems(self) -> tuple[Problem, ...]:
        """See `Part.problems`."""
        return not_ascending("fees", [step.months for step in self.fees], "fee", "手续费") if self.fees else ()

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        english, chinese = self._what()
        if self.after_months:
            months = f"{self.after_months} month{'s' * (self.after_months != 1)}"
            english = f"{english} Not before the loan has run {months}."
            chinese = f"放款满{self.after_months}个月后，{chinese}"
        if not self.fees:
            return f"{english} There is no fee.", f"{chinese}不收手续费。"
        fees = "; ".join(f"in the first {step.months} months {step.rate} of it" for step in self.fees)
        fees_chinese = "；".join(f"放款未满{step.months}个月的，收取提前还款金额的{step.rate}" for step in self.fees)
        return (
            f"{english} The fee for what is repaid early: {fees}; afterwards none.",
            f"{chinese}手续费：{fees_chinese}；其后免收。",
        )

    def _against_part(self, amount: Int64Column, times: Int64Column) -> Int64Column:
        """Why a part may not be repaid early."""
        return np.full(len(amount), PartRefusal.PREPAYMENT_WHOLE_ONLY, np.int64)

    def _what(self) -> tuple[str, str]:
        return "The whole may be repaid early, a part not.", "可提前全部结清，不可部分提前还款。"

    def _run(self, date: int, start: Int32Column) -> Int64Column:
        """Full months a loan has run."""
        return months_and_days_many(start, np.maximum(start, np.int32(date)))[0]


class PartEarly(WholeEarly, frozen=True, kw_only=True):
    """The whole or a part may be repaid early; after a part the loan ends sooner or its instalments become lower."""

    name: ClassVar[str] = "prepayment.part"
    chinese: ClassVar[str] = "可提前结清或部分提前还款，缩短期限或减少每期还款额"

    afterwards: Annotated[Afterwards, Parameter("what becomes of the instalments", "部分还款后的还款安排")] = (
        Afterwards.CHOSEN
    )
    least: Annotated[Money | None, Parameter("the least part", "部分提前还款最低金额", least=1)] = None
    times: Annotated[
        int,
        Parameter("how often a part may be repaid early in twelve months", "每年部分提前还款次数", least=1, most=999),
    ] = 999

    def _against_part(self, amount: Int64Column, times: Int64Column) -> Int64Column:
        least = 1 if self.least is None else self.least.amount_minor
        found = refused_where(amount < least, PartRefusal.PREPAYMENT_TOO_SMALL)
        return np.where(times >= self.times, PartRefusal.PREPAYMENTS_USED_UP, found).astype(np.int64)

    def _what(self) -> tuple[str, str]:
        after, after_chinese = _AFTERWARDS_WORDS[self.afterwards]
        english, chinese = "The whole or a part may be repaid early", "可提前结清或部分提前还款"
        if self.least is not None:
            english = f"{english}, a part of at least {money_english(self.least)}"
            chinese = f"{chinese}，部分还款不低于{money_chinese(self.least)}"
        if self.times < 999:
            english = f"{english}, a part at most {self.times} time{'s' * (self.times != 1)} a year"
            chinese = f"{chinese}，每年最多部分还款{self.times}次"
        return f"{english}; after a part {after}.", f"{chinese}；部分还款后{after_chinese}。"
