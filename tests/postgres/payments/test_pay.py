"""One payment: inside the bank, to another bank, for a later date, again when there was no money."""

from typing import Any

import pytest
from tests.postgres.payments.conftest import BIC, MONDAY, OTHER_BANK, OTHER_IBAN, Office, Stopped

from yinhe.audit.desk import Told
from yinhe.audit.record import AuditRefusal
from yinhe.kernel.refusals import Refusal
from yinhe.payments.iso.fields import AccountId
from yinhe.payments.model import Payment, Retry, State
from yinhe.payments.refusals import PaymentReason

WRONG_IBAN = AccountId(iban="NL91ABNA0417164301")


def test_a_payment_inside_the_bank_moves_between_two_accounts(office: Office) -> None:
    payment = office.paid()
    assert (payment.state, payment.creditor, payment.posted_on) == (State.POSTED, office.people[1], MONDAY)
    assert office.balances[:2] == (990_00, 10_00)
    assert office.clearing == 0
    office.check_books()


def test_a_payment_to_another_bank_goes_to_the_clearing_account(office: Office) -> None:
    payment = office.paid(creditor=OTHER_IBAN, creditor_bic=OTHER_BANK)
    assert (payment.state, payment.creditor, payment.sent) == (State.POSTED, 0, None)
    assert (office.balances[0], office.clearing) == (990_00, 10_00)


def test_a_number_that_another_bank_would_use_too_goes_where_the_bank_named_is(office: Office) -> None:
    ours = office.own(office.people[1])
    assert office.paid(creditor=ours, creditor_bic=BIC + "001").creditor == office.people[1]
    assert office.paid(creditor=ours, creditor_bic=OTHER_BANK, end_to_end_id="E2").creditor == 0


def test_an_alias_names_an_account_and_never_two(office: Office) -> None:
    alias = "DE89 3704 0044 0532 0130 00"
    told = office.payments.name_account(office.asked("account.name"), alias, office.people[1])
    assert isinstance(told, Told)
    taken = office.payments.name_account(office.asked("account.name"), alias, office.people[2])
    assert taken == Refusal(PaymentReason.ALIAS_TAKEN)
    wrong = office.payments.name_account(office.asked("account.name"), alias[:-1] + "1", office.people[2])
    assert wrong == Refusal(PaymentReason.IBAN_INVALID)
    payment = office.paid(creditor=AccountId(iban="DE89370400440532013000"))
    assert payment.creditor == office.people[1]


def test_the_same_request_is_done_once_and_other_content_is_refused(office: Office) -> None:
    asked = office.asked()
    first, again = (office.payments.pay(asked, office.pay()) for _ in range(2))
    other = office.payments.pay(asked, office.pay(creditor_name="李四"))
    assert isinstance(first, Told)
    assert isinstance(again, Told)
    assert (first.answer, again.repeated) == (again.answer, True)
    assert other == Refusal(AuditRefusal.ID_CONFLICT)
    assert office.balances[0] == 990_00


def test_what_is_tried_only_says_what_would_become_of_it(office: Office) -> None:
    for amount, state, reason in ((10_00, State.POSTED, None), (2_000_00, State.REJECTED, "insufficient_funds")):
        told = office.payments.pay(office.asked(dry_run=True), office.pay(amount_minor=amount))
        assert isinstance(told, Told)
        payment = told.read(Payment)
        assert (payment.state, payment.cause and payment.cause.name) == (state, reason)
    assert (office.balances[0], office.payments.payments(), office.poster.calls) == (1_000_00, (), 0)


REFUSED: list[tuple[dict[str, Any], PaymentReason]] = [
    ({"amount_minor": 0}, PaymentReason.AMOUNT_NOT_POSITIVE),
    ({"amount_minor": -5}, PaymentReason.AMOUNT_NOT_POSITIVE),
    ({"amount_minor": 2**62}, PaymentReason.AMOUNT_TOO_LARGE),
    ({"currency": "XTS"}, PaymentReason.CURRENCY_UNKNOWN),
    ({"currency": "EUR"}, PaymentReason.CURRENCY_DIFFERS),
    ({"debtor": 10_000}, PaymentReason.DEBTOR_UNKNOWN),
    ({"creditor": AccountId()}, PaymentReason.CREDITOR_MISSING),
    ({"creditor": AccountId(other="1234")}, PaymentReason.BANK_MISSING),
    ({"creditor": AccountId(other="1234"), "creditor_bic": BIC}, PaymentReason.CREDITOR_UNKNOWN),
    ({"creditor": WRONG_IBAN}, PaymentReason.IBAN_INVALID),
    ({"creditor": OTHER_IBAN, "creditor_bic": "WRONG"}, PaymentReason.BIC_INVALID),
    ({"creditor_name": ""}, PaymentReason.CREDITOR_NAME_MISSING),
    ({"creditor_name": "one\ntwo"}, PaymentReason.FIELD_MALFORMED),
    ({"creditor_name": "\ud800"}, PaymentReason.FIELD_MALFORMED),
    ({"remittance": ("x" * 141,)}, PaymentReason.FIELD_MALFORMED),
    ({"charge_bearer": "NONE"}, PaymentReason.FIELD_MALFORMED),
    ({"execution_date": MONDAY + 400}, PaymentReason.DATE_NOT_OFFERED),
    ({"retry": Retry(attempts_daily=6)}, PaymentReason.RETRY_OUT_OF_BOUNDS),
    ({"retry": Retry(days=0)}, PaymentReason.RETRY_OUT_OF_BOUNDS),
]


def test_what_cannot_be_is_refused_with_nothing_noted(office: Office) -> None:
    for changed, reason in REFUSED:
        assert office.refused(**changed).because is reason, changed
    till = office.refused(debtor=office.payments.house.clearing(156))
    assert till.because is PaymentReason.DEBTOR_UNKNOWN
    assert office.refused(creditor=office.own(office.people[0])).because is PaymentReason.SAME_ACCOUNT
    office.ledger.block(office.people[2], debit=False, credit=True)
    assert office.refused(creditor=office.own(office.people[2])).because is PaymentReason.ACCOUNT_BLOCKED
    office.ledger.close_account(office.people[3])
    assert office.refused(creditor=office.own(office.people[3])).because is PaymentReason.ACCOUNT_CLOSED
    assert (office.payments.payments(), office.balances[0]) == ((), 1_000_00)
    assert {outcome for _, _, outcome in office.acts()} == {"refused"}


def test_without_money_it_is_rejected_with_the_code_of_the_standard(office: Office) -> None:
    payment = office.paid(amount_minor=1_000_01)
    assert payment.state is State.REJECTED
    assert payment.cause is not None
    assert (payment.cause.name, payment.cause.iso_code) == ("insufficient_funds", "AM04")
    assert ("payment.reject", f"payment/{payment.number}", "refused") in office.acts()


def test_nothing_personal_is_kept_in_the_clear(office: Office) -> None:
    office.paid(
        creditor=OTHER_IBAN,
        creditor_bic=OTHER_BANK,
        creditor_name="张三丰",
        remittance=("Miete Januar",),
        reference="RF18X",
    )
    office.refused(creditor=WRONG_IBAN, creditor_name="张三丰")
    kept = office.log()
    for secret in ("张三丰", "Miete", OTHER_IBAN.iban, WRONG_IBAN.iban, "RF18X"):
        assert secret not in kept
    private = office.payments.private_of_payments([1])[1]
    assert (private.creditor_name, private.creditor, private.remittance) == ("张三丰", OTHER_IBAN, ("Miete Januar",))


@pytest.mark.parametrize("stop", ["stop_before", "stop_after"])
def test_a_kill_on_the_way_is_made_good_and_nothing_is_posted_twice(office: Office, stop: str) -> None:
    office.begin_again(**{stop: 1})
    asked = office.asked()
    with pytest.raises(Stopped):
        office.payments.pay(asked, office.pay())
    office.begin_again()
    assert office.payments.resume() == 1
    assert office.payments.resume() == 0
    told = office.payments.pay(asked, office.pay())
    assert isinstance(told, Told)
    assert told.read(Payment).state is State.POSTED
    assert office.balances[:2] == (990_00, 10_00)


# --- dated, and tried again


def test_a_dated_payment_waits_for_its_date_and_is_carried_out_once(office: Office) -> None:
    payment = office.paid(execution_date=MONDAY + 2)
    assert payment.state is State.WAITING
    assert office.payments.run_due(office.next_day()) == 0
    assert office.balances[0] == 1_000_00
    day = office.next_day()
    assert [office.payments.run_due(day) for _ in range(3)] == [1, 0, 0]
    found = office.payments.payment(payment.number)
    assert found is not None
    assert (found.state, found.posted_on) == (State.POSTED, day)
    assert office.balances[:2] == (990_00, 10_00)
    with office.unit.connect() as session:
        assert session.execute("SELECT count(*) FROM payment_order WHERE active").fetchone() == (0,)


def test_a_payment_is_cancelled_while_it_waits_and_not_after(office: Office) -> None:
    waiting, posted = office.paid(execution_date=MONDAY + 1), office.paid()
    told = office.payments.cancel(office.asked("payment.cancel"), waiting.number)
    assert isinstance(told, Told)
    assert told.read(Payment).state is State.CANCELLED
    for number, reason in (
        (waiting.number, PaymentReason.NOT_WAITING),
        (posted.number, PaymentReason.NOT_WAITING),
        (99, PaymentReason.PAYMENT_UNKNOWN),
    ):
        assert office.payments.cancel(office.asked("payment.cancel"), number) == Refusal(reason)
    assert office.payments.run_due(office.next_day()) == 0
    assert office.balances[0] == 990_00


def test_without_money_it_is_tried_by_its_rule_and_then_rejected_with_a_notice(office: Office) -> None:
    payment = office.paid(amount_minor=1_500_00, retry=Retry(attempts_daily=2, days=2))
    assert payment.state is State.WAITING
    assert payment.cause is not None
    tried = [office.payments.run_due(MONDAY) for _ in range(3)]
    tuesday = office.next_day()
    tried += [office.payments.run_due(tuesday) for _ in range(3)]
    assert tried == [1, 0, 0, 1, 1, 0]
    found = office.payments.payment(payment.number)
    assert found is not None
    assert (found.state, found.cause and found.cause.iso_code) == (State.REJECTED, "AM04")
    notices = [act for act in office.acts() if act[0] == "payment.reject"]
    assert notices == [("payment.reject", f"payment/{payment.number}", "refused")]


def test_money_that_comes_in_time_pays_it(office: Office) -> None:
    payment = office.paid(amount_minor=1_500_00, retry=Retry(days=3))
    office.payments.run_due(office.next_day())
    office.ledger.transfer(debit=office.till, credit=office.people[0], amount_minor=600_00)
    day = office.next_day()
    assert office.payments.run_due(day) == 1
    found = office.payments.payment(payment.number)
    assert found is not None
    assert (found.state, found.cause, office.balances[:2]) == (State.POSTED, None, (100_00, 1_500_00))


def test_what_is_blocked_is_not_tried_again(office: Office) -> None:
    payment = office.paid(execution_date=MONDAY + 1, retry=Retry(days=3))
    office.ledger.block(office.people[1], debit=False, credit=True)
    office.payments.run_due(office.next_day())
    found = office.payments.payment(payment.number)
    assert found is not None
    assert (found.state, found.cause and found.cause.iso_code) == (State.REJECTED, "AC06")


def test_a_kill_between_due_and_done_is_made_good_by_the_next_run(office: Office) -> None:
    payment = office.paid(execution_date=MONDAY + 1)
    office.begin_again(stop_after=1)
    day = office.next_day()
    with pytest.raises(Stopped):
        office.payments.run_due(day)
    office.begin_again()
    office.payments.run_due(day)
    found = office.payments.payment(payment.number)
    assert found is not None
    assert (found.state, office.balances[:2]) == (State.POSTED, (990_00, 10_00))
