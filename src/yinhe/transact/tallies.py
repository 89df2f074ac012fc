"""What was moved today by whoever asked, how many transactions of the month an account has had, what is on its way.

All of it is kept in memory. An amount counts from when it is decided on; what the ledger then refuses is taken off
again. Sums and counts are built anew from the journal at the start.
"""

from collections.abc import Iterable
from typing import Final

import psycopg

from yinhe.kernel.dates import date_from_days, days_from_date
from yinhe.ledger.ledger import Ledger
from yinhe.products.parts.fee import FeeEvent
from yinhe.storage.statements import load_statements
from yinhe.transact.codes import LIMITED_CODES, codes_of

Mover = tuple[str, int]
"""An actor, and a currency (ISO 4217 number)."""
Counted = tuple[int, FeeEvent]
"""An account, and what its transactions are charged as."""


class Tallies:
    """Sums of a business date and counts of its month; one thread at a time."""

    def __init__(self, date: int) -> None:
        """Nothing moved yet on a business date (days since 1970-01-01)."""
        self.date: int = date
        self._month: int = month_start(date)
        self._moved: Final[dict[Mover, int]] = {}
        self._posted: Final[dict[Counted, int]] = {}
        self._underway: Final[dict[Counted, int]] = {}
        self._leaving: Final[dict[int, int]] = {}
        self._arriving: Final[dict[int, int]] = {}

    def roll(self, date: int) -> None:
        """Begin another business date, where it is another one; and another month."""
        if date == self.date:
            return
        self.date = date
        self._moved.clear()
        if month_start(date) != self._month:
            self._month = month_start(date)
            self._posted.clear()

    # --- sums of the date

    def moved(self, mover: Mover) -> int:
        """What was moved today and is on its way, in minor units."""
        return self._moved.get(mover, 0)

    def add(self, mover: Mover, amount_minor: int) -> None:
        """Count an amount; below zero, take it off again."""
        self._moved[mover] = self._moved.get(mover, 0) + amount_minor

    # --- counts of the month

    def counts(self, counted: Counted) -> tuple[int, int]:
        """Which of its month the next transaction is if nothing on its way is posted, and if everything is."""
        posted = self._posted.get(counted, 0)
        return posted + 1, posted + 1 + self._underway.get(counted, 0)

    def begin(self, counted: Counted) -> None:
        """Note that a transaction is on its way."""
        self._underway[counted] = self._underway.get(counted, 0) + 1

    def end(self, counted: Counted, *, posted: bool, date: int) -> None:
        """Note what became of it; `date` is the business date it was decided on."""
        left = self._underway.get(counted, 0) - 1
        if left > 0:
            self._underway[counted] = left
        else:
            self._underway.pop(counted, None)
        if posted and month_start(date) == self._month:
            self._posted[counted] = self._posted.get(counted, 0) + 1

    # --- what is on its way

    def leaving(self, account: int) -> int:
        """What is on its way out of an account, in minor units."""
        return self._leaving.get(account, 0)

    def leave(self, account: int, amount_minor: int) -> None:
        """Note an amount on its way out; below zero, that it is no longer."""
        _add(self._leaving, account, amount_minor)

    def arriving(self, account: int) -> int:
        """What is on its way into an account, in minor units."""
        return self._arriving.get(account, 0)

    def arrive(self, account: int, amount_minor: int) -> None:
        """Note an amount on its way in; below zero, that it is no longer."""
        _add(self._arriving, account, amount_minor)

    # --- after a start

    def rebuild(self, session: psycopg.Connection, ledger: Ledger, *, counts: Iterable[FeeEvent]) -> None:
        """Read from the journal what was moved on the date and, of the events given, how many there were this month."""
        sql = load_statements("transact")
        first_seq = ledger.seq_at_date(self.date - 1) + 1
        currency = ledger.engine.core.columns.line["currency"]
        given = {"first_seq": first_seq, "codes": list(LIMITED_CODES)}
        for actor, debit, amount in session.execute(sql["moved_by_actor"], given):
            if actor:
                self.add((actor, currency.item(debit)), amount)
        month_seq = ledger.seq_at_date(self._month - 1) + 1
        for event in counts:
            name = "counted_credits" if event is FeeEvent.DEPOSIT else "counted_debits"
            given = {"first_seq": month_seq, "codes": list(codes_of(event))}
            for account, count in session.execute(sql[name], given):
                self._posted[account, event] = count


def _add(sums: dict[int, int], account: int, amount_minor: int) -> None:
    left = sums.get(account, 0) + amount_minor
    if left:
        sums[account] = left
    else:
        sums.pop(account, None)


def month_start(date: int) -> int:
    """The first day of a business date's month; days since 1970-01-01."""
    return days_from_date(date_from_days(date).replace(day=1))
