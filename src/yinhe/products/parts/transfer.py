"""Whether a contract may pass to another holder."""

from typing import Annotated, ClassVar

import numpy as np

from yinhe.products.parts.base import BoolColumn, Facts, Int64Column, Kind, Parameter, Part
from yinhe.products.parts.refusals import PartRefusal


class TransferPart(Part, frozen=True, kw_only=True):
    """The base of parts on the transfer of a contract to another holder."""

    kind: ClassVar[Kind] = Kind.TRANSFER

    def refuse(self, facts: Facts, to_company: BoolColumn) -> Int64Column:
        """Why a contract may not pass to another holder, int64[n] of `PartRefusal`, 0 where it may.

        `facts` is of the contract and its present holder, `to_company` whether the new one is a company.
        """
        raise NotImplementedError


class NotTransferable(TransferPart, frozen=True, kw_only=True):
    """It stays with its holder."""

    name: ClassVar[str] = "transfer.none"
    chinese: ClassVar[str] = "不可转让"

    def refuse(self, facts: Facts, to_company: BoolColumn) -> Int64Column:
        """See `TransferPart.refuse`."""
        return np.full(len(to_company), PartRefusal.NOT_TRANSFERABLE, np.int64)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return "It cannot be transferred to another holder.", "不可转让。"


class Whole(TransferPart, frozen=True, kw_only=True):
    """The whole contract may pass to another holder of the same kind; its terms and accrued interest go with it."""

    name: ClassVar[str] = "transfer.whole"
    chinese: ClassVar[str] = "可整笔转让给同类客户，条款及应计利息随之转移"
    effect: ClassVar[str] = "none on the deposit; the buyer pays the seller by an ordinary transfer"

    held_days: Annotated[int, Parameter("days it must have been held", "转让前须持有天数", least=0, most=3_660)] = 0
    same_kind: Annotated[
        bool, Parameter("whether only between persons, or between companies", "仅限个人之间或单位之间")
    ] = True

    def refuse(self, facts: Facts, to_company: BoolColumn) -> Int64Column:
        """See `TransferPart.refuse`."""
        soon = facts.business_date - facts.opened < self.held_days
        found = np.where(soon, PartRefusal.TRANSFER_TOO_SOON, 0).astype(np.int64)
        if self.same_kind:
            found[to_company != facts.is_company] = PartRefusal.TRANSFER_OTHER_KIND
        return found

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        held = f" after {self.held_days} days" if self.held_days else ""
        held_chinese = f"持有满{self.held_days}天后" if self.held_days else ""
        kind, kind_chinese = (" of the same kind", "（个人之间或单位之间）") if self.same_kind else ("", "")
        return (
            f"The whole may be transferred to another holder{kind}{held}; its terms stay as they are.",
            f"{held_chinese}可整笔转让{kind_chinese}，条款及应计利息随之转移。",
        )
