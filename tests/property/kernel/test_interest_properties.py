from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yinhe.kernel.bounds import INT64_MAX, INT64_MIN
from yinhe.kernel.errors import OutOfRangeError
from yinhe.kernel.interest import BASIS_DAYS, DAYS_MAX, accrue, accrue_many, remainder_base
from yinhe.kernel.rates import RATE_MAX, RATE_ONE, Rate, format_rate, parse_rate
from yinhe.kernel.rounding import Rounding, divide_round, divide_round_many, round_quotient, round_quotient_many

int64s = st.integers(INT64_MIN, INT64_MAX)
rates = st.integers(-RATE_MAX, RATE_MAX)
bases = st.sampled_from(BASIS_DAYS)
days = st.one_of(st.integers(-400, 400), st.integers(-DAYS_MAX, DAYS_MAX))


@st.composite
def books(draw):
    """A basis, and accounts of (balance, rate, days, whole, remainder) on it."""
    basis = draw(bases)
    account = st.tuples(int64s, rates, days, int64s, st.integers(0, remainder_base(basis) - 1))
    return basis, draw(st.lists(account, min_size=1, max_size=8))


@given(books())
@settings(deadline=None, max_examples=500)
def test_a_column_accrues_what_exact_arithmetic_does_or_refuses(book):
    basis, accounts = book
    balance, rate, count, whole, remainder = (np.array(column) for column in zip(*accounts, strict=True))
    try:
        new_whole, new_remainder = accrue_many(balance, rate, count, basis, whole, remainder)
    except OutOfRangeError:
        worst_day = max(abs(accrue(b, r, 1, basis)[0]) + 1 for b, r, *_ in accounts)
        bound = worst_day * max(abs(d) for _, _, d, *_ in accounts) + max(abs(w) for *_, w, _ in accounts) + DAYS_MAX
        assert bound > INT64_MAX
        return
    expected = [accrue(b, r, d, basis, w, rest) for b, r, d, w, rest in accounts]
    assert list(zip(new_whole.tolist(), new_remainder.tolist(), strict=True)) == expected


@given(
    st.lists(st.tuples(st.integers(-(10**15), 10**15), rates, st.integers(-400, 400)), min_size=1, max_size=8), bases
)
@settings(deadline=None)
def test_balances_of_a_bank_are_never_refused(accounts, basis):
    balance, rate, count = (np.array(column) for column in zip(*accounts, strict=True))
    zero = np.zeros(len(accounts), dtype=np.int64)
    whole, remainder = accrue_many(balance, rate, count, basis, zero, zero)
    expected = [accrue(b, r, d, basis) for b, r, d in accounts]
    assert list(zip(whole.tolist(), remainder.tolist(), strict=True)) == expected


@given(st.integers(-(10**15), 10**15), rates, st.integers(-400, 400), bases)
@settings(deadline=None)
def test_an_accrual_is_worth_balance_times_rate_times_years(balance, rate, count, basis):
    whole, remainder = accrue(balance, rate, count, basis)
    assert whole + Fraction(remainder, remainder_base(basis)) == Fraction(balance * rate * count, basis * RATE_ONE)


@given(st.integers(-(10**12), 10**12), rates, st.lists(st.integers(0, 400), max_size=10), bases)
@settings(deadline=None)
def test_a_period_accrues_the_same_however_it_is_cut(balance, rate, parts, basis):
    accrual = (0, 0)
    for part in parts:
        accrual = accrue(balance, rate, part, basis, *accrual)
    assert accrual == accrue(balance, rate, sum(parts), basis)


@given(st.integers(-(10**30), 10**30), st.integers(-(10**20), 10**20).filter(bool), st.sampled_from(Rounding))
@settings(deadline=None)
def test_rounding_is_to_a_neighbour_and_where_the_rule_says(numerator, denominator, rounding):
    exact = Fraction(numerator, denominator)
    rounded = divide_round(numerator, denominator, rounding)
    miss = rounded - exact
    assert abs(miss) < 1
    match rounding:
        case Rounding.FLOOR:
            assert miss <= 0
        case Rounding.CEILING:
            assert miss >= 0
        case Rounding.DOWN:
            assert abs(rounded) <= abs(exact)
        case Rounding.UP:
            assert abs(rounded) >= abs(exact)
        case Rounding.HALF_UP:
            assert abs(miss) < Fraction(1, 2) or (abs(miss) == Fraction(1, 2) and abs(rounded) > abs(exact))
        case Rounding.HALF_EVEN:
            assert rounded == round(exact)


@given(st.lists(int64s, max_size=8), st.integers(1, INT64_MAX), st.sampled_from(Rounding))
@settings(deadline=None)
def test_a_column_rounds_as_its_values_do(numerators, denominator, rounding):
    rounded = divide_round_many(np.array(numerators, dtype=np.int64), denominator, rounding)
    assert rounded.tolist() == [divide_round(numerator, denominator, rounding) for numerator in numerators]


@given(books(), st.sampled_from(Rounding))
@settings(deadline=None)
def test_a_column_of_accruals_rounds_as_each_accrual_does(book, rounding):
    basis, accounts = book
    base = remainder_base(basis)
    pairs = [(min(whole, INT64_MAX - 1), remainder) for *_, whole, remainder in accounts]
    whole, remainder = (np.array(column) for column in zip(*pairs, strict=True))
    assert round_quotient_many(whole, remainder, base, rounding).tolist() == [
        round_quotient(*pair, base, rounding) for pair in pairs
    ]


@given(rates)
@settings(deadline=None)
def test_a_rate_is_read_back_as_printed(units):
    assert parse_rate(format_rate(Rate(units)).replace(",", "")) == Rate(units)


@given(st.one_of(st.integers(max_value=-RATE_MAX - 1), st.integers(min_value=RATE_MAX + 1)))
@settings(deadline=None)
def test_no_rate_exists_beyond_its_bounds(units):
    with pytest.raises(OutOfRangeError):
        Rate(units)
