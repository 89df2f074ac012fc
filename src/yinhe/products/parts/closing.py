"""When a contract may be closed, and when it closes by itself."""

from typing import Annotated, ClassVar

import numpy as np

from yinhe.products.parts.base import BoolColumn, Facts, Int64Column, Kind, Parameter, Part
from yinhe.products.parts.refusals import PartRefusal


class Closing(Part, frozen=True, kw_only=True):
    """The base of closing parts."""

    kind: ClassVar[Kind] = Kind.CLOSING
    effect: ClassVar[str] = "debit the deposit and interest payable, credit where the money goes"

    def refuse(self, facts: Facts) -> Int64Column:
        """Why a contract may not be closed, int64[n] of `PartRefusal`, 0 where it may."""
        raise NotImplementedError

    def by_itself(self, balance: Int64Column) -> BoolColumn:
        """Whether a withdrawal that leaves a balance closes the contract, bool[n]."""
        return np.zeros(len(balance), np.bool_)


class AnyTime(Closing, frozen=True, kw_only=True):
    """It may be closed at any time; interest is paid to the day before."""

    name: ClassVar[str] = "closing.any_time"
    chinese: ClassVar[str] = "可随时销户，利息计至销户前一日"

    def refuse(self, facts: Facts) -> Int64Column:
        """See `Closing.refuse`: nothing is."""
        return np.zeros(len(facts.balance), np.int64)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return "It may be closed at any time.", "可随时销户，利息计至销户前一日。"


class WhenDrawn(AnyTime, frozen=True, kw_only=True):
    """It closes by itself when all is drawn, as a certificate does."""

    name: ClassVar[str] = "closing.when_drawn"
    chinese: ClassVar[str] = "支取完毕自动销户"

    def by_itself(self, balance: Int64Column) -> BoolColumn:
        """See `Closing.by_itself`."""
        return balance == 0

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return "It closes when all is drawn.", "支取完毕即行销户。"


class AfterDays(Closing, frozen=True, kw_only=True):
    """It may be closed from some days after opening on."""

    name: ClassVar[str] = "closing.after_days"
    chinese: ClassVar[str] = "开立满一定天数方可销户"

    days: Annotated[int, Parameter("days after opening", "开立后天数", least=1, most=3_660)]

    def refuse(self, facts: Facts) -> Int64Column:
        """See `Closing.refuse`."""
        soon = facts.business_date - facts.opened < self.days
        return np.where(soon, PartRefusal.TOO_SOON_TO_CLOSE, 0).astype(np.int64)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return f"It may be closed {self.days} days after opening.", f"开立满{self.days}天后可销户。"


class EmptyOnly(Closing, frozen=True, kw_only=True):
    """It may be closed only when nothing is on it."""

    name: ClassVar[str] = "closing.empty_only"
    chinese: ClassVar[str] = "余额为零方可销户"

    def refuse(self, facts: Facts) -> Int64Column:
        """See `Closing.refuse`."""
        return np.where(facts.balance == 0, 0, PartRefusal.NOT_EMPTY).astype(np.int64)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return "It may be closed when it is empty.", "余额为零时可销户。"
