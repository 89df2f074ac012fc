"""What is shown of a party: masked, or in the clear for a purpose on record."""

import datetime as dt
from typing import Any

import msgspec

from yinhe.parties.model import Area, PartyKind, PartyStatus, Risk
from yinhe.parties.relations import RelationKind


class ItemView(msgspec.Struct, frozen=True, kw_only=True):
    """An entry: a name, an identifier, an address, a contact, a consent or a document."""

    item: int
    area: Area
    kind: str
    fields: dict[str, str]
    """The personal part by name, masked or in the clear: `text` of a name, `value` of an identifier or contact, the
    parts of an address, `evidence` of a consent, `reference` of a document."""
    since: dt.date
    country: str = ""
    script: str = ""
    preferred: bool = False
    expires: dt.date | None = None
    verified: dt.date | None = None
    verified_how: str = ""
    sha256: str = ""
    ended: dt.date | None = None


class RelationView(msgspec.Struct, frozen=True, kw_only=True):
    """A relation, seen from one of the two."""

    relation: int
    kind: RelationKind
    other: int
    other_name: str
    """Masked."""
    outward: bool
    """Whether the other is this party's guardian (and the like); else this party is the other's."""
    since: dt.date
    share: str | None = None
    ended: dt.date | None = None


class PartyView(msgspec.Struct, frozen=True, kw_only=True):
    """The whole of a party."""

    party: int
    asked: int
    """The number asked for; another than `party` if it was merged."""
    merged: tuple[int, ...]
    """Numbers of parties that were merged into it."""
    kind: PartyKind
    status: PartyStatus
    tier: int
    risk: Risk | None
    risk_review: dt.date | None
    version: int
    opened: dt.date
    closed: dt.date | None
    clear: bool
    """Whether personal data is shown as it is."""
    name: str
    """The preferred one."""
    born: str | None
    """`1990-05-01`, or masked."""
    items: tuple[ItemView, ...]
    relations: tuple[RelationView, ...]

    def of(self, area: Area) -> tuple[ItemView, ...]:
        """The entries of an area."""
        return tuple(item for item in self.items if item.area is area)


class PartyLine(msgspec.Struct, frozen=True, kw_only=True):
    """A party in a list, masked."""

    party: int
    kind: PartyKind
    status: PartyStatus
    tier: int
    risk: Risk | None
    version: int
    opened: dt.date
    name: str


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a list; the next begins after `next_after`, None at the end."""

    lines: tuple[PartyLine, ...]
    next_after: int | None


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was done to a party, from the log; personal data hidden or in the clear."""

    number: int
    at: dt.datetime
    action: str
    actor: str
    outcome: str
    why: str
    before: Any
    after: Any
