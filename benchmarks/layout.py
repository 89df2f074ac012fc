"""How accounts lie in memory: one line of 64 bytes an account, or one array a field. Prints one JSON object.

    python benchmarks/layout.py [ACCOUNTS] [TRANSFERS]

Both layouts run the same transfer (flags, daily limit, floor, ceiling, both balances, turnover, last seq) over the same
random pairs of accounts and must end in the same balances. They take turns; the medians are compared.
Decision: docs/decisions/0003-one-cache-line-per-account.md.
"""

import json
import statistics
import sys
import time
from typing import Any, NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from yinhe.ledger.columns import ACCOUNT, AMOUNT_MAX, AccountFlag

ROUNDS = 7
DATE = 20_000
STOPPED = int(AccountFlag.CLOSED | AccountFlag.DEBIT_BLOCKED | AccountFlag.CREDIT_BLOCKED)


class Arrays(NamedTuple):
    """The fields of `ACCOUNT`, each an array of its own."""

    balance: NDArray[np.int64]
    held: NDArray[np.int64]
    floor: NDArray[np.int64]
    ceiling: NDArray[np.int64]
    limit_daily: NDArray[np.int64]
    turnover: NDArray[np.int64]
    last_seq: NDArray[np.int64]
    turnover_date: NDArray[np.int32]
    currency: NDArray[np.uint16]
    flags: NDArray[np.uint16]


@numba.njit(nogil=True)
def post_lines(line: NDArray[np.void], debit: NDArray[np.int32], credit: NDArray[np.int32], amount: int) -> int:
    """Post one transfer a pair on lines; how many posted."""
    posted = 0
    for i in range(len(debit)):
        d, c = line[debit[i]], line[credit[i]]
        if d["currency"] != c["currency"] or (d["flags"] | c["flags"]) & STOPPED:
            continue
        spent = d["turnover"] if d["turnover_date"] == DATE else 0
        if amount > d["limit_daily"] - spent or d["balance"] - d["held"] - amount < d["floor"]:
            continue
        if c["balance"] + amount > c["ceiling"]:
            continue
        posted += 1
        d["balance"] -= amount
        d["turnover"] = spent + amount
        d["turnover_date"] = DATE
        d["last_seq"] = posted
        c["balance"] += amount
        c["last_seq"] = posted
    return posted


@numba.njit(nogil=True)
def post_arrays(a: Arrays, debit: NDArray[np.int32], credit: NDArray[np.int32], amount: int) -> int:
    """Post one transfer a pair on arrays; how many posted."""
    posted = 0
    for i in range(len(debit)):
        d, c = debit[i], credit[i]
        if a.currency[d] != a.currency[c] or (a.flags[d] | a.flags[c]) & STOPPED:
            continue
        spent = a.turnover[d] if a.turnover_date[d] == DATE else 0
        if amount > a.limit_daily[d] - spent or a.balance[d] - a.held[d] - amount < a.floor[d]:
            continue
        if a.balance[c] + amount > a.ceiling[c]:
            continue
        posted += 1
        a.balance[d] -= amount
        a.turnover[d] = spent + amount
        a.turnover_date[d] = DATE
        a.last_seq[d] = posted
        a.balance[c] += amount
        a.last_seq[c] = posted
    return posted


def measure(accounts: int, transfers: int) -> dict[str, Any]:
    """Nanoseconds a transfer on either layout, and their ratio."""
    line = np.zeros(accounts, ACCOUNT)
    line["floor"], line["ceiling"], line["limit_daily"] = -AMOUNT_MAX, AMOUNT_MAX, AMOUNT_MAX
    line["currency"], line["flags"] = 156, int(AccountFlag.OPEN)
    arrays = Arrays(*(line[name].copy() for name in Arrays._fields))
    rng = np.random.default_rng(3)
    nanoseconds: dict[str, list[float]] = {"line": [], "arrays": []}
    for turn in range(ROUNDS + 1):
        debit = rng.integers(0, accounts, transfers, np.int32)
        credit = rng.integers(0, accounts, transfers, np.int32)
        for name, post, state in (("line", post_lines, line), ("arrays", post_arrays, arrays)):
            started = time.perf_counter_ns()
            posted = post(state, debit, credit, 100)
            took = time.perf_counter_ns() - started
            if posted != transfers:
                raise SystemExit(f"{name}: {transfers - posted} transfers were refused")
            if turn:  # the first turn compiles
                nanoseconds[name].append(took / transfers)
    if not (line["balance"] == arrays.balance).all():
        raise SystemExit("the two layouts disagree")
    medians = {name: round(statistics.median(values), 1) for name, values in nanoseconds.items()}
    return {
        "accounts": accounts,
        "transfers": transfers,
        "rounds": ROUNDS,
        "nanoseconds_a_transfer": medians,
        "arrays_over_line": round(medians["arrays"] / medians["line"], 2),
    }


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:]]
    sys.stdout.write(f"{json.dumps(measure(*(given + [1_000_000, 2_000_000][len(given) :])))}\n")
