"""What stands in the log, for those who look into it."""

from typing import Any, Final
from uuid import UUID

import msgspec
import psycopg

from yinhe.storage.statements import load_statements

PAGE_MAX: Final = 1_000
"""Most records of one page."""
NUMBER_END: Final = 2**62
"""A number no record reaches."""


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A record as it stands; `at` in microseconds, `business_date` in days since 1970-01-01."""

    number: int
    at: int
    business_date: int
    action: str
    object: str
    actor: str
    outcome: str
    request_id: UUID | None
    parties: tuple[int, ...]
    content: str
    """The JSON whose hash is in the chain."""
    hash: bytes

    @property
    def told(self) -> dict[str, Any]:
        """The content read: `before`, `after`, `detail`, `why`, `author` and what the columns repeat."""
        return msgspec.json.decode(self.content, type=dict[str, Any])


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which records are wanted; None: all."""

    object: str | None = None
    party: int | None = None
    actor: str | None = None
    action: str | None = None
    """An action, or the area of several: `contract`."""
    request_id: UUID | None = None


ALL: Final = Wanted()


def read_records(
    session: psycopg.Connection,
    wanted: Wanted = ALL,
    *,
    after: int = 0,
    before: int = NUMBER_END,
    limit: int = PAGE_MAX,
    newest: bool = False,
) -> tuple[Kept, ...]:
    """Records whose numbers lie between `after` and `before`, in order, or the newest first; at most PAGE_MAX."""
    given = msgspec.structs.asdict(wanted) | {"after": after, "before": before, "newest": newest}
    rows = session.execute(load_statements("audit")["records_read"], given | {"limit": min(limit, PAGE_MAX)})
    return tuple(kept_of(row) for row in rows)


def kept_of(row: tuple[Any, ...]) -> Kept:
    """A row of `records_read`."""
    number, at, date, action, what, actor, outcome, request_id, parties, content, digest = row
    return Kept(
        number=number,
        at=at,
        business_date=date,
        action=action,
        object=what,
        actor=actor,
        outcome=outcome,
        request_id=request_id,
        parties=tuple(parties),
        content=content,
        hash=bytes(digest),
    )
