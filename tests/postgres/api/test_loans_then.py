"""A loan as it stood when any date was closed. The bank is one of its own, whose dates go on."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.postgres.api.conftest import Counter, bank_of_library
from tests.postgres.ledger.conftest import MONDAY

from yinhe.api.forms import read_account
from yinhe.api.handlers import contracts, loans, nights
from yinhe.kernel.dates import date_from_days


@pytest.fixture
def counter(database_url: str, units: Iterator[int]) -> Iterator[Counter]:
    with bank_of_library(database_url, next(units)) as bank:
        yield Counter(bank, (*contracts.ROUTES, *loans.ROUTES, *nights.ROUTES))


def iso(day: int) -> str:
    return str(date_from_days(day))


def closed(counter: Counter) -> str:
    """Close the business date; which it was."""
    date = iso(counter.bank.ledger.business_date)
    counter.done("startNight", {"through": date})
    counter.bank.shift.wait(60)
    assert counter.done("readNightAtWork")["state"] == "done"
    return date


def test_a_card_is_told_with_the_statement_of_that_time(counter: Counter) -> None:
    party = counter.party()
    account = counter.contract(party, "900.00")["account"]
    agreed = {"product": "credit_card", "party": party, "amount": "20000.00", "purpose": "goods", "linked": account}
    card = counter.done("agreeLoan", agreed)["loan"]
    shop = counter.contract(counter.party(), "0.00")["account"]
    acts: dict[int, Callable[[], object]] = {
        0: lambda: counter.done("drawLoan", {"amount": "3000.00", "payee": shop, "payee_kind": "supplier"}, loan=card),
        9: lambda: counter.done("drawLoan", {"amount": "500.00", "advance": True}, loan=card),
        40: lambda: counter.done("repayLoan", {"amount": "700.00"}, loan=card),
        60: lambda: counter.done("drawLoan", {"amount": "80.00", "payee": shop, "payee_kind": "supplier"}, loan=card),
    }
    mornings: dict[str, Any] = {}
    for day in range(75):
        acts.get(day, lambda: None)()
        date = closed(counter)
        mornings[date] = counter.done("readLoan", loan=card)
    statements = {json.dumps(stands["statement"]) for stands in mornings.values()}
    assert len(statements) >= 4
    for date, stands in mornings.items():
        assert counter.done("readLoan", loan=card, as_of=date) == stands, date


def test_a_loan_is_told_as_it_stood_when_any_date_was_closed(counter: Counter) -> None:
    party = counter.party()
    account, other = (counter.contract(party, "1000.00")["account"] for _ in range(2))
    agreed = {
        "product": "consumer_loan", "party": party, "amount": "60000.00", "months": 12, "purpose": "car",
        "linked": account, "income": "30000.00",
    }  # fmt: skip
    loan = 0
    mornings: dict[str, Any] = {}

    def agree() -> None:
        nonlocal loan
        loan = counter.done("agreeLoan", agreed)["loan"]

    def spend() -> None:
        debit, credit = (read_account(one, counter.bank.unit) for one in (account, other))
        assert isinstance(debit, int)
        assert isinstance(credit, int)
        assert counter.bank.ledger.transfer(debit=debit, credit=credit, amount_minor=50_500_00).posted

    def repay(amount: str, **more: Any) -> None:
        counter.done("repayLoan", {"amount": amount} | more, loan=loan)

    acts: dict[int, Callable[[], object]] = {
        1: agree,
        2: lambda: counter.done("drawLoan", {"amount": "60000.00"}, loan=loan),
        5: lambda: repay("10000.00", early=True),
        # What is spent cannot be collected; a part is paid late, and counts from an earlier day.
        20: spend,
        45: lambda: repay("2000.00", payer=other, value_date=iso(MONDAY + 43)),
        48: lambda: counter.done("changeLoan", {"linked": other}, loan=loan),
        55: lambda: counter.done("payOffLoan", {"payer": other}, loan=loan),
    }
    for day in range(58):
        acts.get(day, lambda: None)()
        date = closed(counter)
        if loan:
            mornings[date] = counter.done("readLoan", loan=loan)
    late = [date for date, stands in mornings.items() if stands["overdue"]["amount"] != "0.00"]
    assert len(late) > 5
    assert {stands["principal"]["amount"] for stands in mornings.values()} > {"0.00", "60000.00", "50000.00"}
    for date, stands in mornings.items():
        assert counter.done("readLoan", loan=loan, as_of=date) == stands, date

    assert counter.refused("readLoan", loan=loan, as_of=iso(MONDAY)) == "not_on_books_yet"
    today = counter.bank.ledger.business_date
    assert counter.done("readLoan", loan=loan, as_of=iso(today)) == counter.done("readLoan", loan=loan)
    assert counter.refused("readLoan", loan=loan, as_of=iso(today + 1)) == "as_of_in_future"
    other_loan = counter.done("agreeLoan", agreed | {"linked": other})["loan"]
    assert counter.refused("readLoan", loan=other_loan, as_of=iso(today - 1)) == "not_on_books_yet"
