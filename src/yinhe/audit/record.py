"""What the log keeps of an act, and who did it."""

import hashlib
from enum import StrEnum, unique
from typing import Any, Final
from uuid import UUID

import msgspec

from yinhe.kernel.refusals import ReasonEnum


@unique
class ActorKind(StrEnum):
    """What kind of actor did something."""

    BANK = "bank"
    """The bank's own programs: the night, the command line on the machine itself."""
    USER = "user"
    CLIENT = "client"
    """A program that speaks for a partner or a channel."""


class Author(msgspec.Struct, frozen=True, kw_only=True):
    """Who did something, through what and from where."""

    kind: ActorKind
    name: str
    """The user's or client's name; it is no personal data: `teller-7`."""
    channel: str = ""
    address: str = ""
    session: str = ""
    """What ties acts together that were done with one log-in or one token."""
    approver: str = ""
    """Who approved it, where a second person had to."""
    emergency: bool = False
    """Whether it was done under break-glass."""

    @property
    def actor(self) -> str:
        """Kind and name in one word: `user:teller-7`."""
        return f"{self.kind}:{self.name}"


PARTY_DIGITS_MAX: Final = 10
"""Digits of a party's number at most; longer ones are numbers of cards, telephones or documents."""


def parties_in(*holders: str) -> tuple[int, ...]:
    """The parties among those who hold something: books of other banks name holders in words of their own."""
    found = {int(one) for one in holders if one.isascii() and one.isdecimal() and len(one) <= PARTY_DIGITS_MAX}
    return tuple(sorted(found - {0}))


BANK: Final = Author(kind=ActorKind.BANK, name="bank")
"""What the bank does by itself."""


@unique
class Outcome(StrEnum):
    """What became of an act."""

    DONE = "done"
    REFUSED = "refused"
    PENDING = "pending"
    """It waits for a second person."""
    READ = "read"
    """Something was looked at whose reading is on record, as personal data in the clear."""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One act. `before` and `after` are what it changed, as JSON; personal data stands in them only encrypted."""

    action: str
    """Area and verb, lower case: `party.open`, `contract.withdraw`."""
    author: Author
    outcome: Outcome = Outcome.DONE
    object: str = ""
    """What it was done to: `party/12`, `contract/7`, `user/teller-7`."""
    parties: tuple[int, ...] = ()
    """The numbers of the parties it concerns."""
    request_id: UUID | None = None
    why: str = ""
    """The author's reason or purpose; for a refusal its name."""
    before: Any = None
    after: Any = None
    detail: Any = None
    version: int = 1
    """The version of the form of `before`, `after` and `detail` for this action."""


PART_BYTES_MAX: Final = 65_536
"""Most bytes of JSON each of `before`, `after` and `detail` is kept with; what is longer is kept as its digest."""
WORDS_MAX: Final = 1_000
"""Most characters of each of the words of a record."""


def bounded(record: Record) -> Record:
    """The record as the log keeps it: long words cut, and long content replaced by its SHA-256 and its size.

    Raises TypeError for content that is not JSON.
    """
    author = record.author
    words = {name: _cut(getattr(author, name)) for name in ("name", "channel", "address", "session", "approver")}
    return msgspec.structs.replace(
        record,
        author=msgspec.structs.replace(author, **words),
        action=_cut(record.action),
        object=_cut(record.object),
        why=_cut(record.why),
        before=_fitting(record.before),
        after=_fitting(record.after),
        detail=_fitting(record.detail),
    )


def _cut(words: str) -> str:
    # The database keeps no NUL in a text.
    clean = words.replace("\0", "\ufffd")
    return clean if len(clean) <= WORDS_MAX else clean[: WORDS_MAX - 1] + "…"


def _fitting(content: Any) -> Any:
    if content is None:
        return None
    encoded = msgspec.json.encode(content, order="sorted")
    if len(encoded) <= PART_BYTES_MAX:
        return content
    return {"sha256": hashlib.sha256(encoded).hexdigest(), "bytes": len(encoded)}


class AuditRefusal(ReasonEnum):
    """Why the desk itself refuses."""

    ID_CONFLICT = "this id was used before with other content", "该编号已用于不同内容的请求"
    ID_MALFORMED = "the id is not a version-7 UUID", "编号不是第七版UUID"
