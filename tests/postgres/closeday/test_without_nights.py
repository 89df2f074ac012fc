"""Days that no night has closed: the first one works out what came before it."""

from fractions import Fraction

from tests.postgres.closeday.house import DEMAND, TIERED, House, day, plain_interest

PAYABLE = 2231


def test_the_first_night_accrues_every_day_since_each_contract_was_opened(house: House) -> None:
    house.rate("demand", 350_000)
    account = house.open(house.publish(DEMAND), 10_000_00)
    house.ledger.roll_date(day("2026-01-15"))
    house.pay(account, 5_000_00)
    house.ledger.roll_date(day("2026-01-25"))
    house.night()
    # Ten days at 10,000.00, eleven at 15,000.00.
    days = [(10_000_00, Fraction(35, 10_000))] * 10 + [(15_000_00, Fraction(35, 10_000))] * 11
    exact = sum(balance * rate / 360 for balance, rate in days)
    assert house.bank.book.rows["whole"][0] == int(exact)
    assert house.balance(house.bank.pools.account(PAYABLE, 156, 11)) == int(exact)


def test_a_settlement_that_no_night_made_is_posted_with_its_own_value_date(house: House) -> None:
    account = house.open(house.publish(TIERED), 400_00)
    house.ledger.roll_date(day("2026-01-25"))
    report = house.night()
    # To 20 January, counted: 16 days at 0.35 % of 400.00 = 0.0622, credited as on the 21st.
    assert plain_interest([(400_00, Fraction(35, 10_000))] * 16) == 6
    assert report.figure("accrue", "corrections") == 1
    assert house.balance(account) == 400_00 + 6
    assert house.ledger.history(account).entries[0].value_date == day("2026-01-21")
