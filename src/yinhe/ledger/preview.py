"""What the state machine would answer now, worked out on a copy of what a batch touches: nothing is kept of it.

It is the machine itself, not a second opinion: the same compiled code, the same accounts, holds and remembered ids. A
fresh column of all accounts costs only the pages that are written to: the operating system gives the others none.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from yinhe.ledger.batch import Flag
from yinhe.ledger.columns import ACCOUNT, ACCOUNTS_MAX, AccountFlag
from yinhe.ledger.holds import hold_slot, new_holds, put_holds
from yinhe.ledger.identities import IDENTITY, slot_of
from yinhe.ledger.machine import apply
from yinhe.ledger.memory import ACCOUNTS, COUNTERS, HOLDS, NEXT_SEQ, ROW, Answers, Memory, new_undo

PREVIEW_MAX: Final = 10_000
"""Most transfers of one preview."""

TO_OPEN: Final = ACCOUNTS_MAX
"""In a previewed transfer: the first account that would be opened for it. No account has this index."""

_RECALLS: Final = int(Flag.POST | Flag.VOID)


def preview(
    memory: Memory, batch: NDArray[np.void], opening: NDArray[np.void], booked_at: int, business_date: int
) -> NDArray[np.uint8]:
    """The outcomes a batch (dtype TRANSFER, shape (n,)) would have, uint8[n]; `memory` is as it was afterwards.

    `opening` (dtype OPENING) are accounts that would be opened first. `memory` must not change meanwhile; ids and holds
    too old to be in it must have been brought back before.
    """
    batch = batch.copy()
    for side in ("debit", "credit"):
        batch[side][batch[side] == TO_OPEN] = memory.counters[ACCOUNTS] if len(opening) else 0
    copy = _copied(memory, batch, opening)
    answers = Answers(np.zeros(len(batch), np.uint8), np.zeros(len(batch), np.int64))
    apply(copy, new_undo(), batch, np.zeros(len(batch), ROW), answers, booked_at, business_date)
    return answers.outcome


def _copied(memory: Memory, batch: NDArray[np.void], opening: NDArray[np.void]) -> Memory:
    """What the batch touches, with room for what it adds."""
    count = int(memory.counters[ACCOUNTS])
    touched = np.unique(np.concatenate([batch["debit"], batch["credit"]]))
    touched = touched[(touched > 0) & (touched < count)]
    accounts = np.zeros(count + len(opening), ACCOUNT)
    accounts[touched] = memory.accounts[touched]
    for name in ("currency", "floor", "ceiling", "limit_daily"):
        accounts[name][count:] = opening[name]
    accounts["flags"][count:] = int(AccountFlag.OPEN)
    holds = _holds_of(memory, batch)
    table = new_holds(len(holds) + len(batch))
    put_holds(table, holds)
    counters = np.zeros(COUNTERS, np.int64)
    counters[NEXT_SEQ], counters[ACCOUNTS] = memory.counters[NEXT_SEQ] + bool(len(opening)), len(accounts)
    counters[HOLDS] = len(holds)
    slots = 1 << (2 * len(batch) + 1).bit_length()
    return Memory(
        accounts,
        np.zeros(slots, IDENTITY),
        _known(memory, batch, slots),
        table,
        np.zeros(len(touched) + len(opening), np.int32),
        np.zeros(len(table), np.int64),
        counters,
    )


def _holds_of(memory: Memory, batch: NDArray[np.void]) -> NDArray[np.void]:
    """The holds that the batch posts or releases, as they are; dtype HOLD."""
    asked = batch["reference"][batch["flags"] & np.uint16(_RECALLS) != 0]
    slots = [hold_slot(memory.holds, seq) for seq in np.unique(asked[asked > 0]).tolist()]
    holds = memory.holds[np.array(slots, np.int64)]
    return holds[holds["seq"] != 0]


def _known(memory: Memory, batch: NDArray[np.void], slots: int) -> NDArray[np.void]:
    """A table of `slots` places of those ids of the batch that were posted before; dtype IDENTITY."""
    table = np.zeros(slots, IDENTITY)
    firsts = np.unique(batch[["txn_hi", "txn_lo"]])
    for hi, lo in zip(firsts["txn_hi"], firsts["txn_lo"], strict=True):
        found = memory.young[slot_of(memory.young, hi, lo)]
        if found["seq"] == 0:
            found = memory.old[slot_of(memory.old, hi, lo)]
        if found["seq"] != 0:
            table[slot_of(table, hi, lo)] = found
    return table
