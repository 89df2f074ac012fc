"""Every command answers people in words and programs in one JSON object, and says in one line why it did not."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg import sql

import yinhe
from yinhe.ledger.accounts import openings
from yinhe.ledger.ledger import Ledger
from yinhe.storage.connection import unit_schema


def test_the_version_is_the_packages(bank) -> None:
    assert bank.run("--version").out == f"yinhe {yinhe.__version__}\n"


@pytest.mark.parametrize(
    "command",
    [
        (), ("init",), ("status",), ("trial-balance",), ("statement",), ("migrate", "berka"), ("export", "beancount"),
        ("loan", "agree"), ("loan", "schedule"),
    ],
)  # fmt: skip
def test_every_command_explains_itself_and_takes_the_common_options(bank, command: tuple[str, ...]) -> None:
    shown = bank.run(*command, "--help")
    assert (shown.code, shown.err) == (0, "")
    if command:
        assert f"$ yinhe {' '.join(command)}" in shown.out
        for option in ("--json", "--home", "--database-url", "--unit", "--debug"):
            assert option in shown.out


def test_a_unit_is_opened_once(bank, units: Iterator[int]) -> None:
    unit = next(units)
    command = ("init", "--unit", unit, "--business-date", "2026-01-05", "--json")
    first = bank.run(*command).answer
    assert first == {"unit": unit, "business_date": "2026-01-05", "made": True, "schema": f"unit_{unit:04}"}
    assert bank.run(*command).answer == first | {"made": False}
    assert bank.run("init", "--unit", unit, "--json").answer == first | {"made": False}
    assert f"Unit {unit} was open already; nothing changed" in bank.run("init", "--unit", unit).out


def test_a_fresh_unit_has_a_status_and_empty_books(bank, unit: int) -> None:
    status = bank.run("status", "--unit", unit, "--json").answer
    assert status["business_date"] == "2026-01-05"
    expected = {"accounts": 0, "seq": 0, "segments": 0, "holds": 0, "jobs": {}, "holder": None, "booked_at": None}
    assert {name: status[name] for name in expected} == expected
    assert bank.run("trial-balance", "--unit", unit, "--json").answer["lines"] == []


def test_an_address_of_a_database_is_used_in_place_of_the_home(bank, unit: int, tmp_path: Path) -> None:
    answer = bank.run("status", "--unit", unit, "--database-url", bank.url, "--home", tmp_path, "--json").answer
    assert answer["unit"] == unit
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_amounts_are_shown_with_separators_and_a_balance(bank, migrated) -> None:
    shown = bank.run("trial-balance", "--unit", migrated.unit).out
    total = next(line for line in shown.splitlines() if "Total" in line)
    assert total.split() == ["Total", "4,507", "39,406,121.70", "39,406,121.70"]
    columns = [line.rstrip() for line in shown.splitlines() if "201101" in line or "Total" in line]
    assert len({len(line) for line in columns}) == 1


@pytest.mark.slow
def test_a_statement_is_paged_to_its_end(bank, migrated) -> None:
    seen, before = [], []
    for _ in range(100):
        command = ("statement", "berka:576", "--unit", migrated.unit, "--limit", 40, *before, "--json")
        page = bank.run(*command).answer["page"]
        seen += page["entries"]
        if page["before_seq"] is None:
            break
        before = ["--before-seq", page["before_seq"]]
    assert [entry["seq"] for entry in seen] == sorted({entry["seq"] for entry in seen}, reverse=True)
    assert len(seen) > 40
    assert seen[0]["balance_minor"] == sum(entry["amount_minor"] for entry in seen)


def test_books_that_do_not_balance_are_a_failure_with_the_difference(bank, unit: int) -> None:
    with Ledger.open(bank.home, unit=unit) as ledger:
        ledger.open_accounts(openings(2, currency=156, gl_code=201101, floor=-(10**9)))
        assert ledger.transfer(debit=1, credit=2, amount_minor=12_345_67).posted
    assert bank.run("trial-balance", "--unit", unit).code == 0
    with bank.connect() as session:
        tables = sql.Identifier(unit_schema(unit))
        session.execute(sql.SQL("UPDATE {}.balance_page SET balance[3] = balance[3] + 1").format(tables))
    off = bank.run("trial-balance", "--unit", unit)
    assert off.code == 1
    assert off.err == f"yinhe: The books of unit {unit} do not balance: debits less credits are -0.01 CNY.\n"


WRONG = [
    (("nonsense",), "No such command 'nonsense'"),
    (("status", "--unit", "0"), "Invalid value for '--unit'"),
    (("status", "--nonsense"), "No such option: --nonsense"),
    (("status", "--unit", "9998"), "There is no unit 9998 in"),
    (("status", "--home", "/nonexistent/bank"), "There is no unit 1 in /nonexistent/bank. Open it: yinhe init"),
    (("status", "--database-url", "nonsense://"), "The database address does not read as one"),
    (("trial-balance", "--database-url", "host=/nonexistent"), "does not answer"),
    (("init", "--business-date", "2026-02-30"), "'2026-02-30' is not a date; write it like 2026-01-31"),
    (("init", "--business-date", "1776-07-04"), "1776-07-04 lies outside 1900-01-01 to 2199-12-31"),
    (("init", "--home", "/dev/null/bank"), "/dev/null/bank"),
    (("init", "--unit", "UNIT", "--business-date", "2026-01-06"), "stands at 2026-01-05; init does not move it"),
    (("statement", "--unit", "UNIT"), "Missing argument 'ACCOUNT'"),
    (("statement", "1", "--unit", "UNIT"), "it has no account yet"),
    (("statement", "berka:576", "--unit", "UNIT"), "is known as 'berka:576'"),
    (("statement", "0001000000000146", "--unit", "UNIT"), "fails its check digits"),
    (("statement", "99999999999", "--unit", "UNIT"), "There is no account 99999999999"),
    (("statement", "1", "--limit", "0", "--unit", "UNIT"), "Invalid value for '--limit'"),
    (("migrate", "berka"), "Missing argument 'DIR'"),
    (("migrate", "berka", "/nonexistent"), "There is no folder /nonexistent"),
    (("migrate", "berka", ".", "--report", "/nonexistent/rows.csv"), "There is no folder /nonexistent to write"),
    (("export", "beancount", "/nonexistent/x", "--unit", "UNIT"), "/nonexistent/x cannot be written"),
    (("export", "beancount", "/tmp", "--unit", "UNIT"), "/tmp cannot be written"),
    (("export", "beancount", "--json", "--unit", "UNIT"), "With --json the answer takes stdout; name a FILE"),
]


@pytest.fixture(scope="session")
def standing_unit(bank, units: Iterator[int]) -> int:
    unit = next(units)
    assert bank.run("init", "--unit", unit, "--business-date", "2026-01-05").code == 0
    return unit


@pytest.mark.parametrize(("command", "says"), WRONG)
def test_a_wrong_input_is_answered_in_one_line(bank, standing_unit: int, command: tuple[str, ...], says: str) -> None:
    given = [str(standing_unit) if word == "UNIT" else word for word in command]
    refused = bank.run(*given)
    assert refused.code in (1, 2)
    assert refused.err.count("\n") == 1, refused.err
    assert refused.err.startswith("yinhe: ")
    assert says in refused.err
    if "--json" in given:
        assert says in json.loads(refused.out)["error"]
    else:
        assert refused.out == ""


def test_with_json_a_refusal_is_one_object_too(bank) -> None:
    refused = bank.run("status", "--unit", "9998", "--json")
    assert refused.code == 1
    assert json.loads(refused.out)["error"].startswith("There is no unit 9998 in")


def test_where_a_failure_arose_is_shown_on_demand_alone(bank) -> None:
    assert "Traceback" not in bank.run("status", "--unit", "9998").err
    assert "Traceback" in bank.run("status", "--unit", "9998", "--debug").err


def test_a_report_that_cannot_be_written_is_said_before_anything_is_loaded(bank, units: Iterator[int]) -> None:
    unit = next(units)
    refused = bank.run("migrate", "berka", ".", "--unit", unit, "--report", os.devnull + "/rows.csv")
    assert "There is no folder /dev/null" in refused.err
    assert f"There is no unit {unit}" in bank.run("status", "--unit", unit).err


def test_a_command_loads_nothing_that_only_others_need() -> None:
    program = (
        "import sys; from yinhe.cli.app import run; code = run(['status', '--help']); "
        "print(code, *(name for name in sys.modules if name.startswith(('yinhe.api', 'yinhe.bench', 'yinhe.cli.'))))"
    )
    answer = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    code, *loaded = answer.stdout.splitlines()[-1].split()
    assert code == "0"
    assert set(loaded) <= {f"yinhe.cli.{name}" for name in ("app", "options", "output", "status")}
