"""Annual percentage rates: the printed figure is right by exact fractions, and what must not matter does not."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from yinhe.kernel.dates import add_months
from yinhe.lending.annual_rate import Flow, NoRate, european_rate, internal_rate, united_states_rate
from yinhe.lending.unit_periods import Months, measured

START = dt.date(2026, 1, 12)
RATES = (european_rate, united_states_rate, internal_rate)


@st.composite
def loans(draw: st.DrawFn) -> tuple[list[Flow], list[Flow]]:
    """An advance, perhaps a second one some days later, and monthly payments of any size that repay at least both."""
    amounts = draw(st.lists(st.integers(1, 500_000), min_size=1, max_size=24))
    first = add_months(START, 1) + dt.timedelta(draw(st.integers(0, 25)))
    payments = [Flow(add_months(first, number), amount) for number, amount in enumerate(amounts)]
    total = sum(amounts)
    lent = draw(st.integers(max(1, total // 2), total))
    second = draw(st.integers(0, lent - 1))
    advances = [Flow(START, lent - second)]
    if second:
        advances.append(Flow(START + dt.timedelta(draw(st.integers(0, 20))), second))
    return advances, payments


def worth(flows: list[Flow], rate: Fraction, day: int) -> Fraction:
    """Appendix J, (b)(8), in fractions, at a yearly rate and unit-periods of a month."""
    period, total = rate / 12, Fraction(0)
    for flow in flows:
        full, fraction = measured(START, flow.date, Months(1), day)
        total += flow.amount_minor / ((1 + fraction * period) * (1 + period) ** full)
    return total


@settings(deadline=None, max_examples=30)
@given(loan=loans())
def test_the_printed_rate_of_regulation_z_lies_between_its_boundaries(loan: tuple[list[Flow], list[Flow]]) -> None:
    advances, payments = loan
    found = united_states_rate(advances, payments, Months(1))
    assert isinstance(found, Decimal)
    day = payments[0].date.day
    low, high = (Fraction(found) / 100 + side * Fraction(1, 20_000) for side in (-1, 1))
    if found:
        assert worth(advances, low, day) <= worth(payments, low, day)
    assert worth(advances, high, day) > worth(payments, high, day)


@settings(deadline=None, max_examples=20)
@given(loan=loans(), factor=st.integers(2, 1_000), place=st.integers(0, 23))
def test_order_size_and_splitting_change_nothing(loan: tuple[list[Flow], list[Flow]], factor: int, place: int) -> None:
    advances, payments = loan
    grown = [[Flow(one.date, one.amount_minor * factor) for one in side] for side in loan]
    one = grown[1][place % len(payments)]
    halves = [Flow(one.date, one.amount_minor - 1), Flow(one.date, 1)]
    split = [flow for flow in grown[1] if flow is not one] + halves
    for rate in RATES:
        assert rate(advances, payments) == rate(grown[0], split[::-1])


@settings(deadline=None, max_examples=20)
@given(loan=loans(), days=st.integers(1, 60))
def test_what_is_paid_later_costs_no_more_a_year_and_what_is_paid_beside_no_less(
    loan: tuple[list[Flow], list[Flow]], days: int
) -> None:
    advances, payments = loan
    last = payments[-1]
    later = [*payments[:-1], Flow(last.date + dt.timedelta(days), last.amount_minor)]
    charged = [*payments, Flow(payments[0].date, 100)]
    usual, put_off, dearer = (internal_rate(advances, one, 6) for one in (payments, later, charged))
    assert isinstance(usual, Decimal)
    assert isinstance(put_off, Decimal)
    assert isinstance(dearer, Decimal | NoRate)
    assert put_off <= usual
    assert isinstance(dearer, NoRate) or usual < dearer
