"""The state machine: transfers in, outcomes and journal rows out; no I/O, no clock, the same answer every time.

Sequential semantics: each transaction sees the effects of the ones before it. The legs of a transaction post together
or not at all. Where several reasons would refuse a transfer, the first in the order of `Outcome` is the answer.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from yinhe.ledger.batch import LEGS_MAX, VALUE_DATE_MAX, VALUE_DATE_MIN, Flag
from yinhe.ledger.columns import ACCOUNT, AMOUNT_MAX, AccountFlag
from yinhe.ledger.compiled import Integer, Record, Records, compiled
from yinhe.ledger.holds import HOLD, HOLD_EXPIRED, HOLD_OPEN, HOLD_RESOLVED, hold_slot
from yinhe.ledger.identities import DIGEST_SEED, fold_request, remember, slot_of
from yinhe.ledger.outcomes import Outcome

ROW: Final = np.dtype(
    [
        ("seq", np.int64),
        ("txn_hi", np.uint64),
        ("txn_lo", np.uint64),
        ("amount", np.int64),
        ("debit_balance", np.int64),
        ("credit_balance", np.int64),
        ("reference", np.int64),
        ("debit", np.int32),
        ("credit", np.int32),
        ("value_date", np.int32),
        ("code", np.int16),
        ("flags", np.uint16),
        ("leg", np.uint16),
    ],
    align=True,
)
"""One journal row; both balances are those after it. `reference` depends on the flags: PENDING, when the hold expires;
POST and VOID, the hold's number; BALANCING, the amount asked for; REVERSAL, the seq corrected."""

ID_SKEW_MS: Final = 30_000
"""How far an id's time may lie ahead of the ledger's clock, in milliseconds."""

NEXT_SEQ: Final = 0
ACCOUNTS: Final = 1
DIRTY: Final = 2
TOUCHED: Final = 3
YOUNG: Final = 4
HOLDS: Final = 5
COUNTERS: Final = 6
"""Places in `Memory.counters`: the next seq, account indexes in use, entries in `dirty` and `touched`, ids in `young`,
slots in use in `holds`; and how many counters there are."""


class Memory(NamedTuple):
    """What the machine reads and writes."""

    accounts: Records
    """The accounts' lines: dtype ACCOUNT, shape (capacity,)."""
    young: Records
    old: Records
    """Remembered ids: dtype IDENTITY, powers of two long, at most half full."""
    holds: Records
    """Holds: dtype HOLD, a power of two long, at most half full."""
    dirty: NDArray[np.int32]
    """Accounts changed since their balances were last written: int32, shape (capacity,)."""
    touched: NDArray[np.int64]
    """Numbers of holds changed since they were last written: int64, as long as `holds`."""
    counters: NDArray[np.int64]
    """int64, shape (COUNTERS,)."""


class Undo(NamedTuple):
    """What one transaction's legs changed, to take it back."""

    debit: Records
    credit: Records
    """The accounts' lines before each leg: dtype ACCOUNT, shape (LEGS_MAX,)."""
    hold: Records
    """The hold's slot before each leg: dtype HOLD, shape (LEGS_MAX,)."""
    hold_slot: NDArray[np.int64]
    """Which slot, -1 for none: int64, shape (LEGS_MAX,)."""


class Answers(NamedTuple):
    """One entry a transfer."""

    outcome: NDArray[np.uint8]
    """`Outcome`: uint8, shape (n,)."""
    seq: NDArray[np.int64]
    """The journal row, or for a duplicate the first row of its transaction; 0 when refused: int64, shape (n,)."""


def new_undo() -> Undo:
    """Room to take back one transaction of LEGS_MAX legs."""
    return Undo(
        np.zeros(LEGS_MAX, ACCOUNT), np.zeros(LEGS_MAX, ACCOUNT), np.zeros(LEGS_MAX, HOLD), np.zeros(LEGS_MAX, np.int64)
    )


# Numba compiles plain integers best: the members of the enums, once, as numbers.
_LINKED: Final = int(Flag.LINKED)
_PENDING: Final = int(Flag.PENDING)
_POST: Final = int(Flag.POST)
_VOID: Final = int(Flag.VOID)
_EXPIRE: Final = int(Flag.EXPIRE)
_VOID_EXPIRE: Final = _VOID | _EXPIRE
_BALANCING_DEBIT: Final = int(Flag.BALANCING_DEBIT)
_BALANCING_CREDIT: Final = int(Flag.BALANCING_CREDIT)
_BALANCING: Final = _BALANCING_DEBIT | _BALANCING_CREDIT
_REVERSAL: Final = int(Flag.REVERSAL)
_VALUE_DATED: Final = int(Flag.VALUE_DATED)
_WHOLE: Final = int(Flag.WHOLE)
_KIND: Final = _PENDING | _POST | _VOID | _EXPIRE | _BALANCING | _REVERSAL
_KNOWN: Final = _LINKED | _KIND | _VALUE_DATED
_A_CLOSED: Final = int(AccountFlag.CLOSED)
_A_DEBIT_BLOCKED: Final = int(AccountFlag.DEBIT_BLOCKED)
_A_CREDIT_BLOCKED: Final = int(AccountFlag.CREDIT_BLOCKED)
_A_DIRTY: Final = int(AccountFlag.DIRTY)

_POSTED: Final = int(Outcome.POSTED)
_DUPLICATE: Final = int(Outcome.DUPLICATE)
_ID_CONFLICT: Final = int(Outcome.ID_CONFLICT)
_ID_MALFORMED: Final = int(Outcome.ID_MALFORMED)
_ID_FROM_FUTURE: Final = int(Outcome.ID_FROM_FUTURE)
_LINKED_BROKEN: Final = int(Outcome.LINKED_BROKEN)
_FLAGS_INVALID: Final = int(Outcome.FLAGS_INVALID)
_UNKNOWN_ACCOUNT: Final = int(Outcome.UNKNOWN_ACCOUNT)
_SAME_ACCOUNT: Final = int(Outcome.SAME_ACCOUNT)
_AMOUNT_NOT_POSITIVE: Final = int(Outcome.AMOUNT_NOT_POSITIVE)
_AMOUNT_OUT_OF_RANGE: Final = int(Outcome.AMOUNT_OUT_OF_RANGE)
_VALUE_DATE_OUT_OF_RANGE: Final = int(Outcome.VALUE_DATE_OUT_OF_RANGE)
_CURRENCY_DIFFERS: Final = int(Outcome.CURRENCY_DIFFERS)
_PENDING_NOT_FOUND: Final = int(Outcome.PENDING_NOT_FOUND)
_PENDING_DIFFERS: Final = int(Outcome.PENDING_DIFFERS)
_PENDING_RESOLVED: Final = int(Outcome.PENDING_RESOLVED)
_PENDING_EXPIRED: Final = int(Outcome.PENDING_EXPIRED)
_PENDING_NOT_EXPIRED: Final = int(Outcome.PENDING_NOT_EXPIRED)
_OVER_PENDING: Final = int(Outcome.OVER_PENDING)
_ACCOUNT_CLOSED: Final = int(Outcome.ACCOUNT_CLOSED)
_DEBIT_BLOCKED: Final = int(Outcome.DEBIT_BLOCKED)
_CREDIT_BLOCKED: Final = int(Outcome.CREDIT_BLOCKED)
_OVER_DAILY_LIMIT: Final = int(Outcome.OVER_DAILY_LIMIT)
_INSUFFICIENT_FUNDS: Final = int(Outcome.INSUFFICIENT_FUNDS)
_BALANCE_OVERFLOW: Final = int(Outcome.BALANCE_OVERFLOW)
_OVER_CEILING: Final = int(Outcome.OVER_CEILING)
_LINKED_FAILED: Final = int(Outcome.LINKED_FAILED)


@compiled
def refuse_identity(row: Record, now_ms: Integer) -> Integer:
    """POSTED when the id is a UUIDv7 (RFC 9562) not from after `now_ms` plus the skew allowed, else the refusal."""
    hi = row["txn_hi"]
    if (hi >> np.uint64(12)) & np.uint64(15) != np.uint64(7) or row["txn_lo"] >> np.uint64(62) != np.uint64(2):
        return _ID_MALFORMED
    if np.int64(hi >> np.uint64(16)) > now_ms + ID_SKEW_MS:
        return _ID_FROM_FUTURE
    return _POSTED


@compiled
def _flags_fit(row: Record, next_seq: Integer) -> bool:
    flags = np.int64(row["flags"])
    kind = flags & _KIND
    reference = row["reference"]
    if flags & ~_KNOWN or row["code"] < 0:
        return False
    if kind == _PENDING:
        return reference >= 0
    if kind in (_POST, _VOID, _VOID_EXPIRE):
        return reference > 0
    if kind == _REVERSAL:
        return 0 < reference < next_seq
    return kind & ~_BALANCING == 0 and reference == 0


@compiled
def _refuse_form(memory: Memory, row: Record) -> Integer:
    """What can be said of a leg without the state of its accounts: flags, accounts, amount, dates, currency."""
    flags = np.int64(row["flags"])
    if not _flags_fit(row, memory.counters[NEXT_SEQ]):
        return _FLAGS_INVALID
    debit = row["debit"]
    credit = row["credit"]
    if not (0 < debit < memory.counters[ACCOUNTS] and 0 < credit < memory.counters[ACCOUNTS]):
        return _UNKNOWN_ACCOUNT
    if debit == credit:
        return _SAME_ACCOUNT
    if row["amount"] < 0 or (row["amount"] == 0 and not flags & (_POST | _VOID)):
        return _AMOUNT_NOT_POSITIVE
    if row["amount"] > AMOUNT_MAX:
        return _AMOUNT_OUT_OF_RANGE
    if flags & _VALUE_DATED and not VALUE_DATE_MIN <= row["value_date"] <= VALUE_DATE_MAX:
        return _VALUE_DATE_OUT_OF_RANGE
    if memory.accounts[debit]["currency"] != memory.accounts[credit]["currency"]:
        return _CURRENCY_DIFFERS
    return _POSTED


@compiled
def _refuse_pending(hold: Record, row: Record, booked_at: Integer) -> Integer:
    """Whether a post or void of `hold` can go on."""
    # A hold is looked for on the account it holds money of: that is how it is found again in the sealed journal.
    if hold["seq"] == 0 or hold["debit"] != row["debit"]:
        return _PENDING_NOT_FOUND
    if hold["credit"] != row["credit"]:
        return _PENDING_DIFFERS
    if hold["state"] == HOLD_RESOLVED:
        return _PENDING_RESOLVED
    expired = hold["expires_at"] != 0 and hold["expires_at"] <= booked_at
    expiring = np.int64(row["flags"]) & _EXPIRE != 0
    if hold["state"] == HOLD_EXPIRED or (expired and not expiring):
        return _PENDING_EXPIRED
    if expiring and not expired:
        return _PENDING_NOT_EXPIRED
    if row["amount"] > hold["remaining"]:
        return _OVER_PENDING
    return _POSTED


@compiled
def _refuse_state(debit: Record, credit: Record) -> Integer:
    """Whether the two accounts are open for this."""
    debit_flags = np.int64(debit["flags"])
    credit_flags = np.int64(credit["flags"])
    if (debit_flags | credit_flags) & _A_CLOSED:
        return _ACCOUNT_CLOSED
    if debit_flags & _A_DEBIT_BLOCKED:
        return _DEBIT_BLOCKED
    if credit_flags & _A_CREDIT_BLOCKED:
        return _CREDIT_BLOCKED
    return _POSTED


@compiled
def _spent(account: Record, business_date: Integer) -> Integer:
    """What the account has spent of its daily limit."""
    return account["turnover"] if account["turnover_date"] == business_date else np.int64(0)


@compiled
def _amount_balanced(debit: Record, credit: Record, asked: Integer, flags: Integer) -> Integer:
    """What a balancing transfer takes: at most what is there and what there is room for, in minor units."""
    amount = asked
    if flags & _BALANCING_DEBIT:
        amount = min(amount, debit["balance"] - debit["held"] - debit["floor"])
    if flags & _BALANCING_CREDIT:
        amount = min(amount, credit["ceiling"] - credit["balance"])
    return amount


@compiled
def _refuse_money(debit: Record, credit: Record, amount: Integer, flags: Integer, business_date: Integer) -> Integer:
    """Limits, funds and room, in the order of the outcomes."""
    if amount <= 0:
        nothing_there = flags & _BALANCING_DEBIT and debit["balance"] - debit["held"] <= debit["floor"]
        return _INSUFFICIENT_FUNDS if nothing_there else _OVER_CEILING
    if not flags & _POST:
        if amount > debit["limit_daily"] - _spent(debit, business_date):
            return _OVER_DAILY_LIMIT
        if debit["balance"] - debit["held"] - amount < debit["floor"]:
            return _INSUFFICIENT_FUNDS
    if flags & _PENDING:
        return _POSTED
    if credit["balance"] > AMOUNT_MAX - amount or debit["balance"] < amount - AMOUNT_MAX:
        return _BALANCE_OVERFLOW
    if credit["balance"] + amount > credit["ceiling"]:
        return _OVER_CEILING
    return _POSTED


@compiled
def mark_dirty(memory: Memory, index: Integer) -> None:
    """Note that an account changed since its balance was last written."""
    flags = np.int64(memory.accounts[index]["flags"])
    if not flags & _A_DIRTY:
        memory.accounts[index]["flags"] = flags | _A_DIRTY
        memory.dirty[memory.counters[DIRTY]] = index
        memory.counters[DIRTY] += 1


@compiled
def move_debit(debit: Record, amount: Integer, flags: Integer, seq: Integer) -> None:
    """The effect of an accepted row on its debit account; posting and the replay of the journal share it."""
    if flags & _PENDING:
        debit["held"] += amount
    else:
        if flags & (_POST | _VOID):
            debit["held"] -= amount
        if not flags & _VOID:
            debit["balance"] -= amount
    debit["last_seq"] = seq


@compiled
def move_credit(credit: Record, amount: Integer, flags: Integer, seq: Integer) -> None:
    """The effect of an accepted row on its credit account."""
    if not flags & (_PENDING | _VOID):
        credit["balance"] += amount
    credit["last_seq"] = seq


@compiled
def change_hold(
    memory: Memory, row: Record, amount: Integer, seq: Integer, business_date: Integer
) -> tuple[Integer, Integer]:
    """The effect of an accepted row on holds: the slot it changed (-1: none) and when that hold was placed.

    `row` is a transfer or a journal row; its `reference` is the expiry of a new hold or the number of an old one.
    """
    flags = np.int64(row["flags"])
    if flags & _PENDING:
        slot = hold_slot(memory.holds, seq)
        hold = memory.holds[slot]
        hold["seq"] = seq
        hold["remaining"] = amount
        hold["expires_at"] = row["reference"]
        hold["debit"] = row["debit"]
        hold["credit"] = row["credit"]
        hold["placed_on"] = business_date
        hold["state"] = HOLD_OPEN
        hold["touched"] = 0
        memory.counters[HOLDS] += 1
    elif flags & (_POST | _VOID):
        slot = hold_slot(memory.holds, row["reference"])
        hold = memory.holds[slot]
        hold["remaining"] -= amount
        if hold["remaining"] == 0:
            hold["state"] = HOLD_EXPIRED if flags & _EXPIRE else HOLD_RESOLVED
    else:
        return np.int64(-1), np.int32(0)
    hold["changed_seq"] = seq
    if not hold["touched"]:
        hold["touched"] = 1
        memory.touched[memory.counters[TOUCHED]] = hold["seq"]
        memory.counters[TOUCHED] += 1
    return slot, hold["placed_on"]


@compiled
def count_turnover(debit: Record, amount: Integer, flags: Integer, placed_on: Integer, business_date: Integer) -> None:
    """Count an accepted row against the debit account's daily limit.

    A hold counts when it is placed, not again when it is posted; released on the same date, it is given back.
    """
    if flags & _POST:
        return
    if flags & _VOID:
        if not placed_on == business_date == debit["turnover_date"]:
            return
        amount = -amount
    debit["turnover"] = _spent(debit, business_date) + amount
    debit["turnover_date"] = business_date


@compiled
def _decide(
    memory: Memory, row: Record, slot: Integer, booked_at: Integer, business_date: Integer
) -> tuple[Integer, Integer]:
    """Outcome of one leg and the amount it moves, in minor units."""
    debit = memory.accounts[row["debit"]]
    credit = memory.accounts[row["credit"]]
    flags = np.int64(row["flags"])
    amount = row["amount"]
    if slot >= 0:
        hold = memory.holds[slot]
        outcome = _refuse_pending(hold, row, booked_at)
        if outcome != _POSTED:
            return outcome, amount
        if amount == 0:
            amount = hold["remaining"]
        if flags & _VOID:
            return _POSTED, amount
    if flags & _PENDING and row["reference"] != 0 and row["reference"] <= booked_at:
        return _PENDING_EXPIRED, amount
    outcome = _refuse_state(debit, credit)
    if outcome != _POSTED:
        return outcome, amount
    if flags & _BALANCING:
        amount = _amount_balanced(debit, credit, amount, flags)
    return _refuse_money(debit, credit, amount, flags, business_date), amount


@compiled
def _apply_leg(
    memory: Memory, undo: Undo, k: Integer, row: Record, out: Record, booked_at: Integer, business_date: Integer
) -> Integer:
    """Decide and carry out leg `k` of a transaction; on POSTED `out` is its journal row and `undo[k]` takes it back."""
    outcome = _refuse_form(memory, row)
    if outcome != _POSTED:
        return outcome
    flags = np.int64(row["flags"])
    debit_index = row["debit"]
    credit_index = row["credit"]
    debit = memory.accounts[debit_index]
    credit = memory.accounts[credit_index]
    slot = np.int64(-1)
    if flags & (_POST | _VOID):
        slot = hold_slot(memory.holds, row["reference"])
    outcome, amount = _decide(memory, row, slot, booked_at, business_date)
    if outcome != _POSTED:
        return outcome

    seq = memory.counters[NEXT_SEQ]
    undo.debit[k] = debit
    undo.credit[k] = credit
    if slot >= 0:
        undo.hold[k] = memory.holds[slot]
    else:
        undo.hold[k]["seq"] = 0
    slot, placed_on = change_hold(memory, row, amount, seq, business_date)
    undo.hold_slot[k] = slot
    count_turnover(debit, amount, flags, placed_on, business_date)
    move_debit(debit, amount, flags, seq)
    move_credit(credit, amount, flags, seq)
    mark_dirty(memory, debit_index)
    mark_dirty(memory, credit_index)
    memory.counters[NEXT_SEQ] = seq + 1

    out["seq"] = seq
    out["txn_hi"] = row["txn_hi"]
    out["txn_lo"] = row["txn_lo"]
    out["amount"] = amount
    out["debit_balance"] = debit["balance"]
    out["credit_balance"] = credit["balance"]
    out["reference"] = row["amount"] if flags & _BALANCING else row["reference"]
    out["debit"] = debit_index
    out["credit"] = credit_index
    out["value_date"] = row["value_date"] if flags & _VALUE_DATED else business_date
    out["code"] = row["code"]
    whole = flags & (_POST | _VOID) and row["amount"] == 0
    out["flags"] = flags | _WHOLE if whole else flags
    out["leg"] = row["leg"]
    return _POSTED


@compiled
def _take_back(memory: Memory, undo: Undo, rows: Records, legs: Integer) -> None:
    """Undo the first `legs` legs of a transaction, the last first."""
    for k in range(legs - 1, -1, -1):
        memory.accounts[rows[k]["debit"]] = undo.debit[k]
        memory.accounts[rows[k]["credit"]] = undo.credit[k]
        slot = undo.hold_slot[k]
        if slot >= 0:
            if undo.hold[k]["seq"] == 0:
                # The youngest entry of its probe chain: emptying the slot cuts no other entry off.
                memory.counters[HOLDS] -= 1
                memory.holds[slot]["seq"] = 0
            else:
                memory.holds[slot] = undo.hold[k]


@compiled
def group_end(batch: Records, first: Integer) -> tuple[Integer, bool]:
    """Where the transaction that starts at `first` ends; whether its legs are complete, in order and not too many."""
    whole = batch[first]["leg"] == 0
    end = first
    while np.int64(batch[end]["flags"]) & _LINKED:
        end += 1
        if end == len(batch):
            return end, False
        if batch[end]["txn_hi"] != batch[first]["txn_hi"] or batch[end]["txn_lo"] != batch[first]["txn_lo"]:
            return end, False
        whole = whole and batch[end]["leg"] == end - first
    return end + 1, whole and end - first < LEGS_MAX


@compiled
def _refuse_group(
    memory: Memory, row: Record, whole: bool, digest: np.uint64, now_ms: Integer
) -> tuple[Integer, Integer]:
    """Outcome of a whole transaction before its legs are looked at, and for a duplicate its first seq."""
    hi = row["txn_hi"]
    lo = row["txn_lo"]
    seen = memory.young[slot_of(memory.young, hi, lo)]
    if seen["seq"] == 0:
        seen = memory.old[slot_of(memory.old, hi, lo)]
    if seen["seq"] != 0:
        if whole and seen["digest"] == digest:
            return _DUPLICATE, seen["seq"]
        return _ID_CONFLICT, np.int64(0)
    outcome = refuse_identity(row, now_ms)
    if outcome == _POSTED and not whole:
        outcome = _LINKED_BROKEN
    return outcome, np.int64(0)


@compiled
def apply(
    memory: Memory,
    undo: Undo,
    batch: Records,
    rows: Records,
    answers: Answers,
    booked_at: Integer,
    business_date: Integer,
) -> Integer:
    """Apply a batch; how many journal rows it made.

    `batch` has dtype TRANSFER and shape (n,); `rows` (dtype ROW) and `answers` have room for n entries; `booked_at` is
    in microseconds since 1970-01-01, `business_date` in days. The tables of `memory` have room for n more entries.
    """
    count = 0
    first = 0
    while first < len(batch):
        end, whole = group_end(batch, first)
        digest = DIGEST_SEED
        for i in range(first, end):
            digest = fold_request(digest, batch[i])
        outcome, seq = _refuse_group(memory, batch[first], whole, digest, booked_at // 1000)
        if outcome != _POSTED:
            for i in range(first, end):
                answers.outcome[i] = outcome
                answers.seq[i] = seq + i - first if outcome == _DUPLICATE else 0
            first = end
            continue
        dirty = memory.counters[DIRTY]
        touched = memory.counters[TOUCHED]
        first_seq = memory.counters[NEXT_SEQ]
        legs = 0
        while first + legs < end:
            i = first + legs
            outcome = _apply_leg(memory, undo, legs, batch[i], rows[count + legs], booked_at, business_date)
            answers.outcome[i] = outcome
            if outcome != _POSTED:
                break
            answers.seq[i] = first_seq + legs
            legs += 1
        if first + legs == end:
            remember(memory.young, batch[first]["txn_hi"], batch[first]["txn_lo"], first_seq, digest)
            memory.counters[YOUNG] += 1
            count += legs
        else:
            _take_back(memory, undo, rows[count:], legs)
            memory.counters[DIRTY] = dirty
            memory.counters[TOUCHED] = touched
            memory.counters[NEXT_SEQ] = first_seq
            for i in range(first, end):
                answers.seq[i] = 0
                if i != first + legs:
                    answers.outcome[i] = _LINKED_FAILED
        first = end
    return count
