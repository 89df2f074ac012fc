"""What a borrower is refused and why, and that it changes nothing: decided without a bank, on the library's loans."""

import datetime as dt
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from yinhe.kernel.dates import days_from_date
from yinhe.lending.agreeing import decide_agree
from yinhe.lending.columns import LOAN, LoanFlag
from yinhe.lending.commands import Agree, Arrange, Change, Draw, PayOff, Recover, Repay, WriteOff
from yinhe.lending.decide import Decision, Standing, decide
from yinhe.lending.position import Act, ActKind, work_out_position
from yinhe.lending.refusals import LoanRefusal, Refusal, read_refusal, refusal_words
from yinhe.products.catalogue import Catalogue, Version
from yinhe.products.parts.application import Purpose
from yinhe.products.parts.purpose import Payee
from yinhe.products.product import Product
from yinhe.products.product_library import library_products, library_rates
from yinhe.products.rates import RateBook, RateEntry
from yinhe.products.status import Status

from ..products.files import sound, spoiled
from ..products.loan_files import LOAN as LOAN_FILE
from ..products.parts.words import day

ID = UUID(int=0)
RATES = RateBook(RateEntry(one.table, one.effective, one.effective, one.rate) for one in library_rates())
PRODUCTS = {product.code: product for product in library_products()}
LINKED, CARRIER, DOLLARS, NOWHERE = 7, 8, 9, 10
CURRENCIES = {LINKED: 156, CARRIER: 156, DOLLARS: 840}
TODAY = day("2026-03-02")
AGREED = day("2026-01-15")


# --- agreeing


def version_of(number: int, product: Product, status: Status) -> Version:
    published = None if status is Status.DRAFT else dt.date(2026, 1, 1)
    withdrawn = dt.date(2026, 2, 1) if status is Status.WITHDRAWN else None
    return Version(
        id=number, product=product, status=status, text="", sha256="", author="maker", approver="checker",
        drafted_on=dt.date(2026, 1, 1), approved_on=published, published_on=published, withdrawn_on=withdrawn,
    )  # fmt: skip


CODES = list(PRODUCTS)
CATALOGUE = Catalogue(
    [
        *(version_of(at, product, Status.PUBLISHED) for at, product in enumerate(PRODUCTS.values(), 1)),
        version_of(101, PRODUCTS["consumer_loan"], Status.DRAFT),
        version_of(102, PRODUCTS["mortgage"], Status.WITHDRAWN),
    ],
    RATES,
)

CONSUMER = {"amount_minor": 60_000_00, "months": 12, "purpose": Purpose.RENOVATION, "income_minor": 20_000_00}
HOME = {
    "amount_minor": 1_000_000_00,
    "months": 240,
    "purpose": Purpose.HOME,
    "price_minor": 1_250_000_00,
    "collateral": ("R-1",),
    "collateral_minor": 1_250_000_00,
    "income_minor": 30_000_00,
}
BUSINESS = {
    "amount_minor": 500_000_00,
    "months": 12,
    "purpose": Purpose.WORKING_CAPITAL,
    "collateral_minor": 1_000_000_00,
}
LINE = {"amount_minor": 1_000_000_00, "months": 12, "purpose": Purpose.RESEARCH, "is_company": True}
GIVEN: dict[str, dict[str, Any]] = {
    "consumer_loan": CONSUMER,
    "mortgage": HOME,
    "business_loan": BUSINESS,
    "technology_line": LINE,
    "demand": CONSUMER,
}


def agree(code: str, date: int = AGREED, version: int = 0, **changes: Any) -> np.ndarray | Refusal:
    given = {"id": ID, "version": version or CODES.index(code) + 1, "borrower": "P-1", "linked": LINKED}
    return decide_agree(Agree(**(given | GIVEN[code] | changes)), CATALOGUE, date, 1, CURRENCIES.get)


def reasoned(found: object) -> str:
    """The name of a refusal that says why in both languages, and reads back from the database as it was."""
    assert isinstance(found, Refusal), found
    assert found.english.strip()
    assert any("一" <= letter <= "鿿" for letter in found.chinese)
    assert read_refusal(refusal_words(found)) == found
    return found.name


@pytest.mark.parametrize("code", ["consumer_loan", "mortgage", "business_loan", "technology_line"])
def test_what_is_asked_of_each_product_is_granted(code: str) -> None:
    """So that what follows is refused for the one thing that is changed."""
    row = agree(code)
    assert isinstance(row, np.ndarray), row
    assert row["limit"] == GIVEN[code]["amount_minor"]


NOT_AGREED = [
    ("consumer_loan", {"version": 999}, "unknown"),
    ("consumer_loan", {"version": 101}, "unpublished"),
    ("mortgage", {"version": 102}, "withdrawn"),
    ("consumer_loan", {"date": day("2025-12-31")}, "not_yet_effective"),
    ("demand", {}, "not_a_loan"),
    ("consumer_loan", {"borrower": ""}, "borrower_missing"),
    ("consumer_loan", {"amount_minor": 0}, "amount_not_positive"),
    ("consumer_loan", {"amount_minor": -1}, "amount_not_positive"),
    ("consumer_loan", {"amount_minor": 2**80}, "over_maximum"),
    ("consumer_loan", {"linked": 0}, "payee_missing"),
    ("consumer_loan", {"linked": NOWHERE}, "account_unknown"),
    ("consumer_loan", {"linked": DOLLARS}, "currency_differs"),
    ("consumer_loan", {"is_company": True}, "persons_only"),
    ("technology_line", {"is_company": False}, "companies_only"),
    ("consumer_loan", {"amount_minor": 900_00}, "under_minimum"),
    ("consumer_loan", {"amount_minor": 500_100_00}, "over_maximum"),
    ("consumer_loan", {"amount_minor": 60_000_01}, "off_step"),
    ("consumer_loan", {"amount_minor": 200_100_00, "income_minor": 10**9}, "over_limit"),
    ("consumer_loan", {"income_minor": 10_000_00}, "income_too_low"),
    ("consumer_loan", {"other_dues_minor": 10_000_00}, "income_too_low"),
    ("consumer_loan", {"months": 2}, "term_not_offered"),
    ("consumer_loan", {"months": 61}, "term_not_offered"),
    ("consumer_loan", {"months": 2**40}, "term_not_offered"),
    ("consumer_loan", {"months": -12}, "term_not_offered"),
    ("consumer_loan", {"purpose": Purpose.WORKING_CAPITAL}, "purpose_not_allowed"),
    ("technology_line", {"purpose": Purpose.SECURITIES}, "purpose_not_allowed"),
    ("mortgage", {"collateral_minor": 1_000_000_00}, "collateral_too_little"),
    ("mortgage", {"price_minor": 1_100_000_00}, "own_funds_too_little"),
    ("business_loan", {"margin": 4_600_001}, "margin_out_of_bounds"),
    ("business_loan", {"margin": -900_001}, "margin_out_of_bounds"),
    ("business_loan", {"margin": 2**70}, "margin_out_of_bounds"),
    ("consumer_loan", {"margin": 10_000}, "margin_out_of_bounds"),
]


@pytest.mark.parametrize(
    ("code", "changes", "name"), NOT_AGREED, ids=[f"{name}-{at}" for at, (_, _, name) in enumerate(NOT_AGREED)]
)
def test_a_loan_is_not_agreed_on(code: str, changes: dict[str, Any], name: str) -> None:
    assert reasoned(agree(code, **changes)) == name


def test_a_purpose_that_is_forbidden_is_so_whatever_else_is_allowed() -> None:
    text = spoiled(
        LOAN_FILE,
        'part = "purpose.only_for"\npurposes = ["car"]',
        'part = "purpose.never_for"\npurposes = ["securities"]',
    )
    catalogue = Catalogue([version_of(1, sound(text), Status.PUBLISHED)], RATES)
    asked = Agree(
        id=ID, version=1, borrower="P-1", amount_minor=12_000_00, months=12, purpose=Purpose.SECURITIES, linked=LINKED
    )
    assert reasoned(decide_agree(asked, catalogue, AGREED, 1, CURRENCIES.get)) == "purpose_forbidden"


@pytest.mark.parametrize("margin", [4_600_000, -900_000])
def test_a_rate_at_its_bounds_may_be_agreed(margin: int) -> None:
    """3.00 % and 40 basis points: from 2.50 to 8.00 %."""
    row = agree("business_loan", margin=margin)
    assert isinstance(row, np.ndarray), row
    assert row["margin"] == margin


# --- loans there are


def standing(
    product: Product | str, *acts: Act, months: int = 12, flags: int = 0, limit: int = 12_000_00, today: int = TODAY
) -> Standing:
    """A loan agreed on the fifteenth of January, as it stands after what happened to it."""
    product = PRODUCTS[product] if isinstance(product, str) else product
    row = np.zeros(1, LOAN)
    row["loan"], row["limit"], row["months"], row["agreed"], row["linked"] = 1, limit, months, AGREED, LINKED
    row["flags"] = int(LoanFlag.OPEN) | flags
    if flags & LoanFlag.REVOLVING:
        row["maturity"] = days_from_date(dt.date(2027, 1, 15))
    at = work_out_position(row, acts, today, lambda _: product, RATES)
    return Standing(today, at, row, acts, lambda _: product, RATES, CURRENCIES.get)


DRAWN = Act(day=AGREED, kind=ActKind.DRAW, amount=12_000_00)
PLAIN = sound(LOAN_FILE)


def refused(command: Any, at: Standing) -> str:
    """Why a command is refused; the loan is as it was."""
    before = at.at.copy()
    found = decide(command, at)
    assert at.at.row == before.row
    assert at.at.items.tolist() == before.items.tolist()
    return reasoned(found)


def draw(amount: int = 1_000_00, **given: Any) -> Draw:
    return Draw(id=ID, loan=1, amount_minor=amount, **given)


def repay(amount: int, **given: Any) -> Repay:
    return Repay(id=ID, loan=1, amount_minor=amount, **given)


LINE_FLAGS = int(LoanFlag.REVOLVING | LoanFlag.COMPANY)
EXPIRED = day("2027-01-15")
TO_CARRIER = {"payee": CARRIER, "payee_kind": Payee.CARRIER}

NOT_DRAWN: list[tuple[str, Standing, Draw, str]] = [
    ("over what was agreed", standing(PLAIN), draw(12_000_01), "over_limit"),
    ("far over it", standing(PLAIN), draw(2**80), "over_limit"),
    ("nothing", standing(PLAIN), draw(0), "under_minimum"),
    ("less than nothing", standing(PLAIN), draw(-1), "under_minimum"),
    ("a single loan twice", standing(PLAIN, DRAWN, today=AGREED), draw(1_00), "drawn_already"),
    ("after the days of drawing", standing(PLAIN, today=AGREED + 91), draw(), "drawing_over"),
    (
        "a line on its last day",
        standing("technology_line", flags=LINE_FLAGS, limit=1_000_000_00, today=EXPIRED),
        draw(10_000_00),
        "drawing_over",
    ),
    (
        "a line used up",
        standing("technology_line", DRAWN, flags=LINE_FLAGS, limit=12_000_00, today=AGREED + 1),
        draw(10_000_00),
        "over_limit",
    ),
    ("while blocked", standing(PLAIN, flags=int(LoanFlag.BLOCKED)), draw(), "loan_blocked"),
    ("from nowhere to nowhere", standing(PLAIN), draw(payee=NOWHERE), "account_unknown"),
    ("into dollars", standing(PLAIN), draw(payee=DOLLARS), "currency_differs"),
    ("freight to the borrower", standing("freight_loan", flags=LINE_FLAGS), draw(), "payee_not_allowed"),
    (
        "freight to anybody",
        standing("freight_loan", flags=LINE_FLAGS),
        draw(payee=CARRIER, payee_kind=Payee.OTHER),
        "payee_not_allowed",
    ),
    (
        "freight to a carrier whose account is not named",
        standing("freight_loan", flags=LINE_FLAGS),
        draw(payee_kind=Payee.CARRIER),
        "payee_missing",
    ),
    (
        "freight to a carrier whose account is the borrower's",
        standing("freight_loan", flags=LINE_FLAGS),
        draw(payee=LINKED, payee_kind=Payee.CARRIER),
        "payee_not_allowed",
    ),
    (
        "much to the borrower",
        standing("business_loan", limit=900_000_00),
        draw(500_000_01),
        "supplier_only",
    ),
    (
        "much to a supplier whose account is the borrower's",
        standing("business_loan", limit=900_000_00),
        draw(900_000_00, payee=LINKED, payee_kind=Payee.SUPPLIER),
        "payee_not_allowed",
    ),
    (
        "cash where there is no card",
        standing("technology_line", flags=LINE_FLAGS),
        draw(10_000_00, cash=True),
        "not_a_card",
    ),
]


@pytest.mark.parametrize(("at", "command", "name"), [one[1:] for one in NOT_DRAWN], ids=[one[0] for one in NOT_DRAWN])
def test_it_is_not_drawn(at: Standing, command: Draw, name: str) -> None:
    assert refused(command, at) == name


DRAWN_ALL_THE_SAME: list[tuple[Standing, Draw]] = [
    (standing(PLAIN, today=AGREED + 90), draw(12_000_00)),
    (standing("freight_loan", flags=LINE_FLAGS), draw(**TO_CARRIER)),
    (standing("business_loan", limit=900_000_00), draw(500_000_00)),
    (standing("business_loan", limit=900_000_00), draw(900_000_00, payee=CARRIER, payee_kind=Payee.SUPPLIER)),
    (
        standing("technology_line", flags=LINE_FLAGS, limit=1_000_000_00, today=EXPIRED - 1),
        draw(10_000_00),
    ),
]


@pytest.mark.parametrize(("at", "command"), DRAWN_ALL_THE_SAME)
def test_at_the_edge_of_what_is_refused_it_is_drawn(at: Standing, command: Draw) -> None:
    assert isinstance(decide(command, at), Decision)


# --- repaying


FORBIDDEN = sound(spoiled(LOAN_FILE, 'part = "prepayment.part"', 'part = "prepayment.forbidden"'))
WHOLE_ONLY = sound(spoiled(LOAN_FILE, 'part = "prepayment.part"', 'part = "prepayment.whole"'))
LATER = sound(spoiled(LOAN_FILE, 'part = "prepayment.part"', 'part = "prepayment.part"\nafter_months = 2'))
ONCE = sound(
    spoiled(LOAN_FILE, 'part = "prepayment.part"', 'part = "prepayment.part"\ntimes = 1\nleast = "1,000.00 CNY"')
)


def due_on(at: Standing) -> int:
    """What is due of a loan."""
    return int(at.at.items["interest_left"].sum() + at.at.items["principal_left"].sum())


def paid_up(product: Product, flags: int = 0) -> Standing:
    """A loan of which what has fallen due was paid on its day, to the fen."""
    due = due_on(standing(product, DRAWN, today=day("2026-02-16")))
    return standing(product, DRAWN, Act(day=day("2026-02-15"), kind=ActKind.COLLECT, amount=due), flags=flags)


BLOCK = Act(day=day("2026-02-20"), kind=ActKind.SET_FLAGS, amount=int(LoanFlag.BLOCKED))


def blocked_since() -> Standing:
    """Blocked some days ago, and paid up."""
    at = paid_up(PLAIN)
    acts = (*at.acts, BLOCK)
    return at._replace(at=work_out_position(at.agreed, acts, at.date, at.product_on, RATES), acts=acts)


def once_already() -> Standing:
    """A part was repaid early already, and only one may be in twelve months."""
    at = paid_up(ONCE)
    early = Act(day=day("2026-02-20"), kind=ActKind.REPAY, amount=1_000_00, is_early=True)
    acts = (*at.acts, early)
    return at._replace(at=work_out_position(at.agreed, acts, at.date, at.product_on, RATES), acts=acts)


NOT_REPAID: list[tuple[str, Standing, Any, str]] = [
    ("nothing", paid_up(PLAIN), repay(0), "amount_not_positive"),
    ("less than nothing", paid_up(PLAIN), repay(-1), "amount_not_positive"),
    ("before it is drawn", standing(PLAIN), repay(1_00), "loan_not_drawn"),
    ("whole before it is drawn", standing(PLAIN), PayOff(id=ID, loan=1), "loan_not_drawn"),
    ("more than is due", paid_up(PLAIN), repay(1_00), "more_than_due"),
    ("more than is owed", paid_up(PLAIN), repay(12_000_00, early=True), "more_than_owed"),
    ("far more than is owed", paid_up(PLAIN), repay(2**80, early=True), "more_than_owed"),
    ("tomorrow", paid_up(PLAIN), repay(1_00, value_date=TODAY + 1), "date_in_future"),
    ("the day before the drawing", paid_up(PLAIN), repay(1_00, value_date=AGREED - 1), "before_start"),
    ("while blocked", paid_up(PLAIN, int(LoanFlag.BLOCKED)), repay(2_000_00, early=True), "loan_blocked"),
    ("whole while blocked", paid_up(PLAIN, int(LoanFlag.BLOCKED)), PayOff(id=ID, loan=1), "loan_blocked"),
    (
        "told of a day before it was blocked",
        blocked_since(),
        repay(2_000_00, early=True, value_date=day("2026-02-18")),
        "loan_blocked",
    ),
    ("where it is forbidden", paid_up(FORBIDDEN), repay(2_000_00, early=True), "prepayment_not_allowed"),
    ("whole where it is forbidden", paid_up(FORBIDDEN), PayOff(id=ID, loan=1), "prepayment_not_allowed"),
    ("a part where only the whole may be", paid_up(WHOLE_ONLY), repay(2_000_00, early=True), "prepayment_whole_only"),
    ("too soon", paid_up(LATER), repay(2_000_00, early=True), "prepayment_too_soon"),
    ("whole too soon", paid_up(LATER), PayOff(id=ID, loan=1), "prepayment_too_soon"),
    ("too little", paid_up(ONCE), repay(999_99, early=True), "prepayment_too_small"),
    ("a part once more in a year", once_already(), repay(1_000_00, early=True), "prepayments_used_up"),
    ("from an account in dollars", paid_up(PLAIN), repay(1_00, payer=DOLLARS), "currency_differs"),
    ("from an account that is not there", paid_up(PLAIN), repay(1_00, payer=NOWHERE), "account_unknown"),
]


@pytest.mark.parametrize(("at", "command", "name"), [one[1:] for one in NOT_REPAID], ids=[one[0] for one in NOT_REPAID])
def test_it_is_not_repaid(at: Standing, command: Any, name: str) -> None:
    assert refused(command, at) == name


def drawn_last_year(today: str) -> Standing:
    """A loan drawn in November, and nothing paid since."""
    row = np.zeros(1, LOAN)
    row["loan"], row["limit"], row["months"], row["linked"] = 1, 12_000_00, 12, LINKED
    row["agreed"], row["flags"] = day("2025-11-10"), int(LoanFlag.OPEN)
    acts = (Act(day=day("2025-11-10"), kind=ActKind.DRAW, amount=12_000_00),)
    at = work_out_position(row, acts, day(today), lambda _: PLAIN, RATES)
    return Standing(day(today), at, row, acts, lambda _: PLAIN, RATES, CURRENCIES.get)


@pytest.mark.parametrize(
    ("today", "value_date", "name"),
    [
        ("2026-01-31", "2025-12-31", None),
        ("2026-02-01", "2025-12-31", "year_closed"),
        ("2026-02-01", "2026-01-01", None),
    ],
)
def test_nothing_is_told_of_a_year_whose_books_are_closed(today: str, value_date: str, name: str | None) -> None:
    at, command = drawn_last_year(today), repay(1_00, value_date=day(value_date))
    if name is None:
        assert isinstance(decide(command, at), Decision)
    else:
        assert refused(command, at) == name


# --- what is not there any more, or never was


CLOSED = standing(PLAIN, DRAWN, Act(day=TODAY, kind=ActKind.PAY_OFF, amount=12_000_00))
CLOSED.at.row["flags"] &= ~int(LoanFlag.OPEN)
LOST = standing(PLAIN, DRAWN, Act(day=day("2026-02-20"), kind=ActKind.WRITE_OFF))

EVERY_COMMAND: list[Any] = [
    draw(),
    repay(1_00),
    PayOff(id=ID, loan=1),
    Arrange(id=ID, loan=1, extend_months=1),
    WriteOff(id=ID, loan=1),
]


def test_nothing_is_noted_of_a_loan_that_is_closed() -> None:
    assert refused(Change(id=ID, loan=1, linked=CARRIER), CLOSED) == "loan_closed"


@pytest.mark.parametrize("command", EVERY_COMMAND, ids=lambda one: type(one).__name__)
@pytest.mark.parametrize(("at", "name"), [(CLOSED, "loan_closed"), (LOST, "loan_written_off")])
def test_nothing_is_done_with_a_loan_closed_or_written_off(at: Standing, name: str, command: Any) -> None:
    assert refused(command, at) == name


@pytest.mark.parametrize(
    ("at", "amount", "payer", "name"),
    [
        (paid_up(PLAIN), 1_00, LINKED, "not_written_off"),
        (LOST, 0, LINKED, "amount_not_positive"),
        (LOST, int(LOST.at.row["written_off"][0]) + 1, LINKED, "more_than_owed"),
        (LOST, 1_00, NOWHERE, "account_unknown"),
    ],
)
def test_only_the_claim_of_a_loan_written_off_is_recovered(at: Standing, amount: int, payer: int, name: str) -> None:
    assert refused(Recover(id=ID, loan=1, amount_minor=amount, payer=payer), at) == name


NOT_CHANGED: list[tuple[Any, str]] = [
    (Change(id=ID, loan=1), "nothing_asked"),
    (Change(id=ID, loan=1, linked=NOWHERE), "account_unknown"),
    (Change(id=ID, loan=1, linked=DOLLARS), "currency_differs"),
    (Arrange(id=ID, loan=1), "nothing_asked"),
    (Arrange(id=ID, loan=1, extend_months=-3), "nothing_asked"),
    (Arrange(id=ID, loan=1, extend_months=1, capitalise=True), "nothing_asked"),
    (Arrange(id=ID, loan=1, extend_months=1), "not_arranged_anew"),
    (WriteOff(id=ID, loan=1), "not_written_off_ever"),
]


@pytest.mark.parametrize(("command", "name"), NOT_CHANGED)
def test_it_is_not_changed(command: Any, name: str) -> None:
    assert refused(command, paid_up(PLAIN)) == name


def in_trouble(today: str = "2026-03-02") -> Standing:
    """A business loan drawn and not paid since."""
    return standing("business_loan", DRAWN, today=day(today))


NOT_ARRANGED: list[tuple[Standing, Any, str]] = [
    (in_trouble("2026-02-10"), Arrange(id=ID, loan=1, extend_months=13), "extension_too_long"),
    (in_trouble("2026-02-10"), Arrange(id=ID, loan=1, extend_months=2**70), "extension_too_long"),
    (in_trouble(), Arrange(id=ID, loan=1, extend_months=6), "extension_too_late"),
    (in_trouble(), Arrange(id=ID, loan=1, rate=2_999_999), "rate_too_low"),
    (in_trouble(), Arrange(id=ID, loan=1, rate=-1), "rate_too_low"),
    (in_trouble(), Arrange(id=ID, loan=1, rate=2_400_000_000), "rate_too_high"),
    (in_trouble(), Arrange(id=ID, loan=1, capitalise=True), "not_arranged_anew"),
    (in_trouble(), WriteOff(id=ID, loan=1), "not_yet_lost"),
]


@pytest.mark.parametrize(("at", "command", "name"), NOT_ARRANGED)
def test_it_is_not_arranged_anew(at: Standing, command: Any, name: str) -> None:
    assert refused(command, at) == name


# --- what the product itself keeps


def test_no_instalment_falls_due_on_the_day_of_the_drawing_or_before_it() -> None:
    """Drawn on the 31st and due on the first of the month: the first due date is the next day, not thirty days back."""
    product = sound(
        spoiled(LOAN_FILE, 'part = "repayment.equal_instalments"', 'part = "repayment.equal_instalments"\nday = 1')
    )
    for drawn in range(day("2026-01-20"), day("2026-03-10")):
        row = standing(product, Act(day=drawn, kind=ActKind.DRAW, amount=12_000_00), today=drawn).at.row
        assert row["next_due"][0] > drawn


def test_principal_never_grows_where_an_instalment_is_less_than_the_interest() -> None:
    """The rate is raised a hundredfold and the instalment kept: all of the interest is due, and principal is not."""
    at = standing(PLAIN, DRAWN, today=day("2026-01-16"))
    at.at.row["rate"], at.at.row["payment"] = 180_000_000, 1_000_00
    acts = (DRAWN, Act(day=day("2026-01-16"), kind=ActKind.RATE, amount=180_000_000))
    seen: list[int] = []

    def note(_: int, position: Any) -> None:
        position.row["payment"] = 1_000_00
        seen.append(int(position.row["undue"][0]))

    after = work_out_position(at.agreed, acts, day("2026-04-20"), at.product_on, RATES, note)
    assert set(seen) == {12_000_00}
    assert [int(item["principal"]) for item in after.items] == [0, 0, 0]
    assert all(item["interest"] > 1_000_00 for item in after.items)


def test_every_refusal_of_lending_says_why_in_two_languages() -> None:
    for because in LoanRefusal:
        reasoned(Refusal(because))
    for language in ("english", "chinese"):
        sentences = [getattr(one, language) for one in LoanRefusal]
        assert len(set(sentences)) == len(sentences)
