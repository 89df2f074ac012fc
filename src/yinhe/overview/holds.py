"""Open holds of accounts: as the last pass of balances wrote them, and what the journal says since."""

from collections.abc import Callable, Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from yinhe.kernel.currency import currency_by_number
from yinhe.kernel.dates import date_from_days
from yinhe.ledger.batch import Flag
from yinhe.ledger.history import SEQ_END, History
from yinhe.ledger.memory import ROW
from yinhe.ledger.tail import TailView
from yinhe.overview.reading import OpenHold
from yinhe.overview.records import HoldPicture

ROWS_AT_ONCE: Final = 128
"""Rows of an account that are read at once: few have come since the last pass, which is seconds ago."""


def rows_since(history: History, tail: TailView, accounts: Iterable[int], seq: int) -> NDArray[np.void]:
    """The rows of accounts after a seq that place, post or release a hold, in order; dtype ROW."""
    marks = np.uint16(Flag.PENDING | Flag.POST | Flag.VOID)
    parts = [np.zeros(0, ROW)]
    for account in accounts:
        before = SEQ_END
        while before > seq + 1:
            rows = history.rows_of_account(tail, account, before, ROWS_AT_ONCE)
            before = int(rows["seq"][-1]) if len(rows) == ROWS_AT_ONCE else 0
            parts.append(rows[(rows["seq"] > seq) & (rows["debit"] == account) & (rows["flags"] & marks != 0)])
    return np.sort(np.concatenate(parts), order="seq")


def holds_after(holds: Iterable[OpenHold], rows: NDArray[np.void], placed_on: int) -> tuple[OpenHold, ...]:
    """The holds open after some rows (dtype ROW, in order), by number.

    `placed_on` stands for the business date of those placed with a value date of the caller's.
    """
    found = {hold.seq: hold for hold in holds}
    for row in rows:
        seq, flags, amount = int(row["seq"]), int(row["flags"]), int(row["amount"])
        if flags & Flag.PENDING:
            expires_at = int(row["reference"])
            # Where the caller named no value date, it is the business date.
            on = placed_on if flags & Flag.VALUE_DATED else int(row["value_date"])
            found[seq] = OpenHold(seq, int(row["debit"]), int(row["credit"]), amount, expires_at, on)
            continue
        hold = found.get(int(row["reference"]))
        if hold is None:
            continue
        left = hold.remaining - amount
        if flags & Flag.WHOLE or left <= 0:
            del found[hold.seq]
        else:
            found[hold.seq] = hold._replace(remaining=left)
    return tuple(found[seq] for seq in sorted(found))


def hold_picture(hold: OpenHold, currency: int, number: Callable[[int], str]) -> HoldPicture:
    """A hold as it is shown; `number` writes an account's 16 digits."""
    return HoldPicture(
        hold=hold.seq,
        account=hold.debit,
        number=number(hold.debit),
        to_number=number(hold.credit),
        currency=currency_by_number(currency).code,
        remaining_minor=hold.remaining,
        placed_on=date_from_days(hold.placed_on),
        expires_at=hold.expires_at or None,
    )
