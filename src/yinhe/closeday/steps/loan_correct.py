"""Loans whose rate was corrected today for days gone by: worked out anew, and the difference booked."""

import numpy as np

from yinhe.closeday.facts import Facts, Happened, Plan, Posting
from yinhe.closeday.steps.accrue import sources_of
from yinhe.closeday.steps.loan_due import by_product
from yinhe.closeday.steps.settle import joined
from yinhe.kernel.currency import currency
from yinhe.ledger.batch import TRANSFER
from yinhe.lending.accrual import Items
from yinhe.lending.book import no_items
from yinhe.lending.codes import LoanCode
from yinhe.lending.legs import legs_between
from yinhe.lending.position import Position, vanished
from yinhe.products.parts.base import Int64Column
from yinhe.products.parts.loan_interest import LoanInterest
from yinhe.products.product import Product

_KEPT = ("account", "receivable", "linked", "grade", "stage", "allowance")
"""What is not worked out of what happened: the accounts; and what the night decides on later."""


def decide(facts: Facts) -> Plan:
    """Bring each loan of an index that was corrected to where it would stand had the rate been right."""
    postings: list[np.ndarray] = [np.zeros(0, TRANSFER)]
    numbers: list[int] = []
    items: list[Items] = [no_items()]
    for product, places in by_product(facts):
        if not _is_corrected(facts, product):
            continue
        for place in places[facts.loans.rows["start"][places] != 0].tolist():
            row = facts.loans.rows[place : place + 1].copy()
            before = Position(row, facts.loans.items_of(row["loan"]), card=facts.loans.cards_of(row["loan"]))
            after = facts.worked_out(int(row["loan"][0]))
            if after is None:
                continue
            for name in _KEPT:
                after.row[name] = row[name]
            same = after.row.tolist() == row.tolist() and np.array_equal(after.card, before.card)
            if same and after.unpaid.tolist() == before.items.tolist():
                continue
            postings.append(_legs(facts, product, before, after))
            facts.loans.put(after.row, after.items)
            facts.loans.put_cards(after.card)
            numbers.append(place + 1)
            items += [after.items, vanished(before.items, after.items)]
    changed: Int64Column = np.array(numbers, np.int64)
    return Plan(np.concatenate(postings), loans=changed, items=np.concatenate(items), figures={"loans": len(changed)})


def happened(facts: Facts, plan: Plan) -> Happened:
    """Loans whose rate was corrected for days gone by."""
    return Happened("loan", {"corrected": plan.loans})


def _is_corrected(facts: Facts, product: Product) -> bool:
    """Whether a rate of an earlier day that the product's loans follow was written down today."""
    tables = {source.table for part in product.all(LoanInterest) for source in sources_of(part)} - {""}
    return any(
        entry.recorded == facts.date and entry.effective < facts.date and entry.table in tables
        for entry in facts.rates.entries
    )


def _legs(facts: Facts, product: Product, before: Position, after: Position) -> np.ndarray:
    number = currency(product.currency).number
    legs = legs_between(
        before,
        after,
        product,
        lambda gl_code, of: facts.pools.account(gl_code, number, of),
        None,
        LoanCode.CORRECTION,
    )
    key = after.row["loan"].astype(np.int64)
    moved = [
        facts.transfers(
            Posting.LOAN_CORRECTION, key, leg.debit, leg.credit, np.array([leg.amount_minor], np.int64), leg.code
        )
        for leg in legs
    ]
    return joined(moved) if moved else np.zeros(0, TRANSFER)
