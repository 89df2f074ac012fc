"""A file of posted rates: read whole, or every mistake with its line."""

import pytest

from yinhe.products.findings import Code, Refused
from yinhe.products.rates import RateBook
from yinhe.products.rates_file import read_rates

GOOD = """\
[demand]
rates = [
    { effective = 2024-10-18, rate = "0.10%" },
    { effective = 2025-05-20, rate = "0.05%" },
]
"""


def test_each_rate_holds_from_its_day() -> None:
    book = read_rates(GOOD, "rates.toml")
    assert isinstance(book, RateBook)
    assert [book.on("demand", day) for day in (20_014, 20_227, 20_228)] == [100_000, 100_000, 50_000]


@pytest.mark.parametrize(
    ("wrong", "line", "code"),
    [
        (GOOD.replace('"0.05%"', "0.05"), 4, Code.UNIT_MISSING),
        (GOOD.replace('"0.05%"', '"a little"'), 4, Code.UNREADABLE),
        (GOOD.replace("2024-10-18", '"last year"'), 3, Code.TYPE_WRONG),
        (GOOD.replace("rates =", "steps ="), 1, Code.KEY_MISSING),
        (GOOD.replace("]\n", "\n", 1), 1, Code.NOT_TOML),
    ],
)
def test_a_mistake_is_named_with_its_line(wrong: str, line: int, code: Code) -> None:
    found = read_rates(wrong, "rates.toml")
    assert isinstance(found, Refused)
    assert [(one.line, one.code) for one in found.findings] == [(line, code)]
