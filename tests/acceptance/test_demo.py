"""`yinhe demo`: its figures are the journal's, its books balance, and the same seed makes the same money."""

import json
import shutil
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from psycopg import sql
from psycopg.rows import namedtuple_row

from yinhe.cli.app import run
from yinhe.kernel.decimals import format_scaled
from yinhe.ledger.outcomes import REASONS, Outcome
from yinhe.storage.connection import unit_schema

pytestmark = pytest.mark.xdist_group("demo")

SMALL = ("demo", "--accounts", 2_000, "--days", 2)
MEASURED = ("unit", "seconds", "speed", "statements", "checked")


@dataclass(frozen=True)
class Answered:
    """What a command answered."""

    code: int
    out: str
    err: str


@pytest.fixture
def in_process(capsys) -> Callable[..., Answered]:
    """Runs the program's own entry without starting another process."""

    def answer(*arguments: object) -> Answered:
        code = run([str(argument) for argument in arguments])
        return Answered(code, *capsys.readouterr())

    return answer


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder for temporary homes that the account of the server can reach."""
    made = Path(tempfile.mkdtemp(prefix="yinhe-demos-"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def first(bank, units) -> dict[str, Any]:
    return bank.run(*SMALL, "--unit", next(units), "--home", bank.home, "--json").answer


@pytest.fixture(scope="module")
def read(bank, first):
    """Reads a table or view of the sample bank's unit."""

    def rows(name: str, order: str) -> list[Any]:
        with bank.connect() as session, session.cursor(row_factory=namedtuple_row) as cursor:
            table = sql.Identifier(unit_schema(first["unit"]), name)
            query = sql.SQL("SELECT * FROM {} ORDER BY {}").format(table, sql.Identifier(order))
            return cursor.execute(query).fetchall()

    return rows


@pytest.fixture(scope="module")
def journal(read) -> list[Any]:
    return read("journal_entry", "seq")


@pytest.fixture(scope="module")
def balances(journal) -> dict[int, int]:
    """Every account's balance, added up from amounts alone."""
    found: dict[int, int] = defaultdict(int)
    for row in journal:
        if not (row.pending or row.voids_hold):
            found[row.debit] -= row.amount
            found[row.credit] += row.amount
    return found


def test_as_many_rows_are_in_the_journal_as_transfers_were_answered_as_posted(first, journal) -> None:
    posted = sum(day["posted"] + day["expired"] for day in first["days"])
    assert len(journal) == first["journal_rows"] == first["opening_transfers"] + posted


def test_each_day_has_its_rows_on_its_date(first, journal) -> None:
    said = {date.fromisoformat(day["business_date"]): day["posted"] + day["expired"] for day in first["days"]}
    said[min(said)] += first["opening_transfers"]
    assert Counter(row.business_date for row in journal) == said
    assert all(row.booked_at.date() == row.business_date for row in journal)


def test_every_transfer_handed_in_was_posted_a_duplicate_or_refused_for_a_reason(first) -> None:
    for day in first["days"]:
        assert day["transfers"] == day["posted"] + day["duplicates"] + day["refused"]
    assert sum(day["refused"] for day in first["days"]) == sum(reason["count"] for reason in first["refusals"])
    assert sum(day["duplicates"] for day in first["days"]) == first["duplicates"] > 0
    assert {reason["outcome"] for reason in first["refusals"]} > {
        "INSUFFICIENT_FUNDS", "DEBIT_BLOCKED", "CREDIT_BLOCKED", "ACCOUNT_CLOSED", "OVER_CEILING", "OVER_DAILY_LIMIT",
        "LINKED_FAILED", "ID_CONFLICT", "PENDING_RESOLVED", "PENDING_EXPIRED", "CURRENCY_DIFFERS", "UNKNOWN_ACCOUNT",
    }  # fmt: skip


def test_what_holds_went_through_is_what_the_journal_says(first, journal) -> None:
    left = {row.seq: row.amount for row in journal if row.pending}
    went: dict[int, set[str]] = {hold: set() for hold in left}
    for row in journal:
        if row.hold:
            left[row.hold] -= row.amount
            ended = "expired" if row.expires_hold else "voided" if row.voids_hold else "posted"
            went[row.hold].add(ended)
    assert first["holds"] == {
        "placed": len(left),
        "posted_whole": sum(what == {"posted"} for what in went.values()),
        "posted_part": sum(what == {"posted", "voided"} for what in went.values()),
        "voided": sum(what == {"voided"} for what in went.values()),
        "expired": sum(what == {"expired"} for what in went.values()),
        "open": sum(what == set() for what in went.values()),
    }
    assert min(first["holds"].values()) > 0
    assert sum(left.values()) == sum(line["held_minor"] for line in first["trial_balance"])


def test_the_trial_balance_is_that_of_the_journal_and_sums_to_zero(first, read, balances) -> None:
    sums: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0, 0])
    for account in read("account", "account"):
        line = sums[account.currency, account.gl_code]
        line[0] += 1
        line[1] += max(0, -balances[account.account])
        line[2] += max(0, balances[account.account])
    said = {
        (line["currency"], line["gl_code"]): [line["accounts"], line["debit_minor"], line["credit_minor"]]
        for line in first["trial_balance"]
    }
    assert said == sums
    assert {currency for currency, _ in said} == {156, 840, 978}
    assert first["out_of_balance_minor"] == {"CNY": 0, "EUR": 0, "USD": 0}
    assert first["sound"] is True


def test_a_statement_runs_on_from_line_to_line_to_the_accounts_balance(first, balances) -> None:
    for statement in first["statements"]:
        lines = statement["lines"]
        assert len(lines) == 8
        for before, line in pairwise(lines):
            assert line["balance_minor"] == before["balance_minor"] + line["amount_minor"]
        assert lines[-1]["balance_minor"] == balances[statement["account"]]


def test_what_was_taken_back_blocked_and_closed_is_in_the_books(first, journal, read) -> None:
    assert first["reversed"] == len({row.txn_id for row in journal if row.reverses_seq}) > 0
    flags = Counter(account.flags for account in read("account", "account"))
    assert flags == {
        1: 2_000 - first["accounts_closed"] - first["accounts_blocked"],
        2: first["accounts_closed"],
        1 | 4: 8,
        1 | 8: first["accounts_blocked"] - 8,
    }


def test_the_same_seed_makes_the_same_money(bank, units, first, in_process) -> None:
    again = json.loads(in_process(*SMALL, "--unit", next(units), "--home", bank.home, "--json").out)
    assert again["speed"]["bulk_transfers"] == first["speed"]["bulk_transfers"]
    assert again["speed"]["online_requests"] == first["speed"]["online_requests"]
    assert _money(again) == _money(first)


def _money(figures: dict[str, Any]) -> dict[str, Any]:
    """The figures that must not differ: not where, how fast, in how many commits, or at which places in the journal."""
    kept = {name: value for name, value in figures.items() if name not in MEASURED}
    days = [{name: value for name, value in day.items() if name != "seconds"} for day in figures["days"]]
    return kept | {"days": days}


def test_people_see_tables_of_a_bank_that_is_gone_when_it_is_not_kept(bank, first, monkeypatch, folder: Path) -> None:
    monkeypatch.setenv("TMPDIR", str(folder))
    before = set(bank.home.iterdir())
    shown = bank.run(*SMALL, "--seed", 8, "--no-keep")
    assert (shown.code, shown.err) == (0, "")
    for told in ("15 of 15 hold", "CNY 0.00,  EUR 0.00,  USD 0.00", "yinhe demo --seed 8 --keep"):
        assert told in shown.out
    for outcome in (Outcome.INSUFFICIENT_FUNDS, Outcome.LINKED_FAILED):
        assert REASONS[outcome].english in shown.out
        assert REASONS[outcome].chinese in shown.out
    deposits = next(line for line in first["trial_balance"] if (line["currency"], line["gl_code"]) == (156, 2011))
    assert format_scaled(deposits["credit_minor"], 2) not in shown.out, "another seed makes other money"
    assert list(folder.iterdir()) == []
    assert set(bank.home.iterdir()) == before, "the bank of the environment is not touched"


def test_a_unit_that_has_business_is_left_alone(bank, first, in_process) -> None:
    refused = in_process(*SMALL, "--unit", first["unit"], "--home", bank.home)
    assert (refused.code, refused.out) == (1, "")
    assert refused.err.count("\n") == 1
    assert f"Unit {first['unit']} in {bank.home} has business of its own" in refused.err


@pytest.mark.parametrize(
    "options",
    [
        ("--accounts", 999),
        ("--accounts", 5_000_001),
        ("--accounts", "many"),
        ("--days", 0),
        ("--days", 32),
        ("--seed", -1),
        ("--no-keep", "--home", "bank"),
        ("--no-keep", "--database-url", "postgresql://localhost/bank"),
        ("--merchants", 5),
    ],
)
def test_options_that_make_no_sense_are_refused_in_one_line(in_process, options: tuple[object, ...]) -> None:
    refused = in_process("demo", *options)
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith("yinhe: ")
    assert refused.err.count("\n") == 1
    assert str(options[0]) in refused.err
