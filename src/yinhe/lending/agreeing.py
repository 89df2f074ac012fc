"""Whether a loan may be agreed on: the version, the account, the price, and what the product's parts say. Pure."""

from collections.abc import Callable
from typing import Final

import numpy as np

from yinhe.kernel.currency import currency
from yinhe.ledger.columns import AMOUNT_MAX
from yinhe.lending.accrual import Loans
from yinhe.lending.columns import LOAN, LoanFlag
from yinhe.lending.commands import Agree
from yinhe.lending.refusals import Because, LoanRefusal, Refusal
from yinhe.products.catalogue import Catalogue
from yinhe.products.parts.application import Application, ApplicationPart
from yinhe.products.parts.base import Facts, Int32Column, Int64Column
from yinhe.products.parts.drawdown import Drawdown
from yinhe.products.parts.eligibility import Eligibility
from yinhe.products.parts.loan_interest import LoanInterest
from yinhe.products.parts.loan_term import LoanTerm
from yinhe.products.parts.refusals import PartRefusal
from yinhe.products.parts.repayment import Repayment
from yinhe.products.pricing import may_agree, price
from yinhe.products.product import Product
from yinhe.products.rates import RateBook
from yinhe.products.terms import RATE

CurrencyOf = Callable[[int], int | None]
"""The ISO 4217 number of an account's currency; None where there is no such open account."""

_COUNT_MAX: Final = 2**31 - 1


def decide_agree(
    command: Agree, catalogue: Catalogue, date: int, number: int, currency_of: CurrencyOf
) -> Loans | Refusal:
    """A loan as agreed, dtype LOAN, shape (1,), its accounts still to be opened. Raises RateMissing."""
    refused = _refuse_agree(command, catalogue, date, currency_of)
    if refused is not None:
        return refused
    product = catalogue.product(command.version)
    row = np.zeros(1, LOAN)
    for name in ("version", "months", "linked", "branch", "region"):
        row[name] = getattr(command, name)
    row["margin"] = margin_of(command, product, catalogue.rates, date)
    row["loan"], row["limit"], row["agreed"] = number, command.amount_minor, date
    drawdown, term = product.one(Drawdown), product.one(LoanTerm)
    flags = LoanFlag.OPEN | (LoanFlag.COMPANY if command.is_company else LoanFlag(0))
    if drawdown is not None and drawdown.is_revolving:
        flags |= LoanFlag.REVOLVING
        signed, no_days = np.array([date], np.int32), np.zeros(1, np.int32)
        # A line runs from the day it is agreed, whenever something is drawn on it.
        row["maturity"] = 0 if term is None else term.maturity(signed, row["months"].copy(), no_days)
    row["flags"] = int(flags | (LoanFlag.PAYS_WHOLE if command.pays_whole else LoanFlag(0)))
    return row


def _refuse_agree(command: Agree, catalogue: Catalogue, date: int, currency_of: CurrencyOf) -> Refusal | None:
    version = catalogue.refusal(command.version, date)
    if version is not None:
        return Refusal(version)
    product = catalogue.product(command.version)
    if not is_loan(product):
        return Refusal(LoanRefusal.NOT_A_LOAN)
    if not command.borrower:
        return Refusal(LoanRefusal.BORROWER_MISSING)
    if command.amount_minor <= 0:
        return Refusal(LoanRefusal.AMOUNT_NOT_POSITIVE)
    if command.amount_minor > AMOUNT_MAX:
        return Refusal(PartRefusal.OVER_MAXIMUM)
    wrong = refuse_account(command.linked, product, currency_of)
    if wrong is not None:
        return wrong
    if command.margin and not may_agree(product, RATE, _margined(product, catalogue.rates, date, command.margin)):
        return Refusal(LoanRefusal.MARGIN_OUT_OF_BOUNDS)
    return _refused_by_parts(command, product, catalogue.rates, date)


def _margined(product: Product, rates: RateBook, date: int, margin: int) -> int:
    interest = product.one(LoanInterest)
    assert interest is not None
    start = np.array([date], np.int32)
    return int(interest.rate(rates, date, start, one64(margin))[0])


def _refused_by_parts(command: Agree, product: Product, rates: RateBook, date: int) -> Refusal | None:
    term, months, signed = product.one(LoanTerm), _one32(command.months), _one32(date)
    offered = term is None or bool(term.offers(signed, months, _one32(0))[0])
    if not offered:
        return Refusal(PartRefusal.TERM_NOT_OFFERED)
    facts = _facts_of(command, date)
    repayment = product.one(Repayment)
    assert repayment is not None
    margin = margin_of(command, product, rates, date)
    amount, rate = one64(command.amount_minor), one64(_margined(product, rates, date, margin))
    application = Application(
        amount=amount,
        price=one64(command.price_minor),
        collateral=one64(command.collateral_minor),
        guaranteed=one64(command.guaranteed_minor),
        guarantors=one64(len(command.guarantors)),
        income=one64(command.income_minor),
        instalment=repayment.payment(amount, amount, rate, repayment.count(months)) // repayment.every,
        other_dues=one64(command.other_dues_minor),
        tier=_one32(command.tier),
        purpose=_one32(command.purpose),
    )
    codes = [int(part.refuse(facts)[0]) for part in product.all(Eligibility)]
    codes += [int(part.refuse(application)[0]) for part in product.parts if isinstance(part, ApplicationPart)]
    return next((Refusal(PartRefusal(code)) for code in codes if code), None)


def margin_of(command: Agree, product: Product, rates: RateBook, date: int) -> int:
    """What is agreed on top of the product's rate, 1e-8: what was negotiated, or else the product's own adjustments."""
    return command.margin or int(price(product, rates, _facts_of(command, date), date).spread[0])


def _facts_of(command: Agree, date: int) -> Facts:
    return Facts(
        business_date=date,
        amount=one64(command.amount_minor),
        balance=one64(0),
        months=_one32(command.months),
        days=_one32(0),
        opened=_one32(date),
        is_company=np.array([command.is_company]),
        tier=_one32(command.tier),
        region=_one32(command.region),
        channel=_one32(command.channel.value),
        is_new_money=np.zeros(1, np.bool_),
    )


def one64(value: int) -> Int64Column:
    """A number as parts take it, int64[1]; one beyond all amounts as the first beyond them, to be refused as such."""
    return np.array([min(max(value, -AMOUNT_MAX - 1), AMOUNT_MAX + 1)], np.int64)


def _one32(value: int) -> Int32Column:
    return np.array([min(max(value, -_COUNT_MAX), _COUNT_MAX)], np.int32)


def is_loan(product: Product) -> bool:
    """Whether a product has what no loan is without."""
    return product.one(LoanInterest) is not None and product.one(Repayment) is not None


def refuse_taking(product: Product, linked: int, currency_of: CurrencyOf) -> Refusal | None:
    """Why a loan that another bank has lent may not go on as one of a product, collected from an account (0: none)."""
    if not is_loan(product):
        return Refusal(LoanRefusal.NOT_A_LOAN)
    return refuse_account(linked, product, currency_of) if linked else None


def refuse_account(account: int, product: Product, currency_of: CurrencyOf) -> Refusal | None:
    """Why an account cannot take or give the money of a loan: it is not there, or of another currency."""
    its = currency_of(account) if account else None
    found: Because | None = None
    if its is None:
        found = LoanRefusal.ACCOUNT_UNKNOWN if account else LoanRefusal.PAYEE_MISSING
    elif its != currency(product.currency).number:
        found = LoanRefusal.CURRENCY_DIFFERS
    return None if found is None else Refusal(found)
