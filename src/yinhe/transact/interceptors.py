"""What may stop a plan that is right in itself: rules over accounts and over what was asked a moment ago."""

from collections import OrderedDict
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from yinhe.kernel.clock import Clock
from yinhe.kernel.refusals import Refusal
from yinhe.transact.facts import Facts
from yinhe.transact.identify import Reaches
from yinhe.transact.piece import Piece
from yinhe.transact.refusals import DAY_REFUSALS, DayRefusal

REMEMBERED_MAX: Final = 65_536
"""Payments a guard against repeats remembers."""
LOOK_AGAIN_US: Final = 1_000_000
"""How often accounts of prohibited parties are read again at most, while contracts change."""


class Interceptor(Protocol):
    """One rule over plans; in memory, for it is asked of every command."""

    def concerns(self, debits: NDArray[np.int32], credits: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Of which transfers it may have something to say, bool[n]."""
        ...

    def refuse(self, piece: Piece, facts: Facts) -> Refusal | None:
        """Why a piece with a plan is not posted; None: nothing against it."""
        ...

    def settled(self, piece: Piece, *, posted: bool) -> None:
        """Hear what became of a piece it let pass."""
        ...


class ProhibitedAccounts:
    """No transfer touches an account of a party whose risk rating prohibits it."""

    def __init__(self, reaches: Reaches, clock: Clock) -> None:
        """No party is prohibited."""
        self._reaches: Final = reaches
        self._clock: Final = clock
        self._parties: frozenset[int] = frozenset()
        self._accounts: frozenset[int] = frozenset()
        self._seen: tuple[object, int, int] = (None, 0, 0)
        self._read_at: int = 0

    def prohibit(self, parties: frozenset[int]) -> None:
        """The numbers of all parties that are prohibited from now on."""
        self._parties = parties
        self._read()

    def _read(self) -> None:
        self._seen, self._read_at = self._reaches.stand, self._clock.monotonic_us()
        self._accounts = frozenset(self._reaches.accounts_of(self._parties))

    def _look(self) -> frozenset[int]:
        changed = self._parties and self._seen != self._reaches.stand
        if changed and self._clock.monotonic_us() - self._read_at >= LOOK_AGAIN_US:
            self._read()
        return self._accounts

    def concerns(self, debits: NDArray[np.int32], credits: NDArray[np.int32]) -> NDArray[np.bool_]:
        """See `Interceptor.concerns`."""
        accounts = self._look()
        if not accounts:
            return np.zeros(len(debits), np.bool_)
        known = np.fromiter(accounts, np.int64)
        return np.isin(debits, known) | np.isin(credits, known)

    def refuse(self, piece: Piece, facts: Facts) -> Refusal | None:
        """See `Interceptor.refuse`."""
        del facts
        accounts = self._look()
        if not accounts:
            return None
        legs = () if piece.plan is None else piece.plan.legs
        sides = {piece.command.debit, piece.command.credit}.union(*({leg.debit, leg.credit} for leg in legs))
        return None if sides.isdisjoint(accounts) else DAY_REFUSALS[DayRefusal.PARTY_PROHIBITED]

    def settled(self, piece: Piece, *, posted: bool) -> None:
        """See `Interceptor.settled`: it keeps nothing."""


class RepeatGuard:
    """The same payment under another id within some seconds is a slip of the finger until it is worded otherwise."""

    def __init__(self, clock: Clock, seconds: int) -> None:
        """`seconds`: how long a payment is remembered."""
        self._clock: Final = clock
        self._span_us: Final = seconds * 1_000_000
        self._made: Final[OrderedDict[tuple[int, int, int, str], tuple[int, int]]] = OrderedDict()

    def concerns(self, debits: NDArray[np.int32], credits: NDArray[np.int32]) -> NDArray[np.bool_]:
        """See `Interceptor.concerns`: of all."""
        del credits
        return np.ones(len(debits), np.bool_)

    def refuse(self, piece: Piece, facts: Facts) -> Refusal | None:
        """See `Interceptor.refuse`; what passes is remembered."""
        del facts
        key, now, number = _payment(piece), self._clock.monotonic_us(), piece.command.id.int
        self._forget(now)
        known = self._made.get(key)
        if known is not None and known[1] != number:
            return DAY_REFUSALS[DayRefusal.REPEATED_PAYMENT]
        self._made[key] = now, number
        self._made.move_to_end(key)
        return None

    def settled(self, piece: Piece, *, posted: bool) -> None:
        """See `Interceptor.settled`: what was not made is not repeated."""
        key = _payment(piece)
        if not posted and self._made.get(key, (0, 0))[1] == piece.command.id.int:
            del self._made[key]

    def _forget(self, now: int) -> None:
        while self._made:
            key, (made_at, _) = next(iter(self._made.items()))
            if now - made_at < self._span_us and len(self._made) < REMEMBERED_MAX:
                return
            del self._made[key]


def _payment(piece: Piece) -> tuple[int, int, int, str]:
    command = piece.command
    return command.debit, command.credit, command.amount_minor, command.narrative
