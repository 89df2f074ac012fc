"""What commands outside the pipeline move, as those of contracts, loans and payments: counted with the day's transfers.

A command counts from before it is carried out, durably; refused, it is taken back. A command whose fate is not known
stays counted. Asked again by the same author it counts once, the larger amount.
"""

import threading
from collections.abc import Mapping
from typing import Final
from uuid import UUID

import msgspec

from yinhe.access.principal import NO_LIMIT
from yinhe.access.refusals import AccessRefusal
from yinhe.kernel.ids import derived
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


class Counted(msgspec.Struct, frozen=True):
    """A command that is counted and not ended."""

    id: UUID
    """Of the command, its action and its author together: another action under the same id is another command."""
    actor: str
    date: int
    before: Mapping[int, int]
    """What counted of it before, by currency."""
    now: Mapping[int, int]
    """What counts of it now."""


class Elsewhere:
    """Counts commands of one bank; safe between threads."""

    def __init__(self, day: Day, sessions: Sessions) -> None:
        """Take what was counted on this business date into the day's sums."""
        self._day: Final = day
        self._sessions: Final = sessions
        self._sql: Final = load_statements("transact")
        self._lock: Final = threading.Lock()
        self._underway: Final[set[UUID]] = set()
        self._today: Final[dict[UUID, Mapping[int, int]]] = {}
        """What the day's sums have of each command."""
        with day.deciding() as state, sessions.lend() as session:
            self._date = state.tallies.date
            session.execute(self._sql["moved_prune"], {"date": self._date - KEPT_DAYS})
            for key, actor, currency, amount in session.execute(self._sql["moved_on"], {"date": self._date}):
                state.tallies.add((actor, currency), amount)
                self._today[key] = {**self._today.get(key, {}), currency: amount}

    def try_out(self, caller: Caller, sums: Mapping[int, int]) -> Refusal | None:
        """Why a caller may not move sums today, in minor units by currency (ISO 4217 number); nothing is counted."""
        with self._day.deciding() as state:
            return _over(state, caller, _limited(caller, sums))

    def begin(self, command: UUID, action: str, caller: Caller, sums: Mapping[int, int]) -> Counted | Refusal | None:
        """Count a command that is about to be carried out, or refuse it; None where nothing is to be counted.

        What is counted is to be ended by `end`.
        """
        limited = _limited(caller, sums)
        if not limited:
            return None
        key = derived(command, f"{caller.actor} {action}")
        with self._lock:
            if key in self._underway:
                return _ASK_AGAIN
            self._underway.add(key)
        try:
            counted = self._count(key, caller, limited)
            if isinstance(counted, Counted):
                self._write(counted, counted.now)
        except BaseException:
            # What the database has of it is not known: it stays counted.
            self._underway.discard(key)
            raise
        if isinstance(counted, Refusal):
            self._underway.discard(key)
        return counted

    def _count(self, key: UUID, caller: Caller, limited: Mapping[int, int]) -> Counted | Refusal:
        with self._sessions.lend() as session:
            rows = session.execute(self._sql["moved_read"], {"id": key}).fetchall()
        with self._day.deciding() as state:
            self._roll(state)
            # What counted on a date before does not count again.
            past = {currency: amount for currency, amount, date in rows if date < self._date}
            before = {**past, **self._today.get(key, {})}
            now = {code: max(before.get(code, 0), limited.get(code, 0)) for code in {*before, *limited}}
            counted = Counted(key, caller.actor, self._date, before, now)
            more = _more(counted)
            refused = _over(state, caller, more)
            if refused is None:
                self._add(state, counted, 1)
            return refused or counted

    def end(self, counted: Counted, *, moved: bool) -> None:
        """Say what became of a command that was begun; what has moved nothing is taken back."""
        try:
            if not moved:
                with self._day.deciding() as state:
                    self._roll(state)
                    self._add(state, counted, -1)
                self._write(counted, counted.before)
        finally:
            self._underway.discard(counted.id)

    def _add(self, state: State, counted: Counted, sign: int) -> None:
        """Count what was begun, or take it back; of a date that is over there is nothing to take back."""
        if counted.date != self._date:
            return
        for currency, amount in _more(counted).items():
            state.tallies.add((counted.actor, currency), sign * amount)
        self._today[counted.id] = counted.now if sign > 0 else counted.before

    def _roll(self, state: State) -> None:
        if state.tallies.date != self._date:
            self._date = state.tallies.date
            self._today.clear()

    def _write(self, counted: Counted, amounts: Mapping[int, int]) -> None:
        with self._sessions.transaction() as session:
            for currency in counted.now:
                given = {"id": counted.id, "currency": currency, "amount": amounts.get(currency, 0)}
                if given["amount"]:
                    more = {"actor": counted.actor, "date": counted.date}
                    session.execute(self._sql["moved_write"], {**given, **more})
                else:
                    session.execute(self._sql["moved_take_back"], given)


def _limited(caller: Caller, sums: Mapping[int, int]) -> dict[int, int]:
    """The sums for which a caller has a limit of the day."""
    if caller.is_bank:
        return {}
    return {code: amount for code, amount in sums.items() if amount > 0 and caller.limits(code)[1] < NO_LIMIT}


def _more(counted: Counted) -> dict[int, int]:
    """What counts now and did not before."""
    more = {currency: amount - counted.before.get(currency, 0) for currency, amount in counted.now.items()}
    return {currency: amount for currency, amount in more.items() if amount}


def _over(state: State, caller: Caller, sums: Mapping[int, int]) -> Refusal | None:
    for currency, amount in sums.items():
        if state.tallies.moved((caller.actor, currency)) + amount > caller.limits(currency)[1]:
            return _DAILY
    return None
