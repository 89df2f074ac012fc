"""A card worked out by hand to the fen: what is free of interest, what bears it and from when, and what it costs."""

import datetime as dt
from collections.abc import Sequence

import numpy as np

from yinhe.kernel.dates import days_from_date
from yinhe.lending.card import collected_of
from yinhe.lending.columns import LOAN, LoanFlag
from yinhe.lending.position import Act, ActKind, Position, work_out_position
from yinhe.products.product import Product
from yinhe.products.product_library import library_products
from yinhe.products.rates import RateBook

CARD = next(product for product in library_products() if product.code == "credit_card")
"""Billing day 5, due 20 days later, 18.25 % / 365, minimum 10 % and at least 100.00, 100.00 a year, 1 % of cash."""


def day(text: str) -> int:
    return days_from_date(dt.date.fromisoformat(text))


def card(acts: Sequence[Act], until: str, product: Product = CARD) -> Position:
    row = np.zeros(1, LOAN)
    row["loan"], row["limit"], row["agreed"] = 1, 50_000_00, day("2026-01-01")
    row["flags"] = int(LoanFlag.OPEN | LoanFlag.REVOLVING)
    return work_out_position(row, acts, day(until), lambda _: product, RateBook([]))


def bought(on: str, amount: int) -> Act:
    return Act(day=day(on), kind=ActKind.DRAW, amount=amount)


def paid(on: str, amount: int) -> Act:
    return Act(day=day(on), kind=ActKind.REPAY, amount=amount)


def statement(at: Position) -> tuple[int, ...]:
    """Number, balance, minimum, interest, fee, left."""
    return tuple(int(at.card[name][0]) for name in ("number", "balance", "minimum", "interest", "fee", "left"))


def test_purchases_paid_whole_by_the_due_day_bear_no_interest() -> None:
    acts = [bought("2026-01-10", 3_000_00), bought("2026-02-04", 2_000_00), bought("2026-02-05", 400_00)]
    # What was posted to 4 February stands on the statement of the 5th, with the fee of the first year; the minimum is
    # 10 % of the purchases and the whole fee.
    assert statement(card(acts, "2026-02-06")) == (1, 5_100_00, 600_00, 0, 100_00, 5_100_00)
    acts += [paid("2026-02-10", 1_000_00), paid("2026-02-25", 4_100_00)]
    at = card(acts, "2026-03-06")
    # Of the second the purchase of 5 February alone: the least minimum is 100.00.
    assert statement(at) == (2, 400_00, 100_00, 0, 0, 400_00)
    assert at.row["whole"][0] == at.row["remainder"][0] == 0
    assert at.row["overdue_since"][0] == 0
    assert int(at.statements[0]["paid"][0]) == day("2026-02-25")


def test_what_is_paid_in_part_bears_interest_from_the_day_of_posting() -> None:
    acts = [bought("2026-01-10", 3_000_00), bought("2026-01-20", 2_000_00), paid("2026-02-15", 2_000_00)]
    at = card([*acts], "2026-02-25")
    assert at.row["whole"][0] == at.row["remainder"][0] == 0, "until the end of the due day it may be paid whole"
    at = card(acts, "2026-03-06")
    # A day costs 0.05 %. To 4 March: 3,000.00 for the 10 days from 10 January, 5,000.00 for the 16 from the 20th, the
    # fee too for the 10 from 5 February, and from the 15th 3,100.00 for the 18 to 4 March:
    # (30,000.00 + 80,000.00 + 51,000.00 + 55,800.00) * 0.05 % = 108.40.
    #
    # The minimum is 10 % of 3,100.00 and the interest: the first minimum, 600.00, is paid.
    assert statement(at) == (2, 3_208_40, 418_40, 108_40, 0, 3_208_40)
    assert at.row["overdue_since"][0] == 0


def test_cash_bears_interest_from_its_day_and_costs_a_fee() -> None:
    acts = [Act(day=day("2026-01-10"), kind=ActKind.ADVANCE, amount=2_000_00), bought("2026-01-10", 1_000_00)]
    at = card(acts, "2026-02-05")
    # 26 days of 0.05 % on 2,000.00, on the cash alone.
    assert (int(at.row["whole"][0]), int(at.row["remainder"][0])) == (26_00, 0)
    # Fees: 100.00 of the year and 1 % of the cash. Minimum: 10 % of 3,000.00, fees and interest.
    at = card(acts, "2026-02-06")
    assert statement(at) == (1, 3_146_00, 446_00, 26_00, 120_00, 3_146_00)
    at = card([*acts, paid("2026-02-06", 3_146_00)], "2026-03-06")
    # Paid whole: a day of interest on the cash, 5 February, is to come.
    assert statement(at) == (2, 1_00, 1_00, 1_00, 0, 1_00)


def test_a_minimum_missed_is_charged_for_once_after_the_days_of_grace() -> None:
    acts = [bought("2026-01-10", 3_000_00)]
    at = card(acts, "2026-02-28")
    assert int(at.row["overdue_since"][0]) == day("2026-02-25")
    assert int(at.card["fees"][0]) == 0
    # 400.00 were to be paid: 5 % is 20.00.
    assert int(card(acts, "2026-03-01").card["fees"][0]) == 20_00
    at = card(acts, "2026-03-06")
    # 3,000.00 for 26 days to 4 February, 3,100.00 for 28 to 4 March, at 0.05 %: 39.00 + 43.40.
    # The minimum: 10 % of 2,700.00 not asked for yet, the interest, the charge, and the 400.00 missed.
    assert statement(at) == (2, 3_202_40, 270_00 + 82_40 + 20_00 + 400_00, 82_40, 20_00, 3_202_40)
    assert int(card([*acts, paid("2026-02-28", 400_00)], "2026-03-06").card["fee"][0]) == 0, "in time with the grace"
    # 9.99 less than asked for is tolerated.
    assert int(card([*acts, paid("2026-02-25", 390_01)], "2026-03-06").card["fee"][0]) == 0
    assert int(card([*acts, paid("2026-02-25", 389_99)], "2026-03-06").card["fee"][0]) == 10_00


def test_a_purchase_in_instalments_comes_back_month_by_month_with_its_fee() -> None:
    acts = [bought("2026-01-10", 1_000_00), Act(day=day("2026-01-15"), kind=ActKind.CONVERT, amount=1_000_00, count=3)]
    at = card(acts, "2026-02-06")
    # A third of 1,000.00 with 0.65 % of 1,000.00, and the year: all of it is the minimum.
    assert statement(at) == (1, 333_33 + 6_50 + 100_00, 439_83, 0, 106_50, 439_83)
    acts += [paid("2026-02-25", 439_83)]
    at = card(acts, "2026-03-06")
    assert statement(at) == (2, 339_83, 339_83, 0, 6_50, 339_83)
    acts += [paid("2026-03-25", 339_83)]
    at = card(acts, "2026-04-06")
    assert statement(at) == (3, 333_34 + 6_50, 339_84, 0, 6_50, 339_84)
    assert not at.card["plan_amount"].any()
    at = card([*acts, paid("2026-04-25", 339_84)], "2026-05-06")
    assert statement(at) == (4, 0, 0, 0, 0, 0)


def test_the_night_takes_the_minimum_or_the_whole_statement_on_the_due_day() -> None:
    at = card([bought("2026-01-10", 3_000_00)], "2026-02-25")
    assert collected_of(at.row, at.unpaid, at.card, day("2026-02-24")).tolist() == [0]
    assert collected_of(at.row, at.unpaid, at.card, day("2026-02-25")).tolist() == [400_00]
    at.row["flags"] |= int(LoanFlag.PAYS_WHOLE)
    assert collected_of(at.row, at.unpaid, at.card, day("2026-02-25")).tolist() == [3_100_00]
    assert collected_of(at.row, at.unpaid, at.card, day("2026-02-26")).tolist() == [400_00]


def test_the_fee_of_a_year_comes_with_the_first_statement_of_each() -> None:
    charged = [int(one["fee"][0]) for one in card([bought("2026-01-10", 1_00)], "2028-03-06").statements]
    assert [number for number, fee in enumerate(charged, 1) if fee >= 100_00] == [1, 13, 25]


def test_a_card_not_paid_for_ninety_days_is_off_the_books() -> None:
    acts = [bought("2026-01-10", 3_000_00)]
    assert not card(acts, "2026-05-26").row["flags"][0] & int(LoanFlag.NON_ACCRUAL)
    at = card(acts, "2026-05-28")
    assert at.row["flags"][0] & int(LoanFlag.NON_ACCRUAL)
    assert int(at.row["grade"][0]) == 3
    everything = [*acts, Act(day=day("2026-05-28"), kind=ActKind.PAY_OFF)]
    at = card(everything, "2026-05-30")
    assert not at.row["flags"][0] & int(LoanFlag.NON_ACCRUAL)
    assert at.row["undue"][0] == at.card["left"][0] == 0
