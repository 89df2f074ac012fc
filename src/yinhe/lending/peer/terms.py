"""The terms of a peer's product and loan, in the words of the schedule engine."""

from datetime import date
from decimal import Decimal
from typing import Final

import msgspec

from yinhe.kernel.rounding import Rounding
from yinhe.lending.peer.case_file import Product
from yinhe.lending.peer.words import (
    AMORTISATIONS,
    INTEREST_PERIODS,
    METHODS,
    MONTH_DAYS,
    POLICIES,
    RESTS,
    ROUNDINGS,
    START_DATES,
    UNITS,
    YEAR_DAYS,
    UnknownTermError,
    date_or_none,
    decimal_of,
    minor_of,
    ours,
)
from yinhe.lending.schedule.due_dates import first_due_of_gap
from yinhe.lending.schedule.instalment_terms import Grace, InstalmentTerms, Span
from yinhe.lending.schedule.overdue import Rest
from yinhe.lending.schedule.policies import RoundingPolicy

DIGITS: Final = 12
"""Significant digits of the peer's arithmetic, unless a case says otherwise."""
_TRANCHES_THRESHOLD_PERCENT: Final = 50
"""With a fixed instalment and several tranches: what the peer adds to an instalment rather than leave it over."""
_FROM_DISBURSEMENT: Final = frozenset({"DISBURSEMENT_DATE"})


class Dates(msgspec.Struct, frozen=True):
    """The dates of a loan its schedule depends on."""

    submitted: date
    disbursed: date
    """The first disbursement, made or expected."""
    first_due: date | None = None
    """Where it was agreed or fixed when the loan was applied for."""


def rounding_of(product: Product) -> RoundingPolicy:
    """How the product rounds. Raises `UnknownTermError`."""
    mode = ours("product.rounding_mode", product.rounding_mode, ROUNDINGS)
    if product.decimals == 0 and product.currency_in_multiples_of:
        if product.currency_in_multiples_of != 1:
            raise UnknownTermError(
                "product.currency_in_multiples_of", product.currency_in_multiples_of, "amounts are of single units"
            )
        # A currency without decimals, kept to multiples of its unit, goes to the nearest, a tie to the higher.
        mode = Rounding.HALF_UP
    return RoundingPolicy(
        scale=product.decimals,
        mode=mode,
        digits=product.math_precision_digits or DIGITS,
        instalment_multiple=product.installment_in_multiples_of or None,
    )


def first_due_fixed(product: Product, submitted: date, disbursed: date) -> date | None:
    """The first due date a loan keeps whenever it is disbursed: the agreed one, or one moved by the least gap."""
    if product.first_repayment_date is not None:
        return product.first_repayment_date
    gap = product.min_days_disbursal_to_first_repayment or 0
    unit = ours("product.repay_every_unit", product.repay_every_unit, UNITS)
    start = submitted if _starts_submitted(product) else disbursed
    return first_due_of_gap(disbursed, start, gap, product.repay_every, unit) if gap else None


def _starts_submitted(product: Product) -> bool:
    word = product.repayment_start_date_type or "DISBURSEMENT_DATE"
    return ours("product.repayment_start_date_type", word, START_DATES)


def _grace(product: Product) -> Grace:
    return Grace(
        principal=product.grace_principal or 0,
        interest_payment=product.grace_interest_payment or 0,
        interest_charged=product.grace_interest_charged or 0,
    )


def terms_of(product: Product, dates: Dates) -> InstalmentTerms:
    """The terms of a loan on a product. Raises `UnknownTermError`, naming the field."""
    _require_computed(product)
    start = dates.submitted if _starts_submitted(product) else dates.disbursed
    seed = dates.first_due or start
    if product.schedule_start_date is not None:
        start, seed = product.schedule_start_date, dates.disbursed
    spans = tuple(Span(one.from_date, one.due_date) for one in product.periods or ())
    count = len(spans) or product.number_of_repayments
    if count is None:
        raise UnknownTermError("product.number_of_repayments", None, "a loan without given periods has some")
    down = product.down_payment
    fixed = product.fixed_emi
    return InstalmentTerms(
        policy=ours("product.schedule_type", product.schedule_type, POLICIES),
        rounding=rounding_of(product),
        annual_rate=decimal_of("product.annual_rate_pct", product.annual_rate_pct).scaleb(-2),
        count=count,
        every=product.repay_every,
        unit=ours("product.repay_every_unit", product.repay_every_unit, UNITS),
        term=product.term or count * product.repay_every,
        start=spans[0].start if spans else start,
        disbursed=dates.disbursed,
        seed=seed,
        interest_method=ours("product.interest_type", product.interest_type, METHODS),
        amortisation=ours("product.amortization", product.amortization, AMORTISATIONS),
        interest_period=ours(
            "product.interest_calculation_period", product.interest_calculation_period, INTEREST_PERIODS
        ),
        partial_periods=product.allow_partial_period_interest,
        year_days=ours("product.days_in_year", product.days_in_year, YEAR_DAYS),
        month_days=ours("product.days_in_month", product.days_in_month, MONTH_DAYS),
        grace=_grace(product),
        first_due=dates.first_due,
        down_payment_rate=_percent("product.down_payment.pct", down.pct) if down is not None else None,
        tranches=product.multi_disburse_allowed,
        fixed_instalment_minor=None if fixed is None else minor_of("product.fixed_emi", fixed, product.decimals),
        fixed_length=product.fixed_length_days,
        interest_from=date_or_none("product.interest_charged_from", product.interest_charged_from, _FROM_DISBURSEMENT),
        spans=spans,
        threshold_percent=_TRANCHES_THRESHOLD_PERCENT if product.multi_disburse_allowed else 0,
    )


def _require_computed(product: Product) -> None:
    """Refuse what is not computed here rather than compute something else. Raises `UnknownTermError`."""
    if product.product_charges:
        raise UnknownTermError("product.product_charges", product.product_charges, "charges have no rows here")
    recalculation = product.interest_recalculation
    if recalculation is not None and recalculation.compounding not in (None, "NONE"):
        field = "product.interest_recalculation.compounding"
        raise UnknownTermError(field, recalculation.compounding, "interest is not compounded here")


def rest_of(product: Product) -> Rest | None:
    """Up to when overdue principal bears interest; None where it bears none. Raises `UnknownTermError`."""
    recalculation = product.interest_recalculation
    if recalculation is None:
        return None
    return ours("product.interest_recalculation.rest_frequency", recalculation.rest_frequency, RESTS)


def _percent(field: str, text: str) -> Decimal:
    return decimal_of(field, text).scaleb(-2)
