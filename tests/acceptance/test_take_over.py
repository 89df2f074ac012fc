"""A real bank's accounts are put on a product, and the months since they were opened are settled."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg import sql

from yinhe.storage.connection import unit_schema

pytestmark = pytest.mark.slow

KORUNA = """
[product]
code = "koruna_current"
number = 501
version = 1
english = "Current account in koruna"
chinese = "克朗活期账户"
currency = "CZK"
effective = 1994-03-30

[[parts]]
part = "term.open_ended"

[[parts]]
part = "interest.flat"
rate = "1%"

[[parts]]
part = "accrual.accumulated_balance"
basis = "ACT/365F"

[[parts]]
part = "settlement.monthly"
day = 31

[[parts]]
part = "ledger.deposit"
"""


def test_the_months_of_a_bank_taken_over_are_settled_by_its_first_night(
    bank, berka, units: Iterator[int], tmp_path: Path
) -> None:
    unit = next(units)
    options = ("--unit", unit, "--json")
    assert bank.run("migrate", "berka", berka, *options).code == 0
    file = tmp_path / "koruna_current.toml"
    file.write_text(KORUNA, encoding="utf-8")
    for command in (
        ("draft", file, "--by", "author"),
        ("approve", "koruna_current/1", "--by", "approver"),
        ("publish", "koruna_current/1", "--by", "approver"),
    ):
        done = bank.run("product", *command, *options)
        assert done.code == 0, done.err
    taken = bank.run("contract", "take-over", "koruna_current", *options).answer
    assert (taken["contracts"], taken["known"]) == (4_500, 0)
    assert bank.run("contract", "take-over", "koruna_current", *options).answer["contracts"] == 0

    night = bank.run("closeday", "run", *options).answer["nights"][0]
    accrue = next(step for step in night["steps"] if step["step"] == "accrue")
    assert accrue["figures"]["worked_out_anew"] == 4_500
    with bank.connect() as session:
        query = sql.SQL(
            "SELECT count(*), count(DISTINCT value_date), bool_and(extract(day FROM value_date) = 1) "
            "FROM {}.journal_entry WHERE code = 2003"
        ).format(sql.Identifier(unit_schema(unit)))
        postings, months, on_the_first = session.execute(query).fetchone()
    assert postings == accrue["figures"]["corrections"] > 9_000
    # January 1993 to February 1994, each credited on the first of the next month.
    assert (months, on_the_first) == (14, True)
    assert bank.run("check", *options).code == 0
