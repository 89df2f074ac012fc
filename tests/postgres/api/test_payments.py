"""Payments through the interface: whose are seen, how they are shown, which sum of several currencies decides."""

from typing import Any

import msgspec
import pytest
from tests.postgres.api.conftest import TELLER, Counter, MakeCounter, at_branch, client_of
from tests.unit.payments.files import group, line
from tests.unit.payments.files import pain001 as file_of

from yinhe.access.principal import Limits
from yinhe.access.rules import ApprovalRule
from yinhe.api.handlers import contracts, payment_files, payments
from yinhe.api.handlers.payment_files import sums_of
from yinhe.api.route import Weight
from yinhe.api.weighing import heaviest
from yinhe.audit.desk import Told
from yinhe.audit.record import ActorKind
from yinhe.payments.iso import pain001

IBAN = "NL91ABNA0417164300"


@pytest.fixture
def counter(make_counter: MakeCounter) -> Counter:
    return make_counter([route for module in (contracts, payments, payment_files) for route in module.ROUTES])


def body(debtor: str, amount: str = "1.00", name: str = "张三", **more: Any) -> dict[str, Any]:
    return {"debtor": debtor, "creditor": {"name": name, "iban": IBAN}, "amount": amount, "currency": "CNY", **more}


def numbers(page: dict[str, Any]) -> list[int]:
    return [one["payment"] for one in page["items"]]


def test_a_teller_of_a_branch_sees_the_payments_of_its_accounts_alone(counter: Counter) -> None:
    party = counter.party()
    here = counter.contract(party, branch=71)["account"]
    there = counter.contract(party, branch=72)["account"]
    mine = counter.done("sendPayment", body(here))["payment"]
    other = counter.done("sendPayment", body(there))["payment"]
    assert numbers(counter.done("listPayments", who=at_branch(71))) == [mine]
    assert numbers(counter.done("listPayments", who=at_branch(71, 72))) == [other, mine]
    assert counter.refused("readPayment", payment=other, who=at_branch(71)) == "payment_unknown"
    assert counter.refused("sendPayment", body(there), who=at_branch(71)) == "account_unknown"
    assert numbers(counter.done("listPayments", who=client_of(party), state="posted")) == [other, mine]
    assert numbers(counter.done("listPayments", who=client_of(counter.party()))) == []


def test_a_page_ends_where_the_next_begins(counter: Counter) -> None:
    account = counter.contract(counter.party())["account"]
    made = [counter.done("sendPayment", body(account))["payment"] for _ in range(3)]
    first = counter.done("listPayments", account=account, limit=2)
    second = counter.done("listPayments", account=account, limit=2, cursor=first["next"])
    assert numbers(first) + numbers(second) == made[::-1]
    assert second["next"] is None
    assert counter.refused("readPaymentFile", file=1, cursor=first["next"]) in ("cursor_invalid", "file_unknown")


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张三", "张*"),
        ("  ", ""),
        ("张  三", "张*** 三***"),
        ("J", "J***"),
        ("Jan\u00a0 Smit ", "J*** S***"),
        ("🏦", "🏦*"),
    ],
)
def test_whatever_a_payee_is_called_the_name_is_masked(counter: Counter, name: str, masked: str) -> None:
    account = counter.contract(counter.party())["account"]
    sent = counter.done("sendPayment", body(account, name=name))
    assert sent["payee"]["name"] == masked
    assert sent["payee"]["account"] == "NL91**********4300"
    assert (sent["remittance"], sent["reference"]) == ([], "")


def test_a_payment_weighs_its_amount_and_one_that_does_not_read_weighs_nothing(counter: Counter) -> None:
    account = counter.contract(counter.party())["account"]
    assert counter.weight("sendPayment", body(account, "12.34")) == Weight(12_34, "CNY")
    assert counter.weight("sendPayment", body(account, "12.345")) == Weight(0, "CNY")
    assert counter.weight("sendPayment", {**body(account), "currency": "ZZZ"}) == Weight()
    assert counter.refused("sendPayment", {**body(account), "currency": "ZZZ"}) == "currency_unknown"


def test_a_file_weighs_what_its_amounts_come_to_by_currency() -> None:
    lines = (
        line("E1", "10.00"),
        line("E2", "0.5"),
        line("E3", "7", "JPY"),
        line("E4", "-1.00"),
        line("E5", "1", "ZZZ"),
    )
    sums = sums_of(file_of(group(*lines), count=5), pain001.MESSAGES, "PmtInf/CdtTrfTxInf/Amt/InstdAmt")
    assert sums == {"CNY": 10_50, "JPY": 7}
    assert sums_of(b"<a/>", pain001.MESSAGES, "PmtInf") == {}


def test_of_several_sums_the_one_decides_that_is_over_a_limit_or_needs_a_second_person(counter: Counter) -> None:
    account = counter.contract(counter.party())["account"]
    call = msgspec.structs.replace(counter.call("sendPayment", body(account)), action="weighing.try")
    sums = {"JPY": 5_000, "CNY": 3_000, "USD": 1_000}
    assert heaviest(call, {}) == Weight()
    assert heaviest(call, sums) == Weight(5_000, "JPY", sums)
    rule = ApprovalRule(
        pattern="weighing.try", kinds=frozenset({ActorKind.USER}), thresholds={"USD": 1_000, "CNY": 9_999, "JPY": 9_999}
    )
    told = counter.bank.identity.rules.put(
        msgspec.structs.replace(counter.call("listPayments").asked(), action="rule.put"), rule
    )
    assert isinstance(told, Told)
    assert heaviest(call, sums) == Weight(1_000, "USD", sums)
    limited = msgspec.structs.replace(TELLER, currency_limits=(("CNY", Limits(2_999)),))
    assert heaviest(msgspec.structs.replace(call, principal=limited), sums) == Weight(3_000, "CNY", sums)
