"""The log follows the journal, and its proof finds every falsehood: each case changes one thing by hand."""

import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest
from tests.conftest import UnitDatabase
from tests.postgres.ledger.conftest import CNY, START_US, ledger_at

from yinhe.audit.anchors import anchors, write_anchors
from yinhe.audit.follower import Follower
from yinhe.audit.log import append, head
from yinhe.audit.posted import POSTED, take_in_posted
from yinhe.audit.proof import LogLaw, LogReport, verify
from yinhe.audit.reading import Wanted, read_records
from yinhe.audit.record import BANK, PART_BYTES_MAX, ActorKind, Author, Record
from yinhe.kernel.clock import ManualClock
from yinhe.ledger.accounts import openings
from yinhe.ledger.batch import Transfer
from yinhe.ledger.columns import AMOUNT_MAX
from yinhe.ledger.ledger import Ledger
from yinhe.ledger.store import Detail
from yinhe.storage.connection import unit_schema
from yinhe.storage.sessions import Sessions

REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "invariants.md"
TELLER = Author(kind=ActorKind.USER, name="teller-7")


def note(session: psycopg.Connection, count: int, clock: ManualClock) -> None:
    with session.transaction():
        append(session, clock, [Record(action="party.open", author=TELLER, object="party/1", parties=(1,))] * count)


@pytest.fixture
def bank(empty_unit: UnitDatabase) -> Iterator[Ledger]:
    with ledger_at(empty_unit.url, empty_unit.unit, ManualClock(START_US)) as ledger:
        ledger.open_accounts(openings(2, currency=CNY, gl_code=2011, floor=-AMOUNT_MAX))
        yield ledger


def post(ledger: Ledger, count: int) -> None:
    """So many transactions of callers, and as many of nobody."""
    for _ in range(count):
        txn_id = ledger.ids.next()
        detail = Detail(txn_id, "user:teller-7", "counter", "rent", {"purpose": "RENT"})
        ledger.transfer(debit=1, credit=2, amount_minor=1, txn_id=txn_id, detail=detail)
        ledger.transfer(debit=2, credit=1, amount_minor=1)


@pytest.fixture(scope="module")
def kept(database_url: str, units: Iterator[int]) -> Iterator[psycopg.Connection]:
    """A log of two dates: three acts, two records of three transactions each, an act, an anchor.

    Whoever falsifies it rolls back.
    """
    clock, unit = ManualClock(START_US), next(units)
    fresh = UnitDatabase(database_url, unit, unit_schema(unit))
    with ledger_at(database_url, unit, clock) as ledger, fresh.connect() as session:
        ledger.open_accounts(openings(2, currency=CNY, gl_code=2011, floor=-AMOUNT_MAX))
        note(session, 3, clock)
        for _ in range(2):
            post(ledger, 3)
            assert take_in_posted(session, clock) == 3
        ledger.roll_date(ledger.business_date + 1)
        note(session, 1, clock)
        assert write_anchors(session, clock) == 1
        yield session


def broken(report: LogReport) -> dict[str, list[str]]:
    found = {entry.invariant: [finding.what for finding in entry.findings] for entry in report.checked}
    return {law: whats for law, whats in found.items() if whats}


def test_a_sound_log_is_proved_whole_and_from_any_record_on(kept: psycopg.Connection) -> None:
    report = verify(kept)
    assert report.sound
    assert report.last == 6
    assert {entry.invariant: entry.count for entry in report.checked} == {"L1": 6, "L2": 6, "L3": 1, "L4": 6}
    assert verify(kept, 4).sound


def test_transactions_are_taken_in_once_in_order_with_their_actors(kept: psycopg.Connection) -> None:
    taken = read_records(kept, Wanted(action=POSTED))
    named = [one for record in taken for one in record.told["detail"]["transactions"]]
    journal = [str(row[0]) for row in kept.execute("SELECT txn_id FROM transaction ORDER BY seq")]
    assert [txn_id for txn_id, _ in named] == journal
    assert {actor for _, actor in named} == {"user:teller-7"}
    assert take_in_posted(kept, ManualClock(START_US)) == 0
    assert read_records(kept, Wanted(action=POSTED)) == taken


def test_a_commit_of_more_than_a_record_holds_is_taken_in_whole(bank: Ledger, empty_unit: UnitDatabase) -> None:
    ids = [bank.ids.next() for _ in range(2_500)]
    transfers = [Transfer(txn_id=txn_id, debit=1, credit=2, amount_minor=1) for txn_id in ids]
    bank.post(transfers, tuple(Detail(txn_id, "client:" + "n" * 300) for txn_id in ids))
    with empty_unit.connect() as session:
        while take_in_posted(session, ManualClock(START_US)):
            pass
        records = read_records(session, Wanted(action=POSTED))
        assert sum(one.told["detail"]["count"] for one in records) == 2_500
        assert all(len(one.content) < PART_BYTES_MAX for one in records)
        assert verify(session).sound


FALSEHOODS = [
    ("one byte of what was done", "UPDATE audit_record SET content = replace(content, 'party/1', 'party/2') "
     "WHERE number = 2", {"L1": 2, "L2": 2}),
    ("a hash", "UPDATE audit_record SET hash = decode(repeat('ab', 32), 'hex') WHERE number = 2", {"L1": 2}),
    ("a record is gone", "DELETE FROM audit_record WHERE number = 2", {"L1": 3}),
    ("the last record is gone", "DELETE FROM audit_record WHERE number = 6", {"L1": 5}),
    ("the last is gone, and the head says so", "DELETE FROM audit_record WHERE number = 6; UPDATE audit_head SET "
     "number = 5, hash = decode(repeat('00', 32), 'hex')", {"L1": 5}),
    ("two are swapped", "UPDATE audit_record SET number = 20 WHERE number = 1; UPDATE audit_record SET number = 1 "
     "WHERE number = 2; UPDATE audit_record SET number = 2 WHERE number = 20", {"L1": 1, "L2": 1}),
    ("one is added", "INSERT INTO audit_record SELECT 7, at, business_date, action, object, actor, outcome, "
     "request_id, parties, content, hash FROM audit_record WHERE number = 6", {"L1": 7, "L2": 7}),
    ("the head", "UPDATE audit_head SET hash = decode(repeat('ab', 32), 'hex')", {"L1": 6}),
    ("an actor, where it is looked for", "UPDATE audit_record SET actor = 'user:x' WHERE number = 1", {"L2": 1}),
    ("a party, where it is looked for", "UPDATE audit_record SET parties = '{2}' WHERE number = 1", {"L2": 1}),
    ("a time, where it is looked for", "UPDATE audit_record SET at = at + interval '1 microsecond' WHERE number = 3",
     {"L2": 3}),
    ("an anchor", "UPDATE audit_anchor SET hash = decode(repeat('ab', 32), 'hex')", {"L3": 5}),
    ("an anchor of another record", "UPDATE audit_anchor SET number = 4", {"L3": 4}),
    ("an anchor of none", "UPDATE audit_anchor SET number = 9", {"L3": 9}),
    ("a narrative", "UPDATE transaction SET narrative = 'gift' WHERE seq = (SELECT max(seq) FROM transaction)",
     {"L4": 5}),
    ("a transaction is gone", "DELETE FROM transaction WHERE seq = (SELECT min(seq) FROM transaction)", {"L4": 4}),
    ("one is put in between", "INSERT INTO transaction SELECT gen_random_uuid(), seq + 1, actor, channel, narrative, "
     "detail FROM transaction WHERE seq = (SELECT min(seq) FROM transaction)", {"L4": 4}),
    ("the log says it took in more", "UPDATE audit_head SET posted_seq = posted_seq + 9; INSERT INTO transaction "
     "SELECT gen_random_uuid(), max(seq) + 1, '', '', '', '{}' FROM transaction", {"L4": 6}),
]  # fmt: skip


@pytest.mark.parametrize(("statements", "expected"), [pytest.param(*case[1:], id=case[0]) for case in FALSEHOODS])
def test_the_proof_names_the_law_and_the_record(
    kept: psycopg.Connection, statements: LiteralString, expected: dict[str, int]
) -> None:
    with kept.transaction(force_rollback=True):
        kept.execute("SET LOCAL session_replication_role = replica")
        kept.execute(statements)
        found = broken(verify(kept))
    firsts = {law: int(re.findall(r"record (\d+):", whats[0])[0]) for law, whats in found.items()}
    assert firsts == expected


def test_every_law_is_stated_and_has_a_falsehood() -> None:
    stated = re.findall(r"^\*\*(L\d+)\b", REFERENCE.read_text(encoding="utf-8"), re.MULTILINE)
    assert stated == [law.name for law in LogLaw]
    assert {law for case in FALSEHOODS for law in case[2]} == {law.name for law in LogLaw}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_record SET actor = 'x'",
        "DELETE FROM audit_record",
        "TRUNCATE audit_record",
        "UPDATE audit_anchor SET number = 1",
        "DELETE FROM audit_anchor",
    ],
)
def test_the_database_refuses_to_change_the_log(kept: psycopg.Connection, statement: LiteralString) -> None:
    with pytest.raises(psycopg.errors.RaiseException, match="never changed"):
        kept.execute(statement)


def test_who_follows_takes_in_what_comes_and_anchors_what_passes(bank: Ledger, empty_unit: UnitDatabase) -> None:
    clock = ManualClock(START_US)
    sessions = Sessions(empty_unit.url, empty_unit.schema, sessions_max=2)
    follower = Follower(sessions, clock, pause_seconds=0.01)
    post(bank, 2)
    follower.start()
    with empty_unit.connect() as session:
        wait_for(lambda: head(session).number >= 1)
        bank.roll_date(bank.business_date + 2)
        wait_for(lambda: len(anchors(session)) == 2)
        assert {anchor.number for anchor in anchors(session)} == {head(session).number}
        follower.stop()
        sessions.close()
        assert verify(session).sound


def wait_for(true: Callable[[], bool]) -> None:
    for _ in range(500):
        if true():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it never came")


def test_acts_written_side_by_side_stand_in_one_chain(bank: Ledger, empty_unit: UnitDatabase) -> None:
    def work(_: int) -> None:
        with empty_unit.connect() as session:
            for _ in range(10):
                note(session, 2, ManualClock(START_US))
                take_in_posted(session, ManualClock(START_US))

    with ThreadPoolExecutor(4) as pool:
        done = pool.map(work, range(4))
        post(bank, 20)
        assert list(done) == [None] * 4
    with empty_unit.connect() as session:
        while take_in_posted(session, ManualClock(START_US)):
            pass
        report = verify(session)
        assert report.sound
        assert report.last >= 81
        assert report.checked[3].count == 20


def test_what_is_too_long_is_kept_as_its_digest_and_nul_never_stops_the_log(
    bank: Ledger, empty_unit: UnitDatabase
) -> None:
    long = {"words": "长" * PART_BYTES_MAX}
    record = Record(action="a.b", author=BANK, object="x\0y\n" + "z" * 5_000, before=long, after={"nul": "\0"})
    with empty_unit.connect() as session:
        with session.transaction():
            append(session, ManualClock(START_US), [record])
        (kept_record,) = read_records(session)
        assert kept_record.told["before"]["bytes"] > PART_BYTES_MAX
        assert set(kept_record.told["before"]) == {"sha256", "bytes"}
        assert kept_record.told["after"] == {"nul": "\0"}
        assert len(kept_record.object) == 1_000
        assert "\n" not in kept_record.content
        assert verify(session).sound
