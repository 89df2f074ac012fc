"""The interest of a card's statement is told by the days that bore it, lapsed ones too, and adds up to the fen."""

import datetime as dt
from uuid import UUID

import msgspec
import numpy as np

from yinhe.closeday.explain_card import derivation_of_card
from yinhe.closeday.lent import LoanPast
from yinhe.kernel.dates import days_from_date
from yinhe.lending.columns import LOAN, LoanFlag
from yinhe.lending.events import DONE, Event
from yinhe.lending.position import Act, ActKind
from yinhe.products.catalogue import Catalogue, Status, Version
from yinhe.products.product_library import library_products
from yinhe.products.rates import RateBook

CARD = next(product for product in library_products() if product.code == "credit_card")
BEGAN = dt.date(2026, 1, 1)
VERSION = Version(
    id=1, product=CARD, status=Status.PUBLISHED, text="", sha256="", author="", approver="", drafted_on=BEGAN,
    approved_on=BEGAN, published_on=BEGAN, withdrawn_on=None,
)  # fmt: skip


def day(text: str) -> int:
    return days_from_date(dt.date.fromisoformat(text))


def past(*acts: Act) -> LoanPast:
    row = np.zeros(1, LOAN)
    row["loan"], row["version"], row["limit"], row["agreed"] = 1, 1, 50_000_00, day("2026-01-01")
    row["flags"] = int(LoanFlag.OPEN | LoanFlag.REVOLVING)
    history = tuple(
        Event(UUID(int=at), 1, "act", act.day, act.day, DONE, {"act": msgspec.to_builtins(act), "row": {"linked": 0}})
        for at, act in enumerate(acts)
    )
    return LoanPast(row, history, ())


def told(lent: LoanPast, date: str) -> tuple[int, list[tuple[str, str, int, int, str]]]:
    found = derivation_of_card(lent, Catalogue([VERSION], RateBook([])), day(date))
    assert found is not None
    spans = [
        (str(np.datetime64(one.start, "D")), str(np.datetime64(one.end, "D")), one.days, one.balance_minor, one.part)
        for one in found.spans
    ]
    return found.amount_minor, spans


def test_a_purchase_not_paid_whole_is_told_from_the_day_of_posting() -> None:
    lent = past(
        Act(day=day("2026-01-10"), kind=ActKind.DRAW, amount=3_000_00),
        Act(day=day("2026-01-20"), kind=ActKind.DRAW, amount=2_000_00),
        Act(day=day("2026-02-15"), kind=ActKind.REPAY, amount=2_000_00),
    )
    amount, spans = told(lent, "2026-03-05")
    assert amount == 108_40
    assert spans == [
        ("2026-01-10", "2026-01-20", 10, 3_000_00, "card.interest_free"),
        ("2026-01-20", "2026-02-05", 16, 5_000_00, "card.interest_free"),
        ("2026-02-05", "2026-02-15", 10, 5_100_00, "card.interest_free"),
        ("2026-02-15", "2026-02-25", 10, 3_100_00, "card.interest_free"),
        ("2026-02-25", "2026-03-05", 8, 3_100_00, "loan_interest.fixed"),
    ]


def test_cash_is_told_from_its_day() -> None:
    lent = past(Act(day=day("2026-01-10"), kind=ActKind.ADVANCE, amount=2_000_00))
    amount, spans = told(lent, "2026-02-05")
    assert amount == 26_00
    assert spans == [("2026-01-10", "2026-02-05", 26, 2_000_00, "loan_interest.fixed")]
