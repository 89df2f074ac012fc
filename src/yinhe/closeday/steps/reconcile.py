"""Reconcile: the books against each other; what does not agree keeps the date open."""

from collections import defaultdict

import numpy as np

from yinhe.closeday.facts import Facts, Plan, mapping_of
from yinhe.kernel.bounds import exact_sum
from yinhe.kernel.currency import currency
from yinhe.ledger.columns import AccountFlag
from yinhe.products.parts.ledger import OverdraftLedger


def decide(facts: Facts) -> Plan:
    """Compare the trial balance with zero, deposits with their contracts, and interest with what accrued."""
    findings = [*_trial_balance(facts), *_subledger(facts), *_payable(facts), *_receivable(facts)]
    if facts.overdue_holds:
        findings.append(f"{facts.overdue_holds} holds are past their time and still open")
    figures = {"accounts": len(facts.balances) - 1, "contracts": len(facts.book)}
    return Plan(figures=figures, findings=tuple(findings))


def _trial_balance(facts: Facts) -> list[str]:
    """Every currency sums to zero."""
    found: list[str] = []
    for number in np.unique(facts.columns.currency[1:]).tolist():
        total = exact_sum(facts.balances[facts.columns.currency == number])
        if total:
            found.append(f"the trial balance of currency {number} is off by {total}")
    return found


def _subledger(facts: Facts) -> list[str]:
    """The general-ledger code of deposits of a product holds what its contracts' accounts hold, and nothing else."""
    rows = facts.book.rows
    has_contract = np.zeros(len(facts.balances), np.bool_)
    has_contract[rows["account"]] = True
    has_contract[0] = False
    found: list[str] = []
    for version in np.unique(rows["version"]).tolist():
        product = facts.catalogue.product(version)
        ours = (facts.columns.product == product.number) & (facts.columns.gl_code == mapping_of(product).principal)
        ours &= facts.columns.flags & int(AccountFlag.CLOSED) == 0
        strange = np.flatnonzero(ours & ~has_contract & (facts.balances != 0))
        if len(strange):
            total = exact_sum(facts.balances[strange])
            found.append(
                f"{len(strange)} accounts of {product.code} have no contract and hold {total} (first: {strange[0]})"
            )
    return found


def _payable(facts: Facts) -> list[str]:
    """Interest payable of a product is the whole units its contracts have accrued."""
    rows = facts.book.rows
    accrued: dict[tuple[int, int, int], int] = defaultdict(int)
    for version in np.unique(rows["version"]).tolist():
        product = facts.catalogue.product(version)
        key = mapping_of(product).payable, currency(product.currency).number, product.number
        accrued[key] += exact_sum(rows["whole"][rows["version"] == version])
    pools = facts.pools.all()
    return [
        f"interest payable of product {key[2]} is {booked}, but its contracts have accrued {whole}"
        for key, whole in accrued.items()
        if (booked := int(facts.balances[pools[key]]) if key in pools else 0) != whole
    ]


def _receivable(facts: Facts) -> list[str]:
    """Interest receivable of a product that may be overdrawn is what its contracts owe for it."""
    owed: dict[tuple[int, int, int], int] = defaultdict(int)
    overdrafts = facts.overdrafts.rows
    version_of = facts.book.rows["version"][overdrafts["contract"] - 1]
    for version in np.unique(version_of).tolist():
        product = facts.catalogue.product(version)
        mapping = product.one(OverdraftLedger)
        assert mapping is not None
        ours = overdrafts[version_of == version]
        key = mapping.receivable, currency(product.currency).number, product.number
        owed[key] += exact_sum(ours["whole"]) + exact_sum(ours["owed"])
    pools = facts.pools.all()
    return [
        f"interest receivable of product {key[2]} is {-booked}, but its contracts owe {amount} for overdrafts"
        for key, amount in owed.items()
        if (booked := int(facts.balances[pools[key]]) if key in pools else 0) != -amount
    ]
