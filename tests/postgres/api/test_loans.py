"""Loans over the interface: agreed, drawn, repaid, quoted, and out of reach of whoever may not see them."""

from decimal import Decimal
from typing import Any, get_args

import pytest
from tests.postgres.api.conftest import Counter, MakeCounter, at_branch, client_of

from yinhe.api.handlers import contracts, loans
from yinhe.api.handlers.loan_forms import PayeeName, PurposeName
from yinhe.products.parts.application import Purpose
from yinhe.products.parts.purpose import Payee


@pytest.fixture(scope="module")
def counter(make_counter: MakeCounter) -> Counter:
    return make_counter((*contracts.ROUTES, *loans.ROUTES))


class Borrower:
    """A party with a current account."""

    def __init__(self, counter: Counter, amount: str = "1000.00") -> None:
        self.counter, self.party = counter, counter.party()
        self.account: str = counter.contract(self.party, amount)["account"]

    def asked(self, **more: Any) -> dict[str, Any]:
        """What an agreement on a loan for a car says."""
        given = {"product": "consumer_loan", "party": self.party, "amount": "60000.00", "months": 12, "purpose": "car"}
        return given | {"linked": self.account, "income": "30000.00"} | more

    def agree(self, **more: Any) -> int:
        return self.counter.done("agreeLoan", self.asked(**more))["loan"]

    def lend(self, **more: Any) -> int:
        """Agree on a loan and draw all of it."""
        loan = self.agree(**more)
        self.counter.done("drawLoan", {"amount": self.asked(**more)["amount"]}, loan=loan)
        return loan


def test_the_words_of_the_interface_are_those_of_the_parts() -> None:
    for words, members in ((PurposeName, Purpose), (PayeeName, Payee)):
        assert set(get_args(words)) == {one.name.lower() for one in members}


def test_a_loan_is_agreed_drawn_repaid_early_and_paid_off(counter: Counter) -> None:
    borrower = Borrower(counter)
    loan = borrower.lend()
    assert counter.balance(borrower.account) == 61_000_00
    stands = counter.done("readLoan", loan=loan)
    assert (stands["principal"]["amount"], stands["due"]["total"]["amount"]) == ("60000.00", "0.00")
    assert stands["next_instalment"]["due"] == "2026-02-05"
    assert stands["borrower"] == str(borrower.party)
    schedule = counter.done("readLoanSchedule", loan=loan)
    assert sum(Decimal(one["principal"]["amount"]) for one in schedule["to_come"]) == 60_000
    paid = counter.done("repayLoan", {"amount": "10000.00", "early": True}, loan=loan)
    assert Decimal(paid["paid"]["amount"]) == 10_000 + Decimal(paid["fee"]["amount"])
    assert counter.done("readLoan", loan=loan)["principal"]["amount"] == "50000.00"
    quote = counter.done("quoteLoanPayOff", loan=loan)
    gone = counter.done("payOffLoan", {}, loan=loan)
    assert gone["paid"] == quote["total"]
    after = counter.done("readLoan", loan=loan)
    assert after["principal"]["amount"] == "0.00"
    assert counter.refused("quoteLoanPayOff", loan=loan) == "nothing_due"
    told = counter.done("readLoanHistory", loan=loan)["items"]
    assert [one["kind"] for one in told] == ["agree", "draw", "repay", "payoff"]


def test_a_loan_that_is_as_the_caller_has_it_is_not_told_again(counter: Counter) -> None:
    loan = Borrower(counter).lend()
    first = counter.ask("readLoan", loan=loan)
    assert counter.ask("readLoan", loan=loan, if_none_match=first.etag).status == 304
    counter.done("changeLoan", {"blocked": True}, loan=loan)
    assert counter.ask("readLoan", loan=loan, if_none_match=first.etag).value.marks == ("blocked",)


def test_a_page_of_a_history_begins_where_the_one_before_ended(counter: Counter) -> None:
    loan = Borrower(counter).lend()
    first = counter.done("readLoanHistory", loan=loan, limit=1)
    rest = counter.done("readLoanHistory", loan=loan, limit=1, cursor=first["next"])
    assert [first["items"][0]["kind"], rest["items"][0]["kind"], rest["next"]] == ["agree", "draw", None]
    other = Borrower(counter).agree()
    assert counter.refused("readLoanHistory", loan=other, cursor=first["next"]) == "cursor_invalid"


def test_the_same_command_again_gets_the_same_answer(counter: Counter) -> None:
    borrower, key = Borrower(counter), counter.new_id()
    first = counter.done("agreeLoan", borrower.asked(), key=key)
    assert counter.done("agreeLoan", borrower.asked(), key=key) == first
    assert counter.refused("agreeLoan", borrower.asked(months=6), key=key) == "id_conflict"


def test_a_dry_run_says_what_would_be_and_changes_nothing(counter: Counter) -> None:
    borrower = Borrower(counter, "500.00")
    loan = borrower.lend(amount="20000.00")
    before = counter.done("readLoan", loan=loan), counter.balance(borrower.account)
    told = counter.done("repayLoan", {"amount": "5000.00", "early": True}, loan=loan, dry_run=True)
    assert told["done"] == "repay"
    assert (counter.done("readLoan", loan=loan), counter.balance(borrower.account)) == before
    agreed = counter.done("agreeLoan", borrower.asked(), dry_run=True)
    assert counter.refused("readLoan", loan=agreed["loan"]) == "loan_unknown"
    more = {"amount": "20000.00", "early": True, "payer": counter.contract(borrower.party, "10.00")["account"]}
    assert counter.refused("repayLoan", more, loan=loan, dry_run=True) == "insufficient_funds"


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"product": "no_such_thing"}, "product_unknown"),
        ({"product": "demand"}, "not_a_loan"),
        ({"product": "mortgage/9"}, "product_unknown"),
        ({"amount": "0"}, "amount_not_positive"),
        ({"amount": "1.001"}, "amount_malformed"),
        ({"amount": "999999999999999"}, "over_maximum"),
        ({"purpose": "securities"}, "purpose_not_allowed"),
        ({"months": 0}, "term_not_offered"),
        ({"linked": "0001000000001763"}, "account_malformed"),
        ({"margin": "1", "rate": "5"}, "margin_and_rate"),
        ({"margin": "99"}, "margin_out_of_bounds"),
        ({"rate": "999"}, "rate_malformed"),
        ({"party": 2**53 - 1}, "party_unknown"),
        ({"guarantors": [2**53 - 1]}, "party_unknown"),
        ({"tier": 9}, "body_invalid"),
        ({"income": 5}, "body_invalid"),
    ],
)
def test_an_agreement_that_cannot_be_is_refused(counter: Counter, changed: dict[str, Any], refusal: str) -> None:
    assert counter.refused("agreeLoan", Borrower(counter).asked(**changed)) == refusal


def test_a_part_of_what_is_owed_is_not_repaid_early_unsaid(counter: Counter) -> None:
    loan = Borrower(counter).lend()
    assert counter.refused("repayLoan", {"amount": "1.00"}, loan=loan) == "more_than_due"
    late = {"amount": "1.00", "value_date": "0001-01-01"}
    assert counter.refused("repayLoan", late, loan=loan) == "before_start"
    assert counter.refused("repayLoan", late | {"value_date": "9999-12-31"}, loan=loan) == "date_in_future"
    twice = {"amount": "1.00", "cash": True, "payer": "0001000000001762"}
    assert counter.refused("repayLoan", twice, loan=loan) == "both_ends_named"
    assert counter.refused("recoverLoan", {"amount": "1.00"}, loan=loan) == "payer_missing"
    assert counter.refused("recoverLoan", {"amount": "1.00", "cash": True}, loan=loan) == "not_written_off"
    assert counter.refused("arrangeLoan", {}, loan=loan) == "nothing_asked"
    assert counter.refused("convertPurchases", {"amount": "1.00", "count": 12}, loan=loan) == "not_a_card"
    assert counter.refused("writeOffLoan", loan=loan) not in ("loan_unknown", "loan_closed")


def test_a_blocked_loan_is_not_repaid_early_until_it_is_released(counter: Counter) -> None:
    loan = Borrower(counter).lend()
    counter.done("changeLoan", {"blocked": True, "impaired": True}, loan=loan)
    assert set(counter.done("readLoan", loan=loan)["marks"]) >= {"blocked", "impaired"}
    assert counter.refused("repayLoan", {"amount": "9.00", "early": True}, loan=loan) == "loan_blocked"
    counter.done("changeLoan", {"blocked": False}, loan=loan)
    counter.done("repayLoan", {"amount": "5000.00", "early": True}, loan=loan)
    assert counter.refused("changeLoan", {}, loan=loan) == "nothing_asked"
    assert counter.refused("changeLoan", {"blocked": None}, loan=loan) == "body_invalid"


def test_a_card_is_drawn_and_its_purchases_become_a_plan(counter: Counter) -> None:
    borrower, shop = Borrower(counter), Borrower(counter)
    card = borrower.agree(product="credit_card", amount="20000.00", months=0, purpose="goods", pays_whole=True)
    bought = {"amount": "6000.00", "payee": shop.account, "payee_kind": "supplier"}
    counter.done("drawLoan", bought, loan=card)
    assert counter.balance(shop.account) == 7_000_00
    counter.done("convertPurchases", {"amount": "6000.00", "count": 12}, loan=card)
    assert counter.done("listLoanStatements", loan=card) == {"items": []}
    assert counter.done("readLoanSchedule", loan=card)["to_come"] == []


def test_loans_are_listed_by_their_borrower_page_by_page(counter: Counter) -> None:
    borrower = Borrower(counter)
    made = [borrower.agree() for _ in range(3)]
    first = counter.done("listLoans", party=borrower.party, limit=2)
    rest = counter.done("listLoans", party=borrower.party, limit=2, cursor=first["next"])
    assert [one["loan"] for one in (*first["items"], *rest["items"])] == made
    assert rest["next"] is None
    assert counter.done("listLoans", party=borrower.party, product="mortgage")["items"] == []
    assert len(counter.done("listLoans", account=borrower.account)["items"]) == 3
    assert counter.refused("listLoans", party=borrower.party, cursor="x") == "cursor_invalid"


def test_what_is_out_of_reach_is_refused_as_what_does_not_exist(counter: Counter) -> None:
    mine, others = Borrower(counter), Borrower(counter)
    own, loan, channel = mine.lend(), others.lend(), client_of(mine.party)
    for name in ("readLoan", "readLoanSchedule", "listLoanStatements", "readLoanHistory", "quoteLoanPayOff"):
        assert counter.refused(name, who=channel, loan=loan) == "loan_unknown"
        assert counter.refused(name, who=at_branch(77), loan=loan) == "loan_unknown"
    for name, body in (
        ("drawLoan", {"amount": "1.00"}),
        ("repayLoan", {"amount": "1.00"}),
        ("payOffLoan", {}),
        ("convertPurchases", {"amount": "1.00", "count": 3}),
        ("changeLoan", {"blocked": True}),
        ("arrangeLoan", {"extend_months": 1}),
        ("writeOffLoan", None),
        ("recoverLoan", {"amount": "1.00", "payer": mine.account}),
    ):
        assert counter.refused(name, body, who=channel, loan=loan) == "loan_unknown"
        assert counter.refused(name, body, who=channel, loan=2**53 - 1) == "loan_unknown"
    for account in (others.account, counter.own_account()):
        theirs = {"amount": "100.00", "early": True, "payer": account}
        assert counter.refused("repayLoan", theirs, who=channel, loan=own) == "account_unknown"
    cash = {"amount": "100.00", "early": True, "cash": True}
    assert counter.refused("repayLoan", cash, who=channel, loan=own) == "cash_out_of_reach"
    assert counter.refused("agreeLoan", mine.asked(linked=others.account), who=channel) == "account_unknown"
    assert counter.refused("agreeLoan", mine.asked(party=others.party), who=channel) == "party_unknown"
    assert [one["loan"] for one in counter.done("listLoans", who=channel)["items"]] == [own]
    assert counter.refused("listLoans", who=channel, party=others.party) == "party_unknown"
    assert counter.refused("listLoans", who=client_of(mine.party, others.party)) == "party_missing"
