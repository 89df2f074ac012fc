"""Accounts nobody moves: when they fall dormant, what wakes them and what does not, fees, and unclaimed money."""

from tests.postgres.closeday.house import House, day, product

from yinhe.deposits.columns import ContractFlag
from yinhe.deposits.standing_orders import StandingOrder, write_order

OPEN_ENDED = 'part = "term.open_ended"'
BY_DAY = 'part = "accrual.accumulated_balance"'
IDLE = product(
    "idle", 81, OPEN_ENDED, 'part = "interest.flat"\nrate = "3.6%"', BY_DAY, 'part = "settlement.monthly"\nday = 10',
    'part = "fee.flat"\nevent = "month"\ncharge = "1.00 CNY"',
    'part = "dormancy.after_months"\nmonths = 1\nbelow = "1,000.00 CNY"',
)  # fmt: skip
UNCLAIMED = product(
    "unclaimed", 82, OPEN_ENDED, 'part = "interest.none"', BY_DAY, 'part = "settlement.quarterly"',
    'part = "dormancy.unclaimed"\nmonths = 1\nmore_months = 1',
).replace("ledger.deposit", "ledger.unclaimed")  # fmt: skip


def flags(house: House, account: int) -> ContractFlag:
    return ContractFlag(int(house.bank.book.rows["flags"][house.bank.book.of_account(account)]))


def is_dormant(house: House, account: int) -> bool:
    return ContractFlag.DORMANT in flags(house, account)


def test_a_small_account_falls_dormant_on_the_evening_of_the_day_its_months_are_over(house: House) -> None:
    version = house.publish(IDLE)
    small, large = house.open(version, 500_00), house.open(version, 2_000_00)
    house.nights_until(day("2026-02-05"))
    # Opened and last moved on 5 January: a month is over on 5 February.
    assert not is_dormant(house, small)
    report = house.night()
    assert is_dormant(house, small)
    assert report.figure("dormancy", "dormant") == 1
    assert not is_dormant(house, large), "it is not below 1,000.00"


def test_its_customer_wakes_an_account_and_interest_and_fees_do_not(house: House) -> None:
    version = house.publish(IDLE)
    paid_in, paid_out, ordered, sleeper = (house.open(version, 500_00) for _ in range(4))
    everyone = (paid_in, paid_out, ordered, sleeper)
    payee = house.open(house.publish(UNCLAIMED))
    house.nights_until(day("2026-02-11"))
    # Interest of 10 January and 10 February, and January's fee, have moved them meanwhile.
    assert len(house.ledger.history(sleeper, limit=10).entries) == 4
    assert all(is_dormant(house, account) for account in everyone)
    house.pay(paid_in, 1)
    house.pay(paid_out, -1)
    order = StandingOrder(
        id=house.ledger.ids.next(), from_account=ordered, to_account=payee, amount_minor=1, day_of_month=12, first=0
    )
    with house.connect() as session:
        write_order(session, order)
    assert house.night().figure("dormancy", "woken") == 2
    # The order is carried out on the 12th: payer and payee wake.
    assert house.night().figure("dormancy", "woken") == 2
    assert [is_dormant(house, account) for account in everyone] == [False, False, False, True]
    # Their months begin anew on the day they were moved, 11 February.
    house.nights_until(day("2026-03-11"))
    assert not is_dormant(house, paid_in)
    house.night()
    assert is_dormant(house, paid_in)


def test_a_dormant_account_pays_its_months_fees_and_earns_like_any_other(house: House) -> None:
    version = house.publish(IDLE)
    sleeper, awake = house.open(version, 500_00), house.open(version, 500_00)
    house.nights_until(day("2026-02-20"))
    house.pay(awake, 1)
    house.pay(awake, -1)
    house.nights_until(day("2026-03-12"))
    assert is_dormant(house, sleeper)
    assert not is_dormant(house, awake)
    assert house.balance(sleeper) == house.balance(awake)


def test_what_nobody_claims_leaves_the_account_once_and_comes_back_to_who_claims_it(house: House) -> None:
    version = house.publish(UNCLAIMED)
    lost, found = house.open(version, 50_00), house.open(version, 70_00)
    house.nights_until(day("2026-02-20"))
    assert is_dormant(house, lost)
    assert is_dormant(house, found)
    house.pay(found, 1)
    house.nights_until(day("2026-03-05"))
    assert house.balance(lost) == 50_00
    report = house.night()
    pool = house.bank.pools.account(2241, 156, 82)
    assert report.figure("dormancy", "unclaimed") == 1
    assert (house.balance(lost), house.balance(found), house.balance(pool)) == (0, 70_01, 50_00)
    house.nights_until(day("2026-03-08"))
    assert house.balance(pool) == 50_00
    assert is_dormant(house, lost)
    # The customer comes: the money goes back, and that is a movement of the customer's.
    answer = house.ledger.transfer(debit=pool, credit=lost, amount_minor=50_00)
    assert answer.posted
    house.night()
    assert not is_dormant(house, lost)
    house.nights_until(day("2026-03-12"))
    assert (house.balance(lost), house.balance(pool)) == (50_00, 0)
