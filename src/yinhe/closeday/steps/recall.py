"""Recall: what the night asks of an account beyond what is there comes back from its linked product with it."""

from typing import NamedTuple

import numpy as np

from yinhe.closeday.facts import Facts, Posting
from yinhe.closeday.identity import KEY_MAX
from yinhe.deposits.codes import TransferCode
from yinhe.deposits.columns import ContractFlag
from yinhe.ledger.batch import Flag
from yinhe.products.parts.base import Int32Column, Int64Column
from yinhe.products.parts.sweep import Sweep


class Swept(NamedTuple):
    """Where the money of an account is swept to, and by which part."""

    linked: int
    part: Sweep


def with_recalls(facts: Facts, asked: np.ndarray, beside: Posting | None = None) -> np.ndarray:
    """Postings (dtype TRANSFER, each a transaction of its own), and what comes back for those whose account is short.

    It is the first leg of what it is for: both post or none. Where postings take as much as there is, it is a
    transaction of its own just before, of the kind `beside`, and likewise takes what there is. Each posting finds what
    those before it have left; where not enough is linked, or an account is blocked, nothing comes back.
    """
    swept = _swept(facts, asked)
    found = _short(facts, asked, swept, is_partial=beside is not None) if swept else []
    if not found:
        return asked
    places = np.array([place for place, _ in found], np.int64)
    back, rows = asked[places], asked.copy()
    back["debit"] = [swept[debit].linked for debit in asked["debit"][places].tolist()]
    back["credit"], back["amount"] = asked["debit"][places], [amount for _, amount in found]
    back["code"] = TransferCode.SWEEP_IN.code
    if beside is None:
        back["flags"] |= np.uint16(Flag.LINKED)
        rows["leg"][places] = 1
    else:
        keys = (asked["txn_lo"][places] & np.uint64(KEY_MAX)).astype(np.int64)
        back["txn_hi"], back["txn_lo"] = facts.ids(beside, keys)
    turns = np.concatenate([2 * places, 2 * np.arange(len(asked)) + 1])
    return np.concatenate([back, rows])[np.argsort(turns)]


def _swept(facts: Facts, asked: np.ndarray) -> dict[int, Swept]:
    """Of the accounts to be debited those of open contracts whose money is swept."""
    rows, places = facts.book.rows, facts.book.of_accounts(np.unique(asked["debit"]).astype(np.int32))
    places = places[places >= 0]
    places = places[(rows["linked"][places] != 0) & (rows["flags"][places] & int(ContractFlag.OPEN) != 0)]
    found: dict[int, Swept] = {}
    for version in np.unique(rows["version"][places]).tolist():
        part = facts.product(version).one(Sweep)
        if part is not None:
            some = rows[places[rows["version"][places] == version]]
            pairs = zip(some["account"].tolist(), some["linked"].tolist(), strict=True)
            found |= {account: Swept(linked, part) for account, linked in pairs}
    return found


def _short(facts: Facts, asked: np.ndarray, swept: dict[int, Swept], *, is_partial: bool) -> list[tuple[int, int]]:
    """Which postings (their places, ascending) find less than they ask for, and what is to come back, minor units."""
    stood, left = facts.stood(), dict[int, int]()
    swept = {
        one: own for one, own in swept.items() if stood.gives[one] and stood.takes[one] and stood.gives[own.linked]
    }
    if not _ask_too_much(asked, np.array([*swept], np.int32), stood.free):
        return []

    def there(account: int) -> int:
        return left.setdefault(account, int(stood.free[account]))

    found: list[tuple[int, int]] = []
    columns = (asked[name].tolist() for name in ("debit", "credit", "amount"))
    for place, (debit, credit, amount) in enumerate(zip(*columns, strict=True)):
        if not (stood.gives[debit] and stood.takes[credit]):
            continue
        own, short = swept.get(debit), amount - there(debit)
        if own is not None and short > 0:
            linked = np.array([there(own.linked)], np.int64)
            comes = int(own.part.recall(np.array([short], np.int64), linked)[0])
            if comes > 0 and (is_partial or comes >= short):
                found.append((place, comes))
                left[own.linked] -= comes
                left[debit] += comes
        paid = min(amount, max(0, there(debit)))
        if is_partial or paid == amount:
            left[debit] -= paid
            left[credit] = there(credit) + paid
    return found


def _ask_too_much(asked: np.ndarray, accounts: Int32Column, free: Int64Column) -> bool:
    """Whether of any of the accounts more is asked, all together, than is free there."""
    some = asked[np.isin(asked["debit"], accounts)]
    sums = np.zeros(len(free), np.int64)
    np.add.at(sums, some["debit"], some["amount"])
    return bool((sums[accounts] > free[accounts]).any())
