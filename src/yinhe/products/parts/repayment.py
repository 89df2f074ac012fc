"""How a loan is repaid: how many instalments, when, and how much principal is due with each.

Instalments are numbered from 1. What is due of principal is decided from where a loan stands (`Standing`), so that an
early payment, a new rate or a late drawing changes what follows and nothing before.
"""

from enum import Enum, unique
from fractions import Fraction
from functools import lru_cache
from typing import Annotated, ClassVar

import msgspec
import numpy as np

from yinhe.kernel.dates import add_months_many, month_and_day_many, month_start_many
from yinhe.kernel.rates import RATE_ONE, Rate
from yinhe.kernel.rounding import Rounding, divide_round
from yinhe.products.parts.base import BoolColumn, Int32Column, Int64Column, Kind, Parameter, Part, Problem
from yinhe.products.parts.fee import share_of
from yinhe.products.parts.loan_words import every_chinese, every_english
from yinhe.products.parts.words import not_ascending


@unique
class Shape(Enum):
    """What the instalments of a loan look like."""

    LEVEL = "level"
    """Each the same, interest and principal together (等额本息)."""
    LINEAR = "linear"
    """Each with the same principal (等额本金)."""
    BULLET = "bullet"
    """Interest only, and all principal with the last (按期付息到期还本)."""
    AT_END = "at_end"
    """One, with everything (利随本清)."""
    PLAN = "plan"
    """Principal by a plan of shares."""
    BALLOON = "balloon"
    """Level, with a large rest at the end (气球贷)."""
    STATEMENT = "statement"
    """None: a statement says each month what is due, as of a card."""


class Standing(msgspec.Struct, frozen=True, eq=False):
    """Where loans stand when an instalment falls due; one entry a loan, int64[n] of minor units unless said."""

    number: Int64Column
    """Which instalment it is, from 1."""
    months: Int32Column
    """The term of the loan, int32[n]."""
    free: Int64Column
    """How many instalments at the beginning have no principal: a grace part says."""
    principal: Int64Column
    """What was lent."""
    owed: Int64Column
    """The principal owed before the instalment, zero or above."""
    interest: Int64Column
    """The interest that is due with it."""
    payment: Int64Column
    """The level payment, as `Repayment.payment` gave it when the rate was set; 0 where there is none."""


class Repayment(Part, frozen=True, kw_only=True):
    """The base of repayment parts."""

    kind: ClassVar[Kind] = Kind.REPAYMENT
    effect: ClassVar[str] = "debit the linked account, credit loans and interest receivable, on each due date"
    shape: ClassVar[Shape]

    every: Annotated[int, Parameter("months between two instalments", "还款间隔月数", least=1, most=12)] = 1
    day: Annotated[
        int | None,
        Parameter(
            "the day of the month they fall due; the day of disbursement where none is named",
            "还款日（未指定则为放款对应日）",
            least=1,
            most=31,
        ),
    ] = None

    def count(self, months: Int32Column) -> Int64Column:
        """How many instalments a term of months has, int64[n]; a last, shorter period counts."""
        return -(-months.astype(np.int64) // self.every)

    def due_on(self, number: Int64Column, start: Int32Column, months: Int32Column) -> Int32Column:
        """When an instalment falls due of loans disbursed on `start`, int32[n]; 0 where there is no such instalment.

        The last falls due on the day the loan ends, the others on the repayment day of their month.
        """
        count = self.count(months)
        ends = add_months_many(start, months.astype(np.int64))
        before = self._month_day(start, number)
        due = np.where(number >= count, ends, np.minimum(before, ends))
        return np.where((number >= 1) & (number <= count), due, 0).astype(np.int32)

    def done(self, date: int, start: Int32Column, months: Int32Column) -> Int64Column:
        """How many instalments fall due from `start` to `date`, that day included; int64[n]."""
        count = self.count(months)
        passed = month_and_day_many(np.full(len(start), date, np.int32))[0] - month_and_day_many(start)[0]
        number = passed // self.every
        number -= self._month_day(start, number) > date
        ends = add_months_many(start, months.astype(np.int64))
        return np.where(ends <= date, count, np.clip(number, 0, np.maximum(count - 1, 0))).astype(np.int64)

    def is_due(self, date: int, start: Int32Column, months: Int32Column) -> BoolColumn:
        """Whether an instalment falls due on a date, bool[n]; its number is `done`."""
        return self.done(date, start, months) > self.done(date - 1, start, months)

    def payment(
        self, principal: Int64Column, owed: Int64Column, rate: Int64Column, remaining: Int64Column
    ) -> Int64Column:
        """The level payment of each of the `remaining` instalments with principal, int64[n]; 0 where there is none.

        `principal` is what was lent, `owed` what is owed of it, `rate` the yearly rate (1e-8). It is worked out when a
        loan is disbursed, when its rate is set anew, and when it is repaid early and the instalment is lowered.
        """
        return np.zeros(len(owed), np.int64)

    def principal_due(self, at: Standing) -> Int64Column:
        """The principal due with an instalment, int64[n]: between zero and what is owed, all of it with the last."""
        count = self.count(at.months)
        due = np.where(at.number > at.free, self._part_of(at, count), 0)
        due = np.where(at.number == count, at.owed, np.clip(due, 0, at.owed))
        return np.where((at.number >= 1) & (at.number <= count), due, 0).astype(np.int64)

    def _part_of(self, at: Standing, count: Int64Column) -> Int64Column:
        """The principal of an instalment that is not the last; cut to what is owed by the caller."""
        raise NotImplementedError

    def _month_day(self, start: Int32Column, number: Int64Column) -> Int32Column:
        """The repayment day of the month of an instalment, or that month's last where it is shorter."""
        if self.day is None:
            return add_months_many(start, number * self.every)
        month = month_and_day_many(start)[0] + number * self.every
        first = month_start_many(month)
        return (first + np.minimum(self.day, month_start_many(month + 1) - first) - 1).astype(np.int32)

    def _when(self) -> tuple[str, str]:
        english, chinese = every_english(self.every), every_chinese(self.every)
        if self.day is None:
            return f"{english}, on the day of disbursement,", f"{chinese}放款对应日"
        return f"{english} on day {self.day}", f"{chinese}{self.day}日"


@lru_cache(maxsize=16_384)
def _level_factor(rate: int, every: int, remaining: int) -> Fraction:
    """What of a principal each of some level payments is, i / (1 - (1 + i)^-n), with i for `every` months."""
    if rate == 0:
        return Fraction(1, remaining)
    period = Fraction(rate * every, 12 * RATE_ONE)
    return period / (1 - 1 / (1 + period) ** remaining)


def level_payment(owed: Int64Column, rate: Int64Column, every: int, remaining: Int64Column) -> Int64Column:
    """The payment that repays what is owed in `remaining` level instalments, int64[n], exact and rounded half up.

    `owed` in minor units, `rate` in 1e-8 a year, zero or above; a month counts as a twelfth of a year. Nothing where
    nothing remains. Most are found in double precision, whose error is known; those too close to a half are worked
    out in whole numbers.
    """
    made = np.zeros(len(owed), np.int64)
    asked = np.flatnonzero((remaining > 0) & (owed > 0))
    # Rates are below 2^28, terms below 2^20 instalments: both fit one number, whose different values are few.
    kinds, kind = np.unique(rate[asked] << 20 | remaining[asked], return_inverse=True)
    numbers: list[int] = kinds.tolist()
    shares = [_level_factor(one >> 20, every, one & 0xFFFFF) for one in numbers]
    exact = owed[asked] * np.array([float(share) for share in shares])[kind]
    made[asked] = np.floor(exact + 0.5)
    # The share and the product are each off by less than a unit in the last place.
    close = np.abs(exact + 0.5 - np.rint(exact + 0.5)) <= exact * 2**-50 + 1e-9
    places: list[int] = asked[close].tolist()
    kinds_close: list[int] = kind[close].tolist()
    for place, one in zip(places, kinds_close, strict=True):
        whole = int(owed[place]) * shares[one].numerator
        made[place] = divide_round(whole, shares[one].denominator, Rounding.HALF_UP)
    return made


class EqualInstalments(Repayment, frozen=True, kw_only=True):
    """Equal instalments: interest and principal together are the same each time."""

    name: ClassVar[str] = "repayment.equal_instalments"
    chinese: ClassVar[str] = "等额本息：每期还款总额相同"
    shape: ClassVar[Shape] = Shape.LEVEL

    def payment(
        self, principal: Int64Column, owed: Int64Column, rate: Int64Column, remaining: Int64Column
    ) -> Int64Column:
        """See `Repayment.payment`."""
        return level_payment(owed, rate, self.every, remaining)

    def _part_of(self, at: Standing, count: Int64Column) -> Int64Column:
        return at.payment - at.interest

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        when, when_chinese = self._when()
        return (
            f"Repaid {when} in equal instalments of principal and interest.",
            f"等额本息还款，{when_chinese}为还款日，每期还款额相同。",
        )


class EqualPrincipal(Repayment, frozen=True, kw_only=True):
    """Equal principal: the same part of the principal each time, and the interest on what was owed."""

    name: ClassVar[str] = "repayment.equal_principal"
    chinese: ClassVar[str] = "等额本金：每期归还相同本金，利息逐期递减"
    shape: ClassVar[Shape] = Shape.LINEAR

    def _part_of(self, at: Standing, count: Int64Column) -> Int64Column:
        # Of what was owed when the first principal was due: an early payment shortens the loan.
        parts = np.maximum(count - at.free, 1)
        return (2 * at.principal + parts) // (2 * parts)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        when, when_chinese = self._when()
        return (
            f"Repaid {when} in equal parts of the principal, with the interest on what is owed.",
            f"等额本金还款，{when_chinese}为还款日，每期归还相同本金并支付当期利息。",
        )


class InterestOnly(Repayment, frozen=True, kw_only=True):
    """Interest is paid at each due date, the principal at the end."""

    name: ClassVar[str] = "repayment.interest_only"
    chinese: ClassVar[str] = "按期付息，到期还本"
    shape: ClassVar[Shape] = Shape.BULLET

    def _part_of(self, at: Standing, count: Int64Column) -> Int64Column:
        return np.zeros(len(at.owed), np.int64)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        when, when_chinese = self._when()
        return (
            f"Interest is paid {when} and the principal at the end.",
            f"按期付息、到期还本，{when_chinese}为付息日。",
        )


class AtEnd(Repayment, frozen=True, kw_only=True):
    """Principal and interest are paid together, at the end."""

    name: ClassVar[str] = "repayment.at_end"
    chinese: ClassVar[str] = "到期一次还本付息（利随本清）"
    shape: ClassVar[Shape] = Shape.AT_END

    def count(self, months: Int32Column) -> Int64Column:
        """See `Repayment.count`: one."""
        return np.where(months > 0, 1, 0).astype(np.int64)

    def _part_of(self, at: Standing, count: Int64Column) -> Int64Column:
        return np.zeros(len(at.owed), np.int64)

    def done(self, date: int, start: Int32Column, months: Int32Column) -> Int64Column:
        """See `Repayment.done`."""
        ends = add_months_many(start, months.astype(np.int64))
        return np.where(ends <= date, self.count(months), 0).astype(np.int64)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return "Principal and interest are repaid together at the end.", "到期一次还本付息，利随本清。"


class PlanStep(msgspec.Struct, frozen=True, kw_only=True):
    """A share of the principal that falls due after some months."""

    month: Annotated[int, Parameter("months after the disbursement", "放款后月数", least=1, most=600)]
    share: Annotated[Rate, Parameter("the share of the principal due", "应还本金比例", least=1, most=RATE_ONE)]


class ByPlan(Repayment, frozen=True, kw_only=True):
    """An irregular plan: shares of the principal after some months, the rest at the end; interest at each due date."""

    name: ClassVar[str] = "repayment.by_plan"
    chinese: ClassVar[str] = "按还款计划不规则还本，按期付息，余额到期结清"
    shape: ClassVar[Shape] = Shape.PLAN

    steps: Annotated[tuple[PlanStep, ...], Parameter("the shares due, ascending by month", "各期还本比例，按月数递增")]

    def _part_of(self, at: Standing, count: Int64Column) -> Int64Column:
        due = np.zeros(len(at.owed), np.int64)
        for step in self.steps:
            here = (step.month > (at.number - 1) * self.every) & (step.month <= at.number * self.every)
            due[here] += share_of(at.principal[here], step.share.units)
        return due

    def problems(self) -> tuple[Problem, ...]:
        """See `Part.problems`."""
        found = not_ascending("steps", [step.month for step in self.steps], "step", "还款计划")
        total = sum(step.share.units for step in self.steps)
        if total > RATE_ONE:
            found = (*found, Problem("steps", "the shares are more than the whole principal", "还本比例合计超过100%"))
        return found

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        when, when_chinese = self._when()
        english = "; ".join(f"{step.share} after {step.month} months" for step in self.steps)
        chinese = "；".join(f"第{step.month}个月还本金的{step.share}" for step in self.steps)
        return (
            f"Interest is paid {when}; principal falls due by plan ({english}), the rest at the end.",
            f"{when_chinese}付息；本金按计划归还（{chinese}），其余到期结清。",
        )


class Balloon(Repayment, frozen=True, kw_only=True):
    """Level instalments that leave a share of the principal to the end."""

    name: ClassVar[str] = "repayment.balloon"
    chinese: ClassVar[str] = "气球贷：每期等额还款，到期归还较大比例的剩余本金"
    shape: ClassVar[Shape] = Shape.BALLOON

    last: Annotated[
        Rate, Parameter("the share of the principal left to the end", "到期归还的本金比例", least=1, most=RATE_ONE)
    ]

    def payment(
        self, principal: Int64Column, owed: Int64Column, rate: Int64Column, remaining: Int64Column
    ) -> Int64Column:
        """See `Repayment.payment`: level on what is repaid on the way, and the interest on what is left."""
        left = np.minimum(self.left(principal), owed)
        made = np.zeros(len(owed), np.int64)
        asked = zip(owed.tolist(), left.tolist(), rate.tolist(), remaining.tolist(), strict=True)
        for place, (amount, balloon, yearly, count) in enumerate(asked):
            if count > 0 and amount > 0:
                period = Fraction(yearly * self.every, 12 * RATE_ONE)
                due = (amount - balloon) * _level_factor(yearly, self.every, count) + balloon * period
                made[place] = divide_round(due.numerator, due.denominator, Rounding.HALF_UP)
        return made

    def left(self, principal: Int64Column) -> Int64Column:
        """What is left to the end of what was lent, int64[n] of minor units, rounded half up."""
        return share_of(principal, self.last.units)

    def _part_of(self, at: Standing, count: Int64Column) -> Int64Column:
        return np.minimum(at.payment - at.interest, np.maximum(at.owed - self.left(at.principal), 0))

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        when, when_chinese = self._when()
        return (
            f"Repaid {when} in equal instalments; {self.last} of the principal is left to the end.",
            f"{when_chinese}等额还款，本金的{self.last}于到期时一次归还。",
        )


class ByStatement(Repayment, frozen=True, kw_only=True):
    """No instalments: each month's statement says what is due, and at least a minimum of it is paid."""

    name: ClassVar[str] = "repayment.by_statement"
    chinese: ClassVar[str] = "按账单还款：可还全额，也可还最低还款额"
    shape: ClassVar[Shape] = Shape.STATEMENT

    def count(self, months: Int32Column) -> Int64Column:
        """See `Repayment.count`: none."""
        return np.zeros(len(months), np.int64)

    def _part_of(self, at: Standing, count: Int64Column) -> Int64Column:
        return np.zeros(len(at.owed), np.int64)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return (
            "Each statement says what is due by when: the whole, or at least a minimum of it.",
            "按账单还款，可于到期还款日前归还全部款项，也可归还最低还款额。",
        )
