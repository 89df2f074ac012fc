"""How loans are repaid, worked by hand."""

import numpy as np
import pytest

from yinhe.products.parts import grace, repayment

from .loan_specimens import PLAN
from .words import counts, day, days, fen, percent


def schedule(part, principal, rate, months, free=0):
    """(principal, interest) of every instalment, a month counting as a twelfth of a year."""
    count = int(part.count(counts(months))[0])
    owed, rows = principal, []
    payment = part.payment(fen(principal), fen(principal), fen(rate), fen(count - free))
    for number in range(1, count + 1):
        interest = (owed * rate * part.every * 2 + 12 * 10**8) // (2 * 12 * 10**8)
        standing = repayment.Standing(
            number=fen(number),
            months=counts(months),
            free=fen(free),
            principal=fen(principal),
            owed=fen(owed),
            interest=fen(interest),
            payment=payment,
        )
        repaid = int(part.principal_due(standing)[0])
        rows.append((repaid, interest))
        owed -= repaid
    return rows


# 12,000.00 yuan at 12 % a year, in minor units: a month's rate is 1 %.
SCHEDULES = [
    # 12,000 * 0.01 / (1 - 1.01^-3) = 4,080.27 (4,080.2653...)
    (
        "equal instalments",
        repayment.EqualInstalments(),
        3,
        0,
        [(396_027, 12_000), (399_987, 8_040), (403_986, 4_040)],
    ),
    ("equal principal", repayment.EqualPrincipal(), 3, 0, [(400_000, 12_000), (400_000, 8_000), (400_000, 4_000)]),
    ("interest only", repayment.InterestOnly(), 3, 0, [(0, 12_000), (0, 12_000), (1_200_000, 12_000)]),
    ("at the end", repayment.AtEnd(), 3, 0, [(1_200_000, 12_000)]),
    ("quarterly", repayment.EqualPrincipal(every=3), 6, 0, [(600_000, 36_000), (600_000, 18_000)]),
    ("a shorter last period", repayment.EqualPrincipal(every=3), 4, 0, [(600_000, 36_000), (600_000, 18_000)]),
    # Half of it is left: (12,000 - 6,000) by level payments of 2,040.13, and 60.00 interest on the rest.
    (
        "a balloon of half",
        repayment.Balloon(last=percent("50%")),
        3,
        0,
        [(198_013, 12_000), (199_993, 10_020), (801_994, 8_020)],
    ),
    (
        "a plan: a third after two months, half after three",
        repayment.ByPlan(
            steps=(
                repayment.PlanStep(month=2, share=percent("33.333333%")),
                repayment.PlanStep(month=3, share=percent("50%")),
            )
        ),
        4,
        0,
        [(0, 12_000), (400_000, 12_000), (600_000, 8_000), (200_000, 2_000)],
    ),
    (
        "grace of principal",
        repayment.EqualPrincipal(),
        4,
        2,
        [(0, 12_000), (0, 12_000), (600_000, 12_000), (600_000, 6_000)],
    ),
    # After the grace 12,000 * 0.01 / (1 - 1.01^-2) = 6,090.15 (6,090.1492...)
    (
        "level after grace",
        repayment.EqualInstalments(),
        3,
        1,
        [(0, 12_000), (597_015, 12_000), (602_985, 6_030)],
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("part", "months", "free", "rows"), [row[1:] for row in SCHEDULES], ids=[row[0] for row in SCHEDULES]
)
def test_a_loan_of_twelve_thousand_at_one_percent_a_month(part, months, free, rows):
    assert schedule(part, 1_200_000, 12_000_000, months, free) == rows


@pytest.mark.parametrize(
    ("principal", "rate", "months", "payment"),
    [
        # A million over thirty years at 3.5 %, and at nothing; and what a fen costs.
        (100_000_000, 3_500_000, 360, 449_045),
        (100_000_000, 3_200_000, 360, 432_467),
        (100_000_000, 0, 360, 277_778),
        (1, 3_500_000, 12, 0),
        (0, 3_500_000, 12, 0),
        (100_000_000, 3_500_000, 0, 0),
    ],
)
def test_a_level_payment_is_exact_and_rounded_half_up(principal, rate, months, payment):
    part = repayment.EqualInstalments()
    assert part.payment(fen(principal), fen(principal), fen(rate), fen(months)).tolist() == [payment]


def test_a_schedule_without_interest_repays_equal_parts():
    rows = schedule(repayment.EqualInstalments(), 1_000, 0, 3)
    assert rows == [(333, 0), (333, 0), (334, 0)]


def test_a_part_repaid_early_is_not_repaid_again():
    standing = repayment.Standing(fen(2), counts(4), fen(0), fen(1_000), fen(100), fen(0), fen(0))
    assert repayment.EqualPrincipal().principal_due(standing).tolist() == [100]


@pytest.mark.parametrize(
    ("part", "start", "months", "due"),
    [
        (repayment.EqualInstalments(), "2026-01-31", 3, ["2026-02-28", "2026-03-31", "2026-04-30"]),
        (repayment.EqualInstalments(day=20), "2026-01-25", 3, ["2026-02-20", "2026-03-20", "2026-04-25"]),
        (repayment.EqualInstalments(day=20), "2026-01-05", 2, ["2026-02-20", "2026-03-05"]),
        (repayment.EqualInstalments(day=31), "2027-12-31", 3, ["2028-01-31", "2028-02-29", "2028-03-31"]),
        (repayment.InterestOnly(every=3, day=20), "2026-01-25", 7, ["2026-04-20", "2026-07-20", "2026-08-25"]),
        (repayment.AtEnd(), "2026-01-31", 13, ["2027-02-28"]),
        (repayment.ByStatement(), "2026-01-31", 0, []),
    ],
)
def test_instalments_fall_due_on_their_day_and_the_last_when_the_loan_ends(part, start, months, due):
    count = int(part.count(counts(months))[0])
    assert count == len(due)
    asked = fen(*range(count + 2))
    found = part.due_on(asked, days(*[start] * (count + 2)), counts(*[months] * (count + 2)))
    assert found.tolist() == [0, *(day(one) for one in due), 0]
    for number, one in enumerate(due, 1):
        assert part.done(day(one) - 1, days(start), counts(months)).tolist() == [number - 1]
        assert part.done(day(one), days(start), counts(months)).tolist() == [number]
        assert part.is_due(day(one), days(start), counts(months)).tolist() == [True]


def test_a_plan_of_more_than_the_whole_is_found():
    whole = (*PLAN, repayment.PlanStep(month=40, share=percent("40%")))
    assert [problem.parameter for problem in repayment.ByPlan(steps=whole).problems()] == ["steps"]
    assert repayment.ByPlan(steps=PLAN[::-1]).problems()
    assert not repayment.ByPlan(steps=PLAN).problems()


@pytest.mark.parametrize(
    ("part", "every", "count", "principal", "interest"),
    [
        (grace.PrincipalGrace(months=24), 3, 40, 8, 0),
        (grace.PrincipalGrace(months=24), 1, 12, 11, 0),
        (grace.PrincipalGrace(months=2), 3, 40, 0, 0),
        (grace.InterestGrace(months=6), 1, 24, 6, 6),
        (grace.InterestGrace(months=6), 1, 0, 0, 0),
    ],
)
def test_grace_frees_whole_instalments_but_never_the_last(part, every, count, principal, interest):
    assert part.without_principal(fen(count), every).tolist() == [principal]
    assert part.without_interest(fen(count), every).tolist() == [interest]


def test_a_column_of_loans_is_asked_about_at_once():
    part = repayment.EqualInstalments()
    found = part.payment(
        fen(1_200_000, 100_000_000), fen(1_200_000, 100_000_000), fen(12_000_000, 3_500_000), fen(3, 360)
    )
    assert found.tolist() == [408_027, 449_045]
    assert found.dtype == np.int64
