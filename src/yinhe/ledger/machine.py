"""The state machine: transfers in, outcomes and journal rows out; no I/O, no clock, the same answer every time.

Sequential semantics: each transaction sees the effects of the ones before it. The legs of a transaction post together
or not at all. Where several reasons would refuse a transfer, the first in the order of `Outcome` is the answer.
"""

import numpy as np

from yinhe.ledger.batch import LEGS_MAX
from yinhe.ledger.compiled import Integer, Record, Records, compiled
from yinhe.ledger.effects import change_hold, count_turnover, mark_dirty, move_credit, move_debit
from yinhe.ledger.holds import hold_slot
from yinhe.ledger.identities import DIGEST_SEED, fold_request, remember, slot_of
from yinhe.ledger.memory import DIRTY, HOLDS, NEXT_SEQ, TOUCHED, YOUNG, Answers, Memory, Undo
from yinhe.ledger.numerals import (
    DUPLICATE,
    FLAG_BALANCING,
    FLAG_LINKED,
    FLAG_PENDING,
    FLAG_POST,
    FLAG_VALUE_DATED,
    FLAG_VOID,
    FLAG_WHOLE,
    ID_CONFLICT,
    LINKED_BROKEN,
    LINKED_FAILED,
    PENDING_EXPIRED,
    POSTED,
)
from yinhe.ledger.rules import amount_balanced, refuse_form, refuse_identity, refuse_money, refuse_pending, refuse_state


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
        outcome = refuse_pending(hold, row, booked_at)
        if outcome != POSTED:
            return outcome, amount
        if amount == 0:
            amount = hold["remaining"]
        if flags & FLAG_VOID:
            return POSTED, amount
    if flags & FLAG_PENDING and row["reference"] != 0 and row["reference"] <= booked_at:
        return PENDING_EXPIRED, amount
    outcome = refuse_state(debit, credit)
    if outcome != POSTED:
        return outcome, amount
    if flags & FLAG_BALANCING:
        amount = amount_balanced(debit, credit, amount, flags)
    return refuse_money(debit, credit, amount, flags, business_date), amount


@compiled
def _apply_leg(
    memory: Memory, undo: Undo, k: Integer, row: Record, out: Record, booked_at: Integer, business_date: Integer
) -> Integer:
    """Decide and carry out leg `k` of a transaction; on POSTED `out` is its journal row and `undo[k]` takes it back."""
    outcome = refuse_form(memory, row)
    if outcome != POSTED:
        return outcome
    flags = np.int64(row["flags"])
    debit_index = row["debit"]
    credit_index = row["credit"]
    debit = memory.accounts[debit_index]
    credit = memory.accounts[credit_index]
    slot = np.int64(-1)
    if flags & (FLAG_POST | FLAG_VOID):
        slot = hold_slot(memory.holds, row["reference"])
    outcome, amount = _decide(memory, row, slot, booked_at, business_date)
    if outcome != POSTED:
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
    out["reference"] = row["amount"] if flags & FLAG_BALANCING else row["reference"]
    out["debit"] = debit_index
    out["credit"] = credit_index
    out["value_date"] = row["value_date"] if flags & FLAG_VALUE_DATED else business_date
    out["code"] = row["code"]
    whole = flags & (FLAG_POST | FLAG_VOID) and row["amount"] == 0
    out["flags"] = flags | FLAG_WHOLE if whole else flags
    out["leg"] = row["leg"]
    return POSTED


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
    while np.int64(batch[end]["flags"]) & FLAG_LINKED:
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
            return DUPLICATE, seen["seq"]
        return ID_CONFLICT, np.int64(0)
    outcome = refuse_identity(row, now_ms)
    if outcome == POSTED and not whole:
        outcome = LINKED_BROKEN
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
        if outcome != POSTED:
            for i in range(first, end):
                answers.outcome[i] = outcome
                answers.seq[i] = seq + i - first if outcome == DUPLICATE else 0
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
            if outcome != POSTED:
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
                    answers.outcome[i] = LINKED_FAILED
        first = end
    return count
