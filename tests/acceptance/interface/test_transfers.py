"""Transfers over HTTP: once, exact, and refused in words."""

from concurrent.futures import ThreadPoolExecutor

from tests.acceptance.interface.conftest import Served


def test_a_transfer_moves_money_once_however_often_it_is_sent(served: Served) -> None:
    token = served.token("integrator")
    payer, payee = served.account(served.customer(), "100.00"), served.account(served.customer(), "0.00")
    key = served.new_id()
    first = served.transfer(token, payer, payee, "30.25", key=key)
    again = served.transfer(token, payer, payee, "30.25", key=key)
    assert (first.status_code, first.json()["outcome"], first.json()["balance"]["amount"]) == (200, "posted", "69.75")
    assert again.status_code == 200
    assert again.json() == {**first.json(), "outcome": "duplicate"}
    assert served.balance(payee) == "30.25"
    other = served.transfer(token, payer, payee, "30.26", key=key)
    assert (other.status_code, other.json()["code"]) == (409, "id_conflict")


def test_many_at_once_are_each_posted_and_none_twice(served: Served) -> None:
    token = served.token("integrator")
    payer, payee = served.account(served.customer(), "500.00"), served.account(served.customer(), "0.00")
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: served.transfer(token, payer, payee, "1.00").status_code, range(200)))
    assert answers == [200] * 200
    assert served.balance(payer) == "300.00"
    assert served.balance(payee) == "200.00"


def test_what_cannot_be_paid_is_refused_in_both_languages_and_put_on_record(served: Served) -> None:
    token = served.token("integrator")
    payer, payee = served.account(served.customer(), "10.00"), served.account(served.customer(), "0.00")
    key = served.new_id()
    refused = served.transfer(token, payer, payee, "10.01", key=key)
    assert (refused.status_code, refused.json()["code"]) == (422, "insufficient_funds")
    assert refused.json()["reason"] == {"en": "not enough money available", "zh": "可用余额不足"}
    (record,) = served.awaited(lambda: [one for one in served.records() if one["request"] == str(key)])
    assert (record["outcome"], record["why"]) == ("refused", "insufficient_funds")


def test_a_dry_run_tells_what_would_happen_and_changes_nothing(served: Served) -> None:
    token = served.token("integrator")
    payer, payee = served.account(served.customer(), "10.00"), served.account(served.customer(), "0.00")
    body = {"debit": payer, "credit": payee, "amount": "4.00", "currency": "CNY"}
    tried = served.post("/v1/transfers?dry_run=true", token, body)
    assert (tried.status_code, tried.json()["outcome"]) == (200, "posted")
    refused = served.post("/v1/transfers?dry_run=true", token, {**body, "amount": "10.01"})
    assert (refused.status_code, refused.json()["code"]) == (422, "insufficient_funds")
    assert served.balance(payer) == "10.00"


def test_a_batch_posts_each_by_itself(served: Served) -> None:
    token = served.token("integrator")
    payer, payee = served.account(served.customer(), "10.00"), served.account(served.customer(), "0.00")
    items = [{"debit": payer, "credit": payee, "amount": amount, "currency": "CNY"} for amount in ("4.00", "9.00")]
    key = served.new_id()
    answer = served.post("/v1/transfer-batches", token, {"transfers": items}, key=key).json()
    assert (answer["posted"], answer["refused"]) == (1, 1)
    assert [one["outcome"] for one in answer["results"]] == ["posted", "insufficient_funds"]
    again = served.post("/v1/transfer-batches", token, {"transfers": items}, key=key).json()
    assert [one["outcome"] for one in again["results"]] == ["duplicate", "insufficient_funds"]
    assert served.balance(payer) == "6.00"


def test_a_users_large_transfer_waits_for_a_second_person_who_sees_its_effect(served: Served) -> None:
    maker, checker = served.user("teller"), served.user("supervisor")
    payer, payee = served.account(served.customer(), "90000.00"), served.account(served.customer(), "0.00")
    asked = served.transfer(maker, payer, payee, "60000.00")
    assert asked.status_code == 202, asked.text
    approval = asked.json()["approval"]
    assert asked.json()["effect"]["amount"] == {"amount": "60000.00", "currency": "CNY"}
    own = served.post(f"/v1/approvals/{approval}/decision", maker, {"decision": "approve"})
    assert own.status_code == 403
    shown = served.get(f"/v1/approvals/{approval}", checker).json()
    assert (shown["state"], shown["amount"], shown["currency"]) == ("waiting", "60000.00", "CNY")
    decided = served.post(f"/v1/approvals/{approval}/decision", checker, {"decision": "approve", "why": "seen"})
    assert (decided.status_code, decided.json()["state"]) == (200, "done"), decided.text
    assert served.balance(payee) == "60000.00"
    again = served.post(f"/v1/approvals/{approval}/decision", checker, {"decision": "approve"})
    assert (again.status_code, again.json()["code"]) == (422, "already_decided")
