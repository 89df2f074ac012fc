"""`yinhe closeday` and `yinhe explain`: a quarter's end as an operator closes it, and a cent of it explained."""

import subprocess
import sys
from pathlib import Path

import pytest
from psycopg import sql

from yinhe.storage.connection import unit_schema


def transaction(bank, unit: int, code: int) -> str:
    """The id of the last transaction of a code."""
    query = sql.SQL("SELECT txn_id FROM {}.journal WHERE code = %s ORDER BY seq DESC LIMIT 1")
    with bank.connect() as session:
        return str(session.execute(query.format(sql.Identifier(unit_schema(unit))), (code,)).fetchone()[0])


def test_a_quarters_end_is_closed_shown_and_explained(bank, unit):
    options = ("--unit", unit, "--json")
    assert bank.run("product", "install-library", "--author", "maker", "--approver", "checker", *options).code == 0
    opening = ("contract", "open", "demand", "--holder", "P-1", "--amount", "100000.00", "--from", "cash")
    assert bank.run(*opening, *options).code == 0
    nights = bank.run("closeday", "run", "--through", "2026-03-20", *options).answer["nights"]
    last = nights[-1]
    assert (last["date"], last["summary"]["settled"]) == ("2026-03-20", 1)
    # 5 January to 20 March, 75 days at the posted 0.05 % of 100,000.00: 10.41666…
    interest = [one for one in last["posted"] if one["code"] == 2001]
    assert interest == [{"code": 2001, "currency": 156, "postings": 1, "amount_minor": 1042}]

    told = bank.run("explain", transaction(bank, unit, 2001), *options).answer
    assert told["derivation"]["amount_minor"] == 1042
    assert sum(span["days"] for span in told["derivation"]["spans"]) == 75
    page = bank.run("explain", transaction(bank, unit, 2001), "--unit", unit)
    assert page.code == 0, page.err
    assert "half up: 10.42" in page.out

    shown = bank.run("closeday", "show", "2026-03-20", "--unit", unit)
    assert shown.code == 0, shown.err
    assert "Interest" in shown.out
    assert "10.42" in shown.out
    assert "CNY" in shown.out
    listed = bank.run("closeday", "status", "--limit", 3, *options).answer["nights"]
    assert [night["date"] for night in listed] == ["2026-03-20", "2026-03-19", "2026-03-18"]

    again = bank.run("closeday", "run", "--through", "2026-03-20", "--unit", unit)
    assert (again.code, "closed already" in again.err) == (1, True)
    assert bank.run("closeday", "show", "2026-03-21", "--unit", unit).code == 1
    unknown = bank.run("explain", "0199b3a1-2c00-7a5b-b140-00000000002a", "--unit", unit)
    assert (unknown.code, len(unknown.err.strip().splitlines())) == (1, 1)
    assert bank.run("check", *options).code == 0


@pytest.mark.slow
def test_after_two_quarters_an_unrelated_program_accepts_the_books(bank, unit, tmp_path: Path):
    options = ("--unit", unit, "--json")
    assert bank.run("product", "install-library", "--author", "maker", "--approver", "checker", *options).code == 0
    opening = ("contract", "open")
    cash = ("--from", "cash", *options)
    current = bank.run(*opening, "demand", "--holder", "P-1", "--amount", "5000.00", *cash).answer["account"]
    term = ("--term", "3 months", "--linked", current, "--renew")
    saved = bank.run(*opening, "lump_sum", "--holder", "P-1", "--amount", "10000.00", *term, *cash).answer
    swept = bank.run(*opening, "corporate", "--holder", "C-1", "--company", "--amount", "800000.00", *cash)
    assert swept.code == 0, swept.err
    nights = bank.run("closeday", "run", "--through", "2026-07-05", *options).answer["nights"]
    assert sum(night["summary"]["renewed"] for night in nights) == 2
    # 10,000.00 at 0.65 % a year for three months, then 10,016.25 for three more: 16.25, and 16.27640…
    shown = bank.run("contract", "show", saved["contract"], *options).answer
    assert shown["balance_minor"] == 10_000_00 + 16_25 + 16_28
    path = tmp_path / "books.beancount"
    assert bank.run("export", "beancount", path, *options).code == 0
    checked = subprocess.run([Path(sys.executable).with_name("bean-check"), path], capture_output=True, text=True)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")
    assert bank.run("check", *options).code == 0
