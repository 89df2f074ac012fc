"""What Numba's reference counts cost the state machine. Prints one JSON object.

    python benchmarks/reference_counts.py [ACCOUNTS] [TRANSFERS]

The machine is compiled twice, in processes of their own and not kept on disk: as it is (`yinhe.ledger.compiled` turns
the counts off) and with Numba's default. Decision: docs/decisions/0010-compiled-without-reference-counts.md.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numba

ROUNDS = 9


def forget_option(counted: bool) -> None:
    """Have every later `numba.njit` neither keep its code on disk nor, if `counted`, leave reference counts out."""
    ordinary = numba.njit

    def njit(*functions: Callable[..., Any], **options: Any) -> Callable[..., Any]:
        if "_nrt" in options:
            options["cache"] = False
            if counted:
                del options["_nrt"]
        return ordinary(*functions, **options)

    numba.njit = njit


def nanoseconds(accounts: int, transfers: int) -> float:
    """Median time a transfer in `machine.apply`, without the database."""
    import numpy as np

    from yinhe.bench.traffic import Skew, accounts_without_floor, draw
    from yinhe.kernel.clock import SystemClock
    from yinhe.kernel.ids import IdSource
    from yinhe.ledger.accounts import OpenAccounts, carry_out
    from yinhe.ledger.columns import Columns
    from yinhe.ledger.holds import new_holds
    from yinhe.ledger.identities import IDENTITY
    from yinhe.ledger.machine import apply
    from yinhe.ledger.memory import ACCOUNTS, COUNTERS, NEXT_SEQ, ROW, Answers, Memory, new_undo
    from yinhe.ledger.outcomes import Outcome

    clock = SystemClock()
    ids, rng, columns = IdSource(clock, 1), np.random.default_rng(1), Columns(accounts + 1)
    carry_out(columns, 1, OpenAccounts(ids.next(), accounts_without_floor(accounts)))
    times: list[float] = []
    counters = np.zeros(COUNTERS, np.int64)
    counters[NEXT_SEQ], counters[ACCOUNTS] = 2, columns.count
    dirty, undo = np.zeros(columns.capacity, np.int32), new_undo()
    for _ in range(ROUNDS + 1):
        # Fresh tables of ids each round: what is compared is posting, not the growth of a table.
        young = np.zeros(1 << (2 * transfers).bit_length(), IDENTITY)
        memory = Memory(
            columns.line, young, np.zeros(2, IDENTITY), new_holds(0), dirty, np.zeros(4, np.int64), counters
        )
        batch = draw(ids, rng, Skew.UNIFORM, accounts, transfers)
        answers = Answers(np.zeros(transfers, np.uint8), np.zeros(transfers, np.int64))
        rows = np.zeros(transfers, ROW)
        started = time.perf_counter_ns()
        apply(memory, undo, batch, rows, answers, clock.now_us(), 0)
        times.append((time.perf_counter_ns() - started) / transfers)
        if (answers.outcome != Outcome.POSTED).any():
            raise SystemExit("a transfer was refused")
    return statistics.median(times[1:])


def measure(accounts: int, transfers: int) -> dict[str, Any]:
    """Both ways, twice each in turn, the better of each."""
    found: dict[str, list[float]] = {"counted": [], "uncounted": []}
    for _ in range(2):
        for mode, values in found.items():
            command = [sys.executable, __file__, str(accounts), str(transfers), mode]
            # Our own interpreter on this very file.
            done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
            values.append(float(done.stdout))
    best = {mode: round(min(values), 1) for mode, values in found.items()}
    return {
        "accounts": accounts,
        "transfers": transfers,
        "nanoseconds_a_transfer": best,
        "uncounted_over_counted": round(best["uncounted"] / best["counted"], 2),
    }


if __name__ == "__main__":
    given = sys.argv[1:3]
    sizes = [int(argument) for argument in given] + [1_000_000, 500_000][len(given) :]
    if len(sys.argv) > 3:
        forget_option(sys.argv[3] == "counted")
        sys.stdout.write(f"{nanoseconds(*sizes)}\n")
    else:
        sys.stdout.write(f"{json.dumps(measure(*sizes))}\n")
