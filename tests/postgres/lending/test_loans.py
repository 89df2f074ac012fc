"""What a loan does to the books from its drawing to its end, worked out by hand beside it."""

import datetime as dt
from fractions import Fraction
from typing import Any

import numpy as np
from tests.postgres.closeday.house import product
from tests.postgres.lending.house import (
    BULLET,
    BY_DAY,
    BY_DAY_LOAN,
    EARLY,
    LATE,
    LEVEL,
    LEVEL_LOAN,
    LPR,
    ORDER,
    SINGLE,
    Lender,
    day,
    loan_product,
)

from yinhe.closeday.explain import explain
from yinhe.closeday.loan_reader import loan_reader
from yinhe.closeday.past import Past
from yinhe.deposits.codes import TransferCode
from yinhe.lending.columns import LoanFlag
from yinhe.lending.commands import Draw, PayOff, Recover, Repay, WriteOff
from yinhe.lending.decide import Standing
from yinhe.lending.owing import owing_of
from yinhe.products.parts.prepayment import Afterwards

POOLED = product(
    "pooled", 75, 'part = "term.open_ended"', 'part = "interest.none"', 'part = "accrual.accumulated_balance"',
    'part = "settlement.quarterly"', 'part = "sweep.to_target"\ntarget = "0.00 CNY"',
)  # fmt: skip


def test_a_loan_is_paid_from_the_account_agreed_and_ends_at_zero(lender: Lender) -> None:
    loan = lender.lend(lender.house.publish(LEVEL_LOAN), 12_000_00, 3)
    assert lender.owed(loan) == 12_000_00
    assert lender.balance(lender.current) == 12_000_00
    lender.house.pay(lender.current, 200_00)
    lender.house.nights_until(day("2026-02-05"))
    # Nothing was due yet; a month of 4.90 % on 12,000.00 has accrued: 49.00.
    assert lender.owed(loan) == 12_000_00
    assert (lender.row(loan)["whole"], lender.row(loan)["remainder"]) == (49_00, 0)
    lender.house.night()
    # 12,000.00 in three instalments at 4.90 % / 12 a month: 4,032.71; 49.00 of it interest.
    assert lender.owed(loan) == 12_000_00 - (4_032_71 - 49_00)
    assert lender.balance(lender.current) == 12_200_00 - 4_032_71
    lender.house.nights_until(day("2026-04-06"))
    assert lender.owed(loan) == 0
    # 3 * 4,032.71 or a fen beside: the last takes what is left.
    assert lender.balance(lender.current) == 12_200_00 - (12_000_00 + 49_00 + 32_73 + 16_40)
    assert not lender.is_(loan, LoanFlag.OPEN)


def swept_loan(lender: Lender) -> tuple[int, int, int]:
    """A loan whose money was swept away from the account it is collected from, on the morning it falls due.

    Where the money is kept, the account it was swept from, and the loan.
    """
    house = lender.house
    kept = lender.account()
    swept = house.open(house.publish(POOLED), linked=kept)
    loan = lender.lend(house.publish(LEVEL_LOAN), 12_000_00, 3, linked=swept)
    house.nights_until(day("2026-02-05"))
    assert (lender.balance(swept), lender.balance(kept)) == (0, 12_000_00)
    return kept, swept, loan


def test_what_was_swept_away_comes_back_for_a_loan_that_falls_due_as_far_as_it_is_there(lender: Lender) -> None:
    house, (kept, swept, loan) = lender.house, swept_loan(lender)
    house.night()
    # The first instalment is 4,032.71, 49.00 of it interest; it came back, and nothing more.
    assert lender.owed(loan) == 12_000_00 - (4_032_71 - 49_00)
    assert (lender.balance(swept), lender.balance(kept)) == (0, 12_000_00 - 4_032_71)
    house.pay(kept, -7_900_00)
    house.nights_until(day("2026-03-06"))
    # Of the second there were 67.29: taken, and the rest is late.
    assert (lender.balance(swept), lender.balance(kept)) == (0, 0)
    assert lender.row(loan)["overdue_since"] == day("2026-03-05")
    (late,) = lender.lending.book.items_of(np.array([loan]))
    assert int(late["interest_left"] + late["principal_left"]) == 4_032_71 - 67_29
    backs = [one for one in house.ledger.history(swept, limit=100).entries if one.code == TransferCode.SWEEP_IN.code]
    assert [one.amount_minor for one in backs] == [67_29, 4_032_71]
    with Past(house.connect) as past:
        told = [explain(past, one.txn_id) for one in backs]
    # Of a third instalment what is held there stays there.
    house.pay(kept, 500_00)
    assert house.ledger.hold(debit=kept, credit=lender.current, amount_minor=400_00).posted
    house.night()
    assert (lender.balance(swept), lender.balance(kept)) == (0, 400_00)
    assert {one.reasons[0].english for one in told} == {
        "What the account was short of for a loan that fell due came back from its linked product."
    }


def test_what_is_late_costs_the_penalty_rate_and_interest_on_interest(lender: Lender) -> None:
    loan = lender.lend(lender.house.publish(BY_DAY_LOAN), 36_000_00, 2)
    lender.house.pay(lender.current, -36_000_00)
    lender.house.nights_until(day("2026-03-06"))
    # Interest of 31 days at 3.60 % / 360 on 36,000.00: 111.60, due on 5 February; of 28 days: 100.80, on 5 March, with
    # the principal.
    row = lender.row(loan)
    assert [int(due) for due in lender.lending.book.items["interest_left"]] == [111_60, 100_80]
    # From 5 February on: 28 days on 111.60 and from 5 March a day on all, at 5.40 % / 360.
    compound = Fraction((111_60 * 28 + 111_60 + 100_80) * 54, 1_000 * 360)
    assert row["compound_whole"] == int(compound)
    assert row["penalty_whole"] == 5_40
    lender.house.pay(lender.current, 40_000_00)
    done = lender.do(PayOff(id=lender.next_id(), loan=loan))
    assert done.paid_minor == 36_000_00 + 111_60 + 100_80 + 5_40 + round(compound)
    assert lender.owed(loan) == 0
    lender.house.night()
    assert not lender.is_(loan, LoanFlag.OPEN)


def test_a_part_repaid_early_makes_the_instalments_lower_or_the_loan_shorter(lender: Lender) -> None:
    version = lender.house.publish(LEVEL_LOAN)
    lower, shorter = (lender.lend(version, 120_000_00, 24) for _ in range(2))
    before = int(lender.row(lower)["payment"])
    for loan, afterwards in ((lower, Afterwards.LOWER), (shorter, Afterwards.SHORTER)):
        repay = Repay(id=lender.next_id(), loan=loan, amount_minor=60_000_00, early=True, afterwards=afterwards)
        lender.do(repay)
    assert abs(int(lender.row(lower)["payment"]) - before / 2) <= 1
    assert lender.row(lower)["months"] == 24
    assert lender.row(shorter)["payment"] == before
    assert lender.row(shorter)["months"] == 12
    lender.house.night()


def test_more_than_is_due_is_taken_only_where_it_is_said_to_be_early(lender: Lender) -> None:
    loan = lender.lend(lender.house.publish(LEVEL_LOAN), 12_000_00, 12)
    assert lender.refused(Repay(id=lender.next_id(), loan=loan, amount_minor=1_00)) == "more_than_due"
    assert lender.refused(Repay(id=lender.next_id(), loan=loan, amount_minor=13_000_00, early=True)) == "more_than_owed"
    assert lender.refused(Draw(id=lender.next_id(), loan=loan, amount_minor=1_00)) == "drawn_already"


def test_a_loan_late_over_ninety_days_leaves_the_books_and_comes_back_when_paid(lender: Lender) -> None:
    loan = lender.lend(lender.house.publish(BY_DAY_LOAN), 36_000_00, 12)
    lender.house.pay(lender.current, -36_000_00)
    lender.house.nights_until(day("2026-05-08"))
    row = lender.row(loan)
    assert row["grade"] == 3
    assert row["stage"] == 3
    assert lender.is_(loan, LoanFlag.NON_ACCRUAL)
    assert lender.balance(int(row["receivable"])) == 0
    lender.house.pay(lender.current, 1_000_00)
    lender.house.night()
    row = lender.row(loan)
    assert not lender.is_(loan, LoanFlag.NON_ACCRUAL)
    assert row["grade"] == 1
    lender.house.nights_until(day("2026-05-12"))


def test_a_payment_told_late_counts_from_its_day(lender: Lender) -> None:
    loan = lender.lend(lender.house.publish(BY_DAY_LOAN), 36_000_00, 6)
    lender.house.pay(lender.current, -36_000_00)
    lender.house.nights_until(day("2026-02-25"))
    lender.house.pay(lender.current, 111_60)
    late = Repay(id=lender.next_id(), loan=loan, amount_minor=111_60, value_date=day("2026-02-05"))
    lender.do(late)
    row = lender.row(loan)
    assert row["compound_whole"] == row["compound_remainder"] == row["overdue_since"] == 0
    assert lender.balance(int(row["receivable"])) == 0
    lender.house.nights_until(day("2026-03-01"))


def test_worked_out_anew_a_loan_stands_where_the_nights_left_it(lender: Lender) -> None:
    loan = lender.lend(lender.house.publish(LEVEL_LOAN), 12_000_00, 6)
    lender.house.pay(lender.current, -11_000_00)
    lender.house.nights_until(day("2026-03-20"))
    lender.house.pay(lender.current, 3_000_00)
    lender.house.nights_until(day("2026-04-20"))
    anew, stands = lender.worked_out(loan)
    for name in anew.row.dtype.names:
        if name not in ("account", "receivable", "linked"):
            assert anew.row[name][0] == stands.row[name][0], name
    assert anew.unpaid.tolist() == stands.items.tolist()


def test_a_loan_written_off_is_claimed_still(lender: Lender) -> None:
    loan = lender.lend(lender.house.publish(BY_DAY_LOAN), 36_000_00, 2)
    lender.house.pay(lender.current, -36_000_00)
    assert lender.refused(WriteOff(id=lender.next_id(), loan=loan)) == "not_yet_lost"
    lender.house.nights_until(day("2026-06-25"))
    lender.do(WriteOff(id=lender.next_id(), loan=loan))
    assert lender.owed(loan) == 0
    claim = int(lender.row(loan)["written_off"])
    assert claim > 36_000_00
    lender.house.night()
    lender.house.pay(lender.current, 1_000_00)
    lender.do(Recover(id=lender.next_id(), loan=loan, amount_minor=1_000_00, payer=lender.current))
    assert lender.row(loan)["written_off"] == claim - 1_000_00
    lender.house.night()
    lender.house.pay(lender.current, 40_000_00)
    lender.do(Recover(id=lender.next_id(), loan=loan, amount_minor=claim - 1_000_00, payer=lender.current))
    lender.house.night()
    assert (lender.row(loan)["closed"], lender.is_(loan, LoanFlag.OPEN)) == (lender.house.today - 1, False)


def test_nothing_comes_back_to_an_account_that_may_not_pay(lender: Lender) -> None:
    house, (kept, swept, loan) = lender.house, swept_loan(lender)
    house.ledger.block(swept, debit=True, credit=False)
    house.nights_until(day("2026-02-08"))
    assert (lender.owed(loan), lender.balance(swept), lender.balance(kept)) == (12_000_00, 0, 12_000_00)


def test_a_loan_is_told_as_it_stood_by_the_products_and_rates_known_then(lender: Lender) -> None:
    house = lender.house
    house.rate("LPR_1Y", 3_450_000)
    follows = '\n[[terms]]\nname = "rate"\nrule = "follow"\n'
    text = loan_product("lpr", 1210, LPR, LEVEL, SINGLE, EARLY, LATE, ORDER) + follows
    loan = lender.lend(house.publish(text), 12_000_00, 12)

    def told(as_of: dt.date | None = None) -> tuple[Any, ...]:
        with house.connect() as session, loan_reader(session) as reader:
            standing = reader.standing(loan, as_of)
            assert isinstance(standing, Standing)
            return standing.date, standing.at.row.tolist(), owing_of(standing), list(reader.to_come(standing))

    house.nights_until(day("2026-03-26"))
    morning = told()
    later = text.replace("version = 1", "version = 2").replace("effective = 2026-01-05", "effective = 2026-04-01")
    house.rate("LPR_NEW", 9_000_000, day("2026-04-01"))
    house.publish(later.replace("board:LPR_1Y", "board:LPR_NEW"))
    house.rate("LPR_1Y", 3_000_000)
    house.nights_until(day("2026-05-10"))
    assert told(dt.date(2026, 3, 25)) == morning


def test_a_better_customer_tier_pays_the_lower_rate(lender: Lender) -> None:
    cheaper = 'part = "pricing.customer_tier"\ntiers = [{ tier = 3, spread = "-0.20%" }]'
    version = lender.house.publish(loan_product("tiered", 1203, BY_DAY, BULLET, SINGLE, EARLY, LATE, ORDER, cheaper))
    plain, better = (lender.lend(version, 36_000_00, 3, tier=tier) for tier in (0, 3))
    assert (lender.row(plain)["rate"], lender.row(better)["rate"]) == (3_600_000, 3_400_000)
