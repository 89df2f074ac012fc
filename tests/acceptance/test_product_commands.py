"""`yinhe product` and `yinhe rates` as a person uses them: from a file to a published product, and every refusal."""

import json
from pathlib import Path

import pytest

GOOD = """\
[product]
code = "saver"
number = 2001
version = 1
english = "Saver"
chinese = "小金库"
currency = "CNY"
effective = 2026-01-05

[[parts]]
part = "term.open_ended"

[[parts]]
part = "interest.flat"
rate = "1.25%"

[[parts]]
part = "accrual.accumulated_balance"

[[parts]]
part = "settlement.quarterly"

[[parts]]
part = "ledger.deposit"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "saver.toml"
    path.write_text(GOOD, "utf-8")
    return path


def test_a_product_comes_to_market_in_four_steps_of_two_persons(bank, unit, file):
    place = ("--unit", unit)
    assert "sound: 5 parts, checked against unit" in bank.run("product", "check", file, *place).out
    drafted = bank.run("product", "draft", file, "--by", "maker", *place, "--json").answer
    assert (drafted["name"], drafted["status"]) == ("saver/1", "checked")
    alone = bank.run("product", "approve", "saver/1", "--by", "maker", *place)
    assert (alone.code, "another person approves it" in alone.err) == (1, True)
    early = bank.run("product", "publish", "saver/1", "--by", "checker", *place)
    assert (early.code, "only a version that is approved can become published" in early.err) == (1, True)
    assert bank.run("product", "approve", "saver/1", "--by", "checker", *place).code == 0
    assert bank.run("product", "publish", "saver/1", "--by", "checker", *place).code == 0
    text = bank.run("product", "show", "saver/1", "--text", *place).out
    assert text.startswith('[product]\ncode = "saver"\n')
    shown = bank.run("product", "show", "saver/1", *place)
    for said in ("1. draft", "by maker", "4. published", "by checker", 'rate = "1.25%"'):
        assert said in shown.out
    (row,) = bank.run("product", "list", *place, "--json").answer["products"]
    assert (row["name"], row["status"], row["current"], row["approver"]) == ("saver/1", "published", True, "checker")
    assert "published, current" in bank.run("product", "list", *place).out
    again = bank.run("product", "draft", file, "--by", "maker", *place)
    assert (again.code, "write version 2" in again.err) == (1, True)
    assert bank.run("product", "withdraw", "saver/1", "--by", "checker", *place).code == 0
    (row,) = bank.run("product", "list", *place, "--json").answer["products"]
    assert (row["status"], row["current"]) == ("withdrawn", False)


def test_every_mistake_of_a_file_is_one_line_and_nothing_is_stored(bank, unit, file):
    bad = GOOD.replace("1.25%", "325%").replace("2026-01-05", "2025-12-31")
    file.write_text(bad.replace('"ledger.deposit"', '"ledger.depositt"'), "utf-8")
    for command in (("check", file), ("draft", file, "--by", "maker")):
        told = bank.run("product", *command, "--unit", unit)
        assert told.code == 1
        *lines, last = told.err.splitlines()
        assert [line.split(": ")[0].rsplit(":", 1)[1] for line in lines] == ["8", "15", "24"], told.err
        assert lines[1].endswith("325% is out of bounds: 0% to 24% is allowed (did you mean 3.25%?)")
        assert lines[2].endswith('(did you mean "ledger.deposit"?)')
        assert last == f"yinhe: {file}: refused, 3 findings; nothing was changed."
    found = json.loads(bank.run("product", "check", file, "--unit", unit, "--json").out)["findings"]
    assert [one["code"] for one in found] == ["effective_past", "out_of_bounds", "part_unknown"]
    assert found[1]["chinese"].startswith("325%")
    assert bank.run("product", "list", "--unit", unit, "--json").answer["products"] == []


def test_a_date_that_is_past_is_refused_where_there_is_a_bank_to_know(bank, unit, file, tmp_path):
    file.write_text(GOOD.replace("2026-01-05", "2026-01-04"), "utf-8")
    told = bank.run("product", "check", file, "--unit", unit)
    assert (told.code, f"{file}:8: product.effective: effective 2026-01-04 is in the past" in told.err) == (1, True)
    alone = bank.run("product", "check", file, "--unit", 9997)
    assert (alone.code, "checked against itself alone" in alone.out) == (0, True), alone.err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("check", "nowhere.toml"), 1, "There is no file"),
        (("show", "saver"), 1, "write it as demand/1"),
        (("show", "saver/1"), 1, "no product version saver/1"),
        (("publish", "saver/1", "--by", "maker"), 1, "no such version: saver/1"),
        (("publish", "saver/1"), 2, "--by"),
        (("terms", "saver/9"), 1, "no product version saver/9"),
        (("install-library", "--author", "maker", "--approver", "maker"), 1, "another person approves it"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(bank, unit, arguments, code, said):
    told = bank.run("product", *arguments, "--unit", unit)
    assert told.code == code
    assert said in told.err, told.err


def test_the_library_is_published_once_with_its_rates(bank, unit):
    arguments = "product", "install-library", "--author", "maker", "--approver", "checker", "--unit", unit
    assert len(bank.run(*arguments, "--json").answer["products"]) == 23
    assert "Known before" in bank.run(*arguments).out
    rates = bank.run("rates", "list", "--unit", unit, "--json").answer["rates"]
    assert {one["table"]: one["rate"] for one in rates}["LPR_1Y"] == "3%"
    history = bank.run("rates", "list", "demand", "--history", "--unit", unit, "--json").answer["rates"]
    assert [one["rate"] for one in history] == ["0.2%", "0.15%", "0.1%", "0.05%"]
    shown = bank.run("product", "show", "mortgage/1", "--unit", unit).out
    assert "Mortgage 个人住房按揭贷款" in shown
    assert 'index = "board:LPR_5Y - 0.3%"' in shown
    terms = bank.run("product", "terms", "freight_loan/1", "--unit", unit).out
    assert "The bank pays what is drawn to carriers only, never to the borrower." in terms
    assert "仅限支付给承运人" in terms


def test_terms_and_differences_are_read_in_both_languages(bank, unit, file, tmp_path):
    told = bank.run("product", "terms", file, "--unit", unit)
    assert "The balance earns 1.25% a year." in told.out
    assert "存款按年利率1.25%计息。" in told.out
    bank.run("product", "draft", file, "--by", "maker", "--unit", unit)
    other = tmp_path / "other.toml"
    other.write_text(GOOD.replace("1.25%", "1.50%"), "utf-8")
    told = bank.run("product", "diff", "saver/1", other, "--unit", unit)
    assert "interest.flat: rate changes from 1.25% to 1.5%." in told.out
    assert "年利率由1.25%改为1.5%。" in told.out
    assert "Nothing changes." in bank.run("product", "diff", "saver/1", file, "--unit", unit).out


def test_a_rate_of_the_past_needs_the_word_correction(bank, unit):
    def run(day: str, *more: object):
        command = ("rates", "set", "demand", "--rate", "0.05%", "--effective", day, "--by", "treasury")
        return bank.run(*command, "--unit", unit, *more)

    assert run("2026-01-05", "--json").answer["rate"] == "0.05%"
    past = run("2026-01-04")
    assert (past.code, "say that it is a correction" in past.err) == (1, True)
    assert run("2026-01-04", "--correction").code == 0


@pytest.mark.parametrize(("rate", "code", "said"), [("3.25", 2, "3.25%"), ("325%", 2, "outside"), ("25%", 1, "0.25%")])
def test_a_rate_is_typed_with_its_unit_and_within_reason(bank, unit, rate, code, said):
    command = ("rates", "set", "demand", "--rate", rate, "--effective", "2026-01-05", "--by", "treasury")
    told = bank.run(*command, "--unit", unit)
    assert told.code == code
    assert said in told.err, told.err
