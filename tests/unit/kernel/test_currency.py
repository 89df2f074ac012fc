import pytest
import QuantLib

from yinhe.kernel.currency import CURRENCIES, currency, currency_by_number
from yinhe.kernel.errors import UnknownCurrencyError


@pytest.mark.parametrize(
    ("code", "number", "scale", "name_zh"),
    [
        ("CNY", 156, 2, "人民币"),
        ("USD", 840, 2, "美元"),
        ("EUR", 978, 2, "欧元"),
        ("HKD", 344, 2, "港元"),
        ("CZK", 203, 2, "捷克克朗"),
        ("JPY", 392, 0, "日元"),
        ("KRW", 410, 0, "韩元"),
        ("ISK", 352, 0, "冰岛克朗"),
        ("KWD", 414, 3, "科威特第纳尔"),
        ("TND", 788, 3, "突尼斯第纳尔"),
        ("CLF", 990, 4, "智利发展单位"),
        ("UYW", 927, 4, "乌拉圭养老金单位"),
        ("ALL", 8, 2, "阿尔巴尼亚列克"),
    ],
)
def test_a_currency_is_found_by_code_and_by_number(code, number, scale, name_zh):
    found = currency(code)
    assert (found.number, found.scale, found.name_zh) == (number, scale, name_zh)
    assert currency_by_number(number) is found


def test_codes_and_numbers_are_unique_and_well_formed():
    codes = [entry.code for entry in CURRENCIES]
    assert codes == sorted(set(codes))
    assert all(len(code) == 3 and code.isascii() and code.isupper() for code in codes)
    assert len({entry.number for entry in CURRENCIES}) == len(CURRENCIES)
    assert all(0 < entry.number < 1000 and 0 <= entry.scale <= 4 for entry in CURRENCIES)
    assert all(entry.name and entry.name_zh for entry in CURRENCIES)


def test_numbers_agree_with_quantlib_where_it_knows_the_currency():
    known = {entry.code: getattr(QuantLib, f"{entry.code}Currency", None) for entry in CURRENCIES}
    theirs = {code: make() for code, make in known.items() if make is not None}
    assert len(theirs) >= 60
    assert {code: other.numericCode() for code, other in theirs.items()} == {
        code: currency(code).number for code in theirs
    }


@pytest.mark.parametrize("code", ["XYZ", "", "cny", "DEM", "XAU", " CNY"])
def test_an_unknown_code_is_refused_by_name(code):
    with pytest.raises(UnknownCurrencyError, match=repr(code)):
        currency(code)


def test_a_code_in_small_letters_is_refused_with_a_hint():
    with pytest.raises(UnknownCurrencyError, match="capitals"):
        currency("cny")


@pytest.mark.parametrize("number", [0, -1, 276, 1000])
def test_an_unknown_number_is_refused_by_name(number):
    with pytest.raises(UnknownCurrencyError, match=str(number)):
        currency_by_number(number)
