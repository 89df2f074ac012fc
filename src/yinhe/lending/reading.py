"""Loans read out of the database, beside whatever engine is running: one as it stands, and lists of them."""

from datetime import date
from typing import Final

import msgspec
import numpy as np
import psycopg
from psycopg.rows import dict_row

from yinhe.kernel.dates import days_from_date
from yinhe.lending import events
from yinhe.lending.accrual import Loans
from yinhe.lending.agreeing import CurrencyOf
from yinhe.lending.card import accrue
from yinhe.lending.card_store import read_card
from yinhe.lending.columns import LOAN, LoanFlag
from yinhe.lending.decide import Standing
from yinhe.lending.plans import row_of
from yinhe.lending.position import Position
from yinhe.lending.store import items_of
from yinhe.products.catalogue import Catalogue
from yinhe.products.parts.application import Purpose
from yinhe.products.product import Product
from yinhe.storage.statements import load_statements

CARDS_MAX: Final = 10_000
"""Most loans of one listing."""


class Agreement(msgspec.Struct, frozen=True):
    """Who owes a loan, what for, and what stands behind it."""

    borrower: str
    purpose: Purpose | str
    """Of a loan that came from another bank, what was said there."""
    collateral: tuple[str, ...]
    """References of the registrations."""
    guarantors: tuple[str, ...]
    """References of parties."""


class LoanCard(msgspec.Struct, frozen=True):
    """One loan of a listing; accounts are indexes of the ledger, rates 1e-8 a year, amounts minor units."""

    loan: int
    borrower: str
    version: int
    """The product version's id in the catalogue."""
    linked: int
    agreed: date
    start: date | None
    """The first drawing."""
    maturity: date | None
    limit: int
    lent: int
    principal: int
    """Owed, fallen due or not."""
    rate: int
    next_due: date | None
    overdue_since: date | None
    grade: int
    flags: int
    closed: date | None


def list_cards(
    session: psycopg.Connection,
    *,
    borrower: str | None = None,
    linked: int | None = None,
    versions: list[int] | None = None,
    overdue: bool = False,
    closed: bool = False,
    after: int = 0,
    limit: int = 50,
) -> tuple[LoanCard, ...]:
    """Loans numbered above `after`, in order: of a borrower, collected from an account, overdue, closed ones or not."""
    given = {
        "borrower": borrower,
        "linked": linked,
        "versions": versions,
        "overdue": overdue,
        "closed": closed,
        "after": after,
        "limit": limit,
    }
    rows = session.execute(load_statements("loan_reading")["loans_list"], given)
    return tuple(LoanCard(*row) for row in rows)


def read_agreement(session: psycopg.Connection, loan: int) -> Agreement | None:
    """What was agreed beside the numbers; None where there is no such loan."""
    row = session.execute(load_statements("lending")["agreement_read"], {"loan": loan}).fetchone()
    if row is None:
        return None
    borrower, purpose, collateral, guarantors = row
    known = Purpose(int(purpose)) if purpose.isdecimal() else purpose
    return Agreement(borrower, known, tuple(collateral), tuple(guarantors))


def read_position(session: psycopg.Connection, catalogue: Catalogue, loan: int, until: int | None) -> Position | None:
    """One loan with every instalment fallen due, its interest accrued to before a day (None: as it was written).

    None where there is no such loan.
    """
    row = _read_row(session, loan)
    if row is None:
        return None
    at = Position(row, items_of(session, loan), card=read_card(session, loan))
    if until is not None and row["start"][0] and row["flags"][0] & int(LoanFlag.OPEN):
        version, place = int(row["version"][0]), np.zeros(1, np.int64)
        for day in range(int(row["through"][0]), until):
            accrue(row, place, at.unpaid, at.card, catalogue.in_force(version, day), day)
    return at


def _read_row(session: psycopg.Connection, loan: int) -> Loans | None:
    with session.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(load_statements("loan_reading")["loan_read"], {"loan": loan}).fetchone()
    if found is None:
        return None
    row = np.zeros(1, LOAN)
    for name, value in found.items():
        row[name] = days_from_date(value) if isinstance(value, date) else value
    return row


def standing_of(
    session: psycopg.Connection, catalogue: Catalogue, today: int, at: Position, currency_of: CurrencyOf
) -> Standing:
    """What a decision today about a loan in a position may know."""
    loan, version = int(at.row["loan"][0]), int(at.row["version"][0])

    def product_on(day: int) -> Product:
        return catalogue.in_force(version, day)

    history = events.of_loan(session, loan)
    agreed = next((row_of(event.body["row"]) for event in history if event.kind == "agree"), at.row)
    return Standing(
        date=today,
        at=at,
        agreed=agreed,
        acts=events.acts_of(session, loan),
        product_on=product_on,
        rates=catalogue.rates,
        currency_of=currency_of,
    )
