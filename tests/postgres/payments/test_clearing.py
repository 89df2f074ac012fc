"""To other banks and from them: sent once, credited once, suspense emptied by hand, returns to the payer."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest
from tests.conformance.payments.schemas import require_schema_valid
from tests.postgres.payments.conftest import BIC, CNY, MONDAY, OTHER_BANK, OTHER_IBAN, Office, Stopped

from yinhe.audit.desk import Desk, Told
from yinhe.kernel.refusals import Refusal
from yinhe.payments.house import BankName
from yinhe.payments.iso.fields import AccountId
from yinhe.payments.iso.pacs004 import Returned, Returns, read_pacs004, write_pacs004
from yinhe.payments.iso.pacs008 import CreditTransfer, CreditTransfers, read_pacs008, write_pacs008
from yinhe.payments.model import Message, Payment, Receipt, ReceiptState, State, Taken
from yinhe.payments.refusals import FileReason, PaymentReason
from yinhe.payments.service import Payments
from yinhe.payments.settling import Outgoing
from yinhe.rotation import reseal
from yinhe.storage.vault import Vault


def abroad(office: Office, **changed: Any) -> Payment:
    return office.paid(**({"creditor": OTHER_IBAN, "creditor_bic": OTHER_BANK} | changed))


def sent(office: Office, kind: Outgoing = Outgoing.CREDITS) -> Message:
    told = office.payments.send(office.asked("payment.send"), kind, "CNY")
    assert isinstance(told, Told), told
    return told.read(Message)


def credit(office: Office, number: int, account: int, **changed: Any) -> CreditTransfer:
    line = CreditTransfer(
        number=number,
        transaction_id=f"T{number}",
        end_to_end_id=f"E{number}",
        amount_minor=7_00,
        currency="CNY",
        debtor_name="李四",
        debtor=OTHER_IBAN,
        debtor_bic=OTHER_BANK,
        creditor_name="张三",
        creditor=office.own(account),
        creditor_bic=BIC,
        remittance=("rent",),
    )
    return msgspec.structs.replace(line, **changed)


def message(*lines: CreditTransfer, message_id: str = "M1") -> bytes:
    return write_pacs008(
        CreditTransfers(message_id=message_id, settlement_date=MONDAY, sender_bic=OTHER_BANK, lines=lines)
    )


def taken(office: Office, data: bytes) -> Taken:
    told = office.payments.take_credits(office.asked("payment.receive"), data)
    assert isinstance(told, Told), told
    return told.read(Taken)


def came_back(office: Office, *lines: Returned, message_id: str = "R1") -> Taken:
    data = write_pacs004(Returns(message_id=message_id, settlement_date=MONDAY, sender_bic=OTHER_BANK, lines=lines))
    told = office.payments.take_returns(office.asked("payment.receive"), data)
    assert isinstance(told, Told), told
    return told.read(Taken)


def returned(payment: Payment, **changed: Any) -> Returned:
    line = Returned(
        number=1,
        return_id="RT1",
        original_transaction_id=payment.id.hex,
        amount_minor=payment.amount_minor,
        currency="CNY",
        iso_code="AC04",
    )
    return msgspec.structs.replace(line, **changed)


def only(office: Office, state: ReceiptState) -> Receipt:
    (found,) = office.payments.receipts(state=state)
    return found


# --- out


def test_what_was_posted_goes_out_once_numbered_and_kept_as_sent(office: Office) -> None:
    first, second = abroad(office), abroad(office, end_to_end_id="E2", remittance=("invoice",))
    as_people_write = abroad(
        office, creditor=AccountId(iban="nl91 abna 0417 1643 00"), creditor_bic="abna nl2a", end_to_end_id="E4"
    )
    office.paid()
    one = sent(office)
    assert (one.sent_number, one.count, one.total_minor) == (1, 3, 30_00)
    data = office.payments.file_of(one.number)
    require_schema_valid(data, "pacs.008.001.08")
    read = read_pacs008(data)
    assert isinstance(read, CreditTransfers)
    assert [line.transaction_id for line in read.lines] == [first.id.hex, second.id.hex, as_people_write.id.hex]
    assert {line.debtor for line in read.lines} == {office.own(office.people[0])}
    assert {(line.debtor_bic, line.creditor_bic, line.creditor) for line in read.lines} == {
        (BIC, OTHER_BANK, OTHER_IBAN)
    }
    nothing = office.payments.send(office.asked("payment.send"), Outgoing.CREDITS, "CNY")
    assert nothing == Refusal(PaymentReason.NOTHING_TO_SEND)
    abroad(office, end_to_end_id="E3")
    assert (sent(office).sent_number, office.payments.file_of(one.number)) == (2, data)


def test_a_message_is_made_once_however_often_it_is_asked_for_under_an_id(office: Office) -> None:
    abroad(office)
    asked = office.asked("payment.send")
    told = [office.payments.send(asked, Outgoing.CREDITS, "CNY") for _ in range(2)]
    assert all(isinstance(one, Told) for one in told)
    tried = office.payments.send(office.asked("payment.send", dry_run=True), Outgoing.CREDITS, "CNY")
    assert isinstance(tried, Refusal)
    assert len(office.payments.messages()) == 1


# --- in


def test_each_line_is_credited_or_put_into_suspense_with_its_reason(office: Office) -> None:
    one, two, blocked, closed = office.people
    office.ledger.transfer(debit=one, credit=office.till, amount_minor=1_000_00)
    office.ledger.block(blocked, debit=False, credit=True)
    office.ledger.close_account(closed)
    office.names[two] = "张三"
    lines = (
        credit(office, 1, one),
        credit(office, 2, two, creditor_name=" 张 三 "),
        credit(office, 3, two, creditor_name="李四"),
        credit(office, 4, blocked),
        credit(office, 5, closed),
        credit(office, 6, 9_999),
        credit(office, 7, one, creditor_bic=OTHER_BANK),
        credit(office, 8, office.payments.house.clearing(CNY)),
    )
    answer = taken(office, message(*lines))
    assert answer.by_state == {ReceiptState.CREDITED: 2, ReceiptState.SUSPENDED: 6}
    reasons = {
        receipt.line: receipt.cause.iso_code
        for receipt in office.payments.receipts(state=ReceiptState.SUSPENDED)
        if receipt.cause
    }
    assert reasons == {3: "BE01", 4: "AC06", 5: "AC04", 6: "AC01", 7: "RC07", 8: "AC01"}
    assert office.balances == (7_00, 7_00, 0, 0)
    assert (office.suspense, office.clearing) == (42_00, -56_00)
    office.check_books()


def test_money_of_another_currency_goes_into_suspense_of_that_currency(office: Office) -> None:
    answer = taken(office, message(credit(office, 1, office.people[0], currency="EUR")))
    assert answer.by_state == {ReceiptState.SUSPENDED: 1}
    assert office.balance(office.payments.house.suspense(978)) == 7_00


def test_a_malformed_line_whose_amount_stands_goes_into_suspense_and_one_without_is_told_of(office: Office) -> None:
    good, bad = credit(office, 1, office.people[1]), credit(office, 2, office.people[1])
    data = message(good, bad)
    head, _, tail = data.rpartition(b"<ChrgBr>SLEV</ChrgBr>")
    assert taken(office, head + b"<ChrgBr>XXXX</ChrgBr>" + tail).by_state == {
        ReceiptState.CREDITED: 1,
        ReceiptState.SUSPENDED: 1,
    }
    assert only(office, ReceiptState.SUSPENDED).cause is not None
    no_amount = data.replace(b"<MsgId>M1<", b"<MsgId>M2<").replace(b"<CtrlSum>14.00</CtrlSum>", b"")
    no_amount = no_amount.replace(b'<TtlIntrBkSttlmAmt Ccy="CNY">14.00</TtlIntrBkSttlmAmt>', b"")
    head, _, tail = no_amount.rpartition(b'Ccy="CNY">7.00<')
    answer = taken(office, head + b'Ccy="CNY">7.005<' + tail)
    assert (answer.by_state, answer.unread) == ({ReceiptState.CREDITED: 1}, 1)


def test_a_message_twice_is_done_once_and_its_id_for_another_is_refused(office: Office) -> None:
    data = message(credit(office, 1, office.people[1]))
    assert taken(office, data) == taken(office, data)
    other = office.payments.take_credits(office.asked(), message(credit(office, 1, office.people[2])))
    assert other == Refusal(FileReason.MESSAGE_ID_USED)
    assert office.balances[1:3] == (7_00, 0)


def test_a_message_that_comes_many_times_at_once_is_done_once(office: Office) -> None:
    data = message(*(credit(office, number, office.people[1]) for number in range(1, 11)))
    abroad(office)
    with ThreadPoolExecutor(4) as threads:
        taken_at_once = [threads.submit(taken, office, data) for _ in range(4)]
        sent_at_once = [threads.submit(office.payments.send, office.asked(), Outgoing.CREDITS, "CNY") for _ in range(3)]
        assert len({one.result().message.number for one in taken_at_once}) == 1
        assert sum(isinstance(one.result(), Told) for one in sent_at_once) == 1
    office.payments.resume()
    assert (office.balances[1], office.clearing) == (70_00, 10_00 - 70_00)


def test_a_message_for_another_bank_is_refused_whole(office: Office) -> None:
    whole = CreditTransfers(
        message_id="M1",
        settlement_date=MONDAY,
        sender_bic=OTHER_BANK,
        receiver_bic="COBADEFF",
        lines=(credit(office, 1, office.people[1]),),
    )
    refusal = office.payments.take_credits(office.asked(), write_pacs008(whole))
    assert refusal == Refusal(PaymentReason.NOT_OUR_BANK)
    assert (office.balances[1], office.payments.receipts()) == (0, ())


@pytest.mark.parametrize("stop", ["stop_before", "stop_after"])
@pytest.mark.parametrize("at", [1, 2])
def test_a_kill_on_the_way_credits_nothing_twice(office: Office, stop: str, at: int) -> None:
    """The second call posts into suspense what the books refused: and then the account is free again."""
    data = message(credit(office, 1, office.people[1]), credit(office, 2, office.people[2]))
    house = office.payments.house
    office.begin_again(**{stop: at})
    post_now = office.ledger.post

    def block_first(*given: Any) -> Any:
        office.ledger.block(office.people[2], debit=False, credit=True)
        return post_now(*given)

    office.poster.ledger.post = block_first  # type: ignore[method-assign]
    with pytest.raises(Stopped):
        taken(office, data)
    office.ledger.post = post_now  # type: ignore[method-assign]
    if at == 2 or stop == "stop_after":
        office.ledger.block(office.people[2], debit=False, credit=False)
    office.begin_again()
    office.payments.resume()
    taken(office, data)
    # Once it is noted for suspense it goes there, though the account is free again.
    in_suspense = 7_00 if at == 2 else 0
    assert office.balances[1:3] == (7_00, 7_00 - in_suspense)
    assert office.balance(house.suspense(CNY)) == in_suspense
    assert office.clearing == -14_00
    office.check_books()


# --- suspense, by hand


def suspended(office: Office) -> Receipt:
    taken(office, message(credit(office, 1, 9_999)))
    return only(office, ReceiptState.SUSPENDED)


def test_money_in_suspense_is_applied_to_an_account_once(office: Office) -> None:
    receipt = suspended(office)
    office.ledger.block(office.people[1], debit=False, credit=True)
    blocked = office.payments.apply(office.asked("payment.apply"), receipt.number, office.people[1])
    assert blocked == Refusal(PaymentReason.ACCOUNT_BLOCKED)
    asked = office.asked("payment.apply")
    for _ in range(2):
        told = office.payments.apply(asked, receipt.number, office.people[2])
        assert isinstance(told, Told)
        assert told.read(Receipt).state is ReceiptState.APPLIED
    again = office.payments.apply(office.asked("payment.apply"), receipt.number, office.people[2])
    assert again == Refusal(PaymentReason.NOT_IN_SUSPENSE)
    assert office.payments.apply(office.asked(), 99, office.people[2]) == Refusal(PaymentReason.RECEIPT_UNKNOWN)
    assert (office.balances[2], office.suspense) == (7_00, 0)


def test_money_in_suspense_is_sent_back_with_the_next_returns(office: Office) -> None:
    receipt = suspended(office)
    wrong = office.payments.send_back(office.asked(), receipt.number, "AC")
    assert isinstance(wrong, Refusal)
    assert wrong.because is PaymentReason.FIELD_MALFORMED
    told = office.payments.send_back(office.asked("payment.return"), receipt.number, "AC01")
    assert isinstance(told, Told)
    assert told.read(Receipt).state is ReceiptState.RETURNED
    assert (office.suspense, office.clearing) == (0, 0)
    read = read_pacs004(office.payments.file_of(sent(office, Outgoing.RETURNS).number))
    assert isinstance(read, Returns)
    (line,) = read.lines
    assert (line.original_transaction_id, line.original_message_id, line.iso_code) == ("T1", "M1", "AC01")
    assert (line.amount_minor, line.original_message) == (7_00, "pacs.008.001.08")


def test_a_kill_while_suspense_is_emptied_is_made_good(office: Office) -> None:
    receipt = suspended(office)
    office.begin_again(stop_after=1)
    with pytest.raises(Stopped):
        office.payments.apply(office.asked("payment.apply"), receipt.number, office.people[2])
    office.begin_again()
    assert office.payments.resume() == 1
    assert (office.balances[2], office.suspense) == (7_00, 0)
    assert only(office, ReceiptState.APPLIED).number == receipt.number


# --- what comes back


def test_a_payment_that_comes_back_goes_to_its_payer_once(office: Office) -> None:
    payment = abroad(office)
    sent(office)
    assert came_back(office, returned(payment)).by_state == {ReceiptState.CREDITED: 1}
    found = office.payments.payment(payment.number)
    assert found is not None
    assert (found.state, found.cause and found.cause.iso_code) == (State.RETURNED, "AC04")
    assert (office.balances[0], office.clearing) == (1_000_00, 0)
    twice = came_back(office, returned(payment), message_id="R2")
    assert twice.by_state == {ReceiptState.SUSPENDED: 1}
    assert office.balances[0] == 1_000_00


def test_a_payment_that_comes_back_twice_before_either_is_booked_goes_to_its_payer_once(office: Office) -> None:
    payment = abroad(office)
    sent(office)
    office.begin_again(stop_before=1)
    with pytest.raises(Stopped):
        came_back(office, returned(payment))
    office.begin_again()
    assert came_back(office, returned(payment), message_id="R2").by_state == {ReceiptState.SUSPENDED: 1}
    assert office.payments.resume() == 1
    assert (office.balances[0], office.suspense) == (1_000_00, 10_00)


def test_what_comes_back_otherwise_than_it_went_is_for_a_person_to_look_at(office: Office) -> None:
    unsent, gone = abroad(office), abroad(office, end_to_end_id="E2")
    assert came_back(office, returned(unsent)).by_state == {ReceiptState.SUSPENDED: 1}
    sent(office)
    lines = (
        returned(gone, amount_minor=9_00),
        returned(gone, number=2, original_transaction_id="unknown"),
        returned(gone, number=3, original_transaction_id=""),
    )
    assert came_back(office, *lines, message_id="R2").by_state == {ReceiptState.SUSPENDED: 3}
    receipt = office.payments.receipts(state=ReceiptState.SUSPENDED)[-1]
    back = office.payments.send_back(office.asked(), receipt.number, "AC01")
    assert back == Refusal(PaymentReason.RETURN_NOT_SENT_BACK)
    assert isinstance(office.payments.apply(office.asked(), receipt.number, office.people[0]), Told)
    assert office.suspense == 29_00


def test_a_payer_who_cannot_be_credited_finds_the_money_in_suspense(office: Office) -> None:
    payment = abroad(office)
    sent(office)
    office.ledger.block(office.people[0], debit=False, credit=True)
    assert came_back(office, returned(payment)).by_state == {ReceiptState.SUSPENDED: 1}
    office.ledger.block(office.people[0], debit=False, credit=False)
    told = office.payments.apply(office.asked(), only(office, ReceiptState.SUSPENDED).number, office.people[0])
    assert isinstance(told, Told)
    found = office.payments.payment(payment.number)
    assert found is not None
    assert (found.state, office.balances[0]) == (State.RETURNED, 1_000_00)


def test_an_iban_of_ours_is_credited_by_its_alias(office: Office) -> None:
    iban = "DE89370400440532013000"
    office.payments.name_account(office.asked(), iban, office.people[3])
    taken(office, message(credit(office, 1, 0, creditor=AccountId(iban=iban))))
    assert office.balances[3] == 7_00


def test_after_a_change_of_the_banks_keys_what_is_personal_opens_with_the_new_one_alone(office: Office) -> None:
    payment, number = abroad(office), sent(office).number
    taken(office, message(credit(office, 1, office.people[2])))
    (receipt,), file = office.payments.receipts(), office.payments.file_of(number)
    both = Vault({1: bytes(32), 2: bytes(range(32))}, bytes(32))
    private = office.payments.private_of_payments([payment.number])
    received = office.payments.private_of_receipts([receipt.number])
    assert reseal(office.sessions, both).payments == 3
    assert reseal(office.sessions, both).count == 0
    anew = Payments(
        BankName(BIC, "Yinhe"),
        Desk(office.sessions, office.clock),
        office.ledger,
        office.pools,
        office.poster,
        Vault({2: bytes(range(32))}, bytes(32)),
    )
    assert anew.private_of_payments([payment.number]) == private
    assert anew.private_of_receipts([receipt.number]) == received
    assert anew.file_of(number) == file
