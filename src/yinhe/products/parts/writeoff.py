"""When a loan is given up in the books, and what is recovered of it afterwards."""

from typing import Annotated, ClassVar

import numpy as np

from yinhe.kernel.money import Money
from yinhe.products.parts.base import Int64Column, Kind, Parameter, Part
from yinhe.products.parts.classification import DAYS_MOST, Grade
from yinhe.products.parts.limit import refused_where
from yinhe.products.parts.refusals import PartRefusal


class WriteOff(Part, frozen=True, kw_only=True):
    """The base of write-off parts. The debt remains: the bank gives up the asset, not the claim."""

    kind: ClassVar[Kind] = Kind.WRITE_OFF
    effect: ClassVar[str] = (
        "debit loan-loss allowance, credit loans; what is recovered: debit cash, credit loan-loss allowance"
    )

    def refuse(self, days_past_due: Int64Column, grade: Int64Column, owed: Int64Column) -> Int64Column:
        """Why loans may not be written off, int64[n] of `PartRefusal`, 0 where they may.

        `grade` is int64[n] of `Grade`, `owed` the principal in minor units.
        """
        raise NotImplementedError

    def recover(
        self, paid: Int64Column, principal: Int64Column, interest: Int64Column
    ) -> tuple[Int64Column, Int64Column]:
        """What of recoveries goes to the principal and to the interest written off, int64[n] of minor units each."""
        raise NotImplementedError


class AfterDays(WriteOff, frozen=True, kw_only=True):
    """Written off when it has been late for some days and is graded as bad as this; small amounts sooner."""

    name: ClassVar[str] = "write_off.after_days"
    chinese: ClassVar[str] = "核销：逾期达到天数且达到等级方可核销，小额可提前；收回款先冲本金后冲利息"

    days: Annotated[int, Parameter("at least so many days late", "逾期天数", least=1, most=DAYS_MOST)] = 361
    grade: Annotated[Grade, Parameter("and at least of this grade", "最低分类等级")] = Grade.LOSS
    small: Annotated[Money | None, Parameter("up to this amount it is a small one", "小额贷款上限", least=1)] = None
    small_days: Annotated[
        int, Parameter("days a small one is late, whatever its grade", "小额贷款逾期天数", least=1, most=DAYS_MOST)
    ] = 181
    principal_first: Annotated[
        bool, Parameter("whether what is recovered pays principal before interest", "收回款是否先冲本金")
    ] = True

    def refuse(self, days_past_due: Int64Column, grade: Int64Column, owed: Int64Column) -> Int64Column:
        """See `WriteOff.refuse`."""
        may = (days_past_due >= self.days) & (grade >= self.grade)
        if self.small is not None:
            may |= (owed <= self.small.amount_minor) & (days_past_due >= self.small_days)
        return refused_where(~may, PartRefusal.NOT_YET_LOST)

    def recover(
        self, paid: Int64Column, principal: Int64Column, interest: Int64Column
    ) -> tuple[Int64Column, Int64Column]:
        """See `WriteOff.recover`."""
        if self.principal_first:
            first = np.minimum(paid, principal)
            return first, np.minimum(paid - first, interest)
        first = np.minimum(paid, interest)
        return np.minimum(paid - first, principal), first
