"""Product files: read without loss, or refused whole with every finding in its place."""

import datetime as dt

import pytest
from tests.unit.products.files import SAVINGS, TIME, findings, line_of, read, sound, spoiled, without

from yinhe.kernel.currency import currency
from yinhe.kernel.money import Money
from yinhe.products.assembly import FILE_LENGTH_MAX, write_product
from yinhe.products.findings import FINDINGS_MAX, REASONS, Code, Refused
from yinhe.products.parts.amount import BalanceMost
from yinhe.products.parts.base import Kind
from yinhe.products.parts.interest import TieredSlice
from yinhe.products.product import Product, Term, TermRule
from yinhe.products.product_library import library_files, library_products
from yinhe.products.rates import RateSource
from yinhe.products.terms import TERM_NAMES

CNY = currency("CNY")


def test_a_file_is_read_into_exact_values() -> None:
    product = sound(SAVINGS)
    assert (product.code, product.number, product.version, product.currency) == ("savings", 2001, 1, "CNY")
    assert product.effective == dt.date(2026, 1, 5)
    assert product.one(BalanceMost) == BalanceMost(most=Money(500_000_000, CNY))
    interest = product.one(TieredSlice)
    assert interest is not None
    assert [(tier.at_least.amount_minor, tier.rate) for tier in interest.tiers] == [
        (0, RateSource(table="demand")),
        (5_000_000, RateSource(fixed=1_250_000)),
        (100_000_000, RateSource(fixed=3_250_000)),
    ]
    assert product.terms == (Term(name="rate", rule=TermRule.NEGOTIATE, least=50_000, most=3_500_000),)


@pytest.mark.parametrize("text", [SAVINGS, TIME, *(text for _, text in library_files())])
def test_writing_and_reading_a_product_loses_nothing(text: str) -> None:
    product = sound(text)
    canonical = write_product(product)
    assert sound(canonical) == product
    assert write_product(sound(canonical)) == canonical


def test_the_canonical_file_states_every_default() -> None:
    assert "principal" not in SAVINGS
    assert "principal = 2011" in write_product(sound(SAVINGS))


def test_names_may_hold_quotes_breaks_and_any_script() -> None:
    named = spoiled(SAVINGS, '"Savings"', r'"A \"quoted\" \\ name\nof two lines 银核 \u0007"')
    product = sound(named)
    assert product.english == 'A "quoted" \\ name\nof two lines 银核 \a'
    assert sound(write_product(product)) == product


LAST_TIER = '{ at_least = "1,000,000.00 CNY", rate = "3.25%" }'

LEDGER = '"ledger.deposit"'

# What is changed, into what, what is found, on the line of which text, and what the hint says.
MISTAKES = [
    ("unknown part", '"interest.tiered_slice"', '"interest.teired_slice"', Code.PART_UNKNOWN, "teired", "tiered_slice"),
    ("part without its name", 'part = "term.open_ended"', "", Code.KEY_MISSING, "[[parts]]", "part ="),
    ("unknown parameter", "day = 20", "days = 20", Code.KEY_UNKNOWN, "days = 20", '"day"'),
    ("missing parameter", 'most = "5,000,000.00 CNY"\n', "", Code.KEY_MISSING, '[[parts]]\npart = "amount', "most ="),
    ("missing field of a tier", ', rate = "1.25%"', "", Code.KEY_MISSING, "50,000.00", "rate ="),
    ("wrong type", "day = 20", 'day = "20th"', Code.TYPE_WRONG, "20th", "write 3"),
    ("a truth value is no count", "day = 20", "day = true", Code.TYPE_WRONG, "day = true", "write 3"),
    ("a count out of bounds", "day = 20", "day = 32", Code.OUT_OF_BOUNDS, "day = 32", ""),
    ("a bare number for an amount", '"5,000,000.00 CNY"', "5000000", Code.UNIT_MISSING, "5000000", '"5000000 CNY"'),
    ("an amount without its currency", '"5,000,000.00 CNY"', '"5,000,000.00"', Code.UNIT_MISSING, "5,000,000", "CNY"),
    ("a bare number for a rate", '"1.25%"', "1.25", Code.UNIT_MISSING, "rate = 1.25", '"1.25%"'),
    ("a rate without its unit", '"1.25%"', '"1.25"', Code.UNIT_MISSING, 'rate = "1.25"', '"1.25%"'),
    ("325 % for 3.25 %", '"3.25%"', '"325%"', Code.OUT_OF_BOUNDS, "325%", "did you mean 3.25%?"),
    ("125 % for 1.25 %", '"1.25%"', '"125%"', Code.OUT_OF_BOUNDS, "125%", "did you mean 1.25%?"),
    ("a rate below nothing", '"1.25%"', '"-1.25%"', Code.OUT_OF_BOUNDS, "-1.25%", ""),
    ("a rate that is none", '"1.25%"', '"cheap"', Code.UNREADABLE, "cheap", '"3.25%"'),
    ("a fraction of a fen", "50,000.00 CNY", "50,000.001 CNY", Code.UNREADABLE, "50,000.001", "50,000.00 CNY"),
    ("another currency", '"5,000,000.00 CNY"', '"5,000,000.00 USD"', Code.CURRENCY_DIFFERS, "USD", "5,000,000.00 CNY"),
    ("no such currency", 'currency = "CNY"', 'currency = "CNX"', Code.CURRENCY_UNKNOWN, "CNX", '"CNY"'),
    ("an unknown choice", '"ACT/360"', '"ACT/361"', Code.UNREADABLE, "ACT/361", '"ACT/360"'),
    ("a gap below the first tier", '"0.00 CNY"', '"10.00 CNY"', Code.TIER_GAP, "10.00 CNY", '"0.00 CNY"'),
    ("two tiers on one place", "1,000,000.00 CNY", "50,000.00 CNY", Code.TIER_OVERLAP, '50,000.00 CNY", rate = "3', ""),
    ("tiers that do not ascend", "1,000,000.00 CNY", "40,000.00 CNY", Code.TIER_DESCENDING, "40,000.00", ""),
    ("a tier nobody reaches", '"5,000,000.00 CNY"', '"999,999.99 CNY"', Code.TIER_UNREACHABLE, "1,000,000.00", ""),
    ("an unknown table", "[[terms]]", "[[term]]", Code.KEY_UNKNOWN, "[[term]]", '"terms"'),
    ("a date as text", "2026-01-05", '"2026-01-05"', Code.TYPE_WRONG, "effective", "2026-01-31"),
    ("a number beyond an account's column", "2001", "32768", Code.OUT_OF_BOUNDS, "32768", ""),
    ("a code with spaces", '"savings"', '"my savings"', Code.UNREADABLE, "my savings", "a-z"),
    ("a missing name", 'chinese = "储蓄"\n', "", Code.KEY_MISSING, "[product]", ""),
    ("an empty name", '"储蓄"', '" "', Code.UNREADABLE, "chinese", ""),
    ("a payable that is an asset", LEDGER, f'{LEDGER}\npayable = 1132', Code.LEDGER_UNBALANCED, "1132", ""),
    ("an expense that is income", LEDGER, f'{LEDGER}\nexpense = 6011', Code.LEDGER_UNBALANCED, "6011", ""),
    ("a fee that is a liability", LEDGER, f'{LEDGER}\nfee_income = 2011', Code.LEDGER_UNBALANCED, "fee_income", ""),
    ("payable among principal", LEDGER, f'{LEDGER}\npayable = 2011', Code.PARTS_CONTRADICT, "payable", ""),
    ("bounds that cross", '"3.50%"', '"0.01%"', Code.TERM_BOUNDS, "least = \"0.05%", ""),
    ("a bound too high", '"3.50%"', '"35%"', Code.OUT_OF_BOUNDS, '"35%"', ""),
    ("bounds without negotiation", '"negotiate"', '"follow"', Code.TERM_BOUNDS, "rule =", ""),
    ("negotiation without bounds", 'most = "3.50%"\n', "", Code.TERM_BOUNDS, "rule =", ""),
    ("an unknown term", 'name = "rate"', 'name = "rates"', Code.KEY_UNKNOWN, "\"rates\"", '"rate"'),
    ("an unknown rule", '"negotiate"', '"negotiated"', Code.UNREADABLE, "negotiated", '"negotiate"'),
    ("not TOML", "day = 20", "day = = 20", Code.NOT_TOML, "day = =", ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "code", "at", "hint"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES]
)
def test_a_mistake_is_found_on_its_line_with_a_hint(old: str, new: str, code: Code, at: str, hint: str) -> None:
    text = spoiled(SAVINGS, old, new)
    found = next((one for one in findings(text) if one.code is code), None)
    assert found is not None, findings(text)
    assert found.line == line_of(text, at), found
    assert hint in found.hint
    assert found.english
    assert any("\u4e00" <= letter <= "\u9fff" for letter in found.chinese)


def test_each_mistake_is_one_finding_and_nothing_follows_from_it() -> None:
    single = {Code.UNIT_MISSING, Code.OUT_OF_BOUNDS, Code.TIER_GAP, Code.PART_UNKNOWN, Code.LEDGER_UNBALANCED}
    for _, old, new, code, _, _ in MISTAKES:
        if code in single:
            assert [one.code for one in findings(spoiled(SAVINGS, old, new))] == [code], (old, new)


def test_all_mistakes_of_a_file_are_found_at_once() -> None:
    text = SAVINGS
    for old, new in (("day = 20", "day = 99"), ('"1.25%"', "1.25"), ('"3.25%"', '"325%"'), ("2001", '"x"')):
        text = spoiled(text, old, new)
    assert [one.code for one in findings(text)] == [
        Code.TYPE_WRONG,
        Code.UNIT_MISSING,
        Code.OUT_OF_BOUNDS,
        Code.OUT_OF_BOUNDS,
    ]


def test_a_finding_reads_as_an_editor_can_jump_to() -> None:
    (found,) = findings(spoiled(SAVINGS, '"3.25%"', '"325%"'))
    assert str(found) == (
        "file.toml:22: parts[3].tiers[3].rate: 325% is out of bounds: 0% to 24% is allowed (did you mean 3.25%?)"
    )
    assert found.chinese == "325% 超出范围：允许 0% 至 24%"


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        ("term.open_ended", Kind.TERM),
        ("interest.tiered_slice", Kind.INTEREST),
        ("accrual.accumulated_balance", Kind.ACCRUAL),
        ("settlement.quarterly", Kind.SETTLEMENT),
        ("ledger.deposit", Kind.LEDGER),
    ],
)
def test_a_deposit_needs_term_interest_accrual_settlement_and_ledger(part: str, kind: Kind) -> None:
    (found,) = findings(without(SAVINGS, part))
    assert found.code is Code.KIND_MISSING
    assert f"{kind.value!r}" in found.english


def test_a_second_part_of_a_kind_is_one_too_many_unless_the_kind_allows_it() -> None:
    twice = SAVINGS + '\n[[parts]]\npart = "settlement.monthly"\n'
    (found,) = findings(twice)
    assert (found.code, found.line) == (Code.KIND_TWICE, line_of(twice, '"settlement.monthly"'))
    sound(SAVINGS + '\n[[parts]]\npart = "amount.deposit"\nleast = "1.00 CNY"\n')


def test_a_term_is_agreed_once() -> None:
    text = SAVINGS + '\n[[terms]]\nname = "rate"\nrule = "freeze"\n'
    assert [one.code for one in findings(text)] == [Code.TERM_TWICE]


@pytest.mark.parametrize("name", [name for name in TERM_NAMES if name != "rate"])
def test_a_term_beside_the_rate_follows_or_is_kept_and_is_not_negotiated(name: str) -> None:
    text = SAVINGS + f'\n[[terms]]\nname = "{name}"\nrule = "freeze"\n'
    product = sound(text)
    assert product.terms[1] == Term(name=name, rule=TermRule.FREEZE)
    assert sound(write_product(product)) == product
    negotiated = text.replace('"freeze"', '"negotiate"\nleast = "1.00 CNY"\nmost = "9.00 CNY"')
    (found,) = findings(negotiated)
    assert (found.code, found.line) == (Code.TERM_BOUNDS, line_of(negotiated, 'rule = "negotiate"\nleast = "1.00'))


PART = "\n[[parts]]\npart = "
NOTICE = PART + '"notice.days"\ndays = 7\nminimum_left = "1.00 CNY"\nwithout = "0.05%"\n'
RENEWAL = PART + '"renewal.same_term"\nafter = "0.05%"\n'
EARLY = PART + '"early_withdrawal.forbidden"\n'
SWEEP = PART + '"sweep.to_target"\ntarget = "0.00 CNY"\n'
OVERDRAFT = PART + '"overdraft.fixed_limit"\nlimit = "1.00 CNY"\nrate = "5%"\n'
INSTALMENT = PART + '"instalment.draw_monthly"\n'
SAVING = PART + '"instalment.save_monthly"\nbroken = "0.05%"\n'
MONTHLY_SAVING = TIME.replace("accrual.transaction", "accrual.accumulated_balance") + SAVING
DORMANCY = PART + '"dormancy.after_months"\nmonths = 12\n'
CONTRADICTIONS = [
    ("interest by transaction without a term", SAVINGS.replace("accrual.accumulated_balance", "accrual.transaction")),
    ("notice and a term", TIME + NOTICE),
    ("renewal without a term", SAVINGS + RENEWAL),
    ("early withdrawal without a term", SAVINGS + EARLY),
    ("instalments without a term", SAVINGS + INSTALMENT),
    (
        "interest at maturity without a term",
        SAVINGS.replace('"settlement.quarterly"\nday = 20', '"settlement.at_maturity"'),
    ),
    (
        "rates by term without terms",
        TIME.replace('"term.fixed"\noffered = ["3 months", "1 year"]', '"term.open_ended"'),
    ),
    ("a term at will with a flat rate", SAVINGS.replace('"term.open_ended"', '"term.at_will"')),
    ("sweep and overdraft", SAVINGS + SWEEP + OVERDRAFT),
    ("a sweep of money with a term", TIME + SWEEP),
    ("an overdraft of a time deposit", TIME + OVERDRAFT),
    ("dormancy before maturity", TIME + DORMANCY),
    ("saving counted from date to date", TIME + SAVING),
    ("saving with interest in between", MONTHLY_SAVING.replace("settlement.at_maturity", "settlement.monthly")),
    ("a term without a rate", TIME.replace('"1 year"]', '"1 year", "2 years"]')),
    ("a rate without its term", TIME.replace('["3 months", "1 year"]', '["3 months"]')),
    ("a day count the method does not know", SAVINGS.replace('"ACT/360"', '"30/360"')),
]


@pytest.mark.parametrize("text", [row[1] for row in CONTRADICTIONS], ids=[row[0] for row in CONTRADICTIONS])
def test_parts_that_contradict_each_other_are_refused(text: str) -> None:
    found = findings(text)
    assert Code.PARTS_CONTRADICT in {one.code for one in found}
    assert all(one.line for one in found)


@pytest.mark.parametrize(
    "text",
    [
        SAVINGS,
        TIME,
        MONTHLY_SAVING,
        SAVINGS + NOTICE,
        TIME + RENEWAL + EARLY,
        SAVINGS + SWEEP,
        SAVINGS + OVERDRAFT + DORMANCY,
    ],
)
def test_parts_that_go_together_are_not(text: str) -> None:
    sound(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", Code.KEY_MISSING),
        ("x", Code.NOT_TOML),
        ("\x00", Code.NOT_TOML),
        ("[" * 5_000, Code.NOT_TOML),
        ("#" * (FILE_LENGTH_MAX + 1), Code.NOT_TOML),
        ("product = 3\nparts = 4\nterms = 5\n", Code.KEY_MISSING),
        ("[product]\n" + 'parts = ["interest.flat"]\n', Code.KEY_UNKNOWN),
        ("parts = [1, 2]\n[product]\n", Code.TYPE_WRONG),
        ('[product]\ncurrency = "CNY"\n[[parts]]\npart = 7\n', Code.PART_UNKNOWN),
        (SAVINGS.replace('{ at_least = "0.00 CNY", rate = "board:demand" }', "7"), Code.TYPE_WRONG),
        (SAVINGS.replace('"储蓄"', "2026-01-01T00:00:00"), Code.TYPE_WRONG),
        (SAVINGS.replace("number = 2001", "number = 99999999999999999999999"), Code.OUT_OF_BOUNDS),
        (SAVINGS.replace('"1.25%"', f'"{"9" * 5_000}%"'), Code.UNREADABLE),
    ],
)
def test_no_text_brings_the_reader_down(text: str, code: Code) -> None:
    found = read(text)
    assert isinstance(found, Refused)
    assert code in found.codes


def test_findings_have_a_bound() -> None:
    text = SAVINGS + "\n".join(f"x{number} = 1" for number in range(3 * FINDINGS_MAX))
    assert len(findings(text)) == FINDINGS_MAX


def test_every_code_has_its_reason_in_both_languages() -> None:
    assert set(REASONS) == set(Code)
    for english, chinese in REASONS.values():
        assert english
        assert chinese


def test_every_product_of_the_library_is_sound_and_its_own() -> None:
    products = library_products()
    assert len(products) == 23
    for names in ([one.code for one in products], [one.number for one in products]):
        assert len(set(names)) == len(names)
    assert all(isinstance(one, Product) and one.version == 1 for one in products)
