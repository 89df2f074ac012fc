"""A loan in the state machine, moved step by step; how the named policies of a schedule use the engine.

A policy says when interest is counted, at which factor, and how much principal falls due. The balance, the interest of
each part and its rounding are the machine's.
"""

from decimal import Decimal
from typing import Any, Final

import numpy as np

from yinhe.lending.schedule.arithmetic import ROUNDING_CODES
from yinhe.lending.schedule.kinds import DONE, Column, Condition, EventKind, Result, State
from yinhe.lending.schedule.machine import walk
from yinhe.lending.schedule.policies import EXACT, RoundingPolicy

_FACTOR_ONE: Final = 10**60
"""A factor of 1 in the machine, which is run on Python's integers here: exact at any number of digits."""


class LoanWalk:
    """A loan's state between two steps; amounts are whole minor units."""

    def __init__(self, rounding: RoundingPolicy) -> None:
        """Nothing is lent yet."""
        self._state: Final[Any] = np.zeros(len(State), object)
        self._terms: Final[Any] = np.zeros(len(Condition), object)
        self._state[[State.PRINCIPAL_SCALE, State.INTEREST_SCALE]] = 1
        self._terms[[Condition.SIDE, Condition.FOLLOWS, Condition.UNIT]] = 1
        self._terms[Condition.DENOMINATOR] = _FACTOR_ONE
        self._terms[Condition.ROUNDING] = ROUNDING_CODES.index(rounding.mode)

    @property
    def balance(self) -> int:
        """Principal owed."""
        return int(self._state[State.PRINCIPAL])

    def disburse(self, amount_minor: int) -> None:
        """Pay principal out, or take it back where the amount is below zero."""
        self._happen(EventKind.DRAW, amount_minor)

    def interest(self, factor: Decimal) -> int:
        """Interest of the balance at a factor, rounded once; what rounding leaves is dropped."""
        self._state[State.RATE] = int(EXACT.multiply(factor, Decimal(_FACTOR_ONE)))
        return int(self._happen(EventKind.INTEREST, 0, count=1)[Result.INTEREST_PAID])

    def redeem(self, amount_minor: int) -> int:
        """Let principal fall due, at most what is owed; returns how much did."""
        return int(self._happen(EventKind.REDEMPTION, amount_minor)[Result.PRINCIPAL_PAID])

    def _happen(self, kind: EventKind, amount_minor: int, count: int = 0) -> Any:
        events: Any = np.zeros((1, len(Column)), object)
        rows: Any = np.zeros((1, len(Result)), object)
        events[0, [Column.KIND, Column.AMOUNT, Column.COUNT]] = kind, amount_minor, count
        # The amount of a redemption is the event's own, not the instalment's.
        events[0, Column.FLAG] = 1
        assert walk(events, self._state, self._terms, (), rows) >= DONE
        return rows[0]
