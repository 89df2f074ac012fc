"""How money pays loans: what is due first, in the product's order; then, where it may, what is not due yet."""

from typing import NamedTuple

import msgspec
import numpy as np

from yinhe.kernel.dates import add_months_many
from yinhe.kernel.rounding import round_quotient_many
from yinhe.lending.accrual import Items, Loans
from yinhe.lending.columns import LoanFlag
from yinhe.lending.instalments import due_next, remaining_months, required, spread, work_out
from yinhe.products.parts.allocation import Allocation, Bucket, InSequence
from yinhe.products.parts.base import Int64Column
from yinhe.products.parts.loan_interest import LoanInterest
from yinhe.products.parts.overdue import Overdue
from yinhe.products.parts.prepayment import Afterwards
from yinhe.products.product import Product

BUCKETS = len(Bucket)


class Dues(NamedTuple):
    """What is due of loans: `amounts` int64[n, k, 5] by instalment, the oldest first, and by `Bucket`."""

    amounts: Int64Column
    first: Int64Column
    """Where the items of each loan begin, int64[n] …"""
    number: Int64Column
    """… and how many there are."""

    @property
    def total(self) -> Int64Column:
        """Everything due, int64[n]."""
        return self.amounts.sum(axis=(1, 2))


class Paid(NamedTuple):
    """What payments paid, one entry a loan."""

    split: Int64Column
    """By `Bucket`, int64[n, 5]."""
    charged: Int64Column
    """Penalty and compound interest charged with it, int64[n]: it is due now, and no longer only accrued …"""
    accrued: Int64Column
    """… and the whole units that were accrued of it, int64[n]; the difference is rounding."""


def dues_of(loans: Loans, items: Items) -> Dues:
    """What is due of loans (ascending by number); `items` are the unpaid instalments of these loans and no others."""
    first = np.searchsorted(items["loan"], loans["loan"])
    count = np.searchsorted(items["loan"], loans["loan"], side="right") - first
    amounts = np.zeros((len(loans), max(1, int(count.max(initial=0))), BUCKETS), np.int64)
    place = np.repeat(np.arange(len(loans)), count)
    order = np.arange(len(items)) - np.repeat(first, count)
    amounts[place, order, Bucket.INTEREST] = items["interest_left"]
    amounts[place, order, Bucket.PRINCIPAL] = items["principal_left"]
    # What is charged for lateness is owed with the oldest instalment.
    amounts[:, 0, Bucket.FEE] = loans["fee"]
    amounts[:, 0, Bucket.PENALTY] = loans["penalty"]
    amounts[:, 0, Bucket.COMPOUND] = loans["compound"]
    return Dues(amounts, first, count)


def charge(loans: Loans, interest: LoanInterest) -> tuple[Int64Column, Int64Column]:
    """Charge penalty and compound interest accrued, in place: (charged, whole units accrued of it), int64[n] each."""
    charged, whole = np.zeros(len(loans), np.int64), np.zeros(len(loans), np.int64)
    for name in ("penalty", "compound"):
        units, rest = loans[f"{name}_whole"].copy(), loans[f"{name}_remainder"].copy()
        rounded = round_quotient_many(units, rest, interest.base, interest.rounding)
        loans[name] += rounded
        loans[f"{name}_whole"] = loans[f"{name}_remainder"] = 0
        charged += rounded
        whole += units
    return charged, whole


def pay(loans: Loans, items: Items, product: Product, date: int, amount: Int64Column) -> Paid:
    """Pay what is due with amounts (int64[n], minor units, at most what is due once charged), in place.

    Penalty and compound interest accrued is charged first, where anything is paid. Raises ValueError for more than due.
    """
    interest, _ = required(product)
    paying = amount > 0
    some = loans[paying]
    charged, accrued = charge(some, interest)
    # What is paid already would only make the split longer, with every instalment of a long loan.
    mine = np.isin(items["loan"], some["loan"]) & (items["paid"] == 0)
    chosen = items[mine]
    dues = dues_of(some, chosen)
    if (amount[paying] > dues.total).any():
        raise ValueError("A payment is more than what is due.")
    split = allocation_of(product).split(amount[paying], dues.amounts, days_late(some, product, date))
    if (split.sum(axis=(1, 2)) != amount[paying]).any():
        raise AssertionError("The allocation of a payment does not add up to it.")
    some["fee"] -= split[:, 0, Bucket.FEE]
    some["penalty"] -= split[:, 0, Bucket.PENALTY]
    some["compound"] -= split[:, 0, Bucket.COMPOUND]
    place = np.repeat(np.arange(len(some)), dues.number)
    order = np.arange(len(chosen)) - np.repeat(dues.first, dues.number)
    chosen["interest_left"] -= split[place, order, Bucket.INTEREST]
    chosen["principal_left"] -= split[place, order, Bucket.PRINCIPAL]
    is_paid = (chosen["interest_left"] == 0) & (chosen["principal_left"] == 0)
    chosen["paid"] = np.where(is_paid, date, chosen["paid"])
    items[mine] = chosen
    _note_oldest(some, chosen, date)
    loans[paying] = some
    found = Paid(np.zeros((len(loans), BUCKETS), np.int64), np.zeros_like(amount), np.zeros_like(amount))
    found.split[paying], found.charged[paying], found.accrued[paying] = split.sum(axis=1), charged, accrued
    return found


def _note_oldest(loans: Loans, items: Items, date: int) -> None:
    # The minimum of a card's statement is there before it is due.
    unpaid = items[(items["paid"] == 0) & (items["due"] <= date)]
    first = np.searchsorted(unpaid["loan"], loans["loan"])
    has = np.searchsorted(unpaid["loan"], loans["loan"], side="right") > first
    loans["overdue_since"] = 0
    loans["overdue_since"][has] = unpaid["due"][first[has]]


def allocation_of(product: Product) -> Allocation:
    """The product's order of repayment, or the usual one."""
    return product.one(Allocation) or InSequence()


def days_late(loans: Loans, product: Product, date: int) -> Int64Column:
    """Days past due of the oldest unpaid instalment on a date, int64[n]; nothing within the days of grace."""
    overdue = product.one(Overdue)
    if overdue is None:
        return np.zeros(len(loans), np.int64)
    return overdue.days_past_due(date, loans["overdue_since"].copy())


class Settlement(msgspec.Struct, frozen=True):
    """What it takes to repay one loan on a day; minor units."""

    due: int
    """What is due and not paid, with what is charged for lateness to date."""
    interest: int
    """Interest of the running period to date, rounded."""
    principal: int
    """Principal that has not fallen due."""

    @property
    def total(self) -> int:
        """Everything, without a fee."""
        return self.due + self.interest + self.principal


def settlement_of(loan: Loans, items: Items, product: Product) -> Settlement:
    """What it takes to repay a loan (shape (1,)), whose interest has accrued to before the day."""
    interest, _ = required(product)
    row = loan.copy()
    charge(row, interest)
    whole, rest = row["whole"].copy(), row["remainder"].copy()
    running = round_quotient_many(whole, rest, interest.base, interest.rounding)
    return Settlement(int(dues_of(row, items).total[0]), int(running[0]), int(row["undue"][0]))


def prepay(loan: Loans, product: Product, amount: int, afterwards: Afterwards) -> None:
    """Repay a part of the principal of a loan (shape (1,)) that has not fallen due, in place.

    The loan ends sooner with the payments as they are, or they become lower; a line may just be drawn again.
    """
    _, repayment = required(product)
    loan["undue"] -= amount
    if loan["flags"][0] & int(LoanFlag.REVOLVING):
        loan["base"] = loan["undue"]
        work_out(loan, product)
    elif afterwards is Afterwards.LOWER:
        spread(loan, product)
        work_out(loan, product)
    elif loan["payment"][0]:
        loan["months"] = remaining_months(loan, repayment)
        work_out_end(loan, product)


def work_out_end(loan: Loans, product: Product) -> None:
    """Note when a loan (shape (1,)) whose term was changed ends, and its next instalment, in place."""
    _, repayment = required(product)
    months = loan["months"].copy()
    if loan["flags"][0] & int(LoanFlag.REVOLVING):
        # A line runs from the day it was agreed.
        loan["maturity"] = add_months_many(loan["agreed"], months.astype(np.int64))
    else:
        loan["maturity"] = repayment.due_on(repayment.count(months), loan["start"].copy(), months)
    loan["next_due"] = due_next(loan, repayment)


def pay_off(loan: Loans, product: Product) -> int:
    """Repay all principal of a loan (shape (1,)) that has not fallen due, and the interest to date, in place.

    The interest of the running period, rounded: its accrual is empty afterwards.
    """
    interest, _ = required(product)
    running = round_quotient_many(loan["whole"].copy(), loan["remainder"].copy(), interest.base, interest.rounding)
    loan["undue"] = loan["whole"] = loan["remainder"] = 0
    loan["next_due"] = 0
    return int(running[0])
