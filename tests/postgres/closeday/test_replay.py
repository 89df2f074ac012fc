"""A draft over the bank's own history: differences worked out by hand beside it, and nothing posted."""

from fractions import Fraction

import pytest
from tests.postgres.closeday.house import DEMAND, TIME, House, day, product

from yinhe.closeday.errors import NotExplained
from yinhe.closeday.past import Past
from yinhe.closeday.replay import Replay, replay
from yinhe.deposits.commands import Close
from yinhe.deposits.service import Deposits
from yinhe.products.assembly import read_product
from yinhe.products.product import Product
from yinhe.products.registry import part_classes

START, LAST = day("2026-01-05"), day("2026-03-20")
PARTS = (
    'part = "term.open_ended"',
    'part = "interest.flat"\nrate = "{rate}"',
    'part = "accrual.accumulated_balance"',
    'part = "settlement.{when}"',
)


def draft(rate: str = "board:demand", when: str = "quarterly", *more: str) -> Product:
    parts = [part.format(rate=rate, when=when) for part in PARTS]
    found = read_product(product("demand", 11, *parts, *more, version=2), "draft.toml", part_classes())
    assert isinstance(found, Product), str(found)
    return found


def replayed(house: House, wanted: Product, start: int = START, last: int = LAST, code: str = "demand") -> Replay:
    before = house.ledger.committed_seq
    with Past(house.connect) as past:
        found = replay(past, wanted, code, start, last)
    assert house.ledger.committed_seq == before
    return found


def three_accounts(house: House) -> list[int]:
    """Three demand deposits through a quarter, one of them with money going in and out."""
    house.rate("demand", 350_000)
    version = house.publish(DEMAND)
    accounts = [house.open(version, amount) for amount in (10_000_00, 250_000_00, 1_00)]
    house.nights_until(day("2026-02-10"))
    house.pay(accounts[0], -4_000_00)
    house.nights_until(day("2026-03-22"))
    return accounts


def test_the_product_itself_as_a_draft_makes_no_difference(house: House) -> None:
    three_accounts(house)
    found = replayed(house, draft())
    assert found.posted_minor == found.draft_minor > 0
    assert (found.contracts, found.changed, found.unlike, found.top) == (3, 0, 0, ())
    assert all(line.live_minor == line.draft_minor for line in found.ledger)


def test_another_rate_makes_the_difference_of_its_interest(house: House) -> None:
    accounts = three_accounts(house)
    found = replayed(house, draft("0.50%"))
    balances = ([10_000_00] * 36 + [6_000_00] * 39, [250_000_00] * 75, [1_00] * 75)
    at = {
        rate: [int(sum(held) * Fraction(rate, 10_000) / 360 + Fraction(1, 2)) for held in balances] for rate in (35, 50)
    }
    assert (found.posted_minor, found.draft_minor) == (sum(at[35]), sum(at[50]))
    assert [(one.account, one.posted_minor, one.draft_minor) for one in found.top] == [
        (accounts[1], at[35][1], at[50][1]),
        (accounts[0], at[35][0], at[50][0]),
    ]
    (only,) = found.days
    assert (only.date, only.posted_minor, only.draft_minor) == (LAST, sum(at[35]), sum(at[50]))


def test_settled_monthly_its_interest_earns_interest(house: House) -> None:
    house.rate("demand", 350_000)
    house.open(house.publish(DEMAND), 1_000_000_00)
    house.nights_until(day("2026-03-22"))
    found = replayed(house, draft("0.35%", "monthly"))
    # 16, 31 and 28 days, each month on what was credited before it.
    balance, paid = 1_000_000_00, []
    for days in (16, 31, 28):
        paid.append(int(Fraction(balance * days * 35, 3_600_000) + Fraction(1, 2)))
        balance += paid[-1]
    assert [one.draft_minor for one in found.days] == paid
    assert [one.date for one in found.days] == [day("2026-01-20"), day("2026-02-20"), LAST]
    assert found.posted_minor == int(Fraction(1_000_000_00 * 75 * 35, 3_600_000) + Fraction(1, 2))
    assert found.draft_minor > found.posted_minor


def test_before_its_first_day_the_contract_earns_as_it_did(house: House) -> None:
    house.rate("demand", 360_000)
    house.open(house.publish(DEMAND), 1_000_000_00)
    house.nights_until(day("2026-03-22"))
    found = replayed(house, draft("0.72%"), start=day("2026-03-01"))
    # 55 days at 0.36 %, 20 at 0.72 %.
    assert found.draft_minor == 55 * 10_00 + 20 * 20_00
    assert found.posted_minor == 75 * 10_00


def test_what_has_accrued_and_is_not_due_is_in_the_general_ledger(house: House) -> None:
    house.rate("demand", 360_000)
    house.open(house.publish(DEMAND), 1_000_000_00)
    house.nights_until(day("2026-02-05"))
    found = replayed(house, draft("0.72%"), last=day("2026-02-03"))
    assert (found.posted_minor, found.draft_minor, found.days) == (0, 0, ())
    assert [(line.gl_code, line.what, line.live_minor, line.draft_minor) for line in found.ledger] == [
        (2011, "principal", 0, 0),
        (2231, "payable", 30 * 10_00, 30 * 20_00),
        (6411, "expense", 30 * 10_00, 30 * 20_00),
    ]


def test_who_closed_is_paid_to_the_day_of_closing(house: House) -> None:
    house.rate("demand", 360_000)
    house.open(house.publish(DEMAND), 1_000_000_00)
    deposits = Deposits(house.bank)
    house.nights_until(day("2026-01-15"))
    deposits.do(Close(id=house.ledger.ids.next(), contract=1, payee=house.cash))
    deposits.close()
    house.nights_until(day("2026-03-22"))
    found = replayed(house, draft("0.72%"))
    assert (found.posted_minor, found.draft_minor) == (10 * 10_00, 10 * 20_00)
    assert [one.date for one in found.days] == [day("2026-01-14")]


def test_money_with_an_earlier_value_date_counts_from_it(house: House) -> None:
    house.rate("demand", 360_000)
    account = house.open(house.publish(DEMAND), 1_000_000_00)
    house.nights_until(day("2026-03-25"))
    house.pay(account, 1_000_000_00, value_date=day("2026-03-11"))
    house.nights_until(day("2026-03-27"))
    found = replayed(house, draft(), last=day("2026-03-25"))
    # The correction of the settlement is among what was paid; 75 days of one million and ten more of another.
    assert found.posted_minor == found.draft_minor == 85 * 10_00
    assert found.unlike == 0


def test_a_draft_in_another_currency_or_of_no_product_is_not_replayed(house: House) -> None:
    three_accounts(house)
    with pytest.raises(NotExplained, match="no product 'savings'"):
        replayed(house, draft(), code="savings")
    text = product("demand", 11, *(part.format(rate="0.5%", when="quarterly") for part in PARTS), version=2)
    dollars = read_product(text.replace('"CNY"', '"USD"'), "draft.toml", part_classes())
    assert isinstance(dollars, Product)
    with pytest.raises(NotExplained, match="USD"):
        replayed(house, dollars)


def test_a_time_deposit_that_matured_is_replayed_for_its_term(house: House) -> None:
    house.rate("demand", 350_000)
    house.rate("y1", 1_500_000)
    house.open(house.publish(TIME), 10_000_00, months=3)
    house.nights_until(day("2026-04-10"))
    text = TIME.replace('rate = "1.05%"', 'rate = "2.10%"').replace("version = 1", "version = 2")
    doubled = read_product(text, "draft.toml", part_classes())
    assert isinstance(doubled, Product), str(doubled)
    found = replayed(house, doubled, last=day("2026-04-08"), code="time")
    assert (found.posted_minor, found.draft_minor) == (26_25, 52_50)


def test_interest_paid_within_the_days_gives_way_to_what_the_draft_pays(house: House) -> None:
    parts = [part.format(rate="1.20%", when="monthly") for part in PARTS]
    house.open(house.publish(product("demand", 11, *parts)), 100_000_000_00)
    house.nights_until(day("2026-03-22"))
    assert replayed(house, draft("1.20%", "monthly")).changed == 0
    found = replayed(house, draft("2.40%", "monthly"))
    balance, paid = 100_000_000_00, []
    for days in (16, 31, 28):
        paid.append(int(Fraction(balance * days * 240, 3_600_000) + Fraction(1, 2)))
        balance += paid[-1]
    assert [one.draft_minor for one in found.days] == paid
