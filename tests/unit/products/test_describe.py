"""The terms a customer reads, made from the parts."""

import re

import pytest
from tests.unit.products.files import SAVINGS, sound

from yinhe.products.describe import sections_of, terms_text
from yinhe.products.parts.base import Kind
from yinhe.products.product_library import library_products

CHINESE = re.compile("[\u4e00-\u9fff]")


def test_terms_say_every_tier_and_what_may_change() -> None:
    english, chinese = terms_text(sound(SAVINGS))
    assert english.startswith("Savings, version 1\n\nIn force from 2026-01-05. Currency: CNY, Yuan Renminbi.\n")
    for said in ("from 50,000.00 CNY: 1.25%", "day 20 of March", "between 0.05% and 3.5%"):
        assert said in english
    for said in ("储蓄（第1版）", "50,000.00元起：1.25%", "范围0.05%至3.5%"):
        assert said in chinese


@pytest.mark.parametrize("product", library_products(), ids=lambda product: product.code)
def test_what_a_part_says_is_in_the_terms_in_both_languages(product) -> None:
    english, chinese = terms_text(product)
    assert not CHINESE.search(english)
    for part in product.parts:
        said, said_chinese = part.text()
        if part.kind is not Kind.LEDGER:
            assert said in english
            assert said_chinese in chinese
            assert bool(said) == bool(said_chinese)
    assert len(sections_of(product)) >= 5


@pytest.mark.parametrize("product", library_products(), ids=lambda product: product.code)
def test_customers_read_nothing_of_the_general_ledger(product) -> None:
    assert "2231" not in "".join(terms_text(product))
