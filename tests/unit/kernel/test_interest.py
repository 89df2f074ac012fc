import numpy as np
import pytest

from yinhe.kernel.bounds import INT64_MAX, INT64_MIN
from yinhe.kernel.errors import InexactError, OutOfRangeError
from yinhe.kernel.interest import DAYS_MAX, accrue, accrue_many, remainder_base
from yinhe.kernel.rates import RATE_MAX
from yinhe.kernel.rounding import Rounding, round_quotient


def posted(accrual, basis_days):
    return round_quotient(*accrual, remainder_base(basis_days), Rounding.HALF_UP)


@pytest.mark.parametrize(
    ("balance", "rate", "days", "basis_days", "interest"),
    [
        (1_000_000, 3_250_000, 360, 360, 32_500),  # 10,000.00 at 3.25 % for a year of 360 days: 325.00
        (1_000_000, 3_250_000, 365, 365, 32_500),
        (1_000_000, 350_000, 90, 360, 875),  # 10,000.00 demand at 0.35 % for 90 days: 8.75
        (1_000_000, 300_000, 1, 360, 8),  # 0.0833 yuan
        (-50_000_000, 4_350_000, 30, 360, -181_250),  # a loan of 500,000.00 at 4.35 %: 1,812.50 owed
        (1_000_000, -500_000, 360, 360, -5_000),
        (0, 3_250_000, 360, 360, 0),
    ],
)
def test_interest_is_balance_times_rate_times_days_over_the_basis(balance, rate, days, basis_days, interest):
    assert posted(accrue(balance, rate, days, basis_days), basis_days) == interest


def test_the_days_of_a_year_add_up_to_the_year():
    accrual = (0, 0)
    for _ in range(365):
        accrual = accrue(123_457, 3_141_592, 1, 365, *accrual)
    assert accrual == accrue(123_457, 3_141_592, 365, 365)


def test_taking_the_days_back_leaves_nothing():
    accrual = accrue(123_457, 3_141_592, 77, 360)
    assert accrue(123_457, 3_141_592, -77, 360, *accrual) == (0, 0)


def test_an_accumulated_balance_for_one_day_earns_what_its_days_earn():
    balances = [100_00, 250_33, 0, 99_999_99]
    by_day = (0, 0)
    for balance in balances:
        by_day = accrue(balance, 350_000, 1, 360, *by_day)
    assert accrue(sum(balances), 350_000, 1, 360) == by_day


def test_a_debt_accrues_downwards_with_a_remainder_never_negative():
    assert accrue(-1, 1, 1, 360) == (-1, 360 * 10**8 - 1)


def test_columns_accrue_every_account_at_its_own_or_one_common_rate():
    balance = np.array([1_000_000, -50_000_000, 0])
    zero = np.zeros(3, dtype=np.int64)
    own, _ = accrue_many(balance, np.array([3_250_000, 4_350_000, 1]), np.array([360, 30, 9]), 360, zero, zero)
    common, _ = accrue_many(balance, np.array([3_250_000]), np.array([360]), 360, zero, zero)
    assert own.tolist() == [32_500, -181_250, 0]
    assert common.tolist() == [32_500, -1_625_000, 0]
    assert zero.tolist() == [0, 0, 0]


def test_a_column_of_no_accounts_accrues_nothing():
    none = np.array([], dtype=np.int64)
    whole, remainder = accrue_many(none, np.array([1]), np.array([1]), 360, none, none)
    assert whole.size == remainder.size == 0


@pytest.mark.parametrize("basis_days", [360, 365, 366])
@pytest.mark.parametrize("rate", [-RATE_MAX, RATE_MAX])
def test_a_day_of_any_int64_balance_at_the_extreme_rates_fits(basis_days, rate):
    base = remainder_base(basis_days)
    balance = np.array([INT64_MIN, INT64_MIN + 1, -base, 1 - base, -1, 0, 1, base - 1, base, INT64_MAX - 1, INT64_MAX])
    old = np.full(balance.size, base - 1)
    whole, remainder = accrue_many(balance, np.array([rate]), np.array([1]), basis_days, old - old, old)
    expected = [accrue(int(value), rate, 1, basis_days, 0, base - 1) for value in balance]
    assert list(zip(whole.tolist(), remainder.tolist(), strict=True)) == expected


def test_the_most_days_at_once_fit():
    base = remainder_base(366)
    whole, remainder = accrue_many(
        np.array([base - 1]), np.array([RATE_MAX]), np.array([DAYS_MAX]), 366, np.array([0]), np.array([base - 1])
    )
    assert (int(whole[0]), int(remainder[0])) == accrue(base - 1, RATE_MAX, DAYS_MAX, 366, 0, base - 1)


@pytest.mark.parametrize(
    ("balance", "rate", "days", "basis_days", "whole", "remainder"),
    [
        (1, RATE_MAX + 1, 1, 360, 0, 0),
        (1, -RATE_MAX - 1, 1, 360, 0, 0),
        (1, 1, DAYS_MAX + 1, 360, 0, 0),
        (1, 1, 1, 364, 0, 0),
        (1, 1, 1, 0, 0, 0),
        (1, 1, 1, 360, 0, -1),
        (1, 1, 1, 360, 0, 360 * 10**8),
        (INT64_MAX, RATE_MAX, DAYS_MAX, 360, 0, 0),
        (INT64_MIN, RATE_MAX, DAYS_MAX, 360, 0, 0),
        (10**12, RATE_MAX, 360, 360, INT64_MAX, 0),
    ],
)
def test_beyond_the_bounds_accrual_is_refused_not_wrapped(balance, rate, days, basis_days, whole, remainder):
    with pytest.raises(OutOfRangeError):
        accrue(balance, rate, days, basis_days, whole, remainder)
    columns = [np.array([value]) for value in (balance, rate, days, whole, remainder)]
    with pytest.raises(OutOfRangeError):
        accrue_many(*columns[:3], basis_days, *columns[3:])


def test_floats_do_not_accrue():
    with pytest.raises(InexactError):
        accrue(100.0, 1, 1, 360)
    one = np.array([1])
    for dtype in (np.float64, np.int32):
        with pytest.raises(InexactError, match="int64"):
            accrue_many(one.astype(dtype), one, one, 360, one, one)
