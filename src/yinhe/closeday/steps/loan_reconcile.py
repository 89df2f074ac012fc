"""Reconcile loans: their accounts and the bank's own against what the loans say; else the date stays open."""

from collections import defaultdict

import numpy as np

from yinhe.closeday.facts import Facts, Plan
from yinhe.kernel.bounds import exact_sum
from yinhe.kernel.currency import currency
from yinhe.lending.accrual import Loans, accrued
from yinhe.lending.ageing import owed_of
from yinhe.lending.columns import LoanFlag
from yinhe.lending.legs import mapping_of
from yinhe.products.parts.base import BoolColumn, Int64Column

_Pool = tuple[int, int, int]


def decide(facts: Facts) -> Plan:
    """Compare each loan's two accounts with what it owes, and the bank's accounts with the sums over its loans."""
    loans = facts.loans.rows
    owed = owed_of(loans, facts.loans.items)
    off = loans["flags"] & int(LoanFlag.NON_ACCRUAL) != 0
    findings = _accounts(facts, loans, loans["account"], owed.principal, "principal")
    due = np.where(off, 0, owed.due) + loans["fee"]
    findings += _accounts(facts, loans, loans["receivable"], due, "interest and fees due")
    findings += _pools(facts, loans, owed.due, off)
    return Plan(figures={"loans": len(loans)}, findings=tuple(findings))


def _accounts(facts: Facts, loans: Loans, account: np.ndarray, owed: Int64Column, what: str) -> list[str]:
    wrong = np.flatnonzero(facts.balances[account] != -owed)
    if not len(wrong):
        return []
    first = wrong[0]
    return [
        f"{len(wrong)} loans owe another {what} than their accounts say (first: loan {loans['loan'][first]}, "
        f"{owed[first]} against {-facts.balances[account[first]]})"
    ]


def _pools(facts: Facts, loans: Loans, due: Int64Column, off: BoolColumn) -> list[str]:
    """Interest receivable, interest off balance and the allowance of each product are those of its loans."""
    wanted: dict[_Pool, int] = defaultdict(int)
    for version in np.unique(loans["version"]).tolist():
        product = facts.catalogue.product(version)
        mapping, number = mapping_of(product), currency(product.currency).number
        ours = loans["version"] == version
        running = accrued(loans)
        wanted[mapping.receivable, number, product.number] -= exact_sum(running[ours & ~off])
        wanted[mapping.off_balance, number, product.number] -= exact_sum((running + due)[ours & off])
        wanted[mapping.allowance, number, product.number] += exact_sum(loans["allowance"][ours])
    pools = facts.pools.all()
    return [
        f"account {key[0]} of product {key[2]} is {booked}, but its loans say {amount}"
        for key, amount in wanted.items()
        if (booked := int(facts.balances[pools[key]]) if key in pools and pools[key] < len(facts.balances) else 0)
        != amount
    ]
