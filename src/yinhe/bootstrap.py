"""Where everything is wired: the one reader of configuration, and what opens a unit from it."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import Final

import msgspec
import psycopg

from yinhe.closeday.bank import DepositBank
from yinhe.closeday.past import Past
from yinhe.closeday.runner import NightRunner
from yinhe.closeday.store import Night, NightStore
from yinhe.deposits.service import Deposits
from yinhe.export.books import Books
from yinhe.export.errors import ExportError
from yinhe.kernel.clock import Clock
from yinhe.ledger.engine import EngineSettings
from yinhe.ledger.errors import UnitUnknown
from yinhe.ledger.ledger import Ledger, open_unit
from yinhe.lending.service import Lending
from yinhe.storage.account import default_home
from yinhe.storage.connection import Database, open_database, unit_schema
from yinhe.storage.migrate import load_migrations, pending, read_applied
from yinhe.storage.statements import load_statements

SEGMENT_ROWS: Final = 1 << 20
"""Rows of a journal segment of the units that the command line opens."""


class Configuration(msgspec.Struct, frozen=True):
    """Which books: a home folder with the embedded server, or a PostgreSQL at an address; and the unit in them."""

    home: Path
    database_url: str | None
    unit: int = 1
    bic: str = "YINHCNB0"
    """How other banks know the bank (ISO 9362); this one is for trials, as its 0 says."""
    bank_name: str = "Yinhe"

    @property
    def place(self) -> str:
        """Where the books are, in words that never show a password."""
        return str(self.home) if self.database_url is None else "the database given by its address"


class OpenedUnit(msgspec.Struct, frozen=True):
    """A unit that is there now; `made` says whether it was not there before."""

    unit: int
    schema: str
    business_date: int
    """Days since 1970-01-01."""
    made: bool


def read_configuration(
    environment: Mapping[str, str], *, home: Path | None = None, database_url: str | None = None, unit: int = 1
) -> Configuration:
    """Read YINHE_HOME, YINHE_DATABASE_URL, YINHE_BIC and YINHE_BANK_NAME; what is given overrides them.

    A home that is given goes before an address in the environment: whoever names a folder means the folder.
    """
    url = database_url or (None if home else environment.get("YINHE_DATABASE_URL")) or None
    place = home.expanduser() if home else default_home(environment)
    named = {"bic": environment.get("YINHE_BIC"), "bank_name": environment.get("YINHE_BANK_NAME")}
    return Configuration(place, url, unit, **{name: value for name, value in named.items() if value})


def open_ledger(
    configuration: Configuration,
    *,
    business_date: int | None = None,
    clock: Clock | None = None,
    settings: EngineSettings | None = None,
) -> Ledger:
    """Start the engine of a unit, as its one writer; a unit that is not there is made, on `business_date`.

    Raises UnitTaken when another engine serves the unit, BooksCorrupt, or a fault of storage.
    """
    return Ledger.open(
        configuration.home,
        configuration.database_url,
        unit=configuration.unit,
        business_date=business_date,
        segment_rows=SEGMENT_ROWS,
        clock=clock,
        settings=settings,
    )


def open_books(configuration: Configuration) -> Books:
    """Open a unit for reading, beside whatever engine serves it.

    Raises UnitUnknown, ExportError when its tables are older than this Yinhe, SchemaTooNew, or a fault of storage.
    """
    unknown = UnitUnknown(
        f"There is no unit {configuration.unit} in {configuration.place}. "
        f"Open it: yinhe init --unit {configuration.unit}"
    )
    if configuration.database_url is None and not (configuration.home / "postgres").is_dir():
        raise unknown
    database = open_database(configuration.home, configuration.database_url)
    try:
        match schema_state(database, configuration.unit):
            case SchemaState.ABSENT:
                raise unknown
            case SchemaState.BEHIND:
                raise ExportError(
                    f"The tables of unit {configuration.unit} are older than this Yinhe. "
                    f"Bring them up to date: yinhe init --unit {configuration.unit}"
                )
            case SchemaState.CURRENT:
                return Books(database, configuration.unit)
    except BaseException:
        database.close()
        raise


class DepositUnit(msgspec.Struct, frozen=True, eq=False):
    """A unit with its deposit contracts: served by day, closed by night."""

    ledger: Ledger
    bank: DepositBank
    deposits: Deposits
    lending: Lending
    night: NightRunner


@contextmanager
def deposit_unit(ledger: Ledger, clock: Clock | None = None) -> Generator[DepositUnit]:
    """The deposit contracts of a ledger that is open; left at the end, the ledger stays open."""

    def connect() -> psycopg.Connection:
        return ledger.connect("yinhe deposits")

    bank = DepositBank(ledger, connect)
    deposits, lending = Deposits(bank), Lending(bank)
    try:
        begun = (deposits.finish_begun, lending.finish_begun)
        night = NightRunner(bank, clock or ledger.clock, finish_begun=begun)
        yield DepositUnit(ledger, bank, deposits, lending, night)
    finally:
        deposits.close()
        lending.close()


@contextmanager
def open_unit_of_deposits(configuration: Configuration) -> Generator[DepositUnit]:
    """Start the engine of a unit that is there, with its deposit contracts; both are left at the end.

    Raises UnitUnknown, UnitTaken when another engine serves the unit, BooksCorrupt, or a fault of storage.
    """
    open_books(configuration).close()
    with open_ledger(configuration) as ledger, deposit_unit(ledger) as opened:
        yield opened


def read_nights(configuration: Configuration, limit: int) -> tuple[Night, ...]:
    """The newest nights of a unit, beside whatever engine serves it. Raises as `open_books` does."""
    open_books(configuration).close()
    with open_database(configuration.home, configuration.database_url) as database:
        schema = unit_schema(configuration.unit)
        with database.connect(application_name="yinhe closeday", schema=schema) as session:
            return NightStore(session).nights(limit)


@contextmanager
def open_past(configuration: Configuration) -> Generator[Past]:
    """Read what was in a unit with deposit contracts, beside whatever engine serves it. Raises as `open_books` does."""
    open_books(configuration).close()
    with open_database(configuration.home, configuration.database_url) as database:
        schema = unit_schema(configuration.unit)

        def connect() -> psycopg.Connection:
            return database.connect(application_name="yinhe explain", schema=schema)

        with Past(connect) as past:
            yield past


@contextmanager
def open_deposits(configuration: Configuration) -> Generator[Deposits]:
    """`open_unit_of_deposits`, for those who serve customers."""
    with open_unit_of_deposits(configuration) as opened:
        yield opened.deposits


def initialise(configuration: Configuration, business_date: int, clock: Clock) -> OpenedUnit:
    """Make a unit that starts on `business_date` (days since 1970-01-01), or find it as it is if it is there.

    Either way its tables are brought up to date.
    """
    with open_database(configuration.home, configuration.database_url) as database:
        made = schema_state(database, configuration.unit) is SchemaState.ABSENT
        open_unit(database, configuration.unit, business_date, SEGMENT_ROWS, clock)
        with Books(database, configuration.unit, owns_database=False) as books:
            found = books.business_date()
    return OpenedUnit(configuration.unit, unit_schema(configuration.unit), found, made)


class SchemaState(Enum):
    """How a unit's tables stand to this version of Yinhe."""

    ABSENT = "absent"
    BEHIND = "behind"
    CURRENT = "current"


def schema_state(database: Database, unit: int) -> SchemaState:
    """Whether the database holds the unit; raises SchemaTooNew or MigrationChanged when another Yinhe made it."""
    schema = unit_schema(unit)
    with database.connect(application_name="yinhe look", schema=schema) as session:
        applied = read_applied(session, schema)
        if not applied:
            return SchemaState.ABSENT
        if pending(load_migrations(), applied):
            return SchemaState.BEHIND
        has_unit = session.execute(load_statements("books")["unit"]).fetchone() is not None
        return SchemaState.CURRENT if has_unit else SchemaState.ABSENT
