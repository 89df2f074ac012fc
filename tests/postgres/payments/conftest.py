"""Payments on a ledger on a real PostgreSQL, and a post that may be stopped at any moment."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from tests.conftest import UnitDatabase
from tests.postgres.ledger.conftest import CNY, MONDAY, START_US, ledger_at

from yinhe.audit.desk import Asked, Desk, Told
from yinhe.audit.record import ActorKind, Author
from yinhe.kernel.account_number import AccountNumber, encode
from yinhe.kernel.clock import ManualClock
from yinhe.kernel.refusals import Refusal
from yinhe.ledger.accounts import openings
from yinhe.ledger.batch import Flag, Transfer
from yinhe.ledger.columns import AMOUNT_MAX
from yinhe.ledger.invariants import check
from yinhe.ledger.ledger import Answer, Ledger
from yinhe.ledger.outcomes import Outcome
from yinhe.ledger.store import Detail
from yinhe.payments.house import BankName
from yinhe.payments.iso.fields import AccountId
from yinhe.payments.model import Pay, Payment
from yinhe.payments.posting import MoneyOrder, Result
from yinhe.payments.service import Payments
from yinhe.products.pools import Pools
from yinhe.storage.connection import Database
from yinhe.storage.sessions import Sessions
from yinhe.storage.vault import Vault

DAY_US = 86_400_000_000
TELLER = Author(kind=ActorKind.USER, name="teller-1")
BIC = "YINHCNBJ"
OTHER_BANK = "ABNANL2A"
OTHER_IBAN = AccountId(iban="NL91ABNA0417164300")
VAULT = Vault({1: bytes(32)}, bytes(32))


class Stopped(Exception):  # noqa: N818 - as a kill, not an error
    """As a kill: what was begun is not finished."""


@dataclass
class Poster:
    """Posts on the ledger itself, in place of the day's pipeline; stops before or after a call if it is told to."""

    ledger: Ledger
    stop_before: int = 0
    """The how manieth call is never made."""
    stop_after: int = 0
    """The how manieth call is made, and its answer lost."""
    calls: int = 0
    posted: list[UUID] = field(default_factory=list)

    def foresee(self, order: MoneyOrder, author: Author) -> Result:
        (outcome,) = self.ledger.preview([transfer_of(order)])
        return Result(posted=outcome is Outcome.POSTED, refusal=outcome.name.lower(), english="no", chinese="否")

    def post(self, orders: Sequence[MoneyOrder], author: Author) -> tuple[Result, ...]:
        self.calls += 1
        if self.calls == self.stop_before:
            raise Stopped
        transfers = [transfer_of(order) for order in orders]
        details = tuple(
            Detail(order.id, actor=author.actor, narrative=order.narrative) for order in orders if not order.leg
        )
        answers = self.ledger.post(transfers, details)
        if self.calls == self.stop_after:
            raise Stopped
        return tuple(_result(answer) for answer in answers)


def transfer_of(order: MoneyOrder) -> Transfer:
    return Transfer(
        txn_id=order.id,
        debit=order.debit,
        credit=order.credit,
        amount_minor=order.amount_minor,
        code=order.code,
        value_date=order.value_date,
        leg=order.leg,
        flags=Flag.LINKED if order.linked else Flag(0),
    )


def _result(answer: Answer) -> Result:
    if answer.posted:
        return Result(posted=True, seq=answer.seq)
    reason = answer.reason
    return Result(posted=False, refusal=answer.outcome.name.lower(), english=reason.english, chinese=reason.chinese)


@dataclass
class Office:
    """A bank with customers, whose payments may be stopped and begun again."""

    unit: UnitDatabase
    clock: ManualClock
    ledger: Ledger
    sessions: Sessions
    pools: Pools
    poster: Poster
    payments: Payments
    till: int
    people: range
    names: dict[int, str]

    def asked(self, action: str = "payment.pay", **changed: Any) -> Asked:
        return Asked(id=self.ledger.ids.next(), action=action, content=None, author=TELLER, **changed)

    def number(self, account: int) -> str:
        return encode(AccountNumber(1, account))

    def own(self, account: int) -> AccountId:
        return AccountId(other=self.number(account))

    def pay(self, **changed: Any) -> Pay:
        base: dict[str, Any] = {
            "debtor": self.people[0],
            "creditor": self.own(self.people[1]),
            "creditor_name": "张三",
            "amount_minor": 10_00,
            "currency": "CNY",
            "end_to_end_id": "E1",
        }
        return Pay(**(base | changed))

    def paid(self, **changed: Any) -> Payment:
        told = self.payments.pay(self.asked(), self.pay(**changed))
        assert isinstance(told, Told), told
        return told.read(Payment)

    def refused(self, **changed: Any) -> Refusal:
        refusal = self.payments.pay(self.asked(), self.pay(**changed))
        assert isinstance(refusal, Refusal), refusal
        return refusal

    def balance(self, account: int) -> int:
        return self.ledger.account(account).balance_minor

    @property
    def balances(self) -> tuple[int, ...]:
        return tuple(self.balance(account) for account in self.people)

    @property
    def clearing(self) -> int:
        return self.balance(self.payments.house.clearing(CNY))

    @property
    def suspense(self) -> int:
        return self.balance(self.payments.house.suspense(CNY))

    @property
    def transit(self) -> int:
        return self.balance(self.payments.house.transit(CNY))

    def next_day(self) -> int:
        self.clock.advance(DAY_US)
        self.ledger.roll_date(self.ledger.business_date + 1)
        return self.ledger.business_date

    def begin_again(self, **stops: int) -> None:
        """As after a kill: the service is made anew, the database stays."""
        self.poster = Poster(self.ledger, **stops)
        self.payments = payments_of(self.ledger, self.sessions, self.pools, self.clock, self.poster, self.names)

    def acts(self) -> list[tuple[str, str, str]]:
        """The log: action, object and outcome, in order."""
        with self.unit.connect() as session:
            return session.execute("SELECT action, object, outcome FROM audit_record ORDER BY number").fetchall()

    def log(self) -> str:
        """All that the log, the answers and the tables keep in the clear."""
        with self.unit.connect() as session:
            texts = [
                row[0]
                for table in ("audit_record", "request", "payment", "receipt", "clearing_message", "transaction")
                for row in session.execute(f"SELECT t::text FROM {table} t").fetchall()
            ]
        return "\n".join(texts)

    def check_books(self) -> None:
        self.ledger.settle()
        report = check(Database(self.unit.url, None), self.unit.unit, lambda done, total: None)
        assert report.sound, report
        assert self.transit == 0


def payments_of(
    ledger: Ledger, sessions: Sessions, pools: Pools, clock: ManualClock, poster: Poster, names: dict[int, str]
) -> Payments:
    desk = Desk(sessions, clock)
    return Payments(BankName(BIC, "Yinhe"), desk, ledger, pools, poster, VAULT, names.get)


OpenOffice = Callable[..., Office]


@pytest.fixture
def open_office(empty_unit: UnitDatabase) -> Iterator[OpenOffice]:
    opened: list[Office] = []

    def open_(*, purse: int = 1_000_00, people: int = 4) -> Office:
        clock = ManualClock(START_US)
        ledger = ledger_at(empty_unit.url, empty_unit.unit, clock)
        sessions = Sessions(empty_unit.url, empty_unit.schema, sessions_max=3)
        pools = Pools(ledger, empty_unit.connect)
        till = ledger.open_accounts(openings(1, currency=CNY, gl_code=1001, floor=-AMOUNT_MAX))[0]
        customers = ledger.open_accounts(openings(people, currency=CNY, gl_code=2011))
        if purse:
            ledger.transfer(debit=till, credit=customers[0], amount_minor=purse)
        names: dict[int, str] = {}
        poster = Poster(ledger)
        payments = payments_of(ledger, sessions, pools, clock, poster, names)
        office = Office(empty_unit, clock, ledger, sessions, pools, poster, payments, till, customers, names)
        opened.append(office)
        return office

    yield open_
    for office in opened:
        office.sessions.close()
        office.ledger.close()


@pytest.fixture
def office(open_office: OpenOffice) -> Office:
    return open_office()


__all__ = ["CNY", "MONDAY", "Office", "OpenOffice"]
