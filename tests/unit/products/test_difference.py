"""What changed between two versions, in words."""

import pytest
from tests.unit.products.files import SAVINGS, TIME, sound, spoiled, without

from yinhe.products.difference import difference

PERSONS = '\n[[parts]]\npart = "eligibility.persons"\n'


def english(old: str, new: str) -> list[str]:
    return [change.english for change in difference(sound(old), sound(new))]


def chinese(old: str, new: str) -> list[str]:
    return [change.chinese for change in difference(sound(old), sound(new))]


@pytest.mark.parametrize(
    ("old", "new", "said", "said_chinese"),
    [
        (
            "2026-01-05",
            "2026-02-01",
            "The effective date changes from 2026-01-05 to 2026-02-01.",
            "生效日期由2026-01-05改为2026-02-01。",
        ),
        (
            '"1.25%"',
            '"1.30%"',
            "interest.tiered_slice: tiers[2].rate changes from 1.25% to 1.3%.",
            "interest.tiered_slice：分档利率，从零起递增第2项年利率由1.25%改为1.3%。",
        ),
        (
            '"5,000,000.00 CNY"',
            '"6,000,000.00 CNY"',
            "amount.balance_most: most changes from 5,000,000.00 CNY to 6,000,000.00 CNY.",
            "amount.balance_most：最高余额由5,000,000.00 CNY改为6,000,000.00 CNY。",
        ),
        (
            '"3.50%"',
            '"3.00%"',
            "Agreed anew: The rate is agreed individually, between 0.05% and 3%.",
            "约定变更：利率由双方协商确定，范围0.05%至3%。",
        ),
    ],
)
def test_a_changed_value_is_said_with_what_it_was(old: str, new: str, said: str, said_chinese: str) -> None:
    assert english(SAVINGS, spoiled(SAVINGS, old, new)) == [said]
    assert chinese(SAVINGS, spoiled(SAVINGS, old, new)) == [said_chinese]


def test_nothing_changes_between_equal_products() -> None:
    assert english(SAVINGS, SAVINGS) == []


def test_the_version_alone_is_no_change() -> None:
    assert english(SAVINGS, spoiled(SAVINGS, "version = 1", "version = 2")) == []


def test_parts_come_and_go() -> None:
    (said,) = english(SAVINGS, SAVINGS + PERSONS)
    assert said.startswith("eligibility.persons is added")
    (said,) = english(SAVINGS + PERSONS, SAVINGS)
    assert said.startswith("eligibility.persons is removed")


def test_a_part_is_replaced_by_another_of_its_kind() -> None:
    monthly = spoiled(SAVINGS, '"settlement.quarterly"', '"settlement.monthly"')
    (said,) = english(SAVINGS, monthly)
    assert said.startswith("settlement.quarterly is replaced by settlement.monthly: Interest is settled on day 20")


def test_a_tier_more_and_a_tier_less_are_said() -> None:
    last = '    { at_least = "1,000,000.00 CNY", rate = "3.25%" },\n'
    shorter = spoiled(SAVINGS, last, "")
    assert english(shorter, SAVINGS) == [
        "interest.tiered_slice: tiers[3].at_least is new, 1,000,000.00 CNY.",
        "interest.tiered_slice: tiers[3].rate is new, 3.25%.",
    ]
    assert "is gone; it was 3.25%" in english(SAVINGS, shorter)[1]


def test_the_order_of_parts_is_no_change() -> None:
    moved = without(SAVINGS, "term.open_ended") + '\n[[parts]]\npart = "term.open_ended"\n'
    assert english(SAVINGS, moved) == []


def test_whatever_differs_is_said() -> None:
    assert len(english(SAVINGS, TIME)) >= 6
