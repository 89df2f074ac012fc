"""Journal rows as events: what was posted, held and released, in the order of the journal."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import numpy as np
import psycopg
from numpy.typing import NDArray

from yinhe.access.principal import Scope
from yinhe.feed.event import Event, Wanted
from yinhe.feed.owners import Accounts, Owners
from yinhe.feed.words import date_text, money_text, time_text
from yinhe.kernel.account_number import AccountNumber, encode
from yinhe.kernel.currency import currency_by_number
from yinhe.kernel.ids import join, split
from yinhe.ledger.batch import Flag
from yinhe.ledger.ledger import Ledger
from yinhe.storage.statements import load_statements

POSTING: Final = "posting.v1"
PLACED: Final = "hold.placed.v1"
RELEASED: Final = "hold.released.v1"
EXPIRED: Final = "hold.expired.v1"
AREAS: Final = ("posting", "hold")
"""The areas of all events of the journal."""

_BY_FLAGS: Final = ((Flag.PENDING, PLACED), (Flag.EXPIRE, EXPIRED), (Flag.VOID, RELEASED))


def type_of(flags: int) -> str:
    """The type of the event of a journal row."""
    return next((kind for flag, kind in _BY_FLAGS if flags & flag), POSTING)


def matching(
    rows: NDArray[np.void], owners: Owners, wanted: Wanted, reach: Scope, accounts: Accounts | None
) -> NDArray[np.intp]:
    """The places of the journal rows (dtype ROW) a reader wants and may have.

    `accounts`: only what touches one of these.
    """
    keep = np.ones(len(rows), np.bool_)
    if accounts is not None:
        keep &= np.isin(rows["debit"], accounts) | np.isin(rows["credit"], accounts)
    if reach.branches is not None:
        branches = reach.branches
        keep &= owners.in_branches(rows["debit"], branches) | owners.in_branches(rows["credit"], branches)
    if wanted.object is not None and wanted.object.startswith("transaction/"):
        hi, lo = _halves(wanted.object)
        keep &= (rows["txn_hi"] == hi) & (rows["txn_lo"] == lo)
    if wanted.types:
        flags, kind = np.unique(rows["flags"], return_inverse=True)
        keep &= np.array([wanted.takes(type_of(one)) for one in flags.tolist()], np.bool_)[kind]
    return np.flatnonzero(keep)


def _halves(what: str) -> tuple[np.uint64, np.uint64]:
    """The halves of the id in `transaction/…`; zeros, which no transaction has, where it is none."""
    try:
        hi, lo = split(UUID(what.partition("/")[2]))
    except ValueError:
        hi, lo = 0, 0
    return np.uint64(hi), np.uint64(lo)


def posting_events(
    session: psycopg.Connection, ledger: Ledger, owners: Owners, rows: NDArray[np.void], reach: Scope
) -> list[tuple[int, Event]]:
    """Each row (dtype ROW) as an event, with when it was booked, in microseconds since 1970-01-01."""
    if not len(rows):
        return []
    booked = _booked(session, rows["seq"])
    touched = {*rows["debit"].tolist(), *rows["credit"].tolist()}
    objects = owners.objects_of(touched)
    parties = owners.parties_of(session, objects.values())
    own = _own(session, owners, touched, reach)
    events: list[tuple[int, Event]] = []
    for row, (at, date) in zip(rows, booked, strict=True):
        sides = int(row["debit"]), int(row["credit"])
        concerned = {party for side in sides for party in parties.get(objects.get(side, ""), ())}
        if reach.parties is not None:
            concerned &= reach.parties
        event = Event(
            id=f"posting-{int(row['seq'])}",
            type=type_of(int(row["flags"])),
            at=time_text(at),
            business_date=date_text(date),
            object=f"transaction/{join(int(row['txn_hi']), int(row['txn_lo']))}",
            parties=tuple(sorted(concerned)),
            data=_data(ledger, row, objects, own),
        )
        events.append((at, event))
    return events


def _own(session: psycopg.Connection, owners: Owners, touched: set[int], reach: Scope) -> set[int]:
    """The accounts among those touched whose owner and balance the reader may know."""
    if reach.parties is not None:
        touched = touched & owners.accounts_held(session, reach.parties)
    if reach.branches is not None:
        accounts = sorted(touched)
        branches = owners.branches_of(accounts)
        touched = {at for at, branch in zip(accounts, branches, strict=True) if branch in reach.branches}
    return touched


def _data(ledger: Ledger, row: np.void, objects: Mapping[int, str], own: set[int]) -> dict[str, Any]:
    columns, unit = ledger.engine.core.columns, ledger.engine.core.unit
    its = currency_by_number(int(columns.line["currency"][row["debit"]]))
    flags = int(row["flags"])
    data: dict[str, Any] = {
        "seq": int(row["seq"]),
        "transaction": str(join(int(row["txn_hi"]), int(row["txn_lo"]))),
        "leg": int(row["leg"]),
        "amount": money_text(int(row["amount"]), its),
        "currency": its.code,
        "code": int(row["code"]),
        "value_date": date_text(int(row["value_date"])),
    }
    for side in ("debit", "credit"):
        account = int(row[side])
        told: dict[str, Any] = {"account": encode(AccountNumber(unit, account))}
        if account in own:
            told["balance"] = money_text(int(row[f"{side}_balance"]), its)
            if account in objects:
                told["object"] = objects[account]
        data[side] = told
    if flags & (Flag.POST | Flag.VOID):
        data["hold"] = int(row["reference"])
    if flags & Flag.REVERSAL:
        data["reverses"] = int(row["reference"])
    return data


def _booked(session: psycopg.Connection, seqs: NDArray[np.int64]) -> Sequence[tuple[int, int]]:
    """When each seq was booked (microseconds), and on which business date (days)."""
    given = {"first": int(seqs[0]), "limit": int(seqs[-1]) - int(seqs[0]) + 1}
    commits = session.execute(load_statements("feed")["commits_from"], given).fetchall()
    ends = np.array([row[0] for row in commits], np.int64)
    places: list[int] = np.searchsorted(ends, seqs).tolist()
    return [(int(commits[at][1]), int(commits[at][2])) for at in places]
