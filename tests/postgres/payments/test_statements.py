"""Statements out of the journal: valid by the schema, and opening and entries add up to closing, whatever happened."""

import itertools
from decimal import Decimal

import numpy as np
import pytest
from lxml import etree
from tests.conformance.payments.schemas import require_schema_valid
from tests.postgres.payments.conftest import BIC, MONDAY, OTHER_BANK, OTHER_IBAN, Office
from tests.postgres.payments.test_clearing import abroad, came_back, credit, message, returned, sent, taken
from tests.postgres.payments.test_files import out_of, pain001, to

from yinhe.audit.desk import Told
from yinhe.kernel.refusals import Refusal
from yinhe.payments.iso.camt import NOTIFICATION, STATEMENT, Statement
from yinhe.payments.iso.fields import AccountId
from yinhe.payments.model import FileProgress, State
from yinhe.payments.refusals import PaymentReason
from yinhe.payments.statements import statement_of

SPACE = {"c": f"urn:iso:std:iso:20022:tech:xsd:{STATEMENT}"}


def stated(office: Office, account: int, first: int, last: int) -> Statement:
    found = statement_of(office.payments.house, account, first, last)
    assert isinstance(found, Statement), found
    return found


def require_adds_up(office: Office, account: int, first: int, last: int) -> int:
    """Recompute the statement from its XML alone; how many entries it has."""
    data = office.payments.statement(account, first, last)
    assert isinstance(data, bytes)
    require_schema_valid(data, STATEMENT)
    root = etree.fromstring(data)

    def signed(node: etree._Element) -> Decimal:
        amount = Decimal(node.findtext("c:Amt", namespaces=SPACE))
        return -amount if node.findtext("c:CdtDbtInd", namespaces=SPACE) == "DBIT" else amount

    opening, closing = (signed(node) for node in root.iterfind(".//c:Bal", SPACE))
    entries = [signed(node) for node in root.iterfind(".//c:Ntry", SPACE)]
    assert opening + sum(entries) == closing
    ledger = office.ledger
    assert opening * 100 == ledger.balance_at_date(account, first - 1)
    assert closing * 100 == ledger.balance_at_date(account, last)
    return len(entries)


def test_each_side_sees_the_other_with_its_references_and_what_it_is_for(office: Office) -> None:
    payer, payee = office.people[:2]
    office.payments.name_account(office.asked(), "DE89370400440532013000", payer)
    inside = office.paid(debtor_name="李四", remittance=("rent",), reference="RF18539007547034", instruction_id="I1")
    abroad(office, end_to_end_id="E2", creditor_name="Payee")
    taken(office, message(credit(office, 1, payee)))
    mine, theirs = stated(office, payer, MONDAY, MONDAY), stated(office, payee, MONDAY, MONDAY)
    assert (mine.account, theirs.account) == (AccountId(iban="DE89370400440532013000"), office.own(payee))
    assert [entry.amount_minor for entry in mine.entries] == [1_000_00, -10_00, -10_00]
    paid, gone = mine.entries[1:]
    assert (paid.counter_name, paid.counter_account, paid.remittance) == ("张三", office.own(payee), ("rent",))
    assert (paid.transaction_id, paid.end_to_end_id, paid.instruction_id) == (inside.id.hex, "E1", "I1")
    assert (paid.is_clearing, paid.words, paid.payee_reference) == (
        False,
        "Payment inside the bank",
        "RF18539007547034",
    )
    assert (gone.counter_account, gone.counter_bic, gone.is_clearing) == (OTHER_IBAN, OTHER_BANK, True)
    got, came = theirs.entries
    assert (got.counter_name, got.counter_account, got.instruction_id) == ("李四", office.own(payer), "")
    assert (came.counter_name, came.counter_account, came.remittance) == ("李四", OTHER_IBAN, ("rent",))
    assert not mine.is_final


def test_of_a_batch_the_payer_sees_one_debit_and_each_payee_their_own_payment_alone(office: Office) -> None:
    one, two = office.people[1:3]
    lines = (to(office, one, "E1", name="first"), to(office, two, "E2", "20.00", name="second"))
    told = office.payments.take_file(office.asked(), pain001(out_of(office, *lines, batch="true"), count=2))
    assert isinstance(told, Told)
    assert told.read(FileProgress).by_state == {State.POSTED: 2}
    debit = stated(office, office.people[0], MONDAY, MONDAY).entries[-1]
    assert (debit.amount_minor, debit.end_to_end_id, debit.words) == (-30_00, "", "Batch of payments")
    (credited,) = stated(office, two, MONDAY, MONDAY).entries
    assert (credited.end_to_end_id, credited.amount_minor, credited.counter_name) == ("E2", 20_00, "Payer")
    data = office.payments.statement(two, MONDAY, MONDAY)
    assert isinstance(data, bytes)
    assert b"first" not in data


def test_a_return_says_why_it_came(office: Office) -> None:
    payment = abroad(office)
    sent(office)
    came_back(office, returned(payment))
    entry = stated(office, office.people[0], MONDAY, MONDAY).entries[-1]
    assert (entry.amount_minor, entry.return_code, entry.counter_name) == (10_00, "AC04", "张三")


def test_one_transaction_is_notified_to_either_side(office: Office) -> None:
    payment = office.paid()
    for account, sign in ((office.people[0], b"DBIT"), (office.people[1], b"CRDT")):
        data = office.payments.notification(account, payment.id)
        require_schema_valid(data, NOTIFICATION)
        assert data.count(b"<Ntry>") == 1
        assert sign in data
    with pytest.raises(LookupError):
        office.payments.notification(office.people[2], payment.id)


@pytest.mark.parametrize("seed", [1, 2])
def test_statements_add_up_over_any_days_whatever_happened(office: Office, seed: int) -> None:
    random = np.random.default_rng(seed)
    for account in office.people[1:]:
        office.ledger.transfer(debit=office.till, credit=account, amount_minor=int(random.integers(1, 500_00)))
    for number in range(60):
        debtor, creditor = random.choice(len(office.people), 2, replace=False)
        kind, amount = int(random.integers(5)), int(random.integers(1, 300_00))
        account = office.people[int(debtor)]
        if kind == 0:
            abroad(office, debtor=account, amount_minor=amount, end_to_end_id=f"E{number}")
        elif kind == 1:
            line = credit(office, 1, account, amount_minor=amount)
            taken(office, message(line, message_id=f"M{number}"))
        elif kind == 2:
            office.ledger.hold(debit=account, credit=office.till, amount_minor=1)
        elif kind == 3 and number % 3 == 0:
            office.next_day()
        else:
            other = office.own(office.people[int(creditor)])
            office.paid(debtor=account, creditor=other, amount_minor=amount, end_to_end_id=f"E{number}")
    today = office.ledger.business_date
    days = sorted({int(random.integers(MONDAY, today + 1)) for _ in range(3)} | {MONDAY, today})
    counts = 0
    for account in office.people:
        whole = require_adds_up(office, account, MONDAY, today)
        assert whole == sum(require_adds_up(office, account, day, day) for day in range(MONDAY, today + 1))
        for first, last in itertools.pairwise(days):
            require_adds_up(office, account, first, last)
        counts += whole
    assert counts > 40


def test_a_period_that_is_not_over_or_goes_backwards_is_refused(office: Office) -> None:
    account = office.people[0]
    for first, last in ((MONDAY, MONDAY + 1), (MONDAY, MONDAY - 1), (MONDAY - 9_999, MONDAY)):
        assert office.payments.statement(account, first, last) == Refusal(PaymentReason.PERIOD_NOT_OFFERED)
    assert isinstance(office.payments.statement(account, MONDAY - 5, MONDAY - 1), bytes)
    with pytest.raises(LookupError):
        office.payments.statement(9_999, MONDAY, MONDAY)
    assert BIC.encode() in office.payments.notification(account, office.paid().id)
