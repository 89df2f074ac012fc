"""The timeline: everything once, newest first, back to the first day, whatever pages it is read in."""

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.postgres.overview.story import OTHER, PARTY, Story, pay

from yinhe.audit.log import append
from yinhe.audit.record import BANK, Outcome, Record
from yinhe.kernel.refusals import Refusal
from yinhe.overview.happenings import Happening, Kind, order_of
from yinhe.overview.refusals import OverviewRefusal
from yinhe.overview.service import Overview
from yinhe.overview.timeline import ALL_KINDS, PAGE_MAX, TimelinePage
from yinhe.storage.sessions import Sessions


@pytest.fixture(scope="module", autouse=True)
def records(story: Story, sessions: Sessions) -> None:
    """What the log has about the parties: of the transfer, which has an event too; a refusal; a reading; others."""
    with sessions.transaction() as session:
        told = [
            Record(action="contract.transfer", author=BANK, parties=(PARTY,), request_id=story.transfer),
            Record(action="party.set_tier", author=BANK, object=f"party/{PARTY}", parties=(PARTY,)),
            Record(action="contract.withdraw", author=BANK, parties=(PARTY,), outcome=Outcome.REFUSED),
            Record(action="party.read", author=BANK, parties=(PARTY, OTHER), outcome=Outcome.READ),
            Record(action="party.open", author=BANK, parties=(OTHER,)),
            Record(action="party.open", author=BANK, parties=(70,)),
        ]
        append(session, story.house.clock, told)


def page(overview: Overview, party: int, *given: object) -> TimelinePage:
    found = overview.timeline(party, *given)
    assert isinstance(found, TimelinePage), found
    return found


def whole(overview: Overview, limit: int, party: int = PARTY, kinds=ALL_KINDS) -> list[Happening]:
    items: list[Happening] = []
    cursor = None
    while True:
        found = page(overview, party, cursor, limit, kinds)
        assert len(found.items) == limit or found.cursor is None
        items += found.items
        assert len(items) < 2_000, "the pages never end"
        cursor = found.cursor
        if cursor is None:
            return items


def test_the_newest_is_told_first(overview: Overview) -> None:
    items = whole(overview, PAGE_MAX)
    assert all(order_of(one) >= order_of(other) for one, other in pairwise(items))
    assert items[-1].business_date == dt.date(2026, 1, 5)


@settings(max_examples=12, deadline=None)
@given(limit=st.integers(1, PAGE_MAX), kinds=st.sets(st.sampled_from(Kind), min_size=1))
def test_nothing_is_lost_or_told_twice_over_pages(overview: Overview, limit: int, kinds: set[Kind]) -> None:
    at_once = whole(overview, PAGE_MAX, kinds=kinds)
    assert whole(overview, max(limit, len(at_once) // 25), kinds=kinds) == at_once
    assert {one.kind for one in at_once} == kinds


def test_every_row_of_the_customers_accounts_is_told_once(story: Story, overview: Overview) -> None:
    since = [one.seq for one in whole(overview, 50, kinds={Kind.POSTING})]
    own = {story.accounts["current"], story.accounts["term"]}
    own |= {int(loan[name]) for loan in story.lending.book.rows for name in ("account", "receivable")}
    passed = story.accounts["passed"]
    rows = story.ledger.feed(0, 100_000)
    opened = rows[(rows["debit"] == passed) | (rows["credit"] == passed)]["seq"].tolist()
    # The opening, and the first payment, came before it was passed on.
    theirs = set(opened[2:])
    wanted = [
        int(row["seq"]) for row in rows if {int(row["debit"]), int(row["credit"])} & own or int(row["seq"]) in theirs
    ]
    assert since == wanted[::-1]
    assert story.ledger.engine.core.tail.first_seq > 200, "some of them lie in sealed segments"


def test_lines_show_amount_and_balance_as_the_account_has_them(story: Story, overview: Overview) -> None:
    told = {one.seq: one for one in whole(overview, 100, kinds={Kind.POSTING})}
    for name in ("current", "term"):
        account = story.accounts[name]
        for entry in story.ledger.history(account, limit=1_000).entries:
            one = told[entry.seq]
            if one.number == overview.number(account):
                assert (one.amount_minor, one.balance_minor) == (entry.amount_minor, entry.balance_minor)
                assert (one.at, one.held_minor or 0) == (entry.booked_at, entry.held_minor)


def test_records_of_events_told_beside_are_left_out(overview: Overview) -> None:
    def actions(*beside: Kind) -> set[tuple[str, str | None]]:
        items = whole(overview, 100, kinds={Kind.RECORD, *beside})
        return {(one.action, one.outcome) for one in items if one.kind is Kind.RECORD}

    alone = actions()
    kept = {("party.read", "read"), ("contract.withdraw", "refused"), ("party.set_tier", "done")}
    assert {*kept, ("contract.transfer", "done")} <= alone
    assert ("contract.transfer", "done") in actions(Kind.LOAN)
    beside = actions(Kind.CONTRACT, Kind.LOAN)
    assert kept <= beside
    assert ("contract.transfer", "done") not in beside


def test_what_a_contract_was_before_it_was_passed_on_is_not_told(story: Story, overview: Overview) -> None:
    events = [one for one in whole(overview, 100) if one.object == f"contract/{story.contracts['passed']}"]
    assert events[-1].action == "contract.transfer"
    # The first holder's timeline is without it from then on, but for what that holder did, which the log has.
    others = [one for one in whole(overview, 100, OTHER) if one.object == f"contract/{story.contracts['passed']}"]
    assert {one.kind for one in others} <= {Kind.RECORD}


def test_what_happens_meanwhile_moves_no_page(story: Story, overview: Overview) -> None:
    before = whole(overview, PAGE_MAX)
    first = page(overview, PARTY, None, 40)
    for _ in range(5):
        pay(story, "current", "other", 1)
    second = page(overview, PARTY, first.cursor, 40)
    assert [*first.items, *second.items] == before[:80]
    assert len(whole(overview, PAGE_MAX)) == len(before) + 5


def test_a_contract_without_an_event_begins_with_its_opening(story: Story, overview: Overview) -> None:
    account = story.house.open(int(story.deposits.book.row(1)["version"][0]), 10_00)
    with story.house.connect() as session:
        session.execute("UPDATE contract_holder SET holder = '55' WHERE holder = 'holder'")
    items = whole(overview, 10, 55)
    assert [(one.kind, one.action) for one in items] == [
        (Kind.POSTING, "posting.0"),
        (Kind.CONTRACT, "contract.open"),
    ]
    assert items[0].number == overview.number(account)
    assert items[1].business_date == items[0].business_date


@pytest.mark.parametrize(
    ("given", "because"),
    [
        ((None, 0), OverviewRefusal.LIMIT_OUT_OF_BOUNDS),
        ((None, PAGE_MAX + 1), OverviewRefusal.LIMIT_OUT_OF_BOUNDS),
        (("nonsense", 10), OverviewRefusal.CURSOR_MALFORMED),
        ((None, 10, frozenset()), OverviewRefusal.KINDS_EMPTY),
    ],
)
def test_what_is_out_of_bounds_is_refused(overview: Overview, given, because: OverviewRefusal) -> None:
    found = overview.timeline(PARTY, *given)
    assert isinstance(found, Refusal)
    assert found.because is because
