"""The books over the interface: they balance, they are whole, and the journal has every row in order."""

from decimal import Decimal

import pytest
from tests.postgres.api.conftest import Counter, MakeCounter, at_branch, client_of

from yinhe.api.handlers import audit, books, contracts, journal


@pytest.fixture(scope="module")
def counter(make_counter: MakeCounter) -> Counter:
    return make_counter((*contracts.ROUTES, *books.ROUTES, *journal.ROUTES, *audit.ROUTES))


def test_the_trial_balance_balances_and_is_the_sum_of_its_lines(counter: Counter) -> None:
    counter.contract(counter.party(), "123.45")
    told = counter.done("readTrialBalance", currency="CNY")
    assert told["balanced"]
    (total,) = told["totals"]
    assert total["debit"] == total["credit"]
    assert total["difference"]["amount"] == "0.00"
    assert sum(Decimal(one["debit"]["amount"]) for one in told["items"]) == Decimal(total["debit"]["amount"])
    names = {one["gl_code"]: one["names"] for one in told["items"]}
    assert names[1001] == {"en": "Cash", "zh": "库存现金"}
    (cash,) = counter.done("readGeneralLedger", gl_code=1001, currency="CNY")["items"]
    assert Decimal(cash["debit"]["amount"]) >= Decimal("123.45")
    assert counter.done("readTrialBalance", currency="EUR")["items"] == []


def test_an_earlier_day_is_told_as_it_ended(counter: Counter) -> None:
    counter.contract(counter.party(), "77.00")
    told = counter.done("readTrialBalance", as_of="2026-01-04")
    assert told["balanced"]
    assert {one["debit"]["amount"] for one in told["items"]} == {"0.00"}
    assert counter.refused("readTrialBalance", as_of="2026-01-06") == "date_ahead"
    assert counter.refused("readGeneralLedger", as_of="9999-12-31") == "date_ahead"
    assert counter.done("readGeneralLedger", as_of="0001-01-01", gl_code=1001)["items"][0]["held"] is None


def test_the_journal_is_read_in_order_nothing_lost_between_pages(counter: Counter) -> None:
    opened = counter.contract(counter.party(), "88.00")
    whole, after = [], 0
    while after is not None:
        page = counter.done("readJournal", after_seq=after, limit=3)
        whole += page["items"]
        after = page["next_after_seq"]
    with counter.bank.sessions.lend() as session:
        there = session.execute("SELECT seq, txn_id::text FROM journal ORDER BY seq").fetchall()
    assert [(row["seq"], row["transaction"]) for row in whole] == there
    (row,) = [row for row in whole if row["credit"] == opened["account"]]
    assert (row["amount"]["amount"], row["credit_balance"]["amount"], row["words"]["en"]) == (
        "88.00", "88.00", "Opening of a deposit",
    )  # fmt: skip
    assert row["business_date"] == row["value_date"] == "2026-01-05"
    assert counter.done("readJournal", after_seq=2**62)["items"] == []


def test_whoever_is_limited_to_a_part_of_the_bank_does_not_see_the_books(counter: Counter) -> None:
    for who in (client_of(1), at_branch(0)):
        for name in ("readTrialBalance", "readGeneralLedger", "readJournal", "verifyRecords"):
            assert counter.refused(name, who=who) == "forbidden"
    assert counter.refused("listRecords", who=at_branch(0)) == "forbidden"


def test_an_act_is_found_by_what_it_was_done_to_and_by_whom(counter: Counter) -> None:
    party, key = counter.party(), counter.new_id()
    body = {"product": "demand", "party": party, "amount": "5.00", "cash": True}
    opened = counter.done("openContract", body, key=key)
    by_object = counter.done("listRecords", object=f"contract/{opened['contract']}", action="contract")["items"]
    assert [one["actor"] for one in by_object] == ["user:teller-1"]
    assert by_object == counter.done("listRecords", party=party, outcome="done")["items"]
    record = counter.done("readRecord", number=by_object[0]["number"])
    assert record == by_object[0]
    assert record["at"].startswith("2026-01-05T")
    assert counter.done("readRecord", who=client_of(party), number=record["number"]) == record
    assert counter.refused("readRecord", who=client_of(party + 1), number=record["number"]) == "record_unknown"
    assert counter.refused("readRecord", number=2**53 - 1) == "record_unknown"
    assert counter.done("listRecords", who=client_of(party))["items"] == by_object
    assert counter.refused("listRecords", who=client_of(party), party=counter.party()) == "party_unknown"
    assert counter.done("listRecords", actor="user:nobody")["items"] == []
    first = counter.done("listRecords", limit=1)
    second = counter.done("listRecords", limit=1, cursor=first["next"])
    assert first["items"][0]["number"] == second["items"][0]["number"] + 1


def test_the_log_proves_itself(counter: Counter) -> None:
    counter.contract(counter.party())
    proof = counter.done("verifyRecords")
    assert proof["sound"]
    assert [one["law"] for one in proof["laws"]] == ["L1", "L2", "L3", "L4"]
    assert counter.done("verifyRecords", from_number=proof["last"])["sound"]
    assert counter.refused("verifyRecords", from_number=2**53 - 1) == "record_unknown"
    assert counter.done("listAnchors") == {"items": [], "next": None}
