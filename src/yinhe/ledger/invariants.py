"""What must hold in the books at every moment, and the check that it does (docs/reference/invariants.md states it).

The check reads PostgreSQL alone. It builds every balance anew from the first journal row with arithmetic of its own
(`walk.py`), segment by segment, so its memory is bounded by a segment and the number of accounts and open holds.
"""

from collections.abc import Callable, Iterator, Sequence
from enum import Enum, unique
from types import MappingProxyType
from typing import Final
from uuid import UUID

import msgspec
import numpy as np
from numpy.typing import NDArray

from yinhe.kernel.ids import join
from yinhe.ledger.accounts import OPENING, OpenAccounts, digest_of
from yinhe.ledger.batch import Flag
from yinhe.ledger.errors import UnitUnknown
from yinhe.ledger.memory import ROW
from yinhe.ledger.snapshot import SEQ_END, Partition, Snapshot, UnitState, lines_of
from yinhe.ledger.walk import (
    BREACHES_MAX,
    COMMIT,
    KEPT,
    KIND_OPEN,
    KIND_ROLL,
    NEXT_ACCOUNT,
    NEXT_SEQ,
    OPEN_HOLD,
    Books,
    Breach,
    new_books,
    open_holds,
    settle_all,
    walk,
    with_room,
)
from yinhe.storage.connection import Database, unit_schema
from yinhe.storage.statements import load_statements

FINDINGS_MAX: Final = 100
"""Most findings of one invariant shown; the rest are counted."""

Progress = Callable[[int, int], None]
"""Told now and then how many seqs are checked, and of how many."""


@unique
class Invariant(Enum):
    """The invariants, with what of each is compared; the reference page has the sentences."""

    I1 = "currencies, balances summed"
    I2 = "sequence numbers"
    I3 = "journal rows, both balances"
    I4 = "balances as written"
    I5 = "holds placed, posted, released"
    I6 = "open holds as written"
    I7 = "transactions, legs"
    I8 = "transactions, ids"
    I9 = "journal rows, amounts and accounts"
    I10 = "journal rows, accounts open"
    I11 = "journal rows, limits"
    I12 = "commits, times and dates"
    I13 = "segments"
    I14 = "accounts as agreed"
    I15 = "checkpoints and details"


class Finding(msgspec.Struct, frozen=True):
    """One contradiction; `seq` and `account` are 0 where they do not apply."""

    invariant: str
    what: str
    expected: str
    found: str
    seq: int = 0
    account: int = 0


class Checked(msgspec.Struct, frozen=True):
    """One invariant's verdict: what was compared, how many, and what contradicts it (`findings` are bounded)."""

    invariant: str
    compared: str
    count: int
    contradictions: int
    findings: tuple[Finding, ...]


class CheckReport(msgspec.Struct, frozen=True):
    """The verdict on the books of a unit as they were at `last_seq`."""

    unit: int
    last_seq: int
    checked: tuple[Checked, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing contradicts any invariant."""
        return not any(entry.contradictions for entry in self.checked)


_BREACHES: Final = MappingProxyType(
    {
        Breach.SEQ_NEXT: (Invariant.I2, "the next seq"),
        Breach.DEBIT_CHAIN: (Invariant.I3, "the debit account's balance after the row"),
        Breach.CREDIT_CHAIN: (Invariant.I3, "the credit account's balance after the row"),
        Breach.TABLE_BALANCE: (Invariant.I4, "the balance written"),
        Breach.TABLE_HELD: (Invariant.I4, "the money held as written"),
        Breach.TABLE_TURNOVER: (Invariant.I4, "the day's turnover as written"),
        Breach.TABLE_TURNOVER_DATE: (Invariant.I4, "the turnover's date as written"),
        Breach.TABLE_LAST_SEQ: (Invariant.I4, "the account's last row as written"),
        Breach.HOLD_UNKNOWN: (Invariant.I5, "an open hold under this number"),
        Breach.HOLD_DEBIT: (Invariant.I5, "the hold's debit account"),
        Breach.HOLD_CREDIT: (Invariant.I5, "the hold's credit account"),
        Breach.HOLD_OVERDRAWN: (Invariant.I5, "at most what the hold has left"),
        Breach.HOLD_POSTED_LATE: (Invariant.I5, "a time before the hold's expiry"),
        Breach.HOLD_EXPIRED_EARLY: (Invariant.I5, "a time after the hold's expiry"),
        Breach.LEG: (Invariant.I7, "the leg"),
        Breach.LEGS_CUT: (Invariant.I7, "the next leg of the same transaction, at seq"),
        Breach.LEGS_SCATTERED: (Invariant.I7, "the same commit as the leg before, ending at seq"),
        Breach.AMOUNT: (Invariant.I9, "an amount from 1 to the most an account holds"),
        Breach.SAME_ACCOUNT: (Invariant.I9, "two different accounts"),
        Breach.ACCOUNT_UNKNOWN: (Invariant.I9, "an account opened before"),
        Breach.CURRENCY: (Invariant.I9, "the debit account's currency"),
        Breach.CLOSED: (Invariant.I10, "the flags of an account not closed"),
        Breach.DEBIT_BLOCKED: (Invariant.I10, "the flags of an account that may be debited"),
        Breach.CREDIT_BLOCKED: (Invariant.I10, "the flags of an account that may be credited"),
        Breach.FLOOR: (Invariant.I11, "at least the floor"),
        Breach.CEILING: (Invariant.I11, "at most the ceiling"),
        Breach.LIMIT_DAILY: (Invariant.I11, "at most the daily limit"),
        Breach.VALUE_DATE: (Invariant.I12, "the business date as value date"),
        Breach.OPEN_ORDER: (Invariant.I14, "the next account to be opened"),
        Breach.OPENED_SEQ: (Invariant.I14, "the seq the account was opened at"),
        Breach.FLOOR_BEFORE: (Invariant.I14, "the floor before the event"),
        Breach.CEILING_BEFORE: (Invariant.I14, "the ceiling before the event"),
        Breach.LIMIT_DAILY_BEFORE: (Invariant.I14, "the daily limit before the event"),
        Breach.FLAGS_BEFORE: (Invariant.I14, "the flags before the event"),
    }
)
"""Which invariant each breach of the walk is one of, and what was expected there."""

_HOLD_FLAGS: Final = np.uint16(Flag.PENDING | Flag.POST | Flag.VOID)
_INDEXES: Final = ("unique txn_id,leg", "debit,seq", "credit,seq")


def check(database: Database, unit: int, progress: Progress) -> CheckReport:
    """Check every invariant on the books of a unit as they are now; an engine may go on meanwhile.

    Raises UnitUnknown, or a fault of storage.
    """
    with database.connect(application_name="yinhe check", schema=unit_schema(unit)) as session, session.transaction():
        session.execute(load_statements("server")["one_snapshot"])
        snapshot = Snapshot(session)
        state = snapshot.unit()
        if state is None:
            raise UnitUnknown(f"This database holds no unit {unit}.")
        return _Check(snapshot, state).run(progress)


class _Check:
    """One run of the check: the findings and counts so far."""

    def __init__(self, snapshot: Snapshot, state: UnitState) -> None:
        self._snapshot: Final = snapshot
        self._state: Final = state
        self._counts: Final = dict.fromkeys(Invariant, 0)
        self._contradictions: Final = dict.fromkeys(Invariant, 0)
        self._findings: Final[dict[Invariant, list[Finding]]] = {invariant: [] for invariant in Invariant}
        self._accounts: Final = snapshot.accounts()
        self._opened: Final = snapshot.openings(self._accounts)
        lines = lines_of(self._opened)
        self._books: Books = new_books(lines, snapshot.tabled(len(lines), state.pass_seq))
        self._commit: NDArray[np.void] = np.zeros(1, COMMIT)
        """The last commit read, shape (1,); before the first it ends at seq 0."""
        self._ids: Final[list[tuple[int, UUID, UUID]]] = []
        """Of each segment with transactions: its number, its lowest and its highest id."""

    def run(self, progress: Progress) -> CheckReport:
        partitions = self._snapshot.partitions()
        self._check_segments(partitions)
        after = 0
        with_table = [partition for partition in partitions if partition.has_table]
        for partition in with_table:
            rows = self._snapshot.rows(partition.number)
            last = int(rows["seq"].max(initial=after))
            until = SEQ_END if partition is with_table[-1] else max(last, partition.end_seq - 1)
            self._check_ids(partition, rows)
            self._check_piece(rows, after, until)
            after = until
            progress(min(until, self._state.last_seq), self._state.last_seq)
        if not with_table:
            self._check_piece(np.zeros(0, ROW), 0, SEQ_END)
        self._check_end()
        return CheckReport(self._state.unit, self._state.last_seq, tuple(self._verdicts()))

    # --- the journal, piece by piece

    def _check_piece(self, rows: NDArray[np.void], after: int, until: int) -> None:
        commits = np.concatenate([self._commit, self._snapshot.commits(int(self._commit["last_seq"][0]), until)])
        events = self._snapshot.events(after, until)
        self._check_commits(commits, events)
        self._check_openings(events[events["kind"] == KIND_OPEN])
        places = np.searchsorted(commits["last_seq"], rows["seq"])
        outside = places == len(commits)
        for seq in rows["seq"][outside][:FINDINGS_MAX].tolist():
            self._find(Invariant.I2, "a commit that holds the row", "one", "none", seq=seq)
        places[outside] = len(commits) - 1
        # The pass lies between two rows: there the open holds are what the hold table says.
        passed, late = np.searchsorted(rows["seq"], self._state.pass_seq, "right"), events["seq"] > self._state.pass_seq
        self._walk(rows[:passed], commits[places[:passed]], events[~late])
        if after < self._state.pass_seq <= until or (after == 0 and not self._state.pass_seq):
            self._check_holds()
        self._walk(rows[passed:], commits[places[passed:]], events[late])
        self._commit = commits[-1:]
        self._count_rows(rows, commits[1:], events)

    def _walk(self, rows: NDArray[np.void], commits: NDArray[np.void], events: NDArray[np.void]) -> None:
        self._books = with_room(self._books, rows)
        walk(self._books, rows, commits, events)

    def _count_rows(self, rows: NDArray[np.void], commits: NDArray[np.void], events: NDArray[np.void]) -> None:
        for invariant in (Invariant.I3, Invariant.I9, Invariant.I10, Invariant.I11):
            self._counts[invariant] += len(rows)
        self._counts[Invariant.I2] += len(rows) + len(events)
        self._counts[Invariant.I5] += int(np.count_nonzero(rows["flags"] & _HOLD_FLAGS))
        self._counts[Invariant.I12] += len(commits)
        for invariant in (Invariant.I7, Invariant.I8):
            self._counts[invariant] += int(np.count_nonzero(rows["leg"] == 0))

    def _check_commits(self, commits: NDArray[np.void], events: NDArray[np.void]) -> None:
        """Commits follow each other in seq, time and date; the date changes at a roll and nowhere else."""
        before, now = commits[:-1], commits[1:]
        for i in np.flatnonzero(now["first_seq"] != before["last_seq"] + 1).tolist():
            seq = int(now["last_seq"][i])
            self._find(Invariant.I2, "the commit's first seq", before["last_seq"][i] + 1, now["first_seq"][i], seq=seq)
        if not before["last_seq"][:1].any():
            before, now = before[1:], now[1:]
        rolls = events[events["kind"] == KIND_ROLL]
        for i in np.flatnonzero(now["booked_at"] < before["booked_at"]).tolist():
            seq = int(now["last_seq"][i])
            self._find(Invariant.I12, "a time not before", before["booked_at"][i], now["booked_at"][i], seq=seq)
        for i in np.flatnonzero(now["business_date"] != before["business_date"]).tolist():
            seq, date = int(now["last_seq"][i]), int(before["business_date"][i])
            roll = rolls[rolls["seq"] == seq]
            expected = int(roll["business_date"][0]) if len(roll) else date
            if now["business_date"][i] != expected or expected < date:
                self._find(Invariant.I12, "the business date", max(expected, date), now["business_date"][i], seq=seq)
        stayed = now["last_seq"][now["business_date"] == before["business_date"]]
        for roll in rolls[np.isin(rolls["seq"], stayed)]:
            self._find(
                Invariant.I12, "a later date from this seq on", roll["business_date"], "the same", seq=roll["seq"]
            )

    def _check_openings(self, events: NDArray[np.void]) -> None:
        """The terms an account was opened with are those the opening's digest was taken of."""
        order = np.argsort(self._opened["account"])
        for event in events:
            first, count = int(event["first_account"]), int(event["accounts"])
            start, end = np.searchsorted(self._opened["account"], (first, first + count), sorter=order)
            terms = np.zeros(end - start, OPENING)
            for name in OPENING.names or ():
                terms[name] = self._opened[name][order[start:end]]
            digest = digest_of(OpenAccounts(UUID(int=0), terms))
            if digest != event["digest"]:
                what = f"the digest of what accounts {first} to {first + count - 1} were opened with"
                self._find(Invariant.I14, what, event["digest"], digest, seq=int(event["seq"]), account=first)

    def _check_holds(self) -> None:
        """The hold table is what is open at the pass."""
        tabled, replayed = self._snapshot.holds(), open_holds(self._books)
        self._counts[Invariant.I6] = len(np.union1d(tabled["seq"], replayed["seq"]))
        for seq in np.setdiff1d(replayed["seq"], tabled["seq"]).tolist():
            self._find(Invariant.I6, "an open hold", "written", "missing", seq=seq)
        for seq in np.setdiff1d(tabled["seq"], replayed["seq"]).tolist():
            self._find(Invariant.I6, "an open hold", "none", "written", seq=seq)
        _, here, there = np.intersect1d(replayed["seq"], tabled["seq"], assume_unique=True, return_indices=True)
        for name in (OPEN_HOLD.names or ())[1:]:
            for i in np.flatnonzero(replayed[name][here] != tabled[name][there]).tolist():
                mine, theirs = replayed[here[i]], tabled[there[i]]
                what = f"the hold's {name} as written"
                self._find(
                    Invariant.I6, what, mine[name], theirs[name], seq=int(mine["seq"]), account=int(mine["debit"])
                )

    # --- segments and ids

    def _check_segments(self, partitions: Sequence[Partition]) -> None:
        """Segments follow each other; each has its table; the sealed ones come first, full and indexed."""
        end, unsealed = 1, False
        for p in partitions:
            self._counts[Invariant.I13] += 1
            name = f"segment {p.number}"
            if not (p.has_table and p.has_segment):
                found = "the table alone" if p.has_table else "the list's line alone"
                self._find(Invariant.I13, f"{name} in the list, and its table", "both", found)
                continue
            if p.first_seq != end:
                self._find(Invariant.I13, f"the first seq of {name}", end, p.first_seq, seq=p.first_seq)
            end = p.end_seq
            if p.sealed and (unsealed or p.end_seq > self._state.last_seq + 1):
                self._find(
                    Invariant.I13, f"{name} not sealed before it is full", "not sealed", "sealed", seq=p.first_seq
                )
            unsealed = unsealed or not p.sealed
            for index in _INDEXES if p.sealed else ():
                if index not in p.indexes:
                    self._find(Invariant.I13, f"the index of {name} on ({index})", "valid", "missing", seq=p.first_seq)
        if end <= self._state.last_seq:
            self._find(Invariant.I13, "a segment for every seq up to", self._state.last_seq, end - 1)

    def _check_ids(self, partition: Partition, rows: NDArray[np.void]) -> None:
        """No transaction begins twice: here in one segment; segments whose ids overlap are compared at the end."""
        if not len(rows):
            return
        begun = rows[["seq", "txn_hi", "txn_lo"]][rows["leg"] == 0]
        # The postings of different nights for one contract share a half, so whole ids are put in order; the sort is
        # stable, which keeps those of one id in the order of their seqs.
        begun = begun[np.lexsort((begun["txn_hi"], begun["txn_lo"]))]
        twice = (begun["txn_lo"][1:] == begun["txn_lo"][:-1]) & (begun["txn_hi"][1:] == begun["txn_hi"][:-1])
        for i in np.flatnonzero(twice).tolist():
            self._find_twice(_id_of(begun[i]), int(begun["seq"][i]), int(begun["seq"][i + 1]))
        lowest, highest = rows["txn_hi"].min(), rows["txn_hi"].max()
        first = join(int(lowest), int(rows["txn_lo"][rows["txn_hi"] == lowest].min()))
        last = join(int(highest), int(rows["txn_lo"][rows["txn_hi"] == highest].max()))
        self._ids.append((partition.number, first, last))
        for what, own, noted in (("lowest", first, partition.id_first), ("highest", last, partition.id_last)):
            if partition.sealed and noted != own:
                what = f"the {what} id of segment {partition.number} as written"
                self._find(Invariant.I13, what, own, noted, seq=partition.first_seq)

    def _find_twice(self, txn_id: UUID, first: int, second: int) -> None:
        self._find(Invariant.I8, f"transaction {txn_id} to begin once, at seq", first, second, seq=second)

    # --- the end

    def _check_end(self) -> None:
        for i, (later, low, high) in enumerate(self._ids):
            for earlier, lowest, highest in self._ids[:i]:
                both = max(low, lowest), min(high, highest)
                for twice in (
                    self._snapshot.shared_ids(earlier, later, *both, FINDINGS_MAX) if both[0] <= both[1] else ()
                ):
                    self._find_twice(*twice)
        settle_all(self._books)
        self._check_last()
        self._check_accounts()
        for breach in self._books.breaches[: self._books.counters[KEPT]]:
            invariant, what = _BREACHES[Breach(int(breach["kind"]))]
            place = {"seq": int(breach["seq"]), "account": int(breach["account"])}
            self._find(invariant, what, breach["expected"], breach["found"], **place)
        for breach in Breach:
            self._contradictions[_BREACHES[breach][0]] += max(0, int(self._books.counts[breach]) - BREACHES_MAX)
        self._counts[Invariant.I15], astray = self._snapshot.astray(FINDINGS_MAX)
        for what, seq in astray:
            self._find(Invariant.I15, f"the commit of {what}", "one", "none", seq=seq)

    def _check_last(self) -> None:
        """Each currency sums to zero; commits, balances and the unit's date end where the journal ends."""
        last_seq = int(self._books.counters[NEXT_SEQ]) - 1
        if self._state.last_seq != last_seq:
            self._find(Invariant.I2, "the last commit's last seq", last_seq, self._state.last_seq, seq=last_seq)
        last = self._books.previous[0]
        if last["flags"] & np.uint16(Flag.LINKED):
            self._find(Invariant.I7, "the next leg of the same transaction", "one", "none", seq=last["seq"])
        lines, tabled = self._books.lines, self._books.tabled
        self._counts[Invariant.I4] = len(lines) - 1
        for account in np.flatnonzero(tabled["as_of_seq"] > last_seq)[:FINDINGS_MAX].tolist():
            as_of = tabled["as_of_seq"][account]
            self._find(Invariant.I4, "a balance true at a seq up to", last_seq, as_of, account=account)
        for currency in np.unique(lines["currency"][1:]).tolist():
            self._counts[Invariant.I1] += 1
            total = _sum(lines["stated"][1:][lines["currency"][1:] == currency])
            if total:
                self._find(Invariant.I1, f"the sum of all balances in currency {currency}", 0, total)
        if last_seq and self._commit["business_date"][0] != self._state.business_date:
            date = self._commit["business_date"][0]
            self._find(Invariant.I12, "the unit's business date", date, self._state.business_date, seq=last_seq)

    def _check_accounts(self) -> None:
        """The account table is what the events make of the openings."""
        lines = self._books.lines
        self._counts[Invariant.I14] = len(self._accounts)
        opened = int(self._books.counters[NEXT_ACCOUNT]) - 1
        if not len(self._accounts) == len(lines) - 1 == opened:
            self._find(Invariant.I14, "as many accounts as were opened", opened, len(self._accounts))
        for name in ("floor", "ceiling", "limit_daily", "flags"):
            replayed = lines[name][self._accounts["account"]]
            for i in np.flatnonzero(replayed != self._accounts[name]).tolist():
                account = int(self._accounts["account"][i])
                what = f"the account's {name} as agreed"
                self._find(Invariant.I14, what, replayed[i], self._accounts[name][i], account=account)

    # --- findings

    def _find(
        self, invariant: Invariant, what: str, expected: object, found: object, *, seq: int = 0, account: int = 0
    ) -> None:
        self._contradictions[invariant] += 1
        if len(self._findings[invariant]) < FINDINGS_MAX:
            finding = Finding(invariant.name, what, str(expected), str(found), int(seq), account)
            self._findings[invariant].append(finding)

    def _verdicts(self) -> Iterator[Checked]:
        for invariant in Invariant:
            findings = tuple(self._findings[invariant])
            count, contradictions = int(self._counts[invariant]), self._contradictions[invariant]
            yield Checked(invariant.name, invariant.value, count, contradictions, findings)


def _id_of(row: np.void) -> UUID:
    return join(int(row["txn_hi"]), int(row["txn_lo"]))


def _sum(values: NDArray[np.int64]) -> int:
    """The exact sum, which int64 may not hold: halves are summed apart."""
    return (int((values >> 32).sum()) << 32) + int((values & 0xFFFF_FFFF).sum())
