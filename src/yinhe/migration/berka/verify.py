"""Checks a posted book: whether the ledger's balance after every row of the source is what the source says.

The balances are read back from the journal; nothing the posting remembers is trusted.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from yinhe.ledger.ledger import Ledger
from yinhe.ledger.memory import ROW
from yinhe.ledger.trial_balance import out_of_balance
from yinhe.migration.berka.chart import LedgerAccount
from yinhe.migration.berka.ordering import ROUNDING_MAX_MINOR
from yinhe.migration.berka.plan import MigrationPlan, PostingRows
from yinhe.migration.berka.post import BookAccounts, Watch
from yinhe.migration.berka.records import Book

FEED_ROWS: Final = 100_000
"""Journal rows read back at a time."""


class Verdict(IntEnum):
    """How the ledger's balance after a source row stands to the source's own."""

    EXACT = 0
    """Equal after the transaction itself; or a row of no amount, which leaves nothing to post."""
    ROUNDED = 1
    """Off by the source's rounding, which a row of its own books right after it; then equal."""
    UNEXPLAINED = 2
    """Missing from the journal, booked otherwise, or off by anything else."""


@dataclass(frozen=True, slots=True, eq=False)
class Verification:
    """The verdict on each row of the source, in the order of trans.asc, and on the books as a whole.

    `verdict` int8, a `Verdict` each; `is_posted` bool; `balance_minor` int64: the customer's balance in the ledger
    after the transaction and before its rounding, 0 where not posted. `trial_balance` is what the books are off by, in
    minor units, summed over all currencies: 0 when they balance. `accounts` are the customers' accounts in the ledger.
    """

    verdict: NDArray[np.int8]
    is_posted: NDArray[np.bool_]
    balance_minor: NDArray[np.int64]
    trial_balance: int
    accounts: int

    def count(self, verdict: Verdict) -> int:
        """How many rows got this verdict."""
        return int((self.verdict == verdict).sum())


class _Posted(msgspec.Struct, frozen=True, eq=False):
    """For each row of the plan: is it in the journal as planned (bool), and the customer's balance after it (int64)."""

    as_planned: NDArray[np.bool_]
    balance_minor: NDArray[np.int64]


def verify_book(ledger: Ledger, book: Book, plan: MigrationPlan, accounts: BookAccounts, watch: Watch) -> Verification:
    """Read the journal back and judge every row of the source."""
    rows = plan.rows
    posted = _read_back(ledger, rows, accounts, watch)
    source = book.transactions
    by_id = np.argsort(source.trans_id)
    place = by_id[np.searchsorted(source.trans_id, rows.trans_id, sorter=by_id)]
    # A transaction's row comes before its rounding's: writing backwards leaves its own, and forwards the last of both.
    own, final = np.zeros(len(by_id), np.int64), np.zeros(len(by_id), np.int64)
    own[place[::-1]], final[place] = posted.balance_minor[::-1], posted.balance_minor
    legs, sound = np.zeros(len(by_id), np.int64), np.ones(len(by_id), np.bool_)
    np.add.at(legs, place, 1)
    np.logical_and.at(sound, place, posted.as_planned)
    has_rounding = np.zeros(len(by_id), np.bool_)
    has_rounding[place[rows.leg > 0]] = True
    off = source.balance_minor - own
    agrees = sound & (final == source.balance_minor)
    rounded = agrees & has_rounding & (np.abs(off) <= ROUNDING_MAX_MINOR)
    exact = (agrees & ~has_rounding) | (legs == 0)
    verdict = np.where(exact, Verdict.EXACT, np.where(rounded, Verdict.ROUNDED, Verdict.UNEXPLAINED)).astype(np.int8)
    lines = ledger.trial_balance()
    return Verification(
        verdict=verdict,
        is_posted=(legs > 0) & sound,
        balance_minor=own,
        trial_balance=sum(map(abs, out_of_balance(lines).values())),
        accounts=sum(line.accounts for line in lines if line.gl_code == LedgerAccount.CUSTOMER_DEPOSITS.number),
    )


def _read_back(ledger: Ledger, rows: PostingRows, accounts: BookAccounts, watch: Watch) -> _Posted:
    total = len(rows.trans_id)
    as_planned, balance = np.zeros(total, np.bool_), np.zeros(total, np.int64)
    by_id = np.argsort(rows.id_lo)
    customer, contra = accounts.customers(rows.account_id), accounts.general_ledger(rows.contra)
    seq = 0
    while len(journal := ledger.feed(seq, FEED_ROWS)):
        seq = int(journal["seq"][-1])
        place = by_id[np.minimum(np.searchsorted(rows.id_lo, journal["txn_lo"], sorter=by_id), total - 1)]
        is_ours = (rows.id_lo[place] == journal["txn_lo"]) & (rows.id_hi[place] == journal["txn_hi"])
        place, journal = place[is_ours], journal[is_ours]
        as_planned[place] = _is_as_planned(rows, place, customer[place], contra[place], journal)
        balance[place] = np.where(rows.is_credit[place], journal["credit_balance"], journal["debit_balance"])
        watch("Checking", int(as_planned.sum()), total)
    return _Posted(as_planned, balance)


def _is_as_planned(
    rows: PostingRows,
    place: NDArray[np.int64],
    customer: NDArray[np.int64],
    contra: NDArray[np.int64],
    journal: NDArray[np.void],
) -> NDArray[np.bool_]:
    """Whether journal rows (dtype ROW, shape (n,)) say what the plan's rows at `place` say."""
    assert journal.dtype == ROW
    is_credit = rows.is_credit[place]
    return (
        (journal["debit"] == np.where(is_credit, contra, customer))
        & (journal["credit"] == np.where(is_credit, customer, contra))
        & (journal["amount"] == rows.amount_minor[place])
        & (journal["value_date"] == rows.business_date[place])
        & (journal["code"] == rows.transfer_code[place])
    )
