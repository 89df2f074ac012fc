"""The process that `bench recovery` kills: posts transfers without end and says on standard output what is durable.

    python -m yinhe.bench.poster HOME ACCOUNTS SEED

Each line it prints is the number of a batch whose every transfer was answered as posted. The batches are drawn from the
seed alone, so that whoever reads the lines can tell which ids must be in the books.
"""

import sys
from collections import deque
from concurrent.futures import Future
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from yinhe.bench.traffic import accounts_without_floor
from yinhe.ledger.batch import columns_of
from yinhe.ledger.ledger import Ledger
from yinhe.ledger.memory import Answers
from yinhe.ledger.outcomes import Outcome

BATCH: Final = 8_189
_IN_FLIGHT: Final = 4
_ID_MS: Final = 1_700_000_000_000
"""The ids' time: any moment in the past will do, as long as it is the same each time."""


def numbered_batch(seed: int, number: int, accounts: int) -> NDArray[np.void]:
    """Batch `number` of a seed: BATCH transfers with ids that no other batch has; dtype TRANSFER."""
    rng = np.random.default_rng((seed, number))
    debit = rng.integers(1, accounts + 1, BATCH)
    credit = rng.integers(1, accounts, BATCH)
    credit += credit >= debit
    hi, lo = numbered_ids(number)
    return columns_of(txn_hi=hi, txn_lo=lo, debit=debit, credit=credit, amount_minor=rng.integers(1, 100_000, BATCH))


def numbered_ids(number: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """The ids of batch `number`: UUIDv7 whose time grows by a millisecond a batch, whose low half counts rows."""
    hi = np.full(BATCH, ((_ID_MS + number) << 16) | 0x7000, np.uint64)
    lo = np.arange(BATCH, dtype=np.uint64) | np.uint64(number << 20) | np.uint64(0b10 << 62)
    return hi, lo


def post_without_end(home: Path, accounts: int, seed: int) -> None:
    """Open the accounts if there are none, then post batch after batch from the first on."""
    with Ledger.open(home) as ledger:
        if ledger.committed_seq == 0:
            ledger.open_accounts(accounts_without_floor(accounts))
        flying: deque[tuple[int, Future[Answers]]] = deque()
        number = 0
        while True:
            flying.append((number, ledger.submit_columns(numbered_batch(seed, number, accounts))))
            number += 1
            if len(flying) >= _IN_FLIGHT:
                done, future = flying.popleft()
                if (future.result().outcome != Outcome.POSTED).any():
                    raise SystemExit(f"batch {done} was refused")
                sys.stdout.write(f"{done}\n")
                sys.stdout.flush()


if __name__ == "__main__":
    post_without_end(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
