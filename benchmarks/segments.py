"""When to build the journal's indexes: in bulk once a segment is full, or kept up while rows arrive. One JSON object.

    python benchmarks/segments.py [ROWS]

The same journal rows go by binary COPY, one commit a batch, into a table without indexes that then gets its three in
bulk, and into one that has them from the start, on an embedded server of its own, in turns; the medians are compared.
Decision: docs/decisions/0011-segments.md.
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

from yinhe.bench.traffic import Skew, draw
from yinhe.kernel.clock import SystemClock
from yinhe.kernel.ids import IdSource
from yinhe.ledger.ledger import open_unit
from yinhe.ledger.memory import ROW
from yinhe.ledger.postgres import JOURNAL
from yinhe.storage.binary import copy_in
from yinhe.storage.connection import open_database, unit_schema

ROUNDS = 3
BATCH = 8_189
ACCOUNTS = 1_000_000
INDEXES = (
    "CREATE UNIQUE INDEX ON trial (txn_id, leg)",
    "CREATE INDEX ON trial (debit, seq)",
    "CREATE INDEX ON trial (credit, seq)",
)


def journal_rows(count: int) -> NDArray[np.void]:
    """Rows as the machine makes them: ids in order, accounts at random."""
    batch = draw(IdSource(SystemClock(), 1), np.random.default_rng(1), Skew.UNIFORM, ACCOUNTS, count)
    rows = np.zeros(count, ROW)
    for name in batch.dtype.names or ():
        rows[name] = batch[name]
    rows["seq"] = np.arange(1, count + 1)
    return rows


def fill(session: psycopg.Connection, rows: NDArray[np.void], *, live: bool) -> float:
    """Seconds until all rows are in and indexed."""
    session.execute("DROP TABLE IF EXISTS trial")
    session.execute("CREATE TABLE trial (LIKE journal)")
    session.execute("CHECKPOINT")
    started = time.perf_counter()
    if live:
        for index in INDEXES:
            session.execute(index)
    for start in range(0, len(rows), BATCH):
        with session.transaction():
            copy_in(session, b"COPY trial FROM STDIN (FORMAT binary)", JOURNAL.encode(rows[start : start + BATCH]))
    if not live:
        session.execute("SET max_parallel_maintenance_workers = 0")
        for index in INDEXES:
            session.execute(index)
    return time.perf_counter() - started


def measure(home: Path, count: int) -> dict[str, Any]:
    """Both ways, in turns."""
    rows = journal_rows(count)
    seconds: dict[str, list[float]] = {"bulk": [], "live": []}
    with open_database(home, None) as database:
        open_unit(database, 1, 0, 1 << 20, SystemClock())
        with database.connect(application_name="benchmark", schema=unit_schema(1)) as session:
            for _ in range(ROUNDS):
                seconds["bulk"].append(fill(session, rows, live=False))
                seconds["live"].append(fill(session, rows, live=True))
    medians = {name: round(statistics.median(values), 2) for name, values in seconds.items()}
    return {
        "rows": count,
        "rounds": ROUNDS,
        "seconds_until_indexed": medians,
        "live_over_bulk": round(medians["live"] / medians["bulk"], 2),
    }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="yinhe-segments-") as folder:
        Path(folder).chmod(0o711)
        sys.stdout.write(f"{json.dumps(measure(Path(folder), int(sys.argv[1]) if len(sys.argv) > 1 else 1 << 20))}\n")
