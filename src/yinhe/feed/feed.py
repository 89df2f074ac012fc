"""The feed: events in order from the journal and the log, page by page, nothing lost and nothing twice.

Both sources are written in one order that a reader sees only in that order: a seq is visible when all before it are,
and so is a record's number. So a cursor that holds a place in each says exactly what has been read, whatever is written
meanwhile. Events of one source come in its order; those of both are merged by their times as far as both are read.
"""

import threading
from collections.abc import Iterator
from typing import Final

import msgspec
import psycopg

from yinhe.access.principal import Scope
from yinhe.audit.log import head
from yinhe.audit.reading import Kept, read_records
from yinhe.feed import acts, postings
from yinhe.feed.acts import Acts
from yinhe.feed.cursor import BEGINNING, Cursor
from yinhe.feed.event import ALL, EVERYWHERE, Event, Page, Wanted
from yinhe.feed.owners import Books, Owners
from yinhe.feed.postings import matching, posting_events
from yinhe.kernel.clock import Clock
from yinhe.ledger.ledger import Ledger
from yinhe.storage.sessions import Sessions

PAGE_MAX: Final = 1_000
"""Most events of a page."""
ROWS_SCANNED: Final = 10_000
"""Journal rows looked at for one page."""
RECORDS_SCANNED: Final = 200
"""Records of the log looked at for one page."""
_RECORDS_AT_ONCE: Final = 40
POLL_SECONDS: Final = 0.5
"""How often who waits looks without being told."""
_BELL_SECONDS: Final = 1.0


class Read(msgspec.Struct, frozen=True):
    """Events, each with the cursor after it; where to go on; whether there may be more already."""

    events: tuple[tuple[Event, Cursor], ...]
    next: Cursor
    more: bool


class _Item(msgspec.Struct, frozen=True):
    """An event of one source, and how far that source is read with it."""

    at: int
    event: Event
    place: Cursor


class _Source(msgspec.Struct, frozen=True):
    """Events of one source in order; `end` is how far it was looked through, where none was left out."""

    items: tuple[_Item, ...]
    end: Cursor | None
    more: bool


class Feed:
    """Reads events; safe between threads."""

    def __init__(self, sessions: Sessions, ledger: Ledger, books: Books, clock: Clock) -> None:
        """Nothing waits for commits before `start`: who waits looks every POLL_SECONDS until then."""
        self._sessions: Final = sessions
        self._ledger: Final = ledger
        self._clock: Final = clock
        self._owners: Final = Owners(ledger, books)
        self._acts: Final = Acts(ledger, self._owners)
        self._changed: Final = threading.Condition()
        self._changes = 0
        self._stopped: Final = threading.Event()
        self._bell: threading.Thread | None = None

    @property
    def unit(self) -> int:
        """The unit whose events these are."""
        return self._ledger.engine.core.unit

    # --- reading

    def page(
        self, cursor: Cursor = BEGINNING, limit: int = 100, wanted: Wanted = ALL, reach: Scope = EVERYWHERE
    ) -> Page:
        """The next events after a cursor that a reader wants and may have, at most `limit` and PAGE_MAX.

        A page may be empty though there are more: few are wanted of many. Go on from `next` as long as `more` says so.
        """
        read = self.read(cursor, limit, wanted, reach)
        unit = self.unit
        events = tuple(msgspec.structs.replace(event, position=place.text(unit)) for event, place in read.events)
        return Page(events, read.next.text(unit), read.more)

    def read(self, cursor: Cursor, limit: int = 100, wanted: Wanted = ALL, reach: Scope = EVERYWHERE) -> Read:
        """Like `page`, for readers within the bank's own programs."""
        limit = max(1, min(limit, PAGE_MAX))
        with self._sessions.lend() as session:
            journal = self._from_journal(session, cursor, limit, wanted, reach)
            log = self._from_log(session, cursor, limit, wanted, reach)
        merged: list[tuple[Event, Cursor]] = []
        seq, number, part = cursor.seq, cursor.number, cursor.part
        rows, records = iter(journal.items), iter(log.items)
        row, record = next(rows, None), next(records, None)
        while len(merged) < limit and (row is not None or record is not None):
            if record is None or (row is not None and row.at <= record.at):
                assert row is not None
                seq, event, row = row.place.seq, row.event, next(rows, None)
            else:
                number, part = record.place.number, record.place.part
                event, record = record.event, next(records, None)
            merged.append((event, Cursor(seq, number, part)))
        if row is None and journal.end is not None:
            seq = journal.end.seq
        if record is None and log.end is not None:
            number, part = log.end.number, log.end.part
        more = row is not None or record is not None or journal.more or log.more
        return Read(tuple(merged), Cursor(seq, number, part), more)

    def now(self) -> Cursor:
        """The cursor after everything there is."""
        with self._sessions.lend() as session:
            return Cursor(self._ledger.committed_seq, head(session).number)

    def _from_journal(
        self, session: psycopg.Connection, cursor: Cursor, limit: int, wanted: Wanted, reach: Scope
    ) -> _Source:
        if not any(wanted.may_take(area) for area in postings.AREAS):
            return _Source((), None, False)
        scanned = limit if wanted == ALL and reach == EVERYWHERE else ROWS_SCANNED
        rows = self._ledger.feed(cursor.seq, scanned)
        accounts = self._owners.accounts_wanted(session, wanted, reach)
        places = matching(rows, self._owners, wanted, reach, accounts)
        chosen = rows[places[:limit]]
        events = posting_events(session, self._ledger, self._owners, chosen, reach)
        seqs: list[int] = chosen["seq"].tolist()
        items = tuple(_Item(at, event, Cursor(seq)) for (at, event), seq in zip(events, seqs, strict=True))
        if len(places) > limit:
            return _Source(items, None, True)
        end = Cursor(int(rows["seq"][-1])) if len(rows) else None
        return _Source(items, end, len(rows) == scanned)

    def _from_log(
        self, session: psycopg.Connection, cursor: Cursor, limit: int, wanted: Wanted, reach: Scope
    ) -> _Source:
        if not any(wanted.may_take(area) for area in acts.AREAS):
            return _Source((), None, False)
        items: list[_Item] = []
        end: Cursor | None = None
        looked_at = 0
        for kept in _records_after(session, cursor.number):
            first = cursor.part if kept.number == cursor.number + 1 else 0
            last = self._acts.count_of(kept) - 1
            for part, event in self._acts.parts_of(session, kept, first, wanted, reach):
                if len(items) == limit:
                    return _Source(tuple(items), None, True)
                place = Cursor(0, kept.number) if part == last else Cursor(0, kept.number - 1, part + 1)
                items.append(_Item(kept.at, event, place))
            end, looked_at = Cursor(0, kept.number), looked_at + 1
        return _Source(tuple(items), end, looked_at == RECORDS_SCANNED)

    # --- waiting

    def wait(
        self, cursor: Cursor, seconds: float, limit: int = 100, wanted: Wanted = ALL, reach: Scope = EVERYWHERE
    ) -> Page:
        """The next page with events, as soon as there is one; an empty one when there was none in so many seconds."""
        until = self._clock.monotonic_us() + int(seconds * 1_000_000)
        while True:
            changes = self._changes
            page = self.page(cursor, limit, wanted, reach)
            left = (until - self._clock.monotonic_us()) / 1_000_000
            if page.events or left <= 0 or self._stopped.is_set():
                return page
            read = Cursor.read(page.next, self.unit)
            assert isinstance(read, Cursor)
            cursor = read
            if not page.more:
                self._await_change(changes, min(left, POLL_SECONDS))

    def _await_change(self, changes: int, seconds: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._changes != changes or self._stopped.is_set(), seconds)

    def notify(self) -> None:
        """Wake who waits: something was committed."""
        with self._changed:
            self._changes += 1
            self._changed.notify_all()

    def start(self) -> None:
        """Wake who waits at every commit of the engine from now on."""
        self._bell = threading.Thread(target=self._ring, name="yinhe feed", daemon=True)
        self._bell.start()

    def stop(self) -> None:
        """Let everyone who waits go."""
        self._stopped.set()
        self.notify()
        if self._bell is not None:
            self._bell.join()

    def _ring(self) -> None:
        engine, commits = self._ledger.engine, self._ledger.engine.commits
        while not self._stopped.is_set():
            seen, commits = commits, engine.await_commit(commits, _BELL_SECONDS)
            if commits != seen:
                self.notify()


def _records_after(session: psycopg.Connection, number: int) -> Iterator[Kept]:
    """The records after a number, RECORDS_SCANNED at most; read as far as they are taken."""
    for _ in range(RECORDS_SCANNED // _RECORDS_AT_ONCE):
        records = read_records(session, after=number, limit=_RECORDS_AT_ONCE)
        yield from records
        if len(records) < _RECORDS_AT_ONCE:
            return
        number = records[-1].number


def pages(feed: Feed, cursor: Cursor = BEGINNING, limit: int = PAGE_MAX) -> Iterator[Page]:
    """Every page there is now."""
    while True:
        page = feed.page(cursor, limit)
        yield page
        read = Cursor.read(page.next, feed.unit)
        assert isinstance(read, Cursor)
        if not page.more:
            return
        cursor = read
