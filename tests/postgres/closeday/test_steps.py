"""The steps of the night beside interest: fees, sweep, tax, instalments, standing orders, unclaimed interest."""

from tests.postgres.closeday.house import DEMAND, TIME, House, day, product

from yinhe.closeday.explain import explain
from yinhe.closeday.past import Past
from yinhe.deposits.columns import ContractFlag
from yinhe.deposits.standing_orders import StandingOrder, write_order

OPEN_ENDED = 'part = "term.open_ended"'
BY_DAY = 'part = "accrual.accumulated_balance"'
NOTHING = 'part = "interest.none"'
QUARTERLY = 'part = "settlement.quarterly"'
DEMAND_RATE = 'part = "interest.flat"\nrate = "3.6%"'

FEE = product(
    "fee",
    21,
    OPEN_ENDED,
    NOTHING,
    BY_DAY,
    QUARTERLY,
    'part = "fee.flat"\nevent = "month"\ncharge = "10.00 CNY"',
)
DORMANT_FEE = product(
    "sleepy",
    25,
    OPEN_ENDED,
    NOTHING,
    BY_DAY,
    QUARTERLY,
    'part = "fee.flat"\nevent = "dormant_month"\ncharge = "3.00 CNY"',
    'part = "fee.flat"\nevent = "month"\ncharge = "1.00 CNY"',
    'part = "dormancy.after_months"\nmonths = 1\nbelow = "1,000.00 CNY"',
)
SWEPT = product(
    "swept",
    22,
    OPEN_ENDED,
    NOTHING,
    BY_DAY,
    QUARTERLY,
    'part = "sweep.above_floor"\nfloor = "1,000.00 CNY"\nstep = "100.00 CNY"',
)
TAXED = product(
    "taxed",
    23,
    OPEN_ENDED,
    DEMAND_RATE,
    BY_DAY,
    'part = "settlement.monthly"\nday = 20',
    'part = "tax.withholding"\nsteps = [{effective = 2000-01-01, rate = "20%"}]',
)
DRAWN = product(
    "drawn",
    24,
    'part = "term.fixed"\noffered = ["1 year"]',
    'part = "interest.by_term"\nrates = [{term = "1 year", rate = "1%"}]',
    'part = "accrual.transaction"',
    'part = "settlement.at_maturity"',
    'part = "instalment.draw_monthly"',
    'part = "renewal.to_linked"\nafter = "1%"',
)


def test_a_months_fee_is_taken_on_its_last_day_and_never_more_than_is_there(house: House) -> None:
    version = house.publish(FEE)
    rich, poor, empty = house.open(version, 100_00), house.open(version, 3_00), house.open(version)
    house.nights_until(day("2026-01-31"))
    assert [house.balance(account) for account in (rich, poor, empty)] == [100_00, 3_00, 0]
    house.night()
    assert [house.balance(account) for account in (rich, poor, empty)] == [90_00, 0, 0]
    assert house.balance(house.bank.pools.account(6021, 156, 21)) == 13_00


def test_the_fee_of_dormancy_is_taken_in_the_months_an_account_is_dormant(house: House) -> None:
    version = house.publish(DORMANT_FEE)
    idle, rich, busy = house.open(version, 100_00), house.open(version, 2_000_00), house.open(version, 100_00)
    taken = {idle: [], rich: [], busy: []}
    for month_end in ("2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"):
        house.nights_until(day(month_end))
        # Once in February, and in the end on the very last day of March: whoever moves his account is awake.
        if month_end in ("2026-02-28", "2026-03-31"):
            house.pay(busy, 1_00)
        if month_end == "2026-04-30":
            house.pay(idle, 1_00)
        before = {account: house.balance(account) for account in taken}
        house.night()
        for account, fees in taken.items():
            fees.append(before[account] - house.balance(account))
    assert taken == {
        idle: [1_00, 4_00, 4_00, 1_00],  # dormant from 5 February on, awake again since the last of April
        rich: [1_00, 1_00, 1_00, 1_00],  # too much on it
        busy: [1_00, 1_00, 1_00, 1_00],  # dormant in February, and at the end of it awake
    }
    assert house.balance(house.bank.pools.account(6021, 156, 25)) == sum(map(sum, taken.values()))


def test_a_fee_of_dormancy_is_explained_after_the_account_woke(house: House) -> None:
    account = house.open(house.publish(DORMANT_FEE), 100_00)
    house.nights_until(day("2026-03-02"))
    fee = house.ledger.history(account).entries[0]
    assert fee.amount_minor == -4_00
    house.pay(account, 5_000_00)
    house.nights_until(day("2026-04-02"))
    awake = house.ledger.history(account).entries[0]
    assert awake.amount_minor == -1_00
    with Past(house.connect) as past:
        assert explain(past, fee.txn_id).derived
        assert explain(past, awake.txn_id).derived


def test_money_above_the_floor_is_swept_in_steps_and_comes_back_to_refill_it(house: House) -> None:
    house.rate("demand", 0)
    target = house.open(house.publish(DEMAND))
    account = house.open(house.publish(SWEPT), 2_345_67, linked=target)
    house.night()
    assert (house.balance(account), house.balance(target)) == (1_045_67, 1_300_00)
    house.pay(account, -500_00)
    house.night()
    assert (house.balance(account), house.balance(target)) == (1_000_00, 845_67 + 0)


def test_tax_is_withheld_with_the_settlement_in_one_transaction(house: House) -> None:
    account = house.open(house.publish(TAXED), 10_000_00)
    house.nights_until(day("2026-01-21"))
    # 16 days at 3.6 % of 10,000.00 over 360: 16.00, of which 3.20 is withheld.
    assert house.balance(account) == 10_000_00 + 16_00 - 3_20
    assert house.balance(house.bank.pools.account(2221, 156, 23)) == 3_20
    interest, tax = house.ledger.history(account).entries[1], house.ledger.history(account).entries[0]
    assert (interest.amount_minor, tax.amount_minor) == (16_00, -3_20)
    assert interest.txn_id == tax.txn_id


def test_a_deposit_drawn_monthly_pays_equal_parts_to_its_linked_account(house: House) -> None:
    house.rate("demand", 0)
    linked = house.open(house.publish(DEMAND))
    account = house.open(house.publish(DRAWN), 12_000_00, months=12, linked=linked)
    house.nights_until(day("2026-04-05"))
    assert (house.balance(account), house.balance(linked)) == (9_000_00, 3_000_00)


def test_a_standing_order_is_carried_out_on_its_day_once_and_is_refused_without_money(house: House) -> None:
    house.rate("demand", 0)
    version = house.publish(DEMAND)
    payer, payee = house.open(version, 150_00), house.open(version)
    order = StandingOrder(
        id=house.ledger.ids.next(), from_account=payer, to_account=payee, amount_minor=100_00, day_of_month=31, first=0
    )
    with house.connect() as session:
        write_order(session, order)
    house.nights_until(day("2026-01-31"))
    assert house.balance(payee) == 100_00
    reports = house.nights_until(day("2026-03-01"))
    # The last of February stands for the 31st; there is not enough money any more.
    assert house.balance(payee) == 100_00
    refused = [
        step.refused for report in reports for step in report.steps if step.step == "instalments" and step.refused
    ]
    # It is tried again on the next days: see `test_instalments`.
    assert refused
    assert all(one == {"insufficient_funds": 1} for one in refused)


def test_interest_that_an_account_cannot_take_is_kept_as_unclaimed(house: House) -> None:
    account = house.open(house.publish(TAXED), 10_000_00)
    house.ledger.block(account, debit=False, credit=True)
    house.nights_until(day("2026-01-21"))
    assert house.balance(account) == 10_000_00
    assert house.balance(house.bank.pools.account(2241, 156, 23)) == 16_00


def test_what_the_linked_account_cannot_take_at_maturity_stays_and_earns_the_rate_after_it(house: House) -> None:
    house.rate("demand", 350_000)
    house.rate("y1", 1_500_000)
    demand = house.open(house.publish(DEMAND), 1_00)
    account = house.open(house.publish(TIME), 10_000_00, months=3, linked=demand)
    house.nights_until(day("2026-04-03"))
    house.ledger.block(demand, debit=False, credit=True)
    house.nights_until(day("2026-04-07"))
    assert house.balance(account) == 10_026_25
    row = house.bank.book.rows[1]
    assert row["closed"] == 0
    assert row["flags"] & int(ContractFlag.OPEN)
    assert row["flags"] & int(ContractFlag.MATURED)
    # Two days at the demand rate: 10,026.25 * 0.35 % * 2 / 360 = 0.1949…
    assert row["whole"] == 19
