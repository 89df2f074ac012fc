"""Contracts as a person reads them, out of the database, beside whatever engine is running."""

from datetime import date
from uuid import UUID

import msgspec
import psycopg

from yinhe.kernel.dates import date_from_days
from yinhe.storage.statements import load_statements

CARDS_MAX = 10_000
"""Most contracts of one listing."""


class ContractCard(msgspec.Struct, frozen=True):
    """One contract; accounts are indexes of the ledger, rates 1e-8 a year, `principal` minor units."""

    contract: int
    account: int
    linked: int | None
    version: int
    """The product version's id in the catalogue."""
    holder: str | None
    opened: date
    start: date
    maturity: date | None
    months: int | None
    days: int | None
    open: bool
    renews: bool
    matured: bool
    closed: date | None
    rate: int | None
    """Kept or negotiated; None where the contract follows its product."""
    spread: int
    principal: int
    broken: bool
    """Instalments were missed and not made good."""
    kept: int
    """Minor units that earn the agreed rate then."""
    missed: int


class NoticeCard(msgspec.Struct, frozen=True):
    """One notice of withdrawal; `state` is given, drawn or cancelled."""

    id: UUID
    given_on: date
    due_on: date
    amount_minor: int
    state: str


def notices_of(session: psycopg.Connection, contract: int) -> tuple[NoticeCard, ...]:
    """The notices of a contract, the first due first."""
    rows = session.execute(load_statements("deposits")["notices_of"], {"contract": contract})
    return tuple(
        NoticeCard(id_, date_from_days(given), date_from_days(due), amount, state)
        for id_, _, given, due, amount, state in rows
    )


def read_card(session: psycopg.Connection, contract: int) -> ContractCard | None:
    """One contract, None where there is no such."""
    row = session.execute(load_statements("deposits")["deposit_read"], {"contract": contract}).fetchone()
    return None if row is None else ContractCard(*row)


def list_cards(
    session: psycopg.Connection,
    *,
    holder: str | None = None,
    versions: list[int] | None = None,
    closed: bool = False,
    after: int = 0,
    limit: int = 50,
) -> tuple[ContractCard, ...]:
    """Contracts numbered above `after`, in order: those of a holder, of some product versions, closed ones or not."""
    given = {"holder": holder, "versions": versions, "closed": closed, "after": after, "limit": limit}
    rows = session.execute(load_statements("deposits")["deposits_list"], given)
    return tuple(ContractCard(*row) for row in rows)
