"""What a contract earns above or below its product's rate."""

import numpy as np
import pytest

from yinhe.products.parts import pricing
from yinhe.products.parts.base import Channel

from .specimens import MAY, book, counts, days, facts, fen, percent, period, yuan

TIERS = pricing.ByCustomerTier(
    tiers=(
        pricing.TierSpread(tier=3, spread=percent("0.10%")),
        pricing.TierSpread(tier=6, spread=percent("0.20%")),
    )
)
AMOUNTS = pricing.ByAmount(
    amounts=(
        pricing.AmountSpread(at_least=yuan("50000"), spread=percent("0.05%")),
        pricing.AmountSpread(at_least=yuan("200000"), spread=percent("0.15%")),
    )
)
TERMS = pricing.ByTermAgreed(
    terms=(
        pricing.TermSpread(term=period("1 year"), spread=percent("0.10%")),
        pricing.TermSpread(term=period("7 days"), spread=percent("-0.10%")),
    )
)
CAMPAIGN = pricing.Campaign(first=MAY[0], last=MAY[1], spread_then=percent("0.25%"))


@pytest.mark.parametrize(
    ("part", "columns", "spreads"),
    [
        (TIERS, {"tier": counts(0, 2, 3, 5, 6, 9)}, [0, 0, 10, 10, 20, 20]),
        (AMOUNTS, {"amount": fen(4_999_999, 5_000_000, 19_999_999, 20_000_000)}, [0, 5, 5, 15]),
        (TERMS, {"months": counts(12, 6, 0, 0), "days": counts(0, 0, 7, 8)}, [10, 0, -10, 0]),
        (pricing.ByRegion(regions=(3, 11), spread_there=percent("0.05%")), {"region": counts(3, 4, 11)}, [5, 0, 5]),
        (
            pricing.ByChannel(channels=(Channel.MOBILE, Channel.ONLINE), spread_there=percent("-0.05%")),
            {"channel": counts(1, 2, 3, 4)},
            [0, -5, -5, 0],
        ),
        (
            pricing.ForNewMoney(spread_new=percent("0.30%")),
            {"is_new_money": np.array([True, False])},
            [30, 0],
        ),
        (CAMPAIGN, {"opened": days("2026-04-30", "2026-05-01", "2026-05-31", "2026-06-01")}, [0, 25, 25, 0]),
    ],
)
def test_an_adjustment_is_for_those_it_names(part, columns, spreads):
    accounts = len(next(iter(columns.values())))
    found = part.spread(facts(accounts, **columns), book())
    assert [spread / 10_000 for spread in found.tolist()] == spreads  # basis points


def test_a_campaign_may_be_one_day():
    part = pricing.Campaign(first=MAY[0], last=MAY[0], spread_then=percent("0.25%"))
    assert part.problems() == ()
    assert part.spread(facts(2, opened=days("2026-05-01", "2026-05-02")), book()).tolist() == [250_000, 0]


@pytest.mark.parametrize(
    "part",
    [
        pricing.ByCustomerTier(tiers=TIERS.tiers[::-1]),
        pricing.ByAmount(amounts=AMOUNTS.amounts[::-1]),
        pricing.ByTermAgreed(terms=(TERMS.terms[0], TERMS.terms[0])),
        pricing.ByRegion(regions=(), spread_there=percent("0.05%")),
        pricing.ByChannel(channels=(Channel.MOBILE, Channel.MOBILE), spread_there=percent("0.05%")),
        pricing.Campaign(first=MAY[1], last=MAY[0], spread_then=percent("0.25%")),
    ],
)
def test_adjustments_that_contradict_themselves_are_found(part):
    assert len(part.problems()) == 1
