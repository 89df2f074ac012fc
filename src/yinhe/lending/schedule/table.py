"""The table of instalments: the rows of each due date added up."""

import numpy as np

from yinhe.kernel.dates import Int32Column, Int64Column
from yinhe.ledger.compiled import compiled
from yinhe.lending.schedule.records import InstalmentTable, Rows


@compiled
def _add_up(
    due: Int32Column,
    payments: Int64Column,
    interest: Int64Column,
    fee: Int64Column,
    balance: Int64Column,
    sums: Int64Column,
) -> int:
    """Add principal, interest and fee of each instalment to `sums` [n + 1, 4]; the balance after its last row.

    `sums` [0] is a down payment. Returns the number of the last instalment with something owed or due.
    """
    last = 0
    for at in range(len(due)):
        number = due[at]
        if number >= 0:
            sums[number, 0] += payments[at]
            sums[number, 1] += interest[at]
            sums[number, 2] += fee[at]
            sums[number, 3] = balance[at]
            if payments[at] != 0 or interest[at] != 0 or fee[at] != 0 or balance[at] != 0:
                last = max(last, int(number))
    return last


def instalment_table(rows: Rows, due_days: Int32Column) -> InstalmentTable:
    """What is due on each of the due days, int32[n], of the rows of a loan in money mode."""
    sums = np.zeros((len(due_days) + 1, 4), np.int64)
    last = _add_up(rows.due, rows.principal_paid, rows.interest_paid, rows.fee_paid, rows.principal, sums)
    first = 0 if (rows.due == 0).any() else 1
    kept = slice(first, last + 1)
    number = np.arange(last + 1, dtype=np.int32)[kept]
    day = np.concatenate((rows.day[:1], due_days))[kept] if first == 0 else due_days[:last]
    principal, interest, fee = sums[kept, 0], sums[kept, 1], sums[kept, 2]
    return InstalmentTable(number, day, principal, interest, fee, principal + interest + fee, sums[kept, 3])
