"""Named policies of a schedule: whose conventions date, compute and round its rows.

The bank's own conventions are the default. The two others are those of Apache Fineract (of October 2024), which calls
them schedule types: parameters beside our default, so that its published schedules come out to the cent.
"""

import decimal
from decimal import Decimal
from enum import Enum
from typing import Final

import msgspec

from yinhe.kernel.rounding import Rounding, divide_round

EXACT: Final = decimal.Context(prec=80, rounding=decimal.ROUND_HALF_EVEN)
"""Wide enough that sums and products of amounts and rates lose nothing."""

_DECIMAL_MODES: Final = {
    Rounding.HALF_UP: decimal.ROUND_HALF_UP,
    Rounding.HALF_EVEN: decimal.ROUND_HALF_EVEN,
    Rounding.DOWN: decimal.ROUND_DOWN,
    Rounding.UP: decimal.ROUND_UP,
    Rounding.FLOOR: decimal.ROUND_FLOOR,
    Rounding.CEILING: decimal.ROUND_CEILING,
}


class SchedulePolicy(Enum):
    """How due dates, interest and principal of a schedule are found."""

    OWN = "own"
    """The bank's own: interest by the day count of the terms, the last row takes what is left."""
    CUMULATIVE = "cumulative"
    """Row by row from the balance; the instalment is rounded once and kept, the last row takes the difference."""
    PROGRESSIVE = "progressive"
    """From one rate factor a period; the instalment is nudged and the schedule redone where the last row differs."""


class RoundingPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """How exact values become money, and how many digits the arithmetic of rates carries."""

    scale: int = 2
    """Decimals of the currency: 2 for fen and cents."""
    mode: Rounding = Rounding.HALF_EVEN
    digits: int = 12
    """Significant digits each step of the arithmetic of rates keeps."""
    instalment_multiple: int | None = None
    """The instalment and the down payment are multiples of so many whole units of the currency."""

    @property
    def context(self) -> decimal.Context:
        """The arithmetic of rates: every step rounded to `digits` significant digits."""
        return decimal.Context(prec=self.digits, rounding=_DECIMAL_MODES[self.mode])

    def money(self, amount_minor: Decimal) -> int:
        """An exact amount of minor units as whole minor units."""
        return divide_round(*amount_minor.as_integer_ratio(), self.mode)

    def share(self, amount_minor: int, count: int) -> int:
        """One of `count` equal parts of an amount, in whole minor units."""
        return divide_round(amount_minor, count, self.mode)

    def to_multiple(self, amount_minor: Decimal | int) -> int:
        """The nearest multiple of `instalment_multiple` whole units, in minor units; without one, as `money` does."""
        if not self.instalment_multiple:
            return self.money(Decimal(amount_minor))
        unit = self.instalment_multiple * 10**self.scale
        numerator, denominator = Decimal(amount_minor).as_integer_ratio()
        return divide_round(numerator, denominator * unit, self.mode) * unit
