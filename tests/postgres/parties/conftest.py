"""A bank with a desk and parties, on a business date of its own."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import msgspec
import psycopg
import pytest
from tests.conftest import UnitDatabase

from yinhe.audit.desk import Asked, Desk, Told
from yinhe.audit.record import ActorKind, Author
from yinhe.kernel.clock import ManualClock
from yinhe.kernel.ids import IdSource
from yinhe.kernel.refusals import ReasonEnum, Refusal
from yinhe.parties.commands import Changed, Open
from yinhe.parties.model import Name, PartyKind
from yinhe.parties.service import Parties
from yinhe.storage.connection import unit_schema
from yinhe.storage.migrate import load_migrations, migrate
from yinhe.storage.sessions import Sessions
from yinhe.storage.vault import Vault

TODAY = dt.date(2026, 3, 2)
TABLES = ("party", "party_item", "party_field", "party_relation", "party_merge", "party_merge_moved")
AUTHOR = Author(kind=ActorKind.USER, name="teller-1")
NOON_US = 1_772_452_800_000_000


@dataclass
class Bank:
    """Parties, and the shortest way to ask them something."""

    database: UnitDatabase
    sessions: Sessions
    desk: Desk
    vault: Vault
    parties: Parties
    ids: IdSource
    with_contracts: set[int] = field(default_factory=set)

    def asked(self, id: UUID | None = None, *, dry_run: bool = False) -> Asked:
        return Asked(id=id or self.ids.next(), action="", content=None, author=AUTHOR, dry_run=dry_run)

    def do(self, command: msgspec.Struct, id: UUID | None = None) -> Changed:
        told = self.ask(command, id)
        assert isinstance(told, Told), told
        return told.read(Changed)

    def refused(self, command: msgspec.Struct) -> ReasonEnum:
        """The reason a command is refused for; nothing of the parties has changed."""
        before = self.tables()
        refusal = self.ask(command)
        assert isinstance(refusal, Refusal), refusal
        assert self.tables() == before
        return refusal.because

    def ask(self, command: msgspec.Struct, id: UUID | None = None, *, dry_run: bool = False) -> Told | Refusal:
        words = {"Open": "open", "Add": "add", "End": "end", "Prefer": "prefer", "Verify": "verify", "Move": "move"}
        words |= {"SetBorn": "set_born", "SetTier": "set_tier", "RateRisk": "rate_risk", "Relate": "relate"}
        words |= {"EndRelation": "end_relation", "Merge": "merge", "UndoMerge": "undo_merge"}
        verb: Callable[[Asked, msgspec.Struct], Told | Refusal] = getattr(self.parties, words[type(command).__name__])
        return verb(self.asked(id, dry_run=dry_run), command)

    def person(self, name: str, *items: msgspec.Struct, **given: object) -> int:
        return self.do(Open(kind=PartyKind.PERSON, items=(Name(text=name), *items), **given)).party

    def organisation(self, name: str, *items: msgspec.Struct, **given: object) -> int:
        return self.do(Open(kind=PartyKind.ORGANISATION, items=(Name(text=name), *items), **given)).party

    def tables(self) -> dict[str, list[tuple[object, ...]]]:
        with self.database.connect() as session:
            return {
                name: session.execute(
                    psycopg.sql.SQL("SELECT * FROM {} ORDER BY 1, 2, 3").format(psycopg.sql.Identifier(name))
                ).fetchall()
                for name in (*TABLES, "loan_agreement")
            } | {"contract_holder": session.execute("SELECT * FROM contract_holder ORDER BY contract").fetchall()}

    def sql(self, statement: str, *given: object) -> list[tuple[object, ...]]:
        with self.database.connect() as session:
            cursor = session.execute(statement, given)
            return cursor.fetchall() if cursor.description else []


@pytest.fixture(scope="session")
def parties_unit(database_url: str, units: Iterator[int]) -> Iterator[UnitDatabase]:
    """A unit that the tests of parties use one after the other: migrating one for each would take most of the time."""
    unit = next(units)
    fresh = UnitDatabase(database_url, unit, unit_schema(unit))
    with fresh.connect() as session:
        migrate(session, fresh.schema, load_migrations())
    yield fresh
    with fresh.connect() as session:
        session.execute(psycopg.sql.SQL("DROP SCHEMA {} CASCADE").format(psycopg.sql.Identifier(fresh.schema)))


def empty(session: psycopg.Connection) -> None:
    """Leave the unit as a migration leaves it."""
    for table in (*TABLES[::-1], "contract_holder", "loan_agreement", "request", "unit"):
        session.execute(psycopg.sql.SQL("DELETE FROM {}").format(psycopg.sql.Identifier(table)))
    session.execute("ALTER TABLE audit_record DISABLE TRIGGER USER")
    session.execute("DELETE FROM audit_record")
    session.execute("ALTER TABLE audit_record ENABLE TRIGGER USER")
    session.execute("UPDATE audit_head SET number = 0, hash = decode(repeat('00', 32), 'hex')")
    session.execute("ALTER SEQUENCE party_number RESTART")


@pytest.fixture
def bank(parties_unit: UnitDatabase, tmp_path: Path) -> Iterator[Bank]:
    database = parties_unit
    with database.connect() as session, session.transaction():
        empty(session)
        session.execute("INSERT INTO unit VALUES (%s, %s, 1000, now())", (database.unit, TODAY))
    clock = ManualClock(NOON_US)
    sessions = Sessions(database.url, database.schema)
    vault = Vault.open(tmp_path, {})
    desk = Desk(sessions, clock)
    with_contracts: set[int] = set()
    parties = Parties(desk, vault, lambda _, party: party in with_contracts)
    yield Bank(database, sessions, desk, vault, parties, IdSource(clock, seed=1), with_contracts)
    sessions.close()
