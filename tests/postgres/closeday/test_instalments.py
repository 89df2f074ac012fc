"""Saved monthly, drawn monthly, interest monthly, and standing orders: month by month, and where there is no money.

The contracts begin on 30 January: their months end on 28 February, and on the 30th again from March on.
"""

from fractions import Fraction

import pytest
from tests.postgres.closeday.conftest import NewHouse
from tests.postgres.closeday.house import House, day, product

from yinhe.closeday.explain import explain
from yinhe.closeday.explain_fee import RECALLED
from yinhe.closeday.past import Past
from yinhe.closeday.report import NightReport
from yinhe.deposits.answers import Done
from yinhe.deposits.codes import TransferCode
from yinhe.deposits.commands import DepositMore
from yinhe.deposits.service import Deposits
from yinhe.deposits.standing_orders import StandingOrder, write_order
from yinhe.ledger.columns import AMOUNT_MAX

FIRST = "2026-01-30"
FIXED = 'part = "term.fixed"\noffered = ["3 months"]'
AT_END = 'part = "settlement.at_maturity"'
PAID_OUT = 'part = "renewal.to_linked"\nafter = "0.35%"'
BY_TERM = 'part = "interest.by_term"\nrates = [{term = "3 months", rate = "3.6%"}]'
BY_DAY = 'part = "accrual.accumulated_balance"'
PURSE = product(
    "purse", 71, 'part = "term.open_ended"', 'part = "interest.none"', BY_DAY, 'part = "settlement.quarterly"',
    effective=FIRST,
)  # fmt: skip
SAVED = product(
    "saved", 72, FIXED, BY_TERM, BY_DAY, AT_END, 'part = "instalment.save_monthly"\nbroken = "0.35%"', PAID_OUT,
    effective=FIRST,
)  # fmt: skip
DRAWN = product(
    "drawn", 73, FIXED, BY_TERM, BY_DAY, AT_END, 'part = "instalment.draw_monthly"', PAID_OUT, effective=FIRST
)
INTEREST_DRAWN = product(
    "interest_drawn", 74, FIXED, BY_TERM, 'part = "accrual.transaction"', 'part = "settlement.anniversary"',
    'part = "instalment.interest_monthly"',
    PAID_OUT, effective=FIRST,
)  # fmt: skip

POOLED = product(
    "pooled", 75, 'part = "term.open_ended"', 'part = "interest.none"', BY_DAY, 'part = "settlement.quarterly"',
    'part = "sweep.to_target"\ntarget = "0.00 CNY"', effective=FIRST,
)  # fmt: skip


def lines(house: House, account: int, code: TransferCode) -> list[tuple[int, int]]:
    """The lines of an account under a code, oldest first: business date and amount."""
    found = house.ledger.history(account, limit=1_000).entries
    return [(line.business_date, line.amount_minor) for line in reversed(found) if line.code == code.code]


def explained(house: House, account: int) -> list[tuple[str, list[str]]]:
    """What brought money back from a linked product, oldest first, and why it was posted."""
    found = house.ledger.history(account, limit=1_000).entries
    with Past(house.connect) as past:
        told = [explain(past, one.txn_id) for one in reversed(found) if one.code == TransferCode.SWEEP_IN.code]
    return [(one.what.english, [reason.english for reason in one.reasons]) for one in told]


def ordered(house: House, *orders: tuple[int, int, int]) -> None:
    """Standing orders for the 31st: payer, payee, amount; each with a higher id than the one before."""
    with house.connect() as session:
        for payer, payee, amount in orders:
            order = StandingOrder(
                id=house.ledger.ids.next(), from_account=payer, to_account=payee, amount_minor=amount,
                day_of_month=31, first=0,
            )  # fmt: skip
            write_order(session, order)


def refused(reports: list[NightReport], step: str) -> dict[int, dict[str, int]]:
    """What a step was refused, by the date closed."""
    return {
        report.business_date: dict(one.refused)
        for report in reports
        for one in report.steps
        if one.step == step and one.refused
    }


@pytest.fixture
def bank(new_house: NewHouse) -> House:
    house = new_house(day(FIRST), 1 << 18)
    house.rate("demand", 350_000)
    return house


def test_instalments_fall_due_on_the_contracts_day_or_the_last_of_a_shorter_month(bank: House) -> None:
    purse = bank.open(bank.publish(PURSE), 10_000_00)
    saved = bank.open(bank.publish(SAVED), 1_000_00, months=3, linked=purse)
    drawn = bank.open(bank.publish(DRAWN), 10_000_00, months=3, linked=purse)
    interest = bank.open(bank.publish(INTEREST_DRAWN), 9_999_99, months=3, linked=purse)
    bank.nights_until(day("2026-05-01"))
    due = [day("2026-02-28"), day("2026-03-30"), day("2026-04-30")]
    # Saving: the first is paid at opening, two more follow.
    assert lines(bank, saved, TransferCode.INSTALMENT) == [(due[0], 1_000_00), (due[1], 1_000_00)]
    # Drawing: a third of 10,000.00 rounded down; with the last comes the fen that is left.
    parts = [(due[0], -3_333_33), (due[1], -3_333_33)]
    assert lines(bank, drawn, TransferCode.INSTALMENT)[:2] == parts
    assert lines(bank, drawn, TransferCode.MATURITY)[0][0] == due[2]
    assert bank.balance(saved) == bank.balance(drawn) == bank.balance(interest) == 0
    # 90.00 a quarter of 9,999.99 at 3.6 %: 89.99991, which are 90.00 in three parts.
    assert [amount for _, amount in lines(bank, interest, TransferCode.INTEREST)] == [30_00, 30_00, 30_00]
    assert [date for date, _ in lines(bank, interest, TransferCode.INTEREST)] == due
    # 1,000.00 for 29 days, 2,000.00 for 30, 3,000.00 for 31; a ten-thousandth a day.
    saving = Fraction(1_000_00 * 29 + 2_000_00 * 30 + 3_000_00 * 31, 10_000)
    assert lines(bank, saved, TransferCode.INTEREST) == [(due[2], int(saving + Fraction(1, 2)))]
    drawing = Fraction(10_000_00 * 29 + 6_666_67 * 30 + 3_333_34 * 31, 10_000)
    assert lines(bank, drawn, TransferCode.INTEREST) == [(due[2], int(drawing + Fraction(1, 2)))]
    paid = 3 * 30_00 + int(saving + Fraction(1, 2)) + int(drawing + Fraction(1, 2))
    assert bank.balance(purse) == 10_000_00 + 1_000_00 + 10_000_00 + 9_999_99 + paid


def test_an_instalment_without_money_is_reported_is_not_made_up_by_itself_and_may_be_paid_in_late(bank: House) -> None:
    purse = bank.open(bank.publish(PURSE), 1_500_00)
    saved = bank.open(bank.publish(SAVED), 1_000_00, months=3, linked=purse)
    bank.pay(purse, -600_00)
    reports = bank.nights_until(day("2026-03-10"))
    assert refused(reports, "instalments") == {day("2026-02-27"): {"insufficient_funds": 1}}
    assert bank.balance(saved) == 1_000_00
    # In the next month the missed one is made up at the counter; the night asks for the month's own only.
    bank.pay(purse, 5_000_00)
    deposits = Deposits(bank.bank)
    made_up = deposits.do(DepositMore(id=bank.ledger.ids.next(), contract=2, amount_minor=1_000_00, funding=purse))
    assert isinstance(made_up, Done), made_up
    deposits.close()
    reports = bank.nights_until(day("2026-05-01"))
    assert refused(reports, "instalments") == {}
    assert lines(bank, saved, TransferCode.INSTALMENT) == [(day("2026-03-10"), 1_000_00), (day("2026-03-30"), 1_000_00)]
    # 39 days alone, 20 days of two, 31 days of three, all at the agreed rate.
    earned = Fraction(1_000_00 * 39 + 2_000_00 * 20 + 3_000_00 * 31, 10_000)
    assert lines(bank, saved, TransferCode.INTEREST) == [(day("2026-04-30"), int(earned + Fraction(1, 2)))]


def test_money_held_is_not_drawn_and_interest_its_account_may_not_take_is_kept_as_unclaimed(bank: House) -> None:
    purse = bank.open(bank.publish(PURSE), 1_00)
    drawn = bank.open(bank.publish(DRAWN), 9_000_00, months=3, linked=purse)
    interest = bank.open(bank.publish(INTEREST_DRAWN), 10_000_00, months=3, linked=purse)
    held = bank.ledger.hold(debit=drawn, credit=purse, amount_minor=8_000_00)
    assert held.posted
    bank.ledger.block(interest, debit=False, credit=True)
    reports = bank.nights_until(day("2026-03-01"))
    assert refused(reports, "instalments") == {day("2026-02-27"): {"insufficient_funds": 1}}
    assert (bank.balance(drawn), bank.balance(purse)) == (9_000_00, 1_00)
    # 30.00 a month: the whole transaction is refused, and the interest is owed as unclaimed.
    assert set(refused(reports, "settle")) == {day("2026-02-27")}
    assert bank.balance(bank.bank.pools.account(2241, 156, 74)) == 30_00
    assert bank.balance(interest) == 10_000_00


def given_up(house: House) -> list[str]:
    """The notices in the log that a standing order was tried often enough."""
    with house.connect() as session:
        rows = session.execute("SELECT object FROM audit_record WHERE action = 'order.give_up' ORDER BY number")
        return [row[0] for row in rows.fetchall()]


def test_a_standing_order_without_money_is_tried_on_three_more_days_and_the_next_months_is_its_own(
    bank: House,
) -> None:
    version = bank.publish(PURSE)
    payer, payee = bank.open(version, 99_00), bank.open(version)
    order = StandingOrder(
        id=bank.ledger.ids.next(), from_account=payer, to_account=payee, amount_minor=100_00, day_of_month=31, first=0
    )
    with bank.connect() as session:
        write_order(session, order)
    reports = bank.nights_until(day("2026-03-10"))
    # Due on 31 January and on 28 February, the last day a short month has; each by the night before.
    nights = [day(first) + more for first in ("2026-01-30", "2026-02-27") for more in range(4)]
    assert refused(reports, "instalments") == {night: {"insufficient_funds": 1} for night in nights}
    assert given_up(bank) == [f"standing-order/{order.id}"] * 2
    bank.pay(payer, 1_000_00)
    bank.nights_until(day("2026-04-02"))
    assert lines(bank, payee, TransferCode.STANDING_ORDER) == [(day("2026-03-31"), 100_00)]


def test_what_was_swept_away_comes_back_for_what_the_night_is_asked_to_pay(bank: House) -> None:
    version = bank.publish(PURSE)
    kept, payee = bank.open(version, 500_00), bank.open(version)
    payer = bank.open(bank.publish(POOLED), 300_00, linked=kept)
    bank.open(bank.publish(SAVED), 50_00, months=3, linked=payer)
    ordered(bank, *((payer, payee, amount) for amount in (400_00, 700_00, 350_00)))
    reports = bank.nights_until(day("2026-02-01"))
    # The first night: 300.00 are there and 500.00 linked; by their ids come 400.00, for which 100.00 come back, then
    # 700.00, which are not there, then 350.00. What is left, 50.00, stays linked.
    assert lines(bank, payee, TransferCode.STANDING_ORDER) == [(day("2026-01-31"), 400_00), (day("2026-01-31"), 350_00)]
    assert lines(bank, payer, TransferCode.SWEEP_IN) == [(day("2026-01-31"), 100_00), (day("2026-01-31"), 350_00)]
    nights = (day("2026-01-30"), day("2026-01-31"))
    assert refused(reports, "instalments") == {night: {"insufficient_funds": 1} for night in nights}
    assert (bank.balance(payer), bank.balance(kept)) == (0, 50_00)
    assert explained(bank, payer)[0] == (
        "Standing order",
        ["A standing order asks for this amount each month.", RECALLED.english],
    )
    # The instalment of February is paid from what is linked as well.
    bank.nights_until(day("2026-03-01"))
    assert lines(bank, payer, TransferCode.SWEEP_IN)[2:] == [(day("2026-02-28"), 50_00)]
    what, reasons = explained(bank, payer)[-1]
    assert (what, reasons[-1]) == ("Instalment", RECALLED.english)
    assert (bank.balance(payer), bank.balance(kept)) == (0, 0)


def test_what_comes_back_comes_in_turn_and_only_with_what_it_is_for(bank: House) -> None:
    version, pooled = bank.publish(PURSE), bank.publish(POOLED)
    kept = bank.open(version, 500_00)
    first, second = (bank.open(pooled, linked=kept) for _ in range(2))
    payee, blocked = bank.open(version), bank.open(version)
    bank.ledger.block(blocked, debit=False, credit=True)
    # Who is blocked gets nothing, and nothing comes back for it; the others in the order of their orders' ids.
    ordered(bank, (first, blocked, 450_00), (second, payee, 300_00), (first, payee, 201_00), (first, second, 150_00))
    reports = bank.nights_until(day("2026-02-01"))
    assert lines(bank, payee, TransferCode.STANDING_ORDER) == [(day("2026-01-31"), 300_00)]
    assert lines(bank, second, TransferCode.STANDING_ORDER) == [
        (day("2026-01-31"), -300_00),
        (day("2026-01-31"), 150_00),
    ]
    assert (bank.balance(kept), bank.balance(first), bank.balance(second)) == (200_00, 0, 0)
    assert refused(reports, "instalments")[day("2026-01-30")] == {"credit_blocked": 1, "insufficient_funds": 1}


def test_what_is_held_neither_pays_nor_comes_back(bank: House) -> None:
    version, pooled = bank.publish(PURSE), bank.publish(POOLED)
    kept = bank.open(version, 500_00)
    payer, payee = bank.open(pooled, 80_00, linked=kept), bank.open(version)
    assert bank.ledger.hold(debit=payer, credit=payee, amount_minor=80_00).posted
    assert bank.ledger.hold(debit=kept, credit=payee, amount_minor=100_00).posted
    # Of what is on the account nothing is free: all comes back, as far as it is free there.
    ordered(bank, (payer, payee, 350_00), (payer, payee, 60_00), (payer, payee, 50_00))
    bank.nights_until(day("2026-02-01"))
    assert lines(bank, payee, TransferCode.STANDING_ORDER) == [(day("2026-01-31"), 350_00), (day("2026-01-31"), 50_00)]
    assert (bank.balance(payer), bank.balance(kept)) == (80_00, 100_00)


def test_what_cannot_come_back_is_tried_again_when_it_can(bank: House) -> None:
    version, pooled = bank.publish(PURSE), bank.publish(POOLED)
    frozen, kept, payee = bank.open(version, 500_00), bank.open(version, 500_00), bank.open(version)
    poor, floored = bank.open(pooled, linked=frozen), bank.open(pooled, 100_00, linked=kept)
    bank.ledger.block(frozen, debit=True, credit=False)
    bank.ledger.set_limits(floored, floor=50_00, ceiling=AMOUNT_MAX, limit_daily=AMOUNT_MAX)
    ordered(bank, (poor, payee, 100_00), (floored, payee, 120_00))
    bank.nights_until(day("2026-02-01"))
    # Of what is on an account its floor stays.
    assert lines(bank, payee, TransferCode.STANDING_ORDER) == [(day("2026-01-31"), 120_00)]
    bank.ledger.block(frozen, debit=False, credit=False)
    bank.nights_until(day("2026-02-04"))
    assert lines(bank, payee, TransferCode.STANDING_ORDER)[1:] == [(day("2026-02-02"), 100_00)]


def test_what_an_order_brings_pays_the_next_without_anything_coming_back(bank: House) -> None:
    version = bank.publish(PURSE)
    first, second, last, empty = bank.open(version, 100_00), bank.open(version), bank.open(version), bank.open(version)
    swept = bank.open(bank.publish(POOLED), linked=empty)
    ordered(bank, (first, second, 100_00), (second, swept, 100_00), (swept, last, 100_00))
    assert refused(bank.nights_until(day("2026-02-01")), "instalments") == {}
    assert bank.balance(last) == 100_00


def test_money_that_comes_while_a_standing_order_is_tried_again_pays_it_once(bank: House) -> None:
    version = bank.publish(PURSE)
    payer, payee = bank.open(version, 99_00), bank.open(version)
    order = StandingOrder(
        id=bank.ledger.ids.next(), from_account=payer, to_account=payee, amount_minor=100_00, day_of_month=31, first=0
    )
    with bank.connect() as session:
        write_order(session, order)
    bank.nights_until(day("2026-02-01"))
    bank.pay(payer, 500_00)
    reports = bank.nights_until(day("2026-02-10"))
    assert lines(bank, payee, TransferCode.STANDING_ORDER) == [(day("2026-02-02"), 100_00)]
    assert (refused(reports, "instalments"), given_up(bank)) == ({}, [])
