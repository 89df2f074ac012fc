"""A bank by day: accounts of several products with money on them, callers with limits and reach."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from tests.conftest import UnitDatabase
from tests.postgres.closeday.house import CNY, DEMAND, TIME, House, product
from tests.postgres.ledger.conftest import START_US, ledger_at

from yinhe.access.permissions import Permission
from yinhe.access.principal import Limits, Principal, Scope
from yinhe.audit.desk import Desk
from yinhe.audit.record import ActorKind
from yinhe.deposits.columns import ContractFlag
from yinhe.kernel.clock import ManualClock
from yinhe.kernel.ids import IdSource
from yinhe.products.parts.base import Channel
from yinhe.storage.sessions import Sessions
from yinhe.transact.announce import Announcer
from yinhe.transact.answers import Reply
from yinhe.transact.caller import Caller, caller_of
from yinhe.transact.commands import Transfer
from yinhe.transact.day import Day

BASE = (
    'part = "term.open_ended"',
    'part = "interest.flat"\nrate = "0.35%"',
    'part = "accrual.accumulated_balance"',
    'part = "settlement.quarterly"',
)
BOUNDED = product(
    "bounded",
    21,
    *BASE,
    'part = "amount.withdrawal"\nleast = "1.00 CNY"\nmost = "500.00 CNY"',
    'part = "amount.deposit"\nleast = "2.00 CNY"',
    'part = "amount.balance_most"\nmost = "3,000.00 CNY"',
)
COUNTED = product(
    "counted",
    22,
    *BASE,
    'part = "fee.free_count"\nevent = "transfer"\ncharge = "2.00 CNY"\nfree = 2',
    'part = "fee.percent"\nevent = "withdrawal"\nrate = "1%"\nleast = "1.00 CNY"',
    'part = "fee.flat"\nevent = "deposit"\ncharge = "0.10 CNY"',
)
NOTICE = product(
    "notice",
    23,
    'part = "term.open_ended"',
    'part = "notice.days"\ndays = 7\nminimum_left = "100.00 CNY"\nwithout = "0.35%"',
    'part = "interest.flat"\nrate = "0.35%"',
    'part = "accrual.accumulated_balance"',
    'part = "settlement.on_closing"',
)
SWEPT = product(
    "swept",
    24,
    *BASE,
    'part = "sweep.above_floor"\nfloor = "500.00 CNY"\nstep = "100.00 CNY"',
    'part = "fee.percent"\nevent = "withdrawal"\nrate = "1%"\nleast = "1.00 CNY"',
)
MUCH = 1_000_00


class Street:
    """The bank, an account of each kind, and whoever asks."""

    def __init__(self, unit: UnitDatabase, house: House, sessions: Sessions) -> None:
        self.unit, self.house, self.ledger = unit, house, house.ledger
        self.sessions = sessions
        self.desk = Desk(sessions, house.clock)
        self.announcer = Announcer(self.desk)
        house.rate("demand", 350_000)
        house.rate("y1", 1_100_000)
        self.versions: dict[str, int] = {}
        for text in (DEMAND, TIME, BOUNDED, COUNTED, NOTICE, SWEPT):
            found = house.publish(text)
            self.versions[house.bank.catalogue.product(found).code] = found
        self.plain, self.other = (house.open(self.versions["demand"], MUCH) for _ in range(2))
        self.term = house.open(self.versions["time"], MUCH, months=12)
        self.bounded = house.open(self.versions["bounded"], MUCH)
        self.counted = house.open(self.versions["counted"], MUCH)
        self.notice = house.open(self.versions["notice"], MUCH)
        self.day = self.new_day()
        self.anyone = self.caller()

    def new_day(self, **settings: object) -> Day:
        return Day(self.house.bank, self.announcer, **settings)

    def caller(
        self,
        name: str = "teller-7",
        *,
        single: int = 2**62,
        daily: int = 2**62,
        parties: frozenset[int] | None = None,
        branches: frozenset[int] | None = None,
        permissions: frozenset[Permission] = frozenset({Permission.TRANSFER_POST, Permission.CONTRACT_READ}),
    ) -> Caller:
        return caller_of(
            Principal(
                kind=ActorKind.USER,
                number=7,
                name=name,
                permissions=permissions,
                limits=Limits(single, daily),
                scope=Scope(parties, branches),
            ),
            address="192.0.2.7",
        )

    def transfer(self, debit: int, credit: int, amount: int, **more: object) -> Transfer:
        given = {"id": self.ledger.ids.next(), "currency": CNY, **more}
        return Transfer(debit=debit, credit=credit, amount_minor=amount, **given)

    def ask(self, debit: int, credit: int, amount: int, caller: Caller | None = None, **more: object) -> Reply:
        command = self.transfer(debit, credit, amount, **more)
        return self.day.carry_out([command], [caller or self.anyone])[0]

    def balance(self, account: int) -> int:
        return self.ledger.account(account).balance_minor

    def put_to_sleep(self, account: int) -> None:
        rows = self.house.bank.book.rows
        rows["flags"][self.house.bank.book.of_account(account)] |= int(ContractFlag.DORMANT)

    def hold_by(self, account: int, party: int) -> None:
        """Have a party hold the contract of an account, as the deposits write it."""
        contract = self.house.bank.book.of_account(account) + 1
        with self.house.connect() as session:
            session.execute(
                "INSERT INTO contract_holder VALUES (%s, %s) ON CONFLICT (contract) DO UPDATE SET holder = %s",
                (contract, str(party), str(party)),
            )

    def count(self, table: str) -> int:
        with self.house.connect() as session:
            return session.execute(f"SELECT count(*) FROM {table}").fetchone()[0]

    def new_id(self) -> UUID:
        return self.ledger.ids.next()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START_US)


@pytest.fixture
def street(empty_unit: UnitDatabase, clock: ManualClock) -> Iterator[Street]:
    with ledger_at(empty_unit.url, empty_unit.unit, clock) as ledger:
        sessions = Sessions(empty_unit.url, empty_unit.schema)
        opened = Street(empty_unit, House(ledger, clock), sessions)
        yield opened
        opened.announcer.close()
        sessions.close()


__all__ = ["CNY", "Channel", "IdSource", "Street"]
