"""Tokens that were refused, put on record by the network they came from and the reason: nobody fills the log by asking.

What runs out by itself is refused every day and no sign of anything: tokens that have expired, sessions that ended.
"""

import threading
from collections import Counter
from typing import Final

import msgspec

from yinhe.audit.desk import Desk
from yinhe.audit.record import BANK, Outcome, Record
from yinhe.identity.attempts import network_of
from yinhe.identity.refusals import IdentityRefusal
from yinhe.kernel.refusals import Refusal

ACTION: Final = "token.refuse"
GROUPS_MAX: Final = 20
"""Networks and reasons that are told apart until the next time something is put on record."""
ELSEWHERE: Final = "elsewhere"
"""Stands for the networks beyond these."""
_USUAL: Final = frozenset({IdentityRefusal.TOKEN_EXPIRED, IdentityRefusal.SESSION_ENDED})


class Strangers:
    """Counts refused tokens; safe between threads."""

    def __init__(self, desk: Desk) -> None:
        self._desk: Final = desk
        self._lock: Final = threading.Lock()
        self._counts: Counter[tuple[str, str]] = Counter()

    def note(self, address: str, refusal: Refusal) -> None:
        """Count a token that was refused."""
        if refusal.because in _USUAL:
            return
        group = network_of(address), refusal.name
        with self._lock:
            is_known = group in self._counts or len(self._counts) < GROUPS_MAX
            self._counts[group if is_known else (ELSEWHERE, refusal.name)] += 1

    def put_on_record(self) -> None:
        """Write down what was counted. Raises a fault of storage, and keeps what it could not write."""
        with self._lock:
            counts, self._counts = self._counts, Counter[tuple[str, str]]()
        if not counts:
            return
        try:
            self._desk.note(*(_record_of(network, reason, count) for (network, reason), count in counts.items()))
        except BaseException:
            with self._lock:
                self._counts.update(counts)
            raise


def _record_of(network: str, reason: str, count: int) -> Record:
    author = msgspec.structs.replace(BANK, address=network)
    return Record(action=ACTION, author=author, outcome=Outcome.REFUSED, why=reason, detail={"times": count})
