"""Products tried out: a deposit that lives through some days, a loan that is repaid. Nothing is posted."""

import datetime as dt
from decimal import Decimal
from typing import Final

from yinhe.api.call import Call
from yinhe.api.forms import date_form, date_or_none, money_form, rate_text, read_amount
from yinhe.api.handlers.loan_pages import forthcoming_of
from yinhe.api.handlers.product_forms import (
    DepositScenario,
    DepositSimulation,
    LoanOffer,
    LoanScenario,
    ProductParams,
    ProductRefusal,
    SimulatedEnd,
    SimulatedEvent,
)
from yinhe.api.handlers.product_reads import find_product
from yinhe.api.problem import Reasons
from yinhe.api.route import Handled, RefusalLike, Reply
from yinhe.closeday.errors import NightFault
from yinhe.closeday.scenario import Movement, Scenario, Simulation
from yinhe.closeday.simulate import simulate
from yinhe.kernel.currency import Currency, currency
from yinhe.kernel.dates import days_from_date
from yinhe.kernel.errors import OutOfRangeError
from yinhe.kernel.refusals import Refusal
from yinhe.lending.annual_rate import NoRate
from yinhe.lending.offer import Asked, Offer, offer
from yinhe.lending.refusals import Refusal as LendingRefusal
from yinhe.products.errors import RateMissing
from yinhe.products.families import Family, family_of
from yinhe.products.product import Product

SIMULATED_DAYS_MAX: Final = 1_830
"""Most days of one simulation over the interface: five years, some seconds of work."""
FIRST_DAY: Final = dt.date(1980, 1, 1)
LAST_DAY: Final = dt.date(2199, 12, 31)
SIMULATED_MINOR_MAX: Final = 10**15
"""No amount of a trial is larger, so that the sum of all fits the ledger's columns."""


def simulate_deposit(call: Call) -> Handled:
    """Let one contract of a product live through some days."""
    body = call.body_as(DepositScenario)
    product = find_product(call, call.params_as(ProductParams).code, body.version)
    if not isinstance(product, Product):
        return product
    if family_of(product) is Family.LOAN:
        return Refusal(ProductRefusal.NOT_A_DEPOSIT)
    scenario = _scenario(call, body, product)
    if not isinstance(scenario, Scenario):
        return scenario
    try:
        found = simulate(scenario)
    except RateMissing:
        return Refusal(ProductRefusal.RATE_SILENT)
    except (NightFault, OutOfRangeError):
        return Refusal(ProductRefusal.NOT_WORKED_OUT)
    return Reply(value=_simulation(found)) if isinstance(found, Simulation) else found


def _scenario(call: Call, body: DepositScenario, product: Product) -> Scenario | RefusalLike:
    its, start, last = currency(product.currency), days_from_date(body.start), days_from_date(body.until)
    closing = 0 if body.close is None else days_from_date(body.close)
    asked_on = [days_from_date(one.date) for one in body.movements] + ([closing] if closing else [])
    is_near = body.start >= FIRST_DAY and body.until <= LAST_DAY and 1 <= last - start + 1 <= SIMULATED_DAYS_MAX
    if not is_near or any(not start <= day <= last for day in asked_on):
        return Refusal(ProductRefusal.DAYS_OUT_OF_BOUNDS)
    deposit = 0 if body.deposit is None else _amount(body.deposit, its)
    amounts = [_amount(one.amount, its) for one in body.movements]
    wrong = next((one for one in (deposit, *amounts) if not isinstance(one, int)), None)
    if wrong is not None:
        return wrong
    assert isinstance(deposit, int), "what is no number was refused"
    return Scenario(
        product=product,
        rates=call.bank.holding.catalogue.rates,
        start=start,
        last=last,
        deposit_minor=deposit,
        movements=tuple(
            Movement(days_from_date(one.date), amount)
            for one, amount in zip(body.movements, amounts, strict=True)
            if isinstance(amount, int) and amount
        ),
        months=body.months,
        days=body.days,
        closing=closing,
        auto_renew=body.renew,
        linked=body.linked,
        is_company=body.company,
        tier=body.tier,
    )


def _amount(text: str, its: Currency) -> int | RefusalLike:
    found = read_amount(text, its)
    if isinstance(found, int) and abs(found) > SIMULATED_MINOR_MAX:
        return Refusal(ProductRefusal.AMOUNT_OUT_OF_BOUNDS)
    return found


def _simulation(found: Simulation) -> DepositSimulation:
    number, totals = currency(found.currency).number, found.totals
    return DepositSimulation(
        product=found.product,
        start=date_form(found.start),
        until=date_form(found.last),
        maturity=date_or_none(found.maturity),
        events=tuple(
            SimulatedEvent(
                date=date_form(one.date),
                words=Reasons(one.english, one.chinese),
                refused=one.refused,
                amount=money_form(one.amount_minor, number),
                balance=money_form(one.balance_minor, number),
            )
            for one in found.happenings
        ),
        days=tuple(
            SimulatedEnd(
                date=date_form(one.date),
                balance=money_form(one.balance_minor, number),
                accrued=money_form(one.whole, number),
            )
            for one in found.days
        ),
        paid_in=money_form(totals.paid_in_minor, number),
        paid_out=money_form(totals.paid_out_minor, number),
        interest=money_form(totals.interest_minor, number),
        tax=money_form(totals.tax_minor, number),
        fees=money_form(totals.fees_minor, number),
        balance=money_form(totals.balance_minor, number),
        accrued=money_form(totals.accrued_minor, number),
    )


def schedule_loan(call: Call) -> Handled:
    """The instalments of a loan before there is a contract, and what it costs a year."""
    body = call.body_as(LoanScenario)
    product = find_product(call, call.params_as(ProductParams).code, body.version)
    if not isinstance(product, Product):
        return product
    amount = _amount(body.amount, currency(product.currency))
    if not isinstance(amount, int):
        return amount
    if not FIRST_DAY <= body.start <= LAST_DAY:
        return Refusal(ProductRefusal.DAYS_OUT_OF_BOUNDS)
    start = days_from_date(body.start)
    asked = Asked(amount_minor=amount, months=body.months, start=start, is_company=body.company, tier=body.tier)
    try:
        found = offer(product, asked, call.bank.holding.catalogue.rates)
    except RateMissing:
        return Refusal(ProductRefusal.RATE_SILENT)
    except OutOfRangeError:
        return Refusal(ProductRefusal.NOT_WORKED_OUT)
    return Reply(value=_offer(found, product)) if isinstance(found, Offer) else LendingRefusal(found)


def _offer(found: Offer, product: Product) -> LoanOffer:
    number = currency(product.currency).number
    return LoanOffer(
        product=found.product,
        amount=money_form(found.asked.amount_minor, number),
        months=found.asked.months,
        start=date_form(found.asked.start),
        rate=rate_text(found.rate),
        interest=money_form(found.interest_minor, number),
        annual_rate_eu=_percent(found.european),
        annual_rate_us=_percent(found.united_states),
        internal_rate=_percent(found.internal),
        instalments=tuple(forthcoming_of(one, number) for one in found.instalments),
    )


def _percent(rate: Decimal | NoRate) -> str | None:
    return None if isinstance(rate, NoRate) else str(rate)
