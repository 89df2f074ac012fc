"""A fee that nothing would charge is refused where it is drafted; what was sold with one before goes on."""

import datetime as dt

import pytest
from tests.unit.products.files import PARTS, SAVINGS, TIME, line_of, sound
from tests.unit.products.loan_files import LOAN
from tests.unit.products.test_assembly import DORMANCY, MONTHLY_SAVING, NOTICE, PART

from yinhe.kernel.dates import days_from_date
from yinhe.products.assembly import read_product
from yinhe.products.checks import Bank
from yinhe.products.findings import Code, Refused
from yinhe.products.product import Product
from yinhe.products.rates import RateBook

FEE = PART + '"fee.flat"\nevent = "{}"\ncharge = "1.00 CNY"\n'


def drafted(text: str) -> Product | Refused:
    bank = Bank(business_date=days_from_date(dt.date(2020, 1, 1)), rates=RateBook(()))
    return read_product(text, "file.toml", PARTS, bank)


NEVER = [
    ("for opening", SAVINGS + FEE.format("opening")),
    ("for closing", SAVINGS + FEE.format("closing")),
    ("for the dormant where nobody becomes it", SAVINGS + FEE.format("dormant_month")),
    ("for transfers from money with a term", TIME + FEE.format("transfer")),
    ("for drawing it", TIME + FEE.format("withdrawal")),
    ("for paying more into it", TIME + FEE.format("deposit")),
    ("for drawing saved money", MONTHLY_SAVING + FEE.format("withdrawal")),
    ("for drawing with notice", SAVINGS + NOTICE + FEE.format("withdrawal")),
    ("for repaying early, which its own part says", LOAN + FEE.format("prepayment")),
    ("for drawing a loan", LOAN + FEE.format("drawing")),
    ("of a card, without a card", LOAN + FEE.format("cash_advance")),
]


@pytest.mark.parametrize("text", [row[1] for row in NEVER], ids=[row[0] for row in NEVER])
def test_a_fee_that_is_never_charged_is_refused_where_it_is_drafted_alone(text: str) -> None:
    found = drafted(text)
    assert isinstance(found, Refused)
    charged = [one for one in found.findings if one.code is Code.PARTS_CONTRADICT]
    assert [one.line for one in charged] == [line_of(text, 'part = "fee.flat"')]
    assert charged[0].hint
    sound(text)


@pytest.mark.parametrize(
    "text",
    [
        SAVINGS + DORMANCY + FEE.format("dormant_month") + FEE.format("transfer") + FEE.format("withdrawal"),
        SAVINGS + FEE.format("deposit"),
        TIME + FEE.format("month"),
        MONTHLY_SAVING + FEE.format("deposit"),
    ],
)
def test_a_fee_that_is_charged_is_none(text: str) -> None:
    found = drafted(text)
    told = () if isinstance(found, Product) else found.findings
    assert not [one for one in told if one.code is Code.PARTS_CONTRADICT]
