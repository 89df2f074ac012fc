"""The kinds of events the schedule engine knows, and the columns its machine (`@compiled`) reads and writes."""

from enum import IntEnum, unique
from typing import Final


@unique
class EventKind(IntEnum):
    """What an event does; first the interest since the event before is added to what is accrued, whatever the kind."""

    DISBURSEMENT = 1
    """Principal is paid out for the first time, `amount` less a discount or plus a premium (`extra`)."""
    DRAW = 2
    """Principal is drawn: a tranche, or a draw on a line."""
    REDEMPTION = 3
    """Principal falls due: the instalment as it stands, or the `amount` of the event; never more than is owed."""
    INSTALMENT = 4
    """Principal falls due: what the instalment leaves after the interest accrued; never more than is owed."""
    INTEREST = 5
    """The interest accrued falls due, rounded once."""
    CAPITALISATION = 6
    """The interest accrued, rounded once, becomes principal."""
    RATE = 7
    """A new rate applies."""
    RESET = 8
    """A new rate applies as far as caps and floors let it."""
    INSTALMENT_FIXING = 9
    """The instalment is found anew: an annuity, equal principal, or a given `amount`."""
    BASE_FIXING = 10
    """Interest counts on the principal of this day from now on."""
    FEE = 11
    """A fee falls due: the `amount`, or what accrued on the principal."""
    PREPAYMENT = 12
    """Principal is paid back beside the plan."""
    PENALTY = 13
    """A penalty on what is paid back beside the plan."""
    MATURITY = 14
    """What is left of the principal falls due."""
    PURCHASE = 15
    """The loan is bought for a price and the interest accrued."""
    TERMINATION = 16
    """The loan ends for a price and the interest accrued."""
    SCALING = 17
    """Payments are scaled by an index from now on."""
    OBSERVATION = 18
    """Nothing but the accrual."""
    CALL = 19
    """The loan is called: with a notice period, no interest accrues in it."""


@unique
class Fixing(IntEnum):
    """How an `INSTALMENT_FIXING` finds the instalment."""

    ANNUITY = 0
    """Equal instalments, interest and principal together; `amount` is a balloon left for the end."""
    LINEAR = 1
    """Equal principal."""
    GIVEN = 2
    """The `amount` of the event."""


@unique
class Column(IntEnum):
    """Columns of events, as the machine reads them: int64 in money mode, numbers of any kind in exact mode."""

    KIND = 0
    COUNT = 1
    """Days (of the day count) since the event before; in exact mode years."""
    SINCE = 2
    """Days or years for which interest is owed on a disbursement already; it counts from before its event."""
    AMOUNT = 3
    EXTRA = 4
    BASE = 5
    """What a disbursement adds to the base of interest, where the base does not follow the principal."""
    RATE = 6
    FLAG = 7
    AHEAD = 8
    """Days or years from here to the next instalment."""
    NEXT = 9
    """The place of the next instalment among the instalment dates; before it is filled in, `ON_THE_DAY` or 0."""
    LAST = 10
    """The place of the last of them."""


ON_THE_DAY: Final = -1
"""In `Column.NEXT`: an instalment due on the very day of its fixing is still to come."""


@unique
class State(IntEnum):
    """The state of a loan between two events; amounts are signed: positive for the lender's claim."""

    PRINCIPAL = 0
    RATE = 1
    ACCRUED = 2
    REMAINDER = 3
    """What accrued is `ACCRUED + REMAINDER / denominator`."""
    BASE = 4
    INSTALMENT = 5
    FEE = 6
    FEE_REMAINDER = 7
    PRINCIPAL_SCALE = 8
    INTEREST_SCALE = 9
    CALLED = 10
    """Interest fixed by a call with notice, due with the next interest."""


@unique
class Condition(IntEnum):
    """What is agreed for the whole life of a loan."""

    SIDE = 0
    """+1 for the lender, -1 for the borrower."""
    DENOMINATOR = 1
    """Basis days times 1e8; 0 in exact mode, where nothing is rounded."""
    ROUNDING = 2
    CARRY = 3
    """1 to keep what rounding an interest payment left for the next one."""
    FOLLOWS = 4
    """1 if the base of interest follows the principal."""
    UNIT = 5
    """The 1 of scales."""
    FEE_RATE = 6
    """A yearly rate at which a fee accrues on the principal."""
    LIFE_FLOOR = 7
    LIFE_CAP = 8
    PERIOD_FLOOR = 9
    PERIOD_CAP = 10
    NEVER_GROWS = 11
    """1 if an instalment less than the interest accrued is refused."""
    LIMIT = 12
    """The largest principal machine numbers are exact with; 0 for none."""


@unique
class Result(IntEnum):
    """Columns of rows, as the machine writes them."""

    PAYOFF = 0
    """Positive: to the lender, if `Condition.SIDE` is +1."""
    PRINCIPAL = 1
    RATE = 2
    ACCRUED = 3
    REMAINDER = 4
    PRINCIPAL_PAID = 5
    INTEREST_PAID = 6
    FEE_PAID = 7
    INSTALMENT = 8


@unique
class Status(IntEnum):
    """How a walk of the machine ended."""

    DONE = 0
    GROWS = 1
    """An instalment is less than the interest accrued, and the terms forbid it."""
    TOO_CLOSE = 2
    """An annuity lies too near a tie for machine numbers to round it; exact ones must."""
    NOT_COVERED = 3
    """An instalment is to be found, but no date of one is left."""
    OVERPAID = 4
    """More is paid back beside the plan than is owed."""
    TOO_LARGE = 5
    """An amount leaves the bounds within which machine numbers are exact."""


DONE: Final = int(Status.DONE)
GROWS: Final = int(Status.GROWS)
TOO_CLOSE: Final = int(Status.TOO_CLOSE)
NOT_COVERED: Final = int(Status.NOT_COVERED)
OVERPAID: Final = int(Status.OVERPAID)
TOO_LARGE: Final = int(Status.TOO_LARGE)
