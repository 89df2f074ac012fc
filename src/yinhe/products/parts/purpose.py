"""What a loan may be used for, and to whom the money is paid."""

from enum import IntEnum, unique
from typing import Annotated, ClassVar

import numpy as np

from yinhe.kernel.money import Money
from yinhe.products.parts.application import PURPOSE_WORDS, Application, ApplicationPart, Purpose
from yinhe.products.parts.base import BoolColumn, Int32Column, Int64Column, Kind, Parameter, Part, Problem
from yinhe.products.parts.limit import refused_where
from yinhe.products.parts.refusals import PartRefusal
from yinhe.products.parts.words import list_english, money_chinese, money_english, not_distinct


class PurposePart(ApplicationPart, frozen=True, kw_only=True):
    """The base of purpose parts."""

    kind: ClassVar[Kind] = Kind.PURPOSE

    purposes: Annotated[tuple[Purpose, ...], Parameter("the purposes", "用途")]

    def among(self, purpose: Int32Column) -> BoolColumn:
        """Whether purposes are among those named, bool[n]."""
        return np.isin(purpose, [one.value for one in self.purposes])

    def problems(self) -> tuple[Problem, ...]:
        """See `Part.problems`."""
        return not_distinct("purposes", [one.name.lower() for one in self.purposes], "purpose", "用途")

    def _listed(self) -> tuple[str, str]:
        words = [PURPOSE_WORDS[one][0] for one in self.purposes]
        english = " or ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
        return english, "、".join(PURPOSE_WORDS[one][1] for one in self.purposes)


class OnlyFor(PurposePart, frozen=True, kw_only=True):
    """The loan is for some purposes only."""

    name: ClassVar[str] = "purpose.only_for"
    chinese: ClassVar[str] = "限定贷款用途"

    def refuse(self, application: Application) -> Int64Column:
        """See `ApplicationPart.refuse`."""
        return refused_where(~self.among(application.purpose), PartRefusal.PURPOSE_NOT_ALLOWED)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        english, chinese = self._listed()
        return f"Only for {english}.", f"仅限用于{chinese}。"


class NeverFor(PurposePart, frozen=True, kw_only=True):
    """The loan must not be used for some purposes."""

    name: ClassVar[str] = "purpose.never_for"
    chinese: ClassVar[str] = "禁止的贷款用途"

    def refuse(self, application: Application) -> Int64Column:
        """See `ApplicationPart.refuse`."""
        return refused_where(self.among(application.purpose), PartRefusal.PURPOSE_FORBIDDEN)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        english, chinese = self._listed()
        return f"Never for {english}.", f"资金不得用于{chinese}。"


@unique
class Payee(IntEnum):
    """Who is paid with a loan's money."""

    BORROWER = 1
    """The borrower's own account."""
    SUPPLIER = 2
    """A seller or a supplier of the borrower, named with the drawing."""
    CARRIER = 3
    """A carrier, for freight."""
    OTHER = 4


PAYEE_WORDS = {
    Payee.BORROWER: ("the borrower's own account", "借款人本人账户"),
    Payee.SUPPLIER: ("the seller or supplier", "交易对象"),
    Payee.CARRIER: ("carriers", "承运人"),
    Payee.OTHER: ("others", "其他收款人"),
}
"""The payees in English and Chinese."""


class Payment(Part, frozen=True, kw_only=True):
    """The base of payment parts: to whom the bank pays what is drawn."""

    kind: ClassVar[Kind] = Kind.PAYMENT

    def refuse(self, amount: Int64Column, payee: Int32Column) -> Int64Column:
        """Why a drawing may not be paid so, int64[n] of `PartRefusal`, 0 where it may.

        `amount` (int64[n], minor units) is what is drawn at once, `payee` int32[n] of `Payee`.
        """
        raise NotImplementedError

    def by_bank(self, amount: Int64Column) -> BoolColumn:
        """Whether the bank itself must pay the payee (受托支付), bool[n]; else it may pay the borrower (自主支付)."""
        raise NotImplementedError


class ToSupplier(Payment, frozen=True, kw_only=True):
    """Above a threshold the bank pays the supplier; up to it the money may go to the borrower."""

    name: ClassVar[str] = "payment.to_supplier"
    chinese: ClassVar[str] = "受托支付：超过限额的贷款资金由本行直接支付给交易对象"

    above: Annotated[Money, Parameter("the amount above which the supplier is paid", "受托支付起点金额", least=0)]

    def refuse(self, amount: Int64Column, payee: Int32Column) -> Int64Column:
        """See `Payment.refuse`."""
        wrong = self.by_bank(amount) & ~np.isin(payee, [Payee.SUPPLIER.value, Payee.CARRIER.value])
        found = refused_where(wrong, PartRefusal.SUPPLIER_ONLY)
        found[payee == Payee.OTHER.value] = PartRefusal.PAYEE_NOT_ALLOWED
        return found

    def by_bank(self, amount: Int64Column) -> BoolColumn:
        """See `Payment.by_bank`."""
        return amount > self.above.amount_minor

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return (
            f"A drawing of more than {money_english(self.above)} the bank pays to the seller or supplier; "
            "a smaller one goes to the borrower's own account or to them.",
            f"单次提款金额超过{money_chinese(self.above)}的，由本行受托支付给交易对象；"
            "不超过的，可支付至借款人本人账户或交易对象。",
        )


class OnlyTo(Payment, frozen=True, kw_only=True):
    """The bank pays every drawing to some kinds of payees, as freight to carriers, and never to the borrower."""

    name: ClassVar[str] = "payment.only_to"
    chinese: ClassVar[str] = "定向支付：贷款资金只能支付给指定类别的收款人"

    payees: Annotated[tuple[Payee, ...], Parameter("the kinds of payees", "收款人类别")]

    def refuse(self, amount: Int64Column, payee: Int32Column) -> Int64Column:
        """See `Payment.refuse`."""
        named = np.isin(payee, [one.value for one in self.payees])
        return refused_where(~named, PartRefusal.PAYEE_NOT_ALLOWED)

    def by_bank(self, amount: Int64Column) -> BoolColumn:
        """See `Payment.by_bank`: always."""
        return np.ones(len(amount), np.bool_)

    def problems(self) -> tuple[Problem, ...]:
        """See `Part.problems`."""
        found = not_distinct("payees", [one.name.lower() for one in self.payees], "payee", "收款人类别")
        if Payee.BORROWER in self.payees:
            borrower = Problem("payees", "paid to the borrower, the money may go anywhere", "支付给借款人则无法定向")
            found = (borrower, *found)
        return found

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        english = list_english([PAYEE_WORDS[one][0] for one in self.payees])
        chinese = "、".join(PAYEE_WORDS[one][1] for one in self.payees)
        return (
            f"The bank pays what is drawn to {english} only, never to the borrower.",
            f"贷款资金由本行直接支付，仅限支付给{chinese}，不得转入借款人账户。",
        )


class Freely(Payment, frozen=True, kw_only=True):
    """What is drawn goes to the borrower's own account, or to whom the borrower says."""

    name: ClassVar[str] = "payment.freely"
    chinese: ClassVar[str] = "自主支付：贷款资金转入借款人账户自行支付"

    def refuse(self, amount: Int64Column, payee: Int32Column) -> Int64Column:
        """See `Payment.refuse`: nothing is."""
        return np.zeros(len(amount), np.int64)

    def by_bank(self, amount: Int64Column) -> BoolColumn:
        """See `Payment.by_bank`: never."""
        return np.zeros(len(amount), np.bool_)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return (
            "What is drawn is paid to the borrower's own account, or to whom the borrower says.",
            "贷款资金转入借款人账户或按其指令自主支付。",
        )
