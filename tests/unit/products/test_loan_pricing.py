"""What loans cost: the index on the day they are drawn, and what pricing parts take off it."""

import pytest
from tests.unit.products.files import sound
from tests.unit.products.loan_files import LOAN
from tests.unit.products.parts.words import book, counts, day, facts, fen

from yinhe.products.pricing import explain, price

LPR = book(LPR_1Y=[("2025-05-20", "3.00%"), ("2026-02-20", "2.90%")])
TIERED = (
    LOAN
    + """
[[parts]]
part = "pricing.customer_tier"
tiers = [{ tier = 3, spread = "-0.10%" }, { tier = 5, spread = "-0.20%" }]
"""
)


@pytest.mark.parametrize(
    ("date", "rates"),
    [("2026-01-05", [3_450_000, 3_350_000, 3_250_000]), ("2026-02-20", [3_350_000, 3_250_000, 3_150_000])],
)
def test_a_better_customer_pays_less_on_the_index_of_the_day(date, rates):
    found = price(sound(TIERED), LPR, facts(3, amount=fen(1, 1, 1), tier=counts(0, 3, 9)), day(date))
    assert found.rate.tolist() == rates


def test_a_loan_never_costs_less_than_nothing():
    cheap = TIERED.replace("board:LPR_1Y + 45bp", "0.15%")
    found = price(sound(cheap), LPR, facts(2, amount=fen(1, 1), tier=counts(3, 5)), day("2026-01-05"))
    assert (found.rate.tolist(), found.spread.tolist()) == ([50_000, 0], [-100_000, -150_000])


def test_the_price_of_a_loan_is_explained():
    found = price(sound(TIERED), LPR, facts(1, amount=fen(1), tier=counts(5)), day("2026-01-05"))
    said = [reason.english for reason in explain(found, 0)]
    assert said[0] == "The product's rate is 3.45%."
    assert said[1].startswith("pricing.customer_tier gives -0.2%")
    assert said[-1] == "The contract bears 3.25% a year."
