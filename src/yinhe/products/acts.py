"""What the log of acts keeps of products and rates."""

from collections.abc import Mapping
from typing import Final

import msgspec
import psycopg

from yinhe.audit.log import append
from yinhe.audit.record import ActorKind, Author, Outcome, Record
from yinhe.kernel.clock import Clock, SystemClock
from yinhe.products.findings import Refused
from yinhe.products.status import Status

SYSTEM: Final = SystemClock()
"""Says when an act is put on record, where no other clock is given."""

ACTIONS: Final[Mapping[Status, str]] = {
    Status.DRAFT: "product.draft",
    Status.CHECKED: "product.check",
    Status.APPROVED: "product.approve",
    Status.PUBLISHED: "product.publish",
    Status.WITHDRAWN: "product.withdraw",
}
"""The act that brings a version into each status."""


class Acting(msgspec.Struct, frozen=True):
    """Who takes a step, and when that is put on record."""

    actor: str
    author: Author | None
    """As the log names it; None: by the actor's name alone."""
    clock: Clock


def put_on_record(
    session: psycopg.Connection,
    by: Acting,
    action: str,
    what: str,
    before: Mapping[str, object] | None,
    after: Mapping[str, object],
) -> None:
    """Put a step that was taken on record, in its transaction."""
    author = by.author or Author(kind=ActorKind.USER, name=by.actor)
    append(session, by.clock, [Record(action=action, author=author, object=what, before=before, after=after)])


def note_refused(session: psycopg.Connection, by: Acting, action: str, what: str, against: Refused) -> None:
    """Put a refusal on record where it is told who asked, and that is not the bank itself."""
    if by.author is None or by.author.kind is ActorKind.BANK:
        return
    why = " ".join(sorted(code.name.lower() for code in against.codes))
    record = Record(action=action, author=by.author, outcome=Outcome.REFUSED, object=what, why=why)
    with session.transaction():
        append(session, by.clock, [record])
