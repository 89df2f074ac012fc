"""The terms a customer reads, made from the parts."""

import re

import pytest
from tests.unit.products.files import SAVINGS, sound
from tests.unit.products.loan_files import LOAN

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


def test_a_loan_has_the_headings_of_loans_and_its_rate_is_kept_as_it_is_set() -> None:
    kept = LOAN + "".join(f'\n[[terms]]\nname = "{name}"\nrule = "freeze"\n' for name in ("rate", "overdue"))
    english, chinese = terms_text(sound(kept))
    for said in ("Early repayment", "Late payment", "Order of repayment"):
        assert f". {said}\n" in english
    assert "The way the rate is set stays as it was on the day of the contract." in english
    assert "The terms on late payment stay as they were on the day of the contract." in english
    assert "利率定价方式以合同签订日为准，期内不变。" in chinese
    assert "逾期条款以合同签订日为准，期内不变。" in chinese
    assert "存" not in chinese


def test_how_a_bank_grades_a_loan_and_what_it_sets_aside_is_not_told() -> None:
    product = sound(LOAN)
    english, chinese = terms_text(product)
    for kind in (Kind.CLASSIFICATION, Kind.NON_ACCRUAL, Kind.ALLOWANCE, Kind.WRITE_OFF):
        assert all(part.text() == ("", "") for part in product.of_kind(kind))
    assert "1303" not in english + chinese


def test_a_rate_that_follows_or_is_negotiated_is_called_the_rate() -> None:
    follows = LOAN + '\n[[terms]]\nname = "rate"\nrule = "follow"\n'
    assert "The rate follows the product as the bank publishes it." in terms_text(sound(follows))[0]
    agreed = LOAN + '\n[[terms]]\nname = "rate"\nrule = "negotiate"\nleast = "2.50%"\nmost = "8%"\n'
    assert "The rate is agreed individually, between 2.5% and 8%." in terms_text(sound(agreed))[0]
