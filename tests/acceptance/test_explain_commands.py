"""`yinhe product simulate`, `yinhe product replay` and `yinhe explain` as a person uses them."""

from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from psycopg import sql

from yinhe.storage.connection import unit_schema


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """The library's files, copied to a folder to be edited."""
    for one in (files("yinhe.products") / "library").iterdir():
        if one.name.endswith(".toml"):
            (tmp_path / one.name).write_text(one.read_text("utf-8"), "utf-8")
    return tmp_path


DAYS = ("--from", "2026-01-05", "--until", "2026-03-20")


def test_a_product_file_is_simulated_without_any_bank(bank, library: Path):
    moves = library / "moves.csv"
    moves.write_text('date,amount\n2026-02-10,"-4,000.00"\n', "utf-8")
    rates = library / "mine.toml"
    rates.write_text('[demand]\nrates = [{ effective = 2020-01-01, rate = "0.35%" }]\n', "utf-8")
    command = ("product", "simulate", library / "demand.toml", "--deposit", "10,000.00", *DAYS)
    told = bank.run(*command, "--movements", moves, "--rates", rates, "--json").answer
    # 36 days of 10,000.00 and 39 of 6,000.00 at 0.35 % over 360: 5.775.
    assert (told["totals"]["interest_minor"], told["totals"]["balance_minor"]) == (5_78, 6_005_78)
    assert len(told["days"]) == 75
    page = bank.run(*command, "--movements", moves, "--rates", rates)
    for said in ("2026-02-10   Withdrawal of a deposit", "█", "Interest               5.78 CNY"):
        assert said in page.out, page.out
    assert "结息" in bank.run(*command, "--chinese").out
    # Closed on 15 February: 41 days of 10,000.00 at the 0.05 % of the library: 0.5694…
    closed = bank.run(*command, "--close", "2026-02-15", "--json").answer
    assert (closed["totals"]["interest_minor"], closed["totals"]["balance_minor"]) == (57, 0)


@pytest.mark.parametrize(
    ("arguments", "reasons"),
    [
        (("demand.toml", "--movements", "wrong.csv"), ["wrong.csv:3: 'soon' is no date", "1 finding"]),
        (("demand.toml", "--rates", "wrong.toml"), ["wrong.toml:2: demand.rates[1]:", "the unit is missing"]),
        (("wrong_product.toml",), ["wrong_product.toml:", "did you mean"]),
        (("lump_sum.toml", "--deposit", "100.00", "--term", "4 months"), ["would not be sold like that"]),
        (("demand.toml", "--rates", "empty.toml"), ["has no rate"]),
        (("mortgage.toml",), ["mortgage.toml is a loan; deposits are simulated here."]),
        (("missing.toml",), ["There is no file"]),
    ],
)
def test_what_is_wrong_with_a_simulation_is_said_with_its_line(
    bank, library: Path, arguments: tuple[str, ...], reasons: list[str]
):
    (library / "wrong.csv").write_text("date,amount\n2026-02-10,5\nsoon,5\n", "utf-8")
    (library / "wrong.toml").write_text("[demand]\nrates = [{ effective = 2020-01-01, rate = 0.35 }]\n", "utf-8")
    (library / "empty.toml").write_text("", "utf-8")
    demand = (library / "demand.toml").read_text("utf-8")
    (library / "wrong_product.toml").write_text(demand.replace("interest.flat", "interest.flatt"), "utf-8")
    given = [library / word if word.endswith((".toml", ".csv")) else word for word in arguments]
    ran = bank.run("product", "simulate", *given, *DAYS)
    assert ran.code == 1, ran.out
    for reason in reasons:
        assert reason in ran.err, ran.err


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--from", "2026-01-05"),
        ("--from", "2026-03-20", "--until", "2026-01-05"),
        (*DAYS, "--deposit", "a lot"),
        (*DAYS, "--deposit", "-5"),
        (*DAYS, "--term", "soon"),
        (*DAYS, "--close", "2026-03-21"),
    ],
)
def test_an_option_that_cannot_be_is_not_understood(bank, library: Path, options: tuple[str, ...]):
    assert bank.run("product", "simulate", library / "demand.toml", *options).code == 2


def transaction(bank, unit: int, code: int) -> str:
    query = sql.SQL("SELECT txn_id FROM {}.journal WHERE code = %s ORDER BY seq DESC LIMIT 1")
    with bank.connect() as session:
        return str(session.execute(query.format(sql.Identifier(unit_schema(unit))), (code,)).fetchone()[0])


def falsify(bank, unit: int, txn: str) -> None:
    query = sql.SQL("UPDATE {}.journal SET amount = amount + 1 WHERE txn_id = %s")
    with bank.connect() as session:
        session.execute(query.format(sql.Identifier(unit_schema(unit))), (txn,))


def replayed(bank, unit: int, file: Path) -> dict[str, Any]:
    days = ("--from", "2026-01-05", "--to", "2026-03-20")
    return bank.run("product", "replay", file, "--against", "demand", *days, "--unit", unit, "--json").answer


def test_a_draft_is_replayed_and_a_falsified_cent_is_noticed(bank, unit: int, library: Path):
    place = ("--unit", unit)
    made = ("product", "install-library", "--author", "maker", "--approver", "checker")
    assert bank.run(*made, *place).code == 0
    opening = ("contract", "open", "demand", "--holder", "P-1", "--amount", "100000.00", "--from", "cash")
    assert bank.run(*opening, *place, "--json").code == 0
    assert bank.run("closeday", "run", "--through", "2026-03-20", *place, "--json").code == 0

    same = replayed(bank, unit, library / "demand.toml")
    assert (same["posted_minor"], same["draft_minor"], same["changed"]) == (10_42, 10_42, 0)
    draft = library / "draft.toml"
    text = (library / "demand.toml").read_text("utf-8").replace("version = 1", "version = 2")
    draft.write_text(text.replace('"board:demand"', '"board:demand + 0.05%"'), "utf-8")
    better = replayed(bank, unit, draft)
    # Twice 0.05 %: 20.8333…
    assert (better["draft"], better["draft_minor"], better["changed"]) == ("demand/2", 20_83, 1)
    days = ("--from", "2026-01-05", "--to", "2026-03-20")
    page = bank.run("product", "replay", draft, "--against", "demand", *days, *place)
    for said in ("Difference     10.41", "6411", "2026-03-20"):
        assert said in page.out, page.out
    unknown = bank.run("product", "replay", draft, "--against", "nothing", *days, *place)
    assert (unknown.code, "no product 'nothing'" in unknown.err) == (1, True)

    txn = transaction(bank, unit, 2001)
    explained = bank.run("explain", txn, *place, "--chinese")
    assert (explained.code, "结息" in explained.out) == (0, True)
    falsify(bank, unit, txn)
    differs = bank.run("explain", txn, *place)
    assert (differs.code, "worked out again" in differs.err) == (1, True)
