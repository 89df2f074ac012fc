import pytest

from yinhe.kernel.errors import InexactError, OutOfRangeError, ParseError
from yinhe.kernel.rates import RATE_MAX, Rate, format_rate, parse_rate


@pytest.mark.parametrize(
    ("text", "units", "printed"),
    [
        ("3.25%", 3_250_000, "3.25%"),
        ("0.0325", 3_250_000, "3.25%"),
        ("32.5‰", 3_250_000, "3.25%"),
        ("325bp", 3_250_000, "3.25%"),
        ("45bp", 450_000, "0.45%"),
        ("-0.5%", -500_000, "-0.5%"),
        ("-10bp", -100_000, "-0.1%"),
        ("0.000001%", 1, "0.000001%"),
        ("0.00000001", 1, "0.000001%"),
        ("0.0001bp", 1, "0.000001%"),
        ("0%", 0, "0%"),
        ("100%", 100_000_000, "100%"),
        ("1", 100_000_000, "100%"),
        ("250%", RATE_MAX, "250%"),
        ("-250%", -RATE_MAX, "-250%"),
    ],
)
def test_a_rate_is_read_in_percent_per_mille_basis_points_or_as_a_fraction(text, units, printed):
    rate = parse_rate(text)
    assert rate == Rate(units)
    assert format_rate(rate) == printed == str(rate)


@pytest.mark.parametrize("text", ["", "%", "3.25 %", "3,25%", "3.25%%", "45 bp", "45bps", "３％", "NaN", "1e-2", ".5%"])
def test_other_text_is_refused(text):
    with pytest.raises(ParseError):
        parse_rate(text)


@pytest.mark.parametrize("text", ["0.0000001%", "0.000000001", "0.00001bp"])
def test_a_rate_finer_than_its_unit_is_refused_not_rounded(text):
    with pytest.raises(ParseError, match="decimals"):
        parse_rate(text)


@pytest.mark.parametrize("text", ["250.000001%", "325%", "3.25", "-251%"])
def test_a_rate_beyond_250_percent_is_refused(text):
    with pytest.raises(OutOfRangeError):
        parse_rate(text)


def test_the_limit_of_the_field_catches_a_lost_decimal_point():
    at_most = parse_rate("24%")
    assert parse_rate("24%", at_most) == at_most
    assert parse_rate("32.5%") == Rate(32_500_000)
    with pytest.raises(OutOfRangeError, match=r"32\.5% is above the 24% allowed here"):
        parse_rate("32.5%", at_most)


@pytest.mark.parametrize("value", [0.0325, True, "3"])
def test_a_rate_holds_nothing_but_an_int(value):
    with pytest.raises(InexactError):
        Rate(value)


@pytest.mark.parametrize("value", [0.0325, 3, None])
def test_only_text_is_read_as_a_rate(value):
    with pytest.raises(ParseError, match=type(value).__name__):
        parse_rate(value)


def test_rates_compare():
    assert Rate(1) < Rate(2) <= Rate(2)
