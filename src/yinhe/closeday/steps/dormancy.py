"""Dormancy: accounts that nobody has moved for long, and those that woke."""

import numpy as np

from yinhe.closeday.facts import Facts, Happened, Plan, Posting
from yinhe.deposits.codes import TransferCode
from yinhe.deposits.columns import ContractFlag
from yinhe.ledger.batch import TRANSFER
from yinhe.products.parts.base import Int64Column
from yinhe.products.parts.dormancy import Dormancy
from yinhe.products.parts.ledger import UnclaimedLedger

_DORMANT = int(ContractFlag.DORMANT)


def decide(facts: Facts) -> Plan:
    """Note which accounts their customers moved on the day; wake those, and put the long idle to sleep."""
    rows, book = facts.book.rows, facts.book
    watched = [
        (version, places)
        for version, places in book.by_version().items()
        if facts.product(version).one(Dormancy) is not None
    ]
    if not watched:
        return Plan(figures={"dormant": 0, "woken": 0})
    moved_by_customer = facts.moved_by_customer()
    postings: list[np.ndarray] = [np.zeros(0, TRANSFER)]
    active: list[Int64Column] = []
    changed: list[Int64Column] = []
    dormant = woken = 0
    for version, places in watched:
        product = facts.product(version)
        part, mapping = product.one(Dormancy), product.one(UnclaimedLedger)
        assert part is not None
        moved = places[moved_by_customer[rows["account"][places]]]
        rows["active"][moved] = facts.date
        wakes = moved[rows["flags"][moved] & _DORMANT != 0]
        rows["flags"][wakes] &= ~_DORMANT
        balances = facts.balances[rows["account"][places]]
        idle = part.is_dormant(facts.date, rows["active"][places].copy(), balances)
        falls = places[idle & (rows["flags"][places] & _DORMANT == 0)]
        rows["flags"][falls] |= _DORMANT
        active.append(moved)
        changed += [wakes, falls]
        dormant, woken = dormant + len(falls), woken + len(wakes)
        if mapping is not None:
            leaving = part.leaves(facts.date, rows["active"][places].copy(), balances)
            postings.append(
                facts.transfers(
                    Posting.UNCLAIMED,
                    rows["contract"][places][leaving],
                    rows["account"][places][leaving].astype(np.int64),
                    facts.pool(product, mapping.unclaimed),
                    balances[leaving],
                    TransferCode.UNCLAIMED,
                )
            )
    left = np.concatenate(postings)
    return Plan(
        postings=left,
        accruals=np.concatenate(active),
        contracts=np.concatenate(changed),
        figures={"dormant": dormant, "woken": woken, "unclaimed": len(left)},
    )


def happened(facts: Facts, plan: Plan) -> Happened:
    """Contracts that fell dormant, and those that woke."""
    rows = facts.book.rows[plan.contracts]
    sleeps = rows["flags"] & _DORMANT != 0
    return Happened("contract", {"fell_dormant": rows["contract"][sleeps], "woke": rows["contract"][~sleeps]})
