"""Payments over HTTP: single, in files made by others, to the clearing and from it; done once, and refused in words."""

import hashlib
from typing import Any
from uuid import UUID

import httpx
import pytest
from lxml import etree
from sepaxml import SepaTransfer
from tests.acceptance.interface.conftest import Served
from tests.unit.payments.files import group, line, pain001

from yinhe.kernel.dates import date_from_days
from yinhe.payments.iso.fields import AccountId
from yinhe.payments.iso.pacs004 import Returned, Returns, read_pacs004, write_pacs004
from yinhe.payments.iso.pacs008 import CreditTransfer, CreditTransfers, read_pacs008, write_pacs008

OTHER_IBAN, OTHER_BANK = "NL91ABNA0417164300", "ABNANL2A"
XML = {"content-type": "application/xml"}
AS_XML = {**XML, "accept": "application/xml"}
ABROAD = {"name": "张三", "iban": OTHER_IBAN, "bic": OTHER_BANK}


def bic(served: Served) -> str:
    return served.bank.payments.house.bank.bic


def today(served: Served) -> str:
    return date_from_days(served.bank.ledger.business_date).isoformat()


def pay(served: Served, token: str, debtor: str, creditor: dict[str, str], amount: str, **more: Any) -> httpx.Response:
    key = more.pop("key", None)
    body = {"debtor": debtor, "creditor": creditor, "amount": amount, "currency": "CNY", **more}
    return served.post("/v1/payments", token, body, key=key)


def done(answer: httpx.Response, status: int = 201) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()


def code_of(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["code"]


def file_out_of(served: Served, account: str, *lines: str, **more: Any) -> bytes:
    debtor = f"<Othr><Id>{account}</Id></Othr>"
    # The bank's own code stands in the file by another name than this bank's.
    text = pain001(group(*lines, debtor=debtor, date=today(served), batch=more.pop("batch", "")), **more)
    return text.replace(b"YINHCNBJ", bic(served).encode())


def to(account: str, end_to_end_id: str, amount: str, bank: str) -> str:
    return line(end_to_end_id, amount, creditor=f"<Othr><Id>{account}</Id></Othr>", bic=bank)


def send_file(served: Served, token: str, data: bytes, **more: Any) -> httpx.Response:
    return served.ask("POST", "/v1/payment-files", token, raw=data, headers={**XML, **more.pop("headers", {})}, **more)


@pytest.fixture
def pair(served: Served) -> tuple[str, str]:
    return served.account(served.customer(), "1000.00"), served.account(served.customer(), "0.00")


# --- one


def test_a_payment_is_done_once_however_often_it_is_sent(served: Served, pair: tuple[str, str]) -> None:
    token, key = served.token("integrator"), served.new_id()
    payee = {"name": "张三丰", "account": pair[1]}
    first = done(pay(served, token, pair[0], payee, "30.25", key=key, remittance=["rent"]))
    again = done(pay(served, token, pair[0], payee, "30.25", key=key, remittance=["rent"]))
    assert (first["state"], first["creditor"], first["amount"]["amount"]) == ("posted", pair[1], "30.25")
    assert first == again
    assert served.balance(pair[1]) == "30.25"
    other = pay(served, token, pair[0], {**payee, "name": "李四"}, "30.25", key=key, remittance=["rent"])
    assert code_of(other) == (409, "id_conflict")


def test_a_payment_that_cannot_be_made_is_rejected_with_its_reason(served: Served, pair: tuple[str, str]) -> None:
    token = served.token("integrator")
    rejected = done(pay(served, token, pair[0], {"name": "张三", "account": pair[1]}, "1000.01"))
    assert (rejected["state"], rejected["reason"]["code"]) == ("rejected", "insufficient_funds")
    assert (rejected["reason"]["iso_code"], rejected["reason"]["zh"]) == ("AM04", "可用余额不足")
    refused = {
        (422, "iban_invalid"): {"name": "张三", "iban": "NL91ABNA0417164301"},
        (422, "bank_missing"): {"name": "张三", "account": "12345"},
        (422, "same_account"): {"name": "张三", "account": pair[0]},
        (422, "field_malformed"): {"name": "张三\u202e\n", "iban": OTHER_IBAN},
        (404, "creditor_unknown"): {"name": "张三", "account": "0001009999999997", "bic": bic(served)},
        (422, "creditor_missing"): {"name": "张三"},
    }
    for expected, payee in refused.items():
        assert code_of(pay(served, token, pair[0], payee, "1.00")) == expected
    assert code_of(pay(served, token, pair[0], ABROAD, "0.00")) == (422, "amount_not_positive")
    assert code_of(pay(served, token, pair[0], ABROAD, "1.001")) == (422, "amount_malformed")
    assert code_of(pay(served, token, "0001009999999997", ABROAD, "1.00"))[0] in (404, 422)
    assert served.balance(pair[0]) == "1000.00"


def test_a_dated_payment_waits_and_may_be_cancelled_once(served: Served, pair: tuple[str, str]) -> None:
    token = served.token("integrator")
    later = date_from_days(served.bank.ledger.business_date + 20).isoformat()
    waiting = done(pay(served, token, pair[0], ABROAD, "5.00", execution_date=later, retry={"days": 3}))
    assert (waiting["state"], waiting["execution_date"], waiting["posted_on"]) == ("waiting", later, None)
    path = f"/v1/payments/{waiting['payment']}"
    tried = done(served.ask("POST", f"{path}/cancellation?dry_run=true", token), 200)
    assert tried["state"] == "cancelled"
    assert done(served.get(path, token), 200)["state"] == "waiting"
    assert done(served.ask("POST", f"{path}/cancellation", token), 200)["state"] == "cancelled"
    assert code_of(served.ask("POST", f"{path}/cancellation", token)) == (422, "not_waiting")
    assert code_of(served.ask("POST", "/v1/payments/999999999/cancellation", token)) == (404, "payment_unknown")
    too_late = date_from_days(served.bank.ledger.business_date + 999).isoformat()
    refused = pay(served, token, pair[0], ABROAD, "5.00", execution_date=too_late)
    assert code_of(refused) == (422, "date_not_offered")


def test_payments_are_listed_page_by_page_by_account_and_state(served: Served, pair: tuple[str, str]) -> None:
    token = served.token("integrator")
    numbers = [done(pay(served, token, pair[0], ABROAD, f"{n}.00"))["payment"] for n in (1, 2, 3)]
    seen: list[int] = []
    cursor = ""
    while True:
        asked = {"account": pair[0], "limit": 2, "cursor": cursor}
        page = done(served.get("/v1/payments", token, params=asked), 200)
        seen += [one["payment"] for one in page["items"]]
        if page["next"] is None:
            break
        cursor = page["next"]
    assert seen == numbers[::-1]
    none = done(served.get("/v1/payments", token, params={"account": pair[0], "state": "waiting"}), 200)
    assert none == {"items": [], "next": None}
    forged = served.get("/v1/payments", token, params={"cursor": cursor[:-3] + "AAA"})
    assert code_of(forged) == (400, "cursor_invalid")


def test_names_are_masked_unless_asked_for_with_a_purpose_that_goes_on_record(
    served: Served, pair: tuple[str, str]
) -> None:
    token, staff = served.token("integrator"), served.token("supervisor")
    sent = done(pay(served, token, pair[0], ABROAD, "1.00", remittance=["for the garden"]))
    assert sent["payee"] == {"name": "张*", "account": "NL91**********4300", "bic": OTHER_BANK}
    assert sent["remittance"] == []
    path = f"/v1/payments/{sent['payment']}"
    assert code_of(served.get(path, token, params={"clear": "true"})) == (403, "forbidden")
    assert code_of(served.get(path, staff, params={"clear": "true"})) == (422, "purpose_missing")
    headers = {"authorization": f"Bearer {staff}", "x-reason": "the payer asked"}
    clear = done(served.http.get(path, params={"clear": "true"}, headers=headers), 200)
    assert (clear["payee"]["name"], clear["remittance"]) == ("张三", ["for the garden"])
    (record,) = served.records(object=f"payment/{sent['payment']}", outcome="read")
    assert (record["action"], record["why"]) == ("payment.read", "the payer asked")


def test_a_dry_run_tells_what_would_become_of_it_and_changes_nothing(served: Served, pair: tuple[str, str]) -> None:
    token = served.token("integrator")
    body = {"debtor": pair[0], "creditor": {"name": "张三", "account": pair[1]}, "currency": "CNY"}
    tried = done(served.post("/v1/payments?dry_run=true", token, {**body, "amount": "4.00"}))
    assert tried["state"] == "posted"
    poor = done(served.post("/v1/payments?dry_run=true", token, {**body, "amount": "4000.00"}))
    assert (poor["state"], poor["reason"]["code"]) == ("rejected", "insufficient_funds")
    data = file_out_of(served, pair[0], to(pair[1], "E1", "1.00", bic(served)))
    path = "/v1/payment-files?dry_run=true"
    file = done(served.ask("POST", path, token, raw=data, headers=AS_XML))
    assert file["count"] == 1
    assert code_of(served.get(f"/v1/payment-files/{file['file']}", token)) == (404, "file_unknown")
    assert served.balance(pair[0]) == "1000.00"


# --- files


@pytest.mark.parametrize("message", ["pain.001.001.03", "pain.001.001.09"])
def test_a_file_of_sepaxml_is_paid_once_and_reported(served: Served, message: str, pair: tuple[str, str]) -> None:
    token, iban = served.token("integrator"), iban_of(served)
    named = served.post(f"/v1/accounts/{pair[0]}/aliases", served.token("supervisor"), {"alias": iban})
    assert done(named) == {"account": pair[0], "alias": iban}
    payer = {"name": "Payer", "IBAN": iban, "BIC": bic(served) + 3 * "X", "currency": "CNY", "batch": False}
    transfer = SepaTransfer(payer, schema=message, clean=True)
    for number in range(3):
        payment = {"name": "Payee", "IBAN": OTHER_IBAN, "BIC": OTHER_BANK, "amount": 10_00 + number}
        date = date_from_days(served.bank.ledger.business_date)
        transfer.add_payment({**payment, "execution_date": date, "description": "invoice", "endtoend_id": f"E{number}"})
    data = transfer.export(validate=True)
    taken = done(send_file(served, token, data))
    assert (taken["count"], taken["states"]["posted"], taken["done"]) == (3, 3, True)
    assert served.balance(pair[0]) == "969.97"
    # The same file under another id is the same file.
    assert done(send_file(served, token, data)) == taken
    assert served.balance(pair[0]) == "969.97"
    first = done(served.get(f"/v1/payment-files/{taken['file']}", token, params={"limit": 2}), 200)
    rest = {"limit": 2, "cursor": first["next"]}
    second = done(served.get(f"/v1/payment-files/{taken['file']}", token, params=rest), 200)
    lines = first["lines"] + second["lines"]
    assert [(one["line"], one["end_to_end_id"], one["state"]) for one in lines] == [
        (1, "E0", "posted"), (2, "E1", "posted"), (3, "E2", "posted"),
    ]  # fmt: skip
    assert second["next"] is None
    report = served.get(f"/v1/payment-files/{taken['file']}/status-report", token)
    assert report.headers["content-type"].startswith("application/xml")
    assert statuses_in(report.content) == ["ACSC"] * 3


def iban_of(served: Served) -> str:
    """An IBAN nobody has yet."""
    from stdnum.iban import calc_check_digits

    body = f"{served.new_id().int % 10**18:018d}"
    return f"DE{calc_check_digits(f'DE00{body}')}{body}"


def statuses_in(report: bytes) -> list[str]:
    return [str(one.text) for one in etree.fromstring(report).iter("{*}TxSts")]


def test_what_is_wrong_with_a_line_stays_with_it(served: Served, pair: tuple[str, str]) -> None:
    token = served.token("integrator")
    lines = (to(pair[1], "E1", "10.00", bic(served)), to(pair[1], "E2", "10.005", bic(served)), line("E3", code="ZZZ"))
    data = file_out_of(served, pair[0], *lines, count=3)
    answer = send_file(served, token, data, headers={"accept": "application/xml"})
    assert answer.status_code == 201
    assert statuses_in(answer.content) == ["ACSC", "RJCT", "RJCT"]
    taken = done(send_file(served, token, data))
    shown = done(served.get(f"/v1/payment-files/{taken['file']}", token), 200)["lines"]
    assert [one["reason"] and one["reason"]["iso_code"] for one in shown] == [None, "AM12", "AM11"]
    assert shown[2]["amount"] is None


def test_a_file_refused_whole_is_told_as_a_problem_or_as_its_report(served: Served, pair: tuple[str, str]) -> None:
    token = served.token("integrator")
    data = file_out_of(served, pair[0], to(pair[1], "E1", "10.00", bic(served)), total="10.01")
    assert code_of(send_file(served, token, data)) == (422, "sum_differs")
    report = send_file(served, token, data, headers={"accept": "application/xml"})
    assert (report.status_code, report.headers["content-type"].partition(";")[0]) == (422, "application/xml")
    assert b"<Cd>AM10</Cd>" in report.content
    no_id = send_file(served, token, b"<a/>", headers={"accept": "application/xml"})
    assert code_of(no_id) == (422, "message_not_taken")
    # What belongs to the request, not to the file, is a problem in any case.
    key = served.new_id()
    good = file_out_of(served, pair[0], to(pair[1], "E1", "1.00", bic(served)), message_id=key.hex)
    assert send_file(served, token, good, key=key).status_code == 201
    other = send_file(served, token, good + b"\n", key=key, headers={"accept": "application/xml"})
    assert code_of(other) == (409, "id_conflict")
    used = send_file(served, token, good + b"\n")
    assert code_of(used) == (422, "message_id_used")


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]>"
)
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY b SYSTEM "file:///etc/passwd">]>'
PARAMETER = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY % b SYSTEM "http://127.0.0.1:9/x"> %b;]>'


@pytest.mark.parametrize("path", ["/v1/payment-files", "/v1/clearing/credits", "/v1/clearing/returns"])
@pytest.mark.parametrize(
    ("before", "code"),
    [
        (BOMB, "doctype_not_allowed"),
        (OUTSIDE, "doctype_not_allowed"),
        (PARAMETER, "doctype_not_allowed"),
        (b'<?xml version="1.0" encoding="UTF-16"?>', "encoding_not_utf8"),
        (b'<?xml version="1.0"?>\xff', "encoding_not_utf8"),
        (b"<Document>" * 300, "not_xml"),
    ],
)
def test_bombs_and_outside_entities_are_refused_with_nothing_changed_and_a_record(
    served: Served, path: str, before: bytes, code: str
) -> None:
    token, key = served.token("supervisor"), served.new_id()
    account = served.two_accounts()[0]
    rest = file_out_of(served, account, line("E1", "1.00", name="&b;")).partition(b"?>")[2]
    balance, files = served.balance(account), counted(served)
    headers = AS_XML if path == "/v1/payment-files" else XML
    answer = served.ask("POST", path, token, raw=before + rest, headers=headers, key=key)
    assert code_of(answer) == (422, code)
    assert b"root:" not in answer.content
    assert (served.balance(account), counted(served)) == (balance, files)
    (record,) = [one for one in served.records() if one["request"] == str(key)]
    assert (record["outcome"], record["why"]) == ("refused", code)


def test_what_a_user_sends_is_on_record_too_where_a_second_person_would_be_asked(served: Served) -> None:
    user, key = served.user("teller"), served.new_id()
    assert code_of(send_file(served, user, BOMB + b"<a/>", key=key)) == (422, "doctype_not_allowed")
    (record,) = [one for one in served.records() if one["request"] == str(key)]
    assert (record["outcome"], record["why"]) == ("refused", "doctype_not_allowed")


def counted(served: Served) -> list[int]:
    with served.bank.sessions.lend() as session:
        tables = ("payment_file", "payment", "receipt", "clearing_message", "request")
        return [session.execute(f"SELECT count(*) FROM {one}").fetchone()[0] for one in tables]  # type: ignore[index]


def test_a_body_of_another_kind_than_xml_in_utf8_is_not_taken(served: Served) -> None:
    token = served.token("integrator")
    plain = send_file(served, token, b"<a/>", headers={"content-type": "text/plain"})
    assert code_of(plain) == (415, "media_unknown")
    zipped = send_file(served, token, b"<a/>", headers={"content-encoding": "gzip"})
    assert code_of(zipped) == (415, "media_unknown")
    other = send_file(served, token, b"<a/>", headers={"content-type": "application/xml; charset=utf-16"})
    assert code_of(other) == (415, "media_unknown")


@pytest.mark.slow
def test_ten_thousand_payments_are_taken_in_one_file_within_the_time_a_request_has(served: Served) -> None:
    payer, payee = served.account(served.customer(), "1000.00"), served.account(served.customer(), "0.00")
    lines = [to(payee, f"E{number}", "0.01", bic(served)) for number in range(10_000)]
    data = file_out_of(served, payer, *lines, count=10_000, total="100.00", message_id=served.new_id().hex)
    headers = {"authorization": f"Bearer {served.token('integrator')}", "idempotency-key": str(served.new_id()), **XML}
    taken = done(served.http.post("/v1/payment-files", content=data, headers=headers, timeout=120))
    assert taken["states"]["posted"] == 10_000
    assert served.balance(payee) == "100.00"


# --- who may


def test_whoever_is_limited_to_parties_pays_out_of_theirs_alone(served: Served) -> None:
    mine, theirs = served.customer(), served.customer()
    my_account, their_account = served.account(mine, "100.00"), served.account(theirs, "100.00")
    me, all_ = served.token("integrator", parties=(mine,)), served.token("integrator")
    assert code_of(pay(served, me, their_account, ABROAD, "1.00")) == (404, "account_unknown")
    foreign = done(pay(served, all_, their_account, {"name": "张三", "account": my_account}, "1.00"))
    path = f"/v1/payments/{foreign['payment']}"
    assert code_of(served.get(path, me)) == (404, "payment_unknown")
    assert code_of(served.ask("POST", f"{path}/cancellation", me)) == (404, "payment_unknown")
    own = done(pay(served, me, my_account, ABROAD, "2.00"))
    listed = done(served.get("/v1/payments", me), 200)["items"]
    assert [one["payment"] for one in listed] == [own["payment"]]
    # What one sent oneself one sees whole.
    shown = done(served.get(f"/v1/payments/{own['payment']}", me, params={"clear": "true"}), 200)
    assert shown["payee"]["name"] == "张三"
    params = {"account": their_account}
    assert code_of(served.get("/v1/payments", me, params=params)) == (404, "account_unknown")

    lines = to(my_account, "E1", "1.00", bic(served))
    for account in (their_account, "0001000099999979"):
        refused = send_file(served, me, file_out_of(served, account, lines, message_id=served.new_id().hex))
        assert code_of(refused) == (404, "debtor_unknown")
    their_file = file_out_of(served, their_account, lines, message_id=served.new_id().hex)
    number = done(send_file(served, all_, their_file))["file"]
    assert code_of(served.get(f"/v1/payment-files/{number}", me)) == (404, "file_unknown")
    assert code_of(served.get(f"/v1/payment-files/{number}/status-report", me)) == (404, "file_unknown")
    my_file = file_out_of(served, my_account, to(their_account, "E1", "1.00", bic(served)))
    mine_taken = done(send_file(served, me, my_file))
    assert done(served.get(f"/v1/payment-files/{mine_taken['file']}", me), 200)["states"]["posted"] == 1
    notice = {"account": their_account}
    transaction = own["transaction"]
    path = f"/v1/transfers/{transaction}/notification"
    assert code_of(served.get(path, me, params=notice)) == (404, "account_unknown")
    mine_notified = served.get(path, me, params={"account": my_account})
    assert mine_notified.status_code == 200
    assert b"camt.054" in mine_notified.content


def test_the_clearing_is_of_the_whole_bank(served: Served) -> None:
    limited = served.token("supervisor", parties=(served.customer(),))
    teller = served.token("teller")
    for token, code in ((limited, "scope_exceeded"), (teller, "forbidden")):
        for path in (
            "/v1/clearing/messages",
            "/v1/clearing/messages/1",
            "/v1/clearing/receipts",
            "/v1/clearing/receipts/1",
        ):
            assert code_of(served.get(path, token)) == (403, code)
        answer = served.ask("POST", "/v1/clearing/credits", token, raw=b"<a/>", headers=XML)
        assert code_of(answer) == (403, code)
        body = {"kind": "credits", "currency": "CNY"}
        assert code_of(served.post("/v1/clearing/messages", token, body)) == (403, code)


def test_a_large_file_of_a_user_waits_for_a_second_person(served: Served, pair: tuple[str, str]) -> None:
    maker, checker = served.user("teller"), served.user("supervisor")
    rich = served.account(served.customer(), "900000.00")
    lines = [to(pair[1], f"E{n}", "110000.00", bic(served)) for n in range(2)]
    data = file_out_of(served, rich, *lines, count=2, message_id=served.new_id().hex)
    asked = send_file(served, maker, data)
    assert asked.status_code == 202, asked.text
    approval, effect = asked.json()["approval"], asked.json()["effect"]
    assert (effect["count"], effect["states"]["accepted"]) == (2, 2)
    assert served.balance(rich) == "900000.00"
    decided = served.post(f"/v1/approvals/{approval}/decision", checker, {"decision": "approve"})
    assert done(decided, 200)["answer"]["states"]["posted"] == 2
    assert served.balance(rich) == "680000.00"
    lines = [to(pair[1], f"E{n}", "300000.00", bic(served)) for n in range(2)]
    over = file_out_of(served, rich, *lines, count=2, message_id=served.new_id().hex)
    assert code_of(send_file(served, maker, over)) == (422, "over_single_limit")


def test_a_file_of_ten_thousand_payments_waits_for_a_second_person_whole(served: Served, pair: tuple[str, str]) -> None:
    maker, checker = served.user("teller"), served.user("supervisor")
    rich = served.account(served.customer(), "245000.00")
    lines = [to(pair[1], f"salary-2026-01-of-employee-{n:06}", "22.00", bic(served)) for n in range(10_000)]
    data = file_out_of(served, rich, *lines, count=10_000, message_id=served.new_id().hex)
    assert len(data) > 3_000_000
    asked = send_file(served, maker, data)
    assert asked.status_code == 202, asked.text
    approval = asked.json()["approval"]
    shown = done(served.get(f"/v1/approvals/{approval}", checker), 200)
    assert shown["command"]["body"] == {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    decided = served.post(f"/v1/approvals/{approval}/decision", checker, {"decision": "approve"})
    assert done(decided, 200)["answer"]["states"]["posted"] == 10_000
    assert served.balance(rich) == "25000.00"


# --- the clearing


def test_payments_go_out_once_and_come_back_to_their_payer(served: Served, pair: tuple[str, str]) -> None:
    token, desk = served.token("integrator"), served.token("supervisor")
    sent = done(pay(served, token, pair[0], ABROAD, "12.34", end_to_end_id=served.new_id().hex))
    body, key = {"kind": "credits", "currency": "CNY"}, served.new_id()
    message = done(served.post("/v1/clearing/messages", desk, body, key=key))
    assert done(served.post("/v1/clearing/messages", desk, body, key=key)) == message
    path = f"/v1/clearing/messages/{message['message']}"
    content = served.http.get(path, headers={"authorization": f"Bearer {desk}", "accept": "application/xml"}).content
    out = read_pacs008(content)
    assert isinstance(out, CreditTransfers)
    assert [one.amount_minor for one in out.lines if one.end_to_end_id == sent["end_to_end_id"]] == [12_34]
    assert code_of(served.post("/v1/clearing/messages", desk, body)) == (422, "nothing_to_send")
    assert done(served.get("/v1/clearing/messages", desk, params={"limit": 1}), 200)["items"] == [message]
    (record,) = served.records(object=f"clearing-message/{message['message']}", outcome="read")
    assert record["action"] == "clearing.read"

    back = Returned(
        number=1,
        return_id="RT1",
        original_transaction_id=UUID(sent["id"]).hex,
        amount_minor=12_34,
        currency="CNY",
        iso_code="AC04",
    )
    returns = Returns(
        message_id=served.new_id().hex, settlement_date=message_day(served), sender_bic=OTHER_BANK, lines=(back,)
    )
    taken = done(served.ask("POST", "/v1/clearing/returns", desk, raw=write_pacs004(returns), headers=XML))
    assert taken["states"]["credited"] == 1
    assert served.balance(pair[0]) == "1000.00"
    shown = done(served.get(f"/v1/payments/{sent['payment']}", token), 200)
    assert (shown["state"], shown["reason"]["iso_code"], shown["message"]) == ("returned", "AC04", message["message"])


def message_day(served: Served) -> int:
    return served.bank.ledger.business_date


def credit(served: Served, number: int, account: str, amount_minor: int = 7_00) -> CreditTransfer:
    return CreditTransfer(
        number=number,
        transaction_id=f"T{number}",
        end_to_end_id=f"E{number}",
        amount_minor=amount_minor,
        currency="CNY",
        debtor_name="李四",
        debtor=AccountId(iban=OTHER_IBAN),
        debtor_bic=OTHER_BANK,
        creditor_name="张三",
        creditor=AccountId(other=account),
        creditor_bic=bic(served),
        remittance=("rent",),
    )


def test_money_that_finds_no_account_waits_in_suspense_for_a_person(served: Served, pair: tuple[str, str]) -> None:
    desk = served.token("supervisor")
    lines = (
        credit(served, 1, pair[1]),
        credit(served, 2, "0001009999999997", 3_00),
        credit(served, 3, "12345", 2_00),
    )
    data = write_pacs008(
        CreditTransfers(
            message_id=served.new_id().hex, settlement_date=message_day(served), sender_bic=OTHER_BANK, lines=lines
        )
    )
    taken = done(served.ask("POST", "/v1/clearing/credits", desk, raw=data, headers=XML))
    assert done(served.ask("POST", "/v1/clearing/credits", desk, raw=data, headers=XML)) == taken
    assert (taken["states"]["credited"], taken["states"]["suspended"]) == (1, 2)
    assert served.balance(pair[1]) == "7.00"
    params = {"state": "suspended", "limit": 2}
    waiting = done(served.get("/v1/clearing/receipts", desk, params=params), 200)["items"]
    third, second = waiting
    assert (second["amount"]["amount"], second["payer"]["name"]) == ("3.00", "李*")

    path = f"/v1/clearing/receipts/{second['receipt']}"
    applied = done(served.post(f"{path}/application", desk, {"account": pair[1]}), 200)
    assert (applied["state"], applied["account"]) == ("applied", pair[1])
    assert served.balance(pair[1]) == "10.00"
    again = served.post(f"{path}/application", desk, {"account": pair[1]})
    assert code_of(again) == (422, "not_in_suspense")
    headers = {"authorization": f"Bearer {desk}", "x-reason": "the payee asked"}
    clear = done(served.http.get(path, params={"clear": "true"}, headers=headers), 200)
    assert (clear["payer"]["name"], clear["remittance"]) == ("李四", ["rent"])

    path = f"/v1/clearing/receipts/{third['receipt']}/return"
    assert done(served.post(path, desk, {"iso_code": "AC01"}), 200)["state"] == "returned"
    message = done(served.post("/v1/clearing/messages", desk, {"kind": "returns", "currency": "CNY"}))
    headers = {"authorization": f"Bearer {desk}", "accept": "application/xml"}
    content = served.http.get(f"/v1/clearing/messages/{message['message']}", headers=headers).content
    returns = read_pacs004(content)
    assert isinstance(returns, Returns)
    assert [(one.amount_minor, one.iso_code) for one in returns.lines] == [(2_00, "AC01")]
    assert code_of(served.post("/v1/clearing/receipts/999999/return", desk, {"iso_code": "AC01"}))[0] == 404


def test_an_account_is_not_named_by_anothers_number(served: Served, pair: tuple[str, str]) -> None:
    desk, path = served.token("supervisor"), f"/v1/accounts/{pair[0]}/aliases"
    assert code_of(served.post(path, desk, {"alias": pair[1]})) == (422, "alias_taken")
    assert code_of(served.post(path, desk, {"alias": "DE89370400440532013001"})) == (422, "iban_invalid")
    iban = iban_of(served)
    assert served.post(path, desk, {"alias": iban}).status_code == 201
    other = served.post(f"/v1/accounts/{pair[1]}/aliases", desk, {"alias": iban})
    assert code_of(other) == (422, "alias_taken")
