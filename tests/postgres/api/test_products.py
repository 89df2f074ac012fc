"""Products over the interface: read, tried out, and brought to market by two persons."""

from typing import Any

import msgspec
import pytest
from tests.postgres.api.conftest import TELLER, Counter, MakeCounter

from yinhe.api.handlers import products
from yinhe.products.product_library import library_files

DEMAND = dict(library_files())["demand.toml"]
AUTHOR, CHECKER = (msgspec.structs.replace(TELLER, name=name) for name in ("maker", "checker"))


@pytest.fixture(scope="module")
def counter(make_counter: MakeCounter) -> Counter:
    return make_counter(products.ROUTES)


def file_of(code: str, number: int) -> str:
    """The demand deposit under another code and number, effective today."""
    own = {"code": f'"{code}"', "number": str(number), "effective": "2026-01-05"}
    lines = [line.partition(" = ") for line in DEMAND.split("\n")]
    return "\n".join(f"{key}{sign}{own.get(key, value)}" for key, sign, value in lines)


def records_of(counter: Counter, what: str) -> list[tuple[str, str, str]]:
    """Action, actor and outcome of each record of an object."""
    with counter.bank.sessions.lend() as session:
        return session.execute(
            "SELECT action, actor, outcome FROM audit_record WHERE object = %s ORDER BY number", (what,)
        ).fetchall()


def test_a_product_is_brought_to_market_by_two_persons_and_withdrawn(counter: Counter) -> None:
    drafted = counter.done("draftProduct", {"text": file_of("savings", 901)}, who=AUTHOR)
    assert drafted == {"product": "savings/1", "status": "draft"}
    of: dict[str, Any] = {"code": "savings", "version": 1}
    assert counter.refused("approveProduct", who=CHECKER, **of) == "status_wrong"
    counter.done("checkProduct", who=AUTHOR, **of)
    assert counter.refused("approveProduct", who=AUTHOR, **of) == "same_person"
    counter.done("approveProduct", who=CHECKER, **of)
    assert counter.bank.holding.catalogue.current("savings", counter.bank.ledger.business_date) is None
    key = counter.new_id()
    told = counter.done("publishProduct", who=CHECKER, key=key, **of)
    assert told == counter.done("publishProduct", who=CHECKER, key=key, **of) == drafted | {"status": "published"}
    assert counter.bank.holding.catalogue.current("savings", counter.bank.ledger.business_date) is not None
    assert counter.refused("draftProduct", {"text": file_of("savings", 901)}, who=AUTHOR) == "version_fixed"
    read = counter.done("readProduct", **of)
    assert [(step["status"], step["by"]) for step in read["life"]] == [
        ("draft", "maker"), ("checked", "maker"), ("approved", "checker"), ("published", "checker"),
    ]  # fmt: skip
    counter.done("withdrawProduct", who=CHECKER, **of)
    assert counter.refused("simulateDeposit", {"start": "2026-01-05", "until": "2026-01-06"}, code="savings") == (
        "version_unknown"
    )
    # Each step that was taken is on record once.
    done = [action for action, _, outcome in records_of(counter, "product/savings/1") if outcome == "done"]
    assert done == [f"product.{verb}" for verb in ("draft", "check", "approve", "publish", "withdraw")]


def test_a_dry_run_of_a_draft_leaves_nothing(counter: Counter) -> None:
    told = counter.done("draftProduct", {"text": file_of("nothing", 902)}, dry_run=True)
    assert told["product"] == "nothing/1"
    assert counter.refused("readProduct", code="nothing", version=1) == "version_unknown"
    assert counter.refused("checkProduct", code="nothing", version=1) == "version_unknown"


def test_a_file_with_mistakes_is_refused_whole_and_a_check_tells_all_of_them(counter: Counter) -> None:
    text = file_of("broken", 903).replace('part = "term.open_ended"', 'part = "term.open_endd"')
    handled = counter.ask("draftProduct", {"text": text})
    assert handled.name == "product_unsound"
    assert "term.open_endd" in handled.english
    assert "term.open_endd" in handled.chinese
    told = counter.done("checkProductFile", {"text": text})
    assert not told["sound"]
    assert {one["code"] for one in told["findings"]} >= {"part_unknown"}
    assert all(one["words"]["en"] and one["words"]["zh"] for one in told["findings"])
    assert counter.done("checkProductFile", {"text": file_of("fine", 904)}) == {
        "sound": True, "product": "fine/1", "findings": [],
    }  # fmt: skip
    for hostile in ("", "\x00", "[" * 5_000, "a = " + "[" * 3_000, "[product]\ncode = '\x07'"):
        assert not counter.done("checkProductFile", {"text": hostile})["sound"]


def test_products_are_listed_page_by_page(counter: Counter) -> None:
    seen, cursor = [], ""
    while cursor is not None:
        page = counter.done("listProducts", status="published", limit=7, cursor=cursor)
        seen += [one["product"] for one in page["items"]]
        cursor = page["next"]
    assert len(seen) == len(set(seen)) >= 23
    current = counter.done("listProducts", current=True)["items"]
    assert {one["kind"] for one in current} == {"deposit", "loan"}
    assert all(one["current"] and one["names"]["zh"] for one in current)


def test_a_version_tells_its_parts_and_its_terms(counter: Counter) -> None:
    read = counter.done("readProduct", code="lump_sum", version=1)
    assert "[product]" in read["text"]
    parts = {one["part"]: one for one in read["parts"]}
    assert parts["term.fixed"]["parameters"]["offered"][0] == "3 months"
    told = counter.ask("readProduct", code="lump_sum", version=1)
    assert counter.ask("readProduct", code="lump_sum", version=1, if_none_match=told.etag).status == 304
    described = counter.done("describeProduct", code="lump_sum", version=1)
    assert described["sections"][0]["heading"]["zh"]
    assert described["text"]["en"].startswith(described["names"]["en"])
    changes = counter.done("compareProducts", code="lump_sum", version=1, to=1)["changes"]
    assert changes == []
    assert counter.refused("compareProducts", code="lump_sum", version=1, to=2) == "version_unknown"


def test_a_deposit_lives_through_its_days_and_nothing_is_posted(counter: Counter) -> None:
    before = counter.bank.ledger.committed_seq
    asked = {"deposit": "10000.00", "months": 3, "start": "2026-01-05", "until": "2026-04-06", "close": "2026-04-06"}
    told = counter.done("simulateDeposit", asked, code="lump_sum")
    assert told["maturity"] == "2026-04-05"
    assert (told["paid_in"]["amount"], told["balance"]["amount"]) == ("10000.00", "0.00")
    assert told["interest"]["amount"] > "0.00"
    assert len(told["days"]) == 91
    assert counter.bank.ledger.committed_seq == before


@pytest.mark.parametrize(
    ("code", "changed", "refusal"),
    [
        ("mortgage", {}, "not_a_deposit"),
        ("no_such_thing", {}, "version_unknown"),
        ("demand", {"until": "2026-01-04"}, "days_out_of_bounds"),
        ("demand", {"until": "2036-01-05"}, "days_out_of_bounds"),
        ("demand", {"start": "0001-01-01", "until": "0001-01-02"}, "days_out_of_bounds"),
        ("demand", {"start": "9999-12-31", "until": "9999-12-31"}, "days_out_of_bounds"),
        ("demand", {"movements": [{"date": "2027-01-01", "amount": "1"}]}, "days_out_of_bounds"),
        ("demand", {"start": "1980-01-01", "until": "1980-01-02"}, "rate_silent"),
        ("demand", {"deposit": "999999999999999"}, "amount_out_of_bounds"),
        ("demand", {"deposit": "0.001"}, "amount_malformed"),
        ("demand", {"deposit": 5}, "body_invalid"),
        ("lump_sum", {"deposit": "100.00", "months": 4}, "term_not_offered"),
        ("lump_sum", {"deposit": "100.00", "months": 3, "days": 3}, "term_not_offered"),
    ],
)
def test_a_scenario_that_cannot_be_is_refused(
    counter: Counter, code: str, changed: dict[str, Any], refusal: str
) -> None:
    asked = {"start": "2026-01-05", "until": "2026-01-06"} | changed
    assert counter.refused("simulateDeposit", asked, code=code) == refusal


def test_a_loan_has_a_schedule_and_a_cost_before_there_is_a_contract(counter: Counter) -> None:
    asked = {"amount": "12000.00", "months": 12, "start": "2026-01-05"}
    told = counter.done("scheduleLoan", asked, code="consumer_loan")
    assert len(told["instalments"]) == 12
    assert told["instalments"][-1]["owed"]["amount"] == "0.00"
    assert float(told["annual_rate_eu"]) >= float(told["rate"])
    assert counter.refused("scheduleLoan", asked, code="demand") == "not_a_loan"
    assert counter.refused("scheduleLoan", asked, code="credit_card") == "not_a_loan"
    assert counter.refused("scheduleLoan", asked | {"months": 1}, code="consumer_loan") == "term_not_offered"
    assert counter.refused("scheduleLoan", asked | {"amount": "999999999999"}, code="mortgage") != "fault"
    assert counter.refused("scheduleLoan", asked | {"start": "9999-01-01"}, code="mortgage") == "days_out_of_bounds"
    assert counter.refused("scheduleLoan", asked | {"start": "1985-01-01"}, code="consumer_loan") == "rate_silent"
