"""What the operator sees of a bank that serves, and what holds too many requests off."""

import logging
import threading
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx
import msgspec
import pytest
import structlog
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from tests.acceptance.interface.conftest import Served, bank_served

from yinhe.access.approvals import Approvals, Decided
from yinhe.access.principal import Principal
from yinhe.api.app import Interface
from yinhe.api.call import Call
from yinhe.api.handlers.approvals import carry_out
from yinhe.api.hot import Front
from yinhe.api.operation import Limiter, Operation, Rates
from yinhe.api.resuming import resume_approved
from yinhe.api.route import Handled, Route
from yinhe.api.server import make_server, open_door
from yinhe.api.table import ROUTES
from yinhe.audit.desk import Asked
from yinhe.bank import Bank

TABLE = {route.name: route for route in ROUTES}
PLACE = "/v1/slow-transfers"


@contextmanager
def serving(
    bank: Bank, *more: Route, rates: Rates | None = None, proxies: frozenset[str] = frozenset()
) -> Iterator[httpx.Client]:
    """A second door to a bank, with routes, rates and trusted proxies of a test's own."""
    door = open_door("127.0.0.1", 0)
    interface = Interface(bank, (*ROUTES, *more), Operation(bank, proxies, rates))
    ready = threading.Event()
    server = make_server(Front(bank, interface), ready.set)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
    thread.start()
    try:
        assert ready.wait(30)
        with httpx.Client(base_url=f"http://127.0.0.1:{door.getsockname()[1]}", timeout=30.0) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join(30)
        interface.close()
        door.close()


def headers_of(served: Served, token: str, **more: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}", "idempotency-key": str(served.new_id()), **more}


def transfer_of(debit: str, credit: str, amount: str = "1.00") -> dict[str, str]:
    return {"debit": debit, "credit": credit, "amount": amount, "currency": "CNY"}


def slow_transfer(free: threading.Event, seconds_max: float, entered: threading.Semaphore | None = None) -> Route:
    """The route of a transfer that is done at once, and answered when a test lets it."""
    real = TABLE["postTransfer"]

    def handler(call: Call) -> Handled:
        handled = real.handler(call)
        if entered is not None:
            entered.release()
        free.wait(30)
        return handled

    return msgspec.structs.replace(real, path=PLACE, name="slowTransfer", handler=handler, seconds_max=seconds_max)


# --- figures


def figures(served: Served) -> dict[str, float]:
    answer = served.get("/metrics", served.token("operator"))
    answer.raise_for_status()
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = [line for line in answer.text.splitlines() if line and not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_the_figures_move_with_the_bank(served: Served) -> None:
    payer, payee = served.two_accounts()
    token, before = served.token("integrator"), figures(served)
    assert served.transfer(token, payer, payee, "0.01").status_code == 200
    assert served.transfer(token, payer, payee, "99999.00").status_code == 422
    after = figures(served)

    def moved(name: str) -> float:
        return after[name] - before.get(name, 0.0)

    assert moved('yinhe_http_requests_total{operation="postTransfer",status="200"}') == 1
    assert moved('yinhe_http_requests_total{operation="postTransfer",status="422"}') == 1
    assert moved('yinhe_http_request_seconds_count{operation="postTransfer"}') == 2
    assert moved("yinhe_committed_seq") >= 1
    assert moved("yinhe_commits") >= 1
    assert after["yinhe_business_date"] == served.bank.ledger.business_date
    assert after["yinhe_contracts"] == len(served.bank.deposits.book.rows) > 0
    assert {"yinhe_recoveries", "yinhe_submissions_waiting", "yinhe_night_open", "yinhe_holds_overdue"} <= after.keys()


def test_what_works_beside_requests_works_and_tells_so(served: Served) -> None:
    payer, payee = served.two_accounts()
    key = served.new_id()
    assert served.transfer(served.token("integrator"), payer, payee, "0.01", key=key).status_code == 200

    def taken_in() -> list[dict[str, Any]]:
        return [one for one in served.records(action="transfer.posted") if str(key) in str(one)]

    assert served.awaited(taken_in), "the log follows the journal"
    shown = figures(served)
    failures = {name: value for name, value in shown.items() if name.startswith("yinhe_chore_failures")}
    chores = ("access", "approvals", "keys", "log", "orders", "strangers", "values")
    assert failures == {f'yinhe_chore_failures{{chore="{name}"}}': 0.0 for name in chores}
    assert all(value < 120 for name, value in shown.items() if name.startswith("yinhe_chore_seconds"))


def test_figures_are_for_operators(served: Served) -> None:
    assert served.http.get("/metrics").status_code == 401
    assert served.get("/metrics", served.token("teller")).status_code == 403


# --- headers


def test_no_answer_is_kept_on_the_way_or_taken_for_another_type(served: Served) -> None:
    payer, payee = served.two_accounts()
    token = served.token("integrator")
    for answer in (
        served.transfer(token, payer, payee, "0.01"),
        served.transfer(token, payer, payee, "99999.00"),
        served.get("/v1/unit", served.token("operator")),
        served.http.get("/nothing"),
        served.http.get("/v1/unit"),
    ):
        told = {name: answer.headers.get(name) for name in ("cache-control", "x-content-type-options", "server")}
        assert told == {"cache-control": "no-store", "x-content-type-options": "nosniff", "server": None}


# --- health


def test_a_bank_whose_engine_has_stopped_lives_but_is_not_ready(database_url: str, units: Iterator[int]) -> None:
    with bank_served(database_url, next(units)) as one:
        ready = one.http.get("/health/ready")
        assert (ready.status_code, ready.json()) == (200, {"status": "up"})
        token, (payer, payee) = one.token("integrator"), one.two_accounts()
        one.bank.ledger.engine.close()
        ready = one.http.get("/health/ready")
        assert (ready.status_code, ready.json()) == (503, {"status": "down"})
        assert one.http.get("/health/live").json() == {"status": "up"}
        refused = one.transfer(token, payer, payee)
        assert (refused.status_code, refused.json()["code"], refused.headers["retry-after"]) == (503, "stopping", "1")


# --- traces


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr("yinhe.api.operation._TRACER", provider.get_tracer("yinhe"))
    return exporter


def test_a_traced_request_is_a_span_under_the_callers(served: Served, spans: InMemorySpanExporter) -> None:
    trace, parent = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
    token, (payer, payee) = served.token("integrator"), served.two_accounts()
    headers = headers_of(served, token, traceparent=f"00-{trace}-{parent}-01")
    assert served.http.post("/v1/transfers", json=transfer_of(payer, payee, "0.01"), headers=headers).status_code == 200

    def ended() -> list[ReadableSpan]:
        return [one for one in spans.get_finished_spans() if one.name == "postTransfer"]

    (span,) = served.awaited(ended)
    assert span.context is not None
    assert span.parent is not None
    assert (f"{span.context.trace_id:032x}", f"{span.parent.span_id:016x}") == (trace, parent)
    assert dict(span.attributes or {}) == {
        "http.request.method": "POST",
        "http.route": "/v1/transfers",
        "http.response.status_code": 200,
    }


def test_a_traceparent_that_does_not_read_begins_a_trace_of_its_own(
    served: Served, spans: InMemorySpanExporter
) -> None:
    headers = {"traceparent": "00-" + "0" * 32 + "-zz-01"}
    assert served.http.get("/v1/openapi.json", headers=headers).status_code == 200
    (span,) = served.awaited(spans.get_finished_spans)
    assert span.parent is None


# --- the log


def test_the_log_of_requests_holds_no_personal_data(
    served: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("yinhe.api.operation.SLOW_SECONDS", -1.0)
    name, number, phone = "欧阳静宜", "E73918462", "+8613912345678"
    items = [
        {"type": "name", "text": name},
        {"type": "identifier", "kind": "passport", "value": number, "expires": "2099-01-01"},
        {"type": "contact", "kind": "mobile", "value": phone},
    ]
    token = served.token("supervisor")
    with structlog.testing.capture_logs() as lines, caplog.at_level(logging.DEBUG):
        body = {"kind": "person", "items": items, "born": "1987-03-21"}
        opened = served.post("/v1/parties", token, body)
        assert opened.status_code == 201, opened.text
        assert served.post("/v1/parties", token, body).status_code == 422, "the identifier is taken"
        assert served.post("/v1/parties", token, {**body, "born": "1987-03-21x"}).status_code == 400
        assert served.post("/v1/parties/search", token, {"name": name}).json()["items"]
        party = opened.json()["party"]
        headers = {"authorization": f"Bearer {token}", "x-reason": "a call back"}
        shown = served.http.get(f"/v1/parties/{party}?clear=true", headers=headers)
        assert number in shown.text
    logged = [line for line in lines if line.get("operation") in ("openParty", "searchParties", "readParty")]
    assert [line["status"] for line in logged] == [201, 422, 400, 200, 200]
    said = repr(lines) + caplog.text
    for secret in (name, number, phone, phone[-8:], "1987-03-21", token):
        assert secret not in said


def test_who_was_not_let_through_is_in_the_log_and_their_token_is_not(served: Served) -> None:
    token, forged = served.token("teller"), served.token("teller")[:-6] + "AAAAAA"
    with structlog.testing.capture_logs() as lines:
        answers = [served.get("/v1/users", one) for one in (token, forged)]
    assert [answer.status_code for answer in answers] == [403, 401]
    logged = [(line["operation"], line["status"], line["request"]) for line in lines if line["event"] == "not allowed"]
    assert logged == [("listUsers", answer.status_code, answer.headers["x-request-id"]) for answer in answers]
    assert lines[0]["who"].startswith("client-")
    assert token not in repr(lines)
    assert forged not in repr(lines)


def test_a_problem_is_found_in_the_log_by_its_id(served: Served) -> None:
    def broken(call: Call) -> Handled:
        raise ZeroDivisionError

    route = msgspec.structs.replace(TABLE["postTransfer"], path=PLACE, name="slowTransfer", handler=broken)
    payer, payee = served.two_accounts()
    with serving(served.bank, route) as client, structlog.testing.capture_logs() as lines:
        headers = headers_of(served, served.token("integrator"))
        answer = client.post(PLACE, json=transfer_of(payer, payee), headers=headers)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (500, "fault")
    assert problem["instance"] == headers["idempotency-key"] == answer.headers["x-request-id"]
    told = [(line["event"], line["request"]) for line in lines if line.get("request") == problem["instance"]]
    assert told == [("fault", problem["instance"]), ("slow or failed", problem["instance"])]
    assert "ZeroDivision" not in answer.text


# --- too much, too long


def test_each_client_has_its_own_rate(served: Served) -> None:
    first, second = (served.token_of(*served.new_client("integrator")) for _ in range(2))
    payer, payee = served.two_accounts()
    with serving(served.bank, rates=Rates(principal_per_s=2.0)) as client:

        def post(token: str) -> httpx.Response:
            return client.post("/v1/transfers", json=transfer_of(payer, payee), headers=headers_of(served, token))

        answers = [post(first) for _ in range(8)]
        late = next(one for one in answers if one.status_code == 429)
        assert [one.status_code for one in answers[:4]] == [200] * 4
        assert late.json()["code"] == "too_many_requests"
        assert int(late.headers["retry-after"]) == 1
        assert post(second).status_code == 200


def test_a_limiter_saves_up_two_seconds_and_no_more() -> None:
    now = [0.0]
    limiter = Limiter(10.0, lambda: now[0])
    assert [limiter.take("a") for _ in range(20)] == [None] * 20
    assert limiter.take("a") == 1
    assert limiter.take("b") is None
    now[0] = 0.1
    assert [limiter.take("a"), limiter.take("a")] == [None, 1]
    now[0] = 1_000.0
    assert [limiter.take("a") for _ in range(21)] == [None] * 20 + [1]
    slow = Limiter(0.1, lambda: now[0])
    assert [slow.take("a"), slow.take("a")] == [None, 10]


def test_a_limiter_forgets_who_was_not_there_for_the_longest_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("yinhe.api.operation.BUCKETS_MAX", 2)
    limiter = Limiter(0.5, lambda: 0.0)
    assert [limiter.take(key) for key in ("a", "b", "a", "c", "b")] == [None, None, 2, None, None]


def test_when_too_many_wait_the_next_is_told_to_come_again_and_health_is_still_told(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("yinhe.api.app.WAITING_MAX", 3)
    free, entered, token = threading.Event(), threading.Semaphore(0), served.token("integrator")
    payer, payee = served.two_accounts()
    with serving(served.bank, slow_transfer(free, 30.0, entered)) as client, ThreadPoolExecutor(3) as pool:

        def post() -> httpx.Response:
            return client.post(PLACE, json=transfer_of(payer, payee, "0.01"), headers=headers_of(served, token))

        try:
            waiting = [pool.submit(post) for _ in range(3)]
            for _ in waiting:
                assert entered.acquire(timeout=10)
            refused = post()
            assert (refused.status_code, refused.json()["code"]) == (503, "busy")
            assert refused.json()["retry"] is True
            assert int(refused.headers["retry-after"]) >= 1
            assert client.get("/health/live").status_code == 200
        finally:
            free.set()
        assert [one.result().status_code for one in waiting] == [200] * 3
        assert post().status_code == 200


def test_what_takes_too_long_is_told_and_the_same_id_gets_the_first_answer(served: Served) -> None:
    free, token = threading.Event(), served.token("integrator")
    payer, payee = served.account(served.customer(), "10.00"), served.account(served.customer(), "0.00")
    headers, body = headers_of(served, token), transfer_of(payer, payee, "4.00")
    with serving(served.bank, slow_transfer(free, 0.2)) as client:
        late = client.post(PLACE, json=body, headers=headers)
        assert (late.status_code, late.json()["code"], late.headers["retry-after"]) == (503, "too_long", "1")
        free.set()
        again = served.http.post("/v1/transfers", json=body, headers=headers)
    assert (again.status_code, again.json()["outcome"]) == (200, "duplicate")
    assert again.json()["balance"]["amount"] == "6.00"
    assert served.balance(payee) == "4.00"


def test_one_connection_too_many_is_told_so(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(served.bank) as client:
        assert client.get("/health/live").status_code == 200  # the client's connection stays open
        monkeypatch.setattr("yinhe.api.server.CONNECTIONS_MAX", 1)
        refused = httpx.get(f"{client.base_url}/health/live")
        assert (refused.status_code, refused.json()["code"], refused.headers["retry-after"]) == (503, "busy", "1")
        assert refused.headers["connection"] == "close"
        assert client.get("/health/live").status_code == 200


# --- behind a proxy


def certificate() -> tuple[str, str]:
    """A new certificate: PEM as a proxy escapes it, and its thumbprint."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "client")])
    begins = datetime(2026, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=3_650))
        .sign(key, hashes.SHA256())
    )
    thumbprint = urlsafe_b64encode(made.fingerprint(hashes.SHA256())).rstrip(b"=").decode()
    return quote(made.public_bytes(serialization.Encoding.PEM).decode()), thumbprint


def test_a_certificate_is_believed_of_a_trusted_proxy_alone(served: Served) -> None:
    (escaped, thumbprint), (other, other_thumbprint) = certificate(), certificate()
    name, secret = served.new_client("integrator")
    served.put(f"/v1/clients/{name}/certificate", served.administrator, {"certificate": thumbprint}).raise_for_status()
    form = {"grant_type": "client_credentials", "client_id": name, "client_secret": secret}
    own = {"x-client-certificate": escaped}
    payer, payee = served.two_accounts()
    body = transfer_of(payer, payee, "0.01")
    with serving(served.bank, proxies=frozenset({"127.0.0.1"})) as client:
        answer = client.post("/v1/oauth/token", data=form, headers=own)
        answer.raise_for_status()
        token = answer.json()["access_token"]

        def status(given: list[tuple[str, str]], path: str = "/v1/transfers", at: httpx.Client = client) -> int:
            return at.post(path, json=body, headers=[*headers_of(served, token).items(), *given]).status_code

        right, hashed = ("x-client-certificate", escaped), ("x-client-certificate-sha256", thumbprint)
        for path in ("/v1/transfers", "/v1/transfers?dry_run=true"):
            assert [status([one], path) for one in (right, hashed)] == [200, 200]
            for wrong in (
                [],
                [("x-client-certificate", other)],
                [("x-client-certificate-sha256", other_thumbprint)],
                [("x-client-certificate", "no certificate")],
                [right, right],
                [right, ("x-client-certificate-sha256", other_thumbprint)],
            ):
                assert status(wrong, path) == 401, wrong
        assert [status([one], at=served.http) for one in (right, hashed)] == [401, 401]


def test_the_address_on_record_is_the_last_a_trusted_proxy_names(served: Served) -> None:
    token, (payer, payee) = served.token("integrator"), served.two_accounts()
    with serving(served.bank, proxies=frozenset({"127.0.0.1"})) as client:
        for given, address in (
            ([("x-forwarded-for", "10.0.0.1, 192.0.2.7")], "192.0.2.7"),
            ([("x-forwarded-for", "10.0.0.1"), ("x-forwarded-for", "192.0.2.8")], "192.0.2.8"),
            ([], "127.0.0.1"),
        ):
            headers = headers_of(served, token)
            refused = client.post(
                "/v1/transfers", json=transfer_of(payer, payee, "99999.00"), headers=[*headers.items(), *given]
            )
            assert refused.status_code == 422

            def noted(key: str = headers["idempotency-key"]) -> list[dict[str, Any]]:
                return [one for one in served.records() if one["request"] == key]

            (record,) = served.awaited(noted)
            assert record["address"] == address
    forged = headers_of(served, token, **{"x-forwarded-for": "192.0.2.9"})
    body = transfer_of(payer, payee, "99999.00")
    assert served.http.post("/v1/transfers", json=body, headers=forged).status_code == 422
    (record,) = served.awaited(lambda: [one for one in served.records() if one["request"] == forged["idempotency-key"]])
    assert record["address"] == "127.0.0.1"


# --- what was approved is carried out


def approved(served: Served) -> tuple[str, Decided]:
    """A teller's large transfer that a supervisor approved, and that nobody has carried out yet; the payee's number."""
    maker, checker = served.user("teller"), served.user("supervisor")
    payer, payee = served.account(served.customer(), "90000.00"), served.account(served.customer(), "0.00")
    asked = served.transfer(maker, payer, payee, "60000.00")
    assert asked.status_code == 202, asked.text
    principal = served.bank.identity.gate.authenticate(checker, None)
    assert isinstance(principal, Principal)
    deciding = Asked(id=served.new_id(), action="approval.decide", content=None, author=principal.author())
    approval = msgspec.convert(asked.json()["approval"], type=type(deciding.id))
    decided = served.bank.identity.approvals.decide(deciding, principal, approval, approve=True)
    assert isinstance(decided, Decided)
    return payee, decided


def state_of(served: Served, decided: Decided) -> str:
    shown = served.get(f"/v1/approvals/{decided.pending.id}", served.token("supervisor"))
    return str(shown.json()["state"])


def test_what_was_approved_before_a_crash_is_carried_out_at_the_next_start(served: Served) -> None:
    payee, decided = approved(served)
    assert served.balance(payee) == "0.00"
    assert resume_approved(served.bank, TABLE, settled_us=60_000_000) == 0, "whoever approved may still be at it"
    assert resume_approved(served.bank, TABLE) == 1
    assert (served.balance(payee), state_of(served, decided)) == ("60000.00", "done")
    assert resume_approved(served.bank, TABLE) == 0


def test_what_was_carried_out_and_not_noted_is_noted_and_not_done_again(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    payee, decided = approved(served)
    nobody = Principal(kind=decided.pending.maker_kind, number=0, name="nobody", permissions=frozenset())
    call = Call(bank=served.bank, principal=nobody, id=decided.pending.id, routes=TABLE)
    with monkeypatch.context() as crashed:
        crashed.setattr(Approvals, "finish", lambda *_, **__: None)
        carry_out(call, decided.pending, f"user:{decided.pending.decider}")
    assert (served.balance(payee), state_of(served, decided)) == ("60000.00", "approved")
    assert resume_approved(served.bank, TABLE) == 1
    assert (served.balance(payee), state_of(served, decided)) == ("60000.00", "done")
