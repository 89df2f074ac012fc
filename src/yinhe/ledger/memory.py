"""What the state machine reads and writes: accounts, ids, holds, and the journal rows it makes."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from yinhe.ledger.batch import LEGS_MAX
from yinhe.ledger.columns import ACCOUNT
from yinhe.ledger.compiled import Records
from yinhe.ledger.holds import HOLD

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
