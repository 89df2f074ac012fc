"""Turns the whole book into rows ready to post in order: pure data that knows nothing of the engine.

Every transaction becomes one row between the customer's account and a general-ledger account. Where the source
rounded, a second row right after it books the difference openly against the account for source rounding differences,
so that after each pair the ledger's balance is the source's balance, to the haléř.
"""

from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from yinhe.kernel.dates import date_from_days
from yinhe.kernel.decimals import format_scaled
from yinhe.migration.berka.chart import LedgerAccount, PostingRule, TransferReason, posting_rules
from yinhe.migration.berka.codes import DispositionType, TransactionType
from yinhe.migration.berka.identity import transfer_ids
from yinhe.migration.berka.ordering import Chaining, ChainOrder, chain_order
from yinhe.migration.berka.records import Book, Transactions
from yinhe.migration.berka.sheets import FIRST_ROW_LINE
from yinhe.migration.findings import FindingLog, RefusedBook

ROUNDING_LEG: Final = 1
"""The leg of a rounding row; its transaction is leg 0."""


@dataclass(frozen=True, slots=True, eq=False)
class PostingRows:
    """Rows ready to post, as columns of one length n, by date, account and order within the day.

    `id_hi` and `id_lo` uint64: the transfer's UUIDv7. `account_id` int64: the customer's account. `contra`
    int32: the six-digit number of a `LedgerAccount`. `is_credit` bool: the customer is credited and the contra
    account debited; otherwise the reverse. `amount_minor` int64, above zero. `transfer_code` int16: the code of a
    `TransferReason`. `business_date` int32: days since 1970-01-01. `trans_id` int64 and `leg` uint8: the
    source's row, and whether this is the transaction (0) or its rounding (1). `balance_minor` int64: what the
    customer's account must show after this row.
    """

    id_hi: NDArray[np.uint64]
    id_lo: NDArray[np.uint64]
    account_id: NDArray[np.int64]
    contra: NDArray[np.int32]
    is_credit: NDArray[np.bool_]
    amount_minor: NDArray[np.int64]
    transfer_code: NDArray[np.int16]
    business_date: NDArray[np.int32]
    trans_id: NDArray[np.int64]
    leg: NDArray[np.uint8]
    balance_minor: NDArray[np.int64]


class AccountHolders(msgspec.Struct, frozen=True):
    """Who may use one account: its owner, and the clients the owner authorised, by client id."""

    account_id: int
    owner_client_id: int
    disponent_client_ids: tuple[int, ...]


class ReasonTotal(msgspec.Struct, frozen=True):
    """How many rows were booked for one reason, and what they moved."""

    reason: TransferReason
    rows: int
    credited_minor: int
    debited_minor: int


class MigrationReport(msgspec.Struct, frozen=True):
    """What the plan holds: source rows by how their balance follows, accounts, and sums by transfer code.

    `without_amount` counts source rows of amount zero, which leave nothing to post.
    """

    rows: int
    exact: int
    rounded_up: int
    rounded_down: int
    unexplained: int
    without_amount: int
    accounts: int
    accounts_with_transactions: int
    disponents: int
    totals: tuple[ReasonTotal, ...]

    @property
    def rounded(self) -> int:
        """Return how many source rows differ by the source's rounding, either way."""
        return self.rounded_up + self.rounded_down


@dataclass(frozen=True, slots=True, eq=False)
class MigrationPlan:
    """The rows to post, every account with its holders, and the report."""

    rows: PostingRows
    holders: tuple[AccountHolders, ...]
    report: MigrationReport


def plan_migration(book: Book) -> MigrationPlan | RefusedBook:
    """Plan the posting of a whole book; refused are kinds the chart lacks, unexplained balances, days before 1970."""
    findings = FindingLog()
    transactions = book.transactions
    rules = _rules(transactions, findings)
    is_credit = np.array([word is TransactionType.CREDIT for word in transactions.type], np.bool_)
    chain = chain_order(
        transactions.account_id,
        transactions.business_date,
        transactions.trans_id,
        np.where(is_credit, transactions.amount_minor, -transactions.amount_minor),
        transactions.balance_minor,
    )
    _note_unexplained(transactions, chain, findings)
    _note_before_ids(transactions, findings)
    if findings.total:
        return findings.refused()
    rows = _posting_rows(transactions, rules, is_credit, chain)
    return MigrationPlan(rows, _holders(book), _report(book, chain, rows))


def _rules(transactions: Transactions, findings: FindingLog) -> list[PostingRule]:
    """Return the chart's rule for each transaction; a kind the chart lacks is a finding."""
    chart = posting_rules()
    rules: list[PostingRule] = []
    kinds = zip(transactions.type, transactions.operation, transactions.purpose, strict=True)
    for line, kind in enumerate(kinds, start=FIRST_ROW_LINE):
        if kind in chart:
            rules.append(chart[kind])
        else:
            found = ", ".join(f'"{word.source}"' for word in kind)
            findings.add("trans.asc", line, "type, operation, k_symbol", found, "a combination the chart maps")
    return rules


def _note_unexplained(transactions: Transactions, chain: ChainOrder, findings: FindingLog) -> None:
    for row in np.flatnonzero(chain.chaining == Chaining.UNEXPLAINED).tolist():
        balance = int(transactions.balance_minor[row])
        follows = balance - int(chain.difference_minor[row])
        expected = f"{format_scaled(follows, 2)} to within the source's rounding: the balance before and the amount"
        findings.add("trans.asc", row + FIRST_ROW_LINE, "balance", format_scaled(balance, 2), expected)


def _note_before_ids(transactions: Transactions, findings: FindingLog) -> None:
    for row in np.flatnonzero(transactions.business_date < 0).tolist():
        found = date_from_days(int(transactions.business_date[row])).isoformat()
        expected = "1970-01-01 or later: a transfer's id carries its date"
        findings.add("trans.asc", row + FIRST_ROW_LINE, "date", found, expected)


def _posting_rows(
    transactions: Transactions, rules: list[PostingRule], is_credit: NDArray[np.bool_], chain: ChainOrder
) -> PostingRows:
    """Lay the transactions out in posting order, each with its rounding row right after it where it has one."""
    sequence = np.lexsort((chain.position, transactions.account_id, transactions.business_date))
    is_posted = np.stack((transactions.amount_minor > 0, chain.difference_minor != 0), axis=1)
    place, legs = np.nonzero(is_posted[sequence])
    source = sequence[place]
    leg = legs.astype(np.uint8)
    is_rounding = leg == ROUNDING_LEG
    difference = chain.difference_minor[source]
    contra = np.array([rule.contra.number for rule in rules], np.int32)
    codes = np.array([rule.reason.code for rule in rules], np.int16)
    business_date = transactions.business_date[source]
    trans_id = transactions.trans_id[source]
    id_hi, id_lo = transfer_ids(business_date, trans_id, leg)
    return PostingRows(
        id_hi=id_hi,
        id_lo=id_lo,
        account_id=transactions.account_id[source],
        contra=np.where(is_rounding, np.int32(LedgerAccount.SOURCE_ROUNDING.number), contra[source]),
        is_credit=np.where(is_rounding, difference > 0, is_credit[source]),
        amount_minor=np.where(is_rounding, np.abs(difference), transactions.amount_minor[source]),
        transfer_code=np.where(is_rounding, np.int16(TransferReason.SOURCE_ROUNDING.code), codes[source]),
        business_date=business_date,
        trans_id=trans_id,
        leg=leg,
        balance_minor=transactions.balance_minor[source] - np.where(is_rounding, 0, difference),
    )


def _holders(book: Book) -> tuple[AccountHolders, ...]:
    """Return every account with its owner and disponents, in the order of the accounts."""
    owners: dict[int, int] = {}
    disponents: dict[int, list[int]] = {account.account_id: [] for account in book.accounts}
    for disposition in book.dispositions:
        if disposition.type is DispositionType.OWNER:
            owners[disposition.account_id] = disposition.client_id
        else:
            disponents[disposition.account_id].append(disposition.client_id)
    return tuple(AccountHolders(account, owners[account], tuple(sorted(disponents[account]))) for account in disponents)


def _report(book: Book, chain: ChainOrder, rows: PostingRows) -> MigrationReport:
    return MigrationReport(
        rows=len(book.transactions.trans_id),
        exact=int((chain.chaining == Chaining.EXACT).sum()),
        rounded_up=int((chain.difference_minor > 0).sum()),
        rounded_down=int((chain.difference_minor < 0).sum()),
        unexplained=int((chain.chaining == Chaining.UNEXPLAINED).sum()),
        without_amount=int((book.transactions.amount_minor == 0).sum()),
        accounts=len(book.accounts),
        accounts_with_transactions=len(np.unique(book.transactions.account_id)),
        disponents=sum(disposition.type is DispositionType.DISPONENT for disposition in book.dispositions),
        totals=tuple(_total(reason, rows) for reason in TransferReason),
    )


def _total(reason: TransferReason, rows: PostingRows) -> ReasonTotal:
    chosen = rows.transfer_code == reason.code
    amounts, is_credit = rows.amount_minor[chosen], rows.is_credit[chosen]
    return ReasonTotal(reason, int(chosen.sum()), int(amounts[is_credit].sum()), int(amounts[~is_credit].sum()))
