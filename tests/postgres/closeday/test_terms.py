"""Contracts and later versions of their product, through real nights: each term follows or is kept by its own rule."""

from fractions import Fraction

from tests.postgres.closeday.house import House, day, plain_interest, product

from yinhe.closeday.explain import explain
from yinhe.closeday.past import Past
from yinhe.closeday.replay import replay
from yinhe.deposits.codes import TransferCode
from yinhe.deposits.commands import Close, Withdraw
from yinhe.deposits.service import Deposits
from yinhe.products.assembly import read_product
from yinhe.products.product import Product
from yinhe.products.registry import part_classes


def version(number: int, effective: str, settled: str, rate: str, fee: str, rules: dict[str, str]) -> str:
    text = product(
        "demand",
        11,
        'part = "term.open_ended"',
        f'part = "interest.tiered_slice"\ntiers = [{{at_least = "0.00 CNY", rate = "{rate}"}}, '
        f'{{at_least = "1,000.00 CNY", rate = "board:high"}}]',
        'part = "accrual.accumulated_balance"',
        f'part = "settlement.{settled}"\nday = 20',
        f'part = "fee.flat"\nevent = "month"\ncharge = "{fee} CNY"',
        version=number,
        effective=effective,
    )
    return text + "".join(f'\n[[terms]]\nname = "{name}"\nrule = "{rule}"\n' for name, rule in rules.items())


FROZEN = {"rate": "freeze", "fee": "freeze"}


def credited(house: House, account: int, *codes: TransferCode) -> dict[int, int]:
    """What was credited under the codes, by business date."""
    wanted = {code.code for code in codes}
    lines = house.ledger.history(account).entries
    return {line.business_date: line.amount_minor for line in reversed(lines) if line.code in wanted}


def test_a_contract_keeps_its_tier_table_and_fee_while_its_settlement_follows(house: House) -> None:
    house.rate("high", 2_000_000)
    first = house.publish(version(1, "2026-01-05", "quarterly", "1%", "1.00", FROZEN))
    kept = house.open(first, 3_000_00)
    house.nights_until(day("2026-01-10"))
    house.rate("high", 5_000_000)
    second = house.publish(version(2, "2026-01-10", "monthly", "3%", "9.00", {}))
    new = house.open(second, 3_000_00)
    house.nights_until(day("2026-02-21"))
    # 1,000.00 at 1 % and 2,000.00 at the 2 % of the day it began on: 0.138 a day, 16 days to the new version's
    # settlement on 20 January; then the fee it was sold with, and a month on what is there.
    tiers = Fraction(1_000_00, 100), Fraction(2, 100)
    january = plain_interest([(1, tiers[0] + 2_000_00 * tiers[1])] * 16)
    after = 2_000_00 + january
    february = plain_interest(
        [(1, tiers[0] + after * tiers[1])] * 11 + [(1, tiers[0] + (after - 1_00) * tiers[1])] * 20
    )
    assert credited(house, kept, TransferCode.INTEREST) == {day("2026-01-21"): january, day("2026-02-21"): february}
    assert credited(house, kept, TransferCode.FEE) == {day("2026-02-01"): -1_00}
    # 1,000.00 at 3 % and 2,000.00 at 5 %: what the new version says.
    theirs = plain_interest([(1, 1_000_00 * Fraction(3, 100) + 2_000_00 * Fraction(5, 100))] * 11)
    assert credited(house, new, TransferCode.INTEREST)[day("2026-01-21")] == theirs
    assert credited(house, new, TransferCode.FEE) == {day("2026-02-01"): -9_00}


def test_each_posting_of_a_contract_of_two_versions_is_explained_by_the_version_its_term_is_from(house: House) -> None:
    house.rate("high", 2_000_000)
    account = house.open(house.publish(version(1, "2026-01-05", "quarterly", "1%", "1.00", FROZEN)), 3_000_00)
    house.nights_until(day("2026-01-10"))
    house.rate("high", 5_000_000)
    house.publish(version(2, "2026-01-10", "monthly", "3%", "9.00", {}))
    house.nights_until(day("2026-02-21"))
    lines = house.ledger.history(account).entries
    with Past(house.connect) as past:
        told = [explain(past, line.txn_id) for line in lines if line.code != 0]
    assert len(told) == 3
    spans = [span for one in told if one.derivation for span in one.derivation.spans]
    assert {span.product for span in spans} == {"demand/1"}
    assert {rate.rate for span in spans for rate in span.rates} == {1_000_000, 2_000_000}


def test_what_the_rules_do_not_name_follows_and_memory_read_again_stands_where_it_stood(house: House) -> None:
    house.rate("high", 2_000_000)
    account = house.open(house.publish(version(1, "2026-01-05", "quarterly", "1%", "1.00", {"fee": "freeze"})), 500_00)
    house.nights_until(day("2026-01-10"))
    house.publish(version(2, "2026-01-10", "quarterly", "3.6%", "9.00", {}))
    house.nights_until(day("2026-02-05"))
    before = house.bank.book.rows[:].copy()
    house.bank.reload()
    after = house.bank.book.rows[:]
    assert (before["whole"], before["remainder"]) == (after["whole"], after["remainder"])
    # 5 days at 1 %, 22 of 500.00 and 4 of 499.00 at 3.6 %: 0.069 + 1.10 + 0.1996.
    assert (after["whole"][0], house.balance(account)) == (1_36, 499_00)


TIME = (
    'part = "term.fixed"\noffered = ["12 months"]',
    'part = "interest.by_term"\nrates = [{term = "12 months", rate = "3.6%"}]',
    'part = "accrual.accumulated_balance"',
    'part = "settlement.at_maturity"',
)
AT_DEMAND = 'part = "early_withdrawal.at_rate"\nrate = "0.36%"\ntimes = 5'
AT_NOTHING = 'part = "early_withdrawal.at_rate"\nrate = "0%"\ntimes = 5'


def early_withdrawals(house: House, rule: str) -> tuple[int, int]:
    """The interest of a part drawn early and of the rest, after a version by which nothing is earned."""
    text = product("time", 13, *TIME, AT_DEMAND) + f'\n[[terms]]\nname = "early_withdrawal"\nrule = "{rule}"\n'
    house.open(house.publish(text), 10_000_00, months=12)
    house.nights_until(day("2026-01-15"))
    house.publish(product("time", 13, *TIME, AT_NOTHING, version=2, effective="2026-01-15"))
    house.nights_until(day("2026-01-25"))
    deposits = Deposits(house.bank)
    drawn = deposits.do(
        Withdraw(id=house.ledger.ids.next(), contract=1, amount_minor=4_000_00, payee=house.cash)
    ).interest_minor
    closed = deposits.do(Close(id=house.ledger.ids.next(), contract=1, payee=house.cash))
    deposits.close()
    with Past(house.connect) as past:
        explain(past, closed.id)
    return drawn, closed.interest_minor


def test_a_rule_of_early_withdrawal_that_is_kept_pays_as_it_was_sold(house: House) -> None:
    # 20 days at 0.36 %: 4,000.00 earn 0.80, 6,000.00 earn 1.20.
    assert early_withdrawals(house, "freeze") == (80, 1_20)


def test_a_rule_of_early_withdrawal_that_follows_pays_as_the_later_version_says(house: House) -> None:
    assert early_withdrawals(house, "follow") == (0, 0)


def test_a_draft_reaches_only_what_follows(house: House) -> None:
    house.rate("high", 2_000_000)
    house.open(house.publish(version(1, "2026-01-05", "quarterly", "1%", "1.00", FROZEN)), 500_00)
    house.nights_until(day("2026-03-22"))
    draft = read_product(version(2, "2026-02-05", "quarterly", "9%", "1.00", {}), "draft.toml", part_classes())
    assert isinstance(draft, Product)
    with Past(house.connect) as past:
        found = replay(past, draft, "demand", day("2026-02-05"), day("2026-03-20"))
    assert (found.changed, found.unlike) == (0, 0)
