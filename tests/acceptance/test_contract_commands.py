"""`yinhe contract`: a customer's deposit from opening to closing, as a teller types it."""

import json

import pytest


@pytest.fixture
def shop(bank, unit) -> int:
    """A unit that sells the library's products."""
    done = bank.run("product", "install-library", "--author", "ada", "--approver", "bob", "--unit", unit)
    assert done.code == 0, done.err
    return unit


def test_a_time_deposit_from_opening_to_closing(bank, shop):
    cash = ("--from", "cash", "--unit", shop, "--json")
    current = bank.run("contract", "open", "demand", "--holder", "P-1", "--amount", "1.00", *cash).answer
    assert (current["contract"], current["received_minor"]) == (1, 100)
    saved = bank.run(
        *("contract", "open", "lump_sum", "--holder", "P-1", "--amount", "10,000.00", "--term", "3 months"),
        *("--linked", current["account"], "--renew", *cash),
    ).answer
    assert (saved["contract"], saved["maturity"]) == (2, "2026-04-05")

    shown = bank.run("contract", "show", 2, "--unit", shop)
    assert shown.code == 0, shown.err
    for words in ("lump_sum/1", "整存整取", "10,000.00 CNY", "3 months", "P-1", "renewed"):
        assert words in shown.out
    told = bank.run("contract", "show", 2, "--unit", shop, "--json").answer
    assert (told["balance_minor"], told["rate"], told["holder"]) == (1_000_000, 650_000, "P-1")
    assert [event["kind"] for event in told["events"]] == ["open"]

    listed = bank.run("contract", "list", "--holder", "P-1", "--unit", shop, "--json").answer["contracts"]
    assert [(one["contract"], one["product"]) for one in listed] == [(1, "demand/1"), (2, "lump_sum/1")]
    assert (
        bank.run("contract", "list", "--product", "demand", "--unit", shop, "--json").answer["contracts"] == listed[:1]
    )

    assert bank.run("contract", "amend", 2, "--no-renew", "--unit", shop).code == 0
    drawn = bank.run("contract", "withdraw", 2, "4000.00", "--unit", shop, "--json").answer
    assert (drawn["paid_minor"], drawn["interest_minor"]) == (400_000, 0)
    closed = bank.run("contract", "close", 2, "--to", "cash", "--unit", shop, "--json").answer
    assert (closed["kind"], closed["paid_minor"]) == ("close", 600_000)
    balance = bank.run("contract", "show", 1, "--unit", shop, "--json").answer["balance_minor"]
    assert balance == 400_100
    assert len(bank.run("contract", "list", "--unit", shop, "--json").answer["contracts"]) == 1
    assert len(bank.run("contract", "list", "--closed", "--unit", shop, "--json").answer["contracts"]) == 2
    assert bank.run("check", "--unit", shop).code == 0


def test_a_certificate_changes_hands(bank, shop):
    made = bank.run(
        *("contract", "open", "certificate/1", "--holder", "P-1", "--amount", "200000.00", "--from", "cash"),
        *("--term", "1 year", "--unit", shop, "--json"),
    ).answer
    assert bank.run("contract", "transfer", made["contract"], "--to", "P-2", "--unit", shop).code == 0
    assert bank.run("contract", "show", made["contract"], "--unit", shop, "--json").answer["holder"] == "P-2"


def test_notice_is_given_of_a_day(bank, shop):
    given = ("--holder", "P-1", "--amount", "60000.00", "--from", "cash", "--unit", shop)
    assert bank.run("contract", "open", "notice_7d", *given).code == 0
    soon = bank.run("contract", "notice", 1, "60000.00", "--on", "2026-01-11", "--unit", shop)
    assert soon.code == 1
    assert bank.run("contract", "notice", 1, "60000.00", "--on", "2026-01-12", "--unit", shop).code == 0


def test_a_notice_is_taken_back_and_another_given(bank, shop):
    given = ("--holder", "P-1", "--amount", "60000.00", "--from", "cash", "--unit", shop)
    assert bank.run("contract", "open", "notice_7d", *given).code == 0
    first = bank.run("contract", "notice", 1, "60000.00", "--on", "2026-01-12", "--unit", shop, "--json").answer
    # All of it has notice already.
    again = bank.run("contract", "notice", 1, "1.00", "--on", "2026-01-12", "--unit", shop, "--json")
    assert refusal(again) == "notice_over_balance"
    shown = bank.run("contract", "show", 1, "--unit", shop)
    assert first["id"] in shown.out.replace("\n", "")
    assert "given" in shown.out
    done = bank.run("contract", "cancel-notice", 1, first["id"], "--unit", shop, "--json")
    assert (done.code, done.answer["kind"]) == (0, "notice_cancel")
    told = bank.run("contract", "show", 1, "--unit", shop, "--json").answer
    assert [(one["id"], one["state"]) for one in told["notices"]] == [(first["id"], "cancelled")]
    assert refusal(bank.run("contract", "cancel-notice", 1, first["id"], "--unit", shop, "--json")) == "notice_unknown"
    assert bank.run("contract", "notice", 1, "60000.00", "--on", "2026-01-12", "--unit", shop).code == 0


def refusal(told) -> str:
    """The refusal of a command, which is told in English and Chinese."""
    assert told.code == 1
    answer = json.loads(told.out)
    assert f"Refused: {answer['english']} ({answer['chinese']})" in told.err
    return answer["refusal"]


@pytest.fixture
def payer(bank, shop) -> int:
    """Contracts 1 and 2 to pay and be paid, 3 a time deposit, 4 in dollars; the account of the second."""
    accounts = []
    for code, more in (("demand", ()), ("demand", ()), ("lump_sum", ("--term", "3 months")), ("demand_usd", ())):
        given = ("--holder", "P-1", "--amount", "1000.00", "--from", "cash", "--unit", shop, "--json")
        accounts.append(bank.run("contract", "open", code, *more, *given).answer["account"])
    return accounts[1]


def test_a_standing_order_is_carried_out_each_month_until_it_is_stopped(bank, shop, payer):
    added = bank.run(
        *("contract", "order", "add", 1, "100.00", "--to", payer, "--day", 6, "--last", "2026-12-31"),
        *("--unit", shop, "--json"),
    ).answer
    listed = bank.run("contract", "order", "list", 1, "--unit", shop, "--json").answer["orders"]
    assert listed == [
        {
            "id": added["id"], "to_account": payer, "amount_minor": 10_000, "day_of_month": 6,
            "first": "2026-01-05", "last": "2026-12-31", "last_run": None,
        }
    ]  # fmt: skip
    assert bank.run("closeday", "run", "--unit", shop).code == 0
    paid = bank.run("contract", "show", 2, "--unit", shop, "--json").answer["balance_minor"]
    assert paid == 110_000
    shown = bank.run("contract", "order", "list", 1, "--unit", shop)
    assert "100.00" in shown.out
    assert "2026-01-06" in shown.out
    assert bank.run("contract", "order", "stop", 1, added["id"], "--unit", shop).code == 0
    assert "No standing orders" in bank.run("contract", "order", "list", 1, "--unit", shop).out
    assert refusal(bank.run("contract", "order", "stop", 1, added["id"], "--unit", shop, "--json")) == "order_unknown"


REFUSED_ORDERS = (
    # On the 5th, and today is the 5th of January.
    (9, "1.00", (), "contract_unknown"),
    (3, "1.00", (), "order_not_taken"),
    (1, "0.00", (), "amount_not_positive"),
    (1, "1.00", ("--to", "999999"), "account_unknown"),
    (4, "1.00", (), "account_unknown"),
    (2, "1.00", (), "order_to_itself"),
    (1, "1.00", ("--first", "2026-01-04"), "order_in_the_past"),
    (1, "1.00", ("--last", "2026-02-04"), "order_never_due"),
    (1, "1.00", ("--first", "2026-03-06", "--last", "2026-04-04"), "order_never_due"),
)


def test_a_standing_order_is_refused_with_its_reason(bank, shop, payer):
    for contract, amount, more, reason in REFUSED_ORDERS:
        given = ("--to", payer, "--day", 5, *more, "--unit", shop, "--json")
        assert refusal(bank.run("contract", "order", "add", contract, amount, *given)) == reason, reason


def test_closing_a_deposit_ends_its_standing_orders(bank, shop, payer):
    given = ("--to", payer, "--day", 31, "--unit", shop)
    assert bank.run("contract", "order", "add", 1, "100.00", *given).code == 0
    assert bank.run("contract", "close", 1, "--to", "cash", "--unit", shop).code == 0
    assert bank.run("contract", "order", "list", 1, "--unit", shop, "--json").answer["orders"] == []


def test_a_refusal_is_told_in_english_and_chinese(bank, shop):
    said = bank.run(
        *("contract", "open", "certificate", "--holder", "P-1", "--amount", "205000.00", "--from", "cash"),
        *("--term", "1 year", "--unit", shop, "--json"),
    )
    assert said.code == 1
    assert "the amount is not a multiple of the step" in said.err
    answer = json.loads(said.out)
    assert answer["refusal"] == "off_step"
    assert answer["chinese"] == "金额不是递增单位的整数倍"


def test_a_request_sent_twice_is_done_once(bank, shop):
    request = "019b8c6e-0000-7000-8000-000000000001"
    given = ("--holder", "P-1", "--amount", "7.00", "--from", "cash", "--id", request, "--unit", shop, "--json")
    first = bank.run("contract", "open", "demand", *given).answer
    assert bank.run("contract", "open", "demand", *given).answer == first
    assert len(bank.run("contract", "list", "--unit", shop, "--json").answer["contracts"]) == 1


TYPED_WRONG = (
    (("show", 7), "there is no such deposit"),
    (("close", 7), "there is no such deposit"),
    (("open", "demnad", "--holder", "x"), "is sold on"),
    (("open", "demand", "--holder", "x", "--amount", "1.005", "--from", "cash"), "decimals"),
    (("open", "demand", "--holder", "x", "--channel", "fax"), "no channel"),
)


def test_what_was_typed_wrong_is_said_in_one_line(bank, shop):
    for typed, said in TYPED_WRONG:
        told = bank.run("contract", *typed, "--unit", shop)
        assert told.code in (1, 2), said
        assert said in " ".join(told.err.split())
