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


KORUNA_LOAN = """
[product]
code = "koruna_loan"
number = 1501
version = 1
english = "Loan in koruna"
chinese = "克朗贷款"
currency = "CZK"
effective = 1994-03-30

[[parts]]
part = "limit.amount"
least = "1.00 CZK"

[[parts]]
part = "term.loan_months"
most = 60

[[parts]]
part = "purpose.never_for"
purposes = ["lending_on"]

[[parts]]
part = "security.none"

[[parts]]
part = "payment.freely"

[[parts]]
part = "drawdown.single"
days = 3660

[[parts]]
part = "loan_interest.fixed"
yearly = "0%"

[[parts]]
part = "repayment.equal_principal"
day = 12

[[parts]]
part = "prepayment.part"

[[parts]]
part = "overdue.none"

[[parts]]
part = "allocation.sequence"

[[parts]]
part = "classification.five_grades"

[[parts]]
part = "non_accrual.after_days"

[[parts]]
part = "allowance.three_stages"
first = { default = "1%", lost = "50%" }
second = { default = "10%", lost = "50%" }
third = { default = "100%", lost = "60%" }

[[parts]]
part = "write_off.after_days"

[[parts]]
part = "ledger.loan"
"""


def test_the_loans_of_a_bank_taken_over_are_contracts_with_the_payments_its_books_have(
    bank, berka, units: Iterator[int], tmp_path: Path
) -> None:
    unit = next(units)
    options = ("--unit", unit, "--json")
    assert bank.run("migrate", "berka", berka, *options).code == 0
    file = tmp_path / "koruna_loan.toml"
    file.write_text(KORUNA_LOAN, encoding="utf-8")
    for command in (
        ("draft", file, "--by", "author"),
        ("approve", "koruna_loan/1", "--by", "approver"),
        ("publish", "koruna_loan/1", "--by", "approver"),
    ):
        done = bank.run("product", *command, *options)
        assert done.code == 0, done.err
    refused = bank.run("contract", "take-over", "koruna_loan", *options)
    assert refused.code != 0
    assert "this product is no deposit" in refused.err
    taken = bank.run("migrate", "berka-loans", berka, "koruna_loan", *options).answer
    # 37 loans were granted by 30 March 1994; 123 transactions are marked as payments, 48 of just the instalment.
    assert (taken["loans"], taken["known"], taken["drawn"]) == (682, 0, 37)
    assert (taken["payments"], taken["exact"], taken["rounded"]) == (123, 48, 75)
    assert taken["principal_minor"] == _owed(berka)
    again = bank.run("migrate", "berka-loans", berka, "koruna_loan", *options).answer
    assert (again["known"], again["principal_minor"]) == (682, taken["principal_minor"])
    closed = bank.run("closeday", "run", *options)
    assert closed.code == 0, closed.err
    assert bank.run("check", *options).code == 0


def _owed(berka: Path) -> int:
    """What is owed of all loans by the files alone: what was lent by the last day, less an instalment a payment."""
    loans = [line.split(";") for line in (berka / "loan.asc").read_text().splitlines()[1:]]
    rows = [line.split(";") for line in (berka / "trans.asc").read_text().splitlines()[1:]]
    payment = {loan[1]: round(float(loan[5]) * 100) for loan in loans}
    lent = sum(int(loan[3]) * 100 for loan in loans if loan[2] <= "940330")
    return lent - sum(payment[row[1]] for row in rows if row[7].strip('"') == "UVER")
