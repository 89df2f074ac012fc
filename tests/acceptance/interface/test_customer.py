"""The customer at the centre, and events as they happen."""

import json

import httpx
from tests.acceptance.interface.conftest import Served


def test_one_call_shows_the_whole_of_a_customer(served: Served) -> None:
    party, token = served.customer(), served.token("supervisor")
    account = served.account(party, "1000.00")
    other = served.account(served.customer(), "0.00")
    assert served.transfer(token, account, other, "250.00").status_code == 200
    hold = served.post(f"/v1/accounts/{account}/holds", token, {"amount": "50.00", "payee": other})
    assert hold.status_code == 201, hold.text
    shown = served.get(f"/v1/parties/{party}/picture", token)
    assert shown.status_code == 200, shown.text
    picture = shown.json()
    (contract,) = picture["contracts"]
    assert (contract["number"], contract["balance"], contract["held"], contract["available"]) == (
        account,
        "750.00",
        "50.00",
        "700.00",
    )
    assert picture["totals"][0]["deposits"] == "750.00"
    assert picture["details"]["name"].endswith("*")
    assert [act["action"] for act in picture["acts"]]
    assert "account" not in contract


def test_the_timeline_goes_back_to_the_first_day_page_by_page(served: Served) -> None:
    party, token = served.customer(), served.token("supervisor")
    account = served.account(party, "10.00")
    other = served.account(served.customer(), "0.00")
    for _ in range(3):
        assert served.transfer(token, account, other, "1.00").status_code == 200
    seen, cursor = [], ""
    while True:
        answer = served.get(f"/v1/parties/{party}/timeline", token, params={"limit": 2, "cursor": cursor})
        assert answer.status_code == 200, answer.text
        seen += [json.dumps(one, sort_keys=True) for one in answer.json()["items"]]
        cursor = answer.json()["next"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen))
    actions = [json.loads(one)["action"] for one in seen]
    assert actions.count("posting.transfer") == 3
    assert actions[-1] in ("party.open", "party.add")


def test_a_purpose_is_needed_to_see_a_customer_in_the_clear_and_goes_on_record(served: Served) -> None:
    party, token = served.customer(), served.token("teller")
    refused = served.get(f"/v1/parties/{party}?clear=true", token)
    assert (refused.status_code, refused.json()["code"]) == (422, "purpose_missing")
    headers = {"authorization": f"Bearer {token}", "x-reason": "a complaint"}
    shown = served.http.get(f"/v1/parties/{party}?clear=true", headers=headers)
    assert shown.json()["clear"] is True
    (record,) = [one for one in served.records(object=f"party/{party}") if one["outcome"] == "read"]
    assert record["why"] == "a complaint"
    masked = served.get(f"/v1/parties/{party}?clear=true", served.token("auditor"))
    assert (masked.status_code, masked.json()["code"]) == (403, "forbidden")


def test_events_come_in_order_and_a_stream_tells_them_as_they_happen(served: Served) -> None:
    token = served.token("integrator")
    payer, payee = served.account(served.customer(), "100.00"), served.account(served.customer(), "0.00")
    start = ""
    while (page := served.get("/v1/events", token, params={"cursor": start, "limit": 1000}).json())["more"]:
        start = page["next"]
    start = page["next"]
    keys = [served.new_id() for _ in range(3)]
    headers = {"authorization": f"Bearer {token}"}
    params = {"cursor": start, "types": "posting"}
    told: list[str] = []
    with httpx.stream("GET", f"{served.address}/v1/events/stream", headers=headers, params=params, timeout=20) as live:
        assert live.headers["content-type"].startswith("text/event-stream")
        for key in keys:
            assert served.transfer(token, payer, payee, "1.00", key=key).status_code == 200
        for line in live.iter_lines():
            if line.startswith("data: "):
                told.append(json.loads(line[6:])["object"])
            if len(told) == 3:
                break
    assert told == [f"transaction/{key}" for key in keys]
    read = served.get("/v1/events", token, params={"cursor": start, "types": "posting"}).json()
    assert [one["object"] for one in read["items"]] == told


def test_a_changed_party_is_not_changed_by_who_read_it_before(served: Served) -> None:
    party, token = served.customer(), served.token("supervisor")
    read = served.get(f"/v1/parties/{party}", token)
    etag = read.headers["etag"]
    same = served.http.get(f"/v1/parties/{party}", headers={"authorization": f"Bearer {token}", "if-none-match": etag})
    assert (same.status_code, same.content) == (304, b"")
    first = served.ask("PUT", f"/v1/parties/{party}/tier", token, {"tier": 2}, headers={"if-match": etag})
    assert first.status_code == 200
    late = served.ask("PUT", f"/v1/parties/{party}/tier", token, {"tier": 3}, headers={"if-match": etag})
    assert (late.status_code, late.json()["code"]) == (412, "version_differs")
