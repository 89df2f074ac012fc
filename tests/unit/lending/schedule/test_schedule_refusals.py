"""Bad terms are refused with the term named, in English and Chinese."""

import datetime as dt

import pytest

from yinhe.kernel.daycount import DayCount
from yinhe.kernel.rates import RATE_MAX
from yinhe.lending.schedule.cycles import Cycle
from yinhe.lending.schedule.engine import PRINCIPAL_MAX
from yinhe.lending.schedule.loan import schedule
from yinhe.lending.schedule.loan_terms import (
    Draw,
    Extension,
    LoanTerms,
    PlannedRepayment,
    Prepayment,
    RateChange,
    RateStep,
    Repayment,
)
from yinhe.lending.schedule.records import Conventions
from yinhe.lending.schedule.refusals import ScheduleRefusal, ScheduleRefused

DAY = dt.date(2026, 1, 15)
BEFORE, AFTER = dt.date(2026, 1, 14), dt.date(2026, 6, 1)

TERMS = [
    ({"principal_minor": 0}, ScheduleRefusal.PRINCIPAL_NOT_POSITIVE, "principal_minor"),
    ({"principal_minor": -1}, ScheduleRefusal.TERM_NEGATIVE, "principal_minor"),
    ({"principal_minor": PRINCIPAL_MAX + 1}, ScheduleRefusal.AMOUNT_TOO_LARGE, "principal_minor"),
    ({"rate": RATE_MAX + 1}, ScheduleRefusal.RATE_OUT_OF_RANGE, "rate"),
    ({"instalments": None}, ScheduleRefusal.TERM_MISSING, "maturity"),
    ({"instalments": 0}, ScheduleRefusal.NO_INSTALMENT_LEFT, "instalments"),
    ({"instalments": 40_001}, ScheduleRefusal.TOO_MANY_INSTALMENTS, "instalments"),
    ({"instalments": 3_000}, ScheduleRefusal.MATURITY_TOO_LATE, "instalments"),
    ({"maturity": dt.date(2200, 1, 1)}, ScheduleRefusal.MATURITY_TOO_LATE, "maturity"),
    (
        {"instalments": None, "maturity": dt.date(2199, 1, 1), "cycle": Cycle(days=1)},
        ScheduleRefusal.TOO_MANY_INSTALMENTS,
        "cycle",
    ),
    ({"first_due": BEFORE}, ScheduleRefusal.FIRST_DUE_TOO_EARLY, "first_due"),
    ({"first_due": DAY}, ScheduleRefusal.FIRST_DUE_TOO_EARLY, "first_due"),
    ({"maturity": BEFORE}, ScheduleRefusal.MATURITY_TOO_EARLY, "maturity"),
    ({"maturity": dt.date(2026, 3, 1)}, ScheduleRefusal.MATURITY_TOO_EARLY, "maturity"),
    ({"grace_principal": 4}, ScheduleRefusal.GRACE_TOO_LONG, "grace_principal"),
    ({"grace_interest": 4}, ScheduleRefusal.GRACE_TOO_LONG, "grace_interest"),
    ({"grace_interest": 1}, ScheduleRefusal.GRACE_UNEVEN, "grace_interest"),
    ({"balloon_minor": 1_200_001}, ScheduleRefusal.BALLOON_TOO_LARGE, "balloon_minor"),
    ({"down_payment_minor": 1_200_001}, ScheduleRefusal.DOWN_PAYMENT_TOO_LARGE, "down_payment_minor"),
    ({"interest_from": AFTER}, ScheduleRefusal.EVENT_TOO_EARLY, "interest_from"),
    ({"rate_steps": (RateStep(BEFORE, 1),)}, ScheduleRefusal.EVENT_TOO_EARLY, "rate_steps"),
    ({"rate_steps": (RateStep(AFTER, 1),)}, ScheduleRefusal.EVENT_TOO_LATE, "rate_steps"),
    ({"instalment_minor": 11_999}, ScheduleRefusal.PRINCIPAL_GROWS, "instalment"),
    ({"conventions": Conventions(day_count=DayCount.ACT_ACT_ISDA)}, ScheduleRefusal.YEAR_UNEQUAL, "day_count"),
    (
        {"repayment": Repayment.BY_PLAN, "plan": (PlannedRepayment(dt.date(2026, 2, 1), 1_200_001),)},
        ScheduleRefusal.PLAN_TOO_LARGE,
        "plan",
    ),
    (
        {"repayment": Repayment.BY_PLAN, "plan": (PlannedRepayment(dt.date(2026, 2, 1), -1),)},
        ScheduleRefusal.TERM_NEGATIVE,
        "plan",
    ),
]

EVENTS = [
    (Prepayment(day=BEFORE, amount_minor=1), ScheduleRefusal.EVENT_TOO_EARLY, "prepayment"),
    (Prepayment(day=AFTER, amount_minor=1), ScheduleRefusal.EVENT_TOO_LATE, "prepayment"),
    (Prepayment(day=DAY, amount_minor=1_200_001), ScheduleRefusal.OVERPAID, "prepayment"),
    (Prepayment(day=DAY, amount_minor=-1), ScheduleRefusal.TERM_NEGATIVE, "prepayment"),
    (Draw(day=BEFORE, amount_minor=1), ScheduleRefusal.EVENT_TOO_EARLY, "draw"),
    (Draw(day=DAY, amount_minor=-1), ScheduleRefusal.TERM_NEGATIVE, "draw"),
    (Draw(day=DAY, amount_minor=PRINCIPAL_MAX), ScheduleRefusal.AMOUNT_TOO_LARGE, "principal_minor"),
    (RateChange(day=DAY, rate=RATE_MAX + 1), ScheduleRefusal.RATE_OUT_OF_RANGE, "ratechange"),
    (Extension(day=DAY, instalments=0), ScheduleRefusal.NO_INSTALMENT_LEFT, "instalments"),
    (Extension(day=DAY, instalments=40_001), ScheduleRefusal.TOO_MANY_INSTALMENTS, "instalments"),
    (Extension(day=DAY, instalments=3_000), ScheduleRefusal.MATURITY_TOO_LATE, "instalments"),
    (Extension(day=DAY, instalments=2, first_due=DAY), ScheduleRefusal.FIRST_DUE_TOO_EARLY, "first_due"),
]


def refused(given, events=()):
    usual = {"principal_minor": 1_200_000, "rate": 12_000_000, "disbursed": DAY, "instalments": 4}
    answer = schedule(LoanTerms(**{**usual, **given}), events)
    assert isinstance(answer, ScheduleRefused)
    return answer


@pytest.mark.parametrize(("given", "because", "term"), TERMS, ids=[f"{one[2]}-{one[1].name}" for one in TERMS])
def test_a_term_that_cannot_be_is_refused_by_name(given, because, term):
    answer = refused(given)
    assert (answer.because, answer.term) == (because, term)


@pytest.mark.parametrize(("event", "because", "term"), EVENTS, ids=[f"{one[2]}-{one[1].name}" for one in EVENTS])
def test_an_event_that_cannot_be_is_refused_by_name(event, because, term):
    answer = refused({}, [event])
    assert (answer.because, answer.term) == (because, term)


def test_a_refusal_reads_in_english_and_chinese():
    answer = refused({}, [Prepayment(day=BEFORE, amount_minor=1)])
    assert answer.english == "prepayment of 2026-01-14: it lies before the disbursement"
    assert answer.chinese == "prepayment（2026-01-14）：日期早于放款日"


def test_every_refusal_has_a_sentence_of_its_own():
    for language in ("english", "chinese"):
        sentences = [getattr(one, language) for one in ScheduleRefusal]
        assert len(set(sentences)) == len(sentences)
        assert all(sentences)


def test_an_instalment_less_than_the_interest_is_allowed_where_the_terms_say_so():
    grows = Conventions(principal_may_grow=True)
    made = schedule(
        LoanTerms(
            principal_minor=1_200_000,
            rate=12_000_000,
            disbursed=DAY,
            instalments=4,
            instalment_minor=10_000,
            conventions=grows,
        )
    )
    assert not isinstance(made, ScheduleRefused)
    assert made.table.balance.tolist() == [1_202_000, 1_204_020, 1_206_060, 0]
