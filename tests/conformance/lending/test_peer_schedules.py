"""The schedules Apache Fineract asserts, computed by the schedule engine under that system's named policies."""

import json
from pathlib import Path
from typing import Any

import pytest

from yinhe.cli.app import run
from yinhe.lending.peer.case_file import read_cases
from yinhe.lending.peer.compare import check

FILE = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "loans" / "schedules.json"

pytestmark = pytest.mark.skipif(not FILE.is_file(), reason="the peer's schedules are not in ../shared/data/loans")


def test_every_schedule_comes_out_to_the_cent() -> None:
    cases = read_cases(FILE)
    assert len(cases) == 30
    assert [verdict for case in cases if not (verdict := check(case)).passed] == []


def test_the_command_counts_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["conform", "loans", str(FILE), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"passed": 30, "failed": 0, "cases": 30, "rows": 219, "failures": []}


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("principal_due", "265.36"),
        ("interest", "39.64"),
        ("due", "305.01"),
        ("balance_of_loan", "3699.25"),
        ("outstanding", "304.99"),
        ("paid", "0.01"),
        ("n", 6),
        ("days", 30),
        ("date", "2023-04-02"),
    ],
)
def test_a_cell_that_is_off_by_the_least_is_found(
    field: str, wrong: str | int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cases: list[dict[str, Any]] = json.loads(FILE.read_text("utf-8"))
    case = next(case for case in cases if case["id"] == "e2e/LoanRepayment/024")
    row = case["expect"][0]["rows"][5]
    was, row[field] = row[field], wrong
    changed = tmp_path / "changed.json"
    changed.write_text(json.dumps([case]), "utf-8")
    assert run(["conform", "loans", str(changed), "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    found = answer["failures"][0]["differences"]
    assert (answer["passed"], answer["failed"], answer["cases"]) == (0, 1, 1)
    assert found == [{"event": 1, "row": 5, "field": field, "expected": str(wrong), "got": str(was)}]
