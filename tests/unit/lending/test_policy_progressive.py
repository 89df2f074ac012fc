"""The progressive policy of a schedule, on loans small enough to be recomputed by hand."""

from datetime import date
from decimal import Decimal

import pytest
from tests.unit.lending.instalment_loans import START, amounts, dues, minor, paid, progressive, rows, text

from yinhe.lending.schedule.overdue import Rest
from yinhe.lending.schedule.policies import RoundingPolicy
from yinhe.lending.schedule.policy_rows import Overdue


def test_the_instalment_follows_from_the_rate_factors() -> None:
    # 1 % a month: 256.28, and the last row takes the difference of a cent.
    found = rows(progressive())
    assert amounts(found) == [("246.28", "10.00"), ("248.74", "7.54"), ("251.23", "5.05"), ("253.75", "2.54")]
    assert [str(part.factor.normalize()) for part in found[1].parts] == ["0.01"]


def test_the_instalment_is_nudged_where_the_last_row_differs_too_much() -> None:
    # 34.84 leaves a last row of 34.86, two cents above; 34.85 one of 34.84, a cent below: that is kept.
    found = rows(progressive("27", 3), paid(START, "100.00"))
    assert amounts(found) == [("32.60", "2.25"), ("33.33", "1.52"), ("34.07", "0.77")]


def test_a_nudge_that_brings_the_last_row_no_nearer_is_not_kept() -> None:
    # 17.43 leaves 17.47, four cents above; 17.44 would leave a last row further off on the other side.
    days = {"month_days": None, "year_days": 365, "start": date(2024, 1, 1), "disbursed": date(2024, 1, 1)}
    found = rows(progressive("15.678", 6, **days), paid(date(2024, 1, 1), "100.00"))
    assert [text(row.due_minor) for row in found] == ["17.43"] * 5 + ["17.47"]


def test_interest_counts_from_the_day_principal_is_paid_out() -> None:
    # 1 % · 17 / 31 of the first month; before the 15th nothing is owed.
    found = rows(progressive(count=1, disbursed=date(2023, 1, 15)), paid(date(2023, 1, 15), "1000.00"))
    assert amounts(found) == [("1000.00", "5.48")]
    assert [part.interest_minor for part in found[0].parts] == [0, minor("5.48")]


def test_a_later_tranche_leaves_the_past_and_changes_the_instalments_from_its_day() -> None:
    one = rows(progressive(count=3, tranches=True))
    two = rows(progressive(count=3, tranches=True), paid(START, "1000.00"), paid(date(2023, 2, 15), "500.00"))
    assert two[0] == one[0]
    # February: 1 % of 669.98 for 14 of 28 days and of 1169.98 for the other 14.
    assert [part.interest_minor for part in two[1].parts] == [minor("3.35"), minor("5.85")]
    assert sum(row.principal_minor for row in two) == minor("1500.00")
    assert abs(two[1].due_minor - two[2].due_minor) <= 1


def test_a_tranche_on_a_due_date_counts_from_the_next_instalment() -> None:
    found = rows(progressive(count=3, tranches=True), paid(START, "1000.00"), paid(date(2023, 2, 1), "500.00"))
    alone = rows(progressive(count=3, tranches=True))
    assert found[0].due_minor == alone[0].due_minor
    assert found[1].interest_minor == minor("11.70")  # 1 % of 669.98 and 500.00


def test_what_is_paid_out_after_the_last_due_date_is_in_no_instalment() -> None:
    late = rows(progressive(count=2, tranches=True), paid(START, "1000.00"), paid(date(2023, 6, 1), "500.00"))
    assert sum(row.principal_minor for row in late) == minor("1000.00")


def test_a_tranche_told_late_changes_the_instalments_from_its_day_on() -> None:
    early, late = paid(START, "1000.00"), paid(date(2023, 2, 15), "500.00")
    told_late = rows(progressive(count=3, tranches=True), late, early)
    # The later one came first: its instalments were found before anything else was owed, and are found anew.
    assert sum(row.principal_minor for row in told_late) == minor("1500.00")
    assert told_late[0].due_minor == told_late[1].due_minor


def test_a_down_payment_of_the_last_due_date_comes_after_all_rows() -> None:
    down = progressive(count=1, tranches=True, down_payment_rate=Decimal("0.2"))
    found = rows(down, paid(START, "1000.00"), paid(date(2023, 2, 1), "500.00"))
    assert [(row.down_payment, str(row.span.due)) for row in found] == [
        (True, "2023-01-01"),
        (False, "2023-02-01"),
        (True, "2023-02-01"),
    ]
    assert amounts(found) == [("200.00", "0.00"), ("1200.00", "8.00"), ("100.00", "0.00")]


def test_a_loan_without_interest_is_shared_out_from_the_day_of_each_tranche() -> None:
    without = progressive("0", 3, tranches=True)
    found = rows(without, paid(START, "1000.00"), paid(date(2023, 2, 15), "100.00"))
    # 333.33, 333.33 and 333.34; then 50.00 more for the two that are left.
    assert amounts(found) == [("333.33", "0.00"), ("383.33", "0.00"), ("383.34", "0.00")]
    planned = rows(without, paid_out=False)
    assert amounts(planned) == [("333.33", "0.00"), ("333.33", "0.00"), ("333.34", "0.00")]


def test_down_payments_come_before_the_row_of_their_period() -> None:
    down = progressive("0", 2, tranches=True, down_payment_rate=Decimal("0.25"))
    found = rows(down, paid(START, "1000.00"), paid(date(2023, 2, 1), "400.00"))
    assert dues(found) == ["2023-01-01", "2023-02-01", "2023-02-01", "2023-03-01"]
    assert [row.principal_minor for row in found] == [minor(one) for one in ("250.00", "375.00", "100.00", "675.00")]


def test_an_instalment_in_whole_units() -> None:
    found = rows(progressive(rounding=RoundingPolicy(instalment_multiple=1)))
    assert [text(row.due_minor) for row in found] == ["256.00", "256.00", "256.00", "257.15"]


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2023, 2, 1), [("330.02", "10.00"), ("333.32", "6.70"), ("336.66", "3.37")]),
        # 14 of 28 days on 1000.00, 14 on 669.98; then 1 % of 338.31.
        (date(2023, 2, 15), [("330.02", "10.00"), ("331.67", "8.35"), ("338.31", "3.38")]),
        # February on 1000.00 altogether; in March 14 of 31 days on 1000.00 and 17 on 339.96.
        (date(2023, 3, 15), [("330.02", "10.00"), ("330.02", "10.00"), ("339.96", "6.38")]),
        # Every row on the 1000.00 that was owed in it; past the last due date nothing is carried on.
        (date(2023, 5, 1), [("330.02", "10.00"), ("330.02", "10.00"), ("339.96", "10.00")]),
    ],
)
def test_overdue_principal_bears_interest_up_to_the_day(today: date, expected: list[tuple[str, str]]) -> None:
    found = rows(progressive(count=3), overdue=Overdue(today, Rest.DAILY))
    assert amounts(found) == expected


def test_overdue_principal_bears_interest_up_to_the_next_due_date() -> None:
    found = rows(progressive(count=3), overdue=Overdue(date(2023, 2, 15), Rest.SAME_AS_REPAYMENT))
    assert amounts(found) == [("330.02", "10.00"), ("330.02", "10.00"), ("339.96", "3.40")]


def test_what_is_only_planned_is_never_overdue() -> None:
    planned = rows(progressive(count=3), paid_out=False, overdue=Overdue(date(2023, 3, 15), Rest.DAILY))
    assert planned == rows(progressive(count=3))
