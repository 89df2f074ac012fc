"""The price of contracts: the product's rate on a day, what each pricing part adds, and why.

Columnar as the night: one contract on a screen is a column of length one.
"""

from typing import Final

import msgspec
import numpy as np

from yinhe.kernel.rates import Rate, format_rate
from yinhe.products.errors import RateMissing
from yinhe.products.parts.base import Facts, Int64Column, Regime
from yinhe.products.parts.interest import DEPOSIT_RATE_MAX, Interest
from yinhe.products.parts.loan_interest import LOAN_RATE_MAX, LoanInterest
from yinhe.products.parts.pricing import SPREAD_MAX, Pricing
from yinhe.products.product import Product, TermRule
from yinhe.products.rates import RateBook

RATE_LEAST: Final = 0
"""No deposit earns less than nothing, and no loan does."""


class PriceLine(msgspec.Struct, frozen=True, eq=False):
    """What one pricing part gives each contract: int64[n] of 1e-8, 0 where it does not apply."""

    part: Pricing
    spread: Int64Column


class Price(msgspec.Struct, frozen=True, eq=False):
    """The price of n contracts; int64[n] of 1e-8 a year each."""

    base: Int64Column
    """The product's rate for the contract's term and the tier its amount lies in."""
    spread: Int64Column
    """What is added to it, after the bounds."""
    lines: tuple[PriceLine, ...]
    """What each pricing part gave, before the bounds."""
    is_loan: bool = False

    @property
    def rate(self) -> Int64Column:
        """What the contract earns, or costs where it is a loan."""
        return self.base + self.spread


class Reason(msgspec.Struct, frozen=True):
    """One line of an explanation."""

    english: str
    chinese: str


def price(product: Product, book: RateBook, facts: Facts, date: int) -> Price:
    """Price contracts on a date (days since 1970-01-01); the rate stays between 0 and what its family may have.

    A loan is priced as one that is drawn on the date. Raises RateMissing where the product has no rate for a term or a
    day.
    """
    base = base_rates(product, book, facts, date)
    lines = tuple(PriceLine(part, part.spread(facts, book)) for part in product.all(Pricing))
    asked = np.zeros(len(base), np.int64)
    for line in lines:
        asked += line.spread
    most = DEPOSIT_RATE_MAX if product.one(LoanInterest) is None else LOAN_RATE_MAX
    spread = np.clip(np.clip(asked, -SPREAD_MAX, SPREAD_MAX), RATE_LEAST - base, most - base)
    return Price(base, spread, lines, product.one(LoanInterest) is not None)


def base_rates(product: Product, book: RateBook, facts: Facts, date: int) -> Int64Column:
    """The product's own rate for each contract on a date, int64[n]: by its term, and by the tier its amount lies in.

    Where each slice earns its own rate, this is that of the highest slice reached. Raises RateMissing.
    """
    loan, interest = product.one(LoanInterest), product.one(Interest)
    if loan is not None:
        count = len(facts.amount)
        return loan.rate(book, date, np.full(count, date, np.int32), np.zeros(count, np.int64))
    if interest is None:
        raise RateMissing(f"Product {product.name} has no interest.")
    found = np.zeros(len(facts.amount), np.int64)
    terms = np.stack([facts.months, facts.days], axis=1)
    distinct, which = np.unique(terms, axis=0, return_inverse=True)
    for number, (months, days) in enumerate(distinct.tolist()):
        (regime, *_) = interest.regimes(book, date, date + 1, months, days)
        chosen = which.ravel() == number
        found[chosen] = tier_rates(regime, facts.amount[chosen])
    return found


def tier_rates(regime: Regime, amount: Int64Column) -> Int64Column:
    """The rate of the tier each amount (minor units) lies in, int64[n]."""
    at = np.searchsorted(regime.thresholds, amount, side="right") - 1
    return regime.rates[np.maximum(at, 0)]


def explain(price: Price, contract: int) -> tuple[Reason, ...]:
    """Why a contract (its place in the columns) has its price: the base, each part, what the bounds did, the sum."""
    base, rate, spread = (int(column[contract]) for column in (price.base, price.rate, price.spread))
    reasons = [Reason(f"The product's rate is {_text(base)}.", f"产品利率为{_text(base)}。")]
    asked = 0
    for line in price.lines:
        given = int(line.spread[contract])
        asked += given
        english, chinese = line.part.text()
        if given:
            said = (
                f"{line.part.name} gives {_signed(given)}: {english}",
                f"{line.part.name}浮动{_signed(given)}：{chinese}",
            )
        else:
            said = (
                f"{line.part.name} gives nothing, for it does not apply here: {english}",
                f"{line.part.name}在此不适用：{chinese}",
            )
        reasons.append(Reason(*said))
    if asked != spread:
        reasons.append(
            Reason(
                f"Together they would give {_signed(asked)}; the bounds allow {_signed(spread)}.",
                f"合计浮动{_signed(asked)}，超出限度，按{_signed(spread)}执行。",
            )
        )
    does = "bears" if price.is_loan else "earns"
    return (*reasons, Reason(f"The contract {does} {_text(rate)} a year.", f"合约年利率为{_text(rate)}。"))


def may_agree(product: Product, term: str, value: int) -> bool:
    """Whether a value of a negotiated term (rates in 1e-8, else minor units) lies within the product's bounds."""
    known = next((one for one in product.terms if one.name == term and one.rule is TermRule.NEGOTIATE), None)
    if known is None or known.least is None or known.most is None:
        return False
    return known.least <= value <= known.most


def _text(units: int) -> str:
    return format_rate(Rate(units))


def _signed(units: int) -> str:
    return f"{'-' if units < 0 else '+'}{format_rate(Rate(abs(units)))}"
