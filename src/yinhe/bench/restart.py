"""The process whose start `bench recovery` times: opens the books and posts one transfer.

    python -m yinhe.bench.restart HOME

Prints one JSON object: seconds from its own start to the books being open, and to the first transfer accepted.
"""

import sys
import time

_STARTED = time.perf_counter()

from pathlib import Path  # noqa: E402 - the clock starts before the imports, which a restart pays for too

import msgspec  # noqa: E402

from yinhe.ledger.ledger import Ledger  # noqa: E402


class RestartFigures(msgspec.Struct, frozen=True):
    """How long a start took, in seconds from the first line of this module."""

    imported_s: float
    opened_s: float
    accepted_s: float
    committed_seq: int
    bytes_per_account: int


def restart(home: Path) -> RestartFigures:
    """Open the books in `home` and post one fen from account 1 to account 2. Raises SystemExit if it is refused."""
    imported = time.perf_counter() - _STARTED
    with Ledger.open(home) as ledger:
        opened = time.perf_counter() - _STARTED
        found = ledger.committed_seq
        answer = ledger.transfer(debit=1, credit=2, amount_minor=1)
        accepted = time.perf_counter() - _STARTED
        if not answer.posted:
            raise SystemExit(f"the first transfer was refused: {answer.reason.english}")
        per_account = ledger.engine.core.columns.bytes_per_account
        return RestartFigures(round(imported, 3), round(opened, 3), round(accepted, 3), found, per_account)


if __name__ == "__main__":
    sys.stdout.write(msgspec.json.encode(restart(Path(sys.argv[1]))).decode() + "\n")
