"""What an accepted journal row does to accounts and holds; posting and the replay of the journal share it."""

import numpy as np
from numpy.typing import NDArray

from yinhe.ledger.compiled import Integer, Record, compiled
from yinhe.ledger.holds import HOLD_EXPIRED, HOLD_OPEN, HOLD_RESOLVED, hold_slot
from yinhe.ledger.memory import DIRTY, HOLDS, TOUCHED, Memory
from yinhe.ledger.numerals import (
    FLAG_EXPIRE,
    FLAG_PENDING,
    FLAG_POST,
    FLAG_VOID,
    IS_DIRTY,
)


@compiled
def spent(account: Record, business_date: Integer) -> Integer:
    """What the account has spent of its daily limit."""
    return account["turnover"] if account["turnover_date"] == business_date else np.int64(0)


@compiled
def mark_dirty(memory: Memory, index: Integer) -> None:
    """Note that an account changed since its balance was last written."""
    flags = np.int64(memory.accounts[index]["flags"])
    if not flags & IS_DIRTY:
        memory.accounts[index]["flags"] = flags | IS_DIRTY
        memory.dirty[memory.counters[DIRTY]] = index
        memory.counters[DIRTY] += 1


@compiled
def move_debit(debit: Record, amount: Integer, flags: Integer, seq: Integer) -> None:
    """The effect of an accepted row on its debit account; posting and the replay of the journal share it."""
    if flags & FLAG_PENDING:
        debit["held"] += amount
    else:
        if flags & (FLAG_POST | FLAG_VOID):
            debit["held"] -= amount
        if not flags & FLAG_VOID:
            debit["balance"] -= amount
    debit["last_seq"] = seq


@compiled
def move_credit(credit: Record, amount: Integer, flags: Integer, seq: Integer) -> None:
    """The effect of an accepted row on its credit account."""
    if not flags & (FLAG_PENDING | FLAG_VOID):
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
    if flags & FLAG_PENDING:
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
    elif flags & (FLAG_POST | FLAG_VOID):
        slot = hold_slot(memory.holds, row["reference"])
        hold = memory.holds[slot]
        hold["remaining"] -= amount
        if hold["remaining"] == 0:
            hold["state"] = HOLD_EXPIRED if flags & FLAG_EXPIRE else HOLD_RESOLVED
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
    if flags & FLAG_POST:
        return
    if flags & FLAG_VOID:
        if not placed_on == business_date == debit["turnover_date"]:
            return
        amount = -amount
    debit["turnover"] = spent(debit, business_date) + amount
    debit["turnover_date"] = business_date


def take_back_balances(balances: NDArray[np.int64], rows: NDArray[np.void]) -> None:
    """Take journal rows (dtype ROW, in order) back from balances by account index, in place."""
    rows = rows[::-1]
    moved = np.where(rows["flags"].astype(np.int64) & (FLAG_PENDING | FLAG_VOID), 0, rows["amount"])
    # Of an account's rows the earliest is written last, and stands.
    accounts = np.stack([rows["credit"], rows["debit"]], axis=1).ravel()
    before = np.stack([rows["credit_balance"] - moved, rows["debit_balance"] + moved], axis=1).ravel()
    balances[accounts] = before


def take_back_held(held: NDArray[np.int64], rows: NDArray[np.void]) -> None:
    """Take journal rows (dtype ROW) back from what is held, by account index, in place."""
    flags = rows["flags"].astype(np.int64)
    placed, resolved = (np.where(flags & those, rows["amount"], 0) for those in (FLAG_PENDING, FLAG_POST | FLAG_VOID))
    np.subtract.at(held, rows["debit"], placed - resolved)
