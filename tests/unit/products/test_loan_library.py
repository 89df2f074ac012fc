"""Each loan of the library, worked by hand from the convention: what is granted, paid, due and charged.

Rates are those the library posts: from 2025-05-20 an LPR of 3.00 % for a year and of 3.50 % over five years.
"""

import numpy as np
import pytest
from tests.unit.products.parts.words import counts, day, days, facts, fen, yuan

from yinhe.products.parts.allocation import Allocation
from yinhe.products.parts.application import Application, ApplicationPart, Purpose
from yinhe.products.parts.card import BillingCycle, InstalmentPlans, InterestFree, MinimumPayment
from yinhe.products.parts.classification import Classification, Grade, NonAccrual
from yinhe.products.parts.drawdown import Drawdown, Line
from yinhe.products.parts.fee import Fee, FeeEvent
from yinhe.products.parts.grace import Grace
from yinhe.products.parts.loan_interest import LoanInterest
from yinhe.products.parts.overdraft import Overdraft
from yinhe.products.parts.overdue import Misuse, Overdue
from yinhe.products.parts.prepayment import Prepayment
from yinhe.products.parts.purpose import Payee, Payment
from yinhe.products.parts.refusals import PartRefusal as R
from yinhe.products.parts.repayment import Repayment, Standing
from yinhe.products.parts.term import TermPart
from yinhe.products.pricing import price
from yinhe.products.product_library import library_products, library_rates
from yinhe.products.rates import RateBook, RateEntry

RATES = RateBook(RateEntry(one.table, one.effective, one.effective, one.rate) for one in library_rates())
PRODUCTS = {product.code: product for product in library_products()}
NOTHING = fen(0)


def part(code, cls):
    found = PRODUCTS[code].one(cls)
    assert found is not None
    return found


def applied(amount, purpose, **given):
    """One loan applied for, amounts in yuan; a borrower of the highest tier who earns a million a month."""
    amounts = {"price": 0, "collateral": 0, "guaranteed": 0, "instalment": 0, "other_dues": 0, "income": 1_000_000}
    amounts |= {name: value for name, value in given.items() if name in amounts} | {"amount": amount}
    return Application(
        **{name: fen(value * 100) for name, value in amounts.items()},
        guarantors=fen(given.get("guarantors", 0)),
        tier=counts(given.get("tier", 9)),
        purpose=counts(purpose),
    )


def refusals(code, application):
    """Why a product refuses an application: every reason there is."""
    found = [one.refuse(application) for one in PRODUCTS[code].all(ApplicationPart)]
    return {int(column[0]) for column in found} - {R.NONE}


HOME = {"price": 1_250_000, "collateral": 1_250_000}
PLANT = {"collateral": 100_000_000, "guarantors": 2}

APPLICATIONS = [
    ("mortgage", applied(1_000_000, Purpose.HOME, **HOME), set()),
    ("mortgage", applied(1_062_500, Purpose.HOME, **HOME), set()),
    ("mortgage", applied(1_062_501, Purpose.HOME, **HOME), {R.OWN_FUNDS_TOO_LITTLE, R.COLLATERAL_TOO_LITTLE}),
    ("mortgage", applied(1_000_000, Purpose.CAR, **HOME), {R.PURPOSE_NOT_ALLOWED}),
    ("mortgage", applied(1_000_000, Purpose.HOME, income=8_000, instalment=4_325, **HOME), {R.INCOME_TOO_LOW}),
    ("consumer_loan", applied(500_000, Purpose.CAR), set()),
    ("consumer_loan", applied(500_000, Purpose.CAR, tier=3), {R.OVER_LIMIT}),
    ("consumer_loan", applied(10_000, Purpose.SECURITIES), {R.PURPOSE_NOT_ALLOWED, R.PURPOSE_FORBIDDEN}),
    ("business_loan", applied(700_000, Purpose.EQUIPMENT, collateral=1_000_000), set()),
    ("business_loan", applied(701_000, Purpose.EQUIPMENT, collateral=1_000_000), {R.COLLATERAL_TOO_LITTLE}),
    ("working_capital", applied(5_000_000, Purpose.WORKING_CAPITAL, guaranteed=5_000_000, guarantors=1), set()),
    ("working_capital", applied(5_000_000, Purpose.WORKING_CAPITAL), {R.GUARANTORS_TOO_FEW}),
    ("project_loan", applied(60_000_000, Purpose.CONSTRUCTION, guaranteed=30_000_000, **PLANT), set()),
    ("project_loan", applied(60_000_000, Purpose.EQUIPMENT, guaranteed=29_999_999, **PLANT), {R.GUARANTEE_TOO_LITTLE}),
    ("technology_line", applied(10_000_000, Purpose.RESEARCH), set()),
    ("technology_line", applied(10_010_000, Purpose.RESEARCH), {R.OVER_MAXIMUM}),
    ("credit_card", applied(500_000, Purpose.GOODS), set()),
    ("credit_card", applied(50_100, Purpose.GOODS, tier=0), {R.OVER_LIMIT}),
    ("freight_loan", applied(2_000_000, Purpose.FREIGHT), set()),
    ("freight_loan", applied(2_000_000, Purpose.WORKING_CAPITAL), {R.PURPOSE_NOT_ALLOWED}),
]  # fmt: skip


@pytest.mark.parametrize(("code", "application", "reasons"), APPLICATIONS)
def test_a_product_grants_what_it_is_for(code, application, reasons):
    assert refusals(code, application) == reasons


PAYMENTS = [
    ("mortgage", "1", Payee.BORROWER, R.PAYEE_NOT_ALLOWED),
    ("mortgage", "1000000", Payee.SUPPLIER, R.NONE),
    ("consumer_loan", "300000", Payee.BORROWER, R.NONE),
    ("consumer_loan", "300000.01", Payee.BORROWER, R.SUPPLIER_ONLY),
    ("business_loan", "500000", Payee.BORROWER, R.NONE),
    ("business_loan", "500000.01", Payee.BORROWER, R.SUPPLIER_ONLY),
    ("working_capital", "10000000.01", Payee.BORROWER, R.SUPPLIER_ONLY),
    ("project_loan", "10000000.01", Payee.SUPPLIER, R.NONE),
    ("technology_line", "10000000", Payee.BORROWER, R.NONE),
    ("freight_loan", "100", Payee.CARRIER, R.NONE),
    ("freight_loan", "100", Payee.BORROWER, R.PAYEE_NOT_ALLOWED),
    ("freight_loan", "100", Payee.SUPPLIER, R.PAYEE_NOT_ALLOWED),
]


@pytest.mark.parametrize(("code", "amount", "payee", "refusal"), PAYMENTS)
def test_the_money_goes_where_the_rules_say(code, amount, payee, refusal):
    assert part(code, Payment).refuse(fen(yuan(amount).amount_minor), counts(payee)).tolist() == [refusal]


@pytest.mark.parametrize(
    ("code", "rate", "penalty", "misuse"),
    [
        ("mortgage", 3_200_000, 4_800_000, 6_400_000),
        ("consumer_loan", 3_600_000, 5_400_000, 7_200_000),
        ("business_loan", 3_400_000, 5_100_000, 6_800_000),
        ("working_capital", 3_500_000, 5_250_000, 7_000_000),
        ("project_loan", 3_700_000, 5_550_000, 7_400_000),
        ("technology_line", 3_300_000, 4_950_000, 6_600_000),
        ("freight_loan", 4_200_000, 6_300_000, 8_400_000),
    ],
)
def test_the_rate_of_a_loan_drawn_today_and_what_lateness_and_misuse_make_of_it(code, rate, penalty, misuse):
    today = day("2026-01-15")
    found = part(code, LoanInterest).rate(RATES, today, days("2026-01-15"), NOTHING)
    assert found.tolist() == [rate]
    assert part(code, Overdue).penalty_rate(found).tolist() == [penalty]
    assert part(code, Misuse).rate(found).tolist() == [misuse]


def test_a_mortgage_of_a_million_over_thirty_years():
    # LPR over five years of 3.50 % less 30 basis points: 3.20 %; 4,324.67 a month, of it 2,666.67 interest at first.
    repayment, lent = part("mortgage", Repayment), fen(100_000_000)
    payment = repayment.payment(lent, lent, fen(3_200_000), fen(360))
    assert payment.tolist() == [432_467]
    first = Standing(fen(1), counts(360), fen(0), lent, lent, fen(266_667), payment)
    assert repayment.principal_due(first).tolist() == [165_800]
    assert repayment.due_on(fen(1, 360), days(*["2026-01-31"] * 2), counts(360, 360)).tolist() == [
        day("2026-02-28"),
        day("2056-01-31"),
    ]
    # Drawn in 2024 it followed the LPR of October 2024 until the first day of 2026.
    interest = part("mortgage", LoanInterest)
    rates = [
        interest.rate(RATES, day(one), days("2024-11-15"), NOTHING).tolist() for one in ("2025-12-31", "2026-01-01")
    ]
    assert rates == [[3_300_000], [3_200_000]]
    # 100,000.00 repaid early costs 1 % in the first year.
    prepayment = part("mortgage", Prepayment)
    assert prepayment.fee(day("2027-01-30"), days("2026-01-31"), fen(10_000_000)).tolist() == [100_000]
    assert prepayment.fee(day("2027-01-31"), days("2026-01-31"), fen(10_000_000)).tolist() == [0]


def test_a_consumer_of_a_high_tier_pays_less():
    found = price(
        PRODUCTS["consumer_loan"], RATES, facts(3, amount=fen(1, 1, 1), tier=counts(0, 3, 5)), day("2026-01-15")
    )
    assert found.rate.tolist() == [3_600_000, 3_500_000, 3_400_000]


def test_a_business_pays_interest_each_month_and_the_principal_at_the_end():
    # 500,000.00 at 3.40 % from 15 January to 20 February, 36 days over 360: 1,700.00.
    interest, repayment = part("business_loan", LoanInterest), part("business_loan", Repayment)
    whole, rest = interest.interest(fen(50_000_000), fen(3_400_000), days("2026-01-15"), days("2026-02-20"))
    assert (whole.tolist(), rest.tolist()) == ([170_000], [0])
    owed = fen(50_000_000)
    at = [Standing(fen(number), counts(12), NOTHING, owed, owed, whole, NOTHING) for number in (1, 11, 12)]
    assert [repayment.principal_due(one).tolist() for one in at] == [[0], [0], [50_000_000]]
    assert repayment.due_on(fen(1, 12), days(*["2026-01-15"] * 2), counts(12, 12)).tolist() == [
        day("2026-02-20"),
        day("2027-01-15"),
    ]


def test_a_project_is_repaid_after_two_years_of_grace():
    # Ten years have 40 quarters; 8 are free of principal, and 32 repay 60 million by 1,875,000.00 each.
    repayment, grace = part("project_loan", Repayment), part("project_loan", Grace)
    count = repayment.count(counts(120))
    free = grace.without_principal(count, repayment.every)
    assert (count.tolist(), free.tolist()) == ([40], [8])
    lent, dues = 6_000_000_000, []
    owed = lent
    for number in range(1, 41):
        at = Standing(fen(number), counts(120), free, fen(lent), fen(owed), NOTHING, NOTHING)
        dues.append(int(repayment.principal_due(at)[0]))
        owed -= dues[-1]
    assert dues == [0] * 8 + [187_500_000] * 32


def test_a_technology_company_draws_and_repays_at_will_for_two_years():
    drawdown = part("technology_line", Drawdown)

    def refusal(date, amount, drawn, owed, times):
        line = Line(fen(1_000_000_000), fen(drawn), fen(owed), fen(times), days("2026-01-15"), days("2028-01-15"))
        return drawdown.refuse(day(date), fen(amount), line).tolist()

    assert refusal("2026-01-15", 1_000_000_000, 0, 0, 0) == [R.NONE]
    assert refusal("2026-03-01", 1_000_000, 1_000_000_000, 1_000_000_000, 1) == [R.OVER_LIMIT]
    assert refusal("2026-03-01", 400_000_000, 1_000_000_000, 600_000_000, 1) == [R.NONE]
    assert refusal("2026-03-01", 999_999, 1_000_000_000, 600_000_000, 1) == [R.UNDER_MINIMUM]
    assert refusal("2028-01-15", 1_000_000, 0, 0, 0) == [R.DRAWING_OVER]
    terms = part("technology_line", TermPart)
    assert terms.offers(days(*["2026-01-15"] * 2), counts(24, 25), counts(0, 0)).tolist() == [True, False]
    prepayment = part("technology_line", Prepayment)
    assert prepayment.refuse(day("2026-01-16"), days("2026-01-15"), fen(1), fen(600_000_000), fen(99)).tolist() == [
        R.NONE
    ]


def test_a_month_of_a_credit_card():
    cycle, minimum = part("credit_card", BillingCycle), part("credit_card", MinimumPayment)
    statement = cycle.statement_on(days("2026-01-05", "2026-02-04"))
    assert statement.tolist() == [day("2026-02-05")] * 2
    due = cycle.due_on(statement)
    assert due.tolist() == [day("2026-02-25")] * 2
    # 51 days for a purchase of the billing day, 21 for one of the day before the next.
    assert (due - days("2026-01-05", "2026-02-04")).tolist() == [51, 21]
    # 8,000.00 of purchases and 35.20 of interest: 800.00 and 35.20; a statement of 60.00 is paid whole.
    assert minimum.minimum(fen(800_000, 6_000), fen(3_520, 0)).tolist() == [83_520, 6_000]
    free = part("credit_card", InterestFree)
    assert free.is_free(np.array([True, True, False]), np.array([False, True, False])).tolist() == [True, False, False]
    # 0.05 % a day: 8,000.00 for 30 days bears 120.00.
    interest = part("credit_card", LoanInterest)
    whole, rest = interest.interest(fen(800_000), fen(18_250_000), days("2026-02-05"), days("2026-03-07"))
    assert (whole.tolist(), rest.tolist()) == ([12_000], [0])
    # Of 835.20 nothing is paid within the three days of grace: 5 % of it, 41.76.
    late = part("credit_card", Overdue)
    assert late.days_past_due(day("2026-02-28"), days("2026-02-25")).tolist() == [0]
    assert late.days_past_due(day("2026-03-01"), days("2026-02-25")).tolist() == [4]
    assert late.charge(fen(83_520, 10_000, 1_000)).tolist() == [4_176, 1_000, 0]


def test_a_purchase_by_card_in_twelve_instalments_and_cash_by_card():
    # 12,000.00 in twelve: 1,000.00 and 0.60 % of the whole, 72.00, each.
    plans = part("credit_card", InstalmentPlans)
    principal, fee = plans.due(fen(1, 12), fen(12, 12), fen(1_200_000, 1_200_000))
    assert (principal.tolist(), fee.tolist()) == ([100_000, 100_000], [7_200, 7_200])
    cash = next(one for one in PRODUCTS["credit_card"].all(Fee) if one.event is FeeEvent.CASH_ADVANCE)
    assert cash.fee(fen(1, 1), fen(200_000, 50_000), fen(0, 0)).tolist() == [2_000, 1_000]


LOANS = [code for code, product in PRODUCTS.items() if product.one(LoanInterest) is not None]


@pytest.mark.parametrize("code", LOANS)
def test_every_loan_is_graded_and_allocated_by_the_rules_in_force(code):
    late = fen(0, 1, 90, 91, 271, 361)
    quiet = np.zeros(6, np.bool_)
    grade = part(code, Classification).grade(late, quiet, np.zeros(6, np.int64), quiet)
    assert grade.tolist() == [Grade.NORMAL, Grade.SPECIAL_MENTION, Grade.SPECIAL_MENTION, Grade.SUBSTANDARD, 4, 5]
    assert part(code, NonAccrual).is_non_accrual(late, grade).tolist() == [False] * 3 + [True] * 3
    due = np.array([[[10, 10, 10, 10, 100]]] * 2, np.int64)
    paid = part(code, Allocation).split(fen(50, 50), due, fen(90, 91))
    assert paid[:, 0].tolist() == [[10, 10, 10, 10, 10], [0, 0, 0, 0, 50]]


def test_a_company_may_overdraw_its_account_at_the_lpr_and_a_half():
    overdraft = part("corporate_overdraft", Overdraft)
    assert overdraft.floor(facts(1)).tolist() == [-100_000_000]
    (regime,) = overdraft.regimes(RATES, day("2026-01-15"), day("2026-02-15"))
    assert regime.rates.tolist() == [4_500_000]
