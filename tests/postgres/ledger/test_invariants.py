"""Each invariant can fail: the books are falsified by hand, and the check names what was done to them.

Where one falsehood breaks several invariants by logic (a sum is wrong because a balance is), all are named.
"""

import os
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import LiteralString

import numpy as np
import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo
from tests.conftest import UnitDatabase
from tests.postgres.ledger.conftest import (
    CNY,
    START_US,
    Examine,
    OpenLedger,
    fill,
    ledger_at,
    post_all,
    random_transactions,
    wait_sealed,
    wait_until,
)

from yinhe.kernel.clock import ManualClock
from yinhe.ledger.accounts import openings
from yinhe.ledger.errors import UnitUnknown
from yinhe.ledger.invariants import FINDINGS_MAX, CheckReport, Invariant, check
from yinhe.ledger.ledger import Ledger
from yinhe.storage.connection import Database, unit_schema

REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "invariants.md"

Falsify = Callable[[LiteralString], CheckReport]


def broken(report: CheckReport) -> set[str]:
    return {entry.invariant for entry in report.checked if entry.contradictions}


@pytest.fixture(scope="module")
def sound_books(server_url: str) -> Iterator[str]:
    """The name of a database whose unit 1 holds the busy books, closed and sound, with its last segment unsealed."""
    # Of this process alone: the workers of a run share one server.
    name = f"yinhe_test_books_{os.getpid()}"
    with psycopg.connect(server_url, autocommit=True) as session:
        session.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(sql.Identifier(name)))
        url = make_conninfo(server_url, dbname=name)
        with ledger_at(url, 1, ManualClock(START_US)) as ledger:
            fill(ledger)
            wait_sealed(ledger, (ledger.committed_seq) // 100)
        yield name
        session.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def falsify(server_url: str, sound_books: str) -> Iterator[Falsify]:
    """Runs SQL on a copy of the books, and checks it."""
    name = f"yinhe_test_falsified_{os.getpid()}"
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(sound_books))
        )
        database = Database(make_conninfo(server_url, dbname=name), None)

        def run(statements: LiteralString) -> CheckReport:
            with database.connect(application_name="falsifier", schema=unit_schema(1)) as session:
                session.execute(statements)
            return check(database, 1, lambda done, total: None)

        yield run
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


FALSEHOODS = [
    pytest.param(
        {"I1", "I3"},
        "UPDATE journal SET debit_balance = debit_balance + 1 WHERE seq = (SELECT max(seq) FROM journal)",
        id="a last balance is one fen too high",
    ),
    pytest.param({"I2"}, "DELETE FROM journal_batch WHERE last_seq = 1", id="the first commit is missing"),
    pytest.param(
        {"I2"},
        "DELETE FROM journal_batch WHERE last_seq = (SELECT max(last_seq) FROM journal_batch WHERE last_seq < 700)",
        id="a commit in the middle is missing",
    ),
    pytest.param(
        {"I2"},
        "DELETE FROM journal_batch WHERE last_seq = (SELECT max(last_seq) FROM journal_batch)",
        id="the last commit is missing under its rows",
    ),
    pytest.param(
        {"I3"}, "UPDATE journal SET credit_balance = credit_balance + 1 WHERE seq = 50", id="a balance does not chain"
    ),
    pytest.param(
        {"I3", "I4"},
        "UPDATE journal SET amount = amount + 1 WHERE seq = 50",
        id="an amount is changed after the fact",
    ),
    pytest.param({"I4"}, "UPDATE balance_page SET balance[3] = balance[3] + 1", id="a balance as written is wrong"),
    pytest.param({"I4"}, "UPDATE balance_page SET held[3] = held[3] + 1", id="money held as written is wrong"),
    pytest.param({"I4"}, "UPDATE balance_page SET turnover[3] = turnover[3] + 1", id="a turnover as written is wrong"),
    pytest.param({"I4"}, "UPDATE balance_page SET turnover_date[3] = '2026-01-01'", id="a turnover's date is wrong"),
    pytest.param({"I4"}, "UPDATE balance_page SET last_seq[3] = last_seq[3] - 1", id="an account's last row is wrong"),
    pytest.param({"I4"}, "UPDATE balance_page SET as_of_seq = 1000000", id="balances claim to be true in the future"),
    pytest.param({"I4"}, "DELETE FROM balance_page", id="balances are missing below the pass"),
    pytest.param(
        {"I5"},
        "UPDATE journal SET reference = 1 WHERE seq = (SELECT reference FROM journal WHERE flags & 8 <> 0)",
        id="a hold is released by hand after its expiry",
    ),
    pytest.param(
        {"I5"}, "UPDATE journal SET flags = flags | 16 WHERE flags & 8 <> 0", id="a hold expires before its time"
    ),
    pytest.param(
        {"I5", "I6"}, "UPDATE journal SET reference = 77 WHERE flags & 8 <> 0", id="a release names a hold that is none"
    ),
    pytest.param(
        {"I4", "I5"},
        "UPDATE journal SET amount = amount + 1 WHERE flags & 8 <> 0",
        id="a release takes more than the hold has",
    ),
    pytest.param({"I6"}, "DELETE FROM hold WHERE seq = (SELECT min(seq) FROM hold)", id="an open hold is missing"),
    pytest.param({"I6"}, "UPDATE hold SET remaining = remaining + 1", id="a hold as written is too large"),
    pytest.param({"I6"}, "UPDATE hold SET placed_on = placed_on + 1", id="a hold was placed on another day"),
    pytest.param(
        {"I6"},
        "INSERT INTO hold SELECT 9999, debit, credit, remaining, 0, placed_on FROM hold LIMIT 1",
        id="a hold too many",
    ),
    pytest.param(
        {"I7"},
        "UPDATE journal SET flags = 1 WHERE seq = (SELECT max(seq) FROM journal WHERE leg = 0 AND flags = 0)",
        id="a transaction lacks its last leg",
    ),
    pytest.param(
        {"I7"},
        "UPDATE journal SET leg = leg + 1 WHERE seq = (SELECT max(seq) FROM journal WHERE leg = 0 AND flags = 0)",
        id="a transaction begins with its second leg",
    ),
    pytest.param(
        {"I7"},
        "WITH cut AS (SELECT max(seq) AS seq FROM journal WHERE leg = 0 AND flags = 1 AND seq < 500), "
        "whole AS (SELECT * FROM journal_batch WHERE last_seq >= (SELECT seq FROM cut) ORDER BY last_seq LIMIT 1), "
        "later AS (UPDATE journal_batch SET first_seq = cut.seq + 1 FROM cut, whole "
        "          WHERE journal_batch.last_seq = whole.last_seq) "
        "INSERT INTO journal_batch "
        "SELECT cut.seq, whole.first_seq, whole.booked_at, whole.business_date FROM cut, whole",
        id="a transaction is scattered over two commits",
    ),
    pytest.param(
        {"I8"},
        "UPDATE journal SET txn_id = (SELECT txn_id FROM journal WHERE leg = 0 AND flags = 0 AND seq < 300 LIMIT 1) "
        "WHERE seq = (SELECT max(seq) FROM journal WHERE leg = 0 AND flags = 0)",
        id="a transaction is posted again in a later segment",
    ),
    pytest.param(
        {"I8"},
        "UPDATE journal SET txn_id = (SELECT txn_id FROM journal ORDER BY seq DESC OFFSET 1 LIMIT 1) "
        "WHERE seq = (SELECT max(seq) FROM journal)",
        id="a transaction is posted again in the same segment",
    ),
    pytest.param(
        {"I9"},
        "UPDATE journal SET amount = -5 WHERE flags & 8 <> 0 "
        "OR seq = (SELECT reference FROM journal WHERE flags & 8 <> 0)",
        id="a hold of less than nothing",
    ),
    pytest.param(
        {"I1", "I9", "I14"}, "UPDATE account_page SET currency[11] = 156", id="yuan are posted against dollars"
    ),
    pytest.param(
        {"I3", "I4", "I9"}, "UPDATE journal SET debit = 5, credit = 5 WHERE seq = 50", id="an account pays itself"
    ),
    pytest.param(
        {"I3", "I4", "I9"}, "UPDATE journal SET debit = 13 WHERE seq = 50", id="an account that does not exist pays"
    ),
    pytest.param(
        {"I10"},
        "UPDATE account_event SET first_account = 3 WHERE kind = 'flags'; "
        "UPDATE account_page SET flags[4] = flags[9], flags[9] = 1",
        id="a blocked account pays",
    ),
    pytest.param(
        {"I10"},
        """UPDATE account_event SET body = '{"before": 1, "flags": 2}' WHERE kind = 'flags';
           UPDATE account_event SET first_account = 3 WHERE kind = 'flags';
           UPDATE account_page SET flags[4] = 2, flags[9] = 1""",
        id="a closed account pays",
    ),
    pytest.param(
        {"I11"},
        """UPDATE account_event SET body = body || '{"floor": 600000}'
           WHERE seq = (SELECT max(seq) FROM account_event);
           UPDATE account_page SET floor[2] = 600000""",
        id="an account pays below its floor",
    ),
    pytest.param(
        {"I11"},
        """UPDATE account_event SET body = body || '{"ceiling": -600000}'
           WHERE seq = (SELECT max(seq) FROM account_event);
           UPDATE account_page SET ceiling[2] = -600000""",
        id="an account receives above its ceiling",
    ),
    pytest.param(
        {"I11"},
        """UPDATE account_event SET body = body || '{"limit_daily": 1}'
           WHERE seq = (SELECT max(seq) FROM account_event);
           UPDATE account_page SET limit_daily[2] = 1""",
        id="an account pays more than its daily limit",
    ),
    pytest.param(
        {"I12"},
        "UPDATE journal_batch SET booked_at = booked_at - interval '1 hour' "
        "WHERE last_seq = (SELECT max(last_seq) FROM journal_batch)",
        id="a commit is booked before the one before it",
    ),
    pytest.param(
        {"I12"},
        "UPDATE journal_batch SET business_date = business_date + 1 "
        "WHERE last_seq = (SELECT max(seq) FROM account_event)",
        id="the business date goes forth and back without a roll",
    ),
    pytest.param({"I12"}, "UPDATE unit SET business_date = business_date + 1", id="the unit stands at another date"),
    pytest.param(
        {"I12"}, "UPDATE journal SET value_date = value_date + 1 WHERE seq = 50", id="a value date no one asked for"
    ),
    pytest.param({"I13"}, "DROP INDEX journal_2_debit_seq_idx", id="a sealed segment lacks an index"),
    pytest.param({"I13"}, "DROP INDEX journal_2_txn_id_leg_idx", id="a sealed segment may hold a leg twice"),
    pytest.param(
        {"I13"}, "UPDATE segment SET id_last = id_first WHERE segment = 2", id="a segment's ids are not its own"
    ),
    pytest.param({"I13"}, "UPDATE segment SET end_seq = 250 WHERE segment = 2", id="two segments leave a gap"),
    pytest.param({"I13"}, "DELETE FROM segment WHERE segment = 2", id="a segment is missing in the list"),
    pytest.param(
        {"I13"},
        "UPDATE segment SET sealed_at = now() WHERE segment = (SELECT max(segment) FROM segment)",
        id="a segment is called sealed before it is full",
    ),
    pytest.param({"I14"}, "UPDATE account_page SET floor[5] = floor[5] - 1", id="a floor no event has set"),
    pytest.param(
        {"I14"}, "UPDATE account_page SET gl_code[5] = 9999", id="an account stands under another general-ledger code"
    ),
    pytest.param({"I14"}, "UPDATE account_page SET flags[5] = 5", id="a block no event has set"),
    pytest.param({"I14"}, "UPDATE account_page SET opened_seq[5] = 2", id="an account opened at another time"),
    pytest.param(
        {"I14"},
        """UPDATE account_event SET body = body || '{"before": 9}' WHERE kind = 'flags'""",
        id="an event that changes what was not there",
    ),
    pytest.param({"I15"}, "UPDATE checkpoint SET seq = seq - 1", id="a checkpoint without its postings"),
    pytest.param({"I15"}, "UPDATE transaction SET seq = 77", id="a detail of no commit"),
]


@pytest.mark.parametrize(("expected", "statements"), FALSEHOODS)
def test_a_falsehood_is_found(falsify: Falsify, expected: set[str], statements: LiteralString) -> None:
    report = falsify(statements)
    assert broken(report) == expected, [finding for entry in report.checked for finding in entry.findings]


def test_every_invariant_is_seen_to_fail() -> None:
    assert {name for case in FALSEHOODS for name in case.values[0]} == {invariant.name for invariant in Invariant}


def test_books_that_nobody_falsified_are_sound(falsify: Falsify) -> None:
    report = falsify("SELECT 1")
    assert report.sound
    assert not broken(report)
    counts = {entry.invariant: entry.count for entry in report.checked}
    assert min(counts.values()) > 0
    assert counts["I1"] == 2
    assert counts["I4"] == counts["I14"] == 12
    assert counts["I2"] == report.last_seq
    assert counts["I3"] == report.last_seq - 6


def test_ids_of_which_many_share_a_half_are_told_apart(falsify: Falsify) -> None:
    """As those of a night's postings for one contract do, night after night."""
    shared = (
        "WITH late AS (SELECT seq, row_number() OVER (ORDER BY seq DESC) AS n FROM journal "
        "              WHERE leg = 0 AND flags = 0 ORDER BY seq DESC LIMIT 20) "
        "UPDATE journal SET txn_id = ('00000000-00' || lpad(n::text, 2, '0') || '-7000-8000-000000000001')::uuid "
        "FROM late WHERE late.seq = journal.seq"
    )
    assert falsify(shared).sound
    twice = falsify(
        "UPDATE journal SET txn_id = '00000000-0007-7000-8000-000000000001' "
        "WHERE txn_id = '00000000-0009-7000-8000-000000000001'"
    )
    assert broken(twice) == {"I8"}
    (finding,) = next(entry.findings for entry in twice.checked if entry.invariant == "I8")
    assert "00000000-0007-7000-8000-000000000001" in finding.what


def test_a_finding_says_where_and_what(falsify: Falsify) -> None:
    report = falsify("UPDATE balance_page SET balance[3] = balance[3] + 1")
    (finding,) = next(entry.findings for entry in report.checked if entry.invariant == "I4")
    assert finding.account == 2
    assert int(finding.found) == int(finding.expected) + 1
    assert "balance" in finding.what


def test_many_contradictions_are_counted_and_few_are_shown(falsify: Falsify) -> None:
    report = falsify("UPDATE journal SET value_date = value_date + 1")
    dates = next(entry for entry in report.checked if entry.invariant == "I12")
    assert dates.contradictions == report.last_seq - 6
    assert 0 < len(dates.findings) <= FINDINGS_MAX


def test_a_unit_without_postings_is_sound(open_ledger: OpenLedger, examine: Examine) -> None:
    open_ledger()
    assert examine().sound


def test_a_unit_that_is_not_there_is_refused(database: UnitDatabase) -> None:
    with pytest.raises(UnitUnknown):
        check(Database(database.url, None), database.unit, lambda done, total: None)


def test_an_auditor_who_may_only_read_can_check(busy: Ledger, empty_unit: UnitDatabase) -> None:
    role = sql.Identifier("yinhe_test_auditor")
    with empty_unit.connect() as session:
        session.execute(sql.SQL("CREATE ROLE {}").format(role))
        session.execute(sql.SQL("GRANT pg_read_all_data TO {}").format(role))
        try:
            database = Database(make_conninfo(empty_unit.url, options="-c role=yinhe_test_auditor"), None)
            with (
                database.connect(application_name="auditor", schema=empty_unit.schema) as auditor,
                pytest.raises(psycopg.errors.InsufficientPrivilege),
            ):
                auditor.execute("UPDATE unit SET business_date = business_date")
            assert check(database, empty_unit.unit, lambda done, total: None).sound
        finally:
            session.execute(sql.SQL("DROP OWNED BY {}; DROP ROLE {}").format(role, role))


def test_the_books_are_sound_at_any_moment_while_an_engine_posts(open_ledger: OpenLedger, examine: Examine) -> None:
    ledger = open_ledger(pass_seconds=0.01)
    people = ledger.open_accounts(openings(8, currency=CNY, gl_code=2011, floor=-10_000_00))
    done = threading.Event()

    def work() -> None:
        random = np.random.default_rng(1)
        while not done.is_set():
            post_all(ledger, random_transactions(ledger.ids, people, 20, random))
            ledger.hold(debit=people[0], credit=people[1], amount_minor=1)

    poster = threading.Thread(target=work)
    poster.start()
    try:
        seqs: list[int] = []
        while len(seqs) < 8:
            wait_until(lambda: ledger.committed_seq > max(seqs, default=50))
            report = examine()
            assert not broken(report), report
            seqs.append(report.last_seq)
    finally:
        done.set()
        poster.join()
    assert seqs == sorted(set(seqs))


def test_progress_goes_up_to_the_last_seq(busy: Ledger, empty_unit: UnitDatabase) -> None:
    told: list[tuple[int, int]] = []
    report = check(Database(empty_unit.url, None), empty_unit.unit, lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    assert told[-1] == (report.last_seq, report.last_seq)


def test_the_reference_page_states_every_invariant() -> None:
    stated = re.findall(r"^\*\*(I\d+)\b", REFERENCE.read_text(encoding="utf-8"), re.MULTILINE)
    assert stated == [invariant.name for invariant in Invariant]
