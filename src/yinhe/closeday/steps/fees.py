"""Fees: what accounts owe for the month, on its last day; never more than is there."""

import numpy as np

from yinhe.closeday.facts import Facts, Plan, Posting, mapping_of
from yinhe.deposits.codes import TransferCode
from yinhe.kernel.dates import date_from_days, end_of_month
from yinhe.ledger.batch import TRANSFER, Flag
from yinhe.products.parts.fee import Fee, FeeEvent


def decide(facts: Facts) -> Plan:
    """On the last day of a month, ask every account for its monthly fees, out of what is available."""
    day = date_from_days(facts.date)
    if day != end_of_month(day):
        return Plan()
    rows = facts.book.rows
    postings: list[np.ndarray] = [np.zeros(0, TRANSFER)]
    for version, places in facts.book.by_version().items():
        product = facts.product(version)
        parts = [part for part in product.all(Fee) if part.event is FeeEvent.MONTH]
        places = places[rows["opened"][places] <= facts.date]
        if not parts or not len(places):
            continue
        accounts = rows["account"][places].astype(np.int64)
        balances = facts.balances[accounts]
        first = np.ones(len(places), np.int64)
        owed = sum((part.fee(first, balances, balances) for part in parts), np.zeros(len(places), np.int64))
        # An empty account is asked for nothing; the ledger takes what is free where it is less than is owed.
        owed = np.where(balances > 0, owed, 0)
        income = facts.pool(product, mapping_of(product).fee_income)
        postings.append(
            facts.transfers(
                Posting.ACCOUNT_FEE,
                rows["contract"][places],
                accounts,
                income,
                owed,
                TransferCode.FEE,
                flags=Flag.BALANCING_DEBIT,
            )
        )
    asked = np.concatenate(postings)
    return Plan(postings=asked, figures={"accounts": len(asked), "asked_minor": int(asked["amount"].sum())})
