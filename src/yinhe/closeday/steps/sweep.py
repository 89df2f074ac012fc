"""Sweep: what is above an account's floor goes to its linked product; what is missing comes back."""

import numpy as np

from yinhe.closeday.facts import Facts, Plan, Posting
from yinhe.deposits.codes import TransferCode
from yinhe.ledger.batch import TRANSFER
from yinhe.products.parts.sweep import Sweep


def decide(facts: Facts) -> Plan:
    """Move money between accounts and their linked products as they were at the beginning of the step."""
    rows = facts.book.rows
    postings: list[np.ndarray] = [np.zeros(0, TRANSFER)]
    out = back = 0
    for version, places in facts.book.by_version().items():
        part = facts.product(version).one(Sweep)
        some = places[rows["linked"][places] != 0]
        if part is None or not len(some):
            continue
        account, linked = rows["account"][some].astype(np.int64), rows["linked"][some].astype(np.int64)
        moves = part.moves(facts.balances[account], facts.balances[linked])
        for code, sign in ((TransferCode.SWEEP_OUT, 1), (TransferCode.SWEEP_IN, -1)):
            way = moves * sign > 0
            debit, credit = (account, linked) if sign > 0 else (linked, account)
            postings.append(
                facts.transfers(
                    Posting.SWEEP, rows["contract"][some][way], debit[way], credit[way], moves[way] * sign, code
                )
            )
        out, back = out + int(moves[moves > 0].sum()), back - int(moves[moves < 0].sum())
    moved = np.concatenate(postings)
    return Plan(postings=moved, figures={"contracts": len(moved), "out_minor": out, "back_minor": back})
