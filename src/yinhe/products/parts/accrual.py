"""How interest is counted: by day on the balance (积数计息), or from date to date (逐笔计息)."""

from collections.abc import Sequence
from typing import Annotated, ClassVar

import numpy as np

from yinhe.kernel.daycount import DayCount, basis_days
from yinhe.kernel.interest import remainder_base
from yinhe.kernel.rounding import Rounding, round_quotient_many
from yinhe.products.accrual import accrue_regime, accrue_since
from yinhe.products.parts.base import Int32Column, Int64Column, Kind, Parameter, Part, Problem, Regime


class Accrual(Part, frozen=True, kw_only=True):
    """The base of accrual parts: the day count, and what happens to fractions of a minor unit."""

    kind: ClassVar[Kind] = Kind.ACCRUAL
    effect: ClassVar[str] = "decides the amount: debit interest expense, credit interest payable"

    basis: Annotated[DayCount, Parameter("how days and years are counted", "计息基准")]
    rounding: Annotated[Rounding, Parameter("how a settlement is rounded to the minor unit", "结息舍入方式")] = (
        Rounding.HALF_UP
    )
    carry: Annotated[
        bool, Parameter("whether the remainder counts in the next period; else it is dropped", "尾差是否转入下期")
    ] = False

    @property
    def base(self) -> int:
        """D, the parts of a minor unit a remainder counts: days of the year times 1e8."""
        return remainder_base(basis_days(self.basis))

    def settle(self, whole: Int64Column, remainder: Int64Column) -> tuple[Int64Column, Int64Column, Int64Column]:
        """What a settlement pays, and the (whole, remainder) the next period starts with; int64[n] each."""
        paid = round_quotient_many(whole, remainder, self.base, self.rounding)
        if self.carry:
            return paid, whole - paid, remainder.copy()
        return paid, np.zeros_like(paid), np.zeros_like(paid)


_BY_DAY = (DayCount.ACT_360, DayCount.ACT_365F)


class AccumulatedBalance(Accrual, frozen=True, kw_only=True):
    """Accumulated-balance method: every day's balance earns a day's interest; exact, rounded at settlement."""

    name: ClassVar[str] = "accrual.accumulated_balance"
    chinese: ClassVar[str] = "积数计息法：按每日余额逐日累计，结息时一次舍入"

    basis: Annotated[DayCount, Parameter("ACT/360 or ACT/365F", "计息基准，ACT/360或ACT/365F")] = DayCount.ACT_360

    def accrue(
        self,
        regimes: Sequence[Regime],
        balance: Int64Column,
        spread: Int64Column,
        whole: Int64Column,
        remainder: Int64Column,
    ) -> None:
        """Add the interest of the regimes' days on an unchanging balance to accruals, in place.

        See `accrual.accrue_regime` for the shapes.
        """
        for regime in regimes:
            accrue_regime(regime, basis_days(self.basis), balance, spread, whole, remainder)

    def problems(self) -> tuple[Problem, ...]:
        """See `Part.problems`."""
        if self.basis in _BY_DAY:
            return ()
        return (
            Problem(
                "basis",
                f"interest by day is counted by ACT/360 or ACT/365F, not {self.basis.value}",
                "积数计息只能用ACT/360或ACT/365F",
            ),
        )

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        year = basis_days(self.basis) if self.basis in _BY_DAY else 360
        return (
            f"Interest is counted daily on the end-of-day balance; a day's rate is the yearly rate over {year}. "
            "The first day counts, the last does not.",
            f"按每日日终余额逐日计息，日利率＝年利率÷{year}，算头不算尾。",
        )


class TransactionMethod(Accrual, frozen=True, kw_only=True):
    """Transaction method: principal times rate from date to date, full months first, then odd days."""

    name: ClassVar[str] = "accrual.transaction"
    chinese: ClassVar[str] = "逐笔计息法：按本金、利率和起止日期计息，整月加零头天数"

    basis: Annotated[DayCount, Parameter("how days and years are counted", "计息基准")] = DayCount.CN_MONTHS_DAYS

    def interest(
        self, principal: Int64Column, rate: Int64Column, start: Int32Column, end: Int32Column
    ) -> tuple[Int64Column, Int64Column]:
        """The interest of principals from start to end as (whole, remainder); see `accrual.accrue_since`."""
        return accrue_since(self.basis, basis_days(self.basis), principal, rate, start, end)

    def problems(self) -> tuple[Problem, ...]:
        """See `Part.problems`."""
        if self.basis is not DayCount.ACT_ACT_ISDA:
            return ()
        return (Problem("basis", "ACT/ACT-ISDA has no one length of the year", "ACT/ACT-ISDA没有固定的年天数"),)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        if self.basis is DayCount.CN_MONTHS_DAYS:
            return (
                "Interest is counted per deposit: full months date to date, a month as a twelfth of a year, "
                "and odd days at the yearly rate over 360. The first day counts, the last does not.",
                "逐笔计息：整月对年对月对日，每月按年利率的十二分之一；零头天数按年利率÷360。算头不算尾。",
            )
        return (
            f"Interest is counted per deposit from its first to its last day by {self.basis.value}. "
            "The first day counts, the last does not.",
            f"逐笔计息，按{self.basis.value}计算存期，算头不算尾。",
        )
