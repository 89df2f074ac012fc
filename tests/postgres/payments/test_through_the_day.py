"""Payments over contracts, posted by the day's own pipeline: its rules and fees hold for them too."""

import msgspec
from tests.postgres.payments.conftest import BIC, OTHER_BANK, OTHER_IBAN, TELLER, VAULT
from tests.postgres.payments.test_clearing import Message, Taken
from tests.postgres.transact.conftest import CNY, Street, clock, street
from tests.unit.payments.files import group, line, pain001

from yinhe.audit.desk import Asked, Told
from yinhe.kernel.account_number import AccountNumber, encode
from yinhe.payments.house import BankName
from yinhe.payments.iso.pacs008 import CreditTransfer, CreditTransfers, write_pacs008
from yinhe.payments.model import FileProgress, Pay, Payment, ReceiptState, State
from yinhe.payments.service import Payments
from yinhe.payments.settling import Outgoing

__all__ = ["clock", "street"]


def asked(street: Street) -> Asked:
    return Asked(id=street.new_id(), action="payment.pay", content=None, author=TELLER)


def number(account: int) -> str:
    return f"<Othr><Id>{encode(AccountNumber(1, account))}</Id></Othr>"


def payments_of(street: Street) -> Payments:
    return Payments(BankName(BIC, "Yinhe"), street.desk, street.ledger, street.house.bank.pools, street.day, VAULT)


def test_a_dry_run_takes_the_same_path_as_the_payment(street: Street) -> None:
    payments = payments_of(street)
    behind = street.house.open(street.versions["demand"], 900_00)
    swept = street.house.open(street.versions["swept"], 100_00, linked=behind)
    cases = [
        # from, amount, what becomes of it
        (street.plain, 5_00, State.POSTED, ""),
        (street.plain, 995_01, State.REJECTED, "insufficient_funds"),
        (street.term, 5_00, State.REJECTED, "debit_term"),
        (swept, 500_00, State.POSTED, ""),
        (swept, 500_01, State.REJECTED, "insufficient_funds"),
        (street.bounded, 500_01, State.REJECTED, "over_maximum"),
    ]
    for debtor, amount, state, reason in cases:
        pay = Pay(
            debtor=debtor,
            creditor=OTHER_IBAN,
            creditor_bic=OTHER_BANK,
            creditor_name="张三",
            amount_minor=amount,
            currency="CNY",
        )
        for dry_run in (True, False):
            before = [street.balance(account) for account in (swept, behind, street.plain)]
            told = payments.pay(msgspec.structs.replace(asked(street), dry_run=dry_run), pay)
            assert isinstance(told, Told)
            payment = told.read(Payment)
            assert (payment.state, payment.cause.name if payment.cause else "") == (state, reason)
            after = [street.balance(account) for account in (swept, behind, street.plain)]
            assert (before == after) is (dry_run or state is State.REJECTED)


def test_products_rules_and_fees_hold_for_payments_too(street: Street) -> None:
    payments = payments_of(street)
    # A deposit with a term takes no payment: of the batch its line alone is rejected.
    lines = (
        line("E1", "1.00", creditor=number(street.plain), bic=BIC),
        line("E2", "2.00", creditor=number(street.term), bic=BIC),
        line("E3", "3.00"),
    )
    data = pain001(group(*lines, debtor=number(street.counted), batch="true"), count=3)
    told = payments.take_file(asked(street), data)
    assert isinstance(told, Told)
    assert told.read(FileProgress).by_state == {State.POSTED: 2, State.REJECTED: 1}
    reasons = [payment.cause.iso_code if payment.cause else "" for payment in payments.lines(1)]
    assert reasons == ["", "AC06", ""]
    assert (street.balance(street.counted), street.balance(street.plain)) == (1_000_00 - 4_00, 1_000_00 + 1_00)
    # The same amount to the same bank twice is no slip of the finger; the third of the month is charged 2.00.
    for _ in range(2):
        told = payments.pay(
            asked(street),
            Pay(
                debtor=street.counted,
                creditor=OTHER_IBAN,
                creditor_bic=OTHER_BANK,
                creditor_name="张三",
                amount_minor=5_00,
                currency="CNY",
            ),
        )
        assert isinstance(told, Told)
        assert told.read(Payment).state is State.POSTED
    assert street.balance(street.counted) == 1_000_00 - 4_00 - 10_00 - 2_00
    sent = payments.send(asked(street), Outgoing.CREDITS, "CNY")
    assert isinstance(sent, Told)
    assert sent.read(Message).total_minor == 13_00
    # Money for a deposit with a term finds no way in, and lies in suspense.
    credits = tuple(
        CreditTransfer(
            number=place,
            transaction_id=f"T{place}",
            end_to_end_id="E",
            amount_minor=7_00,
            currency="CNY",
            creditor=payments.house.account_number(account),
        )
        for place, account in enumerate((street.plain, street.term), start=1)
    )
    message = CreditTransfers(
        message_id="M1", settlement_date=street.ledger.business_date, sender_bic=OTHER_BANK, lines=credits
    )
    taken = payments.take_credits(asked(street), write_pacs008(message))
    assert isinstance(taken, Told)
    assert taken.read(Taken).by_state == {ReceiptState.CREDITED: 1, ReceiptState.SUSPENDED: 1}
    house = payments.house
    assert street.balance(house.suspense(CNY)) == 7_00
    assert street.balance(house.transit(CNY)) == 0
    assert street.balance(house.clearing(CNY)) == 13_00 - 14_00
