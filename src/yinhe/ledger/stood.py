"""What an account allowed at a moment gone by: what may leave it, and whether it is blocked."""

from typing import Final, NamedTuple

import numpy as np
import psycopg
from numpy.typing import NDArray

from yinhe.ledger.columns import AccountFlag
from yinhe.ledger.effects import take_back_balances, take_back_held
from yinhe.ledger.errors import RetrySameId
from yinhe.ledger.ledger import WAIT_SECONDS, Ledger
from yinhe.storage.statements import load_statements

_GIVES_NOT: Final = int(AccountFlag.DEBIT_BLOCKED | AccountFlag.CLOSED)
_TAKES_NOT: Final = int(AccountFlag.CREDIT_BLOCKED | AccountFlag.CLOSED)


class Stood(NamedTuple):
    """Accounts by index."""

    free: NDArray[np.int64]
    """Above the floor, without what is held; minor units, below zero where less is there than that."""
    gives: NDArray[np.bool_]
    """Whether it may be debited …"""
    takes: NDArray[np.bool_]
    """… and credited."""


NOTHING_STOOD: Final = Stood(np.zeros(0, np.int64), np.zeros(0, np.bool_), np.zeros(0, np.bool_))


def stood_at(ledger: Ledger, session: psycopg.Connection, seq: int) -> Stood:
    """How every account stood after everything up to and including `seq`.

    Memory is copied and what came after is taken back. Raises RetrySameId when the database was lost in between.
    """
    with ledger.engine.memory:
        columns = ledger.engine.core.columns
        line = columns.line[: columns.count]
        balances, held, floors = (line[name].copy() for name in ("balance", "held", "floor"))
        flags = line["flags"].astype(np.int64)
        decided = ledger.engine.core.next_seq - 1
    if not ledger.engine.await_durable(decided, WAIT_SECONDS):
        raise RetrySameId
    rows = ledger.rows_between(seq + 1, decided + 1)
    take_back_balances(balances, rows)
    take_back_held(held, rows)
    given = {"after": seq, "until": decided}
    # The latest first: of an account's changes the earliest is taken back last, and stands.
    for account, floor, before in session.execute(load_statements("ledger")["events_between"], given):
        if floor is not None:
            floors[account] = floor
        if before is not None:
            flags[account] = before
    return Stood(balances - held - floors, flags & _GIVES_NOT == 0, flags & _TAKES_NOT == 0)
