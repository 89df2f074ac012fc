"""When accrued interest is paid: on dates of the calendar, of the contract, or in the end."""

from typing import Annotated, ClassVar

import numpy as np

from yinhe.kernel.dates import add_months_many, month_and_day_many, month_start_many, months_and_days_many
from yinhe.products.parts.base import BoolColumn, Int32Column, Kind, Parameter, Part


class Settlement(Part, frozen=True, kw_only=True):
    """The base of settlement parts: the days whose interest is the last a settlement pays; it is credited the next."""

    kind: ClassVar[Kind] = Kind.SETTLEMENT
    effect: ClassVar[str] = "debit interest payable, credit the customer, the day after each due date"

    def is_due(self, date: int, start: Int32Column, maturity: Int32Column) -> BoolColumn:
        """Whether a settlement pays up to and including `date`, bool[n].

        `start` (from when interest counts) and `maturity` (0 for none) are int32[n].
        """
        return (self.last_due(date, start, maturity) == date) & (start <= date)

    def last_due(self, date: int, start: Int32Column, maturity: Int32Column) -> Int32Column:
        """The latest due date on or before `date` and not before `start`, int32[n]; `start - 1` where there is none."""
        raise NotImplementedError


def _since_start(due: int, start: Int32Column) -> Int32Column:
    """One due date for all contracts that had begun by then."""
    return np.where(start <= due, np.int32(due), start - np.int32(1)).astype(np.int32)


def _last_of_calendar(date: int, months: tuple[int, ...], day: int) -> int:
    """The latest date on or before `date` that is this day of one of these months, or such a month's shorter end."""
    month_now = int(month_and_day_many(np.array([date], np.int32))[0][0])
    candidates = [month for month in range(month_now - 12, month_now + 1) if month % 12 + 1 in months]
    firsts = month_start_many(np.array(candidates, np.int64)).astype(np.int32)
    lasts = add_months_many(firsts, 1) - np.int32(1)
    dues = np.minimum(firsts + np.int32(day - 1), lasts)
    return int(dues[dues <= date][-1])


_DAY = Parameter("the day of the month; the last of a shorter month", "结息日（当月无此日则为月末）", least=1, most=31)


class Daily(Settlement, frozen=True, kw_only=True):
    """Interest is paid every day."""

    name: ClassVar[str] = "settlement.daily"
    chinese: ClassVar[str] = "按日结息"

    def last_due(self, date: int, start: Int32Column, maturity: Int32Column) -> Int32Column:
        """See `Settlement.last_due`."""
        return _since_start(date, start)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return "Interest is credited every day.", "按日结息，次日入账。"


class Monthly(Settlement, frozen=True, kw_only=True):
    """Interest is paid once a month."""

    name: ClassVar[str] = "settlement.monthly"
    chinese: ClassVar[str] = "按月结息"

    day: Annotated[int, _DAY] = 20

    def last_due(self, date: int, start: Int32Column, maturity: Int32Column) -> Int32Column:
        """See `Settlement.last_due`."""
        return _since_start(_last_of_calendar(date, tuple(range(1, 13)), self.day), start)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return (
            f"Interest is settled on day {self.day} of each month and credited on the next day.",
            f"按月结息，每月{self.day}日为结息日，次日入账。",
        )


class Quarterly(Settlement, frozen=True, kw_only=True):
    """Interest is paid in March, June, September and December."""

    name: ClassVar[str] = "settlement.quarterly"
    chinese: ClassVar[str] = "按季结息"

    day: Annotated[int, _DAY] = 20

    def last_due(self, date: int, start: Int32Column, maturity: Int32Column) -> Int32Column:
        """See `Settlement.last_due`."""
        return _since_start(_last_of_calendar(date, (3, 6, 9, 12), self.day), start)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return (
            f"Interest is settled on day {self.day} of March, June, September and December "
            "and credited on the next day.",
            f"按季结息，每季末月{self.day}日为结息日，次日入账。",
        )


class HalfYearly(Settlement, frozen=True, kw_only=True):
    """Interest is paid in June and December."""

    name: ClassVar[str] = "settlement.half_yearly"
    chinese: ClassVar[str] = "按半年结息"

    day: Annotated[int, _DAY] = 20

    def last_due(self, date: int, start: Int32Column, maturity: Int32Column) -> Int32Column:
        """See `Settlement.last_due`."""
        return _since_start(_last_of_calendar(date, (6, 12), self.day), start)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return (
            f"Interest is settled on day {self.day} of June and December and credited on the next day.",
            f"每年6月、12月{self.day}日结息，次日入账。",
        )


class Yearly(Settlement, frozen=True, kw_only=True):
    """Interest is paid once a year."""

    name: ClassVar[str] = "settlement.yearly"
    chinese: ClassVar[str] = "按年结息"

    month: Annotated[int, Parameter("the month", "结息月份", least=1, most=12)] = 12
    day: Annotated[int, _DAY] = 20

    def last_due(self, date: int, start: Int32Column, maturity: Int32Column) -> Int32Column:
        """See `Settlement.last_due`."""
        return _since_start(_last_of_calendar(date, (self.month,), self.day), start)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return (
            f"Interest is settled once a year, on day {self.day} of month {self.month}, and credited on the next day.",
            f"按年结息，每年{self.month}月{self.day}日为结息日，次日入账。",
        )


class Anniversary(Settlement, frozen=True, kw_only=True):
    """Interest is paid on the contract's own day of the month, date to date, up to its maturity."""

    name: ClassVar[str] = "settlement.anniversary"
    chinese: ClassVar[str] = "按合约对日结息（对年对月对日）"

    every: Annotated[int, Parameter("months between two payments", "间隔月数", least=1, most=60)] = 1

    def last_due(self, date: int, start: Int32Column, maturity: Int32Column) -> Int32Column:
        """See `Settlement.last_due`. Full periods only: what is left at the maturity is paid with the principal."""
        until = np.full(len(start), date + 1, np.int32)
        until = np.where(maturity > 0, np.minimum(until, maturity), until).astype(np.int32)
        months, _ = months_and_days_many(start, np.maximum(until, start))
        return add_months_many(start, months // self.every * self.every) - np.int32(1)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return (
            f"Interest is paid every {self.every} month{'s' * (self.every != 1)}, on the day of the month of opening.",
            f"自起息日起每{self.every}个月对日付息。",
        )


class AtMaturity(Settlement, frozen=True, kw_only=True):
    """Interest is paid with the principal, at maturity."""

    name: ClassVar[str] = "settlement.at_maturity"
    chinese: ClassVar[str] = "到期一次还本付息（利随本清）"

    def last_due(self, date: int, start: Int32Column, maturity: Int32Column) -> Int32Column:
        """See `Settlement.last_due`: the day before the maturity."""
        due = maturity - np.int32(1)
        return np.where((maturity > 0) & (due <= date) & (due >= start), due, start - np.int32(1)).astype(np.int32)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return "Interest is paid once, at maturity, with the principal.", "到期一次还本付息，利随本清。"


class OnClosing(Settlement, frozen=True, kw_only=True):
    """Interest is paid when the deposit is drawn or closed, and not before."""

    name: ClassVar[str] = "settlement.on_closing"
    chinese: ClassVar[str] = "支取或销户时付息"

    def last_due(self, date: int, start: Int32Column, maturity: Int32Column) -> Int32Column:
        """See `Settlement.last_due`: never."""
        return (start - np.int32(1)).astype(np.int32)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return "Interest is paid when the deposit is drawn.", "支取时随本金一并付息。"
