"""What contracts earn: the product's rate, what pricing parts add, the bounds, and the explanation of it."""

import datetime as dt

import numpy as np
import pytest
from tests.unit.products.files import SAVINGS, TIME, sound

from yinhe.kernel.dates import days_from_date
from yinhe.products.errors import RateMissing
from yinhe.products.parts.base import Channel, Facts
from yinhe.products.pricing import explain, may_agree, price
from yinhe.products.product import Product
from yinhe.products.rates import RateBook, RateEntry

DAY = days_from_date(dt.date(2026, 1, 5))
BOOK = RateBook([RateEntry("demand", DAY - 100, DAY - 100, 50_000), RateEntry("demand", DAY + 10, DAY, 40_000)])
ADJUSTED = (
    SAVINGS
    + """
[[parts]]
part = "pricing.customer_tier"
tiers = [{ tier = 3, spread = "0.05%" }, { tier = 5, spread = "0.10%" }]

[[parts]]
part = "pricing.channel"
channels = ["mobile"]
spread_there = "0.02%"

[[parts]]
part = "pricing.region"
regions = [310000]
spread_there = "-0.50%"
"""
)


def facts(*contracts: dict[str, int]) -> Facts:
    """Contracts of 100.00 at the counter of region 0, but for what is said."""

    def column(name: str, otherwise: int, dtype: type) -> np.ndarray:
        return np.array([one.get(name, otherwise) for one in contracts], dtype)

    return Facts(
        business_date=DAY,
        amount=column("amount", 100_00, np.int64),
        balance=column("balance", 0, np.int64),
        months=column("months", 0, np.int32),
        days=column("days", 0, np.int32),
        opened=column("opened", DAY, np.int32),
        is_company=column("is_company", 0, np.bool_),
        tier=column("tier", 0, np.int32),
        region=column("region", 0, np.int32),
        channel=column("channel", Channel.COUNTER.value, np.int32),
        is_new_money=column("is_new_money", 0, np.bool_),
    )


def rates(product: Product, *contracts: dict[str, int], day: int = DAY) -> list[int]:
    return price(product, BOOK, facts(*contracts), day).rate.tolist()


def test_the_base_is_the_rate_of_the_tier_the_amount_lies_in() -> None:
    amounts = [0, 49_999_99, 50_000_00, 999_999_99, 1_000_000_00, 9_000_000_00]
    found = rates(sound(SAVINGS), *({"amount": amount} for amount in amounts))
    assert found == [50_000, 50_000, 1_250_000, 1_250_000, 3_250_000, 3_250_000]


def test_the_base_is_that_of_the_day() -> None:
    assert rates(sound(SAVINGS), {}, day=DAY + 9) == [50_000]
    assert rates(sound(SAVINGS), {}, day=DAY + 10) == [40_000]


def test_the_base_is_that_of_the_term() -> None:
    product = sound(TIME)
    assert rates(product, {"months": 12}, {"months": 3}, {"months": 12}) == [1_350_000, 1_050_000, 1_350_000]
    with pytest.raises(RateMissing):
        rates(product, {"months": 12}, {"months": 7})


@pytest.mark.parametrize(
    ("contract", "spread"),
    [
        ({}, 0),
        ({"tier": 3}, 50_000),
        ({"tier": 4}, 50_000),
        ({"tier": 5}, 100_000),
        ({"channel": Channel.MOBILE.value}, 20_000),
        ({"channel": Channel.MOBILE.value, "tier": 9}, 120_000),
    ],
)
def test_adjustments_add_up(contract: dict[str, int], spread: int) -> None:
    found = price(sound(ADJUSTED), BOOK, facts(contract), DAY)
    assert (found.base.tolist(), found.spread.tolist()) == ([50_000], [spread])


def test_no_rate_falls_below_zero() -> None:
    found = price(sound(ADJUSTED), BOOK, facts({"region": 310000}), DAY)
    assert (found.spread.tolist(), found.rate.tolist()) == ([-50_000], [0])


def test_many_contracts_are_priced_as_each_alone() -> None:
    random = np.random.default_rng(5)
    contracts = [
        {
            "amount": int(random.integers(0, 2_000_000_00)),
            "tier": int(random.integers(0, 7)),
            "channel": int(random.integers(1, 5)),
            "region": int(random.choice([0, 310000])),
        }
        for _ in range(50)
    ]
    product = sound(ADJUSTED)
    assert rates(product, *contracts) == [rates(product, one)[0] for one in contracts]


def test_a_price_is_explained_part_by_part_with_why_not() -> None:
    found = price(sound(ADJUSTED), BOOK, facts({}, {"tier": 5, "region": 310000}), DAY)
    plain = [reason.english for reason in explain(found, 0)]
    assert plain[0] == "The product's rate is 0.05%."
    assert [said.split(":")[0] for said in plain[1:4]] == [
        f"{name} gives nothing, for it does not apply here"
        for name in ("pricing.customer_tier", "pricing.channel", "pricing.region")
    ]
    assert plain[-1] == "The contract earns 0.05% a year."
    bounded = [reason.english for reason in explain(found, 1)]
    assert bounded[1].startswith("pricing.customer_tier gives +0.1%")
    assert "Together they would give -0.4%; the bounds allow -0.05%." in bounded
    assert explain(found, 1)[-1].chinese == "合约年利率为0%。"


@pytest.mark.parametrize(("rate", "may"), [(49_999, False), (50_000, True), (3_500_000, True), (3_500_001, False)])
def test_a_rate_is_negotiated_within_the_bounds(rate: int, may: bool) -> None:
    assert may_agree(sound(SAVINGS), "rate", rate) is may
    assert not may_agree(sound(SAVINGS), "fee", rate)
    assert not may_agree(sound(TIME), "rate", rate)
