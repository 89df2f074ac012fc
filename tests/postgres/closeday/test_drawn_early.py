"""Deposits drawn otherwise than was agreed, in a bank with its books: worked out by hand beside the nights."""

from uuid import UUID

import pytest
from tests.postgres.closeday.house import House, day, product

from yinhe.closeday.explain import explain
from yinhe.closeday.past import Past
from yinhe.deposits.answers import Done
from yinhe.deposits.codes import TransferCode
from yinhe.deposits.commands import Close, GiveNotice, Withdraw
from yinhe.deposits.service import Deposits

YEAR = (
    'part = "term.fixed"\noffered = ["12 months"]',
    'part = "interest.by_term"\nrates = [{term = "12 months", rate = "3.6%"}]',
    'part = "settlement.at_maturity"',
    'part = "early_withdrawal.at_rate"\nrate = "board:demand"\ntimes = 0',
    'part = "renewal.none"\nafter = "board:demand"',
)
MONTHLY = product("monthly", 41, *YEAR, 'part = "accrual.transaction"', 'part = "instalment.interest_monthly"')
DRAWN = product("drawn", 42, *YEAR, 'part = "accrual.accumulated_balance"', 'part = "instalment.draw_monthly"')


def given_up(house: House, text: str) -> UUID:
    """12,000.00 from 5 January on, all drawn on 20 March; the transaction."""
    house.rate("demand", 360_000)
    house.open(house.publish(text), 12_000_00, months=12, linked=house.cash)
    deposits = Deposits(house.bank)
    house.nights_until(day("2026-03-20"))
    closing = Close(id=house.ledger.ids.next(), contract=1, payee=house.cash)
    answer = deposits.do(closing)
    assert isinstance(answer, Done), answer
    deposits.close()
    return closing.id


def legs(house: House, txn: UUID) -> list[tuple[int, int]]:
    with Past(house.connect) as past:
        found = explain(past, txn)
    assert found.derived
    return [(leg.code, leg.amount_minor) for leg in found.legs if leg.code != TransferCode.INTEREST_ACCRUED.code]


def test_interest_paid_monthly_and_not_earned_is_taken_back_from_the_principal(house: House) -> None:
    txn = given_up(house, MONTHLY)
    # Two twelfths of 432.00 were paid. At 0.36 % two months and 15 days of 12,000.00 are 9.00: 63.00 too much.
    assert legs(house, txn) == [
        (TransferCode.INTEREST_CORRECTION.code, 63_00),
        (TransferCode.CLOSING.code, 11_937_00),
    ]
    with Past(house.connect) as past:
        reasons = [reason.english for reason in explain(past, txn).reasons]
    assert reasons[0] == "Drawn early: the amount earns 0.36% a year from 2026-01-05 to before 2026-03-20."
    assert reasons[-1] == "What was paid monthly before, 7200 minor units, counts as paid in advance."
    # The night itself looks whether interest payable is what has accrued.
    assert house.night().summary["findings"] == 0


def test_parts_drawn_monthly_have_earned_when_the_rest_is_drawn_early(house: House) -> None:
    txn = given_up(house, DRAWN)
    # 31 days of 12,000.00, 28 of 11,000.00 and 15 of 10,000.00 at 0.36 %: a hundred yuan earn a tenth of a fen a day.
    assert legs(house, txn) == [
        (TransferCode.INTEREST.code, 3_72 + 3_08 + 1_50),
        (TransferCode.CLOSING.code, 10_000_00 + 8_30),
    ]
    # The night itself looks whether interest payable is what has accrued.
    assert house.night().summary["findings"] == 0


NOTICE = (
    'part = "term.open_ended"',
    'part = "interest.flat"\nrate = "board:notice"',
    'part = "settlement.on_closing"',
    'part = "notice.days"\ndays = 7\nminimum_left = "500.00 CNY"\nwithout = "board:demand"',
)
BY_DAY = product("notice", 43, *NOTICE, 'part = "accrual.accumulated_balance"')
PER_DEPOSIT = product("notice", 43, *NOTICE, 'part = "accrual.transaction"\nbasis = "ACT/360"')


def noticed(house: House, text: str, amount: int, asked: int) -> UUID:
    """1,000.00 from 5 January on, an amount noticed for the 15th, and another asked for that day; the transaction."""
    house.rate("demand", 360_000)
    house.rate("notice", 3_600_000)
    house.rate("notice", 1_800_000, day("2026-01-15"))
    house.open(house.publish(text), 1_000_00)
    deposits = Deposits(house.bank)
    house.nights_until(day("2026-01-08"))
    ids = house.ledger.ids
    notice = GiveNotice(id=ids.next(), contract=1, amount_minor=amount, due_on=day("2026-01-15"))
    assert isinstance(deposits.do(notice), Done)
    house.nights_until(day("2026-01-15"))
    part = Withdraw(id=ids.next(), contract=1, amount_minor=asked, payee=house.cash)
    assert isinstance(deposits.do(part), Done)
    deposits.close()
    return part.id


# Ten days: 600.00 earn 0.60 at the 3.6 % of those days, 0.30 at the 1.8 % of the 15th; 400.00 at 0.36 % earn 0.04.
CLOSED = [(BY_DAY, 64), (PER_DEPOSIT, 34)]


@pytest.mark.parametrize(("text", "interest"), CLOSED, ids=["by day", "per deposit"])
def test_with_too_little_left_what_was_noticed_keeps_its_rate_and_the_rest_does_not(
    house: House, text: str, interest: int
) -> None:
    txn = noticed(house, text, 600_00, 600_00)
    closing = (TransferCode.CLOSING.code, 1_000_00 + interest)
    assert legs(house, txn) == [(TransferCode.INTEREST.code, interest), closing]
    assert house.night().summary["findings"] == 0


DRAWN_AS_NOTICED = [(BY_DAY, 50), (PER_DEPOSIT, 25)]


@pytest.mark.parametrize(("text", "interest"), DRAWN_AS_NOTICED, ids=["by day", "per deposit"])
def test_a_part_drawn_as_noticed_earns_and_what_is_left_goes_on(house: House, text: str, interest: int) -> None:
    txn = noticed(house, text, 500_00, 500_00)
    assert legs(house, txn)[0] == (TransferCode.INTEREST.code, interest)
    assert house.night().summary["findings"] == 0
    house.nights_until(day("2026-01-20"))
    # 500.00 are left: ten days at 3.6 % and five at 1.8 % by the day, fifteen at 1.8 % per deposit.
    assert int(house.bank.book.rows["whole"][0]) == (62 if interest == 50 else 37)
