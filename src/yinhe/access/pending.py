"""Commands that wait for a second person, in the database; what they say is sealed."""

from enum import StrEnum, unique
from typing import Any, Final
from uuid import UUID

import msgspec
import psycopg

from yinhe.audit.record import ActorKind
from yinhe.kernel.clock import us_from_datetime
from yinhe.storage.statements import load_statements
from yinhe.storage.vault import Vault

PAGE_MAX: Final = 200
"""Rows of a page of a list at most."""
LISTED_BYTES_MAX: Final = 16_384
"""Larger commands and effects are left out of a list: a page of the largest would not fit into memory."""


@unique
class ApprovalState(StrEnum):
    """How far a command has come that needs a second person."""

    WAITING = "waiting"
    APPROVED = "approved"
    """A second person said yes; what became of it is not noted yet."""
    DONE = "done"
    FAILED = "failed"
    """It was approved, but refused when it was carried out."""
    TURNED_DOWN = "turned_down"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class Pending(msgspec.Struct, frozen=True, kw_only=True):
    """A command that waits or waited for a second person; times in microseconds since 1970-01-01."""

    id: UUID
    """The command's own id: under it, it is carried out."""
    action: str
    maker: int
    """Its maker's number."""
    maker_kind: ActorKind
    maker_name: str
    permission: str
    """What its maker needed, and whoever approves needs too."""
    rule: str
    amount_minor: int | None
    currency: str | None
    command: msgspec.Raw
    """The command as JSON; `null` in a list, where it is large."""
    effect: msgspec.Raw
    """What a dry run of it came to, as JSON; likewise."""
    why: str
    state: ApprovalState
    put_at: int
    expires_at: int
    decider: str | None
    decided_at: int | None
    decision_why: str | None
    finished_at: int | None
    result: str | None
    """In a word: `done`, or the name of the refusal."""


def read(session: psycopg.Connection, vault: Vault, approval: UUID, now: int) -> Pending | None:
    """One of them, as it stands now."""
    row = session.execute(load_statements("access")["approval_read"], {"id": approval}).fetchone()
    return None if row is None else _pending(row, vault, now)


def listed(
    session: psycopg.Connection,
    vault: Vault,
    now: int,
    *,
    states: tuple[ApprovalState, ...] = (),
    maker: int | None = None,
    before: UUID | None = None,
    limit: int = PAGE_MAX,
) -> tuple[Pending, ...]:
    """A page of them, the newest first; of these states and this maker alone, where given. Large contents: `null`."""
    given = {
        "states": [str(state) for state in states] or None,
        "maker": maker,
        "before": before,
        "limit": min(limit, PAGE_MAX),
        "bytes_max": LISTED_BYTES_MAX,
    }
    rows = session.execute(load_statements("access")["approvals_list"], given).fetchall()
    return tuple(_pending(row, vault, now) for row in rows)


def sealing_contexts(approval: UUID) -> tuple[str, str]:
    """In which contexts command and effect are sealed."""
    return f"approval/{approval}/command", f"approval/{approval}/effect"


def _pending(row: tuple[Any, ...], vault: Vault, now: int) -> Pending:
    command_context, effect_context = sealing_contexts(row[0])
    state, expires_at = ApprovalState(row[12]), us_from_datetime(row[14])
    is_over = state is ApprovalState.WAITING and expires_at <= now
    return Pending(
        id=row[0],
        action=row[1],
        maker=int(row[2]),
        maker_kind=ActorKind(row[3]),
        maker_name=row[4],
        permission=row[5],
        rule=row[6],
        amount_minor=row[7],
        currency=row[8],
        command=_unsealed(vault, row[9], command_context),
        effect=_unsealed(vault, row[10], effect_context),
        why=row[11],
        state=ApprovalState.EXPIRED if is_over else state,
        put_at=us_from_datetime(row[13]),
        expires_at=expires_at,
        decider=row[15],
        decided_at=None if row[16] is None else us_from_datetime(row[16]),
        decision_why=row[17],
        finished_at=None if row[18] is None else us_from_datetime(row[18]),
        result=row[19],
    )


def _unsealed(vault: Vault, sealed: bytes | None, context: str) -> msgspec.Raw:
    return msgspec.Raw(b"null" if sealed is None else vault.unseal(bytes(sealed), context))
