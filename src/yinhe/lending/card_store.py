"""Cards and their statements in PostgreSQL, beside the loans they are.

Nothing here commits: call it inside a transaction of the session.
"""

from typing import Final

import msgspec
import numpy as np
import psycopg

from yinhe.lending.card import Cards, no_cards
from yinhe.lending.columns import CARD
from yinhe.storage.binary import Column, ColumnType, Layout, copy_in, copy_out
from yinhe.storage.statements import load_statements

STATEMENTS_MAX: Final = 1_200
"""Most statements of one card that are read: a century of months."""
_DATES: Final = frozenset(("closed", "due", "paid"))
_OF_STATEMENT: Final = ("loan", "number", "closed", "due", "balance", "minimum", "interest", "fee", "left", "paid")


def _column(name: str) -> Column:
    kind = ColumnType.INT8 if CARD[name].base.itemsize == 8 else ColumnType.INT4
    return Column(name, ColumnType.DATE if name in _DATES else kind, CARD[name].shape[0] if CARD[name].shape else 0)


_CARD: Final = Layout(tuple(_column(name) for name in CARD.names or ()))
_STATEMENT: Final = Layout(tuple(_column(name) for name in _OF_STATEMENT))


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """One statement of a card; amounts in minor units, dates in days since 1970-01-01."""

    loan: int
    number: int
    closed: int
    """The billing day; what was posted before it stands on the statement."""
    due: int
    balance: int
    minimum: int
    """What of it is to be paid by the due day, with what was not paid of earlier minimums."""
    interest: int
    """Charged with it …"""
    fee: int
    left: int
    """What is not paid of it, or was not when the next took its place."""
    paid: int
    """The day on which nothing of it was left; 0 before."""


def last_statement(card: Cards) -> Statement | None:
    """The last statement of a card as it stands, dtype CARD; None before the first, and where it is none."""
    if not len(card) or not card["closed"][0]:
        return None
    return Statement(**{name: int(card[name][0]) for name in _OF_STATEMENT})


def load_cards(session: psycopg.Connection) -> Cards:
    """What every card has beside its loan, dtype CARD, by loan."""
    encoded = copy_out(session, load_statements("card")["cards_load"])
    return np.sort(_CARD.decode(encoded, CARD), order="loan")


def read_card(session: psycopg.Connection, loan: int) -> Cards:
    """What a loan has beside as a card, dtype CARD: shape (1,), or (0,) where it is none."""
    row = session.execute(load_statements("card")["card_read"], {"loan": loan}).fetchone()
    return no_cards() if row is None else np.array([row], CARD)


def write_cards(session: psycopg.Connection, cards: Cards) -> None:
    """Write cards as they are now, dtype CARD, and with each its last statement.

    Of a card there may be earlier states, from which its earlier statements are written.
    """
    if not len(cards):
        return
    cards = np.sort(cards, order=["loan", "number"])
    last = np.append(cards["loan"][1:] != cards["loan"][:-1], True)
    _merge(session, "card", _CARD.encode(cards[last]))
    closed = cards[cards["number"] > 0]
    if len(closed):
        _merge(session, "statement", _STATEMENT.encode(closed))


def statements_of(session: psycopg.Connection, loan: int, limit: int = STATEMENTS_MAX) -> tuple[Statement, ...]:
    """The statements of a card, the newest first."""
    rows = session.execute(load_statements("card")["statements_of"], {"loan": loan, "limit": limit})
    return tuple(Statement(**dict(zip(_OF_STATEMENT, row, strict=True))) for row in rows)


def _merge(session: psycopg.Connection, what: str, encoded: bytearray) -> None:
    sql = load_statements("card")
    session.execute(sql[f"{what}_stage_create"])
    copy_in(session, sql[f"{what}_stage_copy"], encoded)
    session.execute(sql[f"{what}_stage_merge"])
    # The same transaction may write again.
    session.execute(sql[f"{what}_stage_empty"])
