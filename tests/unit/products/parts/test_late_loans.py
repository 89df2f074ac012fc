"""Loans that are late: what it costs, what a payment pays, and how bad they are."""

import numpy as np
import pytest

from yinhe.products.parts import allocation, allowance, classification, overdue, restructuring, writeoff
from yinhe.products.parts.allocation import BUCKET_WORDS, Bucket
from yinhe.products.parts.classification import GRADE_WORDS, Grade
from yinhe.products.parts.refusals import PartRefusal as R

from .loan_specimens import STAGES
from .words import counts, day, days, fen, percent, yuan


@pytest.mark.parametrize(
    ("part", "contract", "penalty", "compound"),
    [
        (overdue.Penalty(), 4_000_000, 6_000_000, 6_000_000),
        (overdue.Penalty(multiple=130), 4_350_001, 5_655_001, 5_655_001),
        (overdue.Penalty(compound=False), 4_000_000, 6_000_000, 0),
        (overdue.Penalty(), 20_000_000, 24_000_000, 24_000_000),
        (overdue.Penalty(cap=percent("18%")), 20_000_000, 20_000_000, 20_000_000),
        (overdue.LateCharge(), 18_250_000, 18_250_000, 0),
        (overdue.NoPenalty(), 4_000_000, 4_000_000, 0),
    ],
)
def test_late_principal_bears_the_penalty_rate(part, contract, penalty, compound):
    assert part.penalty_rate(fen(contract)).tolist() == [penalty]
    assert part.compound_rate(fen(contract)).tolist() == [compound]


def test_misuse_bears_the_highest_rate():
    assert overdue.Misuse().rate(fen(4_000_000, 13_000_000)).tolist() == [8_000_000, 24_000_000]
    assert overdue.Misuse(multiple=150).rate(fen(4_000_000)).tolist() == [6_000_000]


@pytest.mark.parametrize(
    ("part", "unpaid", "charge"),
    [
        (overdue.LateCharge(), 100_000, 5_000),
        (overdue.LateCharge(), 0, 0),
        (overdue.LateCharge(least=yuan("10")), 1_500, 1_000),
        (overdue.LateCharge(tolerated=yuan("10")), 1_000, 0),
        (overdue.LateCharge(tolerated=yuan("10")), 1_001, 50),
        (overdue.LateCharge(most=yuan("500")), 10_000_000, 50_000),
        (overdue.Penalty(), 100_000, 0),
    ],
)
def test_a_late_payment_is_charged_once(part, unpaid, charge):
    assert part.charge(fen(unpaid)).tolist() == [charge]


def test_days_of_grace_count_once_they_are_over():
    dates = days("2026-01-20", "2026-01-18", "2026-01-17", "2026-01-16", "")
    assert overdue.NoPenalty(grace_days=3).days_past_due(day("2026-01-20"), dates).tolist() == [0, 0, 0, 4, 0]
    assert overdue.NoPenalty().days_past_due(day("2026-01-20"), dates).tolist() == [0, 2, 3, 4, 0]


DUE = [[100, 20, 3, 400, 1_000], [0, 0, 0, 300, 1_000]]
SPLITS = [
    ("nothing", allocation.InSequence(), 0, 0, [[0] * 5, [0] * 5]),
    ("fees and part of the penalty", allocation.InSequence(), 110, 1, [[100, 10, 0, 0, 0], [0] * 5]),
    ("the oldest instalment first", allocation.InSequence(), 1_600, 90, [[100, 20, 3, 400, 1_000], [0, 0, 0, 77, 0]]),
    (
        "interest of both before principal",
        allocation.InSequence(by_instalment=False),
        1_000,
        0,
        [[100, 20, 3, 400, 177], [0, 0, 0, 300, 0]],
    ),
    ("after 90 days principal first", allocation.InSequence(), 1_600, 91, [[0, 0, 0, 0, 1_000], [0, 0, 0, 0, 600]]),
    ("then the rest", allocation.InSequence(), 2_150, 91, [[100, 0, 0, 50, 1_000], [0, 0, 0, 0, 1_000]]),
    ("more than is due", allocation.InSequence(), 9_999, 0, DUE),
]


@pytest.mark.parametrize(
    ("part", "payment", "late", "paid"), [row[1:] for row in SPLITS], ids=[row[0] for row in SPLITS]
)
def test_a_payment_pays_in_its_sequence(part, payment, late, paid):
    due = np.array([DUE], np.int64)
    assert part.split(fen(payment), due, fen(late)).tolist() == [paid]
    assert due.tolist() == [DUE]


def test_loans_of_both_sequences_are_asked_about_at_once():
    found = allocation.InSequence().split(fen(50, 50), np.array([DUE, DUE], np.int64), fen(0, 400))
    assert found[:, 0].tolist() == [[50, 0, 0, 0, 0], [0, 0, 0, 0, 50]]


def test_a_sequence_names_each_bucket_once():
    assert allocation.InSequence(first=(Bucket.FEE, Bucket.FEE)).problems()
    assert not allocation.InSequence().problems()
    assert (set(BUCKET_WORDS), set(GRADE_WORDS)) == (set(Bucket), set(Grade))


@pytest.mark.parametrize(
    ("late", "impaired", "loss", "watched", "grade"),
    [
        (0, False, "0%", False, Grade.NORMAL),
        (1, False, "0%", False, Grade.SPECIAL_MENTION),
        (0, False, "0%", True, Grade.SPECIAL_MENTION),
        (90, False, "0%", False, Grade.SPECIAL_MENTION),
        (91, False, "0%", False, Grade.SUBSTANDARD),
        (0, True, "0%", False, Grade.SUBSTANDARD),
        (270, False, "0%", True, Grade.SUBSTANDARD),
        (271, False, "0%", False, Grade.DOUBTFUL),
        (0, False, "49.999999%", False, Grade.NORMAL),
        (0, False, "50%", False, Grade.DOUBTFUL),
        (360, False, "0%", False, Grade.DOUBTFUL),
        (361, False, "0%", False, Grade.LOSS),
        (0, False, "90%", False, Grade.LOSS),
    ],
)
def test_the_worst_grade_reached_counts(late, impaired, loss, watched, grade):
    asked = (fen(late), np.array([impaired]), fen(percent(loss).units), np.array([watched]))
    assert classification.FiveGrades().grade(*asked).tolist() == [grade]


def test_interest_leaves_the_income_after_ninety_days():
    part = classification.NonAccrual()
    found = part.is_non_accrual(fen(90, 91, 0, 0), fen(Grade.SPECIAL_MENTION, 3, Grade.SUBSTANDARD, Grade.DOUBTFUL))
    assert found.tolist() == [False, True, False, True]


@pytest.mark.parametrize(
    ("late", "grade", "grown", "stage", "set_aside"),
    [
        # 10,000.00 yuan at 1 % of 45 %, 12 % of 45 %, 100 % of 60 %.
        (0, Grade.NORMAL, False, 1, 4_500),
        (30, Grade.SPECIAL_MENTION, False, 1, 4_500),
        (31, Grade.SPECIAL_MENTION, False, 2, 54_000),
        (0, Grade.NORMAL, True, 2, 54_000),
        (91, Grade.SUBSTANDARD, False, 3, 600_000),
        (0, Grade.SUBSTANDARD, False, 3, 600_000),
    ],
)
def test_the_allowance_follows_the_stage(late, grade, grown, stage, set_aside):
    assert STAGES.stage(fen(late), fen(grade), np.array([grown])).tolist() == [stage]
    assert STAGES.allowance(fen(stage), fen(1_000_000)).tolist() == [set_aside]


def test_an_allowance_is_rounded_up_and_never_of_a_credit():
    assert STAGES.allowance(fen(1, 1, 3), fen(1, -100, 10)).tolist() == [1, 0, 6]


def test_losses_and_days_that_contradict_are_found():
    turned = allowance.ThreeStages(first=STAGES.third, second=STAGES.second, third=STAGES.first)
    assert [problem.parameter for problem in turned.problems()] == ["first"]
    early = allowance.ThreeStages(first=STAGES.first, second=STAGES.second, third=STAGES.third, second_days=90)
    assert [problem.parameter for problem in early.problems()] == ["second_days"]
    assert classification.FiveGrades(doubtful=80).problems()
    assert classification.FiveGrades(doubtful_loss=percent("95%")).problems()
    assert overdue.LateCharge(least=yuan("2"), most=yuan("1")).problems()


@pytest.mark.parametrize(
    ("months", "more", "extended", "times", "late", "refusal"),
    [
        (12, 12, 0, 0, 0, R.NONE),
        (12, 13, 0, 0, 0, R.EXTENSION_TOO_LONG),
        (13, 6, 0, 0, 0, R.NONE),
        (13, 7, 0, 0, 0, R.EXTENSION_TOO_LONG),
        (60, 30, 0, 0, 0, R.NONE),
        (61, 36, 0, 0, 0, R.NONE),
        (360, 30, 7, 0, 0, R.EXTENSION_TOO_LONG),
        (12, 1, 0, 1, 0, R.RESTRUCTURED_TOO_OFTEN),
        (12, 1, 0, 0, 1, R.EXTENSION_TOO_LATE),
    ],
)
def test_an_extension_is_bounded_by_the_term(months, more, extended, times, late, refusal):
    asked = (fen(more), fen(extended), counts(months), fen(times), fen(late))
    assert restructuring.Extension().refuse(*asked).tolist() == [refusal]


def test_other_ways_of_arranging_a_loan_anew():
    assert restructuring.ReAgeing().refuse(fen(5, 6, 6), fen(0, 0, 1)).tolist() == [
        R.ARREARS_TOO_NEW,
        R.NONE,
        R.RESTRUCTURED_TOO_OFTEN,
    ]
    part = restructuring.RateChange(least=percent("3%"))
    assert part.refuse(fen(2_999_999, 3_000_000), fen(0, 0)).tolist() == [R.RATE_TOO_LOW, R.NONE]
    asked = (fen(1_000, 1_001), fen(10_009, 10_009), fen(0, 0))
    assert restructuring.Capitalisation().refuse(*asked).tolist() == [R.NONE, R.CAPITALISED_TOO_MUCH]


def test_a_loan_arranged_anew_is_watched_for_a_year():
    part, arranged = restructuring.ReAgeing(), days("2026-01-15", "2026-01-15", "")
    assert part.is_watched(day("2027-01-14"), arranged).tolist() == [True, True, False]
    assert part.is_watched(day("2027-01-15"), arranged).tolist() == [False, False, False]


@pytest.mark.parametrize(
    ("part", "late", "grade", "owed", "refusal"),
    [
        (writeoff.AfterDays(), 360, Grade.LOSS, 1, R.NOT_YET_LOST),
        (writeoff.AfterDays(), 361, Grade.LOSS, 1, R.NONE),
        (writeoff.AfterDays(), 361, Grade.DOUBTFUL, 1, R.NOT_YET_LOST),
        (writeoff.AfterDays(small=yuan("50000")), 181, Grade.SUBSTANDARD, 5_000_000, R.NONE),
        (writeoff.AfterDays(small=yuan("50000")), 180, Grade.SUBSTANDARD, 5_000_000, R.NOT_YET_LOST),
        (writeoff.AfterDays(small=yuan("50000")), 181, Grade.SUBSTANDARD, 5_000_001, R.NOT_YET_LOST),
    ],
)
def test_a_loan_is_written_off_when_it_is_lost(part, late, grade, owed, refusal):
    assert part.refuse(fen(late), fen(grade), fen(owed)).tolist() == [refusal]


@pytest.mark.parametrize(
    ("principal_first", "paid", "split"),
    [(True, 120, (100, 20)), (False, 120, (90, 30)), (True, 50, (50, 0)), (False, 200, (100, 30))],
)
def test_what_is_recovered_pays_principal_before_interest_or_after(principal_first, paid, split):
    part = writeoff.AfterDays(principal_first=principal_first)
    assert [column.tolist() for column in part.recover(fen(paid), fen(100), fen(30))] == [[one] for one in split]
