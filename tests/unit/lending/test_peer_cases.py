"""Cases of a peer's loans: how a file reads, what its events make of a loan, and how its schedule is listed."""

import json
from pathlib import Path
from typing import Any

import pytest

from yinhe.cli.app import run
from yinhe.lending.peer.case_file import Case, CaseFileError, read_case, read_cases
from yinhe.lending.peer.compare import Difference, check
from yinhe.lending.peer.listing import ListedRow, listed, transfers
from yinhe.lending.peer.loan import Loan, after, loan_of

PRODUCT: dict[str, Any] = {
    "currency": "EUR",
    "principal": "1000.00",
    "annual_rate_pct": "12",
    "number_of_repayments": 2,
    "repay_every": 1,
    "repay_every_unit": "MONTHS",
    "interest_type": "DECLINING_BALANCE",
    "amortization": "EQUAL_INSTALLMENTS",
    "interest_calculation_period": "SAME_AS_REPAYMENT_PERIOD",
    "allow_partial_period_interest": True,
    "days_in_year": "ACTUAL",
    "days_in_month": "ACTUAL",
    "schedule_type": "CUMULATIVE",
    "submitted_on": "2023-01-01",
    "expected_disbursement": "2023-01-01",
}
SUBMIT = {"type": "submit", "date": "2023-01-01", "principal": "1000.00"}
APPROVE = {"type": "approve", "date": "2023-01-01", "amount": "1000.00"}


def disburse(day: str, amount: str) -> dict[str, Any]:
    return {"type": "disburse", "date": day, "amount": amount}


def case(*events: dict[str, Any], expect: list[dict[str, Any]] | None = None, **changes: Any) -> Case:
    """A case of a loan of 1,000.00 over two months at 12 %."""
    given = {"id": "one", "product": {**PRODUCT, **changes}, "events": events or (SUBMIT,), "expect": expect or []}
    return read_case(json.loads(json.dumps(given)), 1)


def loan(*events: dict[str, Any], **changes: Any) -> Loan:
    made = case(*events, **changes)
    found = loan_of(made)
    for at, event in enumerate(made.events):
        found = after(found, at, event)
    return found


def lines(rows: tuple[ListedRow, ...]) -> list[tuple[int | None, str, int, int]]:
    return [(row.n, str(row.date), row.principal, row.balance) for row in rows]


# --- files


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"principal": 1000}, r"Case one: product\.principal: Expected `str \| null`, got `int`"),
        ({"repay_every": 0}, r"Case one: product\.repay_every: Expected `int` >= 1"),
        ({"number_of_repayments": 10_000}, r"Case one: product\.number_of_repayments: Expected `int` <= 5000"),
        ({"submitted_on": "1 January"}, r"Case one: product\.submitted_on: Invalid"),
        ({"down_payment": {"auto": True}}, r"Case one: product\.down_payment: .*required field `pct`"),
    ],
)
def test_a_malformed_case_is_refused_naming_case_and_field(change: dict[str, Any], message: str) -> None:
    with pytest.raises(CaseFileError, match=message):
        case(**change)


def test_a_term_that_is_not_there_is_named() -> None:
    product = {name: value for name, value in PRODUCT.items() if name != "principal"}
    with pytest.raises(CaseFileError, match="Case one: product: Object missing required field `principal`"):
        read_case({"id": "one", "product": product, "events": [SUBMIT], "expect": []}, 1)


def test_an_expectation_after_no_event_is_refused() -> None:
    with pytest.raises(CaseFileError, match=r"Case one: expect\[0\]\.after_event_index: 1 is none of its 1 events"):
        case(expect=[{"after_event_index": 1, "rows": []}])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is not JSON"),
        ("{}", "is not a list of cases"),
        ("[]", "is not a list of cases"),
        ("[3]", "Case number 1: Expected `object`, got `int`"),
    ],
)
def test_a_file_that_is_no_list_of_cases_is_refused(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "cases.json"
    path.write_text(text, "utf-8")
    with pytest.raises(CaseFileError, match=message):
        read_cases(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["conform", "loans", str(tmp_path / "none.json")]) == 1
    assert "none.json: No such file" in capsys.readouterr().err


def test_two_cases_of_one_id_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "cases.json"
    one = {"id": "one", "product": PRODUCT, "events": [SUBMIT], "expect": []}
    path.write_text(json.dumps([one, one]), "utf-8")
    with pytest.raises(CaseFileError, match="two cases have the id one"):
        read_cases(path)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("schedule_type", "OTHER"),
        ("amortization", "BULLET"),
        ("interest_type", "COMPOUND"),
        ("interest_calculation_period", "HOURLY"),
        ("repay_every_unit", "FORTNIGHTS"),
        ("days_in_year", "366"),
        ("days_in_month", "31"),
        ("rounding_mode", "HALF_DOWN"),
        ("repayment_start_date_type", "SOME_DAY"),
        ("interest_charged_from", "SOME_DAY"),
        ("annual_rate_pct", "twelve"),
        ("principal", "1000.005"),
        ("product_charges", [{"amount": "1.00"}]),
    ],
)
def test_a_value_without_meaning_fails_the_case_and_names_the_field(field: str, value: Any) -> None:
    expect = [{"after_event_index": 0, "rows": []}]
    verdict = check(case({"type": "submit", "date": "2023-01-01"}, expect=expect, **{field: value}))
    assert not verdict.passed
    assert verdict.reason is not None
    assert verdict.reason.startswith(f"product.{field}: ")


@pytest.mark.parametrize(("field", "value"), [("rest_frequency", "HOURLY"), ("compounding", "INTEREST")])
def test_a_recalculation_that_is_not_computed_fails_the_case(field: str, value: str) -> None:
    expect = [{"after_event_index": 0, "rows": []}]
    verdict = check(case(SUBMIT, expect=expect, interest_recalculation={field: value}))
    assert verdict.reason is not None
    assert verdict.reason.startswith(f"product.interest_recalculation.{field}: ")


def test_a_date_or_a_count_that_is_needed_is_named() -> None:
    undated = check(case(SUBMIT, {"type": "disburse", "amount": "1000.00"}))
    assert undated.reason is not None
    assert undated.reason.startswith("events[1].date: None is not known")
    timeless = check(case({"type": "business_date"}, submitted_on=None, expected_disbursement=None))
    assert timeless.reason is not None
    assert timeless.reason.startswith("product.submitted_on: ")
    uncounted = check(case(expect=[{"after_event_index": 0, "rows": []}], number_of_repayments=None))
    assert uncounted.reason is not None
    assert uncounted.reason.startswith("product.number_of_repayments: ")


def test_an_unknown_event_fails_the_case_and_names_the_event() -> None:
    verdict = check(case(SUBMIT, {"type": "freeze", "date": "2023-01-02"}))
    assert verdict.reason is not None
    assert verdict.reason.startswith("events[1].type: 'freeze' is not known")


# --- events


def test_before_it_is_paid_out_the_schedule_is_of_what_was_applied_for() -> None:
    found = listed(loan(SUBMIT))
    assert lines(found) == [
        (None, "2023-01-01", 0, 1000_00),
        (1, "2023-02-01", 497_51, 502_49),
        (2, "2023-03-01", 502_49, 0),
    ]


def test_approval_of_less_makes_the_schedule_smaller() -> None:
    found = listed(loan(SUBMIT, {**APPROVE, "amount": "500.00"}))
    assert found[0].balance == 500_00


def test_the_day_of_disbursement_starts_the_schedule() -> None:
    late = listed(loan(SUBMIT, APPROVE, disburse("2023-01-11", "1000.00")))
    assert [str(row.date) for row in late] == ["2023-01-11", "2023-02-11", "2023-03-11"]
    submitted = {"repayment_start_date_type": "SUBMITTED_ON_DATE"}
    kept = listed(loan(SUBMIT, APPROVE, disburse("2023-01-11", "1000.00"), **submitted))
    assert [str(row.date) for row in kept] == ["2023-01-11", "2023-02-01", "2023-03-01"]


def test_a_first_due_date_moved_by_the_least_gap_stays_when_paid_out_later() -> None:
    gap = {"min_days_disbursal_to_first_repayment": 40}
    assert [str(row.date) for row in listed(loan(SUBMIT, **gap))][1:] == ["2023-02-10", "2023-03-10"]
    found = listed(loan(SUBMIT, APPROVE, disburse("2023-01-11", "1000.00"), **gap))
    assert [str(row.date) for row in found][1:] == ["2023-02-10", "2023-03-10"]


def test_the_close_of_a_day_charges_interest_on_what_is_overdue_where_it_is_recalculated() -> None:
    daily = {
        "schedule_type": "PROGRESSIVE",
        "interest_calculation_period": "DAILY",
        "days_in_year": "360",
        "days_in_month": "30",
        "number_of_repayments": 3,
        "interest_recalculation": {"rest_frequency": "DAILY", "compounding": "NONE"},
    }
    made = (SUBMIT, APPROVE, disburse("2023-01-01", "1000.00"), {"type": "business_date", "date": "2023-02-15"})
    interest = [row.interest for row in listed(loan(*made, **daily)) if row.n is not None]
    assert interest == [10_00, 6_70, 3_37]
    closed = listed(loan(*made, {"type": "inline_cob", "date": "2023-02-15"}, **daily))
    assert [row.interest for row in closed if row.n is not None] == [10_00, 8_35, 3_38]


# --- lists


def test_a_tranche_on_a_due_date_is_listed_before_that_row_or_after_it() -> None:
    events = (SUBMIT, APPROVE, disburse("2023-01-01", "600.00"), disburse("2023-02-01", "400.00"))
    cumulative = listed(loan(*events, multi_disburse_allowed=True))
    assert [(row.n, str(row.date)) for row in cumulative] == [
        (None, "2023-01-01"),
        (None, "2023-02-01"),
        (1, "2023-02-01"),
        (2, "2023-03-01"),
    ]
    progressive = {"schedule_type": "PROGRESSIVE", "interest_calculation_period": "DAILY"}
    found = listed(loan(*events, multi_disburse_allowed=True, **progressive))
    assert [(row.n, str(row.date)) for row in found] == [
        (None, "2023-01-01"),
        (1, "2023-02-01"),
        (None, "2023-02-01"),
        (2, "2023-03-01"),
    ]
    # A disbursement carries its own amount, an instalment what is then owed of all.
    assert [row.balance for row in found if row.n is None] == [600_00, 400_00]
    assert found[-1].balance == 0


def test_a_down_payment_pays_itself_where_it_is_automatic() -> None:
    events = (SUBMIT, APPROVE, disburse("2023-01-01", "1000.00"))
    by_itself = loan(*events, down_payment={"pct": "25", "auto": True})
    row = listed(by_itself)[1]
    assert (row.n, row.principal, row.paid, row.completed, str(row.paid_date)) == (
        1,
        250_00,
        250_00,
        True,
        "2023-01-01",
    )
    assert [(one.type, one.amount_minor) for one in transfers(by_itself)] == [
        ("Disbursement", 1000_00),
        ("Down Payment", 250_00),
    ]
    by_hand = loan(*events, down_payment={"pct": "25", "auto": False})
    assert (listed(by_hand)[1].paid, [one.type for one in transfers(by_hand)]) == (0, ["Disbursement"])
    before = loan(SUBMIT, down_payment={"pct": "25", "auto": True})
    assert (listed(before)[1].completed, transfers(before)) == (False, ())


def test_an_instalment_of_nothing_is_complete_once_the_loan_is_paid_out() -> None:
    free = {"annual_rate_pct": "0", "grace_principal": 1}
    planned = listed(loan(SUBMIT, **free))[1]
    assert (planned.due, planned.completed, planned.paid_date) == (0, False, None)
    made = listed(loan(SUBMIT, APPROVE, disburse("2023-01-01", "1000.00"), **free))[1]
    assert (made.due, made.completed, str(made.paid_date)) == (0, True, "2023-01-01")


def test_an_automatic_down_payment_goes_to_the_oldest_instalment_due() -> None:
    events = (SUBMIT, APPROVE, disburse("2023-01-01", "600.00"), disburse("2023-02-15", "400.00"))
    found = listed(loan(*events, multi_disburse_allowed=True, down_payment={"pct": "25", "auto": True}))
    late = found[2]
    assert (late.n, str(late.date), late.paid, late.late, late.completed) == (2, "2023-02-01", 100_00, 100_00, False)
    assert found[4].paid == 0


def test_the_calculator_alone_counts_what_is_paid_out_on_a_due_date_into_that_balance() -> None:
    periods = [
        {"n": 1, "from_date": "2023-01-01", "due_date": "2023-02-01"},
        {"n": 2, "from_date": "2023-02-01", "due_date": "2023-03-01"},
    ]
    given = {"schedule_type": "PROGRESSIVE", "interest_calculation_period": "DAILY", "periods": periods}
    made = (disburse("2023-01-01", "600.00"), disburse("2023-02-01", "400.00"))
    found = [row for row in listed(loan(*made, annual_rate_pct="0", **given)) if row.n is not None]
    assert [(row.principal, row.balance) for row in found] == [(300_00, 700_00), (700_00, 0)]


# --- comparison


def expectation(**cells: Any) -> list[dict[str, Any]]:
    """The loan's first instalment, with cells changed or added."""
    row = {"n": 1, "date": "2023-02-01", "principal_due": "497.51", "interest": "10.00", "due": "507.51"}
    last = {"n": 2, "date": "2023-03-01"}
    return [{"after_event_index": 0, "rows": [{**row, **cells}, last]}]


def test_rows_without_a_disbursement_are_compared_with_the_instalments() -> None:
    assert check(case(expect=expectation())).passed


def test_every_difference_is_told_with_event_row_and_field() -> None:
    verdict = check(case(expect=expectation(interest="10.01", days=30)))
    assert verdict.differences == (
        Difference(event=0, row=0, field="days", expected="30", got="31"),
        Difference(event=0, row=0, field="interest", expected="10.01", got="10.00"),
    )


def test_a_missing_row_a_total_and_a_count_are_compared() -> None:
    given: list[dict[str, Any]] = expectation()
    given[0]["rows"].pop()
    given[0]["totals"] = {"interest": "15.03", "due": None, "unheard_of": "1.00"}
    given[0]["n_periods"] = 3
    found = [(one.field, one.expected, one.got) for one in check(case(expect=given)).differences]
    assert found == [
        ("n_periods", "3", "2"),
        ("rows", "1", "2"),
        ("totals.interest", "15.03", "15.02"),
        ("totals.unheard_of", "1.00", "nothing"),
    ]


def test_money_that_moved_is_compared_in_any_order() -> None:
    events = (SUBMIT, APPROVE, disburse("2023-01-01", "1000.00"))
    down = {"down_payment": {"pct": "25", "auto": True}}
    moved = [
        {"date": "2023-01-01", "type": "Down Payment", "amount": "250.00"},
        {"date": "2023-01-01", "type": "Disbursement", "amount": "1000.00"},
    ]
    rows = [{"n": number, "date": day} for number, day in ((1, "2023-01-01"), (2, "2023-02-01"), (3, "2023-03-01"))]
    right = [{"after_event_index": 2, "rows": rows, "transactions": moved}]
    assert check(case(*events, expect=right, **down)).passed
    wrong = [{"after_event_index": 2, "rows": rows, "transactions": [{**moved[0], "amount": "251.00"}]}]
    found = [(one.field, one.expected, one.got) for one in check(case(*events, expect=wrong, **down)).differences]
    assert found == [
        ("transactions[0].amount", "251.00", "250.00"),
        ("transactions", "no other", "2023-01-01 Disbursement"),
    ]
