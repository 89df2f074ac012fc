"""Parties that are one: shown as one, and two again with exactly what each had."""

import datetime as dt
import json

import pytest
from tests.postgres.parties.conftest import AUTHOR, Bank

from yinhe.kernel.refusals import Refusal
from yinhe.parties.commands import Add, End, EndRelation, Merge, Move, Relate, SetTier, UndoMerge, Verify
from yinhe.parties.model import (
    Area,
    Contact,
    ContactKind,
    Identifier,
    IdentifierKind,
    Name,
    NameKind,
    PartyStatus,
)
from yinhe.parties.refusals import PartyRefusal
from yinhe.parties.relations import RelationKind
from yinhe.parties.service import party_of_holder
from yinhe.parties.views import PartyView

CITIZEN = Identifier(kind=IdentifierKind.CITIZEN_ID, value="110101199003078515")
OTHER_CITIZEN = Identifier(kind=IdentifierKind.CITIZEN_ID, value="360426199101010071")
PASSPORT = Identifier(kind=IdentifierKind.PASSPORT, value="E12345678", expires=dt.date(2030, 1, 1))
MOBILE = Contact(kind=ContactKind.MOBILE, value="13812345678")


def seen(bank: Bank, party: int) -> PartyView:
    view = bank.parties.view(party)
    assert isinstance(view, PartyView)
    return view


def hold(bank: Bank, contract: int, holder: object) -> None:
    bank.sql("INSERT INTO contract_holder VALUES (%s, %s)", contract, str(holder))


def borrow(bank: Bank, loan: int, borrower: object, *guarantors: object) -> None:
    bank.sql(
        "INSERT INTO loan_agreement VALUES (%s, %s, '', '[]', %s)",
        loan,
        str(borrower),
        json.dumps([str(one) for one in guarantors]),
    )


def holders(bank: Bank) -> list[tuple[object, ...]]:
    return bank.sql("SELECT contract, holder FROM contract_holder ORDER BY contract")


def loans(bank: Bank) -> list[tuple[object, ...]]:
    return bank.sql("SELECT loan, borrower, guarantors FROM loan_agreement ORDER BY loan")


def test_everything_of_the_loser_is_the_survivors_and_goes_back_exactly(bank: Bank) -> None:
    survivor = bank.person("张三", CITIZEN)
    loser = bank.person("Zhang San", PASSPORT, MOBILE, born=dt.date(1990, 3, 7))
    child = bank.person("张小")
    bank.do(Relate(party=child, other=loser, kind=RelationKind.GUARDIAN))
    for contract, holder in ((1, survivor), (2, loser), (3, loser), (4, "berka 7"), (5, loser)):
        hold(bank, contract, holder)
    borrow(bank, 1, loser, survivor)
    borrow(bank, 2, child, child, loser, "surety 3")
    borrow(bank, 3, child, loser, survivor)
    before = {name: rows for name, rows in bank.tables().items() if "merge" not in name}

    bank.do(Merge(party=survivor, loser=loser))

    for number in (survivor, loser):
        view = seen(bank, number)
        assert (view.party, view.asked, view.merged, view.name) == (survivor, number, (loser,), "张*")
        assert [item.kind for item in view.of(Area.IDENTIFIER)] == ["citizen_id", "passport"]
        assert [item.preferred for item in view.of(Area.NAME)] == [True, False]
        assert [(one.other, one.kind) for one in view.relations] == [(child, "guardian")]
    assert seen(bank, child).relations[0].other == survivor
    assert bank.parties.resolve(loser) == survivor
    assert bank.parties.numbers_of(loser) == (survivor, loser)
    assert [line.party for line in bank.parties.find_by_name("zhang san").lines] == [survivor]
    assert [line.party for line in bank.parties.list().lines] == [survivor, child]
    mine = str(survivor)
    assert holders(bank) == [(1, mine), (2, mine), (3, mine), (4, "berka 7"), (5, mine)]
    # One that stands surety twice under two numbers is left as it is: both stand for the survivor.
    assert loans(bank) == [
        (1, mine, [mine]),
        (2, str(child), [str(child), mine, "surety 3"]),
        (3, str(child), [str(loser), mine]),
    ]

    bank.do(UndoMerge(loser=loser))

    after = {name: rows for name, rows in bank.tables().items() if "merge" not in name}
    versions = {row[0]: row[7] for row in after["party"]}
    assert [row[:7] + row[8:] for row in after.pop("party")] == [row[:7] + row[8:] for row in before.pop("party")]
    assert after == before
    assert versions == {survivor: 3, loser: 3, child: 2}


def test_what_the_survivor_gave_away_since_does_not_go_back(bank: Bank) -> None:
    survivor, loser, third = bank.person("张三"), bank.person("张叁"), bank.person("李四")
    hold(bank, 1, loser)
    hold(bank, 2, loser)
    bank.do(Merge(party=survivor, loser=loser))
    bank.sql("UPDATE contract_holder SET holder = %s WHERE contract = 1", str(third))
    hold(bank, 3, survivor)
    bank.do(UndoMerge(loser=loser))
    assert holders(bank) == [(1, str(third)), (2, str(loser)), (3, str(survivor))]


def test_a_chain_of_merges_is_undone_from_its_end(bank: Bank) -> None:
    first, second, third = bank.person("张三"), bank.person("张叁"), bank.person("张三丰")
    hold(bank, 1, first)
    bank.do(Merge(party=second, loser=first))
    bank.do(Merge(party=third, loser=second))
    assert (bank.parties.resolve(first), holders(bank)) == (third, [(1, str(third))])
    assert seen(bank, third).merged == (first, second)
    assert bank.refused(UndoMerge(loser=first)) is PartyRefusal.MERGE_NOT_LAST
    bank.do(UndoMerge(loser=second))
    assert (bank.parties.resolve(first), holders(bank)) == (second, [(1, str(second))])
    bank.do(UndoMerge(loser=first))
    assert (bank.parties.resolve(first), holders(bank)) == (first, [(1, str(first))])
    assert bank.refused(UndoMerge(loser=first)) is PartyRefusal.MERGE_UNKNOWN


def test_a_command_to_a_merged_number_is_done_to_the_survivor(bank: Bank) -> None:
    survivor, loser = bank.person("张三"), bank.person("张叁", MOBILE)
    bank.do(Merge(party=survivor, loser=loser))
    assert bank.do(SetTier(party=loser, tier=4)).party == survivor
    bank.do(End(party=survivor, item=seen(bank, survivor).of(Area.CONTACT)[0].item))
    bank.do(Add(party=loser, item=Name(text="老张", kind=NameKind.ALIAS, preferred=True)))
    assert [item.preferred for item in seen(bank, survivor).of(Area.NAME)] == [False, True, False]
    assert bank.refused(Merge(party=survivor, loser=loser)) is PartyRefusal.MERGE_WITH_ITSELF
    assert bank.refused(Merge(party=loser, loser=survivor)) is PartyRefusal.MERGE_WITH_ITSELF


def test_parties_that_contradict_each_other_are_not_one(bank: Bank) -> None:
    person, firm = bank.person("张三", CITIZEN), bank.organisation("某某公司")
    other = bank.person("李四", OTHER_CITIZEN)
    spouses = [bank.person(name) for name in ("王五", "赵六")]
    nameless = bank.person("张三丰", born=dt.date(1990, 3, 7))
    assert bank.refused(Merge(party=person, loser=firm)) is PartyRefusal.MERGE_KINDS
    assert bank.refused(Merge(party=person, loser=other)) is PartyRefusal.MERGE_CONTRADICTS
    codes = [
        Identifier(kind=IdentifierKind.USCC, value=value) for value in ("91110000600037341L", "91110000100000000R")
    ]
    firms = [bank.organisation(f"某某{place}公司", code) for place, code in enumerate(codes)]
    refusal = bank.ask(Merge(party=firms[0], loser=firms[1]))
    assert isinstance(refusal, Refusal)
    assert (refusal.because, refusal.detail) == (PartyRefusal.MERGE_CONTRADICTS, "uscc")
    bank.do(Merge(party=firm, loser=firms[1]))
    bank.do(Relate(party=spouses[0], other=person, kind=RelationKind.SPOUSE))
    bank.do(Relate(party=nameless, other=spouses[1], kind=RelationKind.SPOUSE))
    refusal = bank.ask(Merge(party=person, loser=nameless))
    assert isinstance(refusal, Refusal)
    assert (refusal.because, refusal.detail) == (PartyRefusal.MERGE_CONTRADICTS, "spouse")
    [relation] = seen(bank, nameless).relations
    bank.do(EndRelation(party=nameless, relation=relation.relation))
    bank.do(Merge(party=person, loser=nameless))
    bank.do(Merge(party=spouses[0], loser=spouses[1]))
    assert [view.other for view in seen(bank, person).relations] == spouses[:1]


def test_the_one_with_business_remains(bank: Bank) -> None:
    customer, prospect = bank.person("张三", CITIZEN), bank.person("张叁")
    bank.do(Verify(party=customer, item=seen(bank, customer).of(Area.IDENTIFIER)[0].item, how="original_seen"))
    bank.do(Move(party=customer, to=PartyStatus.CUSTOMER))
    assert bank.refused(Merge(party=prospect, loser=customer)) is PartyRefusal.MERGE_DIRECTION
    bank.do(Merge(party=customer, loser=prospect))
    bank.with_contracts.add(prospect)
    assert bank.refused(Move(party=customer, to=PartyStatus.CLOSED)) is PartyRefusal.CONTRACTS_OPEN


def test_identifiers_hold_again_for_whoever_had_them(bank: Bank) -> None:
    loser = bank.person("张三", CITIZEN)
    bank.do(Move(party=loser, to=PartyStatus.CLOSED))
    survivor = bank.person("张三", CITIZEN)
    bank.do(Merge(party=survivor, loser=loser))
    bank.do(Move(party=survivor, to=PartyStatus.CLOSED))
    bank.do(Move(party=survivor, to=PartyStatus.PROSPECT))
    bank.do(UndoMerge(loser=loser))
    assert bank.sql("SELECT party FROM party_item WHERE area = 'identifier' AND live") == [(survivor,)]
    assert bank.refused(Move(party=loser, to=PartyStatus.PROSPECT)) is PartyRefusal.IDENTIFIER_TAKEN


def test_both_parties_of_a_merge_have_it_in_their_history(bank: Bank) -> None:
    survivor, loser = bank.person("张三"), bank.person("张叁")
    hold(bank, 1, loser)
    bank.do(Merge(party=survivor, loser=loser))
    bank.do(UndoMerge(loser=loser))
    for party in (survivor, loser):
        acts = bank.parties.history(party, clear=True, purpose="complaint", author=AUTHOR)
        assert not isinstance(acts, Refusal)
        assert [act.action for act in acts] == ["party.undo_merge", "party.merge", "party.open"]
        assert acts[1].after == {"loser": loser, "moved": {"contract": 1}}


@pytest.mark.parametrize(
    ("text", "party"),
    [
        ("12", 12),
        ("1", 1),
        *((text, None) for text in ("", "0", "012", "-3", "12 ", "１２", "berka 7", "9" * 19, "12\n")),
    ],
)
def test_a_holder_is_a_party_by_its_number_in_text(text: str, party: int | None) -> None:
    assert party_of_holder(text) == party
