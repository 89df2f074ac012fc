import msgspec
import numpy as np
import pytest

from yinhe.kernel.currency import currency
from yinhe.kernel.errors import CurrencyMismatchError, InexactError, OutOfRangeError, ParseError
from yinhe.kernel.money import INT64_MAX, INT64_MIN, Money, allocate, format_money, parse_money

CNY = currency("CNY")
USD = currency("USD")


def fen(amount):
    return Money(amount, CNY)


@pytest.mark.parametrize(
    ("text", "code", "amount_minor"),
    [
        ("1,234.50", "CNY", 123_450),
        ("1234.5", "CNY", 123_450),
        ("0", "CNY", 0),
        ("-0.01", "CNY", -1),
        ("0007", "CNY", 700),
        ("1,234", "JPY", 1_234),
        ("1.234", "KWD", 1_234),
        ("0.0001", "CLF", 1),
        ("92,233,720,368,547,758.07", "CNY", INT64_MAX),
        ("-92233720368547758.08", "CNY", INT64_MIN),
    ],
)
def test_an_amount_is_read_at_the_scale_of_its_currency(text, code, amount_minor):
    assert parse_money(text, currency(code)) == Money(amount_minor, currency(code))


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "-", "+1", "1.", ".5", "1 234", " 1", "1\n", "1e3", "0x10", "1_000", "--1", "1.2.3", "¥1"),
        *("NaN", "nan", "inf", "Infinity", "-Infinity"),
        *("１２３", "١٢٣", "一百", "1²", "1．5", "1.５", "1，234"),
        *("1,23", "12,34.00", "1,2345", ",123", "1,234,5", "1234,567", "1,,234"),
        "1" * 41,
    ],
)
def test_text_that_is_no_plain_decimal_is_refused(text):
    with pytest.raises(ParseError):
        parse_money(text, CNY)


@pytest.mark.parametrize(("text", "code"), [("1.234", "CNY"), ("1.000", "CNY"), ("1.0", "JPY"), ("0.00001", "CLF")])
def test_more_decimals_than_the_currency_has_are_refused(text, code):
    with pytest.raises(ParseError, match="decimals"):
        parse_money(text, currency(code))


@pytest.mark.parametrize("value", [1.5, 1, None, b"1"])
def test_only_text_is_read_as_an_amount(value):
    with pytest.raises(ParseError, match=type(value).__name__):
        parse_money(value, CNY)


@pytest.mark.parametrize("value", [1.0, float("nan"), True, "1", None, np.int64(1)])
def test_money_holds_nothing_but_an_int(value):
    with pytest.raises(InexactError):
        Money(value, CNY)


def test_money_beyond_an_int64_is_refused():
    with pytest.raises(OutOfRangeError):
        fen(INT64_MAX + 1)
    with pytest.raises(OutOfRangeError):
        parse_money("92233720368547758.08", CNY)


@pytest.mark.parametrize(
    "overflow", [lambda: fen(INT64_MAX) + fen(1), lambda: fen(INT64_MIN) - fen(1), lambda: -fen(INT64_MIN)]
)
def test_arithmetic_never_wraps_around(overflow):
    with pytest.raises(OutOfRangeError):
        overflow()


@pytest.mark.parametrize(
    ("amount_minor", "code", "text"),
    [
        (123_450, "CNY", "1,234.50 CNY"),
        (-5, "CNY", "-0.05 CNY"),
        (0, "CNY", "0.00 CNY"),
        (1_234_567, "JPY", "1,234,567 JPY"),
        (-1, "KWD", "-0.001 KWD"),
        (INT64_MIN, "CNY", "-92,233,720,368,547,758.08 CNY"),
    ],
)
def test_an_amount_is_printed_with_all_decimals_of_its_currency(amount_minor, code, text):
    money = Money(amount_minor, currency(code))
    assert format_money(money) == text == str(money)


def test_money_of_one_currency_adds_subtracts_and_compares():
    assert fen(150) + fen(-50) == fen(100)
    assert fen(150) - fen(200) == -fen(50)
    assert fen(1) < fen(2) <= fen(2) < fen(3)
    assert max(fen(1), fen(3), fen(2)) == fen(3)
    assert len({fen(1), fen(1), Money(1, USD)}) == 2


@pytest.mark.parametrize(
    "mix",
    [
        lambda: fen(1) + Money(1, USD),
        lambda: fen(1) - Money(1, USD),
        lambda: fen(1) < Money(2, USD),
        lambda: fen(1) <= Money(2, USD),
        lambda: fen(1) > Money(2, USD),
    ],
)
def test_two_currencies_do_not_mix(mix):
    with pytest.raises(CurrencyMismatchError, match=r"(CNY and USD|USD and CNY) do not mix"):
        mix()


def test_equal_numbers_of_two_currencies_are_not_equal():
    assert fen(1) != Money(1, USD)


def test_money_cannot_be_changed():
    with pytest.raises(AttributeError):
        fen(1).amount_minor = 2
    assert issubclass(Money, msgspec.Struct)


@pytest.mark.parametrize(
    ("amount_minor", "weights", "shares"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (-100, [1, 1, 1], [-34, -33, -33]),
        (5, [3, 7], [2, 3]),
        (2, [1, 1, 1, 1], [1, 1, 0, 0]),
        (100, [1, 0, 2], [33, 0, 67]),
        (0, [1, 2], [0, 0]),
        (INT64_MIN, [1], [INT64_MIN]),
        (INT64_MAX, [2**40, 2**40], [4_611_686_018_427_387_904, 4_611_686_018_427_387_903]),
    ],
)
def test_a_split_loses_no_unit(amount_minor, weights, shares):
    assert allocate(fen(amount_minor), weights) == [fen(share) for share in shares]


@pytest.mark.parametrize("weights", [[], [0, 0], [2, -1]])
def test_a_split_by_no_weight_or_a_negative_one_is_refused(weights):
    with pytest.raises(OutOfRangeError):
        allocate(fen(100), weights)


def test_a_split_by_a_float_is_refused():
    with pytest.raises(InexactError):
        allocate(fen(100), [0.5, 0.5])
