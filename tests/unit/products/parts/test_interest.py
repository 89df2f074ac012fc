"""What balances earn: rates by day, by tier, by term, by index and by time held."""

import datetime as dt

import pytest

from yinhe.products.errors import RateMissing
from yinhe.products.parts import interest, interest_dated
from yinhe.products.probes import accrued

from .specimens import DEMAND, LADDER, book, day, days, fen, percent, period, source, yuan

BOOK = book(
    demand=[("2024-01-01", "0.20%"), ("2025-05-20", "0.05%")],
    agreement=[("2024-01-01", "1.15%")],
    lump_sum_3m=[("2024-01-01", "1.15%"), ("2025-05-20", "0.65%")],
    lump_sum_6m=[("2024-01-01", "1.35%"), ("2025-05-20", "0.85%")],
    lump_sum_12m=[("2024-01-01", "1.45%"), ("2025-05-20", "0.95%")],
    LPR_1Y=[("2024-01-01", "3.45%"), ("2024-07-22", "3.35%"), ("2024-10-21", "3.10%"), ("2025-05-20", "3.00%")],
)


def rates(part, first, last, months=0, days_=0):
    """The regimes as a banker reads them: from, to before, and the rates in percent."""
    return [
        (regime.start - day(first), regime.end - day(first), [rate / 1_000_000 for rate in regime.rates.tolist()])
        for regime in part.regimes(BOOK, day(first), day(last), months, days_)
    ]


def test_a_fixed_rate_never_changes():
    assert rates(interest.Flat(rate=source("3.25%")), "2025-01-01", "2026-01-01") == [(0, 365, [3.25])]


def test_a_posted_rate_changes_on_the_day_it_is_posted_for():
    assert rates(interest.Flat(rate=DEMAND), "2025-05-18", "2025-05-23") == [(0, 2, [0.2]), (2, 5, [0.05])]


def test_a_change_on_the_first_day_makes_no_regime_of_no_days():
    assert rates(interest.Flat(rate=DEMAND), "2025-05-20", "2025-05-21") == [(0, 1, [0.05])]


def test_a_period_without_days_has_no_regimes():
    assert rates(interest.Flat(rate=DEMAND), "2025-05-20", "2025-05-20") == []


def test_without_interest_nothing_is_earned():
    regimes = interest.NoInterest().regimes(BOOK, 0, 365, 0, 0)
    assert [column.tolist() for column in accrued(regimes, fen(10**12), fen(0))] == [[0], [0]]


TIERS = (
    interest.Tier(at_least=yuan("0"), rate=source("0.36%")),
    interest.Tier(at_least=yuan("10000"), rate=source("0.72%")),
    interest.Tier(at_least=yuan("100000"), rate=source("1.08%")),
)


@pytest.mark.parametrize(
    ("balance", "whole", "slices"),
    [
        # 100 days at 0.36 % are 0.1 % of a balance, at 0.72 % 0.2 %, at 1.08 % 0.3 %.
        ("0", 0, 0),
        ("5000", 500, 500),
        ("9999.99", 999, 999),
        ("10000", 2_000, 1_000),
        ("20000", 4_000, 1_000 + 2_000),
        ("100000", 30_000, 1_000 + 18_000),
        ("150000", 45_000, 1_000 + 18_000 + 15_000),
        ("-20000", 0, 0),
    ],
)
def test_tiers_pay_the_whole_balance_or_each_slice(balance, whole, slices):
    for part, expected in ((interest.TieredWhole, whole), (interest.TieredSlice, slices)):
        earned, _ = accrued(part(tiers=TIERS).regimes(BOOK, 0, 100, 0, 0), fen(yuan(balance).amount_minor), fen(0))
        assert earned.tolist() == [expected]


@pytest.mark.parametrize(
    ("balance", "earned"),
    [("400000", 22_222), ("500000", 27_777), ("600000", 59_722)],
    # 100 days of 360: 400,000 at 0.20 % earn 222.22, 500,000 earn 277.777…; 100,000 above at 1.15 % earn 319.444… more.
)
def test_an_agreement_pays_the_agreed_rate_above_the_threshold_only(balance, earned):
    part = interest.Agreement(threshold=yuan("500000"), base=DEMAND, agreed=source("board:agreement"))
    regimes = part.regimes(BOOK, day("2024-02-01"), day("2024-02-01") + 100, 0, 0)
    assert accrued(regimes, fen(yuan(balance).amount_minor), fen(0))[0].tolist() == [earned]


BY_TERM = interest.ByTerm(
    rates=(
        interest.TermRate(term=period("3 months"), rate=source("board:lump_sum_3m")),
        interest.TermRate(term=period("1 year"), rate=source("board:lump_sum_12m")),
        interest.TermRate(term=period("7 days"), rate=source("1%")),
    )
)


@pytest.mark.parametrize(("months", "days_", "rate"), [(3, 0, 1.15), (12, 0, 1.45), (0, 7, 1.0)])
def test_a_term_has_its_rate(months, days_, rate):
    assert rates(BY_TERM, "2025-01-01", "2025-01-02", months, days_) == [(0, 1, [rate])]


def test_a_term_without_a_rate_is_a_fault():
    with pytest.raises(RateMissing, match="6 months"):
        rates(BY_TERM, "2025-01-01", "2025-01-02", 6)


@pytest.mark.parametrize(
    ("reset", "expected"),
    [
        # LPR was 3.45 %, from 2024-07-22 3.35 %, from 2024-10-21 3.10 %; the days are counted from 2024-06-30.
        ("EACH_CHANGE", [(0, 22, [3.45]), (22, 113, [3.35]), (113, 186, [3.1])]),
        ("YEARLY", [(0, 185, [3.45]), (185, 186, [3.1])]),
        ("QUARTERLY", [(0, 1, [3.45]), (1, 93, [3.45]), (93, 185, [3.35]), (185, 186, [3.1])]),
    ],
)
def test_an_index_is_looked_at_again_when_agreed(reset, expected):
    part = interest_dated.Indexed(index=source("board:LPR_1Y"), reset=interest_dated.Reset[reset])
    assert rates(part, "2024-06-30", "2025-01-02") == expected


def test_a_monthly_reset_looks_on_each_first():
    part = interest_dated.Indexed(index=source("board:LPR_1Y"), reset=interest_dated.Reset.MONTHLY)
    assert rates(part, "2024-07-25", "2024-08-03") == [(0, 7, [3.45]), (7, 9, [3.35])]


@pytest.mark.parametrize(
    ("floor", "cap", "rate"), [(None, None, 2.85), ("3%", None, 3.0), (None, "2.5%", 2.5), ("1%", "5%", 2.85)]
)
def test_an_indexed_rate_keeps_within_floor_and_cap(floor, cap, rate):
    part = interest_dated.Indexed(
        index=source("board:LPR_1Y - 25bp"), floor=floor and percent(floor), cap=cap and percent(cap)
    )
    assert rates(part, "2025-01-01", "2025-01-02") == [(0, 1, [rate])]


def test_steps_hold_from_their_dates():
    campaign = interest_dated.Stepped(
        before=source("1%"),
        steps=(
            interest_dated.DatedRate(effective=dt.date(2026, 5, 1), rate=source("2%")),
            interest_dated.DatedRate(effective=dt.date(2026, 6, 1), rate=source("1%")),
        ),
    )
    assert rates(campaign, "2026-04-30", "2026-06-02") == [(0, 1, [1.0]), (1, 32, [2.0]), (32, 33, [1.0])]
    assert rates(campaign, "2026-05-10", "2026-05-20") == [(0, 10, [2.0])]


@pytest.mark.parametrize(
    ("opened", "drawn", "rate"),
    [
        # Less than three months: demand. Then 60 % of the rate for the time held, posted on the day of drawing.
        ("2025-01-10", "2025-04-09", "0.20%"),
        ("2025-01-10", "2025-04-10", "0.69%"),
        ("2025-01-10", "2025-07-09", "0.39%"),
        ("2025-01-10", "2025-07-10", "0.51%"),
        ("2025-01-10", "2026-01-10", "0.57%"),
        ("2025-01-10", "2031-01-10", "0.57%"),
        ("2025-01-10", "2025-05-25", "0.39%"),
        ("2024-11-30", "2025-02-28", "0.69%"),
    ],
)
def test_term_at_will_pays_by_the_time_held(opened, drawn, rate):
    part = interest_dated.AtWill(demand=DEMAND, ladder=LADDER)
    assert part.rate_of_drawn(BOOK, day(drawn), days(opened)).tolist() == [percent(rate).units]


def test_a_rung_may_be_of_days():
    rungs = (interest_dated.HeldRate(held=period("30 days"), rate=source("1%")), LADDER[0])
    part = interest_dated.AtWill(demand=DEMAND, ladder=rungs, share=50)
    drawn = [part.rate_of_drawn(BOOK, day(date), days("2025-01-10")).tolist() for date in ("2025-02-08", "2025-02-09")]
    assert drawn == [[200_000], [500_000]]


def test_a_deposit_earns_nothing_to_24_percent():
    meaning = interest.rate_parameter("a rate", "利率")
    assert (meaning.least, meaning.most) == (0, percent("24%").units)


@pytest.mark.parametrize(
    ("part", "parameter"),
    [
        (interest.TieredWhole(tiers=()), "tiers"),
        (interest.TieredWhole(tiers=TIERS[1:]), "tiers"),
        (interest.TieredSlice(tiers=(TIERS[0], TIERS[2], TIERS[1])), "tiers"),
        (interest.TieredSlice(tiers=(TIERS[0], TIERS[0])), "tiers"),
        (interest.ByTerm(rates=(BY_TERM.rates[0], BY_TERM.rates[0])), "rates"),
        (interest_dated.Indexed(index=DEMAND, floor=percent("3%"), cap=percent("2%")), "floor"),
        (interest_dated.Stepped(before=DEMAND, steps=()), "steps"),
        (interest_dated.AtWill(demand=DEMAND, ladder=LADDER[::-1]), "ladder"),
    ],
)
def test_rates_that_contradict_themselves_are_found(part, parameter):
    assert [problem.parameter for problem in part.problems()] == [parameter]
