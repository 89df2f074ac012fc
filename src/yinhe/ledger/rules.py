"""What refuses a transfer: each check of the state machine, in the order of `Outcome`."""

from typing import Final

import numpy as np

from yinhe.ledger.batch import VALUE_DATE_MAX, VALUE_DATE_MIN
from yinhe.ledger.columns import AMOUNT_MAX
from yinhe.ledger.compiled import Integer, Record, compiled
from yinhe.ledger.effects import spent
from yinhe.ledger.holds import HOLD_EXPIRED, HOLD_RESOLVED
from yinhe.ledger.memory import ACCOUNTS, NEXT_SEQ, Memory
from yinhe.ledger.numerals import (
    ACCOUNT_CLOSED,
    AMOUNT_NOT_POSITIVE,
    AMOUNT_OUT_OF_RANGE,
    BALANCE_OVERFLOW,
    CREDIT_BLOCKED,
    CURRENCY_DIFFERS,
    DEBIT_BLOCKED,
    FLAG_BALANCING,
    FLAG_BALANCING_CREDIT,
    FLAG_BALANCING_DEBIT,
    FLAG_EXPIRE,
    FLAG_KIND,
    FLAG_KNOWN,
    FLAG_PENDING,
    FLAG_POST,
    FLAG_REVERSAL,
    FLAG_VALUE_DATED,
    FLAG_VOID,
    FLAG_VOID_EXPIRE,
    FLAGS_INVALID,
    ID_FROM_FUTURE,
    ID_MALFORMED,
    INSUFFICIENT_FUNDS,
    IS_CLOSED,
    IS_CREDIT_BLOCKED,
    IS_DEBIT_BLOCKED,
    OVER_CEILING,
    OVER_DAILY_LIMIT,
    OVER_PENDING,
    PENDING_DIFFERS,
    PENDING_EXPIRED,
    PENDING_NOT_EXPIRED,
    PENDING_NOT_FOUND,
    PENDING_RESOLVED,
    POSTED,
    SAME_ACCOUNT,
    UNKNOWN_ACCOUNT,
    VALUE_DATE_OUT_OF_RANGE,
)

ID_SKEW_MS: Final = 30_000
"""How far an id's time may lie ahead of the ledger's clock, in milliseconds."""


@compiled
def refuse_identity(row: Record, now_ms: Integer) -> Integer:
    """POSTED when the id is a UUIDv7 (RFC 9562) not from after `now_ms` plus the skew allowed, else the refusal."""
    hi = row["txn_hi"]
    if (hi >> np.uint64(12)) & np.uint64(15) != np.uint64(7) or row["txn_lo"] >> np.uint64(62) != np.uint64(2):
        return ID_MALFORMED
    if np.int64(hi >> np.uint64(16)) > now_ms + ID_SKEW_MS:
        return ID_FROM_FUTURE
    return POSTED


@compiled
def _flags_fit(row: Record, next_seq: Integer) -> bool:
    flags = np.int64(row["flags"])
    kind = flags & FLAG_KIND
    reference = row["reference"]
    if flags & ~FLAG_KNOWN or row["code"] < 0:
        return False
    if kind == FLAG_PENDING:
        return reference >= 0
    if kind in (FLAG_POST, FLAG_VOID, FLAG_VOID_EXPIRE):
        return reference > 0
    if kind == FLAG_REVERSAL:
        return 0 < reference < next_seq
    return kind & ~FLAG_BALANCING == 0 and reference == 0


@compiled
def refuse_form(memory: Memory, row: Record) -> Integer:
    """What can be said of a leg without the state of its accounts: flags, accounts, amount, dates, currency."""
    flags = np.int64(row["flags"])
    if not _flags_fit(row, memory.counters[NEXT_SEQ]):
        return FLAGS_INVALID
    debit = row["debit"]
    credit = row["credit"]
    if not (0 < debit < memory.counters[ACCOUNTS] and 0 < credit < memory.counters[ACCOUNTS]):
        return UNKNOWN_ACCOUNT
    if debit == credit:
        return SAME_ACCOUNT
    if row["amount"] < 0 or (row["amount"] == 0 and not flags & (FLAG_POST | FLAG_VOID)):
        return AMOUNT_NOT_POSITIVE
    if row["amount"] > AMOUNT_MAX:
        return AMOUNT_OUT_OF_RANGE
    if flags & FLAG_VALUE_DATED and not VALUE_DATE_MIN <= row["value_date"] <= VALUE_DATE_MAX:
        return VALUE_DATE_OUT_OF_RANGE
    if memory.accounts[debit]["currency"] != memory.accounts[credit]["currency"]:
        return CURRENCY_DIFFERS
    return POSTED


@compiled
def refuse_pending(hold: Record, row: Record, booked_at: Integer) -> Integer:
    """Whether a post or void of `hold` can go on."""
    # A hold is looked for on the account it holds money of: that is how it is found again in the sealed journal.
    if hold["seq"] == 0 or hold["debit"] != row["debit"]:
        return PENDING_NOT_FOUND
    if hold["credit"] != row["credit"]:
        return PENDING_DIFFERS
    if hold["state"] == HOLD_RESOLVED:
        return PENDING_RESOLVED
    expired = hold["expires_at"] != 0 and hold["expires_at"] <= booked_at
    expiring = np.int64(row["flags"]) & FLAG_EXPIRE != 0
    if hold["state"] == HOLD_EXPIRED or (expired and not expiring):
        return PENDING_EXPIRED
    if expiring and not expired:
        return PENDING_NOT_EXPIRED
    if row["amount"] > hold["remaining"]:
        return OVER_PENDING
    return POSTED


@compiled
def refuse_state(debit: Record, credit: Record) -> Integer:
    """Whether the two accounts are open for this."""
    debit_flags = np.int64(debit["flags"])
    credit_flags = np.int64(credit["flags"])
    if (debit_flags | credit_flags) & IS_CLOSED:
        return ACCOUNT_CLOSED
    if debit_flags & IS_DEBIT_BLOCKED:
        return DEBIT_BLOCKED
    if credit_flags & IS_CREDIT_BLOCKED:
        return CREDIT_BLOCKED
    return POSTED


@compiled
def amount_balanced(debit: Record, credit: Record, asked: Integer, flags: Integer) -> Integer:
    """What a balancing transfer takes: at most what is there and what there is room for, in minor units."""
    amount = asked
    if flags & FLAG_BALANCING_DEBIT:
        amount = min(amount, debit["balance"] - debit["held"] - debit["floor"])
    if flags & FLAG_BALANCING_CREDIT:
        amount = min(amount, credit["ceiling"] - credit["balance"])
    return amount


@compiled
def refuse_money(debit: Record, credit: Record, amount: Integer, flags: Integer, business_date: Integer) -> Integer:
    """Limits, funds and room, in the order of the outcomes."""
    if amount <= 0:
        nothing_there = flags & FLAG_BALANCING_DEBIT and debit["balance"] - debit["held"] <= debit["floor"]
        return INSUFFICIENT_FUNDS if nothing_there else OVER_CEILING
    if not flags & FLAG_POST:
        if amount > debit["limit_daily"] - spent(debit, business_date):
            return OVER_DAILY_LIMIT
        if debit["balance"] - debit["held"] - amount < debit["floor"]:
            return INSUFFICIENT_FUNDS
    if flags & FLAG_PENDING:
        return POSTED
    if credit["balance"] > AMOUNT_MAX - amount or debit["balance"] < amount - AMOUNT_MAX:
        return BALANCE_OVERFLOW
    if credit["balance"] + amount > credit["ceiling"]:
        return OVER_CEILING
    return POSTED
