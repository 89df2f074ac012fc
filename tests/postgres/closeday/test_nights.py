"""What a night does to the books, worked out by hand beside it."""

from fractions import Fraction

from tests.postgres.closeday.house import DEMAND, TIERED, TIME, House, day, plain_interest

START = day("2026-01-05")


def test_a_demand_deposit_earns_to_the_20th_of_the_quarters_last_month_and_is_credited_on_the_21st(
    house: House,
) -> None:
    house.rate("demand", 350_000)
    account = house.open(house.publish(DEMAND), 10_000_00)
    house.nights_until(day("2026-03-20"))
    assert house.balance(account) == 10_000_00
    report = house.night()
    # 5 January to 20 March, both counted: 75 days at 0.35 % of 10,000.00 over 360 = 7.2916…
    assert house.balance(account) == 10_000_00 + 7_29
    assert plain_interest([(10_000_00, Fraction(35, 10_000))] * 75) == 7_29
    assert report.figure("settle", "interest_minor") == 7_29
    assert house.ledger.history(account).entries[0].business_date == day("2026-03-21")


def test_each_slice_earns_its_own_rate(house: House) -> None:
    account = house.open(house.publish(TIERED), 3_000_00)
    house.nights_until(day("2026-01-21"))
    # 16 days: 500.00 at 0.35 %, 1,500.00 at 1.15 %, 1,000.00 at 1.5 %.
    a_year = Fraction(500_00 * 35 + 1_500_00 * 115 + 1_000_00 * 150, 10_000)
    assert house.balance(account) == 3_000_00 + int(a_year * 16 / 360 + Fraction(1, 2))


def test_a_time_deposit_is_paid_for_full_months_and_renewed_with_its_interest(house: House) -> None:
    house.rate("demand", 350_000)
    house.rate("y1", 1_500_000)
    account = house.open(house.publish(TIME), 10_000_00, months=3, renew=True)
    house.nights_until(day("2026-04-05"))
    # Three months of 1.05 % a year: 10,000.00 * 1.05 % * 3 / 12 = 26.25, credited on the day of maturity.
    assert house.balance(account) == 10_026_25
    row = house.bank.book.rows[0]
    assert (row["start"], row["maturity"]) == (day("2026-04-05"), day("2026-07-05"))
    house.nights_until(day("2026-07-05"))
    # 10,026.25 * 1.05 % / 4 = 26.3189…
    assert house.balance(account) == 10_026_25 + 26_32


def test_at_maturity_a_time_deposit_goes_to_its_linked_account(house: House) -> None:
    house.rate("demand", 350_000)
    house.rate("y1", 1_500_000)
    demand = house.open(house.publish(DEMAND), 1_00)
    account = house.open(house.publish(TIME), 10_000_00, months=3, linked=demand)
    house.nights_until(day("2026-04-05"))
    assert house.balance(account) == 0
    assert house.balance(demand) == 1_00 + 10_026_25


def test_what_has_accrued_is_what_is_owed(house: House) -> None:
    house.rate("demand", 350_000)
    version = house.publish(DEMAND)
    for amount in (1_00, 33_33, 12_345_67, 99_999_99):
        house.open(version, amount)
    house.nights_until(day("2026-01-15"))
    payable = house.bank.pools.account(2231, 156, 11)
    assert house.balance(payable) == int(house.bank.book.rows["whole"].sum()) > 0
