import numpy as np
import pytest

from yinhe.kernel.bounds import INT64_MAX, INT64_MIN
from yinhe.kernel.errors import InexactError, OutOfRangeError
from yinhe.kernel.rounding import Rounding, divide_round, divide_round_many, round_quotient, round_quotient_many

HALVES = [-5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5]
"""Numerators over 2: -2.5, -2.0, ... 2.5."""

TIES = {
    Rounding.HALF_UP: [-3, -2, -2, -1, -1, 0, 1, 1, 2, 2, 3],
    Rounding.HALF_EVEN: [-2, -2, -2, -1, 0, 0, 0, 1, 2, 2, 2],
    Rounding.DOWN: [-2, -2, -1, -1, 0, 0, 0, 1, 1, 2, 2],
    Rounding.UP: [-3, -2, -2, -1, -1, 0, 1, 1, 2, 2, 3],
    Rounding.FLOOR: [-3, -2, -2, -1, -1, 0, 0, 1, 1, 2, 2],
    Rounding.CEILING: [-2, -2, -1, -1, 0, 0, 1, 1, 2, 2, 3],
}


@pytest.mark.parametrize(("rounding", "expected"), TIES.items())
def test_a_tie_goes_where_the_rule_says(rounding, expected):
    assert [divide_round(numerator, 2, rounding) for numerator in HALVES] == expected
    assert [divide_round(-numerator, -2, rounding) for numerator in HALVES] == expected
    assert divide_round_many(np.array(HALVES), 2, rounding).tolist() == expected


def test_every_rule_is_in_the_table():
    assert set(TIES) == set(Rounding)


@pytest.mark.parametrize(
    ("rounding", "expected"),
    [
        (Rounding.HALF_UP, [-1, 0, 0, 1]),
        (Rounding.HALF_EVEN, [-1, 0, 0, 1]),
        (Rounding.DOWN, [0, 0, 0, 0]),
        (Rounding.UP, [-1, -1, 1, 1]),
        (Rounding.FLOOR, [-1, -1, 0, 0]),
        (Rounding.CEILING, [0, 0, 1, 1]),
    ],
)
def test_thirds_go_to_the_nearest_or_as_directed(rounding, expected):
    assert divide_round_many(np.array([-2, -1, 1, 2]), 3, rounding).tolist() == expected


def test_half_up_means_away_from_zero_as_a_teller_rounds():
    assert divide_round(125, 10, Rounding.HALF_UP) == 13
    assert divide_round(-125, 10, Rounding.HALF_UP) == -13


@pytest.mark.parametrize("rounding", Rounding)
def test_the_ends_of_int64_round_without_wrapping(rounding):
    column = np.array([INT64_MIN, INT64_MAX, INT64_MAX - 1])
    for denominator in (2, INT64_MAX):
        expected = [divide_round(int(value), denominator, rounding) for value in column]
        assert divide_round_many(column, denominator, rounding).tolist() == expected


def test_an_empty_column_rounds_to_an_empty_column():
    assert divide_round_many(np.array([], dtype=np.int64), 7, Rounding.HALF_UP).size == 0


def test_division_by_zero_or_of_columns_by_a_negative_is_refused():
    with pytest.raises(OutOfRangeError):
        divide_round(1, 0, Rounding.DOWN)
    for denominator in (0, -2):
        with pytest.raises(OutOfRangeError, match="positive"):
            divide_round_many(np.array([1]), denominator, Rounding.DOWN)


@pytest.mark.parametrize("remainder", [-1, 7])
def test_a_remainder_outside_its_denominator_is_refused(remainder):
    with pytest.raises(OutOfRangeError, match=r"0\.\.6"):
        round_quotient(1, remainder, 7, Rounding.FLOOR)
    with pytest.raises(OutOfRangeError, match=r"0\.\.6"):
        round_quotient_many(np.array([1]), np.array([remainder]), 7, Rounding.FLOOR)


@pytest.mark.parametrize("dtype", [np.float64, np.int32])
def test_a_column_of_another_type_is_refused(dtype):
    with pytest.raises(InexactError, match=dtype.__name__):
        divide_round_many(np.array([1], dtype=dtype), 2, Rounding.FLOOR)
