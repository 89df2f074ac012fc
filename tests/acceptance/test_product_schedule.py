"""yinhe product schedule: a loan before there is a contract; and the pictures of the documents, which it draws."""

import importlib.util
import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest

from yinhe.cli.app import run

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "docs" / "pictures"


def schedules() -> Any:
    spec = importlib.util.spec_from_file_location("schedules", PICTURES / "schedules.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SCHEDULES = schedules()
CONSUMER = ["product", "schedule", "consumer_loan", "--amount", "12,000.00", "--from", "2026-03-02"]


def test_the_instalments_are_those_worked_out_by_hand(capsys: pytest.CaptureFixture[str]) -> None:
    # The first example of docs/worked-examples/consumer_loan.md.
    assert run([*CONSUMER, "--months", "3", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    rows = [
        (one["due"], one["principal_minor"], one["interest_minor"], one["owed_minor"]) for one in told["instalments"]
    ]
    assert rows == [
        ("2026-04-02", 3_986_82, 37_20, 8_013_18),
        ("2026-05-02", 3_999_98, 24_04, 4_013_20),
        ("2026-06-02", 4_013_20, 12_44, 0),
    ]
    assert told["interest_minor"] == 37_20 + 24_04 + 12_44
    # Of three months of a year 92 days over 360: 3.6 % × 92 / 360 × 4 = 3.68 %; compounded it is 3.7 %.
    assert (told["rate"], told["apr_eu"], told["apr_us"], told["irr"]) == (3_600_000, "3.7", "3.68", "3.71")


def test_people_read_a_table_and_what_it_costs(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*CONSUMER, "--months", "3", "--tier", "3"]) == 0
    shown = capsys.readouterr().out
    # The tier's price: a tenth of a percent less.
    for words in ("consumer_loan/1, 3 months", "3.5%", "Interest in all", "Annual percentage rate, EU"):
        assert words in shown


REFUSED = [
    (["consumer_loan", "--amount", "12,000.00", "--months", "61"], "TERM_NOT_OFFERED"),
    (["consumer_loan", "--amount", "999.00", "--months", "12"], "UNDER_MINIMUM"),
    (["consumer_loan", "--amount", "12,050.00", "--months", "12"], "OFF_STEP"),
    (["mortgage", "--amount", "10,000,000.01", "--months", "12"], "OVER_MAXIMUM"),
    (["credit_card", "--amount", "1,000.00", "--months", "12"], "NOT_A_LOAN"),
    (["demand", "--amount", "1,000.00", "--months", "12"], "NOT_A_LOAN"),
]


@pytest.mark.parametrize(("asked", "why"), REFUSED)
def test_what_the_product_does_not_offer_is_refused(
    asked: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["product", "schedule", *asked, "--from", "2026-01-05", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["refusal"] == why


def test_an_unknown_product_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["product", "schedule", "nothing", "--amount", "1.00", "--months", "1", "--from", "2026-01-05"]) == 1
    assert "There is no nothing in the library" in capsys.readouterr().err


def test_a_day_before_every_posted_rate_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["mortgage", "--amount", "1,000,000.00", "--months", "240", "--from", "2010-01-05"]
    assert run(["product", "schedule", *asked]) == 1
    assert "No rate is posted for mortgage/1 on 2010-01-05." in capsys.readouterr().err


@pytest.mark.parametrize("name", SCHEDULES.PICTURES)
def test_the_pictures_of_the_documents_are_what_the_command_draws(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = tmp_path / name
    assert run(["product", "schedule", *SCHEDULES.PICTURES[name], "--svg", str(made), "--json"]) == 0
    assert made.read_text("utf-8") == (PICTURES / name).read_text("utf-8")
    told = json.loads(capsys.readouterr().out)
    bars = [
        one.attrib["class"]
        for one in ElementTree.fromstring(made.read_text("utf-8")).iter("{http://www.w3.org/2000/svg}rect")
    ]
    # A bar for each principal and each interest, and one of the legend each; what is thinner than a tenth is left out.
    due = [one["principal_minor"] > 0 for one in told["instalments"]]
    assert bars.count("principal") == sum(due) + 1
    assert len(due) * 0.9 < bars.count("interest") - 1 <= len(due)
