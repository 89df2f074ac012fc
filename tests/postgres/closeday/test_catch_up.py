"""Days left open are closed one after another later, and come to what they would have come to each on its own evening.

The days go over a week of holidays, a month's, a quarter's and a year's end, and a 29 February.
"""

from collections import Counter

import pytest
from tests.postgres.closeday.conftest import NewHouse
from tests.postgres.closeday.house import House, day, product
from tests.postgres.closeday.test_late import books

from yinhe.closeday.bank import DepositBank
from yinhe.closeday.errors import NightOutOfOrder
from yinhe.deposits.codes import TransferCode
from yinhe.deposits.standing_orders import StandingOrder, write_order
from yinhe.kernel.calendar import china, is_business_day
from yinhe.kernel.dates import date_from_days

OPEN_ENDED = 'part = "term.open_ended"'
BY_DAY = 'part = "accrual.accumulated_balance"'
QUARTERLY = 'part = "settlement.quarterly"'
CORRECTION = TransferCode.INTEREST_CORRECTION.code


def shelf(effective: str) -> tuple[str, ...]:
    """Products with all a night does by the calendar; the first is the demand deposit the others are linked to."""
    return tuple(
        product(code, 50 + number, *parts, effective=effective)
        for number, (code, parts) in enumerate(
            {
                "demand": (OPEN_ENDED, 'part = "interest.flat"\nrate = "board:demand"', BY_DAY, QUARTERLY),
                "monthly": (
                    OPEN_ENDED,
                    'part = "interest.flat"\nrate = "2.4%"',
                    BY_DAY,
                    'part = "settlement.monthly"\nday = 31',
                    'part = "fee.waived_by_balance"\nevent = "month"\ncharge = "3.00 CNY"\n'
                    'waived_from = "8,000.00 CNY"',
                ),
                "swept": (
                    OPEN_ENDED,
                    'part = "interest.flat"\nrate = "0.35%"',
                    BY_DAY,
                    'part = "settlement.yearly"\nmonth = 12\nday = 31',
                    'part = "sweep.above_floor"\nfloor = "1,000.00 CNY"\nstep = "100.00 CNY"',
                ),
                "time": (
                    'part = "term.fixed"\noffered = ["1 month"]',
                    'part = "interest.by_term"\nrates = [{term = "1 month", rate = "1.2%"}]',
                    'part = "accrual.transaction"',
                    'part = "settlement.at_maturity"',
                    'part = "renewal.same_term_or_linked"\nafter = "board:demand"',
                ),
            }.items()
        )
    )


def live(house: House, last: int, *, each_evening: bool) -> None:
    """A small bank until `last` is closed; the days are closed each on its evening, or together on the last."""
    house.rate("demand", 350_000)
    demand, monthly, swept, time = (house.publish(text) for text in shelf(date_from_days(house.today).isoformat()))
    linked = house.open(demand, 90_000_00)
    house.open(monthly, 600_00)
    feeding = house.open(swept, 2_345_67, linked=linked)
    house.open(time, 7_000_00, months=1, linked=linked, renew=True)
    house.open(time, 9_000_00, months=1, linked=linked)
    order = StandingOrder(
        id=house.ledger.ids.next(),
        from_account=linked,
        to_account=feeding,
        amount_minor=50_00,
        day_of_month=31,
        first=0,
    )
    with house.connect() as session:
        write_order(session, order)
    house.night()
    while house.today <= last:
        paid = (house.today * 7_919) % 900_00 + 1
        house.pay(feeding, paid)
        house.pay(linked, -paid // 3)
        house.pay(linked + 1, paid if house.today % 2 else -paid // 20)
        if each_evening:
            house.night()
        else:
            house.ledger.roll_date(house.today + 1)
            house.clock.advance(86_400_000_000)
    if not each_evening:
        house.runner.close_through(last, lambda step, done, total: None)
    # The evening after: what was booked late counts from its value date.
    house.night()


def postings(house: House) -> dict[tuple[int, int, str], int]:
    """What each account got and gave by value date and code; interest and its corrections together.

    What accrued is left out: when that was seen differs.
    """
    rows = house.ledger.rows_between(1, house.ledger.committed_seq + 1)
    sums: Counter[tuple[int, int, str]] = Counter()
    for row in rows[rows["code"] != TransferCode.INTEREST_ACCRUED.code]:
        code = str(row["code"]) if row["code"] != CORRECTION else str(TransferCode.INTEREST.code)
        for side, sign in (("debit", -1), ("credit", 1)):
            # The bank's own side of a correction is expense, not interest payable.
            if house.bank.book.of_account(int(row[side])) >= 0:
                sums[int(row[side]), int(row["value_date"]), code] += sign * int(row["amount"])
    return {key: amount for key, amount in sums.items() if amount}


@pytest.mark.parametrize(
    ("first", "last"),
    [("2024-02-08", "2024-03-02"), ("2025-12-18", "2026-01-03")],
    ids=["spring_festival_leap_day_and_month", "quarter_and_year"],
)
def test_days_closed_together_come_to_what_each_comes_to_on_its_evening(
    new_house: NewHouse, first: str, last: str
) -> None:
    evening, later = new_house(day(first)), new_house(day(first))
    live(evening, day(last), each_evening=True)
    live(later, day(last), each_evening=False)
    assert postings(later) == postings(evening)
    assert books(later) == books(evening)
    # Whoever opens the bank after that knows the same.
    again = DepositBank(later.ledger, later.connect)
    assert again.book.rows[:].tolist() == later.bank.book.rows[:].tolist()


def test_the_days_caught_up_on_have_holidays_and_weekends_among_them() -> None:
    """The days above are what they are said to be: working days or not, each is closed."""
    days = range(day("2024-02-08"), day("2024-03-03"))
    working = [is_business_day(china(), date_from_days(one)) for one in days]
    # The Spring Festival, the Sunday worked for it, then weekends.
    assert "".join("-x"[one] for one in working) == "xx--------xxxxxx--xxxxx-"


def test_only_days_that_are_over_are_caught_up_on_and_none_twice(house: House) -> None:
    house.night()
    house.ledger.roll_date(day("2026-01-08"))
    reports = house.runner.close_through(day("2026-01-07"), lambda step, done, total: None)
    assert [report.business_date for report in reports] == [day("2026-01-06"), day("2026-01-07")]
    with pytest.raises(NightOutOfOrder):
        house.runner.close_through(day("2026-01-07"), lambda step, done, total: None)
    with pytest.raises(NightOutOfOrder):
        house.runner.close(day("2026-01-09"), lambda step, done, total: None)
