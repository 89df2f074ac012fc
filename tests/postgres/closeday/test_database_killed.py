"""PostgreSQL is killed in the middle of nights, by seed; taken up again, they leave the books of one never killed."""

import contextlib
import os
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from tests.acceptance.test_kill_postgres import crash_one_backend, kill_outright, kill_postmaster
from tests.postgres.closeday.conftest import NewHouse, start_us
from tests.postgres.closeday.house import DAY_US, House
from tests.postgres.closeday.test_killed import FIRST, LAST, POINTS, books, in_peace, live
from tests.postgres.ledger.conftest import wait_until

from yinhe.closeday.bank import DepositBank
from yinhe.closeday.runner import NightRunner
from yinhe.kernel.clock import ManualClock
from yinhe.ledger.engine import EngineSettings
from yinhe.ledger.errors import LedgerFault, RetrySameId
from yinhe.ledger.invariants import check
from yinhe.ledger.ledger import Ledger
from yinhe.storage.errors import StorageError

SEEDS = int(os.environ.get("YINHE_DATABASE_KILL_SEEDS", "1"))
"""How many seeds; more for a long run by hand."""
DEATHS = (kill_outright, kill_postmaster, crash_one_backend)
"""How the database dies in one life, in an order of chance."""
POINTS_OF_A_NIGHT = 20
ATTEMPTS_MAX = 1_000
LOST = (RetrySameId, LedgerFault, StorageError, psycopg.Error)
"""What a night that has lost its database may end with."""


class PatientHouse(House):
    """Its customers come again with the same id where they are told to."""

    def pay(self, account: int, amount: int, value_date: int | None = None, txn_id: UUID | None = None) -> None:
        txn_id = txn_id or self.ledger.ids.next()
        for _ in range(ATTEMPTS_MAX):
            with contextlib.suppress(RetrySameId):
                return super().pay(account, amount, value_date, txn_id)
        raise AssertionError("the ledger never answered again")


@pytest.fixture
def own_house() -> Iterator[House]:
    """A bank on a server of its own, that the ledger starts again when it has gone."""
    home = Path(tempfile.mkdtemp(prefix="yinhe-kill-"))
    home.chmod(0o711)
    clock = ManualClock(start_us(FIRST))
    settings = EngineSettings(pass_seconds=0.05)
    with Ledger.open(home, business_date=FIRST, segment_rows=100, clock=clock, settings=settings) as ledger:
        yield PatientHouse(ledger, clock, chunk_rows=2)
    shutil.rmtree(home)


@contextlib.contextmanager
def dies_at(monkeypatch: pytest.MonkeyPatch, at: int, die: Callable[[], None]) -> Iterator[None]:
    """Let the database die at the n-th of the points a night passes; the night finds out by itself."""
    passed = count()

    def watched(done: Callable[..., object]) -> Callable[..., object]:
        def call(*given: object, **named: object) -> object:
            if next(passed) == at:
                die()
            return done(*given, **named)

        return call

    with monkeypatch.context() as patch:
        for owner, name in POINTS:
            patch.setattr(owner, name, watched(getattr(owner, name)))
        yield


def served_again(house: House) -> None:
    """Wait until the database answers again, and know only what it has kept."""

    def opened() -> bool:
        try:
            house.bank = DepositBank(house.ledger, house.connect)
        except LOST:
            return False
        return True

    wait_until(opened)
    house.runner = NightRunner(house.bank, house.clock, chunk_rows=3)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(SEEDS))
def test_nights_whose_database_was_killed_leave_the_books_of_a_bank_left_in_peace(
    own_house: House, new_house: NewHouse, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    server = own_house.ledger.database.server
    assert server is not None
    chance = random.Random(seed)
    nights = chance.sample(range(LAST - FIRST), len(DEATHS))
    found_out = 0

    def in_danger(house: House, _: random.Random) -> None:
        nonlocal found_out
        date = house.today
        at = chance.randrange(POINTS_OF_A_NIGHT) if date - FIRST in nights else -1
        death = DEATHS[nights.index(date - FIRST)] if at >= 0 else None
        while house.runner.next_date() == date:
            try:
                with dies_at(monkeypatch, at, lambda: death and death(server)):
                    house.runner.close(date, lambda step, done, total: None)
            except LOST:
                found_out += 1
            at = -1
            served_again(house)
        house.clock.advance(DAY_US)

    peaceful = new_house(FIRST)
    live(peaceful, seed, in_peace)
    live(own_house, seed, in_danger)
    assert found_out > 0
    assert books(own_house) == books(peaceful)
    report = check(own_house.ledger.database, 1, lambda done, total: None)
    assert report.sound, report
