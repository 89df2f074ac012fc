"""Whether contracts were dormant on a business date gone by, worked out from the journal."""

import numpy as np
from numpy.typing import NDArray

from yinhe.closeday.facts import NIGHT_CODES
from yinhe.closeday.past import Past
from yinhe.deposits.columns import ContractFlag
from yinhe.products.parts.dormancy import Dormancy

_DORMANT = int(ContractFlag.DORMANT)


def put_to_sleep(past: Past, rows: NDArray[np.void], date: int) -> None:
    """Set `active` and DORMANT of contracts (dtype CONTRACT), in place, as the close of `date` found them."""
    for place in range(len(rows)):
        row = rows[place : place + 1]
        row["active"], is_dormant = _stood(past, row, date)
        row["flags"] = row["flags"] & ~_DORMANT | (_DORMANT if is_dormant else 0)


def _stood(past: Past, row: NDArray[np.void], date: int) -> tuple[int, bool]:
    """The last date before `date` on which its customer moved a contract, and whether a night since found it idle."""
    account, opened = int(row["account"][0]), int(row["opened"][0])
    journal = past.journal(row["account"].copy(), opened, date)
    by_night = np.isin(journal.rows["code"], NIGHT_CODES)
    active = int(journal.booked[~by_night].max(initial=opened))
    # What the night of a day posted was booked on the next, and stood when that night looked for who is idle.
    days = journal.booked - by_night
    held = np.where(journal.rows["credit"] == account, journal.rows["credit_balance"], journal.rows["debit_balance"])
    catalogue, version = past.known_on(date), int(row["version"][0])
    for day in range(active, date):
        part = catalogue.in_force(version, day).one(Dormancy)
        seen = held[days <= day]
        balance = np.array([seen[-1] if len(seen) else 0], np.int64)
        if part is not None and part.is_dormant(day, np.array([active], np.int32), balance)[0]:
            return active, True
    return active, False
