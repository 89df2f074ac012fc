"""The published cases of the ACTUS standard come out of the bank's own schedule engine, every event to 1e-8."""

import json
from pathlib import Path

import pytest

from yinhe.cli.app import run
from yinhe.lending.actus.cases import read_cases
from yinhe.lending.actus.conform import check_case

ACTUS = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "actus"
FILES = sorted(ACTUS.glob("*.json"))
CASES = [(name, given) for file in FILES for name, given in read_cases(file).items()]

pytestmark = pytest.mark.skipif(not FILES, reason="the cases of the ACTUS standard are not in ../shared/data/actus")


@pytest.mark.parametrize(("name", "given"), CASES, ids=[name for name, _ in CASES])
def test_a_case_comes_out_as_published(name, given):
    report = check_case(name, given)
    assert report.differences == ()
    assert report.rows == len(given["results"]) > 0


@pytest.mark.parametrize("field", ["payoff", "notionalPrincipal", "nominalInterestRate", "accruedInterest"])
def test_a_number_off_by_more_than_the_tolerance_is_seen(field):
    name, given = CASES[0]
    row = given["results"][3]
    results = [*given["results"][:3], {**row, field: str(float(row[field]) + 2e-8)}, *given["results"][4:]]
    (found,) = check_case(name, {**given, "results": results}).differences
    assert (found.field, found.event[:2]) == (field, "4 ")


def test_the_command_counts_the_cases(capsys):
    assert run(["conform", "actus", *map(str, FILES), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["passed"], answer["failed"], answer["cases"]) == (len(CASES), 0, len(CASES))
    assert answer["cases"] == 80
    assert answer["failures"] == []


def test_the_command_fails_and_names_the_case_and_the_term(tmp_path, capsys):
    name, given = CASES[0]
    terms = {term: value for term, value in given["terms"].items() if term != "notionalPrincipal"}
    broken = tmp_path / "broken.json"
    broken.write_text(json.dumps({name: {**given, "terms": terms}, "other": given}), "utf-8")
    assert run(["conform", "actus", str(broken), "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert (answer["passed"], answer["failed"], answer["cases"]) == (1, 1, 2)
    assert name in answer["error"]
    assert answer["failures"][0]["case"] == name
    assert answer["failures"][0]["differences"][0]["event"] == "notionalPrincipal"
    assert run(["conform", "actus", str(broken)]) == 1
    assert "notionalPrincipal" in capsys.readouterr().out
