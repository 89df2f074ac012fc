"""What is known late of loans: a rate corrected for days gone by is as if it had been right."""

import numpy as np
from tests.postgres.lending.conftest import NewLender
from tests.postgres.lending.house import BULLET, EARLY, LATE, LEVEL, LPR, ORDER, SINGLE, Lender, day, loan_product

from yinhe.closeday.explain import explain
from yinhe.closeday.past import Past
from yinhe.lending.codes import LoanCode

INDEXED = loan_product("indexed", 1204, LPR, LEVEL, SINGLE, EARLY, LATE, ORDER).replace("2026-01-05", "2026-03-25")


def test_a_rate_corrected_late_leaves_the_books_it_would_have_left(new_lender: NewLender) -> None:
    right, wrong = (new_lender(day("2026-03-25")) for _ in range(2))
    for lender, rate in ((right, 3_000_000), (wrong, 3_500_000)):
        lender.house.rate("LPR_1Y", 3_450_000)
        lender.house.rate("LPR_1Y", rate, day("2026-04-01"))
        # The rate is set anew on the first day of the quarter.
        lender.lend(lender.house.publish(INDEXED), 36_000_00, 12)
        lender.house.nights_until(day("2026-04-06"))
    wrong.house.rate("LPR_1Y", 3_000_000, day("2026-04-01"), correction=True)
    for lender in (right, wrong):
        lender.house.nights_until(day("2026-04-09"))
    ours, theirs = (lender.house.bank.loans.rows for lender in (right, wrong))
    assert ours.tolist() == theirs.tolist()
    assert int(ours["rate"][0]) == 3_000_000
    last = right.house.ledger.committed_seq, wrong.house.ledger.committed_seq
    balances = (lender.house.ledger.balances_at(seq) for lender, seq in zip((right, wrong), last, strict=True))
    assert next(balances).tolist() == next(balances).tolist()
    with Past(wrong.house.connect) as past:
        rows = wrong.house.ledger.feed(0, 10_000)
        corrected = rows[rows["code"] == LoanCode.CORRECTION.code]
        assert len(corrected) == 1
        from yinhe.kernel.ids import join

        told = explain(past, join(int(corrected["txn_hi"][0]), int(corrected["txn_lo"][0])))
        assert told.night == day("2026-04-06")


def test_an_instalment_that_a_corrected_rate_takes_away_is_gone_when_read_anew(lender: Lender) -> None:
    house = lender.house
    house.rate("index", 3_000_000)
    indexed = 'part = "loan_interest.indexed"\nindex = "board:index"\nrepricing = "quarter"\nbasis = "ACT/360"'
    poor = lender.account()
    loan = lender.lend(
        house.publish(loan_product("inx", 1301, indexed, BULLET, SINGLE, EARLY, LATE, ORDER)),
        10_000_00,
        12,
        linked=poor,
    )
    house.pay(poor, -10_000_00)
    house.nights_until(day("2026-02-10"))
    house.rate("index", 0, day("2026-01-05"), correction=True)
    house.night()
    assert not len(lender.lending.book.items_of(np.array([loan])))
    house.bank.reload()
    assert not len(house.bank.loans.items_of(np.array([loan])))
    house.night()
