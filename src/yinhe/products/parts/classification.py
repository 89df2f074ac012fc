"""How good a loan is: its grade by the days it is late, and from when its interest is no longer income."""

from enum import IntEnum, unique
from typing import Annotated, ClassVar

import numpy as np

from yinhe.kernel.rates import RATE_ONE, Rate
from yinhe.products.parts.base import BoolColumn, Int64Column, Kind, Parameter, Part, Problem
from yinhe.products.parts.words import not_ascending

DAYS_MOST = 3_660


@unique
class Grade(IntEnum):
    """The five grades; a higher one is worse. The three worst are non-performing loans (不良贷款)."""

    NORMAL = 1
    SPECIAL_MENTION = 2
    SUBSTANDARD = 3
    DOUBTFUL = 4
    LOSS = 5


GRADE_WORDS = {
    Grade.NORMAL: ("normal", "正常"),
    Grade.SPECIAL_MENTION: ("special mention", "关注"),
    Grade.SUBSTANDARD: ("substandard", "次级"),
    Grade.DOUBTFUL: ("doubtful", "可疑"),
    Grade.LOSS: ("loss", "损失"),
}
"""The grades in English and Chinese."""


class Classification(Part, frozen=True, kw_only=True):
    """The base of classification parts."""

    kind: ClassVar[Kind] = Kind.CLASSIFICATION

    def grade(
        self, days_past_due: Int64Column, is_impaired: BoolColumn, expected_loss: Int64Column, is_watched: BoolColumn
    ) -> Int64Column:
        """The grades of loans, int64[n] of `Grade`.

        `days_past_due` is int64[n]; `is_impaired` whether a person found signs of impairment; `expected_loss` what
        share of the loan is expected to be lost, int64[n] of 1e-8; `is_watched` whether it was arranged anew of late.
        """
        raise NotImplementedError


class FiveGrades(Classification, frozen=True, kw_only=True):
    """Five grades by days past due and expected loss (in force in China since July 2023); the worst reached counts."""

    name: ClassVar[str] = "classification.five_grades"
    chinese: ClassVar[str] = "五级分类：按逾期天数和预期损失划分，取最差一级"

    special_mention: Annotated[
        int, Parameter("special mention from more days late than this", "关注类：逾期超过天数", least=0, most=DAYS_MOST)
    ] = 0
    substandard: Annotated[
        int, Parameter("substandard from more days late than this", "次级类：逾期超过天数", least=0, most=DAYS_MOST)
    ] = 90
    doubtful: Annotated[
        int, Parameter("doubtful from more days late than this", "可疑类：逾期超过天数", least=0, most=DAYS_MOST)
    ] = 270
    loss: Annotated[
        int, Parameter("loss from more days late than this", "损失类：逾期超过天数", least=0, most=DAYS_MOST)
    ] = 360
    doubtful_loss: Annotated[
        Rate, Parameter("doubtful from this expected loss on", "可疑类：预期损失达到", least=1, most=RATE_ONE)
    ] = Rate(50_000_000)
    loss_loss: Annotated[
        Rate, Parameter("loss from this expected loss on", "损失类：预期损失达到", least=1, most=RATE_ONE)
    ] = Rate(90_000_000)

    def grade(
        self, days_past_due: Int64Column, is_impaired: BoolColumn, expected_loss: Int64Column, is_watched: BoolColumn
    ) -> Int64Column:
        """See `Classification.grade`."""
        found = np.full(len(days_past_due), Grade.NORMAL, np.int64)
        found[(days_past_due > self.special_mention) | is_watched] = Grade.SPECIAL_MENTION
        found[(days_past_due > self.substandard) | is_impaired] = Grade.SUBSTANDARD
        found[(days_past_due > self.doubtful) | (expected_loss >= self.doubtful_loss.units)] = Grade.DOUBTFUL
        found[(days_past_due > self.loss) | (expected_loss >= self.loss_loss.units)] = Grade.LOSS
        return found

    def problems(self) -> tuple[Problem, ...]:
        """See `Part.problems`."""
        days = (self.special_mention, self.substandard, self.doubtful, self.loss)
        found = not_ascending("loss", days, "grade", "等级")
        if self.doubtful_loss >= self.loss_loss:
            english = f"doubtful begins at an expected loss of {self.doubtful_loss}, not before loss, {self.loss_loss}"
            found = (*found, Problem("doubtful_loss", english, "可疑类的预期损失不低于损失类"))
        return found


class NonAccrual(Part, frozen=True, kw_only=True):
    """When a loan's interest is no longer income and is followed off balance."""

    name: ClassVar[str] = "non_accrual.after_days"
    kind: ClassVar[Kind] = Kind.NON_ACCRUAL
    chinese: ClassVar[str] = "非应计：逾期超过一定天数或减值后，利息转表外核算"
    effect: ClassVar[str] = (
        "debit interest income, credit interest receivable for what was accrued and not received; then interest is "
        "followed off balance"
    )

    days: Annotated[int, Parameter("from more days late than this", "逾期超过天数", least=1, most=DAYS_MOST)] = 90
    from_grade: Annotated[Grade, Parameter("or from this grade on", "或达到此等级")] = Grade.DOUBTFUL

    def is_non_accrual(self, days_past_due: Int64Column, grade: Int64Column) -> BoolColumn:
        """Whether interest is off balance, bool[n]; `grade` is int64[n] of `Grade`.

        A loan returns when all that was late is paid and its grade is better again.
        """
        return (days_past_due > self.days) | (grade >= self.from_grade)
