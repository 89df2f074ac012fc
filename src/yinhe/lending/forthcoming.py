"""The instalments of a loan to come, from where it stands: what the nights will book if all is paid when it is due.

The steps are the night's own (`instalments.fall_due`, `payments.pay`, `instalments.reset`); only the days between two
of them are taken at once, which for a pair of whole units and remainder is the same as one after the other.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from yinhe.lending.accrual import accrue_until, running_rates
from yinhe.lending.card import is_card
from yinhe.lending.columns import LoanFlag
from yinhe.lending.instalments import required, reset
from yinhe.lending.payments import charge, dues_of, pay
from yinhe.lending.position import Position, ProductOn, bring_due
from yinhe.products.product import Product
from yinhe.products.rates import RateBook

INSTALMENTS_MAX: Final = 1_200
"""Most instalments that are looked ahead: a century of months."""


class Forthcoming(msgspec.Struct, frozen=True):
    """One instalment to come; amounts in minor units."""

    number: int
    due: int
    """Days since 1970-01-01."""
    principal: int
    interest: int
    capitalised: int
    """Interest that becomes principal on that day instead of being due."""
    rate: int
    """What principal bears until that day, 1e-8 a year."""
    owed: int
    """The principal owed afterwards."""

    @property
    def total(self) -> int:
        """What is due with it."""
        return self.principal + self.interest


def instalments_to_come(
    at: Position, date: int, product_on: ProductOn, turns: Sequence[int], rates: RateBook
) -> Iterator[Forthcoming]:
    """The instalments of a loan that falls due from a date on, where it stands at the date's beginning, in order.

    What is due already counts as paid at the date's end. `turns` are days on which `product_on` may give another
    product; rates are those known today. A card has none: what is to be paid, a statement says.
    Raises RateMissing.
    """
    at = at.copy()
    row = at.row
    if is_card(product_on(date)):
        return
    if not row["flags"][0] & int(LoanFlag.OPEN) or row["flags"][0] & int(LoanFlag.WRITTEN_OFF):
        return
    day, told = date, 0
    while told < INSTALMENTS_MAX:
        product = product_on(day)
        rate = int(running_rates(row["rate"].copy(), row["flags"].copy(), product)[0])
        owed = int(row["undue"][0])
        fell_due = _fall_due_and_pay(at, day, product)
        if fell_due is not None:
            principal, interest = fell_due
            capitalised = int(row["undue"][0]) + principal - owed
            left = int(row["undue"][0])
            yield Forthcoming(int(row["number"][0]), day, principal, interest, capitalised, rate, left)
            told += 1
        reset(row, product, rates, day)
        stops = [int(row["next_due"][0]), int(row["next_reset"][0]), *turns]
        later = [stop for stop in stops if stop > day]
        if int(row["next_due"][0]) <= day or not later:
            return
        accrue_until(row, product, min(later))
        day = min(later)


def _fall_due_and_pay(at: Position, day: int, product: Product) -> tuple[int, int] | None:
    """End a day on which all that is due is paid; the principal and interest that fell due on it, None for nothing."""
    before, number = len(at.items), int(at.row["number"][0])
    bring_due(at, day, product)
    if int(at.row["number"][0]) == number:
        fell_due = None
    else:
        fresh = at.items[before:]
        fell_due = int(fresh["principal"].sum()), int(fresh["interest"].sum())
    trial = at.row.copy()
    charge(trial, required(product)[0])
    pay(at.row, at.items, product, day, dues_of(trial, at.unpaid).total)
    return fell_due
