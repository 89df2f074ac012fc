"""Refusals in the log: in groups, none unnoticed, whatever the database does meanwhile."""

import psycopg
import pytest

from yinhe.audit.desk import Desk
from yinhe.audit.record import ActorKind, Author, Record
from yinhe.kernel.clock import ManualClock
from yinhe.kernel.ids import IdSource
from yinhe.kernel.refusals import Refusal
from yinhe.transact import announce
from yinhe.transact.announce import Announcer, Refused
from yinhe.transact.commands import Transfer
from yinhe.transact.refusals import DayRefusal


class Shelf(Desk):
    """A desk that keeps what it is given, or fails."""

    def __init__(self) -> None:
        self.groups: list[tuple[Record, ...]] = []
        self.broken = False

    def note(self, *records: Record) -> None:
        if self.broken:
            raise psycopg.OperationalError("the database is away")
        self.groups.append(records)


IDS = IdSource(ManualClock(1_767_600_000_000_000), 7)


def refused(count: int) -> list[Refused]:
    refusal, author = Refusal(DayRefusal.DORMANT), Author(kind=ActorKind.USER, name="teller-7")
    return [
        Refused(Transfer(id=IDS.next(), debit=1, credit=2, amount_minor=3, currency=156), author, refusal)
        for _ in range(count)
    ]


@pytest.fixture
def slow() -> Announcer:
    """Its thread writes nothing by itself within a test."""
    return Announcer(Shelf(), pause_seconds=3_600)


def test_many_refusals_are_few_transactions(slow: Announcer) -> None:
    slow.put(refused(1_200))
    assert slow.flush() == 1_200
    assert [len(group) for group in slow._desk.groups] == [500, 500, 200]


def test_of_too_many_the_number_is_on_record(slow: Announcer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announce, "WAITING_MAX", 3)
    slow.put(refused(2))
    slow.put(refused(5))
    assert slow.flush() == 4
    (group,) = slow._desk.groups
    assert (group[-1].why, group[-1].detail) == ("too_many_refusals", {"not_listed": 4})


def test_what_could_not_be_written_is_written_later_in_its_order(slow: Announcer) -> None:
    given = refused(3)
    slow._desk.broken = True
    slow.put(given)
    with pytest.raises(psycopg.OperationalError):
        slow.flush()
    slow._desk.broken = False
    slow.flush()
    assert [record.request_id for record in slow._desk.groups[0]] == [one.command.id for one in given]
