"""Tables of rates over the interface: told for a day, with their history, and written down."""

from typing import Any

import pytest
from tests.postgres.api.conftest import Counter, MakeCounter

from yinhe.api.handlers import rates


@pytest.fixture(scope="module")
def counter(make_counter: MakeCounter) -> Counter:
    return make_counter(rates.ROUTES)


def standing(counter: Counter, table: str, **more: Any) -> str | None:
    found = {one["table"]: one["rate"] for one in counter.done("listRates", **more)["items"]}
    return found.get(table)


def test_a_rate_holds_from_its_day_on_and_a_correction_stands(counter: Counter) -> None:
    counter.done("setRate", {"rate": "0.50", "effective": "2026-02-01"}, table="special")
    assert standing(counter, "special") is None
    assert standing(counter, "special", on="2026-02-01") == "0.5"
    assert counter.bank.holding.catalogue.rates.on("special", 30_000) == 500_000
    past = {"rate": "0.40", "effective": "2025-12-01"}
    assert counter.refused("setRate", past, table="special") == "rate_past"
    counter.done("setRate", past | {"correction": True}, table="special")
    assert standing(counter, "special") == "0.4"
    counter.done("setRate", {"rate": "0.60", "effective": "2026-02-01"}, table="special")
    told = counter.done("readRateTable", table="special", limit=2)
    assert [(one["effective"], one["rate"]) for one in told["items"]] == [("2025-12-01", "0.4"), ("2026-02-01", "0.5")]
    rest = counter.done("readRateTable", table="special", limit=2, cursor=told["next"])
    assert [(one["rate"], one["author"]) for one in rest["items"]] == [("0.6", "teller-1")]
    assert rest["next"] is None
    assert counter.refused("readRateTable", table="LPR_1Y", cursor=told["next"]) == "cursor_invalid"


def test_a_rate_is_written_once_for_an_id_and_not_in_a_dry_run(counter: Counter) -> None:
    key, asked = counter.new_id(), {"rate": "1", "effective": "2026-03-01"}
    counter.done("setRate", asked, table="once", dry_run=True)
    assert counter.refused("readRateTable", table="once") == "rate_table_unknown"
    told = counter.done("setRate", asked, table="once", key=key)
    assert counter.done("setRate", asked, table="once", key=key) == told
    assert len(counter.done("readRateTable", table="once")["items"]) == 1
    assert counter.refused("setRate", asked | {"rate": "2"}, table="once", key=key) == "id_conflict"
    with counter.bank.sessions.lend() as session:
        records = session.execute("SELECT outcome FROM audit_record WHERE object = 'rate/once'").fetchall()
    assert records == [("done",)]


@pytest.mark.parametrize(
    ("table", "rate", "refusal"),
    [
        ("once", "99", "rate_unfit"),
        ("once", "-1", "rate_unfit"),
        ("once", "999", "rate_malformed"),
        ("once", "0.05%", "body_invalid"),
        ("1bad", "1", "parameter_invalid"),
        ("a" * 41, "1", "parameter_invalid"),
    ],
)
def test_what_is_no_rate_is_refused(counter: Counter, table: str, rate: str, refusal: str) -> None:
    assert counter.refused("setRate", {"rate": rate, "effective": "2026-03-01"}, table=table) == refusal


def test_the_ends_of_time_are_dates_too(counter: Counter) -> None:
    assert counter.done("listRates", on="0001-01-01")["items"] == []
    assert standing(counter, "LPR_1Y", on="9999-12-31")
    counter.done("setRate", {"rate": "1", "effective": "9999-12-31"}, table="far")
    assert counter.done("readRateTable", table="far")["items"][0]["effective"] == "9999-12-31"
