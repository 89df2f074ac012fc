"""Equal principal after something changed: the instalments to come have equal parts, and the last leaves nothing."""

import datetime as dt

import numpy as np
import pytest

from yinhe.kernel.dates import days_from_date
from yinhe.lending.accrual import Loans
from yinhe.lending.columns import LOAN, LoanFlag
from yinhe.lending.forthcoming import instalments_to_come
from yinhe.lending.position import Act, ActKind, work_out_position
from yinhe.products.parts.prepayment import Afterwards
from yinhe.products.product_library import library_products, library_rates
from yinhe.products.rates import RateBook, RateEntry

RATES = RateBook(RateEntry(one.table, one.effective, one.effective, one.rate) for one in library_rates())
PROJECT = next(product for product in library_products() if product.code == "project_loan")
"""Three years by the quarter, the first two of them without principal: eight instalments, then four with principal."""
START = days_from_date(dt.date(2026, 1, 9))
LENT = 4_000_000_00


def agreed() -> Loans:
    row = np.zeros(1, LOAN)
    row["loan"], row["limit"], row["months"], row["flags"] = 1, LENT, 36, int(LoanFlag.OPEN)
    return row


def principal_to_come(date: dt.date, *acts: Act, unpaid: int = 0) -> list[int]:
    """The principal of each instalment from a date on, of a loan paid when due but for what was due on `unpaid`."""
    day = days_from_date(date)
    happened = [Act(day=START, kind=ActKind.DRAW, amount=LENT)]
    at = work_out_position(agreed(), happened, START, lambda _: PROJECT, RATES)
    # What falls due before is collected to the fen.
    for one in instalments_to_come(at, START, lambda _: PROJECT, (), RATES):
        if one.due < day and one.due != unpaid:
            happened.append(Act(day=one.due, kind=ActKind.COLLECT, amount=one.total))
    at = work_out_position(agreed(), [*happened, *acts], day, lambda _: PROJECT, RATES)
    found = list(instalments_to_come(at, day, lambda _: PROJECT, (), RATES))
    assert found[-1].owed == 0
    return [one.principal for one in found]


EARLY = [
    # In the grace: four parts of what is left, and no principal before.
    (dt.date(2026, 5, 4), 1_000_000_00, [0] * 7 + [750_000_00] * 4),
    # After the first of the four: three parts.
    (dt.date(2028, 5, 10), 1_500_000_00, [500_000_00] * 3),
    # After the second: two parts, a fen apart.
    (dt.date(2028, 8, 10), 1_000_000_01, [500_000_00, 499_999_99]),
]


@pytest.mark.parametrize(("date", "amount", "principal"), EARLY)
def test_what_is_repaid_early_lowers_each_instalment_to_come_alike(
    date: dt.date, amount: int, principal: list[int]
) -> None:
    act = Act(day=days_from_date(date), kind=ActKind.REPAY, amount=amount, afterwards=Afterwards.LOWER, is_early=True)
    assert principal_to_come(date, act) == principal


EXTENDED = [
    (dt.date(2026, 5, 4), [0] * 7 + [500_000_00] * 8),
    (dt.date(2028, 5, 10), [428_571_43] * 6 + [428_571_42]),
]


@pytest.mark.parametrize(("date", "principal"), EXTENDED)
def test_an_extension_by_a_year_spreads_what_is_owed_over_four_more(date: dt.date, principal: list[int]) -> None:
    act = Act(day=days_from_date(date), kind=ActKind.EXTEND, amount=12)
    assert principal_to_come(date, act) == principal


def test_interest_that_becomes_principal_is_spread_over_the_instalments_to_come() -> None:
    # The first part of principal and its interest, due on 20 April 2028, stay unpaid; the interest becomes principal.
    unpaid, day = (days_from_date(date) for date in (dt.date(2028, 4, 20), dt.date(2028, 6, 10)))
    principal = principal_to_come(dt.date(2028, 6, 10), Act(day=day, kind=ActKind.CAPITALISE), unpaid=unpaid)
    assert len(principal) == 3
    assert sum(principal) > 3_000_000_00
    assert principal[0] == principal[1]
    assert abs(principal[2] - principal[0]) <= 2
