"""Contracts as a person reads them, out of the database, beside whatever engine is running."""

from datetime import date

import msgspec
import psycopg

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
