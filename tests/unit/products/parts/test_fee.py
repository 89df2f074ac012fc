"""Fees, tax, overdrafts, sweeps and dormancy."""

import datetime as dt

import numpy as np
import pytest

from yinhe.kernel.bounds import INT64_MAX
from yinhe.kernel.rates import RATE_ONE
from yinhe.kernel.rounding import Rounding, divide_round
from yinhe.products.parts import dormancy, fee, overdraft, sweep, tax

from .specimens import book, counts, day, days, facts, fen, percent, source, yuan

TRANSFER = fee.FeeEvent.TRANSFER
PERCENT = fee.PercentFee(event=TRANSFER, rate=percent("0.1%"), least=yuan("1"), most=yuan("50"))
TIERED = fee.TieredFee(
    event=TRANSFER,
    tiers=(
        fee.FeeTier(at_least=yuan("0"), charge=yuan("2")),
        fee.FeeTier(at_least=yuan("2000"), charge=yuan("5")),
    ),
)
WAIVED = fee.WaivedFee(event=fee.FeeEvent.MONTH, charge=yuan("3"), waived_from=yuan("300"))


@pytest.mark.parametrize(
    ("part", "count", "amount", "balance", "charged"),
    [
        (fee.FlatFee(event=TRANSFER, charge=yuan("5")), 1, "100", "0", 500),
        (fee.FreeCountFee(event=TRANSFER, charge=yuan("2"), free=3), 3, "100", "0", 0),
        (fee.FreeCountFee(event=TRANSFER, charge=yuan("2"), free=3), 4, "100", "0", 200),
        (PERCENT, 1, "999.99", "0", 100),
        (PERCENT, 1, "12345.67", "0", 1_235),
        (PERCENT, 1, "50000", "0", 5_000),
        (PERCENT, 1, "90000", "0", 5_000),
        (TIERED, 1, "1999.99", "0", 200),
        (TIERED, 1, "2000", "0", 500),
        (WAIVED, 1, "0", "299.99", 300),
        (WAIVED, 1, "0", "300", 0),
        (WAIVED, 1, "0", "1.20", 120),
        (WAIVED, 1, "0", "-5", 0),
    ],
)
def test_a_fee_is_what_the_tariff_says(part, count, amount, balance, charged):
    asked = (fen(count), fen(yuan(amount).amount_minor), fen(yuan(balance).amount_minor))
    assert part.fee(*asked).tolist() == [charged]


@pytest.mark.parametrize("amount", [0, 1, 499, 500, 501, 1_500, 99_999_999, 10**8, 2**61 - 1, INT64_MAX])
def test_a_share_of_any_amount_is_exact_and_rounded_half_up(amount):
    for rate in (0, 1, 100_000, 333_333, RATE_ONE):
        assert fee.share_of(fen(amount), rate).tolist() == [divide_round(amount * rate, RATE_ONE, Rounding.HALF_UP)]


def test_a_tariff_that_contradicts_itself_is_found():
    assert fee.PercentFee(event=TRANSFER, rate=percent("1%"), least=yuan("2"), most=yuan("1")).problems()
    assert fee.TieredFee(event=TRANSFER, tiers=TIERED.tiers[1:]).problems()
    assert fee.TieredFee(event=TRANSFER, tiers=TIERED.tiers[::-1]).problems()
    assert not TIERED.problems()


@pytest.mark.parametrize(
    ("date", "is_company", "withheld"),
    [
        ("1999-10-31", False, 0),
        ("1999-11-01", False, 20),
        ("2007-08-14", False, 20),
        ("2007-08-15", False, 5),
        ("2008-10-08", False, 5),
        ("2008-10-09", False, 0),
        ("2007-01-01", True, 0),
    ],
)
def test_tax_on_a_yuan_of_interest_is_that_of_the_day_it_accrued(date, is_company, withheld):
    assert tax.Withholding().withhold(fen(100), np.array([is_company]), day(date)).tolist() == [withheld]


def test_tax_rounds_half_up_and_never_pays_back():
    part = tax.Withholding()
    assert part.withhold(fen(10, 9, -10), np.array([False] * 3), day("2008-01-01")).tolist() == [1, 0, 0]
    assert tax.NoTax().withhold(fen(10), np.array([False]), day("2008-01-01")).tolist() == [0]


def test_interest_is_split_on_the_days_the_tax_changes():
    between = (day("2007-08-15"), day("2008-10-10"))
    assert tax.Withholding().changes(*between) == (day("2008-10-09"),)
    assert tax.NoTax().changes(*between) == ()


def test_a_company_may_be_taxed_too():
    steps = (tax.TaxStep(effective=dt.date(2020, 1, 1), rate=percent("10%")),)
    part = tax.Withholding(steps=steps, persons_only=False)
    assert part.withhold(fen(100), np.array([True]), day("2026-01-05")).tolist() == [10]


FLOOR = sweep.AboveFloor(floor=yuan("100"), step=yuan("10"), least=yuan("20"))


@pytest.mark.parametrize(
    ("part", "balance", "linked", "moves"),
    [
        (FLOOR, "155", "0", "50"),
        (FLOOR, "119.99", "0", "0"),
        (FLOOR, "120", "0", "20"),
        (FLOOR, "100", "500", "0"),
        (FLOOR, "70", "500", "-30"),
        (FLOOR, "70", "20", "-20"),
        (FLOOR, "70", "0", "0"),
        (FLOOR, "-30", "500", "-130"),
        (sweep.AboveFloor(floor=yuan("100"), step=yuan("10"), refills=False), "70", "500", "0"),
        (sweep.ToTarget(target=yuan("0")), "70", "0", "70"),
        (sweep.ToTarget(target=yuan("0")), "-70", "50", "-50"),
        (sweep.ToTarget(target=yuan("100")), "70", "500", "-30"),
        (sweep.ShareAbove(floor=yuan("100"), share=80), "200.01", "0", "80"),
        (sweep.ShareAbove(floor=yuan("100"), share=80), "70", "500", "0"),
    ],
)
def test_money_moves_to_the_linked_product_and_back(part, balance, linked, moves):
    moved = part.moves(fen(yuan(balance).amount_minor), fen(yuan(linked).amount_minor))
    assert moved.tolist() == [yuan(moves).amount_minor]


def test_a_share_of_the_largest_balance_fits():
    part = sweep.ShareAbove(floor=yuan("0"), share=99)
    assert part.moves(fen(2**61 - 1), fen(0)).tolist() == [(2**61 - 1) * 99 // 100]


def test_a_payment_recalls_what_it_is_short_of_and_no_more_than_there_is():
    assert FLOOR.recall(fen(300, 300, -5), fen(500, 200, 500)).tolist() == [300, 200, 0]


def test_an_overdraft_lowers_the_floor():
    fixed = overdraft.FixedLimit(rate=source("board:LPR_1Y + 2%"), limit=yuan("100"))
    by_tier = overdraft.ByTierLimit(
        rate=source("5.25%"),
        limits=(overdraft.TierLimit(tier=3, limit=yuan("10")), overdraft.TierLimit(tier=7, limit=yuan("50"))),
    )
    asked = facts(4, tier=counts(2, 3, 6, 7))
    assert fixed.floor(asked).tolist() == [-10_000] * 4
    assert by_tier.floor(asked).tolist() == [0, -1_000, -1_000, -5_000]
    lpr = book(LPR_1Y=[("2025-05-20", "3.00%")])
    (regime,) = fixed.regimes(lpr, day("2026-01-01"), day("2026-01-02"))
    assert regime.rates.tolist() == [5_000_000]


IDLE = dormancy.Unclaimed(months=12, below=yuan("10"), more_months=24)


@pytest.mark.parametrize(
    ("moved", "balance", "dormant", "leaves"),
    [
        ("2025-01-06", 999, False, False),
        ("2025-01-05", 999, True, False),
        ("2025-01-05", 1_000, False, False),
        ("2023-01-06", 999, True, False),
        ("2023-01-05", 999, True, True),
        ("2023-01-05", 1, True, True),
        ("2023-01-05", 0, True, False),
        ("2023-01-05", 1_000, False, False),
    ],
)
def test_a_small_account_nobody_moves_goes_dormant_then_unclaimed(moved, balance, dormant, leaves):
    asked = (day("2026-01-05"), days(moved), fen(balance))
    assert (IDLE.is_dormant(*asked).tolist(), IDLE.leaves(*asked).tolist()) == ([dormant], [leaves])


def test_without_a_bound_every_idle_account_goes_dormant_and_none_leaves():
    part = dormancy.AfterMonths(months=12)
    asked = (day("2026-01-05"), days("2020-01-01"), fen(10**9))
    assert (part.is_dormant(*asked).tolist(), part.leaves(*asked).tolist()) == ([True], [False])
