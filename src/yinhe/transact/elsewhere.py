"""What commands outside the pipeline move, as those of contracts, loans and payments: counted with the day's transfers.

A command counts from before it is carried out, durably; refused, it is taken back. A command whose fate is not known
stays counted. Of the same id the larger amount counts, once.
"""

import threading
from collections.abc import Mapping
from typing import Final
from uuid import UUID

import msgspec

from yinhe.access.principal import NO_LIMIT
from yinhe.access.refusals import AccessRefusal
from yinhe.kernel.refusals import Refusal
from yinhe.storage.sessions import Sessions
from yinhe.storage.statements import load_statements
from yinhe.transact.caller import Caller
from yinhe.transact.day import Day
from yinhe.transact.refusals import DAY_REFUSALS, LIMIT_REFUSALS, DayRefusal
from yinhe.transact.state import State

KEPT_DAYS: Final = 7
"""For how many business dates it is known that a command was counted."""
_DAILY: Final = LIMIT_REFUSALS[AccessRefusal.OVER_DAILY_LIMIT]
_ASK_AGAIN: Final = DAY_REFUSALS[DayRefusal.ASK_AGAIN]


class _Underway(msgspec.Struct, frozen=True):
    actor: str
    date: int
    more: Mapping[int, int]
    """What was counted now and not before, by currency."""
    known: Mapping[int, int]
    """What was counted before."""


class Elsewhere:
    """Counts commands of one bank; safe between threads."""

    def __init__(self, day: Day, sessions: Sessions) -> None:
        """Take what was counted on this business date into the day's sums."""
        self._day: Final = day
        self._sessions: Final = sessions
        self._sql: Final = load_statements("transact")
        self._lock: Final = threading.Lock()
        self._underway: Final[dict[UUID, _Underway | None]] = {}
        with day.deciding() as state, sessions.lend() as session:
            session.execute(self._sql["moved_prune"], {"date": state.tallies.date - KEPT_DAYS})
            for actor, currency, amount in session.execute(self._sql["moved_sums"], {"date": state.tallies.date}):
                state.tallies.add((actor, currency), amount)

    def try_out(self, caller: Caller, sums: Mapping[int, int]) -> Refusal | None:
        """Why a caller may not move sums today, in minor units by currency (ISO 4217 number); nothing is counted."""
        with self._day.deciding() as state:
            return _over(state, caller, _limited(caller, sums))

    def begin(self, command: UUID, caller: Caller, sums: Mapping[int, int]) -> Refusal | None:
        """Count a command that is about to be carried out, or refuse it; what is counted is to be ended by `end`."""
        limited = _limited(caller, sums)
        if not limited:
            return None
        with self._lock:
            if command in self._underway:
                return _ASK_AGAIN
            self._underway[command] = None
        try:
            refused = self._count(command, caller, limited)
        except BaseException:
            del self._underway[command]
            raise
        if refused is not None:
            del self._underway[command]
        return refused

    def _count(self, command: UUID, caller: Caller, limited: Mapping[int, int]) -> Refusal | None:
        with self._sessions.lend() as session:
            known: dict[int, int] = dict(session.execute(self._sql["moved_read"], {"id": command}).fetchall())
        more = {currency: amount - known.get(currency, 0) for currency, amount in limited.items()}
        more = {currency: amount for currency, amount in more.items() if amount > 0}
        with self._day.deciding() as state:
            refused = _over(state, caller, more)
            if refused is not None:
                return refused
            begun = _Underway(caller.actor, state.tallies.date, more, known)
            _add(state, begun, 1)
        self._underway[command] = begun
        try:
            with self._sessions.transaction() as session:
                for currency, amount in more.items():
                    given = {"id": command, "currency": currency, "amount": known.get(currency, 0) + amount}
                    session.execute(self._sql["moved_write"], {**given, "actor": begun.actor, "date": begun.date})
        except BaseException:
            with self._day.deciding() as state:
                _add(state, begun, -1)
            raise
        return None

    def end(self, command: UUID, *, moved: bool) -> None:
        """Say what became of a command that was begun: what has moved nothing, or may not have, is told apart."""
        begun = self._underway.get(command)
        if begun is None:
            return
        try:
            if not moved:
                self._take_back(command, begun)
        finally:
            del self._underway[command]

    def _take_back(self, command: UUID, begun: _Underway) -> None:
        with self._sessions.transaction() as session:
            for currency in begun.more:
                before = begun.known.get(currency, 0)
                given = {"id": command, "currency": currency, "amount": before}
                if before:
                    session.execute(self._sql["moved_write"], {**given, "actor": begun.actor, "date": begun.date})
                else:
                    session.execute(self._sql["moved_take_back"], given)
        with self._day.deciding() as state:
            _add(state, begun, -1)


def _limited(caller: Caller, sums: Mapping[int, int]) -> dict[int, int]:
    """The sums for which a caller has a limit of the day."""
    if caller.is_bank:
        return {}
    return {code: amount for code, amount in sums.items() if amount > 0 and caller.limits(code)[1] < NO_LIMIT}


def _over(state: State, caller: Caller, sums: Mapping[int, int]) -> Refusal | None:
    for currency, amount in sums.items():
        if state.tallies.moved((caller.actor, currency)) + amount > caller.limits(currency)[1]:
            return _DAILY
    return None


def _add(state: State, begun: _Underway, sign: int) -> None:
    """Count what was begun on the day's business date; of another date there is nothing to count any more."""
    if state.tallies.date == begun.date:
        for currency, amount in begun.more.items():
            state.tallies.add((begun.actor, currency), sign * amount)
