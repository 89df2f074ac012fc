"""The timeline of a customer: everything that happened, newest first, paged back to the first day.

Four sources are merged by time: events of contracts, events of loans, the log of acts, and the journal. A cursor holds
how far each was told, so that nothing is lost or told twice whatever times are equal and whatever happens meanwhile.
"""

import heapq
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final, assert_never
from uuid import UUID

import msgspec
import numpy as np
import psycopg
from numpy.typing import NDArray

from yinhe.closeday.bank import DepositBank
from yinhe.kernel.account_number import AccountNumber, encode
from yinhe.kernel.currency import currency_by_number
from yinhe.kernel.ids import is_uuid7, join, unix_ms
from yinhe.kernel.refusals import Refusal
from yinhe.ledger.history import SEQ_END, History
from yinhe.ledger.ledger import Ledger
from yinhe.ledger.memory import ROW
from yinhe.ledger.postgres import rows_from
from yinhe.overview.cursor import read_cursor, write_cursor
from yinhe.overview.happenings import (
    CurrencyOf,
    Happening,
    Kind,
    contract_happening,
    loan_happening,
    order_of,
    posting_happening,
    record_happening,
)
from yinhe.overview.reading import FIRST, Asked, Beside, HeldAccount, Place, accounts_of, ask_events, statements
from yinhe.overview.records import Act
from yinhe.overview.refusals import OverviewRefusal
from yinhe.storage.sessions import Sessions
from yinhe.storage.statements import load_statements

PAGE_MAX: Final = 200
"""Most happenings of one page."""
SEGMENTS_FIRST: Final = 4
"""Segments of the journal that are looked through first; then twice as many, and so on."""
OUTCOMES: Final = ("done", "refused", "pending", "read")
ALL_KINDS: Final = frozenset(Kind)

Told = list[tuple[Happening, Any]]
"""Happenings of one source, latest first, each with its place in it."""


class TimelinePage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a timeline, newest first; `cursor` asks for what was before it, None where nothing was."""

    party: int
    items: tuple[Happening, ...]
    cursor: str | None


class Timeline:
    """Tells what happened with parties of one unit; reads only, safe between threads."""

    def __init__(self, sessions: Sessions, ledger: Ledger, bank: DepositBank) -> None:
        self._sessions: Final = sessions
        self._ledger: Final = ledger
        self._bank: Final = bank
        self._history: Final = History(ledger.connect)
        self._sql: Final = statements()
        self._times_of: Final = load_statements("history")["times_of"]

    def close(self) -> None:
        """Close the session of its own."""
        self._history.close()

    def page(
        self,
        numbers: Sequence[int],
        cursor: str | None = None,
        limit: int = 50,
        kinds: Collection[Kind] = ALL_KINDS,
    ) -> TimelinePage | Refusal:
        """At most `limit` happenings of some kinds before a cursor (None: the newest).

        `numbers` are the party's own, and then those of parties that were merged into it.
        """
        if not 1 <= limit <= PAGE_MAX:
            return Refusal(OverviewRefusal.LIMIT_OUT_OF_BOUNDS, f"1 to {PAGE_MAX}")
        if not kinds:
            return Refusal(OverviewRefusal.KINDS_EMPTY)
        place = FIRST if cursor is None else read_cursor(cursor)
        if place is None:
            return Refusal(OverviewRefusal.CURSOR_MALFORMED)
        with self._sessions.lend() as session:
            return self._page(session, numbers, place, limit, frozenset(kinds))

    def _page(
        self, session: psycopg.Connection, numbers: Sequence[int], place: Place, limit: int, kinds: frozenset[Kind]
    ) -> TimelinePage:
        beside = Beside(contracts=Kind.CONTRACT in kinds, loans=Kind.LOAN in kinds)
        # One more than asked for of each, so that it shows whether anything is left.
        with session.pipeline():
            asked = ask_events(session, numbers, place, limit + 1, beside, OUTCOMES)
        found = happenings_of(asked, self._currency_of())
        if Kind.POSTING in kinds:
            found[Kind.POSTING] = self._postings(session, numbers[0], place.seq, limit + 1)
        merged = list(_merged(found[kind] for kind in Kind if kind in kinds))
        told = merged[:limit]
        for one, key in told:
            place = _behind(place, one, key)
        return TimelinePage(
            party=numbers[0],
            items=tuple(one for one, _ in told),
            cursor=write_cursor(place) if len(merged) > limit else None,
        )

    def _currency_of(self) -> CurrencyOf:
        catalogue = self._bank.catalogue
        return lambda version: catalogue.product(version).currency

    # --- the journal

    def _postings(self, session: psycopg.Connection, party: int, before_seq: int, limit: int) -> Told:
        accounts = accounts_of(session, party)
        if not accounts:
            return []
        since = {one.account: self._first_seq(one.since) for one in accounts}
        rows = self._rows(session, since, before_seq, limit)
        return self._told(session, rows, {one.account: one for one in accounts}, since)

    def _first_seq(self, transfer: UUID | None) -> int:
        """The first seq an account's rows are the party's from."""
        if transfer is None or not is_uuid7(transfer):
            return 1
        return self._history.seq_at_time(unix_ms(transfer) * 1_000) + 1

    def _rows(
        self, session: psycopg.Connection, since: Mapping[int, int], before_seq: int, limit: int
    ) -> NDArray[np.void]:
        """The newest rows of accounts before a seq, each from its own first seq on; newest first, dtype ROW."""
        accounts = np.array(sorted(since), np.int32)
        first = np.array([since[account] for account in accounts.tolist()], np.int64)
        tail = self._ledger.engine.core.tail.view()
        found, end = np.zeros(0, ROW), before_seq
        while len(found) < limit and end > tail.first_seq:
            rows = tail.of_accounts(accounts, end, limit)
            found = np.concatenate([found, of_party(rows, accounts, first)])
            end = int(rows["seq"][-1]) if len(rows) == limit else tail.first_seq
        lowest = max(int(first.min()), self._opened(accounts))
        segments, segment_rows = SEGMENTS_FIRST, self._ledger.engine.core.tail.segment_rows
        while len(found) < limit and end > lowest:
            begin, wanted = max(lowest, end - segments * segment_rows), limit - len(found)
            given = {"accounts": accounts.tolist(), "first": begin, "end": end, "limit": wanted}
            rows = rows_from(session.execute(self._sql["rows_of_accounts"], given, binary=True))
            # A row between two of the accounts came twice.
            kept = np.unique(rows)[::-1]
            found = np.concatenate([found, of_party(kept, accounts, first)])
            if len(rows) < 2 * wanted:
                end, segments = begin, 2 * segments
            else:
                end = int(kept["seq"][-1])
        return found[:limit]

    def _opened(self, accounts: NDArray[np.int32]) -> int:
        """Before which seq none of the accounts was there."""
        return int(self._ledger.engine.core.columns.opened_seq[accounts].min())

    def _told(
        self,
        session: psycopg.Connection,
        rows: NDArray[np.void],
        accounts: Mapping[int, HeldAccount],
        since: Mapping[int, int],
    ) -> Told:
        if not len(rows):
            return []
        ids = [join(hi, lo) for hi, lo in zip(rows["txn_hi"].tolist(), rows["txn_lo"].tolist(), strict=True)]
        with session.pipeline():
            times = session.execute(self._times_of, {"seqs": rows["seq"].tolist()})
            words = session.execute(self._sql["words_of"], {"ids": list(set(ids))})
            names = session.execute(self._sql["code_names"], {"codes": sorted(set(rows["code"].tolist()))})
        named = {int(code): (str(english), str(chinese)) for code, english, chinese in names}
        booked = {int(seq): (int(at), int(day)) for seq, at, day in times}
        said = {txn_id: (str(actor), str(narrative)) for txn_id, actor, narrative in words}
        # What was the account's before it was the party's shows on the other side alone.
        owned = [bool(row["seq"] >= since.get(int(row["debit"]), SEQ_END)) for row in rows]
        own = np.where(owned, rows["debit"], rows["credit"]).tolist()
        currencies = {one.index: one.currency for one in self._ledger.accounts(sorted(set(own)))}
        return [
            (
                posting_happening(
                    row,
                    account=accounts[account],
                    currency=currency_by_number(currencies[account]).code,
                    booked=booked[int(row["seq"])],
                    said=said.get(txn_id, ("", "")),
                    words=named,
                    number=self.number,
                ),
                int(row["seq"]),
            )
            for row, txn_id, account in zip(rows, ids, own, strict=True)
        ]

    def number(self, account: int) -> str:
        """The 16 digits of an account."""
        return encode(AccountNumber(self._ledger.engine.core.unit, account))


def happenings_of(asked: Asked, currency_of: CurrencyOf) -> dict[Kind, Told]:
    """What was asked for, by source."""
    return {
        Kind.CONTRACT: [(contract_happening(row, currency_of), (int(row[0]), row[1])) for row in asked.contracts],
        Kind.LOAN: [(loan_happening(row, currency_of), (int(row[0]), row[1])) for row in asked.loans],
        Kind.RECORD: [(record_happening(row), int(row[2])) for row in asked.records],
    }


def acts_of(asked: Asked, currency_of: CurrencyOf, limit: int) -> tuple[Act, ...]:
    """The newest acts among what was asked for."""
    merged = [one for one, _ in _merged(happenings_of(asked, currency_of).values())]
    return tuple(
        Act(
            at=one.at,
            business_date=one.business_date,
            action=one.action,
            object=one.object,
            amount_minor=one.amount_minor,
            currency=one.currency,
            actor=one.actor,
        )
        for one in merged[:limit]
    )


def _merged(sources: Iterable[Told]) -> Iterable[tuple[Happening, Any]]:
    return heapq.merge(*sources, key=lambda one: order_of(one[0]), reverse=True)


def _behind(place: Place, one: Happening, key: Any) -> Place:
    match one.kind:
        case Kind.CONTRACT:
            return place._replace(contract_date=key[0], contract_id=key[1])
        case Kind.LOAN:
            return place._replace(loan_date=key[0], loan_id=key[1])
        case Kind.RECORD:
            return place._replace(record=key)
        case Kind.POSTING:
            return place._replace(seq=key)
        case _:
            assert_never(one.kind)


def of_party(rows: NDArray[np.void], accounts: NDArray[np.int32], first: NDArray[np.int64]) -> NDArray[np.void]:
    """The rows (dtype ROW) of accounts (ascending) from each one's first seq on."""
    mine = np.zeros(len(rows), np.bool_)
    for side in ("debit", "credit"):
        at = np.minimum(np.searchsorted(accounts, rows[side]), len(accounts) - 1)
        mine |= (accounts[at] == rows[side]) & (rows["seq"] >= first[at])
    return rows[mine]
