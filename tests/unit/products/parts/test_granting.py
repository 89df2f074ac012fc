"""Whether a loan is granted, drawn and paid, and to whom."""

import numpy as np
import pytest

from yinhe.products.parts import drawdown, limit, loan_term, purpose, security
from yinhe.products.parts.application import PURPOSE_WORDS, Application, Purpose
from yinhe.products.parts.purpose import PAYEE_WORDS, Payee
from yinhe.products.parts.refusals import PartRefusal
from yinhe.products.parts.security import COLLATERAL_WORDS, Collateral

from .words import counts, day, days, fen, percent, yuan


def asked(**columns):
    """One loan of 100,000 yuan by a person who earns 20,000 a month, except for what is given in yuan."""
    yuan_of = {
        name: yuan(str(value)).amount_minor for name, value in columns.items() if name not in ("tier", "purpose")
    }
    defaults = dict.fromkeys(("price", "collateral", "guaranteed", "instalment", "other_dues"), 0)
    amounts = defaults | {"amount": 10_000_000, "income": 2_000_000} | yuan_of
    guarantors = columns.get("guarantors", 0)
    return Application(
        **({name: fen(value) for name, value in amounts.items()} | {"guarantors": fen(guarantors)}),
        tier=counts(columns.get("tier", 0)),
        purpose=counts(columns.get("purpose", Purpose.GOODS)),
    )


AMOUNT = limit.LoanAmount(least=yuan("10000"), most=yuan("300000"), step=yuan("1000"))
TIERS = limit.ByTierMost(
    tiers=(limit.TierMost(tier=2, most=yuan("50000")), limit.TierMost(tier=5, most=yuan("500000")))
)
INCOME = limit.DebtToIncome()
DOWN = limit.DownPayment(share=percent("20%"))
HOME = security.WithCollateral(accepted=(Collateral.HOME,), loan_to_value=percent("70%"))
GUARANTORS = security.WithGuarantors(least=2, share=percent("50%"))
CONSUMPTION = purpose.OnlyFor(purposes=(Purpose.CAR, Purpose.GOODS))
SPECULATION = purpose.NeverFor(purposes=(Purpose.PROPERTY, Purpose.SECURITIES))
R = PartRefusal

APPLICATIONS = [
    (AMOUNT, {"amount": 9_999}, R.UNDER_MINIMUM),
    (AMOUNT, {"amount": 10_000}, R.NONE),
    (AMOUNT, {"amount": 10_500}, R.OFF_STEP),
    (AMOUNT, {"amount": 300_000}, R.NONE),
    (AMOUNT, {"amount": 301_000}, R.OVER_MAXIMUM),
    (TIERS, {"amount": 1, "tier": 1}, R.OVER_LIMIT),
    (TIERS, {"amount": 50_000, "tier": 4}, R.NONE),
    (TIERS, {"amount": 50_001, "tier": 4}, R.OVER_LIMIT),
    (TIERS, {"amount": 500_000, "tier": 9}, R.NONE),
    (INCOME, {"instalment": 10_000}, R.NONE),
    (INCOME, {"instalment": "10000.01"}, R.INCOME_TOO_LOW),
    (INCOME, {"instalment": 10_000, "other_dues": 1_000}, R.NONE),
    (INCOME, {"instalment": 10_000, "other_dues": "1000.01"}, R.INCOME_TOO_LOW),
    (DOWN, {"price": 125_000}, R.NONE),
    (DOWN, {"price": "124999.99"}, R.OWN_FUNDS_TOO_LITTLE),
    (DOWN, {"price": 0}, R.OWN_FUNDS_TOO_LITTLE),
    (HOME, {"collateral": "142857.15"}, R.NONE),
    (HOME, {"collateral": "142857.14"}, R.COLLATERAL_TOO_LITTLE),
    (GUARANTORS, {"guaranteed": 50_000, "guarantors": 1}, R.GUARANTORS_TOO_FEW),
    (GUARANTORS, {"guaranteed": "49999.99", "guarantors": 2}, R.GUARANTEE_TOO_LITTLE),
    (GUARANTORS, {"guaranteed": 50_000, "guarantors": 2}, R.NONE),
    (security.Unsecured(), {}, R.NONE),
    (CONSUMPTION, {"purpose": Purpose.CAR}, R.NONE),
    (CONSUMPTION, {"purpose": Purpose.TRAVEL}, R.PURPOSE_NOT_ALLOWED),
    (SPECULATION, {"purpose": Purpose.PROPERTY}, R.PURPOSE_FORBIDDEN),
    (SPECULATION, {"purpose": Purpose.TRAVEL}, R.NONE),
]


@pytest.mark.parametrize(("part", "given", "refusal"), APPLICATIONS)
def test_a_loan_is_granted_or_refused_for_a_reason(part, given, refusal):
    assert part.refuse(asked(**given)).tolist() == [refusal]


def test_a_down_payment_is_rounded_up_and_a_loan_on_collateral_down():
    third = percent("33.333333%")
    assert limit.DownPayment(share=third).own_funds(fen(100, 3, 0)).tolist() == [34, 1, 0]
    assert security.WithCollateral(accepted=(Collateral.HOME,), loan_to_value=third).most(fen(100, 3, 0)).tolist() == [
        33,
        0,
        0,
    ]


@pytest.mark.parametrize(
    ("part", "amount", "payee", "refusal", "by_bank"),
    [
        (purpose.ToSupplier(above=yuan("300000")), "300000", Payee.BORROWER, R.NONE, False),
        (purpose.ToSupplier(above=yuan("300000")), "300000.01", Payee.BORROWER, R.SUPPLIER_ONLY, True),
        (purpose.ToSupplier(above=yuan("300000")), "300000.01", Payee.SUPPLIER, R.NONE, True),
        (purpose.ToSupplier(above=yuan("300000")), "1", Payee.OTHER, R.PAYEE_NOT_ALLOWED, False),
        (purpose.OnlyTo(payees=(Payee.CARRIER,)), "1", Payee.CARRIER, R.NONE, True),
        (purpose.OnlyTo(payees=(Payee.CARRIER,)), "1", Payee.SUPPLIER, R.PAYEE_NOT_ALLOWED, True),
        (purpose.OnlyTo(payees=(Payee.CARRIER,)), "1", Payee.BORROWER, R.PAYEE_NOT_ALLOWED, True),
        (purpose.Freely(), "1000000", Payee.OTHER, R.NONE, False),
    ],
)
def test_the_bank_pays_the_supplier_or_the_borrower(part, amount, payee, refusal, by_bank):
    drawn = fen(yuan(amount).amount_minor)
    assert part.refuse(drawn, counts(payee)).tolist() == [refusal]
    assert part.by_bank(drawn).tolist() == [by_bank]


def line(limit_=1_000, drawn=0, owed=0, times=0, signed="2026-01-05", expiry="2027-01-05"):
    return drawdown.Line(fen(limit_), fen(drawn), fen(owed), fen(times), days(signed), days(expiry))


ONCE = drawdown.Single(days=30)
TRANCHES = drawdown.Tranches(most=3, months=12, least=yuan("1"))
REVOLVING = drawdown.Revolving(least=yuan("1"))


@pytest.mark.parametrize(
    ("part", "date", "amount", "at", "refusal"),
    [
        (ONCE, "2026-01-05", 1_000, line(), R.NONE),
        (ONCE, "2026-01-04", 1_000, line(), R.DRAWING_NOT_BEGUN),
        (ONCE, "2026-02-04", 1_000, line(), R.NONE),
        (ONCE, "2026-02-05", 1_000, line(), R.DRAWING_OVER),
        (ONCE, "2026-01-05", 1_001, line(), R.OVER_LIMIT),
        (ONCE, "2026-01-05", 0, line(), R.UNDER_MINIMUM),
        (ONCE, "2026-01-06", 1, line(drawn=500, owed=500, times=1), R.DRAWN_ALREADY),
        (TRANCHES, "2026-06-05", 300, line(drawn=700, owed=100, times=2), R.NONE),
        (TRANCHES, "2026-06-05", 301, line(drawn=700, owed=100, times=2), R.OVER_LIMIT),
        (TRANCHES, "2026-06-05", 99, line(drawn=700, owed=700, times=2), R.UNDER_MINIMUM),
        (TRANCHES, "2026-06-05", 50, line(drawn=950, owed=700, times=2), R.NONE),
        (TRANCHES, "2026-06-05", 100, line(drawn=300, owed=300, times=3), R.TRANCHES_USED_UP),
        (REVOLVING, "2026-06-05", 900, line(drawn=5_000, owed=100, times=40), R.NONE),
        (REVOLVING, "2026-06-05", 901, line(drawn=5_000, owed=100, times=40), R.OVER_LIMIT),
        (REVOLVING, "2027-01-04", 900, line(), R.NONE),
        (REVOLVING, "2027-01-05", 900, line(), R.DRAWING_OVER),
        (REVOLVING, "2099-01-05", 900, line(expiry=""), R.NONE),
    ],
)
def test_a_loan_is_drawn_as_agreed(part, date, amount, at, refusal):
    assert part.refuse(day(date), fen(amount), at).tolist() == [refusal]


def test_a_line_shrinks_and_grows_and_a_loan_only_shrinks():
    at = line(drawn=700, owed=200, times=2)
    assert [part.available(at).tolist() for part in (ONCE, TRANCHES, REVOLVING)] == [[0], [300], [800]]
    assert [part.until(at).tolist() for part in (ONCE, TRANCHES, REVOLVING)] == [
        [day("2026-02-04")],
        [day("2027-01-04")],
        [day("2027-01-04")],
    ]


def test_loans_run_for_months_or_until_they_are_cancelled():
    months = loan_term.LoanMonths(least=6, most=66)
    asked_for = (days(*["2026-08-31"] * 3), counts(5, 6, 66), counts(0, 0, 0))
    assert months.offers(*asked_for).tolist() == [False, True, True]
    assert months.maturity(*asked_for).tolist() == [day("2027-01-31"), day("2027-02-28"), day("2032-02-29")]
    assert months.longest() == 66
    card = loan_term.LoanOpenEnded()
    assert card.offers(days("2026-08-31"), counts(0), counts(0)).tolist() == [True]
    assert (card.maturity(days("2026-08-31"), counts(0), counts(0)).tolist(), card.longest()) == ([0], 0)
    assert loan_term.LoanMonths(least=9, most=6).problems()


def test_every_purpose_payee_and_collateral_has_its_words():
    for members, words in ((Purpose, PURPOSE_WORDS), (Payee, PAYEE_WORDS), (Collateral, COLLATERAL_WORDS)):
        assert set(words) == set(members)
        assert all(english and chinese for english, chinese in words.values())


@pytest.mark.parametrize(
    "part",
    [
        limit.LoanAmount(least=yuan("2"), most=yuan("1")),
        limit.ByTierMost(tiers=TIERS.tiers[::-1]),
        limit.DebtToIncome(share=percent("60%"), share_all=percent("55%")),
        purpose.OnlyFor(purposes=()),
        purpose.NeverFor(purposes=(Purpose.CAR, Purpose.CAR)),
        purpose.OnlyTo(payees=(Payee.CARRIER, Payee.BORROWER)),
        security.WithCollateral(accepted=(), loan_to_value=percent("70%")),
    ],
)
def test_a_part_that_contradicts_itself_is_found(part):
    assert part.problems()


def test_refusals_are_columns_of_int64():
    assert AMOUNT.refuse(asked()).dtype == np.int64
