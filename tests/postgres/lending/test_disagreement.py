"""Books of loans that disagree keep the date open, whatever disagrees; put right, the date closes."""

import pytest
from tests.postgres.closeday.house import CNY
from tests.postgres.lending.house import BY_DAY_LOAN, Lender

from yinhe.closeday.errors import NotReconciled
from yinhe.lending.legs import mapping_of

OWN = [("account", "owe another principal than"), ("receivable", "owe another interest and fees due than")]
POOLS = ["receivable", "allowance", "off_balance"]


def lent(lender: Lender) -> int:
    """A loan and the bank's own accounts that it meets, a night old."""
    loan = lender.lend(lender.house.publish(BY_DAY_LOAN), 36_000_00, 2)
    lender.house.night()
    return loan


def closes_only_without(lender: Lender, account: int, finding: str) -> None:
    """The date stays open while an account was moved by a fen, and closes when that is taken back."""
    house = lender.house
    day = house.today
    assert house.ledger.transfer(debit=account, credit=house.cash, amount_minor=1).posted
    with pytest.raises(NotReconciled, match=finding):
        house.night()
    assert house.ledger.transfer(debit=house.cash, credit=account, amount_minor=1).posted
    house.runner.close(day, lambda step, done, total: None)


@pytest.mark.parametrize(("column", "finding"), OWN, ids=[column for column, _ in OWN])
def test_a_loan_s_own_account_that_says_another_amount_is_found(lender: Lender, column: str, finding: str) -> None:
    loan = lent(lender)
    closes_only_without(lender, int(lender.row(loan)[column]), finding)


@pytest.mark.parametrize("role", POOLS)
def test_an_account_of_the_bank_s_own_that_its_loans_do_not_add_up_to_is_found(lender: Lender, role: str) -> None:
    loan = lent(lender)
    product = lender.house.bank.catalogue.product(int(lender.row(loan)["version"]))
    code = getattr(mapping_of(product), role)
    account = lender.house.bank.pools.account(code, CNY, product.number)
    closes_only_without(lender, account, f"account {code} of product {product.number}")
