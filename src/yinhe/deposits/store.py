"""Contracts and their accruals in PostgreSQL: whole tables out by binary COPY, changes in by binary COPY.

Nothing here commits: call it inside a transaction of the session.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import psycopg
from numpy.typing import NDArray

from yinhe.deposits.book import Book
from yinhe.deposits.columns import CONTRACT
from yinhe.deposits.errors import ContractsCorrupt
from yinhe.storage.binary import Column, ColumnType, Layout, copy_in, copy_out
from yinhe.storage.statements import load_statements

PAGE: Final = 64
"""Contracts of one page of accruals."""

_INT8, _INT4, _DATE = ColumnType.INT8, ColumnType.INT4, ColumnType.DATE
_CONTRACT: Final = Layout(
    (
        Column("contract", _INT8),
        Column("account", _INT4),
        Column("linked", _INT4),
        Column("version", _INT4),
        Column("opened", _DATE),
        Column("start", _DATE),
        Column("maturity", _DATE),
        Column("months", _INT4),
        Column("days", _INT4),
        Column("day_of_month", _INT4),
        Column("branch", _INT4),
        Column("region", _INT4),
        Column("tier", _INT4),
        Column("flags", _INT4),
        Column("closed", _DATE),
        Column("rate", _INT8),
        Column("spread", _INT8),
        Column("principal", _INT8),
        Column("kept", _INT8),
        Column("missed", _INT4),
    )
)
_ACCRUAL: Final = Layout(
    (
        Column("page", _INT4),
        Column("through", _DATE, PAGE),
        Column("settled", _DATE, PAGE),
        Column("active", _DATE, PAGE),
        Column("whole", _INT8, PAGE),
        Column("remainder", _INT8, PAGE),
    )
)
_PAGE_NUMBER: Final = Layout((Column("page", _INT4),))
ACCRUAL_PAGE: Final = np.dtype(
    [
        ("page", np.int32),
        ("through", np.int32, (PAGE,)),
        ("settled", np.int32, (PAGE,)),
        ("active", np.int32, (PAGE,)),
        ("whole", np.int64, (PAGE,)),
        ("remainder", np.int64, (PAGE,)),
    ]
)
"""What has accrued to the contracts of one page; see `CONTRACT`. A place settled on day 0 has accrued nothing yet."""

_ACCRUED: Final = ("through", "settled", "active", "whole", "remainder")


def load_book(session: psycopg.Connection) -> Book:
    """Every contract with what it has accrued. Raises ContractsCorrupt when the numbers have a gap."""
    sql = load_statements("deposits")
    loaded = _CONTRACT.decode(copy_out(session, sql["contracts_load"]), CONTRACT)
    rows = np.zeros(len(loaded), CONTRACT)
    numbers = loaded["contract"]
    if len(rows) and (int(numbers.min()) < 1 or int(numbers.max()) > len(rows)):
        raise ContractsCorrupt(f"There are {len(rows)} contracts, but they are not numbered 1 to {len(rows)}.")
    rows[numbers - 1] = loaded
    rows["through"] = rows["start"]
    rows["settled"] = rows["start"]
    rows["active"] = rows["opened"]
    pages = _ACCRUAL.decode(copy_out(session, sql["accruals_load"]), ACCRUAL_PAGE)
    contracts = (pages["page"].astype(np.int64)[:, None] * PAGE + np.arange(PAGE)).ravel()
    moved = pages["settled"].ravel() != 0
    if (contracts[moved] > len(rows)).any():
        raise ContractsCorrupt("Interest has accrued to a contract that is not there.")
    for name in _ACCRUED:
        rows[name][contracts[moved] - 1] = pages[name].ravel()[moved]
    return Book(rows)


def write_contracts(session: psycopg.Connection, rows: NDArray[np.void], holders: Sequence[str] | None) -> None:
    """Insert new contracts, dtype CONTRACT, each with its holder if they are known.

    Their accruals begin at `start` with nothing.
    """
    sql = load_statements("deposits")
    copy_in(session, sql["contracts_copy"], _CONTRACT.encode(rows))
    if holders is None:
        return
    with session.cursor() as cursor, cursor.copy(sql["holders_copy"]) as copy:
        copy.set_types(["int8", "text"])
        for row in zip(rows["contract"].tolist(), holders, strict=True):
            copy.write_row(row)


def update_contracts(session: psycopg.Connection, rows: NDArray[np.void]) -> None:
    """Write what is agreed in contracts that are there, dtype CONTRACT; accruals are written by `write_accruals`."""
    if not len(rows):
        return
    sql = load_statements("deposits")
    session.execute(sql["contract_stage_create"])
    copy_in(session, sql["contract_stage_copy"], _CONTRACT.encode(rows))
    changed = session.execute(sql["contract_stage_merge"]).rowcount
    # The same transaction may change contracts again.
    session.execute(sql["contract_stage_empty"])
    if changed != len(rows):
        raise ContractsCorrupt(f"Of {len(rows)} contracts to change only {changed} are in the database.")


def write_accruals(session: psycopg.Connection, rows: NDArray[np.void]) -> None:
    """Write what has accrued to contracts, dtype CONTRACT, each at most once; their neighbours stay as they are."""
    if not len(rows):
        return
    sql = load_statements("deposits")
    numbers, first, members = np.unique(rows["contract"] // PAGE, return_inverse=True, return_counts=True)
    pages = np.zeros(len(numbers), ACCRUAL_PAGE)
    pages["page"] = numbers
    partly = pages["page"][members < PAGE]
    if len(partly):
        known = _pages_there(session, partly)
        pages[np.searchsorted(numbers, known["page"])] = known
    places = rows["contract"] % PAGE
    for name in _ACCRUED:
        pages[name][first, places] = rows[name]
    session.execute(sql["accrual_stage_create"])
    copy_in(session, sql["accrual_stage_copy"], _ACCRUAL.encode(pages))
    session.execute(sql["accrual_stage_merge"])
    # The same transaction may write accruals again.
    session.execute(sql["accrual_stage_empty"])


def _pages_there(session: psycopg.Connection, numbers: NDArray[np.int32]) -> NDArray[np.void]:
    """The pages of the given numbers that the database has, dtype ACCRUAL_PAGE."""
    sql = load_statements("deposits")
    wanted = np.zeros(len(numbers), [("page", np.int32)])
    wanted["page"] = numbers
    session.execute(sql["accrual_wanted_create"])
    session.execute(sql["accrual_wanted_empty"])
    copy_in(session, sql["accrual_wanted_copy"], _PAGE_NUMBER.encode(wanted))
    return _ACCRUAL.decode(copy_out(session, sql["accrual_wanted_read"]), ACCRUAL_PAGE)
