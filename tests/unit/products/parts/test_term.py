"""How long deposits run, when notice falls due, and what happens at maturity."""

import datetime as dt

import numpy as np
import pytest

from yinhe.kernel.dates import date_from_days
from yinhe.products.parts import notice, renewal, term
from yinhe.products.parts.renewal import AtMaturityAction

from .specimens import DEMAND, book, counts, day, days, fen, period, yuan

FIXED = term.Fixed(offered=(period("3 months"), period("1 year"), period("7 days")))


@pytest.mark.parametrize(
    ("part", "start", "months", "days_", "maturity"),
    [
        (FIXED, "2026-01-15", 3, 0, "2026-04-15"),
        (FIXED, "2025-11-30", 3, 0, "2026-02-28"),
        (FIXED, "2023-11-30", 3, 0, "2024-02-29"),
        (FIXED, "2024-02-29", 12, 0, "2025-02-28"),
        (FIXED, "2026-02-25", 0, 7, "2026-03-04"),
        (term.AnyDays(least=7, most=90), "2026-01-01", 0, 31, "2026-02-01"),
        (term.AnyMonths(least=1, most=60), "2026-01-31", 1, 0, "2026-02-28"),
        (term.ToDate(date=dt.date(2026, 12, 31)), "2026-01-15", 0, 0, "2026-12-31"),
        (term.ToDate(date=dt.date(2026, 12, 31)), "2026-12-31", 0, 0, "1970-01-01"),
        (term.OpenEnded(), "2026-01-15", 0, 0, "1970-01-01"),
        (term.TermAtWill(), "2026-01-15", 0, 0, "1970-01-01"),
    ],
)
def test_a_deposit_matures_date_to_date(part, start, months, days_, maturity):
    ends = part.maturity(days(start), counts(months), counts(days_))
    assert str(date_from_days(int(ends[0]))) == maturity


@pytest.mark.parametrize(
    ("part", "months", "days_", "offered"),
    [
        (FIXED, [3, 6, 12, 0, 0], [0, 0, 0, 7, 0], [True, False, True, True, False]),
        (term.AnyDays(least=7, most=90), [0, 0, 0, 0, 1], [6, 7, 90, 91, 7], [False, True, True, False, False]),
        (term.AnyMonths(least=2, most=3), [1, 2, 3, 4, 2], [0, 0, 0, 0, 1], [False, True, True, False, False]),
        (term.OpenEnded(), [0, 1], [0, 0], [True, False]),
    ],
)
def test_only_the_terms_named_are_offered(part, months, days_, offered):
    start = np.full(len(months), day("2026-01-15"), np.int32)
    assert part.offers(start, counts(*months), counts(*days_)).tolist() == offered


def test_a_common_maturity_is_offered_before_it():
    part = term.ToDate(date=dt.date(2026, 12, 31))
    none = counts(0, 0)
    assert part.offers(days("2026-12-30", "2026-12-31"), none, none).tolist() == [True, False]


@pytest.mark.parametrize(
    "part",
    [
        term.Fixed(offered=()),
        term.Fixed(offered=(period("1 year"), period("12 months"))),
        term.AnyDays(least=8, most=7),
        term.AnyMonths(least=8, most=7),
    ],
)
def test_terms_that_contradict_themselves_are_found(part):
    assert len(part.problems()) == 1


SEVEN = notice.DaysOfNotice(days=7, minimum_left=yuan("50000"), without=DEMAND)


@pytest.mark.parametrize(
    ("drawn_on", "drawn", "due_on", "kept"),
    [
        ("2026-01-22", 100, "2026-01-22", True),
        ("2026-01-21", 100, "2026-01-22", False),
        ("2026-01-23", 100, "2026-01-22", False),
        ("2026-01-22", 99, "2026-01-22", False),
        ("2026-01-22", 101, "2026-01-22", False),
        ("2026-01-22", 100, "", False),
    ],
)
def test_a_notice_is_kept_on_its_day_and_to_its_amount(drawn_on, drawn, due_on, kept):
    assert SEVEN.due_on(days("2026-01-15")).tolist() == [day("2026-01-22")]
    assert SEVEN.keeps(days(drawn_on), fen(drawn), days(due_on), fen(100)).tolist() == [kept]


def test_a_grace_lets_it_be_drawn_later():
    late = notice.DaysOfNotice(days=1, minimum_left=yuan("0"), without=DEMAND, grace=2)
    due = days("2026-01-16", "2026-01-16")
    assert late.keeps(days("2026-01-18", "2026-01-19"), fen(1, 1), due, fen(1, 1)).tolist() == [True, False]


def test_under_the_minimum_left_a_notice_deposit_is_closed():
    assert SEVEN.stays_open(fen(5_000_000, 4_999_999, 0)).tolist() == [True, False, False]
    assert SEVEN.rate_without(book(demand=[("2024-01-01", "0.2%")]), day("2026-01-15")) == 200_000


LEAVE, RENEW, PAY_OUT = AtMaturityAction.LEAVE, AtMaturityAction.RENEW, AtMaturityAction.PAY_OUT


@pytest.mark.parametrize(
    ("part", "plain", "wants", "linked", "both", "kept", "paid"),
    [
        (renewal.NoRenewal(after=DEMAND), LEAVE, LEAVE, LEAVE, LEAVE, 1_000, 30),
        (renewal.SameTerm(after=DEMAND), LEAVE, RENEW, LEAVE, RENEW, 1_030, 0),
        (renewal.SameTerm(after=DEMAND, with_interest=False), LEAVE, RENEW, LEAVE, RENEW, 1_000, 30),
        (renewal.ToLinked(after=DEMAND), LEAVE, LEAVE, PAY_OUT, PAY_OUT, 0, 1_030),
        (renewal.RenewElsePay(after=DEMAND), LEAVE, RENEW, PAY_OUT, RENEW, 1_030, 0),
    ],
)
def test_at_maturity_a_deposit_stays_is_renewed_or_paid_out(part, plain, wants, linked, both, kept, paid):
    action = part.action(np.array([False, True, False, True]), np.array([False, False, True, True]))
    assert action.tolist() == [plain, wants, linked, both]
    assert [int(column[0]) for column in part.split(fen(1_000), fen(30))] == [kept, paid]
