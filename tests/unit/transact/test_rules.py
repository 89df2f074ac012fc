"""What plain transfers may do with each product of the library, and that a rule never knows better than the parts."""

from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.deposits.shelf import product

from yinhe.deposits.columns import CONTRACT
from yinhe.deposits.opening import facts_of
from yinhe.kernel.currency import currency
from yinhe.kernel.money import Money
from yinhe.products.assembly import read_product
from yinhe.products.families import Family, family_of
from yinhe.products.parts.amount import BalanceLeast, DepositAmount, WithdrawalAmount
from yinhe.products.parts.base import Channel
from yinhe.products.parts.fee import Fee, FeeEvent, FlatFee, FreeCountFee, PercentFee
from yinhe.products.product import Product
from yinhe.products.registry import part_classes
from yinhe.transact.rules import charges_of, compile_rule

CNY = currency("CNY")
LIBRARY = [path.name.removesuffix(".toml") for path in (files("yinhe.products") / "library").iterdir()]

PLAIN = [
    # product, with a term, what a debit hears, what a credit hears
    ("demand", False, None, None),
    ("corporate", False, None, None),
    ("agreement", False, None, None),
    ("lump_sum", True, "debit_term", "credit_no_further"),
    ("certificate", True, "debit_term", "credit_no_further"),
    ("notice_7d", False, "debit_notice", "credit_no_further"),
    ("at_will", False, "debit_pays_interest", "credit_no_further"),
    ("save_monthly", True, "debit_term", None),
    ("draw_monthly", True, "debit_term", "credit_no_further"),
    ("interest_monthly", True, "debit_term", "credit_no_further"),
]


@pytest.mark.parametrize(("code", "has_term", "debit", "credit"), PLAIN)
def test_only_what_moves_the_money_alone_is_plain(
    code: str, has_term: bool, debit: str | None, credit: str | None
) -> None:
    rule = compile_rule(product(code), {}, has_term=has_term, is_dormant=False)
    heard = [None if refusal is None else refusal.name for refusal in (rule.refuse_debit, rule.refuse_credit)]
    assert heard == [debit, credit]


def test_every_deposit_of_the_library_has_a_rule() -> None:
    for code in LIBRARY:
        if code == "rates":
            continue
        text = (files("yinhe.products") / "library" / f"{code}.toml").read_text("utf-8")
        found = read_product(text, code, part_classes())
        assert isinstance(found, Product)
        if family_of(found) is Family.DEPOSIT:
            compile_rule(found, charges_of(found, 1), has_term=False, is_dormant=False)


def money(minor: int) -> Money:
    return Money(minor, CNY)


bounds = st.one_of(st.none(), st.integers(1, 5_000).map(money))


@given(
    least=bounds,
    most=bounds,
    step=st.one_of(st.none(), st.integers(1, 50).map(money)),
    left=st.one_of(st.none(), st.integers(1, 500).map(money)),
    amount=st.integers(1, 6_000),
    balance=st.integers(0, 10_000),
)
def test_of_a_quiet_amount_no_part_says_anything(
    least: Money | None, most: Money | None, step: Money | None, left: Money | None, amount: int, balance: int
) -> None:
    parts = [WithdrawalAmount(least=least, most=most, step=step), DepositAmount(least=least, most=most, step=step)]
    if left is not None:
        parts.append(BalanceLeast(least=left))
    made = Product(
        code="x", number=1, version=1, english="x", chinese="x", currency="CNY",
        effective=None, parts=tuple(parts),
    )  # fmt: skip
    rule = compile_rule(made, {}, has_term=False, is_dormant=False)
    facts = facts_of(np.zeros(1, CONTRACT), 1, [amount], [balance], Channel.ONLINE)
    for (low, high), asked in ((rule.debit_quiet, rule.debit_parts), (rule.credit_quiet, rule.credit_parts)):
        if low <= amount <= high:
            assert not any(part.refuse(facts)[0] for part in asked)


def test_a_rule_knows_when_nothing_is_to_be_asked_of_a_usual_amount() -> None:
    rule = compile_rule(product("demand"), {}, has_term=False, is_dormant=False)
    assert rule.credit_quiet[0] <= 100 <= rule.credit_quiet[1]
    assert rule.is_plain
    assert not compile_rule(
        product("corporate"), charges_of(product("corporate"), 9), has_term=False, is_dormant=False
    ).is_plain


FEES: list[tuple[tuple[Fee, ...], int, int, int]] = [
    # the parts, which of its month, the amount, the fee
    ((FlatFee(event=FeeEvent.TRANSFER, charge=money(50)),), 1, 10_000, 50),
    ((FreeCountFee(event=FeeEvent.TRANSFER, charge=money(200), free=3),), 3, 10_000, 0),
    ((FreeCountFee(event=FeeEvent.TRANSFER, charge=money(200), free=3),), 4, 10_000, 200),
    (
        (
            FlatFee(event=FeeEvent.TRANSFER, charge=money(50)),
            FreeCountFee(event=FeeEvent.TRANSFER, charge=money(200), free=3),
        ),
        4,
        1,
        250,
    ),
]


@pytest.mark.parametrize(("parts", "count", "amount", "fee"), FEES)
def test_the_fees_of_one_event_add_up(parts: tuple[Fee, ...], count: int, amount: int, fee: int) -> None:
    made = Product(
        code="x", number=1, version=1, english="x", chinese="x", currency="CNY", effective=None,
        parts=(*parts, FlatFee(event=FeeEvent.MONTH, charge=money(9_999))),
    )  # fmt: skip
    charges = charges_of(made, 77)
    assert set(charges) == {FeeEvent.TRANSFER}
    charge = charges[FeeEvent.TRANSFER]
    assert charge.fee_minor(count, amount, 0) == fee
    assert charge.counts == any(isinstance(part, FreeCountFee) for part in parts)
    assert charge.income == 77


def test_a_percentage_needs_no_count() -> None:
    from yinhe.kernel.rates import Rate

    part = PercentFee(event=FeeEvent.WITHDRAWAL, rate=Rate(1_000_000))
    made = Product(
        code="x", number=1, version=1, english="x", chinese="x", currency="CNY", effective=None, parts=(part,)
    )
    assert not charges_of(made, 1)[FeeEvent.WITHDRAWAL].counts
