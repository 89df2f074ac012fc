"""What can be asked of parties, and what is answered. Answers hold no personal data."""

import datetime as dt

import msgspec

from yinhe.parties.duplicates import Candidate
from yinhe.parties.model import Area, Item, PartyKind, PartyStatus, Risk
from yinhe.parties.relations import RelationKind


class Command(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A command about a party that is on file. A number that was merged stands for the party it was merged into."""

    party: int
    expected_version: int | None = None
    """Refused if the party has another version by now; None: whatever it has."""


class Open(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Open a party as a prospect."""

    kind: PartyKind
    items: tuple[Item, ...]
    """At least one legal name among them."""
    born: dt.date | None = None
    """Date of birth or foundation; taken from a citizen's number if it is not given."""
    tier: int = 0
    seen: tuple[int, ...] = ()
    """Parties that look the same and that somebody has found to be others."""


class Add(Command, frozen=True, kw_only=True):
    """Add a name, an identifier, an address, a contact, a consent or a document."""

    item: Item


class End(Command, frozen=True, kw_only=True):
    """End an entry from today on; a consent is withdrawn so. It stays on file."""

    item: int


class Prefer(Command, frozen=True, kw_only=True):
    """Make a name, an address or a contact the one that is used first."""

    item: int


class Verify(Command, frozen=True, kw_only=True):
    """Note that an identifier was verified."""

    item: int
    how: str
    """A code: `public_security_network`, `original_seen`."""


class SetBorn(Command, frozen=True, kw_only=True):
    """Set the date of birth or foundation right."""

    born: dt.date


class SetTier(Command, frozen=True, kw_only=True):
    """Put a party into a tier: 0 for none, higher is better."""

    tier: int


class RateRisk(Command, frozen=True, kw_only=True):
    """Rate a party's risk until the next review."""

    risk: Risk
    review: dt.date


class Move(Command, frozen=True, kw_only=True):
    """Bring a party into another state of its life; from closed to prospect it is reopened."""

    to: PartyStatus


class Relate(Command, frozen=True, kw_only=True):
    """Note that another party is something to this one."""

    other: int
    kind: RelationKind
    share: str | None = None
    """In percent, `"25%"`, where the kind has shares."""
    since: dt.date | None = None
    """Today, if it is not said."""


class EndRelation(Command, frozen=True, kw_only=True):
    """End a relation, from either of the two; it stays on file."""

    relation: int
    on: dt.date | None = None
    """Today, if it is not said."""


class Merge(Command, frozen=True, kw_only=True):
    """Merge another party into this one: what it has is shown here, its contracts are held by this one."""

    loser: int


class UndoMerge(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Undo a merge: the loser has again what it had."""

    loser: int


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a party."""

    party: int
    version: int
    item: int | None = None
    """The entry or relation that was added or changed."""
    items: tuple["ItemAdded", ...] = ()
    candidates: tuple[Candidate, ...] = ()
    """Parties that may be the same."""


class ItemAdded(msgspec.Struct, frozen=True):
    """An entry that was added with others, in the order given."""

    item: int
    area: Area
