"""`yinhe demo`: its figures are the journal's, its books balance, and the same seed makes the same money.

Interest is worked out a second time by the pure simulation of each product, without the bank.
"""

import io
import json
import shutil
import subprocess
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest
from psycopg import sql
from psycopg.rows import namedtuple_row
from rich.console import Console, RenderableType

from yinhe.bootstrap import read_configuration
from yinhe.cli.app import run
from yinhe.cli.demo import next_commands
from yinhe.cli.demo_contracts import counter_page, products_page, quarters_page
from yinhe.cli.demo_pages import holds_page, refusals_page, trial_balance_pages
from yinhe.closeday.facts import NIGHT_CODES
from yinhe.closeday.identity import origin_of
from yinhe.closeday.scenario import Movement, Scenario, Simulation
from yinhe.closeday.simulate import simulate
from yinhe.demo.counter import Errand
from yinhe.demo.figures import DemoFigures
from yinhe.demo.names import Reason
from yinhe.deposits.codes import TransferCode
from yinhe.deposits.columns import ContractFlag
from yinhe.kernel.dates import date_from_days, days_from_date
from yinhe.kernel.ids import unix_ms
from yinhe.ledger.columns import AccountFlag
from yinhe.products.catalogue import load
from yinhe.products.product import Product as BankProduct
from yinhe.storage.connection import unit_schema

pytestmark = pytest.mark.timeout(1_800)

SMALL = ("demo", "--accounts", 2_000, "--days", 2)
SECONDS_MAX = 900
"""A run takes a fraction of a minute; it is given more where many things run."""
TRIED = 3
OF_CONTRACTS = tuple(code.code for code in TransferCode)
BY_NIGHT = (*NIGHT_CODES, TransferCode.INSTALMENT.code)
"""What the simulation does by itself; the other movements are put into it."""


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


@dataclass(frozen=True)
class Second:
    """The same run again, for people, in a home that is not kept: what it showed and what is left of it."""

    shown: Answered
    left: list[Path]
    homes_before: set[Path]
    homes_after: set[Path]


def _answer(process: subprocess.Popen[str]) -> Answered:
    out, err = process.communicate(timeout=SECONDS_MAX)
    return Answered(process.returncode, out, err)


@pytest.fixture(scope="module")
def both(bank, units) -> Iterator[tuple[dict[str, Any], Second]]:
    """Two runs side by side: they are other processes with other servers."""
    folder = Path(tempfile.mkdtemp(prefix="yinhe-demos-"))
    # The account of the server must be able to pass.
    folder.chmod(0o711)
    before = set(bank.home.iterdir())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(folder))
        again = bank.start(*SMALL, "--no-keep")
    once = bank.start(*SMALL, "--unit", next(units), "--home", bank.home, "--json")
    try:
        answer, shown = (_answer(process) for process in (once, again))
        assert answer.code == 0, answer.err
        yield json.loads(answer.out), Second(shown, list(folder.iterdir()), before, set(bank.home.iterdir()))
    finally:
        for process in (once, again):
            process.kill()
            process.communicate()
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def first(both) -> dict[str, Any]:
    return both[0]


@pytest.fixture(scope="module")
def second(both) -> Second:
    return both[1]


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
    posted = first["ordinary"]["posted"] + sum(day["posted"] + day["expired"] for day in first["days"])
    of_contracts = sum(row.code in OF_CONTRACTS for row in journal)
    assert len(journal) == first["journal_rows"] == first["opening_transfers"] + posted + of_contracts


def test_each_day_has_its_rows_on_its_date(first, journal) -> None:
    said = {date.fromisoformat(day["business_date"]): day["posted"] + day["expired"] for day in first["days"]}
    handed_in = [row for row in journal if row.code not in OF_CONTRACTS]
    found = Counter(row.business_date for row in handed_in)
    assert {day: found[day] for day in said} == said
    before = sum(count for day, count in found.items() if day not in said)
    assert before == first["opening_transfers"] + first["ordinary"]["posted"]
    assert all(row.booked_at.date() == row.business_date for row in handed_in)


def test_every_transfer_handed_in_was_posted_a_duplicate_or_refused_for_a_reason(first) -> None:
    days = [first["ordinary"], *first["days"]]
    for day in days:
        assert day["transfers"] == day["posted"] + day["duplicates"] + day["refused"]
    assert sum(day["refused"] for day in days) == sum(reason["count"] for reason in first["refusals"])
    assert sum(day["duplicates"] for day in days) == first["duplicates"] > 0
    assert {reason["outcome"] for reason in first["refusals"]} > {
        "INSUFFICIENT_FUNDS", "DEBIT_BLOCKED", "CREDIT_BLOCKED", "ACCOUNT_CLOSED", "OVER_CEILING", "OVER_DAILY_LIMIT",
        "LINKED_FAILED", "ID_CONFLICT", "PENDING_RESOLVED", "PENDING_EXPIRED", "CURRENCY_DIFFERS", "UNKNOWN_ACCOUNT",
    }  # fmt: skip


# --- the nights


def test_every_date_is_closed_each_after_the_other_and_nothing_was_found(first, read) -> None:
    nights = read("night", "business_date")
    first_day = date.fromisoformat(first["quarters"][0]["first"])
    last_day = date.fromisoformat(first["quarters"][-1]["last"])
    assert [night.business_date for night in nights] == [
        first_day + timedelta(days=day) for day in range((last_day - first_day).days + 1)
    ]
    assert all(night.ended_at is not None for night in nights)
    assert first["nights"]["nights"] == len(nights) == sum(quarter["nights"] for quarter in first["quarters"])
    assert [quarter["findings"] for quarter in first["quarters"]] == [0, 0]
    assert last_day == max(date.fromisoformat(day["business_date"]) for day in first["days"])


def test_what_the_nights_posted_is_what_they_reported(journal, read) -> None:
    posted = 0
    nights = read("night", "business_date")
    for night in nights:
        for step in night.report["steps"]:
            posted += step["postings"] - sum(step["refused"].values())
            # What an account cannot take is posted elsewhere instead.
            posted += sum(step["refused"].values()) if step["step"] == "settle" else 0
    ids = {night.id_ms for night in nights}
    by_night = [row for row in journal if origin_of(row.txn_id) is not None and unix_ms(row.txn_id) in ids]
    assert posted == len(by_night)
    assert {row.code for row in by_night} <= set(OF_CONTRACTS)


def test_a_quarter_ends_in_each_quarter_and_both_settle_what_is_due(first, read, journal) -> None:
    settlements = first["nights"]["settlements"]
    assert [date.fromisoformat(one["business_date"]).day for one in settlements] == [20, 20]
    for quarter, settled in zip(first["quarters"], settlements, strict=True):
        assert quarter["first"] <= settled["business_date"] <= quarter["last"]
        assert settled["contracts"] > 1_900
    assert first["quarters"][1]["renewed"] > 0
    assert first["quarters"][1]["paid_out"] > 0


def test_contracts_were_served_one_by_one_and_some_refused_in_words(first) -> None:
    done = {errand["errand"]: (errand["done"], errand["refused"]) for errand in first["counter"]}
    assert set(done) == {errand.name.lower() for errand in Errand}
    assert done["ask_odd"][0] == done["ask_company"][0] == 0
    assert sum(refused for _, refused in done.values()) == sum(one["count"] for one in first["counter_refusals"]) > 0
    assert all(one["english"] and one["chinese"] for one in first["counter_refusals"])
    assert done["leave"][0] == first["accounts_closed"] == 16 - first["closings_refused"]


# --- interest


def test_interest_paid_by_product_is_the_journals_and_the_trial_balances(first, journal, read, balances) -> None:
    accounts = {account.account: account for account in read("account", "account")}
    paid: dict[int, int] = defaultdict(int)
    for row in journal:
        if row.code in (TransferCode.INTEREST.code, TransferCode.INTEREST_CORRECTION.code):
            back = accounts[row.credit].gl_code == 6411
            paid[accounts[row.debit].product] += -row.amount if back else row.amount
    pools: dict[tuple[int, int], int] = defaultdict(int)
    for account in accounts.values():
        pools[account.product, account.gl_code] += balances[account.account]
    numbers = {f"{one.code}/{one.version}": one.number for one in read("product_version", "id")}
    for product in first["products"]:
        number = numbers[product["product"]]
        assert product["paid_minor"] == paid[number], product["product"]
        assert product["interest_minor"] == -pools[number, 6411]
        assert product["payable_minor"] == pools[number, 2231]
        assert product["balance_minor"] == pools[number, 2011]
        assert product["interest_minor"] == product["paid_minor"] + product["payable_minor"]
    assert len(first["products"]) == 15
    for gl_code, name, sign in ((6411, "interest_minor", 1), (2231, "payable_minor", -1)):
        for currency in (156, 840, 978):
            (line,) = [
                line for line in first["trial_balance"] if (line["currency"], line["gl_code"]) == (currency, gl_code)
            ]
            of_products = sum(product[name] for product in first["products"] if product["currency"] == currency)
            assert sign * (line["debit_minor"] - line["credit_minor"]) == of_products


def test_interest_an_account_cannot_take_is_kept_for_its_holder(first, journal, read) -> None:
    payables = {account.account for account in read("account", "account") if account.gl_code == 2241}
    kept = [row.amount for row in journal if row.credit in payables]
    (line,) = [line for line in first["trial_balance"] if (line["currency"], line["gl_code"]) == (156, 2241)]
    assert line["credit_minor"] == sum(kept) > 0


@dataclass(frozen=True)
class Lived:
    """A contract, what was moved on its account by its customer or the bank, and the interest it was credited."""

    row: Any
    product: BankProduct
    opening_minor: int
    movements: tuple[Movement, ...]
    interest: list[tuple[date, int]]


@pytest.fixture(scope="module")
def catalogue(bank, first):
    with bank.connect() as session:
        session.execute(sql.SQL("SET search_path TO {}").format(sql.Identifier(unit_schema(first["unit"]))))
        return load(session)


@pytest.fixture(scope="module")
def lived(catalogue, first, journal, read) -> dict[str, list[Lived]]:
    """By product, contracts whose life a simulation can follow.

    No teller came between, nothing was entered late, and the account can take its interest.
    """
    blocked = {account.account for account in read("account", "account") if account.flags & AccountFlag.CREDIT_BLOCKED}
    touched = {event.contract for event in read("contract_event", "id") if event.kind != "transfer"}
    rows_of: dict[int, list[Any]] = defaultdict(list)
    for row in journal:
        rows_of[row.debit].append(row)
        rows_of[row.credit].append(row)
    found: dict[str, list[Lived]] = defaultdict(list)
    swept = {TransferCode.SWEEP_OUT.code, TransferCode.SWEEP_IN.code}
    for contract in read("contract", "contract"):
        product = catalogue.product(contract.version)
        rows = rows_of[contract.account]
        moved_otherwise = any(
            row.code == Reason.ENTERED_LATE.code or row.code in swept or row.pending or row.hold for row in rows
        )
        if contract.contract in touched or contract.account in blocked or moved_otherwise or not rows:
            continue
        found[product.code].append(_lived(contract, product, rows))
    # Those that were paid most often are tried; a simulation takes a moment.
    return {code: sorted(some, key=lambda one: -len(one.interest))[:TRIED] for code, some in found.items()}


def _lived(contract: Any, product: BankProduct, rows: list[Any]) -> Lived:
    days: dict[int, int] = defaultdict(int)
    interest: list[tuple[date, int]] = []
    for row in rows:
        signed = row.amount if row.credit == contract.account else -row.amount
        if row.code == TransferCode.INTEREST.code:
            interest.append((row.value_date, row.amount))
        elif row.code not in BY_NIGHT:
            days[days_from_date(row.business_date)] += signed
    opening = days.pop(days_from_date(contract.opened), 0)
    movements = tuple(Movement(day, amount) for day, amount in sorted(days.items()) if amount)
    return Lived(contract, product, opening, movements, interest)


@pytest.mark.parametrize(
    "code",
    [
        "demand", "agreement", "corporate", "cash_management", "demand_usd", "demand_eur", "lump_sum", "certificate",
        "interest_monthly", "draw_monthly",
    ],
)  # fmt: skip
def test_interest_is_what_a_simulation_of_the_product_pays(first, catalogue, lived, code: str) -> None:
    last = days_from_date(date.fromisoformat(first["quarters"][-1]["last"]))
    assert lived[code]
    for one in lived[code]:
        scenario = Scenario(
            product=one.product,
            rates=catalogue.rates,
            start=days_from_date(one.row.opened),
            last=last,
            deposit_minor=one.opening_minor,
            movements=one.movements,
            months=one.row.months,
            is_company=bool(one.row.flags & ContractFlag.COMPANY),
            auto_renew=bool(one.row.flags & ContractFlag.AUTO_RENEW),
            linked=one.row.linked != 0,
        )
        answer = simulate(scenario)
        assert isinstance(answer, Simulation), answer
        assert not [happening for happening in answer.happenings if happening.refused]
        paid = [
            (date_from_days(happening.date), happening.amount_minor)
            for happening in answer.happenings
            if happening.code == TransferCode.INTEREST.code
        ]
        assert paid == one.interest, one.row


def test_in_both_quarters_interest_was_paid_that_the_simulation_found_again(lived) -> None:
    assert len({day for one in lived["demand"] for day, _ in one.interest}) == 2
    assert any(one.interest for one in lived["lump_sum"]), "some matured"
    assert any(one.interest for one in lived["certificate"])


# --- looking around


def test_the_posting_explained_is_the_journals_and_is_explained_alike_on_the_command_line(
    bank, first, journal, in_process
) -> None:
    explained = first["explained"]
    (row,) = [row for row in journal if str(row.txn_id) == explained["txn_id"]]
    assert (row.credit, row.code) == (explained["account"], TransferCode.INTEREST.code)
    assert explained["explanation"]["derivation"]["amount_minor"] == row.amount > 0
    again = in_process("explain", explained["txn_id"], "--unit", first["unit"], "--home", bank.home, "--json")
    assert json.loads(again.out) == explained["explanation"]


# --- what holds and statements say


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
    accounts = read("account", "account")
    events = read("contract_event", "id")
    closed = sum(event.body.get("account_outcome") == "done" for event in events)
    assert closed > first["accounts_closed"] > 0
    # An account opened for a deposit that could not be paid in is closed again.
    closed += sum(event.kind == "open" and event.state == "abandoned" for event in events)
    flags = Counter(account.flags for account in accounts)
    assert flags == {
        1: len(accounts) - closed - first["accounts_blocked"],
        2: closed,
        1 | 4: 8,
        1 | 8: first["accounts_blocked"] - 8,
    }


# --- the second run


def test_the_same_seed_makes_the_same_money_and_people_see_it_in_tables(first, second) -> None:
    assert (second.shown.code, second.shown.err) == (0, "")
    figures = msgspec.convert(first, DemoFigures)
    pages = (quarters_page, products_page, counter_page, refusals_page, holds_page)
    for table in [*(page(figures) for page in pages), *trial_balance_pages(figures)]:
        assert _text(table) in second.shown.out


def _text(table: RenderableType) -> str:
    """A table as a file or another program is given it."""
    out = io.StringIO()
    Console(file=out, width=160, highlight=False).print(table)
    return out.getvalue()


def test_a_bank_that_is_not_kept_is_gone_and_says_how_to_keep_it(second) -> None:
    for told in ("15 of 15 hold", "CNY 0.00,  EUR 0.00,  USD 0.00", "yinhe demo --seed 7 --keep"):
        assert told in second.shown.out
    assert second.left == []


def test_a_run_touches_no_bank_but_its_own(bank, first, second) -> None:
    assert second.homes_after == second.homes_before
    assert first["home"] == str(bank.home)


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
        ("--quarters", 0),
        ("--quarters", 9),
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


# It runs last: it closes one more date.
def test_the_commands_named_at_the_end_work_as_they_are_printed(
    bank, first, in_process, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    figures = msgspec.convert(first, DemoFigures)
    configuration = read_configuration({}, home=bank.home, unit=first["unit"])
    for told, command in next_commands(figures, configuration).items():
        answered = in_process(*command.split()[1:])
        assert (answered.code, answered.err) == (0, ""), told
        assert answered.out
