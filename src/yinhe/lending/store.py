"""Loans and their instalments in PostgreSQL: whole tables out by binary COPY, changes in by binary COPY.

Nothing here commits: call it inside a transaction of the session.
"""

from typing import Final

import numpy as np
import psycopg

from yinhe.lending.accrual import Items, Loans
from yinhe.lending.book import LoanBook
from yinhe.lending.card_store import load_cards, write_cards
from yinhe.lending.columns import ITEM, LOAN
from yinhe.lending.errors import LoansCorrupt
from yinhe.products.parts.base import Int64Column
from yinhe.storage.binary import Column, ColumnType, Layout, copy_in, copy_out
from yinhe.storage.statements import load_statements

_DATES: Final = frozenset(
    ("through", "since", "next_due", "agreed", "start", "maturity", "next_reset", "overdue_since", "arranged", "closed")
) | {"due", "paid"}


def _type(dtype: np.dtype[np.void], name: str) -> ColumnType:
    if name in _DATES:
        return ColumnType.DATE
    return ColumnType.INT8 if dtype[name].itemsize == 8 else ColumnType.INT4


PAGE: Final = 16
"""Loans of one row of the table."""
_STATE: Final = tuple(name for name in LOAN.names or () if name != "loan")
LOAN_PAGE: Final = np.dtype([("page", np.int32), *((name, LOAN[name], (PAGE,)) for name in _STATE)])
"""The loans of one page, a field an array; a place agreed on day 0 is of no loan."""
_PAGE: Final = Layout((Column("page", ColumnType.INT4), *(Column(name, _type(LOAN, name), PAGE) for name in _STATE)))
_ITEM: Final = Layout(tuple(Column(name, _type(ITEM, name)) for name in ITEM.names or ()))


def load_loans(session: psycopg.Connection) -> LoanBook:
    """Every loan as it was last written. Raises LoansCorrupt when the numbers have a gap."""
    sql = load_statements("lending")
    pages = np.sort(_PAGE.decode(copy_out(session, sql["pages_load"]), LOAN_PAGE), order="page")
    rows = np.zeros(len(pages) * PAGE, LOAN)
    rows["loan"] = (pages["page"].astype(np.int64)[:, None] * PAGE + np.arange(PAGE)).ravel()
    for name in _STATE:
        rows[name] = pages[name].ravel()
    rows = rows[rows["agreed"] != 0]
    if len(rows) and not np.array_equal(rows["loan"], np.arange(1, len(rows) + 1)):
        raise LoansCorrupt(f"There are {len(rows)} loans, but they are not numbered 1 to {len(rows)}.")
    return LoanBook(rows, _ITEM.decode(copy_out(session, sql["items_load"]), ITEM), load_cards(session))


def write_loans(session: psycopg.Connection, book: LoanBook, rows: Loans) -> None:
    """Write loans as they are now, new or changed, dtype LOAN; each at most once in a call.

    `book` has those they share a page with. These are written as they have accrued since, and what cards among them
    have beside with them; of the loans themselves that is `write_cards`' to do.
    """
    if not len(rows):
        return
    numbers, place = np.unique(rows["loan"] // PAGE, return_inverse=True)
    members = (numbers[:, None] * PAGE + np.arange(PAGE)).ravel()
    known = (members > 0) & (members <= len(book))
    block = np.zeros(len(members), LOAN)
    block[known] = book.rows[members[known] - 1]
    block[place * PAGE + rows["loan"] % PAGE] = rows
    pages = np.zeros(len(numbers), LOAN_PAGE)
    pages["page"] = numbers
    for name in _STATE:
        pages[name] = block[name].reshape(-1, PAGE)
    _merge(session, "page", _PAGE.encode(pages), len(pages))
    write_cards(session, book.cards_of(np.setdiff1d(members[known], rows["loan"])))


def write_items(session: psycopg.Connection, items: Items) -> None:
    """Write instalments as they are now, new or changed, dtype ITEM; each at most once in a call."""
    _merge(session, "item", _ITEM.encode(items), len(items))


_COLLECTED: Final = np.dtype([("loan", np.int64), ("day", np.int32), ("amount", np.int64)])
_COLLECTION: Final = Layout(
    (Column("loan", ColumnType.INT8), Column("day", ColumnType.DATE), Column("amount", ColumnType.INT8))
)


def write_collected(session: psycopg.Connection, loans: Int64Column, day: int, amounts: Int64Column) -> None:
    """Note what a night took for loans (numbers, int64[n]), minor units, int64[n]; each loan once a day."""
    rows = np.zeros(len(loans), _COLLECTED)
    rows["loan"], rows["day"], rows["amount"] = loans, day, amounts
    copy_in(session, load_statements("lending")["collections_write"], _COLLECTION.encode(rows))


def items_of(session: psycopg.Connection, loan: int) -> Items:
    """Every instalment of a loan that has fallen due, paid ones too, dtype ITEM, by number."""
    rows = session.execute(load_statements("lending")["items_of"], {"loan": loan}).fetchall()
    return np.array([tuple(row) for row in rows], ITEM)


def _merge(session: psycopg.Connection, what: str, encoded: bytearray, count: int) -> None:
    if not count:
        return
    sql = load_statements("lending")
    session.execute(sql[f"{what}_stage_create"])
    copy_in(session, sql[f"{what}_stage_copy"], encoded)
    session.execute(sql[f"{what}_stage_merge"])
    # The same transaction may write again.
    session.execute(sql[f"{what}_stage_empty"])
