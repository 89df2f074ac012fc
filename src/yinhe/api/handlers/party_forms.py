"""What is said of parties over HTTP."""

import datetime as dt
from typing import Annotated, Final

import msgspec

from yinhe.api.forms import LIMIT_DEFAULT, Cursor, Number
from yinhe.parties.duplicates import Candidate
from yinhe.parties.model import ContactKind, IdentifierKind, Item, PartyKind, PartyStatus, Risk
from yinhe.parties.reading import PAGE_MAX
from yinhe.parties.relations import RelationKind
from yinhe.parties.views import Act, PartyLine

PartyNumber = Annotated[Number, msgspec.Meta(description="The party's number.")]
EntryNumber = Annotated[int, msgspec.Meta(ge=1, le=2**53 - 1, description="The entry's or relation's number.")]
SEEN_MAX: Final = 100


class PartyParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which party."""

    party: PartyNumber


class PartyViewParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which party, and how it is shown."""

    party: PartyNumber
    clear: Annotated[
        bool,
        msgspec.Meta(description="In the clear: needs `party:personal` and a purpose in X-Reason, and goes on record."),
    ] = False
    ended: Annotated[bool, msgspec.Meta(description="With entries and relations that have ended.")] = False


class EntryParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which entry of which party."""

    party: PartyNumber
    entry: EntryNumber


class PartiesParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which parties."""

    status: Annotated[PartyStatus | None, msgspec.Meta(description="Only those in this state.")] = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=PAGE_MAX)] = min(LIMIT_DEFAULT, PAGE_MAX)
    cursor: Cursor = ""


class HistoryParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which party's acts."""

    party: PartyNumber
    clear: Annotated[bool, msgspec.Meta(description="In the clear, as for the party itself.")] = False
    limit: Annotated[int, msgspec.Meta(ge=1, le=PAGE_MAX)] = min(LIMIT_DEFAULT, PAGE_MAX)
    cursor: Cursor = ""


class PartyForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A party to open, as a prospect."""

    kind: PartyKind
    items: Annotated[
        tuple[Item, ...], msgspec.Meta(min_length=1, max_length=50, description="Names, identifiers and the like.")
    ]
    born: Annotated[dt.date | None, msgspec.Meta(description="Date of birth or foundation.")] = None
    tier: Annotated[int, msgspec.Meta(ge=0, le=99)] = 0
    seen: Annotated[
        tuple[Number, ...],
        msgspec.Meta(max_length=SEEN_MAX, description="Parties that look the same and were found to be others."),
    ] = ()


class EntryForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An entry to add."""

    item: Item


class VerificationForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How an identifier was verified."""

    how: Annotated[str, msgspec.Meta(max_length=60, description="A code.", examples=["original_seen"])]


class BirthDateForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The right date of birth or foundation."""

    born: dt.date


class TierForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The tier a party is put into."""

    tier: Annotated[int, msgspec.Meta(ge=0, le=99)]


class RiskForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rating until the next review."""

    risk: Risk
    review: Annotated[dt.date, msgspec.Meta(description="When it is looked at again.")]


class StatusForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The state a party is brought into."""

    status: PartyStatus


class RelationForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What another party is to this one."""

    other: PartyNumber
    kind: RelationKind
    share: (
        Annotated[
            str, msgspec.Meta(max_length=20, description="In percent, where the kind has shares.", examples=["25%"])
        ]
        | None
    ) = None
    since: dt.date | None = None


class MergeForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which party is the same as this one."""

    loser: PartyNumber


class SearchForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """By what parties are looked for: exactly one of the three."""

    identifier: "IdentifierSought | None" = None
    contact: "ContactSought | None" = None
    name: Annotated[str, msgspec.Meta(max_length=200)] | None = None


class IdentifierSought(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An identifier in full."""

    kind: IdentifierKind
    value: Annotated[str, msgspec.Meta(max_length=100)]
    country: Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$")] = "CN"


class ContactSought(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A number or an e-mail address in full."""

    kind: ContactKind
    value: Annotated[str, msgspec.Meta(max_length=320)]


class PartyList(msgspec.Struct, frozen=True):
    """A page of parties, personal data masked."""

    items: tuple[PartyLine, ...]
    next: str | None


class ActList(msgspec.Struct, frozen=True):
    """A page of what was done to a party, the newest first."""

    items: tuple[Act, ...]
    next: str | None


class CandidateList(msgspec.Struct, frozen=True):
    """Parties that may be the same, the most probable first."""

    items: tuple[Candidate, ...]
