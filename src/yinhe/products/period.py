"""Periods of months or of days, as a customer reads them: `3 months`, `7 days`."""

import re
from typing import Final

import msgspec

from yinhe.kernel.errors import OutOfRangeError, ParseError

MONTHS_MAX: Final = 600
DAYS_MAX: Final = 36_600

_TEXT: Final = re.compile(r"(\d{1,5}) (day|month|year)s?")


class Period(msgspec.Struct, frozen=True, order=True):
    """Whole months, counted date to date (对年对月对日), or days; never both.

    Raises OutOfRangeError for a period of nothing, of both, or beyond 600 months or 36,600 days.
    """

    months: int = 0
    days: int = 0

    def __post_init__(self) -> None:
        if not (0 <= self.months <= MONTHS_MAX and 0 <= self.days <= DAYS_MAX) or (self.months > 0) == (self.days > 0):
            raise OutOfRangeError(f"A period is 1 to {MONTHS_MAX} months or 1 to {DAYS_MAX} days, not {self!r}.")

    def __str__(self) -> str:
        count, unit = (self.months, "month") if self.months else (self.days, "day")
        return f"{count} {unit}{'s' * (count != 1)}"

    @property
    def chinese(self) -> str:
        """The period in Chinese: years where it is whole years."""
        if self.days:
            return f"{self.days}天"
        return f"{self.months // 12}年" if self.months % 12 == 0 else f"{self.months}个月"


def parse_period(text: str) -> Period:
    """Read `"7 days"`, `"3 months"` or `"1 year"`. Raises ParseError for other text, OutOfRangeError beyond bounds."""
    match = _TEXT.fullmatch(text)
    if match is None:
        raise ParseError(f"{text!r} is no period; write it as '7 days', '3 months' or '1 year'")
    count, unit = int(match[1]), match[2]
    return Period(days=count) if unit == "day" else Period(months=count * (12 if unit == "year" else 1))
