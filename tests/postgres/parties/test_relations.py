"""Parties and each other: who may be what to whom, seen from both sides, ended and not deleted."""

import datetime as dt

from tests.postgres.parties.conftest import TODAY, Bank

from yinhe.kernel.refusals import Refusal
from yinhe.parties.commands import EndRelation, Move, Relate
from yinhe.parties.model import PartyStatus
from yinhe.parties.refusals import PartyRefusal
from yinhe.parties.relations import RelationKind
from yinhe.parties.views import PartyView, RelationView


def relations(bank: Bank, party: int, *, with_ended: bool = False) -> tuple[RelationView, ...]:
    view = bank.parties.view(party, with_ended=with_ended)
    assert isinstance(view, PartyView)
    return view.relations


def test_a_relation_is_seen_from_both_sides(bank: Bank) -> None:
    child, guardian = bank.person("张小"), bank.person("张三")
    number = bank.do(Relate(party=child, other=guardian, kind=RelationKind.GUARDIAN, since=dt.date(2020, 1, 1))).item
    [of_child], [of_guardian] = relations(bank, child), relations(bank, guardian)
    assert (of_child.relation, of_child.other, of_child.other_name, of_child.outward) == (number, guardian, "张*", True)
    assert (of_guardian.other, of_guardian.outward, of_guardian.since) == (child, False, dt.date(2020, 1, 1))


def test_spouses_are_each_others_and_one_at_a_time(bank: Bank) -> None:
    first, second, third = bank.person("张三"), bank.person("李四"), bank.person("王五")
    number = bank.do(Relate(party=first, other=second, kind=RelationKind.SPOUSE)).item
    assert number is not None
    asked = [(second, first), (first, third), (third, first), (second, third)]
    refused = [bank.refused(Relate(party=a, other=b, kind=RelationKind.SPOUSE)) for a, b in asked]
    assert refused == [PartyRefusal.RELATION_KNOWN, *[PartyRefusal.RELATION_SINGLE] * 3]
    assert bank.refused(EndRelation(party=third, relation=number)) is PartyRefusal.RELATION_UNKNOWN
    early = EndRelation(party=second, relation=number, on=TODAY - dt.timedelta(1))
    assert bank.refused(early) is PartyRefusal.RELATION_ENDS_EARLY
    late = EndRelation(party=second, relation=number, on=TODAY + dt.timedelta(1))
    assert bank.refused(late) is PartyRefusal.DATE_IN_FUTURE
    bank.do(EndRelation(party=second, relation=number))
    assert bank.refused(EndRelation(party=second, relation=number)) is PartyRefusal.RELATION_UNKNOWN
    bank.do(Relate(party=third, other=first, kind=RelationKind.SPOUSE))
    assert [view.ended for view in relations(bank, first, with_ended=True)] == [TODAY, None]


def test_owners_together_own_no_more_than_all(bank: Bank) -> None:
    firm = bank.organisation("某某有限公司")
    one, two = bank.person("张三"), bank.person("李四")
    own = RelationKind.BENEFICIAL_OWNER
    bank.do(Relate(party=firm, other=one, kind=own, share="60.5%"))
    assert bank.refused(Relate(party=firm, other=two, kind=own, share="39.500001%")) is PartyRefusal.SHARES_OVER_ALL
    assert bank.refused(Relate(party=firm, other=two, kind=own)) is PartyRefusal.SHARE_MISSING
    for share in ("0%", "-1%", "101%", "40", "forty", "1e1%"):
        assert bank.refused(Relate(party=firm, other=two, kind=own, share=share)) is PartyRefusal.SHARE_OUT_OF_BOUNDS
    bank.do(Relate(party=firm, other=two, kind=own, share="39.5%"))
    assert [view.share for view in relations(bank, firm)] == ["60.5%", "39.5%"]
    assert bank.refused(Relate(party=one, other=two, kind=own, share="1%")) is PartyRefusal.RELATION_KIND


def test_a_group_of_companies_is_no_circle(bank: Bank) -> None:
    head, middle, member = (bank.organisation(name) for name in ("甲公司", "乙公司", "丙公司"))
    bank.do(Relate(party=member, other=middle, kind=RelationKind.GROUP_HEAD))
    bank.do(Relate(party=middle, other=head, kind=RelationKind.GROUP_HEAD))
    assert (
        bank.refused(Relate(party=head, other=member, kind=RelationKind.GROUP_HEAD)) is PartyRefusal.RELATION_CIRCULAR
    )


def test_nobody_is_the_guardian_of_a_guardian_by_whichever_way(bank: Bank) -> None:
    child, *guardians, last = (bank.person(name) for name in ("张小", "张三", "李四", "王五", "赵六"))
    for guardian in guardians:
        bank.do(Relate(party=child, other=guardian, kind=RelationKind.GUARDIAN))
    for guardian in guardians[:2]:
        bank.do(Relate(party=guardian, other=last, kind=RelationKind.GUARDIAN))
    for guardian in (*guardians, last):
        circle = Relate(party=guardian, other=child, kind=RelationKind.GUARDIAN)
        assert bank.refused(circle) is PartyRefusal.RELATION_CIRCULAR


def test_nobody_is_related_to_itself_or_to_the_unknown_or_the_closed(bank: Bank) -> None:
    party, other = bank.person("张三"), bank.person("李四")
    employer = RelationKind.EMPLOYER
    assert bank.refused(Relate(party=party, other=party, kind=employer)) is PartyRefusal.RELATION_TO_ITSELF
    assert bank.refused(Relate(party=party, other=999, kind=employer)) is PartyRefusal.PARTY_UNKNOWN
    future = Relate(party=party, other=other, kind=employer, since=TODAY + dt.timedelta(1))
    assert bank.refused(future) is PartyRefusal.DATE_IN_FUTURE
    bank.do(Move(party=other, to=PartyStatus.CLOSED))
    assert bank.refused(Relate(party=party, other=other, kind=employer)) is PartyRefusal.PARTY_CLOSED
    assert not isinstance(bank.parties.view(party), Refusal)
