"""A payment file: what is wrong with the whole refuses it, what is wrong with one payment stays with it."""

import pytest
from tests.unit.payments.files import PAYEE_IBAN, group, line, pain001

from yinhe.kernel.refusals import Refusal
from yinhe.payments.iso.fields import AccountId
from yinhe.payments.iso.pain001 import PaymentFile, read_pain001
from yinhe.payments.refusals import FileReason, PaymentReason, code_of

DAY = 20_458


def taken(data: bytes) -> PaymentFile:
    file = read_pain001(data)
    assert isinstance(file, PaymentFile), file
    return file


def refused(data: bytes) -> FileReason:
    refusal = read_pain001(data)
    assert isinstance(refusal, Refusal)
    assert isinstance(refusal.because, FileReason)
    return refusal.because


def test_a_file_is_read_field_by_field() -> None:
    extra = "<RmtInf><Ustrd>invoice 1</Ustrd><Ustrd>invoice 2</Ustrd></RmtInf>"
    file = taken(pain001(group(line(extra=extra), batch="true"), total="10.00"))
    ((one, paid),) = file.lines
    assert (file.message_id, file.initiator, file.control_sum) == ("M1", "Payer", "10.00")
    assert (one.batch_booking, one.execution_date, one.debtor) == (True, DAY, AccountId(other="0001000000000136"))
    assert (paid.amount_minor, paid.currency, paid.creditor) == (10_00, "CNY", AccountId(iban=PAYEE_IBAN))
    assert (paid.creditor_bic, paid.remittance) == ("ABNANL2A", ("invoice 1", "invoice 2"))


AMOUNTS = [
    ("-10.00", "CNY", PaymentReason.AMOUNT_NOT_POSITIVE, "AM01"),
    ("0.00", "CNY", PaymentReason.AMOUNT_NOT_POSITIVE, "AM01"),
    ("10.005", "CNY", PaymentReason.AMOUNT_TOO_FINE, "AM12"),
    ("10.5", "JPY", PaymentReason.AMOUNT_TOO_FINE, "AM12"),
    ("1e3", "CNY", PaymentReason.AMOUNT_MALFORMED, "AM12"),
    ("1,000.00", "CNY", PaymentReason.AMOUNT_MALFORMED, "AM12"),
    ("１０.00", "CNY", PaymentReason.AMOUNT_MALFORMED, "AM12"),
    ("", "CNY", PaymentReason.AMOUNT_MALFORMED, "AM12"),
    ("NaN", "CNY", PaymentReason.AMOUNT_MALFORMED, "AM12"),
    ("999999999999999999", "CNY", PaymentReason.AMOUNT_TOO_LARGE, "AM02"),
    ("10.00", "XTS", PaymentReason.CURRENCY_UNKNOWN, "AM11"),
    ("10.00", "", PaymentReason.CURRENCY_UNKNOWN, "AM11"),
]


@pytest.mark.parametrize(("amount", "code", "reason", "iso_code"), AMOUNTS)
def test_an_amount_that_is_none_rejects_its_payment_alone(
    amount: str, code: str, reason: PaymentReason, iso_code: str
) -> None:
    file = taken(pain001(group(line("E1", amount, code), line("E2")), count=2))
    bad, good = (paid for _, paid in file.lines)
    assert bad.refusal is not None
    assert (bad.refusal.because, code_of(bad.refusal)) == (reason, iso_code)
    assert good.refusal is None


@pytest.mark.parametrize(("text", "minor"), [("10", 10_00), ("10.5", 10_50), ("10.500", 10_50), ("0.01", 1)])
def test_an_amount_is_read_exactly(text: str, minor: int) -> None:
    ((_, paid),) = taken(pain001(group(line(amount=text)))).lines
    assert paid.amount_minor == minor


LINES = [
    (line(end_to_end_id=""), "PmtId/EndToEndId"),
    (line(end_to_end_id="E" * 36), "PmtId/EndToEndId"),
    (line(creditor="<IBAN>X</IBAN><Othr><Id>1</Id></Othr>"), "CdtrAcct"),
    (line(extra="<ChrgBr>NONE</ChrgBr>"), "ChrgBr"),
    (line(extra=f"<RmtInf><Ustrd>{'x' * 141}</Ustrd></RmtInf>"), "RmtInf/Ustrd"),
    (line(extra="<RmtInf>" + "<Ustrd>x</Ustrd>" * 11 + "</RmtInf>"), "RmtInf/Ustrd"),
    (line(name="one&#10;two"), "Cdtr/Nm"),
    (line(extra="<Cdtr><Nm>twice</Nm></Cdtr>"), "Cdtr/Nm"),
]


@pytest.mark.parametrize(("bad", "field"), LINES)
def test_a_malformed_field_rejects_its_payment_alone_and_is_named(bad: str, field: str) -> None:
    file = taken(pain001(group(bad, line("E2")), count=2))
    first, second = (paid for _, paid in file.lines)
    assert first.refusal == Refusal(PaymentReason.LINE_MALFORMED, field)
    assert second.refusal is None


def test_a_cheque_rejects_its_group_alone() -> None:
    file = taken(pain001(group(line(), method="CHK"), group(line("E2"), id="G2"), count=2))
    assert [one.refusal for one in file.groups] == [Refusal(PaymentReason.METHOD_NOT_OFFERED), None]


WHOLE = [
    (pain001(group(line(), line("E2")), count=3), FileReason.COUNT_DIFFERS),
    (pain001(group(line()), total="10.01"), FileReason.SUM_DIFFERS),
    (pain001(group(line(amount="-5.00")), total="-5.00"), FileReason.FIELD_MALFORMED),
    (pain001(group(line(), extra="<NbOfTxs>2</NbOfTxs>")), FileReason.COUNT_DIFFERS),
    (pain001(group(line(), extra="<CtrlSum>10.5</CtrlSum>")), FileReason.SUM_DIFFERS),
    (pain001(group(line()), count="one"), FileReason.FIELD_MALFORMED),
    (pain001(group(line()), message_id=""), FileReason.FIELD_MALFORMED),
    (pain001(group(line(), date="2026-02-30")), FileReason.FIELD_MALFORMED),
    (pain001(group(line(), batch="yes")), FileReason.FIELD_MALFORMED),
    (pain001(group(), count=0), FileReason.NO_LINES),
    (pain001(count=0), FileReason.NO_LINES),
    (pain001(group(*(line(f"E{i}") for i in range(10_001))), count=10_001), FileReason.TOO_MANY_LINES),
]


@pytest.mark.parametrize(("data", "reason"), WHOLE, ids=[f"{i} {reason.name}" for i, (_, reason) in enumerate(WHOLE)])
def test_a_file_that_contradicts_itself_is_refused_whole(data: bytes, reason: FileReason) -> None:
    assert refused(data) is reason
