"""Files of payments: each line once, whatever stops; batches as one debit; a report line by line."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from lxml import etree
from sepaxml import SepaTransfer
from tests.conformance.payments.schemas import require_schema_valid
from tests.postgres.payments.conftest import BIC, MONDAY, Office, OpenOffice, Stopped
from tests.unit.payments.files import group, line, pain001

from yinhe.audit.desk import Told
from yinhe.kernel.refusals import Refusal
from yinhe.ledger.ledger import Ledger
from yinhe.payments.codes import PaymentCode
from yinhe.payments.model import FileProgress, State
from yinhe.payments.refusals import FileReason


def taken(office: Office, data: bytes) -> FileProgress:
    told = office.payments.take_file(office.asked("payment.file"), data)
    assert isinstance(told, Told), told
    return told.read(FileProgress)


def to(office: Office, account: int, end_to_end_id: str, amount: str = "10.00", **changed: Any) -> str:
    """A payment to an account of this bank."""
    creditor = f"<Othr><Id>{office.number(account)}</Id></Othr>"
    return line(end_to_end_id, amount, creditor=creditor, bic=BIC, **changed)


def out_of(office: Office, *lines: str, **changed: Any) -> str:
    debtor = f"<Othr><Id>{office.number(office.people[0])}</Id></Othr>"
    return group(*lines, **({"debtor": debtor} | changed))


def codes_of(ledger: Ledger, account: int) -> list[tuple[int, int]]:
    """The lines of an account, oldest first: code and amount."""
    return [(entry.code, entry.amount_minor) for entry in reversed(ledger.history(account, limit=1_000).entries)]


def reasons(office: Office, file: int) -> dict[str, str | None]:
    """By end-to-end id: the code of the standard, or None where it was posted."""
    return {
        payment.end_to_end_id: payment.cause.iso_code if payment.cause else None
        for payment in office.payments.lines(file)
    }


def mixed(office: Office, batch: str) -> bytes:
    """Three good payments among seven, each of the others wrong in its own way."""
    one, two, blocked = office.people[1], office.people[2], office.people[3]
    office.ledger.block(blocked, debit=False, credit=True)
    lines = (
        to(office, one, "E1"),
        to(office, two, "E2", "10.005"),
        to(office, two, "E2"),
        to(office, blocked, "E4"),
        line("E5"),
        to(office, 9_999, "E6"),
        to(office, two, "E7", "20.00"),
    )
    return pain001(out_of(office, *lines, batch=batch), count=7)


@pytest.mark.parametrize("batch", ["false", "true"])
def test_what_is_wrong_with_a_line_stays_with_it_and_is_reported(office: Office, batch: str) -> None:
    progress = taken(office, mixed(office, batch))
    assert progress.by_state == {State.POSTED: 3, State.REJECTED: 4}
    assert reasons(office, progress.number) == {
        "E1": None, "E2": "AM05", "E4": "AC06", "E5": None, "E6": "AC01", "E7": None,
    }  # fmt: skip
    assert office.balances == (960_00, 10_00, 20_00, 0)
    assert office.clearing == 10_00
    debits = [entry for entry in codes_of(office.ledger, office.people[0]) if entry[1] < 0]
    singly = [(701, -10_00), (700, -10_00), (701, -20_00)]
    assert sorted(debits) == (sorted(singly) if batch == "false" else [(PaymentCode.BATCH.code, -40_00)])
    report = office.payments.status_report(progress.number)
    require_schema_valid(report.replace(b"pain.002.001.10", b"pain.002.001.12"), "pain.002.001.12")
    namespace = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"}
    root = etree.fromstring(report)
    assert root.xpath("string(//p:GrpSts)", namespaces=namespace) == "PART"
    assert root.xpath("//p:TxSts/text()", namespaces=namespace) == [
        "ACSC",
        "RJCT",
        "RJCT",
        "RJCT",
        "ACSC",
        "RJCT",
        "ACSC",
    ]
    assert root.xpath("//p:StsRsnInf/p:Rsn/p:Cd/text()", namespaces=namespace) == ["AM12", "AM05", "AC06", "AC01"]
    office.check_books()


def test_a_file_twice_is_done_once_and_its_id_for_another_file_is_refused(office: Office) -> None:
    data = pain001(out_of(office, to(office, office.people[1], "E1")))
    first, second = taken(office, data), taken(office, data)
    assert first == second
    other = office.payments.take_file(office.asked("payment.file"), data + b"\n")
    assert other == Refusal(FileReason.MESSAGE_ID_USED)
    assert office.balances[:2] == (990_00, 10_00)


def test_a_file_that_comes_many_times_at_once_is_done_once(office: Office) -> None:
    lines = [to(office, office.people[1], f"E{number}") for number in range(20)]
    data = pain001(out_of(office, *lines), count=20)
    with ThreadPoolExecutor(4) as threads:
        taken_at_once = [threads.submit(taken, office, data) for _ in range(4)]
        assert {one.result().number for one in taken_at_once} == {1}
    office.payments.resume()
    assert office.payments.progress(1).by_state == {State.POSTED: 20}
    assert office.balances[:2] == (800_00, 200_00)


def test_a_file_refused_whole_leaves_nothing_but_its_refusal_on_record(office: Office) -> None:
    data = pain001(out_of(office, to(office, office.people[1], "E1")), total="10.01")
    refusal = office.payments.take_file(office.asked("payment.file"), data)
    assert isinstance(refusal, Refusal)
    assert refusal.because is FileReason.SUM_DIFFERS
    assert list(office.acts()) == [("payment.file", "", "refused")]
    assert office.balances[0] == 1_000_00
    report = office.payments.refusal_report(data, refusal)
    assert report is not None
    assert b"<Cd>AM10</Cd>" in report
    assert office.payments.refusal_report(b"<a/>", refusal) is None


def test_a_batch_the_payer_cannot_pay_is_rejected_whole(office: Office) -> None:
    lines = [to(office, office.people[1], f"E{number}", "600.00") for number in range(2)]
    progress = taken(office, pain001(out_of(office, *lines, batch="true"), count=2))
    assert progress.by_state == {State.REJECTED: 2}
    assert set(reasons(office, progress.number).values()) == {"AM04"}
    singly = taken(office, pain001(out_of(office, *lines, batch="false"), count=2, message_id="M2"))
    assert singly.by_state == {State.POSTED: 1, State.REJECTED: 1}


def test_groups_on_later_dates_wait_and_a_batch_is_still_one_debit(office: Office) -> None:
    lines = [to(office, office.people[1], f"E{number}") for number in range(3)]
    progress = taken(office, pain001(out_of(office, *lines, batch="true", date="2026-01-06"), count=3))
    assert progress.by_state == {State.WAITING: 3}
    assert b"<TxSts>PDNG</TxSts>" in office.payments.status_report(progress.number)
    assert office.payments.run_due(office.next_day()) == 3
    assert codes_of(office.ledger, office.people[0])[1:] == [(PaymentCode.BATCH.code, -30_00)]


@pytest.mark.parametrize("message", ["pain.001.001.03", "pain.001.001.09"])
def test_a_file_of_sepaxml_is_paid(office: Office, message: str) -> None:
    iban = "DE89370400440532013000"
    assert isinstance(office.payments.name_account(office.asked(), iban, office.people[0]), Told)
    payer = {"name": "Payer", "IBAN": iban, "BIC": "YINHCNBJXXX", "currency": "CNY", "batch": True}
    transfer = SepaTransfer(payer, schema=message, clean=True)
    for number in range(3):
        transfer.add_payment(
            {
                "name": "Payee",
                "IBAN": "NL91ABNA0417164300",
                "BIC": "ABNANL2A",
                "amount": 10_00 + number,
                "execution_date": time_date(MONDAY),
                "description": "invoice",
                "endtoend_id": f"E{number}",
            }
        )
    progress = taken(office, transfer.export(validate=True))
    assert progress.by_state == {State.POSTED: 3}
    assert (office.balances[0], office.clearing) == (1_000_00 - 30_03, 30_03)


def time_date(days: int) -> Any:
    from yinhe.kernel.dates import date_from_days

    return date_from_days(days)


def large(office: Office, batch: str, count: int) -> bytes:
    lines = [to(office, office.people[1 + number % 3], f"E{number}", "0.01") for number in range(count)]
    return pain001(out_of(office, *lines, batch=batch), count=count, total=f"{count / 100:.2f}")


@pytest.mark.parametrize("stop", ["stop_before", "stop_after"])
@pytest.mark.parametrize("batch", ["false", "true"])
def test_a_kill_between_any_two_pieces_is_made_good_line_by_line(
    open_office: OpenOffice, batch: str, stop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("yinhe.payments.booking.CHUNK", 2)
    monkeypatch.setattr("yinhe.payments.booking.BATCH_MAX", 2)
    office = open_office()
    data, asked = large(office, batch, 7), office.asked("payment.file")
    for at in (1, 2, 1):
        office.begin_again(**{stop: at})
        with pytest.raises(Stopped):
            office.payments.take_file(asked, data)
    office.begin_again()
    office.payments.resume()
    progress = taken(office, data)
    assert progress.by_state == {State.POSTED: 7}
    assert office.balances == (1_000_00 - 7, 3, 2, 2)
    debits = [amount for _, amount in codes_of(office.ledger, office.people[0]) if amount < 0]
    assert debits == ([-1] * 7 if batch == "false" else [-2, -2, -2, -1])
    office.check_books()


def test_an_account_closed_while_a_batch_is_posted_costs_only_its_own_line(office: Office) -> None:
    data = large(office, "true", 6)
    poster = office.poster
    post_now = poster.ledger.post

    def close_first(*given: Any) -> Any:
        # Between the last look and the posting.
        poster.ledger.post = post_now  # type: ignore[method-assign]
        office.ledger.block(office.people[2], debit=False, credit=True)
        return post_now(*given)

    poster.ledger.post = close_first  # type: ignore[method-assign]
    progress = taken(office, data)
    assert progress.by_state == {State.POSTED: 4, State.REJECTED: 2}
    assert office.balances == (1_000_00 - 4, 2, 0, 2)
    assert office.transit == 0


def test_ten_thousand_payments_are_read_posted_and_reported(office: Office) -> None:
    data = large(office, "true", 10_000)
    began = time.perf_counter()
    progress = taken(office, data)
    report = office.payments.status_report(progress.number)
    assert time.perf_counter() - began < 60
    assert progress.by_state == {State.POSTED: 10_000}
    assert office.balances == (1_000_00 - 10_000, 3_334, 3_333, 3_333)
    debits = [amount for _, amount in codes_of(office.ledger, office.people[0]) if amount < 0]
    assert debits == [-998] * 10 + [-20]
    assert report.count(b"<TxSts>ACSC</TxSts>") == 10_000
