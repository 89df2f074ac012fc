"""Fees: what accounts owe for the month, on its last day; never more than is there."""

import numpy as np

from yinhe.closeday.facts import Facts, Plan, Posting, mapping_of
from yinhe.deposits.codes import TransferCode
from yinhe.deposits.columns import ContractFlag
from yinhe.kernel.dates import date_from_days, end_of_month
from yinhe.ledger.batch import TRANSFER, Flag
from yinhe.products.parts.base import BoolColumn, Int64Column
from yinhe.products.parts.fee import Fee, FeeEvent


def decide(facts: Facts) -> Plan:
    """On the last day of a month, ask every account for its monthly fees, out of what is available.

    A dormant account owes those of dormancy too, for every month at whose end it is dormant.
    """
    day = date_from_days(facts.date)
    if day != end_of_month(day):
        return Plan()
    rows = facts.book.rows
    postings: list[np.ndarray] = [np.zeros(0, TRANSFER)]
    for version, places in facts.book.by_version().items():
        product = facts.product(version)
        monthly = [part for part in product.all(Fee) if part.event is FeeEvent.MONTH]
        dormant = [part for part in product.all(Fee) if part.event is FeeEvent.DORMANT_MONTH]
        places = places[rows["opened"][places] <= facts.date]
        if not (monthly or dormant) or not len(places):
            continue
        accounts = rows["account"][places].astype(np.int64)
        balances = facts.balances[accounts]
        owed = _of(monthly, balances)
        if dormant:
            owed = np.where(_sleeps(facts, places), owed + _of(dormant, balances), owed)
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


def _of(parts: list[Fee], balances: Int64Column) -> Int64Column:
    """What fees of a month come to, int64[n] of minor units."""
    first = np.ones(len(balances), np.int64)
    return sum((part.fee(first, balances, balances) for part in parts), np.zeros(len(balances), np.int64))


def _sleeps(facts: Facts, places: Int64Column) -> BoolColumn:
    """Whether each account is dormant at the end of the day: it was, and its customer did not wake it."""
    rows = facts.book.rows
    is_dormant = rows["flags"][places] & int(ContractFlag.DORMANT) != 0
    return is_dormant & ~facts.moved_by_customer()[rows["account"][places]]
