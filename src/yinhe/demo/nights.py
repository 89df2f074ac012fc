"""The nights of the sample bank: each date closed by the runner of every bank, and what the journal says came of it."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final, NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from yinhe.bootstrap import DepositUnit
from yinhe.closeday.report import NightReport
from yinhe.closeday.runner import Watch
from yinhe.demo.bank import CNY, Product
from yinhe.demo.days import Quarter
from yinhe.demo.names import GeneralLedger
from yinhe.deposits.codes import TransferCode
from yinhe.kernel.dates import date_from_days
from yinhe.kernel.ids import join
from yinhe.products.parts.base import Int64Column

MOVES_WANTED: Final = 4
"""Movements in a quarter of the account whose interest is explained: enough to see how it adds up on a screen."""

_CODES: Final = np.array([code.code for code in TransferCode], np.int16)
_KEY: Final = 100_000
"""A product's number times this, plus a transfer code: one key for both."""


class Sum(NamedTuple):
    """Postings of one code for one product in one quarter: how many, and together how much in minor units."""

    rows: int
    amount_minor: int


NOTHING: Final = Sum(0, 0)


class Settled(NamedTuple):
    """One posting of interest at a quarter's end."""

    txn_id: UUID
    account: int
    night: int
    """The business date whose close posted it."""


class Nights:
    """Closes the sample bank's dates, and reads in the journal what was posted for contracts, by day and by night."""

    def __init__(self, unit: DepositUnit, quarters: Sequence[Quarter]) -> None:
        self._unit: Final = unit
        self._quarters: Final = quarters
        self._read_seq: int = unit.ledger.committed_seq
        self._moves: Int64Column = np.zeros(0, np.int64)
        """By account index, movements since the last quarter's end."""
        self.reports: Final[list[NightReport]] = []
        self.rows: int = 0
        """Journal rows of postings for contracts."""
        self.example: Settled | None = None
        """A posting of interest worth explaining, of the last quarter's end."""
        self.settled_minor: Final[dict[int, int]] = {}
        """By quarter's end (its business date), the interest credited in yuan."""
        self._sums: Final[dict[tuple[int, int, int], Sum]] = defaultdict(lambda: NOTHING)

    def close(self, date: int, watch: Watch) -> None:
        """Close a business date (days since 1970-01-01)."""
        report = self._unit.night.close(date, watch)
        self.reports.append(report)
        self._read(report)

    def sum_of(self, quarter: int, product: int, *codes: TransferCode) -> Sum:
        """What was posted under some codes for a product (its number) in a quarter (its place)."""
        found = [self._sums.get((quarter, product, code.code), NOTHING) for code in codes]
        return Sum(sum(one.rows for one in found), sum(one.amount_minor for one in found))

    def reports_of(self, quarter: Quarter) -> tuple[NightReport, ...]:
        """The nights of a quarter."""
        return tuple(report for report in self.reports if quarter.first <= report.business_date <= quarter.last)

    # --- the journal

    def _read(self, report: NightReport) -> None:
        """Read what was committed since the last night."""
        ledger = self._unit.ledger
        end = ledger.committed_seq + 1
        rows = ledger.rows_between(self._read_seq + 1, end)
        self._read_seq = end - 1
        columns = ledger.engine.core.columns
        with ledger.engine.memory:
            product, gl_code = columns.product[: columns.count].copy(), columns.gl_code[: columns.count].copy()
            currency = columns.line["currency"][: columns.count].copy()
        self._count_moves(rows, len(product))
        ours = rows[np.isin(rows["code"], _CODES)]
        self.rows += len(ours)
        self._add(ours, product, gl_code, report.business_date)
        if is_quarter_end(report.business_date):
            paid = ours[(ours["seq"] > report.cutoff_seq) & (ours["code"] == TransferCode.INTEREST.code)]
            in_yuan = paid[currency[paid["credit"]] == CNY]
            self.settled_minor[report.business_date] = int(in_yuan["amount"].sum())
            self._choose(in_yuan, product, gl_code, report.business_date)
            self._moves[:] = 0

    def _count_moves(self, rows: NDArray[np.void], accounts: int) -> None:
        moves = np.bincount(rows["debit"], minlength=accounts) + np.bincount(rows["credit"], minlength=accounts)
        moves[: len(self._moves)] += self._moves
        self._moves = moves.astype(np.int64)

    def _add(self, rows: NDArray[np.void], product: np.ndarray, gl_code: np.ndarray, date: int) -> None:
        """Add rows to the sums of their products; what goes back to interest expense is taken off."""
        back = gl_code[rows["credit"]] == GeneralLedger.INTEREST_EXPENSE.code
        amount = np.where(back, -rows["amount"], rows["amount"])
        keys, which = np.unique(product[rows["debit"]].astype(np.int64) * _KEY + rows["code"], return_inverse=True)
        quarter = next(place for place, one in enumerate(self._quarters) if one.first <= date <= one.last)
        for place, key in enumerate(keys.tolist()):
            mine = amount[which == place]
            before = self._sums[quarter, key // _KEY, key % _KEY]
            after = Sum(before.rows + len(mine), before.amount_minor + int(mine.sum()))
            self._sums[quarter, key // _KEY, key % _KEY] = after

    def _choose(self, rows: NDArray[np.void], product: np.ndarray, gl_code: np.ndarray, date: int) -> None:
        """Choose, among rows of interest (dtype ROW), that of the demand deposit that moved nearest to MOVES_WANTED."""
        ours = product[rows["credit"]] == Product.HOUSEHOLD
        found = rows[ours & (gl_code[rows["credit"]] == GeneralLedger.DEPOSITS.code)]
        if len(found):
            row = found[np.argmin(np.abs(self._moves[found["credit"]] - MOVES_WANTED))]
            self.example = Settled(join(int(row["txn_hi"]), int(row["txn_lo"])), int(row["credit"]), date)


def is_quarter_end(date: int) -> bool:
    """Whether interest is settled on a business date: the 20th of the last month of a quarter of the year."""
    day = date_from_days(date)
    return day.day == 20 and day.month % 3 == 0
