from hypothesis import given, settings
from hypothesis import strategies as st

from yinhe.kernel.currency import CURRENCIES
from yinhe.kernel.money import INT64_MAX, INT64_MIN, Money, allocate, format_money, parse_money

amounts = st.integers(INT64_MIN, INT64_MAX)
moneys = st.builds(Money, amounts, st.sampled_from(CURRENCIES))


@given(moneys)
@settings(deadline=None)
def test_what_is_printed_is_read_back_unchanged(money):
    number = format_money(money).removesuffix(f" {money.currency.code}")
    assert parse_money(number, money.currency) == money
    assert parse_money(number.replace(",", ""), money.currency) == money


@given(moneys, st.lists(st.integers(0, 10**6), min_size=1, max_size=20).filter(any))
@settings(deadline=None)
def test_a_split_adds_up_and_each_share_is_within_one_unit_of_its_due(money, weights):
    shares = [share.amount_minor for share in allocate(money, weights)]
    assert sum(shares) == money.amount_minor
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share * sum(weights) - money.amount_minor * weight) < sum(weights)


@given(moneys, st.lists(st.integers(0, 10**6), min_size=1, max_size=20).filter(any))
@settings(deadline=None)
def test_who_has_no_weight_gets_nothing(money, weights):
    shares = allocate(money, weights)
    assert all(share.amount_minor == 0 for share, weight in zip(shares, weights, strict=True) if weight == 0)
