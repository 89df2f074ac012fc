"""What overdrawn accounts owe, in PostgreSQL. Nothing here commits: call it inside a transaction of the session."""

from typing import Final

import numpy as np
import psycopg

from yinhe.deposits.overdrafts import OVERDRAFT, Overdrafts, Overdrawn
from yinhe.storage.binary import Column, ColumnType, Layout, copy_in, copy_out
from yinhe.storage.statements import load_statements

_LAYOUT: Final = Layout(tuple(Column(name, ColumnType.INT8) for name in OVERDRAFT.names or ()))


def load_overdrafts(session: psycopg.Connection) -> Overdrafts:
    """Every row as it was last written."""
    encoded = copy_out(session, load_statements("overdraft")["overdrafts_load"])
    return Overdrafts(np.sort(_LAYOUT.decode(encoded, OVERDRAFT), order="contract"))


def write_overdrafts(session: psycopg.Connection, rows: Overdrawn) -> None:
    """Write rows as they are now, new or changed, dtype OVERDRAFT; each contract at most once."""
    if not len(rows):
        return
    sql = load_statements("overdraft")
    session.execute(sql["overdraft_stage_create"])
    copy_in(session, sql["overdraft_stage_copy"], _LAYOUT.encode(rows))
    session.execute(sql["overdraft_stage_merge"])
    # The same transaction may write again.
    session.execute(sql["overdraft_stage_empty"])
