import uuid

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from yinhe.kernel.account_number import DIGITS, INDEX_MAX, UNIT_MAX, AccountNumber, decode, display, encode, encode_many
from yinhe.kernel.clock import ManualClock
from yinhe.kernel.errors import ParseError
from yinhe.kernel.ids import IdSource, is_uuid7, join, split, unix_ms

numbers = st.builds(AccountNumber, st.integers(1, UNIT_MAX), st.integers(0, INDEX_MAX))


@given(numbers)
@settings(deadline=None)
def test_an_account_number_is_read_back_plain_or_grouped(number):
    assert decode(encode(number)) == decode(display(number)) == number
    assert int(encode(number)) % 97 == 1
    assert encode_many(number.unit, np.array([number.index])).tolist() == [int(encode(number))]


@given(numbers)
@settings(deadline=None, max_examples=50)
def test_every_single_wrong_digit_is_caught(number):
    digits = encode(number)
    for position in range(DIGITS):
        for wrong in set("0123456789") - {digits[position]}:
            with pytest.raises(ParseError):
                decode(digits[:position] + wrong + digits[position + 1 :])


@given(numbers)
@settings(deadline=None)
def test_every_swap_of_two_neighbours_is_caught(number):
    digits = encode(number)
    for position in range(DIGITS - 1):
        left, right = digits[position : position + 2]
        if left != right:
            with pytest.raises(ParseError):
                decode(digits[:position] + right + left + digits[position + 2 :])


@given(st.text("0123456789", min_size=DIGITS, max_size=DIGITS))
@settings(deadline=None)
def test_only_the_numbers_that_are_issued_are_accepted(digits):
    try:
        number = decode(digits)
    except ParseError:
        return
    assert encode(number) == digits


@given(st.uuids())
@settings(deadline=None)
def test_an_id_is_its_two_halves(value):
    assert join(*split(value)) == value


@given(st.lists(st.tuples(st.integers(0, 2**43), st.integers(0, 50)), max_size=20), st.integers(0, 2**32))
@settings(deadline=None)
def test_ids_increase_whatever_the_clock_does(steps, seed):
    clock = ManualClock(0)
    source = IdSource(clock, seed)
    made: list[uuid.UUID] = []
    latest_ms = 0
    for now_ms, n in steps:
        clock.set(now_ms * 1_000)
        latest_ms = max(latest_ms, now_ms)
        made.append(source.next())
        assert unix_ms(made[-1]) == latest_ms
        made.extend(join(int(hi), int(lo)) for hi, lo in zip(*source.take(n), strict=True))
    assert made == sorted(set(made))
    assert all(is_uuid7(value) for value in made)


@given(st.integers(0, 2**48 - 1), st.integers(0, 2**48 - 1))
@settings(deadline=None)
def test_ids_sort_by_the_time_they_were_made(one_ms, other_ms):
    assume(one_ms < other_ms)
    earlier, later = (IdSource(ManualClock(ms * 1_000), None).next() for ms in (one_ms, other_ms))
    assert earlier < later
