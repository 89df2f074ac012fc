"""What the standard says of a contract and the published cases do not show: computed by hand from its formulas."""

from decimal import Decimal

import pytest

from yinhe.lending.actus.cases import read_case
from yinhe.lending.actus.conform import check_case, contract_rows
from yinhe.lending.actus.errors import TermRefused
from yinhe.lending.actus.moments import write_moment

BULLET = {
    "contractType": "PAM",
    "contractRole": "RPA",
    "statusDate": "2020-01-01T00:00:00",
    "initialExchangeDate": "2020-01-02T00:00:00",
    "maturityDate": "2021-01-02T00:00:00",
    "notionalPrincipal": "1000",
    "nominalInterestRate": "0.12",
    "dayCountConvention": "30E360",
    "cycleAnchorDateOfInterestPayment": "2020-04-02T00:00:00",
    "cycleOfInterestPayment": "P3ML1",
}
LINEAR = {
    **BULLET,
    "contractType": "LAM",
    "cycleAnchorDateOfPrincipalRedemption": "2020-04-02T00:00:00",
    "cycleOfPrincipalRedemption": "P3ML1",
    "nextPrincipalRedemptionPayment": "250",
}
ANNUITY = {**LINEAR, "contractType": "ANN", "nextPrincipalRedemptionPayment": "269.03"}


def rows_of(terms, *, observed=(), market=None, to="", **given):
    data = {code: {"identifier": code, "data": points} for code, points in (market or {}).items()}
    made = {key: value for key, value in {**terms, **given}.items() if value is not None}
    case = {"terms": made, "to": to, "dataObserved": data, "eventsObserved": list(observed), "results": []}
    return contract_rows(read_case("case", case))


def told(rows, *types):
    """Day, type and payoff of rows."""
    return [
        (write_moment(row.moment)[:10], row.type, float(round(row.payoff, 6)))
        for row in rows
        if not types or row.type in types
    ]


def points(**values):
    return [{"timestamp": f"{day[1:5]}-{day[5:7]}-{day[7:]}T00:00:00", "value": value} for day, value in values.items()]


def test_a_bullet_pays_interest_by_the_quarter():
    assert told(rows_of(BULLET)) == [
        ("2020-01-02", "IED", -1000.0),
        ("2020-04-02", "IP", 30.0),
        ("2020-07-02", "IP", 30.0),
        ("2020-10-02", "IP", 30.0),
        ("2021-01-02", "IP", 30.0),
        ("2021-01-02", "MD", 1000.0),
    ]


def test_the_borrower_is_told_the_same_with_the_other_sign():
    lender, borrower = rows_of(LINEAR), rows_of(LINEAR, contractRole="RPL")
    assert [row.payoff for row in lender] == [-row.payoff for row in borrower]
    assert [row.notional for row in lender] == [-row.notional for row in borrower]


def test_without_an_anchor_a_schedule_starts_one_cycle_after_the_initial_exchange():
    assert told(rows_of(BULLET, cycleAnchorDateOfInterestPayment=None)) == told(rows_of(BULLET))
    assert told(rows_of(LINEAR, cycleAnchorDateOfPrincipalRedemption=None)) == told(rows_of(LINEAR))


def test_interest_may_have_begun_to_run_before_the_initial_exchange():
    rows = rows_of(BULLET, cycleAnchorDateOfInterestPayment="2019-12-02T00:00:00", cycleOfInterestPayment="P1ML1")
    assert (rows[0].type, rows[0].accrued) == ("IED", Decimal(10))
    given = rows_of(
        BULLET,
        cycleAnchorDateOfInterestPayment="2019-12-02T00:00:00",
        cycleOfInterestPayment="P1ML1",
        accruedInterest="3",
    )
    assert given[0].accrued == Decimal(3)


def test_a_contract_under_way_has_accrued_since_its_last_payment():
    under_way = {"statusDate": "2020-05-02T00:00:00"}
    assert told(rows_of(BULLET, **under_way))[0] == ("2020-07-02", "IP", 30.0)
    assert told(rows_of(BULLET, **under_way, accruedInterest="0"))[0] == ("2020-07-02", "IP", 20.0)


def test_events_of_the_status_date_are_past():
    assert told(rows_of(BULLET, statusDate="2020-04-02T00:00:00"))[0][:2] == ("2020-07-02", "IP")


# --- fees


def test_a_fee_is_an_amount_or_accrues_on_the_notional():
    amount = rows_of(BULLET, feeBasis="A", feeRate="5", cycleOfFee="P6ML1", contractRole="RPL")
    assert told(amount, "FP") == [("2020-07-02", "FP", -5.0), ("2021-01-02", "FP", -5.0)]
    accrued = rows_of(LINEAR, feeBasis="N", feeRate="0.04", cycleOfFee="P6ML1")
    # A quarter of 4 % on 1,000 and one on 750; then on 500 and 250.
    assert told(accrued, "FP") == [("2020-07-02", "FP", 17.5), ("2021-01-02", "FP", 7.5)]


def test_a_fee_without_a_rate_is_none_and_without_a_basis_an_error():
    assert told(rows_of(BULLET, cycleOfFee="P6ML1"), "FP") == []
    with pytest.raises(TermRefused, match="feeBasis"):
        rows_of(BULLET, feeRate="5", cycleOfFee="P6ML1")


# --- rates


RESETS = {
    "cycleAnchorDateOfRateReset": "2020-04-02T00:00:00",
    "cycleOfRateReset": "P3ML1",
    "marketObjectCodeOfRateReset": "INDEX",
    "rateSpread": "0.01",
    "rateMultiplier": "2",
}
INDEX = {"INDEX": points(d20200402="0.08", d20200702="0.01", d20201002="0.05")}


@pytest.mark.parametrize(
    ("bounds", "rates"),
    [
        ({}, [0.17, 0.03, 0.11]),
        ({"lifeCap": "0.15", "lifeFloor": "0.04"}, [0.15, 0.04, 0.11]),
        ({"periodCap": "0.02"}, [0.14, 0.03, 0.05]),
        ({"periodFloor": "0.05"}, [0.17, 0.12, 0.11]),
        ({"periodFloor": "-0.05"}, [0.17, 0.12, 0.11]),
    ],
)
def test_a_reset_takes_the_market_times_a_multiplier_and_a_spread_within_bounds(bounds, rates):
    rows = rows_of(BULLET, market=INDEX, **RESETS, **bounds)
    assert [float(row.rate) for row in rows if row.type == "RR"] == rates


def test_a_rate_known_already_is_the_first_after_the_status_date():
    rows = rows_of(BULLET, market=INDEX, **RESETS, nextResetRate="0.2", statusDate="2020-05-01T00:00:00")
    assert [(row.type, float(row.rate)) for row in rows if row.type in ("RR", "RRF")] == [("RRF", 0.2), ("RR", 0.11)]


def test_an_index_that_was_never_observed_is_named():
    with pytest.raises(TermRefused, match="dataObserved: there is no 'INDEX'"):
        rows_of(BULLET, **RESETS)


# --- principal


def test_equal_principal_is_found_where_no_payment_is_given():
    assert told(rows_of(LINEAR, nextPrincipalRedemptionPayment=None), "PR", "MD") == [
        ("2020-04-02", "PR", 250.0),
        ("2020-07-02", "PR", 250.0),
        ("2020-10-02", "PR", 250.0),
        ("2021-01-02", "MD", 250.0),
    ]


def test_the_maturity_is_found_from_the_payment():
    assert told(rows_of(LINEAR, maturityDate=None), "MD") == [("2021-01-02", "MD", 250.0)]
    # 1,000 / (269.03 - 30): five payments
    assert told(rows_of(ANNUITY, maturityDate=None), "MD")[0][:2] == ("2021-04-02", "MD")
    negative = {**ANNUITY, "contractType": "NAM"}
    assert told(rows_of(negative, maturityDate=None), "MD")[0][:2] == ("2021-04-02", "MD")


def test_a_payment_that_never_repays_is_an_error():
    with pytest.raises(TermRefused, match="nextPrincipalRedemptionPayment"):
        rows_of(ANNUITY, maturityDate=None, nextPrincipalRedemptionPayment="29")


def test_an_annuity_is_fixed_the_day_before_its_first_redemption():
    rows = rows_of(ANNUITY, nextPrincipalRedemptionPayment=None)
    assert [write_moment(row.moment)[:10] for row in rows if row.type == "PRF"] == ["2020-04-01"]
    # 1,000 · 0.03 / (1 - 1.03^-4)
    payments = [row.payoff for row in rows if row.type in ("PR", "IP")]
    assert abs(payments[0] + payments[1] - Decimal("269.0270452")) < Decimal("1e-7")
    assert rows[-1].notional == 0


def test_an_annuity_may_leave_a_balloon():
    rows = rows_of(ANNUITY, nextPrincipalRedemptionPayment=None, amortizationDate="2030-01-02T00:00:00")
    assert float(rows[-1].payoff) > 900


def test_a_negative_amortiser_grows_where_the_payment_is_less_than_the_interest():
    negative = {**ANNUITY, "contractType": "NAM", "nextPrincipalRedemptionPayment": "20"}
    rows = rows_of(negative)
    assert told(rows, "PR")[0] == ("2020-04-02", "PR", -10.0)
    assert next(row.notional for row in rows if row.type == "PR") == 1010


def test_interest_of_a_negative_amortiser_follows_its_own_cycle_until_principal_is_repaid():
    rows = rows_of(
        {**ANNUITY, "contractType": "NAM"},
        cycleAnchorDateOfPrincipalRedemption="2020-10-02T00:00:00",
        cycleAnchorDateOfInterestPayment="2020-02-02T00:00:00",
        cycleOfInterestPayment="P1ML1",
    )
    assert [day for day, _, _ in told(rows, "IP")] == [
        "2020-02-02",
        "2020-03-02",
        "2020-04-02",
        "2020-05-02",
        "2020-06-02",
        "2020-07-02",
        "2020-10-02",
        "2021-01-02",
    ]


def test_interest_on_the_original_principal():
    rows = rows_of(LINEAR, interestCalculationBase="NTIED")
    assert [payoff for _, _, payoff in told(rows, "IP")] == [30.0, 30.0, 30.0, 30.0]


def test_interest_on_a_base_that_lags_behind():
    rows = rows_of(
        LINEAR,
        interestCalculationBase="NTL",
        cycleAnchorDateOfInterestCalculationBase="2020-07-02T00:00:00",
        cycleOfInterestCalculationBase="P6ML1",
    )
    assert [payoff for _, _, payoff in told(rows, "IP")] == [30.0, 30.0, 15.0, 15.0]


def test_an_exotic_amortiser_draws_and_repays_by_its_arrays():
    exotic = {
        **{name: value for name, value in BULLET.items() if not name.startswith("cycle")},
        "contractType": "LAX",
        "maturityDate": None,
        "arrayCycleAnchorDateOfInterestPayment": ["2020-07-02T00:00:00"],
        "arrayCycleOfInterestPayment": ["P6ML1"],
        "arrayCycleAnchorDateOfPrincipalRedemption": ["2020-04-02T00:00:00", "2020-10-02T00:00:00"],
        "arrayCycleOfPrincipalRedemption": ["P3ML1", "P3ML1"],
        "arrayNextPrincipalRedemptionPayment": [100, 400],
        "arrayIncreaseDecrease": ["INC", "DEC"],
        "arrayCycleAnchorDateOfRateReset": ["2020-07-02T00:00:00", "2020-10-02T00:00:00"],
        "arrayRate": [0.06, 0.01],
        "arrayFixedVariable": ["FIX", "VAR"],
        "marketObjectCodeOfRateReset": "INDEX",
    }
    rows = rows_of(exotic, market=INDEX)
    assert told(rows, "PI", "PR", "MD") == [
        ("2020-04-02", "PI", -100.0),
        ("2020-07-02", "PI", -100.0),
        ("2020-10-02", "PR", 400.0),
        ("2021-01-02", "PR", 400.0),
        ("2021-04-02", "MD", 400.0),
    ]
    assert [(row.type, float(row.rate)) for row in rows if row.type.startswith("RR")] == [("RRF", 0.06), ("RR", 0.06)]


# --- trades, scaling, prepayment


def test_bought_and_sold_with_the_interest_accrued():
    bought = rows_of(BULLET, purchaseDate="2020-03-02T00:00:00", priceAtPurchaseDate="990")
    assert told(bought)[:2] == [("2020-03-02", "PRD", -1010.0), ("2020-04-02", "IP", 30.0)]
    sold = rows_of(BULLET, terminationDate="2020-05-02T00:00:00", priceAtTerminationDate="990")
    assert told(sold)[-2:] == [("2020-04-02", "IP", 30.0), ("2020-05-02", "TD", 1000.0)]
    assert sold[-1].notional == 0


@pytest.mark.parametrize(
    ("effect", "interest", "principal"), [("I00", 60.0, 250.0), ("0N0", 30.0, 500.0), ("IN0", 60.0, 500.0)]
)
def test_payments_follow_an_index(effect, interest, principal):
    rows = rows_of(
        LINEAR,
        scalingEffect=effect,
        marketObjectCodeOfScalingIndex="CPI",
        scalingIndexAtContractDealDate="50",
        cycleAnchorDateOfScalingIndex="2020-02-02T00:00:00",
        market={"CPI": points(d20200202="100")},
    )
    assert told(rows, "PR", "IP")[:2] == [("2020-04-02", "PR", principal), ("2020-04-02", "IP", interest)]
    assert rows[2].notional == 750


PREPAID = [{"time": "2020-05-02T00:00:00", "type": "PP", "value": "400"}]


@pytest.mark.parametrize(
    ("penalty", "payoff"),
    [({}, None), ({"penaltyType": "A", "penaltyRate": "7"}, 7.0), ({"penaltyType": "R", "penaltyRate": "0.06"}, 5.0)],
)
def test_principal_paid_back_beside_the_plan_may_cost_a_penalty(penalty, payoff):
    rows = rows_of(BULLET, observed=PREPAID, prepaymentEffect="A", **penalty)
    assert told(rows, "PP") == [("2020-05-02", "PP", 400.0)]
    assert [one for _, _, one in told(rows, "PY")] == ([] if payoff is None else [payoff])
    assert told(rows, "IP")[1] == ("2020-07-02", "IP", 22.0)
    assert told(rows, "MD") == [("2021-01-02", "MD", 600.0)]


def test_principal_cannot_be_paid_back_where_the_contract_forbids_it():
    assert told(rows_of(BULLET, observed=PREPAID)) == told(rows_of(BULLET))


def test_payments_may_be_settled_in_another_currency():
    rows = rows_of(
        BULLET, currency="EUR", settlementCurrency="USD", market={"EUR/USD": points(d20200101="2", d20201231="3")}
    )
    assert [payoff for _, _, payoff in told(rows, "IP")] == [60.0, 60.0, 60.0, 90.0]


# --- business days


@pytest.mark.parametrize(
    ("convention", "day", "interest"),
    [
        ("NOS", "2020-05-02", 10.0),
        ("SCF", "2020-05-04", 10.666667),
        ("CSF", "2020-05-04", 10.0),
        ("SCP", "2020-05-01", 9.666667),
        ("CSP", "2020-05-01", 10.0),
    ],
)
def test_a_payment_on_a_saturday_moves_and_its_interest_with_it_or_not(convention, day, interest):
    monthly = {"cycleAnchorDateOfInterestPayment": "2020-04-02T00:00:00", "cycleOfInterestPayment": "P1ML1"}
    rows = rows_of(BULLET, calendar="MF", businessDayConvention=convention, **monthly)
    assert told(rows, "IP")[1] == (day, "IP", interest)


# --- money without an end


def test_call_money_called_with_notice_bears_no_interest_in_it():
    call = {
        **{name: value for name, value in BULLET.items() if not name.startswith(("cycle", "maturity"))},
        "contractType": "CLM",
        "xDayNotice": "P1M",
    }
    seen = [{"time": "2020-03-02T00:00:00", "type": "XD", "value": 0}]
    assert told(rows_of(call, observed=seen, to="2020-03-15T00:00:00")) == [
        ("2020-01-02", "IED", -1000.0),
        ("2020-03-02", "XD", 0.0),
        ("2020-04-02", "IP", 20.0),
        ("2020-04-02", "STD", 1000.0),
    ]
    assert told(rows_of(call, to="2020-03-02T00:00:00"))[-2:] == [
        ("2020-03-02", "IP", 20.0),
        ("2020-03-02", "MD", 1000.0),
    ]


def test_money_without_an_end_goes_in_and_out_and_capitalises():
    open_ended = {**BULLET, "contractType": "UMP", "maturityDate": None, "xDayNotice": "P1M"}
    seen = [
        {"time": "2020-02-02T00:00:00", "type": "PR", "value": "400"},
        {"time": "2020-03-02T00:00:00", "type": "PI", "value": "-100"},
    ]
    rows = rows_of(open_ended, observed=seen, to="2020-05-01T00:00:00")
    assert [(row.type, float(row.payoff), float(row.notional)) for row in rows] == [
        ("IED", -1000.0, 1000.0),
        ("PR", 400.0, 600.0),
        ("PI", -100.0, 700.0),
        ("IPCI", 0.0, 723.0),
    ]


def test_cash_is_only_looked_at():
    cash = {"contractType": "CSH", "contractRole": "RPL", "statusDate": "2020-01-01", "notionalPrincipal": "10"}
    seen = [{"time": "2020-02-02T00:00:00", "type": "AD", "value": 0}]
    (row,) = rows_of(cash, observed=seen, to="2020-03-01T00:00:00")
    assert (row.type, row.payoff, row.notional) == ("AD", 0, -10)


# --- what cannot be run names the term


@pytest.mark.parametrize(
    ("given", "term"),
    [
        ({"contractType": "SWAPS"}, "contractType"),
        ({"contractType": None}, "contractType"),
        ({"contractRole": "ME"}, "contractRole"),
        ({"contractRole": None}, "contractRole"),
        ({"statusDate": None}, "statusDate"),
        ({"statusDate": "soon"}, "statusDate"),
        ({"initialExchangeDate": None}, "initialExchangeDate"),
        ({"maturityDate": None}, "maturityDate"),
        ({"maturityDate": "2019-01-01T00:00:00"}, "maturityDate"),
        ({"notionalPrincipal": None}, "notionalPrincipal"),
        ({"notionalPrincipal": "much"}, "notionalPrincipal"),
        ({"notionalPrincipal": "NaN"}, "notionalPrincipal"),
        ({"dayCountConvention": None}, "dayCountConvention"),
        ({"dayCountConvention": "A999"}, "dayCountConvention"),
        ({"cycleOfInterestPayment": "monthly"}, "cycleOfInterestPayment"),
        ({"cycleOfInterestPayment": "P0ML1"}, "cycleOfInterestPayment"),
        ({"calendar": "LUNAR"}, "calendar"),
        ({"businessDayConvention": "SCX"}, "businessDayConvention"),
        ({"endOfMonthConvention": "MID"}, "endOfMonthConvention"),
        ({"purchaseDate": "2020-03-02T00:00:00"}, "priceAtPurchaseDate"),
        ({"contractType": "CLM", "maturityDate": None}, "to"),
        ({"contractType": "NAM"}, "nextPrincipalRedemptionPayment"),
        ({"contractType": "NAM", "nextPrincipalRedemptionPayment": "50"}, "cycleOfPrincipalRedemption"),
        ({"contractType": "LAX"}, "arrayCycleAnchorDateOfPrincipalRedemption"),
    ],
)
def test_a_case_that_cannot_be_run_names_the_term(given, term):
    terms = {key: value for key, value in {**BULLET, **given}.items() if value is not None}
    report = check_case("case", {"terms": terms, "to": "", "results": []})
    assert not report.passed
    assert report.differences[0].event == term


@pytest.mark.parametrize("results", [5, "abc", [3], {"eventDate": "2020-01-01"}, [["eventDate"]]])
def test_results_that_are_no_list_of_rows_fail_the_case_alone(results):
    report = check_case("case", {"terms": BULLET, "to": "", "results": results})
    assert [one.event for one in report.differences] == ["results"]


def test_a_case_without_terms_has_failed():
    assert check_case("case", {}).differences[0].event == "terms"
    assert check_case("case", 7).differences[0].event == "terms"


def test_rows_too_many_and_too_few_are_differences():
    expected = [{"eventDate": "2020-01-02T00:00:00", "eventType": "IED", "payoff": "-1000"}]
    short = check_case("case", {"terms": BULLET, "results": expected})
    assert [one.got for one in short.differences] == ["there"] * 5
    long = check_case("case", {"terms": {**BULLET}, "results": expected * 7})
    assert long.differences[-1].got == "missing"


def test_what_is_expected_but_cannot_be_read_is_a_difference():
    wrong = [{"eventDate": "some day", "eventType": "IED", "payoff": "much"}]
    found = check_case("case", {"terms": BULLET, "results": wrong}).differences
    assert [one.field for one in found][:2] == ["eventDate", "payoff"]


def test_what_was_observed_may_be_a_list_and_must_be_readable():
    listed = [{"identifier": "INDEX", "data": INDEX["INDEX"]}]
    given = {"terms": {**BULLET, **RESETS}, "dataObserved": listed, "results": []}
    assert all(one.field == "row" for one in check_case("case", given).differences)
    (found,) = check_case("case", {**given, "dataObserved": {"INDEX": 7}}).differences
    assert found.field == "case"


def test_a_calendar_that_ends_before_the_contract_is_said():
    terms = {**BULLET, "calendar": "MF", "businessDayConvention": "SCF", "maturityDate": "2205-01-02T00:00:00"}
    (found,) = check_case("case", {"terms": terms, "results": []}).differences
    assert "outside the calendar" in found.got
