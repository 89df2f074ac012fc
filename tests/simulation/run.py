"""Run seeds of the simulation: `python -m tests.simulation.run --seeds 0:5000 --jobs 2`.

Prints each seed that fails with its last steps, and exits with 1 if any did.
"""

import argparse
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple

from tests.simulation.world import run_seed


class Result(NamedTuple):
    """What one seed came to."""

    seed: int
    rows: int
    steps: Counter[str]
    failure: str


def try_seed(seed: int, steps: int) -> Result:
    """Run one seed."""
    try:
        world = run_seed(seed, steps)
    except AssertionError as error:
        return Result(seed, 0, Counter(), str(error))
    return Result(seed, world.books.last_seq, Counter(world.counts), "")


def main() -> int:
    """Parse the arguments, run, report."""
    parser = argparse.ArgumentParser(description="Deterministic simulation of the ledger with faults by seed.")
    parser.add_argument("--seeds", default="0:500", help="first:end, or one seed")
    parser.add_argument("--steps", type=int, default=300, help="steps of a run before it comes to rest")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    given = parser.parse_args()
    first, _, end = given.seeds.partition(":")
    seeds = range(int(first), int(end) if end else int(first) + 1)
    failures: list[Result] = []
    steps: Counter[str] = Counter()
    rows = 0
    with ProcessPoolExecutor(given.jobs) as pool:
        for result in pool.map(try_seed, seeds, [given.steps] * len(seeds), chunksize=8):
            rows += result.rows
            steps += result.steps
            if result.failure:
                failures.append(result)
                sys.stdout.write(f"{result.failure}\n\n")
    sys.stdout.write(f"{len(seeds)} seeds, {rows} rows, {len(failures)} failed\n")
    sys.stdout.write(", ".join(f"{count} {what}" for what, count in sorted(steps.items())) + "\n")
    if failures:
        sys.stdout.write(f"failed: {' '.join(str(result.seed) for result in failures)}\n")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
