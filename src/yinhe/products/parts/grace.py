"""Instalments at the beginning of a loan in which no principal, or nothing at all, is due."""

from enum import Enum, unique
from typing import Annotated, ClassVar

import numpy as np

from yinhe.products.parts.base import Int64Column, Kind, Parameter, Part

MONTHS_MOST = 120


class Grace(Part, frozen=True, kw_only=True):
    """The base of grace parts; days of grace after a due date are an overdue part's matter."""

    kind: ClassVar[Kind] = Kind.GRACE

    months: Annotated[int, Parameter("months after the disbursement", "放款后宽限月数", least=1, most=MONTHS_MOST)]

    def without_principal(self, count: Int64Column, every: int) -> Int64Column:
        """How many instalments at the beginning have no principal, int64[n]; never the last of `count`.

        `every` is the months between two instalments.
        """
        return np.minimum(self.months // every, np.maximum(count - 1, 0)).astype(np.int64)

    def without_interest(self, count: Int64Column, every: int) -> Int64Column:
        """How many instalments at the beginning have no interest either, int64[n]; see `without_principal`."""
        raise NotImplementedError


class PrincipalGrace(Grace, frozen=True, kw_only=True):
    """At the beginning only interest is due."""

    name: ClassVar[str] = "grace.principal"
    chinese: ClassVar[str] = "还本宽限期：期内只还利息"

    def without_interest(self, count: Int64Column, every: int) -> Int64Column:
        """See `Grace.without_interest`: none."""
        return np.zeros(len(count), np.int64)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return (
            f"In the first {self.months} months only interest is due.",
            f"放款后{self.months}个月为还本宽限期，期内只还利息。",
        )


@unique
class AfterGrace(Enum):
    """What becomes of interest that was not due."""

    DUE = "due"
    """It is due with the first instalment after the grace."""
    CAPITALISED = "capitalised"
    """It becomes principal when the grace ends."""


class InterestGrace(Grace, frozen=True, kw_only=True):
    """At the beginning nothing is due; interest counts all the same."""

    name: ClassVar[str] = "grace.interest"
    chinese: ClassVar[str] = "还本付息宽限期：期内不还本息，利息照计"

    after: Annotated[AfterGrace, Parameter("what becomes of the interest", "宽限期利息处理方式")] = AfterGrace.DUE

    def without_interest(self, count: Int64Column, every: int) -> Int64Column:
        """See `Grace.without_interest`."""
        return self.without_principal(count, every)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        then, then_chinese = "is due with the first instalment after them", "于宽限期后首期一并归还"
        if self.after is AfterGrace.CAPITALISED:
            then, then_chinese = "becomes principal when they end", "于宽限期满转为本金"
        return (
            f"In the first {self.months} months nothing is due; the interest of these months {then}.",
            f"放款后{self.months}个月为宽限期，期内不还本息，利息照计，{then_chinese}。",
        )
