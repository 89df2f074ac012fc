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


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("show", 7), "there is no such deposit"),
        (("close", 7), "there is no such deposit"),
        (("open", "demnad", "--holder", "x"), "is sold on"),
        (("open", "demand", "--holder", "x", "--amount", "1.005", "--from", "cash"), "decimals"),
        (("open", "demand", "--holder", "x", "--channel", "fax"), "no channel"),
    ],
)
def test_what_was_typed_wrong_is_said_in_one_line(bank, shop, typed, said):
    told = bank.run("contract", *typed, "--unit", shop)
    assert told.code in (1, 2)
    assert said in " ".join(told.err.split())
