"""What a hostile client sends: each is refused in one precise answer, and changes nothing."""

import base64
import json
import socket
import time
from urllib.parse import urlsplit

import httpx
import pytest
from tests.acceptance.interface.conftest import Served

BODY = {"debit": "0001000000001762", "credit": "0001000000001859", "amount": "1.00", "currency": "CNY"}


def code_of(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a problem, which has its media type, its reasons and its request's id."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["type"] == f"urn:yinhe:problem:{problem['code']}"
    assert problem["reason"]["en"]
    assert problem["reason"]["zh"]
    return answer.status_code, problem["code"]


# --- who asks


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Basic YTpi", "Bearer a.b.c", "Bearer ünïcode", "bearer " + "x" * 5_000],
)
@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/parties"), ("POST", "/v1/transfers")])
def test_a_stranger_gets_nowhere(served: Served, authorization: str, method: str, path: str) -> None:
    headers = {"idempotency-key": str(served.new_id())}
    headers |= {"authorization": authorization.encode()} if authorization else {}  # type: ignore[dict-item]
    answer = served.http.request(method, path, headers=headers, json=BODY if method == "POST" else None)
    assert code_of(answer) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"].startswith("Bearer")


def parts_of(token: str) -> tuple[dict[str, object], dict[str, object], str]:
    head, body, signature = token.split(".")
    decode = lambda part: json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))  # noqa: E731
    return decode(head), decode(body), signature


def sealed(head: dict[str, object], body: dict[str, object], signature: str) -> str:
    encode = lambda part: base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")  # noqa: E731
    return f"{encode(head)}.{encode(body)}.{signature}"


def test_a_token_that_was_tampered_with_is_none(served: Served) -> None:
    head, body, signature = parts_of(served.token("teller"))
    forged = {
        "algorithm none": sealed({**head, "alg": "none"}, body, ""),
        "algorithm none, signed": sealed({**head, "alg": "None"}, body, signature),
        "another algorithm": sealed({**head, "alg": "HS256"}, body, signature),
        "another subject": sealed(head, {**body, "sub": "user:1"}, signature),
        "another audience": sealed(head, {**body, "aud": "elsewhere"}, signature),
        "a later end": sealed(head, {**body, "exp": 9_999_999_999}, signature),
        "an unknown key": sealed({**head, "kid": "0"}, body, signature),
        "a key of its own": sealed({**head, "jwk": {"kty": "oct", "k": "AA"}}, body, signature),
        "no signature": sealed(head, body, ""),
    }
    for what, token in forged.items():
        for path in ("/v1/parties", "/v1/unit"):
            assert code_of(served.get(path, token)) == (401, "unauthenticated"), what
        assert code_of(served.transfer(token, BODY["debit"], BODY["credit"])) == (401, "unauthenticated"), what


def test_refused_tokens_are_on_record_by_where_they_came_from_and_counted(served: Served) -> None:
    head, body, signature = parts_of(served.token("teller"))
    tampered = sealed(head, {**body, "sub": "user:1"}, signature)

    def times(why: str) -> int:
        found = [one for one in served.records(action="token.refuse", limit=200) if one["why"] == why]
        assert all((one["outcome"], one["address"]) == ("refused", "127.0.0.1") for one in found)
        return sum(one["detail"]["times"] for one in found)

    # What other tests have left is on record once something newer is.
    before = times("token_malformed")
    assert served.get("/v1/parties", "nothing").status_code == 401
    assert served.awaited(lambda: times("token_malformed") > before)
    before = times("token_forged")
    for _ in range(25):
        served.transfer(tampered, BODY["debit"], BODY["credit"])
    assert served.awaited(lambda: times("token_forged") == before + 25)
    # Not one a request.
    assert len([one for one in served.records(action="token.refuse") if one["why"] == "token_forged"]) < before + 25


def test_a_disabled_clients_token_ends_at_once(served: Served) -> None:
    name, secret = served.new_client("integrator")
    token = served.token_of(name, secret)
    assert served.get("/v1/parties", token).status_code == 200
    served.put(f"/v1/clients/{name}/enabled", served.administrator, {"enabled": False}).raise_for_status()
    assert code_of(served.get("/v1/parties", token)) == (401, "unauthenticated")
    assert code_of(served.transfer(token, BODY["debit"], BODY["credit"])) == (401, "unauthenticated")


def test_a_permission_that_was_not_granted_is_denied(served: Served) -> None:
    auditor, teller = served.token("auditor"), served.token("teller")
    assert code_of(served.transfer(auditor, BODY["debit"], BODY["credit"])) == (403, "forbidden")
    assert code_of(served.post("/v1/users", teller, {"name": "mallory"})) == (403, "forbidden")
    assert code_of(served.get("/v1/audit/records", teller)) == (403, "forbidden")
    assert code_of(served.transfer(served.administrator, BODY["debit"], BODY["credit"])) == (403, "forbidden")


def test_wrong_passwords_are_on_record_and_soon_have_to_wait(served: Served) -> None:
    name = f"nobody-{served.new_id().hex[:12]}"
    statuses = [
        served.http.post("/v1/sessions", json={"name": name, "password": f"wrong password {n}"}).status_code
        for n in range(12)
    ]
    assert statuses[0] == 401
    assert statuses[-1] == 429
    assert any(one["actor"] == f"user:{name}" for one in served.records(action="session.open"))


# --- whose objects


def test_numbers_guessed_across_customers_lead_nowhere(served: Served) -> None:
    own, other = served.customer(), served.customer()
    account, others = served.account(own, "50.00"), served.account(other, "50.00")
    token = served.token("integrator", parties=(own,))
    assert served.get(f"/v1/parties/{own}", token).status_code == 200
    assert served.get(f"/v1/accounts/{account}", token).status_code == 200
    unknown = f"/v1/parties/{2**50}"
    for path in (f"/v1/parties/{other}", unknown, f"/v1/parties/{other}/history"):
        assert code_of(served.get(path, token)) == (404, "party_unknown"), path
    for path in (f"/v1/accounts/{others}", f"/v1/accounts/{others}/entries"):
        assert code_of(served.get(path, token)) == (404, "account_unknown"), path
    assert code_of(served.transfer(token, others, account)) == (404, "unknown_account")
    assert served.balance(others) == "50.00"
    listed = {one["party"] for one in served.get("/v1/parties", token).json()["items"]}
    assert listed == {own}


# --- what is sent


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"", (400, "body_missing")),
        (b"{", (400, "body_not_json")),
        (b"\xff\xfe{}", (400, "body_not_json")),
        (b'\xef\xbb\xbf{"debit":"x"}', (400, "body_not_json")),
        (b"[]", (400, "body_invalid")),
        (b'{"debit":1}', (400, "body_invalid")),
        (json.dumps({**BODY, "amount": 1.0}).encode(), (400, "body_invalid")),
        (json.dumps({**BODY, "amount": "1e3"}).encode(), (400, "body_invalid")),
        (json.dumps({**BODY, "amount": "-1.00"}).encode(), (400, "body_invalid")),
        (json.dumps({**BODY, "amount": "NaN"}).encode(), (400, "body_invalid")),
        (json.dumps({**BODY, "amount": "٣.00"}).encode(), (400, "body_invalid")),
        (json.dumps({**BODY, "amount": "1.001"}).encode(), (422, "amount_malformed")),
        (json.dumps({**BODY, "currency": "ZZZ"}).encode(), (404, "currency_unknown")),
        (json.dumps({**BODY, "debit": "0001000000001763"}).encode(), (422, "account_malformed")),
        (json.dumps({**BODY, "admin": True}).encode(), (400, "body_invalid")),
        (json.dumps({**BODY, "narrative": "x" * 141}).encode(), (400, "body_invalid")),
        (json.dumps({**BODY, "narrative": "a\u202eb"}).encode(), (422, "narrative_unreadable")),
        (b'{"debit":"a","debit":"b","credit":"c","amount":"1","currency":"CNY"}', (400, "body_key_twice")),
        (b'{"debit":"a","\\u0064ebit":"b","credit":"c","amount":"1","currency":"CNY"}', (400, "body_key_twice")),
        (b'{"narrative":' + b"[" * 5_000 + b"]" * 5_000 + b"}", (400, "body_too_deep")),
        (json.dumps({**BODY, "narrative": "x" * 70_000}).encode(), (413, "body_too_large")),
    ],
)
def test_a_transfer_that_does_not_read_is_refused_precisely(
    served: Served, raw: bytes, expected: tuple[int, str]
) -> None:
    payer, payee = served.two_accounts()
    raw = raw.replace(BODY["debit"].encode(), payer.encode()).replace(BODY["credit"].encode(), payee.encode())
    before = served.bank.ledger.committed_seq
    answer = served.ask("POST", "/v1/transfers", served.token("integrator"), raw=raw)
    assert code_of(answer) == expected
    assert served.bank.ledger.committed_seq == before


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"content-type": "text/plain"}, (415, "media_unknown")),
        ({"content-type": "application/json; charset=utf-16"}, (415, "media_unknown")),
        ({"content-encoding": "gzip"}, (415, "media_unknown")),
        ({"accept": "image/png"}, (406, "not_acceptable")),
        ({"idempotency-key": ""}, (400, "key_missing")),
        ({"idempotency-key": "1"}, (400, "key_malformed")),
        ({"idempotency-key": "6ba7b810-9dad-11d1-80b4-00c04fd430c8"}, (400, "key_malformed")),
        ({"idempotency-key": "{019b8c6e-0000-7000-8000-000000000001}"}, (400, "key_malformed")),
    ],
)
def test_headers_that_do_not_fit_are_refused(
    served: Served, headers: dict[str, str], expected: tuple[int, str]
) -> None:
    assert code_of(served.ask("POST", "/v1/transfers", served.token("integrator"), BODY, headers=headers)) == expected


def test_an_unknown_parameter_or_one_given_twice_is_refused(served: Served) -> None:
    token = served.token("integrator")
    for query in ("?limit=0", "?limit=1&limit=2", "?limit=1e3", "?x=1", "?cursor=abc", "?cursor=%00", "?limit=9" * 3):
        assert served.get(f"/v1/parties{query}", token).status_code == 400, query
    assert code_of(served.post("/v1/transfers?dry_run=yes", token, BODY)) == (400, "parameter_invalid")


@pytest.mark.parametrize(
    "text",
    ["'; DROP TABLE party; --", "%' OR '1'='1", "a\nlevel=critical forged", "${jndi:ldap://x}", "{{7*7}}", "\\", '"'],
)
def test_text_that_would_be_code_elsewhere_is_only_text(served: Served, text: str) -> None:
    token = served.token("integrator")
    found = served.post("/v1/parties/search", token, {"name": text})
    assert found.status_code in (200, 422)
    payer, payee = served.account(served.customer(), "5.00"), served.account(served.customer(), "0.00")
    body = {"debit": payer, "credit": payee, "amount": "1.00", "currency": "CNY", "narrative": text}
    answer = served.post("/v1/transfers", token, body)
    if "\n" in text:
        assert code_of(answer) == (422, "narrative_unreadable")
        return
    assert answer.status_code == 200
    entry = served.get(f"/v1/accounts/{payee}/entries", token).json()["items"][0]
    assert entry["narrative"] == text


@pytest.mark.parametrize("name", ["Аlice Smith", "Zo\u200be", "a\u202eb", "a\x00b", "", "x" * 500])
def test_names_that_deceive_the_eye_are_refused(served: Served, name: str) -> None:
    items = [{"type": "name", "text": name}]
    answer = served.post("/v1/parties", served.token("teller"), {"kind": "person", "items": items})
    assert answer.status_code in (400, 422)
    assert code_of(answer)[1].startswith(("text_", "name_", "body_"))


def test_fields_that_are_not_asked_for_are_never_assigned(served: Served) -> None:
    token = served.token("teller")
    items = [{"type": "name", "text": "李四"}]
    for extra in ({"status": "customer"}, {"risk": "low"}, {"party": 1}, {"version": 9}):
        answer = served.post("/v1/parties", token, {"kind": "person", "items": items, **extra})
        assert code_of(answer) == (400, "body_invalid"), extra


def test_the_address_says_what_it_takes(served: Served) -> None:
    token = served.token("teller")
    wrong = served.ask("DELETE", "/v1/transfers", token)
    assert code_of(wrong) == (405, "method_unknown")
    assert "POST" in wrong.headers["allow"]
    assert code_of(served.get("/v1/nowhere", token)) == (404, "not_found")
    assert code_of(served.get("/v1/../etc/passwd", token)) == (404, "not_found")


# --- how it is sent


def opened(served: Served) -> socket.socket:
    place = urlsplit(served.address)
    return socket.create_connection((str(place.hostname), int(place.port or 0)), timeout=20)


def test_a_client_that_never_ends_its_headers_is_left(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("yinhe.api.server.HEADER_SECONDS_MAX", 0.3)
    with opened(served) as connection:
        connection.sendall(b"GET /v1/unit HTTP/1.1\r\nhost: x\r\nx-slow: ")
        began = time.monotonic()
        while time.monotonic() - began < 10:
            try:
                connection.sendall(b"a")
            except OSError:
                break
            time.sleep(0.05)
        else:
            pytest.fail("the server waits for ever")


def test_headers_without_end_are_cut_off(served: Served) -> None:
    with opened(served) as connection:
        connection.sendall(b"GET /v1/unit HTTP/1.1\r\nhost: x\r\n")
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            send_headers(connection, 4_000)


def send_headers(connection: socket.socket, count: int) -> None:
    for number in range(count):
        connection.sendall(b"x-%d: %s\r\n" % (number, b"a" * 100))
        time.sleep(0.0005)


def test_a_body_that_does_not_arrive_is_not_waited_for(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("yinhe.api.app.BODY_SECONDS_MAX", 0.3)
    head = (
        f"POST /v1/parties/search HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {served.token('teller')}\r\n"
        "content-type: application/json\r\ncontent-length: 1000\r\n\r\n{"
    )
    with opened(served) as connection:
        connection.sendall(head.encode())
        assert connection.recv(4096).startswith(b"HTTP/1.1 408")


def test_a_client_that_asks_too_often_is_told_when_to_come_again(served: Served) -> None:
    answers = [served.http.get("/health/live") for _ in range(150)]
    late = next(one for one in answers if one.status_code == 429)
    assert code_of(late) == (429, "too_many_requests")
    assert int(late.headers["retry-after"]) >= 1
