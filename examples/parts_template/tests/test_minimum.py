"""The part keeps the laws of Yinhe, and pays what it says."""

import numpy as np
import pytest
from riverside_parts.minimum import FromMinimum

from yinhe.kernel.currency import currency
from yinhe.kernel.money import parse_money
from yinhe.products.lawbook import prove
from yinhe.products.probes import accrued
from yinhe.products.rates import RateBook, parse_rate_source

PART = FromMinimum(minimum=parse_money("1,000", currency("CNY")), rate=parse_rate_source("board:demand"))
FIXED = FromMinimum(minimum=parse_money("1,000", currency("CNY")), rate=parse_rate_source("3.6%"))


def test_it_keeps_every_law() -> None:
    """For samples of accounts around its own minimum."""
    assert prove(PART) == ()


@pytest.mark.parametrize(
    ("balance_minor", "interest_minor"),
    # 100 days of 360 at 3.6 % are 1 %.
    [(99_999, 0), (100_000, 1_000), (250_000, 2_500)],
)
def test_interest_is_paid_from_the_minimum_on(balance_minor: int, interest_minor: int) -> None:
    """On all of the balance, and only on days it is high enough."""
    regimes = FIXED.regimes(RateBook([]), 0, 100, 0, 0)
    whole, remainder = accrued(regimes, np.array([balance_minor]), np.zeros(1, np.int64))
    assert (whole.tolist(), remainder.tolist()) == ([interest_minor], [0])
