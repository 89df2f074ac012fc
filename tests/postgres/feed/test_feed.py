"""Events come in order, each once, to whoever wants them and may have them, while others write."""

import threading
from typing import Any

import msgspec
from tests.postgres.deposits.conftest import Branch
from tests.postgres.feed.conftest import TELLER, open_for

from yinhe.access.principal import Scope
from yinhe.audit.log import append
from yinhe.audit.record import BANK, Outcome, Record
from yinhe.deposits.commands import Amend, Withdraw
from yinhe.feed.cursor import BEGINNING, Cursor
from yinhe.feed.event import Event, Wanted
from yinhe.feed.feed import Feed, pages
from yinhe.kernel.account_number import AccountNumber, encode


def everything(feed: Feed, limit: int = 1_000, **wanted: Any) -> list[Event]:
    """All pages one after the other."""
    found: list[Event] = []
    cursor, reach = BEGINNING, wanted.pop("reach", Scope())
    while True:
        page = feed.page(cursor, limit, Wanted(**wanted), reach)
        assert len(page.events) <= limit
        found += page.events
        cursor = Cursor.read(page.next, feed.unit)
        assert isinstance(cursor, Cursor)
        if not page.more:
            return found


def types(events: list[Event]) -> list[str]:
    return [event.type for event in events]


def note(branch: Branch, *records: Record) -> None:
    with branch.unit.connect() as session, session.transaction():
        append(session, branch.clock, records)


def test_opening_a_contract_is_a_posting_and_an_act(branch: Branch, feed: Feed) -> None:
    done = open_for(branch, "12")
    posting, act = everything(feed)
    number = encode(AccountNumber(branch.unit.unit, done.account))
    assert (posting.type, posting.object, posting.parties) == ("posting.v1", f"transaction/{done.id}", (12,))
    assert posting.data["amount"] == "100.00"
    assert posting.data["currency"] == "CNY"
    assert posting.data["credit"] == {"account": number, "balance": "100.00", "object": "contract/1"}
    assert (act.type, act.object, act.parties) == ("contract.open.v1", "contract/1", (12,))
    assert act.data["after"]["opened"] == "2026-01-05"
    assert act.data["request"] == str(done.id)
    assert act.data["after"]["linked"] == encode(AccountNumber(branch.unit.unit, branch.purse))
    assert act.business_date == posting.business_date == "2026-01-05"
    assert len({event.id for event in (posting, act)}) == 2


def test_what_was_refused_or_looked_at_is_no_event_nor_what_concerns_users(branch: Branch, feed: Feed) -> None:
    branch.deposits.do(Withdraw(id=branch.ledger.ids.next(), contract=9, amount_minor=1), TELLER)
    note(
        branch,
        Record(action="party.show", author=TELLER, outcome=Outcome.READ, object="party/1"),
        Record(action="user.change_password", author=TELLER, object="user/teller-7"),
        Record(action="party.open", author=TELLER, outcome=Outcome.PENDING),
    )
    assert everything(feed) == []
    page = feed.page()
    assert (page.events, page.more) == ((), False)
    assert feed.page(feed.now()).events == ()


def test_of_parties_the_names_of_fields_are_told_and_never_what_is_in_them(branch: Branch, feed: Feed) -> None:
    before, after = {"name": "张三", "tier": 1}, {"name": "李四", "tier": 2}
    note(
        branch, Record(action="party.rename", author=TELLER, object="party/1", parties=(1,), before=before, after=after)
    )
    (event,) = everything(feed)
    assert event.data == {"changed": ["name", "tier"]}
    assert "李四" not in msgspec.json.encode(event).decode()


def test_a_night_is_told_contract_by_contract_also_page_by_page(branch: Branch, feed: Feed) -> None:
    for holder in ("12", "34", "12"):
        open_for(branch, holder, amount=0)
    detail = {"step": "mature", "closed_date": "2026-01-05", "happened": "renewed", "numbers": [1, 2, 3]}
    note(branch, Record(action="contract.night", author=BANK, detail=detail))
    for limit in (1, 2, 100):
        nights = [event for event in everything(feed, limit) if event.type == "contract.renewed.v1"]
        assert [event.object for event in nights] == ["contract/1", "contract/2", "contract/3"]
        assert [event.parties for event in nights] == [(12,), (34,), (12,)]
        assert len({event.id for event in nights}) == 3
    of_one = everything(feed, 1, types=("contract.renewed",), reach=Scope(parties=frozenset((12,))))
    assert [event.object for event in of_one] == ["contract/1", "contract/3"]


def test_filters_by_type_object_and_party(branch: Branch, feed: Feed) -> None:
    first, _ = open_for(branch, "12"), open_for(branch, "34")
    branch.deposits.do(Amend(id=branch.ledger.ids.next(), contract=1, linked=branch.till), TELLER)
    assert types(everything(feed, types=("contract.open",))) == ["contract.open.v1"] * 2
    assert types(everything(feed, types=("contract", "hold"))) == ["contract.open.v1"] * 2 + ["contract.amend.v1"]
    assert types(everything(feed, types=("contract.op",))) == []
    assert types(everything(feed, object="contract/1")) == ["posting.v1", "contract.open.v1", "contract.amend.v1"]
    number = encode(AccountNumber(branch.unit.unit, first.account))
    assert types(everything(feed, object=f"account/{number}")) == ["posting.v1"]
    assert types(everything(feed, object=f"transaction/{first.id}")) == ["posting.v1"]
    assert everything(feed, object="transaction/nonsense") == []
    assert types(everything(feed, party=34)) == ["posting.v1", "contract.open.v1"]


def test_who_is_limited_to_parties_sees_theirs_and_of_others_no_balance(branch: Branch, feed: Feed) -> None:
    mine, other = open_for(branch, "12"), open_for(branch, "34")
    branch.ledger.transfer(debit=mine.account, credit=other.account, amount_minor=1_00)
    note(
        branch,
        Record(action="product.publish", author=TELLER, object="product/demand/1", after={"status": "published"}),
    )
    seen = everything(feed, reach=Scope(parties=frozenset((12,))))
    assert types(seen) == ["posting.v1", "posting.v1", "contract.open.v1"]
    assert all(event.parties == (12,) for event in seen)
    last = seen[1].data
    assert last["debit"]["balance"] == "99.00"
    assert set(last["credit"]) == {"account"}
    assert everything(feed, reach=Scope(parties=frozenset((99,)))) == []
    assert everything(feed, reach=Scope(parties=frozenset())) == []


def test_who_is_limited_to_a_branch_sees_what_is_kept_there(branch: Branch, feed: Feed) -> None:
    open_for(branch, "12", branch=7)
    open_for(branch, "34", branch=8)
    seen = everything(feed, reach=Scope(branches=frozenset((7,))))
    assert [event.parties for event in seen] == [(12,), (12,)]


def test_holds_have_their_own_types(branch: Branch, feed: Feed) -> None:
    done = open_for(branch, "12")
    held = branch.ledger.hold(debit=done.account, credit=branch.till, amount_minor=10_00)
    from yinhe.ledger.batch import Flag

    branch.ledger.transfer(debit=done.account, credit=branch.till, amount_minor=0, flags=Flag.VOID, reference=held.seq)
    events = everything(feed, types=("hold",))
    assert types(events) == ["hold.placed.v1", "hold.released.v1"]
    assert events[1].data["hold"] == held.seq


def test_nothing_is_lost_and_nothing_twice_while_others_write(branch: Branch, feed: Feed) -> None:
    done = open_for(branch, "12", 1_000_000_00)
    finished = threading.Event()

    def write_postings() -> None:
        for _ in range(150):
            branch.clock.advance(1)
            branch.ledger.transfer(debit=done.account, credit=branch.till, amount_minor=1)

    def write_acts() -> None:
        for number in range(150):
            branch.clock.advance(1)
            note(branch, Record(action="party.open", author=TELLER, object=f"party/{number}"))

    writers = [threading.Thread(target=work) for work in (write_postings, write_postings, write_acts, write_acts)]
    for writer in writers:
        writer.start()
    threading.Thread(target=lambda: [*(writer.join() for writer in writers), finished.set()]).start()
    read: list[Event] = []
    cursor, limit, is_last = BEGINNING, 0, False
    while not is_last:
        is_last, limit = finished.is_set(), limit % 7 + 1
        while True:
            page = feed.page(cursor, limit)
            read += page.events
            cursor = Cursor.read(page.next, feed.unit)
            assert isinstance(cursor, Cursor)
            if not page.more:
                break
    ids = [event.id for event in read]
    assert len(ids) == len(set(ids)) == 2 + 600
    # Each source in its own order, and the same set at once.
    for kind in ("posting", "act"):
        numbers = [int(one.split("-")[1]) for one in ids if one.startswith(kind)]
        assert numbers == sorted(numbers)
    assert {event.id for page in pages(feed) for event in page.events} == set(ids)


def test_who_waits_hears_of_a_commit_at_once_and_of_nothing_in_time(branch: Branch, feed: Feed) -> None:
    done = open_for(branch, "12")
    feed.start()
    cursor = feed.now()
    assert feed.wait(cursor, 0.05).events == ()
    told: list[Event] = []
    waiting = threading.Thread(target=lambda: told.extend(feed.wait(cursor, 30.0).events))
    waiting.start()
    branch.ledger.transfer(debit=done.account, credit=branch.till, amount_minor=1)
    waiting.join(20)
    assert types(told) == ["posting.v1"]
    stopped = threading.Thread(target=lambda: feed.wait(feed.now(), 60.0))
    stopped.start()
    feed.stop()
    stopped.join(5)
    assert not stopped.is_alive()
