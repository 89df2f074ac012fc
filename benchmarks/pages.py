"""How balances lie in the database: 64 accounts to a row, or a row an account. Prints one JSON object.

    python benchmarks/pages.py [ACCOUNTS]

Both are written through the same means (binary COPY into a temporary table, then INSERT … ON CONFLICT DO UPDATE, as
many accounts to a transaction), into an embedded server of their own, every account changed each time. They take
turns; the medians are compared. Decision: docs/decisions/0004-accounts-64-to-a-row.md.
"""

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray

from yinhe.kernel.clock import SystemClock
from yinhe.ledger.columns import PAGE, Columns
from yinhe.ledger.holds import new_holds
from yinhe.ledger.ledger import open_unit
from yinhe.ledger.postgres import PAGES_WRITTEN_MAX, PostgresStore
from yinhe.ledger.store import BalancePass
from yinhe.storage.binary import Column, ColumnType, Layout, copy_in
from yinhe.storage.connection import open_database, unit_schema

ROUNDS = 3
UNIT = 1
ROW_LAYOUT = Layout(
    (
        Column("account", ColumnType.INT4),
        Column("as_of_seq", ColumnType.INT8),
        Column("balance", ColumnType.INT8),
        Column("held", ColumnType.INT8),
        Column("turnover", ColumnType.INT8),
        Column("turnover_date", ColumnType.DATE),
        Column("last_seq", ColumnType.INT8),
    )
)
ROW = np.dtype(
    [
        ("account", np.int32),
        ("as_of_seq", np.int64),
        ("balance", np.int64),
        ("held", np.int64),
        ("turnover", np.int64),
        ("turnover_date", np.int32),
        ("last_seq", np.int64),
    ]
)
MAKE_ROWS = """
CREATE TABLE balance_row (account integer PRIMARY KEY, as_of_seq bigint NOT NULL, balance bigint NOT NULL,
    held bigint NOT NULL, turnover bigint NOT NULL, turnover_date date NOT NULL, last_seq bigint NOT NULL
) WITH (fillfactor = 70);
CREATE TEMPORARY TABLE balance_row_stage (LIKE balance_row) ON COMMIT DELETE ROWS
"""
COPY_ROWS = b"COPY balance_row_stage FROM STDIN (FORMAT binary)"
MERGE_ROWS = """
INSERT INTO balance_row SELECT * FROM balance_row_stage ORDER BY account
ON CONFLICT (account) DO UPDATE SET as_of_seq = excluded.as_of_seq, balance = excluded.balance, held = excluded.held,
    turnover = excluded.turnover, turnover_date = excluded.turnover_date, last_seq = excluded.last_seq
WHERE balance_row.as_of_seq < excluded.as_of_seq
"""


def write_rows(session: psycopg.Connection, columns: Columns, as_of_seq: int) -> None:
    """Write every account's balance, a row an account."""
    line = columns.line
    rows = np.zeros(len(line), ROW)
    rows["account"], rows["as_of_seq"] = np.arange(len(line)), as_of_seq
    for name in ("balance", "held", "turnover", "turnover_date", "last_seq"):
        rows[name] = line[name]
    for start in range(0, len(rows), PAGES_WRITTEN_MAX * PAGE):
        with session.transaction():
            copy_in(session, COPY_ROWS, ROW_LAYOUT.encode(rows[start : start + PAGES_WRITTEN_MAX * PAGE]))
            session.execute(MERGE_ROWS)


def write_pages(store: PostgresStore, columns: Columns, as_of_seq: int) -> None:
    """Write every account's balance as the keeper does."""
    pages: NDArray[np.int32] = np.arange(columns.capacity // PAGE, dtype=np.int32)
    store.write_pass(BalancePass(as_of_seq, columns.balance_pages(pages, as_of_seq), new_holds(0)[:0]))


def measure(home: Path, accounts: int) -> dict[str, Any]:
    """Seconds to write all balances either way, first into an empty table, then over what is there."""
    columns = Columns(accounts)
    rng = np.random.default_rng(4)
    seconds: dict[str, list[float]] = {"rows": [], "pages": []}
    schema = unit_schema(UNIT)
    with open_database(home, None) as database:
        open_unit(database, UNIT, 0, 1 << 20, SystemClock())
        store = PostgresStore(lambda name: database.connect(application_name=name, schema=schema), "benchmark")
        store.acquire()
        with database.connect(application_name="benchmark", schema=schema) as session:
            session.execute(MAKE_ROWS)
            for turn in range(ROUNDS + 1):
                columns.line["balance"] = rng.integers(0, 10**9, columns.capacity)
                columns.line["last_seq"] = turn + 1
                started = time.perf_counter()
                write_rows(session, columns, turn + 1)
                between = time.perf_counter()
                write_pages(store, columns, turn + 1)
                seconds["rows"].append(between - started)
                seconds["pages"].append(time.perf_counter() - between)
            sizes = session.execute(
                "SELECT pg_total_relation_size('balance_row'), pg_total_relation_size('balance_page')"
            ).fetchone()
        store.close()
    assert sizes is not None
    medians = {name: round(statistics.median(values[1:]), 3) for name, values in seconds.items()}
    return {
        "accounts": accounts,
        "rounds": ROUNDS,
        "seconds_into_empty": {name: round(values[0], 3) for name, values in seconds.items()},
        "seconds_over_old": medians,
        "rows_over_pages": round(medians["rows"] / medians["pages"], 1),
        "mib_after": {"rows": sizes[0] >> 20, "pages": sizes[1] >> 20},
    }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="yinhe-pages-") as folder:
        Path(folder).chmod(0o711)
        sys.stdout.write(f"{json.dumps(measure(Path(folder), int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))}\n")
