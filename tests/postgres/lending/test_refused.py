"""What is refused changes nothing: not the book, not a balance, not an event, and the reason is there to be read."""

from collections.abc import Iterator
from itertools import count
from uuid import UUID

import numpy as np
import pytest
from tests.postgres.closeday.house import DEMAND
from tests.postgres.lending.house import BULLET, BY_DAY, EARLY, LATE, LEVEL_LOAN, ORDER, SINGLE, Lender, loan_product

from yinhe.deposits.commands import Open
from yinhe.deposits.refusals import Refusal as DepositRefusal
from yinhe.deposits.service import Deposits
from yinhe.ledger.accounts import openings
from yinhe.ledger.outcomes import Outcome
from yinhe.lending.columns import LOAN, LoanFlag
from yinhe.lending.commands import Agree, Arrange, Change, Command, Draw, PayOff, Recover, Repay, WriteOff
from yinhe.lending.errors import LendingFault
from yinhe.lending.refusals import Refusal
from yinhe.lending.taking_over import TakenOver
from yinhe.products.catalogue_store import draft
from yinhe.products.parts.application import Purpose
from yinhe.products.parts.purpose import Payee

FREIGHT = loan_product("freight", 1210, BY_DAY, BULLET, SINGLE, EARLY, LATE, ORDER).replace(
    'part = "payment.freely"', 'part = "payment.only_to"\npayees = ["carrier"]'
)


def agree(lender: Lender, version: int, **changes: object) -> Agree:
    given = {"version": version, "borrower": "P-1", "amount_minor": 12_000_00, "months": 6, "purpose": Purpose.GOODS}
    return Agree(**({"id": lender.next_id(), "linked": lender.current} | given | changes))


def snapshot(lender: Lender) -> tuple[object, ...]:
    """Every loan and instalment, every balance, how far the journal has come, and what was done with every loan."""
    book = lender.lending.book
    return (
        book.rows.tolist(),
        book.items.tolist(),
        list(balances(lender)),
        [len(lender.lending.history(loan)) for loan in range(1, book.next_number)],
        events_of(lender),
    )


def balances(lender: Lender) -> Iterator[int]:
    """The balance of every account of the unit."""
    for account in count():
        try:
            yield lender.balance(account)
        except LookupError:
            return


def events_of(lender: Lender) -> int:
    """The events there are, whatever has become of them."""
    with lender.house.connect() as session:
        row = session.execute("SELECT count(*) FROM loan_event").fetchone()
    assert row is not None
    return int(row[0])


def test_a_refusal_changes_nothing_and_says_why(lender: Lender) -> None:
    house, ids = lender.house, lender.next_id
    level, freight = house.publish(LEVEL_LOAN), house.publish(FREIGHT)
    house.rate("demand", 50_000)
    demand = house.publish(DEMAND)
    with house.connect() as session:
        later = LEVEL_LOAN.replace("version = 1", "version = 2").replace("2026-01-05", "2026-01-06")
        unpublished = draft(session, later, "t.toml", "author", house.today)
    house.bank.reload_catalogue()
    assert isinstance(unpublished, int)
    loan = lender.lend(level, 12_000_00, 6)
    undrawn = lender.do(agree(lender, freight)).loan
    other, today = lender.account(500_00), house.today
    asked: list[tuple[Command, str]] = [
        (agree(lender, unpublished), "unpublished"),
        (agree(lender, 999), "unknown"),
        (agree(lender, demand), "not_a_loan"),
        (agree(lender, level, is_company=True), "persons_only"),
        (agree(lender, level, purpose=Purpose.SECURITIES), "purpose_not_allowed"),
        (agree(lender, level, linked=10**6), "account_unknown"),
        (Draw(id=ids(), loan=loan, amount_minor=1_00), "drawn_already"),
        (Draw(id=ids(), loan=99, amount_minor=1_00), "loan_unknown"),
        (Draw(id=ids(), loan=undrawn, amount_minor=12_000_01, payee=other, payee_kind=Payee.CARRIER), "over_limit"),
        (Draw(id=ids(), loan=undrawn, amount_minor=1_000_00), "payee_not_allowed"),
        (Draw(id=ids(), loan=undrawn, amount_minor=1_000_00, payee_kind=Payee.CARRIER), "payee_missing"),
        (Repay(id=ids(), loan=loan, amount_minor=1_00), "more_than_due"),
        (Repay(id=ids(), loan=loan, amount_minor=13_000_00, early=True), "more_than_owed"),
        (Repay(id=ids(), loan=loan, amount_minor=1_00, value_date=today - 1), "before_start"),
        (Repay(id=ids(), loan=loan, amount_minor=1_00, value_date=today + 1), "date_in_future"),
        (PayOff(id=ids(), loan=undrawn), "loan_not_drawn"),
        (Change(id=ids(), loan=loan), "nothing_asked"),
        (Arrange(id=ids(), loan=loan, extend_months=12), "extension_too_long"),
        (WriteOff(id=ids(), loan=loan), "not_yet_lost"),
        (Recover(id=ids(), loan=loan, amount_minor=1_00, payer=other), "not_written_off"),
        (Change(id=UUID(int=1), loan=loan, blocked=True), "id_malformed"),
    ]
    before = snapshot(lender)
    for command, name in asked:
        assert lender.refused(command) == name, command
        assert snapshot(lender) == before, command
    # The loan and the agreement are as good as they were.
    lender.do(Draw(id=ids(), loan=undrawn, amount_minor=1_000_00, payee=other, payee_kind=Payee.CARRIER))
    assert lender.balance(other) == 1_500_00


def test_what_the_ledger_refuses_leaves_the_loan_as_it_was(lender: Lender) -> None:
    """A payer without money: the event is kept as abandoned, so that the same id gets the same answer."""
    loan = lender.lend(lender.house.publish(LEVEL_LOAN), 12_000_00, 6)
    poor = lender.account(100_00)
    before = snapshot(lender)
    repay = Repay(id=lender.next_id(), loan=loan, amount_minor=2_000_00, early=True, payer=poor)
    for _ in range(2):
        answer = lender.lending.do(repay)
        assert isinstance(answer, Refusal)
        assert answer.because is Outcome.INSUFFICIENT_FUNDS
        assert answer.chinese
    after = snapshot(lender)
    assert after[:3] == before[:3]
    assert after[4] == events_of(lender) == before[4] + 1  # type: ignore[operator]


def test_a_blocked_loan_is_neither_drawn_nor_repaid_early_until_it_is_released(lender: Lender) -> None:
    loan = lender.lend(lender.house.publish(LEVEL_LOAN), 12_000_00, 6)
    lender.do(Change(id=lender.next_id(), loan=loan, blocked=True))
    before = snapshot(lender)
    for command in (
        Repay(id=lender.next_id(), loan=loan, amount_minor=2_000_00, early=True),
        PayOff(id=lender.next_id(), loan=loan),
        Draw(id=lender.next_id(), loan=loan, amount_minor=1_00),
    ):
        assert lender.refused(command) == "loan_blocked"
    assert snapshot(lender) == before
    lender.do(Change(id=lender.next_id(), loan=loan, blocked=False))
    lender.do(PayOff(id=lender.next_id(), loan=loan))
    assert lender.owed(loan) == 0


@pytest.mark.parametrize("amount", [0, 1_000_00])
def test_no_deposit_is_opened_on_a_loan(lender: Lender, amount: int) -> None:
    house = lender.house
    version, funding = house.publish(LEVEL_LOAN), lender.account(2_000_00)
    deposits = Deposits(house.bank)
    before = snapshot(lender), len(house.bank.book)
    answer = deposits.do(
        Open(id=lender.next_id(), version=version, holder="P-1", amount_minor=amount, funding=funding, months=6)
    )
    assert isinstance(answer, DepositRefusal)
    assert (answer.name, answer.chinese) == ("not_a_deposit", "该产品不是存款产品")
    assert (snapshot(lender), len(house.bank.book)) == before
    deposits.close()


def test_a_loan_of_another_bank_is_not_taken_over_onto_what_is_no_loan_or_of_another_currency(lender: Lender) -> None:
    house = lender.house
    house.rate("demand", 50_000)
    demand, level = house.publish(DEMAND), house.publish(LEVEL_LOAN)
    dollars = house.ledger.open_accounts(openings(1, currency=840, gl_code=2011))[0]
    before = snapshot(lender)
    for version, linked, why in (
        (demand, lender.current, "this product is no loan"),
        (level, dollars, "the other account has another currency"),
        (level, 10**6, "there is no such account"),
    ):
        row = np.zeros(1, LOAN)
        row["version"], row["linked"], row["agreed"], row["flags"] = version, linked, house.today, int(LoanFlag.OPEN)
        row["limit"], row["months"] = 12_000_00, 6
        taken = TakenOver(id=lender.next_id(), borrower="other:1", purpose="", row=row, happened=())
        with pytest.raises(LendingFault, match=why):
            lender.lending.take_over(taken)
        assert snapshot(lender) == before
