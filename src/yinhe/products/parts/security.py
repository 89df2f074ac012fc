"""What stands behind a loan: collateral, guarantors, or the borrower's name alone."""

from enum import Enum, unique
from typing import Annotated, ClassVar

import numpy as np

from yinhe.kernel.rates import RATE_ONE, Rate
from yinhe.products.parts.application import Application, ApplicationPart
from yinhe.products.parts.base import Int64Column, Kind, Parameter, Problem
from yinhe.products.parts.limit import refused_where, share_down, share_up
from yinhe.products.parts.refusals import PartRefusal
from yinhe.products.parts.words import list_english, not_distinct


@unique
class Collateral(Enum):
    """What may be given as collateral; contracts refer to it by its registration."""

    HOME = "home"
    COMMERCIAL_PROPERTY = "commercial_property"
    LAND = "land"
    VEHICLE = "vehicle"
    EQUIPMENT = "equipment"
    DEPOSIT = "deposit"
    """A time deposit or certificate with the bank."""
    RECEIVABLES = "receivables"
    STOCK = "stock"
    """Goods in a warehouse."""
    INTELLECTUAL_PROPERTY = "intellectual_property"


COLLATERAL_WORDS = {
    Collateral.HOME: ("a home", "住宅"),
    Collateral.COMMERCIAL_PROPERTY: ("commercial property", "商业房产"),
    Collateral.LAND: ("the right to use land", "土地使用权"),
    Collateral.VEHICLE: ("a vehicle", "车辆"),
    Collateral.EQUIPMENT: ("equipment", "机器设备"),
    Collateral.DEPOSIT: ("a deposit", "存单"),
    Collateral.RECEIVABLES: ("receivables", "应收账款"),
    Collateral.STOCK: ("goods in stock", "存货"),
    Collateral.INTELLECTUAL_PROPERTY: ("intellectual property", "知识产权"),
}
"""The kinds of collateral in English and Chinese."""


class Security(ApplicationPart, frozen=True, kw_only=True):
    """The base of security parts."""

    kind: ClassVar[Kind] = Kind.SECURITY


class WithCollateral(Security, frozen=True, kw_only=True):
    """Collateral of some kinds is needed, and a loan is at most a share of what it is worth."""

    name: ClassVar[str] = "security.collateral"
    chinese: ClassVar[str] = "抵质押担保：贷款金额不超过抵质押物价值的一定比例"

    accepted: Annotated[tuple[Collateral, ...], Parameter("the kinds accepted", "可接受的抵质押物")]
    loan_to_value: Annotated[
        Rate, Parameter("the most of its worth that is lent", "抵质押率上限", least=1, most=RATE_ONE)
    ]

    def most(self, worth: Int64Column) -> Int64Column:
        """The most that is lent on collateral of some worth, int64[n] of minor units, rounded down."""
        return share_down(np.maximum(worth, 0), self.loan_to_value.units)

    def refuse(self, application: Application) -> Int64Column:
        """See `ApplicationPart.refuse`."""
        too_much = application.amount > self.most(application.collateral)
        return refused_where(too_much, PartRefusal.COLLATERAL_TOO_LITTLE)

    def problems(self) -> tuple[Problem, ...]:
        """See `Part.problems`."""
        return not_distinct("accepted", [one.value for one in self.accepted], "kind of collateral", "抵质押物")

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        words = [COLLATERAL_WORDS[one] for one in self.accepted]
        english = list_english([one for one, _ in words]).replace(" and ", " or ")
        return (
            f"Collateral is needed: {english}; the loan is at most {self.loan_to_value} of its worth.",
            f"须提供抵质押担保（{'、'.join(one for _, one in words)}），贷款金额不超过其价值的{self.loan_to_value}。",
        )


class WithGuarantors(Security, frozen=True, kw_only=True):
    """Guarantors answer for a share of the loan."""

    name: ClassVar[str] = "security.guarantors"
    chinese: ClassVar[str] = "保证担保：由保证人对贷款的一定比例承担责任"

    least: Annotated[int, Parameter("the fewest guarantors", "最少保证人数", least=1, most=20)] = 1
    share: Annotated[
        Rate, Parameter("the share of the loan they answer for", "保证金额占贷款比例", least=1, most=RATE_ONE)
    ] = Rate(RATE_ONE)

    def refuse(self, application: Application) -> Int64Column:
        """See `ApplicationPart.refuse`."""
        needed = share_up(np.maximum(application.amount, 0), self.share.units)
        found = refused_where(application.guaranteed < needed, PartRefusal.GUARANTEE_TOO_LITTLE)
        found[application.guarantors < self.least] = PartRefusal.GUARANTORS_TOO_FEW
        return found

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        who = "A guarantor answers" if self.least == 1 else f"At least {self.least} guarantors answer"
        return (
            f"{who} for {self.share} of the loan.",
            f"须由至少{self.least}名保证人对贷款金额的{self.share}承担连带保证责任。",
        )


class Unsecured(Security, frozen=True, kw_only=True):
    """Nothing but the borrower's own name."""

    name: ClassVar[str] = "security.none"
    chinese: ClassVar[str] = "信用贷款：无须担保"

    def refuse(self, application: Application) -> Int64Column:
        """See `ApplicationPart.refuse`: nothing is."""
        return np.zeros(len(application.amount), np.int64)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return "No collateral and no guarantor is needed.", "信用方式，无须抵质押或保证担保。"
