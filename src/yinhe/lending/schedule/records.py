"""What goes into the engine and what comes out: conventions, events in columns, rows, and the table of instalments."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from yinhe.kernel.dates import Int32Column, Int64Column
from yinhe.kernel.daycount import DayCount
from yinhe.kernel.rounding import Rounding
from yinhe.lending.schedule.kinds import Column, EventKind

Numbers = npt.NDArray[Any]
"""int64 in money mode; objects (Decimal) in exact mode."""

NO_INSTALMENT: Final = -1

SEQUENCE_SLOTS: Final = 1_000
"""Places in the order of events of one day."""

SEQUENCE: Final[Mapping[EventKind, int]] = MappingProxyType(
    {
        EventKind.DISBURSEMENT: 20,
        EventKind.DRAW: 25,
        EventKind.REDEMPTION: 30,
        EventKind.INSTALMENT: 30,
        EventKind.INTEREST: 40,
        EventKind.CAPITALISATION: 40,
        EventKind.FEE: 60,
        EventKind.PENALTY: 70,
        EventKind.PREPAYMENT: 80,
        EventKind.RATE: 100,
        EventKind.RESET: 100,
        EventKind.INSTALMENT_FIXING: 105,
        EventKind.SCALING: 110,
        EventKind.BASE_FIXING: 120,
        EventKind.PURCHASE: 130,
        EventKind.TERMINATION: 140,
        EventKind.MATURITY: 150,
        EventKind.CALL: 35,
        EventKind.OBSERVATION: 950,
    }
)
"""The order of events of one day: what is due, what comes beside the plan, what changes, the end."""


class Conventions(msgspec.Struct, frozen=True, kw_only=True):
    """How a schedule in money counts and rounds."""

    day_count: DayCount = DayCount.THIRTY_E_360
    rounding: Rounding = Rounding.HALF_UP
    """Once per interest payment, and for the instalment."""
    carry_remainder: bool = False
    """Keep what rounding an interest payment left for the next one; else each payment stands on its own, as printed
    schedules do it."""
    base_follows_principal: bool = True
    """False for flat interest: on what was lent, however much of it was repaid."""
    fee_rate: int = 0
    """A yearly fee on the principal, in units of 1e-8."""
    life_floor: int | None = None
    life_cap: int | None = None
    period_floor: int | None = None
    """The most a reset may lower the rate, as a change: not above 0."""
    period_cap: int | None = None
    principal_may_grow: bool = False
    """Whether an instalment may be less than the interest accrued (negative amortisation)."""


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """Where a loan stands before the first event; all of it nothing for a loan from its beginning."""

    day: int | None = None
    """Days since 1970-01-01 from which interest counts; the day of the first event without it."""
    principal: int = 0
    rate: int = 0
    accrued: int = 0
    remainder: int = 0
    base: int | None = None
    """What interest counts on; the principal without it."""
    instalment: int = 0


class EventColumns(msgspec.Struct, frozen=True, eq=False):
    """Events in columns, in any order; the engine sorts them and fills in the times between them.

    `values` [n, len(Column)] holds all that does not depend on the order: int64, or objects in exact mode.
    """

    day: Int32Column
    """When it happens."""
    counted: Int32Column
    """To when interest counts."""
    order: Int64Column
    """Ascending in the order of happening; see `order_of`."""
    values: Numbers
    due: Int32Column
    """Number of the instalment an event belongs to, from 1; 0 for a down payment, `NO_INSTALMENT` for none."""
    fixing: Int32Column
    """Which list of instalment dates an instalment fixing looks at."""

    def __len__(self) -> int:
        return len(self.day)


def order_of(kind: EventKind, days: Int32Column) -> Int64Column:
    """Where events of a kind come in the order of days, int64[n]."""
    return days.astype(np.int64) * SEQUENCE_SLOTS + SEQUENCE[kind]


class Part(msgspec.Struct, frozen=True, eq=False):
    """Events of one kind, on their way into columns; see `part` and `together`."""

    kind: EventKind
    days: Int32Column
    counted: Int32Column
    due: Int32Column | int
    fixing: int
    columns: Mapping[Column, Int64Column | int]


def part(
    kind: EventKind,
    days: Int32Column,
    counted: Int32Column | None = None,
    *,
    due: Int32Column | int = NO_INSTALMENT,
    fixing: int = 0,
    columns: Mapping[Column, Int64Column | int] = MappingProxyType({}),
) -> Part:
    """Events of one kind in money mode on days, int32[n], with what they carry."""
    return Part(kind, days, days if counted is None else counted, due, fixing, columns)


def together(parts: list[Part]) -> EventColumns:
    """Events of all parts in one; of events equal in order those of an earlier part come first."""
    count = sum(len(one.days) for one in parts)
    values = np.zeros((count, len(Column)), np.int64)
    order = np.empty(count, np.int64)
    day, counted, due, fixing = (np.empty(count, np.int32) for _ in range(4))
    start = 0
    for one in parts:
        end = start + len(one.days)
        here = slice(start, end)
        day[here], counted[here], due[here], fixing[here] = one.days, one.counted, one.due, one.fixing
        order[here] = one.days
        order[here] *= SEQUENCE_SLOTS
        order[here] += SEQUENCE[one.kind]
        values[here, Column.KIND] = one.kind
        for column, value in one.columns.items():
            values[here, column] = value
        start = end
    return EventColumns(day, counted, order, values, due, fixing)


class Rows(msgspec.Struct, frozen=True, eq=False):
    """What the events came to, one row each, in order.

    Columns of numbers, [n]: int64 minor units and rates of 1e-8 in money mode, Decimal in exact mode. Payments are
    positive towards the lender, the lender's principal is positive.
    """

    day: Int32Column
    kind: Int64Column
    due: Int32Column
    payoff: Numbers
    principal: Numbers
    """What is owed after the event."""
    rate: Numbers
    accrued: Numbers
    """Interest accrued after the event: whole minor units in money mode, all of it in exact mode."""
    remainder: Numbers
    """What accrued beside them, over `denominator`."""
    principal_paid: Numbers
    interest_paid: Numbers
    fee_paid: Numbers
    instalment: Numbers
    """The instalment as it stands after the event."""
    denominator: int

    def __len__(self) -> int:
        return len(self.day)


class InstalmentTable(msgspec.Struct, frozen=True, eq=False):
    """What is due when, [n]: dates in days since 1970-01-01, amounts in int64 minor units."""

    number: Int32Column
    """From 1, and 0 for a down payment; it ends where nothing is owed or due any more."""
    day: Int32Column
    principal: Int64Column
    interest: Int64Column
    fee: Int64Column
    due: Int64Column
    """Principal, interest and fee together."""
    balance: Int64Column
    """Principal owed after it, before what came beside the plan that day."""

    def __len__(self) -> int:
        return len(self.day)
