"""What a loan would be, before there is a contract: its instalments, what it costs, and its annual percentage rate."""

import datetime as dt
from decimal import Decimal

import msgspec
import numpy as np

from yinhe.kernel.dates import date_from_days
from yinhe.lending.annual_rate import Flow, NoRate, european_rate, internal_rate, united_states_rate
from yinhe.lending.columns import LOAN, LoanFlag
from yinhe.lending.forthcoming import Forthcoming, instalments_to_come
from yinhe.lending.position import Act, ActKind, work_out_position
from yinhe.lending.refusals import LoanRefusal
from yinhe.products.parts.base import Channel
from yinhe.products.parts.limit import LoanAmount
from yinhe.products.parts.loan_term import LoanTerm
from yinhe.products.parts.refusals import PartRefusal
from yinhe.products.parts.repayment import Repayment, Shape
from yinhe.products.pricing import Facts, price
from yinhe.products.product import Product
from yinhe.products.rates import RateBook


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody would borrow."""

    amount_minor: int
    """Drawn at once."""
    months: int
    start: int
    """The day of drawing, days since 1970-01-01."""
    is_company: bool = False
    tier: int = 0


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A loan of which everything is paid when it is due, at the rates known today."""

    product: str
    asked: Asked
    rate: int
    """Of the day of drawing, 1e-8 a year."""
    instalments: tuple[Forthcoming, ...]
    interest_minor: int
    """All of it."""
    european: Decimal | NoRate
    """Percent, see `annual_rate`; one decimal."""
    united_states: Decimal | NoRate
    internal: Decimal | NoRate


def offer(product: Product, asked: Asked, rates: RateBook) -> Offer | LoanRefusal | PartRefusal:
    """The instalments of a loan of a product, or why it is not offered so. Raises RateMissing.

    Amount and term are held to the product; who borrows, for what and against what security is not looked at.
    """
    refused = _refused(product, asked)
    if refused is not None:
        return refused
    row = np.zeros(1, LOAN)
    row["loan"], row["limit"], row["months"], row["agreed"] = 1, asked.amount_minor, asked.months, asked.start
    row["flags"] = int(LoanFlag.OPEN)
    row["margin"] = int(price(product, rates, _facts(asked), asked.start).spread[0])
    drawn = Act(day=asked.start, kind=ActKind.DRAW, amount=asked.amount_minor)
    at = work_out_position(row, [drawn], asked.start, lambda _: product, rates)
    rate = int(at.row["rate"][0])
    made = tuple(instalments_to_come(at, asked.start, lambda _: product, (), rates))
    advances = [Flow(_date(asked.start), asked.amount_minor)]
    payments = [Flow(_date(one.due), one.total) for one in made if one.total]
    return Offer(
        product=product.name,
        asked=asked,
        rate=rate,
        instalments=made,
        interest_minor=sum(one.interest + one.capitalised for one in made),
        european=european_rate(advances, payments),
        united_states=united_states_rate(advances, payments),
        internal=internal_rate(advances, payments),
    )


def _refused(product: Product, asked: Asked) -> LoanRefusal | PartRefusal | None:
    repayment, term = product.one(Repayment), product.one(LoanTerm)
    if repayment is None or repayment.shape is Shape.STATEMENT:
        return LoanRefusal.NOT_A_LOAN
    if asked.amount_minor <= 0:
        return LoanRefusal.AMOUNT_NOT_POSITIVE
    months, start = np.array([asked.months], np.int32), np.array([asked.start], np.int32)
    if asked.months < 1 or (term is not None and not term.offers(start, months, np.zeros(1, np.int32))[0]):
        return PartRefusal.TERM_NOT_OFFERED
    limit = product.one(LoanAmount)
    return None if limit is None else _over(limit, asked.amount_minor)


def _over(limit: LoanAmount, amount: int) -> PartRefusal | None:
    least, step = limit.least.amount_minor, 1 if limit.step is None else limit.step.amount_minor
    if amount < least:
        return PartRefusal.UNDER_MINIMUM
    if limit.most is not None and amount > limit.most.amount_minor:
        return PartRefusal.OVER_MAXIMUM
    return PartRefusal.OFF_STEP if (amount - least) % step else None


def _facts(asked: Asked) -> Facts:
    return Facts(
        business_date=asked.start,
        amount=np.array([asked.amount_minor], np.int64),
        balance=np.zeros(1, np.int64),
        months=np.array([asked.months], np.int32),
        days=np.zeros(1, np.int32),
        opened=np.array([asked.start], np.int32),
        is_company=np.array([asked.is_company]),
        tier=np.array([asked.tier], np.int32),
        region=np.zeros(1, np.int32),
        channel=np.array([Channel.COUNTER.value], np.int32),
        is_new_money=np.zeros(1, np.bool_),
    )


def _date(day: int) -> dt.date:
    return date_from_days(day)
