"""One contract simulated, worked out by hand beside it: dates, balances, interest to the fen."""

import datetime as dt
from fractions import Fraction

import pytest

from yinhe.closeday.scenario import HandedOn, Movement, Notified, Scenario, Simulation
from yinhe.closeday.simulate import simulate
from yinhe.deposits.refusals import ContractRefusal, Refusal
from yinhe.kernel.dates import days_from_date
from yinhe.products.assembly import read_product
from yinhe.products.parts.refusals import PartRefusal
from yinhe.products.product import Product
from yinhe.products.rates import RateBook, RateEntry
from yinhe.products.registry import part_classes

HEAD = """
[product]
code = "{code}"
number = 11
version = 1
english = "x"
chinese = "x"
currency = "CNY"
effective = 2020-01-01
"""
DAILY = 'part = "accrual.accumulated_balance"'
OPEN = 'part = "term.open_ended"'
FLAT = 'part = "interest.flat"\nrate = "board:demand"'
QUARTERLY = 'part = "settlement.quarterly"'
TIME = (
    'part = "term.fixed"\noffered = ["3 months"]',
    'part = "interest.by_term"\nrates = [{term = "3 months", rate = "1.05%"}]',
    'part = "accrual.transaction"',
    'part = "settlement.at_maturity"',
    'part = "early_withdrawal.at_rate"\nrate = "board:demand"',
    'part = "renewal.same_term_or_linked"\nafter = "board:demand"',
)
FREEZE = '\n[[terms]]\nname = "rate"\nrule = "freeze"\n'


def day(text: str) -> int:
    return days_from_date(dt.date.fromisoformat(text))


def product(*parts: str, more: str = "") -> Product:
    text = HEAD.format(code="tried") + "".join(f"\n[[parts]]\n{one}\n" for one in (*parts, 'part = "ledger.deposit"'))
    found = read_product(text + more, "tried.toml", part_classes())
    assert isinstance(found, Product), str(found)
    return found


def rates(**tables: list[tuple[str, int]]) -> RateBook:
    return RateBook(
        RateEntry(table, day(effective), day(effective), rate)
        for table, steps in tables.items()
        for effective, rate in steps
    )


DEMAND_RATE = rates(demand=[("2020-01-01", 350_000)])


def done(scenario: Scenario) -> Simulation:
    found = simulate(scenario)
    assert isinstance(found, Simulation), found
    return found


def lines(found: Simulation) -> list[tuple[str, str, int, int]]:
    """What happened: (date, what, amount, balance)."""
    return [
        (str(dt.date.fromordinal(one.date + 719_163)), one.english, one.amount_minor, one.balance_minor)
        for one in found.happenings
    ]


def test_a_quarters_interest_is_counted_to_the_20th_and_credited_on_the_21st() -> None:
    found = done(
        Scenario(
            product=product(OPEN, FLAT, DAILY, QUARTERLY),
            rates=DEMAND_RATE,
            start=day("2026-01-05"),
            last=day("2026-03-31"),
            deposit_minor=10_000_00,
            movements=(Movement(day("2026-02-10"), -4_000_00), Movement(day("2026-03-01"), 1_500_00)),
        )
    )
    # 36 days of 10,000, 19 of 6,000, 20 of 7,500 at 0.35 % over 360: 6.0666…
    a_day = Fraction(35, 10_000) / 360
    owed = (36 * 10_000_00 + 19 * 6_000_00 + 20 * 7_500_00) * a_day
    assert int(owed + Fraction(1, 2)) == 6_07
    assert lines(found) == [
        ("2026-01-05", "Opening of a deposit", 10_000_00, 10_000_00),
        ("2026-02-10", "Withdrawal of a deposit", -4_000_00, 6_000_00),
        ("2026-03-01", "Deposit", 1_500_00, 7_500_00),
        ("2026-03-21", "Interest", 6_07, 7_506_07),
    ]
    assert (found.totals.interest_minor, found.totals.paid_in_minor, found.totals.paid_out_minor) == (
        6_07,
        11_500_00,
        4_000_00,
    )


def test_what_has_accrued_is_exact_every_day() -> None:
    found = done(
        Scenario(
            product=product(OPEN, FLAT, DAILY, QUARTERLY),
            rates=DEMAND_RATE,
            start=day("2026-01-05"),
            last=day("2026-01-14"),
            deposit_minor=33_33,
        )
    )
    for number, one in enumerate(found.days, start=1):
        exact = Fraction(33_33 * 350_000 * number, 360 * 10**8)
        assert one.whole + Fraction(one.remainder, 360 * 10**8) == exact


def test_a_rate_that_changes_in_the_period_counts_from_its_day() -> None:
    found = done(
        Scenario(
            product=product(OPEN, FLAT, DAILY, 'part = "settlement.monthly"'),
            rates=rates(demand=[("2020-01-01", 350_000), ("2026-01-11", 1_000_000)]),
            start=day("2026-01-05"),
            last=day("2026-01-20"),
            deposit_minor=100_000_00,
        )
    )
    # 6 days at 0.35 %, 10 at 1 %: 5.8333… + 27.7777…
    assert found.totals.interest_minor == 33_61


def test_a_time_deposit_is_renewed_with_its_interest_where_that_was_agreed() -> None:
    found = done(
        Scenario(
            product=product(*TIME, more=FREEZE),
            rates=DEMAND_RATE,
            start=day("2026-01-05"),
            last=day("2026-07-04"),
            deposit_minor=10_000_00,
            months=3,
            auto_renew=True,
        )
    )
    # 10,000.00 * 1.05 % / 4 = 26.25, then 10,026.25 * 1.05 % / 4 = 26.3189…
    assert found.maturity == day("2026-04-05")
    assert [line for line in lines(found) if line[1] == "Interest"] == [
        ("2026-04-05", "Interest", 26_25, 10_026_25),
        ("2026-07-05", "Interest", 26_32, 10_052_57),
    ]


def test_without_renewal_it_goes_to_the_linked_account_and_is_over() -> None:
    found = done(
        Scenario(
            product=product(*TIME, more=FREEZE),
            rates=DEMAND_RATE,
            start=day("2026-01-05"),
            last=day("2026-06-30"),
            deposit_minor=10_000_00,
            months=3,
            linked=True,
        )
    )
    assert lines(found)[-1] == ("2026-04-05", "Deposit at maturity", -10_026_25, 0)
    assert found.days[-1].date == day("2026-04-04")


def test_what_is_drawn_early_earns_the_demand_rate_and_the_rest_goes_on() -> None:
    found = done(
        Scenario(
            product=product(*TIME, more=FREEZE),
            rates=DEMAND_RATE,
            start=day("2026-01-05"),
            last=day("2026-04-04"),
            deposit_minor=10_000_00,
            movements=(Movement(day("2026-02-05"), -4_000_00), Movement(day("2026-03-05"), -1_00)),
            months=3,
        )
    )
    # 4,000.00 for one month at 0.35 %: 1.1666…; 6,000.00 for three at 1.05 %: 15.75. A second part is refused.
    assert [line[1:] for line in lines(found)[1:]] == [
        ("Interest", 1_17, 10_001_17),
        ("Withdrawal of a deposit", -4_001_17, 6_000_00),
        ("Refused: no further part may be drawn before maturity", -1_00, 6_000_00),
        ("Interest", 15_75, 6_015_75),
    ]


def test_tax_is_withheld_with_the_interest() -> None:
    taxed = 'part = "tax.withholding"\nsteps = [{effective = 2020-01-01, rate = "20%"}]'
    found = done(
        Scenario(
            product=product(OPEN, FLAT, DAILY, QUARTERLY, taxed),
            rates=DEMAND_RATE,
            start=day("2026-01-05"),
            last=day("2026-03-20"),
            deposit_minor=10_000_00,
        )
    )
    # 75 days of 10,000.00 at 0.35 % = 7.2916…, of which 20 % = 1.458.
    assert (found.totals.interest_minor, found.totals.tax_minor) == (7_29, 1_46)
    assert found.totals.balance_minor == 10_000_00 + 7_29 - 1_46


def test_a_monthly_fee_takes_no_more_than_there_is() -> None:
    fee = 'part = "fee.flat"\nevent = "month"\ncharge = "5.00 CNY"'
    found = done(
        Scenario(
            product=product(OPEN, 'part = "interest.none"', DAILY, QUARTERLY, fee),
            rates=DEMAND_RATE,
            start=day("2026-01-05"),
            last=day("2026-03-31"),
            deposit_minor=7_00,
        )
    )
    assert [line for line in lines(found) if line[1] == "Fee"] == [
        ("2026-02-01", "Fee", -5_00, 2_00),
        ("2026-03-01", "Fee", -2_00, 0),
    ]


def test_a_payment_of_more_than_there_is_is_refused() -> None:
    found = done(
        Scenario(
            product=product(OPEN, FLAT, DAILY, QUARTERLY),
            rates=DEMAND_RATE,
            start=day("2026-01-05"),
            last=day("2026-01-31"),
            deposit_minor=7_00,
            movements=(Movement(day("2026-01-10"), -7_01),),
        )
    )
    assert lines(found)[-1] == ("2026-01-10", "Refused: not enough money available", -7_01, 7_00)


def test_what_would_not_be_sold_is_refused() -> None:
    refused = simulate(
        Scenario(
            product=product(*TIME, more=FREEZE),
            rates=DEMAND_RATE,
            start=day("2026-01-05"),
            last=day("2026-01-31"),
            deposit_minor=1_00,
            months=4,
        )
    )
    assert refused == Refusal(PartRefusal.TERM_NOT_OFFERED)


@pytest.mark.parametrize("last", ["2026-01-04", "2200-01-01"])
def test_a_simulation_has_a_first_day_a_last_day_and_a_bound(last: str) -> None:
    with pytest.raises(ValueError, match="runs for 1 to"):
        simulate(
            Scenario(
                product=product(OPEN, FLAT, DAILY, QUARTERLY),
                rates=DEMAND_RATE,
                start=day("2026-01-05"),
                last=day(last),
            )
        )


def test_an_account_closed_between_settlements_gets_its_interest_to_the_day_before() -> None:
    found = done(
        Scenario(
            product=product(OPEN, FLAT, DAILY, QUARTERLY),
            rates=DEMAND_RATE,
            start=day("2026-01-05"),
            last=day("2026-03-31"),
            deposit_minor=10_000_00,
            movements=(Movement(day("2026-02-16"), -1_00),),
            closing=day("2026-02-15"),
        )
    )
    # 41 days of 10,000.00 at 0.35 %: 3.9861…
    assert lines(found)[1:] == [
        ("2026-02-15", "Interest", 3_99, 10_003_99),
        ("2026-02-15", "Closing of a deposit", -10_003_99, 0),
        ("2026-02-16", "Refused: the deposit is closed", -1_00, 0),
    ]
    assert found.days[-1].date == day("2026-02-14")


NOTICE = 'part = "notice.days"\ndays = 7\nminimum_left = "50.00 CNY"\nwithout = "0.36%"'


def test_a_notice_is_used_up_by_the_drawing_that_keeps_it() -> None:
    found = done(
        Scenario(
            product=product(
                OPEN, NOTICE, 'part = "interest.flat"\nrate = "3.6%"', DAILY, 'part = "settlement.on_closing"'
            ),
            rates=DEMAND_RATE,
            start=day("2026-01-01"),
            last=day("2026-03-31"),
            deposit_minor=1_000_00,
            notices=(
                Notified(day("2026-01-04"), day("2026-01-10"), 100_00),
                Notified(day("2026-01-04"), day("2026-01-11"), 100_00),
            ),
            movements=(Movement(day("2026-01-11"), -100_00), Movement(day("2026-01-11"), -100_00)),
        )
    )
    # A day of 100.00 earns one fen at 3.6 %, a tenth at 0.36 %: ten days as noticed, then ten without.
    assert [line[1:] for line in lines(found)[1:]] == [
        ("Refused: the day of withdrawal is too near for the notice agreed", 100_00, 1_000_00),
        ("Interest", 10, 1_000_10),
        ("Withdrawal of a deposit", -100_10, 900_00),
        ("Interest", 1, 900_01),
        ("Withdrawal of a deposit", -100_01, 800_00),
    ]


def test_a_contract_handed_on_earns_on_and_one_that_may_not_be_is_refused() -> None:
    handed = {"start": day("2026-01-05"), "last": day("2026-04-04"), "deposit_minor": 10_000_00, "months": 3}
    on = (HandedOn(day("2026-02-01")),)
    may = done(
        Scenario(
            product=product(*TIME, 'part = "transfer.whole"', more=FREEZE), rates=DEMAND_RATE, handed_on=on, **handed
        )
    )
    assert [line[1:3] for line in lines(may)] == [("Opening of a deposit", 10_000_00), ("Interest", 26_25)]
    may_not = done(Scenario(product=product(*TIME, more=FREEZE), rates=DEMAND_RATE, handed_on=on, **handed))
    assert lines(may_not)[1][1] == "Refused: it cannot be transferred to another holder"
    assert may_not.totals.interest_minor == 26_25


def test_what_was_priced_at_opening_ends_with_the_term() -> None:
    priced = 'part = "pricing.customer_tier"\ntiers = [{ tier = 3, spread = "1.20%" }]'
    found = done(
        Scenario(
            product=product(*TIME, priced, more=FREEZE),
            rates=DEMAND_RATE,
            start=day("2026-01-05"),
            last=day("2026-05-31"),
            deposit_minor=10_000_00,
            months=3,
            tier=3,
            closing=day("2026-05-05"),
        )
    )
    # 10,000.00 at 2.25 % for three months, then 10,056.25 at 0.35 % for 30 days: 2.9330…
    assert [line[2] for line in lines(found) if line[1] == "Interest"] == [56_25, 2_93]


def test_a_rate_that_is_not_negotiated_is_refused() -> None:
    asked = Scenario(
        product=product(OPEN, FLAT, DAILY, QUARTERLY),
        rates=DEMAND_RATE,
        start=day("2026-01-05"),
        last=day("2026-01-31"),
        rate=1_000_000,
    )
    assert simulate(asked) == Refusal(ContractRefusal.RATE_NOT_NEGOTIABLE)


@pytest.mark.parametrize("late", [{"closing": day("2026-02-01")}, {"handed_on": (HandedOn(day("2026-01-04")),)}])
def test_what_is_asked_for_lies_within_the_days(late: dict) -> None:
    with pytest.raises(ValueError, match="outside the days"):
        simulate(
            Scenario(
                product=product(OPEN, FLAT, DAILY, QUARTERLY),
                rates=DEMAND_RATE,
                start=day("2026-01-05"),
                last=day("2026-01-31"),
                **late,
            )
        )


def test_single_transactions_of_an_everyday_account_are_charged_by_their_event_and_month() -> None:
    fees = (
        'part = "fee.free_count"\nevent = "withdrawal"\ncharge = "2.00 CNY"\nfree = 1',
        'part = "fee.percent"\nevent = "deposit"\nrate = "1%"\nleast = "0.50 CNY"',
    )
    movements = (
        Movement(day("2026-01-10"), -10_00),
        Movement(day("2026-01-11"), -10_00),
        Movement(day("2026-01-12"), 100_00),
        Movement(day("2026-01-13"), 20_00),
        Movement(day("2026-01-14"), -197_51),
        Movement(day("2026-02-01"), -10_00),
    )
    found = done(
        Scenario(
            product=product(OPEN, FLAT, DAILY, QUARTERLY, *fees),
            rates=DEMAND_RATE,
            start=day("2026-01-05"),
            last=day("2026-02-02"),
            deposit_minor=100_00,
            movements=movements,
        )
    )
    assert [(what, amount) for _, what, amount, _ in lines(found)] == [
        ("Opening of a deposit", 100_00),
        ("Withdrawal of a deposit", -10_00),
        ("Withdrawal of a deposit", -10_00),
        ("Fee", -2_00),
        ("Deposit", 100_00),
        ("Fee", -1_00),
        ("Deposit", 20_00),
        ("Fee", -50),
        # 196.50 are there; the fee of 2.00 could not be taken.
        ("Refused: not enough money available", -197_51),
        ("Withdrawal of a deposit", -10_00),
    ]
    assert found.totals.fees_minor == 3_50
