"""What a contract has of later versions, term by term, beside a clerk who looks up each term alone."""

import datetime as dt

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.property.closeday.paper import made

from yinhe.kernel.dates import days_from_date
from yinhe.products.catalogue import Catalogue, Version
from yinhe.products.parts.base import Kind, Part
from yinhe.products.product import Product, Term, TermRule
from yinhe.products.rates import RateBook
from yinhe.products.status import Status
from yinhe.products.terms import OF_THE_SALE, TERM_NAMES, term_of

FIRST = dt.date(2026, 1, 5)
CHOICES = {
    Kind.INTEREST: ('part = "interest.flat"\nrate = "1%"', 'part = "interest.flat"\nrate = "2%"'),
    Kind.ACCRUAL: ('part = "accrual.accumulated_balance"', 'part = "accrual.accumulated_balance"\nbasis = "ACT/365F"'),
    Kind.SETTLEMENT: ('part = "settlement.quarterly"', 'part = "settlement.monthly"'),
    Kind.FEE: (
        'part = "fee.flat"\nevent = "month"\ncharge = "1.00 CNY"',
        'part = "fee.flat"\nevent = "month"\ncharge = "9.00 CNY"',
    ),
    Kind.AMOUNT: ('part = "amount.balance_most"\nmost = "1.00 CNY"', 'part = "amount.balance_most"\nmost = "2.00 CNY"'),
    Kind.EARLY_WITHDRAWAL: ('part = "early_withdrawal.forbidden"', 'part = "early_withdrawal.at_rate"\nrate = "0.1%"'),
    Kind.RENEWAL: ('part = "renewal.none"\nafter = "0.1%"', 'part = "renewal.same_term"\nafter = "0.2%"'),
    Kind.TAX: ('part = "tax.none"', 'part = "tax.withholding"'),
    Kind.LEDGER: ('part = "ledger.deposit"', 'part = "ledger.deposit"\nexpense = 6412'),
    Kind.TERM: ('part = "term.open_ended"', 'part = "term.fixed"\noffered = ["1 year"]'),
}


@st.composite
def versions(draw: st.DrawFn) -> list[Product]:
    """Versions 1, 2, … of one product, one effective each ten days; each lacks some kinds and says its own rules."""
    found = []
    for number in range(draw(st.integers(1, 4))):
        lines = [draw(st.sampled_from((*choice, None))) for choice in CHOICES.values()]
        named = draw(st.lists(st.sampled_from(TERM_NAMES), unique=True))
        terms = tuple(Term(name=name, rule=draw(st.sampled_from(TermRule))) for name in named)
        found.append(
            msgspec.structs.replace(
                made(*(one for one in lines if one is not None)),
                version=number + 1,
                effective=FIRST + dt.timedelta(days=10 * number),
                terms=terms,
            )
        )
    return found


def published(products: list[Product], withdrawn: dict[int, dt.date]) -> Catalogue:
    return Catalogue(
        [
            Version(
                id=one.version, product=one, status=Status.PUBLISHED, text="", sha256="", author="a", approver="b",
                drafted_on=FIRST, approved_on=FIRST, published_on=FIRST, withdrawn_on=withdrawn.get(one.version),
            )
            for one in products
        ],
        RateBook([]),
    )  # fmt: skip


def looked_up(products: list[Product], withdrawn: dict[int, dt.date], sold: int, day: dt.date, kind: Kind):
    """The parts of one kind a contract has, as a clerk finds them in the files."""
    own = products[sold - 1]
    for term in own.terms:
        if term.name == term_of(kind) and term.rule in (TermRule.FREEZE, TermRule.NEGOTIATE):
            return own.of_kind(kind)
    if kind in OF_THE_SALE:
        return own.of_kind(kind)
    for later in reversed(products[sold:]):
        if later.effective <= day and withdrawn.get(later.version, day + dt.timedelta(days=1)) > day:
            return later.of_kind(kind)
    return own.of_kind(kind)


@given(versions(), st.dictionaries(st.integers(2, 4), st.integers(0, 50)), st.integers(0, 50), st.data())
@settings(deadline=None, max_examples=80)
def test_each_term_of_a_contract_is_that_of_the_version_its_own_rule_names(products, ends, after, data) -> None:
    withdrawn = {version: FIRST + dt.timedelta(days=days) for version, days in ends.items()}
    catalogue, day = published(products, withdrawn), FIRST + dt.timedelta(days=after)
    sold = data.draw(st.integers(1, len(products)))
    number = days_from_date(day)
    found = catalogue.in_force(sold, number)
    for kind in Kind:
        expected: tuple[Part, ...] = looked_up(products, withdrawn, sold, day, kind)
        assert found.of_kind(kind) == expected
        assert catalogue.origin(sold, number, kind).of_kind(kind) == expected
    assert found.terms == products[sold - 1].terms
    assert catalogue.in_force(sold, number) is found


def test_a_version_that_keeps_nothing_and_one_that_keeps_all_are_themselves() -> None:
    terms = tuple(Term(name=name, rule=TermRule.FREEZE) for name in TERM_NAMES)
    first, second = (made(CHOICES[Kind.INTEREST][place]) for place in (0, 1))
    later = msgspec.structs.replace(second, version=2)
    frozen = msgspec.structs.replace(first, terms=terms)
    assert published([first, later], {}).in_force(1, days_from_date(FIRST)) is later
    assert published([frozen, later], {}).in_force(1, days_from_date(FIRST)) is frozen
