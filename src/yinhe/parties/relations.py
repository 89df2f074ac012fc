"""How parties stand to each other: who may be what to whom, how often, and how large shares may be. Pure."""

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum, unique
from typing import Final

import msgspec

from yinhe.kernel.rates import RATE_ONE
from yinhe.kernel.refusals import Refusal
from yinhe.parties.model import PartyKind
from yinhe.parties.refusals import PartyRefusal

CHAIN_MAX: Final = 64
"""Most steps that are followed from a party to those above it."""


@unique
class RelationKind(StrEnum):
    """What the other party is to this one."""

    SPOUSE = "spouse"
    PARENT = "parent"
    GUARDIAN = "guardian"
    EMPLOYER = "employer"
    ATTORNEY = "attorney"
    """Who may act for it."""
    LEGAL_REPRESENTATIVE = "legal_representative"
    """法定代表人."""
    BENEFICIAL_OWNER = "beneficial_owner"
    """受益所有人: the person who owns or controls it in the end."""
    SHAREHOLDER = "shareholder"
    GROUP_HEAD = "group_head"
    """The organisation whose group of companies it is a member of."""


class Law(msgspec.Struct, frozen=True, kw_only=True):
    """What a kind of relation demands."""

    of: frozenset[PartyKind]
    other: frozenset[PartyKind]
    symmetric: bool = False
    single: bool = False
    """Whether a party has at most one at a time."""
    circular: bool = False
    """Whether it may lead back to the party it begins with."""
    share: bool = False


_PERSON: Final = frozenset({PartyKind.PERSON})
_ORGANISATION: Final = frozenset({PartyKind.ORGANISATION})
_ANY: Final = _PERSON | _ORGANISATION

LAWS: Final[Mapping[RelationKind, Law]] = {
    RelationKind.SPOUSE: Law(of=_PERSON, other=_PERSON, symmetric=True, single=True, circular=True),
    RelationKind.PARENT: Law(of=_PERSON, other=_PERSON),
    RelationKind.GUARDIAN: Law(of=_PERSON, other=_ANY),
    RelationKind.EMPLOYER: Law(of=_PERSON, other=_ANY, circular=True),
    RelationKind.ATTORNEY: Law(of=_ANY, other=_PERSON, circular=True),
    RelationKind.LEGAL_REPRESENTATIVE: Law(of=_ORGANISATION, other=_PERSON, single=True),
    RelationKind.BENEFICIAL_OWNER: Law(of=_ORGANISATION, other=_PERSON, share=True),
    RelationKind.SHAREHOLDER: Law(of=_ORGANISATION, other=_ANY, circular=True, share=True),
    RelationKind.GROUP_HEAD: Law(of=_ORGANISATION, other=_ORGANISATION, single=True),
}


class Link(msgspec.Struct, frozen=True):
    """A relation that holds: `other` is the `kind` of `party`; numbers of parties as merges left them."""

    party: int
    other: int
    kind: RelationKind
    share: int | None = None
    """In units of 1e-8."""


def decide_relation(
    wanted: Link, kinds: tuple[PartyKind, PartyKind], holding: Sequence[Link], above: Collection[int]
) -> Refusal | None:
    """Why a relation may not be added; None if it may.

    `kinds` are those of the two parties; `holding` the relations from and to either that hold; `above` the parties that
    stand above the other in relations of this kind.
    """
    law = LAWS[wanted.kind]
    if wanted.party == wanted.other:
        return Refusal(PartyRefusal.RELATION_TO_ITSELF)
    if kinds[0] not in law.of or kinds[1] not in law.other:
        return Refusal(PartyRefusal.RELATION_KIND, wanted.kind)
    if law.share != (wanted.share is not None):
        return Refusal(PartyRefusal.SHARE_MISSING if law.share else PartyRefusal.SHARE_NOT_ASKED, wanted.kind)
    if wanted.share is not None and not 1 <= wanted.share <= RATE_ONE:
        return Refusal(PartyRefusal.SHARE_OUT_OF_BOUNDS)
    same = [link for link in holding if link.kind is wanted.kind]
    ends = {wanted.party, wanted.other}
    if any(link.other == wanted.other and link.party == wanted.party for link in same) or (
        law.symmetric and any({link.party, link.other} == ends for link in same)
    ):
        return Refusal(PartyRefusal.RELATION_KNOWN)
    taken = [link for link in same if link.party == wanted.party or (law.symmetric and {link.party, link.other} & ends)]
    if law.single and taken:
        return Refusal(PartyRefusal.RELATION_SINGLE, wanted.kind)
    if not law.circular and wanted.party in above:
        return Refusal(PartyRefusal.RELATION_CIRCULAR, wanted.kind)
    if wanted.share is not None and shares_of(wanted.party, wanted.kind, [*holding, wanted]) > RATE_ONE:
        return Refusal(PartyRefusal.SHARES_OVER_ALL)
    return None


def shares_of(party: int, kind: RelationKind, holding: Sequence[Link]) -> int:
    """The shares of a kind in a party together, in units of 1e-8; where a merge left an owner twice, its larger one."""
    owned: dict[int, int] = {}
    for link in holding:
        if link.party == party and link.kind is kind and link.share is not None:
            owned[link.other] = max(link.share, owned.get(link.other, 0))
    return sum(owned.values())
