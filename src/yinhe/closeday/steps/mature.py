"""Mature: what falls due the next day is renewed, paid out, or left to earn the rate after maturity."""

import numpy as np

from yinhe.closeday.facts import Facts, Happened, Plan, Posting
from yinhe.deposits.codes import TransferCode
from yinhe.deposits.columns import NO_RATE, ContractFlag
from yinhe.deposits.interest import forget_missed
from yinhe.ledger.batch import TRANSFER
from yinhe.products.parts.base import Int64Column
from yinhe.products.parts.interest import Interest
from yinhe.products.parts.renewal import AtMaturityAction, Renewal
from yinhe.products.parts.term import TermPart
from yinhe.products.product import Product


def decide(facts: Facts) -> Plan:
    """Deal with every contract whose maturity is the day after; its interest was settled a step before."""
    rows, day = facts.book.rows, facts.date + 1
    postings: list[np.ndarray] = [np.zeros(0, TRANSFER)]
    changed: list[Int64Column] = [np.zeros(0, np.int64)]
    counts = dict.fromkeys(AtMaturityAction, 0)
    paid_out = 0
    for version, places in facts.book.by_version().items():
        due = places[
            (rows["maturity"][places] <= day)
            & (rows["maturity"][places] > 0)
            & (rows["flags"][places] & int(ContractFlag.MATURED) == 0)
        ]
        if not len(due):
            continue
        actions = _actions(facts.product(version), rows[due])
        for action in AtMaturityAction:
            some = due[actions == action]
            counts[action] += len(some)
            match action:
                case AtMaturityAction.LEAVE:
                    rows["flags"][some] |= int(ContractFlag.MATURED)
                case AtMaturityAction.RENEW:
                    postings.append(_interest_paid_out(facts, facts.product(version), some))
                    _renew(facts, version, some, day)
                case AtMaturityAction.PAY_OUT:
                    all_of_it = _pay_out(facts, some)
                    postings.append(all_of_it)
                    paid_out += int(all_of_it["amount"].sum())
                    rows["flags"][some] &= ~int(ContractFlag.OPEN)
                    rows["closed"][some] = day
        changed.append(due)
    figures = {
        "renewed": counts[AtMaturityAction.RENEW],
        "paid_out": counts[AtMaturityAction.PAY_OUT],
        "left": counts[AtMaturityAction.LEAVE],
        "paid_out_minor": paid_out,
    }
    places = np.concatenate(changed)
    if len(places):
        facts.book.regroup()
    return Plan(postings=np.concatenate(postings), accruals=places, contracts=places, figures=figures)


def remedy(facts: Facts, refused: np.ndarray) -> np.ndarray:
    """What the linked account could not take (dtype TRANSFER) stays, and earns the rate after maturity.

    Nothing is posted instead.
    """
    rows = facts.book.rows
    places = facts.book.of_accounts(refused["debit"].astype(np.int32)).astype(np.int64)
    kept = places[rows["closed"][places] == facts.date + 1]
    rows["flags"][kept] |= int(ContractFlag.OPEN | ContractFlag.MATURED)
    rows["closed"][kept] = 0
    if len(kept):
        facts.book.regroup()
    return np.zeros(0, TRANSFER)


def happened(facts: Facts, plan: Plan) -> Happened:
    """Contracts renewed, paid out and closed, or left to earn the rate after maturity."""
    rows = facts.book.rows[plan.contracts]
    paid_out = rows["closed"] == facts.date + 1
    renewed = ~paid_out & (rows["start"] == facts.date + 1)
    numbers = rows["contract"]
    return Happened(
        "contract",
        {"paid_out": numbers[paid_out], "renewed": numbers[renewed], "matured": numbers[~paid_out & ~renewed]},
    )


def _actions(product: Product, rows: np.ndarray) -> Int64Column:
    renewal = product.one(Renewal)
    if renewal is None:
        return np.full(len(rows), AtMaturityAction.LEAVE, np.int64)
    return renewal.action(rows["flags"] & int(ContractFlag.AUTO_RENEW) != 0, rows["linked"] != 0)


def _interest_paid_out(facts: Facts, product: Product, places: Int64Column) -> np.ndarray:
    """Of a renewed deposit, what does not join the principal goes to the linked account, where there is one."""
    renewal, rows = product.one(Renewal), facts.book.rows[places]
    balances = facts.balances[rows["account"]]
    interest = np.clip(balances - rows["principal"], 0, None)
    if renewal is None:
        return np.zeros(0, TRANSFER)
    _, out = renewal.split(balances - interest, interest)
    out = np.where(rows["linked"] != 0, out, 0)
    return facts.transfers(
        Posting.MATURITY, rows["contract"], rows["account"], rows["linked"], out, TransferCode.MATURITY
    )


def _pay_out(facts: Facts, places: Int64Column) -> np.ndarray:
    rows = facts.book.rows[places]
    balances = np.maximum(facts.balances[rows["account"]], 0)
    return facts.transfers(
        Posting.MATURITY, rows["contract"], rows["account"], rows["linked"], balances, TransferCode.MATURITY
    )


def _renew(facts: Facts, version: int, places: Int64Column, day: int) -> None:
    """Begin a new term on `day`, on the version of that day, at its rate where the rate was frozen."""
    rows, catalogue = facts.book.rows, facts.catalogue
    current = catalogue.current(catalogue.product(version).code, day)
    new_version, product = (version, catalogue.product(version)) if current is None else current
    term, interest, renewal = product.one(TermPart), product.one(Interest), product.one(Renewal)
    balances = facts.balances[rows["account"][places]]
    owed = np.clip(balances - rows["principal"][places], 0, None)
    if renewal is not None:
        principal, out = renewal.split(balances - owed, owed)
        rows["principal"][places] = principal + np.where(rows["linked"][places] == 0, out, 0)
    rows["version"][places] = new_version
    rows["start"][places] = rows["through"][places] = rows["settled"][places] = day
    rows["flags"][places] &= ~int(ContractFlag.DRAWN_EARLY)
    forget_missed(rows, places)
    if term is not None:
        months, days = rows["months"][places], rows["days"][places]
        rows["maturity"][places] = term.maturity(rows["start"][places], months, days)
    if interest is None:
        return
    for place in places[rows["rate"][places] != NO_RATE].tolist():
        months, days = int(rows["months"][place]), int(rows["days"][place])
        regime = interest.regimes(facts.rates, day, day + 1, months, days)[0]
        tier = int(np.searchsorted(regime.thresholds, rows["principal"][place], side="right")) - 1
        rows["rate"][place] = int(regime.rates[max(0, tier)])
