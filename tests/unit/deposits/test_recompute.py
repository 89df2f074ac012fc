"""What is known late: balances by value date, accruals worked out anew, and what settlements lack."""

from fractions import Fraction

import numpy as np
import pytest
from tests.property.closeday.paper import contracts, day, made

from yinhe.deposits.codes import TransferCode
from yinhe.deposits.columns import ContractFlag
from yinhe.deposits.recompute import PastDays, past_days, recompute
from yinhe.ledger.batch import Flag
from yinhe.ledger.memory import ROW
from yinhe.products.parts.accrual import Accrual
from yinhe.products.product import Product
from yinhe.products.rates import RateBook, RateEntry

ADA, BOB, BANK = 5, 3, 9
DATED, TAX = int(Flag.VALUE_DATED), TransferCode.INTEREST_TAX.code
INTEREST, CORRECTION = TransferCode.INTEREST.code, TransferCode.INTEREST_CORRECTION.code


def journal(*entries: tuple[int, int, int, int, int], **given: object) -> tuple[np.ndarray, np.ndarray]:
    """Rows of (booked on, value date, debit, credit, amount), and the days they were booked on."""
    rows = np.zeros(len(entries), ROW)
    for at, (_, value_date, debit, credit, amount) in enumerate(entries):
        rows["value_date"][at], rows["amount"][at] = value_date, amount
        rows["debit"][at], rows["credit"][at] = debit, credit
    for name, value in given.items():
        rows[name] = value
    return rows, np.array([entry[0] for entry in entries], np.int32)


@pytest.mark.parametrize(
    ("what", "booked", "value_date", "days"),
    [
        ("on its day", 12, 12, [0, 0, 7, 7, 7]),
        ("late", 13, 11, [0, 7, 7, 7, 7]),
        ("late, for the first of the days", 13, 10, [7, 7, 7, 7, 7]),
        ("late, for a day before all of them", 13, 2, [7, 7, 7, 7, 7]),
        ("forward: the money is there from its booking on", 11, 14, [0, 7, 7, 7, 7]),
        ("forward beyond the last of the days", 11, 99, [0, 7, 7, 7, 7]),
        ("on the last day", 14, 14, [0, 0, 0, 0, 7]),
    ],
)
def test_money_counts_from_its_value_date(what: str, booked: int, value_date: int, days: list[int]) -> None:
    """Ada has 100 in the end, of which 7 came in between; the days are 10 to 14."""
    for debit, credit, sign in ((BANK, ADA, 1), (ADA, BANK, -1)):
        past = past_days(
            np.array([ADA], np.int32), np.array([100]), *journal((booked, value_date, debit, credit, 7)), 10, 15
        )
        assert (past.balances[0] - (100 - sign * 7)).tolist() == [sign * one for one in days], what
        assert not past.interest.any()


def test_each_account_has_its_own_days_whatever_their_order() -> None:
    rows = journal((11, 11, BANK, ADA, 7), (12, 12, ADA, BOB, 5), (13, 11, BOB, BANK, 1))
    past = past_days(np.array([ADA, BOB], np.int32), np.array([100, 50]), *rows, 10, 15)
    assert past.balances.tolist() == [[98, 105, 100, 100, 100], [46, 45, 50, 50, 50]]
    other = past_days(np.array([BOB, ADA], np.int32), np.array([50, 100]), *rows, 10, 15)
    assert other.balances.tolist() == past.balances[::-1].tolist()


def test_others_rows_and_no_rows_change_nothing() -> None:
    for rows in (journal(), journal((12, 11, BANK, BOB, 7))):
        past = past_days(np.array([ADA], np.int32), np.array([100]), *rows, 10, 13)
        assert past.balances.tolist() == [[100, 100, 100]]
    assert past_days(
        np.zeros(0, np.int32), np.zeros(0, np.int64), *journal((12, 11, 1, 2, 7)), 10, 13
    ).balances.shape == (0, 3)


@pytest.mark.parametrize("flag", [Flag.PENDING, Flag.VOID])
def test_a_hold_placed_or_released_moves_no_money(flag: Flag) -> None:
    rows = journal((12, 11, ADA, BANK, 7), flags=int(flag))
    past = past_days(np.array([ADA], np.int32), np.array([100]), *rows, 10, 13)
    assert past.balances.tolist() == [[100, 100, 100]]


def test_interest_is_noted_on_the_last_day_it_pays_for() -> None:
    rows, booked = journal(
        (12, 12, BANK, ADA, 40), (13, 12, BANK, ADA, 3), (14, 12, ADA, BANK, 1), (12, 12, BANK, ADA, 500)
    )
    rows["code"], rows["flags"] = [INTEREST, CORRECTION, CORRECTION, 0], DATED
    past = past_days(np.array([ADA], np.int32), np.array([1_000]), rows, booked, 10, 15)
    assert past.interest.tolist() == [[0, 42, 0, 0, 0]]


def test_interest_paid_with_a_part_drawn_is_no_settlements() -> None:
    """It has no value date of its own, and is noted apart; tax is noted where it was withheld from a settlement."""
    rows, booked = journal(
        (12, 12, BANK, ADA, 40), (12, 12, BANK, ADA, 3), (12, 12, ADA, BANK, 8), (12, 12, ADA, BANK, 1)
    )
    rows["code"], rows["flags"] = [INTEREST, INTEREST, TAX, TAX], [DATED, 0, DATED, 0]
    past = past_days(np.array([ADA], np.int32), np.array([1_000]), rows, booked, 10, 15)
    assert past.interest.tolist() == [[0, 40, 0, 0, 0]]
    assert past.tax.tolist() == [[0, 8, 0, 0, 0]]
    assert past.drawn.tolist() == [[0, 3, 0, 0, 0]]


# --- worked out anew


def the_product(*, carry: bool = False) -> Product:
    return made(
        'part = "interest.flat"\nrate = "board:demand"',
        f'part = "accrual.accumulated_balance"\ncarry = {str(carry).lower()}',
        'part = "settlement.quarterly"',
    )


BOOK = RateBook([RateEntry("demand", 0, 0, 3_600_000)])
"""3.6 %: a hundredth of a percent a day."""


def half_up(amount: Fraction) -> int:
    return (2 * amount.numerator + amount.denominator) // (2 * amount.denominator)


def worked_out(balances: list[int], start: int, interest: list[int] | None = None, book: RateBook = BOOK):
    """The contract and its corrections after days of these balances, of which interest was posted."""
    product, rows = the_product(), contracts(start=start)
    known = np.array([interest if interest is not None else [0] * len(balances)], np.int64)
    past = past_days(np.array([0], np.int32), np.array([0]), *journal(), start, start + len(balances))
    past = type(past)(start, np.array([balances], np.int64), known, np.zeros_like(known), np.zeros_like(known))
    again, corrections = recompute(rows, past, lambda day: product, book)
    assert rows["whole"][0] == 0, "the rows given are left alone"
    base = product.one(Accrual).base
    return again[0], Fraction(int(again["whole"][0])) + Fraction(int(again["remainder"][0]), base), corrections


def test_without_a_settlement_between_only_the_accrual_changes() -> None:
    start = day("2026-03-01")
    row, accrued, corrections = worked_out([1_000_00] * 4 + [3_000_00] * 6, start)
    assert (accrued, corrections) == (Fraction(4 * 10 + 6 * 30), ())
    assert (row["through"], row["settled"]) == (start + 10, start)


def test_the_last_day_is_left_to_the_nights_own_settlement() -> None:
    start, last = day("2026-03-17"), day("2026-03-20")
    row, accrued, corrections = worked_out([1_000_00] * (last - start + 1), start)
    assert (accrued, corrections, row["settled"]) == (Fraction(4 * 10), (), start)


@pytest.mark.parametrize("known", [40, 0, 39, 41, 100])
def test_a_settlement_that_paid_otherwise_lacks_exactly_the_difference(known: int) -> None:
    """17 to 20 March of 1,000.00 earn 0.40; whatever was paid, paid and correction are 0.40."""
    start, settled = day("2026-03-17"), 3
    interest = [0] * 8
    interest[settled] = known
    # What was paid is on the account from the 21st on.
    balances = [1_000_00] * 4 + [1_000_00 + known] * 4
    row, accrued, corrections = worked_out(balances, start, interest)
    assert [(one.place, one.day, one.amount_minor) for one in corrections] == (
        [(0, start + settled, 40 - known)] if known != 40 else []
    )
    # From the 21st on interest and its correction earn interest: 1,000.40 in all.
    assert accrued == Fraction(4 * 1_000_40, 10_000)
    assert row["settled"] == start + settled + 1


def test_a_late_deposit_before_a_settlement_gives_its_interest_and_the_interest_on_that() -> None:
    """Two quarters: what the first settlement lacks is there for the second."""
    start, first, second = day("2026-01-05"), day("2026-03-20"), day("2026-06-20")
    days = second - start + 2
    balances = [50_000_000_00] * days
    interest = [0] * days
    _, _, corrections = worked_out(balances, start, interest)
    in_first = half_up(Fraction(50_000_000_00 * (first - start + 1), 10_000))
    in_second = half_up(Fraction((50_000_000_00 + in_first) * (second - first), 10_000))
    assert [(one.day, one.amount_minor) for one in corrections] == [(first, in_first), (second, in_second)]
    without = half_up(Fraction(50_000_000_00 * (second - first), 10_000))
    assert in_second > without, "the interest of the first quarter earned in the second"


def test_a_rate_corrected_late_is_a_correction_of_the_settlement_in_between() -> None:
    start = day("2026-03-17")
    late = RateBook([RateEntry("demand", 0, 0, 3_600_000), RateEntry("demand", start + 2, start + 7, 7_200_000)])
    _, accrued, corrections = worked_out([1_000_00] * 4 + [1_000_40] * 4, start, [0, 0, 0, 40, 0, 0, 0, 0], late)
    assert [one.amount_minor for one in corrections] == [10 + 10 + 20 + 20 - 40]
    assert accrued == Fraction(4 * 2 * 1_000_60, 10_000)


def test_some_contracts_lack_and_others_do_not() -> None:
    start = day("2026-03-17")
    product, rows = the_product(), contracts(3, start=start)
    balances = np.array([[1_000_00] * 8, [0] * 8, [2_000_00] * 8], np.int64)
    interest = np.zeros((3, 8), np.int64)
    interest[0, 3] = 40
    again, corrections = recompute(
        rows,
        PastDays(start, balances, interest, np.zeros_like(interest), np.zeros_like(interest)),
        lambda day: product,
        BOOK,
    )
    assert [(one.place, one.amount_minor) for one in corrections] == [(2, 80)]
    assert again["account"].tolist() == rows["account"].tolist()


def test_what_is_carried_on_is_carried_on_when_worked_out_anew() -> None:
    """Eight tenths of a fen, settled and rounded up: the next period begins two tenths behind."""
    start = day("2026-03-17")
    past = past_days(np.array([0], np.int32), np.array([20_00]), *journal(), start, start + 5)
    product = the_product(carry=True)
    again, _ = recompute(contracts(start=start), past, lambda day: product, BOOK)
    base = product.one(Accrual).base
    exact = Fraction(int(again["whole"][0])) + Fraction(int(again["remainder"][0]), base)
    assert exact == Fraction(4 * 20_00, 10_000) - 1 + Fraction(20_01, 10_000)


def test_interest_drawn_monthly_lacks_nothing_when_its_instalments_were_paid() -> None:
    """Its settlements pay equal parts of the term's interest, not what has accrued by day."""
    product = made(
        'part = "term.fixed"\noffered = ["12 months"]',
        'part = "interest.by_term"\nrates = [{term = "12 months", rate = "1.2%"}]',
        'part = "accrual.transaction"',
        'part = "instalment.interest_monthly"',
    )
    start = day("2026-01-31")
    rows = contracts(start=start, months=12, maturity=day("2027-01-31"), principal=9_999_00, rate=1_200_000)
    days = day("2026-03-15") - start
    past = past_days(np.array([0], np.int32), np.array([9_999_00]), *journal(), start, start + days)
    # 1.2 % of 9,999.00 are 119.99: eleven parts of 9.99, one of 10.10; a month accrues 9.999.
    past.interest[0, day("2026-02-27") - start] = 9_99
    again, corrections = recompute(rows, past, lambda day: product, RateBook([]))
    assert [(one.day, one.amount_minor) for one in corrections] == []
    assert again["settled"].tolist() == [day("2026-02-28")]


def test_a_contract_that_has_matured_earned_as_agreed_until_it_did() -> None:
    """Worked out anew from its first day: ten days at 3.6 %, and from maturity on 0.36 %."""
    product = made(
        'part = "term.fixed"\noffered = ["10 days"]',
        'part = "interest.flat"\nrate = "3.6%"',
        'part = "accrual.accumulated_balance"',
        'part = "settlement.at_maturity"',
        'part = "renewal.none"\nafter = "0.36%"',
    )
    start = day("2026-01-05")
    rows = contracts(start=start, days=10, maturity=start + 10)
    rows["flags"] |= int(ContractFlag.MATURED)
    past = past_days(np.array([0], np.int32), np.array([1_000_00]), *journal(), start, start + 14)
    again, corrections = recompute(rows, past, lambda day: product, RateBook([]))
    assert [(one.day, one.amount_minor) for one in corrections] == [(start + 9, 10 * 10)]
    base = product.one(Accrual).base
    exact = Fraction(int(again["whole"][0])) + Fraction(int(again["remainder"][0]), base)
    assert exact == Fraction(4 * 1_001_00, 100_000)
    assert int(again["flags"][0]) & ContractFlag.MATURED
