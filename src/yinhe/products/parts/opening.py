"""What opening a contract asks for."""

from typing import ClassVar

import numpy as np

from yinhe.products.parts.base import Facts, Int64Column, Kind, Part
from yinhe.products.parts.refusals import PartRefusal


class Opening(Part, frozen=True, kw_only=True):
    """The base of opening parts."""

    kind: ClassVar[Kind] = Kind.OPENING

    def refuse(self, facts: Facts) -> Int64Column:
        """Why a contract may not be opened with an amount (0 for empty), int64[n] of `PartRefusal`, 0 where it may."""
        raise NotImplementedError


class WithDeposit(Opening, frozen=True, kw_only=True):
    """It is opened with its first deposit, in one transaction."""

    name: ClassVar[str] = "opening.with_deposit"
    chinese: ClassVar[str] = "开立时须同时存入首笔资金"
    effect: ClassVar[str] = "debit the funding account, credit the deposit"

    def refuse(self, facts: Facts) -> Int64Column:
        """See `Opening.refuse`."""
        return np.where(facts.amount > 0, 0, PartRefusal.FIRST_DEPOSIT_MISSING).astype(np.int64)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return "It is opened with a first deposit.", "开立时须同时存入首笔资金。"


class OrEmpty(Opening, frozen=True, kw_only=True):
    """It may be opened empty or with a first deposit."""

    name: ClassVar[str] = "opening.or_empty"
    chinese: ClassVar[str] = "可零余额开立"
    effect: ClassVar[str] = "debit the funding account, credit the deposit, where there is a first deposit"

    def refuse(self, facts: Facts) -> Int64Column:
        """See `Opening.refuse`: nothing is."""
        return np.zeros(len(facts.amount), np.int64)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return "It may be opened without a deposit.", "可零余额开立。"


class Empty(Opening, frozen=True, kw_only=True):
    """It is opened empty; money comes by sweep or later."""

    name: ClassVar[str] = "opening.empty"
    chinese: ClassVar[str] = "零余额开立，其后转入"

    def refuse(self, facts: Facts) -> Int64Column:
        """See `Opening.refuse`."""
        return np.where(facts.amount == 0, 0, PartRefusal.FIRST_DEPOSIT_LATER).astype(np.int64)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return "It is opened empty.", "零余额开立。"
