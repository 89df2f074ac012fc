"""Messages written here are valid by the schemas of ISO 20022, and read back as what they were."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conformance.payments.schemas import require_classes_accept, require_schema_valid

from yinhe.kernel.currency import currency
from yinhe.payments.iso.camt import NOTIFICATION, STATEMENT, Statement, StatementEntry, write_camt053, write_camt054
from yinhe.payments.iso.fields import AccountId
from yinhe.payments.iso.pacs004 import Returned, Returns, read_pacs004, write_pacs004
from yinhe.payments.iso.pacs008 import CreditTransfer, CreditTransfers, read_pacs008, write_pacs008
from yinhe.payments.iso.pain002 import REPLIES, LineStatus, Status, StatusReport, write_pain002

DAY = 20_458
"""2026-01-05."""
START_US = DAY * 86_400_000_000
IBAN = AccountId(iban="DE89370400440532013000")
OTHER = AccountId(other="0001000000000136")
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp", "Zs", "Cn"]), max_size=20)


def credit(number: int = 1, **changed: Any) -> CreditTransfer:
    whole = CreditTransfer(
        number=number,
        transaction_id=f"T{number}",
        instruction_id=f"I{number}",
        end_to_end_id=f"E{number}",
        amount_minor=1_234_50,
        currency="CNY",
        settlement_date=None,
        charge_bearer="SHAR",
        debtor_name="张三",
        debtor=OTHER,
        debtor_bic="COBADEFFXXX",
        creditor_name="Payee & <others>",
        creditor=IBAN,
        creditor_bic="ABNANL2A",
        remittance=("invoice 1", "invoice 2"),
        reference="RF18539007547034",
    )
    return msgspec.structs.replace(whole, **changed)


def credits(*lines: CreditTransfer) -> CreditTransfers:
    return CreditTransfers(
        message_id="M1",
        created_us=START_US,
        settlement_date=DAY,
        sender_bic="COBADEFFXXX",
        receiver_bic="",
        lines=lines,
    )


def returns(*lines: Returned) -> Returns:
    return Returns(message_id="R1", created_us=START_US, settlement_date=DAY, sender_bic="ABNANL2A", lines=lines)


RETURNED = Returned(
    number=1,
    return_id="RT1",
    original_message_id="M1",
    original_transaction_id="T1",
    original_end_to_end_id="E1",
    amount_minor=5,
    currency="JPY",
    iso_code="AC04",
    words="the account is closed",
)
REPORT = StatusReport(
    message_id="S1",
    created_us=START_US,
    bic="COBADEFFXXX",
    original_message="pain.001.001.09",
    original_message_id="M1",
    original_count=3,
    original_sum="12.50",
    lines=(
        LineStatus(group_id="G1", status=Status.SETTLED, id="P1", instruction_id="I1", end_to_end_id="E1"),
        LineStatus(
            group_id="G1", status=Status.REJECTED, id="P2", end_to_end_id="E2", iso_code="AM04", words="余额不足" * 50
        ),
        LineStatus(group_id="G2", status=Status.PENDING, id="P3", end_to_end_id="E3"),
    ),
)
ENTRY = StatementEntry(
    reference="000000000001",
    amount_minor=-12_50,
    booking_date=DAY,
    value_date=DAY - 1,
    code=700,
    words="Payment to another bank",
    is_clearing=True,
    end_to_end_id="E1",
    transaction_id="T1",
    counter_name="Payee",
    counter_account=IBAN,
    counter_bic="ABNANL2A",
    remittance=("invoice 1",),
)


def statement(*entries: StatementEntry, code: str = "CNY") -> Statement:
    moved = sum(entry.amount_minor for entry in entries)
    return Statement(
        id="S1",
        created_us=START_US,
        account=OTHER,
        currency=currency(code),
        bic="COBADEFFXXX",
        first=DAY,
        last=DAY,
        opening_minor=-3,
        closing_minor=moved - 3,
        entries=entries,
    )


@pytest.mark.parametrize("message", sorted(REPLIES))
def test_a_status_report_is_valid_in_the_version_that_answers_the_one_asked_in(message: str) -> None:
    data = write_pain002(msgspec.structs.replace(REPORT, original_message=message))
    if REPLIES[message] in ("pain.002.001.03", "pain.002.001.12"):
        require_schema_valid(data, REPLIES[message])
    require_classes_accept(data, REPLIES[message])


def test_a_report_of_a_file_refused_as_a_whole_is_valid() -> None:
    data = write_pain002(
        msgspec.structs.replace(REPORT, original_message="pain.001.001.03", lines=(), iso_code="AM10", words="sum")
    )
    require_schema_valid(data, "pain.002.001.03")
    assert b"<GrpSts>RJCT</GrpSts>" in data


@pytest.mark.parametrize(
    "message",
    [
        credits(credit()),
        credits(credit(1), credit(2, debtor_name="", debtor=AccountId(), creditor_bic="", remittance=(), reference="")),
        credits(*(credit(number, currency="JPY", transaction_id="") for number in range(1, 4))),
    ],
    ids=["one", "bare", "yen"],
)
def test_credit_transfers_are_valid(message: CreditTransfers) -> None:
    data = write_pacs008(message)
    require_schema_valid(data, "pacs.008.001.08")
    require_classes_accept(data, "pacs.008.001.08")


@settings(max_examples=40)
@given(amount=st.integers(1, 10**15), name=TEXTS, remittance=st.lists(TEXTS.filter(bool), max_size=3).map(tuple))
def test_credit_transfers_read_back_as_they_were(amount: int, name: str, remittance: tuple[str, ...]) -> None:
    line = credit(amount_minor=amount, creditor_name=name or "NOTPROVIDED", remittance=remittance)
    data = write_pacs008(credits(line))
    require_schema_valid(data, "pacs.008.001.08")
    assert read_pacs008(data) == msgspec.structs.replace(credits(line), created_us=0)


def test_returns_are_accepted_by_the_generated_classes_and_read_back_as_they_were() -> None:
    both = returns(RETURNED, msgspec.structs.replace(RETURNED, number=2, original_message_id="", original_message=""))
    data = write_pacs004(both)
    require_classes_accept(data, "pacs.004.001.09")
    assert read_pacs004(data) == msgspec.structs.replace(both, created_us=0, settlement_date=None)


@pytest.mark.parametrize(
    "entries",
    [
        (),
        (ENTRY,),
        (
            ENTRY,
            StatementEntry(
                reference="2", amount_minor=7, booking_date=DAY, value_date=DAY, code=2001, is_transfer=False
            ),
            msgspec.structs.replace(ENTRY, amount_minor=12_50, return_code="AC04", is_reversal=True),
        ),
    ],
    ids=["nothing moved", "one payment", "payment, interest and return"],
)
def test_statements_are_valid_and_add_up(entries: tuple[StatementEntry, ...]) -> None:
    data = write_camt053(statement(*entries))
    require_schema_valid(data, STATEMENT)
    require_classes_accept(data, STATEMENT)


def test_notifications_are_valid() -> None:
    data = write_camt054(statement(ENTRY))
    require_schema_valid(data, NOTIFICATION)
    require_classes_accept(data, NOTIFICATION)
