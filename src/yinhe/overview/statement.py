"""An account's statement for a period of business dates: opening balance, lines, sums, closing balance."""

import datetime as dt
from typing import Final
from uuid import UUID

import msgspec
import psycopg

from yinhe.kernel.account_number import AccountNumber, encode
from yinhe.kernel.currency import currency_by_number
from yinhe.kernel.dates import date_from_days
from yinhe.kernel.refusals import Refusal
from yinhe.ledger.batch import Flag
from yinhe.ledger.history import PAGE_MAX, Entry, History
from yinhe.ledger.ledger import Ledger
from yinhe.overview.errors import StatementUnbalancedError
from yinhe.overview.happenings import words_of_code
from yinhe.overview.reading import statements
from yinhe.overview.refusals import OverviewRefusal
from yinhe.storage.sessions import Sessions

LINES_MAX: Final = 50_000
"""Most lines of one statement."""
READ_MOST: Final = 4
"""How many rows of the books are read at most for one line of the bound."""


class StatementLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line; amounts in minor units, the amount positive for money in."""

    seq: int
    txn_id: UUID
    booked_at: int
    """Microseconds since 1970-01-01."""
    business_date: dt.date
    value_date: dt.date
    code: int
    english: str
    chinese: str
    counter_number: str
    narrative: str
    amount_minor: int
    balance_minor: int
    """After the line."""
    reverses: bool
    """Whether it takes an earlier one back."""


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """A statement; opening balance and lines add up to the closing balance."""

    account: int
    number: str
    currency: str
    scale: int
    """Decimals of the currency."""
    first: dt.date
    last: dt.date
    holder: str
    """As the caller names who holds the account; may be empty."""
    opening_minor: int
    lines: tuple[StatementLine, ...]
    """In the order of the books. Money that is only held is no line."""
    debits: int
    debits_minor: int
    """The sum of what went out, as a positive amount."""
    credits: int
    credits_minor: int
    closing_minor: int
    seq: int
    """The last durable seq when it was made: what is booked later is not on it."""


class Statements:
    """Makes statements of one unit's accounts; reads only, safe between threads."""

    def __init__(self, sessions: Sessions, ledger: Ledger) -> None:
        self._sessions: Final = sessions
        self._ledger: Final = ledger
        self._history: Final = History(ledger.connect)
        self._sql: Final = statements()

    def close(self) -> None:
        """Close the session of its own."""
        self._history.close()

    def make(
        self, account: int, first: int, last: int, *, holder: str = "", lines_max: int = LINES_MAX
    ) -> Statement | Refusal:
        """The statement of an account for the business dates `first` to `last`, both in days since 1970-01-01.

        Raises StatementUnbalancedError when the lines do not lead from the opening to the closing balance.
        """
        ledger = self._ledger
        if first > last:
            return Refusal(OverviewRefusal.PERIOD_REVERSED)
        if last > ledger.business_date:
            return Refusal(OverviewRefusal.DATE_AHEAD)
        try:
            its = currency_by_number(ledger.account(account).currency)
        except LookupError:
            return Refusal(OverviewRefusal.ACCOUNT_UNKNOWN)
        seq = ledger.committed_seq
        begin, end = self._history.seq_at_date(first - 1) + 1, min(seq, self._history.seq_at_date(last)) + 1
        entries = self._entries(account, begin, end, lines_max)
        if entries is None:
            return Refusal(OverviewRefusal.STATEMENT_TOO_LONG, f"{lines_max:,}")
        opening = self._history.balance_at(ledger.engine.core.tail.view(), account, begin - 1)
        with self._sessions.lend() as session:
            lines = self._lines(session, entries)
        out = [-line.amount_minor for line in lines if line.amount_minor < 0]
        into = [line.amount_minor for line in lines if line.amount_minor > 0]
        found = Statement(
            account=account,
            number=self._number(account),
            currency=its.code,
            scale=its.scale,
            first=date_from_days(first),
            last=date_from_days(last),
            holder=holder,
            opening_minor=opening,
            lines=lines,
            debits=len(out),
            debits_minor=sum(out),
            credits=len(into),
            credits_minor=sum(into),
            closing_minor=lines[-1].balance_minor if lines else opening,
            seq=seq,
        )
        require_balanced(found)
        return found

    def _number(self, account: int) -> str:
        return encode(AccountNumber(self._ledger.engine.core.unit, account))

    def _entries(self, account: int, begin: int, end: int, lines_max: int) -> list[Entry] | None:
        """The entries that moved money from seq `begin` to before `end`, in order; None for more than `lines_max`."""
        found: list[Entry] = []
        looked_at = 0
        before: int | None = end
        while before is not None and before > begin:
            # Each page with the tail of its moment: what is sealed meanwhile is read from its segment.
            page = self._history.page(self._ledger.engine.core.tail.view(), account, before, PAGE_MAX)
            kept = [entry for entry in page.entries if entry.seq >= begin]
            found += [entry for entry in kept if entry.amount_minor]
            looked_at += len(kept)
            # Lines that only hold money are left out, but they too are read.
            if len(found) > lines_max or looked_at > READ_MOST * lines_max:
                return None
            before = page.before_seq if len(kept) == len(page.entries) else None
        return found[::-1]

    def _lines(self, session: psycopg.Connection, entries: list[Entry]) -> tuple[StatementLine, ...]:
        ids = list({entry.txn_id for entry in entries})
        with session.pipeline():
            words = session.execute(self._sql["words_of"], {"ids": ids})
            names = session.execute(self._sql["code_names"], {"codes": sorted({entry.code for entry in entries})})
        said = {txn_id: str(narrative) for txn_id, _, narrative in words}
        named = {int(code): (str(english), str(chinese)) for code, english, chinese in names}
        return tuple(self._line(entry, named, said.get(entry.txn_id, "")) for entry in entries)

    def _line(self, entry: Entry, named: dict[int, tuple[str, str]], narrative: str) -> StatementLine:
        english, chinese = named.get(entry.code) or words_of_code(entry.code)
        return StatementLine(
            seq=entry.seq,
            txn_id=entry.txn_id,
            booked_at=entry.booked_at,
            business_date=date_from_days(entry.business_date),
            value_date=date_from_days(entry.value_date),
            code=entry.code,
            english=english,
            chinese=chinese,
            counter_number=self._number(entry.counter_account),
            narrative=narrative,
            amount_minor=entry.amount_minor,
            balance_minor=entry.balance_minor,
            reverses=bool(entry.flags & Flag.REVERSAL),
        )


def require_balanced(statement: Statement) -> None:
    """Raise StatementUnbalancedError unless each line, and the sums, lead from the opening to the closing balance."""
    balance = statement.opening_minor
    for line in statement.lines:
        balance += line.amount_minor
        if balance != line.balance_minor:
            raise StatementUnbalancedError(f"At seq {line.seq} the balance is {line.balance_minor}, not {balance}.")
    moved = statement.credits_minor - statement.debits_minor
    if not statement.opening_minor + moved == balance == statement.closing_minor:
        raise StatementUnbalancedError(f"The statement of account {statement.account} does not close.")
