"""How probable it is that two parties are one, from what they have in common. Pure."""

from collections.abc import Collection
from enum import StrEnum, unique
from typing import Final

import msgspec

from yinhe.parties.model import PartyKind

CANDIDATES_MAX: Final = 20
"""Most candidates that are told."""
HITS_MAX: Final = 100
"""Most parties that are looked at for one thing in common: there are thousands of 张伟."""
TOLD_FROM: Final = 50
"""The score from which a party is told as a candidate."""
PROBABLE_FROM: Final = 80
"""The score from which nobody is opened before somebody has looked."""


@unique
class Sign(StrEnum):
    """Something two parties have in common, or not."""

    NAME = "name"
    BORN = "born"
    BORN_DIFFERS = "born_differs"
    NUMBER = "number"
    EMAIL = "email"


POINTS: Final = {Sign.NAME: 50, Sign.BORN: 35, Sign.BORN_DIFFERS: -40, Sign.NUMBER: 40, Sign.EMAIL: 35}
"""What each sign adds to the score, which is cut to 0 to 100."""
ORGANISATION_NAME: Final = 70
"""What the name adds for organisations: a register gives one name once."""


class Candidate(msgspec.Struct, frozen=True):
    """A party that may be the same."""

    party: int
    score: int
    """From 0 to 100."""
    signs: tuple[Sign, ...]


def weigh(party: int, kind: PartyKind, signs: Collection[Sign]) -> Candidate:
    """What the signs come to for one party."""
    points = {**POINTS, Sign.NAME: ORGANISATION_NAME} if kind is PartyKind.ORGANISATION else POINTS
    score = sum(points[sign] for sign in set(signs))
    return Candidate(party, max(0, min(100, score)), tuple(sign for sign in Sign if sign in signs))


def told(candidates: Collection[Candidate]) -> tuple[Candidate, ...]:
    """Those worth telling, the most probable first."""
    worth = sorted((c for c in candidates if c.score >= TOLD_FROM), key=lambda c: (-c.score, c.party))
    return tuple(worth[:CANDIDATES_MAX])


def unseen(candidates: Collection[Candidate], seen: Collection[int]) -> tuple[int, ...]:
    """The parties that are probably the same and that nobody said they had looked at."""
    return tuple(c.party for c in candidates if c.score >= PROBABLE_FROM and c.party not in seen)
