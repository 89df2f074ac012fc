"""What a late payment costs: days of grace, the penalty rate, interest on unpaid interest, late charges; and misuse."""

from typing import Annotated, ClassVar

import numpy as np

from yinhe.kernel.money import Money
from yinhe.kernel.rates import RATE_ONE, Rate
from yinhe.products.parts.base import Int32Column, Int64Column, Kind, Parameter, Part, Problem
from yinhe.products.parts.fee import share_of
from yinhe.products.parts.words import crossed, money_chinese, money_english

GRACE_DAYS_MOST = 30
PENALTY_MOST = 200
"""Percent: no penalty rate is higher, in proportion to the contract's."""
LATE_RATE_MAX = 24_000_000
"""24 %: what a court enforces at most; the cap where a bank names no other."""


def multiplied(rate: Int64Column, percent: int, cap: Rate) -> Int64Column:
    """Some percent (100 or more) of rates (1e-8, zero or above), int64[n], rounded half up, within a cap.

    The cap never lowers a rate below the contract's own.
    """
    return np.minimum((rate * percent + 50) // 100, np.maximum(cap.units, rate)).astype(np.int64)


class Overdue(Part, frozen=True, kw_only=True):
    """The base of overdue parts."""

    kind: ClassVar[Kind] = Kind.OVERDUE

    grace_days: Annotated[
        int,
        Parameter(
            "days after the due date in which a payment is not late", "宽限期天数", least=0, most=GRACE_DAYS_MOST
        ),
    ] = 0

    def days_past_due(self, date: int, due: Int32Column) -> Int64Column:
        """How many days late the oldest unpaid payment is on a date, int64[n]; `due` int32[n], 0 for none.

        Nothing within the days of grace; after them the days count from the due date.
        """
        late = np.where(due > 0, date - due.astype(np.int64), 0)
        return np.where(late > self.grace_days, late, 0).astype(np.int64)

    def penalty_rate(self, contract: Int64Column) -> Int64Column:
        """The yearly rate of principal that is late, int64[n] of 1e-8, from the contract's rate (1e-8)."""
        raise NotImplementedError

    def compound_rate(self, contract: Int64Column) -> Int64Column:
        """The yearly rate of interest that is late, int64[n] of 1e-8; 0 where unpaid interest bears none."""
        raise NotImplementedError

    def charge(self, unpaid: Int64Column) -> Int64Column:
        """What is charged once for a payment that is late, int64[n], from what of it is unpaid; minor units."""
        return np.zeros(len(unpaid), np.int64)

    def _grace(self) -> tuple[str, str]:
        if not self.grace_days:
            return "", ""
        days = f"{self.grace_days} day{'s' * (self.grace_days != 1)}"
        return f"A payment up to {days} late is in time. ", f"还款宽限期{self.grace_days}天。"


class Penalty(Overdue, frozen=True, kw_only=True):
    """Principal that is late bears the penalty rate, and interest that is late too (compound interest)."""

    name: ClassVar[str] = "overdue.penalty"
    chinese: ClassVar[str] = "逾期罚息：按合同利率加收，未付利息按罚息利率计收复利"
    effect: ClassVar[str] = "debit interest receivable, credit interest income, every night"

    multiple: Annotated[
        int, Parameter("percent of the contract's rate", "罚息利率占合同利率的百分比", least=100, most=PENALTY_MOST)
    ] = 150
    compound: Annotated[bool, Parameter("whether unpaid interest bears interest", "是否计收复利")] = True
    cap: Annotated[Rate, Parameter("the most the penalty rate can be", "罚息利率上限", least=0, most=RATE_ONE)] = Rate(
        LATE_RATE_MAX
    )

    def penalty_rate(self, contract: Int64Column) -> Int64Column:
        """See `Overdue.penalty_rate`."""
        return multiplied(contract, self.multiple, self.cap)

    def compound_rate(self, contract: Int64Column) -> Int64Column:
        """See `Overdue.compound_rate`: the penalty rate."""
        return self.penalty_rate(contract) if self.compound else np.zeros(len(contract), np.int64)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        grace, grace_chinese = self._grace()
        english = f"{grace}Principal that is late bears {self.multiple}% of the contract's rate"
        chinese = f"{grace_chinese}逾期本金按合同利率的{self.multiple}%计收罚息"
        if self.compound:
            english, chinese = (
                f"{english}, and so does interest that is late",
                f"{chinese}，未按期支付的利息按罚息利率计收复利",
            )
        return f"{english}; at most {self.cap} a year.", f"{chinese}；罚息利率最高{self.cap}。"


class LateCharge(Overdue, frozen=True, kw_only=True):
    """A late payment is charged once, a share of what is unpaid of it; interest goes on at the contract's rate."""

    name: ClassVar[str] = "overdue.late_charge"
    chinese: ClassVar[str] = "违约金：按未还部分的比例一次性收取，利息按合同利率照计"
    effect: ClassVar[str] = "debit loans, credit fee income"

    share: Annotated[Rate, Parameter("the share of what is unpaid", "违约金比例", least=0, most=10_000_000)] = Rate(
        5_000_000
    )
    least: Annotated[Money | None, Parameter("the least charge", "最低违约金", least=0)] = None
    most: Annotated[Money | None, Parameter("the most charge", "最高违约金", least=0)] = None
    tolerated: Annotated[
        Money | None, Parameter("what may be short without the payment being late", "容差金额", least=0)
    ] = None

    def penalty_rate(self, contract: Int64Column) -> Int64Column:
        """See `Overdue.penalty_rate`: the contract's."""
        return contract.copy()

    def compound_rate(self, contract: Int64Column) -> Int64Column:
        """See `Overdue.compound_rate`: none."""
        return np.zeros(len(contract), np.int64)

    def charge(self, unpaid: Int64Column) -> Int64Column:
        """See `Overdue.charge`; rounded half up, nothing for what is tolerated."""
        charged = share_of(np.maximum(unpaid, 0), self.share.units)
        if self.least is not None:
            charged = np.maximum(charged, self.least.amount_minor)
        if self.most is not None:
            charged = np.minimum(charged, self.most.amount_minor)
        tolerated = 0 if self.tolerated is None else self.tolerated.amount_minor
        return np.where(unpaid > tolerated, charged, 0).astype(np.int64)

    def problems(self) -> tuple[Problem, ...]:
        """See `Part.problems`."""
        return crossed("least", self.least, self.most)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        grace, grace_chinese = self._grace()
        english = f"{grace}A payment that is late is charged once {self.share} of what is unpaid of it"
        chinese = f"{grace_chinese}未按期还款的，按未还部分的{self.share}一次性收取违约金"
        for amount, what, what_chinese in ((self.least, "at least", "最低"), (self.most, "at most", "最高")):
            if amount is not None:
                english, chinese = (
                    f"{english}, {what} {money_english(amount)}",
                    f"{chinese}，{what_chinese}{money_chinese(amount)}",
                )
        if self.tolerated is not None:
            english = f"{english}; up to {money_english(self.tolerated)} may be short"
            chinese = f"{chinese}；差额不超过{money_chinese(self.tolerated)}的视同按期还款"
        return f"{english}.", f"{chinese}。"


class NoPenalty(Overdue, frozen=True, kw_only=True):
    """Late or not, the contract's rate: no penalty, no charge."""

    name: ClassVar[str] = "overdue.none"
    chinese: ClassVar[str] = "逾期不加收罚息，按合同利率计息"

    def penalty_rate(self, contract: Int64Column) -> Int64Column:
        """See `Overdue.penalty_rate`: the contract's."""
        return contract.copy()

    def compound_rate(self, contract: Int64Column) -> Int64Column:
        """See `Overdue.compound_rate`: none."""
        return np.zeros(len(contract), np.int64)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        grace, grace_chinese = self._grace()
        return (
            f"{grace}What is late bears the contract's rate, and nothing more.",
            f"{grace_chinese}逾期部分仍按合同利率计息，不加收罚息。",
        )


class Misuse(Part, frozen=True, kw_only=True):
    """A loan used for something else than agreed bears a higher rate from that day on; the heavier of two counts."""

    name: ClassVar[str] = "misuse.rate"
    kind: ClassVar[Kind] = Kind.MISUSE
    chinese: ClassVar[str] = "挪用罚息：未按约定用途使用贷款的加收利率"
    effect: ClassVar[str] = "debit interest receivable, credit interest income, every night"

    multiple: Annotated[
        int, Parameter("percent of the contract's rate", "挪用罚息利率占合同利率的百分比", least=100, most=PENALTY_MOST)
    ] = 200
    cap: Annotated[Rate, Parameter("the most it can be", "挪用罚息利率上限", least=0, most=RATE_ONE)] = Rate(
        LATE_RATE_MAX
    )

    def rate(self, contract: Int64Column) -> Int64Column:
        """The yearly rate of what is misused, int64[n] of 1e-8, from the contract's rate (1e-8)."""
        return multiplied(contract, self.multiple, self.cap)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return (
            f"What is used for something else than agreed bears {self.multiple}% of the contract's rate, at most "
            f"{self.cap} a year; where it is late too, the higher of the two rates holds.",
            f"未按约定用途使用的部分，按合同利率的{self.multiple}%计收罚息，最高{self.cap}；"
            "既逾期又挪用的，择其重，不并处。",
        )
