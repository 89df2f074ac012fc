"""From what the store holds back to the memory of the engine: balances as written, then the journal rows since."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from yinhe.ledger.columns import PAGE, Columns
from yinhe.ledger.compiled import Integer, Records, compiled
from yinhe.ledger.effects import change_hold, count_turnover, mark_dirty, move_credit, move_debit
from yinhe.ledger.errors import BooksCorrupt
from yinhe.ledger.memory import Memory
from yinhe.ledger.store import Recovered

REPLAYED: Final = -1
"""What `replay` returns when every row gave the balances it says."""


@compiled
def replay(
    memory: Memory, as_of: NDArray[np.int64], pass_seq: Integer, rows: Records, dates: NDArray[np.int32]
) -> Integer:
    """Apply journal rows to accounts and holds that are older than they; the first row that contradicts, else -1.

    `rows` has dtype ROW, `dates` (int32) holds their business dates; `as_of` (int64, one a page) says up to which
    seq the accounts of a page are true already, `pass_seq` the same for every hold and for every page at least.
    """
    for i in range(len(rows)):
        row = rows[i]
        seq = row["seq"]
        if seq <= pass_seq:
            continue
        flags = np.int64(row["flags"])
        debit = memory.accounts[row["debit"]]
        credit = memory.accounts[row["credit"]]
        _, placed_on = change_hold(memory, row, row["amount"], seq, dates[i])
        if seq > as_of[row["debit"] // PAGE]:
            count_turnover(debit, row["amount"], flags, placed_on, dates[i])
            move_debit(debit, row["amount"], flags, seq)
            mark_dirty(memory, row["debit"])
            if debit["balance"] != row["debit_balance"]:
                return i
        if seq > as_of[row["credit"] // PAGE]:
            move_credit(credit, row["amount"], flags, seq)
            mark_dirty(memory, row["credit"])
            if credit["balance"] != row["credit_balance"]:
                return i
    return REPLAYED


def columns_from(recovered: Recovered) -> Columns:
    """The account columns as the store holds them."""
    pages = int(recovered.accounts["page"].max(initial=-1)) + 1
    columns = Columns(pages * PAGE)
    columns.take_pages(recovered.accounts)
    columns.take_pages(recovered.balances)
    used = np.flatnonzero(columns.line["flags"])
    columns.count = int(used[-1]) + 1 if len(used) else 1
    if len(used) != columns.count - 1:
        raise BooksCorrupt(f"The highest account is {columns.count - 1}, but there are {len(used)} accounts.")
    return columns


def catch_up(memory: Memory, recovered: Recovered) -> None:
    """Replay what is newer than the balances; raises BooksCorrupt at the first row whose balances do not chain."""
    as_of = np.zeros(len(memory.accounts) // PAGE, np.int64)
    as_of[recovered.balances["page"]] = recovered.balances["as_of_seq"]
    wrong = replay(memory, as_of, recovered.pass_seq, recovered.rows, recovered.rows_date)
    if wrong != REPLAYED:
        row = recovered.rows[wrong]
        raise BooksCorrupt(
            f"Journal row {row['seq']} says its balances are {row['debit_balance']} and {row['credit_balance']}, "
            f"but the rows before it give {memory.accounts['balance'][row['debit']]} and "
            f"{memory.accounts['balance'][row['credit']]}."
        )
