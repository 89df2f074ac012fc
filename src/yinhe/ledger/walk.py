"""The auditor's own arithmetic: the journal, row by row from the first, against everything else the books say.

Nothing here is shared with the state machine or with recovery: an error there must not hide itself. One call of `walk`
takes the rows and account events of one segment; what it must remember between segments is in `Books`.
"""

# pyright: reportArgumentType=false, reportReturnType=false
# To the type checker the fields of a record are NumPy's scalars; compiled, they are the integers that are asked for.

from enum import IntEnum, auto, unique
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from yinhe.ledger.batch import LEGS_MAX, Flag
from yinhe.ledger.columns import AMOUNT_MAX, AccountFlag
from yinhe.ledger.compiled import compiled
from yinhe.ledger.memory import ROW

LINE: Final = np.dtype(
    [
        ("balance", np.int64),  # summed up from the amounts alone
        ("stated", np.int64),  # what the account's last row says its balance is
        ("held", np.int64),
        ("floor", np.int64),
        ("ceiling", np.int64),
        ("limit_daily", np.int64),
        ("turnover", np.int64),
        ("last_seq", np.int64),
        ("opened_seq", np.int64),  # as the account table says
        ("turnover_date", np.int32),
        ("currency", np.uint16),  # as the account table says
        ("flags", np.uint16),  # AccountFlag; 0 until its event opens the account
        ("settled", np.uint8),  # 1: compared with the balance table already
    ],
    align=True,
)
"""What the auditor knows of one account at one seq."""

EVENT: Final = np.dtype(
    [
        ("seq", np.int64),
        ("digest", np.int64),
        ("first_account", np.int32),
        ("accounts", np.int32),
        ("kind", np.int16),
        ("flags", np.uint16),
        ("flags_before", np.uint16),
        ("business_date", np.int32),
        ("floor", np.int64),
        ("ceiling", np.int64),
        ("limit_daily", np.int64),
        ("floor_before", np.int64),
        ("ceiling_before", np.int64),
        ("limit_daily_before", np.int64),
    ],
    align=True,
)
"""One account event."""

KIND_OPEN: Final = 1
KIND_LIMITS: Final = 2
KIND_FLAGS: Final = 3
KIND_ROLL: Final = 4

TABLED: Final = np.dtype(
    [
        ("account", np.int32),
        ("balance", np.int64),
        ("held", np.int64),
        ("turnover", np.int64),
        ("turnover_date", np.int32),
        ("last_seq", np.int64),
        ("as_of_seq", np.int64),
    ]
)
"""One account as the balance table has it."""

OPEN_HOLD: Final = np.dtype(
    [
        ("seq", np.int64),
        ("remaining", np.int64),
        ("expires_at", np.int64),
        ("debit", np.int32),
        ("credit", np.int32),
        ("placed_on", np.int32),
    ]
)
"""A hold and what is left of it."""

COMMIT: Final = np.dtype(
    [("last_seq", np.int64), ("first_seq", np.int64), ("booked_at", np.int64), ("business_date", np.int32)]
)
"""One commit: its seqs, when it was booked (microseconds since 1970-01-01), and on which business date (days)."""

BREACH: Final = np.dtype(
    [("kind", np.int64), ("seq", np.int64), ("account", np.int64), ("expected", np.int64), ("found", np.int64)]
)
"""One finding of the walk."""

BREACHES_MAX: Final = 20
"""Most findings of one kind kept; the rest are counted."""


@unique
class Breach(IntEnum):
    """What a row or an event can contradict."""

    SEQ_NEXT = 0
    DEBIT_CHAIN = auto()
    CREDIT_CHAIN = auto()
    TABLE_BALANCE = auto()
    TABLE_HELD = auto()
    TABLE_TURNOVER = auto()
    TABLE_TURNOVER_DATE = auto()
    TABLE_LAST_SEQ = auto()
    HOLD_UNKNOWN = auto()
    HOLD_DEBIT = auto()
    HOLD_CREDIT = auto()
    HOLD_OVERDRAWN = auto()
    HOLD_POSTED_LATE = auto()
    HOLD_EXPIRED_EARLY = auto()
    LEG = auto()
    LEGS_CUT = auto()
    LEGS_SCATTERED = auto()
    AMOUNT = auto()
    SAME_ACCOUNT = auto()
    ACCOUNT_UNKNOWN = auto()
    CURRENCY = auto()
    CLOSED = auto()
    DEBIT_BLOCKED = auto()
    CREDIT_BLOCKED = auto()
    FLOOR = auto()
    CEILING = auto()
    LIMIT_DAILY = auto()
    VALUE_DATE = auto()
    OPEN_ORDER = auto()
    OPENED_SEQ = auto()
    FLOOR_BEFORE = auto()
    CEILING_BEFORE = auto()
    LIMIT_DAILY_BEFORE = auto()
    FLAGS_BEFORE = auto()


class Books(NamedTuple):
    """What the walk remembers from row to row."""

    lines: NDArray[np.void]
    """Accounts by index: dtype LINE."""
    tabled: NDArray[np.void]
    """The balance table by account: dtype TABLED; `as_of_seq` is where the two are to be compared."""
    holds: NDArray[np.void]
    """Holds placed so far, by seq, and room for those of the next rows: dtype OPEN_HOLD."""
    previous: NDArray[np.void]
    """The row before: dtype ROW, shape (1,)."""
    counters: NDArray[np.int64]
    """int64, shape (COUNTERS,)."""
    counts: NDArray[np.int64]
    """How often each `Breach` was found: int64, shape (len(Breach),)."""
    breaches: NDArray[np.void]
    """The findings kept: dtype BREACH."""


NEXT_SEQ: Final = 0
HOLDS: Final = 1
NEXT_ACCOUNT: Final = 2
KEPT: Final = 3
COMMIT_SEQ: Final = 4
COUNTERS: Final = 5
"""Places in `Books.counters`: the seq to come, holds in use, the account to be opened next, findings kept, and the
commit (its last seq) that the row before lies in; and how many counters there are."""

_LINKED: Final = int(Flag.LINKED)
_PENDING: Final = int(Flag.PENDING)
_POST: Final = int(Flag.POST)
_VOID: Final = int(Flag.VOID)
_EXPIRE: Final = int(Flag.EXPIRE)
_VALUE_DATED: Final = int(Flag.VALUE_DATED)
_CLOSED: Final = int(AccountFlag.CLOSED)
_DEBIT_BLOCKED: Final = int(AccountFlag.DEBIT_BLOCKED)
_CREDIT_BLOCKED: Final = int(AccountFlag.CREDIT_BLOCKED)
_OPEN: Final = int(AccountFlag.OPEN)


def new_books(lines: NDArray[np.void], tabled: NDArray[np.void]) -> Books:
    """Books before the first row; `lines` has dtype LINE, `tabled` dtype TABLED, both one an account from index 0."""
    kinds = len(Breach)
    counters = np.zeros(COUNTERS, np.int64)
    counters[NEXT_SEQ] = counters[NEXT_ACCOUNT] = 1
    return Books(
        lines,
        tabled,
        np.zeros(0, OPEN_HOLD),
        np.zeros(1, ROW),
        counters,
        np.zeros(kinds, np.int64),
        np.zeros(kinds * BREACHES_MAX, BREACH),
    )


def with_room(books: Books, rows: NDArray[np.void]) -> Books:
    """The books without the holds that are spent, and with room for those that `rows` place."""
    open_ = open_holds(books)
    placed = np.count_nonzero(rows["flags"] & np.uint16(Flag.PENDING))
    books.counters[HOLDS] = len(open_)
    return books._replace(holds=np.concatenate([open_, np.zeros(placed, OPEN_HOLD)]))


def open_holds(books: Books) -> NDArray[np.void]:
    """What is held now, by seq; dtype OPEN_HOLD."""
    holds = books.holds[: books.counters[HOLDS]]
    return holds[holds["remaining"] != 0]


@compiled
def _found(books: Books, kind: int, seq: int, account: int, expected: int, found: int) -> None:
    books.counts[kind] += 1
    if books.counts[kind] <= BREACHES_MAX:
        breach = books.breaches[books.counters[KEPT]]
        breach["kind"] = kind
        breach["seq"] = seq
        breach["account"] = account
        breach["expected"] = expected
        breach["found"] = found
        books.counters[KEPT] += 1


@compiled
def _agree(books: Books, kind: int, seq: int, account: int, expected: int, found: int) -> None:
    if expected != found:
        _found(books, kind, seq, account, expected, found)


@compiled
def settle(books: Books, index: int, seq: int) -> None:
    """Compare an account with the balance table, once, before the first row after the seq the table is true at."""
    line = books.lines[index]
    tabled = books.tabled[index]
    as_of = tabled["as_of_seq"]
    if line["settled"] or seq <= as_of:
        return
    line["settled"] = 1
    _agree(books, Breach.TABLE_BALANCE, as_of, index, line["balance"], tabled["balance"])
    _agree(books, Breach.TABLE_HELD, as_of, index, line["held"], tabled["held"])
    _agree(books, Breach.TABLE_TURNOVER, as_of, index, line["turnover"], tabled["turnover"])
    _agree(
        books,
        Breach.TABLE_TURNOVER_DATE,
        as_of,
        index,
        np.int64(line["turnover_date"]),
        np.int64(tabled["turnover_date"]),
    )
    _agree(books, Breach.TABLE_LAST_SEQ, as_of, index, line["last_seq"], tabled["last_seq"])


@compiled
def settle_all(books: Books) -> None:
    """Compare the accounts that no row has come after."""
    for index in range(1, len(books.lines)):
        settle(books, index, np.int64(2**62))


@compiled
def _follow(books: Books, seq: int) -> None:
    expected = books.counters[NEXT_SEQ]
    if seq != expected:
        _found(books, Breach.SEQ_NEXT, seq, 0, expected, seq)
    books.counters[NEXT_SEQ] = max(expected, seq + 1)


@compiled
def _follow_leg(books: Books, row: np.void, commit_seq: int) -> None:
    """A transaction is legs 0, 1, 2, … in consecutive rows of one commit, LINKED on all but the last."""
    before = books.previous[0]
    linked = np.int64(before["flags"]) & _LINKED != 0
    leg = np.int64(row["leg"])
    expected = np.int64(before["leg"]) + 1 if linked else np.int64(0)
    seq = row["seq"]
    if leg != expected:
        _found(books, Breach.LEG, seq, 0, expected, leg)
    elif leg:
        same = before["txn_hi"] == row["txn_hi"] and before["txn_lo"] == row["txn_lo"]
        if not same or before["seq"] + 1 != seq or leg >= LEGS_MAX:
            _found(books, Breach.LEGS_CUT, seq, 0, before["seq"] + 1, seq)
        _agree(books, Breach.LEGS_SCATTERED, seq, 0, books.counters[COMMIT_SEQ], commit_seq)
    books.previous[0] = row
    books.counters[COMMIT_SEQ] = commit_seq


@compiled
def _well_formed(books: Books, row: np.void) -> bool:
    """Amount and accounts; False when one of the accounts is none, so that the row cannot be booked at all."""
    seq = row["seq"]
    debit = np.int64(row["debit"])
    credit = np.int64(row["credit"])
    for index in (debit, credit):
        if not 0 < index < len(books.lines) or books.lines[index]["flags"] == 0:
            _found(books, Breach.ACCOUNT_UNKNOWN, seq, index, 0, index)
            return False
    if not 0 < row["amount"] <= AMOUNT_MAX:
        _found(books, Breach.AMOUNT, seq, 0, 1, row["amount"])
    if debit == credit:
        _found(books, Breach.SAME_ACCOUNT, seq, debit, 0, credit)
    _agree(
        books,
        Breach.CURRENCY,
        seq,
        credit,
        np.int64(books.lines[debit]["currency"]),
        np.int64(books.lines[credit]["currency"]),
    )
    return True


@compiled
def _find_hold(books: Books, seq: int) -> int:
    """Where the hold of that number is among the holds, -1 when it is not."""
    low = np.int64(0)
    high = books.counters[HOLDS]
    while low < high:
        middle = (low + high) // 2
        if books.holds[middle]["seq"] < seq:
            low = middle + 1
        else:
            high = middle
    if low < books.counters[HOLDS] and books.holds[low]["seq"] == seq and books.holds[low]["remaining"] != 0:
        return low
    return np.int64(-1)


@compiled
def _hold(books: Books, row: np.void, date: int, booked_at: int) -> int:
    """Place, post or release a hold; the date it was placed on, of a row that has none its own."""
    flags = np.int64(row["flags"])
    seq = row["seq"]
    if flags & _PENDING:
        hold = books.holds[books.counters[HOLDS]]
        hold["seq"] = seq
        hold["remaining"] = row["amount"]
        hold["expires_at"] = row["reference"]
        hold["debit"] = row["debit"]
        hold["credit"] = row["credit"]
        hold["placed_on"] = date
        books.counters[HOLDS] += 1
        return date
    place = _find_hold(books, row["reference"])
    if place < 0:
        _found(books, Breach.HOLD_UNKNOWN, seq, row["debit"], row["reference"], 0)
        return date
    hold = books.holds[place]
    _agree(books, Breach.HOLD_DEBIT, seq, row["debit"], np.int64(hold["debit"]), np.int64(row["debit"]))
    _agree(books, Breach.HOLD_CREDIT, seq, row["credit"], np.int64(hold["credit"]), np.int64(row["credit"]))
    if row["amount"] > hold["remaining"]:
        _found(books, Breach.HOLD_OVERDRAWN, seq, row["debit"], hold["remaining"], row["amount"])
    expired = hold["expires_at"] != 0 and hold["expires_at"] <= booked_at
    if expired and not flags & _EXPIRE:
        _found(books, Breach.HOLD_POSTED_LATE, seq, row["debit"], hold["expires_at"], booked_at)
    if flags & _EXPIRE and not expired:
        _found(books, Breach.HOLD_EXPIRED_EARLY, seq, row["debit"], hold["expires_at"], booked_at)
    hold["remaining"] = max(np.int64(0), hold["remaining"] - row["amount"])
    return hold["placed_on"]


@compiled
def _count_turnover(debit: np.void, amount: int, flags: int, placed_on: int, date: int) -> None:
    """What counts against the daily limit: debits and holds placed, less holds released on the day they were placed."""
    if debit["turnover_date"] != date and not flags & (_POST | _VOID):
        debit["turnover"] = 0
        debit["turnover_date"] = date
    if flags & _VOID:
        if placed_on == date and debit["turnover_date"] == date:
            debit["turnover"] -= amount
    elif not flags & _POST:
        debit["turnover"] += amount


@compiled
def _permitted(books: Books, row: np.void) -> None:
    """Both accounts were open, and free for this."""
    debit = books.lines[row["debit"]]
    credit = books.lines[row["credit"]]
    seq = row["seq"]
    if np.int64(debit["flags"]) & _CLOSED:
        _found(books, Breach.CLOSED, seq, row["debit"], _OPEN, debit["flags"])
    if np.int64(credit["flags"]) & _CLOSED:
        _found(books, Breach.CLOSED, seq, row["credit"], _OPEN, credit["flags"])
    if np.int64(debit["flags"]) & _DEBIT_BLOCKED:
        _found(books, Breach.DEBIT_BLOCKED, seq, row["debit"], _OPEN, debit["flags"])
    if np.int64(credit["flags"]) & _CREDIT_BLOCKED:
        _found(books, Breach.CREDIT_BLOCKED, seq, row["credit"], _OPEN, credit["flags"])


@compiled
def _within_limits(books: Books, row: np.void, moves: bool) -> None:
    """What was free stayed above the floor, what was received below the ceiling, the day's spending below its limit."""
    debit = books.lines[row["debit"]]
    credit = books.lines[row["credit"]]
    seq = row["seq"]
    if not np.int64(row["flags"]) & _POST:
        if debit["balance"] - debit["held"] < debit["floor"]:
            _found(books, Breach.FLOOR, seq, row["debit"], debit["floor"], debit["balance"] - debit["held"])
        if debit["turnover"] > debit["limit_daily"]:
            _found(books, Breach.LIMIT_DAILY, seq, row["debit"], debit["limit_daily"], debit["turnover"])
    if moves and credit["balance"] > credit["ceiling"]:
        _found(books, Breach.CEILING, seq, row["credit"], credit["ceiling"], credit["balance"])


@compiled
def _book(books: Books, row: np.void, date: int, booked_at: int) -> None:
    """Book one row on both accounts and compare what it says with what that gives."""
    flags = np.int64(row["flags"])
    amount = row["amount"]
    seq = row["seq"]
    settle(books, np.int64(row["debit"]), seq)
    settle(books, np.int64(row["credit"]), seq)
    debit = books.lines[row["debit"]]
    credit = books.lines[row["credit"]]
    moves = not flags & (_PENDING | _VOID)
    moved = amount if moves else np.int64(0)
    placed_on = np.int64(date)
    if flags & (_PENDING | _POST | _VOID):
        placed_on = np.int64(_hold(books, row, date, booked_at))
        debit["held"] += amount if flags & _PENDING else -amount
    _agree(books, Breach.DEBIT_CHAIN, seq, row["debit"], debit["stated"] - moved, row["debit_balance"])
    _agree(books, Breach.CREDIT_CHAIN, seq, row["credit"], credit["stated"] + moved, row["credit_balance"])
    debit["stated"] = row["debit_balance"]
    credit["stated"] = row["credit_balance"]
    debit["balance"] -= moved
    credit["balance"] += moved
    debit["last_seq"] = credit["last_seq"] = seq
    _count_turnover(debit, amount, flags, placed_on, date)
    if not flags & _VOID:
        _permitted(books, row)
        _within_limits(books, row, moves)
    if not flags & _VALUE_DATED:
        _agree(books, Breach.VALUE_DATE, seq, 0, np.int64(date), np.int64(row["value_date"]))


@compiled
def _happen(books: Books, event: np.void) -> None:
    """Carry out one account event and compare what it says was there before."""
    seq = event["seq"]
    first = np.int64(event["first_account"])
    _follow(books, seq)
    if event["kind"] == KIND_ROLL:
        return
    if event["kind"] == KIND_OPEN:
        _agree(books, Breach.OPEN_ORDER, seq, first, books.counters[NEXT_ACCOUNT], first)
        books.counters[NEXT_ACCOUNT] = max(books.counters[NEXT_ACCOUNT], first + event["accounts"])
    for index in range(first, first + event["accounts"]):
        if not 0 < index < len(books.lines):
            _found(books, Breach.ACCOUNT_UNKNOWN, seq, index, 0, index)
            return
        line = books.lines[index]
        if event["kind"] == KIND_OPEN:
            _agree(books, Breach.OPENED_SEQ, seq, index, seq, line["opened_seq"])
            line["flags"] = _OPEN
        elif event["kind"] == KIND_FLAGS:
            _agree(books, Breach.FLAGS_BEFORE, seq, index, np.int64(line["flags"]), np.int64(event["flags_before"]))
            line["flags"] = event["flags"]
        else:
            _agree(books, Breach.FLOOR_BEFORE, seq, index, line["floor"], event["floor_before"])
            _agree(books, Breach.CEILING_BEFORE, seq, index, line["ceiling"], event["ceiling_before"])
            _agree(books, Breach.LIMIT_DAILY_BEFORE, seq, index, line["limit_daily"], event["limit_daily_before"])
            line["floor"] = event["floor"]
            line["ceiling"] = event["ceiling"]
            line["limit_daily"] = event["limit_daily"]


@compiled
def walk(books: Books, rows: NDArray[np.void], commits: NDArray[np.void], events: NDArray[np.void]) -> None:
    """Go through rows (dtype ROW) and account events (dtype EVENT) in the order of their seqs.

    `commits` (dtype COMMIT, one a row) is the commit each row lies in. `books.holds` has room for what the rows place.
    """
    e = 0
    for i in range(len(rows)):
        row = rows[i]
        while e < len(events) and events[e]["seq"] < row["seq"]:
            _happen(books, events[e])
            e += 1
        _follow(books, row["seq"])
        _follow_leg(books, row, commits[i]["last_seq"])
        if _well_formed(books, row):
            _book(books, row, np.int64(commits[i]["business_date"]), commits[i]["booked_at"])
    while e < len(events):
        _happen(books, events[e])
        e += 1
