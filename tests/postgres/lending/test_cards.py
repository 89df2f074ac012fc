"""A card through nights: its statement, what is taken for it, what lateness costs, and books that agree all along."""

from tests.postgres.lending.conftest import NewLender
from tests.postgres.lending.house import Lender, day

from yinhe.closeday.explain import explain
from yinhe.closeday.past import Past
from yinhe.kernel.ids import join
from yinhe.lending.codes import LoanCode
from yinhe.lending.columns import LoanFlag
from yinhe.lending.commands import Agree, Change, Convert, Draw, Repay
from yinhe.products.parts.application import Purpose
from yinhe.products.product_library import library_files

CARD = next(text for name, text in library_files() if name.startswith("credit_card"))
BILLING = CARD.replace("day = 5", "day = 2").replace("due_after = 20", "due_after = 3")
BILLING = BILLING.replace("grace_days = 3", "grace_days = 1").replace("2026-01-01", "2026-02-27")


def agree(lender: Lender, version: int, linked: int, *, whole: bool) -> int:
    command = Agree(
        id=lender.next_id(), version=version, borrower="P-1", amount_minor=20_000_00, months=0, purpose=Purpose.GOODS,
        linked=linked, pays_whole=whole,
    )  # fmt: skip
    return lender.do(command).loan


def buy(lender: Lender, loan: int, amount: int, shop: int, *, cash: bool = False) -> None:
    lender.do(Draw(id=lender.next_id(), loan=loan, amount_minor=amount, payee=shop, cash=cash))


def stands_as_worked_out(lender: Lender, loan: int) -> None:
    anew, stands = lender.worked_out(loan)
    for name in anew.row.dtype.names:
        if name not in ("account", "receivable", "linked", "loan"):
            assert anew.row[name][0] == stands.row[name][0], name
    assert anew.unpaid.tolist() == stands.unpaid.tolist()
    for name in anew.card.dtype.names:
        assert anew.card[name][0].tolist() == stands.card[name][0].tolist(), name


def test_a_card_read_anew_stands_the_same_whatever_was_asked_of_its_neighbour(new_lender: NewLender) -> None:
    """Two cards of one page; on the second nothing happens but days."""
    lender = new_lender(day("2026-02-27"))
    house = lender.house
    version = house.publish(BILLING)
    shop, payer, short = lender.account(), lender.account(10_000_00), lender.account()
    first, second = agree(lender, version, payer, whole=True), agree(lender, version, short, whole=False)
    buy(lender, second, 1_000_00, shop)
    while house.today < day("2026-03-10"):
        house.night()
        lender.do(Change(id=lender.next_id(), loan=first, pays_whole=house.today % 2 == 0))
        house.bank.reload()
        stands_as_worked_out(lender, second)


def test_cards_through_nights(new_lender: NewLender) -> None:
    lender = new_lender(day("2026-02-27"))
    house = lender.house
    version = house.publish(BILLING)
    shop, payer, short = lender.account(), lender.account(10_000_00), lender.account()
    whole, late = agree(lender, version, payer, whole=True), agree(lender, version, short, whole=False)
    for loan in (whole, late):
        buy(lender, loan, 1_000_00, shop)
    buy(lender, late, 2_000_00, shop, cash=True)
    assert lender.balance(shop) == 4_000_00
    assert lender.refused(Draw(id=lender.next_id(), loan=late, amount_minor=17_000_01, payee=shop)) == "over_limit"
    assert lender.refused(Repay(id=lender.next_id(), loan=late, amount_minor=3_000_01)) == "more_than_owed"
    house.nights_until(day("2026-03-03"))
    (first,) = lender.lending.statements(late)
    # Three days of 0.05 % on the cash; 100.00 of the year and 20.00 of the cash; 10 % of 3,000.00.
    assert (first.closed, first.due) == (day("2026-03-02"), day("2026-03-05"))
    assert (first.balance, first.minimum, first.interest, first.fee) == (3_123_00, 423_00, 3_00, 120_00)
    assert lender.owed(late) == 3_120_00
    assert lender.balance(int(lender.row(late)["receivable"])) == -3_00
    # The whole is taken from the one; of the other nothing is there to take.
    house.nights_until(day("2026-03-06"))
    assert lender.owed(whole) == 0
    assert lender.balance(payer) == 8_900_00
    (paid,) = lender.lending.statements(whole)
    assert (paid.balance, paid.left, paid.paid) == (1_100_00, 0, day("2026-03-05"))
    assert lender.row(whole)["whole"] == 0
    assert lender.row(late)["overdue_since"] == day("2026-03-05")
    # From 27 February: 1,000.00 for 7 days at 0.05 %, the cash for 4 since the statement, the fees for 4.
    assert (lender.row(late)["whole"], lender.row(late)["remainder"]) == (3_50 + 4_00 + 24, 0)
    house.night()
    assert lender.lending.card(late)["fees"][0] == 21_15, "5 % of 423.00"
    stands_as_worked_out(lender, late)
    assert lender.refused(Draw(id=lender.next_id(), loan=late, amount_minor=1_00, payee=shop)) == "loan_overdue"
    # A payment told late counts from its day: no charge, and no interest on the purchase.
    house.pay(short, 3_123_00)
    lender.do(Repay(id=lender.next_id(), loan=late, amount_minor=3_123_00, value_date=day("2026-03-04")))
    assert lender.lending.card(late)["fees"][0] == 0
    # 2 and 3 March on the cash.
    assert lender.row(late)["whole"] == 2_00
    buy(lender, late, 600_00, shop)
    convert = Convert(id=lender.next_id(), loan=late, amount_minor=600_01, count=3)
    assert lender.refused(convert) == "more_than_bought"
    lender.do(Convert(id=lender.next_id(), loan=late, amount_minor=600_00, count=3))
    lender.do(Change(id=lender.next_id(), loan=late, pays_whole=True))
    assert lender.is_(late, LoanFlag.PAYS_WHOLE)
    house.night()
    for loan in (whole, late):
        stands_as_worked_out(lender, loan)
    # Read again from the database it is the same.
    card, row = lender.lending.card(late).tolist(), lender.row(late).tolist()
    house.bank.reload()
    assert str(lender.lending.card(late).tolist()) == str(card)
    assert lender.row(late).tolist() == row
    explained(lender)


def explained(lender: Lender) -> None:
    """Every posting is what it is worked out to be."""
    found: set[str] = set()
    with Past(lender.house.connect) as past:
        rows = lender.house.ledger.feed(0, 100_000)
        for hi, lo in sorted({(int(row["txn_hi"]), int(row["txn_lo"])) for row in rows}):
            told = explain(past, join(hi, lo))
            found |= {leg.what.english for leg in told.legs}
            charged = [leg.amount_minor for leg in told.legs if leg.what.english == LoanCode.INTEREST_DUE.english]
            if charged and told.night is not None:
                assert told.derivation is not None
                assert told.derivation.amount_minor == sum(charged)
    wanted = {LoanCode.DRAWING, LoanCode.INTEREST_DUE, LoanCode.FEE_CHARGED, LoanCode.COLLECTION, LoanCode.ALLOWANCE}
    assert {code.english for code in wanted} <= found
