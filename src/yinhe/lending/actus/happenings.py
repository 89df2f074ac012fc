"""What happens in a contract: the standard's events as events of the engine, before they are put in order."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

import msgspec
import numpy as np

from yinhe.lending.actus.moments import DAY_SECONDS, counted_day, day_of, time_of
from yinhe.lending.schedule.arithmetic import Number
from yinhe.lending.schedule.cycles import Cycle, DateRules, calculated, cycle_dates, nth_date, shifted
from yinhe.lending.schedule.kinds import Column, EventKind

SEQUENCE: Final[Mapping[str, int]] = MappingProxyType(
    {
        "IED": 20,
        "PR": 30,
        "PI": 30,
        "PY": 34,
        "PP": 35,
        "XD": 38,
        "IP": 40,
        "IPCI": 40,
        "CE": 50,
        "FP": 60,
        "RRF": 100,
        "RR": 100,
        "PRF": 105,
        "SC": 110,
        "IPCB": 120,
        "PRD": 130,
        "TD": 140,
        "MD": 150,
        "STD": 170,
        "AD": 950,
    }
)
"""The order of events at one moment, as the standard's published cases have it."""

AFTER_ALL: Final = SEQUENCE["AD"]


class Happening(msgspec.Struct, frozen=True):
    """One event of a contract."""

    type: str
    """The standard's code; empty for what is not told of."""
    moment: int
    """As scheduled."""
    kind: EventKind
    values: Mapping[Column, Number] = MappingProxyType({})
    shifts: bool = True
    """Whether it moves to a business day."""
    place: int = 0
    """Its order at its moment, where it has no type."""

    def when(self, rules: DateRules) -> int:
        """The moment it takes place: on a business day."""
        return moved(self.moment, rules) if self.shifts else self.moment

    def order(self, rules: DateRules) -> int:
        """Ascending in the order events take place."""
        return self.when(rules) + (SEQUENCE[self.type] if self.type else self.place)

    def counted(self, rules: DateRules) -> int:
        """The day to which its interest counts."""
        return int(calculated(np.array([counted_day(self.moment)], np.int32), rules)[0])


def moved(moment: int, rules: DateRules) -> int:
    """A moment on the business day its day moves to."""
    return int(shifted(np.array([day_of(moment)], np.int32), rules)[0]) * DAY_SECONDS + time_of(moment)


def stepped(moment: int, cycle: Cycle, count: int, rules: DateRules) -> int:
    """The moment some cycles later, or earlier."""
    day = nth_date(day_of(moment), cycle, count, end_of_month=rules.end_of_month)
    return day * DAY_SECONDS + time_of(moment)


def moments_of(anchor: int | None, cycle: Cycle | None, end: int, rules: DateRules, *, with_end: bool) -> list[int]:
    """The schedule S(anchor, cycle, end) of section 3.1, ascending; empty without an anchor."""
    if anchor is None:
        return []
    if cycle is None:
        moments = {anchor} if anchor < end else set[int]()
        return sorted(moments | {end} if with_end else moments)
    beyond = time_of(anchor) < time_of(end)
    days = cycle_dates(
        day_of(anchor), cycle, day_of(end), end_of_month=rules.end_of_month, with_end=with_end, beyond=beyond
    )
    moments = [int(day) * DAY_SECONDS + time_of(anchor) for day in days]
    return [*moments[:-1], end] if with_end else moments


def events_at(
    type_: str, kind: EventKind, moments: list[int], values: Mapping[Column, Number] = MappingProxyType({})
) -> list[Happening]:
    """Events of one type that all carry the same."""
    return [Happening(type_, moment, kind, values) for moment in moments]


ZERO: Final = Decimal(0)
ONE: Final = Decimal(1)
