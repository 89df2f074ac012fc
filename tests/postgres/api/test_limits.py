"""The limit of a day holds over everything that moves money: contracts, loans and payments together."""

from typing import Any

import msgspec
import pytest
from tests.postgres.api.conftest import TELLER, Counter, MakeCounter
from tests.postgres.api.test_payments import body as payment

from yinhe.access.principal import Limits, Principal
from yinhe.api.handlers import contracts, orders, payments


@pytest.fixture
def counter(make_counter: MakeCounter) -> Counter:
    return make_counter([route for module in (contracts, orders, payments) for route in module.ROUTES])


def limited(name: str, daily_minor: int) -> Principal:
    return msgspec.structs.replace(TELLER, name=name, limits=Limits(2**62, daily_minor))


def records(counter: Counter, who: Principal) -> list[Any]:
    with counter.bank.sessions.lend() as session:
        return session.execute(
            "SELECT action, outcome, content::json->>'why' FROM audit_record WHERE actor = %s ORDER BY number",
            (who.author().actor,),
        ).fetchall()


def test_contracts_and_payments_use_up_one_limit(counter: Counter) -> None:
    who = limited("teller-21", 100_00)
    opening = {"product": "demand", "party": counter.party(), "amount": "40.00", "cash": True}
    opened = counter.done("openContract", opening, who=who)
    contract, account = opened["contract"], opened["account"]
    more = {"amount": "30.00", "cash": True}
    counter.done("payIntoContract", more, contract=contract, who=who)
    sent = counter.done("sendPayment", payment(account, "20.00"), who=who)
    assert sent["state"] == "posted"
    for name, content, path in (
        ("openContract", {**opening, "amount": "10.01"}, {}),
        ("payIntoContract", {**more, "amount": "10.01"}, {"contract": contract}),
        ("drawFromContract", {"amount": "10.01", "cash": True}, {"contract": contract}),
        ("closeContract", {"cash": True}, {"contract": contract}),
        ("sendPayment", payment(account, "10.01"), {}),
    ):
        assert counter.refused(name, content, who=who, dry_run=True, **path) == "over_daily_limit"
        before = records(counter, who)
        assert counter.refused(name, content, who=who, **path) == "over_daily_limit"
        action = counter.routes[name].action
        assert records(counter, who) == [*before, (action, "refused", "over_daily_limit")]
    # A standing order moves nothing yet.
    order = {"amount": "10.01", "payee": counter.contract(counter.party())["account"], "day_of_month": 15}
    counter.done("giveOrder", order, contract=contract, who=who)
    counter.done("drawFromContract", {"amount": "10.00", "cash": True}, contract=contract, who=who)
    assert counter.refused("payIntoContract", {**more, "amount": "0.01"}, contract=contract, who=who) == (
        "over_daily_limit"
    )
    counter.done("payIntoContract", {**more, "amount": "0.01"}, contract=contract)


def test_asked_again_it_is_told_again_although_nothing_is_left(counter: Counter) -> None:
    who, key = limited("teller-22", 40_00), counter.new_id()
    opening = {"product": "demand", "party": counter.party(), "amount": "40.00", "cash": True}
    told = counter.done("openContract", opening, who=who, key=key)
    assert counter.done("openContract", opening, who=who, key=key) == told
    assert counter.refused("openContract", opening, who=who) == "over_daily_limit"


def test_what_moves_nothing_in_the_end_uses_up_nothing(counter: Counter) -> None:
    who = limited("teller-23", 50_00)
    poor = counter.contract(counter.party(), "1.00")
    for _ in range(3):
        assert counter.done("sendPayment", payment(poor["account"], "50.00"), who=who)["state"] == "rejected"
        draw = {"amount": "50.00", "cash": True}
        assert counter.refused("drawFromContract", draw, contract=poor["contract"], who=who) == "amount_over_balance"
        counter.done("payIntoContract", draw, contract=poor["contract"], who=who, dry_run=True)
    counter.done("payIntoContract", draw, contract=poor["contract"], who=who)
