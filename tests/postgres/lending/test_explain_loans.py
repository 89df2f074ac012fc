"""Every posting of loans is explained: worked out again, it is what the journal has."""

import pytest
from tests.postgres.lending.conftest import NewLender
from tests.postgres.lending.house import BY_DAY_LOAN, LEVEL_LOAN, day

from yinhe.closeday.errors import ExplanationDiffers
from yinhe.closeday.explain import explain
from yinhe.closeday.past import Past
from yinhe.kernel.ids import join
from yinhe.lending.codes import LoanCode
from yinhe.lending.commands import Repay


def test_each_posting_of_loans_is_what_it_is_worked_out_to_be(new_lender: NewLender) -> None:
    lender = new_lender(day("2026-02-25"))
    house = lender.house
    level = lender.lend(house.publish(LEVEL_LOAN.replace("2026-01-05", "2026-02-25")), 12_000_00, 6)
    short = lender.account(50_00)
    late = lender.lend(house.publish(BY_DAY_LOAN.replace("2026-01-05", "2026-02-25")), 36_000_00, 3, linked=short)
    house.pay(short, -36_000_00)
    house.nights_until(day("2026-02-28"))
    lender.do(Repay(id=lender.next_id(), loan=level, amount_minor=3_000_00, early=True))
    house.nights_until(day("2026-03-27"))
    lender.do(
        Repay(id=lender.next_id(), loan=late, amount_minor=20_00, payer=lender.current, value_date=day("2026-03-26"))
    )
    house.night()
    found: set[str] = set()
    with Past(house.connect) as past:
        rows = house.ledger.feed(0, 100_000)
        for hi, lo in sorted({(int(row["txn_hi"]), int(row["txn_lo"])) for row in rows}):
            told = explain(past, join(hi, lo))
            found.add(told.what.english)
            if told.what.english == LoanCode.INTEREST_DUE.english and told.derivation is not None:
                assert told.derivation.amount_minor == told.legs[0].amount_minor
    wanted = {
        LoanCode.DRAWING,
        LoanCode.INTEREST_DUE,
        LoanCode.INTEREST_ACCRUED,
        LoanCode.COLLECTION,
        LoanCode.ALLOWANCE,
    }
    assert {code.english for code in wanted} <= found


def test_a_posting_that_history_does_not_give_fails_loudly(new_lender: NewLender) -> None:
    lender = new_lender(day("2026-02-25"))
    house = lender.house
    loan = lender.lend(house.publish(BY_DAY_LOAN.replace("2026-01-05", "2026-02-25")), 36_000_00, 3)
    house.nights_until(day("2026-03-26"))
    receivable = int(lender.row(loan)["receivable"])
    first = house.ledger.history(receivable).entries[-1]
    with house.connect() as session:
        session.execute("UPDATE loan_event SET body = jsonb_set(body, '{act,amount}', '3700000') WHERE kind = 'draw'")
    with Past(house.connect) as past, pytest.raises(ExplanationDiffers):
        explain(past, first.txn_id)
    # 28 days at 3.60 % / 360 on 36,000.00.
    assert first.amount_minor == -100_80
