"""`bench recovery`: kill the engine in the middle of posting, time the restart, look for every acknowledged id."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import psycopg
from numpy.typing import NDArray

from yinhe.bench.errors import BenchFailed
from yinhe.bench.machine import Machine, describe
from yinhe.bench.poster import BATCH, numbered_ids
from yinhe.bench.restart import RestartFigures
from yinhe.ledger.memory import ROW
from yinhe.ledger.postgres import JOURNAL, segment_table
from yinhe.storage.binary import copy_out, copy_statement
from yinhe.storage.connection import open_database, unit_schema
from yinhe.storage.statements import load_statements

_SEED: Final = 7
_EXTRA_BATCHES_MAX: Final = 40
"""How many batches after the last one wanted the kill may come, drawn at random."""


class RecoveryFigures(msgspec.Struct, frozen=True):
    """What `bench recovery` prints; `restart_s` is from starting a new process to its first accepted transfer."""

    restart_s: float
    lost: int
    duplicated: int
    bytes_per_account: int
    accounts: int
    journal_rows: int
    acknowledged: int
    unacknowledged: int
    """Rows that were committed when the kill came before their answer."""
    restart: RestartFigures
    machine: Machine


def bench_recovery(folder: Path | None, accounts: int, rows: int, progress: Callable[[str], None]) -> RecoveryFigures:
    """Run on fresh books in a temporary folder under `folder`. Raises BenchFailed or a fault of storage."""
    with tempfile.TemporaryDirectory(prefix="yinhe-bench-", dir=folder) as place:
        home = Path(place)
        home.chmod(0o711)
        batches = rows // BATCH + 1 + int(np.random.default_rng(_SEED).integers(0, _EXTRA_BATCHES_MAX))
        # Held open so that the database server outlives the process that is killed, as it does in life.
        with open_database(home, None) as database:
            progress(f"posting {rows:,} transfers between {accounts:,} accounts in a process of its own")
            acknowledged = _post_and_kill(home, accounts, batches)
            progress("killed in the middle of posting; starting anew")
            figures, seconds = _restart(home)
            progress("looking for every acknowledged id")
            with database.connect(application_name="yinhe bench", schema=unit_schema(1)) as session:
                hi, lo = _ids_in_journal(session)
                machine = describe(session, home)
        lost, duplicated = compare(hi, lo, acknowledged)
        return RecoveryFigures(
            restart_s=round(seconds, 3),
            lost=lost,
            duplicated=duplicated,
            bytes_per_account=figures.bytes_per_account,
            accounts=accounts,
            journal_rows=len(hi),
            acknowledged=len(acknowledged) * BATCH,
            unacknowledged=len(hi) - 1 - len(acknowledged) * BATCH + lost,
            restart=figures,
            machine=machine,
        )


def _post_and_kill(home: Path, accounts: int, batches: int) -> set[int]:
    """Run the poster until it has acknowledged `batches` batches, kill it; the numbers it acknowledged."""
    command = [sys.executable, "-m", "yinhe.bench.poster", str(home), str(accounts), str(_SEED)]
    acknowledged: set[int] = set()
    # Our own interpreter on our own module.
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as poster:  # noqa: S603
        assert poster.stdout is not None
        for line in poster.stdout:
            acknowledged.add(int(line))
            if len(acknowledged) == batches:
                poster.kill()
        if len(acknowledged) < batches:
            raise BenchFailed(f"The posting process ended by itself after {len(acknowledged)} batches.")
    return acknowledged


def _restart(home: Path) -> tuple[RestartFigures, float]:
    started = time.perf_counter()
    command = [sys.executable, "-m", "yinhe.bench.restart", str(home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout is not None
        line = process.stdout.readline()
        if process.wait() != 0 or not line:
            raise BenchFailed("The books did not open again.")
    figures = msgspec.json.decode(line, type=RestartFigures)
    # The process closes the books before it prints; what counts ends at the first accepted transfer.
    before_python = time.perf_counter() - started
    return figures, min(before_python, figures.accepted_s + _interpreter_seconds())


def _interpreter_seconds() -> float:
    """How long the interpreter takes before the first line of a module."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return time.perf_counter() - started


def _ids_in_journal(session: psycopg.Connection) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    parts: list[tuple[NDArray[np.uint64], NDArray[np.uint64]]] = []
    for number, *_ in session.execute(load_statements("ledger")["segments"]).fetchall():
        statement = copy_statement("COPY {table} TO STDOUT (FORMAT binary)", table=segment_table(number))
        rows = JOURNAL.decode(copy_out(session, statement), ROW)
        parts.append((rows["txn_hi"].copy(), rows["txn_lo"].copy()))
    return np.concatenate([hi for hi, _ in parts]), np.concatenate([lo for _, lo in parts])


def compare(hi: NDArray[np.uint64], lo: NDArray[np.uint64], acknowledged: set[int]) -> tuple[int, int]:
    """How many acknowledged ids the journal (two uint64 arrays of shape (n,)) lacks, and how many it has twice."""
    order = np.lexsort((hi, lo))
    hi, lo = hi[order], lo[order]
    duplicated = np.count_nonzero((lo[1:] == lo[:-1]) & (hi[1:] == hi[:-1]))
    lost = 0
    for number in acknowledged:
        wanted_hi, wanted_lo = numbered_ids(number)
        # The low halves of these ids are all different, so each has one place.
        places = np.minimum(np.searchsorted(lo, wanted_lo), len(lo) - 1)
        lost += int(np.count_nonzero((lo[places] != wanted_lo) | (hi[places] != wanted_hi)))
    return lost, int(duplicated)
