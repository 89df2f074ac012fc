"""`yinhe check` on the command line: a table for people, an object for programs, exit 1 when the books contradict."""

import json

import pytest

from yinhe.storage.connection import unit_schema


@pytest.fixture
def unit(bank) -> int:
    number = 81
    assert bank.run("init", "--unit", number).code == 0
    return number


def test_sound_books_are_called_sound(bank, unit):
    told = bank.run("check", "--unit", unit)
    assert told.code == 0, told.err
    assert "I1" in told.out
    assert "holds" in told.out
    answer = bank.run("check", "--unit", unit, "--json").answer
    assert [entry["invariant"] for entry in answer["checked"]] == [
        *(f"I{n}" for n in range(1, 16)),
        *(f"L{n}" for n in range(1, 5)),
    ]
    assert not any(entry["contradictions"] for entry in answer["checked"])


def test_books_that_contradict_exit_with_1_and_say_where(bank, unit):
    with bank.connect() as session:
        session.execute(f"INSERT INTO {unit_schema(unit)}.checkpoint VALUES ('interest', 1, 77)")
    told = bank.run("check", "--unit", unit)
    assert told.code == 1
    assert "I15" in told.out
    assert "77" in told.out
    assert "contradict 1 of 19" in told.err
    found = bank.run("check", "--unit", unit, "--json")
    assert found.code == 1
    (finding,) = json.loads(found.out)["checked"][14]["findings"]
    assert (finding["invariant"], finding["seq"]) == ("I15", 77)


def test_a_unit_that_is_not_there_is_refused(bank):
    told = bank.run("check", "--unit", 9998)
    assert told.code == 1
    assert "no unit 9998" in told.err
