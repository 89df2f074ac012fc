"""What the engine asks of its store, and the records that pass between them.

The PostgreSQL store is in `postgres.py`; the simulation has one in memory that fails as told.
"""

import json
from collections.abc import Sequence
from typing import Any, Final, Protocol
from uuid import UUID

import msgspec
import numpy as np
from numpy.typing import NDArray

from yinhe.ledger.accounts import Effect
from yinhe.ledger.batch import Flag
from yinhe.ledger.holds import HOLD, HOLD_EXPIRED, HOLD_RESOLVED


class Detail(msgspec.Struct, frozen=True):
    """What is known of a transaction beyond its postings: who, through what, and in which words."""

    txn_id: UUID
    actor: str = ""
    channel: str = ""
    narrative: str = ""
    detail: dict[str, Any] = {}


DETAIL_BYTES_MAX: Final = 65_536
"""Most bytes that one transaction's detail may take."""


def require_storable(details: Sequence[Detail]) -> None:
    """Raise ValueError for a detail that the store cannot keep, before anything is decided."""
    # Many details of one batch share one object; looked at once.
    known: dict[int, bytes] = {}
    for detail in details:
        try:
            rest = known.get(id(detail.detail))
            if rest is None:
                # As the database driver will encode it, so that what passes here cannot fail there.
                rest = known[id(detail.detail)] = json.dumps(detail.detail, allow_nan=False).encode()
            content = (detail.actor + detail.channel + detail.narrative).encode() + rest
        except (TypeError, ValueError, OverflowError, RecursionError) as error:
            raise ValueError(f"The detail of {detail.txn_id} is not JSON: {error}") from error
        if len(content) > DETAIL_BYTES_MAX:
            raise ValueError(f"The detail of {detail.txn_id} is over {DETAIL_BYTES_MAX:,} bytes.")
        if b"\0" in content or b"\\u0000" in content:
            raise ValueError(f"The detail of {detail.txn_id} holds a NUL character, which no text may.")


class Checkpoint(msgspec.Struct, frozen=True):
    """Step `step` (1, 2, 3, …) of a piece of bulk work; it commits with its postings or not at all."""

    job: str
    step: int


class Block(msgspec.Struct, frozen=True, eq=False):
    """One commit: either journal rows or account effects, with what belongs to them.

    `rows` has dtype ROW; `booked_at` is in microseconds since 1970-01-01, `business_date` in days.
    """

    first_seq: int
    last_seq: int
    booked_at: int
    business_date: int
    rows: NDArray[np.void]
    effects: Sequence[Effect] = ()
    details: Sequence[Detail] = ()
    checkpoint: Checkpoint | None = None


class BalancePass(msgspec.Struct, frozen=True, eq=False):
    """The pages and holds that changed since the last pass, as they are at `as_of_seq`.

    `pages` has dtype BALANCE_PAGE; `holds` (dtype HOLD) are the changed ones, open or not.
    """

    as_of_seq: int
    pages: NDArray[np.void]
    holds: NDArray[np.void]


class Segment(msgspec.Struct, frozen=True):
    """A segment of the journal: seqs from `first_seq` up to, not including, `end_seq`; its ids' range once sealed."""

    number: int
    first_seq: int
    end_seq: int
    sealed: bool
    id_first: int = 0
    """The lowest id's high 64 bits."""
    id_last: int = 0
    """The highest id's high 64 bits."""


class Recovered(msgspec.Struct, frozen=True, eq=False):
    """The last committed state, as far as the store holds it; what is newer is in `rows`.

    `accounts` (dtype ACCOUNT_PAGE) is exact at `last_seq`, `balances` (dtype BALANCE_PAGE) true at each page's seq,
    `holds` (dtype HOLD) at `pass_seq`. `rows` (dtype ROW) are all rows after `pass_seq` and all of unsealed segments,
    in order; `rows_date` (int32, shape (n,)) the business date of each.
    """

    unit: int
    segment_rows: int
    business_date: int
    last_seq: int
    booked_at: int
    accounts: NDArray[np.void]
    balances: NDArray[np.void]
    holds: NDArray[np.void]
    pass_seq: int
    rows: NDArray[np.void]
    rows_date: NDArray[np.int32]
    unsealed_seq: int
    """First seq of the first unsealed segment."""
    unsealed_booked_at: int
    """When that segment's first row was booked."""
    segments: Sequence[Segment]
    checkpoints: dict[str, int]


class Store(Protocol):
    """The durable side of one unit. Every method may raise a fault of storage; then nothing is known of its effect."""

    def acquire(self) -> None:
        """Become the unit's one writer; raises UnitTaken, naming the holder."""
        ...

    def load(self) -> Recovered:
        """The last committed state."""
        ...

    def append(self, block: Block) -> None:
        """Commit a block; when it returns, the block is durable. Raises AppendFailed when that is not known."""
        ...

    def write_pass(self, balances: BalancePass) -> None:
        """Write changed balances and holds, then note the pass as complete."""
        ...

    def seal(self, segment: Segment) -> Segment:
        """Index a full segment; the segment with its ids' range."""
        ...

    def segments(self) -> Sequence[Segment]:
        """Every segment there is, in order."""
        ...

    def find_transactions(
        self, hi: NDArray[np.uint64], lo: NDArray[np.uint64], segments: Sequence[int]
    ) -> NDArray[np.void]:
        """All journal rows of the given ids in the given sealed segments, by seq; dtype ROW."""
        ...

    def find_hold_rows(self, debit: int, seq: int, before_seq: int) -> NDArray[np.void]:
        """The row `seq` of account `debit` and the posts and voids of it before `before_seq`; dtype ROW."""
        ...

    def find_request(self, request_id: UUID) -> tuple[int, int, int] | None:
        """(seq, digest, first account) of a committed account command, None when there is none."""
        ...

    def close(self) -> None:
        """Give up the lock and every connection."""
        ...


def hold_of_rows(seq: int, rows: NDArray[np.void]) -> NDArray[np.void]:
    """The marker of a hold that is no longer open, from the rows about it; shape (1,), or (0,) if `seq` is no hold."""
    start = rows[(rows["seq"] == seq) & (rows["flags"] & np.uint16(Flag.PENDING) != 0)]
    if len(start) == 0:
        return np.zeros(0, HOLD)
    marker = np.zeros(1, HOLD)
    marker["seq"], marker["debit"], marker["credit"] = seq, start["debit"], start["credit"]
    marker["expires_at"] = start["reference"]
    expired = (rows["reference"] == seq) & (rows["flags"] & np.uint16(Flag.EXPIRE) != 0)
    marker["state"] = HOLD_EXPIRED if expired.any() else HOLD_RESOLVED
    marker["changed_seq"] = rows["seq"].max()
    return marker
