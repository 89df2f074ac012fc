import numpy as np
import pytest

from yinhe.kernel.account_number import INDEX_MAX, AccountNumber, decode, display, encode, encode_many
from yinhe.kernel.errors import InexactError, OutOfRangeError, ParseError


@pytest.mark.parametrize(
    ("unit", "index", "digits", "shown"),
    [
        (1, 123, "0001000000012367", "0001 0000 0001 2367"),
        (1, 0, "0001000000000048", "0001 0000 0000 0048"),
        (9999, INDEX_MAX, "9999999999999939", "9999 9999 9999 9939"),
    ],
)
def test_an_account_number_is_unit_index_and_check(unit, index, digits, shown):
    number = AccountNumber(unit, index)
    assert encode(number) == digits
    assert display(number) == shown == str(number)
    assert decode(digits) == decode(shown) == number
    assert int(digits) % 97 == 1


def test_the_check_is_the_one_of_iso_7064():
    # ISO/IEC 7064 gives 794 the check characters 44 in MOD 97-10.
    assert int("79444") % 97 == 1
    assert 98 - 794 * 100 % 97 == 44


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "0 digits, not 16"),
        ("000100000001236", "15 digits, not 16"),
        ("00010000000123670", "17 digits, not 16"),
        ("000100000001236A", "'A' where digit 16"),
        ("0001-0000-0001-2367", "'-' where digit 5"),
        ("０001000000012367", "'０' where digit 1"),
        ("00010000000123²7", "'²' where digit 15"),
        ("0001 000000012367", "groups of four"),
        ("0001  0000 0001 2367", "groups of four"),
        (" 0001000000012367", "groups of four"),
        ("0001\u00a00000 0001 2367", "groups of four"),
        ("0001000000012368", "fails its check digits"),
        ("0001000000021367", "fails its check digits"),
        ("0000000000000195", "unit 0000"),
    ],
)
def test_a_wrong_number_is_refused_with_the_reason(text, reason):
    with pytest.raises(ParseError, match=reason):
        decode(text)


@pytest.mark.parametrize("value", [1000000012367, None, b"0001000000012367"])
def test_only_text_is_decoded(value):
    with pytest.raises(ParseError, match=type(value).__name__):
        decode(value)


def test_check_digits_congruent_to_the_right_ones_are_still_wrong():
    index = next(index for index in range(97) if encode(AccountNumber(1, index)).endswith("98"))
    digits = encode(AccountNumber(1, index))
    assert int(digits[:-2] + "01") % 97 == 1
    with pytest.raises(ParseError, match="check"):
        decode(digits[:-2] + "01")


@pytest.mark.parametrize(("unit", "index"), [(0, 0), (10_000, 0), (-1, 0), (1, -1), (1, 10**10)])
def test_a_unit_or_index_beyond_its_digits_is_refused(unit, index):
    with pytest.raises(OutOfRangeError):
        AccountNumber(unit, index)
    with pytest.raises(OutOfRangeError):
        encode_many(unit, np.array([index]))


def test_a_unit_or_index_is_an_int():
    with pytest.raises(InexactError):
        AccountNumber(1, 2.0)
    with pytest.raises(InexactError):
        encode_many(1, np.array([2.0]))


def test_a_column_of_indexes_becomes_a_column_of_numbers():
    indexes = np.array([0, 123, INDEX_MAX])
    expected = [int(encode(AccountNumber(9999, int(index)))) for index in indexes]
    assert encode_many(9999, indexes).tolist() == expected
    assert encode_many(1, np.array([], dtype=np.int64)).size == 0
