"""Recall: what the night asks of an account beyond what is there comes back from its linked product first."""

import numpy as np

from yinhe.closeday.facts import Facts, Posting
from yinhe.deposits.codes import TransferCode
from yinhe.ledger.batch import TRANSFER, Flag
from yinhe.products.parts.base import Int64Column
from yinhe.products.parts.sweep import Sweep


def recalled(facts: Facts, posting: Posting, asked: np.ndarray) -> np.ndarray:
    """What comes back before postings (dtype TRANSFER, single ones) are made, one transfer a contract; dtype TRANSFER.

    As much as each posting in its turn is short of, where that is there; of what is taken as far as there is money, as
    much as there is. For what cannot be paid nothing comes back.
    """
    order = np.argsort(asked["debit"], kind="stable")
    amounts = asked["amount"][order].astype(np.int64)
    is_partial = asked["flags"][order] & np.uint16(Flag.BALANCING_DEBIT) != 0
    accounts, first = np.unique(asked["debit"][order], return_index=True)
    bounds = np.append(first, len(order))
    asked_minor = np.diff(np.append(0, np.cumsum(amounts))[bounds])
    rows, places = facts.book.rows, facts.book.of_accounts(accounts.astype(np.int32))
    left: dict[int, int] = {}
    back = [np.zeros(0, TRANSFER)]
    for version in np.unique(rows["version"][places[places >= 0]]).tolist():
        part = facts.product(version).one(Sweep)
        if part is None:
            continue
        some = np.flatnonzero((places >= 0) & (rows["version"][places] == version))
        account, linked = accounts[some].astype(np.int64), rows["linked"][places[some]].astype(np.int64)
        balance, comes = facts.balances[account], np.zeros(len(some), np.int64)
        for at in np.flatnonzero((linked != 0) & (asked_minor[some] > balance)).tolist():
            source, own = int(linked[at]), slice(int(bounds[some[at]]), int(bounds[some[at] + 1]))
            there = left.setdefault(source, int(facts.balances[source]))
            comes[at] = _comes(part, int(balance[at]), there, amounts[own], is_partial[own])
            left[source] -= int(comes[at])
        numbers = rows["contract"][places[some]]
        back.append(facts.transfers(posting, numbers, linked, account, comes, TransferCode.SWEEP_IN))
    return np.concatenate(back)


def _comes(part: Sweep, balance: int, linked: int, amounts: Int64Column, is_partial: np.ndarray) -> int:
    """What comes back to an account for what is asked of it, in turn; minor units."""
    comes = 0
    for amount, takes_part in zip(amounts.tolist(), is_partial.tolist(), strict=True):
        short = max(0, amount - balance)
        more = int(part.recall(np.array([short], np.int64), np.array([linked - comes], np.int64))[0])
        if more == short or takes_part:
            comes, balance = comes + more, max(0, balance - amount)
    return comes
