"""A deposit is opened on a deposit: on a loan it is refused with its reason, one by one and in bulk."""

from uuid import UUID

import msgspec
import pytest
from tests.unit.deposits.shelf import shelf

from yinhe.deposits.bulk import orders, refuse_orders
from yinhe.deposits.commands import Open
from yinhe.deposits.opening import decide_open
from yinhe.deposits.plans import Plan
from yinhe.deposits.refusals import Refusal, read_refusal, refusal_words
from yinhe.products.catalogue import Catalogue, Version
from yinhe.products.families import Family, family_of
from yinhe.products.parts.base import Channel
from yinhe.products.product_library import library_products

DAY = 20_500
DEPOSITS = shelf()
LOANS = [product for product in library_products() if family_of(product) is Family.LOAN]
FIRST = 101


def sold(version: Version, number: int, place: int) -> Version:
    return msgspec.structs.replace(version, id=number, product=LOANS[place])


CATALOGUE = Catalogue(
    [*DEPOSITS.versions, *(sold(DEPOSITS.versions[0], FIRST + place, place) for place in range(len(LOANS)))],
    DEPOSITS.rates,
)


def asked(version: int) -> Plan | Refusal:
    return decide_open(Open(id=UUID(int=0), version=version, holder="P-1"), CATALOGUE, DAY, 1, lambda _: 156)


def test_a_deposit_is_opened_on_a_demand_deposit() -> None:
    """So that the loans are refused for being loans."""
    assert isinstance(asked(1), Plan)


@pytest.mark.parametrize("place", range(len(LOANS)), ids=[product.code for product in LOANS])
def test_no_deposit_is_opened_on_a_loan(place: int) -> None:
    found = asked(FIRST + place)
    assert isinstance(found, Refusal)
    assert (found.name, found.english, found.chinese) == (
        "not_a_deposit",
        "this product is no deposit",
        "该产品不是存款产品",
    )
    assert read_refusal(refusal_words(found)) == found


def test_a_bulk_with_a_loan_among_it_names_the_order() -> None:
    rows = orders(4, version=1)
    rows["version"][2] = FIRST
    refused = refuse_orders(CATALOGUE, rows, DAY, Channel.COUNTER)
    assert refused is not None
    assert [(order.place, order.refusal.name) for order in refused.orders] == [(2, "not_a_deposit")]
