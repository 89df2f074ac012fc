"""The picture of parties that are in the register: who they are, and what a merge brings together."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.postgres.overview.story import Story

from yinhe.audit.desk import Asked, Desk, Told
from yinhe.audit.record import BANK
from yinhe.kernel.refusals import Refusal
from yinhe.overview.happenings import Kind
from yinhe.overview.people import PartyRegister, known_of
from yinhe.overview.records import Picture
from yinhe.overview.refusals import OverviewRefusal
from yinhe.overview.service import Overview
from yinhe.overview.timeline import TimelinePage
from yinhe.parties.commands import Changed, Merge, Open, UndoMerge
from yinhe.parties.model import Name, PartyKind
from yinhe.parties.service import Parties
from yinhe.parties.views import PartyView
from yinhe.storage.sessions import Sessions
from yinhe.storage.vault import Vault


@pytest.fixture
def parties(story: Story, sessions: Sessions, tmp_path: Path) -> Parties:
    return Parties(Desk(sessions, story.house.clock), Vault.open(tmp_path, {}), lambda session, party: False)


@pytest.fixture
def registered(story: Story, sessions: Sessions, parties: Parties) -> Iterator[Overview]:
    made = Overview(sessions, story.ledger, story.house.bank, PartyRegister(parties))
    yield made
    made.close()


def asked(story: Story) -> Asked:
    return Asked(id=story.next_id(), action="", content=None, author=BANK)


def person(story: Story, parties: Parties, name: str) -> int:
    told = parties.open(asked(story), Open(kind=PartyKind.PERSON, items=(Name(text=name),)))
    assert isinstance(told, Told), told
    return told.read(Changed).party


def drawn(overview: Overview, party: int) -> Picture:
    found = overview.picture(party)
    assert isinstance(found, Picture), found
    return found


def test_a_merge_brings_pictures_and_timelines_together_and_its_undo_parts_them(
    story: Story, parties: Parties, registered: Overview
) -> None:
    first, second = person(story, parties, "张三"), person(story, parties, "张三")
    version = int(story.deposits.book.row(1)["version"][0])
    story.open("first's", version, 10_00, holder=first)
    story.open("second's", version, 20_00, holder=second)
    numbers = [story.contracts["first's"], story.contracts["second's"]]
    assert [one.contract for one in drawn(registered, first).contracts] == numbers[:1]
    apart = {party: actions(registered, party) for party in (first, second)}
    assert apart[second][-2:] == [f"contract.open contract/{numbers[1]}", f"party.open party/{second}"]

    told = parties.merge(asked(story), Merge(party=first, loser=second))
    assert isinstance(told, Told), told
    for number in (first, second):
        picture = drawn(registered, number)
        assert (picture.party, [one.contract for one in picture.contracts]) == (first, numbers)
        assert isinstance(picture.details, PartyView)
        assert picture.details.name == "张*"
        assert set(apart[first]) | set(apart[second]) <= set(actions(registered, number))

    told = parties.undo_merge(asked(story), UndoMerge(loser=second))
    assert isinstance(told, Told), told
    assert [one.contract for one in drawn(registered, first).contracts] == numbers[:1]
    assert [one.contract for one in drawn(registered, second).contracts] == numbers[1:]


def actions(overview: Overview, party: int) -> list[str]:
    page = overview.timeline(party, None, 100, {Kind.RECORD, Kind.CONTRACT})
    assert isinstance(page, TimelinePage), page
    return [f"{one.action} {one.object}" for one in page.items]


def test_details_in_the_clear_are_shown_where_the_caller_asked_for_them(
    story: Story, parties: Parties, registered: Overview
) -> None:
    party = person(story, parties, "张三")
    view = parties.view(party, clear=True, purpose="complaint", author=BANK)
    assert isinstance(view, PartyView)
    picture = registered.picture(party, known=known_of(view))
    assert isinstance(picture, Picture)
    assert picture.details.name == "张三"


def test_who_is_not_in_the_register_has_no_picture(registered: Overview) -> None:
    assert registered.picture(10**9) == Refusal(OverviewRefusal.PARTY_UNKNOWN)
