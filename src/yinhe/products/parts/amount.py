"""How much may be paid in, drawn, and held."""

from enum import Enum, unique
from typing import Annotated, ClassVar

import numpy as np

from yinhe.kernel.money import Money
from yinhe.products.parts.base import Facts, Int64Column, Kind, Parameter, Part, Problem
from yinhe.products.parts.refusals import PartRefusal
from yinhe.products.parts.words import crossed, money_chinese, money_english


@unique
class Moment(Enum):
    """What a customer is about to do."""

    OPENING = "opening"
    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"


class AmountPart(Part, frozen=True, kw_only=True):
    """The base of amount parts; all of a product's must agree."""

    kind: ClassVar[Kind] = Kind.AMOUNT
    moments: ClassVar[frozenset[Moment]]
    """When it is asked."""

    def refuse(self, facts: Facts) -> Int64Column:
        """Why an amount is refused, int64[n] of `PartRefusal`, 0 where it is not; `balance` is that before it."""
        raise NotImplementedError


def _within(
    amount: Int64Column, least: Money | None, most: Money | None, step: Money | None, base: Money | None
) -> Int64Column:
    """Refusals of amounts outside a least and a most, or not a multiple of a step above a base."""
    found = np.zeros(len(amount), np.int64)
    if step is not None:
        origin = 0 if base is None else base.amount_minor
        found[(amount - origin) % step.amount_minor != 0] = PartRefusal.OFF_STEP
    if most is not None:
        found[amount > most.amount_minor] = PartRefusal.OVER_MAXIMUM
    if least is not None:
        found[amount < least.amount_minor] = PartRefusal.UNDER_MINIMUM
    return found


def _said(english: str, chinese: str, least: Money | None, most: Money | None, step: Money | None) -> tuple[str, str]:
    """The bounds of an amount in words; empty where there are none."""
    words: list[str] = []
    words_chinese: list[str] = []
    if least is not None:
        words.append(f"at least {money_english(least)}")
        words_chinese.append(f"{money_chinese(least)}起")
    if step is not None:
        words.append(f"in steps of {money_english(step)}")
        words_chinese.append(f"以{money_chinese(step)}递增")
    if most is not None:
        words.append(f"at most {money_english(most)}")
        words_chinese.append(f"最高{money_chinese(most)}")
    return (f"{english}: {', '.join(words)}.", f"{chinese}：{'，'.join(words_chinese)}。") if words else ("", "")


class OpeningAmount(AmountPart, frozen=True, kw_only=True):
    """The first deposit: a least, steps above it, a most."""

    name: ClassVar[str] = "amount.opening"
    chinese: ClassVar[str] = "起存金额、递增单位和最高金额"
    moments: ClassVar[frozenset[Moment]] = frozenset({Moment.OPENING})

    least: Annotated[Money, Parameter("the least", "起存金额", least=0)]
    step: Annotated[Money | None, Parameter("above the least in multiples of this", "递增单位", least=1)] = None
    most: Annotated[Money | None, Parameter("the most", "最高金额", least=1)] = None

    def refuse(self, facts: Facts) -> Int64Column:
        """See `AmountPart.refuse`."""
        return _within(facts.amount, self.least, self.most, self.step, self.least)

    def problems(self) -> tuple[Problem, ...]:
        """See `Part.problems`."""
        return crossed("least", self.least, self.most)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return _said("First deposit", "开立金额", self.least, self.most, self.step)


class DepositAmount(AmountPart, frozen=True, kw_only=True):
    """Each further deposit: a least, steps, a most."""

    name: ClassVar[str] = "amount.deposit"
    chinese: ClassVar[str] = "续存的最低、递增和最高金额"
    moments: ClassVar[frozenset[Moment]] = frozenset({Moment.DEPOSIT})

    least: Annotated[Money | None, Parameter("the least", "最低金额", least=0)] = None
    step: Annotated[Money | None, Parameter("a multiple of this", "递增单位", least=1)] = None
    most: Annotated[Money | None, Parameter("the most", "最高金额", least=1)] = None

    def refuse(self, facts: Facts) -> Int64Column:
        """See `AmountPart.refuse`."""
        return _within(facts.amount, self.least, self.most, self.step, None)

    def problems(self) -> tuple[Problem, ...]:
        """See `Part.problems`."""
        return crossed("least", self.least, self.most)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return _said("Each further deposit", "每次续存", self.least, self.most, self.step)


class WithdrawalAmount(AmountPart, frozen=True, kw_only=True):
    """Each withdrawal: a least, steps, a most; the whole balance may always be drawn."""

    name: ClassVar[str] = "amount.withdrawal"
    chinese: ClassVar[str] = "支取的最低、递增和最高金额，可一次取完"
    moments: ClassVar[frozenset[Moment]] = frozenset({Moment.WITHDRAWAL})

    least: Annotated[Money | None, Parameter("the least", "最低金额", least=0)] = None
    step: Annotated[Money | None, Parameter("a multiple of this", "递增单位", least=1)] = None
    most: Annotated[Money | None, Parameter("the most", "最高金额", least=1)] = None

    def refuse(self, facts: Facts) -> Int64Column:
        """See `AmountPart.refuse`."""
        found = _within(facts.amount, self.least, self.most, self.step, None)
        found[facts.amount == facts.balance] = PartRefusal.NONE
        return found

    def problems(self) -> tuple[Problem, ...]:
        """See `Part.problems`."""
        return crossed("least", self.least, self.most)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return _said("Each withdrawal", "每次支取", self.least, self.most, self.step)


class BalanceMost(AmountPart, frozen=True, kw_only=True):
    """The most an account may hold."""

    name: ClassVar[str] = "amount.balance_most"
    chinese: ClassVar[str] = "账户最高余额"
    moments: ClassVar[frozenset[Moment]] = frozenset({Moment.OPENING, Moment.DEPOSIT})

    most: Annotated[Money, Parameter("the most", "最高余额", least=1)]

    def refuse(self, facts: Facts) -> Int64Column:
        """See `AmountPart.refuse`."""
        over = facts.amount > self.most.amount_minor - facts.balance
        return np.where(over, PartRefusal.BALANCE_OVER_MAXIMUM, 0).astype(np.int64)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return f"The balance is at most {money_english(self.most)}.", f"账户余额最高{money_chinese(self.most)}。"


class BalanceLeast(AmountPart, frozen=True, kw_only=True):
    """The least a withdrawal may leave; the whole balance may always be drawn."""

    name: ClassVar[str] = "amount.balance_least"
    chinese: ClassVar[str] = "支取后最低留存余额，可一次取完"
    moments: ClassVar[frozenset[Moment]] = frozenset({Moment.WITHDRAWAL})

    least: Annotated[Money, Parameter("the least", "最低余额", least=1)]

    def refuse(self, facts: Facts) -> Int64Column:
        """See `AmountPart.refuse`."""
        left = facts.balance - facts.amount
        under = (left < self.least.amount_minor) & (left != 0)
        return np.where(under, PartRefusal.BALANCE_UNDER_MINIMUM, 0).astype(np.int64)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return (
            f"A withdrawal leaves at least {money_english(self.least)}, or nothing.",
            f"支取后余额不低于{money_chinese(self.least)}，或一次取完。",
        )
