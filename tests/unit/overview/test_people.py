"""What a picture takes from the register: who it is, what still holds, what has an end."""

import datetime as dt

from yinhe.kernel.refusals import Refusal
from yinhe.overview.people import Expiry, PartyRegister, known_of
from yinhe.parties.model import Area, PartyKind, PartyStatus, Risk
from yinhe.parties.refusals import PartyRefusal
from yinhe.parties.relations import RelationKind
from yinhe.parties.views import ItemView, PartyView, RelationView

DAY = dt.date(2026, 3, 1)


def item(area: Area, kind: str, **more: object) -> ItemView:
    return ItemView(item=1, area=area, kind=kind, fields={}, since=DAY, **more)


def relation(**more: object) -> RelationView:
    return RelationView(
        relation=1, kind=RelationKind.SPOUSE, other=9, other_name="李*", outward=True, since=DAY, **more
    )


VIEW = PartyView(
    party=7, asked=70, merged=(70,), kind=PartyKind.PERSON, status=PartyStatus.CUSTOMER, tier=1, risk=Risk.LOW,
    risk_review=DAY, version=3, opened=DAY, closed=None, clear=False, name="张*", born=None,
    items=(
        item(Area.NAME, "legal"),
        item(Area.IDENTIFIER, "passport", expires=DAY),
        item(Area.IDENTIFIER, "passport", expires=DAY, ended=DAY),
        item(Area.IDENTIFIER, "citizen_id"),
        item(Area.DOCUMENT, "business_licence", expires=DAY),
    ),
    relations=(relation(), relation(ended=DAY)),
)  # fmt: skip


def test_what_has_ended_is_left_out() -> None:
    known = known_of(VIEW)
    assert (known.party, known.merged, known.review, known.details) == (7, (70,), DAY, VIEW)
    assert known.expiries == (
        Expiry(what="identifier", kind="passport", on=DAY),
        Expiry(what="document", kind="business_licence", on=DAY),
    )
    assert [(one.kind, one.other, one.other_name) for one in known.relations] == [("spouse", 9, "李*")]


class Parties:
    def view(self, party: int) -> PartyView | Refusal:
        return VIEW if party == 70 else Refusal(PartyRefusal.PARTY_UNKNOWN)


def test_the_register_is_asked_by_number() -> None:
    register = PartyRegister(Parties())
    assert register.known(70) == known_of(VIEW)
    assert register.known(71) is None
