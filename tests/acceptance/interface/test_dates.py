"""Payments for later dates over HTTP: they wait, the day is closed, and what is due is paid without anybody asking."""

from collections.abc import Iterator

import pytest
from tests.acceptance.interface.conftest import Served, bank_served

import yinhe.bank
from yinhe.kernel.dates import date_from_days


@pytest.fixture
def dated(database_url: str, units: Iterator[int], monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """A bank of its own, whose dates go on, and that looks often for what is due."""
    monkeypatch.setattr(yinhe.bank, "_ORDERS_LOOK_SECONDS", 0.1)
    with bank_served(database_url, next(units)) as one:
        yield one


def send(served: Served, token: str, debtor: str, creditor: str, amount: str, days: int) -> int:
    date = date_from_days(served.bank.ledger.business_date + days).isoformat()
    body = {
        "debtor": debtor,
        "creditor": {"name": "张三", "account": creditor},
        "amount": amount,
        "currency": "CNY",
        "execution_date": date,
    }
    answer = served.post("/v1/payments", token, body)
    assert answer.status_code == 201, answer.text
    assert answer.json()["state"] == "waiting"
    return int(answer.json()["payment"])


def state(served: Served, token: str, payment: int) -> str:
    return str(served.get(f"/v1/payments/{payment}", token).json()["state"])


def close_the_date(served: Served, token: str) -> None:
    date = served.bank.ledger.business_date
    started = served.post("/v1/nights", token, {"through": date_from_days(date).isoformat()})
    assert started.status_code == 202, started.text
    assert served.awaited(lambda: served.get("/v1/nights/at-work", token).json()["state"] != "running")
    assert served.get("/v1/nights/at-work", token).json()["state"] == "done"
    assert served.bank.ledger.business_date == date + 1


def test_what_is_for_later_is_paid_on_its_date_once_and_not_before(dated: Served) -> None:
    token, operator = dated.token("integrator"), dated.token("operator")
    payer, payee = dated.account(dated.customer(), "100.00"), dated.account(dated.customer(), "0.00")
    tomorrow = send(dated, token, payer, payee, "30.00", 1)
    too_much = send(dated, token, payer, payee, "500.00", 1)
    later = send(dated, token, payer, payee, "20.00", 2)
    cancelled = send(dated, token, payer, payee, "1.00", 2)
    answer = dated.post(f"/v1/payments/{cancelled}/cancellation", token, None)
    assert answer.status_code == 200, answer.text

    close_the_date(dated, operator)
    assert dated.awaited(lambda: state(dated, token, tomorrow) == "posted")
    assert dated.awaited(lambda: state(dated, token, too_much) == "rejected")
    assert dated.get(f"/v1/payments/{too_much}", token).json()["reason"]["code"] == "insufficient_funds"
    assert (state(dated, token, later), dated.balance(payee)) == ("waiting", "30.00")
    # Too late: it is in the books.
    assert dated.post(f"/v1/payments/{tomorrow}/cancellation", token, None).json()["code"] == "not_waiting"

    close_the_date(dated, operator)
    assert dated.awaited(lambda: state(dated, token, later) == "posted")
    assert state(dated, token, cancelled) == "cancelled"
    assert (dated.balance(payer), dated.balance(payee)) == ("50.00", "50.00")
