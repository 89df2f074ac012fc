"""What the bank sets aside for loans it may not get back: the expected loss, in three stages."""

from enum import IntEnum, unique
from typing import Annotated, ClassVar

import msgspec
import numpy as np

from yinhe.kernel.rates import RATE_ONE, Rate
from yinhe.products.parts.base import BoolColumn, Int64Column, Kind, Parameter, Part, Problem
from yinhe.products.parts.classification import DAYS_MOST, Grade
from yinhe.products.parts.limit import share_up


@unique
class Stage(IntEnum):
    """The stages of IFRS 9 and of the Chinese standard CAS 22."""

    TWELVE_MONTHS = 1
    """The loss expected of defaults within twelve months."""
    LIFETIME = 2
    """The risk has grown since the loan began: the loss expected of defaults in its whole life."""
    IMPAIRED = 3
    """It is in default: the loss expected now."""


class Allowance(Part, frozen=True, kw_only=True):
    """The base of allowance parts."""

    kind: ClassVar[Kind] = Kind.ALLOWANCE
    effect: ClassVar[str] = "debit credit-loss expense, credit loan-loss allowance, by what changed"

    def stage(self, days_past_due: Int64Column, grade: Int64Column, has_grown: BoolColumn) -> Int64Column:
        """The stages of loans, int64[n] of `Stage`.

        `grade` is int64[n] of `Grade`; `has_grown` whether the risk has grown by other signs than days, as of a loan
        that is watched.
        """
        raise NotImplementedError

    def allowance(self, stage: Int64Column, exposure: Int64Column) -> Int64Column:
        """What is set aside for exposures, int64[n] of minor units: between zero and the exposure.

        `exposure` (int64[n], minor units, zero or above) is principal and interest owed, and what of a line not drawn
        is expected to be.
        """
        raise NotImplementedError


class StageLoss(msgspec.Struct, frozen=True, kw_only=True):
    """What is expected of loans in a stage."""

    default: Annotated[Rate, Parameter("how likely they default", "违约概率", least=0, most=RATE_ONE)]
    lost: Annotated[Rate, Parameter("the share that is lost then", "违约损失率", least=0, most=RATE_ONE)]

    @property
    def share(self) -> int:
        """The share of the exposure that is expected to be lost, in 1e-8, rounded up."""
        return -(-self.default.units * self.lost.units // RATE_ONE)


class ThreeStages(Allowance, frozen=True, kw_only=True):
    """Three stages by days past due and grade; the expected loss is likelihood times loss times exposure."""

    name: ClassVar[str] = "allowance.three_stages"
    chinese: ClassVar[str] = "预期信用损失三阶段：违约概率×违约损失率×风险敞口"

    first: Annotated[StageLoss, Parameter("stage 1: defaults within twelve months", "第一阶段：未来12个月")]
    second: Annotated[StageLoss, Parameter("stage 2: defaults in the whole life", "第二阶段：整个存续期")]
    third: Annotated[StageLoss, Parameter("stage 3: in default", "第三阶段：已发生信用减值")]
    second_days: Annotated[
        int, Parameter("stage 2 from more days late than this", "第二阶段：逾期超过天数", least=0, most=DAYS_MOST)
    ] = 30
    third_days: Annotated[
        int, Parameter("stage 3 from more days late than this", "第三阶段：逾期超过天数", least=0, most=DAYS_MOST)
    ] = 90

    def stage(self, days_past_due: Int64Column, grade: Int64Column, has_grown: BoolColumn) -> Int64Column:
        """See `Allowance.stage`; a non-performing loan is in stage 3."""
        found = np.full(len(days_past_due), Stage.TWELVE_MONTHS, np.int64)
        found[(days_past_due > self.second_days) | has_grown] = Stage.LIFETIME
        found[(days_past_due > self.third_days) | (grade >= Grade.SUBSTANDARD)] = Stage.IMPAIRED
        return found

    def allowance(self, stage: Int64Column, exposure: Int64Column) -> Int64Column:
        """See `Allowance.allowance`; rounded up."""
        owed, found = np.maximum(exposure, 0), np.zeros(len(exposure), np.int64)
        for one, loss in zip(Stage, (self.first, self.second, self.third), strict=True):
            here = stage == one
            found[here] = share_up(owed[here], loss.share)
        return found

    def problems(self) -> tuple[Problem, ...]:
        """See `Part.problems`."""
        found: tuple[Problem, ...] = ()
        if self.second_days >= self.third_days:
            found = (Problem("second_days", "stage 2 does not begin before stage 3", "第二阶段天数不小于第三阶段"),)
        shares = [loss.share for loss in (self.first, self.second, self.third)]
        if shares != sorted(shares):
            found = (
                *found,
                Problem("first", "a worse stage has a lower loss than a better one", "较差阶段的损失低于较好阶段"),
            )
        return found
