"""What is asked of a loan, decided without a bank: the amounts at the edges, and what is kept of a change."""

from uuid import UUID

import numpy as np
import pytest

from yinhe.lending.book import no_items
from yinhe.lending.columns import LOAN, LoanFlag
from yinhe.lending.commands import Change, PayOff, Repay
from yinhe.lending.decide import Decision, Standing, decide
from yinhe.lending.forthcoming import instalments_to_come
from yinhe.lending.position import Act, ActKind, Position, work_out_position
from yinhe.lending.refusals import Refusal
from yinhe.products.product import Product
from yinhe.products.rates import RateBook

from ..products.files import sound, spoiled
from ..products.loan_files import LOAN as LOAN_FILE
from ..products.parts.words import book, day

LENT = 12_000_00
FIRST, TODAY = day("2026-01-05"), day("2026-01-15")
RATES = book(LPR_1Y=[("2025-01-20", "3.00%")])
ID = UUID(int=0)

ONE_PERCENT = spoiled(
    LOAN_FILE, 'part = "prepayment.part"', 'part = "prepayment.part"\nfees = [{ months = 12, rate = "1%" }]'
)


def agreed(flags: LoanFlag = LoanFlag.OPEN) -> np.ndarray:
    row = np.zeros(1, LOAN)
    row["loan"], row["limit"], row["months"], row["agreed"], row["linked"] = 1, LENT, 12, FIRST, 7
    row["flags"] = int(flags)
    return row


def standing(product: Product, *acts: Act, flags: LoanFlag = LoanFlag.OPEN, rates: RateBook = RATES) -> Standing:
    """A loan drawn on the fifth of January, on the fifteenth."""
    happened = (Act(day=FIRST, kind=ActKind.DRAW, amount=LENT), *acts)
    row = agreed(flags)
    at = work_out_position(row, happened, TODAY, lambda _: product, rates)
    return Standing(TODAY, at, row, happened, lambda _: product, rates, lambda _: 156)


# Ten days at 3.45 % / 360 on 12,000.00: 11.50.
RUNNING = 11_50


def done(found: Decision | Refusal) -> Decision:
    assert isinstance(found, Decision), found
    return found


def test_repaying_everything_costs_the_same_however_it_is_said() -> None:
    at = standing(sound(ONE_PERCENT))
    by_name = done(decide(PayOff(id=ID, loan=1), at))
    by_amount = done(decide(Repay(id=ID, loan=1, amount_minor=LENT + RUNNING, early=True), at))
    assert by_name.cash == by_amount.cash
    # The fee is 1 % of the principal repaid early, and nothing of the interest.
    assert by_name.cash is not None
    assert (by_name.cash.amount_minor, by_name.cash.fee_minor) == (LENT + RUNNING + 120_00, 120_00)
    assert by_amount.after.row["undue"] == by_amount.after.row["whole"] == 0


@pytest.mark.parametrize("flags", [LoanFlag.OPEN, LoanFlag.OPEN | LoanFlag.REVOLVING])
@pytest.mark.parametrize(("more", "taken"), [(0, True), (1, False), (RUNNING - 1, False), (RUNNING, True)])
def test_no_money_is_taken_that_pays_nothing(flags: LoanFlag, more: int, taken: bool) -> None:
    """All principal may be repaid, or all principal with the interest to date, and nothing in between."""
    at = standing(sound(LOAN_FILE), flags=flags)
    found = decide(Repay(id=ID, loan=1, amount_minor=LENT + more, early=True), at)
    if not taken:
        assert isinstance(found, Refusal)
        assert found.name == "prepayment_over_balance"
        return
    after = done(found).after
    assert (after.surplus, after.row["undue"]) == (0, 0)
    assert after.row["whole"] == (RUNNING if more == 0 else 0)


def test_a_payment_told_late_of_a_loan_repaid_since_is_refused() -> None:
    """It was repaid by what it owed without that payment: with it, too much was paid."""
    at = standing(sound(LOAN_FILE), Act(day=TODAY, kind=ActKind.PAY_OFF, amount=LENT + RUNNING))
    assert at.at.row["undue"] == 0
    found = decide(Repay(id=ID, loan=1, amount_minor=2_000_00, early=True, value_date=TODAY - 5), at)
    assert isinstance(found, Refusal)
    assert found.name == "more_than_owed"


def test_a_change_that_sets_one_mark_and_takes_another_is_kept_whole() -> None:
    """Worked out anew, the loan has the marks it had after the change."""
    product = sound(LOAN_FILE)
    marked = Act(day=TODAY - 1, kind=ActKind.SET_FLAGS, amount=int(LoanFlag.MISUSED))
    at = standing(product, marked)
    decision = done(decide(Change(id=ID, loan=1, blocked=True, misused=False, impaired=True), at))
    wanted = int(LoanFlag.OPEN | LoanFlag.BLOCKED | LoanFlag.IMPAIRED)
    assert decision.after.row["flags"][0] == wanted
    assert decision.act is not None
    anew = work_out_position(at.agreed, (*at.acts, decision.act), TODAY, at.product_on, RATES)
    assert anew.row["flags"][0] == wanted


def test_a_position_is_not_changed_by_what_is_decided_on_it() -> None:
    at = standing(sound(LOAN_FILE))
    before = at.at.copy()
    decide(PayOff(id=ID, loan=1), at)
    decide(Change(id=ID, loan=1, blocked=True), at)
    assert at.at.row == before.row
    assert Position(at.at.row, no_items()).unpaid.tolist() == at.at.items.tolist()


@pytest.mark.parametrize("drawn", ["2026-01-05", "2026-03-10"])
def test_a_line_ends_when_it_was_agreed_to_however_late_it_is_drawn(drawn: str) -> None:
    product, ends = sound(LOAN_FILE), day("2026-07-05")
    row = agreed(LoanFlag.OPEN | LoanFlag.REVOLVING)
    row["months"], row["maturity"] = 6, ends
    at = work_out_position(
        row, [Act(day=day(drawn), kind=ActKind.DRAW, amount=LENT)], day(drawn), lambda _: product, RATES
    )
    to_come = list(instalments_to_come(at, day(drawn), lambda _: product, (), RATES))
    assert to_come[-1].due == ends
    assert (to_come[-1].owed, sum(one.principal for one in to_come)) == (0, LENT)
    assert at.row["maturity"][0] == ends


def test_a_line_extended_ends_so_many_months_later_than_agreed() -> None:
    product, drawn = sound(LOAN_FILE), day("2026-03-10")
    row = agreed(LoanFlag.OPEN | LoanFlag.REVOLVING)
    row["months"], row["maturity"] = 6, day("2026-07-05")
    acts = [Act(day=drawn, kind=ActKind.DRAW, amount=LENT), Act(day=drawn, kind=ActKind.EXTEND, amount=3)]
    at = work_out_position(row, acts, drawn, lambda _: product, RATES)
    assert at.row["maturity"][0] == day("2026-10-05")
    assert list(instalments_to_come(at, drawn, lambda _: product, (), RATES))[-1].due == day("2026-10-05")
