"""A night killed anywhere and run again leaves the same books, to the cent."""

import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

import pytest
from tests.postgres.closeday.conftest import NewHouse
from tests.postgres.closeday.house import DEMAND, TIERED, TIME, House, day, product

from yinhe.closeday.bank import DepositBank
from yinhe.closeday.runner import NightRunner
from yinhe.closeday.store import NightStore
from yinhe.deposits.codes import TransferCode
from yinhe.deposits.standing_orders import StandingOrder, write_order
from yinhe.ledger.ledger import Ledger

SEEDS = int(os.environ.get("YINHE_NIGHT_SEEDS", "6"))
"""How many seeds; more for a long run by hand."""
FIRST, LAST = day("2026-01-15"), day("2026-01-23")
"""The settlement of the 20th lies in the middle."""
CONTRACTS = 6
POOLED = product(
    "pooled", 14, 'part = "term.open_ended"', 'part = "interest.none"', 'part = "accrual.accumulated_balance"',
    'part = "settlement.quarterly"', 'part = "sweep.to_target"\ntarget = "0.00 CNY"', effective="2026-01-15",
)  # fmt: skip
POINTS = (
    (NightStore, "begin"),
    (NightStore, "cut_off"),
    (NightStore, "begin_step"),
    (NightStore, "end_step"),
    (NightStore, "end"),
    (Ledger, "submit_columns"),
)
"""What a night does beside deciding: it may be killed before and after each time."""


class Killed(BaseException):
    """The process is gone."""


@contextmanager
def killed_at(monkeypatch: pytest.MonkeyPatch, at: int) -> Iterator[None]:
    """Kill at the n-th of the points passed: an even number just before it, an odd one just after."""
    passed = count()

    def watched(done: Callable[..., object]) -> Callable[..., object]:
        def call(*given: object, **named: object) -> object:
            if next(passed) == at:
                raise Killed
            answer = done(*given, **named)
            if next(passed) == at:
                raise Killed
            return answer

        return call

    with monkeypatch.context() as patch:
        for owner, name in POINTS:
            patch.setattr(owner, name, watched(getattr(owner, name)))
        yield


def live(house: House, seed: int, night: Callable[[House, random.Random], None]) -> None:
    """The same days of a small bank for the same seed; `night` closes each day."""
    traffic, deaths = random.Random(seed), random.Random(-seed - 1)
    house.rate("demand", 350_000)
    house.rate("y1", 1_500_000)
    versions = [house.publish(text.replace("2026-01-05", "2026-01-15")) for text in (DEMAND, TIERED, TIME)]
    accounts = [house.open(versions[n % 2], traffic.randint(1, 9_000_00)) for n in range(CONTRACTS)]
    house.open(versions[2], 10_000_00, months=3, linked=accounts[0])
    swept = house.open(house.publish(POOLED), 800_00, linked=accounts[1])
    order = StandingOrder(
        id=house.ledger.ids.next(), from_account=swept, to_account=accounts[2], amount_minor=500_00, day_of_month=19,
        first=0,
    )  # fmt: skip
    with house.connect() as session:
        write_order(session, order)
    while house.today < LAST:
        for account in accounts:
            if traffic.random() < 0.4:
                amount = traffic.randint(1, 50_00)
                late = traffic.random() < 0.2 and house.today > FIRST + 2
                house.pay(account, amount, value_date=house.today - 2 if late else None)
        night(house, deaths)


def in_peace(house: House, _: random.Random) -> None:
    house.night()


def books(house: House) -> tuple[object, ...]:
    """What must be the same: every account's balance, every posting, every contract with what it has accrued."""
    rows = house.ledger.rows_between(1, house.ledger.committed_seq + 1)
    names = ("debit", "credit", "amount", "code", "value_date")
    postings = Counter(zip(*(rows[name].tolist() for name in names), strict=True))
    balances = house.ledger.balances_at(house.ledger.committed_seq).tolist()
    return balances, postings, house.bank.book.rows[:].tolist()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_night_killed_anywhere_and_run_again_leaves_the_same_books(
    new_house: NewHouse, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    deaths = Counter[str]()

    def in_danger(house: House, random: random.Random) -> None:
        date = house.today
        for _ in range(random.randint(0, 3)):
            if house.runner.next_date() != date:
                # Killed when the night was over.
                break
            try:
                with killed_at(monkeypatch, random.randint(0, 60)):
                    house.runner.close(date, lambda step, done, total: None)
            except Killed:
                deaths["killed"] += 1
                # Whoever comes after knows only what is in the database.
                house.bank = DepositBank(house.ledger, house.connect)
                house.runner = NightRunner(house.bank, house.clock, random.choice((1, 3, 1 << 18)))
            else:
                break
        if house.runner.next_date() == date:
            house.runner.close(date, lambda step, done, total: None)
        house.clock.advance(86_400_000_000)

    peaceful, endangered = new_house(FIRST), new_house(FIRST)
    live(peaceful, seed, in_peace)
    live(endangered, seed, in_danger)
    assert deaths["killed"] > 0
    # What the night had swept away came back for the standing order of the 19th.
    rows = peaceful.ledger.rows_between(1, peaceful.ledger.committed_seq + 1)
    assert rows["amount"][rows["code"] == TransferCode.STANDING_ORDER.code].tolist() == [500_00]
    assert rows["amount"][rows["code"] == TransferCode.SWEEP_IN.code].tolist() == [500_00]
    assert books(endangered) == books(peaceful)


def test_postings_handed_in_one_by_one_or_all_together_leave_the_same_books(new_house: NewHouse) -> None:
    one_by_one, together = new_house(FIRST, 1), new_house(FIRST, 1 << 18)
    for house in (one_by_one, together):
        live(house, 5, in_peace)
    assert books(one_by_one) == books(together)


def test_a_bank_opened_anew_stands_where_the_last_night_left_it(new_house: NewHouse) -> None:
    house = new_house(FIRST)
    live(house, 99, in_peace)
    again = DepositBank(house.ledger, house.connect)
    assert again.book.rows[:].tolist() == house.bank.book.rows[:].tolist()
