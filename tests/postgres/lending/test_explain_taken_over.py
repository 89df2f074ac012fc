"""What came with a loan from another bank is told as it was booked: nothing here decided it."""

from tests.postgres.closeday.conftest import NewHouse
from tests.postgres.lending.house import LEVEL_LOAN, Lender, day
from tests.postgres.lending.test_killed_loans import FIRST, lend_earlier

from yinhe.closeday.explain import explain
from yinhe.closeday.past import Past
from yinhe.kernel.ids import join


def test_what_was_taken_over_follows_from_nothing_else(new_house: NewHouse) -> None:
    lender = Lender(new_house(FIRST))
    version = lender.house.publish(LEVEL_LOAN.replace("2026-01-05", "2026-03-03"))
    lend_earlier(lender, version, 0, day("2026-02-03"), lender.account(5_000_00))
    account = int(lender.row(1)["account"])
    with Past(lender.house.connect) as past:
        rows = [row for row in lender.house.ledger.feed(0, 100) if account in (int(row["debit"]), int(row["credit"]))]
        (told,) = (explain(past, join(int(row["txn_hi"]), int(row["txn_lo"]))) for row in rows)
    assert (told.derived, told.legs[0].amount_minor) == (False, 10_000_00)
    lender.lending.close()
