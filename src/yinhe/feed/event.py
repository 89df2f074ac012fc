"""An event, and which events a reader wants and may have."""

import re
from typing import Any, Final

import msgspec

from yinhe.access.principal import Scope
from yinhe.feed.refusals import FeedRefusal
from yinhe.kernel.refusals import Refusal

TYPES_MAX: Final = 50
"""Most types a reader names."""
_TYPE: Final = re.compile(r"[a-z][a-z_]{0,40}(\.[a-z][a-z_]{0,40}){0,2}(\.v[0-9]{1,3})?")


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened, for a program outside; it never holds personal data."""

    id: str
    """The same whenever and wherever the event is read."""
    type: str
    """What happened, and the version of the form of `data`: `posting.v1`, `contract.open.v1`."""
    at: str
    """When it was booked: a UTC time, ISO 8601."""
    business_date: str
    object: str
    """What it happened to: `contract/7`, `transaction/…`."""
    parties: tuple[int, ...] = ()
    """The numbers of the parties it concerns, those within the reader's reach."""
    data: dict[str, Any] = {}
    position: str = ""
    """The cursor after it."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which events a reader wants; nothing said: all."""

    types: tuple[str, ...] = ()
    """Types, or the beginnings of types up to a point: `contract`, `contract.open`, `posting.v1`."""
    object: str | None = None
    party: int | None = None

    def takes(self, kind: str) -> bool:
        """Whether a type is wanted."""
        return not self.types or any(kind == one or kind.startswith(f"{one}.") for one in self.types)

    def may_take(self, area: str) -> bool:
        """Whether any type of an area is wanted."""
        return not self.types or any(one.partition(".")[0] == area for one in self.types)


ALL: Final = Wanted()
EVERYWHERE: Final = Scope()
"""The reach of a reader without limits."""


class Page(msgspec.Struct, frozen=True):
    """Events in order, where to go on, and whether there may be more already."""

    events: tuple[Event, ...]
    next: str
    more: bool


def refuse_types(types: tuple[str, ...]) -> Refusal | None:
    """Why types cannot be asked for; None where they can."""
    if len(types) > TYPES_MAX:
        return Refusal(FeedRefusal.TYPES_TOO_MANY, str(TYPES_MAX))
    wrong = next((one for one in types if not _TYPE.fullmatch(one)), None)
    return None if wrong is None else Refusal(FeedRefusal.TYPE_MALFORMED)
