"""A level payment is what fractions say, to the last fen, whatever the amount, rate and number of instalments."""

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from yinhe.kernel.rounding import Rounding, divide_round
from yinhe.products.parts.repayment import level_payment

AMOUNTS = st.integers(0, 10**9) | st.integers(0, 10**15) | st.integers(0, 2**60)
LOANS = st.tuples(AMOUNTS, st.integers(0, 24_000_000), st.integers(0, 360))


def by_fractions(owed: int, rate: int, every: int, remaining: int) -> int:
    """The principal's present value is the sum of the payments discounted, period by period."""
    if not remaining:
        return 0
    period = Fraction(rate * every, 12 * 10**8)
    worth = Fraction(remaining) if not period else (1 - (1 + period) ** -remaining) / period
    payment = owed / worth
    return divide_round(payment.numerator, payment.denominator, Rounding.HALF_UP)


@given(st.lists(LOANS, min_size=1, max_size=6), st.sampled_from([1, 3, 6, 12]))
def test_a_level_payment_is_exact(loans, every):
    owed, rate, remaining = (np.array(column, np.int64) for column in zip(*loans, strict=True))
    expected = [by_fractions(amount, yearly, every, left) for amount, yearly, left in loans]
    assert level_payment(owed, rate, every, remaining).tolist() == expected


def test_a_payment_of_exactly_half_a_fen_is_rounded_up():
    # Without interest 3 fen in two instalments are 1.5 each, and 10^15 + 1 fen half a fen more than a whole number.
    owed = np.array([3, 10**15 + 1, 10**15 + 3], np.int64)
    found = level_payment(owed, np.zeros(3, np.int64), 1, np.full(3, 2, np.int64))
    assert found.tolist() == [2, 5 * 10**14 + 1, 5 * 10**14 + 2]
