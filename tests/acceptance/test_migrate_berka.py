"""A real bank's books are taken over through the command line: every row, once, whatever interrupts it."""

import contextlib
import csv
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import psycopg
import pytest
from psycopg import sql

from yinhe.ledger.ledger import Ledger
from yinhe.migration.berka.files import read_book
from yinhe.migration.berka.plan import MigrationPlan, plan_migration
from yinhe.migration.berka.post import BookAccounts, steps_of
from yinhe.migration.berka.records import Book
from yinhe.migration.berka.verify import Verdict, verify_book
from yinhe.storage.connection import unit_schema

pytestmark = pytest.mark.slow

ROWS, EXACT, ROUNDED, ACCOUNTS, DAYS = 46_997, 44_966, 2_031, 4_500, 454


def test_every_row_arrives_and_the_books_balance(migrated) -> None:
    answer = dict(migrated.answer)
    assert answer.pop("seconds") > 0
    assert answer == {
        "rows": ROWS,
        "exact": EXACT,
        "rounded": ROUNDED,
        "unexplained": 0,
        "trial_balance": 0,
        "accounts": ACCOUNTS,
    }
    assert type(answer["trial_balance"]) is int


def test_the_report_has_each_row_of_the_source_with_the_ledgers_balance_beside_the_sources(migrated, berka) -> None:
    source = [line.replace('"', "").split(";") for line in (berka / "trans.asc").read_text("ascii").splitlines()[1:]]
    with migrated.report.open(encoding="utf-8") as report:
        lines = list(csv.DictReader(report))
    assert len(lines) == ROWS

    def minor(text: str) -> int:
        return int(text.replace(".", ""))

    seen = Counter()
    for row, line in zip(source, lines, strict=True):
        year, month, day = row[2][:2], row[2][2:4], row[2][4:]
        assert [line["trans_id"], line["account"], line["date"]] == [row[0], row[1], f"19{year}-{month}-{day}"]
        assert [minor(line["amount"]), minor(line["balance"])] == [minor(row[5]), minor(row[6])]
        off = minor(line["posted_balance"]) - minor(line["balance"])
        assert (line["class"], abs(off)) in {("exact", 0), ("rounded", 10)}
        seen[line["class"]] += 1
    assert seen == {"exact": EXACT, "rounded": ROUNDED}


def test_every_row_is_booked_on_its_own_business_date(bank, migrated, berka) -> None:
    """Counted by day from the source's text; a rounding stands on the day of its transaction."""
    text = (berka / "trans.asc").read_text("ascii").splitlines()[1:]
    days = Counter(f"19{d[:2]}-{d[2:4]}-{d[4:]}" for d in (line.split(";")[2] for line in text))
    query = sql.SQL(
        "SELECT business_date::text, value_date::text, count(*) FROM {}.journal_entry WHERE code <> 901 GROUP BY 1, 2"
    )
    with bank.connect() as session:
        session.execute(search_path(migrated.unit))
        found = session.execute(query.format(schema(migrated.unit))).fetchall()
    assert {(business, value) for business, value, _ in found} == {(day, day) for day in days}
    assert {business: count for business, _, count in found} == days


def test_another_banks_numbers_and_holders_are_kept(bank, migrated) -> None:
    with bank.connect() as session:
        aliases = session.execute(sql.SQL("SELECT count(*) FROM {}.account_alias").format(schema(migrated.unit)))
        assert aliases.fetchone() == (ACCOUNTS,)
        holders = sql.SQL("SELECT role, count(*) FROM {}.account_holder GROUP BY role").format(schema(migrated.unit))
        assert dict(session.execute(holders).fetchall()) == {"owner": ACCOUNTS, "disponent": 869}
    answer = bank.run("statement", "berka:576", "--unit", migrated.unit, "--limit", 1, "--json").answer
    assert answer["account"]["aliases"] == ["berka:576"]
    assert answer["account"]["branch"] == 55
    assert answer["account"]["holders"] == ["owner berka:692", "disponent berka:693"]
    assert len(answer["page"]["entries"]) == 1


def test_a_second_run_posts_nothing_and_finds_the_same(bank, migrated, berka) -> None:
    before = bank.seq(migrated.unit)
    again = bank.run("migrate", "berka", berka, "--unit", migrated.unit, "--json").answer
    assert bank.seq(migrated.unit) == before
    assert again | {"seconds": 0} == migrated.answer | {"seconds": 0}


def test_interrupted_and_killed_in_the_middle_it_goes_on_and_the_books_are_the_same(
    bank, migrated, berka, units: Iterator[int]
) -> None:
    unit = next(units)
    command = ("migrate", "berka", berka, "--unit", unit, "--json")

    code, err = stop_at_step(bank, unit, bank.start(*command), 20, signal.SIGINT)
    assert (code, err) == (130, "yinhe: interrupted\n")
    stopped_at = step_of(bank, unit)

    code, _ = stop_at_step(bank, unit, bank.start(*command), stopped_at + 100, signal.SIGKILL)
    assert code == -signal.SIGKILL
    assert stopped_at < step_of(bank, unit) < DAYS

    wait_until_free(bank, unit)
    finished = bank.run(*command).answer
    assert finished | {"seconds": 0} == migrated.answer | {"seconds": 0}
    assert step_of(bank, unit) == DAYS
    same_books(bank, migrated.unit, unit)


def test_while_it_runs_another_run_is_refused_by_name_and_status_says_who_is_there(bank, migrated, berka) -> None:
    with Ledger.open(bank.home, unit=migrated.unit):
        refused = bank.run("migrate", "berka", berka, "--unit", migrated.unit)
        assert refused.code == 1
        assert "is served by another engine: yinhe engine of" in one_line(refused.err)
        assert bank.run("status", "--unit", migrated.unit, "--json").answer["holder"]["engine"].startswith("yinhe")
        assert bank.run("statement", 1, "--unit", migrated.unit).code == 0
        assert bank.run("trial-balance", "--unit", migrated.unit).code == 0
    assert bank.run("status", "--unit", migrated.unit, "--json").answer["holder"] is None


def changed_byte(data: bytes) -> bytes:
    """The second `0` of line 3's amount becomes a letter."""
    return data.replace(b';"VKLAD";900.00;900.00', b';"VKLAD";9x0.00;900.00', 1)


def wrong_total(data: bytes) -> bytes:
    return data.replace(b';"VKLAD";900.00;900.00', b';"VKLAD";900.00;901.00', 1)


def cut_off(data: bytes) -> bytes:
    return data[:-5]


@pytest.mark.parametrize(
    ("file", "change", "says"),
    [
        ("trans.asc", changed_byte, "trans.asc:3: amount: found '9x0.00', expected a number from 0"),
        ("trans.asc", wrong_total, "trans.asc:3: balance: found 901.00, expected 900.00 to within"),
        ("trans.asc", cut_off, "trans.asc:46998: found "),
        ("loan.asc", None, "loan.asc: found no such file, expected the file loan.asc beside the others"),
        ("disp.asc", lambda data: data.replace(b'"OWNER"', b'"DISPONENT"', 1), "account.asc:1722: account_id: found 0"),
    ],
)
def test_an_unsound_book_is_refused_with_file_and_line_and_nothing_is_loaded(
    bank, migrated, changed_book, file: str, change: Callable[[bytes], bytes] | None, says: str
) -> None:
    before = bank.seq(migrated.unit)
    directory = changed_book(file, change)
    refused = bank.run("migrate", "berka", directory, "--unit", migrated.unit)
    assert refused.code == 1
    assert refused.out == ""
    *findings, last = refused.err.splitlines()
    assert any(finding.startswith(says) for finding in findings), refused.err
    assert "is refused" in last
    assert last.endswith("nothing was loaded.")
    assert bank.seq(migrated.unit) == before


def test_a_refused_book_does_not_even_open_the_unit(bank, changed_book, units: Iterator[int]) -> None:
    unit = next(units)
    refused = bank.run("migrate", "berka", changed_book("trans.asc", changed_byte), "--unit", unit, "--json")
    answer = msgspec.json.decode(refused.out)
    assert refused.code == 1
    assert answer["total"] == len(answer["findings"]) == 1
    assert answer["findings"][0] | {"expected": ""} == {
        "file": "trans.asc",
        "line": 3,
        "column": "amount",
        "found": "'9x0.00'",
        "expected": "",
    }
    assert f"There is no unit {unit}" in bank.run("status", "--unit", unit).err


def test_another_version_of_the_book_is_not_mixed_in(bank, migrated, changed_book) -> None:
    """One more transaction at the end: sound in itself, but not the book that was begun."""
    page = bank.run("statement", "berka:576", "--unit", migrated.unit, "--limit", 1, "--json").answer["page"]
    after = page["entries"][0]["balance_minor"] + 100_00
    line = f'9999999;576;940330;"PRIJEM";"VKLAD";100.00;{after // 100}.{after % 100:02};"";;\r\n'.encode()
    before = bank.seq(migrated.unit)
    refused = bank.run("migrate", "berka", changed_book("trans.asc", lambda data: data + line), "--unit", migrated.unit)
    assert refused.code == 1
    assert "holds another version of this book" in one_line(refused.err)
    assert bank.seq(migrated.unit) == before


def test_a_unit_with_business_of_its_own_or_opened_too_late_is_refused(bank, berka, unit: int) -> None:
    late = bank.run("migrate", "berka", berka, "--unit", unit)
    assert late.code == 1
    assert "was opened on 2026-01-05, after the book's first day 1993-01-01" in one_line(late.err)
    with Ledger.open(bank.home, unit=unit) as ledger:
        ledger.roll_date(ledger.business_date + 1)
    busy = bank.run("migrate", "berka", berka, "--unit", unit)
    assert busy.code == 1
    assert "has business of its own, up to seq 1" in one_line(busy.err)
    assert bank.seq(unit) == 1


@pytest.fixture(scope="module")
def book(berka: Path) -> Book:
    found = read_book(berka)
    assert isinstance(found, Book)
    return found


@pytest.fixture(scope="module")
def plan(book: Book) -> MigrationPlan:
    found = plan_migration(book)
    assert isinstance(found, MigrationPlan)
    return found


def test_a_row_the_ledger_holds_otherwise_is_unexplained(bank, migrated, book: Book, plan: MigrationPlan) -> None:
    """The check is asked about a source that says otherwise than what was posted, in four ways."""
    balances = book.transactions.balance_minor.copy()
    balances[5] += 1
    rows = plan.rows
    amounts, contras, ids = rows.amount_minor.copy(), rows.contra.copy(), rows.id_lo.copy()
    amounts[10] += 1
    contras[20] = 601101 if contras[20] != 601101 else 100101
    ids[30] ^= np.uint64(1)
    otherwise = replace(plan, rows=replace(rows, amount_minor=amounts, contra=contras, id_lo=ids))
    told = replace(book, transactions=replace(book.transactions, balance_minor=balances))
    wrong = {int(book.transactions.trans_id[5]), *(int(rows.trans_id[place]) for place in (10, 20, 30))}
    assert len(wrong) == 4
    with Ledger.open(bank.home, unit=migrated.unit) as ledger:
        contra = np.unique(rows.contra)
        accounts = BookAccounts(1, np.array(sorted(a.account_id for a in book.accounts)), contra)
        found = verify_book(ledger, told, otherwise, accounts, lambda *_: None)
        sound = verify_book(ledger, book, plan, accounts, lambda *_: None)
    assert set(book.transactions.trans_id[found.verdict == Verdict.UNEXPLAINED].tolist()) == wrong
    assert sound.count(Verdict.UNEXPLAINED) == 0


def test_steps_cover_the_plan_in_order_and_never_span_two_dates(plan: MigrationPlan) -> None:
    steps = list(steps_of(plan.rows))
    assert [step.number for step in steps] == list(range(1, DAYS + 1))
    assert [steps[0].start, *(step.end for step in steps)] == [*(step.start for step in steps), len(plan.rows.trans_id)]
    for step in steps:
        assert (plan.rows.business_date[step.start : step.end] == step.business_date).all()


def one_line(text: str) -> str:
    assert text.count("\n") == 1, text
    assert text.startswith("yinhe: ")
    return text


def schema(unit: int) -> sql.Identifier:
    return sql.Identifier(unit_schema(unit))


def search_path(unit: int) -> sql.Composed:
    return sql.SQL("SET search_path = {}").format(schema(unit))


def step_of(bank, unit: int) -> int:
    """Steps done, 0 before the unit has its tables."""
    with bank.connect() as session:
        try:
            query = sql.SQL("SELECT step FROM {}.checkpoint WHERE job = 'berka'").format(schema(unit))
            found = session.execute(query).fetchone()
        except psycopg.errors.UndefinedTable:
            return 0
        return found[0] if found else 0


def stop_at_step(bank, unit: int, running: subprocess.Popen[str], step: int, with_signal: signal.Signals):
    """Send a signal once that many steps are done; the exit code, and what was said on stderr.

    The step is read under a lock that the next step has to wait for, so that the fastest of machines is not done first.
    """
    lock = sql.SQL("LOCK TABLE {}.checkpoint IN SHARE ROW EXCLUSIVE MODE").format(schema(unit))
    with bank.connect() as session:
        done = 0
        while done < step:
            assert running.poll() is None, running.communicate()
            time.sleep(0.001)
            missing = psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName
            with contextlib.suppress(*missing), session.transaction():
                session.execute(lock)
                done = step_of(bank, unit)
                if done >= step:
                    running.send_signal(with_signal)
    _, err = running.communicate(timeout=60)
    return running.returncode, err


def wait_until_free(bank, unit: int) -> None:
    """A killed engine's session ends, and its lock with it, as soon as the server notices."""
    for _ in range(100):
        if bank.run("status", "--unit", unit, "--json").answer["holder"] is None:
            return
        time.sleep(0.1)
    raise AssertionError("the lock of a killed engine is still held")


def same_books(bank, one: int, other: int) -> None:
    """Everything but the times of booking is the same in two units."""
    journal = "seq, txn_id, leg, debit, credit, amount, debit_balance, credit_balance, code, business_date, value_date"
    tables = {
        "journal_entry": journal,
        "account": "*",
        "account_alias": "*",
        "account_holder": "*",
        "unit": "business_date",
    }
    for table, columns in tables.items():
        query = sql.SQL("SELECT {columns} FROM {one}.{table} EXCEPT ALL SELECT {columns} FROM {other}.{table}")
        for first, second in ((one, other), (other, one)):
            given = {"columns": sql.SQL(columns), "table": sql.Identifier(table)}
            with bank.connect() as session:
                found = session.execute(query.format(one=schema(first), other=schema(second), **given)).fetchall()
            assert found == [], table
