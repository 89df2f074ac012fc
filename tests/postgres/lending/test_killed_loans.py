"""A night with loans killed anywhere and run again leaves the same books, to the cent."""

import os
import random
from collections import Counter
from collections.abc import Callable
from uuid import UUID

import numpy as np
import pytest
from tests.postgres.closeday.conftest import NewHouse
from tests.postgres.closeday.test_killed import Killed, killed_at
from tests.postgres.lending.house import BY_DAY_LOAN, LEVEL_LOAN, Lender, day

from yinhe.closeday.bank import DepositBank
from yinhe.closeday.runner import NightRunner
from yinhe.kernel.ids import derived
from yinhe.lending.codes import LoanCode
from yinhe.lending.columns import LOAN, LoanFlag
from yinhe.lending.commands import Repay
from yinhe.lending.position import Act, ActKind
from yinhe.lending.service import Lending
from yinhe.lending.taking_over import Happened, Move, TakenOver

SEEDS = int(os.environ.get("YINHE_NIGHT_SEEDS", "3"))
FIRST, LAST = day("2026-03-03"), day("2026-03-09")
LOANS = 6
LATE_DAYS = 92
"""How long ago two of the loans were drawn: they leave the books on the way."""
BASE = UUID("019c0000-0000-7000-8000-000000000000")


def lend_earlier(lender: Lender, version: int, number: int, drawn: int, linked: int) -> None:
    """A loan that was drawn some time ago, of which nothing was paid since."""
    amount = 10_000_00 + 1_234_56 * number
    row = np.zeros(1, LOAN)
    row["version"], row["flags"], row["months"], row["limit"] = version, int(LoanFlag.OPEN), 12, amount
    row["agreed"], row["linked"] = drawn, linked
    happened = Happened(
        id=derived(BASE, f"drawn {number}"),
        act=Act(day=drawn, kind=ActKind.DRAW, amount=amount),
        code=LoanCode.DRAWING,
        moves=(Move(lender.house.cash, -amount),),
    )
    lender.lending.take_over(
        TakenOver(id=derived(BASE, f"loan {number}"), borrower=f"P-{number}", purpose="", row=row, happened=(happened,))
    )


def live(lender: Lender, seed: int, night: Callable[[Lender, random.Random], None]) -> None:
    """The same days of a small bank for the same seed; `night` closes each day."""
    traffic, deaths = random.Random(seed), random.Random(-seed - 1)
    house = lender.house
    versions = [house.publish(text.replace("2026-01-05", "2026-03-03")) for text in (LEVEL_LOAN, BY_DAY_LOAN)]
    accounts = [lender.account(traffic.randint(1, 600_00)) for _ in range(LOANS)]
    for number, account in enumerate(accounts):
        ago = LATE_DAYS if number < 2 else 26 + number
        lend_earlier(lender, versions[number % 2], number, FIRST - ago, account)
    while house.today < LAST:
        for number, account in enumerate(accounts):
            if traffic.random() < 0.4:
                house.pay(account, traffic.randint(1, 300_00))
            if traffic.random() < 0.2:
                at = lender.lending.standing(number + 1)
                repay = Repay(id=derived(BASE, f"{house.today} {number}"), loan=number + 1, amount_minor=5_00)
                assert at is not None
                lender.lending.do(repay)
        night(lender, deaths)


def books(lender: Lender) -> tuple[object, ...]:
    """What must be the same: balances, postings, loans and what of them is not paid."""
    ledger = lender.house.ledger
    rows = ledger.rows_between(1, ledger.committed_seq + 1)
    names = ("debit", "credit", "amount", "code", "value_date")
    postings = Counter(zip(*(rows[name].tolist() for name in names), strict=True))
    book = lender.house.bank.loans
    return ledger.balances_at(ledger.committed_seq).tolist(), postings, book.rows.tolist(), book.items.tolist()


def anew(lender: Lender, chunk_rows: int = 1 << 18) -> None:
    """Whoever comes after a kill knows only what is in the database."""
    house = lender.house
    house.bank = DepositBank(house.ledger, house.connect)
    lender.lending.close()
    lender.lending = Lending(house.bank)
    house.runner = NightRunner(house.bank, house.clock, chunk_rows)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_night_of_loans_killed_anywhere_and_run_again_leaves_the_same_books(
    new_house: NewHouse, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    deaths = Counter[str]()

    def in_danger(lender: Lender, random: random.Random) -> None:
        house, date = lender.house, lender.house.today
        for _ in range(random.randint(1, 3)):
            if house.runner.next_date() != date:
                break
            try:
                with killed_at(monkeypatch, random.randint(0, 110)):
                    house.runner.close(date, lambda step, done, total: None)
            except Killed:
                deaths["killed"] += 1
                anew(lender, random.choice((1, 3, 1 << 18)))
            else:
                break
        if house.runner.next_date() == date:
            house.runner.close(date, lambda step, done, total: None)
        house.clock.advance(86_400_000_000)

    peaceful, endangered = Lender(new_house(FIRST)), Lender(new_house(FIRST))
    live(peaceful, seed, lambda lender, _: (lender.house.night(), None)[1])
    live(endangered, seed, in_danger)
    assert deaths["killed"] > 0
    assert books(endangered) == books(peaceful)
    for lender in (peaceful, endangered):
        lender.lending.close()


def test_loans_read_anew_stand_where_the_last_night_left_them(new_house: NewHouse) -> None:
    lender = Lender(new_house(FIRST))
    live(lender, 99, lambda lender, _: (lender.house.night(), None)[1])
    before = books(lender)
    anew(lender)
    assert books(lender) == before
    lender.lending.close()
