"""What was heard late or caught up on is explained like everything else, and no customer's payment as a night's."""

from uuid import UUID

import numpy as np
from tests.postgres.closeday.conftest import NewHouse
from tests.postgres.closeday.house import House, day
from tests.postgres.closeday.test_catch_up import live
from tests.postgres.closeday.test_late import NOTICE, TAXED

from yinhe.closeday.explain import explain
from yinhe.closeday.explanation import Explanation
from yinhe.closeday.facts import Posting
from yinhe.closeday.identity import night_ids
from yinhe.closeday.past import Past
from yinhe.closeday.store import NightStore
from yinhe.deposits.answers import Done
from yinhe.deposits.codes import TransferCode
from yinhe.deposits.commands import Withdraw
from yinhe.deposits.service import Deposits
from yinhe.kernel.ids import join


def all_explained(house: House, *codes: TransferCode) -> list[Explanation]:
    """Every transaction of the journal that has a leg under one of the codes, explained."""
    rows = house.ledger.rows_between(1, house.ledger.committed_seq + 1)
    rows = rows[np.isin(rows["code"], [code.code for code in codes])]
    ids = dict.fromkeys(UUID(int=int(row["txn_hi"]) << 64 | int(row["txn_lo"])) for row in rows)
    with Past(house.connect) as past:
        return [explain(past, txn_id) for txn_id in ids]


def test_days_caught_up_on_are_explained_posting_by_posting(new_house: NewHouse) -> None:
    house = new_house(day("2025-12-18"))
    live(house, day("2026-01-03"), each_evening=False)
    code = TransferCode
    found = all_explained(house, code.INTEREST, code.INTEREST_CORRECTION, code.FEE, code.SWEEP_OUT, code.SWEEP_IN)
    said = {leg.code for one in found for leg in one.legs}
    assert {code.INTEREST.code, code.INTEREST_CORRECTION.code, code.FEE.code, code.SWEEP_OUT.code} <= said
    assert all(one.night is not None and one.derived for one in found)


def test_a_correction_with_its_tax_is_explained_in_one(house: House) -> None:
    house.rate("demand", 3_600_000)
    account = house.open(house.publish(TAXED), 10_000_00)
    house.nights_until(day("2026-01-15"))
    house.pay(account, 10_000_00, value_date=day("2026-01-11"))
    house.nights_until(day("2026-01-17"))
    (found,) = all_explained(house, TransferCode.INTEREST_CORRECTION)
    # Two days of another 10,000.00: 2.00, and a fifth of it in tax.
    assert [leg.amount_minor for leg in found.legs] == [2_00, 40]
    assert found.reasons[0].english == (
        "With what is known now the settlement of 2026-01-12 should have paid 10.00; it had paid 8.00."
    )


def test_a_correction_of_interest_kept_as_unclaimed_is_explained(house: House) -> None:
    house.rate("demand", 3_600_000)
    account = house.open(house.publish(TAXED), 10_000_00)
    house.ledger.block(account, debit=False, credit=True)
    house.nights_until(day("2026-01-15"))
    house.ledger.block(account, debit=False, credit=False)
    house.pay(account, 10_000_00, value_date=day("2026-01-11"))
    house.night()
    (found,) = all_explained(house, TransferCode.INTEREST_CORRECTION)
    # 2.00 lack of 10.00; the tax is that on all of it, for none was withheld of what is kept as unclaimed.
    assert [leg.amount_minor for leg in found.legs] == [2_00, 2_00]


def test_what_accrued_is_explained_when_the_past_was_worked_out_anew_over_a_part_drawn(house: House) -> None:
    house.rate("demand", 1_350_000)
    account = house.open(house.publish(NOTICE), 90_000_00)
    deposits = Deposits(house.bank)
    house.nights_until(day("2026-01-10"))
    part = Withdraw(id=house.ledger.ids.next(), contract=1, amount_minor=40_000_00, payee=house.cash)
    assert isinstance(deposits.do(part), Done)
    house.nights_until(day("2026-01-14"))
    house.pay(account, 7_000_00, value_date=day("2026-01-07"))
    house.nights_until(day("2026-01-16"))
    deposits.close()
    found = all_explained(house, TransferCode.INTEREST_ACCRUED)
    assert len([one for one in found if one.night is not None]) == 11
    (drawn,) = [one for one in found if one.txn_id == part.id]
    assert drawn.derived


def test_a_payment_whose_id_bears_the_mark_of_nights_is_explained_as_the_customers(house: House) -> None:
    house.rate("demand", 3_600_000)
    account = house.open(house.publish(TAXED), 10_000_00)
    house.nights_until(day("2026-01-08"))
    with house.connect() as session:
        night = NightStore(session).read(day("2026-01-07"))
    assert night is not None
    # As a caller's source of ids may draw it, a millisecond after the night.
    hi, lo = night_ids(night.id_ms + 1, day("2026-01-07"), int(Posting.SETTLEMENT), np.array([1]))
    drawn = join(int(hi[0]), int(lo[0]))
    house.pay(account, 5_00, txn_id=drawn)
    with Past(house.connect) as past:
        found = explain(past, drawn)
    assert (found.night, found.derived) == (None, False)
    assert [leg.amount_minor for leg in found.legs] == [5_00]
