"""What is answered to a command that was posted."""

from uuid import UUID

import msgspec
import numpy as np
from numpy.typing import NDArray

from yinhe.kernel.refusals import Refusal
from yinhe.ledger.ledger import Ledger
from yinhe.ledger.memory import ROW
from yinhe.transact.codes import TransferKind


class Posted(msgspec.Struct, frozen=True, kw_only=True):
    """A command that is in the books; amounts in minor units."""

    id: UUID
    seq: int
    """Of the leg that was asked for; of a hold that was placed it is the hold's number."""
    amount_minor: int
    fee_minor: int = 0
    """What was charged for it beside."""
    debit_balance_minor: int | None = None
    """The debited account's balance after it; None where the caller may not see balances."""
    duplicate: bool = False
    """Whether it was posted before under this id."""


Reply = Posted | Refusal


def rows_at(ledger: Ledger, seqs: NDArray[np.int64]) -> NDArray[np.void]:
    """The journal rows of durable seqs, int64[n]: dtype ROW, one each in the same order; seq 0 where not in memory."""
    rows = np.zeros(len(seqs), ROW)
    wanted = seqs[seqs > 0]
    if not len(wanted):
        return rows
    view = ledger.engine.core.tail.view()
    first, last = max(int(wanted.min()), view.first_seq), int(wanted.max())
    # Of one batch they lie together; a repeat may lie far back, and is looked at by itself.
    span = last - first + 1
    if span <= 4 * len(wanted) + 1_024:
        return _placed(rows, seqs, view.range(first, span))
    for place, seq in enumerate(seqs.tolist()):
        if seq >= view.first_seq:
            found = view.range(seq, 1)
            if len(found) and found["seq"][0] == seq:
                rows[place] = found[0]
    return rows


def without_recalls(rows: NDArray[np.void]) -> NDArray[np.void]:
    """The journal rows (dtype ROW) of one transaction without its recalls; the first is what was asked for."""
    return rows[rows["code"] != TransferKind.RECALL.code]


def _placed(rows: NDArray[np.void], seqs: NDArray[np.int64], found: NDArray[np.void]) -> NDArray[np.void]:
    if not len(found):
        return rows
    at = np.minimum(np.searchsorted(found["seq"], seqs), len(found) - 1)
    there = found["seq"][at] == seqs
    rows[there] = found[at[there]]
    return rows
