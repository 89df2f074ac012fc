"""In what order a payment pays what is due."""

from enum import IntEnum, unique
from typing import Annotated, ClassVar

import numpy as np

from yinhe.products.parts.base import Int64Column, Kind, Parameter, Part, Problem


@unique
class Bucket(IntEnum):
    """What may be due; the value is its column in the arrays of an allocation."""

    FEE = 0
    PENALTY = 1
    """Penalty interest on principal that is late (罚息)."""
    COMPOUND = 2
    """Interest on interest that is late (复利)."""
    INTEREST = 3
    PRINCIPAL = 4


BUCKET_WORDS = {
    Bucket.FEE: ("fees", "费用"),
    Bucket.PENALTY: ("penalty interest", "罚息"),
    Bucket.COMPOUND: ("compound interest", "复利"),
    Bucket.INTEREST: ("interest", "利息"),
    Bucket.PRINCIPAL: ("principal", "本金"),
}
"""The buckets in English and Chinese."""

_INTEREST_FIRST = (Bucket.FEE, Bucket.PENALTY, Bucket.COMPOUND, Bucket.INTEREST, Bucket.PRINCIPAL)
_PRINCIPAL_FIRST = (Bucket.PRINCIPAL, Bucket.FEE, Bucket.INTEREST, Bucket.PENALTY, Bucket.COMPOUND)


class Allocation(Part, frozen=True, kw_only=True):
    """The base of allocation parts."""

    kind: ClassVar[Kind] = Kind.ALLOCATION
    effect: ClassVar[str] = "decides what a payment credits: fee income, interest receivable, loans"

    def split(self, payment: Int64Column, due: Int64Column, days_past_due: Int64Column) -> Int64Column:
        """What payments pay, int64[n, k, 5] of minor units: of n loans, k instalments each, the five `Bucket`s.

        `payment` is int64[n], `due` int64[n, k, 5], both zero or above, the oldest instalment first; `days_past_due`
        is int64[n], of the oldest. Nothing pays more than is due; what is left of a payment is the caller's.
        """
        raise NotImplementedError


class InSequence(Allocation, frozen=True, kw_only=True):
    """Bucket by bucket in a sequence, in another one from some days past due on."""

    name: ClassVar[str] = "allocation.sequence"
    chinese: ClassVar[str] = "还款顺序：按约定次序冲还，逾期超过一定天数后改用另一次序"

    first: Annotated[tuple[Bucket, ...], Parameter("the sequence", "还款次序")] = _INTEREST_FIRST
    after_days: Annotated[
        int,
        Parameter(
            "more days past due than this, the other sequence holds", "改用另一次序的逾期天数", least=0, most=3_660
        ),
    ] = 90
    then: Annotated[tuple[Bucket, ...], Parameter("the other sequence", "逾期超限后的还款次序")] = _PRINCIPAL_FIRST
    by_instalment: Annotated[
        bool,
        Parameter(
            "whether by the first sequence the oldest instalment is paid whole before the next",
            "是否逐期冲还（先还清最早一期）；改用另一次序后不逐期",
        ),
    ] = True

    def split(self, payment: Int64Column, due: Int64Column, days_past_due: Int64Column) -> Int64Column:
        """See `Allocation.split`."""
        paid = np.zeros_like(due)
        late = days_past_due > self.after_days
        ways = ((self.first, self.by_instalment, ~late), (self.then, False, late))
        for sequence, by_instalment, here in ways:
            left = payment[here].copy()
            for instalment, bucket in _order(due.shape[1], sequence, by_instalment):
                taken = np.minimum(left, due[here, instalment, bucket])
                paid[here, instalment, bucket] = taken
                left -= taken
        return paid

    def problems(self) -> tuple[Problem, ...]:
        """See `Part.problems`."""
        return tuple(
            Problem(name, "the sequence must name each bucket once", "还款次序必须包含各项且不重复")
            for name, sequence in (("first", self.first), ("then", self.then))
            if sorted(sequence) != list(Bucket)
        )

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        (first, first_chinese), (then, then_chinese) = _listed(self.first), _listed(self.then)
        english, chinese = f"A payment pays {first}", f"还款依次冲还：{first_chinese}"
        if self.by_instalment:
            english, chinese = f"{english}, the oldest instalment first", f"{chinese}，逐期由远及近"
        if self.then != self.first:
            english = f"{english}; more than {self.after_days} days past due it pays {then}"
            chinese = f"{chinese}；逾期超过{self.after_days}天的，依次冲还：{then_chinese}"
        return f"{english}.", f"{chinese}。"


def _order(instalments: int, sequence: tuple[Bucket, ...], by_instalment: bool) -> list[tuple[int, int]]:
    """Which instalment's which bucket is paid, one after the other."""
    if by_instalment:
        return [(place, bucket.value) for place in range(instalments) for bucket in sequence]
    return [(place, bucket.value) for bucket in sequence for place in range(instalments)]


def _listed(sequence: tuple[Bucket, ...]) -> tuple[str, str]:
    words = [BUCKET_WORDS[one] for one in sequence]
    return ", then ".join(one for one, _ in words), "、".join(one for _, one in words)
