"""What a picture is read from: the party's contracts and loans, in as few round trips as it takes."""

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any, Final, NamedTuple
from uuid import UUID

import numpy as np
import psycopg

from yinhe.kernel.dates import date_from_days, month_and_day_many, month_start_many
from yinhe.ledger.batch import VALUE_DATE_MAX
from yinhe.ledger.history import SEQ_END
from yinhe.overview.worth import Sums
from yinhe.storage.statements import Statements, load_statements

CONTRACTS_MAX: Final = 500
"""Most contracts of one picture, and most loans."""
ACCOUNTS_MAX: Final = 5_000
"""Most contracts whose accounts one timeline follows, and most loans."""
OUTCOMES_DONE: Final = ("done",)
DATE_END: Final = VALUE_DATE_MAX + 1
"""A date after every other."""


@cache
def statements() -> Statements:
    """The statements of the overview; their file is read once."""
    return load_statements("overview")


class ContractRow(NamedTuple):
    """One contract as the database has it, see deposits.columns; dates in days since 1970-01-01, 0 for none."""

    contract: int
    account: int
    linked: int
    version: int
    opened: int
    start: int
    maturity: int
    months: int
    days: int
    flags: int
    closed: int
    rate: int
    spread: int
    missed: int


class LoanRow(NamedTuple):
    """One loan as the database has it, see lending.columns; dates in days since 1970-01-01, 0 for none."""

    loan: int
    account: int
    receivable: int
    linked: int
    version: int
    agreed: int
    start: int
    maturity: int
    closed: int
    flags: int
    limit: int
    lent: int
    rate: int
    overdue_since: int
    grade: int
    written_off: int


class Holdings(NamedTuple):
    """What a party holds and owes, and what its accounts are worth to the bank."""

    contracts: tuple[ContractRow, ...]
    """Those open at the end of the date asked for, at most CONTRACTS_MAX."""
    loans: tuple[LoanRow, ...]
    """Those not closed then, likewise."""
    more: int
    """How many there are besides …"""
    closed: int
    """… and how many are closed, or were not there yet."""
    night_at_work: bool
    values: tuple[Sums, ...]
    value_seq: int
    since: date
    events: "Asked"


class Asked(NamedTuple):
    """Statements sent and not read yet."""

    contracts: psycopg.Cursor[Any]
    loans: psycopg.Cursor[Any]
    records: psycopg.Cursor[Any]


class OpenHold(NamedTuple):
    """A hold as the last pass of balances left it."""

    seq: int
    debit: int
    credit: int
    remaining: int
    expires_at: int
    placed_on: int


class HeldAccount(NamedTuple):
    """An account of a party: of which contract or loan, `contract/7`, and since when."""

    account: int
    of: str
    since: UUID | None
    """The id of the transfer by which it came from another holder; None where it was the party's from the first."""


def read_holdings(
    session: psycopg.Connection, numbers: Sequence[int], day: int, business_date: int, acts: int
) -> Holdings:
    """What a party holds and owes at the end of a day, and its newest `acts`, in one round trip.

    `numbers` are the party's own, and then those of parties that were merged into it: the log has them.
    """
    sql, since = statements(), year_begins(business_date)
    given = {"holder": str(numbers[0]), "date": day, "limit": CONTRACTS_MAX, "since": since}
    with session.pipeline():
        contracts, held = (session.execute(sql[name], given) for name in ("contracts_of", "contracts_held"))
        loans, owed = (session.execute(sql[name], given) for name in ("loans_of", "loans_owed"))
        night = session.execute(sql["night_at_work"])
        values = session.execute(sql["value_read"], given)
        events = ask_events(session, numbers, FIRST, acts, Beside(contracts=True, loans=True), OUTCOMES_DONE)
    rows, loan_rows = tuple(map(ContractRow._make, contracts)), tuple(map(LoanRow._make, loans))
    counts = [row for cursor in (held, owed) for row in cursor.fetchall()]
    found = values.fetchall()
    return Holdings(
        contracts=rows,
        loans=loan_rows,
        more=sum(int(there) for _, there in counts) - len(rows) - len(loan_rows),
        closed=sum(int(every) - int(there) for every, there in counts),
        night_at_work=(night.fetchone() or (False,))[0],
        values=tuple(Sums(*map(int, row[1:])) for row in found if row[1] is not None),
        value_seq=int(found[0][0]),
        since=since,
        events=events,
    )


class Place(NamedTuple):
    """How far a timeline was told, by source: everything before these is still to be told."""

    seq: int
    contract_date: int
    contract_id: UUID
    loan_date: int
    loan_id: UUID
    record: int


FIRST: Final = Place(SEQ_END, DATE_END, UUID(int=2**128 - 1), DATE_END, UUID(int=2**128 - 1), SEQ_END)
"""Before the newest of all."""


class Beside(NamedTuple):
    """Which events are told beside the records of the log, so that a record of such an event is left out."""

    contracts: bool
    loans: bool


def ask_events(
    session: psycopg.Connection,
    numbers: Sequence[int],
    place: Place,
    limit: int,
    beside: Beside,
    outcomes: Sequence[str],
) -> Asked:
    """Ask for the newest events of contracts and loans and records of the log, each before its place."""
    sql, holder = statements(), str(numbers[0])
    by_contract = {"holder": holder, "date": place.contract_date, "id": place.contract_id, "limit": limit}
    by_loan = {"holder": holder, "date": place.loan_date, "id": place.loan_id, "limit": limit}
    by_record = {
        "holder": holder,
        "parties": list(numbers),
        "before": place.record,
        "limit": limit,
        "outcomes": list(outcomes),
    }
    told = {"beside_contracts": beside.contracts, "beside_loans": beside.loans}
    return Asked(
        session.execute(sql["events_of_contracts"], by_contract),
        session.execute(sql["events_of_loans"], by_loan),
        session.execute(sql["records_of"], by_record | told),
    )


def read_holds(session: psycopg.Connection, accounts: Sequence[int]) -> tuple[int, tuple[OpenHold, ...]]:
    """The open holds on accounts as the last pass of balances left them, and up to which seq that is complete."""
    rows = session.execute(statements()["holds_of"], {"accounts": list(accounts)}).fetchall()
    return int(rows[0][0]), tuple(OpenHold(*map(int, row[1:])) for row in rows if row[1] is not None)


def accounts_of(session: psycopg.Connection, party: int) -> tuple[HeldAccount, ...]:
    """The accounts of every contract a party holds and loan it owes, closed ones too; at most ACCOUNTS_MAX of each."""
    sql, given = statements(), {"holder": str(party), "limit": ACCOUNTS_MAX}
    with session.pipeline():
        held, owed = (session.execute(sql[name], given) for name in ("accounts_held", "accounts_owed"))
    found = [HeldAccount(int(account), f"contract/{contract}", since) for contract, account, since in held]
    for loan, *accounts in owed:
        found += [HeldAccount(int(account), f"loan/{loan}", None) for account in accounts]
    return tuple(found)


def year_begins(business_date: int) -> date:
    """The first day of the last twelve months, the month of the date (days since 1970-01-01) being the last."""
    month = month_and_day_many(np.array([business_date], np.int32))[0] - 11
    return date_from_days(int(month_start_many(month)[0]))
