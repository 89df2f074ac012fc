"""What money drawn from a contract earns, and what is left of the interest accrued: pure.

The part drawn earns, for all its days since the last settlement, the rate that the product names for drawing like that
(before maturity, without notice, after so many days held); in every other case what has accrued to it. The day of
drawing does not count (算头不算尾).
"""

from collections.abc import Callable
from enum import Enum, unique

import msgspec
import numpy as np
from numpy.typing import NDArray

from yinhe.deposits.columns import NO_RATE
from yinhe.deposits.errors import PartMissing
from yinhe.kernel.rates import RATE_MAX
from yinhe.kernel.rounding import round_quotient
from yinhe.products.parts.accrual import Accrual, AccumulatedBalance, TransactionMethod
from yinhe.products.parts.base import Int32Column, Int64Column, Regime
from yinhe.products.parts.early import EarlyWithdrawal
from yinhe.products.parts.instalment import DrawMonthly, Instalment, InterestMonthly
from yinhe.products.parts.interest import Interest
from yinhe.products.parts.interest_dated import AtWill
from yinhe.products.parts.notice import Notice
from yinhe.products.parts.settlement import OnClosing, Settlement
from yinhe.products.product import Product
from yinhe.products.rates import RateBook


@unique
class Manner(Enum):
    """How money is drawn."""

    ORDINARY = "ordinary"
    """As agreed: what has accrued is paid."""
    EARLY = "early"
    """Before maturity."""
    NOTICED = "noticed"
    """As noticed, where interest is counted per deposit: all days earn the rate of the day of drawing."""
    WITHOUT_NOTICE = "without_notice"
    """Against the notice agreed, or without one."""
    AT_WILL = "at_will"
    """Of a term at will: the time held decides."""
    RUNNING = "running"
    """A part of an account that goes on and settles in its time: its interest stays until then."""


class Drawn(msgspec.Struct, frozen=True):
    """The interest of a part drawn and the accrual left, all in minor units; `remainder` in parts of D."""

    interest_minor: int
    """Rounded: what is paid; below zero what is taken back of interest paid before."""
    whole: int
    remainder: int


class DrawnNotice(msgspec.Struct, frozen=True):
    """A notice given: the day of withdrawal (days since 1970-01-01) and the amount."""

    due_on: int
    amount_minor: int


def manner_of(
    product: Product,
    row: NDArray[np.void],
    *,
    date: int,
    amount_minor: int,
    notice: DrawnNotice | None,
    closes: bool,
) -> Manner:
    """How an amount is drawn from a contract (dtype CONTRACT, shape (1,)) on a date; `closes`: nothing goes on."""
    maturity = int(row["maturity"][0])
    if maturity > date and product.one(EarlyWithdrawal) is not None:
        return Manner.EARLY
    noticed = product.one(Notice)
    if noticed is not None:
        due, amount = (notice.due_on, notice.amount_minor) if notice else (0, 0)
        keeps = noticed.keeps(
            np.array([date], np.int32),
            np.array([amount_minor], np.int64),
            np.array([due], np.int32),
            np.array([amount], np.int64),
        )
        if not keeps[0]:
            return Manner.WITHOUT_NOTICE
        return Manner.NOTICED if isinstance(product.one(Accrual), TransactionMethod) else Manner.ORDINARY
    if isinstance(product.one(Interest), AtWill):
        return Manner.AT_WILL
    pays_with_principal = closes or isinstance(product.one(Settlement), OnClosing)
    return Manner.ORDINARY if pays_with_principal else Manner.RUNNING


def drawn(
    product: Product,
    rates: RateBook,
    row: NDArray[np.void],
    *,
    date: int,
    balance_minor: int,
    amount_minor: int,
    manner: Manner,
    balance_on: Callable[[int], int],
    notice: DrawnNotice | None = None,
) -> Drawn:
    """What an amount drawn on a date earns and what accrual is left, before the money moves.

    `row` (dtype CONTRACT, shape (1,)) has accrued up to the date; `balance_minor` is what the contract holds,
    `balance_on` what it held at the end of a day, `notice` what was given for the drawing. Raises RateMissing, or
    PartMissing where the product does not say how interest counts.
    """
    accrual = product.one(Accrual)
    if accrual is None:
        raise PartMissing(f"The product {product.name} does not say how interest is counted.")
    if manner is Manner.RUNNING:
        return Drawn(0, int(row["whole"][0]), int(row["remainder"][0]))
    accrued = int(row["whole"][0]) * accrual.base + int(row["remainder"][0])
    # What has accrued lies on every unit of the balance alike.
    kept = accrued * (balance_minor - amount_minor) // balance_minor if balance_minor else 0
    if manner is Manner.ORDINARY:
        own = accrued - kept
    else:
        rate = rate_of_drawn(product, rates, row, date, balance_minor, manner)
        gone = _drawn_as_agreed(product, row, date) if amount_minor == balance_minor else _nothing
        # What is drawn beyond a notice is drawn without one.
        noticed = noticed_minor(product, date, amount_minor, notice) if manner is Manner.WITHOUT_NOTICE else 0
        beyond = amount_minor - noticed

        def there_on(day: int) -> int:
            return min(beyond + gone(day), max(0, balance_on(day)))

        since = counts_since(product, row, manner)
        own = _interest(accrual, beyond, rate, since, date, there_on)
        if noticed and isinstance(accrual, TransactionMethod):
            rate = rate_of_drawn(product, rates, row, date, balance_minor, Manner.NOTICED)
            own += _interest(accrual, noticed, rate, since, date, there_on)
        elif noticed:
            own += accrued * noticed // balance_minor
    paid = max(0, round_quotient(*divmod(own, accrual.base), accrual.base, accrual.rounding))
    if manner is Manner.EARLY and balance_minor:
        paid -= paid_before(product, row) * amount_minor // balance_minor
    return Drawn(paid, *divmod(kept, accrual.base))


def noticed_minor(product: Product, date: int, amount_minor: int, notice: DrawnNotice | None) -> int:
    """What of an amount drawn on a date was noticed for it, in minor units; 0 where less is drawn than was noticed."""
    part = product.one(Notice)
    if part is None or notice is None or notice.amount_minor > amount_minor:
        return 0
    noticed = np.array([notice.amount_minor], np.int64)
    dates = np.array([date], np.int32), np.array([notice.due_on], np.int32)
    return notice.amount_minor if part.keeps(dates[0], noticed, dates[1], noticed)[0] else 0


def counts_since(product: Product, row: NDArray[np.void], manner: Manner) -> int:
    """The first day that counts for what is drawn in another than the ordinary manner; days since 1970-01-01.

    The day after the last settlement, but for interest that was drawn monthly: it was paid for the whole term's rate.
    """
    anew = manner is Manner.EARLY and product.one(InterestMonthly) is not None
    return int(row["start" if anew else "settled"][0])


def paid_before(product: Product, row: NDArray[np.void]) -> int:
    """The interest that was paid monthly on what a contract (dtype CONTRACT, shape (1,)) still holds, minor units.

    Who draws before maturity has earned less than that: it counts as paid in advance, and the rest is taken back.
    """
    part = product.one(InterestMonthly)
    if part is None:
        return 0
    start, months, rate, principal = (row[name].copy() for name in ("start", "months", "rate", "principal"))
    return _paid_out(part, int(part.done(int(row["settled"][0]), start, months)[0]), months, principal, rate)


def rate_of_drawn(
    product: Product, rates: RateBook, row: NDArray[np.void], date: int, balance_minor: int, manner: Manner
) -> int:
    """The rate, in 1e-8 a year, that what is drawn on a date in another than the ordinary manner earns."""
    start = row["start"].copy()
    early, notice, interest = product.one(EarlyWithdrawal), product.one(Notice), product.one(Interest)
    if manner is Manner.EARLY and early is not None:
        agreed = np.array([agreed_rate(product, rates, row, balance_minor)], np.int64)
        return int(early.rate_of_drawn(rates, date, start, agreed)[0])
    if manner is Manner.NOTICED:
        return agreed_rate(product, rates, row, balance_minor, date)
    if manner is Manner.WITHOUT_NOTICE and notice is not None:
        return notice.rate_without(rates, date)
    if manner is Manner.AT_WILL and isinstance(interest, AtWill):
        return int(interest.rate_of_drawn(rates, date, start)[0])
    raise PartMissing(f"The product {product.name} does not say what is earned when drawing {manner.value}.")


def agreed_rate(
    product: Product, rates: RateBook, row: NDArray[np.void], balance_minor: int, date: int | None = None
) -> int:
    """The rate, in 1e-8 a year, that a contract's balance earns on a day, or that it started; 0 without interest."""
    spread = int(row["spread"][0])
    if int(row["rate"][0]) != NO_RATE:
        return _bounded(int(row["rate"][0]) + spread)
    interest = product.one(Interest)
    if interest is None:
        return 0
    day = int(row["start"][0]) if date is None else date
    regime = interest.regimes(rates, day, day + 1, int(row["months"][0]), int(row["days"][0]))[0]
    return _bounded(_tier_rate(regime, balance_minor) + spread)


def _bounded(rate: int) -> int:
    return min(RATE_MAX, max(0, rate))


def _tier_rate(regime: Regime, balance_minor: int) -> int:
    at = int(np.searchsorted(regime.thresholds, max(0, balance_minor), side="right")) - 1
    return int(regime.rates[at])


def _nothing(_: int) -> int:
    return 0


def _drawn_as_agreed(product: Product, row: NDArray[np.void], date: int) -> Callable[[int], int]:
    """What of the principal was paid out in instalments after a day up to a date, in minor units.

    Its interest was to come with the last: who draws all earlier has not had it yet.
    """
    part = product.one(DrawMonthly)
    if part is None:
        return _nothing
    start, months, rate, principal = (row[name].copy() for name in ("start", "months", "rate", "principal"))

    def paid_out(day: int) -> int:
        return _paid_out(part, int(part.done(day, start, months)[0]), months, principal, rate)

    until = paid_out(date)
    return lambda day: until - paid_out(day)


def _paid_out(part: Instalment, number: int, months: Int32Column, principal: Int64Column, rate: Int64Column) -> int:
    """The first `number` instalments of one contract together, in minor units, above zero what the bank pays."""
    numbers = np.arange(1, number + 1, dtype=np.int64)
    amounts = part.amount(numbers, months.repeat(number), principal.repeat(number), rate.repeat(number))
    return -int(amounts.sum())


def _interest(
    accrual: Accrual, amount_minor: int, rate: int, start: int, date: int, there_on: Callable[[int], int]
) -> int:
    """Of an amount at one rate for the days from start to before date, in parts of D of a minor unit.

    By the accumulated balance it counts on each day as far as it was there: an instalment from when it was paid in.
    """
    one = np.array([rate], np.int64)
    if isinstance(accrual, TransactionMethod):
        days = np.array([start], np.int32), np.array([max(start, date)], np.int32)
        whole, remainder = accrual.interest(np.array([amount_minor], np.int64), one, *days)
    elif isinstance(accrual, AccumulatedBalance):
        whole, remainder = np.zeros(1, np.int64), np.zeros(1, np.int64)
        there = [there_on(day) for day in range(start, date)]
        # A sum of balances for one day: the accumulated balance.
        regime = Regime(date - 1, date, np.zeros(1, np.int64), one)
        accrual.accrue([regime], np.array([sum(there)], np.int64), np.zeros(1, np.int64), whole, remainder)
    else:
        raise PartMissing(f"The accrual {accrual.name} does not say what one amount earns at one rate.")
    return int(whole[0]) * accrual.base + int(remainder[0])
