"""What of a loan falls due and when: its beginning, its due dates, and the days on which its rate is set anew."""

from typing import NamedTuple

import numpy as np

from yinhe.kernel.dates import add_months_many
from yinhe.kernel.rounding import round_quotient_many
from yinhe.lending.accrual import Items, Loans
from yinhe.lending.columns import ITEM, LoanFlag
from yinhe.products.parts.base import BoolColumn, Int32Column, Int64Column
from yinhe.products.parts.grace import AfterGrace, Grace, InterestGrace
from yinhe.products.parts.loan_interest import LoanInterest
from yinhe.products.parts.repayment import Repayment, Standing
from yinhe.products.product import Product
from yinhe.products.rates import RateBook


class FallenDue(NamedTuple):
    """What fell due of some loans on a day, one entry a loan; int64[n] of minor units."""

    items: Items
    """The instalments with anything in them, dtype ITEM."""
    interest: Int64Column
    capitalised: Int64Column
    """Interest that became principal."""


def required(product: Product) -> tuple[LoanInterest, Repayment]:
    """The parts no loan is without; a product that is published has them."""
    interest, repayment = product.one(LoanInterest), product.one(Repayment)
    if interest is None or repayment is None:
        raise AssertionError(f"{product.name} is published as a loan without interest or repayment.")
    return interest, repayment


def draw(loans: Loans, product: Product, rates: RateBook, date: int, amount: Int64Column) -> None:
    """Draw amounts (int64[n], minor units) on a date, in place; the first drawing begins the loan. Raises RateMissing.

    `months` is the term agreed; a line's maturity stands already, another loan's is counted from its first drawing.
    """
    interest, repayment = required(product)
    first = loans["start"] == 0
    loans["undue"] += amount
    loans["lent"] += amount
    loans["base"] += amount
    loans["drawings"] += 1
    loans["start"] = np.where(first, date, loans["start"])
    loans["through"] = np.where(first, date, loans["through"])
    loans["since"] = np.where(first, interest.begin(np.full(len(loans), date, np.int32)), loans["since"])
    ends = add_months_many(loans["start"], loans["months"].astype(np.int64))
    # A line without an end has no months.
    loans["maturity"] = np.where((loans["maturity"] == 0) & (loans["months"] > 0), ends, loans["maturity"])
    priced = interest.rate(rates, date, loans["start"].copy(), loans["margin"].copy())
    loans["rate"] = np.where(first, priced, loans["rate"])
    loans["next_reset"] = interest.next_repricing(rates, date, loans["start"].copy())
    # A line on which nothing was owed for a while has had no instalment meanwhile.
    done = repayment.done(date, loans["start"].copy(), loans["months"].copy())
    loans["number"] = np.maximum(loans["number"], done)
    _next(loans, repayment)
    work_out(loans, product)


def work_out(loans: Loans, product: Product) -> None:
    """Work the level payment out anew, in place, of what is owed and has not fallen due."""
    _, repayment = required(product)
    count = repayment.count(loans["months"].copy())
    remaining = count - np.maximum(loans["number"], _free(product, repayment, count))
    loans["payment"] = repayment.payment(loans["base"].copy(), loans["undue"].copy(), loans["rate"].copy(), remaining)


def spread(loans: Loans, product: Product) -> None:
    """Spread what is owed and has not fallen due over the instalments to come that have principal, in place.

    `base` becomes the principal of which their equal parts repay what is owed; that there are none in a grace counts.
    """
    _, repayment = required(product)
    count = repayment.count(loans["months"].copy())
    free = _free(product, repayment, count)
    left = np.maximum(count - np.maximum(loans["number"], free), 1)
    loans["base"] = (loans["undue"] * (count - free) + left // 2) // left


def reset(loans: Loans, product: Product, rates: RateBook, date: int) -> BoolColumn:
    """Set the rate of loans anew whose day it is, in place; which those are, bool[n]. Raises RateMissing."""
    interest, _ = required(product)
    here = (loans["next_reset"] != 0) & (loans["next_reset"] <= date)
    some = loans[here]
    if len(some):
        some["rate"] = interest.rate(rates, date, some["start"].copy(), some["margin"].copy())
        some["next_reset"] = interest.next_repricing(rates, date, some["start"].copy())
        work_out(some, product)
        loans[here] = some
    return here


def fall_due(loans: Loans, product: Product, date: int) -> FallenDue:
    """Let what is due on a date fall due, in place; `loans` are of one product and accrued to before the date."""
    interest, repayment = required(product)
    here = loans["next_due"] == date
    some = loans[here]
    months = some["months"].copy()
    count = repayment.count(months)
    some["number"] += 1
    number = some["number"].astype(np.int64)
    free = _free(product, repayment, count)
    is_charged, capitalises = _charged(product, repayment, number, count)
    rounded = round_quotient_many(some["whole"].copy(), some["remainder"].copy(), interest.base, interest.rounding)
    due_interest = np.where(is_charged, rounded, 0)
    added = np.where(capitalises, rounded, 0)
    some["undue"] += added
    some["base"] += added
    at = Standing(number, months, free, some["base"].copy(), some["undue"].copy(), due_interest, some["payment"].copy())
    ends = _is_line(some) & (some["maturity"] == date)
    principal = np.where(ends, some["undue"], repayment.principal_due(at))
    some["undue"] -= principal
    begins = is_charged | capitalises
    for name in ("whole", "remainder"):
        some[name] = np.where(begins, 0, some[name])
    some["since"] = np.where(begins, date, some["since"])
    _next(some, repayment)
    if capitalises.any():
        grown = some[capitalises]
        work_out(grown, product)
        some[capitalises] = grown
    loans[here] = some
    return FallenDue(_items(some, date, principal, due_interest), _whole(here, due_interest), _whole(here, added))


def _whole(here: BoolColumn, values: Int64Column) -> Int64Column:
    found = np.zeros(len(here), np.int64)
    found[here] = values
    return found


def _items(loans: Loans, date: int, principal: Int64Column, interest: Int64Column) -> Items:
    items = np.zeros(len(loans), ITEM)
    for name in ("loan", "number"):
        items[name] = loans[name]
    items["due"] = date
    items["principal"] = items["principal_left"] = principal
    items["interest"] = items["interest_left"] = interest
    return items[(principal > 0) | (interest > 0)]


def due_next(loans: Loans, repayment: Repayment) -> Int32Column:
    """When the instalment after the last one falls due, int32[n]; 0 for no more.

    Instalments are counted from the first drawing, but a line ends when it was agreed to, however late that was.
    """
    number, ends = loans["number"].astype(np.int64) + 1, loans["maturity"]
    due = repayment.due_on(number, loans["start"].copy(), loans["months"].copy())
    return np.where(_is_line(loans), np.minimum(np.where(due == 0, ends, due), ends), due).astype(np.int32)


def _is_line(loans: Loans) -> BoolColumn:
    """Whether what is repaid may be drawn again, and until a day agreed, bool[n]."""
    return (loans["flags"] & int(LoanFlag.REVOLVING) != 0) & (loans["months"] > 0) & (loans["maturity"] != 0)


def _next(loans: Loans, repayment: Repayment) -> None:
    """When the next instalment falls due: never where nothing is owed."""
    loans["next_due"] = np.where(loans["undue"] + loans["whole"] > 0, due_next(loans, repayment), 0)


def _free(product: Product, repayment: Repayment, count: Int64Column) -> Int64Column:
    """Instalments at the beginning without principal, int64[n]."""
    grace = product.one(Grace)
    return np.zeros(len(count), np.int64) if grace is None else grace.without_principal(count, repayment.every)


def _charged(
    product: Product, repayment: Repayment, number: Int64Column, count: Int64Column
) -> tuple[BoolColumn, BoolColumn]:
    """Whether interest is due with an instalment, and whether it becomes principal instead, bool[n] each."""
    grace = product.one(Grace)
    if not isinstance(grace, InterestGrace):
        return np.ones(len(number), np.bool_), np.zeros(len(number), np.bool_)
    without = grace.without_interest(count, repayment.every)
    capitalises = (number == without) & (grace.after is AfterGrace.CAPITALISED)
    return number > without, capitalises


def remaining_months(loans: Loans, repayment: Repayment) -> Int32Column:
    """The terms that have, beyond the instalments fallen due, the fewest more that repay what is owed; int32[n]."""
    months = loans["months"].copy()
    for place in range(len(loans)):
        months[place] = _least_months(loans[place : place + 1], repayment)
    return months


def _least_months(loan: Loans, repayment: Repayment) -> int:
    """Bisect: fewer instalments need a higher payment than the one agreed."""
    done, most = int(loan["number"][0]), int(repayment.count(loan["months"].copy())[0])
    low, high = done + 1, max(most, done + 1)
    while low < high:
        middle = (low + high) // 2
        needed = repayment.payment(
            loan["base"].copy(), loan["undue"].copy(), loan["rate"].copy(), np.array([middle - done], np.int64)
        )
        if int(needed[0]) <= int(loan["payment"][0]):
            high = middle
        else:
            low = middle + 1
    return min(low * repayment.every, int(loan["months"][0]))
