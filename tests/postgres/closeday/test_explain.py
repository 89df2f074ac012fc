"""Any cent is explained from the journal and the products of its day, and what was tampered with is noticed."""

from fractions import Fraction
from uuid import UUID

import pytest
from tests.postgres.closeday.house import DEMAND, TIERED, TIME, House, day, product

from yinhe.closeday.errors import ExplanationDiffers, NotExplained, TransactionUnknown
from yinhe.closeday.explain import explain
from yinhe.closeday.explanation import Explanation
from yinhe.closeday.past import Past
from yinhe.deposits.answers import Done
from yinhe.deposits.codes import TransferCode
from yinhe.deposits.commands import Close, Withdraw
from yinhe.deposits.service import Deposits
from yinhe.ledger.history import Entry

CODE = TransferCode
CARRIED = product(
    "carried",
    14,
    'part = "term.open_ended"',
    'part = "interest.flat"\nrate = "1.00%"',
    'part = "accrual.accumulated_balance"\ncarry = true',
    'part = "settlement.monthly"',
)
TAXED = product(
    "taxed",
    15,
    'part = "term.open_ended"',
    'part = "interest.flat"\nrate = "1.00%"',
    'part = "accrual.accumulated_balance"',
    'part = "settlement.monthly"',
    'part = "tax.withholding"\nsteps = [{effective = 2020-01-01, rate = "20%"}]',
    'part = "fee.flat"\nevent = "month"\ncharge = "5.00 CNY"',
)
SWEPT = product(
    "swept",
    16,
    'part = "term.open_ended"',
    'part = "interest.flat"\nrate = "0.35%"',
    'part = "accrual.accumulated_balance"',
    'part = "settlement.quarterly"',
    'part = "sweep.above_floor"\nfloor = "1,000.00 CNY"\nstep = "100.00 CNY"',
)

EARLY = product(
    "early",
    17,
    'part = "term.fixed"\noffered = ["3 months"]',
    'part = "interest.flat"\nrate = "1.20%"',
    'part = "accrual.accumulated_balance"',
    'part = "settlement.at_maturity"',
    'part = "early_withdrawal.at_rate"\nrate = "board:demand"',
    'part = "renewal.none"\nafter = "board:demand"',
)


def entries(house: House, account: int, code: TransferCode) -> list[Entry]:
    """The lines of an account with a code, newest first."""
    return [entry for entry in house.ledger.history(account, limit=1_000).entries if entry.code == code.code]


def explained(house: House, txn_id: UUID) -> Explanation:
    with Past(house.connect) as past:
        return explain(past, txn_id)


def sole(house: House, account: int, code: TransferCode) -> Explanation:
    (entry,) = entries(house, account, code)
    return explained(house, entry.txn_id)


def falsify(house: House, seq: int, amount: int) -> None:
    """Change what the journal says of a row, behind the ledger's back."""
    with house.connect() as session:
        session.execute("UPDATE journal SET amount = %s WHERE seq = %s", (amount, seq))


def test_a_settlement_is_the_sum_of_its_days_and_each_says_where_its_rate_came_from(house: House) -> None:
    house.rate("demand", 350_000)
    account = house.open(house.publish(DEMAND), 10_000_00)
    house.nights_until(day("2026-02-10"))
    house.pay(account, -4_000_00)
    house.rate("demand", 500_000, day("2026-03-01"))
    house.nights_until(day("2026-03-21"))
    found = sole(house, account, CODE.INTEREST)
    derivation = found.derivation
    assert derivation is not None
    assert [(s.start, s.end, s.days, s.balance_minor, s.rates[0].rate) for s in derivation.spans] == [
        (day("2026-01-05"), day("2026-02-10"), 36, 10_000_00, 350_000),
        (day("2026-02-10"), day("2026-03-01"), 19, 6_000_00, 350_000),
        (day("2026-03-01"), day("2026-03-21"), 20, 6_000_00, 500_000),
    ]
    exact = Fraction(36 * 10_000_00 * 35 + 19 * 6_000_00 * 35 + 20 * 6_000_00 * 50, 10_000 * 360)
    assert derivation.whole + Fraction(derivation.remainder, derivation.base) == exact
    assert sum((s.whole + Fraction(s.remainder, derivation.base) for s in derivation.spans), Fraction(0)) == exact
    assert derivation.amount_minor == found.legs[0].amount_minor == int(exact + Fraction(1, 2))
    assert derivation.spans[2].rates[0].source.english == (
        "board:demand, 0.5% from 2026-03-01, written down on 2026-02-10"
    )
    assert (found.night, found.business_date) == (day("2026-03-20"), day("2026-03-21"))


def test_every_slice_shows_its_rate(house: House) -> None:
    account = house.open(house.publish(TIERED), 3_000_00)
    house.nights_until(day("2026-01-21"))
    derivation = sole(house, account, CODE.INTEREST).derivation
    assert derivation is not None
    (span,) = derivation.spans
    assert [(rate.at_least_minor, rate.rate) for rate in span.rates] == [
        (0, 350_000),
        (500_00, 1_150_000),
        (2_000_00, 1_500_000),
    ]


def test_terms_renewed_since_are_explained_one_by_one(house: House) -> None:
    house.rate("demand", 350_000)
    house.rate("y1", 1_500_000)
    account = house.open(house.publish(TIME), 10_000_00, months=3, renew=True)
    house.nights_until(day("2026-07-06"))
    second, first = entries(house, account, CODE.INTEREST)
    for entry, start, end, balance in (
        (first, "2026-01-05", "2026-04-05", 10_000_00),
        (second, "2026-04-05", "2026-07-05", 10_026_25),
    ):
        derivation = explained(house, entry.txn_id).derivation
        assert derivation is not None
        (span,) = derivation.spans
        # Three full months of 30 days each, by the transaction method.
        assert (span.start, span.end, span.days, span.balance_minor) == (day(start), day(end), 90, balance)
        assert derivation.amount_minor == entry.amount_minor


def test_what_is_carried_on_is_brought_forward(house: House) -> None:
    account = house.open(house.publish(CARRIED), 1_234_56)
    house.nights_until(day("2026-03-21"))
    third, second, first = entries(house, account, CODE.INTEREST)
    found = explained(house, second.txn_id).derivation
    assert found is not None
    exact = Fraction(16 * 1_234_56, 36_000)
    left = exact - int(exact + Fraction(1, 2))
    assert first.amount_minor == int(exact + Fraction(1, 2))
    assert found.brought_whole + Fraction(found.brought_remainder, found.base) == left
    assert explained(house, third.txn_id).derivation is not None


def test_a_backdated_deposit_is_corrected_and_both_postings_are_explained(house: House) -> None:
    house.rate("demand", 350_000)
    account = house.open(house.publish(TIERED), 3_000_00)
    house.nights_until(day("2026-02-10"))
    house.pay(account, 50_000_00, value_date=day("2026-01-11"))
    house.nights_until(day("2026-02-21"))
    correction = sole(house, account, CODE.INTEREST_CORRECTION)
    assert correction.derivation is not None
    assert [span.balance_minor for span in correction.derivation.spans] == [3_000_00, 53_000_00]
    later, first = entries(house, account, CODE.INTEREST)
    # The first settlement is explained by what was known then, the correction by what was known later.
    known_then = explained(house, first.txn_id).derivation
    assert known_then is not None
    assert [span.balance_minor for span in known_then.spans] == [3_000_00]
    assert correction.derivation.amount_minor - known_then.amount_minor == correction.legs[0].amount_minor
    assert explained(house, later.txn_id).derivation is not None


def test_a_rate_corrected_afterwards_does_not_change_what_was_right_before(house: House) -> None:
    house.rate("demand", 350_000)
    account = house.open(house.publish(DEMAND), 10_000_00)
    house.nights_until(day("2026-03-25"))
    house.rate("demand", 700_000, day("2026-01-05"), correction=True)
    house.nights_until(day("2026-03-27"))
    derivation = sole(house, account, CODE.INTEREST).derivation
    assert derivation is not None
    assert {span.rates[0].rate for span in derivation.spans} == {350_000}
    corrected = sole(house, account, CODE.INTEREST_CORRECTION)
    assert corrected.derivation is not None
    assert {span.rates[0].rate for span in corrected.derivation.spans} == {700_000}


def test_the_nights_accrual_of_a_product_is_the_sum_of_its_contracts(house: House) -> None:
    house.rate("demand", 350_000)
    version = house.publish(DEMAND)
    amounts = (100_000_00, 33_333_33, 12_345_67)
    for amount in amounts:
        house.open(version, amount)
    house.nights_until(day("2026-01-15"))
    payable = house.bank.pools.account(2231, 156, 11)
    for entry in entries(house, payable, CODE.INTEREST_ACCRUED):
        found = explained(house, entry.txn_id)
        assert sum(share.amount_minor for share in found.shares) == entry.amount_minor
    assert found.contracts > 0


def test_tax_and_fees_are_explained(house: House) -> None:
    account = house.open(house.publish(TAXED), 10_000_00)
    house.nights_until(day("2026-02-01"))
    tax = sole(house, account, CODE.INTEREST)
    assert [leg.what.english for leg in tax.legs] == ["Interest", "Tax on interest"]
    # 16 days of 10,000.00 at 1 %: 4.44; of which 20 % is 0.89.
    assert [leg.amount_minor for leg in tax.legs] == [4_44, 89]
    fee = sole(house, account, CODE.FEE)
    assert fee.reasons[0].english == "The fee for a month is 5.00 CNY."


def test_sweeps_and_maturities_are_explained(house: House) -> None:
    house.rate("demand", 350_000)
    house.rate("y1", 1_500_000)
    pool = house.open(house.publish(DEMAND))
    swept = house.open(house.publish(SWEPT), 5_678_90, linked=pool)
    timed = house.open(house.publish(TIME), 10_000_00, months=3, linked=pool)
    house.nights_until(day("2026-04-06"))
    moved = explained(house, entries(house, swept, CODE.SWEEP_OUT)[-1].txn_id)
    assert moved.legs[0].amount_minor == 4_600_00
    assert "multiples of 100.00 CNY" in moved.reasons[0].english
    assert sole(house, timed, CODE.MATURITY).legs[0].amount_minor == 10_026_25
    assert sole(house, timed, CODE.INTEREST).derivation is not None


def test_what_somebody_ordered_follows_from_nothing(house: House) -> None:
    house.rate("demand", 350_000)
    account = house.open(house.publish(DEMAND), 10_000_00)
    found = explained(house, house.ledger.history(account).entries[0].txn_id)
    assert (found.derived, found.night, found.derivation) == (False, None, None)


def test_a_falsified_balance_is_noticed(house: House) -> None:
    house.rate("demand", 350_000)
    account = house.open(house.publish(DEMAND), 10_000_00)
    house.nights_until(day("2026-02-10"))
    house.pay(account, 500_00)
    house.nights_until(day("2026-03-21"))
    (entry,) = entries(house, account, CODE.INTEREST)
    assert explained(house, entry.txn_id)
    falsify(house, house.ledger.history(account).entries[1].seq, 9_500_00)
    with pytest.raises(ExplanationDiffers, match="worked out again"):
        explained(house, entry.txn_id)


def test_a_falsified_amount_is_noticed(house: House) -> None:
    house.rate("demand", 350_000)
    account = house.open(house.publish(DEMAND), 10_000_00)
    house.nights_until(day("2026-03-21"))
    (entry,) = entries(house, account, CODE.INTEREST)
    falsify(house, entry.seq, entry.amount_minor + 1)
    with pytest.raises(ExplanationDiffers, match=r"posted 7\.30 CNY .* it is 7\.29 CNY"):
        explained(house, entry.txn_id)


def test_a_falsified_rate_is_noticed(house: House) -> None:
    house.rate("demand", 350_000)
    account = house.open(house.publish(DEMAND), 10_000_00)
    house.nights_until(day("2026-03-21"))
    with house.connect() as session:
        session.execute("UPDATE rate_entry SET rate = 360000")
    with pytest.raises(ExplanationDiffers):
        sole(house, account, CODE.INTEREST)


def test_a_falsified_product_is_noticed(house: House) -> None:
    account = house.open(house.publish(TIERED), 3_000_00)
    house.nights_until(day("2026-01-21"))
    with house.connect() as session:
        session.execute("ALTER TABLE product_version DISABLE TRIGGER product_version_keep")
        session.execute("""
            UPDATE product_version SET text = replace(text, '1.15%', '1.25%'),
                   sha256 = encode(sha256(convert_to(replace(text, '1.15%', '1.25%'), 'UTF8')), 'hex')
            """)
    with pytest.raises(ExplanationDiffers):
        sole(house, account, CODE.INTEREST)


def test_a_transaction_that_is_not_there_is_not_explained(house: House) -> None:
    with pytest.raises(TransactionUnknown):
        explained(house, UUID(int=7))


def test_a_night_that_is_not_there_is_not_explained(house: House) -> None:
    house.rate("demand", 350_000)
    account = house.open(house.publish(DEMAND), 10_000_00)
    house.nights_until(day("2026-03-21"))
    with house.connect() as session:
        session.execute("DELETE FROM night_step")
        session.execute("DELETE FROM night")
    with pytest.raises(NotExplained):
        sole(house, account, CODE.INTEREST)


def test_what_the_first_night_worked_out_from_history_is_explained(house: House) -> None:
    account = house.open(house.publish(TIERED), 400_000_00)
    house.ledger.roll_date(day("2026-01-25"))
    house.nights_until(day("2026-01-27"))
    late = sole(house, account, CODE.INTEREST_CORRECTION)
    assert late.derivation is not None
    assert (late.derivation.spans[0].start, late.derivation.spans[-1].end) == (day("2026-01-05"), day("2026-01-21"))
    payable = house.bank.pools.account(2231, 156, 12)
    for entry in entries(house, payable, CODE.INTEREST_ACCRUED):
        assert explained(house, entry.txn_id).shares[0].amount_minor == entry.amount_minor


def test_interest_paid_when_money_is_drawn_is_explained_and_so_is_what_is_left(house: House) -> None:
    house.rate("demand", 350_000)
    demand = house.open(house.publish(DEMAND), 10_000_00)
    early = house.open(house.publish(EARLY), 10_000_00, months=3)
    deposits = Deposits(house.bank)
    house.nights_until(day("2026-02-04"))
    ids = house.ledger.ids
    part = Withdraw(id=ids.next(), contract=2, amount_minor=4_000_00, payee=house.cash)
    assert isinstance(deposits.do(part), Done)
    everything = Close(id=ids.next(), contract=1, payee=house.cash)
    assert isinstance(deposits.do(everything), Done)
    house.nights_until(day("2026-04-06"))
    deposits.close()
    drawn = explained(house, part.id)
    assert (drawn.derived, drawn.derivation) == (True, None)
    # 30 days of 4,000.00 at 0.35 % over 360: 1.1666…
    interest = [leg.amount_minor for leg in drawn.legs if leg.code == CODE.INTEREST.code]
    assert interest == [1_17]
    assert drawn.reasons[0].english == (
        "Drawn early: the amount earns 0.35% a year from 2026-01-05 to before 2026-02-04."
    )
    closed = explained(house, everything.id)
    assert closed.derivation is not None
    # 30 days of 10,000.00 at 0.35 % over 360: 2.9166…
    assert closed.derivation.amount_minor == 2_92
    assert entries(house, demand, CODE.INTEREST)[0].amount_minor == 2_92
    (at_maturity, _) = entries(house, early, CODE.INTEREST)
    left = explained(house, at_maturity.txn_id).derivation
    assert left is not None
    # What lay on the 6,000.00 that stayed for 30 days is brought forward; 60 more days follow.
    assert left.brought_whole + Fraction(left.brought_remainder, left.base) == Fraction(30 * 6_000_00 * 12, 360 * 1_000)
    assert [(span.days, span.balance_minor) for span in left.spans] == [(60, 6_000_00)]
    assert at_maturity.amount_minor == 18_00
