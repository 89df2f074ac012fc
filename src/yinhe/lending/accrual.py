"""The interest of loans, day by day: on what has not fallen due, and on what is late.

An accrual is a pair (whole minor units, remainder over D = basis_days * 10^8), see `kernel.interest`. A day of the
running period counts as many days as the convention's count, from the loan's first day, grows by: under CN-MONTHS-DAYS
the last day of a month of 31 counts none and that of a February three or two more, so that a full month from one due
date to the next is a twelfth of a year, also of a loan drawn on a 31st.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from yinhe.kernel.daycount import days_many
from yinhe.ledger.compiled import Integer, Records, compiled
from yinhe.lending.columns import LoanFlag
from yinhe.lending.schedule.arithmetic import accrued as accrued_with
from yinhe.products.parts.base import Int32Column, Int64Column
from yinhe.products.parts.loan_interest import LoanInterest
from yinhe.products.parts.overdue import Misuse, Overdue
from yinhe.products.product import Product

Loans = NDArray[np.void]
"""Loans, dtype LOAN, shape (n,)."""
Items = NDArray[np.void]
"""Instalments that fell due and are not paid, dtype ITEM, by loan and number."""

_NO_RATES: Final = np.zeros(0, np.int64)


def accrued(loans: Loans) -> Int64Column:
    """Whole minor units accrued and not due or charged yet, int64[n]."""
    return loans["whole"] + loans["penalty_whole"] + loans["compound_whole"]


def accrue(loans: Loans, places: Int64Column, items: Items, product: Product, date: int) -> None:
    """Accrue the interest of a day, in place, to the loans at `places` (int64[n], ascending) that stand at it.

    They are of one product; others are left alone. `items` are the unpaid instalments of these loans at least.
    """
    interest = product.one(LoanInterest)
    if interest is None or not len(places):
        return
    contract, flags, numbers = loans["rate"][places], loans["flags"][places], loans["loan"][places]
    rates = running_rates(contract, flags, product)
    overdue = product.one(Overdue)
    late = _NO_RATES if overdue is None else np.maximum(overdue.penalty_rate(contract), rates)
    unpaid = _NO_RATES if overdue is None else overdue.compound_rate(contract)
    first = np.searchsorted(items["loan"], numbers)
    last = np.searchsorted(items["loan"], numbers, side="right")
    anchor = np.minimum(interest.begin(loans["start"][places]), np.int32(date))
    weights = _weights(interest, anchor, date)
    grace = 0 if overdue is None else overdue.grace_days
    _accrue_day(
        loans,
        places,
        items,
        first,
        last,
        rates,
        late,
        unpaid,
        weights,
        date,
        grace,
        interest.base,
        interest.on_original,
    )


def accrue_until(loan: Loans, product: Product, until: int) -> None:
    """Accrue the interest of a loan (shape (1,)) that stands before a day to that day, in place: nothing of it is late.

    The same as day by day: the weights of the days between add up to the count of days between.
    """
    interest = product.one(LoanInterest)
    if interest is None:
        return
    owed = int(loan["undue"][0])
    if interest.on_original and owed > 0:
        owed = int(loan["lent"][0])
    first = max(int(loan["through"][0]), int(loan["since"][0]))
    loan["through"] = until
    if owed == 0 or first >= until:
        return
    anchor = np.minimum(interest.begin(loan["start"].copy()), np.int32(first))
    ends = [np.array([day], np.int32) for day in (first, until)]
    since, through = (int(days_many(interest.basis, anchor, end)[0]) for end in ends)
    rate = int(running_rates(loan["rate"].copy(), loan["flags"].copy(), product)[0])
    total = int(loan["remainder"][0]) + owed * rate * (through - since)
    loan["whole"] += total // interest.base
    loan["remainder"] = total % interest.base


def running_rates(contract: Int64Column, flags: Int32Column, product: Product) -> Int64Column:
    """What principal that is not late bears, int64[n] of 1e-8: the contracts' rates, or that of misuse."""
    misuse = product.one(Misuse)
    if misuse is None:
        return contract
    return np.where(flags & int(LoanFlag.MISUSED) != 0, misuse.rate(contract), contract)


def _weights(interest: LoanInterest, begun: Int32Column, date: int) -> Int64Column:
    """By how many days of interest the count grows on a date, int64[n], of loans begun on days up to it, int32[n]."""
    earliest = int(begun.min())
    are_few = len(begun) <= date - earliest
    # Of many loans, each day on which one may have begun is looked at once.
    starts = begun if are_few else np.arange(earliest, date + 1, dtype=np.int32)
    until = np.full(len(starts), date, np.int32)
    weights = days_many(interest.basis, starts, until + np.int32(1)) - days_many(interest.basis, starts, until)
    return weights if are_few else weights[begun - earliest]


@compiled
def _accrue_day(
    loans: Records,
    places: Int64Column,
    items: Records,
    first: NDArray[Any],
    last: NDArray[Any],
    rates: Int64Column,
    late: Int64Column,
    unpaid: Int64Column,
    weights: Int64Column,
    date: Integer,
    grace: Integer,
    base: Integer,
    on_original: bool,
) -> None:
    for i in range(len(places)):
        loan = loans[places[i]]
        if loan["through"] != date:
            continue
        loan["through"] = date + 1
        owed: Integer = int(loan["undue"])
        if on_original and owed > 0:
            owed = int(loan["lent"])
        if owed > 0 and loan["since"] <= date:
            whole, rest = accrued_with(loan["whole"], loan["remainder"], owed, rates[i], weights[i], base)
            loan["whole"], loan["remainder"] = whole, rest
        if len(late) == 0:
            continue
        principal, interest = np.int64(0), np.int64(0)
        for k in range(first[i], last[i]):
            days = date - items[k]["due"]
            # Within the days of grace nothing is late; once they are over, all days since the due date count.
            if days >= grace:
                days = grace + 1 if days == grace else 1
                principal += items[k]["principal_left"] * days
                interest += items[k]["interest_left"] * days
        if principal > 0:
            whole, rest = accrued_with(loan["penalty_whole"], loan["penalty_remainder"], principal, late[i], 1, base)
            loan["penalty_whole"], loan["penalty_remainder"] = whole, rest
        if interest > 0:
            whole, rest = accrued_with(loan["compound_whole"], loan["compound_remainder"], interest, unpaid[i], 1, base)
            loan["compound_whole"], loan["compound_remainder"] = whole, rest
