"""A bank read anew from the database stands as the one in memory does, whatever was corrected or published meanwhile.

Where it does not, the next night finds the books in disagreement and keeps the date open.
"""

import pytest
from tests.postgres.closeday.conftest import NewHouse
from tests.postgres.closeday.house import House, day, product

from yinhe.closeday.bank import DepositBank

FIRST = "2026-01-05"
OPEN = 'part = "term.open_ended"'
DAYS = 'part = "accrual.accumulated_balance"'
QUARTERLY, MONTHLY = 'part = "settlement.quarterly"', 'part = "settlement.monthly"'
FLAT = 'part = "interest.flat"\nrate = "3.6%"'


def follow(name: str) -> str:
    """Contracts there are have this term from later versions."""
    return f'\n[[terms]]\nname = "{name}"\nrule = "follow"\n'


def stands_the_same_anew(house: House) -> None:
    anew = DepositBank(house.ledger, house.connect)
    assert anew.book.rows[:].tolist() == house.bank.book.rows[:].tolist()
    house.bank.reload()
    house.night()


@pytest.fixture
def house(new_house: NewHouse) -> House:
    return new_house(day(FIRST), 1 << 18)


def test_an_agreement_at_its_own_rate_when_the_base_rate_is_corrected(house: House) -> None:
    house.rate("base", 350_000)
    part = 'part = "interest.agreement"\nthreshold = "1,000.00 CNY"\nbase = "board:base"\nagreed = "1.5%"'
    house.open(house.publish(product("agree", 61, OPEN, part, DAYS, QUARTERLY)), 500_000_00, rate=1_200_000)
    house.nights_until(day("2026-01-12"))
    house.rate("base", 2_500_000, day(FIRST), correction=True)
    house.night()
    stands_the_same_anew(house)
    # 1,000.00 at 2.5 % and the rest at 1.2 %, nine days.
    assert house.bank.book.rows["whole"][0] == (1_000_00 * 25_000 + 499_000_00 * 12_000) * 9 // (360 * 10**6)


def test_a_saver_who_broke_the_plan_when_the_rate_of_the_broken_is_corrected(house: House) -> None:
    house.rate("low", 350_000)
    version = house.publish(
        product(
            "save",
            63,
            'part = "term.fixed"\noffered = ["12 months"]',
            'part = "interest.by_term"\nrates = [{term = "12 months", rate = "2%"}]',
            DAYS,
            'part = "settlement.at_maturity"',
            'part = "instalment.save_monthly"\nbroken = "board:low"\nmissed_most = 0',
            'part = "renewal.same_term_or_linked"\nafter = "0.35%"',
        )
    )
    account = house.open(version, 1_000_00, months=12)
    house.nights_until(day("2026-04-10"))
    house.pay(account, 50_000_00)
    house.nights_until(day("2026-04-20"))
    house.rate("low", 1_350_000, day("2026-02-01"), correction=True)
    house.night()
    stands_the_same_anew(house)


def test_a_rate_corrected_for_days_before_a_later_version_with_another(house: House) -> None:
    house.rate("first", 350_000)
    house.rate("later", 450_000)
    flat = 'part = "interest.flat"\nrate = "board:{}"'
    text = product("turn", 64, OPEN, flat.format("first"), DAYS, QUARTERLY) + follow("rate")
    house.open(house.publish(text), 100_000_00)
    house.nights_until(day("2026-01-20"))
    text = product("turn", 64, OPEN, flat.format("later"), DAYS, QUARTERLY, version=2, effective="2026-01-22")
    house.publish(text + follow("rate"))
    house.nights_until(day("2026-01-25"))
    house.rate("first", 950_000, day("2026-01-10"), correction=True)
    house.night()
    stands_the_same_anew(house)
    # 5 days at 0.35 %, 12 at 0.95 %, and since the 22nd 5 at 0.45 %.
    assert house.bank.book.rows["whole"][0] == 100_000_00 * (5 * 35 + 12 * 95 + 5 * 45) // (360 * 10_000)


def test_a_later_version_that_settles_more_often_and_an_entry_that_comes_late(house: House) -> None:
    text = product("sett", 62, OPEN, FLAT, DAYS, QUARTERLY) + follow("settlement")
    account = house.open(house.publish(text), 100_000_00)
    house.nights_until(day("2026-02-01"))
    house.publish(
        product("sett", 62, OPEN, FLAT, DAYS, MONTHLY, version=2, effective="2026-02-01") + follow("settlement")
    )
    house.nights_until(day("2026-02-05"))
    stands_the_same_anew(house)
    house.pay(account, 100_00, value_date=day("2026-01-25"))
    house.night()
    # 10.00 a day since 5 January, none of it settled so far; and a fen a day of the late hundred since the 25th.
    assert house.bank.book.rows["whole"][0] == 33 * 10_00 + 13
    stands_the_same_anew(house)


def test_a_night_killed_while_days_are_caught_up_on(house: House) -> None:
    monthly = 'part = "settlement.monthly"\nday = 7'
    house.open(house.publish(product("kill", 65, OPEN, FLAT, DAYS, monthly)), 100_000_00)
    house.night()
    for _ in range(3):
        house.ledger.roll_date(house.today + 1)

    def kill(step: str, done: int, total: int) -> None:
        if step.startswith("settle"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        house.runner.close_through(house.today - 1, kill)
    house.runner.close_through(house.today - 1, lambda step, done, total: None)
    stands_the_same_anew(house)
