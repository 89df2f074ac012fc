"""Dated rate tables: board rates (挂牌利率), LPR, and what they were known to be on any day.

A table is a code (`demand`, `lump_sum_12m`, `LPR_1Y`) with entries that hold from a day on. An entry is never changed:
a correction is another entry for the same day, recorded later; what was known at an earlier recording can be asked.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from yinhe.kernel.errors import OutOfRangeError, ParseError
from yinhe.kernel.rates import RATE_MAX, Rate, format_rate, parse_rate
from yinhe.products.errors import RateMissing

RECORDED_LAST: Final = 2**31 - 1
"""A recording day after every other."""


class RateEntry(msgspec.Struct, frozen=True, order=True):
    """The rate of a table from a day on; days since 1970-01-01, rate in units of 1e-8."""

    table: str
    effective: int
    recorded: int
    """The business date on which the bank wrote the entry down."""
    rate: int


class RateBook:
    """All entries there are, for reading; immutable."""

    def __init__(self, entries: Iterable[RateEntry]) -> None:
        # Of entries of one table for one day the last recorded stands; of one recording day the last given.
        self.entries: Final[Sequence[RateEntry]] = tuple(
            sorted(entries, key=lambda entry: (entry.table, entry.effective, entry.recorded))
        )
        self._steps: Final[dict[str, tuple[list[int], list[int]]]] = {}
        latest: dict[tuple[str, int], int] = {}
        for entry in self.entries:
            latest[entry.table, entry.effective] = entry.rate
        for (table, effective), rate in latest.items():
            days, rates = self._steps.setdefault(table, ([], []))
            days.append(effective)
            rates.append(rate)

    @property
    def tables(self) -> tuple[str, ...]:
        """The codes of the tables, in order."""
        return tuple(self._steps)

    def on(self, table: str, day: int) -> int:
        """The rate of a table on a day, in units of 1e-8. Raises RateMissing where the table does not say."""
        days, rates = self._steps.get(table, ([], []))
        at = bisect_right(days, day) - 1
        if at < 0:
            raise RateMissing(f"The table {table!r} has no rate on day {day}.")
        return rates[at]

    def changes(self, table: str, start: int, end: int) -> tuple[int, ...]:
        """The days after `start` and before `end` on which the rate of a table changes, ascending."""
        days, _ = self._steps.get(table, ([], []))
        return tuple(day for day in days if start < day < end)

    def known(self, recorded: int) -> "RateBook":
        """The book as it stood at the end of a business date: without what was recorded later."""
        return RateBook(entry for entry in self.entries if entry.recorded <= recorded)


class RateSource(msgspec.Struct, frozen=True):
    """Where a rate comes from: a fixed rate, or a table with a share of it and a margin on it.

    In a product file `"3.25%"`, `"board:demand"`, `"board:LPR_1Y + 25bp"` or `"board:lump_sum_12m * 60%"`.
    """

    fixed: int = 0
    """Units of 1e-8, where there is no table."""
    table: str = ""
    margin: int = 0
    """Added to the table's rate, in units of 1e-8."""
    share: int = 100
    """Percent of the table's rate that counts, before the margin."""

    def on(self, book: RateBook, day: int) -> int:
        """The rate on a day, in units of 1e-8; a share is rounded down. Raises RateMissing, or OutOfRangeError."""
        if not self.table:
            return self.fixed
        rate = book.on(self.table, day) * self.share // 100 + self.margin
        if not -RATE_MAX <= rate <= RATE_MAX:
            raise OutOfRangeError(f"The rate {format_rate(rate_of(rate))} of {self} is out of bounds.")
        return rate

    def changes(self, book: RateBook, start: int, end: int) -> tuple[int, ...]:
        """The days after `start` and before `end` on which the rate may change, ascending."""
        return book.changes(self.table, start, end) if self.table else ()

    def __str__(self) -> str:
        if not self.table:
            return format_rate(Rate(self.fixed))
        share = f" * {self.share}%" if self.share != 100 else ""
        sign = "-" if self.margin < 0 else "+"
        margin = f" {sign} {format_rate(Rate(abs(self.margin)))}" if self.margin else ""
        return f"board:{self.table}{share}{margin}"


def rate_of(units: int) -> Rate:
    """A rate for printing, cut to what a rate can be."""
    return Rate(max(-RATE_MAX, min(RATE_MAX, units)))


def parse_rate_source(text: str) -> RateSource:
    """Read the text of a rate's source. Raises ParseError or OutOfRangeError."""
    if not text.startswith("board:"):
        return RateSource(fixed=parse_rate(text).units)
    words = text.removeprefix("board:").split(" ")
    table, share, margin = words[0], 100, 0
    rest = words[1:]
    if rest[:1] == ["*"] and len(rest) >= 2 and rest[1].endswith("%") and rest[1][:-1].isdecimal():
        share, rest = int(rest[1][:-1]), rest[2:]
    if rest[:1] in (["+"], ["-"]) and len(rest) == 2:
        margin, rest = parse_rate(rest[1]).units * (1 if rest[0] == "+" else -1), []
    if not table or rest or not 0 < share <= 1_000:
        raise ParseError(f"{text!r} is no rate; write '3.25%', 'board:demand' or 'board:LPR_1Y + 25bp'")
    return RateSource(table=table, margin=margin, share=share)
