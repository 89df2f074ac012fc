"""The real program, a process of its own for each command, without loading it anew each time.

A line of JSON asks for one command (arguments, environment, files to write to); the process that has loaded the program
forks, its child is the program, and a line with the exit code answers.
"""

import json
import os
import random
import sys

from tests.simulation.store import Database, Faults, MemoryStore

from yinhe.cli import app, main
from yinhe.kernel.clock import ManualClock
from yinhe.kernel.ids import IdSource
from yinhe.ledger.accounts import OpenAccounts, openings
from yinhe.ledger.batch import columns_of
from yinhe.ledger.core import Core


def be_the_program(asked: dict) -> None:
    """In the child: take the command's environment and files, run it, and end as the program ends."""
    names = (os.devnull, os.O_RDONLY), (asked["out"], os.O_WRONLY), (asked["err"], os.O_WRONLY)
    become(asked["arguments"], asked["environment"], [os.open(name, flags) for name, flags in names])


def become(arguments: list[str], environment: dict[str, str], files: list[int]) -> None:
    """Be the program with these three open files; ends as it ends."""
    os.environ.clear()
    os.environ.update(environment)
    for number, file in enumerate(files):
        os.dup2(file, number)
    # The program keeps them until it ends.
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.argv = ["yinhe", *arguments]
    main.main()


def load_compiled() -> None:
    """Run a ledger in memory once: what it needs is compiled code, which every child then has."""
    clock = ManualClock(1_790_000_000_000_000)
    ids = IdSource(clock, seed=0)
    core = Core(MemoryStore(Database(1, 1 << 20, 20_000), Faults(random.Random(0), {})), clock, ids, 1 << 8)
    core.recover()
    core.command(OpenAccounts(ids.next(), openings(2, currency=156, gl_code=2011, floor=-100)))
    hi, lo = ids.take(1)
    core.apply(columns_of(txn_hi=hi, txn_lo=lo, debit=[1], credit=[2], amount_minor=[1]), (), None)


def serve() -> None:
    """Answer until nobody asks any more."""
    assert app.run
    load_compiled()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            be_the_program(json.loads(line))
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    serve()
