"""What accounts held after a seq, many at a time."""

from collections.abc import Sequence

import psycopg

from yinhe.ledger.ledger import Account, Ledger
from yinhe.overview.reading import statements


def balances_at(session: psycopg.Connection, ledger: Ledger, accounts: Sequence[Account], seq: int) -> dict[int, int]:
    """The balances of accounts after everything up to and including `seq`, by index, in minor units.

    Those that nothing touched since have it still; of the others memory's rows are asked first, then the sealed
    segments, in one round trip. `accounts` are as they are now.
    """
    found = {one.index: one.balance_minor for one in accounts if one.last_seq <= seq}
    moved = [one.index for one in accounts if one.last_seq > seq]
    if not moved:
        return found
    tail = ledger.engine.core.tail.view()
    sealed: list[int] = []
    for index in moved:
        row = tail.of_account(index, seq + 1, 1)
        if len(row):
            found[index] = int(row["debit_balance" if row["debit"][0] == index else "credit_balance"][0])
        else:
            sealed.append(index)
    given = {"accounts": sealed, "before_seq": min(seq + 1, tail.first_seq)}
    if sealed:
        for index, balance in session.execute(statements()["balances_at"], given).fetchall():
            found[int(index)] = 0 if balance is None else int(balance)
    return found
