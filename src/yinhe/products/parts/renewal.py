"""What becomes of a time deposit at its maturity."""

from enum import IntEnum, unique
from typing import Annotated, ClassVar

import numpy as np

from yinhe.products.parts.base import BoolColumn, Int64Column, Kind, Parameter, Part
from yinhe.products.parts.interest import rate_parameter
from yinhe.products.parts.words import source_chinese, source_english
from yinhe.products.rates import RateBook, RateSource


@unique
class AtMaturityAction(IntEnum):
    """What is done on the day of maturity."""

    LEAVE = 0
    """Interest is credited; the money stays and earns the rate after maturity."""
    RENEW = 1
    """A new term begins on the day of maturity, at the rate of that day."""
    PAY_OUT = 2
    """Principal and interest go to the linked account, and the deposit is closed."""


class Renewal(Part, frozen=True, kw_only=True):
    """The base of renewal parts."""

    kind: ClassVar[Kind] = Kind.RENEWAL
    effect: ClassVar[str] = "debit interest payable, credit the deposit or the linked account"

    after: Annotated[RateSource, rate_parameter("the rate a year after maturity", "逾期年利率")]

    def action(self, wants_renewal: BoolColumn, has_linked: BoolColumn) -> Int64Column:
        """What is done at maturity, int64[n] of `AtMaturityAction`.

        `wants_renewal`: the customer agreed to automatic renewal; `has_linked`: there is a linked account.
        """
        raise NotImplementedError

    def split(self, principal: Int64Column, interest: Int64Column) -> tuple[Int64Column, Int64Column]:
        """The principal of a renewed term and what is paid to the linked account; int64[n] of minor units each."""
        return principal.copy(), interest.copy()

    def rate_after(self, book: RateBook, date: int) -> int:
        """What a matured deposit drawn on a date earns for the days since its maturity, 1e-8. Raises RateMissing."""
        return self.after.on(book, date)


class NoRenewal(Renewal, frozen=True, kw_only=True):
    """It is not renewed: the money stays and earns the rate after maturity until it is drawn."""

    name: ClassVar[str] = "renewal.none"
    chinese: ClassVar[str] = "不自动转存，逾期部分按支取日指定利率计息"

    def action(self, wants_renewal: BoolColumn, has_linked: BoolColumn) -> Int64Column:
        """See `Renewal.action`."""
        return np.full(len(wants_renewal), AtMaturityAction.LEAVE, np.int64)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return (
            f"The deposit is not renewed; after maturity it earns {source_english(self.after)} a year.",
            f"到期不自动转存，逾期部分按支取日{source_chinese(self.after)}计息。",
        )


class SameTerm(Renewal, frozen=True, kw_only=True):
    """Automatic renewal for the same term at the rate of the day, where the customer agreed to it."""

    name: ClassVar[str] = "renewal.same_term"
    chinese: ClassVar[str] = "约定自动转存：到期按转存日利率续存同一存期"

    with_interest: Annotated[
        bool, Parameter("whether interest joins the principal; else it is paid to the linked account", "本息一并转存")
    ] = True

    def action(self, wants_renewal: BoolColumn, has_linked: BoolColumn) -> Int64Column:
        """See `Renewal.action`."""
        return np.where(wants_renewal, AtMaturityAction.RENEW, AtMaturityAction.LEAVE).astype(np.int64)

    def split(self, principal: Int64Column, interest: Int64Column) -> tuple[Int64Column, Int64Column]:
        """See `Renewal.split`."""
        if self.with_interest:
            return principal + interest, np.zeros_like(interest)
        return principal.copy(), interest.copy()

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        what, what_chinese, paid, paid_chinese = "principal and interest are", "本息", "", ""
        if not self.with_interest:
            what, what_chinese = "the principal is", "本金"
            paid, paid_chinese = "; the interest is paid out", "，利息转入关联账户"
        return (
            f"Where agreed, {what} renewed at maturity for the same term at the rate of that day{paid}. "
            f"Else the deposit earns {source_english(self.after)} a year after maturity.",
            f"约定自动转存的，到期{what_chinese}按转存日利率续存同一存期{paid_chinese}；"
            f"未约定的，逾期部分按支取日{source_chinese(self.after)}计息。",
        )


class ToLinked(Renewal, frozen=True, kw_only=True):
    """Principal and interest go to the linked account at maturity; without one, the money stays."""

    name: ClassVar[str] = "renewal.to_linked"
    chinese: ClassVar[str] = "到期本息自动转入关联账户"

    def action(self, wants_renewal: BoolColumn, has_linked: BoolColumn) -> Int64Column:
        """See `Renewal.action`."""
        return np.where(has_linked, AtMaturityAction.PAY_OUT, AtMaturityAction.LEAVE).astype(np.int64)

    def split(self, principal: Int64Column, interest: Int64Column) -> tuple[Int64Column, Int64Column]:
        """See `Renewal.split`: all of it is paid out."""
        return np.zeros_like(principal), principal + interest

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return (
            "At maturity principal and interest are paid to the linked account; without one the deposit earns "
            f"{source_english(self.after)} a year after maturity.",
            f"到期本息自动转入约定的关联账户；无关联账户的，逾期部分按支取日{source_chinese(self.after)}计息。",
        )


class RenewElsePay(SameTerm, frozen=True, kw_only=True):
    """Automatic renewal where agreed; else principal and interest go to the linked account."""

    name: ClassVar[str] = "renewal.same_term_or_linked"
    chinese: ClassVar[str] = "约定转存的自动转存，否则本息转入关联账户"

    def action(self, wants_renewal: BoolColumn, has_linked: BoolColumn) -> Int64Column:
        """See `Renewal.action`."""
        otherwise = np.where(has_linked, AtMaturityAction.PAY_OUT, AtMaturityAction.LEAVE)
        return np.where(wants_renewal, AtMaturityAction.RENEW, otherwise).astype(np.int64)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return (
            "Where agreed, the deposit is renewed at maturity for the same term at the rate of that day; else "
            "principal and interest are paid to the linked account.",
            "约定自动转存的，到期按转存日利率续存同一存期；否则本息转入约定的关联账户。",
        )
