"""What the overview asks of the register of parties."""

import datetime as dt
from typing import Any, Final, Protocol

import msgspec

from yinhe.kernel.refusals import Refusal
from yinhe.overview.records import Relation
from yinhe.parties.model import Area
from yinhe.parties.service import Parties
from yinhe.parties.views import PartyView


class Expiry(msgspec.Struct, frozen=True, kw_only=True):
    """Something of a party that holds until a day."""

    what: str
    """`identifier` or `document`."""
    kind: str
    on: dt.date
    """The last day it holds."""


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What the register knows of a party."""

    party: int
    """Its number; of one that was merged the survivor's."""
    merged: tuple[int, ...] = ()
    """Numbers of parties that were merged into it."""
    details: Any = None
    """As it is shown: masked, or in the clear."""
    relations: tuple[Relation, ...] = ()
    review: dt.date | None = None
    """When its risk rating is to be looked at again."""
    expiries: tuple[Expiry, ...] = ()


class Register(Protocol):
    """The register of parties, as far as a picture needs it."""

    def known(self, party: int) -> Known | None:
        """What is known of a party, personal data masked; None where there is no such party."""
        ...


class PartyRegister:
    """The register of parties as the overview asks it: personal data masked."""

    def __init__(self, parties: Parties) -> None:
        self._parties: Final = parties

    def known(self, party: int) -> Known | None:
        """See `Register.known`."""
        view = self._parties.view(party)
        return None if isinstance(view, Refusal) else known_of(view)


def known_of(view: PartyView) -> Known:
    """What a picture shows of a party, from what is shown of it: masked, or in the clear for a purpose on record."""
    expiries = (
        Expiry(what=str(item.area), kind=item.kind, on=item.expires)
        for item in view.items
        if item.area in (Area.IDENTIFIER, Area.DOCUMENT) and item.expires is not None and item.ended is None
    )
    relations = (
        Relation(
            kind=str(one.kind),
            other=one.other,
            other_name=one.other_name,
            since=one.since,
            outward=one.outward,
            share=one.share,
        )
        for one in view.relations
        if one.ended is None
    )
    return Known(
        party=view.party,
        merged=view.merged,
        details=view,
        relations=tuple(relations),
        review=view.risk_review,
        expiries=tuple(expiries),
    )
