"""Loans as a whole: what is missing, what contradicts, and that deposits and loans are told apart."""

import pytest
from tests.unit.products.files import SAVINGS, findings, line_of, sound, spoiled, without
from tests.unit.products.loan_files import CARD, HEAD, LOAN

from yinhe.products.assembly import write_product
from yinhe.products.families import COMMON_KINDS, DEPOSIT_KINDS, LOAN_KINDS, REQUIRED, Family, family_of
from yinhe.products.findings import Code
from yinhe.products.parts.base import Kind
from yinhe.products.product_library import library_products
from yinhe.products.registry import PARTS

PART = "\n[[parts]]\npart = "


def test_sound_loans_are_read_without_loss():
    for text in (LOAN, CARD):
        product = sound(text)
        assert family_of(product) is Family.LOAN
        assert sound(write_product(product)) == product


def test_every_kind_is_of_deposits_of_loans_or_of_both():
    assert set(Kind) == DEPOSIT_KINDS | LOAN_KINDS | COMMON_KINDS
    assert not DEPOSIT_KINDS & LOAN_KINDS
    assert {part.kind for part in PARTS} == set(Kind)


@pytest.mark.parametrize("product", library_products(), ids=lambda product: product.code)
def test_products_of_the_library_are_of_the_family_their_ledger_says(product):
    is_loan = any(part.name.startswith("ledger.loan") for part in product.of_kind(Kind.LEDGER))
    assert family_of(product) is (Family.LOAN if is_loan else Family.DEPOSIT)


@pytest.mark.parametrize("kind", REQUIRED[Family.LOAN], ids=lambda kind: kind.value)
def test_a_loan_needs_everything_its_night_asks_for(kind):
    part = sound(LOAN).of_kind(kind)[0]
    found = [one for one in findings(without(LOAN, part.name)) if one.code is Code.KIND_MISSING]
    assert [f"{kind.value!r}" in one.english for one in found] == [True]
    assert found[0].hint


def test_a_product_of_neither_family_is_refused():
    neither = HEAD + PART + '"eligibility.persons"\n' + PART + '"text.free"\nenglish_text = "A."\nchinese_text = "甲"\n'
    (found,) = findings(neither)
    assert found.code is Code.FAMILY_UNKNOWN
    assert "ledger.loan" in found.hint


@pytest.mark.parametrize(
    ("text", "part"),
    [
        (LOAN + PART + '"settlement.quarterly"\n', '"settlement.quarterly"'),
        (LOAN + PART + '"dormancy.after_months"\nmonths = 12\n', '"dormancy.after_months"'),
        (LOAN + PART + '"text.deposit_insurance"\nlimit = "500,000.00 CNY"\n', '"text.deposit_insurance"'),
        (LOAN + PART + '"fee.flat"\nevent = "withdrawal"\ncharge = "1.00 CNY"\n', '"fee.flat"'),
        (spoiled(LOAN, '"term.loan_months"', '"term.any_months"'), '"term.any_months"'),
        (SAVINGS + PART + '"repayment.at_end"\n', '"repayment.at_end"'),
        (SAVINGS + PART + '"overdue.penalty"\n', '"overdue.penalty"'),
        (SAVINGS + PART + '"fee.flat"\nevent = "prepayment"\ncharge = "1.00 CNY"\n', '"fee.flat"'),
        (
            SAVINGS.replace('"term.open_ended"', '"term.until_cancelled"'),
            '"term.until_cancelled"',
        ),
    ],
)
def test_a_part_of_the_other_family_is_found_where_it_stands(text, part):
    found = [one for one in findings(text) if one.code is Code.FAMILY_DIFFERS]
    assert [one.line for one in found] == [line_of(text, f"part = {part}")]


def test_each_family_is_named_in_both_languages():
    (loan,) = findings(LOAN + PART + '"settlement.quarterly"\n')
    assert loan.english == "'settlement.quarterly' belongs to a deposit, and this product is a loan"
    assert loan.chinese == "“settlement.quarterly”属于存款产品，而该产品是贷款"


REVOLVING = spoiled(LOAN, '"drawdown.single"', '"drawdown.revolving"')
FEE = PART + '"fee.percent"\nevent = "prepayment"\nrate = "1%"\n'
LINEAR = '"repayment.equal_principal"'
LEVEL = '"repayment.equal_instalments"'
FLAT = '"loan_interest.flat"\nyearly = "6%"'
INDEXED = '"loan_interest.indexed"\nindex = "board:LPR_1Y + 45bp"'
PLAN = '"repayment.by_plan"\nsteps = [{{ month = {}, share = "10%" }}]'

GRACE = PART + '"grace.principal"\nmonths = {}\n'
EXTENSION = PART + '"restructuring.extension"\n'
BULLET = spoiled(LOAN, LEVEL, '"repayment.interest_only"')
ENDLESS = spoiled(LOAN, '"term.loan_months"\nleast = 12\nmost = 36', '"term.until_cancelled"')
NEVER = PART + '"purpose.never_for"\npurposes = ["property", "car"]\n'

CONTRADICTIONS = [
    ("a revolving line by equal principal", spoiled(REVOLVING, LEVEL, LINEAR), LINEAR),
    ("a revolving line by plan", spoiled(REVOLVING, LEVEL, PLAN.format(6)), '"repayment.by_plan"'),
    (
        "a revolving line with flat interest",
        spoiled(spoiled(BULLET, '"drawdown.single"', '"drawdown.revolving"'), INDEXED, FLAT),
        '"loan_interest.flat"',
    ),
    ("flat interest in level payments", spoiled(LOAN, INDEXED, FLAT), '"loan_interest.flat"'),
    ("grace as long as the loan", LOAN + GRACE.format(36), '"grace.principal"'),
    ("grace longer than the loan", LOAN + GRACE.format(37), '"grace.principal"'),
    ("grace of a bullet", BULLET + GRACE.format(6), '"grace.principal"'),
    ("a plan beyond the term", spoiled(LOAN, LEVEL, PLAN.format(36)), '"repayment.by_plan"'),
    ("instalments without an end", ENDLESS, '"term.until_cancelled"'),
    ("a statement without its minimum", without(CARD, "card.minimum_payment"), '"repayment.by_statement"'),
    ("a statement without its cycle", without(CARD, "card.billing_cycle"), '"repayment.by_statement"'),
    ("a card in instalments", LOAN + PART + '"card.interest_free"\n', '"card.interest_free"'),
    ("unsecured with collateral", LOAN + PART + '"security.guarantors"\n', '"security.none"'),
    ("a purpose allowed and forbidden", LOAN + NEVER, '"purpose.never_for"'),
    ("two billing cycles", CARD + PART + '"card.billing_cycle"\nday = 9\n', '"card.billing_cycle"\nday = 9'),
    ("two extensions", LOAN + EXTENSION + EXTENSION + "times = 2\n", '"restructuring.extension"\ntimes = 2'),
]


@pytest.mark.parametrize(("text", "at"), [row[1:] for row in CONTRADICTIONS], ids=[row[0] for row in CONTRADICTIONS])
def test_parts_of_a_loan_that_contradict_each_other_are_refused(text, at):
    (found,) = findings(text)
    assert found.code is Code.PARTS_CONTRADICT
    assert found.line == line_of(text, f"part = {at}")
    assert found.hint


@pytest.mark.parametrize(
    "text",
    [
        REVOLVING,
        LOAN + GRACE.format(35),
        spoiled(LOAN, LEVEL, PLAN.format(35)),
        spoiled(spoiled(LOAN, INDEXED, FLAT), LEVEL, LINEAR),
        LOAN + PART + '"purpose.never_for"\npurposes = ["property"]\n',
        LOAN + PART + '"restructuring.extension"\n' + PART + '"restructuring.re_ageing"\n',
        without(LOAN, "security.none") + PART + '"security.guarantors"\n',
        CARD + PART + '"card.instalment_plan"\nleast = "600.00 CNY"\nplans = [{ count = 3, fee = "0.65%" }]\n',
    ],
)
def test_parts_of_a_loan_that_go_together_are_not(text):
    sound(text)


@pytest.mark.parametrize(
    ("old", "new", "allowed"),
    [
        ("multiple = 150", "multiple = 151", "130% to 150%"),
        ("multiple = 150", "multiple = 129", "130% to 150%"),
        ("multiple = 200", "multiple = 149", "150% to 200%"),
    ],
)
def test_a_penalty_beyond_what_the_central_bank_allows_is_out_of_bounds(old, new, allowed):
    text = spoiled(LOAN, old, new)
    (found,) = findings(text)
    assert (found.code, found.line) == (Code.OUT_OF_BOUNDS, line_of(text, new))
    assert f"{allowed} is allowed" in found.english


def test_the_bounds_of_penalties_are_those_of_yuan():
    dollars = spoiled(LOAN, "multiple = 150", "multiple = 200").replace("CNY", "USD")
    sound(dollars)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("loans = 1303", "loans = 2303", Code.LEDGER_UNBALANCED),
        ("receivable = 1132", "receivable = 6011", Code.LEDGER_UNBALANCED),
        ("receivable = 1132", "receivable = 1303", Code.PARTS_CONTRADICT),
        ("allowance = 1304", "allowance = 1303", Code.PARTS_CONTRADICT),
        ("allowance = 1304", "allowance = 1132", Code.PARTS_CONTRADICT),
        ("allowance = 1304", "credit_loss = 6411", Code.LEDGER_UNBALANCED),
        ("allowance = 1304", "off_balance = 1132", Code.LEDGER_UNBALANCED),
    ],
)
def test_codes_of_a_loan_are_of_the_nature_of_their_roles(old, new, code):
    (found,) = findings(spoiled(LOAN, old, new))
    assert found.code is code


def test_the_penalty_named_in_the_file_is_read():
    text = spoiled(LOAN, "multiple = 150", 'multiple = 140\ngrace_days = 3\ncap = "18%"')
    assert sound(write_product(sound(text))) == sound(text)
