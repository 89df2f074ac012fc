"""Each law of the parts of loans is seen when it is broken: parts as a beginner might write them."""

from typing import ClassVar

import numpy as np
import pytest

from yinhe.products.lawbook import Law, prove
from yinhe.products.parts import (
    allocation,
    allowance,
    card,
    classification,
    drawdown,
    grace,
    limit,
    loan_interest,
    overdue,
    prepayment,
    repayment,
    restructuring,
    security,
    writeoff,
)

from ...unit.products.parts.loan_specimens import PLANS, STAGES
from ...unit.products.parts.words import percent, source, yuan


class Forgetful(repayment.EqualPrincipal, frozen=True, kw_only=True):
    """A last instalment no larger than the others."""

    name: ClassVar[str] = "repayment.forgetful"

    def principal_due(self, at):
        each = at.principal // np.maximum(self.count(at.months) - at.free, 1)
        return np.minimum(super().principal_due(at), each)


class Greedy(repayment.EqualInstalments, frozen=True, kw_only=True):
    """The whole payment taken as principal."""

    name: ClassVar[str] = "repayment.greedy"

    def principal_due(self, at):
        return np.where(at.number <= self.count(at.months), at.payment, 0)


class Ungraced(repayment.EqualPrincipal, frozen=True, kw_only=True):
    """Principal from the first instalment on, whatever the grace."""

    name: ClassVar[str] = "repayment.ungraced"

    def principal_due(self, at):
        free = np.zeros_like(at.free)
        return super().principal_due(repayment.Standing(at.number, at.months, free, *tuple_of(at)))


def tuple_of(at):
    return at.principal, at.owed, at.interest, at.payment


class Negative(repayment.EqualInstalments, frozen=True, kw_only=True):
    """A payment under the interest that lets the debt grow."""

    name: ClassVar[str] = "repayment.negative"

    def principal_due(self, at):
        return np.where(at.number == self.count(at.months), at.owed, -at.interest)


class Tomorrow(repayment.InterestOnly, frozen=True, kw_only=True):
    """Counts the instalment that falls due tomorrow as due."""

    name: ClassVar[str] = "repayment.tomorrow"

    def done(self, date, start, months):
        return super().done(date + 1, start, months)


class Negated(loan_interest.FixedRate, frozen=True, kw_only=True):
    """A margin below zero with nothing to stop it."""

    name: ClassVar[str] = "loan_interest.negated"

    def rate(self, book, date, start, margin):
        return margin - 1


class Usury(loan_interest.FixedRate, frozen=True, kw_only=True):
    """A rate no court enforces."""

    name: ClassVar[str] = "loan_interest.usury"

    def rate(self, book, date, start, margin):
        return np.full(len(start), 36_000_000, np.int64)


class Restless(loan_interest.IndexedRate, frozen=True, kw_only=True):
    """A rate that changes before the day it says it will."""

    name: ClassVar[str] = "loan_interest.restless"

    def rate(self, book, date, start, margin):
        return np.full(len(start), 3_000_000 + date % 7, np.int64)


class Backwards(loan_interest.IndexedRate, frozen=True, kw_only=True):
    """Priced anew on a day that is over."""

    name: ClassVar[str] = "loan_interest.backwards"

    def next_repricing(self, book, date, start):
        return np.full(len(start), date, np.int32)


class FirstAndLast(loan_interest.FixedRate, frozen=True, kw_only=True):
    """Counts the first day and the last."""

    name: ClassVar[str] = "loan_interest.first_and_last"

    def interest(self, principal, rate, start, end):
        return super().interest(principal, rate, start, end + np.int32(1))


class Endless(drawdown.Revolving, frozen=True, kw_only=True):
    """A line that forgets what is owed."""

    name: ClassVar[str] = "drawdown.endless"

    def available(self, line):
        return line.limit.copy()


class Overdrawn(drawdown.Single, frozen=True, kw_only=True):
    """Below zero where more was drawn than is left."""

    name: ClassVar[str] = "drawdown.overdrawn"

    def available(self, line):
        return line.limit - line.drawn * 2


class Anything(drawdown.Single, frozen=True, kw_only=True):
    """Refuses nothing."""

    name: ClassVar[str] = "drawdown.anything"

    def refuse(self, date, amount, line):
        return np.zeros(len(amount), np.int64)


class Spendthrift(allocation.InSequence, frozen=True, kw_only=True):
    """Pays every bucket from the whole payment."""

    name: ClassVar[str] = "allocation.spendthrift"

    def split(self, payment, due, days_past_due):
        return np.minimum(payment[:, None, None], due)


class Keeps(allocation.InSequence, frozen=True, kw_only=True):
    """Leaves the second instalment unpaid."""

    name: ClassVar[str] = "allocation.keeps"

    def split(self, payment, due, days_past_due):
        paid = super().split(payment, due, days_past_due)
        paid[:, 1] = 0
        return paid


class Lasting(grace.PrincipalGrace, frozen=True, kw_only=True):
    """A grace that covers the last instalment too."""

    name: ClassVar[str] = "grace.lasting"

    def without_principal(self, count, every):
        return count.copy()


class Robbery(prepayment.WholeEarly, frozen=True, kw_only=True):
    """A fee above what is repaid."""

    name: ClassVar[str] = "prepayment.robbery"

    def fee(self, date, start, amount):
        return amount + 1


class Lenient(overdue.Penalty, frozen=True, kw_only=True):
    """Late, it costs less."""

    name: ClassVar[str] = "overdue.lenient"

    def penalty_rate(self, contract):
        return contract // 2


class Steep(overdue.Penalty, frozen=True, kw_only=True):
    """Unpaid interest that bears more than the penalty rate."""

    name: ClassVar[str] = "overdue.steep"

    def compound_rate(self, contract):
        return self.penalty_rate(contract) + 1


class Rewarded(overdue.LateCharge, frozen=True, kw_only=True):
    """Pays who is late."""

    name: ClassVar[str] = "overdue.rewarded"

    def charge(self, unpaid):
        return np.full(len(unpaid), -1, np.int64)


class Misers(overdue.Misuse, frozen=True, kw_only=True):
    """Misused, it costs less."""

    name: ClassVar[str] = "misuse.misers"

    def rate(self, contract):
        return contract - 1


class Mending(classification.FiveGrades, frozen=True, kw_only=True):
    """Better after a while, by itself."""

    name: ClassVar[str] = "classification.mending"

    def grade(self, days_past_due, is_impaired, expected_loss, is_watched):
        return 5 - np.minimum(days_past_due, 4)


class Unheard(classification.FiveGrades, frozen=True, kw_only=True):
    """A sixth grade."""

    name: ClassVar[str] = "classification.unheard"

    def grade(self, days_past_due, is_impaired, expected_loss, is_watched):
        return np.full(len(days_past_due), 6, np.int64)


class Recovering(allowance.ThreeStages, frozen=True, kw_only=True):
    """Better stages the later it is."""

    name: ClassVar[str] = "allowance.recovering"

    def stage(self, days_past_due, grade, has_grown):
        return 3 - np.minimum(days_past_due, 2)


class Doubled(allowance.ThreeStages, frozen=True, kw_only=True):
    """Sets aside more than there is to lose."""

    name: ClassVar[str] = "allowance.doubled"

    def allowance(self, stage, exposure):
        return exposure * 2


class Twice(writeoff.AfterDays, frozen=True, kw_only=True):
    """Counts what is recovered twice."""

    name: ClassVar[str] = "write_off.twice"

    def recover(self, paid, principal, interest):
        return np.minimum(paid, principal), np.minimum(paid, interest)


class AllOfIt(card.MinimumPayment, frozen=True, kw_only=True):
    """A minimum above what is owed."""

    name: ClassVar[str] = "card.all_of_it"

    def minimum(self, principal, rest):
        return principal + rest + 1


class EvenParts(card.InstalmentPlans, frozen=True, kw_only=True):
    """Loses the fen that do not divide."""

    name: ClassVar[str] = "card.even_parts"

    def due(self, number, count, amount):
        principal, fee = super().due(number, count, amount)
        return np.where(principal > 0, amount // np.maximum(count, 1), 0), fee


class SameDay(card.BillingCycle, frozen=True, kw_only=True):
    """A statement of the day it is made up on."""

    name: ClassVar[str] = "card.same_day"

    def statement_on(self, date):
        return date.copy()


class MoreThanAll(limit.DownPayment, frozen=True, kw_only=True):
    """A down payment above the price."""

    name: ClassVar[str] = "down_payment.more_than_all"

    def own_funds(self, price):
        return price + 1


class Generous(security.WithCollateral, frozen=True, kw_only=True):
    """More on a house than it is worth."""

    name: ClassVar[str] = "security.generous"

    def most(self, worth):
        return worth * 2


class Growing(restructuring.Capitalisation, frozen=True, kw_only=True):
    """More interest than principal."""

    name: ClassVar[str] = "restructuring.growing"

    def most(self, principal):
        return principal + 1


FIXED = {"yearly": source("5%")}
LPR = {"index": source("board:LPR_1Y")}
LOSSES = {"first": STAGES.first, "second": STAGES.second, "third": STAGES.third}
HOME = {"accepted": (security.Collateral.HOME,), "loan_to_value": percent("70%")}

BREAKS = [
    (Forgetful(), Law.BOUNDED, "when all is repaid it still owes"),
    (Greedy(), Law.BOUNDED, "repays"),
    (Ungraced(), Law.BOUNDED, "in grace, repays"),
    (Negative(), Law.NOT_NEGATIVE, "repays"),
    (Tomorrow(), Law.CONSISTENT_DATES, "on day"),
    (Negated(**FIXED), Law.NOT_NEGATIVE, "a rate of"),
    (Usury(**FIXED), Law.BOUNDED, "a rate of 36000000"),
    (Restless(**LPR), Law.CONSISTENT_DATES, "before it is priced anew"),
    (Backwards(**LPR), Law.CONSISTENT_DATES, "priced anew in the past"),
    (FirstAndLast(**FIXED), Law.EXACT, "owes"),
    (Endless(), Law.BOUNDED, "beyond the limit"),
    (Overdrawn(), Law.NOT_NEGATIVE, "may draw"),
    (Anything(), Law.BOUNDED, "draws what is not there"),
    (Anything(), Law.CONSISTENT_DATES, "draws though the last day is"),
    (Spendthrift(), Law.BOUNDED, "of the payment and the dues it pays"),
    (Keeps(), Law.BOUNDED, "of the payment and the dues it pays"),
    (Lasting(months=6), Law.BOUNDED, "without_principal"),
    (Robbery(), Law.BOUNDED, "fee early"),
    (Lenient(), Law.BOUNDED, "late it bears only"),
    (Steep(), Law.BOUNDED, "compound_rate"),
    (Rewarded(), Law.NOT_NEGATIVE, "a charge of -1"),
    (Misers(), Law.BOUNDED, "misuse_rate"),
    (Mending(), Law.CONSISTENT_DATES, "a day later it is better"),
    (Unheard(), Law.BOUNDED, "no grade there is: 6"),
    (Recovering(**LOSSES), Law.CONSISTENT_DATES, "a day later it is better"),
    (Doubled(**LOSSES), Law.BOUNDED, "allowance of"),
    (Twice(), Law.BOUNDED, "of what was recovered it takes"),
    (AllOfIt(), Law.BOUNDED, "minimum of"),
    (EvenParts(plans=PLANS, least=yuan("600")), Law.BOUNDED, "the instalments repay"),
    (SameDay(), Law.CONSISTENT_DATES, "on a statement of day"),
    (MoreThanAll(share=percent("20%")), Law.BOUNDED, "own_funds of"),
    (Generous(**HOME), Law.BOUNDED, "most of"),
    (Growing(), Law.BOUNDED, "capitalised most of"),
]


@pytest.mark.parametrize(("part", "law", "sign"), BREAKS, ids=lambda value: getattr(value, "name", None))
def test_a_loan_part_that_breaks_a_law_is_found_out(part, law, sign):
    found = {broken.law: broken.detail for broken in prove(part)}
    assert law in found, found
    assert sign in found[law]
