"""A bank with its first administrator, for tests of identity and access: one for a module; its clock only moves on."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from psycopg import sql
from tests.conftest import UnitDatabase

from yinhe.access.principal import Principal, Scope
from yinhe.audit.desk import Asked, Desk, Told
from yinhe.audit.record import BANK, Author
from yinhe.identity.passwords import Passwords
from yinhe.identity.service import Identity, make_identity
from yinhe.identity.sessions import LogIn, Opened
from yinhe.identity.users import ChangePassword, MakeUser
from yinhe.kernel.clock import ManualClock
from yinhe.kernel.ids import IdSource
from yinhe.kernel.refusals import ReasonEnum, Refusal
from yinhe.storage.connection import unit_schema
from yinhe.storage.migrate import load_migrations, migrate
from yinhe.storage.sessions import Sessions
from yinhe.storage.vault import Vault

START_US = 1_800_000_000_000_000
SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
PASSWORD = "ferry lantern 41 moss"
ADDRESS = "192.0.2.7"


class House:
    """Two processes of one bank: `identity`, and `other`, as the command line beside the service."""

    def __init__(self, database: UnitDatabase, sessions: Sessions) -> None:
        self.database = database
        self.sessions = sessions
        self.clock = ManualClock(START_US)
        self.ids = IdSource(self.clock, None)
        self.vault = Vault({1: bytes(range(32))}, bytes(32))
        self.desk = Desk(sessions, self.clock)
        self.identity = self.process()
        self.first_secret = self.identity.first_start()
        self.other = self.process()

    def process(self) -> Identity:
        return make_identity(self.desk, self.vault, self.ids, passwords=Passwords(memory_kib=64, passes=1))

    def asked(self, action: str, author: Author | Principal = BANK, **fields: Any) -> Asked:
        who = author.author(ADDRESS) if isinstance(author, Principal) else author
        return Asked(id=self.ids.next(), action=action, content=fields.pop("content", None), author=who, **fields)

    def user(self, name: str, *roles: str, scope: Scope | None = None) -> Opened:
        """Make a user that logged in and changed its one-time secret; the session stands."""
        made = self.identity.users.make(
            self.asked("user.make"), MakeUser(name=name, roles=roles, scope=scope or Scope())
        )
        assert not isinstance(made, Refusal), made
        assert made.secret is not None
        opened = self.log_in(name, made.secret)
        first = self.principal(opened)
        told = self.identity.users.change_password(
            self.asked("user.change_password", first), first, ChangePassword(current=made.secret, new=PASSWORD)
        )
        assert isinstance(told, Told), told
        return opened

    def log_in(self, name: str, password: str = PASSWORD, code: str = "") -> Opened:
        opened = self.identity.sessions.open(LogIn(name=name, password=password, code=code), address=ADDRESS)
        assert isinstance(opened, Opened), opened
        return opened

    def principal(self, opened: Opened) -> Principal:
        found = self.identity.gate.authenticate(opened.access_token)
        assert isinstance(found, Principal), found
        return found

    def records(self, action: str) -> list[dict[str, Any]]:
        """What the log has of an action, the oldest first."""
        with self.database.connect() as session:
            rows = session.execute(
                "SELECT content FROM audit_record WHERE action = %s ORDER BY number", (action,)
            ).fetchall()
        return [msgspec.json.decode(row[0]) for row in rows]

    def everything_written(self) -> str:
        """All text of the log and of the answers to requests."""
        with self.database.connect() as session:
            rows = session.execute(
                "SELECT content FROM audit_record UNION ALL SELECT action || answer || object FROM request"
            ).fetchall()
        return "\n".join(row[0] for row in rows)


@contextmanager
def open_house(database_url: str, unit: int) -> Iterator[House]:
    database = UnitDatabase(database_url, unit, unit_schema(unit))
    with database.connect() as connection:
        migrate(connection, database.schema, load_migrations())
    sessions = Sessions(database.url, database.schema)
    try:
        yield House(database, sessions)
    finally:
        sessions.close()
        with database.connect() as connection:
            connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(database.schema)))


def because(answer: object) -> ReasonEnum:
    """Why something was refused."""
    assert isinstance(answer, Refusal), answer
    return answer.because
