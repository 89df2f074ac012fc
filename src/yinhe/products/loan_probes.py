"""What the test kit asks the parts of loans: every columnar answer they give to a sample."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from yinhe.products.parts.allocation import Allocation, Bucket
from yinhe.products.parts.allowance import Allowance
from yinhe.products.parts.application import Application, ApplicationPart
from yinhe.products.parts.base import Int64Column, Part
from yinhe.products.parts.card import BillingCycle, InstalmentPlans, InterestFree, MinimumPayment
from yinhe.products.parts.classification import Classification, NonAccrual
from yinhe.products.parts.drawdown import Drawdown, Line
from yinhe.products.parts.grace import Grace
from yinhe.products.parts.limit import ByTierMost, DownPayment
from yinhe.products.parts.loan_interest import FlatRate, LoanInterest
from yinhe.products.parts.overdue import Misuse, Overdue
from yinhe.products.parts.prepayment import Prepayment
from yinhe.products.parts.purpose import Payment
from yinhe.products.parts.repayment import Repayment, Standing
from yinhe.products.parts.restructuring import Capitalisation, Extension, RateChange, ReAgeing, Restructuring
from yinhe.products.parts.security import WithCollateral
from yinhe.products.parts.writeoff import WriteOff
from yinhe.products.probes import Answers, Sample

LOAN_BOOLS: Final = frozenset({"by_bank", "is_free", "is_watched", "is_non_accrual", "instalment is_due"})
LOAN_DAYS: Final = frozenset(
    {"until", "begin", "next_repricing", "instalment due_on", "statement_on", "statement due_on"}
)
"""Answers that are bool and int32 columns; all others are int64."""

MARGIN_SHIFT: Final = 10_000_000
"""Margins of a sample lie around zero: its rates less this."""


def loan_answers(part: Part, sample: Sample) -> Answers:
    """Every columnar answer of a loan's part to a sample, by what was asked; empty for other parts."""
    facts = sample.facts
    match part:
        case ApplicationPart():
            return _of_application(part, application_of(sample))
        case Payment():
            payee = (sample.count % 4 + 1).astype(np.int32)
            return {"refuse": part.refuse(facts.amount, payee), "by_bank": part.by_bank(facts.amount)}
        case Drawdown():
            line = line_of(sample)
            refused = part.refuse(sample.date, facts.amount, line)
            return {"refuse": refused, "available": part.available(line), "until": part.until(line)}
        case LoanInterest():
            return _of_interest(part, sample)
        case Repayment():
            return _of_repayment(part, sample)
        case Grace():
            asked = (sample.count, 3)
            return {
                "without_principal": part.without_principal(*asked),
                "without_interest": part.without_interest(*asked),
            }
        case Prepayment():
            refused = part.refuse(sample.date, facts.opened, facts.amount, sample.other, sample.count)
            return {"refuse": refused, "fee early": part.fee(sample.date, facts.opened, facts.amount)}
        case _:
            return _of_lateness(part, sample)


def _of_application(part: ApplicationPart, asked: Application) -> Answers:
    found: dict[str, npt.NDArray[Any]] = {"refuse": part.refuse(asked)}
    match part:
        case DownPayment():
            found["own_funds"] = part.own_funds(asked.price)
        case WithCollateral():
            found["most"] = part.most(asked.collateral)
        case ByTierMost():
            found["most"] = part.most(asked)
        case _:
            pass
    return found


def _of_interest(part: LoanInterest, sample: Sample) -> Answers:
    date, start = sample.date, sample.facts.opened
    margin = sample.rate - MARGIN_SHIFT
    begun = np.minimum(start, np.int32(date))
    whole, remainder = part.interest(sample.facts.amount, sample.rate, begun, np.full(len(start), date, np.int32))
    found: dict[str, npt.NDArray[Any]] = {
        "begin": part.begin(start),
        "rate": part.rate(sample.book, date, start, margin),
        "next_repricing": part.next_repricing(sample.book, date, start),
        "interest": whole,
        "interest remainder": remainder,
    }
    if isinstance(part, FlatRate):
        found["each"] = part.each(sample.facts.amount, sample.rate, 1)
    return found


def _of_repayment(part: Repayment, sample: Sample) -> Answers:
    date, start, months = sample.date, sample.facts.opened, sample.facts.months
    at = standing_of(sample)
    return {
        "instalments": part.count(months),
        "instalments done": part.done(date, start, months),
        "instalment is_due": part.is_due(date, start, months),
        "instalment due_on": part.due_on(sample.count, start, months),
        "payment": part.payment(at.principal, at.owed, sample.rate, sample.count),
        "principal_due": part.principal_due(at),
    }


def _of_lateness(part: Part, sample: Sample) -> Answers:
    """`loan_answers` for the kinds that look at what is late and what may be lost."""
    facts, late = sample.facts, days_late(sample)
    match part:
        case Overdue():
            return {
                "days_past_due": part.days_past_due(sample.date, sample.given),
                "penalty_rate": part.penalty_rate(sample.rate),
                "compound_rate": part.compound_rate(sample.rate),
                "charge": part.charge(sample.other),
            }
        case Misuse():
            return {"misuse_rate": part.rate(sample.rate)}
        case Allocation():
            paid = part.split(facts.amount, due_of(sample), late)
            places = [(place, bucket) for place in range(paid.shape[1]) for bucket in Bucket]
            return {f"paid {place} {bucket.name}": paid[:, place, bucket.value].copy() for place, bucket in places}
        case Restructuring():
            return {"is_watched": part.is_watched(sample.date, facts.opened), **_of_restructuring(part, sample)}
        case Classification():
            return {"grade": part.grade(late, sample.wants & sample.has, expected_loss(sample), sample.has)}
        case NonAccrual():
            return {"is_non_accrual": part.is_non_accrual(late, sample.count % 5 + 1)}
        case Allowance():
            stage = part.stage(late, sample.count % 5 + 1, sample.has)
            return {"stage": stage, "allowance": part.allowance(sample.count % 3 + 1, sample.other)}
        case WriteOff():
            refused = part.refuse(late, sample.count % 5 + 1, facts.amount)
            principal, interest = part.recover(facts.amount, sample.other, sample.remainder // 10_000)
            return {"refuse": refused, "recovered principal": principal, "recovered interest": interest}
        case _:
            return _of_card(part, sample)


def _of_restructuring(part: Restructuring, sample: Sample) -> Answers:
    facts, late = sample.facts, days_late(sample)
    match part:
        case Extension():
            refused = part.refuse(sample.count * 6, sample.count, facts.months, sample.count % 3, late)
            return {"refuse": refused, "extended most": part.most(facts.months)}
        case ReAgeing():
            return {"refuse": part.refuse(sample.count, sample.count % 3)}
        case RateChange():
            return {"refuse": part.refuse(sample.rate, sample.count % 3)}
        case Capitalisation():
            refused = part.refuse(facts.amount // 10, sample.other, sample.count % 3)
            return {"refuse": refused, "capitalised most": part.most(sample.other)}
        case _:
            return {}


def _of_card(part: Part, sample: Sample) -> Answers:
    match part:
        case BillingCycle():
            statement = part.statement_on(sample.given)
            return {"statement_on": statement, "statement due_on": part.due_on(statement)}
        case InterestFree():
            return {"is_free": part.is_free(sample.wants, sample.has)}
        case MinimumPayment():
            return {"minimum": part.minimum(sample.facts.amount, sample.other)}
        case InstalmentPlans():
            count = np.array([0, *(plan.count for plan in part.plans)], np.int64)[sample.count % (len(part.plans) + 1)]
            principal, fee = part.due(sample.count + 1, count, sample.facts.amount)
            return {"refuse": part.refuse(sample.facts.amount, count), "plan principal": principal, "plan fee": fee}
        case _:
            return {}


def application_of(sample: Sample) -> Application:
    """Loans applied for, of a sample's columns."""
    facts = sample.facts
    return Application(
        amount=facts.amount,
        price=sample.other,
        collateral=np.maximum(facts.balance, 0),
        guaranteed=sample.other,
        guarantors=sample.count,
        income=sample.other,
        instalment=facts.amount // 100,
        other_dues=sample.remainder // 1_000_000,
        tier=facts.tier,
        purpose=(sample.count + facts.tier).astype(np.int32),
    )


def line_of(sample: Sample) -> Line:
    """Lines, of a sample's columns: what is owed was drawn, what was drawn is within the limit."""
    limit = sample.other
    drawn = np.where(sample.count > 0, np.minimum(limit, np.abs(sample.facts.balance)), 0).astype(np.int64)
    owed = np.where(sample.wants, drawn, drawn // 3).astype(np.int64)
    return Line(limit, drawn, owed, sample.count, sample.facts.opened, sample.maturity)


def standing_of(sample: Sample) -> Standing:
    """Where loans stand, of a sample's columns."""
    principal = sample.facts.amount
    owed = np.minimum(principal, sample.other)
    interest = owed // 200
    payment = interest + principal // 12
    return Standing(sample.count, sample.facts.months, sample.count % 3, principal, owed, interest, payment)


def days_late(sample: Sample) -> Int64Column:
    """Days past due, int64[n]: some in time, some for years."""
    return np.where(sample.count > 0, sample.date - sample.given.astype(np.int64), 0)


def expected_loss(sample: Sample) -> Int64Column:
    """Shares expected to be lost, int64[n] of 1e-8."""
    return sample.rate * 5


def due_of(sample: Sample) -> Int64Column:
    """What is due of two instalments, int64[n, 2, 5] of minor units."""
    parts = [sample.other // (place + 2) + sample.count for place in range(2 * len(Bucket))]
    return np.stack(parts, axis=1).reshape(len(sample.count), 2, len(Bucket))
