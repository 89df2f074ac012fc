"""Files made by sepaxml, an unrelated library, are read as what they were made of."""

import datetime as dt
from typing import Any

import pytest
from sepaxml import SepaTransfer

from yinhe.kernel.dates import days_from_date
from yinhe.payments.iso.fields import AccountId
from yinhe.payments.iso.pain001 import MESSAGES, PaymentFile, read_pain001

DATE = dt.date(2026, 1, 5)
DEBTOR = {"name": "Payer", "IBAN": "DE89370400440532013000", "BIC": "COBADEFFXXX", "currency": "EUR"}
PAYMENTS: list[dict[str, Any]] = [
    {"name": "张三", "IBAN": "NL91ABNA0417164300", "BIC": "ABNANL2A", "amount": 10_12, "description": "invoice 1"},
    {"name": "Zoë & <co>", "IBAN": "FR1420041010050500013M02606", "amount": 1, "description": "invoice 2"},
    {"name": "Payee", "IBAN": "GB29NWBK60161331926819", "amount": 99_999_999_99, "description": "x" * 140},
]


def made(message: str, payments: list[dict[str, Any]], *, batch: bool = True, **dates: dt.date) -> bytes:
    transfer = SepaTransfer({**DEBTOR, "batch": batch}, schema=message, clean=False)
    for number, payment in enumerate(payments):
        date = dates.get(f"date_{number}", DATE)
        transfer.add_payment({**payment, "execution_date": date, "endtoend_id": f"E{number}"})
    return transfer.export(validate=True)


def read(data: bytes) -> PaymentFile:
    file = read_pain001(data)
    assert isinstance(file, PaymentFile), file
    return file


@pytest.mark.parametrize("batch", [True, False])
@pytest.mark.parametrize("message", MESSAGES)
def test_a_file_of_sepaxml_is_read_payment_by_payment(message: str, batch: bool) -> None:
    file = read(made(message, PAYMENTS, batch=batch))
    assert file.message == message
    assert [
        {
            "name": line.creditor_name,
            "IBAN": line.creditor.iban,
            "amount": line.amount_minor,
            "description": line.remittance[0],
            **({"BIC": line.creditor_bic} if line.creditor_bic else {}),
        }
        for _, line in file.lines
    ] == PAYMENTS
    for number, (group, line) in enumerate(file.lines):
        assert (line.refusal, group.refusal, group.batch_booking) == (None, None, batch)
        assert (line.end_to_end_id, line.currency) == (f"E{number}", "EUR")
        assert (group.debtor, group.debtor_bic) == (AccountId(iban=DEBTOR["IBAN"]), DEBTOR["BIC"])
        assert (group.debtor_name, group.execution_date) == (DEBTOR["name"], days_from_date(DATE))


def test_each_date_is_a_group_of_its_own() -> None:
    later = DATE + dt.timedelta(days=3)
    file = read(made(MESSAGES[0], PAYMENTS, date_2=later))
    assert sorted(group.execution_date for group in file.groups) == [days_from_date(DATE), days_from_date(later)]


def test_a_thousand_payments_are_read_with_their_control_sums() -> None:
    many = [{**PAYMENTS[0], "amount": number} for number in range(1, 1_001)]
    file = read(made(MESSAGES[1], many))
    assert sum(line.amount_minor for _, line in file.lines) == 500_500
    assert file.control_sum == "5005.00"
